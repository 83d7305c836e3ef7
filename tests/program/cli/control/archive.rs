//! `backup` and `restore`, of a running and a stopped server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::cli::people::{connect, of};
use crate::support::conversation::{sign_in, sign_in_online};
use crate::support::operator::run_to_end;
use crate::support::server::{Installation, Server};
use crate::support::stored_data::{check_integrity, export_all, words};

/// A running server with two users on each other's lists, and the path of its backup.
fn befriended() -> (Installation, Server, PathBuf) {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    for (who, other) in [("alice", "bob"), ("bob", "alice")] {
        let mut ns = sign_in(connect(&server), who);
        for list in ["FL", "AL"] {
            ns.send_line(&format!("ADD 5 {list} {other}@example.com My%20{other}"));
            ns.expect_words(&format!("ADD 5 {list} "));
        }
    }
    let file = installation.directory.path().join("all.backup");
    (installation, server, file)
}

#[test]
fn a_backup_with_its_key_moves_everything_to_another_machine() {
    let (installation, server, file) = befriended();
    let made = installation.run(&["backup", words(&file), "--with-key"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stderr.contains("all passwords can be read from it"), "{made:?}");
    assert_eq!(fs::metadata(&file).expect("the backup").permissions().mode() & 0o777, 0o600);
    let before = export_all(&installation);
    server.stop();

    let elsewhere = of(&[]);
    let restored = elsewhere.run(&["restore", words(&file)]);
    assert_eq!(restored.stderr, "restored, 2 accounts\n", "{restored:?}");
    assert_eq!(export_all(&elsewhere), before);
    check_integrity(&elsewhere);
    let server = elsewhere.start();
    let mut alice = sign_in(connect(&server), "alice");
    alice.send_line("LST 9 FL");
    assert!(alice.next_line().ends_with(" 1 1 bob@example.com My%20bob"));
    drop(alice);
    server.stop();
}

#[test]
fn a_backup_without_its_key_fits_only_where_the_key_is() {
    let (installation, server, file) = befriended();
    let made = installation.run(&["backup", words(&file)]);
    let advice = format!(
        "it does not include the key, which a restore on another machine needs: copy {} too, or use \
         --with-key\n",
        installation.data().join("msnpd.key").display()
    );
    assert!(made.stderr.ends_with(&advice), "{made:?}");
    let key = fs::read_to_string(installation.data().join("msnpd.key")).expect("the key");
    let backup = fs::read(&file).expect("the backup");
    let holds = |text: &[u8]| backup.windows(text.len()).any(|window| window == text);
    assert!(!holds(b"secret") && !holds(key.trim_end().as_bytes()));
    let before = export_all(&installation);
    server.stop();

    let elsewhere = of(&["carol"]);
    let refused = elsewhere.run(&["restore", words(&file)]);
    assert!(
        refused.expect_failure(1).contains("the backup was made with another msnpd.key"),
        "{refused:?}"
    );
    let caution =
        ". Before you replace msnpd.key, keep a copy of the present msnpd.key and msnpd.redb\n";
    assert!(refused.stderr.ends_with(caution), "{refused:?}");
    assert_eq!(elsewhere.run(&["user", "list"]).stdout, "carol@example.com  carol\n");

    let removed = installation.run(&["user", "remove", "bob"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let restored = installation.run(&["restore", words(&file)]);
    let kept = installation.data().join("before-restore.backup");
    let said = format!(
        "restored, 2 accounts; the previous contents, 1 account, are kept in \
                 {}\n",
        kept.display()
    );
    assert_eq!(restored.stderr, said);
    assert_eq!(export_all(&installation), before);
    // Restores the state before the restore.
    let back = installation.run(&["restore", words(&kept)]);
    assert_eq!(back.code, Some(0), "{back:?}");
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
}

#[test]
fn a_failed_restore_into_an_empty_folder_creates_no_key() {
    let (installation, server, file) = befriended();
    assert_eq!(installation.run(&["backup", words(&file)]).code, Some(0));
    server.stop();
    let elsewhere = of(&[]);
    let names = || fs::read_dir(elsewhere.data()).expect("the folder").count();
    for bytes in [fs::read(&file).expect("the backup"), b"no backup".to_vec()] {
        let refused = run_to_end(elsewhere.program(&["restore", "-"]), &bytes);
        assert!(refused.expect_failure(1).contains("Nothing was changed"), "{refused:?}");
        // There are no accounts that a present key is needed for.
        assert!(!refused.stderr.contains("keep a copy"), "{refused:?}");
        assert_eq!(names(), 0);
    }
    for (bytes, reason) in [
        (&b""[..], "backup: it is empty. "),
        (b"hello", "backup: it does not begin like one. "),
        (b"msn", "backup: it is incomplete. "),
    ] {
        let refused = run_to_end(elsewhere.program(&["restore", "-"]), bytes);
        assert!(refused.expect_failure(1).contains(reason), "{refused:?}");
    }
    // A folder that the restore created does not stay either.
    fs::remove_dir(elsewhere.data()).expect("an empty folder");
    run_to_end(elsewhere.program(&["restore", "-"]), b"no backup").expect_failure(1);
    assert!(!elsewhere.data().exists());
    fs::create_dir(elsewhere.data()).expect("the folder");
    // So the key of the other server can be put there, and a wrong file does not remove it.
    let key = elsewhere.data().join("msnpd.key");
    fs::copy(installation.data().join("msnpd.key"), &key).expect("the key");
    run_to_end(elsewhere.program(&["restore", "-"]), b"no backup").expect_failure(1);
    assert!(key.exists());
    let restored = elsewhere.run(&["restore", words(&file)]);
    assert_eq!(restored.stderr, "restored, 2 accounts\n", "{restored:?}");
}

#[test]
fn a_restore_signs_all_users_off_and_they_find_what_was_restored() {
    let (installation, server, file) = befriended();
    assert_eq!(installation.run(&["backup", words(&file)]).code, Some(0));
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("REM 5 FL bob@example.com");
    alice.expect_words("REM 5 FL ");
    alice.send_line("SYN 6 0");
    let version: u32 = alice.expect_words("SYN 6 ").remove(0).parse().expect("a version");
    // The lists after it are not checked.
    while !alice.next_line().starts_with("LST 6 RL ") {}

    let restored = installation.run(&["restore", words(&file)]);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    alice.expect("OUT SSD");
    alice.read_end().expect("the end of the session");
    let mut alice = sign_in(connect(&server), "alice");
    // The client's list version is not in the backup, so it is sent the lists.
    alice.send_line(&format!("SYN 7 {version}"));
    let now: u32 = alice.expect_words("SYN 7 ").remove(0).parse().expect("a version");
    assert_ne!(now, version);
    let lists: Vec<String> = (0..6).map(|_| alice.next_line()).collect();
    assert!(lists.iter().any(|line| line.contains(" 1 1 bob@example.com My%20bob")), "{lists:?}");
    drop(alice);
    check_integrity(&installation);
    server.stop();
}

#[test]
fn a_file_that_is_no_whole_backup_changes_nothing() {
    let (installation, server, file) = befriended();
    assert_eq!(installation.run(&["backup", words(&file)]).code, Some(0));
    let whole = fs::read(&file).expect("the backup");
    let before = export_all(&installation);
    let mut alice = sign_in(connect(&server), "alice");
    let mut scratched = whole.clone();
    let middle = scratched.len() / 2;
    scratched[middle] ^= 1;
    let wrong = installation.directory.path().join("wrong.backup");
    for bytes in [b"" as &[u8], b"no backup\n", &whole[..whole.len() - 1], &scratched] {
        fs::write(&wrong, bytes).expect("a wrong file");
        let refused = installation.run(&["restore", words(&wrong)]);
        let why = refused.expect_failure(1);
        let start = format!("msnpd: {} is not a usable msnpd backup: ", wrong.display());
        assert!(why.starts_with(&start), "{why}");
        assert!(why.contains("Nothing was changed"), "{why}");
    }
    let missing = installation.run(&["restore", "nowhere.backup"]);
    assert!(missing.expect_failure(1).contains("nowhere.backup: No such file"), "{missing:?}");
    alice.send_line("PNG");
    alice.expect("QNG");
    assert_eq!(export_all(&installation), before);
    drop(alice);
    server.stop();
}

#[test]
fn a_backup_that_cannot_be_written_leaves_the_old_one() {
    let (installation, server, file) = befriended();
    fs::write(&file, "the old one").expect("an old backup");
    let nowhere = installation.directory.path().join("nowhere").join("all.backup");
    assert!(installation.run(&["backup", words(&nowhere)]).expect_failure(1).contains("nowhere"));
    // A folder has the name, so the file cannot be replaced.
    let folder = installation.directory.path().join("folder");
    fs::create_dir(&folder).expect("a folder");
    installation.run(&["backup", words(&folder)]).expect_failure(1);
    assert_eq!(fs::read_to_string(&file).expect("the old backup"), "the old one");
    let rest = fs::read_dir(installation.directory.path()).expect("the folder");
    let names = rest.map(|entry| entry.expect("an entry").file_name());
    let unfinished = names.filter(|name| name.to_string_lossy().starts_with(".msnpd-"));
    assert_eq!(unfinished.count(), 0, "unfinished files are removed");
    server.stop();
}

#[test]
fn backups_go_through_pipes() {
    let (installation, server, _) = befriended();
    server.stop();
    let mut backup = installation.program(&["backup", "-", "--with-key"]);
    let made = backup.output().expect("a backup on standard output");
    assert!(made.status.success(), "{made:?}");
    let elsewhere = of(&[]);
    let restored = run_to_end(elsewhere.program(&["restore", "-"]), &made.stdout);
    assert_eq!(restored.stderr, "restored, 2 accounts\n");
    assert_eq!(export_all(&elsewhere), export_all(&installation));
}

#[test]
fn verify_names_each_fault_and_ends_with_5() {
    let installation = of(&["alice", "bob"]);
    let verified = installation.run(&["verify", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&verified.stdout).expect("JSON");
    assert_eq!(
        found,
        serde_json::json!({ "accounts": 2, "entries": 0, "faults": [], "notes": [] })
    );

    let handles = redb::TableDefinition::<&[u8], &[u8]>::new("handles");
    let store = redb::Database::open(installation.data().join("msnpd.redb")).expect("the store");
    let transaction = store.begin_write().expect("a transaction");
    let mut table = transaction.open_table(handles).expect("the handles");
    assert!(table.remove(b"alice@example.com".as_slice()).expect("a row").is_some());
    drop(table);
    transaction.commit().expect("a commit");
    drop(store);

    let verified = installation.run(&["verify"]);
    assert_eq!(verified.code, Some(5), "{verified:?}");
    assert!(verified.stdout.starts_with("2 accounts, 0 list entries\nfault: "), "{verified:?}");
    assert!(verified.stdout.contains("alice@example.com"), "{verified:?}");
    assert!(verified.stderr.starts_with("msnpd: the store has 1 fault"), "{verified:?}");
    let found = installation.run(&["verify", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(found["faults"].as_array().map(Vec::len), Some(1));
    // A backup of such a store would be refused, so none is made.
    let backup = installation.run(&["backup", "-"]);
    assert_eq!(backup.code, Some(5), "{backup:?}");
}

#[test]
fn a_store_that_cannot_be_used_is_restored_and_kept_aside() {
    let (installation, server, file) = befriended();
    assert_eq!(installation.run(&["backup", words(&file), "--with-key"]).code, Some(0));
    let before = export_all(&installation);
    server.stop();
    let store = installation.data().join("msnpd.redb");
    let key = installation.data().join("msnpd.key");
    let whole = fs::read(&store).expect("the store");
    let half = whole[..whole.len() / 2].to_vec();
    for (number, damage) in [
        (1, &(|| fs::write(&store, b"").expect("emptying the store")) as &dyn Fn()),
        (2, &|| fs::write(&store, &half).expect("halving the store")),
        (3, &|| fs::remove_file(&key).expect("losing the key")),
        (4, &|| fs::write(&key, b"no key\n").expect("scratching the key")),
    ] {
        damage();
        let advice = installation.run(&["user", "list"]);
        assert!(advice.expect_failure(5).contains("`msnpd restore"), "{number}: {advice:?}");
        // A file that is no backup changes nothing.
        let wrong = run_to_end(installation.program(&["restore", "-"]), b"no backup");
        assert!(
            wrong.expect_failure(1).contains("not a usable msnpd backup"),
            "{number}: {wrong:?}"
        );
        installation.run(&["user", "list"]).expect_failure(5);
        let restored = installation.run(&["restore", words(&file)]);
        assert_eq!(restored.code, Some(0), "{number}: {restored:?}");
        let aside = installation.data().join(format!("msnpd.redb.unusable-{number}"));
        assert!(restored.stderr.contains(&aside.display().to_string()), "{restored:?}");
        assert!(aside.exists());
        assert_eq!(export_all(&installation), before, "{number}");
        check_integrity(&installation);
    }
}

#[test]
fn without_a_store_there_is_nothing_to_back_up() {
    let installation = of(&[]);
    fs::remove_dir(installation.data()).expect("removing the data folder");
    let file = installation.directory.path().join("all.backup");
    fs::write(&file, "the good one").expect("an old backup");
    for arguments in [&["backup", words(&file)] as &[&str], &["export", words(&file)], &["verify"]]
    {
        let refused = installation.run(arguments);
        assert!(
            refused.expect_failure(5).contains("does not exist: name the right one with --data"),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read_to_string(&file).expect("the old backup"), "the good one");
    assert!(!installation.data().exists());
}

#[test]
fn a_file_in_a_missing_folder_is_refused_with_the_name_of_the_folder() {
    let installation = of(&["alice"]);
    for command in ["backup", "export"] {
        let refused = installation.run(&[command, "nofolder/x.file"]);
        assert_eq!(
            refused.expect_failure(1),
            "msnpd: cannot write nofolder/x.file: the folder nofolder does not exist; create it \
             first\n"
        );
    }
}

#[test]
fn backups_and_exports_keep_links_and_device_files() {
    let installation = of(&["alice"]);
    let folder = installation.directory.path();
    let (target, link) = (folder.join("target.backup"), folder.join("link.backup"));
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    assert_eq!(installation.run(&["backup", words(&link)]).code, Some(0));
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    fs::write(&target, "old").expect("an old backup");
    assert_eq!(installation.run(&["backup", words(&link)]).code, Some(0));
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert!(fs::read(&target).expect("the backup").len() > 100);
    let null = Path::new("/dev/null");
    assert_eq!(installation.run(&["export", words(null)]).code, Some(0));
    let kind = fs::metadata(null).expect("/dev/null").file_type();
    assert!(std::os::unix::fs::FileTypeExt::is_char_device(&kind));
}

#[test]
fn the_states_before_the_last_five_restores_are_kept() {
    let installation = of(&["alice"]);
    let file = installation.directory.path().join("all.backup");
    assert_eq!(installation.run(&["backup", words(&file)]).code, Some(0));
    for number in 1..=7 {
        let who = format!("friend{number}");
        let added = run_to_end(installation.program(&["user", "add", &who]), b"secret\n");
        assert_eq!(added.code, Some(0), "{added:?}");
        assert_eq!(installation.run(&["restore", words(&file)]).code, Some(0));
        // A refused restore keeps nothing.
        run_to_end(installation.program(&["restore", "-"]), b"no backup").expect_failure(1);
    }
    let mut kept: Vec<String> = fs::read_dir(installation.data())
        .expect("the data folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("before-restore"))
        .collect();
    kept.sort();
    let names = (2..=5).map(|number| format!("before-restore.{number}.backup"));
    let names: Vec<String> = names.chain(["before-restore.backup".to_owned()]).collect();
    assert_eq!(kept, names);
    let oldest = installation.data().join("before-restore.5.backup");
    assert_eq!(installation.run(&["restore", words(&oldest)]).code, Some(0));
    assert!(installation.run(&["user", "list"]).stdout.contains("friend3@example.com"));
}

#[test]
fn files_of_a_killed_command_are_removed_when_the_server_starts() {
    let installation = of(&["alice"]);
    let left = installation.data().join(".msnpd-abcdef");
    fs::write(&left, "half a backup").expect("a leftover");
    let server = installation.start();
    assert!(!left.exists());
    server.stop();
}
