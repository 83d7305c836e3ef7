//! An invalid configuration is refused, with the line, the column and the key.

use crate::support::server::Installation;

/// Returns the error about a file: one line, which is the same for the server and the commands.
fn refusal(text: &[u8]) -> String {
    let installation = Installation::with_accounts(&[]);
    let file = installation.configuration();
    std::fs::write(&file, text).expect("writing config.ron");
    std::fs::remove_dir(installation.data()).expect("removing the data folder");
    let refused = installation.run(&["run"]);
    let message = refused.expect_failure(3).to_owned();
    assert_eq!(installation.run(&["user", "list"]).expect_failure(3), message);
    // `check` lists all unknown keys; it reports every other error in the same words.
    let words = message.trim_start_matches("msnpd: ").trim_end();
    let checked = installation.run(&["check"]).stdout;
    assert!(words.contains("unknown key") || checked.contains(words), "{words}: {checked}");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(!installation.data().exists(), "nothing is made before the configuration is right");
    let beginning = format!("msnpd: the configuration {} ", file.display());
    let rest = message.strip_prefix(&beginning).unwrap_or_else(|| panic!("{message}"));
    rest.trim_end().to_owned()
}

/// Checks the position of the error, the key that it names, and its words.
fn assert_refused(lines: &str, place: &str, words: &[&str]) {
    let message = refusal(format!("(\n    list_entries: 10,\n{lines}\n)\n").as_bytes());
    let beginning = format!("is not valid: {place}, at `");
    assert!(message.starts_with(&beginning), "{lines}: {message}");
    for word in words {
        assert!(message.contains(word), "{lines}: {word} is not in: {message}");
    }
}

#[test]
fn unknown_keys() {
    assert_refused("    frobnicate: 1,", "line 3, column 5", &["unknown key `frobnicate`"]);
    assert_refused(
        "    Domains: [],",
        "line 3, column 5",
        &["unknown key `Domains`; did you mean `domains`?"],
    );
    assert_refused(
        "    limits: (\n        half_opened: 1,\n    ),",
        "line 4, column 9",
        &["unknown key `half_opened`; did you mean `half_open`?"],
    );
    let words = &["unknown key `port`; the keys here are `listen` and `advertise`"];
    let listener = "    dispatch: (listen: \"127.0.0.1:0\",\n        port: 1863),";
    assert_refused(listener, "line 4, column 9", words);
}

#[test]
fn invalid_names_of_the_web_pages() {
    for name in ["", "http://pi", "pi:8080", "p i"] {
        let web = format!("    web: (listen: \"127.0.0.1:0\", names: [\"pi.lan\", {name:?}]),");
        let words = format!("{name:?} is not a host name such as msn.example.net");
        assert_refused(&web, "line 3, column 34", &[&words]);
    }
    let many =
        "    web: (listen: \"127.0.0.1:0\", names: [".to_owned() + &"\"a\",".repeat(17) + "]),";
    assert_refused(&many, "line 3, column 34", &["must have at most 16 entries"]);
}

#[test]
fn keys_that_are_repeated_or_missing() {
    assert_refused(
        "    list_entries: 11,",
        "line 3, column 5",
        &["the key `list_entries` is set twice"],
    );
    let missing = "    dispatch: (advertise: \"192.0.2.1:1863\"),";
    assert_refused(missing, "line 3, column 43", &["the key `listen` is missing"]);
}

#[test]
fn values_of_another_type() {
    for (line, column, word) in [
        ("    participants: \"many\",", 19, "participants must be a whole number between 2 and 30"),
        ("    participants: -1,", 21, "participants must be between 2 and 30"),
        (
            "    limits: (sign_in_seconds: 4294967296),",
            31,
            "limits.sign_in_seconds must be between 1 and 4294967295",
        ),
        (
            "    log: verbose,",
            10,
            "log must be one of `error`, `warn`, `info` and `debug`, not `verbose`",
        ),
        ("    log: \"debug\",", 10, "log must be a plain word without quotation marks"),
        ("    repeated: yes,", 15, "`yes`"),
        ("    repeated_blp: yes,", 19, "`yes`"),
        (
            "    domains: \"example.com\",",
            14,
            "domains must be a list in square brackets, such as `domains: [",
        ),
        (
            "    site: http://messenger.hotmail.com/\",",
            11,
            "site must be text in quotation marks, such as `site: \"http",
        ),
        ("    data: 3,", 11, "data must be text in quotation marks, such as `data: \"data\"`"),
        (
            "    dispatch: \"0.0.0.0:1863\",",
            15,
            "dispatch must be in parentheses, such as `dispatch: Some((listen: ",
        ),
        (
            "    dispatch: (listen: \"localhost:1863\"),",
            24,
            "\"localhost:1863\" is not an address with a port, such as \"0.0.0.0:1863\"",
        ),
        (
            "    dispatch: (listen: \"0.0.0.0\"),",
            24,
            "\"0.0.0.0\" is not an address with a port, such as \"0.0.0.0:1863\"",
        ),
        ("    web: (listen: \"80\"),", 19, "is not an address with a port, such as \"0.0.0.0:80\""),
        ("    notification_servers: [\"[::1]:1864\"],", 28, "is not an IPv4 address with a port"),
        (
            "    notification: (listen: \"[::]:1\", advertise: \"pi:1\"),",
            49,
            "names are not possible here",
        ),
    ] {
        let key = line.trim_start().split(':').next().expect("a key");
        let message = refusal(format!("(\n{line}\n)").as_bytes());
        let place = message.strip_prefix("is not valid: line 2, column ").map(str::to_owned);
        let place = place.unwrap_or_else(|| panic!("{line}: {message}"));
        let (at, rest) = place.split_once(", at `").expect("the line itself");
        let at: i32 = at.parse().expect("a column");
        // The position is right before the value, in it or right after it.
        assert!((column - 1..column + 20).contains(&at), "{line}: {message}");
        assert!(rest.starts_with(key) && rest.contains(word), "{line}: {message}");
    }
}

