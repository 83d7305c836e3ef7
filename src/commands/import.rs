use super::account_file::spool::{Batch, MAX_ENTRIES, MAX_WITH_LISTS, Spool, SpoolWriter};
use super::account_file::{self, AccountFile, table};
use super::file::source;
use super::user::add::{domains_to_use_instead, self_test_name_reason};
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, FileFormat, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::text::{self, plural};
use actors::port::store::AccountId;
use actors::port::{AccountExport, DenyError, ImportStep, Imported};
use actors::rules::{self, MAX_DENIED};
use actors::{greeter, operator};
use encoding_rs::WINDOWS_1252;
use ipnet::IpNet;
use msnp::Handle;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use tokio::task::spawn_blocking;

/// The size limit of an imported file, in bytes.
const MAX_FILE_SIZE: u64 = 64 * 1024 * 1024;

/// How many bytes of a file show what it is.
const BEGINNING: u64 = 4096;

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The beginning of an error about the file. The server does not know the name of the file:
/// [`with_name`] puts it in.
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

/// Creates the missing accounts. The whole file is checked first. A few accounts are created all or
/// none. Many are created in batches, and other changes can be made between these.
pub(super) async fn serve(
    control: &Control,
    any_domain: bool,
    any_handle: bool,
    format: Option<FileFormat>,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let file = super::restore::spool(control, channel).await.map_err(nothing_imported)?;
    let (rules, data) = (table_rules(control), control.data());
    // The file may be long; this thread must keep serving clients.
    let checked = blocking(move || check(file, format, &rules, &data)).await?;
    let (spool, contents) = checked.map_err(nothing_imported)?;
    contents.report_changes(channel).await?;
    let one_at_a_time = control.changes_lock.lock().await;
    contents.refuse_unwanted(control, any_domain, any_handle).await.map_err(nothing_imported)?;
    let denied = networks_to_deny(control, contents.denied).map_err(nothing_imported)?;
    // Networks first: if a later step fails, too many are denied rather than too few.
    deny(control, denied, channel).await?;
    let created = create_accounts(control, spool, channel).await?;
    // Other changes need not wait for the next step.
    drop(one_at_a_time);
    // A table has no lists: the accounts get those of `user add`.
    if contents.format == FileFormat::Csv {
        for account in created.iter().copied() {
            greeter::add_to_account(control.node.clone(), account).await;
        }
    }
    let (count, s) = (created.len(), plural(created.len()));
    log::info!("{count} account{s} imported");
    Ok(Answer::Words(format!("{count} account{s} imported")))
}

/// Denies networks as the file does.
async fn deny(
    control: &Control,
    networks: Vec<IpNet>,
    channel: &mut Channel,
) -> Result<(), CommandError> {
    for network in networks {
        let refused = |error: DenyError| CommandError::Other(error.to_string());
        operator::deny(control.node.clone(), network).await.map_err(refused)?;
        log::info!("network {network} denied by an import");
        super::send_line(channel, format!("{network}: denied, as in the file")).await?;
    }
    Ok(())
}

/// Creates the accounts of a spool, in one step or in batches. Returns those that were not there before.
async fn create_accounts(
    control: &Control,
    mut spool: Spool,
    channel: &mut Channel,
) -> Result<Vec<AccountId>, CommandError> {
    let has_one_batch = spool.account_count <= MAX_WITH_LISTS && spool.entry_count <= MAX_ENTRIES;
    let steps: &[(ImportStep, Batch)] = match has_one_batch {
        true => &[(ImportStep::Whole, Batch::WithLists)],
        false => &[(ImportStep::Create, Batch::WithoutLists), (ImportStep::Fill, Batch::WithLists)],
    };
    let mut created = Vec::new();
    for (step, batch) in steps.iter().copied() {
        loop {
            let (returned_spool, accounts) = blocking(move || {
                let accounts = spool.next_batch(batch);
                (spool, accounts)
            })
            .await?;
            spool = returned_spool;
            let accounts = accounts?;
            if accounts.is_empty() {
                break;
            }
            let imported = operator::import(control.node.clone(), accounts, step).await?;
            show_result(channel, &imported).await?;
            if step != ImportStep::Create {
                created.extend(imported.created.iter().map(|(account, _)| *account));
            }
        }
        spool.rewind().map_err(|error| CommandError::file(&control.data(), &error))?;
    }
    Ok(created)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommandError> {
    spawn_blocking(work).await.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })
}

