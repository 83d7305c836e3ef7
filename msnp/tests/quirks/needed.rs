//! Quirks: what single clients need that differs from other clients.

use crate::wire::{assert_shown, frames, received, sent};
use msnp::auth::Challenge;
use msnp::command::*;
use msnp::frame::Origin;
use msnp::quirk::Quirk;
use msnp::{
    Cookie, Dialect, Endpoint, ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle, List,
    ListVersion, Phase, PhoneKind, Property, Server, SessionId, State, Token, TrId, UserProfile,
};

/// Returns the reply to a `VER`, without its line end.
fn ver_reply(line: &str, form: VerReplyForm) -> String {
    let at = DecodeContext { server: Server::Dispatch, dialect: Dialect::Msnp2 };
    let line = format!("{line}\r\n");
    let frames = frames(line.as_bytes(), Origin::Client, at.server);
    let Ok(Request::Ver(ver)) = Request::decode(&frames[0], Phase::Fresh, at) else {
        panic!("{line}")
    };
    sent(at.dialect, ver.reply(form)).trim_end().to_owned()
}

fn t() -> TrId {
    TrId::new(7)
}
fn version() -> ListVersion {
    ListVersion::new(66_000_040).unwrap()
}
fn alice() -> Handle {
    Handle::new("alice@example.com").unwrap()
}
fn referral(text: &str) -> XfrReply {
    let endpoint = Endpoint::parse(text.as_bytes()).unwrap();
    XfrReply::Notification { trid: t(), endpoint, sender: Some(endpoint) }
}

#[test]
pub(crate) fn compares_ver_reply() {
    for form in [VerReplyForm::List, VerReplyForm::Single] {
        assert_eq!(ver_reply("VER 976912345 MSNP2", form), "VER 976912345 MSNP2");
    }
}

#[test]
pub(crate) fn wants_msnp5() {
    let line = "VER 1 MSNP7 MSNP6 MSNP5 MSNP4 CVR0";
    assert_eq!(ver_reply(line, VerReplyForm::List), line);
    assert_eq!(VerReplyForm::default(), VerReplyForm::List);
}

#[test]
pub(crate) fn wants_cvr0() {
    let line = "VER 1 MSNP7 MSNP6 MSNP5 MSNP4 CVR0";
    assert!(ver_reply(line, VerReplyForm::List).ends_with(" CVR0"));
    assert_eq!(ver_reply(line, VerReplyForm::Single), "VER 1 MSNP7 CVR0");
}

#[test]
pub(crate) fn wants_favourite_first() {
    assert_eq!(ver_reply("VER 10 MSNP7", VerReplyForm::List), "VER 10 MSNP7");
    assert_eq!(ver_reply("VER 1 MSNP8 MSNP4 MSNP5", VerReplyForm::List), "VER 1 MSNP4 MSNP5");
    assert_eq!(ver_reply("VER 1 MSNP8 MSNP4 MSNP5", VerReplyForm::Single), "VER 1 MSNP4");
}

#[test]
pub(crate) fn compares_packages() {
    for dialect in Dialect::ALL {
        assert_eq!(sent(dialect, InfReply { trid: t() }), "INF 7 MD5\r\n");
    }
}

#[test]
pub(crate) fn wants_zero_in_referral() {
    for dialect in Dialect::ALL {
        let line = sent(dialect, referral("192.0.2.1:1864"));
        assert!(line.starts_with("XFR 7 NS 192.0.2.1:1864 0"), "{line}");
    }
}

#[test]
pub(crate) fn searches_referral_for_sb() {
    for dialect in Dialect::ALL {
        assert!(!sent(dialect, referral("192.0.2.1:1864")).contains("SB"));
    }
    assert_eq!(Endpoint::parse(b"SB.example.com:1864"), None);
}

#[test]
pub(crate) fn dotted_address() {
    let longest = Endpoint::parse(b"255.255.255.255:65535").unwrap().text();
    assert!(longest.len() <= 39);
    assert!(longest.bytes().all(|byte| byte.is_ascii_digit() || b".:".contains(&byte)));
    assert_eq!(Endpoint::parse(b"[2001:db8::1]:1864"), None);
}

#[test]
pub(crate) fn wants_five_words_in_usr() {
    let challenge = Challenge::from_entropy(1_013_928_519, 693_957_190).unwrap();
    let asked = sent(Dialect::Msnp7, UsrReply::Challenge { trid: t(), challenge });
    assert_eq!(asked.split_whitespace().count(), 5);
    assert!(FriendlyName::new("").is_err());
    let name = FriendlyName::from_handle(&alice());
    for verified in [None, Some(true)] {
        let (handle, name) = (alice(), name.clone());
        let line = sent(Dialect::Msnp7, UsrReply::Ok { trid: t(), handle, name, verified });
        assert!(line.split_whitespace().count() >= 5, "{line}");
    }
}

