//! The older installation under this version.

use std::fs;

use crate::earlier::client::{asked, sign_in};
use crate::earlier::data::{
    EVERYBODY, RENAMED, configuration, has_everything, installation, kept, machine,
};

#[test]
fn it_starts_with_warnings_for_renamed_keys_and_for_nothing_else() {
    let installation = installation();
    let log = installation.start().stop_and_read_log();
    let is_fault = |line: &&String| line.starts_with("WARN") || line.starts_with("ERROR");
    let warnings: Vec<&String> = log.iter().filter(is_fault).collect();
    assert_eq!(warnings.len(), RENAMED.len(), "{log:#?}");
    for (old, new) in RENAMED {
        let named = warnings.iter().find(|line| line.contains(old) && line.contains(new));
        assert!(named.is_some(), "{old}: {warnings:#?}");
    }
    let data = log.iter().find(|line| line.contains("data in ")).expect("the folder");
    assert!(data.ends_with("; 4 accounts"), "{data}");
    // The web pages are at the configured address.
    let pages = log.iter().find(|line| line.ends_with(" (web pages)")).expect("the pages");
    assert!(pages.contains("listening on 127.0.0.1:"), "{pages}");
}

#[test]
fn every_key_of_its_configuration_still_has_effect() {
    let installation = installation();
    let shown = installation.run(&["config", "show"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for (key, value) in [
        ("domains ", "[\"hotmail.com\", \"example.com\"]"),
        ("list_entries ", "200"),
        ("allow ", "[\"203.0.113.0/24\"]"),
        ("conversation_idle_minutes ", "Some(30)"),
        ("sign_up.mode ", "code"),
        ("sign_up.code ", "\"rosebud\""),
        ("web.who_is_online ", "true"),
        ("web.names ", "[\"msn.example.net\"]"),
        ("limits.connections ", "4096"),
    ] {
        let line = shown.stdout.lines().find(|line| line.starts_with(key));
        let line = line.unwrap_or_else(|| panic!("{key}: {shown:?}"));
        assert!(line.contains(value) && line.contains("config.ron line "), "{line}");
    }
    // Its `repeated_blp: refuse` has effect: a BLP that changes nothing is refused.
    let server = installation.start();
    let mut alice = sign_in(&server, "alice@hotmail.com", "secret");
    assert_eq!(asked(&mut alice, "BLP 4 BL", 1), ["218 4"]);
    drop(alice);
    server.stop();
}

#[test]
fn all_users_sign_in_and_have_their_lists() {
    let installation = installation();
    let server = installation.start();
    for (handle, password) in EVERYBODY {
        sign_in(&server, handle, password);
    }
    let mut alice = sign_in(&server, "alice@hotmail.com", "secret");
    let forward = asked(&mut alice, "LST 5 FL", 3).join("\n");
    for (number, member) in [
        "bob@hotmail.com Bobby 1,4",
        "carol@example.com carol@example.com 0",
        "greeter@hotmail.com Greeter 0",
    ]
    .iter()
    .enumerate()
    {
        let place = format!(" {} 3 {member}", number + 1);
        assert!(forward.contains(&place), "{place}: {forward}");
    }
    let allow = asked(&mut alice, "LST 6 AL", 2).join("\n");
    assert!(allow.contains(" 1 2 bob@hotmail.com Bobby"), "{allow}");
    assert!(allow.contains(" 2 2 greeter@hotmail.com "), "{allow}");
    let block = asked(&mut alice, "LST 7 BL", 1).join("\n");
    assert!(block.contains(" 1 1 mallory@hotmail.com "), "{block}");
    let reverse = asked(&mut alice, "LST 8 RL", 2).join("\n");
    assert!(
        reverse.contains("bob@hotmail.com") && reverse.contains("carol@example.com"),
        "{reverse}"
    );
    drop(alice);
    server.stop();
    has_everything(&installation);
}

#[test]
fn its_backup_is_restored_on_a_new_machine_and_over_itself() {
    let backup = kept("all.backup");
    let backup = backup.to_str().expect("UTF-8");
    let elsewhere = machine(&[]);
    let restored = elsewhere.run(&["restore", backup]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    has_everything(&elsewhere);
    // While the server runs, and with changes in between.
    let installation = installation();
    let server = installation.start();
    assert_eq!(installation.run(&["user", "remove", "bob@hotmail.com"]).code, Some(0));
    let restored = installation.run(&["restore", backup]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    sign_in(&server, "bob@hotmail.com", "0123456789abcdef");
    has_everything(&installation);
    server.stop();
}

#[test]
fn its_store_is_of_no_use_without_its_key_and_is_left_as_it_is() {
    let elsewhere = machine(&["msnpd.redb"]);
    let refused = elsewhere.run(&["run"]);
    assert!(refused.expect_failure(5).contains("put your copy of it back"), "{refused:?}");
    fs::copy(kept("msnpd.key"), elsewhere.data().join("msnpd.key")).expect("copying the key");
    has_everything(&elsewhere);
}

#[test]
fn its_export_is_imported_on_a_new_machine() {
    let elsewhere = machine(&[]);
    let imported = elsewhere.run(&["import", kept("accounts.ron").to_str().expect("UTF-8")]);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    has_everything(&elsewhere);
    let server = elsewhere.start();
    sign_in(&server, "mallory@hotmail.com", "!#$%&'()*+,-./:;");
    server.stop();
}

#[test]
fn of_two_configurations_it_reads_the_same_one() {
    // `init` made a second one in the data folder, which came first.
    let installation = installation();
    let data = installation.data();
    fs::write(data.join("config.ron"), configuration()).expect("writing it");
    fs::write(installation.configuration(), "(domains: [\"example.net\"])").expect("writing it");
    let program = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_msnpd"));
        command.args(arguments).current_dir(installation.directory.path());
        command.env_remove("MSNPD_CONFIG").env_remove("MSNPD_DATA");
        command
    };
    let log = crate::support::server::Server::start(program(&["run"])).stop_and_read_log();
    assert_eq!(log[0], "INFO  configuration: data/config.ron");
    let passed_over = "WARN  config.ron is ignored: the active configuration is data/config.ron";
    assert!(log.iter().any(|line| line == passed_over), "{log:#?}");
    let checked = crate::support::operator::run_to_end(program(&["check"]), b"").stdout;
    assert!(checked.contains("config.ron is ignored"), "{checked}");
}
