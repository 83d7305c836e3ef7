//! The differences of MSNP3 to MSNP7 from the dialects before them.

use crate::make::*;
use crate::{NS, SB, check};
use msnp::command::*;
use msnp::frame::Origin;
use msnp::gate::Refusal;
use msnp::{Dialect, ErrorCode, GroupIds, List, Phase, PhoneKind, Property, State};

const fn at(dialect: Dialect) -> DecodeContext {
    DecodeContext { server: NS, dialect }
}

/// The encoded form of an event in each dialect, the oldest first.
fn written(event: &Event<'_>) -> Vec<String> {
    let write = |dialect| {
        let mut out = heapless::Vec::<u8, 4096>::new();
        event.encode(dialect, &mut out).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    };
    Dialect::ALL.into_iter().map(write).collect()
}

/// Repeats each text the given number of times.
fn repeated<'a>(texts: &[(usize, &'a str)]) -> Vec<&'a str> {
    texts.iter().flat_map(|(times, text)| std::iter::repeat_n(*text, *times)).collect()
}

#[test]
fn a_referral_names_its_server_since_msnp7() {
    let (there, sender) = (endpoint("192.0.2.1:1864"), Some(endpoint("192.0.2.1:1863")));
    let short = "XFR 2 NS 192.0.2.1:1864 0\r\n";
    let long = "XFR 2 NS 192.0.2.1:1864 0 192.0.2.1:1863\r\n";
    let referral = XfrReply::Notification { trid: t(2), endpoint: there, sender };
    assert_eq!(written(&referral.into()), repeated(&[(5, short), (1, long)]));
}

#[test]
fn a_sign_in_has_the_verified_field_since_msnp6() {
    let welcome = |verified| {
        let (trid, handle, name) = (t(6), handle("alice"), name("Alice"));
        Event::from(UsrReply::Ok { trid, handle, name, verified })
    };
    let plain = "USR 6 OK alice@example.com Alice\r\n";
    let verified = "USR 6 OK alice@example.com Alice 1\r\n";
    assert_eq!(written(&welcome(Some(true))), repeated(&[(4, plain), (2, verified)]));
    // A switchboard does not send it.
    assert_eq!(written(&welcome(None)), repeated(&[(6, plain)]));
}

#[test]
fn a_web_address_has_a_site_id_since_msnp3() {
    let reply = UrlReply { trid: t(9), path: word("/"), site: word("http://example.com/") };
    let plain = "URL 9 / http://example.com/\r\n";
    let numbered = "URL 9 / http://example.com/ 2\r\n";
    assert_eq!(written(&reply.clone().into()), repeated(&[(1, plain), (5, numbered)]));
    let frames = check::frames(numbered.as_bytes(), Origin::Server, NS);
    for dialect in Dialect::ALL {
        assert_eq!(Event::decode(&frames[0], at(dialect)), Ok(reply.clone().into()));
    }
}

#[test]
fn an_entry_of_the_forward_list_has_groups_since_msnp7() {
    let groups = GroupIds::from(group(4)).with(group(29));
    let line = |list| {
        let (index, count) = (1, 1);
        let entry = LstEntry { index, count, handle: handle("bob"), name: name("Bob"), groups };
        Event::from(ListLine { trid: t(7), list, version: version(9), entry: Some(entry) })
    };
    let plain = "LST 7 FL 9 1 1 bob@example.com Bob\r\n";
    let grouped = "LST 7 FL 9 1 1 bob@example.com Bob 4,29\r\n";
    assert_eq!(written(&line(List::Forward)), repeated(&[(5, plain), (1, grouped)]));
    let plain = "LST 7 RL 9 1 1 bob@example.com Bob\r\n";
    assert_eq!(written(&line(List::Reverse)), repeated(&[(6, plain)]));
}

