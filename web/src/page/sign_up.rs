//! `/sign-up`: creates an account.

use super::account::{LONGEST_NAME, Problem, friendly_name, handle, new_password};
use super::message::say;
use crate::answer;
use crate::page_request::PageRequest;
use crate::site::{Settings, SignUp};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::connection::is_private;
use actors::operator;
use actors::port::store::{CreateError, Password, Principal};
use actors::rules;
use askama::Template;
use msnp::{Handle, HandleError};
use subtle::ConstantTimeEq;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct Form<'a> {
    problem: Option<&'a Problem>,
    is_closed: bool,
    has_code: bool,
    domains: &'a [String],
    longest: usize,
    longest_password: usize,
    // What was typed before.
    handle: &'a str,
    domain: &'a str,
    name: &'a str,
}

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn make(guest: PageRequest) -> HttpResponse {
    match enrol(&guest).await {
        Ok(handle) => {
            let lines = [
                format!("Your account is {handle}. It is your sign-in name in Messenger, whole."),
                "Next: set up this computer, unless you have done so already. Then start Messenger \
                 and sign in."
                    .to_owned(),
            ];
            say(StatusCode::OK, "Your account is made", &lines, ("set-up", "Set up this computer"))
        }
        Err(problem) => form(&guest, Some(&problem)),
    }
}

fn form(guest: &PageRequest, problem: Option<&Problem>) -> HttpResponse {
    let settings = guest.site.settings();
    let form = Form {
        problem,
        is_closed: settings.sign_up == SignUp::Closed,
        has_code: matches!(settings.sign_up, SignUp::Code(_)),
        domains: &settings.domains,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
        domain: guest.word("domain"),
        name: guest.word("name"),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

/// Creates the account, if the form is valid and the user may create one.
async fn enrol(guest: &PageRequest) -> Result<Handle, Problem> {
    let settings = guest.site.settings();
    if settings.sign_up == SignUp::Closed {
        return Err(Problem::Closed);
    }
    if settings.sign_up == SignUp::Private && !is_private(guest.facts.peer) {
        return Err(Problem::NotFromThere);
    }
    let handle = wanted(guest, &settings)?;
    let name = match guest.word("name") {
        "" => friendly_name(handle.local())?,
        name => friendly_name(name)?,
    };
    let password = new_password(guest.field("password"), guest.field("again"))?;
    if !guest.site.attempts.borrow_mut().pass(guest.facts.peer, settings.per_hour) {
        return Err(Problem::TooMany);
    }
    if let SignUp::Code(code) = &settings.sign_up
        && !bool::from(code.as_bytes().ct_eq(guest.word("code").as_bytes()))
    {
        return Err(Problem::Code);
    }
    let node = guest.site.node.clone();
    let _one_at_a_time = guest.site.changes.lock().await;
    if node.directory.find(&handle).is_some() {
        return Err(Problem::Exists);
    }
    let principal = Principal { handle: handle.clone(), name };
    match operator::create(node, principal, password).await {
        Ok(_) => {
            log::info!("account {handle} is made, on the web page, from {}", guest.facts.peer);
            Ok(handle)
        }
        Err(CreateError::Exists) => Err(Problem::Exists),
        Err(CreateError::Store(error)) => {
            log::error!("an account cannot be made: {error}");
            Err(Problem::Failed)
        }
    }
}

/// Errors about the domain make no sense to users who see the domain beside the field.
fn of_local(problem: Problem) -> Problem {
    match problem {
        Problem::Handle(HandleError::Malformed | HandleError::NoDomain) => Problem::Local,
        other => other,
    }
}

/// The requested handle: typed in full, or with the domain selected beside it.
fn wanted(guest: &PageRequest, settings: &Settings) -> Result<Handle, Problem> {
    let (typed, domain) = (guest.word("handle"), guest.word("domain"));
    let whole = match typed {
        "" => return Err(Problem::NoName),
        typed if typed.contains('@') => handle(guest, typed)?,
        typed if domain.is_empty() => handle(guest, typed).map_err(of_local)?,
        typed => handle(guest, &format!("{typed}@{domain}")).map_err(of_local)?,
    };
    if operator::is_kept(&whole) {
        return Err(Problem::Kept);
    }
    // The greeter's account is created together with the first other account.
    let greeter = guest.site.node.settings().greeter.clone().map(|one| one.handle);
    if rules::is_reserved(&whole, greeter.as_ref()) {
        return Err(Problem::Reserved);
    }
    rules::check_new_handle(&whole).map_err(Problem::NewHandle)?;
    if operator::is_ours(&whole, &settings.domains) {
        Ok(whole)
    } else {
        Err(Problem::Domain(settings.domains.join(", ")))
    }
}
