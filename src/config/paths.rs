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

    /// Returns the data folders on which a server with an invalid configuration may run: the one where the
    /// configuration is looked for and, for the machine's configuration, the one of the package.
    pub(crate) fn possible_data_folders(&self) -> impl Iterator<Item = &Path> {
        let is_system_file =
            self.data.is_none() && self.file().is_some_and(|file| file == *SYSTEM_FILE);
        std::iter::once(self.data()).chain(is_system_file.then_some(Path::new(SYSTEM_DATA)))
    }

    /// Returns the active file: the named one, else the first that exists of `config.ron` in the data
    /// folder, `./config.ron` and `/etc/msnpd/config.ron`; `None` for the built-in configuration. A file
    /// whose existence this process may not check counts as existing: a server with another configuration
    /// would be another server.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        if self.config.is_some() {
            return self.config.clone();
        }
        self.candidates().find(|place| exists(place))
    }

    /// Returns the files to try, in order.
    fn candidates(&self) -> impl Iterator<Item = PathBuf> {
        std::iter::once(self.data().join(FILE_NAME)).chain(SEARCH_PATHS.iter().map(PathBuf::from))
    }

    /// Returns the existing files that an operator could mistake for the active configuration.
    pub(crate) fn ignored(&self, data: &Path) -> Vec<PathBuf> {
        let Some(active) = self.file() else { return Vec::new() };
        let real = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let mut seen = vec![real(&active)];
        let mut found = Vec::new();
        for place in self.candidates().chain([data.join(FILE_NAME)]).filter(|place| place.is_file())
        {
            let real = real(&place);
            if !seen.contains(&real) {
                seen.push(real);
                found.push(place);
            }
        }
        found
    }
}

fn exists(place: &Path) -> bool {
    match place.metadata() {
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
        let (built_in, machines) = (PathBuf::from(DEFAULT_DATA), PathBuf::from(SYSTEM_DATA));
        assert_eq!(folders(SYSTEM_FILE, None), [built_in.clone(), machines]);
        assert_eq!(folders("config.ron", None), [built_in]);
        // A named folder wins.
        assert_eq!(folders(SYSTEM_FILE, Some("other")), [PathBuf::from("other")]);
    }
}
