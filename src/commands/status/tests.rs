//! Tests that the status command, the status page and the actors report the same.

use super::*;
use crate::administrator;
use crate::config::paths::CliOptions;
use crate::config::{Config, Loaded};
use crate::pages::Pages;
use crate::system;
use actors::Node;
use actors::message::{AccountsState, CookiesState, Observe, RegistryState};
use actors::operator;
use actors::port::store::{Password, Principal};
use actors::port::{PeerInfo, Transport};
use actors::rules::Creator;
use msnp::auth::{Challenge, Digest};
use msnp::{FriendlyName, Handle, Server};
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::{Mutex, watch};

const PASSWORD: &str = "sesame";
const AUTHORIZATION: &str = "Authorization: Basic YWRtaW46c2VzYW1l";

fn peer() -> PeerInfo {
    PeerInfo::new("192.168.2.1".parse().unwrap(), "192.168.2.9".parse().unwrap())
}

/// Sends a line (or nothing, if it is empty) to a server, and reads the next line from it.
async fn ask(stream: &mut DuplexStream, line: &str) -> String {
    stream.write_all(line.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap().trim_end().to_owned()
}

fn connect(node: &Rc<Node>, server: Server) -> DuplexStream {
    let (near, far) = tokio::io::duplex(16 * 1024);
    let far: Box<dyn Transport> = Box::new(far);
    actors::serve(node, server, far, peer()).unwrap();
    near
}

/// Signs in, and goes online.
async fn sign_in(node: &Rc<Node>, handle: &str) -> DuplexStream {
    let mut stream = connect(node, Server::Notification);
    ask(&mut stream, "VER 1 MSNP5\r\n").await;
    ask(&mut stream, "INF 2\r\n").await;
    let line = ask(&mut stream, &format!("USR 3 MD5 I {handle}\r\n")).await;
    let challenge = Challenge::parse(line.rsplit(' ').next().unwrap().as_bytes()).unwrap();
    let digest = Digest::of(&challenge, b"secret").text();
    let line = ask(&mut stream, &format!("USR 4 MD5 S {digest}\r\n")).await;
    assert!(line.starts_with("USR 4 OK"), "{line}");
    let mut line = ask(&mut stream, "CHG 5 NLN\r\n").await;
    while !line.starts_with("CHG") {
        line = ask(&mut stream, "").await;
    }
    stream
}

/// Opens a conversation.
async fn open(node: &Rc<Node>, session: &mut DuplexStream, handle: &str) -> DuplexStream {
    let mut line = ask(session, "XFR 6 SB\r\n").await;
    while !line.starts_with("XFR") {
        line = ask(session, "").await;
    }
    let mut stream = connect(node, Server::Switchboard);
    let cookie = line.rsplit(' ').next().unwrap();
    let line = ask(&mut stream, &format!("USR 1 {handle} {cookie}\r\n")).await;
    assert!(line.starts_with("USR 1 OK"), "{line}");
    stream
}

/// Bob invites Alice, who joins. Returns her connection and the conversation's number.
async fn call_alice(
    node: &Rc<Node>,
    caller: &mut DuplexStream,
    alice: &mut DuplexStream,
) -> (DuplexStream, String) {
    let ringing = ask(caller, "CAL 2 alice@hotmail.com\r\n").await;
    let number = ringing.strip_prefix("CAL 2 RINGING ").unwrap();
    let mut rung = ask(alice, "").await;
    while !rung.starts_with("RNG") {
        rung = ask(alice, "").await;
    }
    let cookie = rung.split(' ').nth(4).unwrap();
    let mut callee = connect(node, Server::Switchboard);
    let line = format!("ANS 1 alice@hotmail.com {cookie} {number}\r\n");
    assert_eq!(ask(&mut callee, &line).await, "IRO 1 1 1 bob@hotmail.com bob@hotmail.com");
    (callee, number.to_owned())
}

async fn control(data: &std::path::Path) -> Control {
    administrator::set_password(data, PASSWORD).unwrap();
    let config = Config { data: data.to_owned(), greeter: None, ..Config::default() };
    let listening: Vec<_> = [Server::Dispatch, Server::Notification, Server::Switchboard]
        .into_iter()
        .zip([1863, 1864, 1865])
        .map(|(server, port)| (server, ([192, 168, 2, 1], port).into()))
        .collect();
    let settings = config.actor_settings(&listening).unwrap();
    let store = Arc::new(store::Memory::new(|| 0).unwrap());
    let random = Rc::new(system::random);
    let node = Node::start(settings, store, Box::new(system::now), random).unwrap();
    let changes: Rc<Mutex<()>> = Rc::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pages = Pages::start(&config, node.clone(), changes.clone(), Some(&listener)).await;
    Control {
        node,
        options: CliOptions::default(),
        loaded: RefCell::new(Loaded { config, ..Loaded::built_in(data) }),
        listening,
        started: Instant::now(),
        changes_lock: changes,
        web: pages.unwrap(),
        archive_lock: Mutex::new(()),
        selftest_lock: Mutex::new(()),
        stop_at: watch::Sender::new(None),
    }
}

/// Requests the status page.
async fn page(control: &Control) -> String {
    let (mut near, far) = tokio::io::duplex(64 * 1024);
    let web = control.web.as_ref().unwrap().web.clone();
    actix_rt::spawn(async move { web.serve(Box::new(far), peer()).await });
    let request = format!("GET /status HTTP/1.0\r\n{AUTHORIZATION}\r\n\r\n");
    near.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    near.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.0 200 OK"), "{text}");
    text
}

/// Returns the text of the cell beside the one with this title.
fn cell<'a>(page: &'a str, title: &str) -> &'a str {
    let (_, behind) = page.split_once(&format!("<TD>{title}</TD>")).unwrap();
    behind.split_once('>').unwrap().1.split_once('<').unwrap().0
}

