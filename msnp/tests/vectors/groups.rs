//! A session of MSNP7: the lists, groups and telephone numbers of alice.

use crate::make::*;
use crate::{DS, NS, check};
use msnp::auth::{Challenge, Digest};
use msnp::command::*;
use msnp::frame::Origin;
use msnp::gate::Refusal;
use msnp::{
    AddNotice, Dialect, ErrorCode, GroupIds, GroupName, List, ListVersion, Phase, PhoneKind,
    Privacy, Property, State, UserProfile,
};

const AT: DecodeContext = DecodeContext { server: NS, dialect: Dialect::Msnp7 };
const PROFILE: &str = "MIME-Version: 1.0\r\n\
    Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
    LoginTime: 1013928520\r\n\
    EmailEnabled: 0\r\n\
    MemberIdHigh: 0\r\n\
    MemberIdLow: 1\r\n\
    lang_preference: 1033\r\n\
    preferredEmail: \r\n\
    country: \r\n\
    PostalCode: \r\n\
    Gender: \r\n\
    Kid: 0\r\n\
    Age: \r\n\
    BDayPre: \r\n\
    Birthday: \r\n\
    Wallet: \r\n\
    Flags: 1027\r\n\
    sid: 507\r\n\
    kv: 11\r\n\
    MSPAuth: 0\r\n\
    \r\n";

fn ser() -> ListVersion {
    version(66_000_040)
}

fn bob(list: List, groups: GroupIds) -> ListLine {
    let (index, count) = (1, 1);
    let entry = LstEntry { index, count, handle: handle("bob"), name: name("Bob B."), groups };
    ListLine { trid: t(7), list, version: ser(), entry: Some(entry) }
}

fn line_of_group(place: (u32, u32), number: u8, name: GroupName) -> LsgReply {
    let (index, count) = place;
    LsgReply { trid: t(7), version: ser(), index, count, group: group(number), name }
}

#[test]
fn login() {
    let offered = ["MSNP7", "MSNP6", "MSNP5", "MSNP4", "CVR0"];
    let line = "VER 0 MSNP7 MSNP6 MSNP5 MSNP4 CVR0\r\n";
    let on_ds = DecodeContext { server: DS, ..AT };
    check::requests_in(on_ds, Phase::Fresh, &[(ver(0, &offered).into(), line)]);
    let sender = Some(endpoint("192.0.2.1:1863"));
    let referral =
        XfrReply::Notification { trid: t(2), endpoint: endpoint("192.0.2.1:1863"), sender };
    check::events_in(
        on_ds,
        &[
            (ver(0, &offered).reply(VerReplyForm::List).into(), line),
            (ver(0, &offered).reply(VerReplyForm::Single).into(), "VER 0 MSNP7 CVR0\r\n"),
            (InfReply { trid: t(1) }.into(), "INF 1 MD5\r\n"),
            (referral.into(), "XFR 2 NS 192.0.2.1:1863 0 192.0.2.1:1863\r\n"),
        ],
    );
    let welcome = |verified| {
        let (trid, handle, name) = (t(6), handle("alice"), name("Alice"));
        UsrReply::Ok { trid, handle, name, verified }
    };
    check::events_in(
        AT,
        &[
            (welcome(Some(true)).into(), "USR 6 OK alice@example.com Alice 1\r\n"),
            (welcome(Some(false)).into(), "USR 6 OK alice@example.com Alice 0\r\n"),
            (welcome(None).into(), "USR 6 OK alice@example.com Alice\r\n"),
        ],
    );
}

