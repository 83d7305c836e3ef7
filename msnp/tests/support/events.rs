//! A strategy for each kind of event.

use super::bytes::payload_bytes;
use super::kinds;
use super::requests::dialects;
use super::types::*;
use msnp::command::*;
// The prelude of proptest has another one.
use msnp::command::Rng;
use msnp::frame::MAX_SERVER_PAYLOAD;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::Union;

kinds!(Event, event_kind, event_kinds {
    "VER": Event::Ver(_) => (trid(), dialects(), any::<bool>())
        .prop_map(|(trid, agreed, cvr0)| VerReply { trid, agreed, cvr0 }),
    "CVR": Event::Cvr(_) => (trid(), recommendation())
        .prop_map(|(trid, recommendation)| CvrReply { trid, recommendation }),
    "CVQ": Event::Cvq(_) => (trid(), recommendation())
        .prop_map(|(trid, recommendation)| CvqReply { trid, recommendation }),
    "INF": Event::Inf(_) => trid().prop_map(|trid| InfReply { trid }),
    "USR S": Event::Usr(UsrReply::Challenge { .. }) => (trid(), challenge())
        .prop_map(|(trid, challenge)| UsrReply::Challenge { trid, challenge }),
    "USR OK": Event::Usr(UsrReply::Ok { .. })
        => (trid(), handle(), friendly_name(), option::of(any::<bool>()))
            .prop_map(|(trid, handle, name, verified)| {
                UsrReply::Ok { trid, handle, name, verified }
            }),
    "XFR NS": Event::Xfr(XfrReply::Notification { .. })
        => (trid(), endpoint(), option::of(endpoint()))
            .prop_map(|(trid, endpoint, sender)| XfrReply::Notification { trid, endpoint, sender }),
    "XFR SB": Event::Xfr(XfrReply::Switchboard { .. }) => (trid(), endpoint(), cookie())
        .prop_map(|(trid, endpoint, cookie)| XfrReply::Switchboard { trid, endpoint, cookie }),
    "SYN": Event::Syn(_) => (trid(), list_version())
        .prop_map(|(trid, version)| SynReply { trid, version }),
    "LST entry": Event::Lst(LstReply::List(ListLine { entry: Some(_), .. }))
        => (trid(), list(), list_version(), lst_entry()).prop_map(|(trid, list, version, entry)| {
            ListLine { trid, list, version, entry: Some(entry) }
        }),
    "LST empty": Event::Lst(LstReply::List(ListLine { entry: None, .. })) => (trid(), list(), list_version())
        .prop_map(|(trid, list, version)| ListLine { trid, list, version, entry: None }),
    "LST contact": Event::Lst(LstReply::Contact(_))
        => (handle(), friendly_name(), membership(), groups())
            .prop_map(|(handle, name, membership, groups)| {
                ContactLine { handle, name, membership, groups }
            }),
    "GTC": Event::Gtc(_) => (trid(), list_version(), add_notice())
        .prop_map(|(trid, version, add_notice)| GtcReply { trid, version, add_notice }),
    "BLP": Event::Blp(_) => (trid(), list_version(), privacy())
        .prop_map(|(trid, version, privacy)| BlpReply { trid, version, privacy }),
    "ADD": Event::Add(_)
        => (trid(), list(), list_version(), handle(), friendly_name(), option::of(group()))
            .prop_map(|(trid, list, version, handle, name, group)| {
                AddReply { trid, list, version, handle, name, group }
            }),
    "REM": Event::Rem(_) => (trid(), list(), list_version(), handle(), option::of(group()))
        .prop_map(|(trid, list, version, handle, group)| {
            RemReply { trid, list, version, handle, group }
        }),
    "CHG": Event::Chg(_) => (trid(), state()).prop_map(|(trid, state)| ChgReply { trid, state }),
    "REA": Event::Rea(_) => (trid(), list_version(), handle(), friendly_name())
        .prop_map(|(trid, version, handle, name)| ReaReply { trid, version, handle, name }),
    "ILN": Event::Iln(_) => (trid(), state(), handle(), friendly_name())
        .prop_map(|(trid, state, handle, name)| Iln { trid, state, handle, name }),
    "NLN": Event::Nln(_) => (state(), handle(), friendly_name())
        .prop_map(|(state, handle, name)| Nln { state, handle, name }),
    "FLN": Event::Fln(_) => handle().prop_map(|handle| Fln { handle }),
    "RNG": Event::Rng(_) => (session_id(), endpoint(), cookie(), handle(), friendly_name())
        .prop_map(|(session, endpoint, cookie, handle, name)| {
            Rng { session, endpoint, cookie, handle, name }
        }),
    "URL": Event::Url(_) => (trid(), token(), token())
        .prop_map(|(trid, path, site)| UrlReply { trid, path, site }),
    "SND": Event::Snd(_) => trid().prop_map(|trid| SndReply { trid }),
    "FND hit": Event::Fnd(FndReply { hit: Some(_), .. })
        => (trid(), hit()).prop_map(|(trid, hit)| FndReply { trid, hit: Some(hit) }),
    "FND none": Event::Fnd(FndReply { hit: None, .. })
        => trid().prop_map(|trid| FndReply { trid, hit: None }),
    "QNG": Event::Qng(_) => Just(Qng),
    "IMS": Event::Ims(_) => (trid(), any::<bool>()).prop_map(|(trid, on)| ImsReply { trid, on }),
    "PRP": Event::Prp(_) => (trid(), list_version(), property())
        .prop_map(|(trid, version, property)| PrpReply { trid, version, property }),
    "BPR": Event::Bpr(_) => (list_version(), handle(), property())
        .prop_map(|(version, handle, property)| Bpr { version, handle, property }),
    "SDC": Event::Sdc(_) => trid().prop_map(|trid| SdcReply { trid }),
    "NOT": Event::Not(_) => payload_bytes(MAX_SERVER_PAYLOAD).prop_map(|payload| Not { payload }),
    "CHL": Event::Chl(_) => (trid(), challenge())
        .prop_map(|(trid, challenge)| ChlReply { trid, challenge }),
    "QRY": Event::Qry(_) => trid().prop_map(|trid| QryReply { trid }),
    "LSG": Event::Lsg(_)
        => (trid(), list_version(), any::<u32>(), any::<u32>(), group(), group_name())
            .prop_map(|(trid, version, index, count, group, name)| {
                LsgReply { trid, version, index, count, group, name }
            }),
    "ADG": Event::Adg(_) => (trid(), list_version(), group_name(), group())
        .prop_map(|(trid, version, name, group)| AdgReply { trid, version, name, group }),
    "REG": Event::Reg(_) => (trid(), list_version(), group(), group_name())
        .prop_map(|(trid, version, group, name)| RegReply { trid, version, group, name }),
    "RMG": Event::Rmg(_) => (trid(), list_version(), group())
        .prop_map(|(trid, version, group)| RmgReply { trid, version, group }),
    "MSG of the server": Event::Msg(Message { sender: Sender::Server, .. })
        => payload_bytes(MAX_SERVER_PAYLOAD)
            .prop_map(|payload| Message { sender: Sender::Server, payload }),
    "MSG of a principal": Event::Msg(Message { sender: Sender::Principal { .. }, .. })
        => (handle(), friendly_name(), payload_bytes(MAX_SERVER_PAYLOAD))
            .prop_map(|(handle, name, payload)| {
                Message { sender: Sender::Principal { handle, name }, payload }
            }),
    "OUT": Event::Out(Goodbye { reason: None }) => Just(Goodbye { reason: None }),
    "OUT OTH": Event::Out(Goodbye { reason: Some(OutReason::Elsewhere) })
        => Just(Goodbye { reason: Some(OutReason::Elsewhere) }),
    "OUT SSD": Event::Out(Goodbye { reason: Some(OutReason::ShuttingDown) })
        => Just(Goodbye { reason: Some(OutReason::ShuttingDown) }),
    "ANS": Event::Ans(_) => trid().prop_map(|trid| AnsReply { trid }),
    "CAL": Event::Cal(_) => (trid(), session_id())
        .prop_map(|(trid, session)| CalReply { trid, session }),
    "IRO": Event::Iro(_) => (trid(), any::<u32>(), any::<u32>(), handle(), friendly_name())
        .prop_map(|(trid, index, count, handle, name)| Iro { trid, index, count, handle, name }),
    "JOI": Event::Joi(_) => (handle(), friendly_name())
        .prop_map(|(handle, name)| Joi { handle, name }),
    "BYE": Event::Bye(_) => (handle(), any::<bool>()).prop_map(|(handle, idle)| Bye { handle, idle }),
    "ACK": Event::Ack(_) => trid().prop_map(|trid| Ack { trid }),
    "NAK": Event::Nak(_) => trid().prop_map(|trid| Nak { trid }),
    "error": Event::Error(_) => (error_code(), trid())
        .prop_map(|(code, trid)| Event::Error(ErrorReply { code, trid })),
});

/// Any event.
pub(crate) fn any_event() -> impl Strategy<Value = Event<'static>> {
    Union::new(event_kinds().into_iter().map(|(_, strategy)| strategy))
}

fn recommendation() -> impl Strategy<Value = Recommendation> {
    (token(), token(), token()).prop_map(|(recommended, minimum, site)| Recommendation {
        recommended,
        minimum,
        site,
    })
}

fn hit() -> impl Strategy<Value = Hit> {
    (any::<u32>(), 1..=u32::MAX, member_profile()).prop_map(|(index, count, profile)| Hit {
        index,
        count,
        profile,
    })
}

fn lst_entry() -> impl Strategy<Value = LstEntry> {
    (any::<u32>(), 1..=u32::MAX, handle(), friendly_name(), groups()).prop_map(
        |(index, count, handle, name, groups)| LstEntry { index, count, handle, name, groups },
    )
}
