//! `/sign-up`: creates an account.

use super::account::{
    FormError, MAX_NAME_LENGTH, parse_friendly_name, parse_handle, parse_new_password,
};
use super::message::{Link, message_page};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use crate::site::{Settings, SignUp};
use actors::connection::is_private;
use actors::operator::{self, CreateAccountError};
use actors::port::store::{CreateError, Password, Principal};
use actors::rules::{self, Creator, NewAccountError};
use askama::Template;
use msnp::{Handle, HandleError};
use subtle::ConstantTimeEq;

#[derive(Template)]
#[template(path = "sign_up.html")]
struct Form<'a> {
    problem: Option<&'a FormError>,
    is_closed: bool,
    has_code: bool,
    domains: &'a [String],
    max_name_length: usize,
    max_password_length: usize,
    // What was typed before.
    handle: &'a str,
    domain: &'a str,
    name: &'a str,
}

pub(super) async fn show(request: PageRequest) -> PageResponse {
    form(&request, None)
}

pub(super) async fn create(request: PageRequest) -> PageResponse {
    match create_account(&request).await {
        Ok(handle) => {
            let lines = [
                format!(
                    "Your account is {handle}. Type all of it as your sign-in name in Messenger."
                ),
                "Next: set up this computer, unless you have done so already. Then start Messenger \
                 and sign in."
                    .to_owned(),
            ];
            message_page(
                Status::OK,
                "Your account was created",
                &lines,
                Link { target: "set-up", text: "Set up this computer" },
            )
        }
        Err(problem) => form(&request, Some(&problem)),
    }
}

fn form(request: &PageRequest, problem: Option<&FormError>) -> PageResponse {
    let settings = request.site.settings();
    let form = Form {
        problem,
        is_closed: settings.sign_up == SignUp::Closed,
        has_code: matches!(settings.sign_up, SignUp::Code(_)),
        domains: &settings.domains,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
        domain: request.trimmed("domain"),
        name: request.trimmed("name"),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

/// Creates the account, if the form is valid and the user may create one.
async fn create_account(request: &PageRequest) -> Result<Handle, FormError> {
    let settings = request.site.settings();
    if settings.sign_up == SignUp::Closed {
        return Err(FormError::Closed);
    }
    if settings.sign_up == SignUp::Private && !is_private(request.peer_info.peer) {
        return Err(FormError::PublicAddress);
    }
    let handle = requested_handle(request, &settings)?;
    let name = match request.trimmed("name") {
        "" => parse_friendly_name(handle.local())?,
        name => parse_friendly_name(name)?,
    };
    let password = parse_new_password(request.field("password"), request.field("again"))?;
    let (attempts, peer) = (&request.site.attempts, request.peer_info.peer);
    if !attempts.borrow_mut().try_attempt(peer, settings.max_forms_per_hour) {
        return Err(FormError::TooManyAttempts);
    }
    if let SignUp::Code(code) = &settings.sign_up
        && !bool::from(code.as_bytes().ct_eq(request.trimmed("code").as_bytes()))
    {
        return Err(FormError::WrongCode);
    }
    let node = request.site.node.clone();
    let _one_at_a_time = request.site.changes_lock.lock().await;
    match operator::find(&node, &handle).await {
        Ok(None) => {}
        Ok(Some(_)) => return Err(FormError::Exists),
        Err(error) => {
            log::error!("an account cannot be made: {error}");
            return Err(FormError::Failed);
        }
    }
    let principal = Principal { handle: handle.clone(), name };
    match operator::create(node, principal, password, Creator::User).await {
        Ok(_) => {
            log::info!(
                "account {handle} is made, on the web page, from {}",
                request.peer_info.peer
            );
            Ok(handle)
        }
        Err(CreateAccountError::Refused(error)) => Err(form_error(error, &settings)),
        Err(CreateAccountError::Store(CreateError::Exists)) => Err(FormError::Exists),
        Err(CreateAccountError::Store(CreateError::Store(error))) => {
            log::error!("an account cannot be made: {error}");
            Err(FormError::Failed)
        }
    }
}

/// Replaces an error about the form of a whole handle by one about the part before the domain.
/// Users who see the domain beside the field typed only that part.
fn local_part_error(problem: FormError) -> FormError {
    match problem {
        FormError::Handle(HandleError::Malformed | HandleError::NoDomain) => FormError::LocalPart,
        other => other,
    }
}

/// Returns the requested handle: typed in full, or completed with the domain that was selected
/// beside the field.
fn requested_handle(request: &PageRequest, settings: &Settings) -> Result<Handle, FormError> {
    let (typed, domain) = (request.trimmed("handle"), request.trimmed("domain"));
    let handle = match typed {
        "" => return Err(FormError::NoName),
        typed if typed.contains('@') => parse_handle(request, typed)?,
        typed if domain.is_empty() => parse_handle(request, typed).map_err(local_part_error)?,
        typed => parse_handle(request, &format!("{typed}@{domain}")).map_err(local_part_error)?,
    };
    let node_settings = request.site.node.settings();
    let greeter_handle = node_settings.greeter.as_ref().map(|greeter| &greeter.handle);
    match rules::check_new_account(&handle, &settings.domains, greeter_handle, Creator::User) {
        Ok(()) => Ok(handle),
        Err(error) => Err(form_error(error, settings)),
    }
}

fn form_error(error: NewAccountError, settings: &Settings) -> FormError {
    match error {
        NewAccountError::ReservedForSelfTest => FormError::ReservedForServer,
        NewAccountError::Greeter | NewAccountError::Reserved => FormError::Reserved,
        NewAccountError::Handle(error) => FormError::NewHandle(error),
        NewAccountError::Domain => FormError::Domain(settings.domains.join(", ")),
    }
}
