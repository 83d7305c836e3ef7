//! The known differences between our server and the recorded one.

use super::read::{Event, Item, Payload};

/// Stands for the profile of an MSNP2 session in [`Difference::Instead`].
pub(crate) const PROFILE: &str = "MSG Hotmail Hotmail 95";
/// The same since MSNP3.
pub(crate) const PASSPORT_PROFILE: &str = "MSG Hotmail Hotmail 312";

/// One known difference. Each applies to one line of the recording, and must find it.
pub(crate) enum Difference {
    /// Our server sends these lines (or none) instead of the recorded one.
    Instead {
        connection: &'static str,
        recorded: &'static str,
        ours: &'static [&'static str],
        because: &'static str,
    },
    /// The recorded server raised the list version here and ours does not: from this line on
    /// list versions of this connection are one lower than recorded.
    VersionOneLess { connection: &'static str, recorded: &'static str, because: &'static str },
    /// Our server has sent these before the client ends its connection.
    BeforeItLeaves {
        connection: &'static str,
        ours: &'static [&'static str],
        because: &'static str,
    },
}

/// Changes the recording into what our server is expected to do.
pub(crate) fn apply(items: &mut Vec<Item>, differences: &[Difference]) -> Result<(), String> {
    for difference in differences {
        let (connection, recorded, because) = match difference {
            Difference::Instead { connection, recorded, because, .. }
            | Difference::VersionOneLess { connection, recorded, because } => {
                (*connection, *recorded, *because)
            }
            Difference::BeforeItLeaves { connection, because, .. } => {
                (*connection, "-- end of stream", *because)
            }
        };
        let is_it = |item: &Item| {
            let fits = match &item.event {
                Event::Server(text, _) => text == recorded.as_bytes(),
                Event::ClientEnds => matches!(difference, Difference::BeforeItLeaves { .. }),
                _ => false,
            };
            item.connection == connection && fits
        };
        let at = items.iter().position(is_it).ok_or_else(|| {
            format!(
                "{connection} S> {recorded}: not recorded, but there is a difference ({because})"
            )
        })?;
        let line = items[at].line;
        let item = |event| Item { line, connection: connection.to_owned(), event };
        match difference {
            Difference::Instead { ours, .. } => {
                let ours: Vec<Item> = ours.iter().map(|text| item(server(text))).collect();
                items.splice(at..=at, ours);
            }
            Difference::BeforeItLeaves { ours, .. } => {
                let ours: Vec<Item> = ours.iter().map(|text| item(server(text))).collect();
                items.splice(at..at, ours);
            }
            Difference::VersionOneLess { .. } => items.insert(at, item(Event::VersionOneLess)),
        }
    }
    Ok(())
}

fn server(text: &str) -> Event {
    let payload = match text {
        PROFILE => Payload::Profile { passport: false },
        PASSPORT_PROFILE => Payload::Profile { passport: true },
        _ => Payload::None,
    };
    Event::Server(text.as_bytes().to_vec(), payload)
}

#[cfg(test)]
mod tests {
    use super::{Difference, PROFILE, apply};
    use crate::transcripts::recording::read::{Event, Payload, items};

    const BECAUSE: &str = "this is a test";

    #[test]
    fn line_is_replaced_once_and_must_be_there() {
        let text =
            b"   1.0 NS#3 S> MSG Hotmail Hotmail 414\n   1.0 NS#4 S> QNG\n   1.0 NS#3 S> QNG\n";
        let mut recorded = items(text).unwrap();
        let differences = [
            Difference::Instead {
                connection: "NS#3",
                recorded: "MSG Hotmail Hotmail 414",
                ours: &[],
                because: BECAUSE,
            },
            Difference::Instead {
                connection: "NS#3",
                recorded: "QNG",
                ours: &["QNG", PROFILE],
                because: BECAUSE,
            },
            Difference::VersionOneLess { connection: "NS#4", recorded: "QNG", because: BECAUSE },
        ];
        apply(&mut recorded, &differences).unwrap();
        let qng = Event::Server(b"QNG".to_vec(), Payload::None);
        let profile = Event::Server(PROFILE.into(), Payload::Profile { passport: false });
        let events: Vec<_> =
            recorded.iter().map(|item| (item.connection.as_str(), item.event.clone())).collect();
        assert_eq!(
            events,
            [
                ("NS#4", Event::VersionOneLess),
                ("NS#4", qng.clone()),
                ("NS#3", qng),
                ("NS#3", profile)
            ]
        );
        assert!(apply(&mut recorded, &differences).unwrap_err().contains(BECAUSE));
    }
}
