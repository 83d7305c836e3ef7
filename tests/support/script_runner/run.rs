//! Runs a script against the running program.

use std::time::{Duration, Instant};

use super::pattern::{Pattern, Values};
use super::script::{Action, ConnectionName, Script, Target};
use crate::support::connection::{Connection, Unread};
use crate::support::server::{Installation, Listener, Server};

/// How long the program delays deliveries to a participant that has just answered.
const ANSWER_DELAY: Duration = Duration::from_millis(50);

/// Runs the whole script. Panics with the line at which the program differs from it.
pub(crate) fn run(script: &Script, file: &str) {
    let mut runner = Runner {
        installation: Installation::with_accounts(&[]),
        server: None,
        lines: Vec::new(),
        values: Values::new(),
    };
    runner.installation.configure(&script.configuration);
    for account in &script.accounts {
        runner.installation.add(account);
    }
    if !script.members.is_empty() {
        runner.import(&script.members);
    }
    runner.start();
    let mut last = 0;
    for step in &script.steps {
        last = step.line;
        if let Err(wrong) = runner.step(&step.action) {
            panic!("{file}:{last}: {wrong}");
        }
    }
    if let Err(wrong) = runner.check_nothing_left() {
        panic!("{file}:{last}: at the end of the script, {wrong}");
    }
    // The program waits a moment for clients to close before it ends: they have.
    runner.lines.clear();
    if let Some(server) = runner.server.take() {
        server.stop();
    }
}

/// The program, the open connections, and the known values.
struct Runner {
    installation: Installation,
    server: Option<Server>,
    lines: Vec<Line>,
    values: Values,
}

/// An open connection.
struct Line {
    place: ConnectionName,
    connection: Connection,
    /// When the server let the client in. Since then it answers a request that checks for unread lines.
    signed_in: Option<Instant>,
    single_bytes: bool,
    /// The line and the payload of the profile. It comes when the connection is quiet, after any line.
    profile: Option<(Pattern, Pattern)>,
}

