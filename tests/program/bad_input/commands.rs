//! Unknown commands, and commands of another server or another state.

use crate::bad_input::fixture::{At, Fixture};

const EVERYWHERE: [At; 9] = [
    At::Dispatch,
    At::DispatchVersioned,
    At::Fresh,
    At::QueryOnly,
    At::Versioned,
    At::Challenged,
    At::SignedIn,
    At::Stranger,
    At::Joined,
];

#[test]
fn unknown_command_in_each_state() {
    let mut fixture = Fixture::start();
    for at in EVERYWHERE {
        match at {
            At::SignedIn => fixture.stays(at, "QQQ 6 1 2", "200 6", "sent QQQ: unknown command"),
            _ => fixture.closes(at, "QQQ 6 1 2", "", "sent QQQ: unknown command"),
        }
        // A word that is not a command name may be a secret, so it is not logged.
        for said in ["chg 6 NLN", "QQQQ 6", "Q 6", "HEAD / HTTP/1.1", "\u{16}\u{3}\u{1}"] {
            let trid = said.split(' ').nth(1).filter(|word| *word == "6");
            match at {
                At::SignedIn => {
                    let heard = trid.map_or("", |_| "200 6");
                    fixture.stays(at, said, heard, "sent something that is not a command");
                }
                _ => fixture.closes(at, said, "", "sent something that is not a command"),
            }
        }
    }
    fixture.finish();
}

#[test]
fn unknown_command_while_an_answer_is_awaited() {
    let mut fixture = Fixture::start();
    let warning = "sent QQQ: unknown command";
    // The first request waits for the store; the ones after it wait for the first.
    let said = b"REM 5 BL bob@example.com\r\nQQQ 6\r\nREM 7 AL bob@example.com\r\n";
    fixture.stays_on(At::SignedIn, said, "216 5\n200 6\n216 7", warning);
    // `CAL` waits for the registry.
    let said = b"CAL 5 bob@example.com\r\nQQQ 6\r\n";
    fixture.closes_on(At::Joined, said, "217 5", warning);
    // The session asks the registry before it sends a challenge.
    let mut ns = fixture.at(At::Fresh);
    ns.send(b"USR 5 MD5 I alice@example.com\r\nQQQ 6\r\n").expect("writing to msnpd");
    ns.expect_words("USR 5 MD5 S ");
    ns.read_end().expect("the end");
    fixture.warns(At::Fresh, warning);
    fixture.finish();
}

/// Every command of a client in a valid form. Those that MSNP2 lacks are out of place in every state here.
const COMMANDS: [&str; 33] = [
    "VER 6 MSNP2",
    "CVR 6 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS",
    "CVQ 6 0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS",
    "INF 6",
    "USR 6 MD5 I alice@example.com",
    "XFR 6 SB",
    "SYN 6 0",
    "LST 6 FL",
    "GTC 6 A",
    "BLP 6 AL",
    "ADD 6 FL bob@example.com Bob",
    "REM 6 FL bob@example.com",
    "CHG 6 NLN",
    "REA 6 alice@example.com Ally",
    "URL 6 INBOX",
    "SND 6 dave@example.com",
    "FND 6 fname=Dave lname=Smith",
    "PNG",
    "IMS 6 ON",
    "PRP 6 PHH 555",
    "SDC 6 dave@example.com 0x0409 MSMSGS MSMSGS X X Alice 0",
    "PAG 6 dave@example.com 0",
    "CHL 6",
    "QRY 6 msmsgs@msnmsgr.com 0",
    "LSG 6",
    "ADG 6 Friends 0",
    "REG 6 0 Friends 0",
    "RMG 6 1",
    "OUT",
    "ANS 6 alice@example.com 849102291.520491932.1 11752013",
    "CAL 6 bob@example.com",
    "MSG 6 N 2\r\n..",
    "BYE alice@example.com",
];

const CLOSES: bool = true;
const STAYS: bool = false;
const OTHER_SERVER: &str = "command of another server";
const OTHER_DIALECT: &str = "command of another dialect";
const NOT_NOW: &str = "command not expected now";

