//! The owners of the files in a data directory, and what other users can find out about it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::setup::place::Place;
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Server;

/// The user `nobody` exists on every system and may run a server.
const OWNER: u32 = 65534;

/// Returns whether the test runs as root. Only root can change owners and run a program as another user.
fn is_root(place: &Place) -> bool {
    place.path(".").metadata().expect("the folder").uid() == 0
}

/// Returns the owner of a file, and its group.
fn owners(place: &Place, name: &str) -> (u32, u32) {
    let metadata = fs::metadata(place.path(name));
    let metadata = metadata.unwrap_or_else(|error| panic!("{name}: {error}"));
    (metadata.uid(), metadata.gid())
}

fn give(place: &Place, name: &str) {
    chown(place.path(name), Some(OWNER), Some(OWNER)).expect("another owner");
}

/// Runs the program as a user other than root.
fn run_as_owner(place: &Place, arguments: &[&str]) -> Outcome {
    run_to_end(as_owner(place, arguments), b"secret\n")
}

fn as_owner(place: &Place, arguments: &[&str]) -> Command {
    // This user may not read the build directory, so the program is copied. Another process copies it: a
    // program cannot start while any process has it open for writing, as the children of other tests may.
    let program = place.path("msnpd");
    if !program.exists() {
        let mut copy = Command::new("cp");
        copy.arg(env!("CARGO_BIN_EXE_msnpd")).arg(&program);
        assert!(copy.status().expect("cp").success());
        place.set_mode("msnpd", 0o755);
        place.set_mode(".", 0o755);
    }
    let mut command = Command::new(program);
    command.args(arguments).current_dir(place.path(".")).uid(OWNER).gid(OWNER);
    command.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("RUST_LOG");
    command
}

#[test]
fn files_that_root_creates_belong_to_the_owner_of_the_folder() {
    let place = Place::new();
    if !is_root(&place) {
        return;
    }
    fs::create_dir(place.path("data")).expect("a folder");
    place.set_mode("data", 0o700);
    give(&place, "data");
    assert_eq!(place.run(&["init"]).code, Some(0));
    for port in [1863, 1864, 1865] {
        place.edit(&format!("0.0.0.0:{port}"), "127.0.0.1:0");
    }
    place.without_pages();
    let server = Server::start(place.program(&["run"]));
    assert_eq!(owners(&place, "data/msnpd.sock"), (OWNER, OWNER));
    assert_eq!(place.mode("data/msnpd.sock"), 0o600);
    // So this user can ask the server, whichever user runs it.
    let added = run_as_owner(&place, &["user", "add", "alice"]);
    assert_eq!(
        added.stderr, "created the account alice@hotmail.com: it can sign in now\n",
        "{added:?}"
    );
    for arguments in [["backup", "all.backup"], ["restore", "all.backup"]] {
        let done = place.run(&arguments);
        assert_eq!(done.code, Some(0), "{done:?}");
    }
    server.stop();
    let names = place.names("data");
    let expected =
        ["before-restore.backup", "config.ron", "msnpd.admin", "msnpd.key", "msnpd.redb"];
    assert_eq!(names, expected);
    for name in names {
        assert_eq!(owners(&place, &format!("data/{name}")), (OWNER, OWNER), "{name}");
    }
    let checked = run_as_owner(&place, &["check"]);
    assert_eq!(checked.code, Some(0), "{checked:#?}");
    let listed = run_as_owner(&place, &["user", "list"]);
    assert_eq!(
        listed.stdout,
        "alice@hotmail.com    alice\ngreeter@hotmail.com  Greeter  (Greeter, the built-in \
         contact)\n",
        "{listed:?}"
    );
}

#[test]
fn a_password_of_the_administrator_that_cannot_be_written_names_the_cause_and_the_way_out() {
    let place = Place::initialised();
    let before = place.read("data/msnpd.admin");
    // A limit of zero bytes for files acts like a full disk.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" passwd-admin"]);
    shell.arg(env!("CARGO_BIN_EXE_msnpd")).current_dir(place.path("."));
    shell.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("RUST_LOG");
    let full = run_to_end(shell, b"another\n");
    place.set_mode("data", 0o555);
    place.set_mode("data/config.ron", 0o644);
    let refused = match is_root(&place) {
        true => run_as_owner(&place, &["passwd-admin"]),
        false => place.run(&["passwd-admin"]),
    };
    place.set_mode("data", 0o700);
    for (outcome, way) in [
        (full, "; the disk is full: free some space\n"),
        (refused, "; run this as the owner of the data folder, or as root\n"),
    ] {
        let words = outcome.expect_failure(7);
        assert!(words.starts_with("msnpd: data/msnpd.admin: "), "{words}");
        assert!(words.ends_with(way) && !words.contains(".tmp"), "{words}");
    }
    assert!(place.read("data/msnpd.admin") == before);
    assert!(!place.names("data").iter().any(|name| name.starts_with('.')));
}

