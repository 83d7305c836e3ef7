//! Connections of the server with a correct client, and with clients that break the protocol.

use crate::client::{CERTIFICATE, Client, Form, KEY, identity};
use crate::fixed_rng::FixedRng;
use crate::record::ContentType;
use crate::secrets::SECRET_LEN;
use crate::{Identity, IdentityError, MAX_CHAIN, Server, Suite, TlsError, Version};
use alloc::vec;
use alloc::vec::Vec;
use core::convert::Infallible;
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};

const VERSIONS: [Version; 2] = [Version::Ssl3, Version::Tls1];
const REQUEST: &[u8] = b"GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.passport.com\r\n\r\n";

/// All versions and suites.
fn all() -> impl Iterator<Item = (Version, Suite)> {
    VERSIONS.into_iter().flat_map(|version| Suite::ALL.map(|suite| (version, suite)))
}

#[test]
fn every_version_and_suite_carries_data_both_ways() {
    for (version, suite) in all() {
        for form in [Form::Ssl2, Form::Ssl3] {
            for piece in [1, 7, usize::MAX] {
                let mut client = Client::connect(version, suite, form, piece);
                assert_eq!(client.server.negotiated(), Some((version, suite)));
                for count in 0..3 {
                    let record = client.record(ContentType::Data, REQUEST);
                    client.give(&record, piece).unwrap();
                    assert_eq!(client.server.data(), REQUEST);
                    client.server.consume(REQUEST.len());
                    let reply = vec![count; 4096];
                    assert_eq!(client.server.send(&reply), reply.len());
                    assert_eq!(client.records(), [(23, reply)]);
                }
            }
        }
    }
}

