//! The parser of scripts.

use super::lines;
use super::pattern::Pattern;
use super::script::{Action, ConnectionName, Script, Step, Target};
use super::shorthand;
use crate::support::server::Account;

/// Parses the text of a script. An error begins with the line number.
pub(crate) fn script(text: &str) -> Result<Script, String> {
    let mut parser = Parser::default();
    let mut lines = text.lines().zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        let mut payload = Vec::new();
        while let Some((line, _)) = lines.next_if(|(line, _)| line.starts_with("  |")) {
            payload.push(line.get(3..).unwrap_or_default());
        }
        parser.number = number;
        parser.line(line, &payload).map_err(|wrong| format!("{number}: {wrong}"))?;
    }
    parser.finish_lists();
    Ok(parser.script)
}

#[derive(Default)]
struct Parser {
    script: Script,
    number: usize,
    /// The connections in the last heading.
    places: Vec<ConnectionName>,
    /// The account that gets lists, and the number of list lines so far.
    lists_of: Option<String>,
}

impl Parser {
    fn line(&mut self, line: &str, payload: &[&str]) -> Result<(), String> {
        if line.trim().is_empty() || line.starts_with('#') {
            return no_payload(payload);
        }
        if let Some(text) = line.strip_prefix("C: ") {
            return self.sent(text, payload);
        }
        if let Some(text) = line.strip_prefix("S: ") {
            return self.expected(text, payload);
        }
        no_payload(payload)?;
        if let Some(text) = line.strip_prefix("account ") {
            self.script.accounts.push(account(text)?);
            return Ok(());
        }
        if let Some(text) = line.strip_prefix("members ") {
            let (count, profile) = text.split_once(' ').ok_or("how many, and of what profile?")?;
            let count: usize = count.parse().map_err(|_| "how many members?")?;
            self.script.members.extend(std::iter::repeat_n(profile.to_owned(), count));
            return Ok(());
        }
        if let Some(keys) = line.strip_prefix("configuration ") {
            self.script.configuration = keys.to_owned();
            return Ok(());
        }
        if let Some((who, rest)) = line.split_once("'s ") {
            return self.list(who, rest);
        }
        self.finish_lists();
        if let Some(text) = line.strip_prefix("-- ") {
            return self.event(text);
        }
        let places: Option<Vec<ConnectionName>> =
            line.split(", ").map(ConnectionName::named).collect();
        self.places = places
            .ok_or("neither a connection nor C:, S:, --, account, members or configuration")?;
        Ok(())
    }

    fn sent(&mut self, text: &str, payload: &[&str]) -> Result<(), String> {
        let place = self.place()?;
        let mut bytes = lines::line_pattern(text)?;
        if let Some(payload) = self::payload(text, payload)? {
            bytes.append(payload);
        }
        self.push(Action::Send(place, bytes));
        Ok(())
    }

    fn expected(&mut self, text: &str, payload: &[&str]) -> Result<(), String> {
        let line = lines::pattern(text)?;
        let payload = self::payload(text, payload)?;
        for place in self.some_places()? {
            self.push(Action::Expect(place, line.clone(), payload.clone()));
        }
        Ok(())
    }

    fn event(&mut self, text: &str) -> Result<(), String> {
        let once = match text {
            "server stops" => Some(Action::StopServer),
            "server starts" => Some(Action::StartServer),
            _ => None,
        };
        if let Some(action) = once {
            self.push(action);
            return Ok(());
        }
        let on_each: fn(ConnectionName) -> Action = match text {
            "client connects" => |place| {
                let target = Target::Server(place.role);
                Action::Connect(place, target)
            },
            "client closes" => Action::ClientCloses,
            "client writes single bytes" => Action::SingleBytes,
            "server closes" => Action::ServerCloses,
            "nothing more arrives" => Action::NothingMore,
            _ => return self.longer_event(text),
        };
        for place in self.some_places()? {
            self.push(on_each(place));
        }
        Ok(())
    }

