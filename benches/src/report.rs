//! Results as a table or as JSON.

use crate::error::BenchError;
use crate::mode::bars::Bars;
use crate::mode::deaf::DeafReport;
use crate::mode::idle::IdleReport;
use crate::mode::instructions::InstructionsReport;
use crate::mode::start::StartReport;
use crate::mode::strangers::StrangersReport;
use crate::mode::{Comparison, PerBuild};
use crate::rig::Side;
use comfy_table::{Table, presets};
use serde::Serialize;

/// A result that can be printed as a table or as JSON.
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
fn table<'a>(titles: impl IntoIterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(titles.into_iter().collect::<Vec<_>>());
    table
}

/// Formats a figure with this many digits after the point; a missing one is a dash.
pub(crate) fn figure(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| String::from("-"), |figure| format!("{figure:.digits$}"))
}

/// A result of one program, as a row of a table.
pub(crate) trait Row: Serialize {
    const TITLES: &'static [&'static str];

    fn cells(&self) -> Vec<String>;
}

impl<T: Row> Report for PerBuild<T> {
    fn table(&self) -> Table {
        let titles = ["program"].into_iter().chain(T::TITLES.iter().copied());
        let mut table = table(titles);
        let builds = [(Side::Before, self.before.as_ref()), (Side::Now, Some(&self.now))];
        for (side, report) in builds {
            if let Some(report) = report {
                table.add_row([side.name().to_owned()].into_iter().chain(report.cells()));
            }
        }
        table
    }
}

impl Report for Comparison {
    fn table(&self) -> Table {
        let mut table = table([
            "what",
            "rounds",
            "µs of CPU each",
            "µs p50",
            "µs p99",
            "KiB before",
            "after",
            "to bare",
            "to before",
        ]);
        for rounds in &self.sides {
            let ratio = |to| match rounds.side == to {
                true => String::new(),
                false => figure(self.cost_ratio(rounds.side, to), 2),
            };
            table.add_row([
                format!("{}: {}", rounds.side.name(), self.what),
                rounds.rounds.len().to_string(),
                figure(rounds.median_cost(), 3),
                figure(rounds.median_latency(50), 0),
                figure(rounds.median_latency(99), 0),
                (rounds.resident_before / 1024).to_string(),
                (rounds.resident_after / 1024).to_string(),
                ratio(Side::Bare),
                ratio(Side::Before),
            ]);
        }
        table
    }
}

impl Report for PerBuild<Comparison> {
    fn table(&self) -> Table {
        let mut table = self.now.table();
        for row in self
            .before
            .iter()
            .flat_map(|before| before.table().row_iter().cloned().collect::<Vec<_>>())
        {
            table.add_row(row);
        }
        table
    }
}

impl Row for IdleReport {
    const TITLES: &'static [&'static str] =
        &["idle sessions", "contacts", "KiB before", "after", "bytes each", "µs of CPU to sign in"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.args.sessions.to_string(),
            self.args.contacts.to_string(),
            (self.resident_before / 1024).to_string(),
            (self.resident / 1024).to_string(),
            self.bytes_per_user().to_string(),
            figure(Some(self.sign_ins.cost()), 1),
        ]
    }
}

impl Row for StartReport {
    const TITLES: &'static [&'static str] = &["accounts", "starts", "ms, median"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.args.accounts.to_string(),
            self.milliseconds.len().to_string(),
            figure(self.median(), 1),
        ]
    }
}

impl Row for DeafReport {
    const TITLES: &'static [&'static str] =
        &["never read", "seconds", "closed", "KiB before", "at most", "µs p50", "µs p99"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.args.peers.to_string(),
            self.args.seconds.to_string(),
            self.closed.to_string(),
            (self.resident_before / 1024).to_string(),
            (self.max_resident / 1024).to_string(),
            figure(self.talk_p50, 0),
            figure(self.talk_p99, 0),
        ]
    }
}

impl Row for InstructionsReport {
    const TITLES: &'static [&'static str] = &["what", "instructions each"];

    fn cells(&self) -> Vec<String> {
        vec![self.what.clone(), figure(Some(self.per_message), 0)]
    }
}

impl Row for StrangersReport {
    const TITLES: &'static [&'static str] =
        &["strangers", "KiB before", "at most", "others signed in"];

    fn cells(&self) -> Vec<String> {
        vec![
            format!("{} {}", self.args.count, self.args.until.description()),
            (self.resident_before / 1024).to_string(),
            (self.max_resident / 1024).to_string(),
            self.served.to_string(),
        ]
    }
}

impl Report for Bars {
    fn table(&self) -> Table {
        let mut table = table(["bar", "before", "now", "at most", "of", "holds", "note"]);
        for bar in &self.bars {
            table.add_row([
                &bar.what,
                &figure(bar.before, 2),
                &figure(bar.now, 2),
                &bar.limit.to_string(),
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
    use crate::mode::round::{Round, Rounds};

    #[test]
    fn a_table_has_a_row_for_each_and_its_ratios() {
        let rounds = |side, cpu_seconds| {
            let microseconds = Vec::new();
            let round = Round { count: 1_000_000, cpu_seconds, seconds: 1.0, microseconds };
            Rounds { side, rounds: vec![round], resident_before: 2048, resident_after: 4096 }
        };
        let sides = [(Side::Bare, 2.0), (Side::Before, 4.0), (Side::Now, 3.0)];
        let sides = sides.map(|(side, seconds)| rounds(side, seconds)).into();
        let compared = Comparison { what: String::from("talk"), sides };
        let text = compared.table().to_string();
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows[2], ["bare: talk", "1", "2.000", "-", "-", "2", "4", "", "0.50"]);
        assert_eq!(rows[3], ["before: talk", "1", "4.000", "-", "-", "2", "4", "2.00", ""]);
        assert_eq!(rows[4], ["msnpd: talk", "1", "3.000", "-", "-", "2", "4", "1.50", "0.75"]);
    }

    #[test]
    fn a_result_of_each_build_is_a_row() {
        let report = |per_message| InstructionsReport { what: String::from("talk"), per_message };
        let reports = PerBuild { before: Some(report(7.0)), now: report(5.0) };
        let text = reports.table().to_string();
        let found: Vec<&str> = text.lines().skip(2).map(|line| line.trim()).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("before") && found[0].contains('7'), "{text}");
        assert!(found[1].contains("msnpd") && found[1].contains('5'), "{text}");
    }

    #[test]
    fn a_figure_that_is_missing_is_a_dash() {
        assert_eq!(figure(None, 2), "-");
        assert_eq!(figure(Some(1.005_1), 2), "1.01");
    }
}
