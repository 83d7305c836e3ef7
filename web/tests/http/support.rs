//! A server with a few routes, and its clients.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;
use web::http::{
    self, ExchangeTimeout, Request, RequestError, Response, Rules, Service, Status, Target,
    Upgraded,
};

/// The value of `PassportURLs` (its form is in [MS-PASS]).
pub(crate) const PASSPORT_URLS: &str =
    "DARealm=Passport.Net,DALogin=nexus.passport.com/login2.srf,ConfigVersion=11";

/// The maximum size of a body for the gateway.
pub(crate) const MAX_BODY: usize = 70_000;

#[derive(Default)]
pub(crate) struct TestService {
    /// The requests that were responded to.
    pub(crate) requests: RefCell<Vec<Request>>,
}

fn path(request: &Request) -> &str {
    Target::parse(&request.target).map_or("", |target| target.path)
}

impl Service for TestService {
    fn rules(&self, request: &Request) -> Rules {
        let strict = Rules {
            max_body: 100,
            media_type: Some("application/x-www-form-urlencoded"),
            needs_host: true,
            allows_missing_version: false,
            keeps_alive: true,
        };
        let nexus = Rules { needs_host: false, allows_missing_version: true, ..strict };
        match path(request) {
            "/rdr/pprdr.asp" => nexus,
            "/gateway/gateway.dll" => {
                Rules { max_body: MAX_BODY, media_type: None, needs_host: false, ..strict }
            }
            "/closes" => Rules { keeps_alive: false, ..strict },
            _ => strict,
        }
    }

    async fn respond(&self, request: Request) -> Response {
        self.requests.borrow_mut().push(request.clone());
        match path(&request) {
            "/rdr/pprdr.asp" => Response::new(Status::OK, "")
                .header("Cache-Control", "private")
                .header("Content-Type", "text/html")
                .content_length()
                .header("PassportURLs", PASSPORT_URLS),
            "/gateway/gateway.dll" => {
                let body = if request.body.is_empty() { "" } else { "VER 1 MSNP9 CVR0\r\n" };
                Response::new(Status::OK, body)
                    .connection()
                    .header("Content-Type", "application/x-msn-messenger")
                    .header("X-MSN-Messenger", "SessionID=48201.1067; GW-IP=192.168.1.10")
            }
            "/upgrade" => Response::upgrade(Box::new(|upgraded| Box::pin(echo(upgraded))))
                .header("Upgrade", "echo")
                .header("Connection", "Upgrade"),
            "/hangs" => std::future::pending().await,
            _ => Response::new(Status::OK, "page"),
        }
    }

    fn refuse(&self, error: RequestError) -> Response {
        Response::new(error.status(), error.to_string())
    }
}

/// Sends back everything.
async fn echo(upgraded: Upgraded) {
    let Upgraded { mut stream, received } = upgraded;
    stream.write_all(&received).await.unwrap();
    let mut byte = [0];
    while stream.read(&mut byte).await.unwrap() > 0 {
        stream.write_all(&byte).await.unwrap();
    }
}

/// A connection to the server.
pub(crate) struct Client {
    pub(crate) service: Rc<TestService>,
    pub(crate) stream: DuplexStream,
    pub(crate) served: JoinHandle<Result<(), ExchangeTimeout>>,
}

impl Client {
    pub(crate) fn connect() -> Client {
        let service = Rc::<TestService>::default();
        let (stream, far) = tokio::io::duplex(64 * 1024);
        let serving = service.clone();
        let served = actix_rt::spawn(async move { http::serve(Box::new(far), &*serving).await });
        Client { service, stream, served }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads the head of a response and its body.
    pub(crate) async fn response(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            text.push(char::from(self.stream.read_u8().await.unwrap()));
        }
        let (_, length) = text.split_once("Content-Length: ").unwrap();
        let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
        self.stream.read_exact(&mut body).await.unwrap();
        text + std::str::from_utf8(&body).unwrap()
    }

    /// Reads until the server closes the connection, which it must do soon.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = self.stream.read_to_end(&mut rest);
        tokio::time::timeout(Duration::from_secs(20), read).await.expect("it is closed").unwrap();
        String::from_utf8(rest).unwrap()
    }

    /// The bodies of the requests that were responded to.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let text = |request: &Request| String::from_utf8(request.body.clone()).unwrap();
        self.service.requests.borrow().iter().map(text).collect()
    }
}

/// Sends these bytes on a new connection, and returns the responses and the requests that were
/// responded to. The server must close the connection.
pub(crate) async fn closed_after(bytes: impl AsRef<[u8]>) -> (String, Vec<Request>) {
    let mut client = Client::connect();
    // The server may close before everything is sent.
    let _ = client.stream.write_all(bytes.as_ref()).await;
    let responses = client.rest().await;
    (responses, client.service.requests.take())
}
