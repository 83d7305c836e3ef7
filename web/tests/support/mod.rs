//! A node in memory with its web pages, and browsers that send raw requests.

use actors::limit::Limits;
use actors::port::store::{NewAccount, Password, Principal};
use actors::port::{PeerInfo, Store};
use actors::{Advertised, Node};
use msnp::command::VerReplyForm;
use msnp::{FriendlyName, Handle, ListVersion, Server, Token};
use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use store::Memory;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Mutex;
use web::{Deps, PasswordSource, PasswordVerifier, Settings, SignUp, Web};

/// The addresses of the browsers and of the server.
pub(crate) const CLIENT_ADDRESS: &str = "192.168.2.9";
pub(crate) const SERVER_ADDRESS: &str = "192.168.2.1";

/// The administrator's password, and the header that a browser sends for it.
pub(crate) const ADMIN_PASSWORD: &str = "sesame";
pub(crate) const RIGHT_PASSWORD: &str = "Authorization: Basic YWRtaW46c2VzYW1l\r\n";
/// The thread that checks this password panics.
pub(crate) const PANICKING_PASSWORD: &str = "Authorization: Basic YWRtaW46ZXhwbG9kZQ==\r\n";
pub(crate) const WRONG_PASSWORD: &str = "Authorization: Basic YWRtaW46b3Blbg==\r\n";

/// An account that exists from the start.
pub(crate) const ALICE: &str = "alice@hotmail.com";

pub(crate) fn node_settings() -> actors::Settings {
    actors::Settings {
        limits: Limits {
            connections: 64,
            half_open: 16,
            buffers: 64,
            cookies: 8,
            ..Limits::default()
        },
        domains: vec!["hotmail.com".into(), "home.lan".into()],
        allow: Vec::new(),
        list_entries: 150,
        participants: 30,
        refuse_repeated_settings: false,
        ver_reply: VerReplyForm::List,
        challenge: false,
        site: Token::parse(b"http://messenger.hotmail.com/").unwrap(),
        linger: Duration::from_secs(1),
        referral_linger: Duration::from_secs(5),
        cookie_life: Duration::from_secs(120),
        conversation_idle: None,
        switchboard: Some(Advertised::Here(1865)),
        dispatch: Some(Advertised::Here(1863)),
        notification: Some(Advertised::Here(1864)),
        greeter: None,
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        domains: vec!["hotmail.com".into(), "home.lan".into()],
        names: vec!["msn.example.net".into()],
        sign_up: SignUp::Private,
        max_forms_per_hour: 20,
        who_is_online: true,
        metrics: true,
    }
}

