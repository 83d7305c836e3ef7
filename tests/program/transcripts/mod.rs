//! Recordings of real clients of 2001 to 2003, sent to the running program byte for byte.
//!
//! The recordings contain the answers of another server. Every difference of ours is listed here with its
//! reason. Every other byte must be the same, except for values that a server chooses.

mod recording;

use recording::challenge::{self, Challenged};
use recording::differ::{Difference, PASSPORT_PROFILE, PROFILE};
use recording::{Pieces, Recorded, folder};

const PROFILE_IS_OURS: &str =
    "ours has LoginTime only in MSNP2, and the Passport's fields without contents since MSNP3";
const PROFILE_COMES_LATER: &str = "the profile follows the answer to the first command after USR OK, when the connection is quiet: \
     some clients lose it or what stands before it when both share a read";
const BLP_REPEATED: &str = "the same BLP again changes nothing, so the list version stays";
const ALL_IN_COMMON: &str = "all dialects in common are named: Gaim 0.63 looks for MSNP5 among them, though it speaks MSNP7";
const OWN_ADDRESS: &str =
    "since MSNP7 a referral ends with the address of the server that makes it";
const OWN_NUMBERS: &str =
    "since MSNP5 the lists have the own telephone numbers with them, also if there are none";
const NO_GROUPS_YET: &str = "a user who never created a group has one, called `~`";
const AT_ONCE: &str = "numbers and state of a contact just added come with the answer, even if that contact has allowed no one yet";
const OUT_LEAVES_CONVERSATIONS: &str =
    "OUT ends the conversations of its session, and the others are notified";
const SENT_ALREADY: &str = "it repeats the ILN after the ADD: nothing changed";

