//! Changes to the configuration of an installation.

use crate::support::server::Installation;

impl Installation {
    /// Adds keys to the configuration, in RON and separated by commas. `greeter:` replaces `greeter: None`.
    pub(crate) fn configure(&self, keys: &str) {
        let file = self.configuration();
        let text = std::fs::read_to_string(&file).expect("reading config.ron");
        let text = text.trim_end().strip_suffix(')').expect("a parenthesis");
        let text = match keys.contains("greeter:") {
            true => text.replace("greeter: None,", ""),
            false => text.to_owned(),
        };
        std::fs::write(&file, format!("{text}{keys})")).expect("writing config.ron");
    }
}
