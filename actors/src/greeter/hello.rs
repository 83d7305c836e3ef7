//! What the greeter says at first.

use crate::message::{Load, Locate};
use crate::node::Node;
use crate::port::store::{AccountId, Detail};
use msnp::{FriendlyName, List};

/// What stands before a text, as clients of the time write it.
pub(super) const HEADERS: &str =
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";

/// How many contacts are named.
const NAMED: usize = 8;

/// How many bytes of a name are said.
const NAME: usize = 96;

/// Who of a principal's contacts are online, as far as he may know: those that he could call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    named: Vec<FriendlyName>,
    others: usize,
}

/// Looks whom of his contacts a principal sees, but the greeter. His forward list has
/// [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES) at most.
pub(super) async fn seen_by(node: &Node, caller: AccountId, greeter: AccountId) -> Seen {
    let mut seen = Seen::default();
    let known = node.directory.account_ref(caller);
    let Ok(Ok(roster)) = node.accounts.send(Load { known, detail: Detail::Lists }).await else {
        return seen;
    };
    let contacts = roster.list(List::Forward).iter().map(|entry| entry.contact);
    for callee in contacts.filter(|contact| *contact != greeter) {
        if !matches!(node.registry.send(Locate { callee, caller }).await, Ok(Some(_))) {
            continue;
        }
        match node.directory.principal(callee) {
            Some(contact) if seen.named.len() < NAMED => seen.named.push(contact.name),
            Some(_) => seen.others += 1,
            None => {}
        }
    }
    seen
}

/// The greeting, for somebody who is alone with the greeter.
pub(super) fn hello(server: &str, name: &FriendlyName, seen: &Seen) -> String {
    format!(
        "Hello {}! This is msnpd, the Messenger server of {server}. {} Write something, and I say \
         it back.",
        short(name),
        seen.in_words()
    )
}

/// The greeting for several, who may not know each other's contacts.
pub(super) fn hello_all(server: &str) -> String {
    format!("Hello! This is msnpd, the Messenger server of {server}.")
}

/// A name, or its beginning: eight of the longest would be more than a message holds.
fn short(name: &FriendlyName) -> String {
    let name = name.to_string();
    let fits = |(start, letter): &(usize, char)| start + letter.len_utf8() <= NAME;
    let beginning: String =
        name.char_indices().take_while(fits).map(|(_, letter)| letter).collect();
    if beginning.len() < name.len() { format!("{beginning}...") } else { name }
}

impl Seen {
    fn in_words(&self) -> String {
        let mut names: Vec<String> = self.named.iter().map(short).collect();
        if self.others > 0 {
            names.push(format!("{} more", self.others));
        }
        match names.as_slice() {
            [] => "None of your contacts is online now.".to_owned(),
            [one] => format!("Of your contacts, {one} is online."),
            [first @ .., last] => {
                format!("Of your contacts, {} and {last} are online.", first.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::frame::MAX_PAYLOAD;

    fn seen(names: &[&str], others: usize) -> Seen {
        let named = names.iter().map(|name| FriendlyName::new(name).unwrap()).collect();
        Seen { named, others }
    }

    #[test]
    fn who_is_online_is_said_in_one_sentence() {
        assert_eq!(seen(&[], 0).in_words(), "None of your contacts is online now.");
        assert_eq!(seen(&["Bob"], 0).in_words(), "Of your contacts, Bob is online.");
        assert_eq!(
            seen(&["Bob", "Carol", "Dave"], 0).in_words(),
            "Of your contacts, Bob, Carol and Dave are online."
        );
        assert_eq!(
            seen(&["Bob", "Carol"], 7).in_words(),
            "Of your contacts, Bob, Carol and 7 more are online."
        );
    }

    #[test]
    fn the_longest_greeting_fits_into_a_message() {
        let server = "s".repeat(127);
        for name in ["n".repeat(FriendlyName::MAX_ENCODED), "\u{e9}".repeat(64), "n".repeat(96)] {
            let longest = FriendlyName::new(&name).unwrap();
            let text = hello(&server, &longest, &seen(&[name.as_str(); NAMED], 592));
            assert!(HEADERS.len() + text.len() <= MAX_PAYLOAD, "{}", text.len());
            assert_eq!(text.contains(&name), name.len() == NAME);
        }
    }
}
