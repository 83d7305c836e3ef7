//! `docs/manual.md` describes each key of the configuration and its default. It is generated from
//! `config.ron`, and another test checks that this file has the built-in defaults. The test here fails if the
//! page is stale; `MSNPD_WRITE=1 cargo test --test manual` writes it.

#[cfg(test)]
#[path = "../support/document.rs"]
mod document;

#[cfg(test)]
mod keys;
#[cfg(test)]
mod page;

const DOCUMENT: &str = "docs/manual.md";

#[test]
fn the_page_agrees_with_the_configuration() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = std::fs::read_to_string(root.join("config.ron")).unwrap();
    document::check_up_to_date(DOCUMENT, &page::document(&shipped), "manual");
}

#[test]
fn every_key_of_the_program_is_there_with_an_explanation() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let blocks = keys::blocks(&std::fs::read_to_string(root.join("config.ron")).unwrap());
    for block in &blocks {
        assert!(block.words.len() > 20, "{:?} is not explained", block.keys);
    }
    let folder = tempfile::TempDir::with_prefix("msnpd-test-").unwrap();
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_msnpd"))
        .args(["config", "show", "--json"])
        .current_dir(folder.path())
        .env_remove("MSNPD_CONFIG")
        .env_remove("MSNPD_DATA")
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let shown: Vec<&str> =
        shown.as_array().unwrap().iter().map(|key| key["key"].as_str().unwrap()).collect();
    assert!(shown.len() > 20, "{shown:?}");
    let explained: Vec<&String> = blocks.iter().flat_map(|block| &block.keys).collect();
    for key in shown {
        let within = |explained: &&&String| {
            let rest = key.strip_prefix(explained.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        assert!(explained.iter().any(|explained| within(&explained)), "{key} is not explained");
    }
}
