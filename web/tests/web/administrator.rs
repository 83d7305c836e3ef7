//! The administrator's pages, and their protection.

use crate::support::{
    ADMIN_PASSWORD, ALICE, CLIENT_ADDRESS, PANICKING_PASSWORD, RIGHT_PASSWORD, TestServer,
    WRONG_PASSWORD, settings,
};
use actors::port::Store;
use actors::port::store::{NewAccount, Password, Principal};
use actors::{operator, stats};
use msnp::{FriendlyName, Handle, ListVersion};
use std::io::Cursor;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::Memory;
use tokio::io::AsyncReadExt;
use web::Settings;

#[actix_rt::test]
async fn the_pages_leak_nothing_without_the_password() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let unknown = server.get("/status").await;
    for (headers, path) in [
        ("", "/status"),
        ("", "/online.gif"),
        (WRONG_PASSWORD, "/status"),
        (WRONG_PASSWORD, "/online.gif"),
        ("Authorization: Basic \r\n", "/status"),
        ("Authorization: Bearer sesame\r\n", "/status"),
        ("Authorization: Basic c2VzYW1l\r\n", "/status"),
    ] {
        let response = server.get_with(path, headers).await;
        assert_eq!(response.status(), 401);
        assert_eq!(response.header("www-authenticate"), Some("Basic realm=\"msnpd\""));
        assert_eq!(response.text(), unknown.text(), "{path} {headers}");
    }
    let kick = server.post("/kick", "handle=alice&token=0").await;
    assert_eq!((kick.status(), kick.text()), (401, unknown.text()));
    assert!(!unknown.text().contains("alice") && !unknown.text().contains("192.168"));
    assert!(!unknown.text().contains(ADMIN_PASSWORD));
}

#[actix_rt::test]
async fn without_a_password_set_the_administrators_pages_are_closed() {
    let server = TestServer::with(settings(), None).await;
    // Without a password set, the browser must not ask for one.
    for headers in ["", RIGHT_PASSWORD, "Authorization: Basic Og==\r\n"] {
        let response = server.get_with("/status", headers).await;
        assert_eq!(response.status(), 403);
        assert_eq!(response.header("www-authenticate"), None);
        assert!(response.text().contains("msnpd passwd-admin"), "{}", response.text());
    }
}

#[actix_rt::test]
async fn allowed_public_addresses_cannot_open_the_administrators_pages() {
    let server = TestServer::new().await;
    let mut open = (*server.node.settings()).clone();
    open.allow = vec!["0.0.0.0/0".parse().unwrap()];
    server.node.change_settings(open);
    let request = |path| format!("GET {path} HTTP/1.0\r\n{RIGHT_PASSWORD}\r\n");
    for path in ["/status", "/online.gif"] {
        let response = server.send_raw("203.0.113.5", request(path).as_bytes()).await;
        assert_eq!(response.status(), 403, "{path}");
    }
    assert_eq!(server.send_raw("203.0.113.5", request("/metrics").as_bytes()).await.status(), 404);
    assert_eq!(server.send_raw("203.0.113.5", request("/").as_bytes()).await.status(), 200);
}

#[actix_rt::test]
async fn wrong_passwords_are_throttled() {
    let server = TestServer::new().await;
    tokio::time::pause();
    for _ in 0..9 {
        assert_eq!(server.get_with("/status", WRONG_PASSWORD).await.status(), 401);
    }
    assert_eq!(server.get_with("/status", WRONG_PASSWORD).await.status(), 429);
    assert_eq!(server.get_with("/status", RIGHT_PASSWORD).await.status(), 429);
    let request = format!("GET /status HTTP/1.0\r\n{RIGHT_PASSWORD}\r\n");
    assert_eq!(server.send_raw("192.168.2.10", request.as_bytes()).await.status(), 200);
}

#[actix_rt::test]
async fn a_failed_check_does_not_count_as_a_wrong_password() {
    let server = TestServer::new().await;
    for _ in 0..20 {
        assert_eq!(server.get_with("/status", PANICKING_PASSWORD).await.status(), 500);
    }
    assert_eq!(server.get_with("/status", RIGHT_PASSWORD).await.status(), 200);
}

