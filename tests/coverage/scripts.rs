//! The scripts that show each command.

use super::page::{link, root};
use super::script_files;
use msnp::Server;
use msnp::frame::Origin;

/// A command in a script.
struct Shown {
    /// `SUBJECT/NAME`.
    script: String,
    origin: Origin,
    server: Server,
    command: String,
}

/// The commands that are written out in the scripts, without those of shorthands.
pub(crate) struct Scripts {
    /// `SUBJECT/NAME`.
    scripts: Vec<String>,
    shown: Vec<Shown>,
}

/// Splits `SUBJECT/NAME`.
fn parts(script: &str) -> (&str, &str) {
    script.split_once('/').unwrap()
}

fn file(script: &str) -> String {
    format!("tests/scripts/{script}.msnp")
}

impl Scripts {
    /// Reads all scripts.
    pub(crate) fn read() -> Scripts {
        let mut scripts = Vec::new();
        for (subject, names) in script_files::by_subject() {
            scripts.extend(names.iter().map(|name| format!("{subject}/{name}")));
        }
        let mut shown = Vec::new();
        for script in &scripts {
            let text = std::fs::read_to_string(root().join(file(script))).unwrap();
            shown.extend(commands(script, &text));
        }
        Scripts { scripts, shown }
    }

    /// Returns a link to the script of this name.
    pub(crate) fn link(&self, name: &str) -> String {
        let script = self.scripts.iter().find(|script| parts(script).1 == name);
        link(&file(script.unwrap_or_else(|| panic!("there is no script {name}"))))
    }

    /// Returns the names of the scripts that begin like this.
    pub(crate) fn beginning(&self, prefix: &str) -> Vec<&str> {
        let names = self.scripts.iter().map(|script| parts(script).1);
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    /// Returns a script that shows a command. It prefers legal uses, then scripts that are named after the
    /// command, then short names.
    pub(crate) fn of(&self, command: &str, origin: Origin, server: Server) -> String {
        let word = command.to_lowercase();
        let here = |shown: &&Shown| {
            shown.command == command && shown.origin == origin && shown.server == server
        };
        let scripts = self.shown.iter().filter(here).map(|shown| &shown.script);
        let best = scripts.min_by_key(|script| {
            let (subject, name) = parts(script);
            let place = name.split('_').position(|part| part == word);
            let otherwise = place.is_none_or(|place| place > 0);
            (subject == "gate", place.is_none(), otherwise, name.len(), name)
        });
        best.map_or("none".to_owned(), |script| link(&file(script)))
    }
}

/// Returns the server in a heading such as `alice NS 2` or `alice SB, bob SB`.
fn heading(line: &str) -> Option<Server> {
    let (_, rest) = line.split_once(' ')?;
    match rest.split([' ', ',']).next()? {
        "DS" => Some(Server::Dispatch),
        "NS" => Some(Server::Notification),
        "SB" => Some(Server::Switchboard),
        _ => None,
    }
}

fn commands(script: &str, text: &str) -> Vec<Shown> {
    let (mut shown, mut at) = (Vec::new(), None);
    for line in text.lines() {
        let (origin, said) = match line.split_once(": ") {
            Some(("C", said)) => (Origin::Client, said),
            Some(("S", said)) => (Origin::Server, said),
            _ => {
                at = heading(line).or(at);
                continue;
            }
        };
        for said in said.split("<CRLF>") {
            let command: String = said.chars().take(3).collect();
            let ends = !said.chars().nth(3).is_some_and(|next| next.is_ascii_alphanumeric());
            if let Some(server) = at.filter(|_| ends) {
                shown.push(Shown { script: script.to_owned(), origin, server, command });
            }
        }
    }
    shown
}
