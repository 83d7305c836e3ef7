//! Four users who edit their lists, some contacts who are always offline, and the store, which stays the
//! same in all rounds of a test.

use std::ops::RangeInclusive;
use std::process::Stdio;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fastrand::Rng;

use crate::diary::Diary;
use crate::edit::Lists;
use crate::editor::{Editor, End};
use crate::support::conversation::PASSWORD;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::{Installation, Server};
use crate::support::stored_data::check_integrity;
use crate::view::{View, sign_in};

/// The editors.
pub(crate) const EDITORS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The number of others.
const OTHERS: usize = 12;

/// An editor, from session to session.
struct Member {
    diary: Diary,
    names: u64,
}

/// A store with all accounts, and what its editors know of it.
pub(crate) struct Household {
    pub(crate) installation: Installation,
    members: Vec<Member>,
    everyone: Vec<String>,
}

impl Household {
    /// `strangers` more accounts make the store larger. They have each other on their lists.
    pub(crate) fn with_strangers(strangers: usize) -> Self {
        let others = (0..OTHERS).map(|number| format!("friend{number}"));
        let everyone: Vec<String> = EDITORS.map(str::to_owned).into_iter().chain(others).collect();
        let member = |who: &&str| Member { diary: Diary::new(Lists::new(who), 0), names: 0 };
        let members = EDITORS.iter().map(member).collect();
        let installation = Installation::with_accounts(&[]);
        import(&installation, &everyone, strangers);
        Self { installation, members, everyone }
    }

    /// Starts the server and checks its data.
    pub(crate) fn start(&mut self) -> (Server, Vec<Editor>) {
        let server = self.installation.start();
        check_integrity(&self.installation);
        let editors = self.sign_in(&server);
        (server, editors)
    }

    /// Signs in all editors. Each must find the results of its edits.
    pub(crate) fn sign_in(&mut self, server: &Server) -> Vec<Editor> {
        let mut editors = Vec::new();
        let mut views = Vec::new();
        for (who, member) in EDITORS.iter().zip(&mut self.members) {
            let (mut ns, name) = sign_in(server, who);
            let view = View::of(&mut ns, name);
            let mut lists = member.diary.find(member.diary.at_the_end(), &view);
            view.settle(&mut lists);
            let told = member.diary.version;
            assert!(view.version >= told, "{who} was told version {told}, and now {view:?}");
            let diary = Diary::new(lists, view.version);
            editors.push(Editor::new(who, ns, diary, &self.everyone, member.names));
            views.push(view);
        }
        mirror(&views);
        // With this, edits notify others too.
        for editor in &mut editors {
            editor.ns.send_line("CHG 3 NLN");
        }
        for editor in &mut editors {
            editor.ns.expect("CHG 3 NLN");
        }
        editors
    }

    /// Ends the sessions. Their edits must be there.
    pub(crate) fn sign_off(&mut self, editors: Vec<Editor>) {
        for (member, editor) in self.members.iter_mut().zip(editors) {
            *member = Member { names: editor.names, diary: editor.diary };
        }
    }

    /// Checks a copy of the data: the editors must find a state there that the copy may have, after this many
    /// of their edits.
    pub(crate) fn compare(
        &self,
        server: &Server,
        counts: impl Fn(&Diary) -> RangeInclusive<usize>,
    ) {
        let mut views = Vec::new();
        for (who, member) in EDITORS.iter().zip(&self.members) {
            let (mut ns, name) = sign_in(server, who);
            let view = View::of(&mut ns, name);
            member.diary.find(counts(&member.diary), &view);
            views.push(view);
        }
        mirror(&views);
    }
}

/// Lets all editors edit during an action. Each ends with its connection, or is stopped after the action.
pub(crate) fn edit_during<T>(
    editors: &mut [Editor],
    rng: &mut Rng,
    work: impl FnOnce(&mut Rng) -> T,
) -> (T, Vec<End>) {
    let stop = &AtomicBool::new(false);
    let together = &Barrier::new(editors.len() + 1);
    thread::scope(|scope| {
        let edit = |editor: &'_ mut Editor, rng| {
            together.wait();
            editor.edit(rng, stop)
        };
        let editing: Vec<_> = editors
            .iter_mut()
            .map(|editor| {
                let rng = rng.fork();
                scope.spawn(move || edit(editor, rng))
            })
            .collect();
        // They must end, however the work ends.
        let guard = StopOnDrop(stop);
        together.wait();
        let done = work(rng);
        drop(guard);
        let ends = editing.into_iter().map(|one| one.join().expect("an editor"));
        (done, ends.collect())
    })
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Checks that the reverse lists mirror the forward lists.
fn mirror(views: &[View]) {
    let on = |owner: usize, list: usize, contact: usize| {
        views[owner].lists[list].iter().any(|(handle, _)| handle == EDITORS[contact])
    };
    for owner in 0..views.len() {
        for contact in 0..views.len() {
            assert_eq!(on(owner, 0, contact), on(contact, 3, owner), "{views:#?}");
        }
    }
}

/// Runs a command that must succeed.
pub(crate) fn succeeds(installation: &Installation, arguments: &[&str]) -> Outcome {
    let outcome = installation.run(arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    outcome
}

/// Makes all accounts at once.
fn import(installation: &Installation, everyone: &[String], strangers: usize) {
    let mut text = "(version: 1, passwords: included, accounts: [".to_owned();
    for who in everyone {
        text += &format!(
            "(handle: \"{who}@example.com\", name: \"{who}\", password: \"{PASSWORD}\"),\n"
        );
    }
    let stranger = |number: usize| format!("stranger{}@example.com", number % strangers.max(1));
    for number in 0..strangers {
        let next = (1..=10.min(strangers.saturating_sub(1))).map(|step| stranger(number + step));
        text += &format!(
            "(handle: \"{}\", name: \"stranger{number}\", password: \"{PASSWORD}\", forward: {:?}),\n",
            stranger(number),
            next.collect::<Vec<_>>(),
        );
    }
    text += "])";
    let mut command = installation.program(&["import", "-"]);
    command.stdin(Stdio::piped());
    let imported = run_to_end(command, text.as_bytes());
    assert_eq!(imported.code, Some(0), "{imported:?}");
}
