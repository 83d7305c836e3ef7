//! Accounts as text: the format of `export` and `import`.

mod entry;
mod escape;
mod exclusions;
mod groups;
mod profile;
mod split;
pub(super) mod spool;
pub(super) mod table;
mod value;

use crate::config::messages::message;
use crate::error::CommandError;
use crate::text;
use actors::port::store::{Password, Principal};
use actors::port::{AccountExport, Contact, PhoneNumbers};
use actors::rules::MAX_DENIED;
use entry::{Entry, ForwardEntry};
use escape::{Text, write_optional, write_text};
use exclusions::{DisabledMark, Network};
use groups::Groups;
use ipnet::IpNet;
use msnp::{AddNotice, FriendlyName, Handle, PhoneKind, PhoneNumber, Privacy};
use profile::Profile;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::Error;
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::io::{BufRead, Write};
use zeroize::Zeroizing;

/// The version of the format. Version 2 added groups and telephone numbers, 3 profiles, 4 disabled accounts
/// and denied networks.
const VERSION: u32 = 4;

/// The version of a file without disabled accounts and denied networks, which earlier programs read.
const VERSION_WITHOUT_EXCLUSIONS: u32 = 3;

/// A whole file, as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    #[serde(rename = "passwords")]
    _passwords: Passwords,
    accounts: Vec<Account>,
    #[serde(default)]
    denied: Vec<Network>,
}

/// The contents of a file.
#[derive(Debug)]
pub(super) struct AccountFile {
    pub(super) accounts: Vec<AccountExport>,
    /// The denied networks.
    pub(super) denied: Vec<IpNet>,
}

/// The part of a file that every version has.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// Whether the file contains passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Passwords {
    Included,
    LeftOut,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(deserialize_with = "value::handle", serialize_with = "write_text")]
    handle: Handle,
    #[serde(deserialize_with = "value::name", serialize_with = "write_text")]
    name: FriendlyName,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "ClearText::write_optional"
    )]
    password: Option<ClearText>,
    /// `BLP`
    #[serde(default)]
    others: Others,
    /// `GTC`
    #[serde(default)]
    when_added: WhenAdded,
    #[serde(default, skip_serializing_if = "Phones::is_empty")]
    phones: Phones,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<Profile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled: Option<DisabledMark>,
    #[serde(default, skip_serializing_if = "Groups::is_empty")]
    groups: Groups,
    #[serde(default, deserialize_with = "entry::list")]
    forward: Vec<ForwardEntry>,
    #[serde(default, deserialize_with = "entry::list")]
    allow: Vec<Entry>,
    #[serde(default, deserialize_with = "entry::list")]
    block: Vec<Entry>,
}

/// A password in the file. Debug output does not show it.
struct ClearText(Password);

impl ClearText {
    fn write_optional<S: Serializer>(
        password: &Option<ClearText>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match password {
            Some(ClearText(password)) => to.serialize_some(&Text(password.as_str())),
            None => to.serialize_none(),
        }
    }
}

impl Serialize for ClearText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for ClearText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ClearText, D::Error> {
        let text = Zeroizing::<String>::deserialize(from)?;
        let password = Password::new(&text).map(ClearText);
        password.ok_or_else(|| {
            D::Error::custom("this is not a password: a password has 1 to 16 characters")
        })
    }
}

impl fmt::Debug for ClearText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClearText(…)")
    }
}

/// The setting for users on neither the allow nor the block list.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Others {
    #[default]
    Allow,
    Block,
}

/// What the client does when another user adds its user.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhenAdded {
    #[default]
    Ask,
    Silent,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phones {
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::phone_number",
        serialize_with = "write_optional"
    )]
    home: Option<PhoneNumber>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::phone_number",
        serialize_with = "write_optional"
    )]
    work: Option<PhoneNumber>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "value::phone_number",
        serialize_with = "write_optional"
    )]
    mobile: Option<PhoneNumber>,
}

/// The beginning of each file.
const TITLE: &str = "// Accounts of msnpd; `msnpd import FILE` reads them.\n";

const PASSWORDS_INCLUDED: &str =
    "// This file contains the passwords, unencrypted: keep it as safe as they are.\n";

const PASSWORDS_LEFT_OUT: &str =
    "// The passwords are left out: each imported account needs a new one.\n";

