//! The steps of users, and their form on the wire.

use super::numbers::PHONES;
use msnp::Dialect;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy};
use proptest::sample::select;
use proptest::{prop_oneof, strategy::Union};
use std::fmt;

/// The four users, in the order of their accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Alice,
    Bob,
    Carol,
    Dave,
}

impl Who {
    pub(crate) const ALL: [Who; 4] = [Who::Alice, Who::Bob, Who::Carol, Who::Dave];

    /// The local part of the handle.
    pub(crate) fn local(self) -> &'static str {
        ["alice", "bob", "carol", "dave"][self as usize]
    }

    pub(crate) fn handle(self) -> String {
        handle(Some(self))
    }
}

/// The handle of a user, or one without an account.
pub(crate) fn handle(whom: Option<Who>) -> String {
    format!("{}@example.com", whom.map_or("ghost", Who::local))
}

/// The state before the first step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// How many entries a list has at most: as many as there can be, or so few that the list is
    /// sometimes full.
    pub(crate) limit: u16,
    /// Whether each has the others on the forward list.
    pub(crate) friends: bool,
    pub(crate) nodes: Nodes,
}

/// The nodes that users sign in on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// There is one.
    One,
    /// Alice and Carol use one, Bob and Dave the other.
    TwoEach,
    /// There are two. A user's clients use different ones, so that each user moves between them.
    TwoByDialect,
}

impl Nodes {
    /// The index of the node that a user's client of this dialect uses.
    pub(crate) fn of(self, who: Who, dialect: Dialect) -> usize {
        match self {
            Nodes::One => 0,
            Nodes::TwoEach => who as usize % 2,
            Nodes::TwoByDialect => (who as usize + dialect as usize) % 2,
        }
    }
}

impl Setup {
    pub(crate) fn on(self, nodes: Nodes) -> Setup {
        Setup { nodes, ..self }
    }
}

pub(crate) const SETUPS: [Setup; 4] = [
    Setup { limit: 150, friends: true, nodes: Nodes::One },
    Setup { limit: 2, friends: false, nodes: Nodes::One },
    Setup { limit: 150, friends: true, nodes: Nodes::One },
    Setup { limit: 150, friends: false, nodes: Nodes::One },
];

/// The dialects of the clients that users sign in with. Those with most commands are more frequent.
pub(crate) const LOGINS: [Dialect; 12] = [
    Dialect::Msnp7,
    Dialect::Msnp2,
    Dialect::Msnp7,
    Dialect::Msnp5,
    Dialect::Msnp7,
    Dialect::Msnp3,
    Dialect::Msnp6,
    Dialect::Msnp7,
    Dialect::Msnp4,
    Dialect::Msnp7,
    Dialect::Msnp5,
    Dialect::Msnp7,
];

/// The name that is sent with a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// As it is on the wire.
    Given(&'static str),
    /// The handle: Gaim sends it.
    Handle,
    Missing,
}

impl Name {
    /// As it is on the wire, if there is one.
    pub(crate) fn of(self, whom: Option<Who>) -> Option<String> {
        match self {
            Name::Given(name) => Some(name.to_owned()),
            Name::Handle => Some(handle(whom)),
            Name::Missing => None,
        }
    }
}

/// The list version that a client sends in `SYN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    /// None.
    None,
    /// The version of its lists.
    Known,
    /// A version of another server, which is higher.
    Wrong,
}

/// Lines that are refused at any time: with this code, or by closing the connection.
pub(crate) const ILLEGAL: [(&str, Option<u32>); 10] = [
    ("ADD t XX bob@example.com Bob", Some(201)),
    ("ADD t FL bob name", Some(201)),
    ("REM t FL bob", Some(201)),
    ("REA t alice@example.com", Some(209)),
    ("CHG t 12", Some(201)),
    ("QQQ t", Some(200)),
    ("USR t MD5 I dave@example.com", Some(207)),
    ("BLP t XX", None),
    ("GTC t X", None),
    ("MSG t U 0", None),
];

