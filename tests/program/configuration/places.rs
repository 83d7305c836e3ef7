//! Which configuration and which data folder are used.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::without_time;

/// The program in its own folder, without environment variables.
fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_msnpd"));
    command.args(arguments).current_dir(folder);
    command.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("RUST_LOG");
    command
}

fn folder() -> TempDir {
    TempDir::with_prefix("msnpd-test-").expect("a temporary directory")
}

/// Writes a configuration with its own domain for accounts, and its own data directory.
fn write(folder: &Path, name: &str) {
    let text = format!("(domains: [\"{name}.example\"], data: \"data-{name}\", greeter: None)");
    fs::write(folder.join(format!("{name}.ron")), text).expect("writing a configuration");
}

fn add(mut command: Command, env: &[(&str, &str)]) -> Outcome {
    command.envs(env.iter().copied());
    let added = run_to_end(command, b"secret\n");
    assert_eq!(added.code, Some(0), "{added:?}");
    added
}

#[test]
fn the_command_line_beats_the_environment_beats_the_folder() {
    let folder = folder();
    let folder = folder.path();
    for name in ["config", "environment", "named"] {
        write(folder, name);
    }
    let arguments = ["user", "add", "alice"];
    let named = [&arguments[..], &["--config", "named.ron"]].concat();
    let environment = [("MSNPD_CONFIG", "environment.ron")];

    let added = add(program(folder, &named), &environment);
    assert!(
        added.stderr.contains("created the account alice@named.example in the data folder "),
        "{added:?}"
    );
    let added = add(program(folder, &arguments), &environment);
    assert!(
        added.stderr.contains("created the account alice@environment.example in the data folder "),
        "{added:?}"
    );
    let added = add(program(folder, &arguments), &[]);
    assert!(
        added.stderr.contains("created the account alice@config.example in the data folder "),
        "{added:?}"
    );
    for name in ["config", "environment", "named"] {
        assert!(folder.join(format!("data-{name}/msnpd.redb")).is_file(), "{name}");
    }
    assert!(!folder.join("data").exists());
}

#[test]
fn the_file_in_the_data_folder_beats_the_one_beside_it() {
    let folder = folder();
    let folder = folder.path();
    let arguments = ["user", "add", "alice"];
    let in_folder = |data: &str| {
        fs::create_dir(folder.join(data)).expect("a folder");
        let text = format!("(domains: [\"{data}.example\"])");
        fs::write(folder.join(data).join("config.ron"), text).expect("writing a configuration");
    };
    write(folder, "config");
    in_folder("other");
    let added = add(program(folder, &arguments), &[]);
    assert!(
        added.stderr.contains("created the account alice@config.example in the data folder "),
        "{added:?}"
    );
    let added = add(program(folder, &[&arguments[..], &["--data", "other"]].concat()), &[]);
    assert!(
        added.stderr.contains("created the account alice@other.example in the data folder "),
        "{added:?}"
    );
    let mut command = program(folder, &["user", "add", "bob"]);
    command.env("MSNPD_DATA", "other");
    let added = add(command, &[]);
    assert!(
        added.stderr.contains("created the account bob@other.example in the data folder "),
        "{added:?}"
    );
    in_folder("data");
    let added = add(program(folder, &arguments), &[]);
    assert!(
        added.stderr.contains("created the account alice@data.example in the data folder "),
        "{added:?}"
    );
    // A named file takes precedence.
    fs::create_dir(folder.join("new")).expect("a folder");
    let named = [&arguments[..], &["--config", "config.ron", "--data", "new"]].concat();
    let added = add(program(folder, &named), &[]);
    assert!(
        added.stderr.contains("created the account alice@config.example in the data folder "),
        "{added:?}"
    );
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "config");
    let empty = [("MSNPD_CONFIG", ""), ("MSNPD_DATA", "")];
    let added = add(program(folder, &["user", "add", "alice"]), &empty);
    assert!(
        added.stderr.contains("created the account alice@config.example in the data folder "),
        "{added:?}"
    );
    assert!(folder.join("data-config/msnpd.redb").is_file());
    // On the command line it is an error.
    for (option, word) in [("--config", "--config <FILE>"), ("--data", "--data <DIR>")] {
        let refused = run_to_end(program(folder, &["user", "list", option, ""]), b"");
        assert!(refused.expect_failure(2).contains(word), "{refused:?}");
    }
}

#[test]
fn the_option_may_stand_before_or_after_the_command() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "named");
    add(program(folder, &["--config", "named.ron", "user", "add", "alice"]), &[]);
    add(program(folder, &["user", "--config", "named.ron", "add", "bob"]), &[]);
    let listed = run_to_end(program(folder, &["user", "list", "--config", "named.ron"]), b"");
    assert_eq!(listed.stdout, "alice@named.example  alice\nbob@named.example    bob\n");
}

