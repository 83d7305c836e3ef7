//! A strategy for each kind of request.

use super::bytes::payload_bytes;
use super::kinds;
use super::types::*;
use msnp::command::*;
use msnp::frame::MAX_PAYLOAD;
use msnp::{Dialect, LaterDialects, Token};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::Union;

kinds!(Request, request_kind, request_kinds {
    "VER": Request::Ver(_) => ver(),
    "CVR": Request::Cvr(_) => (trid(), client()).prop_map(|(trid, client)| Cvr { trid, client }),
    "CVQ": Request::Cvq(_) => (trid(), client()).prop_map(|(trid, client)| Cvq { trid, client }),
    "INF": Request::Inf(_) => trid().prop_map(|trid| Inf { trid }),
    "USR I": Request::Usr(Usr::Initial { .. }) => (trid(), handle())
        .prop_map(|(trid, handle)| Usr::Initial { trid, handle }),
    "USR S": Request::Usr(Usr::Response { .. }) => (trid(), digest())
        .prop_map(|(trid, digest)| Usr::Response { trid, digest }),
    "USR on a switchboard": Request::Usr(Usr::Switchboard { .. }) => (trid(), handle(), cookie())
        .prop_map(|(trid, handle, cookie)| Usr::Switchboard { trid, handle, cookie }),
    "XFR NS": Request::Xfr(Xfr { to: Transfer::Notification, .. }) => trid()
        .prop_map(|trid| Xfr { trid, to: Transfer::Notification }),
    "XFR SB": Request::Xfr(Xfr { to: Transfer::Switchboard, .. }) => trid()
        .prop_map(|trid| Xfr { trid, to: Transfer::Switchboard }),
    "SYN": Request::Syn(_) => (trid(), any::<u32>())
        .prop_map(|(trid, version)| Syn { trid, version }),
    "LST": Request::Lst(_) => (trid(), list()).prop_map(|(trid, list)| Lst { trid, list }),
    "GTC": Request::Gtc(_) => (trid(), add_notice())
        .prop_map(|(trid, add_notice)| Gtc { trid, add_notice }),
    "BLP": Request::Blp(_) => (trid(), privacy()).prop_map(|(trid, privacy)| Blp { trid, privacy }),
    "ADD": Request::Add(_)
        => (trid(), editable_list(), handle(), option::of(chosen_name()), option::of(group()))
            .prop_map(|(trid, list, handle, name, group)| Add { trid, list, handle, name, group }),
    "REM": Request::Rem(_) => (trid(), editable_list(), handle(), option::of(group()))
        .prop_map(|(trid, list, handle, group)| Rem { trid, list, handle, group }),
    "CHG": Request::Chg(_) => (trid(), state()).prop_map(|(trid, state)| Chg { trid, state }),
    "REA": Request::Rea(_) => (trid(), handle(), chosen_name())
        .prop_map(|(trid, handle, name)| Rea { trid, handle, name: name.into() }),
    "URL": Request::Url(_) => (trid(), token(), option::of(token()))
        .prop_map(|(trid, service, argument)| Url { trid, service, argument }),
    "SND": Request::Snd(_) => (trid(), token()).prop_map(|(trid, target)| Snd { trid, target }),
    "FND": Request::Fnd(_) => (trid(), search()).prop_map(|(trid, search)| Fnd { trid, search }),
    "PNG": Request::Png(_) => Just(Png),
    "IMS": Request::Ims(_) => (trid(), any::<bool>()).prop_map(|(trid, on)| Ims { trid, on }),
    "PRP": Request::Prp(_) => (trid(), own_property())
        .prop_map(|(trid, property)| Prp { trid, property }),
    "SDC": Request::Sdc(_) => (trid(), token(), payload())
        .prop_map(|(trid, target, text)| Sdc { trid, target, text }),
    "PAG": Request::Pag(_) => (trid(), token(), payload())
        .prop_map(|(trid, target, page)| Pag { trid, target, page }),
    "CHL": Request::Chl(_) => trid().prop_map(|trid| Chl { trid }),
    "QRY": Request::Qry(_) => (trid(), token(), payload_bytes(Qry::MAX))
        .prop_map(|(trid, client, digest)| Qry { trid, client, digest }),
    "LSG": Request::Lsg(_) => trid().prop_map(|trid| Lsg { trid }),
    "ADG": Request::Adg(_) => (trid(), group_name()).prop_map(|(trid, name)| Adg { trid, name }),
    "REG": Request::Reg(_) => (trid(), group(), group_name())
        .prop_map(|(trid, group, name)| Reg { trid, group, name }),
    "RMG": Request::Rmg(_) => (trid(), group()).prop_map(|(trid, group)| Rmg { trid, group }),
    "OUT": Request::Out(_) => Just(Out),
    "ANS": Request::Ans(_) => (trid(), handle(), cookie(), session_id())
        .prop_map(|(trid, handle, cookie, session)| Ans { trid, handle, cookie, session }),
    "CAL": Request::Cal(_) => (trid(), handle()).prop_map(|(trid, handle)| Cal { trid, handle }),
    "MSG U": Request::Msg(Msg { acknowledgement: Acknowledgement::None, .. })
        => msg(Acknowledgement::None),
    "MSG N": Request::Msg(Msg { acknowledgement: Acknowledgement::Negative, .. })
        => msg(Acknowledgement::Negative),
    "MSG A": Request::Msg(Msg { acknowledgement: Acknowledgement::All, .. })
        => msg(Acknowledgement::All),
    "BYE": Request::Bye(_) => Just(Leave),
});