/// Tells the operator what was not imported as it is in the file.
async fn show_result(channel: &mut Channel, imported: &Imported) -> Result<(), CommandError> {
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
    Ok(())
}

/// Adds that nothing was imported to an error about a file that is refused as a whole.
fn nothing_imported(failure: CommandError) -> CommandError {
    match failure {
        CommandError::Other(words) => CommandError::Other(format!("{words}. Nothing was imported")),
        failure => failure,
    }
}

/// What a valid file contains besides the accounts to import.
struct Contents {
    denied: Vec<IpNet>,
    format: FileFormat,
    /// Whether the encoding was guessed to be Windows-1252.
    is_encoding_guessed: bool,
    /// The accounts of a self-test, which are left out. An export that was made during one has two.
    reserved: Vec<Handle>,
    /// The first account in a domain that is not for new accounts.
    other_domain: Option<Handle>,
    /// The accounts with names that a new account cannot have.
    invalid_handles: Vec<Handle>,
}

impl Contents {
    /// Tells the operator what is not read as it is in the file.
    async fn report_changes(&self, channel: &mut Channel) -> Result<(), CommandError> {
        if self.is_encoding_guessed {
            let name = WINDOWS_1252.name();
            super::send_line(channel, format!("the file is not UTF-8: it was read as {name}"))
                .await?;
        }
        for handle in &self.reserved {
            let words = format!("{handle}: left out: {}", self_test_name_reason());
            super::send_line(channel, words).await?;
        }
        Ok(())
    }

    /// Refuses accounts that the operator wants only with an option.
    async fn refuse_unwanted(
        &self,
        control: &Control,
        any_domain: bool,
        any_handle: bool,
    ) -> Result<(), CommandError> {
        if let Some(handle) = self.other_domain.as_ref().filter(|_| !any_domain) {
            refuse_other_domain(control, handle)?;
        }
        if any_handle {
            return Ok(());
        }
        refuse_invalid_handles(control, &self.invalid_handles).await
    }
}

/// Checks the accounts of a file, and writes all but the reserved ones into a spool.
struct Checker<'a> {
    rules: &'a table::Rules,
    data: &'a Path,
    spool: SpoolWriter,
    contents: Contents,
}

impl Checker<'_> {
    fn new<'a>(
        format: FileFormat,
        rules: &'a table::Rules,
        data: &'a Path,
    ) -> Result<Checker<'a>, CommandError> {
        let spool = SpoolWriter::new(data).map_err(|error| CommandError::file(data, &error))?;
        let (denied, reserved, invalid_handles) = Default::default();
        let (is_encoding_guessed, other_domain) = (false, None);
        let contents = Contents {
            denied,
            format,
            is_encoding_guessed,
            reserved,
            other_domain,
            invalid_handles,
        };
        Ok(Checker { rules, data, spool, contents })
    }

    fn add(&mut self, account: AccountExport) -> Result<(), CommandError> {
        let handle = &account.principal.handle;
        let contents = &mut self.contents;
        if rules::is_reserved_for_self_test(handle) {
            contents.reserved.push(handle.clone());
            return Ok(());
        }
        if contents.other_domain.is_none() && !rules::is_in_domains(handle, &self.rules.domains) {
            contents.other_domain = Some(handle.clone());
        }
        if rules::check_new_handle(handle).is_err() {
            contents.invalid_handles.push(handle.clone());
        }
        self.spool.put(account).map_err(|error| CommandError::file(self.data, &error))
    }

    fn finish(self) -> Result<(Spool, Contents), CommandError> {
        let spool = self.spool.finish().map_err(|error| CommandError::file(self.data, &error))?;
        Ok((spool, self.contents))
    }
}