    fn longer_event(&mut self, text: &str) -> Result<(), String> {
        if let Some(minutes) = text.strip_prefix("operator stops the server in ") {
            let minutes = minutes.strip_suffix(" minutes").ok_or("how many minutes?")?;
            self.push(Action::StopServerIn(minutes.to_owned()));
            return Ok(());
        }
        let address = text.strip_prefix("client connects to <").and_then(|at| at.strip_suffix('>'));
        let actions = if let Some(address) = address {
            vec![Action::Connect(self.place()?, Target::Captured(address.to_owned()))]
        } else if let Some((who, whom)) = text.split_once(" calls ") {
            shorthand::calls(&self.script, who, whom)?
        } else if let Some(how) = text.strip_prefix("signs in") {
            let how: Vec<&str> = how.split_whitespace().collect();
            let (state, dialect) = match how.as_slice() {
                [] => (None, "MSNP2"),
                ["as", state] => (Some(*state), "MSNP2"),
                ["in", dialect] => (None, *dialect),
                ["as", state, "in", dialect] => (Some(*state), *dialect),
                _ => return Err(format!("-- {text}: not understood")),
            };
            self.sign_in(state, shorthand::dialect(dialect)?)?
        } else {
            return Err(format!("-- {text}: not understood"));
        };
        actions.into_iter().for_each(|action| self.push(action));
        Ok(())
    }

    fn sign_in(&self, state: Option<&str>, dialect: u8) -> Result<Vec<Action>, String> {
        let place = self.place()?;
        let account = self.script.account(&place.who)?;
        let mut actions = shorthand::sign_in(account, &place, dialect, self.number)?;
        if let Some(state) = state {
            actions.extend(shorthand::exchange(&place, &format!("CHG 5 {state}"))?);
        }
        Ok(actions)
    }

    /// Parses `alice's FL: bob, carol`.
    fn list(&mut self, who: &str, rest: &str) -> Result<(), String> {
        let (list, values) = rest.split_once(": ").ok_or("expected: alice's FL: bob")?;
        let account = self.script.account(who)?;
        let place = shorthand::list_place(who)?;
        let mut actions = Vec::new();
        if self.lists_of.as_deref() != Some(who) {
            actions.extend(shorthand::sign_in(account, &place, 2, self.number)?);
        }
        actions.extend(shorthand::list(&self.script, &place, list, values, self.number)?);
        if self.lists_of.as_deref() != Some(who) {
            self.finish_lists();
            self.lists_of = Some(who.to_owned());
        }
        actions.into_iter().for_each(|action| self.push(action));
        Ok(())
    }

    fn finish_lists(&mut self) {
        if let Some(place) = self.lists_of.take().and_then(|who| shorthand::list_place(&who).ok()) {
            self.push(Action::Send(place.clone(), shorthand::out()));
            self.push(Action::ServerCloses(place));
        }
    }

    fn push(&mut self, action: Action) {
        self.script.steps.push(Step { line: self.number, action });
    }

    fn place(&self) -> Result<ConnectionName, String> {
        match self.places.as_slice() {
            [place] => Ok(place.clone()),
            _ => Err("this needs a heading with one connection, as `alice NS`".to_owned()),
        }
    }

    fn some_places(&self) -> Result<Vec<ConnectionName>, String> {
        if self.places.is_empty() {
            return Err("this needs a heading with a connection, as `alice NS`".to_owned());
        }
        Ok(self.places.clone())
    }
}

/// Parses `bob@example.com "Bob B." secret`. The friendly name is optional.
fn account(text: &str) -> Result<Account, String> {
    let wrong = || "expected: account handle \"Friendly Name\" password".to_owned();
    let (handle, rest) = text.split_once(' ').ok_or_else(wrong)?;
    let (name, password) = match rest.strip_prefix('"') {
        Some(quoted) => {
            let (name, password) = quoted.split_once("\" ").ok_or_else(wrong)?;
            (Some(name.to_owned()), password)
        }
        None => (None, rest),
    };
    if password.is_empty() || password.contains(' ') || !handle.contains('@') {
        return Err(wrong());
    }
    Ok(Account { handle: handle.to_owned(), name, password: password.to_owned() })
}

