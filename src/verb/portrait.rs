//! Accounts as text: the form of `export` and `import`.

use crate::failure::Failure;
use actors::port::store::{Password, Principal};
use actors::port::{Contact, Portrait};
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, Handle, Privacy, Prompting};
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashSet;
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
    #[serde(deserialize_with = "handle")]
    handle: Handle,
    #[serde(deserialize_with = "name")]
    name: FriendlyName,
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

/// Somebody on a list: a handle, or a pair of it and the name that the owner gave him.
#[derive(Debug)]
struct Entry(Contact);

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.name() {
            Some(name) => (self.0.handle(), name).serialize(to),
            None => to.serialize_str(self.0.handle()),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entry, D::Error> {
        struct One;

        impl<'de> Visitor<'de> for One {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a handle, or a pair of a handle and a name")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Entry, E> {
                Ok(Entry(Contact::new(&checked_handle(text)?, None)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entry, A::Error> {
                let handle = seq.next_element::<String>()?;
                let handle = handle.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let handle = checked_handle(&handle)?;
                let name = seq.next_element::<String>()?;
                let name = name.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(Entry(Contact::new(&handle, Some(&checked_name(&name)?))))
            }
        }

        from.deserialize_any(One)
    }
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
// forward, allow, block: his contacts, who may and who may not, the oldest entry first; each is a
//   handle, or a handle with the name that he gave it.
// Who has him as a contact is not said: it follows from the forward lists of the others.
";

/// Writes accounts.
pub(super) fn write(portraits: &[Portrait], with_passwords: bool) -> Result<String, Failure> {
    let said = if with_passwords { INCLUDED } else { LEFT_OUT };
    let document = Document {
        version: VERSION,
        passwords: if with_passwords { Passwords::Included } else { Passwords::LeftOut },
        accounts: portraits.iter().map(Account::of).collect(),
    };
    let pretty = PrettyConfig::new().new_line("\n").depth_limit(4).compact_arrays(false);
    let text = ron::ser::to_string_pretty(&document, pretty);
    let text = text.map_err(|error| Failure::Other(format!("cannot be exported: {error}")))?;
    Ok(format!("{TITLE}{said}{VALUES}{text}\n"))
}

/// Reads accounts.
pub(super) fn read(text: &str) -> Result<Vec<Portrait>, Failure> {
    let wrong = |why: String| Failure::Other(format!("the file is no export: {why}"));
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let document: Document = options
        .from_str(text)
        .map_err(|error| wrong(format!("{}: {}", error.span.start, error.code)))?;
    if document.version > VERSION {
        return Err(wrong("a later version of msnpd made it; install that version".to_owned()));
    }
    let mut handles = HashSet::new();
    for Account { handle, .. } in &document.accounts {
        if !handles.insert(handle) {
            return Err(wrong(format!("{handle} is in it twice")));
        }
    }
    Ok(document.accounts.into_iter().map(Account::portrait).collect())
}

impl Account {
    fn of(portrait: &Portrait) -> Account {
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
                Prompting::Ask => WhenAdded::Ask,
                Prompting::Silent => WhenAdded::Silent,
            },
            forward: entries(forward),
            allow: entries(allow),
            block: entries(block),
        }
    }

    fn portrait(self) -> Portrait {
        let list =
            |entries: Vec<Entry>| entries.into_iter().map(|Entry(contact)| contact).collect();
        Portrait {
            principal: Principal { handle: self.handle, name: self.name },
            prompting: match self.when_added {
                WhenAdded::Ask => Prompting::Ask,
                WhenAdded::Silent => Prompting::Silent,
            },
            privacy: match self.others {
                Others::Allow => Privacy::AllowOthers,
                Others::Block => Privacy::BlockOthers,
            },
            password: self.password.map(|Clear(password)| password),
            lists: [list(self.forward), list(self.allow), list(self.block)],
        }
    }
}

// Values are checked while they are read, so that a refusal says where they stand.

fn handle<'de, D: Deserializer<'de>>(from: D) -> Result<Handle, D::Error> {
    checked_handle(&String::deserialize(from)?)
}

fn name<'de, D: Deserializer<'de>>(from: D) -> Result<FriendlyName, D::Error> {
    checked_name(&String::deserialize(from)?)
}

fn checked_handle<E: Error>(text: &str) -> Result<Handle, E> {
    let wrong = |error| E::custom(format!("{text:?} is not a user handle: {error}"));
    Handle::new(text).map_err(wrong)
}

fn checked_name<E: Error>(text: &str) -> Result<FriendlyName, E> {
    let wrong = |error| E::custom(format!("{text:?} is not a friendly name: {error}"));
    FriendlyName::new(text).map_err(wrong)
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
    fn a_refusal_says_where_it_is() {
        for (field, place, words) in [
            (r#"forward: ["a b"]"#, "2:58", "\"a b\" is not a user handle: "),
            (r#"allow: ["c@b.cd", ("d@b.cd", "")]"#, "2:78", "\"\" is not a friendly name: "),
            (r#"block: [("c@b.cd")]"#, "2:64", "a pair of a handle and a name"),
            (r#"block: [7]"#, "2:55", "a handle, or a pair of a handle and a name"),
            (r#"password: """#, "2:58", "this is no password: it has 1 to 16 characters"),
            (r#"nickname: "x""#, "2:47", "nickname"),
            (r#"others: nobody"#, "2:55", "nobody"),
        ] {
            let why = read(&file(field)).unwrap_err().to_string();
            let start = format!("the file is no export: {place}");
            assert!(why.starts_with(&start) && why.contains(words), "{field}: {why}");
        }
    }

    #[test]
    fn an_account_that_is_in_it_twice_is_refused_by_name() {
        let account = |handle: &str| format!("(handle: \"{handle}\", name: \"a\"),");
        let of = |accounts: String| {
            read(&format!("(version: 1, passwords: left_out, accounts: [{accounts}])"))
        };
        assert_eq!(of(account("a@b.cd") + &account("c@b.cd")).unwrap().len(), 2);
        let why = of(account("a@b.cd") + &account("c@b.cd") + &account("A@b.cd")).unwrap_err();
        assert_eq!(why.to_string(), "the file is no export: a@b.cd is in it twice");
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
