//! Shorthand lines of scripts, expanded to actions.

use super::lines::{self, encoded};
use super::pattern::Pattern;
use super::script::{Action, ConnectionName, Script, Target};
use crate::support::server::{Account, Listener};

/// Collects actions from lines.
struct Expansion(Vec<Action>);

impl Expansion {
    fn connects(&mut self, place: &ConnectionName) {
        self.0.push(Action::Connect(place.clone(), Target::Server(place.role)));
    }

    fn sends(&mut self, place: &ConnectionName, text: &str) -> Result<(), String> {
        self.0.push(Action::Send(place.clone(), lines::line_pattern(text)?));
        Ok(())
    }

    fn expects(&mut self, place: &ConnectionName, text: &str) -> Result<(), String> {
        self.0.push(Action::Expect(place.clone(), lines::pattern(text)?, None));
        Ok(())
    }
}

/// Adds a request that the server echoes.
pub(crate) fn exchange(place: &ConnectionName, text: &str) -> Result<[Action; 2], String> {
    Ok([
        Action::Send(place.clone(), lines::line_pattern(text)?),
        Action::Expect(place.clone(), lines::pattern(text)?, None),
    ])
}

/// Returns the number of a dialect by its name, `MSNP2` to `MSNP7`.
pub(crate) fn dialect(name: &str) -> Result<u8, String> {
    let number = name.strip_prefix("MSNP").and_then(|number| number.parse().ok());
    number.filter(|number| (2..=7).contains(number)).ok_or_else(|| format!("{name}: no dialect"))
}

/// Expands `-- signs in`: from the connection to the answer to a `PNG`, after which the profile comes.
pub(crate) fn sign_in(
    account: &Account,
    place: &ConnectionName,
    dialect: u8,
    number: usize,
) -> Result<Vec<Action>, String> {
    if place.role != Listener::Notification {
        return Err("only an NS connection signs in".to_owned());
    }
    let Account { handle, password, .. } = account;
    let name = encoded(account.friendly_name());
    let mut expansion = Expansion(Vec::new());
    expansion.connects(place);
    expansion.0.extend(exchange(place, &format!("VER 1 MSNP{dialect}"))?);
    expansion.sends(place, "INF 2")?;
    expansion.expects(place, "INF 2 MD5")?;
    expansion.sends(place, &format!("USR 3 MD5 I {handle}"))?;
    expansion.expects(place, &format!("USR 3 MD5 S <challenge_line{number}>"))?;
    expansion.sends(place, &format!("USR 4 MD5 S <md5 challenge_line{number} {password}>"))?;
    let verified = if dialect >= 6 { " 1" } else { "" };
    expansion.expects(place, &format!("USR 4 OK {handle} {name}{verified}"))?;
    expansion.sends(place, "PNG")?;
    expansion.expects(place, "QNG")?;
    expansion.0.push(profile(place, dialect, number)?);
    Ok(expansion.0)
}

/// The fields of the profile since MSNP3, without the time.
const PASSPORT: &str = "EmailEnabled: 0<CRLF>MemberIdHigh: 0<CRLF>MemberIdLow: 1<CRLF>\
    lang_preference: 1033<CRLF>preferredEmail: <CRLF>country: <CRLF>PostalCode: <CRLF>\
    Gender: <CRLF>Kid: 0<CRLF>Age: <CRLF>BDayPre: <CRLF>Birthday: <CRLF>Wallet: <CRLF>\
    Flags: 1027<CRLF>sid: 507<CRLF>kv: 11<CRLF>MSPAuth: 0<CRLF>";

/// Returns the profile in a session of this dialect.
fn profile(place: &ConnectionName, dialect: u8, number: usize) -> Result<Action, String> {
    let (length, passport) = if dialect >= 3 { (312, PASSPORT) } else { (95, "") };
    let payload = lines::pattern(&format!(
        "MIME-Version: 1.0<CRLF>\
         Content-Type: text/x-msmsgsprofile; charset=UTF-8<CRLF>\
         LoginTime: <time_line{number}><CRLF>{passport}<CRLF>"
    ))?;
    let line = lines::pattern(&format!("MSG Hotmail Hotmail {length}"))?;
    Ok(Action::ProfileFollows(place.clone(), line, payload))
}

