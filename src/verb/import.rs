use super::file::source;
use super::portrait::{self, table};
use super::user::add::{kept, other_domains};
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, FileFormat, Request};
use crate::control::{Channel, Control};
use crate::failure::Failure;
use actors::port::Portrait;
use actors::{greeter, operator};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
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
    format: Option<FileFormat>,
) -> Result<(), Failure> {
    let mut file = source(path)?;
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let failed = |error| Failure::file(path, &error);
    let request = Request::Import { any_domain, format };
    let answer = client.ask_with(&request, &mut file, failed).await;
    super::say(&answer.map_err(|failure| named(failure, path))?);
    Ok(())
}

/// The same failure, with the name of the file in it.
fn named(failure: Failure, path: &Path) -> Failure {
    let Failure::Told { code, words } = &failure else { return failure };
    match words.strip_prefix(THE_FILE) {
        Some(rest) if path != Path::new("-") => {
            Failure::Told { code: *code, words: format!("{} {rest}", path.display()) }
        }
        _ => failure,
    }
}

/// Makes those that are missing, all or none.
pub(super) async fn serve(
    control: &Control,
    any_domain: bool,
    format: Option<FileFormat>,
    channel: &mut Channel,
) -> Result<Answer, Failure> {
    let bytes = super::receive_all(channel, LONGEST).await?;
    let rules = rules(control);
    // It may be long, and nobody is served while it is read.
    let read = spawn_blocking(move || read(&bytes, format, &rules)).await;
    let Accounts { mut portraits, format, encoding } =
        read.map_err(|error| Failure::Other(format!("a part of the server failed: {error}")))??;
    if encoding != UTF_8 {
        let name = encoding.name();
        super::show(channel, format!("the file is not in UTF-8: it was read as {name}")).await?;
    }
    // A file that was exported during a self-test has two of them.
    let is_kept = |portrait: &mut Portrait| operator::is_kept(&portrait.principal.handle);
    for Portrait { principal, .. } in portraits.extract_if(.., is_kept) {
        let words = format!("{}: {}: it is left out", principal.handle, kept());
        super::show(channel, words).await?;
    }
    let _one_at_a_time = control.changes.lock().await;
    if !any_domain {
        refuse_other_domains(control, &portraits)?;
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
struct Accounts {
    portraits: Vec<Portrait>,
    format: FileFormat,
    encoding: &'static Encoding,
}

fn rules(control: &Control) -> table::Rules {
    let config = &control.loaded.borrow().config;
    table::Rules { domains: config.domains.clone(), greeter: config.greeters_handle() }
}

/// Reads a file. An export is in UTF-8; a table may be in what spreadsheets write besides, and which of
/// them is to be seen only by what is no UTF-8.
fn read(
    bytes: &[u8],
    format: Option<FileFormat>,
    rules: &table::Rules,
) -> Result<Accounts, Failure> {
    let (text, encoding, is_broken) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), UTF_8, false),
        Err(_) => WINDOWS_1252.decode(bytes),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let format = format.unwrap_or_else(|| format_of(text));
    let is_text = !is_broken && !text.contains('\0');
    let portraits = match format {
        FileFormat::Csv if is_text => table::read(text, rules)?,
        FileFormat::Ron if is_text && encoding == UTF_8 => portrait::read(text)?,
        FileFormat::Csv => {
            return Err(Failure::Other(format!("{THE_FILE}is no table: it is not text")));
        }
        FileFormat::Ron => {
            return Err(Failure::Other(format!("{THE_FILE}is no export: it is not text")));
        }
    };
    Ok(Accounts { portraits, format, encoding })
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

/// A file of another server may bring accounts that nobody here expects.
fn refuse_other_domains(control: &Control, portraits: &[Portrait]) -> Result<(), Failure> {
    for Portrait { principal, .. } in portraits {
        let handle = &principal.handle;
        if let Some(domains) = other_domains(control, handle) {
            return Err(Failure::Other(format!(
                "{THE_FILE}has {handle}, but accounts are made in {domains}: with --any-domain they \
                 are all imported"
            )));
        }
    }
    Ok(())
}