#[actix_rt::test]
async fn a_password_in_use_is_checked_once() {
    let server = TestServer::new().await;
    let password_checks = || server.password_checks.load(Ordering::Relaxed);
    assert_eq!(server.get_with("/status", RIGHT_PASSWORD).await.status(), 200);
    tokio::time::pause();
    for _ in 0..4 {
        tokio::time::advance(Duration::from_secs(300)).await;
        assert_eq!(server.get_with("/status", RIGHT_PASSWORD).await.status(), 200);
    }
    assert_eq!(password_checks(), 1);
    tokio::time::advance(Duration::from_secs(600)).await;
    tokio::time::resume();
    assert_eq!(server.get_with("/status", RIGHT_PASSWORD).await.status(), 200);
    assert_eq!(password_checks(), 2);
}

#[actix_rt::test]
async fn the_sums_are_the_statistics_without_the_clients() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let whole = stats::collect(&server.node).await.unwrap();
    assert_eq!(whole.clients.len(), 1);
    let without_clients = stats::collect_without_clients(&server.node).await.unwrap();
    assert_eq!(without_clients, stats::Stats { clients: Vec::new(), ..whole });
}

#[actix_rt::test]
async fn the_status_page_shows_who_is_connected() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let row = "<TD>1</TD><TD>alice@hotmail.com FLN</TD><TD>192.168.2.77</TD><TD>4.6.0083</TD>\
               <TD>MSNP7</TD><TD>Notification Server</TD><TD>0 s</TD>";
    assert!(page.text().contains(row), "{}", page.text());
    assert!(page.text().contains("No one was refused."));
}

#[actix_rt::test]
async fn the_status_page_shows_the_statistics_of_the_node() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let stats = stats::collect(&server.node).await.unwrap();
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let cell = |title: &str| {
        let (_, behind) = page.text().split_once(&format!("<TD>{title}</TD>")).unwrap();
        let (_, value) = behind.split_once('>').unwrap();
        value.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(cell("Signed in"), stats.connections.signed_in.to_string());
    assert_eq!(cell("Accounts"), stats.accounts.to_string());
    assert_eq!(cell("Connections"), format!("{} of 64", stats.connections.open));
    assert_eq!((cell("Signed in"), cell("Not signed in yet")), ("1".into(), "0 of 16".into()));
}

#[actix_rt::test]
async fn refusals_are_shown_with_their_reasons() {
    let server = TestServer::new().await;
    let peer_info = actors::port::PeerInfo::new(
        crate::support::SERVER_ADDRESS.parse().unwrap(),
        "203.0.113.5".parse().unwrap(),
    );
    let (_near, far) = tokio::io::duplex(64);
    assert!(actors::serve(&server.node, msnp::Server::Dispatch, Box::new(far), peer_info).is_err());
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let row = "<TD>203.0.113.5</TD><TD></TD><TD>turned away: its address is public, and \
               `allow` in the configuration does not name it</TD>";
    assert!(page.text().contains(row), "{}", page.text());
}

#[actix_rt::test]
async fn the_chart_is_a_small_gif() {
    let server = TestServer::new().await;
    let picture = server.get_with("/online.gif", RIGHT_PASSWORD).await;
    assert_eq!(picture.header("content-type"), Some("image/gif"));
    assert!(picture.body.starts_with(b"GIF89a") && picture.body.len() < 8192);
}

/// A backup of a store in which bob has the first account.
fn backup_of_bob() -> Vec<u8> {
    let other = Memory::new(|| 0).unwrap();
    let principal = Principal {
        handle: Handle::new("bob@hotmail.com").unwrap(),
        name: FriendlyName::new("Bob").unwrap(),
    };
    let password = Password::new("secret").unwrap();
    let version = ListVersion::new(66_000_000).unwrap();
    other.create(&NewAccount { principal, password, version }).unwrap();
    let mut backup = Vec::new();
    other.backup(true, &mut backup).unwrap();
    backup
}

