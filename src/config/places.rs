//! Where a configuration is looked for.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What the file is called in the data folder.
pub(crate) const FILE: &str = "config.ron";

/// The data folder that is built in.
pub(crate) const DATA: &str = "data";

/// Where a configuration is looked for when none is named and the data folder has none.
const PLACES: [&str; 2] = ["config.ron", "/etc/msnpd/config.ron"];

/// What the operator named, on the command line or in the environment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    /// The configuration file.
    pub(crate) config: Option<PathBuf>,
    /// The data folder, and how it was named: `--data` or `MSNPD_DATA`.
    pub(crate) data: Option<(PathBuf, &'static str)>,
}

impl Named {
    /// What was named on the command line, else in the environment, where an empty variable counts
    /// as one that is not set.
    pub(crate) fn new(config: Option<&Path>, data: Option<&Path>) -> Named {
        let variable = |name: &str| {
            let value = std::env::var_os(name).filter(|value| value != OsStr::new(""));
            value.map(PathBuf::from)
        };
        let data = data.map(|data| (data.to_path_buf(), "--data"));
        Named {
            config: config.map(Path::to_path_buf).or_else(|| variable("MSNPD_CONFIG")),
            data: data.or_else(|| variable("MSNPD_DATA").map(|data| (data, "MSNPD_DATA"))),
        }
    }

    /// The data folder that a configuration is looked for in: the named one, or `./data`.
    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(Path::new(DATA), |(data, _)| data)
    }

    /// The file that applies: the named one, else the first that there is of `config.ron` in the
    /// data folder, `./config.ron` and `/etc/msnpd/config.ron`; `None` for what is built in. One that
    /// may not be looked for counts as one that is there: nobody knows what it says.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        if self.config.is_some() {
            return self.config.clone();
        }
        let places = PLACES.iter().map(PathBuf::from);
        std::iter::once(self.data().join(FILE)).chain(places).find(|place| is_there(place))
    }
}

fn is_there(place: &Path) -> bool {
    match place.metadata() {
        Ok(metadata) => metadata.is_file(),
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}