/// The explanation of the fields, in each file.
const FIELDS: &str = "\
// version: the version of this file format.
// handle: the sign-in name.
// name: the friendly name, as others see it.
// others: whether users who are neither in `allow` nor in `block` see this user online and can
//   invite them: allow or block.
// when_added: what the client does when another user adds this one: ask, or stay silent.
// phones: the telephone numbers, as the user wrote them: home, work, mobile. Each is optional.
// profile: the entry in the member directory, so that others find this user by name: first, last, city,
//   state, and country in two letters. The last three are optional; without an entry, all is missing.
// groups: the names of the contact groups by their numbers, 0 to 29. A contact in no other group is
//   in group 0. They are missing if the user never had any.
// forward, allow, block: the contacts, the allowed and the blocked users, the oldest entry first. An entry
//   is a handle, or a handle with the name that the user gave it. A contact who is not in group 0 alone is
//   (handle: \"…\", name: \"…\", groups: [1, 3]); the name is optional.
// The reverse list is not part of the file: it follows from the forward lists of the others.
";

/// The explanation of the fields that version 4 added.
const EXCLUSION_FIELDS: &str = "\
// disabled: no one can sign in with the account; with the reason, if the operator gave one.
// denied: networks from which no one can connect.
";

/// The accounts to write. They are serialized one after another and never all in memory.
pub(super) struct Accounts<I> {
    pub(super) count: usize,
    pub(super) has_disabled: bool,
    pub(super) each: I,
}

/// A whole file, as it is written.
#[derive(Serialize)]
#[serde(rename = "Document")]
struct WrittenDocument<I: Iterator<Item = AccountExport>> {
    version: u32,
    passwords: Passwords,
    #[serde(serialize_with = "write_each")]
    /// The number of accounts, and the accounts.
    accounts: (usize, RefCell<I>),
    #[serde(skip_serializing_if = "Vec::is_empty")]
    denied: Vec<Network>,
}

fn write_each<I: Iterator<Item = AccountExport>, S: Serializer>(
    (count, accounts): &(usize, RefCell<I>),
    to: S,
) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(*count))?;
    let mut accounts = accounts.borrow_mut();
    for account in &mut *accounts {
        list.serialize_element(&Account::of(account))?;
    }
    list.end()
}

/// Writes accounts and denied networks.
pub(super) fn write(
    to: &mut dyn Write,
    accounts: Accounts<impl Iterator<Item = AccountExport>>,
    denied: &[IpNet],
    with_passwords: bool,
) -> Result<(), CommandError> {
    let failed = |error: &dyn fmt::Display| {
        CommandError::Other(format!("cannot write the accounts as text: {error}"))
    };
    let passwords = if with_passwords { PASSWORDS_INCLUDED } else { PASSWORDS_LEFT_OUT };
    let has_exclusions = !denied.is_empty() || accounts.has_disabled;
    let document = WrittenDocument {
        version: if has_exclusions { VERSION } else { VERSION_WITHOUT_EXCLUSIONS },
        passwords: if with_passwords { Passwords::Included } else { Passwords::LeftOut },
        accounts: (accounts.count, RefCell::new(accounts.each)),
        denied: denied.iter().copied().map(Network).collect(),
    };
    let exclusions = if has_exclusions { EXCLUSION_FIELDS } else { "" };
    write!(to, "{TITLE}{passwords}{FIELDS}{exclusions}").map_err(|error| failed(&error))?;
    let pretty = PrettyConfig::new().new_line("\n").depth_limit(4).compact_arrays(false);
    // Each text escapes itself.
    let pretty = pretty.escape_strings(false);
    let written = ron::Options::default().to_io_writer_pretty(&mut *to, &document, pretty);
    written.map_err(|error| failed(&error))?;
    to.write_all(b"\n").and_then(|()| to.flush()).map_err(|error| failed(&error))
}

/// Whether a file that begins with these bytes is an export.
pub(super) fn is_export(beginning: &[u8]) -> bool {
    let text = text::decode(beginning).unwrap_or_default();
    let text = text.trim_start();
    let (title, _) = TITLE.split_once(';').unwrap_or((TITLE, ""));
    let first = text.strip_prefix('(').map(str::trim_start);
    text.starts_with(title) || first.is_some_and(|first| first.starts_with("version:"))
}

/// Reads accounts and denied networks.
pub(super) fn read(text: &str) -> Result<AccountFile, CommandError> {
    let options = options();
    // Check the version first: a later one may have fields that are unknown here.
    let head: Result<Head, _> = options.from_str(text);
    if head.is_ok_and(|head| head.version > VERSION) {
        return Err(invalid_file("it was made by a later version of msnpd; install that version"));
    }
    let document: Document = options.from_str(text).map_err(|error| {
        let (line, column) = (error.span.start.line, error.span.start.col);
        invalid_file(&format!("line {line}, column {column}: {}", message(&error.code)))
    })?;
    let mut handles = HashSet::new();
    for Account { handle, .. } in &document.accounts {
        if !handles.insert(handle) {
            return Err(invalid_file(&format!("{handle} is in it twice")));
        }
    }
    let denied = sorted_networks(document.denied)?;
    let accounts = document
        .accounts
        .into_iter()
        .map(|account| account.into_export().map_err(|why| invalid_file(&why)));
    Ok(AccountFile { accounts: accounts.collect::<Result<_, _>>()?, denied })
}