/// Reads and checks a whole file.
fn check(
    mut file: File,
    format: Option<FileFormat>,
    rules: &table::Rules,
    data: &Path,
) -> Result<(Spool, Contents), CommandError> {
    let failed = |error: io::Error| CommandError::file(data, &error);
    let size = file.metadata().map_err(failed)?.len();
    if size > MAX_FILE_SIZE {
        return Err(CommandError::Other(format!(
            "{THE_FILE} is too large: at most {MAX_FILE_SIZE} bytes"
        )));
    }
    if format != Some(FileFormat::Csv) && begins_like_export(&mut file).map_err(failed)? {
        let mut checker = Checker::new(FileFormat::Ron, rules, data)?;
        let mut add = |account| checker.add(account);
        if let Some(denied) = account_file::read_each(BufReader::new(&file), &mut add)? {
            checker.contents.denied = denied;
            return checker.finish();
        }
    }
    file.rewind().map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    drop(file);
    let ImportFile { accounts, denied, format, is_encoding_guessed } = read(&bytes, format, rules)?;
    drop(bytes);
    let mut checker = Checker::new(format, rules, data)?;
    let contents = &mut checker.contents;
    (contents.denied, contents.is_encoding_guessed) = (denied, is_encoding_guessed);
    accounts.into_iter().try_for_each(|account| checker.add(account))?;
    checker.finish()
}

fn table_rules(control: &Control) -> table::Rules {
    let config = &control.loaded.borrow().config;
    table::Rules { domains: config.domains.clone(), greeter: config.greeter_handle() }
}

/// Returns whether a file begins like an export in UTF-8. Leaves the file at the position after its
/// byte order mark.
fn begins_like_export(file: &mut File) -> io::Result<bool> {
    let mut beginning = Vec::new();
    file.take(BEGINNING).read_to_end(&mut beginning)?;
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&beginning);
    let mark = beginning.len() - text.len();
    file.seek(SeekFrom::Start(u64::try_from(mark).unwrap_or_default()))?;
    Ok(matches!(text.trim_ascii_start().first(), Some(b'(' | b'/')))
}

/// The contents of a file that is in memory as a whole.
struct ImportFile {
    accounts: Vec<AccountExport>,
    denied: Vec<IpNet>,
    format: FileFormat,
    is_encoding_guessed: bool,
}

/// Reads a file. An export is UTF-8, or has the encoding of its byte order mark. A table may also be
/// Windows-1252, as spreadsheets write it; that is assumed if it is not valid UTF-8.
fn read(
    bytes: &[u8],
    format: Option<FileFormat>,
    rules: &table::Rules,
) -> Result<ImportFile, CommandError> {
    if let Some(fault) = recognize_other_file(bytes) {
        return Err(CommandError::Other(format!("{THE_FILE} {fault}")));
    }
    let refused = |error: &text::TextError, what| {
        CommandError::Other(format!("{THE_FILE} is not {what}: {error}"))
    };
    let (text, encoding_error) = match text::decode(bytes) {
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
    let error = encoding_error.or_else(|| text.contains('\0').then_some(text::TextError));
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

/// Recognizes a file that `import` does not read. Returns what it is, and what to do with it.
fn recognize_other_file(bytes: &[u8]) -> Option<&'static str> {
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
async fn refuse_invalid_handles(control: &Control, handles: &[Handle]) -> Result<(), CommandError> {
    let found = operator::find_all(&control.node, handles.to_vec()).await?;
    for (handle, _) in handles.iter().zip(found).filter(|(_, found)| found.is_none()) {
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

/// Refuses an account in a domain that is not configured: it may be from another server by mistake.
fn refuse_other_domain(control: &Control, handle: &Handle) -> Result<(), CommandError> {
    match domains_to_use_instead(&control.loaded.borrow().config, handle) {
        None => Ok(()),
        Some(domains) => Err(CommandError::Other(format!(
            "{THE_FILE} has {handle}, but new accounts can be in {domains} only; --any-domain \
             imports such accounts too"
        ))),
    }
}
