//! The gate as a whole: what clients may send to each server in each phase and dialect, and what
//! servers send in each dialect.

use msnp::frame::{MAX_LINE, Origin};
use msnp::gate::{
    Bounds, Denial, PayloadRule, Refusal, TABLE, accepts, admit, bounds, has_event, server_sends,
};
use msnp::{CommandName, Dialect, ErrorCode, Phase, Server};

const SERVERS: [Server; 3] = [Server::Dispatch, Server::Notification, Server::Switchboard];

/// What a signed-in client of MSNP4 may send to a Notification Server.
const SIGNED_IN_MSNP4: &str = "ADD BLP CHG CVR FND GTC IMS LST OUT PNG REA REM SND SYN URL XFR";
/// The same for MSNP5, which mails invitations in another way and has telephone numbers.
const SIGNED_IN_MSNP5: &str =
    "ADD BLP CHG CVR FND GTC IMS LST OUT PAG PNG PRP REA REM SDC SYN URL XFR";
/// The same for MSNP6, which challenges client programs.
const SIGNED_IN_MSNP6: &str =
    "ADD BLP CHG CHL CVR FND GTC IMS LST OUT PAG PNG PRP QRY REA REM SDC SYN URL XFR";
/// The same for MSNP7, which has groups.
const SIGNED_IN_MSNP7: &str = "ADD ADG BLP CHG CHL CVR FND GTC IMS LSG LST OUT PAG PNG PRP QRY REA REG \
     REM RMG SDC SYN URL XFR";

/// Joins names in alphabetical order, each once.
fn sorted_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

/// Returns the commands that the gate admits.
fn admitted(server: Server, phase: Phase, dialect: Dialect) -> String {
    let names = CommandName::ALL.iter().copied();
    let admitted = names.filter(|name| admit(Some(*name), server, phase, dialect).is_ok());
    sorted_names(admitted.map(CommandName::as_str))
}

/// Returns the commands that a server sends.
fn sent_events(server: Server, dialect: Dialect) -> String {
    let names = CommandName::ALL.iter().copied();
    let sent = names.filter(|name| server_sends(*name, server, dialect));
    sorted_names(sent.map(CommandName::as_str))
}

#[test]
fn before_sign_in_both_login_servers_accept_the_same_commands_in_every_dialect() {
    for dialect in Dialect::ALL {
        for server in [Server::Dispatch, Server::Notification] {
            // Gaim up to 0.43 begins with USR on the Notification Server; ayttm sends no INF.
            assert_eq!(admitted(server, Phase::Fresh, dialect), "CVR INF OUT USR VER");
            assert_eq!(admitted(server, Phase::Versioned, dialect), "CVR INF OUT USR");
            assert_eq!(admitted(server, Phase::QueryOnly, dialect), "CVQ CVR OUT");
        }
    }
}

#[test]
fn a_signed_in_client_may_send_the_commands_of_its_dialect() {
    let signed_in = |dialect| admitted(Server::Notification, Phase::SignedIn, dialect);
    assert_eq!(
        signed_in(Dialect::Msnp2),
        "ADD BLP CHG CVR FND GTC LST OUT PNG REA REM SND SYN URL XFR"
    );
    assert_eq!(signed_in(Dialect::Msnp3), SIGNED_IN_MSNP4);
    assert_eq!(signed_in(Dialect::Msnp4), SIGNED_IN_MSNP4);
    assert_eq!(signed_in(Dialect::Msnp5), SIGNED_IN_MSNP5);
    assert_eq!(signed_in(Dialect::Msnp6), SIGNED_IN_MSNP6);
    assert_eq!(signed_in(Dialect::Msnp7), SIGNED_IN_MSNP7);
}

#[test]
fn a_dispatch_server_has_no_commands_for_signed_in_clients() {
    for dialect in Dialect::ALL {
        assert_eq!(admitted(Server::Dispatch, Phase::SignedIn, dialect), "CVR OUT");
    }
}

#[test]
fn a_switchboard_accepts_a_join_and_then_a_conversation_in_every_dialect() {
    for dialect in Dialect::ALL {
        assert_eq!(admitted(Server::Switchboard, Phase::Fresh, dialect), "ANS OUT USR");
        assert_eq!(admitted(Server::Switchboard, Phase::SignedIn, dialect), "BYE CAL MSG OUT");
        for phase in [Phase::Versioned, Phase::QueryOnly] {
            assert_eq!(admitted(Server::Switchboard, phase, dialect), "OUT");
        }
    }
}

#[test]
fn a_command_of_another_dialect_is_unknown() {
    let denied = |name: &str, dialect| {
        let name = CommandName::parse(name.as_bytes());
        admit(name, Server::Notification, Phase::SignedIn, dialect).err()
    };
    let other = Some((Denial::OtherDialect, Refusal::Reply(ErrorCode::SyntaxError)));
    for (name, before) in [
        ("IMS", Dialect::Msnp2),
        ("PRP", Dialect::Msnp4),
        ("SDC", Dialect::Msnp4),
        ("PAG", Dialect::Msnp4),
        ("CHL", Dialect::Msnp5),
        // Gaim of January 2003 speaks MSNP5, and sends one nevertheless.
        ("QRY", Dialect::Msnp5),
        ("LSG", Dialect::Msnp6),
        ("ADG", Dialect::Msnp6),
        ("REG", Dialect::Msnp6),
        ("RMG", Dialect::Msnp6),
    ] {
        for dialect in Dialect::ALL {
            let expected = if dialect <= before { other } else { None };
            assert_eq!(denied(name, dialect), expected, "{name} in {dialect}");
        }
    }
    for dialect in Dialect::ALL {
        let expected = if dialect > Dialect::Msnp4 { other } else { None };
        assert_eq!(denied("SND", dialect), expected, "SND in {dialect}");
    }
}

