use super::{Context, Finding, note, ok, wrong};
use crate::config::keys::{Key, keys};
use crate::config::messages::UNKNOWN_KEY;
use crate::config::paths::FILE_NAME;
use crate::config::provenance::known_keys;
use crate::config::{Loaded, is_older_name};
use crate::error::{CONFIGURATION, CommandError};
use crate::text;
use std::path::Path;

/// The limit of unknown keys that are named, so that a file of another kind does not fill the screen.
const MAX_NAMED: usize = 20;

/// The similarity (0 to 1) from which a key counts as a misspelling of another.
const MIN_SIMILARITY: f64 = 0.8;

/// Reports which configuration is active, and whether it is valid.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    match context.loaded {
        Ok(loaded) => check_valid(loaded),
        Err(failure) => check_invalid(context, failure),
    }
}

fn check_valid(loaded: &Loaded) -> Vec<Finding> {
    let Some(file) = &loaded.file else {
        return vec![ok("no configuration file: the built-in configuration is active")];
    };
    let mut found = vec![ok(format!("{} is valid", file.display()))];
    let renamed = loaded.renamed_key_warnings().into_iter();
    found.extend(renamed.map(|words| note(words, "Write the new name; the old one is still read")));
    found.extend(loaded.ignored_file_messages().map(|words| {
        note(
            words,
            format!(
                "Keep one file: copy what you need into {}, and remove the other",
                file.display()
            ),
        )
    }));
    let data = &loaded.config.data;
    // After a move of the folder, or a copy of its file, `data` may name another folder.
    let folder = file.parent().filter(|folder| folder.join("msnpd.redb").exists());
    if let Some(folder) = folder.filter(|folder| !is_same(folder, data)) {
        found.push(note(
            format!(
                "{} is beside a store, but its data folder is {}",
                file.display(),
                data.display()
            ),
            format!("To use that store, set `data` in the file to {}", absolute_path(folder)),
        ));
    }
    found
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(if one == Path::new("") { Path::new(".") } else { one }) == real(other)
}

fn absolute_path(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

fn check_invalid(context: &Context<'_>, failure: &CommandError) -> Vec<Finding> {
    let file = context.options.file().unwrap_or_else(|| FILE_NAME.into());
    let text = text::read(&file).unwrap_or_default();
    let mut found = check_unknown_keys(&file, &text);
    // If the file has other faults too, the first one is the one that `run` reports.
    if found.is_empty() || !failure.to_string().contains(UNKNOWN_KEY) {
        let fix = match failure {
            CommandError::Unreadable { .. } => {
                "Name another file, or give the server permission to read this one"
            }
            // The others do not come from reading a configuration.
            CommandError::Configuration { .. }
            | CommandError::Other(_)
            | CommandError::Listen { .. }
            | CommandError::Store(_)
            | CommandError::Archive(_)
            | CommandError::StoreFaults(_)
            | CommandError::File { .. }
            | CommandError::NoStore(_)
            | CommandError::NotAFolder(_)
            | CommandError::Interrupted
            | CommandError::NoServer(_)
            | CommandError::Socket { .. }
            | CommandError::Refused { .. }
            | CommandError::ProblemsFound { .. } => {
                "Correct it there; `msnpd config default` prints a file with every key explained"
            }
        };
        found.insert(0, wrong(CONFIGURATION, failure.to_string(), fix));
    }
    let unchecked =
        if context.knows_folder() { " and the limits" } else { ", the limits and the data folder" };
    found.push(note(
        format!("the addresses, the domains{unchecked} were not checked"),
        "Run the check again when the configuration is valid",
    ));
    found
}

/// Reports the unknown keys of a file.
fn check_unknown_keys(file: &Path, text: &str) -> Vec<Finding> {
    let known = known_keys();
    let present = keys(text);
    let outer = |key: &Key| key.path.rsplit_once('.').map(|(outer, _)| outer.to_owned());
    let is_first = |key: &&Key| outer(key).is_none_or(|outer| known.contains(&outer));
    let unknown = present.iter().filter(|key| !known.contains(&key.path)).filter(is_first);
    let unknown = unknown.filter(|key| !is_older_name(&key.path));
    let finding = |key: &Key| {
        let similarity = |other: &&String| strsim::jaro_winkler(other, &key.path);
        let nearest =
            known.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
        let fix = match nearest.filter(|nearest| similarity(nearest) >= MIN_SIMILARITY) {
            Some(nearest) => format!("Did you mean `{nearest}`?"),
            None => "Remove it; `msnpd config default` prints all keys".to_owned(),
        };
        let place = format!("{} line {}", file.display(), key.line);
        wrong(CONFIGURATION, format!("{place}: {UNKNOWN_KEY}{}`", key.path), fix)
    };
    unknown.take(MAX_NAMED).map(finding).collect()
}
