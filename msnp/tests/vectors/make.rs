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
pub(crate) fn own_property(number: u32, list_version: u32, property: Property) -> PrpReply {
    PrpReply { trid: t(number), version: version(list_version), property }
}
pub(crate) fn contact_property(list_version: u32, who: &str, property: Property) -> Bpr {
    Bpr { version: version(list_version), handle: handle(who), property }
}
pub(crate) fn client(words: &str) -> ClientVersion {
    ClientVersion { words: words.split(' ').map(word).collect() }
}
pub(crate) fn recommendation(recommended: &str) -> Recommendation {
    let recommended = word(recommended);
    Recommendation { recommended, minimum: word("1.0.0000"), site: word("http://example.com/") }
}
pub(crate) fn entry(
    number: u32,
    list: List,
    position: (u32, u32),
    who: &str,
    friendly_name: &str,
) -> ListLine {
    let (index, count) = position;
    let entry = LstEntry {
        index,
        count,
        handle: handle(who),
        name: name(friendly_name),
        groups: GroupIds::NONE,
    };
    ListLine { trid: t(number), list, version: version(66_000_021), entry: Some(entry) }
}
pub(crate) fn add(number: u32, list: List, who: &str, friendly_name: &str) -> Add {
    Add { trid: t(number), list, handle: handle(who), name: Some(name(friendly_name)), group: None }
}
pub(crate) fn added(
    number: u32,
    list: List,
    list_version: u32,
    who: &str,
    friendly_name: &str,
) -> AddReply {
    let (handle, name) = (handle(who), name(friendly_name));
    AddReply { trid: t(number), list, version: version(list_version), handle, name, group: None }
}
pub(crate) fn rem(number: u32, list: List, who: &str) -> Rem {
    Rem { trid: t(number), list, handle: handle(who), group: None }
}
pub(crate) fn removed(number: u32, list: List, list_version: u32, who: &str) -> RemReply {
    RemReply {
        trid: t(number),
        list,
        version: version(list_version),
        handle: handle(who),
        group: None,
    }
}
pub(crate) fn chg(number: u32, state: State) -> (Chg, ChgReply) {
    (Chg { trid: t(number), state }, ChgReply { trid: t(number), state })
}
pub(crate) fn iln(number: u32, state: State, who: &str, friendly_name: &str) -> Iln {
    Iln { trid: t(number), state, handle: handle(who), name: name(friendly_name) }
}
pub(crate) fn nln(state: State, who: &str, friendly_name: &str) -> Nln {
    Nln { state, handle: handle(who), name: name(friendly_name) }
}
pub(crate) fn fln(who: &str) -> Fln {
    Fln { handle: handle(who) }
}
pub(crate) fn cal(number: u32, who: &str) -> Cal {
    Cal { trid: t(number), handle: handle(who) }
}
pub(crate) fn rng(cookie_text: &str) -> Rng {
    Rng {
        session: session(),
        endpoint: endpoint("192.0.2.1:1864"),
        cookie: cookie(cookie_text),
        handle: handle("alice"),
        name: name("Alice"),
    }
}
pub(crate) fn iro(position: (u32, u32), who: &str, friendly_name: &str) -> Iro {
    let (index, count) = position;
    Iro { trid: t(1), index, count, handle: handle(who), name: name(friendly_name) }
}
pub(crate) fn msg(number: u32, acknowledgement: Acknowledgement, text: &str) -> Msg<'_> {
    let payload = Payload::new(text.as_bytes()).unwrap();
    Msg { trid: t(number), acknowledgement, payload }
}
pub(crate) fn message<'a>(who: &str, friendly_name: &str, text: &'a str) -> Message<'a> {
    let sender = Sender::Principal { handle: handle(who), name: name(friendly_name) };
    Message { sender, payload: text.as_bytes() }
}