#[test]
fn a_file_that_the_owner_of_the_folder_cannot_use_is_wrong() {
    let place = Place::initialised();
    if !is_root(&place) {
        return;
    }
    place.edit("0.0.0.0:0", "127.0.0.1:0");
    for name in ["data", "data/config.ron", "data/msnpd.admin", "data/msnpd.redb"] {
        give(&place, name);
    }
    place.assert_wrong(
        5,
        &["owner: nobody, the owner of the folder, cannot read data/msnpd.key, which belongs to \
           root. Run \
           `chown nobody data/msnpd.key` as root"],
    );
    give(&place, "data/msnpd.key");
    place.set_mode("data/msnpd.key", 0o000);
    place.assert_wrong(
        5,
        &["owner: nobody, the owner of the folder, cannot read data/msnpd.key, which belongs to \
           nobody. \
           Run `chmod 600 data/msnpd.key`"],
    );
    place.set_mode("data/msnpd.key", 0o600);
    // Read permission is not enough for the store, but is for the configuration.
    for name in ["data/config.ron", "data/msnpd.redb"] {
        chown(place.path(name), Some(0), Some(OWNER)).expect("root's file");
        place.set_mode(name, 0o640);
    }
    let checked = place.run(&["check"]);
    let wrong = checked.stdout.lines().filter(|line| line.starts_with("wrong  owner: "));
    assert_eq!(
        wrong.collect::<Vec<&str>>(),
        ["wrong  owner: nobody, the owner of the folder, cannot read and change \
             data/msnpd.redb, which \
          belongs to root. Run `chown nobody data/msnpd.redb` as root"],
        "{checked:#?}"
    );
}

#[test]
fn a_folder_without_permission_is_not_taken_for_a_missing_one() {
    let place = Place::initialised();
    if !is_root(&place) {
        return;
    }
    let why = "the configuration data/config.ron cannot be read: Permission denied (os error 13); \
               run this as root";
    // Neither the folder nor its configuration is ignored in favour of the defaults.
    for arguments in [&["run", "--smoke"] as &[&str], &["user", "list"], &["init"]] {
        let refused = run_as_owner(&place, arguments);
        assert_eq!(refused.expect_failure(3), format!("msnpd: {why}\n"));
    }
    let checked = run_as_owner(&place, &["check"]);
    assert_eq!(checked.code, Some(3), "{checked:#?}");
    let found: Vec<&str> =
        checked.stdout.lines().filter(|line| line.starts_with("wrong")).collect();
    assert_eq!(
        found,
        [
            format!(
                "wrong  configuration: {why}. Name another file, or give the server permission to \
                 read this one"
            ),
            "wrong  data folder: cannot write in data: Permission denied (os error 13). Run \
             `msnpd check` as root (`sudo msnpd check`)"
                .to_owned(),
        ]
    );
    assert!(!checked.stdout.contains("does not exist yet"), "{checked:#?}");
    // Nor is one below a folder without permission.
    let checked = run_as_owner(&place, &["check", "--data", "data/deeper"]);
    let line = "wrong  data folder: cannot access data/deeper: Permission denied (os error 13). \
                Run \
                `msnpd check` as root (`sudo msnpd check`)\n";
    assert!(checked.stdout.contains(line), "{checked:#?}");
    assert!(!checked.stdout.contains("does not exist yet"), "{checked:#?}");
}

#[test]
fn a_configuration_that_may_not_be_read_is_not_ignored() {
    let place = Place::initialised();
    if !is_root(&place) {
        return;
    }
    give(&place, "data");
    place.write("config.ron", "(domains: [\"example.com\"])");
    for arguments in [&["run", "--smoke"] as &[&str], &["user", "list"], &["config", "show"]] {
        let refused = run_as_owner(&place, arguments);
        let why = "msnpd: the configuration data/config.ron cannot be read: Permission denied (os \
                   error 13); run this as root\n";
        assert_eq!(refused.expect_failure(3), why);
    }
}

#[test]
fn a_working_directory_that_cannot_be_read_is_reported() {
    let place = Place::new();
    if !is_root(&place) {
        return;
    }
    let into = place.path("private");
    fs::create_dir(&into).expect("a folder");
    give(&place, "private");
    // `sudo -u` can start a program in a directory that its user may not enter.
    let run = |arguments: &[&str]| {
        let program = as_owner(&place, arguments);
        let mut command = Command::new("sh");
        command.args(["-c", "chmod 0 . && exec \"$@\"", "sh"]).arg(program.get_program());
        command.args(program.get_args()).current_dir(&into).uid(OWNER).gid(OWNER);
        command.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("RUST_LOG");
        place.set_mode("private", 0o700);
        run_to_end(command, b"secret\n")
    };
    fs::create_dir(place.path("data")).expect("a folder");
    give(&place, "data");
    let data = place.path("data").display().to_string();
    let refused = run(&["init", "--data", &data]);
    assert_eq!(
        refused.expect_failure(3),
        "msnpd: the configuration config.ron cannot be read: Permission denied (os error 13); \
         nobody may not read the current folder, so its contents are unknown: run `cd /` first\n"
    );
    assert!(place.names("data").is_empty(), "{:?}", place.names("data"));
    // A named file is not searched for.
    place.write("config.ron", "(greeter: None)");
    place.set_mode("config.ron", 0o644);
    let configuration = place.path("config.ron").display().to_string();
    let made = run(&["user", "add", "alice", "--data", &data, "--config", &configuration]);
    assert_eq!(made.code, Some(0), "{made:?}");
}

