//! Sign-ins, accepted and refused.

use crate::make::*;
use crate::{DS, NS, check};
use msnp::auth::{Challenge, Digest};
use msnp::command::*;
use msnp::frame::Origin;
use msnp::{AddNotice, Dialect, ErrorCode, List, Phase, Privacy, Server, State};

const PROFILE: &str = "MIME-Version: 1.0\r\n\
    Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
    LoginTime: 1013928520\r\n\
    \r\n";
#[test]
fn digests() {
    let vectors = [
        ("1013928519.693957190", "secret", "0dc38e0c96e5ef37eb9451a0b2d5aaf9"),
        ("1013928519.693957190", "wrong", "4defbce7c47cdefde3f65eef6eee786e"),
        ("1", "a", "efaa153b0f682ae5170a3184fa0df28c"),
        ("1013928519.1", "pass word", "55744dd7b68a1653367085b5bc76717b"),
    ];
    for (challenge, password, digest) in vectors {
        let challenge = Challenge::parse(challenge.as_bytes()).unwrap();
        assert_eq!(Digest::of(&challenge, password.as_bytes()).text(), digest);
    }
}

#[test]
fn login_at_the_dispatch_server() {
    check::requests(
        DS,
        Phase::Fresh,
        &[
            (ver(1, &["MSNP2", "CVR0"]).into(), "VER 1 MSNP2 CVR0\r\n"),
            (Inf { trid: t(2) }.into(), "INF 2\r\n"),
            (
                Usr::Initial { trid: t(3), handle: handle("alice") }.into(),
                "USR 3 MD5 I alice@example.com\r\n",
            ),
        ],
    );
    let referral =
        XfrReply::Notification { trid: t(3), endpoint: endpoint("192.0.2.1:1863"), sender: None };
    check::events(
        DS,
        &[
            (ver(1, &["MSNP2", "CVR0"]).reply(VerReplyForm::List).into(), "VER 1 MSNP2 CVR0\r\n"),
            (InfReply { trid: t(2) }.into(), "INF 2 MD5\r\n"),
            (referral.clone().into(), "XFR 3 NS 192.0.2.1:1863 0\r\n"),
        ],
    );
    // The servers of 1999 sent no 0 at the end. The line is legal without it.
    let frames = check::frames(b"XFR 3 NS 192.0.2.1:1863\r\n", Origin::Server, DS);
    let at = DecodeContext { server: DS, dialect: Dialect::Msnp2 };
    assert_eq!(Event::decode(&frames[0], at), Ok(referral.into()));
}

#[test]
fn login_at_the_notification_server() {
    let digest = Digest::of(&challenge(), b"secret");
    check::requests(
        NS,
        Phase::Fresh,
        &[
            (ver(4, &["MSNP2", "CVR0"]).into(), "VER 4 MSNP2 CVR0\r\n"),
            (Inf { trid: t(5) }.into(), "INF 5\r\n"),
            (
                Usr::Initial { trid: t(6), handle: handle("alice") }.into(),
                "USR 6 MD5 I alice@example.com\r\n",
            ),
            (
                Usr::Response { trid: t(7), digest }.into(),
                "USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9\r\n",
            ),
        ],
    );
    check::events(
        NS,
        &[
            (ver(4, &["MSNP2", "CVR0"]).reply(VerReplyForm::List).into(), "VER 4 MSNP2 CVR0\r\n"),
            (InfReply { trid: t(5) }.into(), "INF 5 MD5\r\n"),
            (
                UsrReply::Challenge { trid: t(6), challenge: challenge() }.into(),
                "USR 6 MD5 S 1013928519.693957190\r\n",
            ),
            (
                UsrReply::Ok {
                    trid: t(7),
                    handle: handle("alice"),
                    name: name("Alice"),
                    verified: None,
                }
                .into(),
                "USR 7 OK alice@example.com Alice\r\n",
            ),
        ],
    );
}

#[test]
fn synchronisation_and_first_state() {
    let client = client("0x0409 win 4.10 i386 MSMSGS 1.0.0863");
    let (chg, changed) = chg(9, State::Online);
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (Syn { trid: t(8), version: 0 }.into(), "SYN 8 0\r\n"),
            (Syn { trid: t(8), version: 66_000_021 }.into(), "SYN 8 66000021\r\n"),
            (chg.into(), "CHG 9 NLN\r\n"),
            (
                Cvr { trid: t(10), client: client.clone() }.into(),
                "CVR 10 0x0409 win 4.10 i386 MSMSGS 1.0.0863\r\n",
            ),
            (Png.into(), "PNG\r\n"),
        ],
    );
    let ser = version(66_000_021);
    let recommendation = Recommendation::no_upgrade(&client, &word("http://example.com/")).unwrap();
    let bob = "Bob B.";
    let block = ListLine { trid: t(8), list: List::Block, version: ser, entry: None };
    let profile = Message { sender: Sender::Server, payload: PROFILE.as_bytes() };
    check::events(
        NS,
        &[
            (SynReply { trid: t(8), version: ser }.into(), "SYN 8 66000021\r\n"),
            (
                GtcReply { trid: t(8), version: ser, add_notice: AddNotice::Ask }.into(),
                "GTC 8 66000021 A\r\n",
            ),
            (
                BlpReply { trid: t(8), version: ser, privacy: Privacy::AllowOthers }.into(),
                "BLP 8 66000021 AL\r\n",
            ),
            (
                entry(8, List::Forward, (1, 1), "bob", bob).into(),
                "LST 8 FL 66000021 1 1 bob@example.com Bob%20B.\r\n",
            ),
            (
                entry(8, List::Allow, (1, 1), "bob", bob).into(),
                "LST 8 AL 66000021 1 1 bob@example.com Bob%20B.\r\n",
            ),
            (block.into(), "LST 8 BL 66000021 0 0\r\n"),
            (
                entry(8, List::Reverse, (1, 2), "bob", bob).into(),
                "LST 8 RL 66000021 1 2 bob@example.com Bob%20B.\r\n",
            ),
            (
                entry(8, List::Reverse, (2, 2), "dave", "Dave").into(),
                "LST 8 RL 66000021 2 2 dave@example.com Dave\r\n",
            ),
            (profile.into(), &format!("MSG Hotmail Hotmail 95\r\n{PROFILE}")),
            (changed.into(), "CHG 9 NLN\r\n"),
            (iln(9, State::Away, "bob", bob).into(), "ILN 9 AWY bob@example.com Bob%20B.\r\n"),
            (
                CvrReply { trid: t(10), recommendation }.into(),
                "CVR 10 1.0.0863 1.0.0863 1.0.0000 http://example.com/ http://example.com/\r\n",
            ),
            (Qng.into(), "QNG\r\n"),
        ],
    );
    check::events(
        NS,
        &[(nln(State::Online, "alice", "Alice").into(), "NLN NLN alice@example.com Alice\r\n")],
    );
}

