//! What real clients of 2001 to 2003 put on the wire, sent to the running program byte for byte.
//!
//! The recordings show another server's answers. Where ours differs, the difference and its reason
//! are listed here; every other byte must be the same, made-up values aside.

#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[path = "support/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "support/recording/mod.rs"]
mod recording;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

use recording::differ::{Difference, PROFILE};
use recording::{Pieces, Recorded, folder};

const PROFILE_IS_OURS: &str = "an MSNP2 profile has LoginTime only";
const PROFILE_COMES_LATER: &str = "the profile follows the answer to the first command after USR OK: some clients lose one of \
     the two when it shares a read with USR OK";
const BLP_REPEATED: &str = "the same BLP again changes nothing, so the list version stays";

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

const RECORDED: &[&Recorded] = &[&GAIM_0_43];

#[test]
fn gaim_0_43_in_whole_lines() {
    GAIM_0_43.replay(Pieces::WholeLines);
}

#[test]
fn gaim_0_43_in_single_bytes() {
    GAIM_0_43.replay(Pieces::SingleBytes);
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
    listed.sort_unstable();
    assert_eq!(found, listed);
}