#[test]
fn the_data_folder_of_the_command_line_wins() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "config");
    let arguments = ["user", "add", "alice"];
    let environment = [("MSNPD_DATA", "data-environment")];

    // A folder that is named must exist: the name may be mistyped.
    for name in ["data-named", "data-environment"] {
        let mut command = program(folder, &arguments);
        command.env("MSNPD_DATA", name);
        let missing = format!("the data folder {name} does not exist: ");
        assert!(run_to_end(command, b"secret\n").expect_failure(5).contains(&missing));
        assert!(!folder.join(name).exists());
    }
    let create = |name: &str| fs::create_dir(folder.join(name)).expect("a folder");
    create("data-named");
    add(program(folder, &[&arguments[..], &["--data", "data-named"]].concat()), &environment);
    let exist = |names: &[&str]| -> Vec<bool> {
        names.iter().map(|name| folder.join(name).exists()).collect()
    };
    let folders = ["data-named", "data-environment", "data-config", "data"];
    assert_eq!(exist(&folders), [true, false, false, false]);
    create("data-environment");
    add(program(folder, &arguments), &environment);
    assert_eq!(exist(&folders), [true, true, false, false]);
    // The folder of the configuration is created.
    let added = add(program(folder, &arguments), &[]);
    assert!(added.stderr.starts_with("created the data folder "), "{added:?}");
    assert_eq!(exist(&folders), [true, true, true, false]);
    // Parent folders are created too.
    let text = "(domains: [\"example.com\"], data: \"some/where/deep\", greeter: None)";
    fs::write(folder.join("config.ron"), text).expect("writing a configuration");
    add(program(folder, &arguments), &[]);
    assert!(folder.join("some/where/deep/msnpd.redb").is_file());
}

#[test]
fn without_a_file_the_built_in_configuration_is_used() {
    // Skipped on a machine with a system-wide configuration, which would be read.
    if Path::new("/etc/msnpd/config.ron").exists() {
        return;
    }
    let folder = folder();
    let folder = folder.path();
    // If this fails, the port is in use, too.
    let taken = TcpListener::bind("0.0.0.0:1863");
    let started = run_to_end(program(folder, &[]), b"");
    let log: Vec<&str> = started.expect_failure(4).lines().collect();
    assert_eq!(log.len(), 2, "{log:?}");
    assert_eq!(without_time(log[0]), Some("INFO  configuration: built-in defaults"));
    assert!(log[1].starts_with("msnpd: cannot listen on 0.0.0.0:1863 (Dispatch Server): "));
    drop(taken);

    let added = add(program(folder, &["user", "add", "alice"]), &[]);
    assert!(
        added.stderr.contains("created the account alice@hotmail.com in the data folder "),
        "{added:?}"
    );
    assert!(folder.join("data/msnpd.redb").is_file());
}

#[test]
fn the_active_file_is_logged() {
    let folder = folder();
    let folder = folder.path();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    for name in ["config.ron", "other.ron"] {
        let text = format!("(dispatch: (listen: \"{address}\"))");
        fs::write(folder.join(name), text).expect("writing a configuration");
    }
    for (arguments, env, file) in [
        (&["run"] as &[&str], None, "config.ron"),
        (&[], Some("other.ron"), "other.ron"),
        (&["--config", "other.ron"], None, "other.ron"),
    ] {
        let mut command = program(folder, arguments);
        command.envs(env.map(|file| ("MSNPD_CONFIG", file)));
        let started = run_to_end(command, b"");
        let first = started.expect_failure(4).lines().next().and_then(without_time);
        assert_eq!(first, Some(format!("INFO  configuration: {file}").as_str()));
    }
}

#[test]
fn a_named_file_that_does_not_exist_ends_with_3() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "config");
    for arguments in [&["run"] as &[&str], &["user", "list"]] {
        let named =
            run_to_end(program(folder, &[arguments, &["--config", "none.ron"]].concat()), b"");
        let mut command = program(folder, arguments);
        command.env("MSNPD_CONFIG", "none.ron");
        for refused in [named, run_to_end(command, b"")] {
            let message = refused.expect_failure(3);
            assert!(message.contains("the configuration none.ron cannot be read: "), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
    }
    assert!(!folder.join("data-config").exists());
}

#[test]
fn the_shipped_file_is_the_built_in_configuration() {
    let folder = folder();
    let folder = folder.path();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.ron");
    fs::copy(shipped, folder.join("config.ron")).expect("copying config.ron");
    let added = add(program(folder, &["user", "add", "alice"]), &[]);
    assert!(
        added.stderr.contains("created the account alice@hotmail.com in the data folder "),
        "{added:?}"
    );
    assert!(folder.join("data/msnpd.redb").is_file());
}
