//! Accounts as text: the form of `export` and `import`.

mod entry;
mod groups;
mod profile;
mod shut_out;
pub(super) mod table;
mod value;

use crate::config::messages::words;
use crate::error::CommandError;
use actors::port::store::{Password, Principal};
use actors::port::{AccountExport, Contact, Numbers};
use actors::rules::MAX_DENIED;
use entry::{Entry, Member};
use groups::Groups;
use ipnet::IpNet;
use msnp::{AddNotice, FriendlyName, Handle, Phone, PhoneNumber, Privacy};
use profile::Profile;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shut_out::{Mark, Network};
use std::collections::HashSet;
use std::fmt;
use zeroize::Zeroizing;

/// The version of the form. Before 2 there were neither groups nor telephone numbers, before 3 no
/// profiles, before 4 no disabled accounts and no denied networks.
const VERSION: u32 = 4;

/// The version of a file in which nobody is shut out: an earlier version of the program reads it.
const NOBODY_SHUT_OUT: u32 = 3;

/// A whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    passwords: Passwords,
    accounts: Vec<Account>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    denied: Vec<Network>,
}

/// What a file says.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) accounts: Vec<AccountExport>,
    /// The networks that its server denies.
    pub(super) denied: Vec<IpNet>,
}

/// What a file of any version says of itself.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// Whether it has passwords in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Passwords {
    Included,
    LeftOut,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    #[serde(deserialize_with = "value::handle")]
    handle: Handle,
    #[serde(deserialize_with = "value::name")]
    name: FriendlyName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<Clear>,
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
    disabled: Option<Mark>,
    #[serde(default, skip_serializing_if = "Groups::is_empty")]
    groups: Groups,
    #[serde(default, deserialize_with = "entry::list")]
    forward: Vec<Member>,
    #[serde(default, deserialize_with = "entry::list")]
    allow: Vec<Entry>,
    #[serde(default, deserialize_with = "entry::list")]
    block: Vec<Entry>,
}

/// A password as the file has it, which is never shown.
struct Clear(Password);

impl Serialize for Clear {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Clear {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Clear, D::Error> {
        let text = Zeroizing::<String>::deserialize(from)?;
        let password = Password::new(&text).map(Clear);
        password.ok_or_else(|| D::Error::custom("this is no password: it has 1 to 16 characters"))
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear(…)")
    }
}

/// Who is on no list.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Others {
    #[default]
    Allow,
    Block,
}

/// What the client does when somebody adds its user.
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
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "value::number")]
    home: Option<PhoneNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "value::number")]
    work: Option<PhoneNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "value::number")]
    mobile: Option<PhoneNumber>,
}

const TITLE: &str = "// Accounts of msnpd; `msnpd import FILE` reads them.\n";

const INCLUDED: &str =
    "// The passwords are in this file, in clear: keep it as safe as they are.\n";

const LEFT_OUT: &str =
    "// The passwords are left out: whoever is imported from it needs a new one.\n";

/// What does not explain itself.
const VALUES: &str = "\
// version: of this form of file.
// name: the friendly name, as others see it.
// others: whether who is neither in `allow` nor in `block` sees the principal online and can
//   invite him: allow or block.
// when_added: what his client does when somebody adds him: ask him, or stay silent.
// phones: his telephone numbers, as he wrote them: home, work, mobile. They may be missing.
// profile: what the member directory has of him, so that others find him by name: first, last, city,
//   state, and country in two letters. The last three may be missing; all of it, if he is not in it.
// groups: the names of the groups of his contacts by their numbers, 0 to 29. Who is in no other is
//   in group 0. They are missing if he never had any.
// forward, allow, block: his contacts, who may and who may not, the oldest entry first; each is a
//   handle, or a handle with the name that he gave it. A contact who is not in group 0 alone is
//   (handle: \"…\", name: \"…\", groups: [1, 3]); the name may be missing.
// Who has him as a contact is not said: it follows from the forward lists of the others.
";

/// What is explained if somebody is shut out.
const SHUT_OUT: &str = "\
// disabled: nobody can sign in with the account; perhaps with the reason that the operator gave.
// denied: networks from which nobody connects.
";

