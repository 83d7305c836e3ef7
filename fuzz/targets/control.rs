//! The control socket. Any line is a request or a piece of a file, or is refused with a reason. An
//! accepted one reads back as the same.

use msnpd::control::wire::{Content, Reply, Request, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) const WORDS: &str = "\
    {|}|[|]|:|,|\"|\\|\\u0000|null|true|false|-1|0|1|65536|65537|4294967295|4294967296|1e9|\
    user-add|user-passwd|user-disable|user-enable|user-rename|deny|deny-remove|deny-list|user-remove|user-list|status|kick|broadcast|stop|cancel-stop|reload|\
    selftest|trace|verify|backup|restore|export|import|chunk|line|done|failed|words|accounts|examined|\
    handle|name|password|minutes|text|with_key|with_passwords|any_domain|any_handle|keep_sessions|\
    reason|network|networks|disabled|notes|format|ron|csv|without_time|greeter|entries|faults|code|alice";

pub(super) fn run(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        round_trip::<Request>(line);
        round_trip::<Reply>(line);
        round_trip::<Content>(line);
    }
}

fn round_trip<T>(line: &[u8])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    match decode::<T>(line) {
        Ok(message) => {
            let written = encode(&message).expect("a message can be written");
            let (end, text) = written.split_last().expect("a line");
            assert!(*end == b'\n' && !text.contains(&b'\n'), "a message is one line");
            assert_eq!(decode::<T>(text).as_ref(), Ok(&message));
        }
        Err(error) => assert!(!error.to_string().trim().is_empty(), "an error has a description"),
    }
}
