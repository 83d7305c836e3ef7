//! What a client, a crowd of clients or a damaged file does wrong, what it is answered, and in
//! which words the log says so.

mod commands;
mod cookies;
mod fixture;
mod floods;
mod lists;
mod newer;
mod pipelines;
mod sign_in;
mod words;
