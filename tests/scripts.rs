//! The protocol, rule by rule: every file of `tests/scripts/` is acted against the running program.

#[cfg(test)]
mod support {
    pub(crate) mod connection;
    pub(crate) mod digest;
    pub(crate) mod ending;
    pub(crate) mod play;
    pub(crate) mod server;
}

use support::play;

/// One test for each script, and the list of them.
macro_rules! scripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                play::act_script(stringify!($name));
            }
        )*

        const LISTED: &[&str] = &[$(stringify!($name)),*];
    };
}

scripts! {
    sessions_1_login_through_ds_and_ns
}

#[test]
fn every_script_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".msnp") {
            found.push(name.to_owned());
        }
    }
    found.sort();
    let mut listed = LISTED.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed);
}
