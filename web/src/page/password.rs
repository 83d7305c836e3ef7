//! `/password`: changes the password of an account.

use super::account::{LONGEST_NAME, Problem, handle, new_password, sign_in};
use super::message::{HOME, say};
use crate::answer;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::operator;
use actors::port::store::Password;
use askama::Template;
use msnp::Handle;

#[derive(Template)]
#[template(path = "password.html")]
struct Form<'a> {
    problem: Option<&'a Problem>,
    longest: usize,
    longest_password: usize,
    handle: &'a str,
}

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: PageRequest) -> HttpResponse {
    match set(&guest).await {
        Ok((handle, ended)) => {
            let lines = [
                format!("From now on {handle} signs in with the new password."),
                match ended {
                    0 => "Nobody was signed in with the old one.".to_owned(),
                    1 => "1 connection that was signed in with the old one was ended.".to_owned(),
                    _ => format!(
                        "{ended} connections that were signed in with the old one were ended."
                    ),
                },
            ];
            say(StatusCode::OK, "Your password is changed", &lines, HOME)
        }
        Err(problem) => form(&guest, Some(&problem)),
    }
}

fn form(guest: &PageRequest, problem: Option<&Problem>) -> HttpResponse {
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

/// Sets the password. Returns the handle and the number of connections of the account that were
/// ended.
async fn set(guest: &PageRequest) -> Result<(Handle, usize), Problem> {
    let password = new_password(guest.field("new"), guest.field("again"))?;
    let node = &guest.site.node;
    // Detects if the account got another password or was disabled while the password was checked.
    let credentials = || {
        let handle = handle(guest, guest.word("handle")).ok()?;
        node.directory.credentials(node.directory.find(&handle)?)
    };
    let before = credentials();
    let (known, handle) = sign_in(guest).await?;
    let _one_at_a_time = guest.site.changes.lock().await;
    let is_there = node.directory.is_current(known) && node.directory.contains(known.account);
    if !is_there || credentials() != before {
        return Err(Problem::Wrong);
    }
    match operator::set_password(node.clone(), known.account, password, false).await {
        Ok(ended) => {
            log::info!("{handle} has a new password, by the web page, from {}", guest.facts.peer);
            Ok((handle, ended))
        }
        Err(error) => {
            log::error!("a password cannot be changed: {error}");
            Err(Problem::Failed)
        }
    }
}
