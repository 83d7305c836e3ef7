//! What a client is shown of its own account.

use crate::edit::Lists;
use crate::support::connection::Connection;
use crate::support::conversation::PASSWORD;
use crate::support::digest;
use crate::support::server::{Listener, Server};

/// What a `SYN` brings, with the principal's own name.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) version: u32,
    prompting: String,
    privacy: String,
    /// Forward, allow, block and reverse list: local parts of handles, and names.
    pub(crate) lists: [Vec<(String, String)>; 4],
}

/// Signs in; the connection and the principal's own friendly name.
pub(crate) fn sign_in(server: &Server, who: &str) -> (Connection, String) {
    let mut ns = Connection::open(server.address(Listener::Notification));
    ns.send_line(&format!("USR 1 MD5 I {who}@example.com"));
    let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
    let digest = digest::md5(challenge.as_bytes(), PASSWORD.as_bytes());
    ns.send_line(&format!("USR 2 MD5 S {digest}"));
    let name = ns.expect_words(&format!("USR 2 OK {who}@example.com ")).remove(0);
    ns.send_line("PNG");
    ns.expect("QNG");
    let length = ns.expect_words("MSG Hotmail Hotmail ").remove(0);
    ns.read_payload(length.parse().expect("a length")).expect("the profile");
    (ns, name)
}

impl View {
    /// Requests all lists. No one may edit them meanwhile.
    pub(crate) fn of(ns: &mut Connection, name: String) -> Self {
        ns.send_line("SYN 9 0");
        let version = ns.expect_words("SYN 9 ").remove(0);
        let prompting = ns.expect_words("GTC 9 ").remove(1);
        let privacy = ns.expect_words("BLP 9 ").remove(1);
        let lists = ["FL", "AL", "BL", "RL"].map(|list| read(ns, list));
        let version = version.parse().expect("a list version");
        Self { name, version, prompting, privacy, lists }
    }

    /// Whether it shows exactly this.
    pub(crate) fn shows(&self, lists: &Lists) -> bool {
        let same = |(shown, expected): (&Vec<(String, String)>, &Vec<String>)| {
            let handles = shown.iter().map(|(handle, _)| handle);
            let named = |(handle, name): &(String, String)| {
                lists.called.get(handle).is_some_and(|called| called.contains(name))
            };
            handles.eq(expected) && shown.iter().all(named)
        };
        self.name == lists.name
            && self.prompting == lists.prompting
            && self.privacy == lists.privacy
            && self.lists.iter().zip(&lists.lists).all(same)
    }

    /// Settles which of the possible names each contact has.
    pub(crate) fn settle(&self, lists: &mut Lists) {
        for (handle, name) in self.lists[..3].iter().flatten() {
            lists.called.insert(handle.clone(), vec![name.clone()]);
        }
    }
}

fn read(ns: &mut Connection, list: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    loop {
        let words = ns.expect_words(&format!("LST 9 {list} "));
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [_, "0", "0"] => return entries,
            [_, number, count, handle, name] => {
                let (who, _) = handle.split_once('@').expect("a handle");
                entries.push((who.to_owned(), (*name).to_owned()));
                if number == count {
                    return entries;
                }
            }
            _ => panic!("LST {words:?}"),
        }
    }
}
