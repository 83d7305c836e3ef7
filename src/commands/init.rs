//! `msnpd init`: creates a complete data folder. Existing files stay unchanged.

use super::print;
use crate::config::paths::{CliOptions, DEFAULT_DATA, FILE_NAME};
use crate::config::{DEFAULT_TEXT, Loaded, keys, load, parse};
use crate::error::CommandError;
use crate::{administrator, hints, running, system, text};
use actors::port::store::Principal;
use actors::port::{Store, StoreError};
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use store::File;

/// Creates what is missing, and prints what it did and the next steps.
pub(crate) fn init(options: &CliOptions) -> Result<(), CommandError> {
    let loaded = load(options)?;
    let data = loaded.config.data.as_path();
    create_folder(data)?;
    create_configuration(&loaded)?;
    let accounts = create_store(&loaded)?;
    create_administrator(data)?;
    // Load it again: now a new configuration file is the active one.
    next_steps(&load(options)?, accounts)
}

fn print_line(line: &str) -> Result<(), CommandError> {
    print(&format!("{line}\n"))
}

fn print_created(path: &Path, what: &str) -> Result<(), CommandError> {
    print_line(&format!("created {} ({what})", path.display()))
}

fn print_unchanged(path: &Path) -> Result<(), CommandError> {
    print_line(&format!("{} exists already and stays unchanged", path.display()))
}

fn failed(path: &Path, error: &io::Error) -> CommandError {
    StoreError::Io(path.display().to_string(), error.into()).into()
}

fn create_folder(data: &Path) -> Result<(), CommandError> {
    if data.is_dir() {
        return print_unchanged(data);
    }
    if data.is_file() {
        return Err(CommandError::NotAFolder(data.to_owned()));
    }
    let mut builder = DirBuilder::new();
    let created = builder.recursive(true).mode(0o700).create(data);
    created.map_err(|error| failed(data, &error))?;
    print_created(data, "the data folder, accessible to this user only")
}

/// Writes a configuration into the data folder, unless a file is active already: with two files, the user
/// could edit the one that the server does not read.
fn create_configuration(loaded: &Loaded) -> Result<(), CommandError> {
    let data = loaded.config.data.as_path();
    let file = data.join(FILE_NAME);
    if file.exists() {
        print_unchanged(&file)?;
        return loaded.ignored_file_messages().try_for_each(|message| print_line(&message));
    }
    if let Some(active) = &loaded.file {
        return print_line(&format!(
            "{} is the active configuration and stays unchanged; no second one is created{}",
            active.display(),
            if loaded.data_source.is_some() {
                other_folder_hint(active, data)?
            } else {
                String::new()
            }
        ));
    }
    let text = text_with_data(DEFAULT_TEXT, data)?.unwrap_or_else(|| DEFAULT_TEXT.to_owned());
    write_new(data, &file, &text).map_err(|error| failed(&file, &error))?;
    print_created(&file, "the configuration, with every key explained")
}

/// Returns what to do if the active configuration names another data folder than the user did with
/// --data or MSNPD_DATA; empty if both are the same.
fn other_folder_hint(file: &Path, data: &Path) -> Result<String, CommandError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| failed(path, &error));
    let text = text::read(file).map_err(|error| failed(file, &error))?;
    let data_of_file = parse(&text).map_err(CommandError::Other)?.data;
    let absolute_data = absolute(data)?;
    Ok(match absolute(&data_of_file)? == absolute_data {
        true => String::new(),
        false => format!(
            ". Its data folder is {}: set `data` in it to {}, or name that folder in each command",
            data_of_file.display(),
            absolute_data.display()
        ),
    })
}

/// Returns the text of a valid configuration with this data folder; `None` if the text cannot be changed in
/// this way. The path becomes absolute, since the server may be started in another folder. Only `./data`
/// stays relative, so that the folder above it can be moved.
fn text_with_data(text: &str, data: &Path) -> Result<Option<String>, CommandError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(|error| failed(path, &error));
    let absolute_data = absolute(data)?;
    let data_of_text = parse(text).map_err(CommandError::Other)?.data;
    let is_default = absolute_data == absolute(Path::new(DEFAULT_DATA))?;
    if absolute(&data_of_text)? == absolute_data && (is_default || data_of_text.is_absolute()) {
        return Ok(Some(text.to_owned()));
    }
    let not_text = || {
        CommandError::Other(format!("the path {} is not UTF-8: use another folder", data.display()))
    };
    let name = ron::to_string(absolute_data.to_str().ok_or_else(not_text)?);
    let name = name.map_err(|error| CommandError::Other(error.to_string()))?;
    let changed = keys::with_value(text, "data", &name);
    Ok(changed.filter(|changed| parse(changed).is_ok_and(|config| config.data == absolute_data)))
}

