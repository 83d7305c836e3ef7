//! Helpers to make the values of the sessions.

use msnp::auth::Challenge;
use msnp::command::*;
use msnp::{
    Cookie, Dialect, Endpoint, ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle,
    LaterDialects, List, ListVersion, PhoneKind, PhoneNumber, ProfileText, Property, SessionId,
    State, Token, TrId,
};

pub(crate) fn t(number: u32) -> TrId {
    TrId::new(number)
}
pub(crate) fn handle(local: &str) -> Handle {
    Handle::new(&format!("{local}@example.com")).unwrap()
}
pub(crate) fn name(text: &str) -> FriendlyName {
    FriendlyName::new(text).unwrap()
}
pub(crate) fn version(number: u32) -> ListVersion {
    ListVersion::new(number).unwrap()
}
pub(crate) fn word<const N: usize>(text: &str) -> Token<N> {
    Token::parse(text.as_bytes()).unwrap()
}
pub(crate) fn cookie(text: &str) -> Cookie {
    Cookie::parse(text.as_bytes()).unwrap()
}
pub(crate) fn endpoint(text: &str) -> Endpoint {
    Endpoint::parse(text.as_bytes()).unwrap()
}
pub(crate) fn session() -> SessionId {
    SessionId::new(11_752_013).unwrap()
}
pub(crate) fn challenge() -> Challenge {
    Challenge::parse(b"1013928519.693957190").unwrap()
}
pub(crate) fn error(code: ErrorCode, number: u32) -> Event<'static> {
    Event::Error(ErrorReply { code, trid: t(number) })
}
pub(crate) fn ver(number: u32, words: &[&str]) -> Ver {
    let (offered, later) = (Dialects::new(), LaterDialects::default());
    let mut ver = Ver { trid: t(number), offered, later, unknown: None, cvr0: false };
    for text in words {
        match Dialect::parse(text.as_bytes()) {
            Some(dialect) => ver.offered.push(dialect).unwrap(),
            None if *text == "CVR0" => ver.cvr0 = true,
            None if ver.later.add_word(text.as_bytes()) => {}
            None => ver.unknown = ver.unknown.or_else(|| Some(word(text))),
        }
    }
    ver
}
pub(crate) fn group(number: u8) -> GroupId {
    GroupId::new(number).unwrap()
}
pub(crate) fn group_name(text: &str) -> GroupName {
    GroupName::new(text).unwrap()
}
pub(crate) fn text(text: &str) -> ProfileText {
    ProfileText::new(text).unwrap()
}
pub(crate) fn phone(phone: PhoneKind, number: Option<&str>) -> Property {
    Property::Phone(phone, number.map(|number| PhoneNumber::new(number).unwrap()))
}
pub(crate) fn property(number: u32, ser: u32, property: Property) -> PrpReply {
    PrpReply { trid: t(number), version: version(ser), property }
}
pub(crate) fn of_contact(ser: u32, who: &str, property: Property) -> Bpr {
    Bpr { version: version(ser), handle: handle(who), property }
}
pub(crate) fn client(words: &str) -> ClientVersion {
    ClientVersion { words: words.split(' ').map(word).collect() }
}
pub(crate) fn recommendation(of: &str) -> Recommendation {
    let recommended = word(of);
    Recommendation { recommended, minimum: word("1.0.0000"), site: word("http://example.com/") }
}
pub(crate) fn entry(
    number: u32,
    list: List,
    place: (u32, u32),
    who: &str,
    called: &str,
) -> LstReply {
    let (index, count) = place;
    let entry =
        LstEntry { index, count, handle: handle(who), name: name(called), groups: GroupIds::NONE };
    LstReply { trid: t(number), list, version: version(66_000_021), entry: Some(entry) }
}
pub(crate) fn add(number: u32, list: List, who: &str, called: &str) -> Add {
    Add { trid: t(number), list, handle: handle(who), name: Some(name(called)), group: None }
}
pub(crate) fn added(number: u32, list: List, ser: u32, who: &str, called: &str) -> AddReply {
    let (handle, name) = (handle(who), name(called));
    AddReply { trid: t(number), list, version: version(ser), handle, name, group: None }
}
pub(crate) fn rem(number: u32, list: List, who: &str) -> Rem {
    Rem { trid: t(number), list, handle: handle(who), group: None }
}
pub(crate) fn removed(number: u32, list: List, ser: u32, who: &str) -> RemReply {
    RemReply { trid: t(number), list, version: version(ser), handle: handle(who), group: None }
}
pub(crate) fn chg(number: u32, state: State) -> (Chg, ChgReply) {
    (Chg { trid: t(number), state }, ChgReply { trid: t(number), state })
}
pub(crate) fn iln(number: u32, state: State, who: &str, called: &str) -> Iln {
    Iln { trid: t(number), state, handle: handle(who), name: name(called) }
}
pub(crate) fn nln(state: State, who: &str, called: &str) -> Nln {
    Nln { state, handle: handle(who), name: name(called) }
}
pub(crate) fn fln(who: &str) -> Fln {
    Fln { handle: handle(who) }
}
pub(crate) fn cal(number: u32, who: &str) -> Cal {
    Cal { trid: t(number), handle: handle(who) }
}
pub(crate) fn rng(ticket: &str) -> Rng {
    Rng {
        session: session(),
        endpoint: endpoint("192.0.2.1:1864"),
        cookie: cookie(ticket),
        handle: handle("alice"),
        name: name("Alice"),
    }
}
pub(crate) fn iro(place: (u32, u32), who: &str, called: &str) -> Iro {
    let (index, count) = place;
    Iro { trid: t(1), index, count, handle: handle(who), name: name(called) }
}
pub(crate) fn msg(number: u32, acknowledgement: Acknowledgement, text: &str) -> Msg<'_> {
    let payload = Payload::new(text.as_bytes()).unwrap();
    Msg { trid: t(number), acknowledgement, payload }
}
pub(crate) fn message<'a>(who: &str, called: &str, text: &'a str) -> Message<'a> {
    let sender = Sender::Principal { handle: handle(who), name: name(called) };
    Message { sender, payload: text.as_bytes() }
}
