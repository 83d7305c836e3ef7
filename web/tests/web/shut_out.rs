//! The administrator's page disables accounts and denies networks.

use crate::support::{ALICE, CLIENT_ADDRESS, RIGHT_PASSWORD, Response, TestServer};
use actors::port::store::Password;
use actors::port::{DisableReason, Disabled};
use actors::rules::parse_network;
use actors::{operator, stats};
use msnp::Handle;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PEER_OF_ALICE: &str = "192.168.2.77";

async fn token(server: &TestServer) -> String {
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let (_, behind) = page.text().split_once("NAME=\"token\" VALUE=\"").unwrap();
    behind.split_once('"').unwrap().0.to_owned()
}

/// Sends a form as the administrator, from this address.
async fn act_from(server: &TestServer, peer: &str, path: &str, fields: &str) -> Response {
    let form = format!("token={}&{fields}", token(server).await);
    server.post_from(peer, path, RIGHT_PASSWORD, &form).await
}

async fn act(server: &TestServer, path: &str, fields: &str) -> Response {
    act_from(server, CLIENT_ADDRESS, path, fields).await
}

#[actix_rt::test]
async fn an_account_is_disabled_and_enabled() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    let response = act(&server, "/disable", "handle=alice&reason=+until+%3CMonday%3E+").await;
    assert_eq!(response.status(), 200);
    assert!(response.text().contains("Connections closed: 1."), "{}", response.text());
    let mut received = String::new();
    alice.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "OUT\r\n");
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let row = "<TR><TD>alice@hotmail.com</TD><TD>until &#60;Monday&#62;</TD><TD><FORM \
               METHOD=\"POST\" \
               ACTION=\"enable\">";
    assert!(page.text().contains(row), "{}", page.text());
    // The password cannot be changed either. The response is the same as for a wrong password.
    for path in ["/password", "/name"] {
        let form = |password| format!("handle=alice&password={password}&new=b&again=b&name=A");
        let right = server.post(path, &form("secret")).await;
        let wrong = server.post(path, &form("guessed")).await;
        assert_eq!((right.status(), right.text()), (403, wrong.text()), "{path}");
    }
    let response = act(&server, "/enable", "handle=alice").await;
    assert_eq!(response.status(), 200);
    assert_eq!(act(&server, "/enable", "handle=alice").await.status(), 404);
    server.sign_in(ALICE).await;
}

#[actix_rt::test]
async fn accounts_that_cannot_be_disabled_are_reported() {
    let server = TestServer::new().await;
    let long = "x".repeat(201);
    for (fields, status) in [
        ("handle=", 404),
        ("handle=nobody", 404),
        ("handle=%3CB%3E", 404),
        ("handle=alice&reason=a%07b", 400),
        (&format!("handle=alice&reason={long}"), 400),
    ] {
        assert_eq!(act(&server, "/disable", fields).await.status(), status, "{fields}");
        assert!(server.node.exclusions.all_disabled().is_empty(), "{fields}");
    }
}

#[actix_rt::test]
async fn the_greeter_is_not_disabled() {
    let server = TestServer::new().await;
    let handle = msnp::Handle::new("greeter@hotmail.com").unwrap();
    let name = msnp::FriendlyName::new("Greeter").unwrap();
    let principal = actors::port::store::Principal { handle, name };
    let mut greeted = (*server.node.settings()).clone();
    greeted.greeter = Some(principal);
    server.node.change_settings(greeted);
    server.post("/sign-up", "handle=bob&password=secret&again=secret").await;
    assert_eq!(act(&server, "/disable", "handle=greeter").await.status(), 409);
    assert!(server.node.exclusions.all_disabled().is_empty());
}

