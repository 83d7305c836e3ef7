use super::Session;
use msnp::Token;
use msnp::command::{Url, UrlReply};

impl Session {
    /// `URL`: returns the configured site for every web service: there are none. The client sends
    /// its credentials there, so the site should be a static page.
    pub(super) fn url(&mut self, url: &Url) {
        let site = self.link.node().settings().site.clone();
        if let Some(path) = Token::parse(b"/") {
            self.emit(&UrlReply { trid: url.trid, path, site }.into());
        }
    }
}