/// Like [`read`], but with one account in memory at a time: calls `visit` with each. Returns the denied
/// networks. Returns `None` if the file is invalid or unusual: then it must be read as a whole, and
/// the accounts that `visit` has got do not count.
pub(super) fn read_each(
    from: impl BufRead,
    visit: &mut dyn FnMut(AccountExport) -> Result<(), CommandError>,
) -> Result<Option<Vec<IpNet>>, CommandError> {
    let options = options();
    let (mut handles, mut failed) = (HashSet::<Box<str>>::new(), None);
    let rest = split::split(from, &mut |text| {
        let account = options.from_str::<Account>(text).ok();
        let Some(account) = account.and_then(|account| account.into_export().ok()) else {
            return false;
        };
        if !handles.insert(account.principal.handle.as_str().into()) {
            return false;
        }
        failed = visit(account).err();
        failed.is_none()
    });
    if let Some(failed) = failed {
        return Err(failed);
    }
    let Ok(rest) = rest else { return Ok(None) };
    let document = options.from_str::<Document>(&rest).ok();
    let document = document.filter(|document| document.version <= VERSION);
    document.map(|document| sorted_networks(document.denied)).transpose()
}

fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

fn invalid_file(why: &str) -> CommandError {
    CommandError::Other(format!("the file is not an export: {why}"))
}

fn sorted_networks(networks: Vec<Network>) -> Result<Vec<IpNet>, CommandError> {
    let mut denied: Vec<IpNet> = networks.into_iter().map(|Network(one)| one).collect();
    denied.sort_unstable();
    denied.dedup();
    if denied.len() > MAX_DENIED {
        return Err(invalid_file(&format!("it denies more than {MAX_DENIED} networks")));
    }
    Ok(denied)
}

impl Account {
    fn of(export: AccountExport) -> Account {
        let [forward, allow, block] = export.lists;
        let entries = |list: Vec<Contact>| list.into_iter().map(Entry).collect();
        Account {
            handle: export.principal.handle,
            name: export.principal.name,
            password: export.password.map(ClearText),
            others: match export.privacy {
                Privacy::AllowOthers => Others::Allow,
                Privacy::BlockOthers => Others::Block,
            },
            when_added: match export.add_notice {
                AddNotice::Ask => WhenAdded::Ask,
                AddNotice::Silent => WhenAdded::Silent,
            },
            phones: Phones::of(&export.numbers),
            profile: export.profile.map(Profile::from),
            disabled: export.disabled.map(DisabledMark::from),
            groups: Groups(export.groups),
            forward: forward.into_iter().map(ForwardEntry).collect(),
            allow: entries(allow),
            block: entries(block),
        }
    }

    fn into_export(self) -> Result<AccountExport, String> {
        let forward: Vec<_> =
            self.forward.into_iter().map(|ForwardEntry(contact)| contact).collect();
        let checked = self.groups.check(forward.iter());
        checked.map_err(|error| format!("{}: {error}", self.handle))?;
        let list =
            |entries: Vec<Entry>| entries.into_iter().map(|Entry(contact)| contact).collect();
        Ok(AccountExport {
            principal: Principal { handle: self.handle, name: self.name },
            add_notice: match self.when_added {
                WhenAdded::Ask => AddNotice::Ask,
                WhenAdded::Silent => AddNotice::Silent,
            },
            privacy: match self.others {
                Others::Allow => Privacy::AllowOthers,
                Others::Block => Privacy::BlockOthers,
            },
            password: self.password.map(|ClearText(password)| password),
            groups: self.groups.0,
            numbers: self.phones.numbers(),
            profile: self.profile.map(Profile::into),
            disabled: self.disabled.map(DisabledMark::into),
            lists: [forward, list(self.allow), list(self.block)],
        })
    }
}

impl Phones {
    fn of(numbers: &PhoneNumbers) -> Phones {
        let number = |phone| numbers.get(phone).cloned();
        let [home, work, mobile] =
            [PhoneKind::Home, PhoneKind::Work, PhoneKind::Mobile].map(number);
        Phones { home, work, mobile }
    }

    fn is_empty(&self) -> bool {
        self.home.is_none() && self.work.is_none() && self.mobile.is_none()
    }

    fn numbers(self) -> PhoneNumbers {
        let mut numbers = PhoneNumbers::default();
        numbers.set(PhoneKind::Home, self.home);
        numbers.set(PhoneKind::Work, self.work);
        numbers.set(PhoneKind::Mobile, self.mobile);
        numbers
    }
}

#[cfg(test)]
mod tests;
