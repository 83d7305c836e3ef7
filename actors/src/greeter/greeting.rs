//! The greeting, which is the first message of the greeter in a conversation.

use crate::message::{Load, Locate};
use crate::node::Node;
use crate::port::store::{AccountId, Detail};
use msnp::{FriendlyName, List};

/// The headers of a text message, as clients of the time send them.
pub(super) const HEADERS: &str =
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";

/// The maximum number of contacts that are named.
const MAX_NAMED: usize = 8;

/// The longest name, in bytes. Longer ones are cut.
const MAX_NAME: usize = 96;

/// The online contacts of a user that the user may call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OnlineContacts {
    /// At most [`MAX_NAMED`].
    named: Vec<FriendlyName>,
    /// The number of further contacts.
    unnamed: usize,
}

/// Finds the contacts that a user sees online, without the greeter. A forward list has at most
/// [`MAX_LIST_ENTRIES`](crate::settings::MAX_LIST_ENTRIES) entries.
pub(super) async fn online_contacts(
    node: &Node,
    caller: AccountId,
    greeter: AccountId,
) -> OnlineContacts {
    let mut online = OnlineContacts::default();
    let account_ref = node.directory.account_ref(caller);
    let Ok(Ok(roster)) = node.accounts.send(Load { account_ref, detail: Detail::Lists }).await
    else {
        return online;
    };
    let contacts = roster.list(List::Forward).iter().map(|entry| entry.contact);
    for callee in contacts.filter(|contact| *contact != greeter) {
        let locate = Locate { callee, caller, switchboard: None };
        let can_be_called = matches!(node.registry.send(locate).await, Ok(Some(_)));
        if !can_be_called {
            continue;
        }
        match node.directory.principal(callee) {
            Some(contact) if online.named.len() < MAX_NAMED => online.named.push(contact.name),
            Some(_) => online.unnamed += 1,
            None => {}
        }
    }
    online
}

/// The greeting for a user who is alone with the greeter.
pub(super) fn greeting(server: &str, name: &FriendlyName, online: &OnlineContacts) -> String {
    format!(
        "Hello {}! This is msnpd, the Messenger server of {server}. {} Write something and I will \
         echo it.",
        shorten(name),
        online.sentence()
    )
}

/// The greeting for several users, who may not know each other's contacts.
pub(super) fn group_greeting(server: &str) -> String {
    format!("Hello! This is msnpd, the Messenger server of {server}.")
}

/// A name, cut to its first bytes if it is long: eight of the longest would not fit into a message.
fn shorten(name: &FriendlyName) -> String {
    let name = name.to_string();
    let fits = |(start, letter): &(usize, char)| start + letter.len_utf8() <= MAX_NAME;
    let prefix: String = name.char_indices().take_while(fits).map(|(_, letter)| letter).collect();
    if prefix.len() < name.len() { format!("{prefix}...") } else { name }
}

impl OnlineContacts {
    fn sentence(&self) -> String {
        let mut names: Vec<String> = self.named.iter().map(shorten).collect();
        if self.unnamed > 0 {
            names.push(format!("{} more", self.unnamed));
        }
        match names.as_slice() {
            [] => "None of your contacts are online right now.".to_owned(),
            [one] => format!("Your contact {one} is online."),
            [first @ .., last] => {
                format!("Your contacts {} and {last} are online.", first.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::frame::MAX_PAYLOAD;

    fn online(names: &[&str], unnamed: usize) -> OnlineContacts {
        let named = names.iter().map(|name| FriendlyName::new(name).unwrap()).collect();
        OnlineContacts { named, unnamed }
    }

    #[test]
    fn the_contacts_online_take_one_sentence() {
        assert_eq!(online(&[], 0).sentence(), "None of your contacts are online right now.");
        assert_eq!(online(&["Bob"], 0).sentence(), "Your contact Bob is online.");
        assert_eq!(
            online(&["Bob", "Carol", "Dave"], 0).sentence(),
            "Your contacts Bob, Carol and Dave are online."
        );
        assert_eq!(
            online(&["Bob", "Carol"], 7).sentence(),
            "Your contacts Bob, Carol and 7 more are online."
        );
    }

    #[test]
    fn the_longest_greeting_fits_into_a_message() {
        let server = "s".repeat(127);
        for name in ["n".repeat(FriendlyName::MAX_ENCODED), "\u{e9}".repeat(64), "n".repeat(96)] {
            let longest = FriendlyName::new(&name).unwrap();
            let text = greeting(&server, &longest, &online(&[name.as_str(); MAX_NAMED], 592));
            assert!(HEADERS.len() + text.len() <= MAX_PAYLOAD, "{}", text.len());
            assert_eq!(text.contains(&name), name.len() == MAX_NAME);
        }
    }
}
