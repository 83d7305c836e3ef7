//! Conversations on a switchboard.

use crate::make::*;
use crate::{NS, SB, check};
use msnp::command::*;
use msnp::gate::Refusal;
use msnp::{ErrorCode, Phase};

const TYPING: &str = "MIME-Version: 1.0\r\n\
    Content-Type: text/x-msmsgscontrol\r\n\
    TypingUser: alice@example.com\r\n\
    \r\n\
    \r\n";
const HELLO: &str = "MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=UTF-8\r\n\
    X-MMS-IM-Format: FN=MS%20Sans%20Serif; EF=; CO=0; CS=0; PF=0\r\n\
    \r\n\
    Hello Bob";
const HI_BOTH: &str = "MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=UTF-8\r\n\
    \r\n\
    hi both";

const ALICES_COOKIE: &str = "849102291.520491113.184736205";
const BOBS_COOKIE: &str = "302716649.917253861.550182934";
const CAROLS_COOKIE: &str = "650027113.772910446.038164927";

#[test]
fn referrals_and_invitations_to_a_switchboard() {
    check::requests(
        NS,
        Phase::SignedIn,
        &[(Xfr { trid: t(30), to: Transfer::Switchboard }.into(), "XFR 30 SB\r\n")],
    );
    let referral = XfrReply::Switchboard {
        trid: t(30),
        endpoint: endpoint("192.0.2.1:1864"),
        cookie: cookie(ALICES_COOKIE),
    };
    check::events(
        NS,
        &[
            (referral.into(), "XFR 30 SB 192.0.2.1:1864 CKI 849102291.520491113.184736205\r\n"),
            (
                rng(BOBS_COOKIE).into(),
                "RNG 11752013 192.0.2.1:1864 CKI 302716649.917253861.550182934 \
                 alice@example.com Alice\r\n",
            ),
            (
                rng(CAROLS_COOKIE).into(),
                "RNG 11752013 192.0.2.1:1864 CKI 650027113.772910446.038164927 \
                 alice@example.com Alice\r\n",
            ),
        ],
    );
}

#[test]
fn a_conversation_of_three() {
    use Acknowledgement::{All, Negative, None};
    let (alice, bob, carol) = (handle("alice"), handle("bob"), handle("carol"));
    check::requests(
        SB,
        Phase::Fresh,
        &[
            (
                Usr::Switchboard { trid: t(1), handle: alice, cookie: cookie(ALICES_COOKIE) }
                    .into(),
                "USR 1 alice@example.com 849102291.520491113.184736205\r\n",
            ),
            (
                Ans { trid: t(1), handle: bob, cookie: cookie(BOBS_COOKIE), session: session() }
                    .into(),
                "ANS 1 bob@example.com 302716649.917253861.550182934 11752013\r\n",
            ),
            (
                Ans {
                    trid: t(1),
                    handle: carol,
                    cookie: cookie(CAROLS_COOKIE),
                    session: session(),
                }
                .into(),
                "ANS 1 carol@example.com 650027113.772910446.038164927 11752013\r\n",
            ),
        ],
    );
    check::requests(
        SB,
        Phase::SignedIn,
        &[
            (cal(2, "bob").into(), "CAL 2 bob@example.com\r\n"),
            (msg(3, None, TYPING).into(), &format!("MSG 3 U 90\r\n{TYPING}")),
            (msg(4, Negative, HELLO).into(), &format!("MSG 4 N 133\r\n{HELLO}")),
            (cal(5, "carol").into(), "CAL 5 carol@example.com\r\n"),
            (msg(2, All, HI_BOTH).into(), &format!("MSG 2 A 69\r\n{HI_BOTH}")),
            (Out.into(), "OUT\r\n"),
        ],
    );
    let joined = |who, called: &str| Joi { handle: handle(who), name: name(called) };
    let left = |who| Bye { handle: handle(who), idle: false };
    let ringing = |number| CalReply { trid: t(number), session: session() };
    check::events(
        SB,
        &[
            (
                UsrReply::Ok {
                    trid: t(1),
                    handle: handle("alice"),
                    name: name("Alice"),
                    verified: Option::None,
                }
                .into(),
                "USR 1 OK alice@example.com Alice\r\n",
            ),
            (ringing(2).into(), "CAL 2 RINGING 11752013\r\n"),
            (iro((1, 1), "alice", "Alice").into(), "IRO 1 1 1 alice@example.com Alice\r\n"),
            (AnsReply { trid: t(1) }.into(), "ANS 1 OK\r\n"),
            (joined("bob", "Bob B.").into(), "JOI bob@example.com Bob%20B.\r\n"),
            (
                message("alice", "Alice", TYPING).into(),
                &format!("MSG alice@example.com Alice 90\r\n{TYPING}"),
            ),
            (
                message("alice", "Alice", HELLO).into(),
                &format!("MSG alice@example.com Alice 133\r\n{HELLO}"),
            ),
            (ringing(5).into(), "CAL 5 RINGING 11752013\r\n"),
            (iro((1, 2), "alice", "Alice").into(), "IRO 1 1 2 alice@example.com Alice\r\n"),
            (iro((2, 2), "bob", "Bob B.").into(), "IRO 1 2 2 bob@example.com Bob%20B.\r\n"),
            (joined("carol", "Carol").into(), "JOI carol@example.com Carol\r\n"),
            (Ack { trid: t(2) }.into(), "ACK 2\r\n"),
            (
                message("carol", "Carol", HI_BOTH).into(),
                &format!("MSG carol@example.com Carol 69\r\n{HI_BOTH}"),
            ),
            (left("bob").into(), "BYE bob@example.com\r\n"),
            (left("carol").into(), "BYE carol@example.com\r\n"),
            (ringing(6).into(), "CAL 6 RINGING 11752013\r\n"),
        ],
    );
}

#[test]
fn errors_of_a_switchboard() {
    let lonely = "lonely :(";
    check::requests(
        SB,
        Phase::SignedIn,
        &[
            (cal(8, "alice").into(), "CAL 8 alice@example.com\r\n"),
            (cal(9, "ghost").into(), "CAL 9 ghost@example.com\r\n"),
            (msg(10, Acknowledgement::Negative, lonely).into(), &format!("MSG 10 N 9\r\n{lonely}")),
        ],
    );
    check::requests(
        SB,
        Phase::Fresh,
        &[(
            Usr::Switchboard { trid: t(1), handle: handle("alice"), cookie: cookie("1.2") }.into(),
            "USR 1 alice@example.com 1.2\r\n",
        )],
    );
    check::events(
        SB,
        &[
            (error(ErrorCode::InvalidUserName, 7), "208 7\r\n"),
            (error(ErrorCode::AlreadyThere, 8), "215 8\r\n"),
            (error(ErrorCode::NotOnline, 9), "217 9\r\n"),
            (Nak { trid: t(10) }.into(), "NAK 10\r\n"),
            (error(ErrorCode::AuthenticationFailed, 1), "911 1\r\n"),
        ],
    );
    let refused = check::refusal(SB, Phase::SignedIn, "CAL 7 @@a\r\n");
    assert_eq!(refused, Refusal::Reply(ErrorCode::InvalidUserName));
    assert_eq!(check::refusal(SB, Phase::SignedIn, "MSG 11 x 2\r\nhi"), Refusal::Close);
    let surplus = "CAL 7 bob@example.com Bob\r\n";
    assert_eq!(check::refusal(SB, Phase::SignedIn, surplus), Refusal::Close);
    let surplus = "USR 1 alice@example.com 1.2 11752013\r\n";
    assert_eq!(check::refusal(SB, Phase::Fresh, surplus), Refusal::Close);
}
