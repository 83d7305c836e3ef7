//! `msnpd config` shows the defaults and the active configuration.

use crate::setup::place::Place;

const SHIPPED: &str = include_str!("../../../config.ron");

/// Returns the shown value of a key, and its source.
fn shown<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let of_key = |line: &&str| line.split_once(' ').is_some_and(|(first, _)| first == key);
    let line = text.lines().find(of_key).unwrap_or_else(|| panic!("{key} is not in {text}"));
    let words = line.split("  ").map(str::trim).filter(|word| !word.is_empty());
    words.skip(1).collect()
}

#[test]
fn the_default_is_the_shipped_text() {
    let place = Place::new();
    // Even if the configuration is invalid.
    place.write("config.ron", "(frobnicate: 1)");
    let printed = place.run(&["config", "default"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    assert_eq!(printed.stdout, SHIPPED);
}

#[test]
fn each_value_is_shown_with_its_origin() {
    let place = Place::new();
    place.write(
        "my.ron",
        "(\n    // log: debug,\n    limits: (connections: 7),\n    dispatch: Some((listen: \
         \"127.0.0.1:1\")),\n    switchboard: None, log: warn,\n)\n",
    );
    let mut command = place.program(&["config", "show", "--config", "my.ron"]);
    command.env("MSNPD_DATA", "elsewhere");
    let shown_text = crate::support::operator::run_to_end(command, b"");
    assert_eq!((shown_text.code, shown_text.stderr.as_str()), (Some(0), ""));
    for (key, value, origin) in [
        ("limits.connections", "7", "my.ron line 3"),
        ("limits.buffers", "1024", "built in"),
        ("dispatch.listen", "\"127.0.0.1:1\"", "my.ron line 4"),
        ("dispatch.advertise", "None", "built in"),
        ("notification.listen", "\"0.0.0.0:1864\"", "built in"),
        ("switchboard", "None", "my.ron line 5"),
        ("log", "warn", "my.ron line 5"),
        ("domains", "[\"hotmail.com\"]", "built in"),
        ("data", "\"elsewhere\"", "MSNPD_DATA"),
    ] {
        assert_eq!(shown(&shown_text.stdout, key), [value, origin], "{key}");
    }
    let named = place.run(&["config", "show", "--config", "my.ron", "--data", "named"]).stdout;
    assert_eq!(shown(&named, "data"), ["\"named\"", "--data"]);
}

#[test]
fn a_fresh_init_has_every_key_of_the_file() {
    let place = Place::initialised();
    let text = place.run(&["config", "show"]).stdout;
    let built_in: Vec<&str> = text.lines().filter(|line| line.ends_with("  built in")).collect();
    assert_eq!(built_in.len(), 1, "{built_in:?}");
    assert!(built_in[0].starts_with("dispatch.advertise "), "{built_in:?}");
    let origin = format!("data/config.ron line {}", place.line_of(" data: "));
    assert_eq!(shown(&text, "data"), ["\"data\"", origin.as_str()]);
}

#[test]
fn scripts_read_the_same_as_json() {
    let place = Place::initialised();
    let text = place.run(&["config", "show"]).stdout;
    let json = place.run(&["config", "show", "--json"]).stdout;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(rows.len(), text.lines().count());
    for row in &rows {
        let key = row["key"].as_str().expect("a key");
        assert_eq!(shown(&text, key).last(), row["origin"].as_str().as_ref(), "{key}");
    }
    let value = |key: &str| &rows.iter().find(|row| row["key"] == key).expect("a row")["value"];
    assert_eq!(*value("limits.connections"), 100);
    assert_eq!(*value("log"), "info");
    assert_eq!(*value("conversation_idle_minutes"), serde_json::Value::Null);
    assert_eq!(*value("domains"), serde_json::json!(["hotmail.com"]));
}

#[test]
fn a_file_that_is_not_valid_is_refused() {
    let place = Place::new();
    place.write("config.ron", "(list_entries: 0)");
    for arguments in [&["config", "show"] as &[&str], &["config", "show", "--json"]] {
        let refused = place.run(arguments);
        assert!(
            refused.expect_failure(3).contains("config.ron is not valid: line 1"),
            "{refused:?}"
        );
    }
}