/// Writes accounts, and the networks that are denied.
pub(super) fn write(
    portraits: &[AccountExport],
    denied: &[IpNet],
    with_passwords: bool,
) -> Result<String, CommandError> {
    let said = if with_passwords { INCLUDED } else { LEFT_OUT };
    let is_shut_out = |portrait: &AccountExport| portrait.disabled.is_some();
    let somebody = !denied.is_empty() || portraits.iter().any(is_shut_out);
    let document = Document {
        version: if somebody { VERSION } else { NOBODY_SHUT_OUT },
        passwords: if with_passwords { Passwords::Included } else { Passwords::LeftOut },
        accounts: portraits.iter().map(Account::of).collect(),
        denied: denied.iter().copied().map(Network).collect(),
    };
    let pretty = PrettyConfig::new().new_line("\n").depth_limit(4).compact_arrays(false);
    let text = ron::ser::to_string_pretty(&document, pretty);
    let text = text.map_err(|error| CommandError::Other(format!("cannot be exported: {error}")))?;
    let shut_out = if somebody { SHUT_OUT } else { "" };
    Ok(format!("{TITLE}{said}{VALUES}{shut_out}{text}\n"))
}

/// Reads accounts, and the networks that are denied.
pub(super) fn read(text: &str) -> Result<Exported, CommandError> {
    let wrong = |why: String| CommandError::Other(format!("the file is no export: {why}"));
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    // Before the rest is looked at, of which a later version may have what is unknown here.
    let head: Result<Head, _> = options.from_str(text);
    if head.is_ok_and(|head| head.version > VERSION) {
        return Err(wrong("a later version of msnpd made it; install that version".to_owned()));
    }
    let document: Document = options
        .from_str(text)
        .map_err(|error| wrong(format!("{}: {}", error.span.start, words(&error.code))))?;
    let mut handles = HashSet::new();
    for Account { handle, .. } in &document.accounts {
        if !handles.insert(handle) {
            return Err(wrong(format!("{handle} is in it twice")));
        }
    }
    let mut denied: Vec<IpNet> = document.denied.into_iter().map(|Network(one)| one).collect();
    denied.sort_unstable();
    denied.dedup();
    if denied.len() > MAX_DENIED {
        return Err(wrong(format!("it denies more than {MAX_DENIED} networks")));
    }
    let portraits = document.accounts.into_iter().map(|account| account.portrait().map_err(wrong));
    Ok(Exported { accounts: portraits.collect::<Result<_, _>>()?, denied })
}

impl Account {
    fn of(portrait: &AccountExport) -> Account {
        let [forward, allow, block] = &portrait.lists;
        let entries = |list: &[Contact]| list.iter().cloned().map(Entry).collect();
        Account {
            handle: portrait.principal.handle.clone(),
            name: portrait.principal.name.clone(),
            password: portrait.password.clone().map(Clear),
            others: match portrait.privacy {
                Privacy::AllowOthers => Others::Allow,
                Privacy::BlockOthers => Others::Block,
            },
            when_added: match portrait.prompting {
                AddNotice::Ask => WhenAdded::Ask,
                AddNotice::Silent => WhenAdded::Silent,
            },
            phones: Phones::of(&portrait.numbers),
            profile: portrait.profile.clone().map(Profile::from),
            disabled: portrait.disabled.clone().map(Mark::from),
            groups: Groups(portrait.groups.clone()),
            forward: forward.iter().cloned().map(Member).collect(),
            allow: entries(allow),
            block: entries(block),
        }
    }

    fn portrait(self) -> Result<AccountExport, String> {
        let forward: Vec<_> = self.forward.into_iter().map(|Member(contact)| contact).collect();
        let there = self.groups.check(forward.iter());
        there.map_err(|error| format!("{}: {error}", self.handle))?;
        let list =
            |entries: Vec<Entry>| entries.into_iter().map(|Entry(contact)| contact).collect();
        Ok(AccountExport {
            principal: Principal { handle: self.handle, name: self.name },
            prompting: match self.when_added {
                WhenAdded::Ask => AddNotice::Ask,
                WhenAdded::Silent => AddNotice::Silent,
            },
            privacy: match self.others {
                Others::Allow => Privacy::AllowOthers,
                Others::Block => Privacy::BlockOthers,
            },
            password: self.password.map(|Clear(password)| password),
            groups: self.groups.0,
            numbers: self.phones.numbers(),
            profile: self.profile.map(Profile::into),
            disabled: self.disabled.map(Mark::into),
            lists: [forward, list(self.allow), list(self.block)],
        })
    }
}

impl Phones {
    fn of(numbers: &Numbers) -> Phones {
        let number = |phone| numbers.get(phone).cloned();
        let [home, work, mobile] = [Phone::Home, Phone::Work, Phone::Mobile].map(number);
        Phones { home, work, mobile }
    }

    fn is_empty(&self) -> bool {
        self.home.is_none() && self.work.is_none() && self.mobile.is_none()
    }

    fn numbers(self) -> Numbers {
        let mut numbers = Numbers::default();
        numbers.set(Phone::Home, self.home);
        numbers.set(Phone::Work, self.work);
        numbers.set(Phone::Mobile, self.mobile);
        numbers
    }
}

#[cfg(test)]
mod tests;
