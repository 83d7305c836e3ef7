//! Edits of every kind, and the visible content of a store.

use super::dice::Dice;
use actors::port::store::{
    AccountId, Change, Changed, CreateError, Detail, ListEntry, NewAccount, Password, Principal,
};
use actors::port::{
    AccountExport, ArchiveError, Contact, DenyError, DisableReason, Disabled, ExclusionLists,
    Imported, PhoneNumbers, Restored, Store, StoreError,
};
use ipnet::IpNet;
use msnp::{
    AddNotice, Country, ErrorCode, FriendlyName, GroupId, GroupIds, GroupName, Handle, List,
    ListVersion, MemberProfile, PhoneKind, PhoneNumber, Privacy, ProfileText,
};
use std::io::Cursor;

const NAMES: [&str; 12] = [
    "alice", "bob", "carol", "dave", "eve", "frank", "grace", "heidi", "ivan", "judy", "mallory",
    "niaj",
];

#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Change(Vec<(AccountId, Change)>),
    Create(Box<NewAccount>),
    Remove(AccountId),
    SetPassword(AccountId, Password),
    SetDisabled(AccountId, Option<Disabled>),
    Deny(IpNet),
    Undeny(IpNet),
    Import(Vec<AccountExport>),
    Restore(Vec<u8>),
}

/// The result of an edit, without list versions, which are random or depend on the clock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Changed(Vec<Result<(), ErrorCode>>),
    Created(AccountId),
    Refused,
    Done,
    Denied(bool),
    Imported(Imported),
    Restored(Restored),
}

fn random_account(dice: &mut Dice) -> AccountId {
    AccountId(1 + u32::try_from(dice.roll(14)).unwrap())
}

fn principal(name: &str) -> Principal {
    Principal {
        handle: Handle::new(&format!("{name}@example.com")).unwrap(),
        name: FriendlyName::new(name).unwrap(),
    }
}

fn name(dice: &mut Dice) -> FriendlyName {
    FriendlyName::new(dice.pick(&["alice", "Bobby", "carol@example.com", "Zoë", &"x".repeat(300)]))
        .unwrap()
}

fn password(dice: &mut Dice) -> Password {
    Password::new(dice.pick(&["secret", "x", "0123456789abcdef"])).unwrap()
}

fn group(dice: &mut Dice) -> GroupId {
    GroupId::new(u8::try_from(dice.roll(4)).unwrap()).unwrap()
}

fn group_name(dice: &mut Dice) -> GroupName {
    GroupName::new(dice.pick(&["Friends", "Family", "Other Contacts", &"x".repeat(61)])).unwrap()
}

fn number(dice: &mut Dice) -> PhoneNumber {
    PhoneNumber::new(dice.pick(&["1", "555 123", &"5".repeat(95)])).unwrap()
}

fn profile(dice: &mut Dice) -> MemberProfile {
    let mut text = || ProfileText::new(dice.pick(&["Bob", "Zoë", &"x".repeat(96)])).unwrap();
    let (first, last, city) = (text(), text(), Some(text()));
    let country = dice.coin().then_some(Country::UNITED_STATES);
    MemberProfile { first, last, city, state: None, country }
}

fn disabled(dice: &mut Dice) -> Disabled {
    let long = "x".repeat(200);
    let reason = dice.pick(&["", "spam", "Zoë: asked for it", &long]);
    Disabled { reason: DisableReason::new(reason).ok() }
}

fn network(dice: &mut Dice) -> IpNet {
    let all = ["10.0.0.0/8", "203.0.113.0/24", "203.0.113.5/32", "0.0.0.0/0", "2001:db8::/32"];
    dice.pick(&all).parse().unwrap()
}

