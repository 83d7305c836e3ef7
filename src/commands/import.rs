use super::account_file::{self, AccountFile, table};
use super::file::source;
use super::user::add::{domains_to_use_instead, reserved_for_self_test};
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, FileFormat, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::text;
use actors::port::{AccountExport, DenyError, ImportStep};
use actors::rules::{self, MAX_DENIED};
use actors::{greeter, operator};
use encoding_rs::WINDOWS_1252;
use ipnet::IpNet;
use msnp::Handle;
use std::path::Path;
use tokio::task::spawn_blocking;

/// The size limit of an imported file, in bytes.
const MAX_FILE_SIZE: usize = 64 * 1024 * 1024;

/// The beginning of an error about the file. The server does not know the name of the file.
const THE_FILE: &str = "the file";

/// The first bytes of a spreadsheet's own file: of Excel since 2007 and LibreOffice (ZIP), and of Excel 97.
const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

/// `import`: creates the accounts of an export or of a table.
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
    let format = format.or_else(|| format_of_name(path));
    let request = Request::Import { any_domain, any_handle, format };
    let answer = client.ask_with_file(&request, &mut file, failed).await;
    super::print_answer(&answer.map_err(|failure| with_name(failure, path))?);
    Ok(())
}

/// Returns the format that the name of a file states.
fn format_of_name(path: &Path) -> Option<FileFormat> {
    let ending = path.extension()?;
    ending.eq_ignore_ascii_case("csv").then_some(FileFormat::Csv)
}

/// Puts the name of the file into an error.
pub(super) fn with_name(failure: CommandError, path: &Path) -> CommandError {
    let CommandError::Refused { code, message: words } = &failure else { return failure };
    match words.strip_prefix(THE_FILE) {
        Some(rest) if path != Path::new("-") => {
            CommandError::Refused { code: *code, message: format!("{}{rest}", path.display()) }
        }
        _ => failure,
    }
}

/// Creates the missing accounts, all or none.
pub(super) async fn serve(
    control: &Control,
    any_domain: bool,
    any_handle: bool,
    format: Option<FileFormat>,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let bytes = super::receive_all(channel, MAX_FILE_SIZE).await.map_err(nothing_imported)?;
    let rules = table_rules(control);
    // The file may be long; this thread must keep serving clients.
    let read = spawn_blocking(move || read(&bytes, format, &rules)).await;
    let read = read.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })?;
    let ImportFile { mut accounts, denied, format, is_encoding_guessed } =
        read.map_err(nothing_imported)?;
    if is_encoding_guessed {
        let name = WINDOWS_1252.name();
        super::send_line(channel, format!("the file is not UTF-8: it was read as {name}")).await?;
    }
    // An export made during a self-test has the two accounts of the test.
    let is_reserved = |account: &mut AccountExport| {
        operator::is_reserved_for_self_test(&account.principal.handle)
    };
    for AccountExport { principal, .. } in accounts.extract_if(.., is_reserved) {
        let words = format!("{}: left out: {}", principal.handle, reserved_for_self_test());
        super::send_line(channel, words).await?;
    }
    let one_at_a_time = control.changes_lock.lock().await;
    if !any_domain {
        refuse_other_domains(control, &accounts).map_err(nothing_imported)?;
    }
    if !any_handle {
        refuse_invalid_handles(control, &accounts).map_err(nothing_imported)?;
    }
    let denied = networks_to_deny(control, denied).map_err(nothing_imported)?;
    // Networks first: if a later step fails, too many are denied rather than too few.
    for network in denied {
        let refused = |error: DenyError| CommandError::Other(error.to_string());
        operator::deny(control.node.clone(), network).await.map_err(refused)?;
        log::info!("network {network} denied by an import");
        super::send_line(channel, format!("{network}: denied, as in the file")).await?;
    }
    let imported = operator::import(control.node.clone(), accounts, ImportStep::Whole).await?;
    for (handle, words) in [
        (&imported.skipped, "the account exists already and stays unchanged"),
        (&imported.without_password, "the file has no password: set one with `user passwd`"),
    ]
    .into_iter()
    .flat_map(|(handles, words)| handles.iter().map(move |handle: &Handle| (handle, words)))
    {
        super::send_line(channel, format!("{handle}: {words}")).await?;
    }
    for (owner, contact) in &imported.omitted_entries {
        super::send_line(channel, format!("{owner}: {contact} was left out of a list")).await?;
    }
    // Other changes need not wait for the next step.
    drop(one_at_a_time);
    if format == FileFormat::Csv {
        // A table has no lists: the accounts get those of `user add`.
        for (account, _) in &imported.created {
            greeter::add_to_account(control.node.clone(), *account).await;
        }
    }
    let count = imported.created.len();
    let s = super::plural(count);
    log::info!("{count} account{s} imported");
    Ok(Answer::Words(format!("{count} account{s} imported")))
}

/// Adds that nothing was imported to an error about a file that is refused as a whole.
fn nothing_imported(failure: CommandError) -> CommandError {
    match failure {
        CommandError::Other(words) => CommandError::Other(format!("{words}. Nothing was imported")),
        failure => failure,
    }
}

