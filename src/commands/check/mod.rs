//! `msnpd check`: looks for what would keep the server from working. One check, one file.

mod accounts;
mod administrator;
mod advertise;
mod allow;
mod clock;
mod configuration;
mod domains;
mod folder;
mod key;
mod listen;
mod open_files;
mod owner;
mod servers;
mod store;

use super::{print, print_json, status};
use crate::config::paths::{CliOptions, FILE};
use crate::config::{Config, Loaded, load};
use crate::error::CommandError;
use crate::running;
use serde::Serialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// It may be as the operator wants it.
    Note,
    /// With the exit code that says so.
    Wrong(u8),
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    words: String,
    /// What to do about it.
    mend: Option<String>,
}

fn ok(words: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Ok, words: words.into(), mend: None }
}

fn note(words: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Note, words: words.into(), mend: Some(mend.into()) }
}

fn wrong(code: u8, words: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Wrong(code), words: words.into(), mend: Some(mend.into()) }
}

/// What is looked at.
struct Subject<'a> {
    named: &'a CliOptions,
    loaded: &'a Result<Loaded, CommandError>,
    /// The data folder, as far as it is known.
    data: PathBuf,
    /// Whether a server of ours is running over it.
    is_running: bool,
    /// What that server answers, if it does and the configuration can be read.
    running: Option<status::Running>,
}

type OfConfiguration = fn(&Subject<'_>, &Config) -> Vec<Finding>;
type OfFolder = fn(&Subject<'_>) -> Vec<Finding>;

/// What needs a configuration that can be read.
const OF_CONFIGURATION: [(&str, OfConfiguration); 6] = [
    ("servers", servers::look),
    ("listen", listen::look),
    ("addresses", advertise::look),
    ("allow", allow::look),
    ("domains", domains::look),
    ("open files", open_files::look),
];

/// What needs a data folder.
const OF_FOLDER: [(&str, OfFolder); 5] = [
    ("owner", owner::look),
    ("key", key::look),
    ("store", store::look),
    ("accounts", accounts::look),
    ("administrator", administrator::look),
];

/// Looks at everything, whatever it finds, and prints it.
pub(crate) fn check(named: &CliOptions, json: bool) -> Result<(), CommandError> {
    let loaded = load(named);
    let data = match &loaded {
        Ok(loaded) => loaded.config.data.clone(),
        Err(_) => named.data().to_path_buf(),
    };
    let is_running = running::is_running(&data);
    let asked = loaded.as_ref().ok().filter(|_| is_running);
    let running = asked.and_then(status::of_running);
    let findings = look(&Subject { named, loaded: &loaded, data, is_running, running });
    if json {
        print_json(&rows(&findings))?;
    } else {
        print(&lines(&findings))?;
    }
    let codes = findings.iter().filter_map(|(_, finding)| match finding.verdict {
        Verdict::Wrong(code) => Some(code),
        Verdict::Ok | Verdict::Note => None,
    });
    let codes: Vec<u8> = codes.collect();
    codes
        .first()
        .map_or(Ok(()), |code| Err(CommandError::Found { count: codes.len(), code: *code }))
}

type Findings = Vec<(&'static str, Finding)>;

fn look(subject: &Subject<'_>) -> Findings {
    let mut findings = Findings::new();
    let mut add = |check, found: Vec<Finding>| {
        findings.extend(found.into_iter().map(|finding| (check, finding)));
    };
    add("configuration", configuration::look(subject));
    if let Ok(loaded) = subject.loaded {
        for (check, look) in OF_CONFIGURATION {
            add(check, look(subject, &loaded.config));
        }
    }
    if subject.knows_folder() {
        add("data folder", folder::look(subject));
    }
    if subject.knows_folder() && folder::can_be_looked_into(&subject.data) {
        for (check, look) in OF_FOLDER {
            add(check, look(subject));
        }
    }
    add("clock", clock::look());
    findings
}

impl Subject<'_> {
    /// Whether the data folder is known: a configuration that cannot be read may name another one,
    /// unless it lies in the folder itself.
    fn knows_folder(&self) -> bool {
        let lies_there = || self.named.file() == Some(self.named.data().join(FILE));
        self.loaded.is_ok() || self.named.data.is_some() || lies_there()
    }
}

/// Words as a sentence of their own.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Whether others than the owner can read or write a file or folder, if it is there.
fn is_open_to_others(path: &Path, bits: u32) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.mode() & bits != 0)
}

fn lines(findings: &Findings) -> String {
    let line = |(check, finding): &(&str, Finding)| {
        let verdict = finding.verdict.word();
        let mend = finding.mend.as_deref().map_or(String::new(), |mend| format!(". {mend}"));
        format!("{verdict:5}  {check}: {}{mend}\n", finding.words)
    };
    findings.iter().map(line).collect()
}

/// A finding as scripts read it.
#[derive(Serialize)]
struct Row<'a> {
    check: &'a str,
    result: &'static str,
    words: &'a str,
    mend: Option<&'a str>,
}

fn rows(findings: &Findings) -> Vec<Row<'_>> {
    let rows = findings.iter().map(|(check, finding)| Row {
        check,
        result: finding.verdict.word(),
        words: &finding.words,
        mend: finding.mend.as_deref(),
    });
    rows.collect()
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Wrong(_) => "wrong",
        }
    }
}
