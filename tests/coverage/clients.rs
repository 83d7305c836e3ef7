//! The clients, and what was tested of each.

use super::page::{link, root, table};
use super::scripts::Scripts;
use Tried::{Needs, Read, Recorded, Unread};
use msnp::quirk::Quirk;

/// The evidence that a client works, or the reason why it does not.
enum Tried {
    /// A recording of this version: the file in `tests/transcripts/`, its content, and the prefix of the
    /// scripts that are based on it.
    Recorded { file: &'static str, version: &'static str, scripts: &'static str },
    /// Its source code was read. These scripts follow it.
    Read { scripts: &'static [&'static str] },
    /// Neither was possible. These scripts follow the documents.
    Unread { known: &'static str, scripts: &'static [&'static str] },
    /// It cannot sign in.
    Needs { what: &'static str },
}

/// A client, or versions of it that act alike.
struct Client {
    name: &'static str,
    offers: &'static str,
    tried: Tried,
    quirks: &'static [Quirk],
}

/// Real clients that were run against this server by hand: their versions, and what they did.
const RUN: &[(&str, &str)] = &[(
    "aMSN from June 2002 on",
    "0.83 (October 2003), two of them: sign-in, adding each other, a chat both ways, states, a new name, \
     a group and a move, blocking, the greeter; 0.81pre1 (July 2003): sign-in, adding, a chat",
)];

/// The answers of the recorded clients to a `CHL` that was inserted later.
const CHALLENGES: &str = "challenge-msnp2-7.txt";

/// Quirks that belong to no single client.
const OF_ALL: &[Quirk] = &[
    Quirk::VanishesWithoutOut,
    Quirk::LosesProfileInWelcome,
    Quirk::LosesInputBeforeProfile,
    Quirk::LosesTextAfterAnswer,
];

const OFFICIAL: &str = "the draft, yellows111's wiki, hypothetic.org";
const FOUR: &str = "MSNP7 MSNP6 MSNP5 MSNP4 CVR0";

const CLIENTS: &[Client] = &[
    Client {
        name: "MSN Messenger 1.0",
        offers: "MSNP2 CVR0",
        tried: Unread {
            known: OFFICIAL,
            scripts: &["login_through_ds_and_ns", "login_with_current_lists"],
        },
        quirks: &[Quirk::StaysSilent, Quirk::WantsItsOwnVersion],
    },
    Client {
        name: "MSN Messenger 2.0 to 2.2",
        offers: "MSNP3 MSNP2 CVR0; MSNP4 MSNP3 CVR0",
        tried: Unread { known: OFFICIAL, scripts: &["login_in_msnp3", "login_in_msnp4"] },
        quirks: &[Quirk::StaysSilent, Quirk::WantsItsOwnVersion, Quirk::WantsZeroInReferral],
    },
    Client {
        name: "MSN Messenger 3.0 to 3.6",
        offers: "MSNP5 MSNP4 CVR0; from 3.6.0038 on MSNP6 before them",
        tried: Unread {
            known: OFFICIAL,
            scripts: &["login_in_msnp5", "login_in_msnp6", "overview_of_msnp5"],
        },
        quirks: &[
            Quirk::StaysSilent,
            Quirk::WantsItsOwnVersion,
            Quirk::WantsSiteId,
            Quirk::WantsZeroInReferral,
        ],
    },
    Client {
        name: "MSN Messenger 4.5 and 4.6, Windows Messenger 4.7 before 4.7.2005",
        offers: FOUR,
        tried: Unread {
            known: OFFICIAL,
            scripts: &["login_in_msnp7", "groups_and_numbers_in_msnp7"],
        },
        quirks: &[
            Quirk::MakesGroupsWhenUnnamed,
            Quirk::WantsItsOwnVersion,
            Quirk::WantsSiteId,
            Quirk::WantsZeroInReferral,
        ],
    },
    Client {
        name: "MSN Messenger 5.0 and later, Windows Messenger 4.7.2005 and later",
        offers: "MSNP8 CVR0; later ones",
        tried: Needs { what: "Passport over TLS" },
        quirks: &[],
    },
    Client {
        name: "Gaim 0.11.0-pre3 to pre13",
        offers: "MSNP2",
        tried: Read { scripts: &["login_of_gaim_2000_with_bare_lf_one_transaction_id_and_no_ver"] },
        quirks: &[
            Quirk::BareLineFeed,
            Quirk::OneTransactionId,
            Quirk::UsrBeforeVer,
            Quirk::RepeatsHandle,
            Quirk::SendsHandleAsName,
            Quirk::DoesNotWaitForSyn,
            Quirk::ComparesVerReply,
            Quirk::ReadsOneLine,
            Quirk::AsksForVersionZero,
            Quirk::WritesItsCodePage,
            Quirk::ComparesHandlesWithCase,
            Quirk::CountsParticipants,
        ],
    },
    Client {
        name: "Gaim 0.11.0-pre14 to 0.43",
        offers: "MSNP2",
        tried: Recorded {
            file: "gaim-0.43-msnp2.txt",
            version: "0.43 of September 2001",
            scripts: "gaim_0_43",
        },
        quirks: &[
            Quirk::BareLineFeed,
            Quirk::UsrBeforeVer,
            Quirk::SendsHandleAsName,
            Quirk::DoesNotWaitForSyn,
            Quirk::RepeatsBlp,
            Quirk::AllowsTwice,
            Quirk::AnswersChallengesInAnyDialect,
            Quirk::SearchesReferralForSb,
            Quirk::KnowsServerAsHotmail,
            Quirk::AsksForVersionZero,
            Quirk::WritesItsCodePage,
            Quirk::ComparesHandlesWithCase,
            Quirk::CountsParticipants,
        ],
    },
    Client {
        name: "Gaim 0.44 to 0.62",
        offers: "MSNP5",
        tried: Recorded {
            file: "gaim-2003-msnp5.txt",
            version: "that of January 2003",
            scripts: "gaim_of_2003",
        },
        quirks: &[
            Quirk::BareLineFeed,
            Quirk::SendsHandleAsName,
            Quirk::BlocksByRemThenAdd,
            Quirk::RepeatsBlp,
            Quirk::AnswersChallengesInAnyDialect,
            Quirk::LeavesWithBye,
            Quirk::WantsZeroInReferral,
            Quirk::SearchesReferralForSb,
            Quirk::SearchesProfile,
            Quirk::KnowsServerAsHotmail,
            Quirk::WaitsForLastReverseLine,
            Quirk::AsksForVersionZero,
            Quirk::CountsBlanks,
            Quirk::ComparesHandlesWithCase,
            Quirk::ReadsErrorsAtFixedPlaces,
            Quirk::CountsParticipants,
        ],
    },
    Client {
        name: "Gaim 0.63 to 0.68",
        offers: FOUR,
        tried: Read { scripts: &[] },
        quirks: &[
            Quirk::BlocksByRemThenAdd,
            Quirk::MovesByRemThenAdd,
            Quirk::LeavesWithBye,
            Quirk::WantsMsnp5,
            Quirk::ComparesPackages,
            Quirk::WantsZeroInReferral,
            Quirk::KnowsServerAsHotmail,
            Quirk::AsksForVersionZero,
            Quirk::ComparesHandlesWithCase,
            Quirk::CountsParticipants,
            Quirk::PropertyAtFixedPlace,
            Quirk::GroupNameBeforeNumber,
        ],
    },
    Client {
        name: "Miranda ICQ 0.0.7",
        offers: "MSNP2",
        tried: Read { scripts: &["syn_and_chg_back_to_back"] },
        quirks: &[
            Quirk::TrailingBlank,
            Quirk::TransactionIdOnOut,
            Quirk::DoesNotWaitForSyn,
            Quirk::StaysSilent,
            Quirk::WantsFavouriteFirst,
            Quirk::DottedAddress,
            Quirk::NeedsOneContact,
            Quirk::AsksForVersionZero,
            Quirk::CountsBlanks,
            Quirk::WritesItsCodePage,
            Quirk::ReadsErrorsAtFixedPlaces,
            Quirk::ShortCookieBuffer,
        ],
    },
    Client {
        name: "Miranda ICQ 0.1, of 2001 and 2002",
        offers: "MSNP2",
        tried: Read { scripts: &["syn_and_chg_back_to_back"] },
        quirks: &[
            Quirk::WantsFavouriteFirst,
            Quirk::ComparesPackages,
            Quirk::AsksForVersionZero,
            Quirk::ShortChallengeBuffer,
        ],
    },
    Client {
        name: "CCMSN 0.1 to 0.3, the first aMSN 0.5",
        offers: "MSNP2",
        tried: Read {
            scripts: &["lst_after_every_rem", "rem_then_add_again_shows_the_contact_again"],
        },
        quirks: &[
            Quirk::BareLineFeed,
            Quirk::TrailingBlank,
            Quirk::DoesNotWaitForSyn,
            Quirk::ListsAfterEveryRem,
            Quirk::RenamesByRemAndAdd,
            Quirk::StaysSilent,
            Quirk::AsksForVersionZero,
            Quirk::TakesSessionIdForTransactionId,
        ],
    },
    Client {
        name: "aMSN from June 2002 on",
        offers: FOUR,
        tried: Recorded {
            file: "amsn-0.61beta-msnp7.txt",
            version: "0.61 beta of July 2002",
            scripts: "amsn_0_61",
        },
        quirks: &[
            Quirk::ListsAfterEveryRem,
            Quirk::WritesItsCodePage,
            Quirk::SendsMisreadNames,
            Quirk::RenamesContacts,
            Quirk::WritesCommandsInPieces,
            Quirk::MisreadsEncodedUtf8,
            Quirk::AddsWithoutGroup,
            Quirk::PaintsContactsNotOnReverseList,
            Quirk::WantsCvr0,
            Quirk::WantsZeroInReferral,
        ],
    },
    Client {
        name: "Everybuddy and ayttm of 2003",
        offers: "MSNP7",
        tried: Recorded {
            file: "libmsn2-2003-msnp7.txt",
            version: "libmsn2 of ayttm, April 2003",
            scripts: "libmsn2",
        },
        quirks: &[
            Quirk::NoInf,
            Quirk::DigestInPieces,
            Quirk::AddsWithoutGroup,
            Quirk::MovesByAddThenRem,
            Quirk::StaysSilent,
            Quirk::WantsFavouriteFirst,
            Quirk::WantsZeroInReferral,
            Quirk::WantsFiveWordsInUsr,
            Quirk::IgnoresErrorsBeforeSignIn,
            Quirk::NeedsAllLists,
            Quirk::AsksForVersionZero,
            Quirk::ShortLineBuffer,
            Quirk::ComparesHandlesWithCase,
            Quirk::GroupNameBeforeNumber,
        ],
    },
    Client {
        name: "Kopete, Adium and jmml of 2002 and 2003",
        offers: FOUR,
        tried: Read {
            scripts: &[
                "transaction_id_may_be_zero",
                "rem_out_of_the_last_group_removes_the_contact",
            ],
        },
        quirks: &[Quirk::TransactionIdZero, Quirk::RemovesByGroup, Quirk::WantsZeroInReferral],
    },
    Client {
        name: "msnlib, BitlBee, Gaim 0.69 and later",
        offers: "MSNP8; MSNP9",
        tried: Needs { what: "Passport over TLS" },
        quirks: &[],
    },
    Client {
        name: "Trillian, Jabber's msn-transport, Messenger for the Mac, WebTV",
        offers: "not known",
        tried: Unread { known: "what others wrote of it", scripts: &[] },
        quirks: &[],
    },
];

fn links<'a>(scripts: &Scripts, names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names.into_iter().map(|name| scripts.link(name));
    names.collect::<Vec<_>>().join(", ")
}

/// Describes what was tested of a client, and how.
fn tested(tried: &Tried, all: &Scripts) -> String {
    let also = |names: String| match names.is_empty() {
        true => String::new(),
        false => format!("; scripts: {names}"),
    };
    match tried {
        Recorded { file, version, scripts: prefix } => {
            let after = also(links(all, all.beginning(prefix)));
            let file = link(&format!("tests/transcripts/{file}"));
            let answers = link(&format!("tests/transcripts/{CHALLENGES}"));
            format!(
                "**recorded**: {file}, replayed in lines and byte by byte ({version}), and with a \
                 challenge: {answers}{after}"
            )
        }
        Read { scripts } => {
            format!(
                "**from its source**: a test of each quirk{}",
                also(links(all, scripts.iter().copied()))
            )
        }
        Unread { known, scripts } => {
            format!("not tried; known from {known}{}", also(links(all, scripts.iter().copied())))
        }
        Needs { what } => {
            let refused = links(all, ["no_common_version", "cvr0_only"]);
            format!("cannot sign in: it needs {what}; that it is told so: {refused}")
        }
    }
}

/// Returns the section of the page.
pub(crate) fn section(scripts: &Scripts) -> String {
    let names = |quirks: &[Quirk]| match quirks.is_empty() {
        true => "none known".to_owned(),
        false => quirks.iter().map(|quirk| quirk.name()).collect::<Vec<_>>().join(", "),
    };
    let row = |client: &Client| {
        let (name, offers) = (client.name.to_owned(), client.offers.to_owned());
        let run = RUN.iter().find(|(name, _)| *name == client.name);
        let run = run.map_or(String::new(), |(_, what)| format!("**run**: {what}; "));
        vec![name, offers, run + &tested(&client.tried, scripts), names(client.quirks)]
    };
    let rows: Vec<Vec<String>> = CLIENTS.iter().map(row).collect();
    format!(
        "## Clients\n\nNo official client was run against this server. The quirks of all: {}.\n\n{}",
        names(OF_ALL),
        table(&["client", "offers", "tested", "quirks"], &rows)
    )
}

#[test]
fn every_quirk_is_one_of_a_client() {
    for quirk in Quirk::ALL {
        let mut clients = CLIENTS.iter().map(|client| client.quirks).chain([OF_ALL]);
        assert!(clients.any(|quirks| quirks.contains(quirk)), "{}", quirk.name());
    }
}

#[test]
fn every_recording_is_one_of_a_client() {
    for entry in std::fs::read_dir(root().join("tests/transcripts")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let listed = CLIENTS.iter().any(|client| match &client.tried {
            Recorded { file, .. } => *file == name,
            _ => false,
        });
        assert!(
            listed || name == CHALLENGES || !name.ends_with(".txt"),
            "{name} is in tests/coverage/clients.rs nowhere"
        );
    }
}
