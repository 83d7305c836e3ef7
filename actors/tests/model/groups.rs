//! The plain model's replies to commands for groups (MSNP7).

use super::plain::{Outcome, Plain};
use super::steps::{Name, Who};

impl Plain {
    pub(super) fn group_lines(&self, who: Who, t: &str) -> Vec<String> {
        let account = &self.accounts[who as usize];
        let groups = account.shown_groups();
        let (version, count) = (account.version, groups.len());
        let line = |(index, (group, name))| {
            format!("LSG {t} {version} {} {count} {group} {name} 0", index + 1)
        };
        groups.iter().enumerate().map(line).collect()
    }

    pub(super) fn add_group(&mut self, who: Who, t: &str, name: &'static str) -> Vec<String> {
        let account = self.account(who);
        match account.add_group(name) {
            Ok(group) => vec![format!("ADG {t} {} {name} {group} 0", account.version)],
            Err(code) => vec![format!("{code} {t}")],
        }
    }

    pub(super) fn rename_group(
        &mut self,
        who: Who,
        t: &str,
        group: u8,
        name: &'static str,
    ) -> Vec<String> {
        let account = self.account(who);
        match account.rename_group(group, name) {
            Ok(()) => vec![format!("REG {t} {} {group} {name} 0", account.version)],
            Err(code) => vec![format!("{code} {t}")],
        }
    }

    pub(super) fn remove_group(
        &mut self,
        who: Who,
        t: &str,
        group: u8,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let account = self.account(who);
        let left = match account.remove_group(group) {
            Ok(left) => left,
            Err(code) => return vec![format!("{code} {t}")],
        };
        let answer = format!("RMG {t} {} {group}", account.version);
        for contact in left {
            self.has_left(who, contact, outcome);
        }
        vec![answer]
    }

    /// A contact on the forward list is added to one more group, and keeps their name.
    pub(super) fn add_to_group(
        &mut self,
        who: Who,
        t: &str,
        whom: Option<Who>,
        name: Name,
        group: u8,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let Some(contact) = whom else { return vec![format!("205 {t}")] };
        let account = self.account(who);
        if !account.has_group(group) {
            return vec![format!("224 {t}")];
        }
        if !account.has("FL", contact) {
            let mut lines = self.add(who, t, "FL", whom, name, outcome);
            if let Some(line) = lines.first_mut().filter(|line| line.starts_with("ADD")) {
                line.push_str(&format!(" {group}"));
                self.account(who).put_in(contact, group);
            }
            return lines;
        }
        if let Err(code) = account.join(contact, group) {
            return vec![format!("{code} {t}")];
        }
        let (version, handle) = (account.version, contact.handle());
        let shown = name.of(whom).unwrap_or_else(|| handle.clone());
        vec![format!("ADD {t} FL {version} {handle} {shown} {group}")]
    }

    pub(super) fn remove_from_group(
        &mut self,
        who: Who,
        t: &str,
        whom: Option<Who>,
        group: u8,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let account = self.account(who);
        let Some(contact) = whom.filter(|contact| account.has("FL", *contact)) else {
            return vec![format!("216 {t}")];
        };
        match account.leave(contact, group) {
            Ok(last) => {
                let line = format!("REM {t} FL {} {} {group}", account.version, contact.handle());
                if last {
                    self.has_left(who, contact, outcome);
                }
                vec![line]
            }
            Err(code) => vec![format!("{code} {t}")],
        }
    }
}
