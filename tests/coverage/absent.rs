//! Parts of the protocol that are not supported.

use super::commands::{head, verdict};
use super::page::{code, link, table};
use msnp::frame::Origin;
use msnp::gate::TABLE;
use msnp::{Dialect, Server};

/// A command that is neither handled nor sent.
struct Absent {
    name: &'static str,
    /// The sender.
    from: Origin,
    /// The number of the first MSNP that has it.
    since: u8,
    why: &'static str,
}

const fn absent(name: &'static str, from: Origin, since: u8, why: &'static str) -> Absent {
    Absent { name, from, since, why }
}

const LATER: &str = "a later dialect's";
const ABSENT: &[Absent] = &[
    absent("IPG", Origin::Server, 6, "a page from a mobile telephone; there are no pagers"),
    absent("PGD", Origin::Client, 9, LATER),
    absent("ADC", Origin::Client, 10, LATER),
    absent("SBP", Origin::Client, 10, LATER),
    absent("GCF", Origin::Client, 11, LATER),
    absent("SBS", Origin::Server, 11, LATER),
    absent("UBX", Origin::Server, 11, LATER),
    absent("UUX", Origin::Client, 11, LATER),
    absent("ADL", Origin::Client, 13, LATER),
    absent("FQY", Origin::Client, 13, LATER),
    absent("RML", Origin::Client, 13, LATER),
    absent("NFY", Origin::Server, 18, LATER),
    absent("PUT", Origin::Client, 18, LATER),
    absent("SDG", Origin::Client, 18, LATER),
];

/// Returns the cells of an absent command, by dialect.
fn cell(absent: &Absent, dialect: Dialect, number: u8) -> String {
    match absent.from {
        Origin::Client => verdict(None, Server::Notification, dialect),
        Origin::Server if number < absent.since => "no".to_owned(),
        Origin::Server => "never".to_owned(),
    }
}

/// The absent commands.
pub(crate) fn commands() -> String {
    let mut rows = Vec::new();
    for absent in ABSENT {
        let from = match absent.from {
            Origin::Client => "clients",
            Origin::Server => "servers",
        };
        let mut row = vec![code(absent.name), from.to_owned(), format!("MSNP{}", absent.since)];
        let dialects = Dialect::ALL.into_iter().zip(2..);
        row.extend(dialects.map(|(dialect, number)| cell(absent, dialect, number)));
        row.push(absent.why.to_owned());
        rows.push(row);
    }
    let table = table(&head(&["command", "from", "since"], &["why"]), &rows);
    format!(
        "## Commands that are not there\n\nAll of the Notification Server. The words in the cells are those of \
         the tables above.\n\n{table}"
    )
}

/// A form or use of a command that is absent, and what happens instead.
struct Form {
    what: &'static str,
    dialects: &'static str,
    instead: &'static str,
    why: &'static str,
    /// A test, as a path from the root of the repository.
    shown: &'static str,
}

const FORMS: &[Form] = &[
    Form {
        what: "`USR` with `CTP`, and `CTP` in the answer to `INF`",
        dialects: "MSNP2",
        instead: "911, and the connection is closed; `INF` names `MD5` alone",
        why: "it is the password in clear text; every client can do MD5",
        shown: "tests/scripts/sign_in/inf_answers_md5_alone.msnp",
    },
    Form {
        what: "`VER` with later dialects alone; `USR` with `TWN` or `SSO`",
        dialects: "MSNP8 and later",
        instead: "`VER t 0`, and the connection is closed",
        why: "they sign in over the web with Passport, in TLS of another age",
        shown: "tests/scripts/sessions/no_common_version.msnp",
    },
    Form {
        what: "`MSG` from `Hotmail` about mail, at sign-in and later",
        dialects: "all",
        instead: "never sent; the profile of MSNP3 and later says `EmailEnabled: 0`",
        why: "there is no mail",
        shown: "tests/scripts/services/mail_is_never_announced.msnp",
    },
    Form {
        what: "`SND` and `SDC` mail an invitation",
        dialects: "`SND` up to MSNP4, `SDC` since MSNP5",
        instead: "`OK`, and a line in the log",
        why: "no mail is sent",
        shown: "tests/scripts/directory/snd_is_answered_ok.msnp",
    },
    Form {
        what: "`FND` finds people",
        dialects: "since MSNP5",
        instead: "502; up to MSNP4 there is a member directory",
        why: "the original switched it off for all in 2003; from which dialect on is our choice",
        shown: "tests/scripts/directory/fnd_is_502_from_msnp5_on.msnp",
    },
    Form {
        what: "`URL` leads to a web service",
        dialects: "all",
        instead: "the configured `site`, whatever the service",
        why: "there are none; it is a static page at best",
        shown: "tests/scripts/services/url_is_answered_for_every_service.msnp",
    },
    Form {
        what: "`PAG`; `PRP` with `MOB Y`; `MOB Y` and `MBE Y` from the server",
        dialects: "MSNP5 and later",
        instead: "`PAG` is 800, `PRP t MOB Y` is answered `MOB N`, `PRP t MBE` is 715",
        why: "there are no pagers",
        shown: "actors/src/notification/prp.rs",
    },
    Form {
        what: "`XFR 0 NS`, `CHG 0`, `ADD 0` and `REM 0` of other lists than `RL`",
        dialects: "all",
        instead: "never sent",
        why: "no user is moved to another server, and no web page changes states or lists",
        shown: "actors/src/notification/notice.rs",
    },
    Form {
        what: "the HTTP gateway, for clients behind a proxy",
        dialects: "all",
        instead: "nothing listens on port 80",
        why: "it is meant for one home network",
        shown: "config.ron",
    },
];

/// The absent forms.
pub(crate) fn forms() -> String {
    let row = |form: &Form| {
        let cells = [form.what, form.dialects, form.instead, form.why];
        let mut row: Vec<String> = cells.map(str::to_owned).to_vec();
        row.push(link(form.shown));
        row
    };
    let rows: Vec<Vec<String>> = FORMS.iter().map(row).collect();
    let head = ["what", "dialects", "instead", "why", "shown in"];
    format!("## Uses of commands that are not there\n\n{}", table(&head, &rows))
}

#[test]
fn absent_commands_are_in_no_table() {
    for absent in ABSENT {
        let listed = TABLE.iter().find(|row| row.name.as_str() == absent.name);
        let supported = listed.is_some_and(|row| match absent.from {
            Origin::Client => !row.requests.is_empty(),
            Origin::Server => row.event.is_some(),
        });
        assert!(!supported, "{} is there", absent.name);
    }
}
