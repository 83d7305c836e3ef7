//! The settings of the nodes in these tests.

use actors::limit::Limits;
use actors::{Advertised, Settings};
use msnp::Token;
use msnp::command::VerReplyForm;
use std::time::Duration;

/// Returns the default settings, which a test may change.
pub(crate) fn settings() -> Settings {
    Settings {
        limits: Limits {
            connections: 256,
            per_address: 256,
            half_open: 64,
            buffers: 256,
            cookies: 8,
            ..Limits::default()
        },
        domains: vec!["example.com".into()],
        allow: Vec::new(),
        list_entries: 150,
        participants: 30,
        refuse_repeated_settings: false,
        ver_reply: VerReplyForm::List,
        challenge: false,
        site: Token::parse(b"http://messenger.hotmail.com/").unwrap(),
        linger: Duration::from_secs(1),
        referral_linger: Duration::from_secs(5),
        cookie_life: Duration::from_secs(120),
        greeter: None,
        conversation_idle: None,
        switchboard: Some(Advertised::Here(1865)),
        dispatch: Some(Advertised::Here(1863)),
        notification: Some(Advertised::Here(1864)),
    }
}
