//! What the pages that create or change an account have in common.

use super::status::BACK_TO_STATUS;
use crate::http::Status;
use crate::page_request::PageRequest;
use crate::response::PageResponse;
use actors::message::{CheckProof, EditError, ProofResult};
use actors::operator;
use actors::port::store::{AccountId, Password, Proof};
use actors::rules;
use actors::{AccountRef, Node};
use msnp::auth::Digest;
use msnp::{FriendlyName, Handle, ProfileText};

/// The maximum length of the name fields, in characters. Some shorter names are too long for the
/// protocol, too: they are rejected when they are parsed.
pub(super) const MAX_NAME_LENGTH: usize = 129;

/// Why a form is rejected.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormError {
    #[error("Type a name.")]
    NoName,
    #[error("Messenger cannot use that name: {0}. Use plain letters and digits.")]
    Handle(msnp::HandleError),
    #[error("A name has plain letters, digits, dots and hyphens, and no spaces. Try another one.")]
    LocalPart,
    #[error("That name cannot be used: {0}. Try another one.")]
    NewHandle(rules::NewHandleError),
    #[error("That name is reserved for the people who run the server. Choose another name.")]
    Reserved,
    #[error("Names that begin like that are reserved for the server itself. Choose another name.")]
    ReservedForServer,
    #[error("Accounts can only be created in {0}.")]
    Domain(String),
    #[error("An account with that name exists already. Choose another name.")]
    Exists,
    #[error("That friendly name cannot be used: it is too long or has invisible characters.")]
    FriendlyName,
    #[error("That telephone number cannot be used: it is too long or has invisible characters.")]
    Number,
    /// A field of the profile, by its label.
    #[error(
        "{0}: that cannot be used. Type at most {longest} letters (fewer with accents), no \
         invisible characters, and not just *.",
        longest = ProfileText::MAX_ENCODED
    )]
    Profile(&'static str),
    #[error("A country has two letters, such as US or DE.")]
    Country,
    #[error("The United Kingdom is GB, not UK.")]
    NotUk,
    #[error("A state of the United States has two letters, such as NY.")]
    State,
    #[error("Type both names, or check the box that removes you from the directory.")]
    BothNames,
    #[error("Either fill in the fields, or check the box that removes you. Not both.")]
    FieldsAndRemoval,
    #[error("Type a number, or check the box that removes one.")]
    NoNumber,
    #[error("Either type a number, or check the box that removes it. Not both.")]
    NumberAndRemoval,
    #[error("The server failed. Changed: {done}. Not changed: {left}. Try again later.")]
    Partial { done: String, left: String },
    #[error("Type the password in both fields.")]
    NoPassword,
    #[error("The two passwords are not the same.")]
    PasswordsDiffer,
    #[error(
        "A password has 1 to 16 characters: letters, digits and symbols, without spaces or \
         accents. Messenger does not accept longer ones."
    )]
    Password,
    #[error("The code is wrong.")]
    WrongCode,
    #[error("The name or the password is wrong.")]
    WrongPassword,
    #[error("Too many attempts from your computer. Try again later.")]
    TooManyAttempts,
    #[error("Accounts cannot be created here. Ask the administrator of this server for one.")]
    Closed,
    #[error("Accounts can only be created from computers of this network.")]
    PublicAddress,
    #[error("The server refused the change: {0}.")]
    Refused(&'static str),
    #[error("The server failed. Nothing was changed. Try again later.")]
    Failed,
}

impl FormError {
    pub(super) fn status(&self) -> Status {
        match self {
            FormError::Exists | FormError::ReservedForServer | FormError::Reserved => {
                Status::CONFLICT
            }
            FormError::WrongCode
            | FormError::WrongPassword
            | FormError::Closed
            | FormError::PublicAddress => Status::FORBIDDEN,
            FormError::TooManyAttempts => Status::TOO_MANY_REQUESTS,
            FormError::Failed | FormError::Partial { .. } => Status::INTERNAL_SERVER_ERROR,
            FormError::NoName
            | FormError::Handle(_)
            | FormError::LocalPart
            | FormError::NewHandle(_)
            | FormError::Domain(_)
            | FormError::FriendlyName
            | FormError::Number
            | FormError::Profile(_)
            | FormError::Country
            | FormError::NotUk
            | FormError::State
            | FormError::BothNames
            | FormError::FieldsAndRemoval
            | FormError::NoNumber
            | FormError::NumberAndRemoval
            | FormError::NoPassword
            | FormError::PasswordsDiffer
            | FormError::Password
            | FormError::Refused(_) => Status::BAD_REQUEST,
        }
    }
}

