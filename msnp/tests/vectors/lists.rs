//! Lists, settings, presence and the end of a session.

use crate::make::*;
use crate::{NS, SB, check};
use msnp::command::*;
use msnp::frame::Origin;
use msnp::gate::Refusal;
use msnp::{AddNotice, Country, Dialect, ErrorCode, List, MemberProfile, Phase, Privacy, State};

#[test]
fn adding_a_contact() {
    use List::{Allow, Block, Forward, Reverse};
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (
                add(11, Forward, "carol", "carol@example.com").into(),
                "ADD 11 FL carol@example.com carol@example.com\r\n",
            ),
            (add(12, Allow, "carol", "Carol").into(), "ADD 12 AL carol@example.com Carol\r\n"),
            (add(20, Allow, "alice", "Alice").into(), "ADD 20 AL alice@example.com Alice\r\n"),
            (add(21, Forward, "alice", "Alice").into(), "ADD 21 FL alice@example.com Alice\r\n"),
            (add(13, Forward, "ghost", "ghost").into(), "ADD 13 FL ghost@example.com ghost\r\n"),
            (add(15, Block, "carol", "Carol").into(), "ADD 15 BL carol@example.com Carol\r\n"),
            (rem(16, Forward, "nobody").into(), "REM 16 FL nobody@example.com\r\n"),
            (rem(17, Forward, "carol").into(), "REM 17 FL carol@example.com\r\n"),
        ],
    );
    check::events(
        NS,
        &[
            (
                added(11, Forward, 66_000_022, "carol", "carol@example.com").into(),
                "ADD 11 FL 66000022 carol@example.com carol@example.com\r\n",
            ),
            (
                iln(11, State::Online, "carol", "Carol").into(),
                "ILN 11 NLN carol@example.com Carol\r\n",
            ),
            (
                added(12, Allow, 66_000_023, "carol", "Carol").into(),
                "ADD 12 AL 66000023 carol@example.com Carol\r\n",
            ),
            (
                added(0, Reverse, 66_010_008, "alice", "Alice").into(),
                "ADD 0 RL 66010008 alice@example.com Alice\r\n",
            ),
            (
                added(20, Allow, 66_010_009, "alice", "Alice").into(),
                "ADD 20 AL 66010009 alice@example.com Alice\r\n",
            ),
            (
                added(21, Forward, 66_010_010, "alice", "Alice").into(),
                "ADD 21 FL 66010010 alice@example.com Alice\r\n",
            ),
            (
                iln(21, State::Online, "alice", "Alice").into(),
                "ILN 21 NLN alice@example.com Alice\r\n",
            ),
            (
                added(0, Reverse, 66_000_024, "carol", "Carol").into(),
                "ADD 0 RL 66000024 carol@example.com Carol\r\n",
            ),
            (error(ErrorCode::InvalidUser, 13), "205 13\r\n"),
            (error(ErrorCode::AlreadyThere, 14), "215 14\r\n"),
            (error(ErrorCode::OppositeList, 15), "219 15\r\n"),
            (error(ErrorCode::NotOnList, 16), "216 16\r\n"),
            (
                removed(17, Forward, 66_000_025, "carol").into(),
                "REM 17 FL 66000025 carol@example.com\r\n",
            ),
            (
                removed(0, Reverse, 66_010_011, "alice").into(),
                "REM 0 RL 66010011 alice@example.com\r\n",
            ),
        ],
    );
}

#[test]
fn blocking() {
    use List::{Allow, Block};
    let only_allowed = |number| Blp { trid: t(number), privacy: Privacy::BlockOthers };
    let bob = "Bob B.";
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (rem(40, Allow, "bob").into(), "REM 40 AL bob@example.com\r\n"),
            (add(41, Block, "bob", bob).into(), "ADD 41 BL bob@example.com Bob%20B.\r\n"),
            (rem(42, Block, "bob").into(), "REM 42 BL bob@example.com\r\n"),
            (add(43, Allow, "bob", bob).into(), "ADD 43 AL bob@example.com Bob%20B.\r\n"),
            (only_allowed(44).into(), "BLP 44 BL\r\n"),
            (only_allowed(45).into(), "BLP 45 BL\r\n"),
        ],
    );
    let set = BlpReply { trid: t(44), version: version(66_000_034), privacy: Privacy::BlockOthers };
    check::events(
        NS,
        &[
            (
                removed(40, Allow, 66_000_030, "bob").into(),
                "REM 40 AL 66000030 bob@example.com\r\n",
            ),
            (
                added(41, Block, 66_000_031, "bob", bob).into(),
                "ADD 41 BL 66000031 bob@example.com Bob%20B.\r\n",
            ),
            (fln("alice").into(), "FLN alice@example.com\r\n"),
            (
                removed(42, Block, 66_000_032, "bob").into(),
                "REM 42 BL 66000032 bob@example.com\r\n",
            ),
            (
                added(43, Allow, 66_000_033, "bob", bob).into(),
                "ADD 43 AL 66000033 bob@example.com Bob%20B.\r\n",
            ),
            (set.into(), "BLP 44 66000034 BL\r\n"),
            (error(ErrorCode::AlreadyInMode, 45), "218 45\r\n"),
        ],
    );
    check::events(SB, &[(error(ErrorCode::NotOnline, 2), "217 2\r\n")]);
}

