//! A spool: the checked accounts of a file, in an unnamed temporary file until they are imported. The
//! temporary file is in the data folder: anyone who can read files there can read the passwords from the
//! store as well.

use super::ClearText;
use crate::error::CommandError;
use actors::port::store::Principal;
use actors::port::{AccountExport, Contact, Disabled, PhoneNumbers};
use actors::rules::Group;
use msnp::{AddNotice, FriendlyName, GroupIds, Handle, MemberProfile, Privacy};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::path::Path;

/// The form of an account in the spool. Its lists follow it.
#[derive(Serialize, Deserialize)]
struct Record {
    handle: Handle,
    name: FriendlyName,
    add_notice: AddNotice,
    privacy: Privacy,
    password: Option<ClearText>,
    groups: Vec<Group>,
    numbers: PhoneNumbers,
    profile: Option<MemberProfile>,
    disabled: Option<Disabled>,
}

/// The forward, allow and block list of an account.
type Lists<'a> = [Vec<Entry<'a>>; 3];

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    handle: Cow<'a, str>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    groups: GroupIds,
}

/// A spool that is being written.
pub(in crate::commands) struct SpoolWriter {
    to: BufWriter<File>,
    account_count: usize,
    /// The number of list entries of all accounts together.
    entry_count: usize,
}

impl SpoolWriter {
    pub(in crate::commands) fn new(data: &Path) -> io::Result<SpoolWriter> {
        let to = BufWriter::new(tempfile::tempfile_in(data)?);
        Ok(SpoolWriter { to, account_count: 0, entry_count: 0 })
    }

    pub(in crate::commands) fn put(&mut self, account: AccountExport) -> io::Result<()> {
        self.account_count += 1;
        self.entry_count += account.lists.iter().map(Vec::len).sum::<usize>();
        let lists: Lists<'_> =
            account.lists.each_ref().map(|list| list.iter().map(Entry::of).collect());
        let record = Record {
            handle: account.principal.handle,
            name: account.principal.name,
            add_notice: account.add_notice,
            privacy: account.privacy,
            password: account.password.map(ClearText),
            groups: account.groups,
            numbers: account.numbers,
            profile: account.profile,
            disabled: account.disabled,
        };
        let bytes = postcard::to_stdvec(&record).map_err(io::Error::other)?;
        let bytes = postcard::to_extend(&lists, bytes).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.to.write_all(&length.to_le_bytes())?;
        self.to.write_all(&bytes)
    }

    pub(in crate::commands) fn finish(self) -> io::Result<Spool> {
        let SpoolWriter { to, account_count, entry_count } = self;
        let mut file = to.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Spool { from: BufReader::new(file), account_count, entry_count })
    }
}

/// A complete spool, which can be read several times.
pub(in crate::commands) struct Spool {
    from: BufReader<File>,
    pub(in crate::commands) account_count: usize,
    /// The number of list entries of all accounts together.
    pub(in crate::commands) entry_count: usize,
}

/// The kinds of batches of accounts. A batch is imported in one transaction, for which changes by users wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Batch {
    /// At most [`MAX_WITHOUT_LISTS`] accounts, whose lists are left out.
    WithoutLists,
    /// At most [`MAX_WITH_LISTS`] accounts. The batch ends with the account that reaches [`MAX_ENTRIES`].
    WithLists,
}

/// How many accounts a batch with lists has at most.
pub(in crate::commands) const MAX_WITH_LISTS: usize = 100;

/// With how many list entries a batch is full.
pub(in crate::commands) const MAX_ENTRIES: usize = 10_000;

/// How many accounts a batch without lists has at most.
const MAX_WITHOUT_LISTS: usize = 1000;

impl Spool {
    /// Goes back to the first account.
    pub(in crate::commands) fn rewind(&mut self) -> io::Result<()> {
        self.from.rewind()
    }

