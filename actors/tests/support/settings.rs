//! The settings of the nodes in these tests.

use actors::connection::ConnectionLimits;
use actors::throttle::FailedLogins;
use actors::{Advertised, Settings};
use msnp::Token;
use msnp::command::VerReplyForm;
use std::time::Duration;

/// Returns the default settings, which a test may change.
pub(crate) fn settings() -> Settings {
    Settings {
        connection_limits: ConnectionLimits { connections: 256, per_address: 256, half_open: 64 },
        allow: Vec::new(),
        buffers: 256,
        list_entries: 150,
        participants: 30,
        cookies_per_session: 8,
        failed_logins: FailedLogins { before_delay: 3, max: 9, within: Duration::from_secs(600) },
        renames_per_minute: 5,
        failing_calls_per_minute: 10,
        invitations: 30,
        states_per_second: 5,
        lines_per_second: 250,
        refuse_repeated_settings: false,
        ver_reply: VerReplyForm::List,
        challenge: false,
        site: Token::parse(b"http://messenger.hotmail.com/").unwrap(),
        sign_in_timeout: Duration::from_secs(60),
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
