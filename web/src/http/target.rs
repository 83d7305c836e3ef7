/// What a request line asks for. Old clients send an absolute target even without a proxy; its
/// scheme and authority are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The path, not decoded. Empty if the target is only an authority or `*`.
    pub path: &'a str,
    /// The text after the first `?`, not decoded.
    pub query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Parses a target (RFC 9112 §3.2). Characters that a URL may not contain are accepted as long
    /// as browsers send them.
    pub fn parse(text: &'a str) -> Option<Target<'a>> {
        // No client should send a fragment.
        let text = text.split('#').next().unwrap_or_default();
        let (rest, is_absolute) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (rest, true),
            _ => (text, false),
        };
        let path_start = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(path_start)?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let is_valid = path.bytes().all(is_path_byte)
            && query.is_none_or(|query| query.bytes().all(is_query_byte));
        let path = if is_absolute && path.is_empty() { "/" } else { path };
        let has_right_parts = match (is_absolute, authority.is_empty()) {
            (true, is_empty) => !is_empty,
            (false, true) => path.starts_with('/'),
            (false, false) => path.is_empty() && query.is_none(),
        };
        (is_valid && has_right_parts && is_authority(authority)).then_some(Target { path, query })
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Also allows `*`, the target of `OPTIONS *`.
fn is_authority(text: &str) -> bool {
    text.bytes().all(is_path_byte) && text.contains('[') == text.contains(']')
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"<>`".contains(&byte)
}

fn is_query_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"<>\"".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_all_forms_have_a_path_and_a_query() {
        for (text, path, query) in [
            ("/", "/", None),
            ("/set-up?a=/b?c", "/set-up", Some("a=/b?c")),
            ("/set-up#part", "/set-up", None),
            ("//OimWS/oim.asmx", "//OimWS/oim.asmx", None),
            ("/a?u=http://b/", "/a", Some("u=http://b/")),
            ("http://host", "/", None),
            ("http://host?x", "/", Some("x")),
            ("HTTP://host:80/a", "/a", None),
            ("http://[::1]/a", "/a", None),
            ("http://user:word@host/a?b", "/a", Some("b")),
            ("*", "", None),
            ("host:443", "", None),
        ] {
            assert_eq!(Target::parse(text), Some(Target { path, query }), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_targets() {
        for text in [
            "",
            "?x",
            "host/a",
            "http:/a",
            "http://",
            "http:///a",
            "http://[::1/a",
            "/<a>",
            "/`",
            "/a?\"",
            "/\u{e9}",
            "/a b",
            "/\u{7f}",
            "#",
        ] {
            assert_eq!(Target::parse(text), None, "{text}");
        }
    }
}