impl Runner {
    /// Creates accounts that are in the member directory.
    fn import(&self, profiles: &[String]) {
        let account = |(number, profile): (usize, &String)| {
            let handle = format!("member{number}@example.com");
            format!("(handle: \"{handle}\", name: \"Member\", profile: ({profile})),\n")
        };
        let accounts: String = (1..).zip(profiles).map(account).collect();
        let file = self.installation.directory.path().join("members.ron");
        let text = format!("(version: 3, passwords: left_out, accounts: [{accounts}])");
        std::fs::write(&file, text).expect("writing the members");
        let output = self.installation.program(&["import"]).arg(&file).output();
        let output = output.expect("starting msnpd import");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "msnpd import ended with {}:\n{stderr}", output.status);
    }

    fn start(&mut self) {
        let server = self.installation.start();
        for (name, listener) in [
            ("dispatch", Listener::Dispatch),
            ("notification", Listener::Notification),
            ("switchboard", Listener::Switchboard),
        ] {
            self.values.insert(name.to_owned(), server.address(listener).to_string());
        }
        self.server = Some(server);
    }

    fn step(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::Connect(place, target) => self.connect(place, target),
            Action::Send(place, bytes) => {
                let bytes = bytes.fill(&self.values)?;
                self.line(place)?.send(&bytes)
            }
            Action::Expect(place, line, payload) => self.expect(place, line, payload.as_ref()),
            Action::ProfileFollows(place, line, payload) => {
                self.line(place)?.profile = Some((line.clone(), payload.clone()));
                Ok(())
            }
            Action::ClientCloses(place) => self.take(place).map(drop),
            Action::ServerCloses(place) => {
                let mut line = self.take(place)?;
                line.read_end(&mut self.values)
                    .map_err(|got| format!("{}: expected the end, got {got}", place.name))
            }
            Action::NothingMore(place) => {
                let (line, values) = self.line_and_values(place)?;
                line.check_nothing_unread(values)
            }
            Action::SingleBytes(place) => {
                self.line(place)?.single_bytes = true;
                Ok(())
            }
            Action::StopServerIn(minutes) => {
                let output = self.installation.program(&["stop", "--in", minutes]).output();
                let output = output.map_err(|error| format!("msnpd stop: {error}"))?;
                let stderr = || String::from_utf8_lossy(&output.stderr).into_owned();
                if output.status.success() { Ok(()) } else { Err(stderr()) }
            }
            Action::StopServer => {
                self.server.take().ok_or("the server is stopped already")?.stop();
                Ok(())
            }
            Action::StartServer => {
                self.start();
                Ok(())
            }
        }
    }

    fn connect(&mut self, place: &ConnectionName, target: &Target) -> Result<(), String> {
        if self.line(place).is_ok() {
            return Err(format!("{} is open already", place.name));
        }
        let server = self.server.as_ref().ok_or("the server is stopped")?;
        let address = match target {
            Target::Server(listener) => server.address(*listener),
            Target::Captured(name) => {
                let address = self.values.get(name).ok_or_else(|| format!("<{name}>: unknown"))?;
                address.parse().map_err(|_| format!("<{name}> is no address"))?
            }
        };
        let connection = Connection::open(address);
        let place = place.clone();
        let (signed_in, single_bytes, profile) = (None, false, None);
        self.lines.push(Line { place, connection, signed_in, single_bytes, profile });
        Ok(())
    }

    fn expect(
        &mut self,
        place: &ConnectionName,
        pattern: &Pattern,
        payload: Option<&Pattern>,
    ) -> Result<(), String> {
        let name = &place.name;
        let (line, values) = self.line_and_values(place)?;

        let got = line.read_line(values)?;
        let got = got.map_err(|got| {
            format!("{name}: expected {}, got {got}", pattern.expected_text(values))
        })?;
        let shown = got.escape_ascii();
        let text =
            got.strip_suffix(b"\r\n").ok_or_else(|| format!("{name}: no CRLF: `{shown}`"))?;
        let same = pattern.compare(text, values);
        same.map_err(|expected_text| {
            format!("{name}: expected {expected_text}, got `{}`", text.escape_ascii())
        })?;
        line.note_sign_in(text);

        payload.map_or(Ok(()), |payload| line.expect_payload(text, payload, values))
    }

    /// Goes over all connections twice, so that the effects of each have reached all others. Profiles are
    /// read first, because a check would delay them.
    fn check_nothing_left(&mut self) -> Result<(), String> {
        let Self { lines, values, .. } = self;
        for line in lines.iter_mut() {
            line.expect_profile(values)?;
        }
        for _ in 0..2 {
            for line in lines.iter_mut().filter(|line| line.signed_in.is_some()) {
                line.check_nothing_unread(values)?;
            }
        }
        for line in lines.iter_mut().filter(|line| line.signed_in.is_none()) {
            line.check_nothing_unread(values)?;
        }
        Ok(())
    }

    fn line_and_values(
        &mut self,
        place: &ConnectionName,
    ) -> Result<(&mut Line, &mut Values), String> {
        let Self { lines, values, .. } = self;
        let found = lines.iter_mut().find(|line| line.place == *place);
        Ok((found.ok_or_else(|| format!("{} is not open", place.name))?, values))
    }

    fn line(&mut self, place: &ConnectionName) -> Result<&mut Line, String> {
        let found = self.lines.iter_mut().find(|line| line.place == *place);
        found.ok_or_else(|| format!("{} is not open", place.name))
    }

    fn take(&mut self, place: &ConnectionName) -> Result<Line, String> {
        let found = self.lines.iter().position(|line| line.place == *place);
        found
            .map(|index| self.lines.remove(index))
            .ok_or_else(|| format!("{} is not open", place.name))
    }
}