#[test]
pub(crate) fn ignores_errors_before_sign_in() {
    assert_shown(Quirk::IgnoresErrorsBeforeSignIn);
}

#[test]
pub(crate) fn reads_one_line() {
    assert_shown(Quirk::ReadsOneLine);
}

#[test]
pub(crate) fn loses_profile_in_welcome() {
    assert_shown(Quirk::LosesProfileInWelcome);
}

#[test]
pub(crate) fn loses_input_before_profile() {
    assert_shown(Quirk::LosesInputBeforeProfile);
}

#[test]
pub(crate) fn loses_text_after_answer() {
    assert_shown(Quirk::LosesTextAfterAnswer);
}

#[test]
pub(crate) fn searches_profile() {
    for dialect in Dialect::ALL.into_iter().filter(|dialect| *dialect >= Dialect::Msnp3) {
        let payload = UserProfile { login_time: 1_013_928_520 }.payload(dialect);
        for field in ["kv: ", "sid: ", "MSPAuth: "] {
            let (_, after) = payload.split_once(field).unwrap();
            assert!(after.contains("\r\n"), "{field}");
        }
        assert!(!payload.replace("\r\n", "").contains(['\r', '\n']));
    }
}

#[test]
pub(crate) fn knows_server_as_hotmail() {
    for dialect in Dialect::ALL {
        let payload = UserProfile { login_time: 1 }.payload(dialect);
        let message = Message { sender: Sender::Server, payload: payload.as_bytes() };
        assert!(sent(dialect, message).starts_with("MSG Hotmail Hotmail "));
    }
}

#[test]
pub(crate) fn needs_all_lists() {
    assert_shown(Quirk::NeedsAllLists);
    for list in List::ALL {
        let line =
            sent(Dialect::Msnp7, ListLine { trid: t(), list, version: version(), entry: None });
        assert_eq!(line, format!("LST 7 {list} 66000040 0 0\r\n"));
    }
}

#[test]
pub(crate) fn waits_for_last_reverse_line() {
    assert_eq!(List::ALL.last(), Some(&List::Reverse));
    let empty = ListLine { trid: t(), list: List::Reverse, version: version(), entry: None };
    for dialect in Dialect::ALL {
        assert_eq!(sent(dialect, empty.clone()), "LST 7 RL 66000040 0 0\r\n");
    }
}

#[test]
pub(crate) fn paints_contacts_not_on_reverse_list() {
    assert_shown(Quirk::PaintsContactsNotOnReverseList);
}

#[test]
pub(crate) fn needs_one_contact() {
    let empty = ListLine { trid: t(), list: List::Forward, version: version(), entry: None };
    assert_eq!(sent(Dialect::Msnp2, empty), "LST 7 FL 66000040 0 0\r\n");
}

#[test]
pub(crate) fn asks_for_version_zero() {
    assert_shown(Quirk::AsksForVersionZero);
    assert_eq!(received(Dialect::Msnp5, "SYN 7 0\r\n"), Syn { trid: t(), version: 0 }.into());
    assert_eq!(ListVersion::new(0), None);
    assert_ne!(ListVersion::new(ListVersion::MAX).unwrap().next().value(), 0);
}

#[test]
pub(crate) fn counts_blanks() {
    let name = FriendlyName::parse(b"%20Alice%20%20in%20W.%20").unwrap();
    let line = sent(Dialect::Msnp5, Nln { state: State::Online, handle: alice(), name });
    assert_eq!(line, "NLN NLN alice@example.com %20Alice%20%20in%20W.%20\r\n");
    assert_eq!(line.split(' ').count(), 4);
    assert!(FriendlyName::parse(b"").is_err() && Token::<9>::parse(b"").is_none());
    let nothing = Property::Phone(PhoneKind::Work, None);
    let line = sent(Dialect::Msnp5, PrpReply { trid: t(), version: version(), property: nothing });
    assert_eq!(line, "PRP 7 66000040 PHW\r\n");
}

#[test]
pub(crate) fn short_line_buffer() {
    let longest = "4294967295";
    let handle = Handle::new(&format!("{}@example.com", "a".repeat(117))).unwrap();
    let name = FriendlyName::new(&" ".repeat(129)).unwrap();
    assert_eq!(handle.as_str().len(), Handle::MAX);
    let groups = GroupId::all().fold(GroupIds::NONE, GroupIds::with);
    let entry = LstEntry { index: u32::MAX, count: u32::MAX, handle, name, groups };
    let trid = TrId::parse(longest.as_bytes()).unwrap();
    let version = ListVersion::new(ListVersion::MAX).unwrap();
    let reply = ListLine { trid, list: List::Forward, version, entry: Some(entry) };
    assert!(sent(Dialect::Msnp7, reply).len() < 1000);
}

