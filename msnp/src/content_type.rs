//! Detects messages with a content type that is reserved for servers.
//!
//! Such a message announces mail, a shutdown of the server or the user's profile. Clients act on
//! it regardless of the sender.

/// The name of the header field, in lower case.
const FIELD_NAME: &[u8] = b"content-type";

/// The types before the `/`, in lower case: MSNP2 had `application` where later dialects have
/// `text`.
const TYPES: [&[u8]; 2] = [b"text", b"application"];

/// Every reserved subtype begins with this.
const SUBTYPE_PREFIX: &[u8] = b"x-msmsgs";

/// A subtype is reserved if it consists of the prefix and one of these.
const EXACT_REMAINDERS: [&[u8]; 2] = [b"profile", b"systemmessage"];

/// A subtype with the prefix is also reserved if it ends in one of these, such as
/// `initialemailnotification`.
const SUFFIXES: [&[u8]; 3] = [b"emailnotification", b"mdatanotification", b"oimnotification"];

/// Whether the header of a message has a content type that is reserved for servers. Case,
/// parameters, line ends and spaces do not matter. If there are several content types, it is enough
/// that one of them is reserved.
///
/// Every relayed message is checked. So the whole message is searched for a reserved subtype first,
/// and its header is parsed only if there is one.
pub(crate) fn has_reserved_content_type(message: &[u8]) -> bool {
    for slash in memchr::memchr_iter(b'/', message) {
        let rest = message.get(slash + 1..).unwrap_or_default();
        let first = rest.first().map_or(0, u8::to_ascii_lowercase);
        let may_start_subtype = first == b'x' || first.is_ascii_whitespace();
        if may_start_subtype && is_reserved_subtype(word(rest)) {
            return header_has_reserved_type(message);
        }
    }
    false
}

/// Reads the header line by line, up to the first empty line. A line that begins with a space is no
/// field: it continues the line before it.
fn header_has_reserved_type(message: &[u8]) -> bool {
    let mut rest = message.trim_ascii_start();
    loop {
        if let Some(value) = content_type_of_first_line(rest)
            && is_reserved_type(value)
        {
            return true;
        }
        // A bare CR ends a line for some clients.
        let Some(line_end) = memchr::memchr2(b'\n', b'\r', rest) else { return false };
        let from_line_end = rest.get(line_end..).unwrap_or_default();
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let length = from_line_end.iter().take_while(|byte| is_line_end(byte)).count();
        let line_ends = from_line_end.get(..length).unwrap_or_default();
        let next_lines = from_line_end.get(length..).unwrap_or_default();
        let has_empty_line = line_ends.iter().filter(|byte| **byte == b'\n').count() > 1;
        if has_empty_line {
            return false;
        }
        rest = next_lines;
    }
}

/// Returns the bytes after `Content-Type:`, or `None` if the first line has another field.
fn content_type_of_first_line(header: &[u8]) -> Option<&[u8]> {
    let (name, rest) = header.split_at_checked(FIELD_NAME.len())?;
    if !name.eq_ignore_ascii_case(FIELD_NAME) {
        return None;
    }
    let colon = rest.iter().position(|byte| !is_blank(byte))?;
    rest.get(colon..)?.strip_prefix(b":")
}

/// Whether a value begins with a reserved type, such as `text/x-msmsgsprofile`. The value may begin
/// on the next line.
fn is_reserved_type(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let Some(slash) = memchr::memchr(b'/', value) else { return false };
    let before_slash = value.get(..slash).unwrap_or_default().trim_ascii_end();
    let after_slash = value.get(slash + 1..).unwrap_or_default();
    TYPES.into_iter().any(|reserved| before_slash.eq_ignore_ascii_case(reserved))
        && is_reserved_subtype(word(after_slash))
}

