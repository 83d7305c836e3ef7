use super::{Context, Finding, note, ok, wrong};
use crate::config::keys::{Key, keys};
use crate::config::messages::UNKNOWN_KEY;
use crate::config::paths::FILE_NAME;
use crate::config::provenance::known_keys;
use crate::config::{Loaded, is_older_name};
use crate::error::{CONFIGURATION, CommandError};
use crate::text;
use std::path::Path;

/// How many unknown keys are named: a file of another kind must not fill the screen.
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
    found.extend(renamed.map(|text| note(text, "Write the new name; the old one is still read")));
    found.extend(loaded.ignored_file_messages().map(|text| {
        note(
            text,
            format!(
                "Keep one file: copy what you need into {}, and remove the other",
                file.display()
            ),
        )
    }));
    let data = &loaded.config.data;
    // A file that was moved with its folder, or copied, may name another folder in `data`.
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
    let real_path = |path: &Path| {
        let path = if path == Path::new("") { Path::new(".") } else { path };
        path.canonicalize().ok()
    };
    real_path(one) == real_path(other)
}

fn absolute_path(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

fn check_invalid(context: &Context<'_>, failure: &CommandError) -> Vec<Finding> {
    let file = context.options.file().unwrap_or_else(|| FILE_NAME.into());
    let text = text::read(&file).unwrap_or_default();
    let mut found = check_unknown_keys(&file, &text);
    // The parser stops at its first error. If that is an unknown key, it is among the keys above.
    let is_reported = !found.is_empty() && failure.to_string().contains(UNKNOWN_KEY);
    if !is_reported {
        let fix = match failure {
            CommandError::Unreadable { .. } => {
                "Name another file, or give the server permission to read this one"
            }
            _ => "Correct it there; `msnpd config default` prints a file with every key explained",
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
    let known_keys = known_keys();
    let keys = keys(text);
    // The keys inside an unknown key are not reported.
    let has_known_outer_key = |key: &Key| match key.path.rsplit_once('.') {
        Some((outer, _)) => known_keys.contains(outer),
        None => true,
    };
    let unknown_keys = keys.iter().filter(|key| {
        let is_known = known_keys.contains(&key.path) || is_older_name(&key.path);
        !is_known && has_known_outer_key(key)
    });
    let finding = |key: &Key| {
        let similarity = |other: &&String| strsim::jaro_winkler(other, &key.path);
        let nearest =
            known_keys.iter().max_by(|one, other| similarity(one).total_cmp(&similarity(other)));
        let fix = match nearest.filter(|nearest| similarity(nearest) >= MIN_SIMILARITY) {
            Some(nearest) => format!("Did you mean `{nearest}`?"),
            None => "Remove it; `msnpd config default` prints all keys".to_owned(),
        };
        let place = format!("{} line {}", file.display(), key.line);
        wrong(CONFIGURATION, format!("{place}: {UNKNOWN_KEY}{}`", key.path), fix)
    };
    unknown_keys.take(MAX_NAMED).map(finding).collect()
}
