//! The commands for all accounts: `benches/bulk.sh`, whose tables this reads.

use super::heap::SOURCE;
use crate::error::BenchError;
use crate::rig::{Bench, Build};
use std::path::Path;
use std::process::{Command, Stdio};

/// The columns of a table.
const OVER: &str = "over, MB";
const CPU: &str = "CPU, s";
const WAIT: &str = "wait, ms";

/// A figure that has a limit.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) before: Option<f64>,
    pub(crate) now: Option<f64>,
    pub(crate) bound: f64,
    pub(crate) unit: &'static str,
}

/// The most memory of a command over that of the idle server, in megabytes.
const MAX_MEMORY: f64 = 32.0;

/// The most processor time of a command, to that of the earlier build.
const MAX_TIME: f64 = 0.5;

/// The longest wait for a change of a list during a command, in milliseconds.
fn max_wait(command: &str) -> f64 {
    if command == "import" { 500.0 } else { 100.0 }
}

/// Runs the script for both builds.
pub(crate) fn measure(bench: &Bench) -> Result<Vec<Row>, BenchError> {
    let (before, now) = (bench.program(Build::Before)?, bench.program(Build::Now)?);
    let script = Path::new(SOURCE).join("benches/bulk.sh");
    let run = Command::new(script)
        .args([before, now])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(BenchError::system("cannot run benches/bulk.sh"))?;
    let output = String::from_utf8_lossy(&run.stdout);
    eprint!("{output}");
    if !run.status.success() {
        return Err(BenchError::wrong("benches/bulk.sh has failed"));
    }
    parse(&output).ok_or_else(|| BenchError::wrong("benches/bulk.sh printed no two tables"))
}

/// Returns the rows of two tables, of the earlier build and of this one.
fn parse(output: &str) -> Option<Vec<Row>> {
    let tables = tables(output);
    let [before, now] = tables.as_slice() else { return None };
    let mut rows = Vec::new();
    for command in &now.commands {
        let (before, now) =
            (|column| before.figure(command, column), |column| now.figure(command, column));
        let row = |what, before, now, bound, unit| {
            let what = format!("{command}, 20 000 accounts of 50 contacts: {what}");
            Row { what, before, now, bound, unit }
        };
        rows.push(row("memory over idle", before(OVER), now(OVER), MAX_MEMORY, "MB"));
        let ratio = before(CPU).zip(now(CPU)).map(|(before, now)| now / before);
        rows.push(row("CPU", ratio.map(|_| 1.0), ratio, MAX_TIME, "times before"));
        if let Some(wait) = now(WAIT) {
            let what = "longest wait of a list change";
            rows.push(row(what, before(WAIT), Some(wait), max_wait(command), "ms"));
        }
    }
    Some(rows)
}

/// A table in Markdown whose first column is `command`.
#[derive(Debug)]
struct Table<'a> {
    head: Vec<&'a str>,
    commands: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

impl Table<'_> {
    fn figure(&self, command: &str, column: &str) -> Option<f64> {
        let row = self.commands.iter().position(|name| *name == command)?;
        let column = self.head.iter().position(|name| *name == column)?;
        self.rows.get(row)?.get(column)?.parse().ok()
    }
}

fn tables(output: &str) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for line in output.lines() {
        let Some(line) = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'))
        else {
            continue;
        };
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match (cells.first(), tables.last_mut()) {
            (Some(&"command"), _) => {
                tables.push(Table { head: cells, commands: Vec::new(), rows: Vec::new() });
            }
            (Some(first), Some(table)) if !first.starts_with('-') => {
                table.commands.push(first);
                table.rows.push(cells);
            }
            _ => {}
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
/before/msnpd, 20000 accounts with 50 contacts
| command | over, MB | idle, MB |  CPU, s | time, s | file, MB |
| ------- | -------- | -------- | ------- | ------- | -------- |
| import  |    235.0 |      7.0 |   18.00 |   18.20 |     71.0 |
| export  |    514.0 |      7.0 |    3.00 |    3.20 |     71.0 |
/now/msnpd, 20000 accounts with 50 contacts
| command | over, MB | CPU, s | wait, ms |
| ------- | -------- | ------ | -------- |
| import  |     13.0 |   9.00 |    480.5 |
| export  |     16.0 |   2.70 |        - |
";

    #[test]
    fn the_figures_are_found_by_the_names_of_columns() {
        let rows = parse(OUTPUT).unwrap();
        let row = |at: usize| {
            let row = &rows[at];
            (row.what.rsplit(": ").next().unwrap(), row.before, row.now, row.bound)
        };
        assert_eq!(row(0), ("memory over idle", Some(235.0), Some(13.0), 32.0));
        assert_eq!(row(1), ("CPU", Some(1.0), Some(0.5), 0.5));
        assert_eq!(row(2), ("longest wait of a list change", None, Some(480.5), 500.0));
        assert_eq!(row(3), ("memory over idle", Some(514.0), Some(16.0), 32.0));
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn without_two_tables_there_are_no_rows() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("| command | CPU, s |\n| import | 1 |\n"), None);
    }
}
