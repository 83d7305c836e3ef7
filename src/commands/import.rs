use super::account_file::{self, Exported, table};
use super::file::source;
use super::user::add::{kept, other_domains};
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, FileFormat, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::text;
use actors::port::{AccountExport, DenyError};
use actors::rules::{self, MAX_DENIED};
use actors::{greeter, operator};
use encoding_rs::WINDOWS_1252;
use ipnet::IpNet;
use msnp::Handle;
use std::path::Path;
use tokio::task::spawn_blocking;

/// How many bytes a file has at most that is imported.
const LONGEST: usize = 64 * 1024 * 1024;

/// How a refusal begins that is about the file. The server does not know what it is called.
const THE_FILE: &str = "the file ";

/// `import`: makes the accounts of an export or of a table.
pub(super) async fn run(
    loaded: &Loaded,
    path: &Path,
    any_domain: bool,
    any_handle: bool,
    format: Option<FileFormat>,
) -> Result<(), CommandError> {
    let mut file = source(path)?;
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let failed = |error| CommandError::file(path, &error);
    let request = Request::Import { any_domain, any_handle, format };
    let answer = client.ask_with(&request, &mut file, failed).await;
    super::say(&answer.map_err(|failure| named(failure, path))?);
    Ok(())
}

/// The same failure, with the name of the file in it.
fn named(failure: CommandError, path: &Path) -> CommandError {
    let CommandError::Told { code, words } = &failure else { return failure };
    match words.strip_prefix(THE_FILE) {
        Some(rest) if path != Path::new("-") => {
            CommandError::Told { code: *code, words: format!("{} {rest}", path.display()) }
        }
        _ => failure,
    }
}

/// Makes those that are missing, all or none.
pub(super) async fn serve(
    control: &Control,
    any_domain: bool,
    any_handle: bool,
    format: Option<FileFormat>,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let bytes = super::receive_all(channel, LONGEST).await?;
    let rules = rules(control);
    // It may be long, and nobody is served while it is read.
    let read = spawn_blocking(move || read(&bytes, format, &rules)).await;
    let Imported { accounts: mut portraits, denied, format, guessed } = read
        .map_err(|error| CommandError::Other(format!("a part of the server failed: {error}")))??;
    if guessed {
        let name = WINDOWS_1252.name();
        super::show(channel, format!("the file is not in UTF-8: it was read as {name}")).await?;
    }
    // A file that was exported during a self-test has two of them.
    let is_kept = |portrait: &mut AccountExport| operator::is_kept(&portrait.principal.handle);
    for AccountExport { principal, .. } in portraits.extract_if(.., is_kept) {
        let words = format!("{}: {}: it is left out", principal.handle, kept());
        super::show(channel, words).await?;
    }
    let one_at_a_time = control.changes.lock().await;
    if !any_domain {
        refuse_other_domains(control, &portraits)?;
    }
    if !any_handle {
        refuse_other_handles(control, &portraits)?;
    }
    let denied = not_denied_yet(control, denied)?;
    // If it fails in between, too many are shut out rather than too few.
    for network in denied {
        let refused = |error: DenyError| CommandError::Other(error.to_string());
        operator::deny(control.node.clone(), network).await.map_err(refused)?;
        log::info!("{network} is denied, by an import");
        super::show(channel, format!("{network}: it is denied, as the file says")).await?;
    }
    let imported = operator::import(control.node.clone(), portraits).await?;
    for (handle, words) in [
        (&imported.skipped, "there was an account already, which stays as it is"),
        (&imported.made_up, "the file has no password: `user passwd` gives one"),
    ]
    .into_iter()
    .flat_map(|(handles, words)| handles.iter().map(move |handle: &Handle| (handle, words)))
    {
        super::show(channel, format!("{handle}: {words}")).await?;
    }
    for (owner, contact) in &imported.left_out {
        super::show(channel, format!("{owner}: {contact} is left out of a list")).await?;
    }
    // Others need not wait for each of these.
    drop(one_at_a_time);
    if format == FileFormat::Csv {
        // A table says nothing of lists: they are as those of `user add`.
        for (account, _) in &imported.created {
            greeter::introduce(control.node.clone(), *account).await;
        }
    }
    let count = imported.created.len();
    let s = super::plural(count);
    log::info!("{count} account{s} imported");
    Ok(Answer::Words(format!("{count} account{s} imported")))
}

