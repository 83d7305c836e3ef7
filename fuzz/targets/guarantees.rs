//! The guarantees of each type, for every word that it accepts.

use actors::rules::{
    MAX_LOCAL, check_deniable, check_new_handle, is_canonical_and_deniable, parse_network,
};
use msnp::auth::{Challenge, Digest};
use msnp::command::{Qry, Request, Usr, VerReplyForm};
use msnp::frame::{Frame, MAX_PAYLOAD};
use msnp::{
    AddNotice, Cookie, Country, Dialect, Endpoint, ErrorCode, FriendlyName, GroupId, GroupIds,
    GroupName, Handle, List, ListVersion, PhoneKind, PhoneNumber, Privacy, ProfileText, Property,
    RequestedName, SessionId, State, Token, TrId,
};

macro_rules! assert_reads_back {
    ($word:expr, $($type:ty),+) => {$(
        if let Some(value) = <$type>::parse($word) {
            assert!(value.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            assert_eq!(<$type>::parse(value.as_str().as_bytes()), Some(value));
        }
    )+};
}

/// Checks the words of a frame, and the guarantees of each type that accepts one.
pub(super) fn check_words(frame: &Frame<'_>) {
    assert_eq!(frame.words.remaining(), frame.words.clone().count());
    for word in std::iter::once(frame.name).chain(frame.words.clone()) {
        assert!(!word.is_empty());
        assert!(!word.iter().any(|byte| b" \t\n".contains(byte)));
        check_word(word);
    }
}

fn check_word(word: &[u8]) {
    assert_reads_back!(
        word,
        Cookie,
        Country,
        Dialect,
        List,
        Privacy,
        AddNotice,
        State,
        PhoneKind,
        Challenge,
        Token<16>
    );
    check_group_or_number(word);
    if let Ok(text) = str::from_utf8(word) {
        check_network(text);
    }
    if let Some(state) = State::parse(word) {
        let letters = state.as_str().bytes();
        assert!(letters.len() == 3 && letters.clone().all(|letter| letter.is_ascii_uppercase()));
        assert_eq!(state == State::Hidden, word.eq_ignore_ascii_case(b"HDN"));
    }
    if let Ok(value) = Handle::parse(word) {
        check_handle(&value);
    }
    if let Ok(value) = FriendlyName::parse(word) {
        check_name(&value);
    }
    let given = RequestedName::parse(word);
    let read = FriendlyName::parse_lossy(word);
    assert_eq!(given.lossy(), read.as_ref());
    if let Some(read) = &read {
        check_name(read);
        assert!(read.is_visible());
        assert_eq!(
            RequestedName::parse(read.encoded().to_string().as_bytes()).strict().as_ref(),
            Ok(read)
        );
    }
    if let Ok(own) = given.strict() {
        assert_eq!(read, Some(own));
    }
    if let Some(digest) = Digest::parse(word) {
        assert_eq!(digest.text().as_bytes(), word.to_ascii_lowercase());
    }
    if let Some(endpoint) = Endpoint::parse(word) {
        assert_eq!(Endpoint::parse(endpoint.text().as_bytes()), Some(endpoint));
    }
    if let Some(code) = ErrorCode::parse(word) {
        assert_eq!(code.number().to_string().as_bytes(), word);
    }
    if let Some(id) = SessionId::parse(word) {
        assert!((SessionId::MIN..=SessionId::MAX).contains(&id.value()));
    }
    if let Some(trid) = TrId::parse(word) {
        let digits = "0".repeat(trid.leading_zeros().into()) + &trid.value().to_string();
        assert_eq!(digits.as_bytes(), word);
        if let Some(version) = ListVersion::new(trid.value()) {
            assert!((1..=ListVersion::MAX).contains(&version.next().value()));
        }
    }
}

/// A network has one form, and no network that can be denied contains loopback.
fn check_network(text: &str) {
    if let Ok(network) = parse_network(text) {
        assert_eq!(parse_network(&network.to_string()), Ok(network));
        assert_eq!(check_deniable(network).is_ok(), is_canonical_and_deniable(network));
    }
}

fn check_group_or_number(word: &[u8]) {
    if let Some(groups) = GroupIds::parse(word) {
        assert!(!groups.is_empty() && groups.text().len() <= GroupIds::MAX);
        assert_eq!(GroupIds::parse(groups.text().as_bytes()), Some(groups));
    }
    if let Some(group) = GroupId::parse(word) {
        assert_eq!(GroupIds::parse(word), Some(group.into()));
    }
    if let Ok(name) = GroupName::parse(word) {
        let sent = check_encoded(name.encoded().to_string(), GroupName::MAX_ENCODED);
        assert_eq!(GroupName::parse(sent.as_bytes()).as_ref(), Ok(&name));
        assert_eq!(GroupName::new(name.as_str()), Ok(name));
    }
    if let Ok(number) = PhoneNumber::parse(word) {
        let sent = check_encoded(number.encoded().to_string(), PhoneNumber::MAX_ENCODED);
        assert_eq!(PhoneNumber::parse(sent.as_bytes()).as_ref(), Ok(&number));
        assert_eq!(PhoneNumber::new(number.as_str()), Ok(number));
    }
    if let Ok(text) = ProfileText::parse(word) {
        let sent = check_encoded(text.encoded().to_string(), ProfileText::MAX_ENCODED);
        assert_eq!(ProfileText::parse(sent.as_bytes()).as_ref(), Ok(&text));
        assert_eq!(ProfileText::new(text.as_str()).as_ref(), Ok(&text));
        assert!(text.eq_ignore_case(&text) && sent != "*");
    }
}

/// A text is sent as one short word.
fn check_encoded(sent: String, most: usize) -> String {
    assert!((1..=most).contains(&sent.len()) && sent.bytes().all(may_be_sent));
    sent
}

/// Returns whether a byte may be in such a word: no blank, no ASCII control.
fn may_be_sent(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte >= 0x80
}

fn check_handle(handle: &Handle) {
    let text = handle.as_str();
    assert!(text.len() <= Handle::MAX);
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()));
    assert_eq!(format!("{}@{}", handle.local(), handle.domain()), text);
    assert!(handle.domain().contains('.') && !handle.local().is_empty());
    assert_eq!(Handle::new(text).as_ref(), Ok(handle));
    assert_eq!(FriendlyName::from_handle(handle).as_str(), text);
    if check_new_handle(handle).is_ok() {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-@".contains(&byte);
        assert!(text.bytes().all(is_plain), "a new handle needs no quoting");
        assert!(!text.starts_with(['.', '-']) && !text.ends_with(['.', '-']));
        assert!(!text.contains("..") && handle.local().len() <= MAX_LOCAL);
    }
}

