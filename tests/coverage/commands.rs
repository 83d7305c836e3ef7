//! The commands of clients and servers, by server and dialect.

use super::page::{code, root, table};
use super::scripts::Scripts;
use msnp::frame::Origin;
use msnp::gate::{CommandRules, PayloadRule, Refusal, TABLE, accepts, admit, bounds, server_sends};
use msnp::{CommandName, Dialect, Phase, Server};
use std::collections::BTreeSet;

const SERVERS: [(Server, &str); 3] = [
    (Server::Dispatch, "Dispatch Server"),
    (Server::Notification, "Notification Server"),
    (Server::Switchboard, "Switchboard"),
];

/// Commands of a dialect that this server never sends, and why.
const NEVER_SENT: &[(Server, CommandName, &str)] = &[
    (Server::Dispatch, CommandName::Usr, "a sign-in there is answered with a referral (`XFR`)"),
    (Server::Dispatch, CommandName::Out, "it closes the connection without a word"),
    (Server::Notification, CommandName::Not, "there is no web service that alerts"),
];

/// Returns the phases of a connection to a server, in words.
fn phases(server: Server) -> &'static [(Phase, &'static str)] {
    use Phase::{Fresh, QueryOnly, SignedIn, Versioned};
    match server {
        Server::Dispatch => {
            &[(Fresh, "at first"), (Versioned, "after `VER`"), (QueryOnly, "with `CVR0` alone")]
        }
        Server::Notification => &[
            (Fresh, "at first"),
            (Versioned, "after `VER`"),
            (QueryOnly, "with `CVR0` alone"),
            (SignedIn, "signed in"),
        ],
        Server::Switchboard => &[(Fresh, "at first"), (SignedIn, "joined")],
    }
}

fn refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::Close => "close".to_owned(),
        Refusal::Reply(code) => (code as u16).to_string(),
        Refusal::ReplyThenClose(code) => format!("{}, close", code as u16),
    }
}

/// Returns whether a dialect has a client's command, or how it is refused.
pub(crate) fn verdict(name: Option<CommandName>, server: Server, dialect: Dialect) -> String {
    if name.is_some_and(|name| accepts(name, server, dialect)) {
        return "yes".to_owned();
    }
    let mut last = Refusal::Close;
    for (phase, _) in phases(server) {
        let (_, refused) = admit(name, server, *phase, dialect).unwrap_err();
        // One sentence of the page explains this.
        assert_eq!(last, Refusal::Close, "{name:?} {dialect}: refused with words before sign-in");
        last = refused;
    }
    format!("no: {}", refusal(last))
}

/// Returns the phases in which a command is handled, and the answer in the others.
fn places(name: CommandName, server: Server) -> (String, String) {
    let dialect =
        Dialect::ALL.into_iter().rfind(|dialect| accepts(name, server, *dialect)).unwrap();
    let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
    for (phase, words) in phases(server) {
        match admit(Some(name), server, *phase, dialect) {
            Ok(_) => here.push(*words),
            Err((_, refused)) => elsewhere.push((*words, refusal(refused))),
        }
    }
    match elsewhere.is_empty() {
        true => ("always".to_owned(), "never out of place".to_owned()),
        false => (here.join(", "), together(&elsewhere)),
    }
}

/// Returns the phases with the same refusal, and the refusal.
fn together(refused: &[(&str, String)]) -> String {
    let mut said: Vec<(&String, Vec<&str>)> = Vec::new();
    for (when, refusal) in refused {
        match said.iter_mut().find(|(same, _)| *same == refusal) {
            Some((_, phases)) => phases.push(when),
            None => said.push((refusal, vec![when])),
        }
    }
    let said = said.iter().map(|(refusal, when)| format!("{}: {refusal}", when.join(", ")));
    said.collect::<Vec<_>>().join("; ")
}

fn following(name: CommandName, origin: Origin, server: Server) -> String {
    match bounds(Some(name), origin, server).payload {
        PayloadRule::None => "none".to_owned(),
        PayloadRule::UpTo(most) | PayloadRule::InPieces(most) => format!("up to {most} bytes"),
    }
}

/// Returns the first paragraph of a command's file, without the command name.
fn purpose(name: &str) -> String {
    let path = root().join(format!("msnp/src/command/{}.rs", name.to_lowercase()));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let words: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//! "))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let words = words.join(" ");
    let begins = format!("`{name}`: ");
    let words = words.strip_prefix(&begins);
    words.unwrap_or_else(|| panic!("{}: begins with no {begins}", path.display())).to_owned()
}

const DIALECTS: [&str; 6] = ["MSNP2", "MSNP3", "MSNP4", "MSNP5", "MSNP6", "MSNP7"];

