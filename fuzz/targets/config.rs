//! The configuration file. Any text is accepted or refused with a reason. An accepted one reads back as the
//! same.

use msnpd::config;

pub(super) const WORDS: &str = "\
    (|)|[|]|{|}|,|:|\"|'|\\|//|/*|*/|\\u{|r#\"|\"#|#![enable(|implicit_some|unwrap_newtypes|\
    unwrap_variant_newtypes|explicit_struct_names|Some(|None|true|false|0x|0b|1e9|-1|inf|NaN|\
    65536|4294967296|18446744073709551616|dispatch|notification|switchboard|\
    notification_servers|listen|advertise|data|domains|site|log|list_entries|participants|\
    conversation_idle_minutes|repeated|repeated_blp|ver_reply|challenge|limits|connections|half_open|sign_in_seconds|buffers|\
    cookies|accept|refuse|error|warn|info|debug|0.0.0.0:1863|[::]:1863|192.0.2.1:1864|\
    hotmail.com|Config|Listener";

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match config::parse(text) {
        Ok(config) => {
            let written = ron::to_string(&config).expect("a configuration can be written");
            assert_eq!(config::parse(&written), Ok(config), "{written}");
        }
        Err(error) => assert!(!error.trim().is_empty(), "an error has a description"),
    }
}
