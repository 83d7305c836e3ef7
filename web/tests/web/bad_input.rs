//! Invalid input from users and programs.

use crate::support::{ALICE, CLIENT_ADDRESS, Response, TestServer, node_settings, settings};
use actors::port::store::Principal;
use msnp::{FriendlyName, Handle};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::http::limits::{MAX_CONNECTIONS, MAX_PER_ADDRESS, MAX_PER_NETWORK, REQUEST_TIMEOUT};
use web::{MAX_FORM, Settings};

/// Sends the sign-up form, with another value in one field.
async fn sign_up_with(server: &TestServer, field: &str, value: &str) -> Response {
    let fields = [("handle", "bob"), ("name", "Bob"), ("password", "secret"), ("again", "secret")];
    let form = fields.map(|(name, usual)| {
        let value = match name {
            name if name == field => value,
            // Sets both password fields, so that they are the same.
            "again" if field == "password" => value,
            _ => usual,
        };
        format!("{name}={value}")
    });
    server.post("/sign-up", &form.join("&")).await
}

#[actix_rt::test]
async fn every_field_empty() {
    let server = TestServer::new().await;
    for (field, words) in [
        ("handle", "Type a name."),
        ("password", "Type the password in both fields."),
        ("again", "The two passwords are not the same."),
    ] {
        let response = sign_up_with(&server, field, "").await;
        assert_eq!(response.status(), 400, "{field}");
        assert!(response.text().contains(words), "{field}: {}", response.text());
    }
    assert_eq!(server.post("/sign-up", "").await.status(), 400);
    for path in ["/password", "/name", "/numbers", "/profile"] {
        assert_eq!(server.post(path, "").await.status(), 400, "{path}");
    }
    // An empty form removes no one from the directory.
    for fields in ["", "&first=&last=&city=&state=&country=", "&first=+&last=%A0&out=+"] {
        let form = format!("handle=alice&password=secret{fields}");
        let response = server.post("/profile", &form).await;
        assert_eq!(response.status(), 400, "{form}");
        assert!(response.text().contains("Type both names, or check"), "{}", response.text());
    }
    assert_eq!(server.accounts(), 1);
    // Without a friendly name, the name is used.
    assert_eq!(sign_up_with(&server, "name", "").await.status(), 200);
}