/// What a user does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Signs in on a new connection, with a client of this dialect. An older connection ends.
    SignIn(Dialect),
    /// Tries to sign in on a new connection.
    WrongPassword,
    /// The connection ends without `OUT`.
    HangUp,
    Out,
    Png,
    Syn(Cached),
    Chg(&'static str),
    Add(&'static str, Option<Who>, Name),
    Rem(&'static str, Option<Who>),
    Rea(Option<Who>, Name),
    Blp(&'static str),
    Gtc(&'static str),
    Lst(&'static str),
    /// Adds a user to the forward list, in a group, or to one more group.
    AddTo(Option<Who>, Name, u8),
    /// Removes a contact from a group.
    RemFrom(Option<Who>, u8),
    Lsg,
    Adg(&'static str),
    Reg(u8, &'static str),
    Rmg(u8),
    /// A property and its value.
    Prp(&'static str, Option<&'static str>),
    Ims(&'static str),
    /// Starts a conversation and calls a user, who joins if it rings. Then both leave it.
    Call(Option<Who>),
    /// One of [`ILLEGAL`].
    Illegal(usize),
}

impl Action {
    /// Returns the client's line, with this transaction ID and this cached version.
    pub(crate) fn line(&self, trid: &str, cached: &str) -> String {
        let named = |line: String, name: &Name, whom| match name.of(whom) {
            Some(name) => format!("{line} {name}"),
            None => line,
        };
        match self {
            Action::SignIn(dialect) => format!("(signs in with {dialect})"),
            Action::WrongPassword => "(signs in with a wrong password)".into(),
            Action::HangUp => "(hangs up)".into(),
            Action::Out => "OUT".into(),
            Action::Png => "PNG".into(),
            Action::Syn(Cached::None) => format!("SYN {trid} 0"),
            Action::Syn(Cached::Known) => format!("SYN {trid} {cached}"),
            Action::Syn(Cached::Wrong) => format!("SYN {trid} 2000000000"),
            Action::Chg(state) => format!("CHG {trid} {state}"),
            Action::Add(list, whom, name) => {
                named(format!("ADD {trid} {list} {}", handle(*whom)), name, *whom)
            }
            Action::Rem(list, whom) => format!("REM {trid} {list} {}", handle(*whom)),
            Action::Rea(whom, name) => named(format!("REA {trid} {}", handle(*whom)), name, *whom),
            Action::Blp(privacy) => format!("BLP {trid} {privacy}"),
            Action::Gtc(prompting) => format!("GTC {trid} {prompting}"),
            Action::Lst(list) => format!("LST {trid} {list}"),
            Action::AddTo(whom, name, group) => {
                let line = format!("ADD {trid} FL {}", handle(*whom));
                format!("{} {group}", named(line, name, *whom))
            }
            Action::RemFrom(whom, group) => format!("REM {trid} FL {} {group}", handle(*whom)),
            Action::Lsg => format!("LSG {trid}"),
            Action::Adg(name) => format!("ADG {trid} {name} 0"),
            Action::Reg(group, name) => format!("REG {trid} {group} {name} 0"),
            Action::Rmg(group) => format!("RMG {trid} {group}"),
            Action::Prp(property, Some(value)) => format!("PRP {trid} {property} {value}"),
            Action::Prp(property, None) => format!("PRP {trid} {property}"),
            Action::Ims(setting) => format!("IMS {trid} {setting}"),
            Action::Call(_) => format!("XFR {trid} SB"),
            Action::Illegal(which) => ILLEGAL[*which].0.replacen(" t", &format!(" {trid}"), 1),
        }
    }

    /// The first dialect that has this command.
    pub(crate) fn since(&self) -> Dialect {
        match self {
            Action::Ims(_) => Dialect::Msnp3,
            Action::Prp(..) => Dialect::Msnp5,
            Action::Lsg | Action::Adg(_) | Action::Reg(..) | Action::Rmg(_) => Dialect::Msnp7,
            _ => Dialect::Msnp2,
        }
    }

    /// Whether it may add a user to the forward list or remove one.
    pub(crate) fn is_of_the_forward_list(&self) -> bool {
        match self {
            Action::Add(list, ..) | Action::Rem(list, _) => *list == "FL",
            Action::AddTo(..) | Action::RemFrom(..) | Action::Rmg(_) => true,
            _ => false,
        }
    }

    /// Whether it needs no session. For everything else the user signs in before.
    pub(crate) fn needs_no_session(&self) -> bool {
        matches!(self, Action::SignIn(_) | Action::WrongPassword | Action::HangUp | Action::Out)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line("t", "(the cached version)"))?;
        match self {
            Action::Call(whom) => write!(f, ", CAL t {}", handle(*whom)),
            _ => Ok(()),
        }
    }
}

/// One step of a run.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Does(Who, Action),
    /// This many seconds pass.
    Pass(u64),
    /// Every signed-in client sends `SYN` with 0.
    AllSynchronise,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Does(who, action) => write!(f, "{}: {action}", who.local()),
            Step::Pass(seconds) => write!(f, "({seconds} s pass)"),
            Step::AllSynchronise => write!(f, "all: SYN t 0"),
        }
    }
}

/// What one user does in a row, without waiting for others.
#[derive(Clone, Default)]
pub(crate) struct Part {
    pub(crate) signs_in: Option<Dialect>,
    pub(crate) lines: Vec<Action>,
    /// `OUT`, or nothing.
    pub(crate) leaves: Option<Action>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> = self.lines.iter().map(Action::to_string).collect();
        if let Some(dialect) = self.signs_in {
            lines.insert(0, Action::SignIn(dialect).to_string());
        }
        lines.extend(self.leaves.as_ref().map(Action::to_string));
        f.write_str(&lines.join(" / "))
    }
}

/// What all four users do at the same time.
pub(crate) type Simultaneous = [Part; 4];

const STATES: [&str; 9] = ["NLN", "NLN", "BSY", "BRB", "AWY", "PHN", "IDL", "HDN", "FLN"];

/// Names of the users, and others.
const NAMES: [&str; 7] = ["Alice", "Bob%20B.", "Carol", "Dave", "Q", "100%25", "\u{c4}rger"];

/// Names of groups. The last one is a name of group 0.
const GROUPS: [&str; 5] = ["Friends", "Family", "Caf\u{e9}", "Q", "Other%20Contacts"];

pub(crate) const PHONE_NUMBERS: [&str; 4] = ["1", "555%200100", "+49%2030%201", "call%20me"];

fn who() -> impl Strategy<Value = Who> {
    select(&Who::ALL[..])
}

/// Mostly a user.
fn whom() -> impl Strategy<Value = Option<Who>> {
    option::weighted(0.95, who())
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        4 => select(&NAMES[..]).prop_map(Name::Given),
        1 => Just(Name::Handle),
    ]
}

fn edited_list() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("FL"), 2 => Just("AL"), 2 => Just("BL")]
}