/// Returns the connection that makes an account's lists before the script runs.
pub(crate) fn list_place(who: &str) -> Result<ConnectionName, String> {
    ConnectionName::of(who, "NS lists")
}

/// Expands `alice's FL: bob, carol`, `alice's BLP: BL`, `alice's GTC: N`.
pub(crate) fn list(
    script: &Script,
    place: &ConnectionName,
    list: &str,
    values: &str,
    number: usize,
) -> Result<Vec<Action>, String> {
    let mut expansion = Expansion(Vec::new());
    let ser = format!("<ser_line{number}");
    match list {
        "FL" | "AL" | "BL" => {
            for (contact, step) in values.split(", ").zip(0..) {
                let contact = script.account(contact)?;
                let who = format!("{} {}", contact.handle, encoded(contact.friendly_name()));
                let ser = if step == 0 { format!("{ser}>") } else { format!("{ser}+{step}>") };
                expansion.sends(place, &format!("ADD 5 {list} {who}"))?;
                expansion.expects(place, &format!("ADD 5 {list} {ser} {who}"))?;
            }
        }
        "BLP" | "GTC" => {
            expansion.sends(place, &format!("{list} 5 {values}"))?;
            expansion.expects(place, &format!("{list} 5 {ser}> {values}"))?;
        }
        _ => return Err(format!("{list}: neither a list nor BLP or GTC")),
    }
    Ok(expansion.0)
}

/// Ends the connection that made the lists.
pub(crate) fn out() -> Pattern {
    let mut line = Pattern::default();
    line.push_text(b"OUT\r\n");
    line
}

/// Expands `-- alice calls bob, carol`: from `XFR` to the last `JOI`. `<sid>` is the session id.
pub(crate) fn calls(script: &Script, who: &str, whom: &str) -> Result<Vec<Action>, String> {
    let caller = script.account(who)?;
    let named =
        |account: &Account| format!("{} {}", account.handle, encoded(account.friendly_name()));
    let (ns, sb) = (ConnectionName::of(who, "NS")?, ConnectionName::of(who, "SB")?);

    let mut expansion = Expansion(Vec::new());
    expansion.sends(&ns, "XFR 91 SB")?;
    expansion.expects(&ns, &format!("XFR 91 SB <switchboard> CKI <cookie_{who}>"))?;
    expansion.connects(&sb);
    expansion.sends(&sb, &format!("USR 1 {} <cookie_{who}>", caller.handle))?;
    expansion.expects(&sb, &format!("USR 1 OK {}", named(caller)))?;

    let mut present = vec![(sb.clone(), named(caller))];
    for (whom, trid) in whom.split(", ").zip(2..) {
        let callee = script.account(whom)?;
        let handle = &callee.handle;
        let (callee_ns, callee_sb) =
            (ConnectionName::of(whom, "NS")?, ConnectionName::of(whom, "SB")?);
        let cookie = format!("<cookie_{whom}>");
        expansion.sends(&sb, &format!("CAL {trid} {handle}"))?;
        expansion.expects(&sb, &format!("CAL {trid} RINGING <sid>"))?;
        let caller = named(caller);
        expansion.expects(&callee_ns, &format!("RNG <sid> <switchboard> CKI {cookie} {caller}"))?;
        expansion.connects(&callee_sb);
        expansion.sends(&callee_sb, &format!("ANS 1 {handle} {cookie} <sid>"))?;
        let count = present.len();
        for ((_, one), index) in present.iter().zip(1..) {
            expansion.expects(&callee_sb, &format!("IRO 1 {index} {count} {one}"))?;
        }
        expansion.expects(&callee_sb, "ANS 1 OK")?;
        for (place, _) in &present {
            expansion.expects(place, &format!("JOI {}", named(callee)))?;
        }
        present.push((callee_sb, named(callee)));
    }
    Ok(expansion.0)
}