#[actix_rt::test]
async fn every_field_too_long() {
    let server = TestServer::new().await;
    for (field, value) in [
        ("handle", "b".repeat(130)),
        ("name", "n".repeat(388)),
        ("password", "p".repeat(17)),
        ("password", "p".repeat(4000)),
    ] {
        let response = sign_up_with(&server, field, &value).await;
        assert_eq!(response.status(), 400, "{field}");
    }
    let long = "1".repeat(96);
    let form = format!("handle=alice&password=secret&home={long}");
    assert_eq!(server.post("/numbers", &form).await.status(), 400);
    for (field, title) in
        [("first", "First name"), ("last", "Last name"), ("city", "City"), ("state", "State")]
    {
        let value = "%D6".repeat(17);
        let form = format!("handle=alice&password=secret&first=a&last=b&{field}={value}");
        // If two fields have the same name, the first one counts.
        let form = form.replacen(&format!("{field}="), &format!("{field}={value}&x="), 1);
        let response = server.post("/profile", &form).await;
        assert_eq!(response.status(), 400, "{field}");
        assert!(response.text().contains(&format!("{title}: that cannot be used.")), "{field}");
    }
    let form = "handle=alice&password=secret&first=a&last=b&country=USA";
    let response = server.post("/profile", form).await;
    assert_eq!(response.status(), 400);
    assert!(response.text().contains("A country has two letters"), "{}", response.text());
    let form = format!("handle=alice&password=secret&name={}", "n".repeat(388));
    assert_eq!(server.post("/name", &form).await.status(), 400);
    let form = format!("handle=alice&password={}&new=a&again=a", "p".repeat(17));
    assert_eq!(server.post("/password", &form).await.status(), 403);
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn control_characters_in_every_field() {
    let server = TestServer::new().await;
    for control in ["%00", "%0D%0A", "%07", "%1B", "%7F", "%81"] {
        for field in ["handle", "name", "password"] {
            let response = sign_up_with(&server, field, &format!("a{control}b")).await;
            // Characters that Windows-1252 lacks become control characters of Unicode, which a name
            // must not contain either.
            assert_eq!(response.status(), 400, "{field} {control}");
            response.text();
        }
        for field in ["first", "last", "city", "state", "country"] {
            let form = format!("{field}=a{control}b&first=a&last=b&handle=alice&password=secret");
            let response = server.post("/profile", &form).await;
            assert_eq!(response.status(), 400, "{field} {control}");
            response.text();
        }
    }
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn invisible_names() {
    let server = TestServer::new().await;
    // Browsers send a character that the code page of the form lacks as a reference.
    let character = |number: u32| format!("%26%23{number}%3B");
    let mut names: Vec<String> = [0x200B, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069]
        .map(|number| format!("a{}b", character(number)))
        .into();
    names.push(format!("b{}", character(0x200D)));
    names.push(character(0x2800));
    for name in names {
        assert_eq!(sign_up_with(&server, "name", &name).await.status(), 400, "{name}");
        let response =
            server.post("/name", &format!("handle=alice&password=secret&name={name}")).await;
        assert_eq!(response.status(), 400, "{name}");
        assert!(response.text().contains("That friendly name cannot be used"), "{name}");
    }
    // A name of spaces only counts as missing.
    for name in ["%A0", "+%A0+"] {
        let response =
            server.post("/name", &format!("handle=alice&password=secret&name={name}")).await;
        assert_eq!(response.status(), 400, "{name}");
    }
    assert_eq!(server.accounts(), 1);
    // A Persian name, with a joiner between two letters.
    let joined = format!("{}{}{}", character(0x6CC), character(0x200C), character(0x62E));
    let response =
        server.post("/name", &format!("handle=alice&password=secret&name={joined}")).await;
    assert_eq!(response.status(), 200);
}

#[actix_rt::test]
async fn markup_is_escaped_wherever_it_is_shown() {
    let server = TestServer::new().await;
    let markup = "%22%3E%3Cscript%3Ealert('x')%3C%2Fscript%3E";
    for (path, form) in [
        ("/sign-up", format!("handle={markup}&name={markup}&domain={markup}")),
        ("/password", format!("handle={markup}&password=a&new=b&again=c")),
        ("/name", format!("handle={markup}&name={markup}&password=a")),
        ("/numbers", format!("handle={markup}&home={markup}&password=a")),
        (
            "/profile",
            format!(
                "handle={markup}&first={markup}&last={markup}&city={markup}&state={markup}&country=\
                 {markup}&password=a"
            ),
        ),
    ] {
        let response = server.post(path, &form).await;
        assert!(!response.text().to_ascii_lowercase().contains("<script"), "{path}");
        assert!(response.text().contains("&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)"), "{path}");
    }
    // A name may contain markup, which is shown as text.
    let form = "handle=alice&password=secret&name=%3CB%3E%26amp%3B";
    let response = server.post("/name", form).await;
    assert!(response.text().contains("You are now called &#60;B&#62;&#38;amp;."));
}

#[actix_rt::test]
async fn handles_outside_the_configured_domains() {
    let server = TestServer::new().await;
    for handle in ["bob%40example.com", "bob%40hotmail.com.evil.example", "bob%40sub.hotmail.com"] {
        let response = sign_up_with(&server, "handle", handle).await;
        assert_eq!(response.status(), 400, "{handle}");
        assert!(response.text().contains("Accounts can only be created in hotmail.com, home.lan."));
    }
    let form = "handle=bob&domain=example.com&password=a&again=a";
    assert_eq!(server.post("/sign-up", form).await.status(), 400);
    for handle in ["bob%40", "%40hotmail.com", "b%40b%40hotmail.com", "b+ob", "b%F6b"] {
        assert_eq!(sign_up_with(&server, "handle", handle).await.status(), 400, "{handle}");
    }
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn a_name_with_a_space_before_the_domain() {
    let server = TestServer::new().await;
    for form in ["handle=carl+smith", "handle=carl+smith&domain=hotmail.com"] {
        let response = server.post("/sign-up", &format!("{form}&password=a&again=a")).await;
        assert_eq!(response.status(), 400);
        assert!(response.text().contains("no spaces. Try another one."), "{}", response.text());
        assert!(!response.text().contains("domain.tld"));
    }
}

#[actix_rt::test]
async fn names_of_the_self_test() {
    let server = TestServer::new().await;
    for handle in ["msnpd-selftest-abcdefghij", "MSNPD-Selftest-x%40hotmail.com"] {
        let response = sign_up_with(&server, "handle", handle).await;
        assert_eq!((response.status(), server.accounts()), (409, 1), "{handle}");
        assert!(response.text().contains("are reserved for the server itself"));
    }
}

#[actix_rt::test]
async fn a_name_in_use() {
    let server = TestServer::new().await;
    for handle in ["alice", "ALICE%40Hotmail.com"] {
        let response = sign_up_with(&server, "handle", handle).await;
        assert_eq!(response.status(), 409);
        assert!(response.text().contains("An account with that name exists already."));
    }
    server.sign_in(ALICE).await;
}

#[actix_rt::test]
async fn the_name_of_the_greeter_before_it_has_an_account() {
    let server = TestServer::new().await;
    let principal = Principal {
        handle: Handle::new("greeter@hotmail.com").unwrap(),
        name: FriendlyName::new("Greeter").unwrap(),
    };
    let greeted = actors::Settings { greeter: Some(principal), ..node_settings() };
    server.node.change_settings(greeted);
    let response = sign_up_with(&server, "handle", "Greeter").await;
    assert_eq!(response.status(), 409);
    assert!(response.text().contains("reserved for the people who run the server"));
    assert_eq!(sign_up_with(&server, "handle", "bob").await.status(), 200);
    assert_eq!(server.accounts(), 3, "alice, bob and the greeter");
}

#[actix_rt::test]
async fn a_name_requested_twice_at_the_same_time() {
    let server = TestServer::new().await;
    let form = "handle=bob&password=secret&again=secret";
    let (one, other) = tokio::join!(server.post("/sign-up", form), server.post("/sign-up", form));
    let mut both = [one.status(), other.status()];
    both.sort_unstable();
    assert_eq!((both, server.accounts()), ([200, 409], 2));
}

#[actix_rt::test]
async fn passwords_that_clients_cannot_type() {
    let server = TestServer::new().await;
    for password in ["a+b", "p%E4ss", "12345678901234567", "%26%231046%3B"] {
        let response = sign_up_with(&server, "password", password).await;
        assert_eq!(response.status(), 400, "{password}");
        assert!(response.text().contains("A password has 1 to 16 characters"), "{password}");
        assert!(!response.text().contains(password), "{password} is repeated");
    }
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn fifty_sign_ups_a_minute_from_one_address() {
    let server = TestServer::with(Settings { max_forms_per_hour: 20, ..settings() }, None).await;
    let mut refused = 0;
    for number in 0..50 {
        let form = format!("handle=bob{number}&password=secret&again=secret");
        match server.post("/sign-up", &form).await.status() {
            200 => {}
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((refused, server.accounts()), (30, 21));
    let form = "handle=carol&password=secret&again=secret";
    assert_eq!(server.post_from("192.168.2.10", "/sign-up", "", form).await.status(), 200);
}

#[actix_rt::test]
async fn bodies_over_8_kb() {
    let server = TestServer::new().await;
    let form = format!("handle=bob&password=secret&again=secret&x={}", "x".repeat(MAX_FORM));
    let response = server.post("/sign-up", &form).await;
    assert_eq!(response.status(), 413);
    assert!(response.text().contains("8192 bytes"));
    let endless = b"POST /sign-up HTTP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n";
    assert_eq!(server.send_raw(CLIENT_ADDRESS, endless).await.status(), 413);
    let chunked =
        b"POST /sign-up HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    assert_eq!(server.send_raw(CLIENT_ADDRESS, chunked).await.status(), 411);
    let long = format!("GET /{} HTTP/1.0\r\n\r\n", "x".repeat(9000));
    assert_eq!(server.send_raw(CLIENT_ADDRESS, long.as_bytes()).await.status(), 431);
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn slow_senders_of_a_head_and_of_a_body() {
    let server = TestServer::new().await;
    tokio::time::pause();
    for sent in ["", "GET / HTTP/1.0\r\n", "POST /name HTTP/1.0\r\nContent-Length: 99\r\n\r\nhan"] {
        let mut stream = server.connect_from(CLIENT_ADDRESS);
        let begun = tokio::time::Instant::now();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let response = Response::read(&mut stream).await;
        assert_eq!(response.status(), 408, "{sent:?}");
        response.check();
        assert!(
            begun.elapsed() < REQUEST_TIMEOUT + Duration::from_secs(1),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[actix_rt::test]
async fn a_sender_of_one_byte_a_second() {
    let server = TestServer::new().await;
    tokio::time::pause();
    let (mut from, mut to) = tokio::io::split(server.connect_from(CLIENT_ADDRESS));
    actix_rt::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if to.write_all(b"G").await.is_err() {
                return;
            }
        }
    });
    let mut text = String::new();
    from.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.0 408 "), "{text}");
}

#[actix_rt::test]
async fn unknown_methods_and_paths() {
    let server = TestServer::new().await;
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND", "get", "X"]
    {
        for path in ["/", "/status", "/none"] {
            let request = format!("{method} {path} HTTP/1.0\r\n\r\n");
            let response = server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await;
            assert_eq!(response.status(), 405, "{request}");
            assert_eq!(response.header("allow"), Some("GET, HEAD, POST"));
        }
    }
    for path in ["/admin", "/index.html", "/status/", "//", "/../status", "/cgi-bin/phf?a", "/%00"]
    {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
}

#[actix_rt::test]
async fn a_cross_site_post_to_the_sign_up_form() {
    let server = TestServer::new().await;
    let form = "handle=bob&password=secret&again=secret";
    let headers = "Host: 192.168.2.1:8080\r\nOrigin: http://evil.example\r\n";
    let response = server.post_from(CLIENT_ADDRESS, "/sign-up", headers, form).await;
    assert_eq!((response.status(), server.accounts()), (403, 1));
}

#[actix_rt::test]
async fn a_public_source_address() {
    let server = TestServer::new().await;
    let words = "This server is only for computers of its own network";
    for peer in ["203.0.113.5", "2001:db8::1", "::ffff:203.0.113.5"] {
        for path in ["/", "/sign-up", "/status", "/metrics", "/none"] {
            let request = format!("GET {path} HTTP/1.0\r\n\r\n");
            let response = server.send_raw(peer, request.as_bytes()).await;
            assert_eq!(response.status(), 403, "{peer} {path}");
            assert!(response.text().contains(words));
        }
        let form = "handle=bob&password=secret&again=secret";
        assert_eq!(server.post_from(peer, "/sign-up", "", form).await.status(), 403);
    }
    // The server responds without waiting for the request.
    let mut waits_for_peer_close = server.connect_from("203.0.113.5");
    assert!(Response::read(&mut waits_for_peer_close).await.text().contains(words));
    // An allowed public address may see the pages, but may create an account only with a code.
    let mut open = (*server.node.settings()).clone();
    open.allow = vec!["203.0.113.0/24".parse().unwrap()];
    server.node.change_settings(open);
    let form = "handle=bob&password=secret&again=secret";
    let response = server.post_from("203.0.113.5", "/sign-up", "", form).await;
    assert_eq!(response.status(), 403);
    assert!(
        response.text().contains("Accounts can only be created from computers of this network.")
    );
    assert_eq!(server.accounts(), 1);
}

#[actix_rt::test]
async fn too_many_connections_from_one_address_and_in_all() {
    let server = TestServer::new().await;
    let mut held: Vec<_> =
        (0..MAX_PER_ADDRESS).map(|_| server.connect_from(CLIENT_ADDRESS)).collect();
    let mut one_more = server.connect_from(CLIENT_ADDRESS);
    let mut received = Vec::new();
    one_more.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"");
    for number in 0..MAX_CONNECTIONS - MAX_PER_ADDRESS {
        held.push(server.connect_from(&format!("192.168.3.{number}")));
    }
    server.connect_from("192.168.4.1").read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"");
    held.clear();
    tokio::task::yield_now().await;
    assert_eq!(server.get("/").await.status(), 200);
}

#[actix_rt::test]
async fn refused_public_addresses_use_no_connection_slots() {
    let server = TestServer::new().await;
    let _held: Vec<_> =
        (0..2 * MAX_CONNECTIONS).map(|_| server.connect_from("203.0.113.5")).collect();
    tokio::task::yield_now().await;
    assert_eq!(server.get("/").await.status(), 200);
}

#[actix_rt::test]
async fn one_machine_of_a_private_ipv6_network_cannot_use_all_connections() {
    let server = TestServer::new().await;
    let mut held: Vec<_> = (0..MAX_PER_ADDRESS).map(|_| server.connect_from("fe80::1")).collect();
    let mut received = Vec::new();
    server.connect_from("fe80::1").read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"");
    let get = b"GET / HTTP/1.0\r\n\r\n";
    assert_eq!(server.send_raw("fe80::2", get).await.status(), 200);
    // A second address gets more connections, but not all.
    for number in MAX_PER_ADDRESS..MAX_PER_NETWORK {
        held.push(server.connect_from(&format!("fe80::2:{number}")));
    }
    server.connect_from("fe80::3").read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"");
    assert_eq!(server.send_raw("fd00::1", get).await.status(), 200);
}

#[actix_rt::test]
async fn each_machine_of_a_private_ipv6_network_can_sign_up() {
    let server = TestServer::with(Settings { max_forms_per_hour: 1, ..settings() }, None).await;
    for (peer, name, status) in [
        ("fe80::1", "b1", 200),
        ("fe80::1", "b2", 429),
        ("fe80::2", "b3", 200),
        ("fd00::1", "b4", 200),
        ("fd00::2", "b5", 200),
    ] {
        let form = format!("handle={name}&password=secret&again=secret");
        let response = server.post_from(peer, "/sign-up", "", &form).await;
        assert_eq!(response.status(), status, "{peer} {name}");
    }
}
