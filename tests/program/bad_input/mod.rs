//! Mistakes of one client, of many clients and in damaged files: the answer to each, and its log line.

mod commands;
mod cookies;
mod fixture;
mod floods;
mod lists;
mod newer;
mod pipelines;
mod sign_in;
mod words;