impl From<EditError> for FormError {
    fn from(error: EditError) -> FormError {
        match error {
            EditError::Refused(code) => FormError::Refused(code.description()),
            EditError::Store(error) => {
                log::error!("an account cannot be changed: {error}");
                FormError::Failed
            }
        }
    }
}

/// Parses a typed handle. If it has no domain, the default one is added.
pub(super) fn parse_handle(request: &PageRequest, text: &str) -> Result<Handle, FormError> {
    if text.is_empty() {
        return Err(FormError::NoName);
    }
    operator::full_handle(text, &request.site.settings().domains).map_err(FormError::Handle)
}

pub(super) fn parse_friendly_name(text: &str) -> Result<FriendlyName, FormError> {
    FriendlyName::new_visible(text).map_err(|_| FormError::FriendlyName)
}

/// Parses a new password, which must be typed twice.
pub(super) fn parse_new_password(first: &str, second: &str) -> Result<Password, FormError> {
    if first.is_empty() && second.is_empty() {
        return Err(FormError::NoPassword);
    }
    if first != second {
        return Err(FormError::PasswordsDiffer);
    }
    Password::new(first).ok_or(FormError::Password)
}

/// Finds the account with a handle. Without a valid handle, there is none.
///
/// # Errors
/// The page to show if the store cannot be read.
pub(super) async fn look_up(
    node: &Node,
    handle: Option<Handle>,
) -> Result<Option<(AccountId, Handle)>, PageResponse> {
    let Some(handle) = handle else { return Ok(None) };
    match operator::find(node, &handle).await {
        Ok(found) => Ok(found.map(|account_ref| (account_ref.account, handle))),
        Err(error) => {
            log::error!("{handle} cannot be looked up: {error}");
            Err(super::failed_to_change(BACK_TO_STATUS))
        }
    }
}

/// A user whose password was right.
pub(super) struct Authenticated {
    pub(super) account_ref: AccountRef,
    pub(super) handle: Handle,
    /// The account's [`credentials_generation`](actors::Directory::credentials_generation) of this
    /// password. `None` if the account was removed.
    pub(super) credentials_generation: Option<u64>,
}

/// Checks a typed sign-in name and password, before a change of the account.
///
/// Two limits apply: one to the number of forms from one address, including sign-ups, and one to
/// the number of wrong passwords, including those that clients send.
pub(super) async fn authenticate(request: &PageRequest) -> Result<Authenticated, FormError> {
    let handle = parse_handle(request, request.trimmed("handle"))?;
    let password = Password::new(request.field("password")).ok_or(FormError::WrongPassword)?;
    let (site, settings) = (&request.site, request.site.settings());
    let (attempts, peer) = (&site.attempts, request.peer_info.peer);
    if !attempts.borrow_mut().try_attempt(peer, settings.max_forms_per_hour) {
        return Err(FormError::TooManyAttempts);
    }
    let node = &site.node;
    // After wrong passwords, this waits for some seconds.
    let passed = node.throttle.clone().pass(&handle, peer).await;
    let attempt = passed.map_err(|_| FormError::TooManyAttempts)?;
    let challenge = node.entropy.challenge(node.clock.now()).ok_or(FormError::Failed)?;
    let digest = Digest::of(&challenge, password.as_str().as_bytes());
    // A missing account is checked, too, so that the response takes as long as for a wrong
    // password.
    let check = CheckProof { handle: handle.clone(), proof: Proof::Md5 { challenge, digest } };
    let Ok(Ok(checked)) = node.accounts.send(check).await else {
        // The server failed, so the attempt does not count.
        attempt.forgive();
        return Err(FormError::Failed);
    };
    match checked {
        ProofResult { account_ref: Some(account_ref), is_right: true, credentials } => {
            attempt.succeed();
            Ok(Authenticated { account_ref, handle, credentials_generation: credentials })
        }
        _ => Err(FormError::WrongPassword),
    }
}
