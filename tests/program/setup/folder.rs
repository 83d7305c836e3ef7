//! `msnpd check` finds what is wrong with the data folder, its store and its keys.

use std::fs;

use store::File;

use crate::setup::place::Place;

fn with_alice() -> Place {
    let place = Place::initialised();
    assert_eq!(place.run(&["user", "add", "alice"]).code, Some(0));
    place
}

#[test]
fn a_folder_that_is_a_file() {
    let place = Place::new();
    place.write(
        "config.ron",
        "(web: None, switchboard: None, dispatch: None, notification: (listen: \"127.0.0.1:0\"))",
    );
    place.write("data", "a file");
    place.assert_wrong(
        5,
        &["data folder: data is a file, not a folder. Name another folder with --data, or move \
           that \
           file away"],
    );
    let text = String::from_utf8(place.read("config.ron")).expect("text");
    place.write("config.ron", text.replace("(web", "(data: \"data/msn\", web"));
    place.assert_wrong(
        5,
        &["data folder: cannot create data/msn: data is a file. Name another folder with --data, \
           or create it and `chown` it to the user of the server"],
    );
}

#[test]
fn a_folder_whose_name_leaves_no_room_for_the_socket() {
    let place = Place::initialised();
    let longest = format!("data/{}", "d".repeat(107 - "data//msnpd.sock".len()));
    let checked = place.run(&["check", "--data", &longest]);
    assert!(!checked.stdout.contains("control socket"), "{checked:#?}");
    let checked = place.run(&["check", "--data", &format!("{longest}d")]);
    let line = "wrong  data folder: its path is too long: the path of the control socket would \
                have 108 bytes, and the limit is 107; commands could not reach the running \
                server. Use a folder with a shorter path\n";
    assert!(checked.stdout.contains(line), "{checked:#?}");
    assert_eq!(checked.code, Some(5));
}

#[test]
fn a_folder_that_all_users_can_read() {
    let place = with_alice();
    place.set_mode("data", 0o777);
    place.assert_wrong(
        5,
        &["data folder: other users can create files in data. Run `chmod 700 \
                             data`"],
    );
    place.set_mode("data", 0o755);
    place.assert_noted(
        "data folder: other users can read data. Run `chmod 700 data`: only the owner needs access",
    );
}

#[test]
fn a_missing_key() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.key")).expect("removing the key");
    place.assert_wrong(
        5,
        &["key: data/msnpd.key is missing: without it, no one can sign in. Put your copy of it \
           back, or restore a backup that includes the key (`msnpd backup --with-key`) with \
           `msnpd restore FILE`; for a store without accounts, the next start creates a new key"],
    );
    assert!(!place.path("data/msnpd.key").exists());
}

#[test]
fn a_key_that_others_can_read() {
    let place = with_alice();
    place.set_mode("data/msnpd.key", 0o640);
    place.assert_wrong(
        5,
        &["key: other users can read or change data/msnpd.key, and decrypt every password in the \
           store. \
           Run `chmod 600 data/msnpd.key`"],
    );
}

#[test]
fn an_invalid_key() {
    let place = with_alice();
    place.write("data/msnpd.key", "swordfish\n");
    place.assert_wrong(
        5,
        &[
            "key: data/msnpd.key is not a key: a key has 64 hexadecimal digits. Put your copy of \
             it \
             back, or restore a backup that includes the key (`msnpd backup --with-key`) with \
             `msnpd restore FILE`",
            "store: the key file data/msnpd.key does not fit the store. Put your copy of the \
             right key back (first keep a copy of the present msnpd.key and msnpd.redb), or restore a \
             backup that includes the key (made with `msnpd backup --with-key`) with `msnpd restore FILE`",
        ],
    );
}

#[test]
fn a_key_of_another_store() {
    let place = with_alice();
    place.write("data/msnpd.key", Place::initialised().read("data/msnpd.key"));
    place.assert_wrong(
        5,
        &["store: the key file data/msnpd.key does not fit the store. Put your copy of the right \
           key back (first keep a copy of the present msnpd.key and msnpd.redb), or restore a backup that \
           includes the key (made with `msnpd backup --with-key`) with `msnpd restore FILE`"],
    );
}

