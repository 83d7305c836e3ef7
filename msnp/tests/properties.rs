//! Properties that hold for every command, every value and every byte stream.

#[cfg(test)]
mod support;

use msnp::auth::{Challenge, Digest};
use msnp::command::{
    Acknowledgement, ClientVersion, Cvr, DecodeContext, DecodeError, Event, LstReply, Msg, Payload,
    Request, VerReplyForm,
};
use msnp::frame::{self, Origin};
use msnp::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use support::events::{any_event, event_kind, event_kinds};
use support::requests::{any_request, request_kind, request_kinds, ver};
use support::shape::{assert_is_all_or_nothing, assert_is_tidy, header, spacing};
use support::wire::{self, PHASES, SERVERS, Stream};
use support::{bytes, config, form, types};

const NS: DecodeContext = DecodeContext { server: Server::Notification, dialect: Dialect::Msnp2 };

fn has_payload(event: &Event<'_>) -> bool {
    matches!(event, Event::Msg(_) | Event::Not(_))
}

/// The longest line that a server may send: ayttm has room for 1250 bytes.
const MAX_SERVER_LINE: usize = 1000;

#[test]
fn every_request_has_a_strategy_and_a_rule_in_the_gate() {
    let mut runner = TestRunner::new(config(0));
    let mut names = Vec::new();
    for (kind, strategy) in request_kinds() {
        for _ in 0..16 {
            let request = strategy.new_tree(&mut runner).unwrap().current();
            assert_eq!(request_kind(&request), kind);
            assert!(!wire::legal_contexts(&request).is_empty(), "{kind} is legal nowhere");
            names.push(request.name().as_str());
        }
    }
    let rules = gate::TABLE.iter().filter(|row| !row.requests.is_empty());
    let rules = rules.map(|row| row.name.as_str()).collect();
    assert_eq!(sorted(names), sorted(rules));
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn the_section_of_a_command_is_that_of_its_servers() {
    fn only_on(request: &Request<'_>) -> Option<Server> {
        match request {
            msnp::requests_only_on!(Notification) => Some(Server::Notification),
            msnp::requests_only_on!(Switchboard) => Some(Server::Switchboard),
            Request::Ver(_)
            | Request::Cvr(_)
            | Request::Cvq(_)
            | Request::Inf(_)
            | Request::Usr(_)
            | Request::Out(_) => None,
        }
    }
    let mut runner = TestRunner::new(config(0));
    for (_, strategy) in request_kinds() {
        let request = strategy.new_tree(&mut runner).unwrap().current();
        let rules = gate::TABLE.iter().find(|row| row.name == request.name()).unwrap().requests;
        let servers: Vec<Server> = rules.iter().flat_map(|rule| rule.servers).copied().collect();
        match only_on(&request) {
            Some(server) => assert_eq!(servers, [server], "{}", request.name()),
            None => assert!(servers.len() > 1, "{}", request.name()),
        }
    }
}

#[test]
fn every_event_has_a_strategy_and_a_rule_in_the_gate() {
    let mut runner = TestRunner::new(config(0));
    let kinds = event_kinds();
    for (kind, strategy) in &kinds {
        for _ in 0..16 {
            assert_eq!(event_kind(&strategy.new_tree(&mut runner).unwrap().current()), *kind);
        }
    }
    for (index, (kind, _)) in kinds.iter().enumerate() {
        assert!(kinds.iter().skip(index + 1).all(|(other, _)| other != kind), "{kind} twice");
    }
    // The first word of a kind is the command.
    let names = kinds.iter().map(|(kind, _)| kind.split(' ').next().unwrap());
    let rules = gate::TABLE.iter().filter(|row| row.event.is_some());
    let rules = rules.map(|row| row.name.as_str()).collect();
    assert_eq!(sorted(names.filter(|name| *name != "error").collect()), sorted(rules));
}

proptest! {
    #![proptest_config(config(1024))]

    #[test]
    fn a_request_is_read_as_it_was_written(request in any_request()) {
        for (phase, at) in wire::legal_contexts(&request) {
            let encoded = wire::encode_to_vec(|out| request.encode(at.dialect, out));
            let read = wire::request(&encoded, phase, at);
            match form::request(&request, at.dialect) {
                Some(form) => assert_eq!(read, Ok(form)),
                None => assert!(read.is_err()),
            }
        }
    }

    #[test]
    fn an_event_is_read_as_it_was_written(event in any_event()) {
        for dialect in Dialect::ALL {
            let encoded = wire::encode_to_vec(|out| event.encode(dialect, out));
            let Some(form) = form::event(&event, dialect) else {
                assert_eq!(encoded, b"", "a dialect receives no command that it lacks");
                continue;
            };
            for server in SERVERS {
                assert_eq!(wire::event(&encoded, DecodeContext { server, dialect }).as_ref(), Ok(&form));
            }
        }
    }

    #[test]
    fn no_dialect_reads_an_event_that_it_lacks(event in any_event()) {
        let newest = Dialect::ALL.into_iter().filter(|d| form::event(&event, *d).is_some()).max();
        // A line of the lists for one contact is for later dialects.
        assert!(newest.is_some() || matches!(event, Event::Lst(LstReply::Contact(_))));
        prop_assume!(newest.is_some());
        let encoded = wire::encode_to_vec(|out| event.encode(newest.unwrap(), out));
        for dialect in Dialect::ALL {
            let read = wire::event(&encoded, DecodeContext { server: NS.server, dialect });
            assert_eq!(read.is_ok(), form::event(&event, dialect).is_some());
        }
    }

    #[test]
    fn a_written_request_is_tidy(request in any_request(), dialect in types::dialect()) {
        let encoded = wire::encode_to_vec(|out| request.encode(dialect, out));
        assert_is_tidy(&encoded, wire::has_payload(request.name(), Origin::Client));
        let (line, _) = header(&encoded);
        assert!(line.starts_with(request.name().as_str().as_bytes()));
        assert!(line.len() <= frame::MAX_LINE);
    }

    #[test]
    fn a_written_event_is_tidy_and_short(event in any_event(), dialect in types::dialect()) {
        prop_assume!(form::event(&event, dialect).is_some());
        let encoded = wire::encode_to_vec(|out| event.encode(dialect, out));
        assert_is_tidy(&encoded, has_payload(&event));
        assert!(header(&encoded).0.len() <= MAX_SERVER_LINE);
        assert!(encoded.len() <= frame::MAX_FRAME);
    }

    #[test]
    fn surplus_spaces_and_a_bare_lf_change_no_request(
        request in any_request(), spacing in spacing(),
    ) {
        for (phase, at) in wire::legal_contexts(&request) {
            let Some(form) = form::request(&request, at.dialect) else { continue };
            let spaced = spacing.applied_to(&wire::encode_to_vec(|out| request.encode(at.dialect, out)));
            assert_eq!(wire::request(&spaced, phase, at).as_ref(), Ok(&form));
        }
    }

    #[test]
    fn surplus_spaces_and_a_bare_lf_change_no_event(
        event in any_event(), spacing in spacing(), dialect in types::dialect(),
    ) {
        let form = form::event(&event, dialect);
        prop_assume!(form.is_some());
        let spaced = spacing.applied_to(&wire::encode_to_vec(|out| event.encode(dialect, out)));
        assert_eq!(wire::event(&spaced, DecodeContext { server: NS.server, dialect }).ok(), form);
    }
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn a_request_is_written_whole_or_not_at_all(
        request in any_request(), dialect in types::dialect(),
    ) {
        assert_is_all_or_nothing(&|out| request.encode(dialect, out));
    }

    #[test]
    fn an_event_is_written_whole_or_not_at_all(event in any_event(), dialect in types::dialect()) {
        prop_assume!(form::event(&event, dialect).is_some());
        assert_is_all_or_nothing(&|out| event.encode(dialect, out));
    }

    #[test]
    fn whole_commands_are_framed_without_a_rest(
        events in vec(any_event(), 0..8), requests in vec(any_request(), 0..8),
        dialect in types::dialect(), server in types::server(),
    ) {
        let encoded: Vec<Vec<u8>> =
            events.iter().map(|event| wire::encode_to_vec(|out| event.encode(dialect, out))).collect();
        let stream = Stream::read(&encoded.concat(), &[], Origin::Server, server);
        let written = events.iter().filter(|event| form::event(event, dialect).is_some());
        assert_eq!(stream.frames.len(), written.count());
        assert_eq!((stream.unread.len(), stream.error), (0, None));

        // Another server would read its payload as lines.
        let is_legal = |request: &&Request<'_>| {
            wire::legal_contexts(request).iter().any(|(_, at)| at.server == server)
        };
        let encoded: Vec<Vec<u8>> = requests
            .iter()
            .filter(is_legal)
            .map(|request| wire::encode_to_vec(|out| request.encode(dialect, out)))
            .collect();
        let stream = Stream::read(&encoded.concat(), &[], Origin::Client, server);
        assert_eq!(stream.frames.len(), encoded.len());
        assert_eq!((stream.unread.len(), stream.error), (0, None));
    }

    #[test]
    fn no_bytes_harm_the_framer_and_it_leaves_less_than_a_frame_unread(
        input in bytes::any_stream(), server in types::server(),
    ) {
        for origin in [Origin::Client, Origin::Server] {
            let stream = Stream::read(&input, &[], origin, server);
            assert!(stream.error.is_some() || stream.unread.len() < frame::MAX_FRAME);
            for (words, payload) in stream.frames {
                assert!(!words[0].is_empty());
                assert!(payload.len() <= frame::MAX_SERVER_PAYLOAD);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(1024))]

    #[test]
    fn a_stream_may_be_cut_anywhere(
        input in prop_oneof![bytes::any_stream(), bytes::clean_stream()],
        cuts in vec(any::<prop::sample::Index>(), 0..6),
        client in any::<bool>(),
        server in types::server(),
    ) {
        let origin = if client { Origin::Client } else { Origin::Server };
        let whole = Stream::read(&input, &[], origin, server);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.sort_unstable();
        let single: Vec<usize> = (0..input.len()).collect();
        for cuts in [cuts, single] {
            let pieces = Stream::read(&input, &cuts, origin, server);
            assert_eq!(&pieces.frames, &whole.frames);
            assert_eq!(pieces.error, whole.error);
            if whole.error.is_none() {
                assert_eq!(&pieces.unread, &whole.unread);
            }
        }
    }

    #[test]
    fn no_bytes_harm_the_request_decoder_and_every_decoded_request_can_be_encoded(
        input in bytes::any_stream(), server in types::server(),
    ) {
        for frame in wire::frames(&input, Origin::Client, server) {
            for phase in PHASES {
                for dialect in Dialect::ALL {
                    let at = DecodeContext { server, dialect };
                    let Ok(request) = Request::decode(&frame, phase, at) else { continue };
                    let encoded = wire::encode_to_vec(|out| request.encode(dialect, out));
                    assert_is_tidy(&encoded, wire::has_payload(request.name(), Origin::Client));
                    assert_eq!(wire::request(&encoded, phase, at).ok(), form::request(&request, dialect));
                }
            }
        }
    }

    #[test]
    fn no_bytes_harm_the_event_decoder_and_every_decoded_event_can_be_encoded(
        input in bytes::any_stream(), server in types::server(),
    ) {
        for frame in wire::frames(&input, Origin::Server, server) {
            for dialect in Dialect::ALL {
                let at = DecodeContext { server, dialect };
                let Ok(event) = Event::decode(&frame, at) else { continue };
                let encoded = wire::encode_to_vec(|out| event.encode(dialect, out));
                assert_is_tidy(&encoded, has_payload(&event));
                assert_eq!(wire::event(&encoded, at).as_ref(), Ok(&event));
            }
        }
    }

    #[test]
    fn a_rejection_has_the_transaction_id_of_its_request(
        trid in types::trid(), server in types::server(), name in "[A-Z]{3}", rest in "[ -~]{0,40}",
    ) {
        let mut line = wire::encode_to_vec(|out| line::Line::new(out, &name).trid(trid).end());
        line.truncate(line.len() - 2);
        // The length of a payload is the last word.
        line.extend(format!(" {rest} 0\r\n").bytes());
        for phase in PHASES {
            let at = DecodeContext { server, dialect: Dialect::Msnp2 };
            if let Err(rejection) = wire::request(&line, phase, at) {
                assert_eq!(rejection.trid, Some(trid));
            }
        }
    }

    #[test]
    fn no_word_harms_a_type_and_every_parsed_value_is_written_as_it_was_read(
        word in prop_oneof![
            vec(any::<u8>(), 0..400),
            vec(b' '..=b'~', 0..140),
            vec(b'0'..=b'9', 0..12),
            "[A-Za-z]{0,6}[0-9]{0,2}".prop_map(String::into_bytes),
            "[0-9]{1,2}(,[0-9]{1,2}){0,4}".prop_map(String::into_bytes),
        ],
    ) {
        macro_rules! reads_back {
            ($($type:ty),+) => {$(
                if let Some(value) = <$type>::parse(&word) {
                    assert_eq!(<$type>::parse(value.as_str().as_bytes()), Some(value));
                }
            )+};
        }
        reads_back!(Cookie, Dialect, List, Privacy, AddNotice, State, PhoneKind, Challenge, Token<16>);
        if let Some(groups) = GroupIds::parse(&word) {
            assert_eq!(GroupIds::parse(groups.text().as_bytes()), Some(groups));
        }
        if let Some(group) = GroupId::parse(&word) {
            assert_eq!(GroupIds::parse(&word), Some(group.into()));
        }
        if let Ok(name) = GroupName::parse(&word) {
            assert_eq!(GroupName::new(name.as_str()), Ok(name));
        }
        if let Ok(number) = PhoneNumber::parse(&word) {
            assert_eq!(PhoneNumber::new(number.as_str()), Ok(number));
        }
        if let Ok(handle) = Handle::parse(&word) {
            assert!(handle.as_str().len() <= Handle::MAX);
            assert_eq!(format!("{}@{}", handle.local(), handle.domain()), handle.as_str());
            assert_eq!(Handle::new(handle.as_str()), Ok(handle));
        }
        if let Some(digest) = Digest::parse(&word) {
            assert_eq!(digest.text().as_bytes(), word.to_ascii_lowercase());
        }
        if let Some(endpoint) = Endpoint::parse(&word) {
            assert_eq!(Endpoint::parse(endpoint.text().as_bytes()), Some(endpoint));
        }
        if let Some(code) = ErrorCode::parse(&word) {
            assert_eq!(code.number().to_string().as_bytes(), &word);
        }
        if let Some(id) = SessionId::parse(&word) {
            assert!((SessionId::MIN..=SessionId::MAX).contains(&id.value()));
        }
        if let Some(trid) = TrId::parse(&word) {
            let line = wire::encode_to_vec(|out| line::Line::new(out, "QNG").trid(trid).end());
            assert_eq!(&line[4..line.len() - 2], &word);
        }
        if let Ok(name) = FriendlyName::parse(&word) {
            assert!(!name.as_str().is_empty());
            assert_eq!(FriendlyName::new(name.as_str()), Ok(name));
        }
        if let Some(name) = FriendlyName::parse_lossy(&word) {
            assert_eq!(FriendlyName::new_visible(name.as_str()), Ok(name));
        }
        if let Ok(name) = RequestedName::parse(&word).strict() {
            assert_eq!(FriendlyName::parse_lossy(&word).as_ref(), Some(&name));
            assert_eq!(FriendlyName::new_visible(name.as_str()), Ok(name));
        }
    }

    #[test]
    fn a_friendly_name_is_sent_as_one_word_and_read_from_any_spelling(
        name in types::friendly_name(),
    ) {
        let sent = name.encoded().to_string();
        assert!(sent.len() <= FriendlyName::MAX_ENCODED);
        assert!(sent.bytes().all(|byte| byte.is_ascii_graphic() || byte >= 0x80));
        let beyond_ascii = |text: &str| text.chars().filter(|one| !one.is_ascii()).count();
        assert_eq!(beyond_ascii(&sent), beyond_ascii(name.as_str()));
        assert_eq!(FriendlyName::parse(sent.as_bytes()).as_ref(), Ok(&name));
        let lower: String = name.as_str().bytes().map(|byte| format!("%{byte:02x}")).collect();
        assert_eq!(FriendlyName::parse(lower.as_bytes()).as_ref(), Ok(&name));
        if !name.as_str().contains('%') {
            assert_eq!(FriendlyName::parse(name.as_str().as_bytes()).as_ref(), Ok(&name));
        }
    }

    #[test]
    fn a_name_whose_bytes_were_misread_as_characters_is_recognised(name in types::chosen_name()) {
        let bytes = name.as_str().as_bytes();
        let latin_1: String = bytes.iter().copied().map(char::from).collect();
        let sent: String = latin_1.bytes().map(|byte| format!("%{byte:02X}")).collect();
        if let Some(read) = FriendlyName::parse_lossy(sent.as_bytes()) {
            assert!(read.is_mojibake_of(&name));
        }
        assert_eq!(name.is_mojibake_of(&name), name.as_str().is_ascii());
    }

    #[test]
    fn handles_of_any_case_are_one_handle(handle in types::handle()) {
        assert_eq!(Handle::new(&handle.as_str().to_ascii_uppercase()).as_ref(), Ok(&handle));
        assert_eq!(FriendlyName::from_handle(&handle).as_str(), handle.as_str());
        let sent = FriendlyName::from_handle(&handle).encoded().to_string();
        assert_eq!(sent, handle.as_str());
    }

    #[test]
    fn values_from_entropy_are_legal(wide in any::<u128>(), word in any::<u32>(), now: u64) {
        let cookie = Cookie::from_entropy(wide);
        assert_eq!(cookie.as_str().len(), Cookie::MAX);
        assert_eq!(Cookie::parse(cookie.as_str().as_bytes()), Some(cookie));
        let session = SessionId::from_entropy(word);
        assert_eq!(SessionId::new(session.value()), Some(session));
        assert!(Challenge::from_entropy(now, word).is_some());
        let version = ListVersion::from_entropy(word);
        assert_eq!(ListVersion::new(version.value()), Some(version));
        assert_eq!(ListVersion::new(version.next().value()), Some(version.next()));
        assert!(version.next().is_after(version) && !version.is_after(version.next()));
    }

    #[test]
    fn a_digest_proves_one_password_for_one_challenge(
        challenge in types::challenge(), other in types::challenge(),
        password in any::<Vec<u8>>(), wrong in any::<Vec<u8>>(),
    ) {
        let digest = Digest::of(&challenge, &password);
        assert_eq!(Digest::parse(digest.text().as_bytes()), Some(digest));
        assert_eq!(Digest::of(&challenge, &wrong) == digest, wrong == password);
        if challenge.as_str().len() == other.as_str().len() {
            assert_eq!(Digest::of(&other, &password) == digest, other == challenge);
        }
    }

    #[test]
    fn the_reply_to_ver_has_all_offered_dialects_that_are_supported(ver in ver()) {
        let answer = ver.reply(VerReplyForm::List);
        assert_eq!((answer.trid, answer.cvr0), (ver.trid, ver.cvr0));
        let supported: Vec<Dialect> =
            ver.offered.iter().copied().filter(|dialect| dialect.is_supported()).collect();
        assert_eq!(answer.agreed.as_slice(), supported);
        assert_eq!(answer.dialect(), supported.first().copied());
        let single = ver.reply(VerReplyForm::Single);
        assert_eq!((single.trid, single.cvr0), (ver.trid, ver.cvr0));
        assert_eq!(single.agreed.as_slice(), supported.get(..1).unwrap_or_default());
    }
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn a_line_is_returned_before_its_payload_has_arrived(
        request in any_request(), cut: prop::sample::Index,
    ) {
        let (phase, at) = wire::legal_contexts(&request)[0];
        let encoded = wire::encode_to_vec(|out| request.encode(at.dialect, out));
        prop_assume!(form::request(&request, at.dialect).is_some());
        let cut = cut.index(encoded.len());
        let scan = frame::next(&encoded[..cut], Origin::Client, at.server).unwrap();
        assert!(scan.frame.is_none());
        assert_eq!(scan.partial.is_some(), cut >= header(&encoded).0.len());
        if let Some(partial) = scan.partial {
            let whole = wire::only_frame(&encoded, Origin::Client, at.server);
            assert_eq!((partial.name, partial.payload), (whole.name, b"".as_slice()));
            assert!(partial.words.clone().eq(whole.words));
            // A missing payload is no reason to refuse it.
            assert!(Request::decode(&partial, phase, at).is_ok());
        }
    }
}

#[test]
fn empty_lines_are_consumed_at_once() {
    let lines = "\r\n \t\n".repeat(frame::MAX_FRAME);
    for origin in [Origin::Client, Origin::Server] {
        let stream = Stream::read(lines.as_bytes(), &[7, 8, 9], origin, NS.server);
        assert_eq!((stream.frames.len(), stream.unread.len(), stream.error), (0, 0, None));
    }
}

#[test]
fn surplus_parameters_of_a_cvr_are_dropped() {
    let at = NS;
    let line = b"CVR 1 0x0409 win 4.10 i386 MSMSGS 1.0.0863 g h \xff\xfe \x01\r\n";
    let Ok(Request::Cvr(Cvr { client, .. })) = wire::request(line, Phase::SignedIn, at) else {
        panic!("CVR was refused");
    };
    assert_eq!(client.words.len(), ClientVersion::default().words.capacity());
    assert_eq!(client.version().unwrap().as_str(), "1.0.0863");
}

#[test]
fn a_message_of_a_participant_needs_a_name_before_its_length() {
    assert!(wire::event(b"MSG alice@example.com 2\r\nhi", NS).is_err());
    assert!(wire::event(b"MSG Hotmail 2\r\nhi", NS).is_err());
    assert!(wire::event(b"MSG Hotmail Hotmail 2\r\nhi", NS).is_ok());
}

#[test]
fn a_challenge_of_another_authentication_package_is_refused() {
    assert!(wire::event(b"USR 1 CTP S abc\r\n", NS).is_err());
    assert!(wire::event(b"USR 1 MD5 S abc\r\n", NS).is_ok());
}

#[test]
fn a_payload_above_its_limit_is_refused() {
    assert!(Payload::new(&[0; frame::MAX_PAYLOAD + 1]).is_none());
    let payload = Payload::new(&[0; frame::MAX_PAYLOAD]).unwrap();
    let request =
        Request::Msg(Msg { trid: TrId::new(1), acknowledgement: Acknowledgement::None, payload });
    assert!(format!("{request:?}").contains("Payload(…)"), "messages are never logged");
}

#[test]
fn digests_and_cookies_are_never_logged() {
    let digest = Digest::parse(b"0dc38e0c96e5ef37eb9451a0b2d5aaf9").unwrap();
    assert_eq!(format!("{digest:?}"), "Digest(…)");
    assert_eq!(format!("{:?}", Cookie::from_entropy(7)), "Cookie(…)");
}

#[test]
fn every_error_has_a_description() {
    let errors: [&dyn std::error::Error; 9] = [
        &SinkFullError,
        &frame::FrameError::LineTooLong,
        &TextError::Empty,
        &FriendlyNameError::Invisible,
        &HandleError::NoDomain,
        &DecodeError::malformed("list"),
        &GroupId::try_from(30).unwrap_err(),
        &ListVersion::try_from(0).unwrap_err(),
        &wire::request(b"SYN 5 0\r\n", Phase::Fresh, NS).unwrap_err(),
    ];
    let texts = errors.map(ToString::to_string);
    assert!(texts.iter().all(|text| !text.is_empty()));
    assert_eq!(texts[5], "bad or missing parameter: list");
    assert_eq!(texts[8], "command not expected now");
}