fn check_name(name: &FriendlyName) {
    let text = name.as_str();
    assert!(!text.is_empty() && !text.chars().any(char::is_control));
    let sent = name.encoded().to_string();
    assert!(sent.len() <= FriendlyName::MAX_ENCODED);
    assert!(sent.bytes().all(may_be_sent));
    assert_eq!(FriendlyName::parse(sent.as_bytes()).as_ref(), Ok(name));
    assert_eq!(FriendlyName::new(text).as_ref(), Ok(name));
}

/// The guarantees of a request beyond those of its fields.
pub(super) fn check_request(request: &Request<'_>, on_switchboard: bool) {
    match request {
        Request::Ver(ver) => {
            let mut each = ver.offered.to_vec();
            each.sort_unstable();
            each.dedup();
            assert_eq!(each.len(), ver.offered.len(), "each dialect is offered once");
            let answer = ver.reply(VerReplyForm::List);
            assert!(answer.agreed.iter().all(|dialect| ver.offered.contains(dialect)));
            assert!(answer.agreed.iter().all(|dialect| dialect.is_supported()));
            assert_eq!(answer.cvr0, ver.cvr0);
            let single = ver.reply(VerReplyForm::Single);
            assert_eq!((single.dialect(), single.cvr0), (answer.dialect(), ver.cvr0));
        }
        Request::Usr(usr) => {
            assert_eq!(matches!(usr, Usr::Switchboard { .. }), on_switchboard);
        }
        Request::Add(add) => assert_ne!(add.list, List::Reverse),
        Request::Rem(rem) => assert_ne!(rem.list, List::Reverse),
        Request::Msg(msg) => assert!(msg.payload.as_bytes().len() <= MAX_PAYLOAD),
        Request::Sdc(sdc) => assert!(sdc.text.as_bytes().len() <= MAX_PAYLOAD),
        Request::Pag(pag) => assert!(pag.page.as_bytes().len() <= MAX_PAYLOAD),
        Request::Qry(qry) => assert!(qry.digest.len() <= Qry::MAX),
        Request::Prp(prp) => assert!(!matches!(prp.property, Property::MobileEnabled(_))),
        _ => {}
    }
}
