//! `msnpd init`: makes a data folder, whole. What is there already stays as it is.

use super::print;
use crate::config::paths::{CliOptions, DATA, FILE};
use crate::config::{Loaded, SHIPPED, keys, load, parse};
use crate::error::CommandError;
use crate::{administrator, hints, running, text};
use actors::port::store::Principal;
use actors::port::{Store, StoreError};
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use store::File;

/// Makes what is missing, and says what it did and what comes next.
pub(crate) fn init(named: &CliOptions) -> Result<(), CommandError> {
    let loaded = load(named)?;
    let data = loaded.config.data.as_path();
    make_folder(data)?;
    make_configuration(&loaded)?;
    let accounts = make_store(&loaded)?;
    make_administrator(data)?;
    // From now on the new file applies.
    next_steps(&load(named)?, accounts)
}

fn say(line: &str) -> Result<(), CommandError> {
    print(&format!("{line}\n"))
}

fn made(place: &Path, what: &str) -> Result<(), CommandError> {
    say(&format!("made {} ({what})", place.display()))
}

fn stays(place: &Path) -> Result<(), CommandError> {
    say(&format!("{} is there already and stays as it is", place.display()))
}

fn failed(place: &Path, error: &io::Error) -> CommandError {
    StoreError::Io(place.display().to_string(), error.into()).into()
}

fn make_folder(data: &Path) -> Result<(), CommandError> {
    if data.is_dir() {
        return stays(data);
    }
    if data.is_file() {
        return Err(CommandError::NoFolder(data.to_owned()));
    }
    let mut builder = DirBuilder::new();
    let made_it = builder.recursive(true).mode(0o700).create(data);
    made_it.map_err(|error| failed(data, &error))?;
    made(data, "the data folder, for this user only")
}

/// Writes a configuration into the data folder, if there is none anywhere. One that is active stays
/// the only one: of two, the user would edit one and the server read the other.
fn make_configuration(loaded: &Loaded) -> Result<(), CommandError> {
    let data = loaded.config.data.as_path();
    let place = data.join(FILE);
    if place.exists() {
        stays(&place)?;
        return loaded.ignored_messages().try_for_each(|words| say(&words));
    }
    if let Some(file) = &loaded.file {
        return say(&format!(
            "{} is the configuration and stays as it is; no second one is made{}",
            file.display(),
            if loaded.data_named.is_some() { named_elsewhere(file, data)? } else { String::new() }
        ));
    }
    let text = text_for(SHIPPED, data)?.unwrap_or_else(|| SHIPPED.to_owned());
    write_new(data, &place, &text).map_err(|error| failed(&place, &error))?;
    made(&place, "the configuration, with every key explained")
}

/// What to do if the configuration names another data folder than the one that was named beside it.
fn named_elsewhere(file: &Path, data: &Path) -> Result<String, CommandError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| failed(path, &error));
    let text = text::read(file).map_err(|error| failed(file, &error))?;
    let theirs = parse(&text).map_err(CommandError::Other)?.data;
    let full = absolute(data)?;
    Ok(match absolute(&theirs)? == full {
        true => String::new(),
        false => format!(
            ". Its data folder is {}: set `data` in it to {}, or name that folder each time",
            theirs.display(),
            full.display()
        ),
    })
}

/// The text of a configuration that is valid, for this data folder. It names the folder by its full
/// path, so that the file means the same wherever the server is started; `./data` stays what it is,
/// so that the folder above it can be moved. `None` for a text that cannot be changed so.
fn text_for(text: &str, data: &Path) -> Result<Option<String>, CommandError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| failed(path, &error));
    let full = absolute(data)?;
    let named = parse(text).map_err(CommandError::Other)?.data;
    let is_built_in = full == absolute(Path::new(DATA))?;
    if absolute(&named)? == full && (is_built_in || named.is_absolute()) {
        return Ok(Some(text.to_owned()));
    }
    let not_text =
        || CommandError::Other(format!("{} is not text: name another folder", data.display()));
    let name = ron::to_string(full.to_str().ok_or_else(not_text)?);
    let name = name.map_err(|error| CommandError::Other(error.to_string()))?;
    let changed = keys::with_text(text, "data", &name);
    Ok(changed.filter(|changed| parse(changed).is_ok_and(|config| config.data == full)))
}

/// Writes a file whole, or not at all if there is one already.
fn write_new(folder: &Path, place: &Path, text: &str) -> io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    store::owner::give(new.as_file(), folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist_noclobber(place).map_err(|failed| failed.error)?;
    fs::File::open(folder)?.sync_all()
}

