//! `msnpd init` creates a data folder, and never changes existing files.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;

use crate::setup::place::Place;
use crate::support::operator::Outcome;
use crate::support::server::Server;

const SHIPPED: &str = include_str!("../../../config.ron");

const FILES: [&str; 4] = ["config.ron", "msnpd.admin", "msnpd.key", "msnpd.redb"];

const PASSWORD: &str = "the administrator's password, shown only this once: ";

/// Returns the lines on standard output, without those that depend on the machine. Standard error must be
/// empty.
fn done(outcome: &Outcome) -> Vec<&str> {
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{outcome:?}");
    let of_some = "next: this machine has no private address, ";
    outcome.stdout.lines().filter(|line| !line.starts_with(of_some)).collect()
}

#[test]
fn everything_is_made_and_reported() {
    let place = Place::new();
    let made = place.run(&["init"]);
    let said = done(&made);
    let (password, rest) = said[5].split_at(PASSWORD.len());
    assert_eq!(password, PASSWORD);
    assert_eq!(rest.len(), 10);
    assert_eq!(
        said[..5],
        [
            "created data (the data folder, accessible to this user only)",
            "created data/config.ron (the configuration, with every key explained)",
            "created data/msnpd.redb (the store of accounts and lists)",
            "created data/msnpd.key (the key of its passwords; without it, no one can sign in: keep a \
             copy apart from the backups)",
            "created data/msnpd.admin (the hash of the administrator's password)",
        ]
    );
    let msnpd = env!("CARGO_BIN_EXE_msnpd");
    assert_eq!(
        said[6..8],
        [
            format!("next: check the installation: {msnpd} check"),
            format!("next: start the server: {msnpd} run"),
        ]
    );
    assert!(said[8].starts_with("next: open http://"), "{said:#?}");
    let usual =
        "/ on the old computer: set-up and accounts (if port 80 is not available, at port 8086)";
    assert!(said[8].ends_with(usual), "{said:#?}");
    assert_eq!(
        said[9..11],
        [
            format!("next: create an account: {msnpd} user add alice@hotmail.com"),
            format!("next: create an account: {msnpd} user add bob@hotmail.com"),
        ]
    );
    let start = "next: without the web pages: `msnpd client reg`, `client hosts` or `client dns`; or in \
                 the client, set the server to ";
    assert!(said[11].starts_with(start) && said[11].ends_with(", port 1863"), "{said:#?}");
    assert_eq!(said.len(), 12);

    assert_eq!(place.names("data"), FILES);
    assert_eq!(place.names("."), ["data"]);
    assert_eq!(place.mode("data"), 0o700);
    for file in FILES {
        assert_eq!(place.mode(&format!("data/{file}")), 0o600, "{file}");
    }
    assert_eq!(place.read("data/config.ron"), SHIPPED.as_bytes());
    let hash = place.read("data/msnpd.admin");
    assert!(hash.starts_with(b"$argon2id$v=19$m=9216,t=4,p=1$"), "{}", hash.escape_ascii());
    assert!(!hash.windows(10).any(|part| part == rest.as_bytes()));
}

#[test]
fn a_named_folder_is_named_in_its_configuration_and_in_the_next_steps() {
    let place = Place::new();
    let made = place.run(&["init", "--data", "some/my data"]);
    let said = done(&made);
    assert_eq!(said[0], "created some/my data (the data folder, accessible to this user only)");
    let next = said.iter().filter(|line| line.ends_with(" --data 'some/my data'"));
    assert_eq!(next.count(), 4, "{said:#?}");
    assert_eq!(place.names("some/my data"), FILES);
    assert_eq!(place.names("."), ["some"]);
    // The file does not depend on the folder in which the server starts.
    let config = String::from_utf8(place.read("some/my data/config.ron")).expect("text");
    let full = place.path("some/my data");
    assert_eq!(config, SHIPPED.replace("\"data\"", &format!("{:?}", full.display().to_string())));
    fs::create_dir(place.path("elsewhere")).expect("a folder");
    let file = full.join("config.ron").display().to_string();
    let mut elsewhere = place.program(&["user", "list", "--config", &file]);
    elsewhere.current_dir(place.path("elsewhere"));
    assert_eq!(crate::support::operator::run_to_end(elsewhere, b"").code, Some(0));
    assert!(place.names("elsewhere").is_empty());
}

