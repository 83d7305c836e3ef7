//! A folder in which the program runs without options, as at the first start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::operator::{Outcome, run_to_end};

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::with_prefix("msnpd-test-").expect("a temporary directory") }
    }

    /// Creates it with `msnpd init`, with ports that the system chooses, and with a number of connections
    /// that every machine allows.
    pub(crate) fn initialised() -> Self {
        let place = Self::new();
        let made = place.run(&["init"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        for port in [1863, 1864, 1865] {
            place.edit(&format!("0.0.0.0:{port}"), "0.0.0.0:0");
        }
        place.without_pages();
        place.edit("connections: 4096", "connections: 100");
        place
    }

    /// Removes the web pages from `data/config.ron`: many servers run at the same time.
    pub(crate) fn without_pages(&self) {
        let pages = "Some((listen: None, who_is_online: false, metrics: true, names: []))";
        self.edit(&format!("web: {pages}"), "web: None");
    }

    /// Returns a command that runs the program in this folder.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_msnpd"));
        command.args(arguments).current_dir(self.folder.path());
        command.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("RUST_LOG");
        command
    }

    /// Runs the program until it ends.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        run_to_end(self.program(arguments), b"secret\n")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the bytes of a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Changes something in `data/config.ron`.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let text = String::from_utf8(self.read("data/config.ron")).expect("text");
        assert!(text.contains(from), "{from} is not in {text}");
        self.write("data/config.ron", text.replacen(from, to, 1));
    }

    /// Returns the number of the line of `data/config.ron` that contains this, from 1.
    pub(crate) fn line_of(&self, part: &str) -> usize {
        let text = String::from_utf8(self.read("data/config.ron")).expect("text");
        1 + text.lines().position(|line| line.contains(part)).expect("a line")
    }

    /// Returns the permissions of a file or folder.
    pub(crate) fn mode(&self, name: &str) -> u32 {
        let metadata = fs::metadata(self.path(name));
        metadata.unwrap_or_else(|error| panic!("{name}: {error}")).permissions().mode() & 0o777
    }

    pub(crate) fn set_mode(&self, name: &str, mode: u32) {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(self.path(name), permissions).expect("other permissions");
    }

    /// Returns the names in a folder, sorted.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }
}
