//! The edits of a client, and a plain model of their results.

use std::collections::BTreeMap;

use fastrand::Rng;

/// The lists that a client edits, by their places in [`Lists::lists`].
pub(crate) const NAMES: [&str; 3] = ["FL", "AL", "BL"];

/// The lists of one user. Handles are written as their local parts.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    pub(crate) name: String,
    pub(crate) prompting: &'static str,
    pub(crate) privacy: &'static str,
    pub(crate) lists: [Vec<String>; 3],
    /// The names of contacts. A contact keeps the name while on any list. That includes the reverse list,
    /// which this model does not have, so two names may be possible.
    pub(crate) called: BTreeMap<String, Vec<String>>,
}

impl Lists {
    /// Returns the lists of a new account.
    pub(crate) fn new(who: &str) -> Self {
        let (lists, called) = Default::default();
        Self { name: who.to_owned(), prompting: "A", privacy: "AL", lists, called }
    }

    fn on_any(&self, contact: &String) -> bool {
        self.lists.iter().any(|list| list.contains(contact))
    }

    /// Makes a change. Returns an error code if it is refused; then nothing changes.
    pub(crate) fn apply(&mut self, edit: &Edit) -> Result<(), u16> {
        match edit {
            Edit::Add { list, contact, name } => self.add(*list, contact, name)?,
            Edit::Remove { list, contact } => {
                let list = &mut self.lists[*list];
                let at = list.iter().position(|one| one == contact).ok_or(216u16)?;
                list.remove(at);
            }
            Edit::RenameContact { contact, name } => {
                assert!(self.on_any(contact), "only who is on a list is renamed");
                self.called.insert(contact.clone(), vec![name.clone()]);
            }
            Edit::RenameSelf { name, .. } => self.name.clone_from(name),
            Edit::Prompting(value) if self.prompting == *value => return Err(218),
            Edit::Prompting(value) => self.prompting = value,
            // The same value again is valid, since Gaim 0.43 sends it at every login.
            Edit::Privacy(value) => self.privacy = value,
        }
        Ok(())
    }

    fn add(&mut self, list: usize, contact: &String, name: &str) -> Result<(), u16> {
        let opposite = match list {
            1 => Some(2),
            2 => Some(1),
            _ => None,
        };
        if self.lists[list].contains(contact) {
            // Allowing or blocking a contact again changes nothing.
            return if list == 0 { Err(215) } else { Ok(()) };
        }
        if opposite.is_some_and(|opposite: usize| self.lists[opposite].contains(contact)) {
            return Err(219);
        }
        let stays = list != 0 && self.on_any(contact);
        let called = self.called.entry(contact.clone()).or_default();
        if list == 0 {
            called.clear();
        }
        if !stays {
            called.push(name.to_owned());
        }
        self.lists[list].push(contact.clone());
        Ok(())
    }
}

/// A change that a client requests.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Add { list: usize, contact: String, name: String },
    Remove { list: usize, contact: String },
    RenameContact { contact: String, name: String },
    RenameSelf { who: String, name: String },
    Prompting(&'static str),
    Privacy(&'static str),
}

impl Edit {
    /// Returns an edit that is valid for these lists in most cases. It may add one of `contacts`, with a
    /// new name.
    pub(crate) fn choose(
        rng: &mut Rng,
        lists: &Lists,
        who: &str,
        contacts: &[String],
        name: String,
        may_rename_self: bool,
    ) -> Self {
        let list = rng.usize(0..3);
        let on = &lists.lists[list];
        match rng.u8(0..20) {
            0 => Self::Prompting(rng.choice(["A", "N"]).expect("one of two")),
            1 => Self::Privacy(rng.choice(["AL", "BL"]).expect("one of two")),
            2 if may_rename_self => Self::RenameSelf { who: who.to_owned(), name },
            3..6 if !on.is_empty() => {
                Self::RenameContact { contact: on[rng.usize(0..on.len())].clone(), name }
            }
            6..12 if !on.is_empty() => {
                Self::Remove { list, contact: on[rng.usize(0..on.len())].clone() }
            }
            // Some are refused: the contact is already on the list, or on the opposite one.
            _ => Self::Add { list, contact: contacts[rng.usize(0..contacts.len())].clone(), name },
        }
    }

    /// Returns the line that the client sends.
    pub(crate) fn request(&self, trid: u32) -> String {
        match self {
            Self::Add { list, contact, name } => {
                format!("ADD {trid} {} {contact}@example.com {name}", NAMES[*list])
            }
            Self::Remove { list, contact } => {
                format!("REM {trid} {} {contact}@example.com", NAMES[*list])
            }
            Self::RenameContact { contact: who, name } | Self::RenameSelf { who, name } => {
                format!("REA {trid} {who}@example.com {name}")
            }
            Self::Prompting(value) => format!("GTC {trid} {value}"),
            Self::Privacy(value) => format!("BLP {trid} {value}"),
        }
    }

    /// Returns the list version in the answer, which must be the answer to this edit.
    pub(crate) fn version(&self, trid: u32, answer: &str) -> u32 {
        let mut words: Vec<&str> = answer.split(' ').collect();
        let before = match self {
            Self::Add { .. } | Self::Remove { .. } => 3,
            _ => 2,
        };
        assert!(words.len() > before, "`{answer}` to `{}`", self.request(trid));
        let version = words.remove(before);
        assert_eq!(words.join(" "), self.request(trid), "the answer");
        version.parse().unwrap_or_else(|_| panic!("no list version in `{answer}`"))
    }
}
