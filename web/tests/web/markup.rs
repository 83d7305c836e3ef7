//! Every page is HTML 3.2 in ASCII: elements, attributes and nesting.

use crate::support::{ALICE, RIGHT_PASSWORD, Response, TestServer, settings};
use actors::operator;
use actors::port::{DisableReason, Disabled};
use actors::rules::parse_network;
use msnp::Handle;
use web::SignUp;

/// The elements of HTML 3.2 that the pages use, with their attributes, and whether the end tag is
/// required (W3C Recommendation of 14 January 1997).
const ELEMENTS: [(&str, &[&str], End); 35] = [
    ("HTML", &[], End::Needed),
    ("HEAD", &[], End::Needed),
    ("TITLE", &[], End::Needed),
    ("META", &["NAME", "CONTENT"], End::None),
    ("BODY", &["BGCOLOR", "TEXT", "LINK", "VLINK"], End::Needed),
    ("H2", &["ALIGN"], End::Needed),
    ("P", &["ALIGN"], End::Free),
    ("BR", &["CLEAR"], End::None),
    ("HR", &["ALIGN", "NOSHADE", "SIZE", "WIDTH"], End::None),
    ("A", &["NAME", "HREF"], End::Needed),
    ("B", &[], End::Needed),
    ("I", &[], End::Needed),
    ("TT", &[], End::Needed),
    ("FONT", &["SIZE", "COLOR"], End::Needed),
    ("PRE", &["WIDTH"], End::Needed),
    ("UL", &["TYPE", "COMPACT"], End::Needed),
    ("OL", &["TYPE", "START", "COMPACT"], End::Needed),
    ("LI", &["TYPE", "VALUE"], End::Free),
    ("DL", &["COMPACT"], End::Needed),
    ("DT", &[], End::Free),
    ("DD", &[], End::Free),
    ("TABLE", &["ALIGN", "WIDTH", "BORDER", "CELLSPACING", "CELLPADDING"], End::Needed),
    ("TR", &["ALIGN", "VALIGN"], End::Needed),
    ("TH", &["ALIGN", "VALIGN", "ROWSPAN", "COLSPAN", "WIDTH", "HEIGHT", "NOWRAP"], End::Needed),
    (
        "TD",
        &["ALIGN", "VALIGN", "ROWSPAN", "COLSPAN", "WIDTH", "HEIGHT", "NOWRAP", "BGCOLOR"],
        End::Needed,
    ),
    ("FORM", &["ACTION", "METHOD"], End::Needed),
    ("INPUT", &["TYPE", "NAME", "VALUE", "CHECKED", "SIZE", "MAXLENGTH"], End::None),
    ("SELECT", &["NAME", "SIZE"], End::Needed),
    ("OPTION", &["VALUE", "SELECTED"], End::Free),
    ("TEXTAREA", &["NAME", "ROWS", "COLS"], End::Needed),
    ("IMG", &["SRC", "ALT", "ALIGN", "WIDTH", "HEIGHT", "BORDER"], End::None),
    ("CENTER", &[], End::Needed),
    ("DIV", &["ALIGN"], End::Needed),
    ("BIG", &[], End::Needed),
    ("SMALL", &[], End::Needed),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Needed,
    Free,
    None,
}

const DOCTYPE: &str = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n";

/// Checks that a page is HTML 3.2.
fn check(name: &str, response: &Response) {
    let text = response.text();
    assert!(text.starts_with(DOCTYPE), "{name}: {text}");
    for byte in text.bytes() {
        assert!(byte == b'\n' || (0x20..0x7f).contains(&byte), "{name}: byte {byte:#x}");
    }
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.strip_prefix(DOCTYPE).unwrap();
    while let Some((before, behind)) = rest.split_once('<') {
        words(name, before);
        let (tag, after) = behind.split_once('>').unwrap_or_else(|| panic!("{name}: {behind}"));
        rest = after;
        if let Some(end) = tag.strip_prefix('/') {
            let (_, _, kind) = element(name, end);
            if *kind == End::Needed {
                assert_eq!(open.pop(), Some(end), "{name}: </{end}>");
            }
            continue;
        }
        let (element_name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let (known, allowed, kind) = element(name, element_name);
        assert!(*known != "FORM" || !open.contains(&"FORM"), "{name}: nested forms");
        for attribute in attribute_names(name, attributes) {
            assert!(allowed.contains(&attribute), "{name}: {attribute} of {element_name}");
        }
        if *kind == End::Needed {
            open.push(element_name);
        }
    }
    words(name, rest);
    assert_eq!(open, Vec::<&str>::new(), "{name}");
}

fn element(name: &str, tag: &str) -> &'static (&'static str, &'static [&'static str], End) {
    let found = ELEMENTS.iter().find(|(known, ..)| *known == tag);
    found.unwrap_or_else(|| panic!("{name}: <{tag}> is not among the elements"))
}

/// The names of the attributes of a tag. All values must be in double quotes.
fn attribute_names<'a>(name: &str, mut attributes: &'a str) -> Vec<&'a str> {
    let mut names = Vec::new();
    loop {
        attributes = attributes.trim_start();
        if attributes.is_empty() {
            return names;
        }
        if let Some(rest) = attributes.strip_prefix("SELECTED") {
            names.push("SELECTED");
            attributes = rest;
            continue;
        }
        let (attribute, behind) =
            attributes.split_once("=\"").unwrap_or_else(|| panic!("{name}: {attributes}"));
        let (value, rest) = behind.split_once('"').unwrap_or_else(|| panic!("{name}: {behind}"));
        words(name, value);
        names.push(attribute);
        attributes = rest;
    }
}

