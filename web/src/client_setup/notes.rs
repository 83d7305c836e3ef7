use super::ServerAddress;

/// Instructions for one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The client.
    pub title: &'static str,
    /// What to do, in sentences.
    pub sentences: Vec<String>,
}

/// Instructions for the clients without a registry value, the most common first.
pub fn notes(place: ServerAddress) -> Vec<Note> {
    let ServerAddress { address, port } = place;
    // Clients without a field for the port connect to the default port.
    let by_name = if place.has_default_port() {
        "Use the hosts line or the DNS lines.".to_owned()
    } else {
        format!(
            "This server cannot be reached then: it listens on port {port}, and 1863 is dialled."
        )
    };
    vec![
        Note {
            title: "gaim 0.11 to 0.68",
            sentences: vec![
                "In the account editor choose the protocol MSN and your whole user handle as the \
                 name."
                    .to_owned(),
                format!(
                    "Among the options of the account, set the server to {address} and the port \
                     to {port}."
                ),
                "Gaim 0.69 and later speak MSNP8, which this server does not.".to_owned(),
            ],
        },
        Note {
            title: "Miranda ICQ and Miranda IM",
            sentences: vec![
                format!(
                    "In Options, on the page MSN, set the login server to {address} and the port \
                     to {port}."
                ),
                "Miranda 0.0.7 crashes while your contact list is empty. New accounts usually have \
                 the greeter of this server in it; if nobody is in yours, add somebody with \
                 another client first."
                    .to_owned(),
            ],
        },
        Note {
            title: "CCMSN and aMSN",
            sentences: vec![
                format!(
                    "Set the notification server to {address}:{port}, in the advanced preferences; \
                     or the entry start_ns_server in the file config of the folder .amsn or .ccmsn."
                ),
                "Versions that know MSNP8 ask for a Passport login, which this server does not \
                 have."
                    .to_owned(),
            ],
        },
        Note {
            title: "Everybuddy and ayttm",
            sentences: vec![
                format!(
                    "Among the settings of the MSN service, set the server to {address} and the port \
                     to {port}, if your version has fields for them. Else: {by_name}"
                ),
                "Lines of more than 1250 bytes are cut by the program.".to_owned(),
            ],
        },
        Note {
            title: "Kopete, Adium and jmml of 2002 and 2003",
            sentences: vec![format!(
                "If there are fields for the server and the port among the settings of the account, set \
                 them to {address} and {port}. Else: {by_name}"
            )],
        },
        Note {
            title: "Trillian, Jabber's msn-transport, Messenger for the Mac and WebTV",
            sentences: vec![
                format!("We know of no field for the server in them. {by_name}"),
                "Nobody has tried them with this server yet.".to_owned(),
            ],
        },
        Note {
            title: "msnlib, BitlBee, Pidgin, and MSN Messenger 5.0 and later",
            sentences: vec![
                "They speak MSNP8 or later, which this server does not, and cannot sign in."
                    .to_owned(),
            ],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn said(port: u16) -> Vec<Note> {
        notes(ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port })
    }

    #[test]
    fn each_program_has_a_note_with_the_address_in_it() {
        let titles: Vec<_> = said(1863).iter().map(|note| note.title).collect();
        assert_eq!(
            titles,
            [
                "gaim 0.11 to 0.68",
                "Miranda ICQ and Miranda IM",
                "CCMSN and aMSN",
                "Everybuddy and ayttm",
                "Kopete, Adium and jmml of 2002 and 2003",
                "Trillian, Jabber's msn-transport, Messenger for the Mac and WebTV",
                "msnlib, BitlBee, Pidgin, and MSN Messenger 5.0 and later",
            ]
        );
        assert_eq!(
            said(1863)[0].sentences[1],
            "Among the options of the account, set the server to 192.168.1.10 and the port to 1863."
        );
        assert!(said(1863)[2].sentences[0].contains(" 192.168.1.10:1863,"));
        for note in &said(2863)[3..5] {
            assert!(note.sentences[0].contains(" 192.168.1.10 and "), "{note:?}");
            assert!(note.sentences[0].contains(" 2863"), "{note:?}");
        }
    }

    #[test]
    fn who_cannot_be_told_a_port_is_told_so() {
        for place in 3..6 {
            let told = |port| said(port)[place].sentences[0].clone();
            assert!(told(1863).ends_with("Use the hosts line or the DNS lines."), "{}", told(1863));
            let lost = "cannot be reached then: it listens on port 2863, and 1863 is dialled.";
            assert!(told(2863).ends_with(lost), "{}", told(2863));
        }
    }

    #[test]
    fn all_of_it_is_ascii() {
        for note in said(1863) {
            assert!(note.title.is_ascii() && note.sentences.iter().all(|text| text.is_ascii()));
        }
    }
}