#[test]
fn synchronisation() {
    use List::{Allow, Block, Forward, Reverse};
    let both = GroupIds::from(group(0)).with(group(1));
    let block = ListLine { trid: t(7), list: Block, version: ser(), entry: None };
    let own = |value| Event::from(own_property(7, 66_000_040, value));
    let bobs = |value| Event::from(contact_property(66_000_040, "bob", value));
    let add_notice = GtcReply { trid: t(7), version: ser(), add_notice: AddNotice::Ask };
    let privacy = BlpReply { trid: t(7), version: ser(), privacy: Privacy::AllowOthers };
    let other_contacts = line_of_group((1, 2), 0, GroupName::other_contacts());
    let friends = line_of_group((2, 2), 1, group_name("Friends"));
    let allowed = "LST 7 AL 66000040 1 1 bob@example.com Bob%20B.\r\n";
    let reverse = "LST 7 RL 66000040 1 1 bob@example.com Bob%20B.\r\n";
    check::events_in(
        AT,
        &[
            (SynReply { trid: t(7), version: ser() }.into(), "SYN 7 66000040\r\n"),
            (add_notice.into(), "GTC 7 66000040 A\r\n"),
            (privacy.into(), "BLP 7 66000040 AL\r\n"),
            (own(phone(PhoneKind::Home, Some("555 123"))), "PRP 7 66000040 PHH 555%20123\r\n"),
            (own(phone(PhoneKind::Work, None)), "PRP 7 66000040 PHW\r\n"),
            (own(phone(PhoneKind::Mobile, None)), "PRP 7 66000040 PHM\r\n"),
            (own(Property::MayPage(false)), "PRP 7 66000040 MOB N\r\n"),
            (own(Property::MobileEnabled(false)), "PRP 7 66000040 MBE N\r\n"),
            (other_contacts.into(), "LSG 7 66000040 1 2 0 Other%20Contacts 0\r\n"),
            (friends.into(), "LSG 7 66000040 2 2 1 Friends 0\r\n"),
            (bob(Forward, both).into(), "LST 7 FL 66000040 1 1 bob@example.com Bob%20B. 0,1\r\n"),
            (bobs(phone(PhoneKind::Home, None)), "BPR 66000040 bob@example.com PHH\r\n"),
            (bobs(phone(PhoneKind::Work, None)), "BPR 66000040 bob@example.com PHW\r\n"),
            (bobs(phone(PhoneKind::Mobile, None)), "BPR 66000040 bob@example.com PHM\r\n"),
            (bobs(Property::MayPage(false)), "BPR 66000040 bob@example.com MOB N\r\n"),
            (bob(Allow, GroupIds::NONE).into(), allowed),
            (block.into(), "LST 7 BL 66000040 0 0\r\n"),
            (bob(Reverse, GroupIds::NONE).into(), reverse),
        ],
    );
    let profile = UserProfile { login_time: 1_013_928_520 }.payload(Dialect::Msnp7);
    let message = Message { sender: Sender::Server, payload: profile.as_bytes() };
    check::events_in(AT, &[(message.into(), &format!("MSG Hotmail Hotmail 312\r\n{PROFILE}"))]);
}

#[test]
fn a_user_who_never_had_groups_has_an_unnamed_one() {
    let only = line_of_group((1, 1), 0, GroupName::unnamed());
    check::events_in(AT, &[(only.into(), "LSG 7 66000040 1 1 0 ~ 0\r\n")]);
    // No group is sent as group 0.
    let mut out = heapless::Vec::<u8, 256>::new();
    Event::from(bob(List::Forward, GroupIds::NONE)).encode(AT.dialect, &mut out).unwrap();
    assert_eq!(out, b"LST 7 FL 66000040 1 1 bob@example.com Bob%20B. 0\r\n");
}

#[test]
fn making_renaming_and_removing_groups() {
    use List::Forward;
    let (work, office) = (|| group_name("Work"), || group_name("Office"));
    let into = Add { group: Some(group(2)), ..add(11, Forward, "bob", "Bob B.") };
    let out_of = Rem { group: Some(group(1)), ..rem(12, Forward, "bob") };
    check::requests_in(
        AT,
        Phase::SignedIn,
        &[
            (Lsg { trid: t(8) }.into(), "LSG 8\r\n"),
            (Adg { trid: t(9), name: work() }.into(), "ADG 9 Work 0\r\n"),
            (Reg { trid: t(10), group: group(2), name: office() }.into(), "REG 10 2 Office 0\r\n"),
            (into.into(), "ADD 11 FL bob@example.com Bob%20B. 2\r\n"),
            (out_of.into(), "REM 12 FL bob@example.com 1\r\n"),
            (Rmg { trid: t(13), group: group(2) }.into(), "RMG 13 2\r\n"),
        ],
    );
    let version = |ser: u32| version(66_000_000 + ser);
    let made = AdgReply { trid: t(9), version: version(41), name: work(), group: group(2) };
    let renamed = RegReply { trid: t(10), version: version(42), group: group(2), name: office() };
    let joined =
        AddReply { group: Some(group(2)), ..added(11, Forward, 66_000_043, "bob", "Bob B.") };
    let left = RemReply { group: Some(group(1)), ..removed(12, Forward, 66_000_044, "bob") };
    let gone = RmgReply { trid: t(13), version: version(45), group: group(2) };
    check::events_in(
        AT,
        &[
            (made.into(), "ADG 9 66000041 Work 2 0\r\n"),
            (renamed.into(), "REG 10 66000042 2 Office 0\r\n"),
            (joined.into(), "ADD 11 FL 66000043 bob@example.com Bob%20B. 2\r\n"),
            (left.into(), "REM 12 FL 66000044 bob@example.com 1\r\n"),
            (gone.into(), "RMG 13 66000045 2\r\n"),
            (error(ErrorCode::CannotRemoveGroupZero, 14), "230 14\r\n"),
            (error(ErrorCode::InvalidGroup, 15), "224 15\r\n"),
        ],
    );
}

