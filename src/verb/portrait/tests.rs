use super::*;

/// A file with one account, which has this list or password.
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

#[test]
fn a_list_is_read_no_further_than_it_may_be_long() {
    let most = usize::from(MAX_LIST_ENTRIES);
    for (place, of) in ["forward", "allow", "block"].into_iter().enumerate() {
        let read = read(&file(&list(of, most))).unwrap();
        assert_eq!(read[0].lists[place].len(), most);
        // Nobody looks at what is behind: it would be wrong.
        let long = file(&list(of, most + 1).replace(']', " 7"));
        let why = super::read(&long).unwrap_err().to_string();
        assert!(why.contains("a list of at most 600 entries"), "{why}");
    }
}

#[test]
fn a_password_is_read_and_written_and_not_shown() {
    let text = file(r#"password: "secret""#);
    let portraits = read(&text).unwrap();
    assert_eq!(portraits[0].password, Password::new("secret"));
    assert!(write(&portraits, true).unwrap().contains(r#"password: Some("secret")"#));
    let shown = format!("{:?}", Account::of(&portraits[0]));
    assert!(shown.contains("a@b.cd") && !shown.contains("secret"), "{shown}");
}

/// A file with one account, with everything that there can be.
const RICH: &str = r#"(version: 2, passwords: left_out, accounts: [(
    handle: "a@b.cd", name: "a",
    phones: (home: "555 123", mobile: Some("+49")),
    groups: {3: "Co workers", 0: "Other Contacts", 1: "Friends"},
    forward: [
        "c@b.cd", ("d@b.cd", "D"), (handle: "e@b.cd", groups: [3, 0]),
        (handle: "f@b.cd", name: "F", groups: [1]), (handle: "g@b.cd", groups: []),
        (groups: [0], handle: "h@b.cd", name: Some("H")),
    ],
    block: ["c@b.cd"],
)])"#;

#[test]
fn groups_and_telephone_numbers_come_and_go() {
    let portraits = read(RICH).unwrap();
    let portrait = &portraits[0];
    let groups: Vec<String> =
        portrait.groups.iter().map(|(group, name)| format!("{group} {name}")).collect();
    assert_eq!(groups, ["0 Other Contacts", "1 Friends", "3 Co workers"]);
    let numbers = Phone::ALL.map(|it| portrait.numbers.get(it).map(PhoneNumber::as_str));
    assert_eq!(numbers, [Some("555 123"), None, Some("+49")]);
    let ids = |word: &str| GroupIds::parse(word.as_bytes()).unwrap();
    let entries: Vec<_> =
        portrait.lists[0].iter().map(|it| (it.handle(), it.name(), it.groups())).collect();
    let expected = [
        ("c@b.cd", None, ids("0")),
        ("d@b.cd", Some("D"), ids("0")),
        ("e@b.cd", None, ids("0,3")),
        ("f@b.cd", Some("F"), ids("1")),
        ("g@b.cd", None, GroupIds::NONE),
        ("h@b.cd", Some("H"), ids("0")),
    ];
    assert_eq!(entries, expected);
    assert_eq!(portrait.lists[2][0].groups(), GroupIds::NONE);
    let written = write(&portraits, false).unwrap();
    assert_eq!(read(&written).unwrap(), portraits);
}

#[test]
fn groups_and_telephone_numbers_can_be_read_by_people() {
    let written = write(&read(RICH).unwrap(), false).unwrap();
    let expected = r#"
            phones: (
                home: Some("555 123"),
                mobile: Some("+49"),
            ),
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
fn groups_and_telephone_numbers_that_cannot_be_are_refused() {
    let friends = r#"1: "Friends""#;
    for (from, to, words) in [
        (friends, r#"1: "Co workers""#, r#"a@b.cd: two groups are called "Co workers""#),
        (friends, r#"1: """#, r#"a@b.cd: "" is not the name of a group"#),
        (friends, r#"30: "Friends""#, "a group has a number from 0 to 29"),
        ("[3, 0]", "[3, 2]", "a@b.cd: e@b.cd is in group 2, which is not there"),
        (r#""555 123""#, r#""""#, r#"a@b.cd: "" is not a telephone number"#),
        (
            r#"block: ["c@b.cd"]"#,
            r#"block: [(handle: "c@b.cd", groups: [0])]"#,
            "a@b.cd: c@b.cd is in groups, which only the forward list has",
        ),
    ] {
        let text = RICH.replacen(from, to, 1);
        assert_ne!(text, RICH, "{from}");
        let why = read(&text).unwrap_err().to_string();
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn an_account_without_groups_and_numbers_says_nothing_of_them() {
    let portraits = read(&file(r#"forward: ["c@b.cd"]"#)).unwrap();
    assert_eq!(portraits[0].lists[0][0].groups(), GroupId::OTHER.into());
    let written = write(&portraits, true).unwrap();
    assert!(!written.contains("groups") && !written.contains("phones"), "{written}");
}

#[test]
fn an_export_of_before_groups_is_read() {
    let text = include_str!("../../../store/tests/earlier/before-groups/accounts.ron");
    let portraits = read(text).unwrap();
    assert_eq!(portraits.len(), 5);
    let alice = &portraits[0];
    assert_eq!(alice.principal.name.as_str(), "Zoë 日本語");
    assert_eq!((alice.groups.len(), alice.numbers.is_empty()), (0, true));
    let members = alice.lists[0].iter().map(Contact::groups);
    assert!(members.eq([GroupIds::from(GroupId::OTHER); 3]));
    let again = write(&portraits, true).unwrap();
    assert_eq!(again.replacen("version: 2", "version: 1", 1), text);
}
