//! The dependencies follow the rules of `deny.toml`: every run of the tests checks licences and banned crates, and
//! `cargo deny check` the rest. No dependency needs a newer Rust than the oldest supported one. The crates of this
//! workspace depend on each other in one direction only.

#[cfg(test)]
#[path = "dependencies/graph.rs"]
mod graph;
#[cfg(test)]
#[path = "dependencies/notices.rs"]
mod notices;
#[cfg(test)]
#[path = "dependencies/policy.rs"]
mod policy;

use graph::Graph;
use policy::Policy;

/// Workspaces of their own, which cannot inherit `rust-version`.
const OTHER_MANIFESTS: [&str; 3] =
    ["fuzz/Cargo.toml", "cross/no_std/Cargo.toml", "cross/bare_metal/Cargo.toml"];

#[test]
fn every_shipped_dependency_has_an_allowed_licence() {
    let policy = Policy::read();
    let graph = Graph::read(&policy.targets);
    let shipped = graph.shipped();
    assert!(shipped.len() > 100, "only {} packages were found", shipped.len());
    let mut refused = String::new();
    for package in shipped {
        if let Err(reason) = policy.check_licence(package.license.as_deref()) {
            refused += &format!("\n  {}: {reason}", graph.path_to(package));
        }
    }
    assert!(refused.is_empty(), "`licenses.allow` in deny.toml does not allow:{refused}");
}

/// `cross/package.sh` puts the notices into the packages.
#[test]
fn the_notices_have_the_licence_of_every_shipped_library() {
    let graph = Graph::read(&Policy::read().targets);
    let notices = notices::notices(&graph).unwrap();
    let (list, texts) = notices.split_once("------").unwrap();
    // Those whose package comes without its licence have the licence of another one.
    let without_text = ["embedded-graphics-core"];
    for package in graph.shipped().into_iter().filter(|package| package.source.is_some()) {
        let label = format!("{} {}", package.name, package.version);
        assert!(list.contains(&format!("\n{label}: ")), "{label} is not on the list");
        let has_text = without_text.contains(&package.name.as_str()) || texts.contains(&label);
        assert!(has_text, "{label} comes without its licence: add it to the notices");
    }
    assert!(texts.contains("Permission is hereby granted, free of charge"));
}

#[test]
fn no_banned_crate_is_shipped() {
    let policy = Policy::read();
    let graph = Graph::read(&policy.targets);
    assert!(policy.banned.iter().any(|name| name == "cc"));
    for package in graph.shipped() {
        let banned = policy.banned.iter().any(|name| package.name == name.as_str());
        assert!(!banned, "`bans.deny` in deny.toml bans {}", graph.path_to(package));
    }
}

#[test]
fn every_dependency_compiles_with_the_oldest_supported_rust() {
    let graph = Graph::read(&Policy::read().targets);
    let oldest = graph.root().rust_version.clone().unwrap();
    for package in graph.all() {
        if let Some(needed) = &package.rust_version {
            assert!(
                *needed <= oldest,
                "{} {} needs Rust {needed}; `rust-version` is {oldest}",
                package.name,
                package.version
            );
        }
    }
}

#[test]
fn the_oldest_supported_rust_is_the_same_everywhere() {
    let inherited = policy::toml("Cargo.toml");
    let oldest = inherited["workspace"]["package"]["rust-version"].as_str().unwrap();
    for manifest in OTHER_MANIFESTS {
        let package = &policy::toml(manifest)["package"];
        assert_eq!(package["rust-version"].as_str(), Some(oldest), "in {manifest}");
    }
    let named = format!("Rust](https://rustup.rs) {oldest}");
    assert!(policy::text("README.md").contains(&named), "README.md does not name Rust {oldest}");
}

#[test]
fn crates_depend_on_each_other_in_one_direction() {
    for (name, allowed) in [
        ("msnp", &[][..]),
        ("actors", &["msnp"]),
        ("store", &["actors", "msnp"]),
        ("web", &["actors", "msnp"]),
    ] {
        let manifest = policy::toml(&format!("{name}/Cargo.toml"));
        let dependencies = manifest["dependencies"].as_table().unwrap().keys();
        let ours = ["actors", "msnp", "msnpd", "store", "web"];
        let found: Vec<&str> =
            dependencies.map(String::as_str).filter(|name| ours.contains(name)).collect();
        assert_eq!(found, allowed, "the dependencies of {name}");
    }
}

#[test]
fn the_targets_are_those_of_the_boards() {
    let boards = policy::text("cross/boards");
    let lines = boards.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let targets: Vec<&str> = lines.map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(Policy::read().targets, targets, "`graph.targets` in deny.toml, and cross/boards");
}

#[test]
fn an_expression_is_allowed_if_one_of_its_choices_is() {
    let policy = Policy::allowing(&["MIT", "Apache-2.0", "Unicode-3.0"]);
    for expression in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "GPL-3.0-only OR MIT",
        "MIT AND Unicode-3.0",
        "(MIT OR GPL-3.0-only) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR MIT",
        "GPL-3.0-only/MIT",
    ] {
        assert_eq!(policy.check_licence(Some(expression)), Ok(()), "{expression}");
    }
}

#[test]
fn a_refusal_names_the_licence() {
    let policy = Policy::allowing(&["MIT", "Apache-2.0"]);
    for (expression, reason) in [
        (Some("GPL-3.0-only"), "`GPL-3.0-only` is not allowed"),
        (Some("MIT AND GPL-3.0-only"), "`MIT AND GPL-3.0-only`: `GPL-3.0-only` is not allowed"),
        (Some("Apache-2.0 WITH LLVM-exception"), "`Apache-2.0 WITH LLVM-exception` is not allowed"),
        (Some("MIT OR"), "`MIT OR` is not an SPDX expression"),
        (Some("My own licence"), "`My own licence` is not an SPDX expression"),
        (Some(""), "`` is not an SPDX expression"),
        (None, "it names no licence"),
    ] {
        let refused = policy.check_licence(expression).unwrap_err();
        assert!(refused.starts_with(reason), "{expression:?} is refused with: {refused}");
    }
}