#[test]
fn servers_send_the_commands_of_the_dialect() {
    for dialect in Dialect::ALL {
        assert_eq!(sent_events(Server::Dispatch, dialect), "CVQ CVR INF OUT USR VER XFR");
        let conversation = "ACK ANS BYE CAL IRO JOI MSG NAK OUT USR";
        assert_eq!(sent_events(Server::Switchboard, dialect), conversation);
    }
    let always = "ADD BLP CHG CVQ CVR FLN FND GTC ILN INF LST MSG NLN OUT QNG REA REM RNG SYN URL \
         USR VER XFR";
    let since_5 = ["BPR", "NOT", "PRP", "SDC"];
    let since_6 = ["CHL", "QRY"];
    let since_7 = ["ADG", "LSG", "REG", "RMG"];
    let with = |more: &[&[&'static str]]| sorted_names(always.split(' ').chain(more.concat()));
    let on_ns = |dialect| sent_events(Server::Notification, dialect);
    assert_eq!(on_ns(Dialect::Msnp2), with(&[&["SND"]]));
    for dialect in [Dialect::Msnp3, Dialect::Msnp4] {
        assert_eq!(on_ns(dialect), with(&[&["IMS", "SND"]]));
    }
    assert_eq!(on_ns(Dialect::Msnp5), with(&[&["IMS"], &since_5]));
    assert_eq!(on_ns(Dialect::Msnp6), with(&[&["IMS"], &since_5, &since_6]));
    assert_eq!(on_ns(Dialect::Msnp7), with(&[&["IMS"], &since_5, &since_6, &since_7]));
}

#[test]
fn a_command_and_its_reply_exist_in_the_same_dialects() {
    // Their reply has another name, or they have none.
    let without_reply = [CommandName::Png, CommandName::Msg, CommandName::Pag, CommandName::Out];
    for row in TABLE.iter().filter(|row| !without_reply.contains(&row.name)) {
        for dialect in Dialect::ALL {
            let servers = row.requests.iter().flat_map(|rule| rule.servers);
            for server in servers.copied() {
                let legal = accepts(row.name, server, dialect);
                let sent = server_sends(row.name, server, dialect);
                assert_eq!(legal, sent, "{} {dialect}", row.name);
                assert_eq!(legal, has_event(row.name, dialect));
            }
        }
    }
}

#[test]
fn payloads_do_not_depend_on_the_dialect() {
    let after = |name, origin, server| bounds(Some(name), origin, server);
    for name in CommandName::ALL.iter().copied() {
        for server in SERVERS {
            let payload = match (name, server) {
                (CommandName::Msg, Server::Switchboard)
                | (CommandName::Sdc | CommandName::Pag, Server::Notification) => {
                    PayloadRule::UpTo(1664)
                }
                (CommandName::Qry, Server::Notification) => PayloadRule::UpTo(32),
                _ => PayloadRule::None,
            };
            let expected = Bounds { line: MAX_LINE, payload };
            assert_eq!(after(name, Origin::Client, server), expected, "{name}");
            let payload = match name {
                CommandName::Msg | CommandName::Not => PayloadRule::UpTo(2048),
                _ => PayloadRule::None,
            };
            let expected = Bounds { line: MAX_LINE, payload };
            assert_eq!(after(name, Origin::Server, server), expected, "{name}");
        }
    }
    assert_eq!(bounds(None, Origin::Client, Server::Notification), Bounds::DEFAULT);
}

#[test]
fn a_command_has_one_rule_for_a_server_and_a_dialect() {
    for row in &TABLE {
        for dialect in Dialect::ALL {
            for server in SERVERS {
                let rules = row.requests.iter().filter(|rule| rule.servers.contains(&server));
                let rules = rules.filter(|rule| rule.applies_to(dialect));
                assert!(rules.count() <= 1, "{} {dialect} {server:?}", row.name);
            }
        }
    }
}

#[test]
fn a_command_of_the_last_dialect_stays_unless_its_rule_says_where_it_ends() {
    let mut ending = Vec::new();
    for row in &TABLE {
        let requests = row.requests.iter().map(|rule| rule.until);
        for last in requests.chain(row.event.iter().map(|rule| rule.until)).flatten() {
            ending.push((row.name, last));
        }
    }
    let (inf, snd) = ((CommandName::Inf, Dialect::Msnp7), (CommandName::Snd, Dialect::Msnp4));
    assert_eq!(ending, [inf, inf, snd, snd]);
}

#[test]
fn the_rows_are_in_the_order_of_the_names() {
    let names = TABLE.iter().map(|row| row.name);
    assert!(names.eq(CommandName::ALL.iter().copied()));
    for name in CommandName::ALL {
        assert_eq!(CommandName::parse(name.as_str().as_bytes()), Some(*name));
        assert_eq!(CommandName::parse(name.as_str().to_lowercase().as_bytes()), None);
    }
    for name in [b"".as_slice(), b"VE", b"VERS", b"QQQ", b"911", b"\0\0\0"] {
        assert_eq!(CommandName::parse(name), None);
    }
}
