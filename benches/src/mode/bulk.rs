//! The commands for all accounts: `benches/bulk.sh`, whose tables this reads.

use super::heap::SOURCE;
use crate::error::BenchError;
use crate::rig::{Bench, Build};
use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The column with the memory of a command over that of the idle server.
const MEMORY: &str = "over, MB";

/// The column with the processor time of a command.
const CPU: &str = "CPU, s";

/// The column with the longest wait of another change during a command.
const WAIT: &str = "longest, ms";

/// The row for a server without a command.
const NO_COMMAND: &str = "none";

/// A figure that has a limit.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) before: Option<f64>,
    pub(crate) now: Option<f64>,
    pub(crate) limit: f64,
    pub(crate) unit: &'static str,
}

/// The limit of the memory of a command over that of the idle server, in megabytes.
const MAX_MEMORY: f64 = 32.0;

/// The limit of the processor time of a command, divided by that of the earlier build.
const MAX_CPU_RATIO: f64 = 0.5;

/// Returns the limit of the longest wait for a change of a list during a command, in milliseconds.
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
    parse(&output)
        .ok_or_else(|| BenchError::wrong("benches/bulk.sh did not print tables of two programs"))
}

/// Reads the tables of two programs, the earlier build and this one. `None` if there are not two.
fn parse(output: &str) -> Option<Vec<Row>> {
    let programs = programs(output);
    let [before, now] = programs.as_slice() else { return None };
    let mut rows = Vec::new();
    for command in now.commands.iter().filter(|command| **command != NO_COMMAND) {
        let before = |column| before.figure(command, column);
        let now = |column| now.figure(command, column);
        let row = |what, before, now, limit, unit| {
            let what = format!("{command}, 20 000 accounts of 50 contacts: {what}");
            Row { what, before, now, limit, unit }
        };
        rows.push(row("memory over idle", before(MEMORY), now(MEMORY), MAX_MEMORY, "MB"));
        let ratio = before(CPU).zip(now(CPU)).map(|(before, now)| now / before);
        rows.push(row("CPU", ratio.map(|_| 1.0), ratio, MAX_CPU_RATIO, "times before"));
        if let Some(wait) = now(WAIT) {
            let what = "longest wait of a list change";
            rows.push(row(what, before(WAIT), Some(wait), max_wait(command), "ms"));
        }
    }
    Some(rows)
}

/// The figures of a program: tables in Markdown whose first column is `command`.
#[derive(Debug, Default)]
struct ProgramFigures<'a> {
    /// The commands, in the order in which they appear.
    commands: Vec<&'a str>,
    /// The figures by command and column.
    figures: HashMap<(&'a str, &'a str), f64>,
}

impl ProgramFigures<'_> {
    fn figure(&self, command: &str, column: &str) -> Option<f64> {
        self.figures.get(&(command, column)).copied()
    }
}

/// Reads all tables. A line outside the tables is the title of the next program, unless it is empty.
fn programs(output: &str) -> Vec<ProgramFigures<'_>> {
    let mut programs: Vec<ProgramFigures<'_>> = Vec::new();
    let mut titles = Vec::new();
    for line in output.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
        let Some(cells) = cells else {
            programs.push(ProgramFigures::default());
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let (Some(first), Some(program)) = (cells.first(), programs.last_mut()) else { continue };
        if *first == "command" {
            titles = cells;
        } else if !first.starts_with('-') {
            if !program.commands.contains(first) {
                program.commands.push(first);
            }
            let figures = titles
                .iter()
                .zip(&cells)
                .filter_map(|(column, cell)| Some(((*first, *column), cell.parse().ok()?)));
            program.figures.extend(figures);
        }
    }
    programs
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
| command | over, MB | CPU, s |
| ------- | -------- | ------ |
| import  |     13.0 |   9.00 |
| export  |     16.0 |   2.70 |

| command | changes | median, ms | longest, ms |
| ------- | ------- | ---------- | ----------- |
| import  |      80 |       11.0 |       480.5 |
| none    |      80 |       10.0 |        20.0 |

";

    #[test]
    fn the_figures_are_found_by_the_names_of_columns() {
        let rows = parse(OUTPUT).unwrap();
        let row = |at: usize| {
            let row = &rows[at];
            (row.what.rsplit(": ").next().unwrap(), row.before, row.now, row.limit)
        };
        assert_eq!(row(0), ("memory over idle", Some(235.0), Some(13.0), 32.0));
        assert_eq!(row(1), ("CPU", Some(1.0), Some(0.5), 0.5));
        assert_eq!(row(2), ("longest wait of a list change", None, Some(480.5), 500.0));
        assert_eq!(row(3), ("memory over idle", Some(514.0), Some(16.0), 32.0));
        assert_eq!(rows.len(), 5);
    }

    #[test]
    fn without_two_programs_there_are_no_rows() {
        assert_eq!(parse(""), None);
        assert_eq!(parse("one\n| command | CPU, s |\n| import | 1 |\n"), None);
    }
}