fn random_change(dice: &mut Dice) -> (AccountId, Change) {
    let (owner, contact) = (random_account(dice), random_account(dice));
    let list = dice.pick(&AccountExport::LISTS);
    let group = group(dice);
    let asked = dice.coin().then_some(group);
    let change = match dice.roll(15) {
        0..=5 => {
            let name = dice.coin().then(|| name(dice));
            Change::Add { list, contact, name, limit: 100, group: asked }
        }
        6 => Change::Remove { list, contact, group: asked },
        7 => Change::RenameContact { contact, name: name(dice) },
        8 => Change::RenameSelf(name(dice)),
        9 => Change::AddGroup(group_name(dice)),
        10 => Change::RenameGroup { group, name: group_name(dice) },
        11 => Change::RemoveGroup(group),
        12 => Change::SetPhone(dice.pick(&PhoneKind::ALL), dice.coin().then(|| number(dice))),
        13 => Change::SetProfile(dice.coin().then(|| profile(dice))),
        _ if dice.coin() => Change::SetAddNotice(dice.pick(&[AddNotice::Ask, AddNotice::Silent])),
        _ => {
            let privacy = dice.pick(&[Privacy::AllowOthers, Privacy::BlockOthers]);
            Change::SetPrivacy { privacy, strict: dice.coin() }
        }
    };
    (owner, change)
}

fn random_export(dice: &mut Dice) -> AccountExport {
    let mut list = || {
        let count = dice.roll(6);
        let entry = |dice: &mut Dice| {
            let contact = principal(dice.pick(&NAMES)).handle;
            let contact = Contact::new(&contact, dice.coin().then(|| name(dice)).as_ref());
            contact.in_groups(
                (0..dice.roll(3)).map(|_| group(dice)).fold(GroupIds::NONE, GroupIds::with),
            )
        };
        (0..count).map(|_| entry(dice)).collect()
    };
    let lists = [list(), list(), list()];
    let mut numbers = PhoneNumbers::default();
    if dice.coin() {
        numbers.set(dice.pick(&PhoneKind::ALL), Some(number(dice)));
    }
    AccountExport {
        principal: principal(dice.pick(&NAMES)),
        add_notice: dice.pick(&[AddNotice::Ask, AddNotice::Silent]),
        privacy: dice.pick(&[Privacy::AllowOthers, Privacy::BlockOthers]),
        password: Some(password(dice)),
        groups: (0..dice.roll(4)).map(|_| (group(dice), group_name(dice))).collect(),
        numbers,
        profile: dice.coin().then(|| profile(dice)),
        disabled: dice.coin().then(|| disabled(dice)),
        lists,
    }
}

impl Edit {
    /// A random edit. `backups` were taken earlier, with their key.
    pub(crate) fn random(dice: &mut Dice, backups: &[Vec<u8>]) -> Edit {
        match dice.roll(22) {
            0..=2 => {
                let version = ListVersion::new(700_000_000).unwrap();
                let (principal, password) = (principal(dice.pick(&NAMES)), password(dice));
                Edit::Create(Box::new(NewAccount { principal, password, version }))
            }
            3 => Edit::Remove(random_account(dice)),
            4 => Edit::SetPassword(random_account(dice), password(dice)),
            5 => Edit::Import((0..=dice.roll(4)).map(|_| random_export(dice)).collect()),
            6 if !backups.is_empty() => Edit::Restore(dice.pick(backups)),
            7 => {
                let mark = dice.coin().then(|| disabled(dice));
                Edit::SetDisabled(random_account(dice), mark)
            }
            8 if dice.coin() => Edit::Deny(network(dice)),
            8 => Edit::Undeny(network(dice)),
            _ => Edit::Change((0..=dice.roll(6)).map(|_| random_change(dice)).collect()),
        }
    }

