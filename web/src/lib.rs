//! What the server shows to browsers, those of the nineties included, and how a computer is pointed at it.

#![forbid(unsafe_code)]

pub mod pointing;