#[test]
pub(crate) fn misreads_encoded_utf8() {
    let name = FriendlyName::new("Zoë & Jürgen").unwrap();
    let joi = sent(Dialect::Msnp2, Joi { handle: alice(), name });
    assert_eq!(joi, "JOI alice@example.com Zo\u{eb}%20&%20J\u{fc}rgen\r\n");
    let name = GroupName::new("Büro").unwrap();
    let group = GroupId::ZERO;
    let reg = sent(Dialect::Msnp7, RegReply { trid: t(), version: version(), group, name });
    assert_eq!(reg, "REG 7 66000040 0 B\u{fc}ro 0\r\n");
}

#[test]
pub(crate) fn compares_handles_with_case() {
    assert_shown(Quirk::ComparesHandlesWithCase);
    let handle = Handle::new("Alice@Example.COM").unwrap();
    assert_eq!(sent(Dialect::Msnp7, Fln { handle }), "FLN alice@example.com\r\n");
}

#[test]
pub(crate) fn reads_errors_at_fixed_places() {
    for code in ErrorCode::ALL {
        let line = sent(Dialect::Msnp5, Event::Error(ErrorReply { code: *code, trid: t() }));
        assert_eq!(line, format!("{} 7\r\n", code.number()));
    }
}

#[test]
pub(crate) fn takes_session_id_for_transaction_id() {
    let session = SessionId::from_entropy(0);
    assert!(session.value() >= 10_000_000);
    assert_eq!(SessionId::new(9_999_999), None);
    assert_eq!(sent(Dialect::Msnp2, CalReply { trid: t(), session }).split(' ').nth(1), Some("7"));
}

#[test]
pub(crate) fn short_cookie_buffer() {
    for entropy in [0, 1, u128::MAX] {
        assert!(Cookie::from_entropy(entropy).as_str().len() <= 29);
    }
    assert_eq!(Cookie::parse(&[b'1'; 30]), None);
}

#[test]
pub(crate) fn short_challenge_buffer() {
    assert!(Challenge::from_entropy(u64::MAX, u32::MAX).unwrap().as_str().len() <= 129);
    assert_eq!(Challenge::parse(&[b'1'; 130]), None);
}

#[test]
pub(crate) fn counts_participants() {
    assert_shown(Quirk::CountsParticipants);
}

#[test]
pub(crate) fn wants_site_id() {
    let path = Token::parse(b"/").unwrap();
    let site = Token::parse(b"http://example.com/").unwrap();
    let line = sent(Dialect::Msnp5, UrlReply { trid: t(), path, site });
    assert_eq!(line, "URL 7 / http://example.com/ 2\r\n");
}

#[test]
pub(crate) fn wants_its_own_version() {
    let line = "CVR 7 0x0409 winnt 5.1 i386 MSMSGS 4.7.2009 MSMSGS\r\n";
    let Request::Cvr(cvr) = received(Dialect::Msnp7, line) else { panic!("{line}") };
    let site = Token::parse(b"http://example.com/").unwrap();
    let recommendation = Recommendation::no_upgrade(&cvr.client, &site).unwrap();
    let line = sent(Dialect::Msnp7, CvrReply { trid: t(), recommendation });
    let site = "http://example.com/";
    assert_eq!(line, format!("CVR 7 4.7.2009 4.7.2009 1.0.0000 {site} {site}\r\n"));
}

#[test]
pub(crate) fn property_at_fixed_place() {
    let property = Property::MayPage(false);
    let line = sent(Dialect::Msnp7, PrpReply { trid: t(), version: version(), property });
    assert_eq!(line.split_whitespace().nth(3), Some("MOB"));
}

#[test]
pub(crate) fn group_name_before_number() {
    let name = GroupName::new("Work").unwrap();
    let group = GroupId::new(2).unwrap();
    let made = AdgReply { trid: t(), version: version(), name, group };
    assert_eq!(sent(Dialect::Msnp7, made), "ADG 7 66000040 Work 2 0\r\n");
}

#[test]
pub(crate) fn makes_groups_when_unnamed() {
    let (index, count, group) = (1, 1, GroupId::ZERO);
    let only = |name| LsgReply { trid: t(), version: version(), index, count, group, name };
    let unnamed = sent(Dialect::Msnp7, only(GroupName::unnamed()));
    assert_eq!(unnamed, "LSG 7 66000040 1 1 0 ~ 0\r\n");
    let named = sent(Dialect::Msnp7, only(GroupName::other_contacts()));
    assert_eq!(named, "LSG 7 66000040 1 1 0 Other%20Contacts 0\r\n");
}