#[actix_rt::test]
async fn a_network_is_denied_at_once_for_clients_and_pages() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    // A browser that has sent only part of its request.
    let mut slow = server.connect_from(PEER_OF_ALICE);
    slow.write_all(b"GET / HTTP/1.0\r\n").await.unwrap();
    tokio::task::yield_now().await;
    let response = act(&server, "/deny", "network=+192.168.2.77/28+").await;
    assert_eq!(response.status(), 200);
    let words = "192.168.2.64/28 is denied now. Connections closed: 1.";
    assert!(response.text().contains(words), "{}", response.text());
    let mut received = String::new();
    alice.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "OUT\r\n");
    slow.write_all(b"\r\n").await.unwrap();
    assert_eq!(Response::read(&mut slow).await.status(), 403);
    for path in ["/", "/sign-up", "/status", "/metrics"] {
        let request = format!("GET {path} HTTP/1.0\r\n{RIGHT_PASSWORD}\r\n");
        let response = server.send_raw(PEER_OF_ALICE, request.as_bytes()).await;
        assert_eq!(response.status(), 403, "{path}");
        response.check();
        assert!(
            response.text().contains("The administrator denied your network."),
            "{}",
            response.text()
        );
    }
    let counts = server.node.endings.counts();
    assert_eq!((counts["denied"], counts["turned_away_denied"]), (1, 5));
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    assert!(page.text().contains("<TR><TD>192.168.2.64/28</TD>"), "{}", page.text());
    assert!(page.text().contains("turned away: its network is denied"));
    let response = act(&server, "/deny-remove", "network=192.168.2.64/28").await;
    assert_eq!(response.status(), 200);
    let request = b"GET / HTTP/1.0\r\n\r\n";
    assert_eq!(server.send_raw(PEER_OF_ALICE, request).await.status(), 200);
    let response = act(&server, "/deny-remove", "network=192.168.2.64/28").await;
    assert_eq!(response.status(), 404);
}

#[actix_rt::test]
async fn the_administrators_own_network_and_loopback_cannot_be_denied() {
    let server = TestServer::new().await;
    for network in ["192.168.2.9", "192.168.0.0/16", "0.0.0.0/0", "::ffff:192.168.2.9"] {
        let response = act(&server, "/deny", &format!("network={network}")).await;
        assert_eq!(response.status(), 409, "{network}");
        assert!(response.text().contains("Your address 192.168.2.9 is in "), "{network}");
    }
    for network in ["127.0.0.1", "127.0.0.0/8", "::1"] {
        let response = act(&server, "/deny", &format!("network={network}")).await;
        assert_eq!(response.status(), 409, "{network}");
        assert!(response.text().contains("is loopback, which is never denied"), "{network}");
    }
    for network in ["", "pi.lan", "192.168.2.0/33", "%3CB%3E"] {
        for path in ["/deny", "/deny-remove"] {
            let response = act(&server, path, &format!("network={network}")).await;
            assert_eq!(response.status(), 400, "{path} {network}");
        }
    }
    assert!(server.node.exclusions.denied().is_empty());
    // The server's own machine is never denied.
    let response = act_from(&server, "127.0.0.1", "/deny", "network=0.0.0.0/0").await;
    assert_eq!(response.status(), 200);
    let request = format!("GET /status HTTP/1.0\r\n{RIGHT_PASSWORD}\r\n");
    assert_eq!(server.send_raw("127.0.0.1", request.as_bytes()).await.status(), 200);
    assert_eq!(server.send_raw(CLIENT_ADDRESS, request.as_bytes()).await.status(), 403);
}

