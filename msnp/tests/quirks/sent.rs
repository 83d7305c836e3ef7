//! Quirks: what single clients send that differs from other clients.

use crate::wire::{assert_shown, frames, received, sent};
use msnp::auth::{Challenge, Digest};
use msnp::command::*;
use msnp::frame::{self, Origin};
use msnp::gate;
use msnp::quirk::Quirk;
use msnp::{Dialect, FriendlyName, GroupId, GroupIds, Handle, List, Phase, Server, State, TrId};

const NS: Server = Server::Notification;
const SB: Server = Server::Switchboard;

fn bob() -> Handle {
    Handle::new("bob@example.com").unwrap()
}

/// Returns the lines of the commands that a client sends: name and words.
fn lines(input: &str, server: Server) -> Vec<String> {
    let found = frames(input.as_bytes(), Origin::Client, server);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let line = |frame: &frame::Frame<'_>| {
        frame.words.clone().fold(text(frame.name), |line, word| line + " " + &text(word))
    };
    found.iter().map(line).collect()
}

#[test]
pub(crate) fn bare_line_feed() {
    let mixed = "VER 1 MSNP2\nINF 2\r\nUSR 3 MD5 I alice@example.com\n";
    assert_eq!(lines(mixed, NS), ["VER 1 MSNP2", "INF 2", "USR 3 MD5 I alice@example.com"]);
    // The payload begins right after the LF.
    let message = frames(b"MSG 1 N 2\nhiOUT\n", Origin::Client, SB);
    assert_eq!((message[0].payload, message[1].name), (b"hi".as_slice(), b"OUT".as_slice()));
    assert_eq!(sent(Dialect::Msnp2, Qng), "QNG\r\n");
}

#[test]
pub(crate) fn trailing_blank() {
    assert_eq!(lines("INF 2 \r\nCHG 3 NLN \r\n", NS), ["INF 2", "CHG 3 NLN"]);
}

#[test]
pub(crate) fn transaction_id_on_out() {
    assert_shown(Quirk::TransactionIdOnOut);
    assert_eq!(received(Dialect::Msnp2, "OUT 9 \r\n"), Out.into());
    assert_eq!(received(Dialect::Msnp2, "PNG 9\r\n"), Png.into());
}

#[test]
pub(crate) fn one_transaction_id() {
    assert_shown(Quirk::OneTransactionId);
    let one = TrId::new(976_912_345);
    assert_eq!(received(Dialect::Msnp2, "SYN 976912345 0\n"), Syn { trid: one, version: 0 }.into());
    let chg = Chg { trid: one, state: State::Online };
    assert_eq!(received(Dialect::Msnp2, "CHG 976912345 NLN\n"), chg.into());
}

#[test]
pub(crate) fn transaction_id_zero() {
    assert_shown(Quirk::TransactionIdZero);
    let syn = Syn { trid: TrId::new(0), version: 0 };
    assert_eq!(received(Dialect::Msnp7, "SYN 0 0\r\n"), syn.into());
}

#[test]
pub(crate) fn usr_before_ver() {
    assert_shown(Quirk::UsrBeforeVer);
    assert!(gate::admit(Some(CommandName::Usr), NS, Phase::Fresh, Dialect::Msnp2).is_ok());
}

#[test]
pub(crate) fn no_inf() {
    assert_shown(Quirk::NoInf);
    assert!(gate::admit(Some(CommandName::Usr), NS, Phase::Versioned, Dialect::Msnp7).is_ok());
}

#[test]
pub(crate) fn digest_in_pieces() {
    assert_shown(Quirk::DigestInPieces);
    let answer = b"QRY 24 msmsgs@msnmsgr.com 32\r\n8f2f5a91b72102cd28355e9fc9000d6e";
    let header = answer.len() - 32;
    for received in (header..answer.len()).step_by(2) {
        let scan = frame::next(&answer[..received], Origin::Client, NS).unwrap();
        assert!(scan.frame.is_none() && scan.partial.is_some(), "{received}");
    }
    assert_eq!(frames(answer, Origin::Client, NS)[0].payload, &answer[header..]);
}

#[test]
pub(crate) fn repeats_handle() {
    let rem = Rem { trid: TrId::new(4), list: List::Allow, handle: bob(), group: None };
    let line = "REM 4 AL bob@example.com bob@example.com\n";
    assert_eq!(received(Dialect::Msnp2, line), rem.into());
}

#[test]
pub(crate) fn sends_handle_as_name() {
    let add = Add {
        trid: TrId::new(4),
        list: List::Forward,
        handle: bob(),
        name: Some(FriendlyName::from_handle(&bob())),
        group: None,
    };
    let line = "ADD 4 FL bob@example.com bob@example.com\n";
    assert_eq!(received(Dialect::Msnp2, line), add.into());
}

#[test]
pub(crate) fn does_not_wait_for_syn() {
    assert_shown(Quirk::DoesNotWaitForSyn);
    assert_eq!(lines("SYN 5 0\r\nCHG 6 NLN\r\n", NS), ["SYN 5 0", "CHG 6 NLN"]);
}

#[test]
pub(crate) fn lists_after_every_rem() {
    assert_shown(Quirk::ListsAfterEveryRem);
    let lst = Lst { trid: TrId::new(9), list: List::Reverse };
    assert_eq!(received(Dialect::Msnp7, "LST 9 RL\r\n"), lst.into());
}

#[test]
pub(crate) fn renames_by_rem_and_add() {
    assert_shown(Quirk::RenamesByRemAndAdd);
}

