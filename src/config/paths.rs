//! Where a configuration is looked for.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the file is called in the data folder.
pub(crate) const FILE: &str = "config.ron";

/// The data folder that is built in.
pub(crate) const DATA: &str = "data";

/// The configuration of the machine, which the package brings.
const MACHINES: &str = "/etc/msnpd/config.ron";

/// The data folder that the machine's configuration names, unless it was changed.
const MACHINES_DATA: &str = "/var/lib/msnpd";

/// Where a configuration is looked for when none is named and the data folder has none.
const SEARCH_PATHS: [&str; 2] = ["config.ron", MACHINES];

/// What the operator named, on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct CliOptions {
    /// The configuration file.
    pub(crate) config: Option<PathBuf>,
    /// The data folder, and how it was named: `--data` or `MSNPD_DATA`.
    pub(crate) data: Option<(PathBuf, &'static str)>,
}

impl CliOptions {
    /// What was named on the command line, else in the environment, where an empty variable counts
    /// as one that is not set.
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

    /// The data folder that a configuration is looked for in: the named one, or `./data`.
    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(Path::new(DATA), |(data, _)| data)
    }

    /// Where a server may run whose configuration cannot be made sense of: in the data folder in which
    /// it is looked for and, if it is the machine's, in the one that the package made for it.
    pub(crate) fn data_of_running(&self) -> impl Iterator<Item = &Path> {
        let is_machines = self.data.is_none() && self.file().is_some_and(|file| file == *MACHINES);
        std::iter::once(self.data()).chain(is_machines.then_some(Path::new(MACHINES_DATA)))
    }

    /// The file that applies: the named one, else the first that there is of `config.ron` in the
    /// data folder, `./config.ron` and `/etc/msnpd/config.ron`; `None` for what is built in. One that
    /// may not be looked for counts as one that is there, also if that is so because this process may
    /// not search the folder that it runs in: nobody knows what it says, and another one would make
    /// another server.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        if self.config.is_some() {
            return self.config.clone();
        }
        self.places().find(|place| is_there(place))
    }

    /// Where a configuration is looked for, in order.
    fn places(&self) -> impl Iterator<Item = PathBuf> {
        std::iter::once(self.data().join(FILE)).chain(SEARCH_PATHS.iter().map(PathBuf::from))
    }

    /// Returns the files that somebody may take for the configuration and that are not read: those that
    /// another one comes before, and one in the data folder that was not looked for there.
    pub(crate) fn passed_over(&self, data: &Path) -> Vec<PathBuf> {
        let Some(active) = self.file() else { return Vec::new() };
        let real = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let mut seen = vec![real(&active)];
        let mut found = Vec::new();
        for place in self.places().chain([data.join(FILE)]).filter(|place| place.is_file()) {
            let real = real(&place);
            if !seen.contains(&real) {
                seen.push(real);
                found.push(place);
            }
        }
        found
    }
}

fn is_there(place: &Path) -> bool {
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
        let named = CliOptions { config: Some(PathBuf::from(config)), data };
        named.data_of_running().map(Path::to_path_buf).collect()
    }

    #[test]
    fn the_machines_configuration_leads_to_the_machines_data() {
        let (built_in, machines) = (PathBuf::from(DATA), PathBuf::from(MACHINES_DATA));
        assert_eq!(folders(MACHINES, None), [built_in.clone(), machines]);
        assert_eq!(folders("config.ron", None), [built_in]);
        // A folder that is named is the one that is meant.
        assert_eq!(folders(MACHINES, Some("other")), [PathBuf::from("other")]);
    }
}
