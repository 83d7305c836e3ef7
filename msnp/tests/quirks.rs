//! Every quirk has a test of the same name here. A quirk without one does not compile. If only a
//! running server can show the quirk, the test checks that the quirk names a test of the server.

#[cfg(test)]
#[path = "quirks/needed.rs"]
mod needed;
#[cfg(test)]
#[path = "quirks/sent.rs"]
mod sent;
#[cfg(test)]
#[path = "quirks/wire.rs"]
mod wire;

use msnp::quirk::Quirk;
use needed::*;
use sent::*;
use std::collections::BTreeSet;
use std::path::Path;

macro_rules! tests {
    ($($quirk:ident => $test:ident,)+) => {
        /// The test of a quirk, and the test's name.
        fn test_of(quirk: Quirk) -> (fn(), &'static str) {
            match quirk { $(Quirk::$quirk => ($test, stringify!($test)),)+ }
        }
    };
}

tests! {
    BareLineFeed => bare_line_feed,
    TrailingBlank => trailing_blank,
    TransactionIdOnOut => transaction_id_on_out,
    OneTransactionId => one_transaction_id,
    TransactionIdZero => transaction_id_zero,
    UsrBeforeVer => usr_before_ver,
    NoInf => no_inf,
    DigestInPieces => digest_in_pieces,
    WritesCommandsInPieces => writes_commands_in_pieces,
    RepeatsHandle => repeats_handle,
    SendsHandleAsName => sends_handle_as_name,
    DoesNotWaitForSyn => does_not_wait_for_syn,
    ListsAfterEveryRem => lists_after_every_rem,
    RenamesByRemAndAdd => renames_by_rem_and_add,
    WritesItsCodePage => writes_its_code_page,
    SendsMisreadNames => sends_misread_names,
    RenamesContacts => renames_contacts,
    BlocksByRemThenAdd => blocks_by_rem_then_add,
    RepeatsBlp => repeats_blp,
    AllowsTwice => allows_twice,
    AddsWithoutGroup => adds_without_group,
    MovesByRemThenAdd => moves_by_rem_then_add,
    RemovesByGroup => removes_by_group,
    MovesByAddThenRem => moves_by_add_then_rem,
    AnswersChallengesInAnyDialect => answers_challenges_in_any_dialect,
    LeavesWithBye => leaves_with_bye,
    VanishesWithoutOut => vanishes_without_out,
    StaysSilent => stays_silent,
    ComparesVerReply => compares_ver_reply,
    WantsMsnp5 => wants_msnp5,
    WantsCvr0 => wants_cvr0,
    WantsFavouriteFirst => wants_favourite_first,
    ComparesPackages => compares_packages,
    WantsZeroInReferral => wants_zero_in_referral,
    SearchesReferralForSb => searches_referral_for_sb,
    DottedAddress => dotted_address,
    WantsFiveWordsInUsr => wants_five_words_in_usr,
    IgnoresErrorsBeforeSignIn => ignores_errors_before_sign_in,
    ReadsOneLine => reads_one_line,
    LosesProfileInWelcome => loses_profile_in_welcome,
    LosesInputBeforeProfile => loses_input_before_profile,
    LosesTextAfterAnswer => loses_text_after_answer,
    SearchesProfile => searches_profile,
    KnowsServerAsHotmail => knows_server_as_hotmail,
    NeedsAllLists => needs_all_lists,
    WaitsForLastReverseLine => waits_for_last_reverse_line,
    PaintsContactsNotOnReverseList => paints_contacts_not_on_reverse_list,
    NeedsOneContact => needs_one_contact,
    AsksForVersionZero => asks_for_version_zero,
    CountsBlanks => counts_blanks,
    ShortLineBuffer => short_line_buffer,
    MisreadsEncodedUtf8 => misreads_encoded_utf8,
    ComparesHandlesWithCase => compares_handles_with_case,
    ReadsErrorsAtFixedPlaces => reads_errors_at_fixed_places,
    TakesSessionIdForTransactionId => takes_session_id_for_transaction_id,
    ShortCookieBuffer => short_cookie_buffer,
    ShortChallengeBuffer => short_challenge_buffer,
    CountsParticipants => counts_participants,
    WantsSiteId => wants_site_id,
    WantsItsOwnVersion => wants_its_own_version,
    PropertyAtFixedPlace => property_at_fixed_place,
    GroupNameBeforeNumber => group_name_before_number,
    MakesGroupsWhenUnnamed => makes_groups_when_unnamed,
}

#[test]
fn a_test_has_the_name_of_its_quirk() {
    let mut tests = BTreeSet::new();
    for quirk in Quirk::ALL {
        let mut expected = String::new();
        for letter in quirk.name().chars() {
            if letter.is_uppercase() && !expected.is_empty() {
                expected.push('_');
            }
            expected.extend(letter.to_lowercase());
        }
        let (_, name) = test_of(*quirk);
        assert_eq!(name, expected);
        tests.insert(name);
    }
    assert_eq!(tests.len(), Quirk::ALL.len());
}

#[test]
fn a_quirk_has_clients_a_source_and_a_description() {
    for quirk in Quirk::ALL {
        for text in [quirk.clients(), quirk.source(), quirk.description()] {
            assert!(!text.is_empty() && text == text.trim(), "{}", quirk.name());
        }
        assert!(quirk.description().ends_with('.'), "{}", quirk.name());
        assert!(!quirk.description().contains("  "), "{}", quirk.name());
    }
}

#[test]
fn the_test_that_a_quirk_names_exists() {
    for quirk in Quirk::ALL {
        if let Some(path) = quirk.shown_in() {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
            assert!(root.join(path).is_file(), "{}: there is no {path}", quirk.name());
        }
    }
}
