//! Which play shows which command.

use super::page::{link, root};
use msnp::Server;
use msnp::frame::Origin;

/// One command in one play.
struct Shown {
    play: String,
    origin: Origin,
    server: Server,
    command: String,
}

/// The commands that are written out in the plays; what a shorthand says is not among them.
pub(crate) struct Plays {
    names: Vec<String>,
    shown: Vec<Shown>,
}

impl Plays {
    /// Reads all plays.
    pub(crate) fn read() -> Plays {
        let folder = root().join("tests/scripts");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            names.extend(name.strip_suffix(".msnp").map(str::to_owned));
        }
        names.sort();
        let mut shown = Vec::new();
        for play in &names {
            let text = std::fs::read_to_string(folder.join(format!("{play}.msnp"))).unwrap();
            shown.extend(commands(play, &text));
        }
        Plays { names, shown }
    }

    /// The plays whose names begin like this.
    pub(crate) fn beginning(&self, prefix: &str) -> Vec<&str> {
        self.names.iter().map(String::as_str).filter(|name| name.starts_with(prefix)).collect()
    }

    /// A play that shows a command: in its place rather than out of it, one that is called after it
    /// rather than another, a short name rather than a long one.
    pub(crate) fn of(&self, command: &str, origin: Origin, server: Server) -> String {
        let word = command.to_lowercase();
        let here = |shown: &&Shown| {
            shown.command == command && shown.origin == origin && shown.server == server
        };
        let names = self.shown.iter().filter(here).map(|shown| &shown.play);
        let best = names.min_by_key(|name| {
            let place = name.split('_').position(|part| part == word);
            let otherwise = place.is_none_or(|place| place > 0);
            (name.starts_with("gate_"), place.is_none(), otherwise, name.len(), *name)
        });
        best.map_or("none".to_owned(), |name| link(&format!("tests/scripts/{name}.msnp")))
    }
}

/// The server that a heading such as `alice NS 2` or `alice SB, bob SB` names.
fn heading(line: &str) -> Option<Server> {
    let (_, rest) = line.split_once(' ')?;
    match rest.split([' ', ',']).next()? {
        "DS" => Some(Server::Dispatch),
        "NS" => Some(Server::Notification),
        "SB" => Some(Server::Switchboard),
        _ => None,
    }
}

fn commands(play: &str, text: &str) -> Vec<Shown> {
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
                shown.push(Shown { play: play.to_owned(), origin, server, command });
            }
        }
    }
    shown
}