#[test]
fn a_second_time_changes_nothing() {
    let place = Place::new();
    done(&place.run(&["init"]));
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    place.edit("list_entries: 150", "list_entries: 151");
    place.set_mode("data", 0o755);
    let before = FILES.map(|file| place.read(&format!("data/{file}")));
    let again = place.run(&["init"]);
    let said = done(&again);
    assert_eq!(
        said[..5],
        ["data", "data/config.ron", "data/msnpd.redb", "data/msnpd.key", "data/msnpd.admin"]
            .map(|name| format!("{name} exists already and stays unchanged"))
    );
    assert!(said.iter().any(|line| line.ends_with(" user add bob@hotmail.com")), "{said:#?}");
    assert!(!again.stdout.contains("alice@"), "{said:#?}");
    assert!(!again.stdout.contains(PASSWORD), "{said:#?}");
    let after = FILES.map(|file| place.read(&format!("data/{file}")));
    assert!(before[..3] == after[..3], "configuration, administrator and key are as they were");
    assert_eq!(place.mode("data"), 0o755);
    assert_eq!(
        place.run(&["user", "list"]).stdout,
        "alice@hotmail.com    alice\ngreeter@hotmail.com  Greeter  (Greeter, the built-in \
         contact)\n"
    );
}

#[test]
fn with_one_file_there_the_others_are_made() {
    let other = Place::new();
    done(&other.run(&["init"]));
    for file in FILES {
        let place = Place::new();
        fs::create_dir(place.path("data")).expect("a folder");
        let name = format!("data/{file}");
        let mut kept = other.read(&name);
        if file == "config.ron" {
            kept = b"(domains: [\"example.com\"])".to_vec();
        }
        place.write(&name, &kept);
        let made = place.run(&["init"]);
        let said = done(&made);
        let stays = |name: &str| format!("{name} exists already and stays unchanged");
        let there: Vec<&&str> = said.iter().filter(|line| line.contains("stays")).collect();
        assert_eq!(there, [&stays("data"), &stays(&name)], "{file}");
        assert_eq!(said.iter().filter(|line| line.starts_with("created ")).count(), 3, "{file}");
        assert_eq!(made.stdout.contains(PASSWORD), file != "msnpd.admin", "{file}");
        assert_eq!(place.names("data"), FILES, "{file}");
        // Opening the store changes its file.
        assert!(file == "msnpd.redb" || place.read(&name) == kept, "{file}");
        let domain = if file == "config.ron" { "example.com" } else { "hotmail.com" };
        assert!(made.stdout.contains(&format!(" user add alice@{domain}\n")), "{made:?}");
    }
}

#[test]
fn a_configuration_that_is_active_stays_the_only_one() {
    for (file, arguments) in [
        ("config.ron", &["init"] as &[&str]),
        ("other.ron", &["init", "--config", "other.ron"]),
        ("config.ron", &["init", "--data", "data"]),
    ] {
        let place = Place::new();
        place.write(file, "(domains: [\"example.com\"])");
        let made = place.run(arguments);
        let stays = format!(
            "{file} is the active configuration and stays unchanged; no second one is \
                     created"
        );
        assert_eq!(done(&made)[1], stays);
        assert_eq!(place.names("data"), FILES[1..]);
        assert!(made.stdout.contains(" user add alice@example.com"), "{made:?}");
        // So a change of it has effect.
        place.write(file, "(domains: [\"example.net\"])");
        let added = place.run(&[&["user", "add", "alice"], &arguments[1..]].concat());
        assert!(added.stderr.starts_with("created the account alice@example.net "), "{added:?}");
    }
}

#[test]
fn a_configuration_of_another_folder_is_not_copied_and_init_names_the_key_to_set() {
    let place = Place::new();
    place.write("config.ron", "(data: \"elsewhere\")");
    let made = place.run(&["init", "--data", "some/folder"]);
    let full = place.path("some/folder");
    let stays = format!(
        "config.ron is the active configuration and stays unchanged; no second one is created. \
         Its data folder is \
         elsewhere: set `data` in it to {}, or name that folder in each command",
        full.display()
    );
    assert_eq!(done(&made)[1], stays);
    assert_eq!(place.names("some/folder"), FILES[1..]);
    assert_eq!(place.read("config.ron"), b"(data: \"elsewhere\")");
}

#[test]
fn with_two_configurations_the_one_in_use_is_reported() {
    let place = Place::initialised();
    place.write("config.ron", "(domains: [\"example.com\"])");
    let words = "config.ron is ignored: the active configuration is data/config.ron";
    let again = place.run(&["init"]);
    assert_eq!(done(&again)[2], words);
    place.assert_noted(&format!(
        "configuration: {words}. Keep one file: copy what you need into data/config.ron, and \
         remove the other"
    ));
    let server = Server::start(place.program(&["run"]));
    let reloaded = place.run(&["reload"]);
    let read = format!("the configuration data/config.ron was reloaded; {words}\n");
    assert_eq!(reloaded.stderr, read);
    let log = server.stop_and_read_log();
    assert_eq!(log[..2], ["INFO  configuration: data/config.ron", &format!("WARN  {words}")]);
    // With a named file, the other one is reported too.
    let server = Server::start(place.program(&["run", "--config", "data/config.ron"]));
    let log = server.stop_and_read_log();
    assert_eq!(log[1], format!("INFO  {words}"));
}

