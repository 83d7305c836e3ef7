//! The forms for accounts.

use crate::support::{ALICE, CLIENT_ADDRESS, TestServer, ask, settings};
use actors::message::{Export, Load};
use actors::port::ExportPart;
use actors::port::store::Detail;
use msnp::{Handle, MemberProfile, PhoneKind, ProfileText};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::{Settings, SignUp};

fn name_of(server: &TestServer, handle: &str) -> Option<String> {
    let account = server.node.directory.find(&Handle::new(handle).unwrap())?;
    Some(server.node.directory.principal(account).unwrap().name.to_string())
}

#[actix_rt::test]
async fn a_new_account_can_sign_in() {
    let server = TestServer::new().await;
    let form = "handle=bob&name=Bob+B.&password=secret&again=secret";
    let response = server.post("/sign-up", form).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().contains("Your account is bob@hotmail.com."), "{}", response.text());
    assert_eq!(name_of(&server, "bob@hotmail.com").as_deref(), Some("Bob B."));
    server.sign_in("bob@hotmail.com").await;
}

#[actix_rt::test]
async fn the_domain_is_chosen_or_typed() {
    let server = TestServer::new().await;
    for (form, handle) in [
        ("handle=bob&domain=home.lan", "bob@home.lan"),
        ("handle=+BOB%40Home.LAN+&domain=hotmail.com", "bob@home.lan"),
        ("handle=bob&domain=", "bob@hotmail.com"),
    ] {
        server.post("/sign-up", &format!("{form}&password=a&again=a")).await;
        assert_eq!(name_of(&server, handle).as_deref(), Some("bob"), "{form}");
    }
}

#[actix_rt::test]
async fn names_of_windows_1252_browsers_are_understood() {
    let server = TestServer::new().await;
    let form = "handle=bob&name=J%F6rg+%80+%26%231046%3B&password=secret&again=secret";
    assert_eq!(server.post("/sign-up", form).await.status(), 200);
    assert_eq!(name_of(&server, "bob@hotmail.com").as_deref(), Some("Jörg € Ж"));
}

#[actix_rt::test]
async fn with_a_sign_up_code_only_users_who_know_it_create_accounts() {
    let sign_up = SignUp::Code("tulip".into());
    let server = TestServer::with(Settings { sign_up, ..settings() }, None).await;
    let form = "handle=bob&password=secret&again=secret";
    for code in ["", "&code=", "&code=Tulip", "&code=tulips"] {
        assert_eq!(server.post("/sign-up", &format!("{form}{code}")).await.status(), 403);
    }
    assert_eq!(server.accounts(), 1);
    assert_eq!(server.post("/sign-up", &format!("{form}&code=tulip")).await.status(), 200);
    assert_eq!(server.accounts(), 2);
}

