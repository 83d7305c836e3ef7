//! Shared parts of the pages that change an account.

use crate::page_request::PageRequest;
use actix_web::http::StatusCode;
use actors::AccountRef;
use actors::message::{CheckProof, EditError};
use actors::operator;
use actors::port::store::{Password, Proof};
use actors::rules;
use msnp::auth::Digest;
use msnp::{FriendlyName, Handle, ProfileText};

/// The maximum length of the name fields, in characters. Names that are too long for the protocol
/// are rejected later.
pub(super) const LONGEST_NAME: usize = 129;

/// Why a form is rejected.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("Type a name.")]
    NoName,
    #[error("That is not a name that Messenger can use: {0}. Use plain letters and digits.")]
    Handle(msnp::HandleError),
    #[error(
        "A name has plain letters, digits, points and hyphens, and no blanks: try another one."
    )]
    Local,
    #[error("Such a name cannot be used: {0}. Try another one.")]
    NewHandle(rules::NewHandleError),
    #[error("That name is kept for the people who run the server. Choose another name.")]
    Reserved,
    #[error("Names that begin so are kept for the server itself. Choose another name.")]
    Kept,
    #[error("Accounts are made in {0} only.")]
    Domain(String),
    #[error("There is an account of that name already. Choose another name.")]
    Exists,
    #[error(
        "That friendly name cannot be used: it is too long, or has characters without a shape."
    )]
    FriendlyName,
    #[error(
        "That telephone number cannot be used: it is too long, or has characters without a shape."
    )]
    Number,
    #[error(
        "{0}: that cannot be used. Type at most {longest} letters, fewer with accents, not * alone, and \
         no characters without a shape.",
        longest = ProfileText::MAX_ENCODED
    )]
    Profile(&'static str),
    #[error("A country has two letters, such as US or DE.")]
    Country,
    #[error("The United Kingdom is GB, not UK.")]
    NotUk,
    #[error("A state of the United States has two letters, such as NY.")]
    State,
    #[error("Type both names, or tick that you are to be taken out of the directory.")]
    BothNames,
    #[error("Something is typed, and you are to be taken out: either, or.")]
    InAndOut,
    #[error("Type a number, or tick one that is to be taken away.")]
    NoNumber,
    #[error("A number is typed that is to be taken away: either, or.")]
    BothWays,
    #[error("The server has failed. Changed is: {done}. Not changed is: {left}. Try again later.")]
    Partly { done: String, left: String },
    #[error("Type a password, in both fields.")]
    NoPassword,
    #[error("The two passwords are not the same.")]
    Differ,
    #[error(
        "A password has 1 to 16 characters: letters, digits and signs, without blanks and accents. \
         Messenger takes no more."
    )]
    Password,
    #[error("The code is wrong.")]
    Code,
    #[error("The name or the password is wrong.")]
    Wrong,
    #[error("Too many attempts from your computer. Try again later.")]
    TooMany,
    #[error("Accounts cannot be made here: ask whoever runs this server for one.")]
    Closed,
    #[error("Accounts can be made from computers of this network only.")]
    NotFromThere,
    #[error("It was refused: {0}.")]
    Refused(&'static str),
    #[error("The server has failed. Nothing was changed; try again later.")]
    Failed,
}

impl Problem {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Problem::Exists | Problem::Kept | Problem::Reserved => StatusCode::CONFLICT,
            Problem::Code | Problem::Wrong | Problem::Closed | Problem::NotFromThere => {
                StatusCode::FORBIDDEN
            }
            Problem::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Problem::Failed | Problem::Partly { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Problem {
        match error {
            EditError::Refused(code) => Problem::Refused(code.description()),
            EditError::Store(error) => {
                log::error!("an account cannot be changed: {error}");
                Problem::Failed
            }
        }
    }
}

/// Parses a typed handle, with or without a domain.
pub(super) fn handle(guest: &PageRequest, text: &str) -> Result<Handle, Problem> {
    if text.is_empty() {
        return Err(Problem::NoName);
    }
    operator::full_handle(text, &guest.site.settings().domains).map_err(Problem::Handle)
}

pub(super) fn friendly_name(text: &str) -> Result<FriendlyName, Problem> {
    FriendlyName::new_visible(text).map_err(|_| Problem::FriendlyName)
}

/// A new password. It must be typed twice.
pub(super) fn new_password(first: &str, second: &str) -> Result<Password, Problem> {
    if first.is_empty() && second.is_empty() {
        return Err(Problem::NoPassword);
    }
    if first != second {
        return Err(Problem::Differ);
    }
    Password::new(first).ok_or(Problem::Password)
}

/// Checks a typed name and password, before a change of the account. The attempt counts like a
/// sign-in of a client and like a new account. A missing account is checked like any other, so that
/// the response takes as long.
pub(super) async fn sign_in(guest: &PageRequest) -> Result<(AccountRef, Handle), Problem> {
    let handle = handle(guest, guest.word("handle"))?;
    let password = Password::new(guest.field("password")).ok_or(Problem::Wrong)?;
    let (site, settings) = (&guest.site, guest.site.settings());
    if !site.attempts.borrow_mut().pass(guest.facts.peer, settings.per_hour) {
        return Err(Problem::TooMany);
    }
    let node = &site.node;
    let attempt = node.throttle.clone().pass(&handle, guest.facts.peer).await;
    let attempt = attempt.map_err(|_| Problem::TooMany)?;
    let challenge = node.entropy.challenge(node.clock.now()).ok_or(Problem::Failed)?;
    let digest = Digest::of(&challenge, password.as_str().as_bytes());
    let known = node.directory.find_ref(&handle);
    let account = known.map(|known| known.account);
    let verify = CheckProof { account, proof: Proof::Md5 { challenge, digest } };
    match (node.accounts.send(verify).await, known) {
        (Ok(Ok(true)), Some(known)) => {
            attempt.succeed();
            Ok((known, handle))
        }
        (Ok(Ok(_)), _) => Err(Problem::Wrong),
        (Ok(Err(_)) | Err(_), _) => {
            attempt.forgive();
            Err(Problem::Failed)
        }
    }
}