#[actix_rt::test]
async fn a_cross_site_post_disables_and_denies_nothing() {
    let server = TestServer::new().await;
    let (node, alice) = (
        server.node.clone(),
        server.node.directory.find_ref(&msnp::Handle::new(ALICE).unwrap()).unwrap(),
    );
    let disabled = Disabled { reason: DisableReason::new("spam").ok() };
    let network = parse_network("10.0.0.0/8").unwrap();
    operator::deny(node.clone(), network).await.unwrap();
    operator::disable(node.clone(), alice.account, disabled).await.unwrap();
    let before = stats::collect(&node).await.unwrap();
    let token = token(&server).await;
    let origin = "Host: 192.168.2.1:8080\r\nOrigin: http://evil.example\r\n";
    for (path, fields) in [
        ("/disable", "handle=alice"),
        ("/enable", "handle=alice"),
        ("/deny", "network=172.16.0.0/12"),
        ("/deny-remove", "network=10.0.0.0/8"),
    ] {
        // The browser adds the password, but the other site does not know the token.
        for form in [fields.to_owned(), format!("{fields}&token=00")] {
            let response = server.post_from(CLIENT_ADDRESS, path, RIGHT_PASSWORD, &form).await;
            assert_eq!(response.status(), 403, "{path} {form}");
        }
        // Newer browsers send the origin of the form. That is enough to refuse it, even with the
        // token.
        let form = format!("{fields}&token={token}");
        let headers = format!("{RIGHT_PASSWORD}{origin}");
        assert_eq!(
            server.post_from(CLIENT_ADDRESS, path, &headers, &form).await.status(),
            403,
            "{path}"
        );
        // Nor does the token suffice without the password.
        assert_eq!(server.post(path, &form).await.status(), 401, "{path}");
        assert_eq!(server.get_with(path, RIGHT_PASSWORD).await.status(), 405, "{path}");
    }
    let after = stats::collect(&node).await.unwrap();
    assert_eq!((after.disabled, after.denied), (before.disabled, before.denied));
}

#[actix_rt::test]
async fn a_changed_password_closes_connections_with_the_old_one_and_counts_them() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    let form = "handle=alice&password=secret&new=other&again=other";
    let response = server.post("/password", form).await;
    assert_eq!(response.status(), 200);
    let words = "1 connection that used the old password was closed.";
    assert!(response.text().contains(words), "{}", response.text());
    let mut received = String::new();
    alice.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "OUT\r\n");
    let form = "handle=alice&password=other&new=secret&again=secret";
    let response = server.post("/password", form).await;
    assert!(response.text().contains("No one was signed in with the old password."));
}

#[actix_rt::test]
async fn an_old_password_cannot_change_the_password_after_a_new_one_was_set() {
    let server = TestServer::new().await;
    let form = "handle=alice&password=secret&new=stolen&again=stolen";
    let account = server.node.directory.find(&Handle::new(ALICE).unwrap()).unwrap();
    let held = server.changes_lock.lock().await;
    let posted = server.post("/password", form);
    let changed = async {
        // The page has checked the old password, and waits for the lock.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let password = Password::new("other").unwrap();
        operator::set_password(server.node.clone(), account, password, false).await.unwrap();
        drop(held);
    };
    let (response, ()) = tokio::join!(posted, changed);
    assert_eq!(response.status(), 403);
    let form = "handle=alice&password=other&new=secret&again=secret";
    assert_eq!(server.post("/password", form).await.status(), 200);
}

#[actix_rt::test]
async fn visitors_create_accounts_with_plain_and_unreserved_handles_only() {
    let server = TestServer::new().await;
    let sign_up = async |handle: &str| {
        let form = format!("handle={handle}&password=secret&again=secret");
        server.post("/sign-up", &form).await
    };
    let long = "x".repeat(65);
    for handle in [
        "o%27neil",
        "a%2Fb",
        "%7Eroot",
        "%24home",
        ".alice",
        "alice-",
        "a..b",
        "con.x",
        &long,
        "a%7Cb%40home.lan",
        "%7Ba%7D",
    ] {
        let response = sign_up(handle).await;
        assert_eq!(response.status(), 400, "{handle}");
        assert!(response.text().contains("That name cannot be used: "), "{handle}");
    }
    for handle in ["admin", "Root", "postmaster%40home.lan", "support", "hotmail"] {
        let response = sign_up(handle).await;
        assert_eq!(response.status(), 409, "{handle}");
        assert!(response.text().contains("reserved for the people who run the server"), "{handle}");
    }
    assert_eq!(server.accounts(), 1);
    for handle in ["_a.b%2Bc-d_", "con", "Administrator"] {
        assert_eq!(sign_up(handle).await.status(), 200, "{handle}");
    }
    assert_eq!(server.accounts(), 4);
}