#[test]
fn a_self_test_of_a_server_elsewhere_needs_no_configuration_of_here() {
    let place = Place::initialised();
    if !is_root(&place) {
        return;
    }
    // No server listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
    let closed = closed.expect("an address").to_string();
    let elsewhere = ["selftest", &closed, "--account", "alice", "--account", "bob@example.com"];
    let tried = run_to_end(as_owner(&place, &elsewhere), b"secret\nsecret\n");
    assert_eq!(tried.code, Some(6), "{tried:?}");
    // A test of the local server reads the configuration, and so does one with a named configuration.
    run_as_owner(&place, &["selftest"]).expect_failure(3);
    let named = [&elsewhere[..], &["--config", "data/config.ron"]].concat();
    run_as_owner(&place, &named).expect_failure(3);
}

/// Runs the program as a user who may read the data directory, but not write to it.
fn run_as_reader(place: &Place, arguments: &[&str]) -> Outcome {
    // Root may write everything.
    if is_root(place) { run_as_owner(place, arguments) } else { place.run(arguments) }
}

/// Makes the data folder read-only.
fn protect(place: &Place) {
    for name in place.names("data") {
        let name = format!("data/{name}");
        if is_root(place) {
            give(place, &name);
        }
        // A socket without a listener is detected by connecting to it.
        place.set_mode(&name, if name.ends_with(".sock") { 0o600 } else { 0o400 });
    }
    if is_root(place) {
        give(place, "data");
    }
    place.set_mode("data", 0o500);
}

#[test]
fn reading_commands_work_on_a_folder_that_cannot_be_written() {
    let place = Place::initialised();
    fs::create_dir(place.path("elsewhere")).expect("a folder");
    place.set_mode("elsewhere", 0o777);
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    let exported = place.run(&["export", "-", "--with-passwords"]).stdout;
    assert!(exported.contains("alice@hotmail.com"), "{exported}");
    protect(&place);
    let store = place.read("data/msnpd.redb");
    for _ in 0..2 {
        let listed = run_as_reader(&place, &["user", "list"]);
        assert_eq!(listed.code, Some(0), "{listed:?}");
        assert!(listed.stdout.contains("alice@hotmail.com"), "{listed:?}");
        let verified = run_as_reader(&place, &["verify"]);
        assert!(verified.stdout.ends_with("the store has no faults\n"), "{verified:?}");
        let again = run_as_reader(&place, &["export", "-", "--with-passwords"]);
        assert_eq!(again.stdout, exported, "{again:?}");
        let backup = run_as_reader(&place, &["backup", "elsewhere/all.backup", "--with-key"]);
        assert_eq!(backup.code, Some(0), "{backup:?}");
        // It checks everything, and the folder is the problem.
        let checked = run_as_reader(&place, &["check"]);
        assert_eq!(checked.code, Some(5), "{checked:?}");
        assert!(checked.stdout.contains("cannot write in data: Permission denied"), "{checked:?}");
        assert!(checked.stdout.contains("Run `chmod 700 data`"), "{checked:?}");
        assert!(
            checked.stdout.contains(
                "msnpd.redb has no faults and contains 1 \
            account"
            ),
            "{checked:?}"
        );
        for change in
            [&["user", "rename", "alice", "Alice"] as &[&str], &["user", "remove", "alice"]]
        {
            let refused = run_as_reader(&place, change);
            let why = refused.expect_failure(7);
            assert!(why.contains("cannot be written: ") && why.contains("run this as"), "{why}");
        }
    }
    assert_eq!(place.read("data/msnpd.redb"), store, "nothing was written");
    let other = Place::initialised();
    let restored =
        other.run(&["restore", place.path("elsewhere/all.backup").to_str().expect("a path")]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
}

#[test]
fn a_store_that_was_not_closed_is_repaired_aside_where_it_cannot_be_written() {
    let place = Place::initialised();
    let server = Server::start(place.program(&["run"]));
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    // A killed server closes nothing.
    drop(server);
    protect(&place);
    let store = place.read("data/msnpd.redb");
    let verified = run_as_reader(&place, &["verify"]);
    assert!(verified.stdout.ends_with("the store has no faults\n"), "{verified:?}");
    let listed = run_as_reader(&place, &["user", "list"]);
    assert!(listed.stdout.contains("alice@hotmail.com"), "{listed:?}");
    assert_eq!(place.read("data/msnpd.redb"), store, "nothing was written");
}