    pub(crate) fn make(&self, store: &dyn Store) -> Result<Answer, StoreError> {
        let done = |done| match done {
            Ok(()) => Ok(Answer::Done),
            Err(StoreError::NoSuchAccount) => Ok(Answer::Refused),
            Err(why) => Err(why),
        };
        match self {
            Edit::Change(changes) => {
                let answers = store.change(changes)?.into_iter();
                Ok(Answer::Changed(answers.map(|answer| answer.map(|_: Changed| ())).collect()))
            }
            Edit::Create(new) => match store.create(new) {
                Ok(id) => Ok(Answer::Created(id)),
                Err(CreateError::Exists) => Ok(Answer::Refused),
                Err(CreateError::Store(why)) => Err(why),
            },
            Edit::Remove(id) => done(store.remove(*id).map(drop)),
            Edit::SetPassword(id, password) => done(store.set_password(*id, password)),
            Edit::SetDisabled(id, mark) => done(store.set_disabled(*id, mark.as_ref())),
            Edit::Deny(network) => match store.deny(*network) {
                Ok(is_new) => Ok(Answer::Denied(is_new)),
                Err(DenyError::Store(why)) => Err(why),
                Err(other) => panic!("{other}"),
            },
            Edit::Undeny(network) => Ok(Answer::Denied(store.undeny(*network)?)),
            Edit::Import(exports) => {
                let mut imported = store.import(exports)?;
                for listed in &mut imported.listed {
                    listed.version = ListVersion::new(1).unwrap();
                }
                Ok(Answer::Imported(imported))
            }
            Edit::Restore(backup) => match store.restore(&mut Cursor::new(&backup)) {
                Ok(restored) => Ok(Answer::Restored(restored)),
                Err(ArchiveError::Store(why)) => Err(why),
                Err(other) => panic!("{other}"),
            },
        }
    }
}

/// Everything that a store shows, except for the list versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    exports: Vec<AccountExport>,
    accounts: Vec<(AccountId, Principal, PhoneNumbers, [Vec<ListEntry>; 4])>,
    exclusions: ExclusionLists,
}

pub(crate) fn shown(store: &dyn Store) -> Shown {
    let mut found = Vec::new();
    store.principals(&mut |id, who| found.push((id, who))).unwrap();
    let with_roster = |(id, who)| {
        let roster = store.roster(id, Detail::Numbers).unwrap();
        (id, who, roster.numbers, roster.lists)
    };
    let accounts = found.into_iter().map(with_roster).collect();
    let exclusions = store.exclusions().unwrap();
    Shown { exports: store.export(true).unwrap(), accounts, exclusions }
}

pub(crate) fn versions(store: &dyn Store) -> Vec<ListVersion> {
    let mut ids = Vec::new();
    store.principals(&mut |id, _| ids.push(id)).unwrap();
    ids.into_iter().map(|id| store.roster(id, Detail::Numbers).unwrap().version).collect()
}

pub(crate) fn backup(store: &dyn Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.backup(true, &mut bytes).unwrap();
    bytes
}

/// A new account.
pub(crate) fn newcomer(number: usize) -> NewAccount {
    let principal = principal(&format!("newcomer{number}"));
    let version = ListVersion::new(700_000_000).unwrap();
    NewAccount { principal, password: Password::new("secret").unwrap(), version }
}

/// Adds a contact to the forward list.
pub(crate) fn forward(contact: AccountId) -> Change {
    Change::Add { list: List::Forward, contact, name: None, limit: 600, group: None }
}

/// The profile of every [`stranger`].
pub(crate) fn strange_profile() -> MemberProfile {
    let text = || ProfileText::new(&"x".repeat(ProfileText::MAX_ENCODED)).unwrap();
    MemberProfile { first: text(), last: text(), city: Some(text()), state: None, country: None }
}

/// One of many accounts that fill the disk.
pub(crate) fn stranger(number: usize) -> AccountExport {
    let name = "x".repeat(300);
    let handle = principal(&format!("{name}{number}").split_off(230)).handle;
    AccountExport {
        principal: Principal { handle, name: FriendlyName::new(&name).unwrap() },
        add_notice: AddNotice::Ask,
        privacy: Privacy::AllowOthers,
        password: Some(Password::new("secret").unwrap()),
        groups: Vec::new(),
        numbers: PhoneNumbers::default(),
        profile: Some(strange_profile()),
        disabled: None,
        lists: Default::default(),
    }
}