#[test]
fn an_edit_of_the_forward_list_names_a_group_since_msnp7() {
    let joined = AddReply { group: Some(group(2)), ..added(11, List::Forward, 9, "bob", "Bob") };
    let plain = "ADD 11 FL 9 bob@example.com Bob\r\n";
    let grouped = "ADD 11 FL 9 bob@example.com Bob 2\r\n";
    assert_eq!(written(&joined.into()), repeated(&[(5, plain), (1, grouped)]));
    let left = RemReply { group: Some(group(2)), ..removed(12, List::Forward, 9, "bob") };
    let plain = "REM 12 FL 9 bob@example.com\r\n";
    let grouped = "REM 12 FL 9 bob@example.com 2\r\n";
    assert_eq!(written(&left.into()), repeated(&[(5, plain), (1, grouped)]));
}

#[test]
fn words_after_an_edit_are_ignored_before_msnp7() {
    let lines: [(&str, Request<'_>); 2] = [
        ("ADD 1 FL bob@example.com Bob 30\r\n", add(1, List::Forward, "bob", "Bob").into()),
        ("REM 1 FL bob@example.com bob@example.com\r\n", rem(1, List::Forward, "bob").into()),
    ];
    for (line, expected) in lines {
        let frames = check::frames(line.as_bytes(), Origin::Client, NS);
        for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect < Dialect::Msnp7) {
            let read = Request::decode(&frames[0], Phase::SignedIn, at(dialect));
            assert_eq!(read.as_ref(), Ok(&expected), "{line} {dialect}");
        }
    }
}

#[test]
fn telephone_numbers_of_msnp5() {
    let home = || phone(PhoneKind::Home, Some("555 124"));
    let prp = |number, property| Request::from(Prp { trid: t(number), property });
    check::requests_in(
        at(Dialect::Msnp5),
        Phase::SignedIn,
        &[
            (prp(9, home()), "PRP 9 PHH 555%20124\r\n"),
            (prp(10, phone(PhoneKind::Mobile, None)), "PRP 10 PHM\r\n"),
            (prp(11, Property::MayPage(true)), "PRP 11 MOB Y\r\n"),
        ],
    );
    let set = own_property(9, 66_000_041, home());
    let news = contact_property(66_020_005, "alice", home());
    let line = "BPR 66020005 alice@example.com PHH 555%20124\r\n";
    check::events_in(
        at(Dialect::Msnp5),
        &[(set.into(), "PRP 9 66000041 PHH 555%20124\r\n"), (news.clone().into(), line)],
    );
    // A client whose dialect has no telephone numbers gets none.
    assert_eq!(written(&news.into()), repeated(&[(3, ""), (3, line)]));
}

#[test]
fn a_property_that_cannot_be_set() {
    let refusal = |line: &str| check::refusal_in(at(Dialect::Msnp5), Phase::SignedIn, line);
    let too_long = format!("PRP 1 PHH {}\r\n", "5".repeat(96));
    for line in ["PRP 1\r\n", "PRP 1 PH 5\r\n", "PRP 1 PHHH 5\r\n", "PRP 1 PH1 5\r\n", &too_long] {
        assert_eq!(refusal(line), Refusal::Close, "{line}");
    }
    // Only the server sets whether there is a mobile device. Later dialects have further names.
    for line in ["PRP 1 MBE Y\r\n", "PRP 1 WWE 1\r\n", "PRP 1 MFN Al\r\n", "PRP 1 phh 5\r\n"] {
        assert_eq!(refusal(line), Refusal::Reply(ErrorCode::NotExpected), "{line}");
    }
    for line in ["PRP 1 MOB X\r\n", "PRP 1 PHW %zz\r\n", "PRP 1 PHW 5%0d%0a5\r\n"] {
        assert_eq!(refusal(line), Refusal::Reply(ErrorCode::InvalidParameter), "{line}");
    }
    let frames = check::frames(b"PRP 1 MOB\r\n", Origin::Client, NS);
    let cleared = Prp { trid: t(1), property: Property::MayPage(false) };
    let read = Request::decode(&frames[0], Phase::SignedIn, at(Dialect::Msnp5));
    assert_eq!(read, Ok(cleared.into()));
}