    /// Reads the next accounts. Returns an empty list after the last one.
    pub(in crate::commands) fn next_batch(
        &mut self,
        batch: Batch,
    ) -> Result<Vec<AccountExport>, CommandError> {
        let max = match batch {
            Batch::WithoutLists => MAX_WITHOUT_LISTS,
            Batch::WithLists => MAX_WITH_LISTS,
        };
        let (mut accounts, mut entry_count) = (Vec::new(), 0);
        while accounts.len() < max && entry_count < MAX_ENTRIES {
            let read = self.next(batch).map_err(|error| {
                CommandError::Other(format!("cannot read the temporary file again: {error}"))
            })?;
            let Some(account) = read else { break };
            entry_count += account.lists.iter().map(Vec::len).sum::<usize>();
            accounts.push(account);
        }
        Ok(accounts)
    }

    fn next(&mut self, batch: Batch) -> io::Result<Option<AccountExport>> {
        let mut length = [0; 4];
        match self.from.read_exact(&mut length) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes)?;
        let (record, rest): (Record, _) =
            postcard::take_from_bytes(&bytes).map_err(io::Error::other)?;
        let lists: Lists<'_> = match batch {
            Batch::WithoutLists => Default::default(),
            Batch::WithLists => postcard::from_bytes(rest).map_err(io::Error::other)?,
        };
        let [forward, allow, block] = lists.map(|entries| {
            entries.into_iter().map(Entry::into_contact).collect::<io::Result<Vec<Contact>>>()
        });
        Ok(Some(AccountExport {
            principal: Principal { handle: record.handle, name: record.name },
            add_notice: record.add_notice,
            privacy: record.privacy,
            password: record.password.map(|ClearText(password)| password),
            groups: record.groups,
            numbers: record.numbers,
            profile: record.profile,
            disabled: record.disabled,
            lists: [forward?, allow?, block?],
        }))
    }
}

impl<'a> Entry<'a> {
    fn of(contact: &'a Contact) -> Entry<'a> {
        let name = contact.name().map(Cow::Borrowed);
        Entry { handle: Cow::Borrowed(contact.handle()), name, groups: contact.groups() }
    }

    fn into_contact(self) -> io::Result<Contact> {
        let invalid = |_| io::Error::from(ErrorKind::InvalidData);
        let handle = Handle::new(&self.handle).map_err(invalid)?;
        let name = self.name.as_deref().map(FriendlyName::new).transpose();
        let name = name.map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
        Ok(Contact::new(&handle, name.as_ref()).in_groups(self.groups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::account_file::tests::{RICH, read};

    fn spool(accounts: &[AccountExport]) -> Spool {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = SpoolWriter::new(folder.path()).unwrap();
        accounts.iter().for_each(|account| writer.put(account.clone()).unwrap());
        writer.finish().unwrap()
    }

    #[test]
    fn accounts_come_back_with_and_without_their_lists() {
        let accounts = read(RICH).unwrap();
        let mut spool = spool(&accounts);
        assert_eq!(spool.next_batch(Batch::WithLists).unwrap(), accounts);
        assert_eq!(spool.next_batch(Batch::WithLists).unwrap(), []);
        spool.rewind().unwrap();
        let without = spool.next_batch(Batch::WithoutLists).unwrap();
        assert_eq!(without.len(), accounts.len());
        assert!(without.iter().all(|account| account.lists.iter().all(Vec::is_empty)));
    }

    #[test]
    fn batches_are_bounded() {
        let mut account = read(RICH).unwrap().remove(0);
        let mut small = spool(&vec![account.clone(); MAX_WITH_LISTS + 1]);
        assert_eq!(small.account_count, MAX_WITH_LISTS + 1);
        assert_eq!(small.next_batch(Batch::WithLists).unwrap().len(), MAX_WITH_LISTS);
        assert_eq!(small.next_batch(Batch::WithLists).unwrap().len(), 1);
        let contact = account.lists[0][0].clone();
        account.lists = [vec![contact; MAX_ENTRIES / 2], Vec::new(), Vec::new()];
        let mut large = spool(&vec![account; 3]);
        assert_eq!(large.entry_count, MAX_ENTRIES / 2 * 3);
        assert_eq!(large.next_batch(Batch::WithLists).unwrap().len(), 2);
        assert_eq!(large.next_batch(Batch::WithLists).unwrap().len(), 1);
    }
}
