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
    /// Parses a target (RFC 9112 §3.2). Returns `None` if it is malformed. Characters that a URL
    /// may not contain are accepted if browsers send them.
    pub fn parse(text: &'a str) -> Option<Target<'a>> {
        // A fragment is ignored: no client should send one.
        let without_fragment = text.split('#').next().unwrap_or_default();
        let (is_absolute, without_scheme) = match without_fragment.split_once("://") {
            Some((scheme, without_scheme)) if is_scheme(scheme) => (true, without_scheme),
            _ => (false, without_fragment),
        };
        let path_start = without_scheme.find(['/', '?']).unwrap_or(without_scheme.len());
        let (authority, path_and_query) = without_scheme.split_at_checked(path_start)?;
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let has_legal_bytes = is_authority(authority)
            && path.bytes().all(is_path_byte)
            && query.is_none_or(|query| query.bytes().all(is_query_byte));
        let has_legal_form = if is_absolute {
            // `http://host/path?query`
            !authority.is_empty()
        } else if authority.is_empty() {
            // `/path?query`
            path.starts_with('/')
        } else {
            // `host:port` or `*`
            path_and_query.is_empty()
        };
        let path = if is_absolute && path.is_empty() { "/" } else { path };
        (has_legal_bytes && has_legal_form).then_some(Target { path, query })
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Also true for `*`, the target of `OPTIONS *`.
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