/// Returns the head of a table with a column for each dialect.
pub(crate) fn head<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    assert_eq!(Dialect::ALL.map(Dialect::as_str), DIALECTS);
    [before, &DIALECTS, after].concat()
}

/// Describes each server's answer to an unknown command.
fn strangers(server: Server) -> String {
    let mut foreign = BTreeSet::new();
    let mut unknown = Vec::new();
    for (phase, words) in phases(server) {
        for row in &TABLE {
            let rules = row.requests.iter();
            for rule in rules.filter(|rule| !accepts(row.name, server, rule.since)) {
                let admitted = admit(Some(row.name), server, *phase, rule.since);
                foreign.insert(refusal(admitted.unwrap_err().1));
            }
        }
        let (_, refused) = admit(None, server, *phase, Dialect::Msnp7).unwrap_err();
        unknown.push((*words, refusal(refused)));
    }
    let foreign: Vec<String> = foreign.into_iter().collect();
    let (foreign, unknown) = (foreign.join(" or "), together(&unknown));
    format!(
        "A command of another server is answered: {foreign}. One that no server has: {unknown}.\n"
    )
}

const CLIENTS_SEND: &str = "
## What clients send

*yes*: the dialect has it, and it is handled *when* the connection has come so far; *otherwise* says what it is answered in
another phase. *no: 200*: the dialect does not have it: error 200, and the connection stays; before sign-in it is closed
without a word. The payload is read in every
dialect, so that a stray command leaves the stream in step. What is handled and does less than it did on the original
servers is [below](#uses-of-commands-that-are-not-there).
";

/// Returns the tables of what clients send to each server.
pub(crate) fn sent_by_clients(scripts: &Scripts) -> String {
    let mut page = CLIENTS_SEND.trim_start().to_owned();
    let head = head(&["command", "what"], &["when", "otherwise", "payload", "a script"]);
    for (server, title) in SERVERS {
        let mut rows = Vec::new();
        let accepted = TABLE
            .iter()
            .filter(|row| row.requests.iter().any(|rule| rule.servers.contains(&server)));
        for name in accepted.map(|row| row.name) {
            let (when, otherwise) = places(name, server);
            let mut row = vec![code(name.as_str()), purpose(name.as_str())];
            row.extend(Dialect::ALL.map(|dialect| verdict(Some(name), server, dialect)));
            let payload = following(name, Origin::Client, server);
            row.extend([
                when,
                otherwise,
                payload,
                scripts.of(name.as_str(), Origin::Client, server),
            ]);
            rows.push(row);
        }
        let table = table(&head, &rows);
        page += &format!("\n### To a {title}\n\n{table}\n{}", strangers(server));
    }
    page
}

const SERVERS_SEND: &str = "
## What servers send

*yes*: the dialect has it. *no*: it does not, and no client that speaks it is ever sent one. *never*: the dialect has it, and
nothing here sends it. Besides these, all servers send numeric errors in all dialects.
";

/// Returns the tables of what each server sends.
pub(crate) fn sent_by_servers(scripts: &Scripts) -> String {
    let mut page = SERVERS_SEND.trim_start().to_owned();
    let head = head(&["command", "what"], &["payload", "a script"]);
    for (server, title) in SERVERS {
        let mut rows = Vec::new();
        let sent =
            |row: &&CommandRules| row.event.is_some_and(|rule| rule.servers.contains(&server));
        for name in TABLE.iter().filter(sent).map(|row| row.name) {
            let never = NEVER_SENT.iter().find(|(at, what, _)| (*at, *what) == (server, name));
            let mut what = purpose(name.as_str());
            if let Some((_, _, why)) = never {
                what += &format!(" Never sent: {why}.");
            }
            let script = match never {
                Some(_) => "never".to_owned(),
                None => scripts.of(name.as_str(), Origin::Server, server),
            };
            let mut row = vec![code(name.as_str()), what];
            row.extend(Dialect::ALL.map(|dialect| match server_sends(name, server, dialect) {
                true if never.is_some() => "never".to_owned(),
                true => "yes".to_owned(),
                false => "no".to_owned(),
            }));
            row.extend([following(name, Origin::Server, server), script]);
            rows.push(row);
        }
        page += &format!("\n### From a {title}\n\n{}", table(&head, &rows));
    }
    page
}

#[test]
fn commands_never_sent_belong_to_that_server() {
    for (server, name, _) in NEVER_SENT {
        assert!(server_sends(*name, *server, Dialect::Msnp7), "{server:?} {name}");
    }
}

#[test]
fn every_command_file_is_on_the_page() {
    for entry in std::fs::read_dir(root().join("msnp/src/command")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".rs").unwrap().to_uppercase();
        let listed = CommandName::ALL.iter().any(|command| command.as_str() == name);
        assert!(listed || ["MOD", "ERR"].contains(&name.as_str()), "{name} is in no table");
    }
}
