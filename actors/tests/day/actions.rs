//! Lines that users send on their sessions.

use crate::household::NAMES;
use fastrand::Rng;
use msnp::Dialect;

const STATES: [&str; 8] = ["NLN", "NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "HDN"];

/// Lines that are refused, or that end the connection.
const WRONG: [&str; 8] = [
    "QQQ #",
    "ADD # XX bob@example.com Bob",
    "CHG # 12",
    "USR # MD5 I dave@example.com",
    "REA # alice@example.com",
    "BLP # XX",
    "MSG # U 0",
    "ADD # FL nobody@example.com Nobody",
];

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// A change of the account or the state, or a query.
pub(crate) fn line(rng: &mut Rng, dialect: Dialect, own: &str) -> String {
    let contact = one(rng, &NAMES);
    let number = rng.u32(..99);
    let groups = if dialect >= Dialect::Msnp7 { 23 } else { 18 };
    let highest = if dialect >= Dialect::Msnp5 { groups } else { 15 };
    match rng.u32(..highest) {
        0..=3 => format!("CHG # {}", one(rng, &STATES)),
        4 => format!("REA # {own}@example.com Name%20{number}"),
        5 => format!("REA # {contact}@example.com Called%20{number}"),
        6 | 7 => format!("ADD # FL {contact}@example.com {contact}"),
        8 => format!("REM # FL {contact}@example.com"),
        9 => {
            let list = one(rng, &["AL", "BL"]);
            format!("ADD # {list} {contact}@example.com {contact}")
        }
        10 | 11 => {
            let list = one(rng, &["AL", "BL"]);
            format!("REM # {list} {contact}@example.com")
        }
        12 => one(rng, &["BLP # AL", "BLP # AL", "BLP # BL", "GTC # A", "GTC # N"]).to_owned(),
        13 => one(rng, &["SYN # 0", "SYN # 9", "LST # RL", "LST # FL", "PNG"]).to_owned(),
        14 => one(
            rng,
            &["FND # fname=A lname=B city=C state=D country=US", "URL # INBOX", "XFR # NS"],
        )
        .to_owned(),
        15 | 16 => format!("PRP # {} 555%20{number}", one(rng, &["PHH", "PHW", "PHM"])),
        17 => one(rng, &["PRP # PHH", "PRP # MOB Y", "IMS # ON", "LST # BL"]).to_owned(),
        18 => format!("ADG # Group%20{number} 0"),
        19 => format!("REG # {} Group%20{number} 0", rng.u32(..6)),
        20 => format!("RMG # {}", rng.u32(1..6)),
        21 => format!("ADD # FL {contact}@example.com {contact} {}", rng.u32(..6)),
        _ => format!("REM # FL {contact}@example.com {}", rng.u32(..6)),
    }
}

/// A line that no client should send.
pub(crate) fn wrong(rng: &mut Rng) -> &'static str {
    one(rng, &WRONG)
}
