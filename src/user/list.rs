use super::accounts;
use crate::failure::Failure;
use serde::Serialize;
use store::File;

#[derive(Serialize)]
struct Row {
    handle: String,
    name: String,
}

/// `user list`: handles and friendly names.
pub(super) fn list(store: &File, json: bool) -> Result<(), Failure> {
    let rows: Vec<Row> = accounts(store)?
        .into_iter()
        .map(|(_, principal)| Row {
            handle: principal.handle.to_string(),
            name: principal.name.to_string(),
        })
        .collect();
    if json {
        let text = serde_json::to_string_pretty(&rows);
        println!("{}", text.map_err(|error| Failure::Other(error.to_string()))?);
        return Ok(());
    }
    let width = rows.iter().map(|row| row.handle.len()).max().unwrap_or(0);
    for row in &rows {
        println!("{:width$}  {}", row.handle, row.name);
    }
    if rows.is_empty() {
        eprintln!("there are no accounts yet: msnpd user add alice");
    }
    Ok(())
}