/// Mostly a list that may be changed.
fn any_list() -> impl Strategy<Value = &'static str> {
    prop_oneof![40 => edited_list(), 1 => Just("RL")]
}

fn chg() -> impl Strategy<Value = Action> {
    select(&STATES[..]).prop_map(Action::Chg)
}

fn settings() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => select(&["AL", "BL"][..]).prop_map(Action::Blp),
        1 => select(&["A", "N"][..]).prop_map(Action::Gtc),
    ]
}

fn dialect() -> impl Strategy<Value = Dialect> {
    select(&LOGINS[..])
}

/// Mostly a group that exists.
fn group() -> impl Strategy<Value = u8> {
    prop_oneof![10 => 0..4_u8, 1 => Just(29)]
}

/// A user and a group. The group comes after a name.
fn placed(name: impl Strategy<Value = Name>) -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (whom(), name, group()).prop_map(|(w, n, g)| Action::AddTo(w, n, g)),
        2 => (whom(), group()).prop_map(|(whom, group)| Action::RemFrom(whom, group)),
    ]
}

fn made_group() -> impl Strategy<Value = Action> {
    let named = select(&GROUPS[..]);
    prop_oneof![
        3 => named.clone().prop_map(Action::Adg),
        1 => (group(), named).prop_map(|(group, name)| Action::Reg(group, name)),
    ]
}

fn number() -> impl Strategy<Value = Action> {
    let value = option::weighted(0.8, select(&PHONE_NUMBERS[..]));
    let pages = select(&["MOB", "MOB", "MBE"][..]);
    prop_oneof![
        9 => (select(&PHONES[..]), value).prop_map(|(phone, number)| Action::Prp(phone, number)),
        1 => (pages, select(&["Y", "N"][..])).prop_map(|(page, yes)| Action::Prp(page, Some(yes))),
    ]
}