/// The fuzzing corpus has one whole connection of each version, suite and form of the first message.
/// Set `MSNPD_WRITE` to write them.
#[test]
fn the_corpus_has_whole_connections() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/oldtls");
    let mut wrong = Vec::new();
    for (version, suite) in all() {
        for form in [Form::Ssl2, Form::Ssl3] {
            let mut client = Client::new(version, suite);
            let mut bytes = client.greet(form, usize::MAX);
            let premaster = client.premaster();
            bytes.extend(client.exchange(premaster).concat());
            for data in [&REQUEST[..1], &REQUEST[1..]] {
                bytes.extend(client.record(ContentType::Data, data));
            }
            bytes.extend(client.record(ContentType::Alert, &[1, 0]));
            let hello = if form == Form::Ssl2 { "_hello_of_ssl2" } else { "" };
            let name = std::format!("{folder}/{version:?}_{suite:?}{hello}").to_lowercase();
            if std::env::var_os("MSNPD_WRITE").is_some() {
                std::fs::create_dir_all(folder).unwrap();
                std::fs::write(&name, &bytes).unwrap();
            }
            if std::fs::read(&name).ok() != Some(bytes) {
                wrong.push(name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_first_byte_of_a_request_may_be_a_record_of_its_own() {
    for (version, suite) in all() {
        let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
        let (first, rest) = REQUEST.split_at(1);
        let records =
            [&[][..], first, &[], rest].map(|part| client.record(ContentType::Data, part));
        let (mut received, records) = (Vec::new(), records.concat());
        let mut rest = records.as_slice();
        while !rest.is_empty() {
            let taken = client.server.receive(rest, &mut client.rng).unwrap();
            rest = &rest[taken..];
            received.extend_from_slice(client.server.data());
            client.server.consume(usize::MAX);
        }
        assert_eq!(received, REQUEST);
    }
}

#[test]
fn a_record_of_the_full_length_is_received() {
    for (version, suite) in all() {
        let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
        let data = vec![1; 16_384];
        let record = client.record(ContentType::Data, &data);
        client.give(&record, usize::MAX).unwrap();
        client.server.consume(1);
        assert_eq!(client.server.data(), &data[1..]);
    }
}

/// A caller may consume all there is after each piece.
#[test]
fn to_consume_nothing_keeps_the_start_of_a_record() {
    let mut client = Client::connect(Version::Tls1, Suite::Aes128Sha, Form::Ssl3, usize::MAX);
    let record = client.record(ContentType::Data, b"a");
    for byte in record.chunks(1) {
        client.server.consume(usize::MAX);
        client.give(byte, 1).unwrap();
    }
    assert_eq!(client.server.data(), b"a");
}

#[test]
fn nothing_is_received_before_data_is_consumed() {
    let mut client = Client::connect(Version::Tls1, Suite::Rc4Md5, Form::Ssl3, usize::MAX);
    let records = [b"a", b"b"].map(|data| client.record(ContentType::Data, data));
    client.give(&records[0], usize::MAX).unwrap();
    assert_eq!(client.server.receive(&records[1], &mut client.rng), Ok(0));
    client.server.consume(1);
    client.give(&records[1], usize::MAX).unwrap();
    assert_eq!(client.server.data(), b"b");
}

#[test]
fn data_is_sent_as_far_as_there_is_room_and_an_alert_still_fits() {
    let mut client = Client::connect(Version::Tls1, Suite::Aes128Sha, Form::Ssl3, usize::MAX);
    let data = vec![3; 20_000];
    let mut sent = 0;
    while sent < data.len() {
        let taken = client.server.send(&data[sent..]);
        if taken == 0 {
            break;
        }
        sent += taken;
    }
    assert!((4096..20_000).contains(&sent), "{sent}");
    client.server.close();
    let records = client.records();
    let (last, records) = records.split_last().unwrap();
    assert_eq!(last, &(21, vec![1, 0]));
    assert_eq!(records.iter().map(|(_, data)| data.len()).sum::<usize>(), sent);
}

#[test]
fn nothing_is_sent_before_the_handshake_or_after_the_end() {
    let mut client = Client::new(Version::Tls1, Suite::Rc4Sha);
    assert_eq!(client.server.send(b"a"), 0);
    let mut client = Client::connect(Version::Tls1, Suite::Rc4Sha, Form::Ssl3, usize::MAX);
    client.server.close();
    assert_eq!(client.server.send(b"a"), 0);
    assert_eq!(client.server.receive(b"a", &mut client.rng), Err(TlsError::Ended));
}

#[test]
fn a_client_ends_the_connection_in_order() {
    for (version, suite) in all() {
        let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
        let close = client.record(ContentType::Alert, &[1, 0]);
        client.give(&close, usize::MAX).unwrap();
        assert!(client.server.has_ended());
        assert_eq!(client.records(), [(21, vec![1, 0])]);
    }
}

#[test]
fn warnings_are_ignored_but_not_for_ever() {
    let mut client = Client::connect(Version::Tls1, Suite::Rc4Sha, Form::Ssl3, usize::MAX);
    for _ in 0..8 {
        let warning = client.record(ContentType::Alert, &[1, 90]);
        client.give(&warning, usize::MAX).unwrap();
    }
    let warning = client.record(ContentType::Alert, &[1, 90]);
    assert_eq!(client.give(&warning, usize::MAX), Err(TlsError::PeerAlert(90)));
    assert_eq!(client.records(), []);
}

/// The handshake's records, each cut at each byte: the server waits, and does not fail.
#[test]
fn a_handshake_that_stops_is_waited_for() {
    for version in VERSIONS {
        let mut client = Client::new(version, Suite::TripleDesSha);
        let hello = client.hello(Form::Ssl3);
        for len in 0..hello.len() {
            let mut server = Server::new(identity());
            assert_eq!(server.receive(&hello[..len], &mut FixedRng(1)), Ok(len));
            assert!(server.output().is_empty() && !server.has_ended());
        }
    }
}

/// A message may be in several records, and each record may be cut.
#[test]
fn a_message_in_many_records_is_put_together() {
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    let hello = client.hello(Form::Ssl3);
    let message = &hello[5..];
    let records: Vec<u8> =
        message.iter().flat_map(|byte| client.record(ContentType::Handshake, &[*byte])).collect();
    client.give(&records, 3).unwrap();
    let first = client.records();
    assert_eq!(first[0].1[0], 2);
}

fn error_of(bytes: &[u8]) -> (TlsError, Vec<u8>) {
    let mut server = Server::new(identity());
    let error = server.receive(bytes, &mut FixedRng(1)).unwrap_err();
    assert!(server.has_ended());
    assert_eq!(server.receive(b"a", &mut FixedRng(1)), Err(TlsError::Ended));
    (error, server.output().to_vec())
}

#[test]
fn what_is_no_hello_ends_the_connection_with_an_alert() {
    let alert = |number| vec![21, 3, 1, 0, 2, 2, number];
    assert_eq!(error_of(b"GET / HTTP/1.0\r\n"), (TlsError::Malformed, alert(50)));
    // Data, a change of keys, another handshake message, and a record that is too long.
    assert_eq!(error_of(&[23, 3, 1, 0, 1, 0]), (TlsError::Unexpected, alert(10)));
    assert_eq!(error_of(&[20, 3, 1, 0, 1, 1]), (TlsError::Unexpected, alert(10)));
    assert_eq!(error_of(&[22, 3, 1, 0, 4, 16, 0, 0, 0]), (TlsError::Unexpected, alert(10)));
    assert_eq!(error_of(&[22, 3, 1, 0x50, 0]), (TlsError::TooLong, alert(22)));
    assert_eq!(error_of(&[22, 3, 1, 0, 4, 1, 1, 0, 0]), (TlsError::TooLong, alert(22)));
    assert_eq!(error_of(&[22, 3, 1, 0, 0]), (TlsError::Malformed, alert(50)));
    // SSL 2.0 alone, and a hello in its form that is too short or too long.
    let mut client = Client::new(Version::Ssl3, Suite::Rc4Md5);
    let mut hello = client.hello(Form::Ssl2);
    hello[3..5].copy_from_slice(&[0, 2]);
    assert_eq!(error_of(&hello), (TlsError::NoCommonVersion, alert(70)));
    assert_eq!(error_of(&[0x80, 3, 1, 3, 0]), (TlsError::Malformed, alert(50)));
    assert_eq!(error_of(&[0xFF, 0xFF, 1, 3, 0]), (TlsError::Malformed, alert(50)));
}

#[test]
fn a_client_without_a_common_suite_is_told() {
    for (version, minor) in [(Version::Ssl3, 0), (Version::Tls1, 1)] {
        let mut client = Client::new(version, Suite::Rc4Md5);
        let mut hello = client.hello(Form::Ssl3);
        let suite = hello.len() - 4;
        // RC4 with 40 bits.
        hello[suite..suite + 2].copy_from_slice(&[0, 3]);
        assert_eq!(error_of(&hello), (TlsError::NoCommonSuite, vec![21, 3, minor, 0, 2, 2, 40]));
    }
}

/// A newer client speaks TLS 1.0 with this server.
#[test]
fn a_higher_version_of_the_client_becomes_tls_1_0() {
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    let mut hello = client.hello(Form::Ssl3);
    hello[9..11].copy_from_slice(&[3, 3]);
    client.give(&hello, usize::MAX).unwrap();
    let records = client.records();
    assert_eq!(records[0].1[4..6], [3, 1]);
}

/// The answer is the same whatever is wrong with the exchanged key, and comes at the same message.
#[test]
fn a_wrong_key_exchange_fails_at_the_proof() {
    for version in VERSIONS {
        let mut answers = Vec::new();
        for wrong in ["version", "ciphertext", "length"] {
            let mut client = Client::new(version, Suite::TripleDesSha);
            client.greet(Form::Ssl3, usize::MAX);
            let mut premaster = client.premaster();
            if wrong == "version" {
                premaster[..2].copy_from_slice(&[2, 0]);
            }
            let [mut exchange, change, finished] = client.exchange(premaster);
            let start = 5 + 4 + usize::from(version == Version::Tls1) * 2;
            match wrong {
                "ciphertext" => exchange[start + 9] ^= 1,
                "length" => {
                    // One byte fewer.
                    exchange.remove(start);
                    exchange[4] -= 1;
                    exchange[8] -= 1;
                    if version == Version::Tls1 {
                        exchange[10] -= 1;
                    }
                }
                _ => {}
            }
            client.give(&exchange, usize::MAX).unwrap();
            client.give(&change, usize::MAX).unwrap();
            let error = client.give(&finished, usize::MAX).unwrap_err();
            answers.push((error, client.server.output().to_vec()));
        }
        assert_eq!(answers[0].0, TlsError::BadRecord);
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    }
}

/// Every change of a sealed record has one answer.
#[test]
fn a_changed_record_has_one_answer() {
    for (version, suite) in all() {
        let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
        let record = client.record(ContentType::Data, b"request");
        let mut errors = Vec::new();
        for index in 5..record.len() {
            let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
            let mut changed = client.record(ContentType::Data, b"request");
            changed[index] ^= 1;
            let result = client.give(&changed, usize::MAX);
            // Of the padding of SSL 3.0, only the length is checked.
            let padding = suite.block_len();
            if version == Version::Ssl3 && padding > 0 && index + padding >= record.len() {
                continue;
            }
            errors.push((result.unwrap_err(), client.records()));
        }
        errors.dedup();
        assert_eq!(
            errors,
            [(TlsError::BadRecord, vec![(21, vec![2, 20])])],
            "{version:?} {suite:?}"
        );
    }
}

#[test]
fn a_sealed_record_must_have_whole_blocks_and_a_code() {
    for (version, suite) in all() {
        for len in [0, 1, 8, 16, 17, 24, 33] {
            let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
            let record = [&[23, 3, version.number()[1], 0, len][..], &vec![9; len.into()]].concat();
            assert_eq!(client.give(&record, usize::MAX), Err(TlsError::BadRecord));
        }
    }
}

#[test]
fn another_handshake_is_refused() {
    for (version, suite) in all() {
        let mut client = Client::connect(version, suite, Form::Ssl3, usize::MAX);
        let hello = client.hello(Form::Ssl3);
        assert_eq!(client.give(&hello, usize::MAX), Err(TlsError::Unexpected));
        assert_eq!(client.records(), [(21, vec![2, 10])]);
    }
}

#[test]
fn a_changed_handshake_is_refused() {
    for (version, alert) in [(Version::Ssl3, 40), (Version::Tls1, 51)] {
        let mut client = Client::new(version, Suite::Aes128Sha);
        client.greet(Form::Ssl3, usize::MAX);
        client.transcript.add(b"what the server did not see");
        let premaster = client.premaster();
        let records = client.exchange(premaster);
        assert_eq!(client.give(&records.concat(), usize::MAX), Err(TlsError::BadFinished));
        let expected = [21, 3, version.number()[1], 0, 2, 2, alert];
        assert_eq!(client.server.output(), expected);
    }
}

#[test]
fn messages_out_of_order_are_refused() {
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    client.greet(Form::Ssl3, usize::MAX);
    let premaster = client.premaster();
    let [_, change, finished] = client.exchange(premaster);
    assert_eq!(client.give(&change, usize::MAX), Err(TlsError::Unexpected));
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    client.greet(Form::Ssl3, usize::MAX);
    assert!(client.give(&finished, usize::MAX).is_err());
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    client.greet(Form::Ssl3, usize::MAX);
    let [exchange, ..] = client.exchange([0; SECRET_LEN]);
    client.give(&exchange, usize::MAX).unwrap();
    assert_eq!(client.give(&exchange, usize::MAX), Err(TlsError::Unexpected));
}

struct NoRng;

impl TryRng for NoRng {
    type Error = core::fmt::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(core::fmt::Error)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(core::fmt::Error)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
        Err(core::fmt::Error)
    }
}

impl TryCryptoRng for NoRng {}

#[test]
fn a_failed_source_of_random_bytes_ends_the_connection() {
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    let hello = client.hello(Form::Ssl3);
    assert_eq!(client.server.receive(&hello, &mut NoRng), Err(TlsError::Random));
    let _: Result<u32, Infallible> = client.rng.try_next_u32();
}

#[test]
fn an_identity_is_checked() {
    let error = |key: &[u8], chain: &[&[u8]]| Identity::from_der(key, chain).err();
    assert_eq!(error(b"", &[CERTIFICATE]), Some(IdentityError::NoKey));
    assert_eq!(error(KEY, &[]), Some(IdentityError::NoCertificate));
    assert_eq!(error(KEY, &[&[0; MAX_CHAIN - 3]]), None);
    assert_eq!(error(KEY, &[&[0; MAX_CHAIN - 2]]), Some(IdentityError::ChainTooLong));
}

/// The longest chain that an identity may have can be sent.
#[test]
fn the_longest_chain_is_sent() {
    let identity = Identity::from_der(KEY, &[&[0; MAX_CHAIN - 3]]).unwrap();
    let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
    client.server = Server::new(identity.into());
    let hello = client.hello(Form::Ssl3);
    client.give(&hello, usize::MAX).unwrap();
    assert!(client.server.output().len() > MAX_CHAIN);
}

/// A server is as large as its documentation says.
#[test]
fn a_server_takes_about_30_kib() {
    assert!((24 * 1024..32 * 1024).contains(&size_of::<Server>()), "{}", size_of::<Server>());
}

proptest! {
    /// Any bytes, in any pieces, are taken or refused, and the pieces make no difference.
    #[test]
    fn any_bytes_are_taken_or_refused(
        start in prop::sample::select(vec![vec![], vec![22, 3, 1, 0], vec![0x80, 40, 1, 3], vec![20, 3]]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        piece in 1_usize..50,
    ) {
        let bytes = [start, bytes].concat();
        let outcome = |piece| {
            let mut client = Client::new(Version::Tls1, Suite::Aes128Sha);
            let mut result = Ok(());
            for piece in bytes.chunks(piece) {
                match client.server.receive(piece, &mut client.rng) {
                    Ok(taken) if taken == piece.len() => {}
                    other => {
                        result = other.map(|_| ());
                        break;
                    }
                }
            }
            (result, client.server.output().to_vec())
        };
        prop_assert_eq!(outcome(piece), outcome(usize::MAX));
    }
}