/// The contents of a file.
struct ImportFile {
    accounts: Vec<AccountExport>,
    denied: Vec<IpNet>,
    format: FileFormat,
    /// Whether the encoding was guessed to be Windows-1252.
    is_encoding_guessed: bool,
}

fn table_rules(control: &Control) -> table::Rules {
    let config = &control.loaded.borrow().config;
    table::Rules { domains: config.domains.clone(), greeter: config.greeter_handle() }
}

/// Reads a file. An export is UTF-8, or has the encoding of its byte order mark. A table may also be
/// Windows-1252, as spreadsheets write it; that is assumed if it is not valid UTF-8.
fn read(
    bytes: &[u8],
    format: Option<FileFormat>,
    rules: &table::Rules,
) -> Result<ImportFile, CommandError> {
    if let Some(fault) = other_file(bytes) {
        return Err(CommandError::Other(format!("{THE_FILE} {fault}")));
    }
    let refused = |error: &text::TextError, what| {
        CommandError::Other(format!("{THE_FILE} is not {what}: {error}"))
    };
    let (text, error) = match text::decode(bytes) {
        Ok(text) => (text, None),
        Err(error) => (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), Some(error)),
    };
    let format = format.or_else(|| format_of(&text)).ok_or_else(|| {
        CommandError::Other(format!(
            "{THE_FILE} is neither an export of msnpd nor a table with commas, semicolons or tabs; \
             for a table of one column, use --format csv"
        ))
    })?;
    // Text never contains NUL.
    let error = error.or_else(|| text.contains('\0').then_some(text::TextError));
    match (format, error) {
        (FileFormat::Ron, Some(error)) => Err(refused(&error, "an export")),
        (FileFormat::Csv, Some(error)) if text.contains('\0') => Err(refused(&error, "a table")),
        (FileFormat::Ron, None) => {
            let AccountFile { accounts, denied } = account_file::read(&text)?;
            Ok(ImportFile { accounts, denied, format, is_encoding_guessed: false })
        }
        (FileFormat::Csv, error) => {
            let accounts = table::read(&text, rules)?;
            Ok(ImportFile {
                accounts,
                denied: Vec::new(),
                format,
                is_encoding_guessed: error.is_some(),
            })
        }
    }
}

/// Returns what a file is that `import` does not read, and what to do with it.
fn other_file(bytes: &[u8]) -> Option<&'static str> {
    if ::store::is_backup(bytes) {
        return Some("is a backup: use `msnpd restore`");
    }
    if SPREADSHEETS.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Some(
            "is a spreadsheet in a format of its own: save it as CSV, and import that file",
        );
    }
    let is_empty = text::decode(bytes).is_ok_and(|text| text.trim().is_empty());
    is_empty.then_some("is empty")
}

/// Detects the format of a file: an export begins with a parenthesis or a comment, and the first line of a
/// table has a separator of cells.
fn format_of(text: &str) -> Option<FileFormat> {
    let text = text.trim_start();
    if text.starts_with(['(', '/', '[', '{', '#']) {
        return Some(FileFormat::Ron);
    }
    let first = text.lines().next().unwrap_or_default();
    let is_row = first.bytes().any(|byte| table::SEPARATORS.contains(&byte));
    is_row.then_some(FileFormat::Csv)
}

/// Refuses accounts with handles that a new account cannot have, as older servers allowed them. Accounts
/// that exist already are not affected.
fn refuse_invalid_handles(
    control: &Control,
    accounts: &[AccountExport],
) -> Result<(), CommandError> {
    for AccountExport { principal, .. } in accounts {
        let handle = &principal.handle;
        if control.node.directory.find(handle).is_some() {
            continue;
        }
        if let Err(error) = rules::check_new_handle(handle) {
            return Err(CommandError::Other(format!(
                "{THE_FILE} has {handle}, which is not valid for a new account: {error}; \
                 --any-handle \
                 imports such accounts too"
            )));
        }
    }
    Ok(())
}

/// Returns the networks of a file that are not denied yet. An error if they would be too many.
fn networks_to_deny(control: &Control, networks: Vec<IpNet>) -> Result<Vec<IpNet>, CommandError> {
    let denied = control.node.exclusions.denied();
    let new: Vec<IpNet> = networks.into_iter().filter(|one| !denied.contains(one)).collect();
    if denied.len() + new.len() > MAX_DENIED {
        return Err(CommandError::Other(DenyError::TooMany.to_string()));
    }
    Ok(new)
}

/// Refuses accounts in domains that are not configured: they may be from another server by mistake.
fn refuse_other_domains(control: &Control, accounts: &[AccountExport]) -> Result<(), CommandError> {
    for AccountExport { principal, .. } in accounts {
        let handle = &principal.handle;
        if let Some(domains) = domains_to_use_instead(&control.loaded.borrow().config, handle) {
            return Err(CommandError::Other(format!(
                "{THE_FILE} has {handle}, but new accounts can be in {domains} only; --any-domain \
                 imports such accounts too"
            )));
        }
    }
    Ok(())
}