/// Checks text: no bare markup, and references only by number or by a name of HTML 2.0.
fn words(name: &str, text: &str) {
    assert!(!text.contains('>'), "{name}: {text}");
    for part in text.split('&').skip(1) {
        let (reference, _) = part.split_once(';').unwrap_or_else(|| panic!("{name}: &{part}"));
        let number = reference.strip_prefix('#').and_then(|digits| digits.parse::<u32>().ok());
        let known = number.is_some() || ["amp", "lt", "gt", "quot"].contains(&reference);
        assert!(known, "{name}: &{reference};");
    }
}

#[actix_rt::test]
async fn every_page_is_html_3_2() {
    let server = TestServer::new().await;
    let _alice = server.sign_in(ALICE).await;
    for path in [
        "/",
        "/sign-up",
        "/password",
        "/name",
        "/numbers",
        "/profile",
        "/set-up",
        "/online",
        "/none",
    ] {
        let response = server.get(path).await;
        check(path, &response);
        assert!(response.body.len() <= 8192, "{path}: {}", response.body.len());
    }
    check("/status", &server.get("/status").await);
    let status = server.get_with("/status", RIGHT_PASSWORD).await;
    assert_eq!(status.status(), 200);
    check("/status", &status);
    let account = server.node.directory.find(&Handle::new(ALICE).unwrap()).unwrap();
    let disabled = Disabled { reason: DisableReason::new("<B>\"ö&'").ok() };
    operator::disable(server.node.clone(), account, disabled).await.unwrap();
    let network = parse_network("10.0.0.0/8").unwrap();
    operator::deny(server.node.clone(), network).await.unwrap();
    let status = server.get_with("/status", RIGHT_PASSWORD).await;
    assert!(status.text().contains("10.0.0.0/8"));
    check("/status", &status);
    let denied = server.send_raw("10.0.0.1", b"GET / HTTP/1.0\r\n\r\n").await;
    check("denied", &denied);
}

#[actix_rt::test]
async fn every_response_to_a_form_is_html_3_2() {
    let server = TestServer::new().await;
    let markup = "%3CB%3E%22%26%27%3C%2FB%3E%F6%00%0D%0A";
    for (path, form) in [
        ("/sign-up", format!("handle={markup}&name={markup}&password=a&again=a")),
        ("/sign-up", "handle=carol&password=secret&again=secret".to_owned()),
        ("/password", format!("handle={markup}&password=a&new=b&again=b")),
        ("/password", "handle=carol&password=secret&new=b&again=b".to_owned()),
        ("/name", format!("handle={markup}&password=a&name={markup}")),
        ("/name", "handle=carol&password=b&name=%3CI%3E".to_owned()),
        ("/numbers", format!("handle={markup}&password=a&home={markup}")),
        ("/numbers", "handle=carol&password=b&home=1".to_owned()),
        (
            "/profile",
            format!(
                "handle={markup}&password=a&first={markup}&last={markup}&city={markup}&state={markup}\
                 &country={markup}"
            ),
        ),
        ("/profile", "handle=carol&password=b&first=a&last=b".to_owned()),
        ("/profile", "handle=alice&password=secret&first=a&last=b".to_owned()),
        ("/profile", "handle=alice&password=secret".to_owned()),
        ("/profile", "handle=alice&password=secret&out=1".to_owned()),
        ("/kick", "handle=carol".to_owned()),
    ] {
        check(path, &server.post(path, &form).await);
    }
    let page = server.get_with("/status", RIGHT_PASSWORD).await;
    let (_, behind) = page.text().split_once("NAME=\"token\" VALUE=\"").unwrap();
    let token = behind.split_once('"').unwrap().0;
    for (path, form) in [
        ("/kick", "handle=carol"),
        ("/disable", "handle=carol&reason=%3CB%3E"),
        ("/disable", &format!("handle={markup}")),
        ("/disable", &format!("handle=alice&reason={markup}")),
        ("/enable", "handle=carol"),
        ("/enable", "handle=carol"),
        ("/deny", &format!("network={markup}")),
        ("/deny", "network=192.168.2.9"),
        ("/deny", "network=10.0.0.0/8"),
        ("/deny-remove", "network=10.0.0.0/8"),
        ("/deny-remove", "network=10.0.0.0/8"),
        ("/deny-remove", &format!("network={markup}")),
    ] {
        check(path, &server.post_from("192.168.2.9", path, RIGHT_PASSWORD, form).await);
        let form = format!("{form}&token={token}");
        check(path, &server.post_from("192.168.2.9", path, RIGHT_PASSWORD, &form).await);
    }
}

#[actix_rt::test]
async fn the_pages_of_other_settings_are_html_3_2() {
    for sign_up in [SignUp::Closed, SignUp::Code("code".into())] {
        let one = vec!["hotmail.com".to_owned()];
        let server =
            TestServer::with(web::Settings { sign_up, domains: one, ..settings() }, None).await;
        for path in ["/", "/sign-up", "/online", "/status"] {
            check(path, &server.get(path).await);
        }
    }
}

#[actix_rt::test]
async fn links_and_forms_stay_on_the_server() {
    let server = TestServer::new().await;
    for path in ["/", "/sign-up", "/password", "/set-up", "/online", "/none"] {
        let response = server.get(path).await;
        for attribute in ["HREF=\"", "ACTION=\"", "SRC=\""] {
            for part in response.text().split(attribute).skip(1) {
                let (to, _) = part.split_once('"').unwrap();
                assert!(!to.starts_with('/') && !to.contains(':'), "{path}: {to}");
                let response =
                    server.get_with(&format!("/{to}").replace("/./", "/"), RIGHT_PASSWORD).await;
                assert_eq!(response.status(), 200, "{path} links to {to}");
            }
        }
    }
}