/// Tries MSN Messenger 5.0, which continues although it was refused, and Windows Live Messenger.
#[actix_rt::test]
async fn status_and_page_name_the_versions_of_clients_that_offer_only_later_ones() {
    let folder = tempfile::TempDir::new().unwrap();
    let control = control(folder.path()).await;
    let node = control.node.clone();
    let mut client = connect(&node, Server::Dispatch);
    assert_eq!(ask(&mut client, "VER 0 MSNP8 CVR0\r\n").await, "VER 0 CVR0");
    client.write_all(b"USR 1 TWN I alice@hotmail.com\r\n").await.unwrap();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    let mut live = connect(&node, Server::Dispatch);
    assert_eq!(ask(&mut live, "VER 1 MSNP15 MSNP14 MSNP13\r\n").await, "VER 1 0");
    assert_eq!(live.read(&mut [0]).await.unwrap(), 0);
    let Answer::Status(json) = serve(&control).await.unwrap() else { panic!("no status") };
    let status: Status = serde_json::from_value(json).unwrap();
    let (text, page) = (to_text(&status), page(&control).await);
    for reason in [
        "no protocol version in common: offers MSNP8 only",
        "no protocol version in common: offers MSNP15, MSNP14 and MSNP13 only",
    ] {
        assert!(text.contains(&format!(" s ago: {reason}\n")), "{text}");
        assert!(page.contains(&format!("<TD>{reason}</TD>")), "{page}");
    }
    assert!(!text.contains("not expected") && !page.contains("not expected"));
}

