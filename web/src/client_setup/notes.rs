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
pub fn notes(server: ServerAddress) -> Vec<Note> {
    let mut notes = with_port_field(server);
    notes.extend(with_port_field_in_some_versions(server));
    notes.push(without_port_field(server));
    notes.push(unsupported());
    notes
}

/// Notes for clients in which users can set the server and the port.
fn with_port_field(server: ServerAddress) -> Vec<Note> {
    let ServerAddress { address, port } = server;
    vec![
        Note {
            title: "gaim 0.11 to 0.68",
            sentences: vec![
                "In the account editor, choose the protocol MSN and type your full sign-in name."
                    .to_owned(),
                format!(
                    "In the options of the account, set the server to {address} and the port \
                     to {port}."
                ),
                "Gaim 0.69 and later need MSNP8, which this server does not support.".to_owned(),
            ],
        },
        Note {
            title: "Miranda ICQ and Miranda IM",
            sentences: vec![
                format!(
                    "In Options, on the page MSN, set the login server to {address} and the port \
                     to {port}."
                ),
                "Miranda 0.0.7 crashes while your contact list is empty. New accounts usually \
                 have the greeter of this server on it. If yours is empty, add a contact with \
                 another client first."
                    .to_owned(),
            ],
        },
        Note {
            title: "CCMSN and aMSN",
            sentences: vec![
                format!(
                    "Set the notification server to {address}:{port}, in the advanced \
                     preferences, or as start_ns_server in the file config of the folder .amsn or \
                     .ccmsn."
                ),
                "Versions with MSNP8 need a Passport sign-in, which this server does not support."
                    .to_owned(),
            ],
        },
    ]
}

/// Notes for clients of which only some versions have a field for the port.
fn with_port_field_in_some_versions(server: ServerAddress) -> Vec<Note> {
    let ServerAddress { address, port } = server;
    let host_name_sentence = host_name_sentence(server);
    vec![
        Note {
            title: "Everybuddy and ayttm",
            sentences: vec![
                format!(
                    "In the settings of the MSN service, set the server to {address} and the port \
                     to {port}, if your version has fields for them. Otherwise: {host_name_sentence}"
                ),
                "The client cuts lines of more than 1250 bytes.".to_owned(),
            ],
        },
        Note {
            title: "Kopete, Adium and jmml of 2002 and 2003",
            sentences: vec![format!(
                "If the settings of the account have fields for the server and the port, set them \
                 to {address} and {port}. Otherwise: {host_name_sentence}"
            )],
        },
        // Chapter 4.2 of the manual of Trillian 2.0: the server and the port of a connection.
        Note {
            title: "Trillian",
            sentences: vec![
                format!(
                    "If your version has a server and a port in the Connection Manager, as the \
                     manual of Trillian 2.0 describes, set them to {address} and {port}. \
                     Otherwise: {host_name_sentence}"
                ),
                "Trillian has not been tried with this server yet.".to_owned(),
            ],
        },
    ]
}

/// The note for clients that find the server only by its host name.
fn without_port_field(server: ServerAddress) -> Note {
    let host_name_sentence = host_name_sentence(server);
    Note {
        title: "Jabber's msn-transport, Messenger for the Mac and WebTV",
        sentences: vec![
            format!("We know of no field for the server in them. {host_name_sentence}"),
            "They have not been tried with this server yet.".to_owned(),
        ],
    }
}

/// The note for clients that cannot sign in.
fn unsupported() -> Note {
    Note {
        title: "msnlib, BitlBee, Pidgin, and MSN Messenger 5.0 and later",
        sentences: vec![
            "They cannot sign in: they need MSNP8 or later, which this server does not support."
                .to_owned(),
        ],
    }
}

/// The sentence for a client that connects to the default port of a host name.
fn host_name_sentence(server: ServerAddress) -> String {
    if server.has_default_port() {
        "Use the hosts line or the DNS lines.".to_owned()
    } else {
        format!(
            "This server cannot be reached: it listens on port {}, but the client connects to \
             1863.",
            server.port
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn notes_at(port: u16) -> Vec<Note> {
        notes(ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port })
    }

    #[test]
    fn each_client_has_a_note_with_the_address() {
        let titles: Vec<_> = notes_at(1863).iter().map(|note| note.title).collect();
        assert_eq!(
            titles,
            [
                "gaim 0.11 to 0.68",
                "Miranda ICQ and Miranda IM",
                "CCMSN and aMSN",
                "Everybuddy and ayttm",
                "Kopete, Adium and jmml of 2002 and 2003",
                "Trillian",
                "Jabber's msn-transport, Messenger for the Mac and WebTV",
                "msnlib, BitlBee, Pidgin, and MSN Messenger 5.0 and later",
            ]
        );
        assert_eq!(
            notes_at(1863)[0].sentences[1],
            "In the options of the account, set the server to 192.168.1.10 and the port to 1863."
        );
        assert!(notes_at(1863)[2].sentences[0].contains(" 192.168.1.10:1863,"));
        for note in &notes_at(2863)[3..6] {
            assert!(note.sentences[0].contains(" 192.168.1.10 and "), "{note:?}");
            assert!(note.sentences[0].contains(" 2863"), "{note:?}");
        }
    }

    #[test]
    fn notes_of_clients_without_a_port_field_say_whether_the_server_is_reachable() {
        for number in 3..7 {
            let first_sentence = |port| notes_at(port)[number].sentences[0].clone();
            assert!(
                first_sentence(1863).ends_with("Use the hosts line or the DNS lines."),
                "{}",
                first_sentence(1863)
            );
            let unreachable =
                "cannot be reached: it listens on port 2863, but the client connects to 1863.";
            assert!(first_sentence(2863).ends_with(unreachable), "{}", first_sentence(2863));
        }
    }

    #[test]
    fn all_notes_are_ascii() {
        for note in notes_at(1863) {
            assert!(note.title.is_ascii() && note.sentences.iter().all(|text| text.is_ascii()));
        }
    }
}
