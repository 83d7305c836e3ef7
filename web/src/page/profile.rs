//! `/profile`: a user's profile in the member directory, where others can search for it by name.

use super::account::{Authenticated, FormError, MAX_NAME_LENGTH, authenticate};
use super::message::{HOME, message_page};
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::edit::edit;
use actors::port::store::{Change, Password};
use askama::Template;
use msnp::{Country, MemberProfile, ProfileText};

#[derive(Template)]
#[template(path = "profile.html")]
struct Form<'a> {
    problem: Option<&'a FormError>,
    max_name_length: usize,
    max_password_length: usize,
    handle: &'a str,
    /// The name of each field, its label, what was typed, and its maximum length.
    fields: Vec<(&'static str, &'static str, &'a str, usize)>,
}

const FIELDS: [(&str, &str, usize); 5] = [
    ("first", "First name", ProfileText::MAX_ENCODED),
    ("last", "Last name", ProfileText::MAX_ENCODED),
    ("city", "City", ProfileText::MAX_ENCODED),
    ("state", "State", ProfileText::MAX_ENCODED),
    ("country", "Country", 2),
];

pub(super) async fn show(request: PageRequest) -> PageResponse {
    form(&request, None)
}

pub(super) async fn change(request: PageRequest) -> PageResponse {
    let (title, line) = match change_profile(&request).await {
        Ok(true) => (
            "You are in the member directory",
            "Users who search for your first and last name see what you typed, but not your \
             sign-in name.",
        ),
        Ok(false) => ("You are not in the member directory", "Others cannot find you there."),
        Err(problem) => return form(&request, Some(&problem)),
    };
    message_page(Status::OK, title, &[line.to_owned()], HOME)
}

fn form(request: &PageRequest, problem: Option<&FormError>) -> PageResponse {
    let fields =
        FIELDS.map(|(field, title, max_length)| (field, title, request.trimmed(field), max_length));
    let form = Form {
        problem,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
        fields: fields.to_vec(),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

/// Replaces the profile, or removes it. Returns whether the user has one now.
async fn change_profile(request: &PageRequest) -> Result<bool, FormError> {
    let profile = parse_profile(request)?;
    let is_listed = profile.is_some();
    let Authenticated { account_ref, .. } = authenticate(request).await?;
    edit(request.site.node.clone(), account_ref, Change::SetProfile(profile)).await?;
    Ok(is_listed)
}

/// The typed profile; `None` if the box for its removal is checked.
fn parse_profile(request: &PageRequest) -> Result<Option<MemberProfile>, FormError> {
    let is_removal = !request.trimmed("out").is_empty();
    if FIELDS.iter().all(|(field, ..)| request.trimmed(field).is_empty()) {
        return if is_removal { Ok(None) } else { Err(FormError::BothNames) };
    }
    if is_removal {
        return Err(FormError::FieldsAndRemoval);
    }
    let text = |field, title| match request.trimmed(field) {
        "" => Ok(None),
        text => ProfileText::new(text).map(Some).map_err(|_| FormError::Profile(title)),
    };
    let [first, last, city, state, _] = FIELDS.map(|(field, title, _)| text(field, title));
    let country = country(request.trimmed("country"))?;
    match (first?, last?, city?, state?) {
        (Some(first), Some(last), city, state) => {
            let state = check_state(country, state)?;
            Ok(Some(MemberProfile { first, last, city, state, country }))
        }
        _ => Err(FormError::BothNames),
    }
}

/// The clients support the countries of ISO 3166 only.
fn country(word: &str) -> Result<Option<Country>, FormError> {
    match word {
        "" => Ok(None),
        word if word.eq_ignore_ascii_case("UK") => Err(FormError::NotUk),
        word => Country::parse(word.as_bytes()).map(Some).ok_or(FormError::Country),
    }
}

/// For the United States, the clients have a list of states with two letters each. They find no
/// other text in it.
fn check_state(
    country: Option<Country>,
    state: Option<ProfileText>,
) -> Result<Option<ProfileText>, FormError> {
    let state = match state {
        Some(state) if country == Some(Country::UNITED_STATES) => state,
        other => return Ok(other),
    };
    let letters = state.as_str().to_ascii_uppercase();
    if letters.len() != 2 || !letters.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(FormError::State);
    }
    ProfileText::new(&letters).map(Some).map_err(|_| FormError::State)
}