/// Makes the store and its key; how many accounts people have, if it can be seen.
fn make_store(loaded: &Loaded) -> Result<Option<usize>, CommandError> {
    let data = loaded.config.data.as_path();
    let places = [
        (data.join("msnpd.redb"), "the store of accounts and lists"),
        (data.join("msnpd.key"), "the key of the passwords in it: back up both, in two places"),
    ];
    let there = places.each_ref().map(|(place, _)| place.exists());
    if running::is_running(data) {
        say("the server is running: its store and key are there and stay as they are")?;
        return Ok(None);
    }
    let store = File::open(data)?;
    let mut accounts = 0;
    let mut count = |principal: &Principal| {
        accounts += usize::from(!loaded.config.is_greeter(&principal.handle));
    };
    store.principals(&mut |_, principal| count(&principal))?;
    for ((place, what), there) in places.iter().zip(there) {
        if there { stays(place) } else { made(place, what) }?;
    }
    Ok(Some(accounts))
}

fn make_administrator(data: &Path) -> Result<(), CommandError> {
    let place = administrator::file_of(data);
    match administrator::create_first(data) {
        Ok(None) => stays(&place),
        Ok(Some(password)) => {
            made(&place, "what the administrator's password is checked against")?;
            say(&administrator::shown_once(&password))
        }
        Err(error) => Err(CommandError::Other(error.to_string())),
    }
}

fn next_steps(loaded: &Loaded, accounts: Option<usize>) -> Result<(), CommandError> {
    let mut steps = Vec::new();
    if let Some(accounts) = accounts {
        let commands = (accounts..2).filter_map(|number| hints::add_account(loaded, number));
        steps.extend(commands.map(|command| format!("make an account: {command}")));
        let check = hints::command(loaded, "check");
        steps.push(format!("see whether all is well: {check}"));
        steps.push(format!("start the server: {}", hints::command(loaded, "run")));
    }
    steps.extend(hints::allow(&loaded.config));
    steps.extend(loaded.config.web.as_ref().map(|web| hints::web(web.listen)));
    let first = loaded.config.dispatch.or(loaded.config.notification);
    steps.extend(first.map(|first| hints::client(first.listen)));
    steps.iter().try_for_each(|step| say(&format!("next: {step}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, data: &str) -> String {
        text_for(text, Path::new(data)).unwrap().unwrap()
    }

    #[test]
    fn the_text_differs_in_the_data_folder_only() {
        let folder = "/srv/it's \"msn\" \\ 1";
        let text = of(SHIPPED, folder);
        assert_eq!(parse(&text).unwrap().data, Path::new(folder));
        let differ = text.lines().zip(SHIPPED.lines()).filter(|(one, other)| one != other);
        assert_eq!(differ.count(), 1);
        assert_eq!(text.lines().count(), SHIPPED.lines().count());
    }

    #[test]
    fn the_built_in_data_folder_stays_as_it_is_written() {
        for folder in ["data", "./data", "data/"] {
            assert_eq!(of(SHIPPED, folder), SHIPPED);
            assert_eq!(of("(log: warn)", folder), "(log: warn)");
        }
        let deep = of(SHIPPED, "some/data");
        assert!(parse(&deep).unwrap().data.is_absolute());
    }

    #[test]
    fn another_text_gets_the_folder_and_keeps_everything_else() {
        for (text, expected) in [
            ("(data: \"/srv/msn\")", "(data: \"/srv/msn\")"),
            ("(data: \"/old\", log: warn)", "(data: \"/srv/msn\", log: warn)"),
            ("(log: warn)", "(\n    data: \"/srv/msn\",log: warn)"),
            ("// (\nConfig()", "// (\nConfig(\n    data: \"/srv/msn\",)"),
            ("(data: /* \"x\" */ r#\"a\"b\"#, )", "(data: /* \"x\" */ \"/srv/msn\", )"),
            ("(site: \"data:\", data: \"\\\"\",)", "(site: \"data:\", data: \"/srv/msn\",)"),
            (
                "#![enable(implicit_some)]\n(log: warn)",
                "#![enable(implicit_some)]\n(\n    data: \"/srv/msn\",log: warn)",
            ),
        ] {
            assert_eq!(of(text, "/srv/msn"), expected);
        }
        // Even if it is where the server would be started: it may be started elsewhere.
        let here = std::path::absolute("msn").unwrap();
        assert_eq!(of("(data: \"msn\")", "msn"), format!("(data: {here:?})"));
    }
}
