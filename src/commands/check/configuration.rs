use super::{Finding, Subject, note, ok, wrong};
use crate::config::keys::{Key, keys};
use crate::config::paths::FILE;
use crate::config::provenance::known;
use crate::config::{Loaded, is_older_name};
use crate::error::{CONFIGURATION, CommandError};
use crate::text;
use std::path::Path;

/// How many unknown keys are named, so that a file of another kind does not fill the screen.
const NAMED: usize = 20;

/// How alike two keys are if one is taken for a misspelling of the other, of 1.
const ALIKE: f64 = 0.8;

/// Whether the configuration can be read and be run with, and which one it is.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Finding> {
    match subject.loaded {
        Ok(loaded) => valid(loaded),
        Err(failure) => invalid(subject, failure),
    }
}

fn valid(loaded: &Loaded) -> Vec<Finding> {
    let Some(file) = &loaded.file else {
        return vec![ok("there is no file; what is built in applies")];
    };
    let mut found = vec![ok(format!("{} is valid", file.display()))];
    let renamed = loaded.renamed().into_iter();
    found.extend(renamed.map(|words| note(words, "Write the new name; the old one is still read")));
    found.extend(loaded.words_of_passed_over().map(|words| {
        note(
            words,
            format!("Keep one: copy what you want into {}, and remove the other", file.display()),
        )
    }));
    let data = &loaded.config.data;
    // Somebody moved the folder, or copied its file.
    let folder = file.parent().filter(|folder| folder.join("msnpd.redb").exists());
    if let Some(folder) = folder.filter(|folder| !is_same(folder, data)) {
        found.push(note(
            format!(
                "{} lies beside a store, but its data folder is {}",
                file.display(),
                data.display()
            ),
            format!("If the store beside it is meant, set `data` in it to {}", full(folder)),
        ));
    }
    found
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(if one == Path::new("") { Path::new(".") } else { one }) == real(other)
}

fn full(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

fn invalid(subject: &Subject<'_>, failure: &CommandError) -> Vec<Finding> {
    let file = subject.named.file().unwrap_or_else(|| FILE.into());
    let text = text::read(&file).unwrap_or_default();
    let mut found = unknown(&file, &text);
    if found.is_empty() {
        let mend = match failure {
            CommandError::Unreadable { .. } => {
                "Name another file, or give the server permission to read this one"
            }
            _ => "Mend it there; `msnpd config default` prints a file with every key explained",
        };
        found.push(wrong(CONFIGURATION, failure.to_string(), mend));
    }
    let unseen =
        if subject.knows_folder() { " and the limits" } else { ", the limits and the data folder" };
    found.push(note(
        format!("the addresses, the domains{unseen} were not looked at"),
        "Look again when the configuration is valid",
    ));
    found
}

/// The keys of a file that there are not.
fn unknown(file: &Path, text: &str) -> Vec<Finding> {
    let known = known();
    let set = keys(text);
    let outer = |key: &Key| key.path.rsplit_once('.').map(|(outer, _)| outer.to_owned());
    let is_first = |key: &&Key| outer(key).is_none_or(|outer| known.contains(&outer));
    let unknown = set.iter().filter(|key| !known.contains(&key.path)).filter(is_first);
    let unknown = unknown.filter(|key| !is_older_name(&key.path));
    let finding = |key: &Key| {
        let alike = |other: &&String| strsim::jaro_winkler(other, &key.path);
        let nearest = known.iter().max_by(|one, other| alike(one).total_cmp(&alike(other)));
        let mend = match nearest.filter(|nearest| alike(nearest) >= ALIKE) {
            Some(nearest) => format!("Perhaps `{nearest}` is meant"),
            None => "Remove it; `msnpd config default` prints all that there are".to_owned(),
        };
        let place = format!("{} line {}", file.display(), key.line);
        wrong(CONFIGURATION, format!("{place}: there is no key `{}`", key.path), mend)
    };
    unknown.take(NAMED).map(finding).collect()
}
