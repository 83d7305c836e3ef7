use super::Session;
use msnp::Token;
use msnp::command::{Url, UrlReply};

impl Session {
    /// `URL`: returns the configured site, whichever web service the client asks for: this server
    /// has no web services. The client sends its credentials to the site, which should be a static
    /// page.
    pub(super) fn url(&mut self, url: &Url) {
        let site = self.link.node().settings().site.clone();
        if let Some(path) = Token::parse(b"/") {
            self.emit(&UrlReply { trid: url.trid, path, site }.into());
        }
    }
}