impl Line {
    fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let size = if self.single_bytes { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            let sent = self.connection.send(piece);
            sent.map_err(|error| format!("{}: writing failed: {error}", self.place.name))?;
        }
        Ok(())
    }

    /// `USR t OK …` and `ANS t OK` are the two lines that let a client in.
    fn note_sign_in(&mut self, line: &[u8]) {
        let mut words = line.split(|byte| *byte == b' ');
        let command = words.next().unwrap_or_default();
        if matches!(command, b"USR" | b"ANS") && words.nth(1) == Some(b"OK") {
            self.signed_in = Some(Instant::now());
        }
    }

    /// Reads the next line other than the profile. If the profile comes, this compares it.
    fn read_line(&mut self, values: &mut Values) -> Result<Result<Vec<u8>, Unread>, String> {
        loop {
            let line = match self.connection.read_line() {
                Ok(line) => line,
                nothing => return Ok(nothing),
            };
            let text = line.strip_suffix(b"\r\n").unwrap_or(&line);
            let is_due = |(line, _): &mut (Pattern, Pattern)| line.compare(text, values).is_ok();
            let Some((_, payload)) = self.profile.take_if(is_due) else { return Ok(Ok(line)) };
            self.expect_payload(text, &payload, values)?;
        }
    }

    /// Reads the payload of the last line.
    fn expect_payload(
        &mut self,
        line: &[u8],
        payload: &Pattern,
        values: &mut Values,
    ) -> Result<(), String> {
        let name = &self.place.name;
        let length = line.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
        let length = String::from_utf8_lossy(length).parse();
        let length =
            length.map_err(|_| format!("{name}: no length in `{}`", line.escape_ascii()))?;
        let got = self.connection.read_payload(length);
        let got = got.map_err(|got| format!("{name}: expected {length} bytes, got {got}"))?;
        payload.compare(&got, values).map_err(|expected_text| {
            format!("{name}: expected the payload {expected_text}, got `{}`", got.escape_ascii())
        })
    }

    /// Reads the profile if it has not come yet. It must be the next line.
    fn expect_profile(&mut self, values: &mut Values) -> Result<(), String> {
        let Some((line, payload)) = self.profile.take() else { return Ok(()) };
        let wrong = |got: String| {
            format!("{}: expected {}, got {got}", self.place.name, line.expected_text(values))
        };
        let got = self.connection.read_line().map_err(|got| wrong(got.to_string()))?;
        let text = got.strip_suffix(b"\r\n").unwrap_or(&got);
        if line.compare(text, &mut values.clone()).is_err() {
            return Err(wrong(format!("`{}`", got.escape_ascii())));
        }
        self.expect_payload(text, &payload, values)
    }

    /// Waits for the server to close the connection. Only the profile may come before.
    fn read_end(&mut self, values: &mut Values) -> Result<(), String> {
        if self.profile.is_none() {
            return self.connection.read_end();
        }
        match self.read_line(values)? {
            Err(Unread::Closed(rest)) if rest.is_empty() => Ok(()),
            Err(got) => Err(got.to_string()),
            Ok(line) => Err(format!("`{}`", line.escape_ascii())),
        }
    }

    /// Checks that this connection has nothing unread: the next bytes must be the answer to a new request,
    /// or the end if the client has not been let in.
    fn check_nothing_unread(&mut self, values: &mut Values) -> Result<(), String> {
        let (request, answer) = match self.place.role {
            _ if self.signed_in.is_none() => {
                self.connection.finish_writing();
                let end = self.connection.read_end();
                return end.map_err(|got| {
                    format!("{}: expected nothing more, got {got}", self.place.name)
                });
            }
            Listener::Switchboard => ("CAL 4294967295 @@a\r\n", "208 4294967295\r\n"),
            Listener::Notification | Listener::Dispatch => ("PNG\r\n", "QNG\r\n"),
        };
        if let (Listener::Switchboard, Some(since)) = (self.place.role, self.signed_in) {
            // What others sent in that time is not held back any more.
            std::thread::sleep(ANSWER_DELAY.saturating_sub(since.elapsed()));
        }
        self.send(request.as_bytes())?;
        let got = match self.read_line(values)? {
            Ok(line) if line == answer.as_bytes() => return Ok(()),
            Ok(line) => format!("`{}`", line.escape_ascii()),
            Err(got) => got.to_string(),
        };
        Err(format!("{}: expected nothing more, got {got}", self.place.name))
    }
}
