//! Accounts as text: the form of `export` and `import`.

use crate::failure::Failure;
use actors::port::store::{Password, Principal};
use actors::port::{Contact, Numbers, Portrait};
use actors::rules::Group;
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{
    FriendlyName, GroupId, GroupIds, GroupName, Handle, Phone, PhoneNumber, Privacy, Prompting,
};
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use zeroize::Zeroizing;

/// The version of the form. Before 2 there were neither groups nor telephone numbers.
const VERSION: u32 = 2;

/// A whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    passwords: Passwords,
    accounts: Vec<Account>,
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
    handle: String,
    name: String,
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
    /// Their names by their numbers. Whoever never had any has none, not even group 0.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    groups: BTreeMap<GroupId, String>,
    #[serde(default, deserialize_with = "entries")]
    forward: Vec<Entry>,
    #[serde(default, deserialize_with = "entries")]
    allow: Vec<Entry>,
    #[serde(default, deserialize_with = "entries")]
    block: Vec<Entry>,
}

/// A password as the file has it, which is never shown.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Clear(Zeroizing<String>);

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    home: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
}

/// Somebody on a list, with the name that the owner gave him.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Named(String, String),
    /// On the forward list, and not in group 0 alone as the others are there.
    Grouped(Member),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    handle: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    groups: BTreeSet<GroupId>,
}