#[actix_rt::test]
async fn status_page_and_actors_report_the_same() {
    let folder = tempfile::TempDir::new().unwrap();
    let control = control(folder.path()).await;
    let node = control.node.clone();
    for local in ["alice", "bob", "carol"] {
        let handle = Handle::new(&format!("{local}@hotmail.com")).unwrap();
        let principal = Principal { name: FriendlyName::from_handle(&handle), handle };
        let password = Password::new("secret").unwrap();
        operator::create(node.clone(), principal, password, Creator::Operator).await.unwrap();
    }
    let mut alice = sign_in(&node, "alice@hotmail.com").await;
    let mut bob = sign_in(&node, "bob@hotmail.com").await;
    // The user's profile and events about other users may come first.
    let mut line = ask(&mut alice, "ADD 7 FL bob@hotmail.com Bob\r\n").await;
    while !line.starts_with("ADD 7") {
        line = ask(&mut alice, "").await;
    }
    let mut caller = open(&node, &mut bob, "bob@hotmail.com").await;
    let (_callee, number) = call_alice(&node, &mut caller, &mut alice).await;
    let _half_open = connect(&node, Server::Dispatch);
    // A second referral to a switchboard, which Bob does not follow: its cookie stays unused.
    let mut line = ask(&mut bob, "XFR 7 SB\r\n").await;
    while !line.starts_with("XFR 7") {
        line = ask(&mut bob, "").await;
    }

    // The actors.
    let registry: RegistryState = node.registry.send(Observe::default()).await.unwrap();
    let accounts: AccountsState = node.accounts.send(Observe::default()).await.unwrap();
    let cookies: CookiesState = node.cookies.send(Observe::default()).await.unwrap();
    assert_eq!((registry.online.len(), accounts.accounts, cookies.unused), (2, 3, 1));
    assert_eq!((accounts.changes, node.conversations.get()), (1, 1));

    // The command.
    let Answer::Status(json) = serve(&control).await.unwrap() else { panic!("no status") };
    let value_at = |path: &str| json.pointer(path).and_then(Value::as_u64).unwrap();
    let cells = [
        ("/connections/signed_in", "Signed in", registry.online.len()),
        ("/accounts", "Accounts", accounts.accounts),
        ("/conversations", "Conversations", node.conversations.get()),
        ("/connections/participants", "Participants", 2),
        ("/connections/open", "Connections", node.connections.count()),
        ("/connections/half_open", "Not signed in yet", node.connections.half_open()),
        ("/cookies", "Unused cookies", cookies.unused),
        ("/store/changes", "Changes stored", usize::try_from(accounts.changes).unwrap()),
        ("/store/transactions", "Transactions", usize::try_from(accounts.commits).unwrap()),
    ];
    // The page.
    let page = page(&control).await;
    for (path, title, expected) in cells {
        assert_eq!(value_at(path), u64::try_from(expected).unwrap(), "{path}");
        let shown = cell(&page, title).split([' ', ',']).next().unwrap();
        assert_eq!(shown, expected.to_string(), "{title}");
    }
    let clients = json.pointer("/clients").and_then(Value::as_array).unwrap();
    let states = node.connections.states();
    assert_eq!((clients.len(), states.len()), (5, 5));
    for (client, state) in clients.iter().zip(&states) {
        assert_eq!(client["connection"].as_u64(), Some(state.id.0));
        let (dialect, server) = (state.dialect, stats::title(state.server));
        let handle = client["handle"].as_str().unwrap_or("not signed in");
        let online = registry.online.iter().find(|online| online.session == state.id);
        let presence = online.map(|online| format!(" {}", online.state)).unwrap_or_default();
        // Both are in the conversation whose number the caller received.
        let in_conversation = state.server == Server::Switchboard;
        let expected = in_conversation.then(|| number.parse::<u64>().unwrap());
        assert_eq!(client["conversation"].as_u64(), expected);
        let conversation =
            if in_conversation { format!(", conversation {number}") } else { String::new() };
        let row = format!(
            "<TD>{}</TD><TD>{handle}{presence}</TD><TD>{}</TD><TD>?</TD><TD>{dialect}</TD>\
             <TD>{server}{conversation}</TD>",
            state.id, state.peer
        );
        assert!(page.contains(&row), "{row}: {page}");
    }
}
