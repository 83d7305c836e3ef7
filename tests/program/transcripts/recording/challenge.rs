//! The answers of the recorded clients to a challenge, put into the sessions of the same clients.

use super::read::{Event, Item, Payload, items};

/// Their file: for each client a heading, and the answers of its two connections.
pub(crate) const FILE: &str = "challenge-msnp2-7.txt";

/// How a client is challenged, and how our server handles the answer.
pub(crate) struct Challenged {
    /// The heading in the file.
    pub(crate) heading: &'static str,
    /// The recorded line after which the challenge comes: the answer to the first `CHG`, or to what the
    /// client sent with it.
    pub(crate) after: &'static str,
    /// Whether the client's dialect has challenges. If not, the answer is unexpected.
    pub(crate) asked: bool,
    /// The reply of our server to each of the two answers.
    pub(crate) replies: [&'static str; 2],
}

/// Puts challenge, answer and reply into the session, on both of its connections to the
/// Notification Server.
pub(crate) fn insert(
    session: &mut Vec<Item>,
    recorded: &str,
    challenged: &Challenged,
) -> Result<(), String> {
    let heading = format!("## {}\n", challenged.heading);
    let (_, section) = recorded.split_once(&heading).ok_or("no such heading")?;
    let section = section.split("## ").next().unwrap_or_default();
    let section = items(section.as_bytes())?;
    let of_client = |item: &&Item| matches!(item.event, Event::Client(..));
    let challenge = section.iter().find(|item| !of_client(item)).ok_or("no challenge")?;
    let answers = section.iter().filter(of_client);
    for ((connection, answer), reply) in
        ["NS#3", "NS#4"].into_iter().zip(answers).zip(challenged.replies)
    {
        let is_it = |item: &Item| {
            let after = challenged.after.as_bytes();
            item.connection == connection
                && matches!(&item.event, Event::Server(text, _) if text == after)
        };
        let at = session.iter().position(is_it).ok_or("nothing to put a challenge behind")?;
        let line = session[at].line;
        let item = |event| Item { line, connection: connection.to_owned(), event };
        let reply = Event::Server(reply.as_bytes().to_vec(), Payload::None);
        let asked = challenged.asked.then(|| challenge.event.clone());
        let put = asked.into_iter().chain([answer.event.clone(), reply]).map(item);
        session.splice(at + 1..at + 1, put.collect::<Vec<Item>>());
    }
    Ok(())
}
