use super::*;
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{GroupId, GroupIds};

/// Returns the accounts of a file.
pub(super) fn read(text: &str) -> Result<Vec<AccountExport>, CommandError> {
    super::read(text).map(|exported| exported.accounts)
}

/// Returns these accounts as text.
fn write(accounts: &[AccountExport], with_passwords: bool) -> String {
    let has_disabled = accounts.iter().any(|account| account.disabled.is_some());
    let (count, each) = (accounts.len(), accounts.iter().cloned());
    let mut text = Vec::new();
    super::write(&mut text, Accounts { count, has_disabled, each }, &[], with_passwords).unwrap();
    String::from_utf8(text).unwrap()
}

/// Returns a file with one account that has this field.
fn file(field: &str) -> String {
    format!(
        r#"(version: 1, passwords: included, accounts: [
            (handle: "a@b.cd", name: "a", {field}),
        ])"#
    )
}

fn list(of: &str, count: usize) -> String {
    format!("{of}: [{}]", r#""c@b.cd","#.repeat(count))
}

/// Returns a file without its comments.
fn without_comments(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("//")).collect()
}

#[test]
fn a_list_is_read_up_to_its_maximum_length() {
    let max = usize::from(MAX_LIST_ENTRIES);
    for (place, of) in ["forward", "allow", "block"].into_iter().enumerate() {
        let read = read(&file(&list(of, max))).unwrap();
        assert_eq!(read[0].lists[place].len(), max);
        // The rest is not read: it would be an error.
        let long = file(&list(of, max + 1).replace(']', " 7"));
        let why = super::read(&long).unwrap_err().to_string();
        assert!(why.contains("a list of at most 600 entries"), "{why}");
    }
}