#[test]
fn being_offline_and_connected_ends_with_msnp4() {
    let frames = check::frames(b"CHG 9 FLN\r\n", Origin::Client, NS);
    let refused = Refusal::Reply(ErrorCode::InvalidParameter);
    for dialect in Dialect::ALL {
        let read = Request::decode(&frames[0], Phase::SignedIn, at(dialect));
        let read = read.map_err(|rejection| rejection.refusal);
        let offline = Chg { trid: t(9), state: State::Offline };
        let expected = if dialect <= Dialect::Msnp4 { Ok(offline.into()) } else { Err(refused) };
        assert_eq!(read, expected, "{dialect}");
    }
}

#[test]
fn conversations_can_be_switched_off_since_msnp3() {
    let at = at(Dialect::Msnp3);
    let (on, off) = (Ims { trid: t(5), on: true }, Ims { trid: t(6), on: false });
    let lines = [(on.into(), "IMS 5 ON\r\n"), (off.into(), "IMS 6 OFF\r\n")];
    check::requests_in(at, Phase::SignedIn, &lines);
    let (on, off) = (ImsReply { trid: t(5), on: true }, ImsReply { trid: t(6), on: false });
    check::events_in(at, &[(on.into(), "IMS 5 0 ON\r\n"), (off.into(), "IMS 6 0 OFF\r\n")]);
    let refused = check::refusal_in(at, Phase::SignedIn, "IMS 7 MAYBE\r\n");
    assert_eq!(refused, Refusal::Reply(ErrorCode::NotExpected));
    assert_eq!(check::refusal_in(at, Phase::SignedIn, "IMS 7\r\n"), Refusal::Close);
}

#[test]
fn an_invitation_by_mail_and_a_page_have_payloads() {
    let at = at(Dialect::Msnp5);
    let text = |text: &'static str| Payload::new(text.as_bytes()).unwrap();
    let ghost = || word("ghost@example.com");
    let invitation = Sdc { trid: t(9), target: ghost(), text: text("Come!\r\nAlice") };
    let without_text = Sdc { trid: t(10), target: ghost(), text: text("") };
    let page = Pag { trid: t(11), target: ghost(), page: text("<PAGE></PAGE>") };
    let (chg, _) = chg(12, State::Busy);
    let line = "SDC 10 ghost@example.com 0x0409 MSMSGS MSMSGS X X X 0\r\n";
    let with_text = "SDC 9 ghost@example.com 0x0409 MSMSGS MSMSGS X X X 12\r\nCome!\r\nAlice";
    check::requests_in(
        at,
        Phase::SignedIn,
        &[
            (invitation.into(), with_text),
            (without_text.into(), line),
            (page.into(), "PAG 11 ghost@example.com 13\r\n<PAGE></PAGE>"),
            (chg.into(), "CHG 12 BSY\r\n"),
        ],
    );
    let alert = Not { payload: b"<NOTIFICATION></NOTIFICATION>" };
    let alerted = "NOT 29\r\n<NOTIFICATION></NOTIFICATION>";
    let answered = SdcReply { trid: t(9) };
    check::events_in(at, &[(answered.into(), "SDC 9 OK\r\n"), (alert.into(), alerted)]);
    let bad = Refusal::ReplyThenClose(ErrorCode::BadFormat);
    for line in ["SDC 9 0\r\n", "SDC 9 \u{e9} 0\r\n"] {
        assert_eq!(check::refusal_in(at, Phase::SignedIn, line), bad, "{line}");
    }
    assert_eq!(check::refusal_in(at, Phase::SignedIn, "PAG 9 0\r\n"), Refusal::Close);
}

#[test]
fn a_client_may_leave_a_conversation_with_bye() {
    let at = DecodeContext { server: SB, dialect: Dialect::Msnp5 };
    // Gaim of 2003 names itself in it.
    for line in ["BYE\r\n", "BYE judy@example.com\r\n", "BYE 12\n"] {
        let frames = check::frames(line.as_bytes(), Origin::Client, SB);
        let read = Request::decode(&frames[0], Phase::SignedIn, at);
        assert_eq!(read, Ok(Leave.into()), "{line}");
    }
    assert_eq!(check::refusal(SB, Phase::Fresh, "BYE\r\n"), Refusal::Close);
}