/// What was read of a file.
struct Imported {
    accounts: Vec<AccountExport>,
    denied: Vec<IpNet>,
    format: FileFormat,
    /// Whether it is not in UTF-8, nor in what its byte order mark declares: it was read as Windows-1252.
    guessed: bool,
}

fn rules(control: &Control) -> table::Rules {
    let config = &control.loaded.borrow().config;
    table::Rules { domains: config.domains.clone(), greeter: config.greeters_handle() }
}

/// Reads a file. An export is in UTF-8, or in what a byte order mark declares; a table may be in what
/// spreadsheets write besides, which is to be seen only by what is no UTF-8.
fn read(
    bytes: &[u8],
    format: Option<FileFormat>,
    rules: &table::Rules,
) -> Result<Imported, CommandError> {
    let refused = |error: &text::TextError, what| {
        CommandError::Other(format!("{THE_FILE}is no {what}: {error}"))
    };
    let (text, error) = match text::decode(bytes) {
        Ok(text) => (text, None),
        Err(error) => (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), Some(error)),
    };
    let format = format.unwrap_or_else(|| format_of(&text));
    // No text has a NUL.
    let error = error.or_else(|| text.contains('\0').then_some(text::TextError));
    match (format, error) {
        (FileFormat::Ron, Some(error)) => Err(refused(&error, "export")),
        (FileFormat::Csv, Some(error)) if text.contains('\0') => Err(refused(&error, "table")),
        (FileFormat::Ron, None) => {
            let Exported { accounts, denied } = account_file::read(&text)?;
            Ok(Imported { accounts, denied, format, guessed: false })
        }
        (FileFormat::Csv, error) => {
            let accounts = table::read(&text, rules)?;
            Ok(Imported { accounts, denied: Vec::new(), format, guessed: error.is_some() })
        }
    }
}

/// What a file looks like: an export begins with a parenthesis or a comment, and the first line of a
/// table has something that separates cells.
fn format_of(text: &str) -> FileFormat {
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default();
    let is_row = first.bytes().any(|byte| table::SEPARATORS.contains(&byte));
    match is_row && !text.starts_with(['(', '/', '[', '{', '#']) {
        true => FileFormat::Csv,
        false => FileFormat::Ron,
    }
}

/// An older server allowed handles that need quoting somewhere, or that a system takes for something
/// else. Accounts that are here already are left as they are, whatever they are called.
fn refuse_other_handles(
    control: &Control,
    portraits: &[AccountExport],
) -> Result<(), CommandError> {
    for AccountExport { principal, .. } in portraits {
        let handle = &principal.handle;
        if control.node.directory.find(handle).is_some() {
            continue;
        }
        if let Err(error) = rules::check_new_handle(handle) {
            return Err(CommandError::Other(format!(
                "{THE_FILE}has {handle}, which cannot be a new account: {error}; with --any-handle \
                 they are all imported"
            )));
        }
    }
    Ok(())
}

/// The networks of a file that are to be denied.
fn not_denied_yet(control: &Control, networks: Vec<IpNet>) -> Result<Vec<IpNet>, CommandError> {
    let here = control.node.exclusions.denied();
    let new: Vec<IpNet> = networks.into_iter().filter(|one| !here.contains(one)).collect();
    if here.len() + new.len() > MAX_DENIED {
        return Err(CommandError::Other(DenyError::TooMany.to_string()));
    }
    Ok(new)
}

/// A file of another server may bring accounts that nobody here expects.
fn refuse_other_domains(
    control: &Control,
    portraits: &[AccountExport],
) -> Result<(), CommandError> {
    for AccountExport { principal, .. } in portraits {
        let handle = &principal.handle;
        if let Some(domains) = other_domains(control, handle) {
            return Err(CommandError::Other(format!(
                "{THE_FILE}has {handle}, but accounts are made in {domains}: with --any-domain they \
                 are all imported"
            )));
        }
    }
    Ok(())
}