/// Any request.
pub(crate) fn any_request() -> impl Strategy<Value = Request<'static>> {
    Union::new(request_kinds().into_iter().map(|(_, strategy)| strategy))
}

/// Different dialects in any order, often none.
pub(super) fn dialects() -> impl Strategy<Value = Dialects> {
    prop_oneof![
        1 => Just(Dialects::new()),
        4 => subsequence(Dialect::ALL.to_vec(), 1..=Dialect::ALL.len())
            .prop_shuffle()
            .prop_map(Dialects::from_iter),
    ]
}

/// Later versions, often none.
fn later_dialects() -> impl Strategy<Value = LaterDialects> {
    vec(8..=99u8, 0..=LaterDialects::MAX).prop_map(|numbers| {
        let mut later = LaterDialects::default();
        for number in numbers {
            assert!(later.add_word(format!("MSNP{number}").as_bytes()));
        }
        later
    })
}

/// Offers of any dialects, known, later and unknown.
pub(crate) fn ver() -> impl Strategy<Value = Ver> {
    let names = select(vec!["0", "MSNP08", "MSNP100", "MSNP"]);
    let unknown =
        prop_oneof![names.prop_map(|name| Token::parse(name.as_bytes()).unwrap()), token()]
            .prop_filter("a known word", |word| {
                Dialect::parse(word.as_str().as_bytes()).is_none()
                    && !LaterDialects::default().add_word(word.as_str().as_bytes())
                    && !word.as_str().eq_ignore_ascii_case("CVR0")
            });
    (trid(), dialects(), later_dialects(), option::of(unknown), any::<bool>()).prop_map(
        |(trid, offered, later, unknown, cvr0)| Ver { trid, offered, later, unknown, cvr0 },
    )
}

fn client() -> impl Strategy<Value = ClientVersion> {
    vec(token(), 0..=8).prop_map(|words| ClientVersion { words: words.into_iter().collect() })
}

fn msg(acknowledgement: Acknowledgement) -> impl Strategy<Value = Msg<'static>> {
    (trid(), payload()).prop_map(move |(trid, payload)| Msg { trid, acknowledgement, payload })
}

fn payload() -> impl Strategy<Value = Payload<'static>> {
    payload_bytes(MAX_PAYLOAD).prop_map(|bytes| Payload::new(bytes).unwrap())
}