#[test]
fn presence() {
    let (busy, made_busy) = chg(18, State::Busy);
    let (hide, hidden) = chg(19, State::Hidden);
    let in_wonderland =
        Rea { trid: t(22), handle: handle("alice"), name: name("Alice in W.").into() };
    let renamed = ReaReply {
        trid: t(22),
        version: version(66_000_026),
        handle: handle("alice"),
        name: name("Alice in W."),
    };
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (busy.into(), "CHG 18 BSY\r\n"),
            (hide.into(), "CHG 19 HDN\r\n"),
            (Xfr { trid: t(20), to: Transfer::Switchboard }.into(), "XFR 20 SB\r\n"),
            (in_wonderland.into(), "REA 22 alice@example.com Alice%20in%20W.\r\n"),
            (Out.into(), "OUT\r\n"),
        ],
    );
    check::events(
        NS,
        &[
            (made_busy.into(), "CHG 18 BSY\r\n"),
            (nln(State::Busy, "alice", "Alice").into(), "NLN BSY alice@example.com Alice\r\n"),
            (hidden.into(), "CHG 19 HDN\r\n"),
            (fln("alice").into(), "FLN alice@example.com\r\n"),
            (nln(State::Online, "bob", "Bob B.").into(), "NLN NLN bob@example.com Bob%20B.\r\n"),
            (error(ErrorCode::NotAllowedOffline, 20), "913 20\r\n"),
            (renamed.into(), "REA 22 66000026 alice@example.com Alice%20in%20W.\r\n"),
            (
                nln(State::Online, "alice", "Alice in W.").into(),
                "NLN NLN alice@example.com Alice%20in%20W.\r\n",
            ),
        ],
    );
}

#[test]
fn settings_directory_and_web_services() {
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (Lst { trid: t(50), list: List::Reverse }.into(), "LST 50 RL\r\n"),
            (Gtc { trid: t(51), add_notice: AddNotice::Silent }.into(), "GTC 51 N\r\n"),
            (
                Url { trid: t(52), service: word("INBOX"), argument: None }.into(),
                "URL 52 INBOX\r\n",
            ),
            (
                Url {
                    trid: t(53),
                    service: word("COMPOSE"),
                    argument: Some(word("bob@example.com")),
                }
                .into(),
                "URL 53 COMPOSE bob@example.com\r\n",
            ),
            (
                Snd { trid: t(54), target: word("carol@example.com") }.into(),
                "SND 54 carol@example.com\r\n",
            ),
        ],
    );
    let silent =
        GtcReply { trid: t(51), version: version(66_000_027), add_notice: AddNotice::Silent };
    let site = UrlReply { trid: t(52), path: word("/"), site: word("http://example.com/") };
    check::events(
        NS,
        &[
            (silent.into(), "GTC 51 66000027 N\r\n"),
            (site.into(), "URL 52 / http://example.com/\r\n"),
            (SndReply { trid: t(54) }.into(), "SND 54 OK\r\n"),
        ],
    );
}

#[test]
fn a_search_of_the_member_directory() {
    let named = || Search::named(text("Zoë"), text("van M."));
    let fnd = |search| Fnd { trid: t(55), search };
    let (york, state) = (Some(text("New York")), Some(text("NY")));
    check::requests(
        NS,
        Phase::SignedIn,
        &[
            (fnd(named()).into(), "FND 55 fname=Zoë lname=van%20M. city=* state=* country=*\r\n"),
            (
                fnd(named().in_country(Country::parse(b"DE").unwrap())).into(),
                "FND 55 fname=Zoë lname=van%20M. city=* state=* country=DE\r\n",
            ),
            (
                fnd(named().in_united_states(york.clone(), state.clone())).into(),
                "FND 55 fname=Zoë lname=van%20M. city=New%20York state=NY country=US\r\n",
            ),
        ],
    );
    let (first, last, country) = (text("Zoë"), text("van M."), Some(Country::UNITED_STATES));
    let nowhere = MemberProfile { first, last, city: None, state: None, country: None };
    let somewhere = MemberProfile { city: york, state, country, ..nowhere.clone() };
    let hit =
        |index, profile| FndReply { trid: t(55), hit: Some(Hit { index, count: 2, profile }) };
    check::events(
        NS,
        &[
            (
                hit(1, somewhere).into(),
                "FND 55 1 2 fname=Zoë lname=van%20M. city=New%20York state=NY country=US\r\n",
            ),
            (
                hit(2, nowhere).into(),
                "FND 55 2 2 fname=Zoë lname=van%20M. city= state= country=\r\n",
            ),
            (FndReply { trid: t(55), hit: None }.into(), "FND 55 0 0\r\n"),
        ],
    );
}

