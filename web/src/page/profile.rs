//! `/profile`: a user's profile in the member directory, where others can search for it by name.

use super::account::{FormError, MAX_NAME_LENGTH, authenticate};
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
    fields: Vec<ShownField<'a>>,
}

/// A field of the profile in the form.
struct ShownField<'a> {
    field: Field,
    typed: &'a str,
}

/// A field of the profile.
#[derive(Clone, Copy)]
struct Field {
    name: &'static str,
    label: &'static str,
    max_length: usize,
}

const fn text_field(name: &'static str, label: &'static str) -> Field {
    Field { name, label, max_length: ProfileText::MAX_ENCODED }
}

const FIRST: Field = text_field("first", "First name");
const LAST: Field = text_field("last", "Last name");
const CITY: Field = text_field("city", "City");
const STATE: Field = text_field("state", "State");
const COUNTRY: Field = Field { name: "country", label: "Country", max_length: 2 };
const FIELDS: [Field; 5] = [FIRST, LAST, CITY, STATE, COUNTRY];

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
    let shown = |field: Field| ShownField { field, typed: request.trimmed(field.name) };
    let form = Form {
        problem,
        max_name_length: MAX_NAME_LENGTH,
        max_password_length: Password::MAX,
        handle: request.trimmed("handle"),
        fields: FIELDS.map(shown).into(),
    };
    PageResponse::page(problem.map_or(Status::OK, FormError::status), &form)
}

/// Replaces or removes the profile. Returns whether the user has one now.
async fn change_profile(request: &PageRequest) -> Result<bool, FormError> {
    let profile = parse_profile(request)?;
    let is_listed = profile.is_some();
    let (account_ref, _) = authenticate(request).await?;
    edit(request.site.node.clone(), account_ref, Change::SetProfile(profile)).await?;
    Ok(is_listed)
}

/// Returns the typed profile, or `None` if the box that removes the user is checked.
fn parse_profile(request: &PageRequest) -> Result<Option<MemberProfile>, FormError> {
    let is_removal = !request.trimmed("out").is_empty();
    let is_filled_in = FIELDS.iter().any(|field| !request.trimmed(field.name).is_empty());
    match (is_filled_in, is_removal) {
        (false, true) => return Ok(None),
        (false, false) => return Err(FormError::BothNames),
        (true, true) => return Err(FormError::FieldsAndRemoval),
        (true, false) => {}
    }
    let country = parse_country(request.trimmed(COUNTRY.name))?;
    let first = parse_text(request, FIRST)?;
    let last = parse_text(request, LAST)?;
    let city = parse_text(request, CITY)?;
    let state = parse_text(request, STATE)?;
    let (Some(first), Some(last)) = (first, last) else { return Err(FormError::BothNames) };
    let state = check_state(country, state)?;
    Ok(Some(MemberProfile { first, last, city, state, country }))
}

/// Returns `None` if the field is empty.
fn parse_text(request: &PageRequest, field: Field) -> Result<Option<ProfileText>, FormError> {
    match request.trimmed(field.name) {
        "" => Ok(None),
        text => ProfileText::new(text).map(Some).map_err(|_| FormError::Profile(field.label)),
    }
}

/// Returns `None` for an empty text. The clients know only the countries of ISO 3166, in which the
/// United Kingdom is not `UK`.
fn parse_country(word: &str) -> Result<Option<Country>, FormError> {
    match word {
        "" => Ok(None),
        word if word.eq_ignore_ascii_case("UK") => Err(FormError::NotUk),
        word => Country::parse(word.as_bytes()).map(Some).ok_or(FormError::Country),
    }
}

/// Checks that a state of the United States has two letters, and converts them to upper case:
/// clients choose the state from a list of such names, so no one could search for another text.
fn check_state(
    country: Option<Country>,
    state: Option<ProfileText>,
) -> Result<Option<ProfileText>, FormError> {
    let Some(state) = state else { return Ok(None) };
    if country != Some(Country::UNITED_STATES) {
        return Ok(Some(state));
    }
    let letters = state.as_str().to_ascii_uppercase();
    if letters.len() != 2 || !letters.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(FormError::State);
    }
    ProfileText::new(&letters).map(Some).map_err(|_| FormError::State)
}