#[test]
fn an_illegal_group_number_closes_the_connection() {
    for line in [
        "ADD 1 FL bob@example.com Bob 30\r\n",
        "ADD 1 FL bob@example.com Bob Friends\r\n",
        "REM 1 FL bob@example.com 30\r\n",
        "REM 1 FL bob@example.com bob@example.com\r\n",
        "RMG 1 30\r\n",
        "RMG 1\r\n",
        "REG 1 30 Office 0\r\n",
        "REG 1 2\r\n",
        "ADG 1\r\n",
    ] {
        assert_eq!(check::refusal_in(AT, Phase::SignedIn, line), Refusal::Close, "{line}");
    }
    // The other lists have no groups, so a group in the line is ignored.
    let expected = add(1, List::Allow, "bob", "Bob");
    let frames = check::frames(b"ADD 1 AL bob@example.com Bob 30\r\n", Origin::Client, NS);
    assert_eq!(Request::decode(&frames[0], Phase::SignedIn, AT), Ok(expected.into()));
}

#[test]
fn a_group_name_that_is_too_long_is_229_and_one_that_is_far_too_long_closes() {
    let refusal = |line: &str| check::refusal_in(AT, Phase::SignedIn, line);
    let too_long = Refusal::Reply(ErrorCode::GroupNameTooLong);
    for (length, expected) in [(62, too_long), (127, too_long), (128, Refusal::Close)] {
        let name = "a".repeat(length);
        assert_eq!(refusal(&format!("ADG 1 {name} 0\r\n")), expected, "{length}");
        assert_eq!(refusal(&format!("REG 1 0 {name} 0\r\n")), expected, "{length}");
    }
    let illegal = Refusal::Reply(ErrorCode::InvalidParameter);
    assert_eq!(refusal("ADG 1 %zz 0\r\n"), illegal);
    assert_eq!(refusal("REG 1 0 %00 0\r\n"), illegal);
}

#[test]
fn a_challenge_to_the_client_program() {
    let challenge = Challenge::parse(b"15571014051513461452").unwrap();
    let digest = Digest::of_client(&challenge, "msmsgs@msnmsgr.com").unwrap().text();
    let answer = Qry { trid: t(16), client: word("msmsgs@msnmsgr.com"), digest: digest.as_bytes() };
    let digits = "QRY 16 msmsgs@msnmsgr.com 32\r\n42552f0294ce7b8ddcb4091192d8b910";
    let (chg, _) = chg(17, State::Away);
    check::requests_in(
        AT,
        Phase::SignedIn,
        &[
            (Chl { trid: t(15) }.into(), "CHL 15\r\n"),
            (answer.into(), digits),
            // The next command follows the digits immediately.
            (chg.into(), "CHG 17 AWY\r\n"),
        ],
    );
    let unasked = ChlReply { trid: t(0), challenge: challenge.clone() };
    let asked = ChlReply { trid: t(15), challenge };
    check::events_in(
        AT,
        &[
            (unasked.into(), "CHL 0 15571014051513461452\r\n"),
            (asked.into(), "CHL 15 15571014051513461452\r\n"),
            (QryReply { trid: t(16) }.into(), "QRY 16\r\n"),
            (error(ErrorCode::ChallengeFailed, 16), "540 16\r\n"),
        ],
    );
    let unreadable = check::refusal_in(AT, Phase::SignedIn, "QRY 16 \u{e9} 0\r\n");
    assert_eq!(unreadable, Refusal::ReplyThenClose(ErrorCode::ChallengeFailed));
}