/// Gaim 0.43, September 2001: MSNP2, bare LF, USR first on the Notification Server.
const GAIM_0_43: Recorded = Recorded {
    file: "gaim-0.43-msnp2.txt",
    handles: &["judy@hotmail.com", "ivan@hotmail.com"],
    password: "123456",
    differences: &[
        Difference::Instead {
            connection: "NS#3",
            recorded: "MSG Hotmail Hotmail 414",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LST 6 RL 1 0 0",
            ours: &["LST 6 RL 1 0 0", PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::VersionOneLess {
            connection: "NS#3",
            recorded: "BLP 8 2 AL",
            because: BLP_REPEATED,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "MSG Hotmail Hotmail 413",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LST 6 RL 1 0 0",
            ours: &["LST 6 RL 1 0 0", PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::VersionOneLess {
            connection: "NS#4",
            recorded: "BLP 8 2 AL",
            because: BLP_REPEATED,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "NLN NLN judy@hotmail.com judy",
            ours: &["ILN 10 NLN judy@hotmail.com judy"],
            because: "the state of a contact just added comes as ILN with the ADD's transaction ID",
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "NLN NLN ivan@hotmail.com ivan",
            ours: &[],
            because: "it repeats what ILN 11 has just said: nothing changed",
        },
    ],
};

/// Gaim of January 2003: MSNP5, waits for each answer.
const GAIM_2003: Recorded = Recorded {
    file: "gaim-2003-msnp5.txt",
    handles: &["judy@example.com", "ivan@example.com"],
    password: "123456",
    differences: &[
        Difference::Instead {
            connection: "NS#3",
            recorded: "BLP 8 1 AL",
            ours: &[
                "BLP 8 1 AL",
                "PRP 8 1 PHH",
                "PRP 8 1 PHW",
                "PRP 8 1 PHM",
                "PRP 8 1 MOB N",
                "PRP 8 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "MSG Hotmail Hotmail 415",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LST 8 RL 1 0 0",
            ours: &["LST 8 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::VersionOneLess {
            connection: "NS#3",
            recorded: "BLP 10 2 AL",
            because: BLP_REPEATED,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "BLP 8 1 AL",
            ours: &[
                "BLP 8 1 AL",
                "PRP 8 1 PHH",
                "PRP 8 1 PHW",
                "PRP 8 1 PHM",
                "PRP 8 1 MOB N",
                "PRP 8 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "MSG Hotmail Hotmail 413",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LST 8 RL 1 0 0",
            ours: &["LST 8 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::VersionOneLess {
            connection: "NS#4",
            recorded: "BLP 10 2 AL",
            because: BLP_REPEATED,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "NLN NLN judy@example.com judy",
            ours: &[],
            because: SENT_ALREADY,
        },
    ],
};

/// aMSN 0.61 beta, July 2002: MSNP7, bare LF behind `MSG`, `INF` with a trailing blank.
const AMSN_0_61: Recorded = Recorded {
    file: "amsn-0.61beta-msnp7.txt",
    handles: &["carol@example.com", "dave@example.com"],
    password: "123456",
    differences: &[
        Difference::Instead {
            connection: "DP#1",
            recorded: "VER 1 MSNP7 CVR0",
            ours: &["VER 1 MSNP7 MSNP6 MSNP5 MSNP4 CVR0"],
            because: ALL_IN_COMMON,
        },
        Difference::Instead {
            connection: "DP#2",
            recorded: "VER 1 MSNP7 CVR0",
            ours: &["VER 1 MSNP7 MSNP6 MSNP5 MSNP4 CVR0"],
            because: ALL_IN_COMMON,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "VER 4 MSNP7 CVR0",
            ours: &["VER 4 MSNP7 MSNP6 MSNP5 MSNP4 CVR0"],
            because: ALL_IN_COMMON,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "VER 4 MSNP7 CVR0",
            ours: &["VER 4 MSNP7 MSNP6 MSNP5 MSNP4 CVR0"],
            because: ALL_IN_COMMON,
        },
        Difference::Instead {
            connection: "DP#1",
            recorded: "XFR 3 NS 127.0.0.1:31863 0",
            ours: &["XFR 3 NS 127.0.0.1:31863 0 127.0.0.1:1863"],
            because: OWN_ADDRESS,
        },
        Difference::Instead {
            connection: "DP#2",
            recorded: "XFR 3 NS 127.0.0.1:31863 0",
            ours: &["XFR 3 NS 127.0.0.1:31863 0 127.0.0.1:1863"],
            because: OWN_ADDRESS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "BLP 8 1 AL",
            ours: &[
                "BLP 8 1 AL",
                "PRP 8 1 PHH",
                "PRP 8 1 PHW",
                "PRP 8 1 PHM",
                "PRP 8 1 MOB N",
                "PRP 8 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LSG 8 1 1 1 0 Other%20Contacts 0",
            ours: &["LSG 8 1 1 1 0 ~ 0"],
            because: NO_GROUPS_YET,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "MSG Hotmail Hotmail 415",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LST 8 RL 1 0 0",
            ours: &["LST 8 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "BLP 8 1 AL",
            ours: &[
                "BLP 8 1 AL",
                "PRP 8 1 PHH",
                "PRP 8 1 PHW",
                "PRP 8 1 PHM",
                "PRP 8 1 MOB N",
                "PRP 8 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LSG 8 1 1 1 0 Other%20Contacts 0",
            ours: &["LSG 8 1 1 1 0 ~ 0"],
            because: NO_GROUPS_YET,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "MSG Hotmail Hotmail 415",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LST 8 RL 1 0 0",
            ours: &["LST 8 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "ADD 10 FL 2 dave@example.com dave@example.com 0",
            ours: &[
                "ADD 10 FL 2 dave@example.com dave@example.com 0",
                "BPR 2 dave@example.com PHH",
                "BPR 2 dave@example.com PHW",
                "BPR 2 dave@example.com PHM",
                "BPR 2 dave@example.com MOB N",
                "ILN 10 NLN dave@example.com dave",
            ],
            because: AT_ONCE,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "NLN NLN dave@example.com dave",
            ours: &[],
            because: SENT_ALREADY,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "NLN NLN carol@example.com carol",
            ours: &[],
            because: SENT_ALREADY,
        },
        Difference::BeforeItLeaves {
            connection: "SB#5",
            ours: &["BYE dave@example.com"],
            because: OUT_LEAVES_CONVERSATIONS,
        },
        Difference::Instead {
            connection: "SB#6",
            recorded: "BYE carol@example.com",
            ours: &[],
            because: OUT_LEAVES_CONVERSATIONS,
        },
    ],
};

/// libmsn2 of ayttm, April 2003: MSNP7, no `INF`.
const LIBMSN2: Recorded = Recorded {
    file: "libmsn2-2003-msnp7.txt",
    handles: &["gina@example.com", "hank@example.com"],
    password: "123456",
    differences: &[
        Difference::Instead {
            connection: "DP#1",
            recorded: "XFR 11 NS 127.0.0.1:31863 0",
            ours: &["XFR 11 NS 127.0.0.1:31863 0 127.0.0.1:1863"],
            because: OWN_ADDRESS,
        },
        Difference::Instead {
            connection: "DP#2",
            recorded: "XFR 11 NS 127.0.0.1:31863 0",
            ours: &["XFR 11 NS 127.0.0.1:31863 0 127.0.0.1:1863"],
            because: OWN_ADDRESS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "BLP 16 1 AL",
            ours: &[
                "BLP 16 1 AL",
                "PRP 16 1 PHH",
                "PRP 16 1 PHW",
                "PRP 16 1 PHM",
                "PRP 16 1 MOB N",
                "PRP 16 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LSG 16 1 1 1 0 Other%20Contacts 0",
            ours: &["LSG 16 1 1 1 0 ~ 0"],
            because: NO_GROUPS_YET,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "MSG Hotmail Hotmail 414",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#4",
            recorded: "LST 16 RL 1 0 0",
            ours: &["LST 16 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "BLP 16 1 AL",
            ours: &[
                "BLP 16 1 AL",
                "PRP 16 1 PHH",
                "PRP 16 1 PHW",
                "PRP 16 1 PHM",
                "PRP 16 1 MOB N",
                "PRP 16 1 MBE N",
            ],
            because: OWN_NUMBERS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LSG 16 1 1 1 0 Other%20Contacts 0",
            ours: &["LSG 16 1 1 1 0 ~ 0"],
            because: NO_GROUPS_YET,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "MSG Hotmail Hotmail 415",
            ours: &[],
            because: PROFILE_IS_OURS,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "LST 16 RL 1 0 0",
            ours: &["LST 16 RL 1 0 0", PASSPORT_PROFILE],
            because: PROFILE_COMES_LATER,
        },
        Difference::Instead {
            connection: "NS#3",
            recorded: "NLN NLN hank@example.com hank",
            ours: &[],
            because: SENT_ALREADY,
        },
    ],
};

const RECORDED: &[&Recorded] = &[&GAIM_0_43, &GAIM_2003, &AMSN_0_61, &LIBMSN2];

/// The answer to a `QRY` in a dialect without challenges: the command is unknown.
const GAIM_0_43_CHALLENGED: Challenged = Challenged {
    heading: "Gaim 0.43 (MSNP2)",
    after: "BLP 8 2 AL",
    asked: false,
    replies: ["200 9", "200 9"],
};

const GAIM_2003_CHALLENGED: Challenged = Challenged {
    heading: "Gaim January 2003 (MSNP5)",
    after: "CHG 9 NLN",
    asked: false,
    replies: ["200 14", "200 14"],
};

const AMSN_0_61_CHALLENGED: Challenged = Challenged {
    heading: "aMSN 0.61beta (MSNP7)",
    after: "CHG 9 NLN",
    asked: true,
    replies: ["QRY 13", "QRY 13"],
};

const LIBMSN2_CHALLENGED: Challenged = Challenged {
    heading: "libmsn2 2003 (MSNP7; the digest goes out in pieces)",
    after: "CHG 17 NLN",
    asked: true,
    replies: ["QRY 24", "QRY 23"],
};

/// One test for each recording and each way of splitting it into writes.
macro_rules! replays {
    ($($name:ident: $recorded:ident, $pieces:ident $(, $challenged:ident)?;)*) => {
        $(
            #[test]
            fn $name() {
                replays!(@replay $recorded, $pieces $(, $challenged)?);
            }
        )*
    };
    (@replay $recorded:ident, $pieces:ident) => { $recorded.replay(Pieces::$pieces) };
    (@replay $recorded:ident, $pieces:ident, $challenged:ident) => {
        $recorded.replay_challenged(Pieces::$pieces, &$challenged)
    };
}

replays! {
    gaim_0_43_in_whole_lines: GAIM_0_43, WholeLines;
    gaim_0_43_in_single_bytes: GAIM_0_43, SingleBytes;
    gaim_0_43_answers_a_challenge: GAIM_0_43, WholeLines, GAIM_0_43_CHALLENGED;
    gaim_0_43_answers_a_challenge_in_single_bytes: GAIM_0_43, SingleBytes, GAIM_0_43_CHALLENGED;
    gaim_2003_in_whole_lines: GAIM_2003, WholeLines;
    gaim_2003_in_single_bytes: GAIM_2003, SingleBytes;
    gaim_2003_answers_a_challenge: GAIM_2003, WholeLines, GAIM_2003_CHALLENGED;
    gaim_2003_answers_a_challenge_in_single_bytes: GAIM_2003, SingleBytes, GAIM_2003_CHALLENGED;
    amsn_0_61_in_whole_lines: AMSN_0_61, WholeLines;
    amsn_0_61_in_single_bytes: AMSN_0_61, SingleBytes;
    amsn_0_61_answers_a_challenge: AMSN_0_61, WholeLines, AMSN_0_61_CHALLENGED;
    amsn_0_61_answers_a_challenge_in_single_bytes: AMSN_0_61, SingleBytes, AMSN_0_61_CHALLENGED;
    libmsn2_in_whole_lines: LIBMSN2, WholeLines;
    libmsn2_in_single_bytes: LIBMSN2, SingleBytes;
    libmsn2_as_it_writes: LIBMSN2, AsLibmsn2;
    libmsn2_answers_a_challenge: LIBMSN2, WholeLines, LIBMSN2_CHALLENGED;
    libmsn2_answers_a_challenge_as_it_writes: LIBMSN2, AsLibmsn2, LIBMSN2_CHALLENGED;
}

#[test]
fn every_recording_is_replayed() {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".txt") {
            found.push(name);
        }
    }
    found.sort();
    let mut listed: Vec<&str> = RECORDED.iter().map(|recorded| recorded.file).collect();
    listed.push(challenge::FILE);
    listed.sort_unstable();
    assert_eq!(found, listed);
}