fn invitable() -> impl Strategy<Value = Action> {
    select(&["ON", "ON", "OFF"][..]).prop_map(Action::Ims)
}

fn action() -> impl Strategy<Value = Action> {
    let maybe_named = prop_oneof![4 => name(), 1 => Just(Name::Missing)];
    let cached = select(&[Cached::None, Cached::Known, Cached::Wrong][..]);
    Union::new_weighted(vec![
        (3, dialect().prop_map(Action::SignIn).boxed()),
        (1, Just(Action::WrongPassword).boxed()),
        (1, Just(Action::HangUp).boxed()),
        (1, Just(Action::Out).boxed()),
        (1, Just(Action::Png).boxed()),
        (5, cached.prop_map(Action::Syn).boxed()),
        (24, chg().boxed()),
        (16, (any_list(), whom(), maybe_named).prop_map(|(l, w, n)| Action::Add(l, w, n)).boxed()),
        (12, (any_list(), whom()).prop_map(|(list, whom)| Action::Rem(list, whom)).boxed()),
        (9, (whom(), name()).prop_map(|(whom, name)| Action::Rea(whom, name)).boxed()),
        (6, settings().boxed()),
        (2, select(&["FL", "AL", "BL", "RL"][..]).prop_map(Action::Lst).boxed()),
        (6, whom().prop_map(Action::Call).boxed()),
        (1, (0..ILLEGAL.len()).prop_map(Action::Illegal).boxed()),
        (14, placed(name()).boxed()),
        (7, made_group().boxed()),
        (3, group().prop_map(Action::Rmg).boxed()),
        (1, Just(Action::Lsg).boxed()),
        (9, number().boxed()),
        (3, invitable().boxed()),
    ])
}

/// A user renames themselves, more often than they may.
fn own_name() -> impl Strategy<Value = (Who, Name)> {
    (prop_oneof![3 => Just(Who::Bob), 2 => who()], name())
}

/// One step.
pub(crate) fn step() -> BoxedStrategy<Step> {
    prop_oneof![
        60 => (who(), action()).prop_map(|(who, action)| Step::Does(who, action)),
        4 => own_name().prop_map(|(who, name)| Step::Does(who, Action::Rea(Some(who), name))),
        1 => (0..70_u64).prop_map(Step::Pass),
        1 => Just(Step::AllSynchronise),
    ]
    .boxed()
}

/// Commands that have a certain outcome even if others send commands meanwhile. Names for contacts
/// are left out: whether one is stored depends on the contact's name at that moment.
fn line() -> impl Strategy<Value = Action> {
    let own_name = select(&["Q", "100%25", "Me"][..]);
    let known = Just(Action::Syn(Cached::Known));
    prop_oneof![
        6 => chg(),
        6 => (edited_list(), who()).prop_map(|(list, who)| Action::Add(list, Some(who), Name::Handle)),
        5 => (edited_list(), who()).prop_map(|(list, who)| Action::Rem(list, Some(who))),
        // Stands for the user's own handle.
        2 => own_name.prop_map(|name| Action::Rea(None, Name::Given(name))),
        2 => settings(),
        4 => placed(Just(Name::Handle)),
        2 => made_group(),
        3 => number(),
        1 => invitable(),
        1 => known,
        1 => Just(Action::Syn(Cached::None)),
        1 => Just(Action::Png),
    ]
}

fn part(who: Who) -> impl Strategy<Value = Part> {
    let leaves = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Action::Out)),
    ];
    let leaves_only = Part { leaves: Some(Action::HangUp), ..Part::default() };
    let speaks = (option::weighted(0.16, dialect()), vec(line(), 0..5), leaves).prop_map(
        move |(signs_in, lines, leaves)| {
            let own = |action| match action {
                Action::Rea(None, name) => Action::Rea(Some(who), name),
                action => action,
            };
            let lines = lines.into_iter().map(own).collect();
            Part { signs_in, lines, leaves }
        },
    );
    prop_oneof![12 => speaks, 1 => Just(leaves_only)]
}

/// What all users do at once.
pub(crate) fn simultaneous_parts() -> impl Strategy<Value = Simultaneous> {
    Who::ALL.map(part)
}