fn no_payload(payload: &[&str]) -> Result<(), String> {
    if payload.is_empty() { Ok(()) } else { Err("a payload must follow C: or S:".to_owned()) }
}

/// Returns the payload below a line, and checks its length against the end of the line.
fn payload(line: &str, payload: &[&str]) -> Result<Option<Pattern>, String> {
    if payload.is_empty() {
        return Ok(None);
    }
    let mut whole = Pattern::default();
    for text in payload {
        whole.append(lines::line_pattern(text.strip_prefix(' ').unwrap_or(text))?);
    }
    let line = line.strip_suffix("<LF>").unwrap_or(line);
    let stated = line.rsplit(' ').next().and_then(|last| last.parse().ok());
    match whole.plain().map(<[u8]>::len) {
        Some(length) if stated != Some(length) => {
            Err(format!("the payload has {length} bytes, which the line does not say"))
        }
        _ => Ok(Some(whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::script;
    use crate::script_runner::lines;
    use crate::script_runner::script::{Action, ConnectionName, Target};
    use crate::support::server::Listener;

    fn actions(text: &str) -> Vec<Action> {
        script(text).unwrap().steps.into_iter().map(|step| step.action).collect()
    }

    fn wrong(text: &str) -> String {
        script(text).unwrap_err()
    }

    fn place(name: &str) -> ConnectionName {
        ConnectionName::named(name).unwrap()
    }

    #[test]
    fn steps_keep_the_number_of_their_line() {
        let script = script("# one\n\nalice DS\n-- client connects\nC: VER 1 MSNP2\n").unwrap();
        let lines: Vec<usize> = script.steps.iter().map(|step| step.line).collect();
        assert_eq!(lines, [4, 5]);
        assert_eq!(
            script.steps[0].action,
            Action::Connect(place("alice DS"), Target::Server(Listener::Dispatch))
        );
        assert_eq!(
            script.steps[1].action,
            Action::Send(place("alice DS"), lines::line_pattern("VER 1 MSNP2").unwrap())
        );
    }

    #[test]
    fn account_has_handle_name_and_password() {
        let script =
            script("account bob@example.com \"Bob B.\" secret\naccount judy@hotmail.com 123456\n")
                .unwrap();
        assert_eq!(script.account("bob").unwrap().friendly_name(), "Bob B.");
        let judy = script.account("judy").unwrap();
        assert_eq!(
            (judy.friendly_name(), judy.name.as_ref(), judy.password.as_str()),
            ("judy", None, "123456")
        );
        assert!(script.account("carol").is_err());
    }

    #[test]
    fn configuration_is_kept_as_it_is() {
        let script = script("configuration ver_reply: single, challenge: true\n").unwrap();
        assert_eq!(script.configuration, "ver_reply: single, challenge: true");
    }

    #[test]
    fn sign_in_speaks_the_dialect_that_is_named() {
        let account = "account a@example.com x\na NS\n";
        let made = actions(&format!("{account}-- signs in as AWY in MSNP7\n"));
        let expected =
            |line: &str| Action::Expect(place("a NS"), lines::pattern(line).unwrap(), None);
        assert!(made.contains(&expected("VER 1 MSNP7")));
        assert!(made.contains(&expected("USR 4 OK a@example.com a 1")));
        assert_eq!(made.last(), Some(&expected("CHG 5 AWY")));
        let made = actions(&format!("{account}-- signs in in MSNP5\n"));
        assert!(made.contains(&expected("USR 4 OK a@example.com a")));
        for how in ["in MSNP8", "in MSNP1", "in 7", "as NLN in", "with MSNP7"] {
            assert!(wrong(&format!("{account}-- signs in {how}\n")).starts_with("3: "), "{how}");
        }
    }

    #[test]
    fn heading_may_name_several_connections_that_expect_the_same() {
        let expected = |name| {
            Action::Expect(
                place(name),
                lines::pattern("JOI carol@example.com Carol").unwrap(),
                None,
            )
        };
        assert_eq!(
            actions("alice SB, bob SB 2\nS: JOI carol@example.com Carol\n"),
            [expected("alice SB"), expected("bob SB 2")]
        );
        assert!(wrong("alice SB, bob SB\nC: OUT\n").starts_with("2: "));
    }

    #[test]
    fn payload_follows_its_line_and_has_the_stated_length() {
        let sent = actions("a SB\nC: MSG 3 U 7<LF>\n  | ab\n  |\n  | c<END>\n");
        assert_eq!(
            sent,
            [Action::Send(
                place("a SB"),
                lines::line_pattern("MSG 3 U 7<LF>ab<CRLF><CRLF>c<END>").unwrap()
            )]
        );
        let expected = actions("a SB\nS: MSG b@example.com B 4\n  | ab\n");
        assert_eq!(
            expected,
            [Action::Expect(
                place("a SB"),
                lines::pattern("MSG b@example.com B 4").unwrap(),
                Some(lines::pattern("ab<CRLF>").unwrap())
            )]
        );
        assert!(wrong("a SB\nC: MSG 3 U 5\n  | ab\n").contains("4 bytes"));
        assert!(wrong("a SB\n-- client closes\n  | ab\n").starts_with("2: "));
    }

    #[test]
    fn events_are_understood() {
        assert_eq!(
            actions(
                "a NS\n-- client connects to <address>\n-- client writes single bytes\n\
                 -- nothing more arrives\n-- client closes\n-- server closes\n\
                 -- operator stops the server in 5 minutes\n-- server stops\n-- server starts\n"
            ),
            [
                Action::Connect(place("a NS"), Target::Captured("address".to_owned())),
                Action::SingleBytes(place("a NS")),
                Action::NothingMore(place("a NS")),
                Action::ClientCloses(place("a NS")),
                Action::ServerCloses(place("a NS")),
                Action::StopServerIn("5".to_owned()),
                Action::StopServer,
                Action::StartServer,
            ]
        );
    }

    #[test]
    fn invalid_text_is_refused_with_its_line() {
        for text in [
            "hello",
            "alice XX",
            "C: PNG",
            "alice NS\n-- sleeps",
            "alice NS\n-- signs in",
            "alice NS\nC: INF 2 ",
            "account alice secret",
            "members first: \"Bob\"",
            "alice's FL: bob",
            "alice NS\nS: SYN 8 <version>",
        ] {
            let number = text.lines().count();
            assert!(wrong(text).starts_with(&format!("{number}: ")), "{text}: {}", wrong(text));
        }
    }

    #[test]
    fn lists_of_one_principal_are_made_in_one_login_that_ends() {
        let accounts = "account a@example.com x\naccount b@example.com \"B b\" y\n";
        let made = actions(&format!("{accounts}a's FL: b\na's AL: b\nb NS\n-- client connects\n"));
        let sent = |line: &str, actions: &[Action]| {
            let sent = lines::line_pattern(line).unwrap();
            actions
                .iter()
                .filter(|one| matches!(one, Action::Send(_, line) if *line == sent))
                .count()
        };
        assert_eq!(sent("USR 3 MD5 I a@example.com", &made), 1);
        assert_eq!(sent("ADD 5 FL b@example.com B%20b", &made), 1);
        assert_eq!(sent("ADD 5 AL b@example.com B%20b", &made), 1);
        assert_eq!(sent("OUT", &made), 1);
        assert!(matches!(
            made.as_slice(),
            [.., Action::Send(..), Action::ServerCloses(_), Action::Connect(..)]
        ));
    }

    #[test]
    fn call_is_spelled_out_for_every_participant() {
        let accounts =
            "account a@example.com x\naccount b@example.com y\naccount c@example.com z\n";
        let made = actions(&format!("{accounts}-- a calls b, c\n"));
        let expected =
            |who: &str, line: &str| Action::Expect(place(who), lines::pattern(line).unwrap(), None);
        assert!(made.contains(&expected("c SB", "IRO 1 2 2 b@example.com b")));
        assert!(made.contains(&expected("a SB", "JOI c@example.com c")));
        assert!(made.contains(&expected("b SB", "JOI c@example.com c")));
        assert!(!made.contains(&expected("c SB", "JOI c@example.com c")));
    }
}