/// Decodes the words of a search.
fn decode_search(words: &str) -> Result<Search, Refusal> {
    let line = format!("FND 55 {words}\r\n");
    let frames = check::frames(line.as_bytes(), Origin::Client, NS);
    let at = DecodeContext { server: NS, dialect: Dialect::Msnp2 };
    match Request::decode(&frames[0], Phase::SignedIn, at) {
        Ok(Request::Fnd(fnd)) => Ok(fnd.search),
        Ok(other) => panic!("{other:?}"),
        Err(rejection) => Err(rejection.refusal),
    }
}

#[test]
fn words_of_a_search_may_be_in_any_order_and_unknown_ones_are_ignored() {
    let named = || Search::named(text("Bob"), text("Smith"));
    for words in [
        "fname=Bob lname=Smith city=* state=* country=*",
        "lname=Smith fname=Bob",
        "country= city= state= age=17 lname=Smith x fname=Bob =",
        "fname=Rob lname=Smith fname=Bob",
    ] {
        assert_eq!(decode_search(words), Ok(named()), "{words}");
    }
    let paris = Some(text("Paris"));
    for (words, search) in [
        ("country=us fname=Bob lname=Smith", named().in_country(Country::UNITED_STATES)),
        ("city=Paris fname=Bob lname=Smith country=US", named().in_united_states(paris, None)),
        ("fname=a=b lname=%2b", Search::named(text("a=b"), text("+"))),
    ] {
        assert_eq!(decode_search(words), Ok(search), "{words}");
    }
}

#[test]
fn a_search_without_both_names_or_with_a_city_elsewhere_is_refused() {
    let long = format!("fname={} lname=Smith", "a".repeat(97));
    for words in [
        "",
        "fname=Bob",
        "lname=Smith",
        "fname=* lname=Smith",
        "fname=Bob lname=*",
        "fname=%2a lname=Smith",
        "fname= lname=Smith",
        "FNAME=Bob LNAME=Smith",
        "fname=%zz lname=Smith",
        "fname=a%0d%0ab lname=Smith",
        "fname=Bob lname=Smith city=Paris",
        "fname=Bob lname=Smith city=Paris country=FR",
        "fname=Bob lname=Smith state=NY country=*",
        "fname=Bob lname=Smith country=USA",
        &long,
    ] {
        assert_eq!(
            decode_search(words),
            Err(Refusal::Reply(ErrorCode::InvalidParameter)),
            "{words}"
        );
    }
}

#[test]
fn a_search_finds_whole_texts_ignoring_case() {
    let (first, last, city) = (text("Zoë"), text("van M."), Some(text("New York")));
    let (state, country) = (Some(text("NY")), Some(Country::UNITED_STATES));
    let zoe = MemberProfile { first, last, city, state, country };
    let hidden = MemberProfile { city: None, state: None, country: None, ..zoe.clone() };
    for (words, finds, finds_hidden) in [
        ("fname=zO%C3%8B lname=VAN%20m.", true, true),
        ("fname=Zo lname=van%20M.", false, false),
        ("fname=Zo%C3%AB lname=M.", false, false),
        ("fname=Zo%C3%AB lname=van%20M. country=us", true, false),
        ("fname=Zo%C3%AB lname=van%20M. country=DE", false, false),
        ("fname=Zo%C3%AB lname=van%20M. city=new%20york state=* country=US", true, false),
        ("fname=Zo%C3%AB lname=van%20M. city=York country=US", false, false),
        ("fname=Zo%C3%AB lname=van%20M. state=ny country=US", true, false),
        ("fname=Zo%C3%AB lname=van%20M. state=CA country=US", false, false),
    ] {
        let search = decode_search(words).unwrap();
        assert_eq!(
            (search.matches(&zoe), search.matches(&hidden)),
            (finds, finds_hidden),
            "{words}"
        );
    }
}

#[test]
fn ends_of_sessions() {
    let warning = "MIME-Version: 1.0\r\n\
        Content-Type: application/x-msmsgssystemmessage\r\n\
        \r\n\
        Type: 1\r\n\
        Arg1: 5\r\n";
    let elsewhere = Goodbye { reason: Some(OutReason::Elsewhere) };
    let shutting_down = Goodbye { reason: Some(OutReason::ShuttingDown) };
    check::events(
        NS,
        &[
            (elsewhere.into(), "OUT OTH\r\n"),
            (
                Message { sender: Sender::Server, payload: warning.as_bytes() }.into(),
                &format!("MSG Hotmail Hotmail 88\r\n{warning}"),
            ),
            (shutting_down.into(), "OUT SSD\r\n"),
            (Goodbye { reason: None }.into(), "OUT\r\n"),
        ],
    );
    check::events(
        SB,
        &[
            (Bye { handle: handle("bob"), idle: true }.into(), "BYE bob@example.com 1\r\n"),
            (Goodbye { reason: None }.into(), "OUT\r\n"),
        ],
    );
}
