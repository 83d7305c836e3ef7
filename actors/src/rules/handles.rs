//! The handles that new accounts may have. Each is a plain file name on every system of the time, and
//! needs no quoting in a shell. The protocol accepts more, and accounts that were made by earlier
//! versions of msnpd may have other handles.

use msnp::Handle;

/// The maximum length of the part before the `@`, in bytes.
pub const MAX_LOCAL: usize = 64;

/// Names that the sign-up page refuses, in any domain. Other users would mistake the owner of such
/// an account for the people who run the server, or for the service itself.
const RESERVED: [&str; 5] = ["admin", "root", "postmaster", "support", "hotmail"];

/// Device names of DOS and Windows, with any extension. Those that end with a digit are in [`PORTS`].
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The beginnings of device names that end with a digit, such as `com1`.
const PORTS: [&str; 2] = ["com", "lpt"];

/// Why a new account may not have a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewHandleError {
    #[error("the part before the @ has at most {MAX_LOCAL} characters")]
    TooLong,
    /// A character of the local part needs quoting somewhere.
    #[error("the part before the @ may have only letters, digits and . _ + -")]
    Character,
    /// The local part begins or ends with a dot, a plus or a hyphen.
    #[error("the part before the @ begins with a letter, a digit or _, and ends with one of them")]
    Edge,
    #[error("the part before the @ has no two dots in a row")]
    Dots,
    /// The handle is a device name in DOS and Windows.
    #[error("Windows takes a file name that begins like that for a device")]
    Device,
    #[error("no part of a domain begins or ends with a hyphen")]
    Domain,
}

/// The prefix of the handles of self-test accounts.
pub const SELF_TEST_PREFIX: &str = "msnpd-selftest-";

/// Who asks for a new account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creator {
    /// The operator, by a command.
    Operator,
    /// A user, on the web page.
    User,
}

/// Why an account may not be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewAccountError {
    /// The self-test removes accounts with such names.
    #[error("names that begin with {SELF_TEST_PREFIX} are reserved for the self-test")]
    ReservedForSelfTest,
    /// The greeter's account is created together with the first other account.
    #[error("this is the greeter's account")]
    Greeter,
    #[error("this name is reserved for the people who run the server")]
    Reserved,
    #[error(transparent)]
    Handle(#[from] NewHandleError),
    /// The domain is not one of the server's own.
    #[error("new accounts cannot be in this domain")]
    Domain,
}

/// Checks whether an account with this handle may be created, in one of the server's `domains`.
///
/// # Errors
/// [`NewAccountError`] if it may not.
pub fn check_new_account(
    handle: &Handle,
    domains: &[String],
    greeter: Option<&Handle>,
    creator: Creator,
) -> Result<(), NewAccountError> {
    if is_reserved_for_self_test(handle) {
        return Err(NewAccountError::ReservedForSelfTest);
    }
    if greeter == Some(handle) {
        return Err(NewAccountError::Greeter);
    }
    match creator {
        Creator::User if is_reserved(handle) => return Err(NewAccountError::Reserved),
        Creator::User | Creator::Operator => {}
    }
    check_new_handle(handle)?;
    if is_in_domains(handle, domains) { Ok(()) } else { Err(NewAccountError::Domain) }
}

/// Returns whether the domain of a handle is one of the server's own `domains`.
pub fn is_in_domains(handle: &Handle, domains: &[String]) -> bool {
    domains.iter().any(|ours| ours.eq_ignore_ascii_case(handle.domain()))
}

/// Returns whether a handle is reserved for self-test accounts. The self-test removes such accounts,
/// so no others may have these names.
pub fn is_reserved_for_self_test(handle: &Handle) -> bool {
    handle.local().starts_with(SELF_TEST_PREFIX)
}

/// Checks whether a new account may have this handle, which is in lower case like every [`Handle`].
///
/// The local part is `[a-z0-9_]([a-z0-9._+-]*[a-z0-9_])?`, without `..`, of at most [`MAX_LOCAL`]
/// bytes. `con@hotmail.com` is allowed: Windows compares the part of a file name before the first dot,
/// `con@hotmail`, which is not a device. `con.x@hotmail.com` would be one.
///
/// # Errors
/// [`NewHandleError`] if it may not.
pub fn check_new_handle(handle: &Handle) -> Result<(), NewHandleError> {
    let (local, domain) = (handle.local(), handle.domain());
    let may_be_at_end =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if local.len() > MAX_LOCAL {
        return Err(NewHandleError::TooLong);
    }
    if !local.bytes().all(|byte| may_be_at_end(byte) || b".+-".contains(&byte)) {
        return Err(NewHandleError::Character);
    }
    let mut ends = [local.bytes().next(), local.bytes().next_back()].into_iter();
    if !ends.all(|end| end.is_some_and(may_be_at_end)) {
        return Err(NewHandleError::Edge);
    }
    if local.contains("..") {
        return Err(NewHandleError::Dots);
    }
    if local.split_once('.').is_some_and(|(first, _)| is_device(first)) {
        return Err(NewHandleError::Device);
    }
    // `Handle` guarantees that labels are not empty and have only letters, digits and hyphens.
    if domain.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(NewHandleError::Domain);
    }
    Ok(())
}

