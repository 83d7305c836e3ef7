//! `msnpd check`: finds configuration problems and explains how to fix them. One check, one file.

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
use crate::config::paths::{CliOptions, FILE_NAME};
use crate::config::{Config, Loaded, load};
use crate::error::CommandError;
use crate::running;
use serde::Serialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// What was found may be intended.
    Note,
    /// A problem. If it is the first one, `check` ends with this exit code.
    Wrong(u8),
}

/// One result of a check.
#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    message: String,
    /// What to do about it; `None` if all is well.
    fix: Option<String>,
}

fn ok(message: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Ok, message: message.into(), fix: None }
}

fn note(message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Note, message: message.into(), fix: Some(fix.into()) }
}

/// Returns a problem. `code` is the exit code of `check`, such as [`crate::error::STORE`].
fn wrong(code: u8, message: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { verdict: Verdict::Wrong(code), message: message.into(), fix: Some(fix.into()) }
}

/// What the checks examine.
struct Context<'a> {
    options: &'a CliOptions,
    loaded: &'a Result<Loaded, CommandError>,
    /// The data folder; a guess if the configuration cannot be read (see [`Context::knows_folder`]).
    data: PathBuf,
    /// Whether a server is running on this folder.
    is_running: bool,
    /// The status of that server, if it answers and the configuration can be read.
    status: Option<status::RunningStatus>,
}

type ConfigurationCheck = fn(&Context<'_>, &Config) -> Vec<Finding>;
type FolderCheck = fn(&Context<'_>) -> Vec<Finding>;

/// The checks that need a readable configuration.
const CONFIGURATION_CHECKS: [(&str, ConfigurationCheck); 6] = [
    ("servers", servers::check),
    ("listen", listen::check),
    ("addresses", advertise::check),
    ("allow", allow::check),
    ("domains", domains::check),
    ("open files", open_files::check),
];

/// The checks that need a data folder.
const FOLDER_CHECKS: [(&str, FolderCheck); 5] = [
    ("owner", owner::check),
    ("key", key::check),
    ("store", store::check),
    ("accounts", accounts::check),
    ("administrator", administrator::check),
];

/// Runs all checks and prints their results.
pub(crate) fn run(options: &CliOptions, json: bool) -> Result<(), CommandError> {
    let loaded = load(options);
    let data = match &loaded {
        Ok(loaded) => loaded.config.data.clone(),
        Err(_) => options.data().to_path_buf(),
    };
    let is_running = running::is_running(&data);
    let status = match &loaded {
        Ok(loaded) if is_running => status::of_running_server(loaded),
        _ => None,
    };
    let findings = run_checks(&Context { options, loaded: &loaded, data, is_running, status });
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
        .map_or(Ok(()), |code| Err(CommandError::ProblemsFound { count: codes.len(), code: *code }))
}

type Findings = Vec<(&'static str, Finding)>;

fn run_checks(context: &Context<'_>) -> Findings {
    let mut findings = Findings::new();
    let mut add = |name, found: Vec<Finding>| {
        findings.extend(found.into_iter().map(|finding| (name, finding)));
    };
    add("configuration", configuration::check(context));
    if let Ok(loaded) = context.loaded {
        for (name, check) in CONFIGURATION_CHECKS {
            add(name, check(context, &loaded.config));
        }
    }
    if context.knows_folder() {
        add("data folder", folder::check(context));
    }
    if context.knows_folder() && folder::is_searchable(&context.data) {
        for (name, check) in FOLDER_CHECKS {
            add(name, check(context));
        }
    }
    add("clock", clock::check());
    findings
}

impl Context<'_> {
    /// Whether [`Context::data`] is the data folder for certain. If the configuration cannot be read, it may
    /// name another one, unless its file is in the folder itself.
    fn knows_folder(&self) -> bool {
        let is_file_in_folder = || self.options.file() == Some(self.options.data().join(FILE_NAME));
        self.loaded.is_ok() || self.options.data.is_some() || is_file_in_folder()
    }
}

/// Returns the text with a capital first letter.
fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// Whether a file or folder exists and has one of these permission bits: those of its group, or of other
/// users.
fn is_open_to_others(path: &Path, bits: u32) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.mode() & bits != 0)
}

fn lines(findings: &Findings) -> String {
    let line = |(check, finding): &(&str, Finding)| {
        let verdict = finding.verdict.word();
        let fix = finding.fix.as_deref().map_or(String::new(), |fix| format!(". {fix}"));
        format!("{verdict:5}  {check}: {}{fix}\n", finding.message)
    };
    findings.iter().map(line).collect()
}

/// A finding in JSON. The field names are part of the interface for scripts.
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
        words: &finding.message,
        mend: finding.fix.as_deref(),
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
