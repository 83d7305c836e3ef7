//! The set-up page and its files.

use crate::support::{CLIENT_ADDRESS, SERVER_ADDRESS, TestServer, node_settings};
use actors::{Advertised, Settings};

#[actix_rt::test]
async fn the_page_shows_the_address_and_system_of_the_computer() {
    let server = TestServer::new().await;
    let agent = "User-Agent: Mozilla/4.0 (compatible; MSIE 4.01; Windows 98)\r\n";
    let page = server.get_with("/set-up", agent).await;
    for words in [
        &format!("Your computer is {CLIENT_ADDRESS}, with Windows 98."),
        &format!("<B>{SERVER_ADDRESS}</B>"),
        "<B>1863</B>",
        "MessengerService",
        r"C:\WINDOWS\HOSTS",
        &format!("<PRE>{SERVER_ADDRESS} messenger.hotmail.com"),
        "gaim",
        "Miranda",
        "aMSN",
        "Trillian",
        "dnsmasq",
        "Pi-hole",
        "AdGuard Home",
        "Unbound",
    ] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}

#[actix_rt::test]
async fn the_registry_file_has_the_address_that_the_browser_reached() {
    let server = TestServer::new().await;
    let file = server.get("/messenger.reg").await;
    assert_eq!(
        file.text(),
        format!(
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
             \"Server\"=\"{SERVER_ADDRESS}\"\r\n\r\n"
        )
    );
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=msn-setup.reg"));
    let reset = server.get_with("/reset.reg", "User-Agent: Windows 98\r\n").await;
    assert!(reset.text().ends_with("\"Server\"=-\r\n\r\n"), "{}", reset.text());
}

#[actix_rt::test]
async fn the_page_describes_the_reset_file_for_the_system() {
    let server = TestServer::new().await;
    let removes = "msn-reset.reg</A> removes the value again.";
    let sets =
        "msn-reset.reg</A> sets the value to messenger.hotmail.com, the default of Messenger.";
    for (system, words) in [("Windows 98", removes), ("Windows 95", sets), ("", sets)] {
        let page = server.get_with("/set-up", &format!("User-Agent: {system}\r\n")).await;
        assert!(page.text().contains(words), "{system}: {}", page.text());
    }
}

#[actix_rt::test]
async fn the_hosts_file_has_windows_line_ends() {
    let server = TestServer::new().await;
    let file = server.get("/hosts.txt").await;
    assert!(file.text().starts_with(&format!("{SERVER_ADDRESS} messenger.hotmail.com\r\n")));
    assert_eq!(file.header("content-type"), Some("text/plain"));
}

#[actix_rt::test]
async fn only_other_clients_find_a_server_on_another_port() {
    let server = TestServer::new().await;
    let other = Settings { dispatch: Some(Advertised::Here(2863)), ..node_settings() };
    server.node.change_settings(other);
    let page = server.get("/set-up").await;
    assert!(page.text().contains("This server is on port 2863, so Messenger does not find it."));
    assert!(!page.text().contains("msn-setup.reg") && page.text().contains("gaim"));
    assert_eq!(server.get("/messenger.reg").await.status(), 404);
    assert_eq!(server.get("/hosts.txt").await.status(), 404);
}

#[actix_rt::test]
async fn without_a_server_the_set_up_page_explains_why() {
    let server = TestServer::new().await;
    let none = Settings { dispatch: None, notification: None, ..node_settings() };
    server.node.change_settings(none);
    let page = server.get("/set-up").await;
    assert!(page.text().contains("open this page by the IPv4 address of the server"));
    assert_eq!(server.get("/messenger.reg").await.status(), 404);
}

#[actix_rt::test]
async fn a_computer_without_windows_has_no_registry_file() {
    let server = TestServer::new().await;
    let agent = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n";
    let page = server.get_with("/set-up", agent).await;
    assert!(!page.text().contains("msn-setup.reg") && page.text().contains("/etc/hosts"));
}
