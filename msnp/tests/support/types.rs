//! Strategies for the types in commands. Each reaches the limits of its type.

use msnp::auth::{Challenge, Digest};
use msnp::command::Search;
use msnp::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::{Ipv4Addr, SocketAddrV4};

const LOCAL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789!#$&'*+-/=?^_`{|}~.";
const LABEL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-";

/// Transaction IDs with and without leading zeros.
pub(crate) fn trid() -> impl Strategy<Value = TrId> {
    let number = prop_oneof![
        4 => any::<u32>(),
        4 => 0u32..1000,
        1 => select(vec![0, 1, u32::MAX - 1, u32::MAX]),
    ];
    (number, prop_oneof![3 => Just(1), 1 => 1usize..=10])
        .prop_map(|(number, width)| TrId::parse(format!("{number:0width$}").as_bytes()).unwrap())
}

/// User handles up to the maximum length.
pub(crate) fn handle() -> impl Strategy<Value = Handle> {
    let local = vec(select(LOCAL), 1..=64);
    let domain = vec(vec(select(LABEL), 1..=10), 2..=4);
    (local, domain, prop::bool::weighted(0.2)).prop_map(|(mut local, domain, longest)| {
        let domain = domain.join(b".".as_slice());
        if longest {
            local.resize(Handle::MAX - 1 - domain.len(), b'x');
        }
        local.push(b'@');
        local.extend(domain);
        Handle::parse(&local).unwrap()
    })
}

/// Friendly names in any script, up to the maximum length.
pub(crate) fn friendly_name() -> impl Strategy<Value = FriendlyName> {
    let ascii = vec(select((b' '..=b'~').map(char::from).collect::<Vec<_>>()), 1..=60);
    // 32 characters of four bytes, each encoded as three: at most 384.
    let any_script = vec(any::<char>().prop_filter("no control", |c| !c.is_control()), 1..=32);
    let longest = select(vec![("a", 387), (" ", 129), ("%", 129), ("ë", 64), ("😀", 32)]);
    prop_oneof![
        4 => ascii.prop_map(String::from_iter),
        4 => any_script.prop_map(String::from_iter),
        2 => longest.prop_map(|(text, times)| text.repeat(times)),
    ]
    .prop_map(|text| FriendlyName::new(&text).unwrap())
}

/// Friendly names that a user may choose.
pub(crate) fn chosen_name() -> impl Strategy<Value = FriendlyName> {
    friendly_name().prop_filter("not visible", FriendlyName::is_visible)
}

/// Groups of the forward list.
pub(crate) fn group() -> impl Strategy<Value = GroupId> {
    (0..GroupId::COUNT).prop_map(|number| GroupId::new(number).unwrap())
}

/// Any groups: often none, often all.
pub(crate) fn groups() -> impl Strategy<Value = GroupIds> {
    let most = (1u32 << GroupId::COUNT) - 1;
    prop_oneof![
        6 => 0..=most,
        1 => Just(0),
        1 => Just(most),
    ]
    .prop_map(|bits| GroupIds::try_from(bits).unwrap())
}

/// Any of the lists.
pub(crate) fn membership() -> impl Strategy<Value = Membership> {
    (0u8..=15).prop_map(|bits| Membership::try_from(bits).unwrap())
}

/// Group names up to the maximum length.
pub(crate) fn group_name() -> impl Strategy<Value = GroupName> {
    encoded_text(GroupName::MAX_ENCODED).prop_map(|text| GroupName::new(&text).unwrap())
}

/// Telephone numbers, and other texts, up to the maximum length.
pub(crate) fn phone_number() -> impl Strategy<Value = PhoneNumber> {
    encoded_text(PhoneNumber::MAX_ENCODED).prop_map(|text| PhoneNumber::new(&text).unwrap())
}

/// Names and places of the member directory, up to the maximum length.
pub(crate) fn profile_text() -> impl Strategy<Value = ProfileText> {
    encoded_text(ProfileText::MAX_ENCODED)
        .prop_filter_map("it is empty, or stands for anything", |text| ProfileText::new(&text).ok())
}

/// Any two letters, often those of the only country that is searched by city.
pub(crate) fn country() -> impl Strategy<Value = Country> {
    prop_oneof![
        1 => Just(Country::UNITED_STATES),
        1 => vec(b'A'..=b'Z', 2).prop_map(|letters| Country::parse(&letters).unwrap()),
    ]
}

/// Entries of the member directory.
pub(crate) fn member_profile() -> impl Strategy<Value = MemberProfile> {
    let text = || proptest::option::of(profile_text());
    let country = proptest::option::of(country());
    (profile_text(), profile_text(), text(), text(), country).prop_map(
        |(first, last, city, state, country)| MemberProfile { first, last, city, state, country },
    )
}

/// Searches of the member directory.
pub(crate) fn search() -> impl Strategy<Value = Search> {
    let named =
        (profile_text(), profile_text()).prop_map(|(first, last)| Search::named(first, last));
    let text = || proptest::option::of(profile_text());
    (named, country(), text(), text(), any::<bool>()).prop_map(
        |(named, country, city, state, anywhere)| match (anywhere, country) {
            (true, _) => named,
            (false, Country::UNITED_STATES) => named.in_united_states(city, state),
            (false, country) => named.in_country(country),
        },
    )
}