#[test]
fn gaim_of_2000_with_bare_lf_and_one_transaction_id() {
    let one = t(976_912_345);
    let digest = Digest::of(&challenge(), b"secret");
    let (chg, _) = chg(976_912_345, State::Online);
    let session: [(&str, Server, Phase, Request<'_>); 7] = [
        ("VER 976912345 MSNP2\n", DS, Phase::Fresh, ver(976_912_345, &["MSNP2"]).into()),
        ("INF 976912345\n", DS, Phase::Versioned, Inf { trid: one }.into()),
        (
            "USR 976912345 MD5 I alice@example.com\n",
            DS,
            Phase::Versioned,
            Usr::Initial { trid: one, handle: handle("alice") }.into(),
        ),
        (
            "USR 976912345 MD5 I alice@example.com\n",
            NS,
            Phase::Fresh,
            Usr::Initial { trid: one, handle: handle("alice") }.into(),
        ),
        (
            "USR 976912345 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9\n",
            NS,
            Phase::Fresh,
            Usr::Response { trid: one, digest }.into(),
        ),
        ("SYN 976912345 0\n", NS, Phase::SignedIn, Syn { trid: one, version: 0 }.into()),
        ("CHG 976912345 NLN\n", NS, Phase::SignedIn, chg.into()),
    ];
    for (line, server, phase, expected) in session {
        let frames = check::frames(line.as_bytes(), Origin::Client, server);
        let at = DecodeContext { server, dialect: Dialect::Msnp2 };
        assert_eq!(Request::decode(&frames[0], phase, at), Ok(expected), "{line}");
    }
    // The client compares the reply with its own line.
    let reply = ver(976_912_345, &["MSNP2"]).reply(VerReplyForm::List);
    check::events(DS, &[(reply.into(), "VER 976912345 MSNP2\r\n")]);
}

#[test]
fn a_refused_login() {
    let digest = Digest::of(&challenge(), b"wrong");
    check::requests(
        NS,
        Phase::Versioned,
        &[(
            Usr::Response { trid: t(7), digest }.into(),
            "USR 7 MD5 S 4defbce7c47cdefde3f65eef6eee786e\r\n",
        )],
    );
    check::events(NS, &[(error(ErrorCode::AuthenticationFailed, 7), "911 7\r\n")]);
    // An account that does not exist gets a challenge too.
    let challenge = Challenge::parse(b"1013928519.104020774").unwrap();
    let asked = UsrReply::Challenge { trid: t(6), challenge };
    check::events(NS, &[(asked.into(), "USR 6 MD5 S 1013928519.104020774\r\n")]);
}

#[test]
fn no_dialect_in_common() {
    let later = ver(1, &["MSNP8", "MSNP9"]);
    check::requests(DS, Phase::Fresh, &[(later.clone().into(), "VER 1 MSNP8 MSNP9\r\n")]);
    check::events(DS, &[(later.reply(VerReplyForm::List).into(), "VER 1 0\r\n")]);
    // Only the first unknown word is kept, so this line cannot be written.
    let frames = check::frames(b"VER 1 FOO BAR\r\n", Origin::Client, DS);
    let at = DecodeContext { server: DS, dialect: Dialect::Msnp2 };
    let unknown = ver(1, &["FOO", "BAR"]);
    assert_eq!(Request::decode(&frames[0], Phase::Fresh, at), Ok(unknown.clone().into()));
    check::events(DS, &[(unknown.reply(VerReplyForm::List).into(), "VER 1 0\r\n")]);

    let query = ver(1, &["MSNP8", "CVR0"]);
    check::requests(DS, Phase::Fresh, &[(query.clone().into(), "VER 1 MSNP8 CVR0\r\n")]);
    let client = client("0x0409 win 4.10 i386 MSNMSGR 5.0.0537 MSMSGS alice@example.com");
    check::requests(
        DS,
        Phase::QueryOnly,
        &[(
            Cvq { trid: t(2), client }.into(),
            "CVQ 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0537 MSMSGS alice@example.com\r\n",
        )],
    );
    check::events(
        DS,
        &[
            (query.reply(VerReplyForm::List).into(), "VER 1 CVR0\r\n"),
            (
                CvqReply { trid: t(2), recommendation: recommendation("5.0.0537") }.into(),
                "CVQ 2 5.0.0537 5.0.0537 1.0.0000 http://example.com/ http://example.com/\r\n",
            ),
        ],
    );
}
