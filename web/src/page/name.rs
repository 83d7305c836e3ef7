//! `/name`: changes a user's friendly name.

use super::account::{LONGEST_NAME, Problem, friendly_name, sign_in};
use super::message::{HOME, say};
use crate::answer;
use crate::page_request::PageRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actors::operator;
use actors::port::store::Password;
use askama::Template;
use msnp::FriendlyName;

#[derive(Template)]
#[template(path = "name.html")]
struct Form<'a> {
    problem: Option<&'a Problem>,
    longest: usize,
    longest_password: usize,
    handle: &'a str,
    name: &'a str,
}

pub(super) async fn show(guest: PageRequest) -> HttpResponse {
    form(&guest, None)
}

pub(super) async fn change(guest: PageRequest) -> HttpResponse {
    match rename(&guest).await {
        Ok(name) => {
            let line = format!(
                "You are called {name} now. Whoever sees you hears of it at once; your own Messenger \
                 shows it when you sign in the next time."
            );
            say(StatusCode::OK, "Your friendly name is changed", &[line], HOME)
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
        name: guest.word("name"),
    };
    answer::page(problem.map_or(StatusCode::OK, Problem::status), &form)
}

async fn rename(guest: &PageRequest) -> Result<FriendlyName, Problem> {
    let name = match guest.word("name") {
        "" => return Err(Problem::NoName),
        name => friendly_name(name)?,
    };
    let (known, _) = sign_in(guest).await?;
    let _one_at_a_time = guest.site.changes.lock().await;
    if !guest.site.node.directory.is_current(known) {
        return Err(Problem::Wrong);
    }
    operator::rename(guest.site.node.clone(), known.account, name.clone()).await?;
    Ok(name)
}
