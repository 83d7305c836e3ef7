//! Accounts as text: the form of `export` and `import`.

use crate::failure::Failure;
use actors::port::store::{Password, Principal};
use actors::port::{Contact, Portrait};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, Handle, Privacy, Prompting};
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// The version of the form.
const VERSION: u32 = 1;

/// A whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    passwords: Passwords,
    accounts: Vec<Account>,
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

/// Somebody on a list, with the name that the owner gave him.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Named(String, String),
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
    let document: Document = options.from_str(text).map_err(|error| wrong(error.to_string()))?;
    if document.version > VERSION {
        return Err(wrong("a later version of msnpd made it; install that version".to_owned()));
    }
    document.accounts.into_iter().map(|account| account.portrait().map_err(wrong)).collect()
}

impl Account {
    fn of(portrait: &Portrait) -> Account {
        let [forward, allow, block] = &portrait.lists;
        let entries = |list: &[Contact]| {
            let entry = |contact: &Contact| match (contact.handle().to_owned(), contact.name()) {
                (handle, Some(name)) => Entry::Named(handle, name.to_owned()),
                (handle, None) => Entry::Plain(handle),
            };
            list.iter().map(entry).collect()
        };
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
            forward: entries(forward),
            allow: entries(allow),
            block: entries(block),
        }
    }

    fn portrait(self) -> Result<Portrait, String> {
        let who = self.handle.clone();
        let list = |entries: Vec<Entry>| {
            let entry = |entry| match entry {
                Entry::Plain(contact) => Ok(Contact::new(&handle(&contact)?, None)),
                Entry::Named(contact, given) => {
                    Ok(Contact::new(&handle(&contact)?, Some(&name(&given)?)))
                }
            };
            entries.into_iter().map(entry).collect::<Result<Vec<_>, String>>()
        };
        let of = |error: String| format!("{who}: {error}");
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
            lists: [
                list(self.forward).map_err(of)?,
                list(self.allow).map_err(of)?,
                list(self.block).map_err(of)?,
            ],
        })
    }
}

fn handle(text: &str) -> Result<Handle, String> {
    Handle::new(text).map_err(|error| format!("{text:?} is not a user handle: {error}"))
}

fn name(text: &str) -> Result<FriendlyName, String> {
    FriendlyName::new(text).map_err(|error| format!("{text:?} is not a friendly name: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one account, which has this list or password.
    fn file(field: &str) -> String {
        format!(
            r#"(version: 1, passwords: included, accounts: [
                (handle: "a@b.cd", name: "a", {field}),
            ])"#
        )
    }

    fn list(of: &str, count: usize) -> String {
        format!("{of}: [{}]", r#""c@b.cd","#.repeat(count))
    }

    #[test]
    fn a_list_is_read_no_further_than_it_may_be_long() {
        let most = usize::from(MAX_LIST_ENTRIES);
        for (place, of) in ["forward", "allow", "block"].into_iter().enumerate() {
            let read = read(&file(&list(of, most))).unwrap();
            assert_eq!(read[0].lists[place].len(), most);
            // Nobody looks at what is behind: it would be wrong.
            let long = file(&list(of, most + 1).replace(']', " 7"));
            let why = super::read(&long).unwrap_err().to_string();
            assert!(why.contains("a list of at most 600 entries"), "{why}");
        }
    }

    #[test]
    fn a_password_is_read_and_written_and_not_shown() {
        let text = file(r#"password: "secret""#);
        let portraits = read(&text).unwrap();
        assert_eq!(portraits[0].password, Password::new("secret"));
        assert!(write(&portraits, true).unwrap().contains(r#"password: Some("secret")"#));
        let shown = format!("{:?}", Account::of(&portraits[0]));
        assert!(shown.contains("a@b.cd") && !shown.contains("secret"), "{shown}");
    }
}