#[test]
pub(crate) fn writes_its_code_page() {
    assert_shown(Quirk::WritesItsCodePage);
    let handle = bob();
    let name = FriendlyName::new("Andr\u{e9}").unwrap();
    let rea = Rea { trid: TrId::new(77), handle, name: name.into() };
    assert_eq!(received(Dialect::Msnp2, "REA 77 bob@example.com Andr%E9\n"), rea.into());
}

#[test]
pub(crate) fn sends_misread_names() {
    assert_shown(Quirk::SendsMisreadNames);
    let line = "REA 11 bob@example.com B\u{c3}\u{a9}n\r\n";
    assert_eq!(line.as_bytes(), b"REA 11 bob@example.com B\xc3\x83\xc2\xa9n\r\n");
    let Request::Rea(rea) = received(Dialect::Msnp7, line) else { panic!("a REA") };
    assert!(rea.name.lossy().unwrap().is_mojibake_of(&FriendlyName::new("B\u{e9}n").unwrap()));
}

#[test]
pub(crate) fn renames_contacts() {
    assert_shown(Quirk::RenamesContacts);
    let name = FriendlyName::new("Bob B.").unwrap();
    let rea = Rea { trid: TrId::new(11), handle: bob(), name: name.into() };
    assert_eq!(received(Dialect::Msnp7, "REA 11 bob@example.com Bob%20B.\r\n"), rea.into());
}

#[test]
pub(crate) fn blocks_by_rem_then_add() {
    assert_shown(Quirk::BlocksByRemThenAdd);
}

#[test]
pub(crate) fn repeats_blp() {
    assert_shown(Quirk::RepeatsBlp);
}

#[test]
pub(crate) fn allows_twice() {
    assert_shown(Quirk::AllowsTwice);
}

#[test]
pub(crate) fn removes_by_group() {
    assert_shown(Quirk::RemovesByGroup);
    let line = "REM 8 FL bob@hotmail.com 0\r\n";
    let Request::Rem(rem) = received(Dialect::Msnp7, line) else { panic!("{line}") };
    assert_eq!((rem.list, rem.group), (List::Forward, Some(GroupId::ZERO)));
}

#[test]
pub(crate) fn adds_without_group() {
    for line in ["ADD 19 FL bob@example.com bob@example.com\r\n", "ADD 19 FL bob@example.com\r\n"] {
        let Request::Add(add) = received(Dialect::Msnp7, line) else { panic!("{line}") };
        assert_eq!((add.list, add.group), (List::Forward, None));
    }
    assert_eq!(GroupIds::NONE.text(), "0");
}

#[test]
pub(crate) fn moves_by_rem_then_add() {
    let (from, to) = (GroupId::new(1), GroupId::new(2));
    // From one group to another.
    let rem = Rem { trid: TrId::new(9), list: List::Forward, handle: bob(), group: from };
    assert_eq!(received(Dialect::Msnp7, "REM 9 FL bob@example.com 1\r\n"), rem.clone().into());
    let entirely = Rem { group: None, ..rem };
    assert_eq!(received(Dialect::Msnp7, "REM 9 FL bob@example.com\r\n"), entirely.into());
    let add = "ADD 10 FL bob@example.com bob@example.com 2\r\n";
    let Request::Add(add) = received(Dialect::Msnp7, add) else { panic!("{add}") };
    assert_eq!(add.group, to);
    // Contacts of no group can exist: a contact leaves the last group and stays on the list.
    assert!(GroupIds::from(from.unwrap()).without(from.unwrap()).is_empty());
}

#[test]
pub(crate) fn moves_by_add_then_rem() {
    let add = "ADD 9 FL bob@example.com bob@example.com 2\r\n";
    let Request::Add(add) = received(Dialect::Msnp7, add) else { panic!("{add}") };
    assert_eq!(add.group, GroupId::new(2));
    let both = GroupIds::from(GroupId::ZERO).with(add.group.unwrap());
    assert_eq!(both.text(), "0,2");
}

#[test]
pub(crate) fn answers_challenges_in_any_dialect() {
    let challenge = Challenge::parse(b"15570131571988941333").unwrap();
    let expected = Digest::of_client(&challenge, "msmsgs@msnmsgr.com").unwrap();
    let stream = b"QRY 9 msmsgs@msnmsgr.com 32\r\n8f2f5a91b72102cd28355e9fc9000d6eCHG 10 NLN\r\n";
    let frames = frames(stream, Origin::Client, NS);
    assert_eq!(frames.len(), 2);
    assert_eq!(Digest::parse(frames[0].payload), Some(expected));
    for dialect in Dialect::ALL {
        let at = DecodeContext { server: NS, dialect };
        let read = Request::decode(&frames[0], Phase::SignedIn, at);
        assert_eq!(read.is_ok(), dialect >= Dialect::Msnp6);
        assert!(Request::decode(&frames[1], Phase::SignedIn, at).is_ok());
    }
}

#[test]
pub(crate) fn leaves_with_bye() {
    assert_shown(Quirk::LeavesWithBye);
    let frames = frames(b"BYE bob@example.com\r\n", Origin::Client, SB);
    let at = DecodeContext { server: SB, dialect: Dialect::Msnp5 };
    assert_eq!(Request::decode(&frames[0], Phase::SignedIn, at), Ok(Leave.into()));
}

#[test]
pub(crate) fn writes_commands_in_pieces() {
    assert_shown(Quirk::WritesCommandsInPieces);
}

#[test]
pub(crate) fn vanishes_without_out() {
    assert_shown(Quirk::VanishesWithoutOut);
}

#[test]
pub(crate) fn stays_silent() {
    assert_shown(Quirk::StaysSilent);
}