#[actix_rt::test]
async fn the_chart_keeps_its_users_after_a_restore() {
    let server = TestServer::new().await;
    let empty = server.get_with("/online.gif", RIGHT_PASSWORD).await;
    let _alice = server.sign_in(ALICE).await;
    let alice = server.get_with("/online.gif", RIGHT_PASSWORD).await;
    assert_ne!(alice.body, empty.body);
    let backup = Box::new(Cursor::new(backup_of_bob()));
    operator::restore(server.node.clone(), backup).await.unwrap();
    assert_eq!(server.get_with("/online.gif", RIGHT_PASSWORD).await.body, alice.body);
}

fn token(page: &str) -> String {
    let (_, behind) = page.split_once("NAME=\"token\" VALUE=\"").unwrap();
    behind.split_once('"').unwrap().0.to_owned()
}

#[actix_rt::test]
async fn the_administrator_signs_a_user_off() {
    let server = TestServer::new().await;
    let mut alice = server.sign_in(ALICE).await;
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let form = format!("handle={ALICE}&token={}", token(page.text()));
    let response = server.post_from(CLIENT_ADDRESS, "/kick", RIGHT_PASSWORD, &form).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().contains("alice@hotmail.com had 1 connection, which ends now."));
    let mut received = String::new();
    alice.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "OUT\r\n");
}

#[actix_rt::test]
async fn a_cross_site_post_to_an_action_is_refused() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let right = format!("handle={ALICE}&token={}", token(page.text()));
    // The browser adds the password, but the other site does not know the token.
    for form in [format!("handle={ALICE}"), format!("handle={ALICE}&token=00")] {
        let response = server.post_from(CLIENT_ADDRESS, "/kick", RIGHT_PASSWORD, &form).await;
        assert_eq!(response.status(), 403, "{form}");
    }
    // Newer browsers send the origin of the form. That is enough to refuse it, even with the token.
    for header in [
        "Host: 192.168.2.1:8080\r\nOrigin: http://evil.example\r\n",
        "Host: 192.168.2.1:8080\r\nOrigin: http://192.168.2.1\r\n",
        "Host: 192.168.2.1:8080\r\nOrigin: null\r\n",
        "Host: 192.168.2.1:8080\r\nSec-Fetch-Site: cross-site\r\n",
        "Host: 192.168.2.1:8080\r\nSec-Fetch-Site: same-site\r\n",
        "Origin: http://192.168.2.1:8080\r\n",
    ] {
        let response = server
            .post_from(CLIENT_ADDRESS, "/kick", &format!("{RIGHT_PASSWORD}{header}"), &right)
            .await;
        assert_eq!(response.status(), 403, "{header}");
    }
    assert_eq!(stats::collect(&server.node).await.unwrap().connections.signed_in, 1);
    let own = format!(
        "{RIGHT_PASSWORD}Host: 192.168.2.1:8080\r\nOrigin: http://192.168.2.1:8080\r\n\
         Sec-Fetch-Site: same-origin\r\n"
    );
    assert_eq!(server.post_from(CLIENT_ADDRESS, "/kick", &own, &right).await.status(), 200);
}

#[actix_rt::test]
async fn the_page_with_the_token_is_not_cached() {
    let server = TestServer::new().await;
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    assert!(page.text().contains("NAME=\"token\"") == page.text().contains("<FORM"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(server.get("/").await.header("cache-control"), Some("no-cache"));
}

#[actix_rt::test]
async fn metrics_are_open_metrics_without_names() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    let text = server.get("/metrics").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(text.header("content-type"), Some(kind));
    for line in [
        "# TYPE msnpd_signed_in gauge\n",
        "msnpd_signed_in 1\n",
        "msnpd_accounts 1\n",
        "msnpd_connections 1\n",
        "msnpd_store_changes_total 0\n",
        "# UNIT msnpd_uptime_seconds seconds\n",
    ] {
        assert!(text.text().contains(line), "{line}: {}", text.text());
    }
    assert!(text.text().ends_with("# EOF\n") && !text.text().contains("alice"));
    server.web.change_settings(Settings { metrics: false, ..settings() });
    assert_eq!(server.get("/metrics").await.status(), 404);
}
