//! The web server: it serves connections.

use crate::answer;
use crate::history;
use crate::http_request::{self, Form, Method, Refusal, Request};
use crate::page;
use crate::page_request::PageRequest;
use crate::site::{Deps, Settings, Site};
use actix_http::body::MessageBody;
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::Uri;
use actix_web::{App, HttpResponse, http};
use actors::connection::{is_private, origin};
use actors::port::{PeerInfo, Transport};
use actors::throttle::counted;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The maximum number of connections. Further ones are closed.
pub const MAX_CONNECTIONS: usize = 64;

/// The maximum number of connections from one address, more than a browser opens at once. Public
/// IPv6 addresses are counted by /64 network, others one by one.
pub const PER_ADDRESS: usize = 16;

/// The maximum number of connections from one IPv6 /64 network. A machine can have any number of
/// addresses in it, and must not take all connections.
pub const PER_NETWORK: usize = 48;

/// The maximum number of connections from refused addresses that get a page with the reason, in
/// addition to `MAX_CONNECTIONS`. Further ones are closed.
const OUTSIDE: usize = 16;

/// The maximum duration of a connection.
const WHOLE: Duration = Duration::from_secs(60);

/// How long a browser may take to close a connection after the response, and how many bytes it may
/// still send. Unread bytes could make the browser lose the response.
const LINGER: Duration = Duration::from_secs(2);
const LEFT: usize = 64 * 1024;

type Answered = Pin<Box<dyn Future<Output = HttpResponse>>>;

/// The web pages of a node. They live on its arbiter.
pub struct Web {
    site: Rc<Site>,
    /// The framework, which routes requests to pages.
    ask: Box<dyn Fn(actix_http::Request) -> Answered>,
    places: Places,
    outside: Semaphore,
}

impl Web {
    /// Creates the pages of a node, and starts to record who is online.
    ///
    /// # Errors
    /// A message, if the framework does not start.
    pub async fn start(wiring: Deps) -> Result<Rc<Web>, String> {
        let site = Rc::new(Site::new(wiring));
        let noted = site.clone();
        actix_rt::spawn(async move { history::keep(&noted).await });
        let factory = App::new()
            .configure(page::routes)
            .default_service(actix_web::web::to(page::missing::anywhere))
            .into_factory();
        let factory = actix_service::map_config(factory, |()| AppConfig::default());
        let service = factory.new_service(()).await;
        let service = Rc::new(service.map_err(|()| "the web pages do not start".to_owned())?);
        let ask = move |request| -> Answered {
            let service = service.clone();
            Box::pin(async move {
                let answered: Result<ServiceResponse<_>, actix_web::Error> =
                    service.call(request).await;
                match answered {
                    Ok(answer) => HttpResponse::from(answer),
                    Err(error) => error.error_response(),
                }
            })
        };
        Ok(Rc::new(Web {
            site,
            ask: Box::new(ask),
            places: Places::default(),
            outside: Semaphore::new(OUTSIDE),
        }))
    }

    /// Replaces the settings.
    pub fn change_settings(&self, settings: Settings) {
        self.site.change_settings(settings);
    }

    /// Serves a connection until it ends.
    pub async fn serve(&self, mut stream: Box<dyn Transport>, facts: PeerInfo) {
        let is_denied = self.site.node.denies(facts.peer);
        if is_denied || !self.is_let_in(facts.peer) {
            let Ok(_place) = self.outside.try_acquire() else { return };
            let show = if is_denied { page::outside::denied } else { page::outside::show };
            let said = say(&mut stream, Form::PLAIN, show());
            // The browser may be gone, or may not read.
            let _ = timeout(LINGER, said).await;
            return;
        }
        let Some(seat) = ConnectionSlot::take(&self.places, facts.peer) else {
            log::debug!("{}: there are too many connections to the web pages", facts.peer);
            return;
        };
        if timeout(WHOLE, self.converse(&mut stream, facts, Rc::new(seat))).await.is_err() {
            log::debug!("{}: a browser took too long", facts.peer);
        }
    }

    fn is_let_in(&self, peer: IpAddr) -> bool {
        let settings = self.site.node.settings();
        is_private(peer) || settings.allow.iter().any(|network| network.contains(&peer))
    }

    async fn converse(
        &self,
        stream: &mut Box<dyn Transport>,
        facts: PeerInfo,
        seat: Rc<ConnectionSlot>,
    ) {
        let (form, answer) = match http_request::receive(stream).await {
            Err((_, Refusal::Gone)) => return,
            Err((form, refusal)) => (form, page::refused::show(refusal)),
            // The network may have been denied in the meantime.
            Ok(request) if self.site.node.denies(facts.peer) => {
                (request.form, page::outside::denied())
            }
            Ok(request) => (request.form, self.answer(request, facts, seat).await),
        };
        say(stream, form, answer).await;
    }

    async fn answer(
        &self,
        request: Request,
        facts: PeerInfo,
        seat: Rc<ConnectionSlot>,
    ) -> HttpResponse {
        let guest = PageRequest::new(self.site.clone(), facts, &request);
        if !guest.knows_the_name {
            return page::unnamed::show();
        }
        if guest.is_sent_by_another_site {
            return page::foreign::show();
        }
        let Ok(uri) = request.target.parse::<Uri>() else {
            return page::refused::show(Refusal::Malformed);
        };
        let mut asked = actix_http::Request::new();
        asked.head_mut().method = match request.method {
            Method::Get | Method::Head => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        asked.head_mut().uri = uri;
        actix_http::HttpMessage::extensions_mut(&asked).insert(guest);
        let answered = (self.ask)(asked);
        if request.method != Method::Post {
            return answered.await;
        }
        // A form is processed to the end, even if its connection closes. It keeps its connection
        // slot until then, which limits the number of forms in progress.
        let done = actix_rt::spawn(async move {
            let _seat = seat;
            answered.await
        });
        done.await.unwrap_or_else(|_| page::failed())
    }
}

async fn say(stream: &mut Box<dyn Transport>, form: Form, answer: HttpResponse) {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body().try_into_bytes().unwrap_or_default();
    let bytes = answer::bytes(form, status, &headers, &body);
    // The browser may be gone.
    if stream.write_all(&bytes).await.is_ok() && stream.shutdown().await.is_ok() {
        let _ = timeout(LINGER, drain(stream)).await;
    }
}

async fn drain(stream: &mut Box<dyn Transport>) {
    let (mut piece, mut left) = ([0; 1024], LEFT);
    while let Ok(count) = stream.read(&mut piece).await
        && count > 0
        && count < left
    {
        left -= count;
    }
}

/// The number of connections from each address.
type Places = Rc<RefCell<HashMap<IpAddr, usize>>>;

/// A counted connection.
struct ConnectionSlot {
    places: Places,
    from: IpAddr,
}

impl ConnectionSlot {
    fn take(places: &Places, peer: IpAddr) -> Option<ConnectionSlot> {
        let from = counted(peer);
        let mut taken = places.borrow_mut();
        let near = taken.iter().filter(|(other, _)| origin(**other) == origin(from));
        let near: usize = near.map(|(_, count)| count).sum();
        if taken.values().sum::<usize>() >= MAX_CONNECTIONS || near >= PER_NETWORK {
            return None;
        }
        let own = taken.entry(from).or_default();
        if *own >= PER_ADDRESS {
            return None;
        }
        *own += 1;
        Some(ConnectionSlot { places: places.clone(), from })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut taken = self.places.borrow_mut();
        if let Some(own) = taken.get_mut(&self.from) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.from);
            }
        }
    }
}