#[test]
fn an_error_has_its_place() {
    let group = r#"groups: {0: "x", "#;
    for (field, place, words) in [
        (r#"forward: ["a b"]"#, "line 2, column 54", "\"a b\" is not a valid sign-in name: "),
        (
            r#"allow: ["c@b.cd", ("d@b.cd", "")]"#,
            "line 2, column 74",
            "\"\" is not a friendly name: ",
        ),
        (r#"block: [("c@b.cd")]"#, "line 2, column 60", "a pair of a handle and a name"),
        (r#"block: [7]"#, "line 2, column 51", "a handle, or a pair of a handle and a name"),
        (
            r#"password: """#,
            "line 2, column 54",
            "this is not a password: a password has 1 to 16 characters",
        ),
        (r#"nickname: "x""#, "line 2, column 43", "nickname"),
        (r#"others: nobody"#, "line 2, column 51", "nobody"),
        (
            r#"phones: (home: "")"#,
            "line 2, column 59",
            "\"\" is not a telephone number: it must have 1 to 95 bytes",
        ),
        (r#"phones: (fax: "1")"#, "line 2, column 52", "fax"),
        (r#"profile: (first: "a")"#, "line 2, column 63", "last"),
        (
            r#"profile: (first: "*", last: "b")"#,
            "line 2, column 61",
            "\"*\" is not a name or a place of the member",
        ),
        (r#"profile: (first: "a", last: "")"#, "line 2, column 72", "it must have 1 to 96 bytes"),
        (
            r#"profile: (first: "a", last: "b", country: "USA")"#,
            "line 2, column 86",
            "a country has two letters",
        ),
        (
            &format!(r#"{group}1: ""}}"#),
            "line 2, column 65",
            "\"\" is not the name of a group: it must have 1 to 61",
        ),
        (&format!(r#"{group}30: "y"}}"#), "line 2, column 60", "a group has a number from 0 to 29"),
        (&format!(r#"{group}1: "x"}}"#), "line 2, column 66", "two groups have the name \"x\""),
        (&format!(r#"{group}0: "y"}}"#), "line 2, column 66", "group 0 is set twice"),
        (
            r#"forward: [(handle: "a b", groups: [0])]"#,
            "line 2, column 63",
            "\"a b\" is not a valid sign-in name: ",
        ),
        (
            r#"forward: [(handle: "c@b.cd", name: "", groups: [0])]"#,
            "line 2, column 79",
            "a friendly name: ",
        ),
        (
            r#"forward: [(handle: "c@b.cd", groups: [30])]"#,
            "line 2, column 81",
            "a number from 0 to 29",
        ),
        (r#"forward: [(handle: "c@b.cd")]"#, "line 2, column 70", "groups"),
        (r#"forward: [7]"#, "line 2, column 53", "a name, or (handle: …, groups: […])"),
        (
            r#"allow: [(handle: "c@b.cd", groups: [0])]"#,
            "line 2, column 81",
            "c@b.cd has groups, which only the forward list may have",
        ),
    ] {
        let why = read(&file(field)).unwrap_err().to_string();
        let start = format!("the file is not an export: {place}: ");
        assert!(why.starts_with(&start) && why.contains(words), "{field}: {why}");
    }
}

#[test]
fn an_account_that_is_there_twice_is_refused_by_name() {
    let account = |handle: &str| format!("(handle: \"{handle}\", name: \"a\"),");
    let of = |accounts: String| {
        read(&format!("(version: 1, passwords: left_out, accounts: [{accounts}])"))
    };
    assert_eq!(of(account("a@b.cd") + &account("c@b.cd")).unwrap().len(), 2);
    let why = of(account("a@b.cd") + &account("c@b.cd") + &account("A@b.cd")).unwrap_err();
    assert_eq!(why.to_string(), "the file is not an export: a@b.cd is in it twice");
}

#[test]
fn a_password_is_read_and_written_but_not_shown() {
    let text = file(r#"password: "secret""#);
    let accounts = read(&text).unwrap();
    assert_eq!(accounts[0].password, Password::new("secret"));
    assert!(write(&accounts, true).contains(r#"password: Some("secret")"#));
    let shown = format!("{:?}", Account::of(accounts[0].clone()));
    assert!(shown.contains("a@b.cd") && !shown.contains("secret"), "{shown}");
}

/// A file with one account that has every field.
pub(super) const RICH: &str = r#"(version: 3, passwords: left_out, accounts: [(
    handle: "a@b.cd", name: "a",
    phones: (home: "555 123", mobile: Some("+49")),
    profile: (last: "M.", first: "Zoë", country: "us", city: Some("New York")),
    groups: {3: "Co workers", 0: "Other Contacts", 1: "Friends"},
    forward: [
        "c@b.cd", ("d@b.cd", "D"), (handle: "e@b.cd", groups: [3, 0]),
        (handle: "f@b.cd", name: "F", groups: [1]), (handle: "g@b.cd", groups: []),
        (groups: [0], handle: "h@b.cd", name: Some("H")),
    ],
    block: ["c@b.cd"],
)])"#;

#[test]
fn groups_and_telephone_numbers_are_read_and_written() {
    let accounts = read(RICH).unwrap();
    let account = &accounts[0];
    let groups: Vec<String> =
        account.groups.iter().map(|(group, name)| format!("{group} {name}")).collect();
    assert_eq!(groups, ["0 Other Contacts", "1 Friends", "3 Co workers"]);
    let numbers = PhoneKind::ALL.map(|it| account.numbers.get(it).map(PhoneNumber::as_str));
    assert_eq!(numbers, [Some("555 123"), None, Some("+49")]);
    let profile = account.profile.as_ref().unwrap();
    assert_eq!((profile.first.as_str(), profile.last.as_str()), ("Zoë", "M."));
    assert_eq!(profile.country, Some(msnp::Country::UNITED_STATES));
    let ids = |word: &str| GroupIds::parse(word.as_bytes()).unwrap();
    let entries: Vec<_> =
        account.lists[0].iter().map(|it| (it.handle(), it.name(), it.groups())).collect();
    let expected = [
        ("c@b.cd", None, ids("0")),
        ("d@b.cd", Some("D"), ids("0")),
        ("e@b.cd", None, ids("0,3")),
        ("f@b.cd", Some("F"), ids("1")),
        ("g@b.cd", None, GroupIds::NONE),
        ("h@b.cd", Some("H"), ids("0")),
    ];
    assert_eq!(entries, expected);
    assert_eq!(account.lists[2][0].groups(), GroupIds::NONE);
    let written = write(&accounts, false);
    assert_eq!(read(&written).unwrap(), accounts);
}

#[test]
fn groups_and_telephone_numbers_are_readable_in_the_file() {
    let written = write(&read(RICH).unwrap(), false);
    let expected = r#"
            phones: (
                home: Some("555 123"),
                mobile: Some("+49"),
            ),
            profile: Some((
                first: "Zoë",
                last: "M.",
                city: Some("New York"),
                country: Some("US"),
            )),
            groups: {
                0: "Other Contacts",
                1: "Friends",
                3: "Co workers",
            },
            forward: [
                "c@b.cd",
                ("d@b.cd", "D"),
                (handle: "e@b.cd", groups: [0, 3]),
                (handle: "f@b.cd", name: Some("F"), groups: [1]),
                (handle: "g@b.cd", groups: []),
                ("h@b.cd", "H"),
            ],
"#;
    assert!(written.contains(expected), "{written}");
}

#[test]
fn a_contact_in_a_group_that_does_not_exist_is_refused_by_name() {
    for (groups, group) in [("[3, 2]", 2), ("[0, 29]", 29)] {
        let why = read(&RICH.replacen("[3, 0]", groups, 1)).unwrap_err().to_string();
        let words = format!("a@b.cd: e@b.cd is in group {group}, which does not exist");
        assert_eq!(why, format!("the file is not an export: {words}"));
    }
    // Group 0 exists without being listed.
    let zero = file(r#"forward: [(handle: "c@b.cd", groups: [0])]"#);
    assert_eq!(read(&zero).unwrap()[0].lists[0][0].groups(), GroupId::ZERO.into());
}

#[test]
fn fields_without_a_value_are_not_written() {
    let accounts = read(&file(r#"forward: ["c@b.cd"]"#)).unwrap();
    assert_eq!(accounts[0].lists[0][0].groups(), GroupId::ZERO.into());
    let written = without_comments(&write(&accounts, true));
    for field in ["groups", "phones", "profile"] {
        assert!(!written.contains(field), "{written}");
    }
}

#[test]
fn an_older_export_without_groups_is_read() {
    let text = include_str!("../../../store/tests/earlier/before-groups/accounts.ron");
    let accounts = read(text).unwrap();
    assert_eq!(accounts.len(), 5);
    let alice = &accounts[0];
    assert_eq!(alice.principal.name.as_str(), "Zoë 日本語");
    assert_eq!((alice.groups.len(), alice.numbers.is_empty()), (0, true));
    let members = alice.lists[0].iter().map(Contact::groups);
    assert!(members.eq([GroupIds::from(GroupId::ZERO); 3]));
    let again = without_comments(&write(&accounts, true));
    assert_eq!(again.replacen("version: 3", "version: 1", 1), without_comments(text));
}

#[test]
fn accounts_read_one_at_a_time_are_the_same() {
    let each = |text: &str| {
        let mut accounts = Vec::new();
        let denied = read_each(text.as_bytes(), &mut |account| {
            accounts.push(account);
            Ok(())
        });
        denied.unwrap().map(|denied| (accounts, denied))
    };
    let whole = super::read(RICH).unwrap();
    assert_eq!(each(RICH), Some((whole.accounts.clone(), whole.denied)));
    assert_eq!(each(&write(&whole.accounts, true)).unwrap().0, whole.accounts);
    let one = r#"(handle: "a@b.cd", name: "a")"#;
    for text in [
        format!("(version: 5, passwords: included, accounts: [{one}])"),
        format!("(version: 4, passwords: included, accounts: [{one}, {one}])"),
        "(version: 4, passwords: included, accounts: [(handle: \"a\", name: \"a\")])".to_owned(),
        format!("(version: 4, accounts: [{one}])"),
        file("nickname: 1"),
    ] {
        assert_eq!(each(&text), None, "{text}");
        assert!(read(&text).is_err(), "{text}");
    }
    let refused = read_each(RICH.as_bytes(), &mut |_| Err(CommandError::Other("no".to_owned())));
    assert_eq!(refused.unwrap_err().to_string(), "no");
}