/// A source of the administrator's password, which may be missing.
struct TestPasswordSource(Option<&'static str>, Arc<AtomicUsize>);

struct TestVerifier(&'static str, Arc<AtomicUsize>);

impl PasswordSource for TestPasswordSource {
    fn verifier(&self) -> Result<Option<Box<dyn PasswordVerifier>>, String> {
        Ok(self.0.map(|password| {
            Box::new(TestVerifier(password, self.1.clone())) as Box<dyn PasswordVerifier>
        }))
    }
}

impl PasswordVerifier for TestVerifier {
    fn fingerprint(&self) -> String {
        format!("of {}", self.0)
    }

    fn verify(&self, password: &str) -> bool {
        assert_ne!(password, "explode");
        self.1.fetch_add(1, Ordering::Relaxed);
        password == self.0
    }
}

/// A node with its web pages.
pub(crate) struct TestServer {
    pub(crate) node: Rc<Node>,
    pub(crate) web: Rc<Web>,
    /// Held during a change of accounts.
    pub(crate) changes_lock: Rc<Mutex<()>>,
    /// How many times an administrator's password was checked.
    pub(crate) password_checks: Arc<AtomicUsize>,
}

impl TestServer {
    pub(crate) async fn new() -> TestServer {
        TestServer::with(settings(), Some(ADMIN_PASSWORD)).await
    }

    pub(crate) async fn with(
        settings: Settings,
        admin_password: Option<&'static str>,
    ) -> TestServer {
        let memory = Memory::new().unwrap();
        let principal = Principal {
            handle: Handle::new(ALICE).unwrap(),
            name: FriendlyName::new("Alice & <B>Jörg</B> Ж").unwrap(),
        };
        let password = Password::new("secret").unwrap();
        let version = ListVersion::new(66_000_000).unwrap();
        memory.create(&NewAccount { principal, password, version }).unwrap();
        let count = Cell::new(1);
        let entropy = move || {
            count.set(count.get() + 1);
            count.get() << 64 | count.get()
        };
        let clock = Box::new(|| 1_796_000_000);
        let node = Node::start(node_settings(), Arc::new(memory), clock, Rc::new(entropy)).unwrap();
        let password_checks = Arc::<AtomicUsize>::default();
        let changes_lock = Rc::<Mutex<()>>::default();
        let deps = Deps {
            node: node.clone(),
            settings,
            changes_lock: changes_lock.clone(),
            password_source: Box::new(TestPasswordSource(admin_password, password_checks.clone())),
            version: "0.0.0",
        };
        TestServer { web: Web::start(deps), node, changes_lock, password_checks }
    }

    /// Opens a connection from this address.
    pub(crate) fn connect_from(&self, peer: &str) -> DuplexStream {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let local: IpAddr = SERVER_ADDRESS.parse().unwrap();
        let peer_info = PeerInfo::new(local, peer.parse().unwrap());
        let web = self.web.clone();
        actix_rt::spawn(async move { web.serve(Box::new(far), peer_info).await });
        near
    }

    /// Sends these bytes, and returns the response.
    pub(crate) async fn send_raw(&self, peer: &str, bytes: &[u8]) -> Response {
        let mut stream = self.connect_from(peer);
        stream.write_all(bytes).await.unwrap();
        Response::read(&mut stream).await
    }

    /// Requests a page as a browser of 1996 does.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.get_with(path, "").await
    }

    /// Requests a page with more headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &str) -> Response {
        self.send_raw(CLIENT_ADDRESS, format!("GET {path} HTTP/1.0\r\n{headers}\r\n").as_bytes())
            .await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Response {
        self.post_from(CLIENT_ADDRESS, path, "", form).await
    }

    /// Sends a form from another address, with more headers.
    pub(crate) async fn post_from(
        &self,
        peer: &str,
        path: &str,
        headers: &str,
        form: &str,
    ) -> Response {
        let text = format!(
            "POST {path} HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.send_raw(peer, text.as_bytes()).await
    }

    /// Returns the number of accounts.
    pub(crate) fn accounts(&self) -> usize {
        self.node.directory.len()
    }

    /// Signs in an account with the password `secret`. It stays signed in while the stream exists.
    pub(crate) async fn sign_in(&self, handle: &str) -> DuplexStream {
        let (mut near, far) = tokio::io::duplex(64 * 1024);
        let peer_info =
            PeerInfo::new(SERVER_ADDRESS.parse().unwrap(), "192.168.2.77".parse().unwrap());
        actors::serve(&self.node, Server::Notification, Box::new(far), peer_info).unwrap();
        ask(&mut near, b"VER 1 MSNP7 CVR0\r\n").await;
        ask(&mut near, b"INF 2\r\n").await;
        ask(&mut near, b"CVR 3 0x0409 winnt 5.1 i386 MSMSGS 4.6.0083 MSMSGS\r\n").await;
        let line = ask(&mut near, format!("USR 4 MD5 I {handle}\r\n").as_bytes()).await;
        let word = line.trim_end().rsplit(' ').next().unwrap().to_owned();
        let challenge = msnp::auth::Challenge::parse(word.as_bytes()).unwrap();
        let digest = msnp::auth::Digest::of(&challenge, b"secret").text();
        let line = ask(&mut near, format!("USR 5 MD5 S {digest}\r\n").as_bytes()).await;
        assert!(line.starts_with("USR 5 OK "), "{line}");
        near
    }
}

/// Sends a line, and returns the first line of the response.
pub(crate) async fn ask(stream: &mut DuplexStream, line: &[u8]) -> String {
    stream.write_all(line).await.unwrap();
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n") {
        text.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(text).unwrap()
}

/// A response, as a browser reads it.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Reads to the end of the connection.
    pub(crate) async fn read(stream: &mut DuplexStream) -> Response {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        Response { head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns the page, which must be ASCII.
    pub(crate) fn text(&self) -> &str {
        assert!(self.body.is_ascii());
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Checks what every response must have.
    pub(crate) fn check(&self) {
        assert!(self.head.starts_with("HTTP/1."), "{}", self.head);
        assert_eq!(self.header("connection"), Some("close"));
        assert_eq!(self.header("location"), None);
        assert_eq!(self.header("set-cookie"), None);
        assert!(self.header("content-length").is_some());
    }
}
