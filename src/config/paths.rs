//! The places where the program looks for a configuration.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The name of the file in the data folder.
pub(crate) const FILE_NAME: &str = "config.ron";

/// The built-in data folder.
pub(crate) const DEFAULT_DATA: &str = "data";

/// The configuration of the machine, which the Debian package installs.
const SYSTEM_FILE: &str = "/etc/msnpd/config.ron";

/// The data folder in the package's configuration.
const SYSTEM_DATA: &str = "/var/lib/msnpd";

/// The files to try when none is named and the data folder has none.
const SEARCH_PATHS: [&str; 2] = ["config.ron", SYSTEM_FILE];

/// The files and folders named on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct CliOptions {
    /// The configuration file.
    pub(crate) config: Option<PathBuf>,
    /// The data folder, and how it was named: `--data` or `MSNPD_DATA`.
    pub(crate) data: Option<(PathBuf, &'static str)>,
}

impl CliOptions {
    /// The command line wins over the environment. An empty variable counts as not set.
    pub(crate) fn new(config: Option<&Path>, data: Option<&Path>) -> CliOptions {
        let variable = |name: &str| {
            let value = std::env::var_os(name).filter(|value| value != OsStr::new(""));
            value.map(PathBuf::from)
        };
        let data = data.map(|data| (data.to_path_buf(), "--data"));
        CliOptions {
            config: config.map(Path::to_path_buf).or_else(|| variable("MSNPD_CONFIG")),
            data: data.or_else(|| variable("MSNPD_DATA").map(|data| (data, "MSNPD_DATA"))),
        }
    }

    /// Returns the data folder to look for a configuration in: the named one, or `./data`.
    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(Path::new(DEFAULT_DATA), |(data, _)| data)
    }

    /// Returns the data folders in which a server may be running although the configuration is invalid now:
    /// [`CliOptions::data`] and, if the active file is the one of the Debian package, the data folder of
    /// the package.
    pub(crate) fn possible_data_folders(&self) -> impl Iterator<Item = &Path> {
        let is_system_file =
            self.data.is_none() && self.file().is_some_and(|file| file == *SYSTEM_FILE);
        std::iter::once(self.data()).chain(is_system_file.then_some(Path::new(SYSTEM_DATA)))
    }

    /// Returns the active file: the named one, else the first that exists of `config.ron` in the data
    /// folder, `./config.ron` and `/etc/msnpd/config.ron`; `None` for the built-in configuration. A file
    /// that this process has no permission to look for counts as existing: a server that skips it would run
    /// with another configuration.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        if self.config.is_some() {
            return self.config.clone();
        }
        self.candidates().find(|file| may_exist(file))
    }

    /// Returns the files to try, in order.
    fn candidates(&self) -> impl Iterator<Item = PathBuf> {
        std::iter::once(self.data().join(FILE_NAME)).chain(SEARCH_PATHS.iter().map(PathBuf::from))
    }

    /// Returns the existing files that an operator could mistake for the active configuration. `data` is the
    /// data folder that this configuration sets.
    pub(crate) fn ignored(&self, data: &Path) -> Vec<PathBuf> {
        let Some(active) = self.file() else { return Vec::new() };
        let real_path = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let mut seen = vec![real_path(&active)];
        let mut ignored = Vec::new();
        for file in self.candidates().chain([data.join(FILE_NAME)]).filter(|file| file.is_file()) {
            let real_path = real_path(&file);
            if !seen.contains(&real_path) {
                seen.push(real_path);
                ignored.push(file);
            }
        }
        ignored
    }
}

fn may_exist(file: &Path) -> bool {
    match file.metadata() {
        Ok(metadata) => metadata.is_file(),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(config: &str, data: Option<&str>) -> Vec<PathBuf> {
        let data = data.map(|data| (PathBuf::from(data), "--data"));
        let options = CliOptions { config: Some(PathBuf::from(config)), data };
        options.possible_data_folders().map(Path::to_path_buf).collect()
    }

    #[test]
    fn the_package_configuration_means_the_package_data_folder() {
        let (built_in, of_package) = (PathBuf::from(DEFAULT_DATA), PathBuf::from(SYSTEM_DATA));
        assert_eq!(folders(SYSTEM_FILE, None), [built_in.clone(), of_package]);
        assert_eq!(folders("config.ron", None), [built_in]);
        // A named folder wins.
        assert_eq!(folders(SYSTEM_FILE, Some("other")), [PathBuf::from("other")]);
    }
}
