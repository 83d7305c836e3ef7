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
        &["data folder: data is a file, not a folder. Name another folder with --data, or move that \
           file away"],
    );
    let text = String::from_utf8(place.read("config.ron")).expect("text");
    place.write("config.ron", text.replace("(web", "(data: \"data/msn\", web"));
    place.assert_wrong(
        5,
        &["data folder: data/msn cannot be made: data is a file. Name another folder with --data, or \
           make it and `chown` it to the user of the server"],
    );
}

#[test]
fn a_folder_whose_name_leaves_no_room_for_the_socket() {
    let place = Place::initialised();
    let longest = format!("data/{}", "d".repeat(107 - "data//msnpd.sock".len()));
    let checked = place.run(&["check", "--data", &longest]);
    assert!(!checked.stdout.contains("control socket"), "{checked:#?}");
    let checked = place.run(&["check", "--data", &format!("{longest}d")]);
    let line = "wrong  data folder: the name of the control socket in it would have 108 bytes, and a \
                socket's has 107 at most: no verb would reach the running server. Take a folder with \
                a shorter path\n";
    assert!(checked.stdout.contains(line), "{checked:#?}");
    assert_eq!(checked.code, Some(5));
}

#[test]
fn a_folder_that_all_users_can_read() {
    let place = with_alice();
    place.set_mode("data", 0o777);
    place.assert_wrong(5, &["data folder: others can put files into data. Run `chmod 700 data`"]);
    place.set_mode("data", 0o755);
    place.assert_noted(
        "data folder: others can look into data. Run `chmod 700 data`: nobody else needs to",
    );
}

#[test]
fn a_missing_key() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.key")).expect("removing the key");
    place.assert_wrong(
        5,
        &["key: data/msnpd.key is missing: nobody can sign in without it. Put your copy of it back, or \
           `msnpd restore FILE` with a backup that has a key of its own (`msnpd backup --with-key`); a \
           store without accounts gets a new key at the next start"],
    );
    assert!(!place.path("data/msnpd.key").exists());
}

#[test]
fn a_key_that_others_can_read() {
    let place = with_alice();
    place.set_mode("data/msnpd.key", 0o640);
    place.assert_wrong(
        5,
        &["key: others can read or change data/msnpd.key, and so learn every password of the store. \
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
            "key: data/msnpd.key is no key: a key has 64 hexadecimal digits. Put your copy of it \
             back, or `msnpd restore FILE` with a backup that has a key of its own (`msnpd backup \
             --with-key`)",
            "store: the key file data/msnpd.key does not fit the store. Put your copy of the one \
             that belongs to it back, or `msnpd restore FILE` with a backup that has a key of its \
             own (`msnpd backup --with-key`)",
        ],
    );
}

#[test]
fn a_key_of_another_store() {
    let place = with_alice();
    place.write("data/msnpd.key", Place::initialised().read("data/msnpd.key"));
    place.assert_wrong(
        5,
        &["store: the key file data/msnpd.key does not fit the store. Put your copy of the one that \
           belongs to it back, or `msnpd restore FILE` with a backup that has a key of its own \
           (`msnpd backup --with-key`)"],
    );
}

#[test]
fn a_key_without_its_store() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.redb")).expect("removing the store");
    place.assert_noted(
        "key: data/msnpd.key is there, but its store is not: the next start makes an empty one. If \
         there were accounts, `msnpd restore FILE` brings them back from a backup",
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
    assert!(line.ends_with(". Put it back from a backup: `msnpd restore FILE`"), "{line}");
    assert!(place.read("data/msnpd.redb") == half, "the store was changed");
}

#[test]
fn a_store_that_others_can_read() {
    let place = with_alice();
    place.set_mode("data/msnpd.redb", 0o604);
    place.assert_wrong(
        5,
        &["store: others can read or change data/msnpd.redb. Run `chmod 600 data/msnpd.redb`"],
    );
}

#[test]
fn a_store_that_another_process_has_open() {
    let place = with_alice();
    let store = File::open(&place.path("data")).expect("the store");
    place.assert_wrong(
        5,
        &["store: data/msnpd.redb is in use by a process that does not answer as a server. Wait for \
           it, or stop it: `fuser data/msnpd.redb` names it"],
    );
    drop(store);
}

#[test]
fn no_administrator() {
    let place = with_alice();
    fs::remove_file(place.path("data/msnpd.admin")).expect("removing the file");
    let msnpd = env!("CARGO_BIN_EXE_msnpd");
    place.assert_noted(&format!(
        "administrator: no administrator's password is set. `{msnpd} passwd-admin` sets one"
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
            "administrator: data/msnpd.admin does not have a password to check against. \
             `{msnpd} passwd-admin` sets a new password"
        )],
    );
    fs::remove_file(place.path("data/msnpd.admin")).expect("removing the file");
    assert_eq!(place.run(&["init"]).code, Some(0));
    place.set_mode("data/msnpd.admin", 0o666);
    place.assert_wrong(
        1,
        &["administrator: others can read or change data/msnpd.admin. Run `chmod 600 \
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
        "note   configuration: new/config.ron lies beside a store, but its data folder is {}. If the \
         store beside it is meant, set `data` in it to {}\n",
        place.path("old").display(),
        place.path("new").display()
    );
    assert!(checked.stdout.contains(&line), "{line}: {checked:#?}");
    let checked = place.run(&["check", "--data", "new"]);
    assert!(!checked.stdout.contains("lies beside"), "{checked:#?}");
}