#[test]
fn a_key_without_its_store() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.redb")).expect("removing the store");
    place.assert_noted(
        "key: data/msnpd.key exists, but its store does not: the next start creates an empty \
         store. If there were accounts, restore a backup with `msnpd restore FILE`",
    );
    assert!(!place.path("data/msnpd.redb").exists());
}

#[test]
fn a_damaged_store() {
    let place = with_alice();
    let whole = place.read("data/msnpd.redb");
    let half = &whole[..whole.len() / 2];
    place.write("data/msnpd.redb", half);
    let checked = place.run(&["check"]);
    assert_eq!(checked.code, Some(5), "{checked:#?}");
    let wrong: Vec<&str> =
        checked.stdout.lines().filter(|line| line.starts_with("wrong")).collect();
    let [line] = wrong.as_slice() else { panic!("{checked:#?}") };
    assert!(line.starts_with("wrong  store: ") && line.contains("data/msnpd.redb"), "{line}");
    assert!(line.ends_with(". Restore a backup with `msnpd restore FILE`"), "{line}");
    assert!(place.read("data/msnpd.redb") == half, "the store was changed");
}

#[test]
fn a_store_that_others_can_read() {
    let place = with_alice();
    place.set_mode("data/msnpd.redb", 0o604);
    place.assert_wrong(
        5,
        &["store: other users can read or change data/msnpd.redb. Run `chmod 600 data/msnpd.redb`"],
    );
}

#[test]
fn a_store_that_another_process_has_open() {
    let place = with_alice();
    let store = File::open(&place.path("data"), || 0).expect("the store");
    place.assert_wrong(
        5,
        &["store: data/msnpd.redb is in use by a process that does not answer as a server. Wait \
           for it to end, or stop it; `fuser data/msnpd.redb` shows it"],
    );
    drop(store);
}

#[test]
fn no_administrator() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.admin")).expect("removing the file");
    let msnpd = env!("CARGO_BIN_EXE_msnpd");
    place.assert_noted(&format!(
        "administrator: no administrator's password is set. Set one with `{msnpd} passwd-admin`"
    ));
}

#[test]
fn an_unusable_administrator_file() {
    let place = with_alice();
    let msnpd = env!("CARGO_BIN_EXE_msnpd");
    place.write("data/msnpd.admin", "secret\n");
    place.assert_wrong(
        1,
        &[&format!(
            "administrator: data/msnpd.admin does not contain a password hash of this program. \
             Set a new password with `{msnpd} passwd-admin`"
        )],
    );
    fs::remove_file(place.path("data/msnpd.admin")).expect("removing the file");
    assert_eq!(place.run(&["init"]).code, Some(0));
    place.set_mode("data/msnpd.admin", 0o666);
    place.assert_wrong(
        1,
        &["administrator: other users can read or change data/msnpd.admin. Run `chmod 600 \
           data/msnpd.admin`"],
    );
}

#[test]
fn a_configuration_that_was_moved_without_its_folder() {
    let place = Place::initialised();
    assert_eq!(place.run(&["init", "--data", "old"]).code, Some(0));
    fs::rename(place.path("old"), place.path("new")).expect("moving the folder");
    let config = String::from_utf8(place.read("new/config.ron")).expect("text");
    place.write("new/config.ron", config.replace("0.0.0.0:186", "0.0.0.0:286"));
    let checked = place.run(&["check", "--config", "new/config.ron"]);
    let line = format!(
        "note   configuration: new/config.ron is beside a store, but its data folder is {}. To \
         use that store, set `data` in the file to {}\n",
        place.path("old").display(),
        place.path("new").display()
    );
    assert!(checked.stdout.contains(&line), "{line}: {checked:#?}");
    let checked = place.run(&["check", "--data", "new"]);
    assert!(!checked.stdout.contains("is beside a store"), "{checked:#?}");
}
