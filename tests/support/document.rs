//! Generated pages in `docs/`.

/// Checks that a page is up to date. With `MSNPD_WRITE=1` it is written first. `test` is the test program
/// that writes it.
pub(crate) fn check_up_to_date(page: &str, now: &str, test: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::env::var_os("MSNPD_WRITE").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(now.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| written.lines().count().min(now.lines().count())) + 1;
    assert!(
        written == now,
        "{page} is stale from line {line} on: MSNPD_WRITE=1 cargo test --test {test}\n\
         it says:   {}\nit should: {}",
        written.lines().nth(line - 1).unwrap_or("(nothing)"),
        now.lines().nth(line - 1).unwrap_or("(nothing)"),
    );
}
