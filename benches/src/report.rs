//! Results as a table or as JSON.

use crate::error::BenchError;
use crate::mode::bars::Bars;
use crate::mode::deaf::DeafReport;
use crate::mode::idle::IdleReport;
use crate::mode::instructions::InstructionsReport;
use crate::mode::start::StartReport;
use crate::mode::strangers::StrangersReport;
use crate::mode::{Comparison, Round, ServerRounds};
use comfy_table::{Table, presets};
use serde::Serialize;

/// A result that can be printed in both forms.
pub(crate) trait Report: Serialize {
    fn table(&self) -> Table;
}

pub(crate) fn print(report: &impl Report, json: bool) -> Result<(), BenchError> {
    let text = match json {
        true => {
            serde_json::to_string_pretty(report).map_err(BenchError::system("cannot write JSON"))?
        }
        false => report.table().to_string(),
    };
    println!("{text}");
    Ok(())
}

/// Returns an empty table in Markdown with these titles.
pub(crate) fn table<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(head);
    table
}

/// Formats a figure with this many digits after the point, or a dash.
pub(crate) fn figure(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| String::from("-"), |figure| format!("{figure:.digits$}"))
}

impl Report for Comparison {
    fn table(&self) -> Table {
        let mut table = table(["what", "rounds", "µs of CPU each", "µs p50", "µs p99", "ratio"]);
        let mut row = |name: &str, rounds: &[Round], ratio: String| {
            table.add_row([
                format!("{name}: {}", self.what),
                rounds.len().to_string(),
                figure(Comparison::cost(rounds), 3),
                figure(Comparison::latency(rounds, 50), 0),
                figure(Comparison::latency(rounds, 99), 0),
                ratio,
            ]);
        };
        row("bare", &self.bare, String::new());
        row("msnpd", &self.server, figure(self.ratio, 2));
        table
    }
}

impl Report for ServerRounds {
    fn table(&self) -> Table {
        let head = ["what", "rounds", "µs of CPU each", "µs p50", "µs p99", "KiB before", "after"];
        let mut table = table(head);
        table.add_row([
            self.what.clone(),
            self.rounds.len().to_string(),
            figure(Comparison::cost(&self.rounds), 3),
            figure(Comparison::latency(&self.rounds, 50), 0),
            figure(Comparison::latency(&self.rounds, 99), 0),
            (self.resident_before / 1024).to_string(),
            (self.resident_after / 1024).to_string(),
        ]);
        table
    }
}

impl Report for IdleReport {
    fn table(&self) -> Table {
        let mut table = table([
            "idle sessions",
            "contacts",
            "KiB before",
            "after",
            "bytes each",
            "µs of CPU to sign in",
        ]);
        table.add_row([
            self.crowd.sessions.to_string(),
            self.crowd.contacts.to_string(),
            (self.resident_before / 1024).to_string(),
            (self.resident / 1024).to_string(),
            self.bytes_per_user().to_string(),
            figure(Some(self.arrival.cost()), 1),
        ]);
        table
    }
}

impl Report for StartReport {
    fn table(&self) -> Table {
        let mut table = table(["accounts", "starts", "ms, median"]);
        table.add_row([
            self.with.accounts.to_string(),
            self.milliseconds.len().to_string(),
            figure(self.median(), 1),
        ]);
        table
    }
}

impl Report for DeafReport {
    fn table(&self) -> Table {
        let head = ["never read", "seconds", "closed", "KiB before", "at most", "µs p50", "µs p99"];
        let mut table = table(head);
        table.add_row([
            self.deaf.peers.to_string(),
            self.deaf.seconds.to_string(),
            self.closed.to_string(),
            (self.resident_before / 1024).to_string(),
            (self.resident_most / 1024).to_string(),
            figure(self.talk_p50, 0),
            figure(self.talk_p99, 0),
        ]);
        table
    }
}

impl Report for InstructionsReport {
    fn table(&self) -> Table {
        let mut table = table(["what", "instructions each"]);
        table.add_row([self.what.clone(), figure(Some(self.each), 0)]);
        table
    }
}

impl Report for StrangersReport {
    fn table(&self) -> Table {
        let mut table = table(["strangers", "KiB before", "at most", "others signed in"]);
        table.add_row([
            format!("{} {}", self.strangers.count, self.strangers.until.description()),
            (self.resident_before / 1024).to_string(),
            (self.resident_most / 1024).to_string(),
            self.served.to_string(),
        ]);
        table
    }
}

impl Report for Bars {
    fn table(&self) -> Table {
        let mut table = table(["bar", "found", "at most", "of", "holds", "note"]);
        for bar in &self.bars {
            table.add_row([
                bar.what,
                &figure(bar.found, 2),
                &bar.bound.to_string(),
                bar.unit,
                bar.verdict(),
                &bar.note,
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_and_the_ratio_in_the_last() {
        let round = |cpu_seconds| Round {
            count: 1_000_000,
            cpu_seconds,
            seconds: 1.0,
            microseconds: Vec::new(),
        };
        let what = String::from("talk");
        let compared = Comparison::new(what, vec![round(3.0)], vec![round(2.0)]);
        let text = compared.table().to_string();
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
            .collect();
        assert_eq!(rows[2], ["bare: talk", "1", "2.000", "-", "-"]);
        assert_eq!(rows[3], ["msnpd: talk", "1", "3.000", "-", "-", "1.50"]);
    }

    #[test]
    fn a_figure_that_is_missing_is_a_dash() {
        assert_eq!(figure(None, 2), "-");
        assert_eq!(figure(Some(1.005_1), 2), "1.01");
    }
}
