//! Somebody who asks for a page, and what he says of himself.

use crate::door::{Method, Request};
use crate::form::Form;
use crate::keyhole::Opens;
use crate::page;
use crate::pointing::System;
use crate::site::Site;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use actors::port::Facts;
use std::future::{Ready, ready};
use std::rc::Rc;

/// Somebody who asks for a page. The door puts him into the request, and each page takes him out.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) site: Rc<Site>,
    pub(crate) facts: Facts,
    pub(crate) authorization: Option<Vec<u8>>,
    pub(crate) form: Rc<Form>,
    pub(crate) system: System,
    /// Whether the form is of another site's page.
    pub(crate) is_sent_by_another_site: bool,
}

impl Guest {
    pub(crate) fn new(site: Rc<Site>, facts: Facts, request: &Request) -> Guest {
        let value = |name: &str| {
            let found = request.headers.iter().find(|(header, _)| *header == name);
            found.map(|(_, value)| value.clone())
        };
        let text = |name| value(name).map(|value| String::from_utf8_lossy(&value).into_owned());
        let own = text("host").map(|host| format!("http://{host}"));
        // Browsers that know better say whose page it is; those of the nineties say nothing.
        let is_foreign = |said: String| Some(said) != own;
        let other = text("origin").is_some_and(is_foreign)
            || text("sec-fetch-site").is_some_and(|site| !matches!(&*site, "same-origin" | "none"));
        Guest {
            site,
            facts,
            authorization: value("authorization"),
            form: Rc::new(Form::parse(&request.body)),
            system: System::of_user_agent(&text("user-agent").unwrap_or_default()),
            is_sent_by_another_site: request.method == Method::Post && other,
        }
    }

    /// Nothing, if the guest is the administrator; else what he is shown instead.
    pub(crate) async fn is_no_administrator(&self) -> Option<HttpResponse> {
        match self.site.keyhole.open(self).await {
            Opens::Yes => None,
            closed => Some(page::closed::show(&closed)),
        }
    }

    /// What a field of the form says.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.form.get(name)
    }

    /// The same for one that is typed on one line: browsers and people leave blanks around it.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.field(name).trim()
    }
}

impl FromRequest for Guest {
    type Error = actix_web::Error;
    type Future = Ready<Result<Guest, actix_web::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let guest = request.extensions().get::<Guest>().cloned();
        ready(guest.ok_or_else(|| actix_web::error::ErrorInternalServerError("nobody asks")))
    }
}
