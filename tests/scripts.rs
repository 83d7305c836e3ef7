//! The protocol, rule by rule: every script in `tests/scripts/` runs against the running program.

#[cfg(test)]
#[path = "support/document.rs"]
mod document;
#[cfg(test)]
#[path = "support/script_files.rs"]
mod script_files;
#[cfg(test)]
#[path = "support/script_runner/mod.rs"]
mod script_runner;
#[cfg(test)]
#[allow(dead_code, reason = "each program needs a part of it")]
mod support;

/// One test for each script, in a module for each subject, and the list of them.
macro_rules! scripts {
    ($($subject:ident { $($name:ident)* })*) => {
        $(
            mod $subject {
                $(
                    #[test]
                    fn $name() {
                        super::script_runner::run_script(concat!(stringify!($subject), "/", stringify!($name)));
                    }
                )*
            }
        )*

        const LISTED: &[&str] = &[$($(concat!(stringify!($subject), "/", stringify!($name)),)*)*];
    };
}

include!("scripts/list.rs");

/// A script that shows a quirk is one of these, and so it runs.
#[test]
fn every_script_that_shows_a_quirk_is_listed() {
    for quirk in msnp::quirk::Quirk::ALL {
        let shown = quirk.shown_in().and_then(|path| path.strip_prefix("tests/scripts/"));
        let Some(file) = shown else { continue };
        let name = file.strip_suffix(".msnp").unwrap_or_default();
        assert!(LISTED.contains(&name), "{}: {file} is not a script", quirk.name());
    }
}

/// `tests/scripts/list.rs` names every script, so every script runs.
#[test]
fn the_list_is_complete() {
    let mut list = String::from(
        "// Every script, by subject. `MSNPD_WRITE=1 cargo test --test scripts the_list_is_complete` writes this file.\n\
         scripts! {\n",
    );
    for (subject, names) in script_files::by_subject() {
        let lines = names.iter().map(|name| format!("        {name}\n"));
        list += &format!("    {subject} {{\n{}    }}\n", lines.collect::<String>());
    }
    list += "}\n";
    document::check_up_to_date("tests/scripts/list.rs", &list, "scripts");
}