#[test]
fn values_out_of_range() {
    for (line, column, words) in [
        ("    participants: 31,", 5, "between 2 and 30"),
        ("    participants: 1,", 5, "between 2 and 30"),
        ("    conversation_idle_minutes: 4,", 5, "at least 5"),
        ("    domains: [],", 5, "must have at least one entry"),
        ("    domains: [\"example.com\", \"local host\"],", 5, "\"local host\" is not a domain"),
        ("    site: \"http://my site/\",", 5, "without spaces"),
        ("    site: \"\",", 5, "1 to 64 characters"),
        ("    limits: (connections: 0),", 14, "at least 1"),
        ("    limits: (half_open: 0),", 14, "at least 1"),
        ("    limits: (sign_in_seconds: 0),", 14, "at least 1"),
        ("    limits: (buffers: 0),", 14, "at least 1"),
        ("    limits: (cookies: 0),", 14, "at least 1"),
        ("    limits: (per_address: 0),", 14, "at least 1"),
        ("    limits: (per_address: 512),", 14, "less than half_open, which is 512"),
        ("    limits: (buffers: 512),", 14, "more than half_open, which is 512"),
        ("    limits: (invitations: 31),", 14, "between 1 and 30"),
        ("    limits: (lines_per_second: 0),", 14, "at least 1"),
        ("    limits: (renames_per_minute: 0),", 14, "at least 1"),
        ("    limits: (failing_calls_per_minute: 0),", 14, "at least 1"),
        ("    limits: (failed_logins: (most: 0)),", 30, "at least 1"),
        ("    limits: (failed_logins: (minutes: 0)),", 30, "at least 1"),
        ("    limits: (failed_logins: (free: 9, most: 3)),", 14, "`free` must not exceed `most`"),
        ("    limits: (failed_logins: (free: 10)),", 14, "but they are 10 and 9"),
        ("    notification: None,", 5, "notification_servers"),
        ("    switchboard: None, notification: None, dispatch: None,", 44, "no server"),
    ] {
        assert_refused(line, &format!("line 3, column {column}"), &[words]);
    }
    let message = refusal(b"(\n  // list_entries: 1\n  list_entries: 601)");
    assert_eq!(
        message,
        "is not valid: line 3, column 3, at `list_entries: 601)`: list_entries must be between 1 \
         and 600"
    );
}

#[test]
fn broken_syntax() {
    for (text, place) in [
        (&b"("[..], "line 1, column 1, at `(`: the text ends, but a bracket "),
        (b"domains", "line 1, column 1, at `domains`: "),
        (b"(\n    list_entries: ,\n)", "line 2, column 18, at `list_entries: ,`: "),
        (
            b"(\n    log: info\n    participants: 3,\n)",
            "before line 3 (`participants: 3,`): a comma ",
        ),
        (b"(\n    log: info,\n", "line 2, column 15, at `log: info,`: "),
        (b"()\nand more", "line 1, column 3, at `()`: "),
    ] {
        let message = refusal(text);
        let shown = text.escape_ascii();
        assert!(message.starts_with(&format!("is not valid: {place}")), "{shown}: {message}");
    }
    let message = refusal(b"(site: \"caf\xe9\")");
    assert!(message.starts_with("cannot be read: ") && message.contains("UTF-8"), "{message}");
}

#[test]
fn long_lines_are_quoted_in_part() {
    let text = format!("(domains: [\"{}\"], frobnicate: 1)", "x".repeat(500));
    let message = refusal(text.as_bytes());
    assert!(message.contains("`frobnicate`") && message.len() < 600, "{message}");
}