fn is_device(name: &str) -> bool {
    let is_one_digit =
        |rest: &str| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit());
    DEVICES.contains(&name)
        || PORTS.iter().any(|port| name.strip_prefix(port).is_some_and(is_one_digit))
}

/// Returns whether only the operator may create an account with this name.
fn is_reserved(handle: &Handle) -> bool {
    RESERVED.contains(&handle.local())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), NewHandleError> {
        check_new_handle(&Handle::new(text).unwrap())
    }

    #[test]
    fn new_handles_are_plain_file_names() {
        let longest = format!("{}@example.com", "x".repeat(MAX_LOCAL));
        for text in [
            "alice@hotmail.com",
            "Alice@Hotmail.COM",
            "a@b.cd",
            "_@b.cd",
            "7@b.cd",
            "a.b_c+d-e@my-home.example.com",
            "a-.+b@b.cd",
            "con@hotmail.com",
            "com1@hotmail.com",
            "con1.x@b.cd",
            "com.x@b.cd",
            "com12.x@b.cd",
            "x.con@b.cd",
            &longest,
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn handles_that_need_quoting_are_refused() {
        let too_long = format!("{}@example.com", "x".repeat(MAX_LOCAL + 1));
        for (text, why) in [
            (too_long.as_str(), NewHandleError::TooLong),
            ("o'neil@b.cd", NewHandleError::Character),
            ("a/b@b.cd", NewHandleError::Character),
            ("a|b@b.cd", NewHandleError::Character),
            ("a?@b.cd", NewHandleError::Character),
            ("a*@b.cd", NewHandleError::Character),
            ("$reboot@b.cd", NewHandleError::Character),
            ("{a}@b.cd", NewHandleError::Character),
            ("~root@b.cd", NewHandleError::Character),
            ("a#1@b.cd", NewHandleError::Character),
            ("a&b@b.cd", NewHandleError::Character),
            ("a=b@b.cd", NewHandleError::Character),
            ("-rf@b.cd", NewHandleError::Edge),
            (".profile@b.cd", NewHandleError::Edge),
            ("+a@b.cd", NewHandleError::Edge),
            ("a.@b.cd", NewHandleError::Edge),
            ("a-@b.cd", NewHandleError::Edge),
            ("..@b.cd", NewHandleError::Edge),
            ("a..b@b.cd", NewHandleError::Dots),
            ("con.x@b.cd", NewHandleError::Device),
            ("Aux.mann@b.cd", NewHandleError::Device),
            ("lpt1.a.b@b.cd", NewHandleError::Device),
            ("a@-b.cd", NewHandleError::Domain),
            ("a@b-.cd", NewHandleError::Domain),
            ("a@b.cd-", NewHandleError::Domain),
        ] {
            assert_eq!(check(text), Err(why), "{text}");
        }
    }

    #[test]
    fn some_names_are_reserved_on_the_sign_up_page() {
        let handle = |text: &str| Handle::new(text).unwrap();
        let greeter = handle("greeter@hotmail.com");
        let domains = ["hotmail.com".to_owned(), "home.lan".to_owned()];
        let is_reserved = |text: &str, greeter: Option<&Handle>| {
            let check = |creator| check_new_account(&handle(text), &domains, greeter, creator);
            matches!(
                check(Creator::User),
                Err(NewAccountError::Reserved | NewAccountError::Greeter)
            )
        };
        for text in [
            "Admin@hotmail.com",
            "root@home.lan",
            "postmaster@hotmail.com",
            "support@hotmail.com",
            "hotmail@hotmail.com",
            "greeter@hotmail.com",
        ] {
            assert!(is_reserved(text, Some(&greeter)), "{text}");
        }
        for text in ["alice@hotmail.com", "administrator@hotmail.com", "greeter@home.lan"] {
            assert!(!is_reserved(text, Some(&greeter)), "{text}");
        }
        assert!(!is_reserved("greeter@hotmail.com", None));
    }
}
