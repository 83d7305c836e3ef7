//! Pages of other sites must not make a browser change anything here.

use crate::support::{CLIENT_ADDRESS, RIGHT_PASSWORD, TestServer, settings};
use web::Settings;

const FORM: &str = "handle=bob&password=secret&again=secret";

#[actix_rt::test]
async fn under_another_host_name_no_page_is_shown() {
    let server = TestServer::new().await;
    for host in ["evil.example", "evil.example:8080", "192.168.2.1.evil.example", "[evil.example]"]
    {
        for path in ["/", "/sign-up", "/status", "/metrics", "/none"] {
            let response =
                server.get_with(path, &format!("{RIGHT_PASSWORD}Host: {host}\r\n")).await;
            assert_eq!(response.status(), 403, "{host} {path}");
            assert!(
                response.text().contains("see \"names\" of \"web\"".replace('"', "&#34;").as_str())
            );
            response.check();
        }
        let headers = format!("Host: {host}\r\nOrigin: http://{host}\r\n");
        let response = server.post_from(CLIENT_ADDRESS, "/sign-up", &headers, FORM).await;
        assert_eq!((response.status(), server.accounts()), (403, 1), "{host}");
    }
}

#[actix_rt::test]
async fn under_its_own_host_names_the_server_shows_pages() {
    let server = TestServer::new().await;
    for host in [
        "192.168.2.1:8080",
        "[fe80::1]:8080",
        "localhost:8080",
        "pi",
        "pi.lan",
        "PI.Local:8080",
        "messenger.hotmail.com",
        "hotmail.com",
        "msn.example.net:8080",
    ] {
        let response = server.get_with("/", &format!("Host: {host}\r\n")).await;
        assert_eq!(response.status(), 200, "{host}");
    }
    server.web.change_settings(Settings { names: Vec::new(), ..settings() });
    assert_eq!(server.get_with("/", "Host: msn.example.net\r\n").await.status(), 403);
    assert_eq!(server.get("/").await.status(), 200, "browsers of 1996 say no name");
}

#[actix_rt::test]
async fn a_form_from_a_page_of_another_site_is_refused_by_its_referer() {
    let server = TestServer::new().await;
    let host = "Host: 192.168.2.1:8080\r\n";
    for (host, referer) in [
        (host, "http://evil.example/page"),
        (host, "http://192.168.2.1/"),
        (host, "http://192.168.2.1:8080.evil.example/"),
        (host, "about:blank"),
        ("", "http://evil.example/192.168.2.1:8080"),
    ] {
        let headers = format!("{host}Referer: {referer}\r\n");
        let response = server.post_from(CLIENT_ADDRESS, "/sign-up", &headers, FORM).await;
        assert_eq!((response.status(), server.accounts()), (403, 1), "{headers}");
    }
    for (name, headers) in [
        ("b1", "Host: 192.168.2.1:8080\r\nReferer: http://192.168.2.1:8080/sign-up\r\n"),
        ("b2", "Host: PI\r\nReferer: http://pi:80/sign-up\r\n"),
        ("b3", "Referer: http://192.168.2.1:8080/sign-up\r\n"),
        ("b4", "Host: 192.168.2.1:8080\r\n"),
    ] {
        let form = FORM.replace("bob", name);
        let response = server.post_from(CLIENT_ADDRESS, "/sign-up", headers, &form).await;
        assert_eq!(response.status(), 200, "{headers}");
    }
    // A page may be read from a link on another site.
    let read = format!("{host}Referer: http://evil.example/\r\n");
    assert_eq!(server.get_with("/", &read).await.status(), 200);
}

#[actix_rt::test]
async fn other_media_types_are_not_accepted_as_forms() {
    let server = TestServer::new().await;
    for kind in ["text/plain", "multipart/form-data; boundary=x"] {
        let text = format!(
            "POST /sign-up HTTP/1.0\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{FORM}",
            FORM.len()
        );
        let response = server.send_raw(CLIENT_ADDRESS, text.as_bytes()).await;
        assert_eq!((response.status(), server.accounts()), (415, 1), "{kind}");
        response.check();
    }
}
