//! `/password`: gives an account another password.

use super::account::{LONGEST_NAME, Problem, new_password, sign_in};
use super::said::{HOME, say};
use crate::answer;
use crate::guest::Guest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::message::SetPassword;
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

pub(super) async fn show(guest: Guest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: Guest) -> HttpResponse {
    match set(&guest).await {
        Ok(handle) => {
            let line = format!("The next time, {handle} signs in with the new password.");
            say(StatusCode::OK, "Your password is changed", &[line], HOME)
        }
        Err(problem) => form(&guest, Some(&problem)),
    }
}

fn form(guest: &Guest, problem: Option<&Problem>) -> HttpResponse {
    let form = Form {
        problem,
        longest: LONGEST_NAME,
        longest_password: Password::MAX,
        handle: guest.word("handle"),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

async fn set(guest: &Guest) -> Result<Handle, Problem> {
    let password = new_password(guest.field("new"), guest.field("again"))?;
    let (known, handle) = sign_in(guest).await?;
    let node = &guest.site.node;
    let _one_at_a_time = guest.site.changes.lock().await;
    if !node.directory.is_current(known) || !node.directory.contains(known.account) {
        return Err(Problem::Wrong);
    }
    match node.accounts.send(SetPassword { account: known.account, password }).await {
        Ok(Ok(())) => {
            log::info!("{handle} has a new password, by the web page, from {}", guest.facts.peer);
            Ok(handle)
        }
        Ok(Err(_)) | Err(_) => Err(Problem::Failed),
    }
}