/// Returns the first word of a text. It ends at a space, a line end or the start of a parameter.
fn word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let is_word_byte =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'+');
    let end = text.iter().position(|byte| !is_word_byte(byte)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_reserved_subtype(subtype: &[u8]) -> bool {
    let Some((start, rest)) = subtype.split_at_checked(SUBTYPE_PREFIX.len()) else { return false };
    let has_suffix = |suffix: &[u8]| {
        let end = rest.len().checked_sub(suffix.len()).and_then(|start| rest.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    start.eq_ignore_ascii_case(SUBTYPE_PREFIX)
        && (EXACT_REMAINDERS.into_iter().any(|name| rest.eq_ignore_ascii_case(name))
            || SUFFIXES.into_iter().any(has_suffix))
}

const fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::has_reserved_content_type;
    use std::string::String;

    #[test]
    fn each_type_is_detected() {
        for reserved in [
            "text/x-msmsgsprofile",
            "text/x-msmsgsprofile; charset=UTF-8",
            "text/x-msmsgsemailnotification",
            "text/x-msmsgsinitialemailnotification; charset=UTF-8",
            "text/x-msmsgsactivemailnotification",
            "text/x-msmsgsinitialmdatanotification; charset=UTF-8",
            "text/x-msmsgsoimnotification",
            "application/x-msmsgsemailnotification",
            "application/x-msmsgssystemmessage",
        ] {
            let message = std::format!("MIME-Version: 1.0\r\nContent-Type: {reserved}\r\n\r\n");
            assert!(has_reserved_content_type(message.as_bytes()), "{reserved}");
        }
    }

    #[test]
    fn every_spelling_is_detected() {
        for header in [
            "CONTENT-TYPE: TEXT/X-MSMSGSPROFILE\r\n\r\n",
            "content-type:text/x-msmsgsprofile\r\n\r\n",
            "Content-Type \t:\t text/x-msmsgsprofile \t\r\n\r\n",
            "Content-Type: text/x-msmsgsprofile;charset=UTF-8\n\n",
            "Content-Type: text/x-msmsgsprofile",
            "Content-Type:\r\n text/x-msmsgsprofile\r\n\r\n",
            "Content-Type:\n\t text /\n x-msmsgsprofile\n\n",
            "MIME-Version: 1.0\nContent-Type: text/x-msmsgsprofile\n\nbody",
            "MIME-Version: 1.0\rContent-Type: text/x-msmsgsprofile\r\r",
            "Content-Type: text/plain\r\nContent-Type: text/x-msmsgsprofile\r\n\r\n",
            "Content-Type: text/x-msmsgsprofile\r\nContent-Type: text/plain\r\n\r\n",
            "Content-Type: text/plain; a=\"x/y\"\r\n b/c\r\nContent-Type: text/x-msmsgsprofile\r\n\r\n",
            "\r\nContent-Type: text/x-msmsgsprofile\r\n\r\n",
            " \r\n Content-Type: text/x-msmsgsprofile\r\n\r\n",
            "A: b\r\n \r\nContent-Type: text/x-msmsgsprofile\r\n\r\n",
        ] {
            assert!(has_reserved_content_type(header.as_bytes()), "{header:?}");
        }
    }

    #[test]
    fn other_messages_are_not_detected() {
        for message in [
            "",
            "/",
            "hello",
            "text/x-msmsgsprofile",
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\ntext/x-msmsgsprofile",
            "Content-Type: text/plain\r\n\r\nContent-Type: text/x-msmsgsprofile\r\n",
            "Content-Type: text/plain\n\nContent-Type: text/x-msmsgsprofile\n",
            "Content-Type: text/plain\r\nX-Type: text/x-msmsgsprofile\r\n\r\n",
            "X-Content-Type: text/x-msmsgsprofile\r\n\r\n",
            "Content-Types: text/x-msmsgsprofile\r\n\r\n",
            "Content-Type: text/plain; type=text/x-msmsgsprofile\r\n\r\n",
            "Content-Type: text/plain\r\nX-Note: a\r\n Content-Type: text/x-msmsgsprofile\r\n\r\n",
            "Content-Type: text/x-msmsgscontrol\r\nTypingUser: alice@example.com\r\n\r\n\r\n",
            "Content-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n",
            "Content-Type: text/x-msmsgsprofiles\r\n\r\n",
            "Content-Type: text/x-msmsgs\r\n\r\n",
            "Content-Type: image/x-msmsgsprofile\r\n\r\n",
            "Content-Type: application/x-msnmsgrp2p\r\n\r\n",
        ] {
            assert!(!has_reserved_content_type(message.as_bytes()), "{message:?}");
        }
        let slashes: String = "/x-msmsgsprofil".repeat(110);
        assert!(!has_reserved_content_type(slashes.as_bytes()));
    }
}