#[actix_rt::test]
async fn with_sign_up_closed_no_accounts_are_created() {
    let server = TestServer::with(Settings { sign_up: SignUp::Closed, ..settings() }, None).await;
    assert!(!server.get("/sign-up").await.text().contains("<FORM"));
    assert!(!server.get("/").await.text().contains("sign-up"));
    let form = "handle=bob&password=secret&again=secret";
    assert_eq!(server.post("/sign-up", form).await.status(), 403);
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn changed_settings_apply_at_once() {
    let server = TestServer::new().await;
    server.web.change_settings(Settings { sign_up: SignUp::Closed, ..settings() });
    assert!(!server.get("/sign-up").await.text().contains("<FORM"));
}

#[actix_rt::test]
async fn a_password_is_changed_with_the_old_one() {
    let server = TestServer::new().await;
    let change =
        |old: &str, new: &str| format!("handle=alice&password={old}&new={new}&again={new}");
    assert_eq!(server.post("/password", &change("wrong", "b")).await.status(), 403);
    assert_eq!(server.post("/password", &change("secret", "other")).await.status(), 200);
    assert_eq!(server.post("/password", &change("secret", "b")).await.status(), 403);
    assert_eq!(server.post("/password", &change("other", "secret")).await.status(), 200);
    server.sign_in(ALICE).await;
}

#[actix_rt::test]
async fn a_friendly_name_is_changed() {
    let server = TestServer::new().await;
    let form = "handle=alice%40hotmail.com&password=secret&name=Alice+in+W.";
    assert_eq!(server.post("/name", form).await.status(), 200);
    assert_eq!(name_of(&server, ALICE).as_deref(), Some("Alice in W."));
    assert_eq!(server.post("/name", "handle=alice&password=b&name=x").await.status(), 403);
    assert_eq!(server.post("/name", "handle=alice&password=secret&name=").await.status(), 400);
    assert_eq!(name_of(&server, ALICE).as_deref(), Some("Alice in W."));
}

#[actix_rt::test]
async fn telephone_numbers_are_set_and_removed() {
    let server = TestServer::new().await;
    let form = "handle=alice&password=secret&home=%2B49+30+1&mobile=2";
    assert_eq!(server.post("/numbers", form).await.status(), 200);
    let mut alice = server.sign_in(ALICE).await;
    ask(&mut alice, b"SYN 6 0\r\n").await;
    let mut lines = Vec::new();
    while !lines.iter().any(|line: &String| line.contains("PHM")) {
        lines.push(ask(&mut alice, b"").await);
    }
    let numbers: Vec<_> = lines.iter().filter(|line| line.contains("PRP")).collect();
    assert!(numbers[0].trim_end().ends_with(" PHH +49%2030%201"), "{numbers:?}");
    assert!(numbers.last().unwrap().trim_end().ends_with(" PHM 2"), "{numbers:?}");
    let both = (Some("+49 30 1".to_owned()), Some("2".to_owned()));
    // An empty field changes nothing. A checked box removes its number.
    for (form, status, numbers) in [
        ("home=&work=&mobile=", 400, both.clone()),
        ("mobile=3&no-mobile=1", 400, both.clone()),
        ("home=&work=&mobile=2", 200, both.clone()),
        ("home=&no-home=1", 200, (None, both.1)),
    ] {
        let form = format!("handle=alice&password=secret&{form}");
        assert_eq!(server.post("/numbers", &form).await.status(), status, "{form}");
        assert_eq!(numbers_of(&server).await, numbers, "{form}");
    }
}

/// Alice's profile, as the text of its lines.
async fn profile_of(server: &TestServer) -> Option<String> {
    let (sender, parts) = std::sync::mpsc::channel();
    let visit = Box::new(move |part| sender.send(part).is_ok());
    server.node.accounts.send(Export { passwords: false, visit }).await.unwrap().unwrap();
    let alice = parts.into_iter().find_map(|part| match part {
        ExportPart::Account(account) => {
            (account.principal.handle.as_str() == ALICE).then_some(account)
        }
        ExportPart::Summary { .. } => None,
    });
    let alice = alice.unwrap();
    let MemberProfile { first, last, city, state, country } = alice.profile?;
    let place = |text: Option<ProfileText>| text.map_or("-".to_owned(), |text| text.to_string());
    let country = country.map_or("-".to_owned(), |country| country.to_string());
    Some(format!("{first}, {last}, {}, {}, {country}", place(city), place(state)))
}

#[actix_rt::test]
async fn a_user_joins_and_leaves_the_member_directory() {
    let server = TestServer::new().await;
    let of = |fields: &str| format!("handle=alice&password=secret&{fields}");
    let all = of("first=J%F6rg&last=van+S.&city=New+York&state=ny&country=us");
    let response = server.post("/profile", &all).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().contains("You are in the member directory"), "{}", response.text());
    assert_eq!(profile_of(&server).await.as_deref(), Some("Jörg, van S., New York, NY, US"));
    // The form replaces the whole profile.
    assert_eq!(server.post("/profile", &of("first=Al&last=S.&city=")).await.status(), 200);
    let elsewhere = of("first=Al&last=S.&state=Bayern&country=de");
    assert_eq!(server.post("/profile", &elsewhere).await.status(), 200);
    assert_eq!(profile_of(&server).await.as_deref(), Some("Al, S., -, Bayern, DE"));
    assert_eq!(server.post("/profile", &of("first=Al&last=S.")).await.status(), 200);
    let short = Some("Al, S., -, -, -".to_owned());
    assert_eq!(profile_of(&server).await, short);
    for (form, status, words) in [
        (of("first=Al"), 400, "Type both names, or check"),
        (of("last=S."), 400, "Type both names, or check"),
        (of("city=Paris"), 400, "Type both names, or check"),
        (of("first=Al&last=S.&out=1"), 400, "Either fill in the fields, or check"),
        (of("first=Al&last=S.&state=New+York&country=US"), 400, "A state of the United States"),
        (of("first=Al&last=S.&state=N1&country=US"), 400, "A state of the United States"),
        (of("first=Al&last=S.&country=uk"), 400, "GB, not UK"),
        (of("first=Al&last=S.&country=USA"), 400, "A country has two letters"),
        (of("first=Al&last=S.&country=%D6%D6"), 400, "A country has two letters"),
        (of("first=*&last=S."), 400, "First name: that cannot be used."),
        ("handle=alice&password=b&first=A&last=B".to_owned(), 403, "The name or the password"),
        ("handle=carol&password=b&out=1".to_owned(), 403, "The name or the password"),
    ] {
        let response = server.post("/profile", &form).await;
        assert_eq!(response.status(), status, "{form}");
        assert!(response.text().contains(words), "{form}: {}", response.text());
        assert_eq!(profile_of(&server).await, short, "{form}");
    }
    for _ in 0..2 {
        let empty = of("first=&last=+&city=&state=&country=&out=1");
        let response = server.post("/profile", &empty).await;
        assert_eq!(response.status(), 200);
        assert!(response.text().contains("You are not in the member directory"));
        assert_eq!(profile_of(&server).await, None);
    }
}

