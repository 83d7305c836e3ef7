use super::Place;

/// How one program is pointed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The program.
    pub title: &'static str,
    /// What to do, a sentence each.
    pub sentences: Vec<String>,
}

/// Notes for the programs that have no registry value, the most frequent first.
pub fn notes(place: Place) -> Vec<Note> {
    let Place { address, port } = place;
    // Who has no field for the port gets to the usual one only.
    let by_name = if place.is_dialled() {
        "Use the hosts line or the DNS lines.".to_owned()
    } else {
        format!("It cannot reach this server, which listens on port {port}: it dials 1863.")
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
            title: "Trillian",
            sentences: vec![
                format!("It has no field for the server that we know of. {by_name}"),
                "Nobody has tried it with this server yet.".to_owned(),
            ],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn said(port: u16) -> Vec<Note> {
        notes(Place { address: Ipv4Addr::new(192, 168, 1, 10), port })
    }

    #[test]
    fn each_program_has_a_note_with_the_address_in_it() {
        let titles: Vec<_> = said(1863).iter().map(|note| note.title).collect();
        assert_eq!(
            titles,
            ["gaim 0.11 to 0.68", "Miranda ICQ and Miranda IM", "CCMSN and aMSN", "Trillian"]
        );
        assert_eq!(
            said(1863)[0].sentences[1],
            "Among the options of the account, set the server to 192.168.1.10 and the port to 1863."
        );
        assert!(said(1863)[2].sentences[0].contains(" 192.168.1.10:1863,"));
    }

    #[test]
    fn who_cannot_be_told_a_port_is_told_so() {
        assert!(said(1863)[3].sentences[0].ends_with("Use the hosts line or the DNS lines."));
        assert!(said(2863)[3].sentences[0].contains("listens on port 2863: it dials 1863"));
    }

    #[test]
    fn all_of_it_is_ascii() {
        for note in said(1863) {
            assert!(note.title.is_ascii() && note.sentences.iter().all(|text| text.is_ascii()));
        }
    }
}