#[test]
fn an_ignored_configuration_in_the_data_folder_is_reported() {
    let place = Place::initialised();
    let full = place.path("data").display().to_string();
    place.write("other.ron", format!("(web: None, data: {full:?})"));
    let checked = place.run(&["check", "--config", "other.ron"]);
    let words = "config.ron is ignored: the active configuration is other.ron";
    assert!(checked.stdout.contains(words), "{checked:?}");
}

#[test]
fn a_forgotten_password_of_the_administrator_is_replaced_while_the_server_runs() {
    let place = Place::initialised();
    let server = Server::start(place.program(&["run"]));
    let before = place.read("data/msnpd.admin");
    fs::remove_file(place.path("data/msnpd.admin")).expect("removing it");
    let again = place.run(&["init"]);
    assert!(done(&again).iter().any(|line| line.starts_with(PASSWORD)), "{again:?}");
    assert_ne!(place.read("data/msnpd.admin"), before);
    server.stop();
}

#[test]
fn a_name_is_enough_only_with_the_usual_port() {
    let place = Place::new();
    place.write("config.ron", "(dispatch: (listen: \"127.0.0.1:2863\"))");
    let made = place.run(&["init"]);
    let last = done(&made).pop();
    assert_eq!(
        last,
        Some(
            "next: in a client that has a field for the port (MSN Messenger has none), set the server to \
             127.0.0.1, port 2863"
        )
    );
}

#[test]
fn what_is_wrong_is_refused() {
    let place = Place::new();
    place.write("config.ron", "(frobnicate: 1)");
    let refused = place.run(&["init"]);
    assert!(refused.expect_failure(3).contains("line 1, column 2"), "{refused:?}");
    assert!(!place.path("data").exists());

    let place = Place::new();
    place.write("data", "a file");
    let refused = place.run(&["init"]);
    assert!(
        refused.expect_failure(5).starts_with("msnpd: data is a file, not a folder: "),
        "{refused:?}"
    );
    assert_eq!(place.read("data"), b"a file");

    let place = Place::initialised();
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    fs::remove_file(place.path("data/msnpd.key")).expect("removing the key");
    let refused = place.run(&["init"]);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    assert!(refused.stderr.contains("put your copy of it back"), "{refused:?}");
    assert!(!place.path("data/msnpd.key").exists());
}

#[test]
fn the_server_starts_from_it_and_logs_its_path() {
    for (arguments, file) in [
        (&["run"] as &[&str], "data/config.ron"),
        (&["--data", "other"], "other/config.ron"),
        (&["--config", "other/config.ron"], "other/config.ron"),
    ] {
        let place = Place::initialised();
        done(&place.run(&["init", "--data", "other"]));
        let text = place.read("data/config.ron");
        let full = format!("data: {:?}", place.path("other").display().to_string());
        let text = String::from_utf8(text).expect("text").replace("data: \"data\"", &full);
        place.write("other/config.ron", text);
        let log = Server::start(place.program(arguments)).stop_and_read_log();
        assert_eq!(log[0], format!("INFO  configuration: {file}"));
        let data = Path::new(file).parent().expect("a folder").display();
        let data_line = log.iter().find(|line| line.contains("data in ")).expect("the folder");
        assert!(data_line.ends_with(&format!("{data}; 0 accounts")), "{log:#?}");
    }
}

#[test]
fn a_running_server_is_not_disturbed() {
    let place = Place::initialised();
    let server = Server::start(place.program(&["run"]));
    // At the address of a running server.
    let _socket = UnixListener::bind(place.path("data/msnpd.sock")).ok();
    let again = place.run(&["init"]);
    let said = done(&again);
    assert_eq!(
        said[..4],
        [
            "data exists already and stays unchanged",
            "data/config.ron exists already and stays unchanged",
            "the server is running: its store and key exist and stay unchanged",
            "data/msnpd.admin exists already and stays unchanged",
        ]
    );
    assert!(said[4].starts_with("next: in the client, "), "{said:#?}");
    assert_eq!(said.len(), 5, "{said:#?}");
    server.stop();
}