/// Writes a new file atomically. An existing file stays, and is an error.
fn write_new(folder: &Path, file: &Path, text: &str) -> io::Result<()> {
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    store::owner::match_folder(new.as_file(), folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist_noclobber(file).map_err(|failed| failed.error)?;
    fs::File::open(folder)?.sync_all()
}

/// Creates the store and its key. Returns the number of accounts without Greeter's; `None` if a server is
/// running, which has the store open.
fn create_store(loaded: &Loaded) -> Result<Option<usize>, CommandError> {
    let data = loaded.config.data.as_path();
    let files = [
        (data.join("msnpd.redb"), "the store of accounts and lists"),
        (
            data.join("msnpd.key"),
            "the key of its passwords; without it, no one can sign in: keep a copy apart from the \
             backups",
        ),
    ];
    let existed = files.each_ref().map(|(path, _)| path.exists());
    if running::is_running(data) {
        print_line("the server is running: its store and key exist and stay unchanged")?;
        return Ok(None);
    }
    let store = File::open(data, system::now)?;
    let mut accounts = 0;
    let mut count = |principal: &Principal| {
        accounts += usize::from(!loaded.config.is_greeter(&principal.handle));
    };
    store.principals(&mut |_, principal| count(&principal))?;
    for ((path, what), existed) in files.iter().zip(existed) {
        if existed { print_unchanged(path) } else { print_created(path, what) }?;
    }
    Ok(Some(accounts))
}

fn create_administrator(data: &Path) -> Result<(), CommandError> {
    let file = administrator::hash_file(data);
    match administrator::create_if_unset(data) {
        Ok(None) => print_unchanged(&file),
        Ok(Some(password)) => {
            print_created(&file, "the hash of the administrator's password")?;
            print_line(&administrator::new_password_line(&password))
        }
        Err(error) => Err(CommandError::Other(error.to_string())),
    }
}

/// Prints the next steps. `accounts` is what [`create_store`] returned.
fn next_steps(loaded: &Loaded, accounts: Option<usize>) -> Result<(), CommandError> {
    let mut steps = Vec::new();
    if accounts.is_some() {
        steps.push(format!("check the installation: {}", hints::command(loaded, "check")));
        steps.push(format!("start the server: {}", hints::command(loaded, "run")));
    }
    steps.extend(loaded.config.web.as_ref().map(|web| hints::web(web.listen)));
    steps.extend(hints::allow(&loaded.config));
    // A first conversation needs two accounts. If their number is unknown, none is suggested.
    for existing in accounts.unwrap_or(2)..2 {
        let command = hints::add_account(loaded, existing);
        steps.extend(command.map(|command| format!("create an account: {command}")));
    }
    let first_server = loaded.config.dispatch.or(loaded.config.notification);
    steps.extend(first_server.map(|server| hints::client(server.listen)));
    steps.iter().try_for_each(|step| print_line(&format!("next: {step}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_data(text: &str, data: &str) -> String {
        text_with_data(text, Path::new(data)).unwrap().unwrap()
    }

    #[test]
    fn only_the_data_folder_of_the_text_changes() {
        let folder = "/srv/it's \"msn\" \\ 1";
        let text = with_data(DEFAULT_TEXT, folder);
        assert_eq!(parse(&text).unwrap().data, Path::new(folder));
        let differ = text.lines().zip(DEFAULT_TEXT.lines()).filter(|(one, other)| one != other);
        assert_eq!(differ.count(), 1);
        assert_eq!(text.lines().count(), DEFAULT_TEXT.lines().count());
    }

    #[test]
    fn the_built_in_data_folder_stays_relative() {
        for folder in ["data", "./data", "data/"] {
            assert_eq!(with_data(DEFAULT_TEXT, folder), DEFAULT_TEXT);
            assert_eq!(with_data("(log: warn)", folder), "(log: warn)");
        }
        let deep = with_data(DEFAULT_TEXT, "some/data");
        assert!(parse(&deep).unwrap().data.is_absolute());
    }

    #[test]
    fn another_text_gets_the_folder_and_keeps_the_rest() {
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
            assert_eq!(with_data(text, "/srv/msn"), expected);
        }
        // Also in the current folder: the server may be started in another one.
        let here = std::path::absolute("msn").unwrap();
        assert_eq!(with_data("(data: \"msn\")", "msn"), format!("(data: {here:?})"));
    }
}