/// Texts in any script of at most `most` encoded bytes, often exactly as many.
fn encoded_text(most: usize) -> impl Strategy<Value = String> {
    let ascii = vec(select((b'!'..=b'~').map(char::from).collect::<Vec<_>>()), 1..=most / 3);
    let any_script =
        vec(any::<char>().prop_filter("no control", |c| !c.is_control()), 1..=most / 12);
    let longest = select(vec![("a", 1), (" ", 3), ("%", 3), ("ë", 6), ("😀", 12)]);
    prop_oneof![
        4 => ascii.prop_map(String::from_iter),
        4 => any_script.prop_map(String::from_iter),
        2 => longest.prop_map(move |(text, length)| text.repeat(most / length)),
    ]
}

/// Properties that a user may set.
pub(crate) fn own_property() -> impl Strategy<Value = Property> {
    prop_oneof![
        4 => (select(PhoneKind::ALL.to_vec()), proptest::option::of(phone_number()))
            .prop_map(|(phone, number)| Property::Phone(phone, number)),
        1 => any::<bool>().prop_map(Property::MayPage),
    ]
}

/// Any property.
pub(crate) fn property() -> impl Strategy<Value = Property> {
    prop_oneof![
        4 => own_property(),
        1 => any::<bool>().prop_map(Property::MobileEnabled),
    ]
}

/// Words of printable ASCII.
pub(crate) fn token<const N: usize>() -> impl Strategy<Value = Token<N>> {
    vec(b'!'..=b'~', 1..=N).prop_map(|word| Token::parse(&word).unwrap())
}

/// The named states and any other three letters.
pub(crate) fn state() -> impl Strategy<Value = State> {
    let named = ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN"];
    prop_oneof![
        3 => select(named.to_vec()).prop_map(|name| State::parse(name.as_bytes()).unwrap()),
        1 => vec(b'A'..=b'Z', 3).prop_map(|letters| State::parse(&letters).unwrap()),
    ]
}

/// Switchboard cookies, those of this crate and any others.
pub(crate) fn cookie() -> impl Strategy<Value = Cookie> {
    prop_oneof![
        any::<u128>().prop_map(Cookie::from_entropy),
        vec(select(b"0123456789.".as_slice()), 1..=Cookie::MAX)
            .prop_map(|word| Cookie::parse(&word).unwrap()),
    ]
}

/// Challenges, those of this crate and any others.
pub(crate) fn challenge() -> impl Strategy<Value = Challenge> {
    prop_oneof![
        (any::<u64>(), any::<u32>())
            .prop_map(|(now, random)| { Challenge::from_entropy(now, random).unwrap() }),
        vec(b'!'..=b'~', 1..=Challenge::MAX).prop_map(|word| Challenge::parse(&word).unwrap()),
    ]
}

/// Digests of any challenge and any password.
pub(crate) fn digest() -> impl Strategy<Value = Digest> {
    (challenge(), any::<Vec<u8>>())
        .prop_map(|(challenge, password)| Digest::of(&challenge, &password))
}

/// Session ids over the whole range.
pub(crate) fn session_id() -> impl Strategy<Value = SessionId> {
    prop_oneof![
        any::<u32>().prop_map(SessionId::from_entropy),
        select(vec![SessionId::MIN, SessionId::MAX]).prop_map(|id| SessionId::new(id).unwrap()),
    ]
}

/// List versions over the whole range.
pub(crate) fn list_version() -> impl Strategy<Value = ListVersion> {
    prop_oneof![
        8 => 1..=ListVersion::MAX,
        1 => select(vec![1, ListVersion::MAX]),
    ]
    .prop_map(|version| ListVersion::new(version).unwrap())
}

/// Any IPv4 address and port.
pub(crate) fn endpoint() -> impl Strategy<Value = Endpoint> {
    (any::<[u8; 4]>(), any::<u16>())
        .prop_map(|(address, port)| Endpoint(SocketAddrV4::new(Ipv4Addr::from(address), port)))
}

/// Any list.
pub(crate) fn list() -> impl Strategy<Value = List> {
    select(List::ALL.to_vec())
}

/// A list that a client may change.
pub(crate) fn editable_list() -> impl Strategy<Value = List> {
    select(vec![List::Forward, List::Allow, List::Block])
}

/// Either `BLP` setting.
pub(crate) fn privacy() -> impl Strategy<Value = Privacy> {
    select(vec![Privacy::AllowOthers, Privacy::BlockOthers])
}

/// Either `GTC` setting.
pub(crate) fn add_notice() -> impl Strategy<Value = AddNotice> {
    select(vec![AddNotice::Ask, AddNotice::Silent])
}

/// Any error code.
pub(crate) fn error_code() -> impl Strategy<Value = ErrorCode> {
    select(ErrorCode::ALL)
}

/// Any dialect, supported or not.
pub(crate) fn dialect() -> impl Strategy<Value = Dialect> {
    select(Dialect::ALL.to_vec())
}

/// Any kind of server.
pub(crate) fn server() -> impl Strategy<Value = Server> {
    select(super::wire::SERVERS.to_vec())
}