/// A command out of place, the answer, whether the connection closes, and the log line.
type Row = (&'static str, &'static str, bool, &'static str);

/// For each state: the commands in place there, and those out of place.
const OUT_OF_PLACE: [(At, &str, &[Row]); 9] = [
    (At::Dispatch, "VER CVR INF USR OUT", ON_DISPATCH),
    (At::DispatchVersioned, "CVR INF USR OUT", &[VER_AGAIN, ON_DISPATCH[0], ON_DISPATCH[1]]),
    (At::Fresh, "VER CVR INF USR OUT", BEFORE_SIGN_IN),
    (
        At::QueryOnly,
        "CVR CVQ OUT",
        &[
            (
                "VER INF USR XFR SYN LST GTC BLP ADD REM CHG REA URL SND FND PNG",
                "",
                CLOSES,
                NOT_NOW,
            ),
            OF_LATER_DIALECTS,
            ("ANS CAL MSG BYE", "", CLOSES, OTHER_SERVER),
        ],
    ),
    (At::Versioned, "CVR INF USR OUT", AFTER_VER),
    (At::Challenged, "CVR INF USR OUT", AFTER_VER),
    (
        At::SignedIn,
        "CVR XFR SYN LST GTC BLP ADD REM CHG REA URL SND FND PNG OUT",
        &[
            ("VER CVQ", "715 6", CLOSES, NOT_NOW),
            ("INF", "715 6", STAYS, NOT_NOW),
            ("USR", "207 6", STAYS, NOT_NOW),
            ("IMS PRP SDC PAG CHL QRY LSG ADG REG RMG", "200 6", STAYS, OTHER_DIALECT),
            ("ANS CAL MSG BYE", "", CLOSES, OTHER_SERVER),
        ],
    ),
    (At::Stranger, "USR ANS OUT", &[("CAL MSG BYE", "", CLOSES, NOT_NOW), OF_LOGIN_SERVERS]),
    (At::Joined, "CAL MSG BYE OUT", &[("USR ANS", "", CLOSES, NOT_NOW), OF_LOGIN_SERVERS]),
];

const ON_DISPATCH: &[Row] = &[
    ("CVQ", "715 6", CLOSES, NOT_NOW),
    (
        "XFR SYN LST GTC BLP ADD REM CHG REA URL SND FND PNG IMS PRP SDC PAG CHL QRY LSG ADG REG \
         RMG ANS CAL MSG BYE",
        "",
        CLOSES,
        OTHER_SERVER,
    ),
];

const OF_LATER_DIALECTS: Row =
    ("IMS PRP SDC PAG CHL QRY LSG ADG REG RMG", "", CLOSES, OTHER_DIALECT);

const VER_AGAIN: Row = ("VER", "715 6", CLOSES, NOT_NOW);

const BEFORE_SIGN_IN: &[Row] = &[
    ("CVQ", "715 6", CLOSES, NOT_NOW),
    ("XFR SYN LST GTC BLP ADD REM CHG REA URL SND FND", "302 6", CLOSES, NOT_NOW),
    ("PNG", "", CLOSES, NOT_NOW),
    OF_LATER_DIALECTS,
    ("ANS CAL MSG BYE", "", CLOSES, OTHER_SERVER),
];

const AFTER_VER: &[Row] = &[
    VER_AGAIN,
    BEFORE_SIGN_IN[0],
    BEFORE_SIGN_IN[1],
    BEFORE_SIGN_IN[2],
    BEFORE_SIGN_IN[3],
    BEFORE_SIGN_IN[4],
];

const OF_LOGIN_SERVERS: Row = (
    "VER CVR CVQ INF XFR SYN LST GTC BLP ADD REM CHG REA URL SND FND PNG IMS PRP SDC PAG CHL QRY \
     LSG ADG REG RMG",
    "",
    CLOSES,
    OTHER_SERVER,
);

#[test]
fn commands_of_the_wrong_server_or_state() {
    let mut fixture = Fixture::start();
    let name = |line: &'static str| line.split(' ').next().unwrap_or(line);
    for (at, in_place, rows) in OUT_OF_PLACE {
        let mut named: Vec<&str> = in_place.split(' ').collect();
        for (names, heard, closes, why) in rows {
            for one in names.split(' ') {
                let said = COMMANDS.into_iter().find(|line| name(line) == one);
                let said = said.unwrap_or_else(|| panic!("no {one}"));
                let logged = format!("sent {one}: {why}");
                match *closes {
                    CLOSES => fixture.closes(at, said, heard, &logged),
                    STAYS => fixture.stays(at, said, heard, &logged),
                }
                named.push(one);
            }
        }
        named.sort_unstable();
        let mut all = COMMANDS.map(name);
        all.sort_unstable();
        assert_eq!(named, all, "{at:?}: each command is in its place or is not");
    }
    fixture.finish();
}