/// The home and the mobile number.
async fn numbers_of(server: &TestServer) -> (Option<String>, Option<String>) {
    let account = server.node.directory.find(&Handle::new(ALICE).unwrap()).unwrap();
    let load =
        Load { account_ref: server.node.directory.account_ref(account), detail: Detail::Lists };
    let roster = server.node.accounts.send(load).await.unwrap().unwrap();
    let number = |phone| roster.numbers.get(phone).map(ToString::to_string);
    (number(PhoneKind::Home), number(PhoneKind::Mobile))
}

#[actix_rt::test]
async fn the_changes_of_an_address_in_an_hour_are_limited() {
    for (path, more) in [
        ("/password", "new=secret&again=secret"),
        ("/name", "name=x"),
        ("/numbers", "home=1"),
        ("/profile", "first=a&last=b"),
    ] {
        let server = TestServer::with(Settings { max_forms_per_hour: 3, ..settings() }, None).await;
        let form = format!("handle=alice&password=secret&{more}");
        for _ in 0..2 {
            assert_eq!(server.post(path, &form).await.status(), 200, "{path}");
        }
        let wrong = format!("handle=alice&password=wrong&{more}");
        assert_eq!(server.post(path, &wrong).await.status(), 403, "{path}");
        assert_eq!(server.post(path, &form).await.status(), 429, "{path}");
        let other = server.post_from("192.168.2.10", path, "", &form).await;
        assert_eq!(other.status(), 200, "{path}");
    }
}

#[actix_rt::test]
async fn a_form_is_completed_without_its_browser() {
    let server = TestServer::new().await;
    let form = "handle=bob&password=secret&again=secret";
    let held = server.changes_lock.lock().await;
    tokio::time::pause();
    let mut stream = server.connect_from(CLIENT_ADDRESS);
    let text = format!("POST /sign-up HTTP/1.0\r\nContent-Length: {}\r\n\r\n{form}", form.len());
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // The first request ends after a minute.
    stream.read_to_end(&mut received).await.unwrap();
    tokio::time::resume();
    assert_eq!((received.len(), server.accounts()), (0, 1));
    drop(held);
    // Later requests wait for it.
    assert_eq!(server.post("/sign-up", form).await.status(), 409);
}

#[actix_rt::test]
async fn wrong_passwords_on_pages_count_as_failed_sign_ins() {
    let server = TestServer::new().await;
    tokio::time::pause();
    let form = "handle=alice&password=wrong&name=x";
    for _ in 0..9 {
        assert_eq!(server.post("/name", form).await.status(), 403);
    }
    assert_eq!(server.post("/name", form).await.status(), 429);
    let right = "handle=alice&password=secret&name=x";
    assert_eq!(server.post("/name", right).await.status(), 429);
    let elsewhere = server.post_from("192.168.2.10", "/name", "", right).await;
    assert_eq!(elsewhere.status(), 200);
}

#[actix_rt::test]
async fn a_missing_account_gets_the_response_of_a_wrong_password() {
    let server = TestServer::new().await;
    let rename = |form: &'static str| server.post("/name", form);
    let wrong = rename("handle=alice&password=wrong&name=x").await;
    let missing = rename("handle=nobod&password=wrong&name=x").await;
    assert_eq!(wrong.text().replace("alice", "nobod"), missing.text());
}

#[actix_rt::test]
async fn online_users_are_shown_if_the_operator_allows_it() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    assert!(!server.get("/online").await.text().contains("alice"));
    ask(&mut alice, b"CHG 7 BSY\r\n").await;
    let page = server.get("/online").await;
    let shown = "Alice &#38; &#60;B&#62;J&#246;rg&#60;/B&#62; &#1046;";
    assert!(page.text().contains(shown), "{}", page.text());
    assert!(page.text().contains("<TD>busy</TD>"));
    ask(&mut alice, b"CHG 8 HDN\r\n").await;
    assert!(!server.get("/online").await.text().contains("alice"), "who hides is not shown");
    server.web.change_settings(Settings { who_is_online: false, ..settings() });
    assert_eq!(server.get("/online").await.status(), 404);
}

#[actix_rt::test]
async fn users_visible_only_to_their_allow_list_are_not_shown() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    ask(&mut alice, b"CHG 7 NLN\r\n").await;
    assert!(server.get("/online").await.text().contains("alice"));
    let mut received = ask(&mut alice, b"BLP 8 BL\r\n").await;
    while !received.starts_with("BLP") {
        received = ask(&mut alice, b"").await;
    }
    assert!(!server.get("/online").await.text().contains("alice"));
}