/// Reads a list, and no further than it may be long.
fn entries<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Entry>, D::Error> {
    struct List;

    impl<'de> Visitor<'de> for List {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX_LIST_ENTRIES} entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Entry>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if entries.len() >= usize::from(MAX_LIST_ENTRIES) {
                    return Err(A::Error::invalid_length(entries.len() + 1, &self));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    from.deserialize_seq(List)
}

/// Writes accounts.
pub(super) fn write(portraits: &[Portrait], with_passwords: bool) -> Result<String, Failure> {
    let said = if with_passwords {
        "// The passwords are in this file, in clear: keep it as safe as they are.\n"
    } else {
        "// The passwords are left out: whoever is imported from it needs a new one.\n"
    };
    let document = Document {
        version: VERSION,
        passwords: if with_passwords { Passwords::Included } else { Passwords::LeftOut },
        accounts: portraits.iter().map(Account::of).collect(),
    };
    let pretty = PrettyConfig::new().new_line("\n").depth_limit(4).compact_arrays(false);
    let text = ron::ser::to_string_pretty(&document, pretty);
    let text = text.map_err(|error| Failure::Other(format!("cannot be exported: {error}")))?;
    Ok(format!("// Accounts of msnpd; `msnpd import FILE` reads them.\n{said}{text}\n"))
}

/// Reads accounts.
pub(super) fn read(text: &str) -> Result<Vec<Portrait>, Failure> {
    let wrong = |why: String| Failure::Other(format!("the file is no export: {why}"));
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let head: Result<Head, _> = options.from_str(text);
    if head.is_ok_and(|head| head.version > VERSION) {
        return Err(wrong("a later version of msnpd made it; install that version".to_owned()));
    }
    let document: Document = options.from_str(text).map_err(|error| wrong(error.to_string()))?;
    document.accounts.into_iter().map(|account| account.portrait().map_err(wrong)).collect()
}

impl Account {
    fn of(portrait: &Portrait) -> Account {
        let [forward, allow, block] = &portrait.lists;
        let entries = |list: &[Contact]| list.iter().map(Entry::of).collect();
        Account {
            handle: portrait.principal.handle.to_string(),
            name: portrait.principal.name.to_string(),
            password: portrait
                .password
                .as_ref()
                .map(|password| Clear(Zeroizing::new(password.as_str().to_owned()))),
            others: match portrait.privacy {
                Privacy::AllowOthers => Others::Allow,
                Privacy::BlockOthers => Others::Block,
            },
            when_added: match portrait.prompting {
                Prompting::Ask => WhenAdded::Ask,
                Prompting::Silent => WhenAdded::Silent,
            },
            phones: Phones::of(&portrait.numbers),
            groups: portrait
                .groups
                .iter()
                .map(|(group, name)| (*group, name.as_str().to_owned()))
                .collect(),
            forward: forward.iter().map(Entry::of_forward).collect(),
            allow: entries(allow),
            block: entries(block),
        }
    }

    fn portrait(self) -> Result<Portrait, String> {
        let who = self.handle.clone();
        let of = |error: String| format!("{who}: {error}");
        let list = |entries: Vec<Entry>| {
            entries.into_iter().map(Entry::contact).collect::<Result<Vec<_>, String>>()
        };
        let groups = groups(self.groups).map_err(of)?;
        let there =
            groups.iter().fold(GroupIds::from(GroupId::OTHER), |all, (id, _)| all.with(*id));
        let forward = self.forward.into_iter().map(|entry| entry.forward_contact(there));
        let forward = forward.collect::<Result<Vec<_>, String>>().map_err(of)?;
        let password = self.password.map(|password| {
            Password::new(&password.0).ok_or_else(|| "its password is no password".to_owned())
        });
        Ok(Portrait {
            principal: Principal {
                handle: handle(&self.handle)?,
                name: name(&self.name).map_err(of)?,
            },
            prompting: match self.when_added {
                WhenAdded::Ask => Prompting::Ask,
                WhenAdded::Silent => Prompting::Silent,
            },
            privacy: match self.others {
                Others::Allow => Privacy::AllowOthers,
                Others::Block => Privacy::BlockOthers,
            },
            password: password.transpose().map_err(of)?,
            groups,
            numbers: self.phones.numbers().map_err(of)?,
            lists: [forward, list(self.allow).map_err(of)?, list(self.block).map_err(of)?],
        })
    }
}

impl Phones {
    fn of(numbers: &Numbers) -> Phones {
        let number = |phone| numbers.get(phone).map(|number| number.as_str().to_owned());
        let [home, work, mobile] = [Phone::Home, Phone::Work, Phone::Mobile].map(number);
        Phones { home, work, mobile }
    }

    fn is_empty(&self) -> bool {
        self.home.is_none() && self.work.is_none() && self.mobile.is_none()
    }

    fn numbers(self) -> Result<Numbers, String> {
        let mut numbers = Numbers::default();
        for (phone, text) in
            [(Phone::Home, self.home), (Phone::Work, self.work), (Phone::Mobile, self.mobile)]
        {
            let number = text.map(|text| {
                PhoneNumber::new(&text).map_err(|_| format!("{text:?} is not a telephone number"))
            });
            numbers.set(phone, number.transpose()?);
        }
        Ok(numbers)
    }
}

impl Entry {
    fn of(contact: &Contact) -> Entry {
        match (contact.handle().to_owned(), contact.name()) {
            (handle, Some(name)) => Entry::Named(handle, name.to_owned()),
            (handle, None) => Entry::Plain(handle),
        }
    }

    fn of_forward(contact: &Contact) -> Entry {
        if contact.groups() == GroupId::OTHER.into() {
            return Entry::of(contact);
        }
        Entry::Grouped(Member {
            handle: contact.handle().to_owned(),
            name: contact.name().map(str::to_owned),
            groups: contact.groups().iter().collect(),
        })
    }

    fn contact(self) -> Result<Contact, String> {
        match self {
            Entry::Plain(contact) => Ok(Contact::new(&handle(&contact)?, None)),
            Entry::Named(contact, given) => {
                Ok(Contact::new(&handle(&contact)?, Some(&name(&given)?)))
            }
            Entry::Grouped(member) => {
                Err(format!("{} is in groups, which only the forward list has", member.handle))
            }
        }
    }

    /// Somebody on the forward list, where these groups are there.
    fn forward_contact(self, there: GroupIds) -> Result<Contact, String> {
        let Entry::Grouped(member) = self else {
            return self.contact().map(|contact| contact.in_groups(GroupId::OTHER.into()));
        };
        if let Some(group) = member.groups.iter().find(|group| !there.contains(**group)) {
            return Err(format!("{} is in group {group}, which is not there", member.handle));
        }
        let given = member.name.as_deref().map(name).transpose()?;
        let groups = member.groups.into_iter().fold(GroupIds::NONE, GroupIds::with);
        Ok(Contact::new(&handle(&member.handle)?, given.as_ref()).in_groups(groups))
    }
}

fn groups(from: BTreeMap<GroupId, String>) -> Result<Vec<Group>, String> {
    let mut groups: Vec<Group> = Vec::new();
    for (group, text) in from {
        let name = GroupName::new(&text)
            .map_err(|_| format!("{text:?} is not the name of a group: it has at most 61 bytes"))?;
        if groups.iter().any(|(_, other)| *other == name) {
            return Err(format!("two groups are called {text:?}"));
        }
        groups.push((group, name));
    }
    Ok(groups)
}

fn handle(text: &str) -> Result<Handle, String> {
    Handle::new(text).map_err(|error| format!("{text:?} is not a user handle: {error}"))
}

fn name(text: &str) -> Result<FriendlyName, String> {
    FriendlyName::new(text).map_err(|error| format!("{text:?} is not a friendly name: {error}"))
}

#[cfg(test)]
mod tests;
