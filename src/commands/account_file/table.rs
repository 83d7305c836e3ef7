//! Accounts as a table (CSV) from a spreadsheet.

use crate::commands::user::{friendly_name, greeter_account_error, invalid_handle_error};
use crate::error::CommandError;
use crate::password;
use actors::operator;
use actors::port::store::{Password, Principal};
use actors::port::{AccountExport, PhoneNumbers};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use msnp::{AddNotice, FriendlyName, Handle, Privacy};
use std::collections::HashSet;

/// The settings of the server that the cells of a table depend on.
#[derive(Debug, Clone, Default)]
pub(in crate::commands) struct Rules {
    /// The domains for accounts; a handle without a domain is in the first.
    pub(in crate::commands) domains: Vec<String>,
    /// Greeter's handle, which no user can have.
    pub(in crate::commands) greeter: Option<Handle>,
}

/// The separators of cells. Excel writes semicolons in countries with a decimal comma, and tabs if the user
/// saves a table as "Text".
pub(in crate::commands) const SEPARATORS: [u8; 3] = *b",;\t";

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Handle,
    Name,
    Password,
}

impl Column {
    /// All columns, in the order of a table without titles.
    const ALL: [Column; 3] = [Column::Handle, Column::Name, Column::Password];

    const fn title(self) -> &'static str {
        match self {
            Column::Handle => "handle",
            Column::Name => "name",
            Column::Password => "password",
        }
    }

    fn named(title: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.title().eq_ignore_ascii_case(title))
    }
}

/// The longest row, in bytes. The row of an account is much shorter.
const MAX_ROW: usize = 4096;

/// How many cells a row can have.
const MAX_CELLS: usize = 64;

/// An error in a row.
struct RowError {
    /// The index of the cell; `None` if the error is not in one cell.
    cell: Option<usize>,
    message: String,
}

impl RowError {
    fn in_row(message: impl Into<String>) -> RowError {
        RowError { cell: None, message: message.into() }
    }

    fn in_cell(index: usize, message: impl Into<String>) -> RowError {
        RowError { cell: Some(index), message: message.into() }
    }
}

/// Reads accounts, one per row: a handle, and optionally a name and a password. The first row may be titles.
/// Empty rows are skipped.
pub(in crate::commands) fn read(
    text: &str,
    rules: &Rules,
) -> Result<Vec<AccountExport>, CommandError> {
    let mut rows = Rows::of(text);
    let mut columns: Option<Vec<Column>> = None;
    let (mut accounts, mut handles) = (Vec::new(), HashSet::new());
    let (mut has_titles, mut max_cells) = (false, 0);
    loop {
        let start = rows.position;
        let with_place = |RowError { cell, message }: RowError| {
            let place = place(text, start, cell);
            CommandError::Other(format!("the file, {place}: {message}"))
        };
        let Some(cells) = rows.next().map_err(with_place)? else {
            refuse_open_quote(text).map_err(with_place)?;
            return Ok(accounts);
        };
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if columns.is_none()
            && let Some(titles) = titles(&cells).map_err(with_place)?
        {
            columns = Some(titles);
            has_titles = true;
            continue;
        }
        if columns.is_none() {
            refuse_other_titles(&cells).map_err(with_place)?;
        }
        max_cells = max_cells.max(cells.len());
        if !has_titles && max_cells < Column::ALL.len() {
            // An open quotation mark may be the reason for two cells, and is the better message.
            let cause = |error| refuse_open_quote(text).err().unwrap_or(error);
            refuse_two_cells(&cells).map_err(cause).map_err(with_place)?;
        }
        let columns = columns.get_or_insert_with(|| Column::ALL.to_vec());
        let account = account(&cells, columns, rules).map_err(with_place)?;
        let handle = &account.principal.handle;
        if !handles.insert(handle.clone()) {
            return Err(with_place(RowError::in_row(format!("{handle} is in it twice"))));
        }
        accounts.push(account);
    }
}

/// The rows of a table.
struct Rows<'a> {
    reader: Reader,
    text: &'a [u8],
    /// The number of bytes that were read.
    position: usize,
    /// The cells of a row, one after the other.
    bytes: Box<[u8; MAX_ROW]>,
}

impl<'a> Rows<'a> {
    fn of(text: &'a str) -> Rows<'a> {
        let (separator, position) =
            declared_separator(text).unwrap_or_else(|| (separator(text), 0));
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Rows { reader, text: text.as_bytes(), position, bytes: Box::new([0; MAX_ROW]) }
    }

    /// Returns the cells of the next row, trimmed; `None` after the last row.
    fn next(&mut self) -> Result<Option<Vec<String>>, RowError> {
        // How many of `bytes` are filled, how many cells have ended, and where each ended.
        let (mut filled, mut count, mut ends) = (0, 0, [0; MAX_CELLS]);
        loop {
            let input = self.text.get(self.position..).unwrap_or_default();
            let output = self.bytes.get_mut(filled..).unwrap_or_default();
            let free_ends = ends.get_mut(count..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(input, output, free_ends);
            self.position = self.position.saturating_add(read);
            (filled, count) = (filled + written, count + ended);
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                // An empty input tells the reader that the text has ended.
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    return Err(RowError::in_row(format!(
                        "the row has more than {MAX_ROW} bytes: is a quotation mark missing?"
                    )));
                }
                ReadRecordResult::OutputEndsFull => {
                    let message = format!("the row has more than {MAX_CELLS} cells");
                    return Err(RowError::in_row(message));
                }
            }
        }
        let (mut cells, mut start) = (Vec::new(), 0);
        for end in ends.into_iter().take(count) {
            // Separators are single bytes, so each cell is valid UTF-8.
            let cell = self.bytes.get(start..end).unwrap_or_default();
            cells.push(String::from_utf8_lossy(cell).trim().to_owned());
            start = end;
        }
        Ok(Some(cells))
    }
}

/// Returns the separator that the first line declares, and the length of that line. Excel writes such a line,
/// for example `sep=;`.
fn declared_separator(text: &str) -> Option<(u8, usize)> {
    let line = text.lines().next()?;
    let separator = *line.strip_prefix("sep=")?.as_bytes().first()?;
    SEPARATORS.contains(&separator).then_some((separator, line.len()))
}

/// Returns the most frequent separator of the first line that is not blank.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: &u8| line.bytes().filter(|byte| byte == separator).count();
    // `max_by_key` returns the last of several equal ones, which is the first separator after `rev`.
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// Returns the columns in the order of this row if it has titles, otherwise `None`.
fn titles(cells: &[String]) -> Result<Option<Vec<Column>>, RowError> {
    if !cells.iter().any(|cell| Column::named(cell) == Some(Column::Handle)) {
        return Ok(None);
    }
    let mut columns = Vec::new();
    for (index, title) in cells.iter().enumerate() {
        let is_rest_empty = cells.iter().skip(index).all(String::is_empty);
        if is_rest_empty {
            break;
        }
        let column = Column::named(title).ok_or_else(|| {
            let message =
                format!("unknown column name {title:?}. Allowed names: handle, name, password");
            RowError::in_cell(index, message)
        })?;
        if columns.contains(&column) {
            return Err(RowError::in_cell(index, format!("the column {title} is there twice")));
        }
        columns.push(column);
    }
    Ok(Some(columns))
}

/// Titles of other programs. They are recognized only to explain the error.
const OTHER_TITLES: [&str; 12] = [
    "account",
    "e-mail",
    "email",
    "login",
    "name",
    "nick",
    "nickname",
    "pass",
    "password",
    "user",
    "user name",
    "username",
];

/// Refuses a first row with at least two titles but without `handle`: it is not meant as an account.
fn refuse_other_titles(cells: &[String]) -> Result<(), RowError> {
    let is_title =
        |cell: &String| OTHER_TITLES.iter().any(|title| cell.eq_ignore_ascii_case(title));
    let mut titles = cells.iter().enumerate().filter(|(_, cell)| is_title(cell));
    match (titles.next(), titles.next()) {
        (Some((index, title)), Some(_)) => {
            let message = format!(
                "{title:?} looks like a column name, but the column handle is missing. Allowed names: \
                 handle, name, password"
            );
            Err(RowError::in_cell(index, message))
        }
        _ => Ok(()),
    }
}

/// Refuses a row of two cells in a table without titles: the second may be meant as the password, and a
/// friendly name is public.
fn refuse_two_cells(cells: &[String]) -> Result<(), RowError> {
    match cells.get(1) {
        Some(second) if !second.is_empty() => {
            let message = "is this the name or the password? Without a heading line the order is handle, \
                           name, password: add a heading line, such as `handle,password`";
            Err(RowError::in_cell(1, message))
        }
        _ => Ok(()),
    }
}

/// Refuses a table with an unclosed quotation mark, which puts the rest of the file into one cell.
fn refuse_open_quote(text: &str) -> Result<(), RowError> {
    match text.bytes().filter(|byte| *byte == b'"').count() % 2 {
        0 => Ok(()),
        _ => Err(RowError::in_row("the number of quotation marks is odd: one is missing")),
    }
}

/// Returns the account of a row.
fn account(cells: &[String], columns: &[Column], rules: &Rules) -> Result<AccountExport, RowError> {
    let (mut handle, mut name, mut password) = (None, None, None);
    for (index, cell) in cells.iter().enumerate() {
        if cell.is_empty() {
            continue;
        }
        let Some(column) = columns.get(index) else {
            let message = "too many cells: put a name with a comma in quotation marks";
            return Err(RowError::in_cell(index, message));
        };
        let invalid = |failure: CommandError| {
            RowError::in_cell(index, format!("({}) {failure}", column.title()))
        };
        match column {
            Column::Handle => handle = Some(parse_handle(cell, rules).map_err(invalid)?),
            Column::Name => name = Some(friendly_name(cell).map_err(invalid)?),
            Column::Password => password = Some(password::check(cell).map_err(invalid)?),
        }
    }
    let Some(handle) = handle else {
        let cell = columns.iter().position(|column| *column == Column::Handle);
        return Err(RowError { cell, message: "(handle) it is missing".to_owned() });
    };
    let name = match name {
        Some(name) => name,
        None => {
            friendly_name(handle.local()).unwrap_or_else(|_| FriendlyName::from_handle(&handle))
        }
    };
    Ok(new_account(Principal { handle, name }, password))
}

fn parse_handle(cell: &str, rules: &Rules) -> Result<Handle, CommandError> {
    let handle = operator::full_handle(cell, &rules.domains);
    let handle = handle.map_err(|error| invalid_handle_error(cell, &error))?;
    match rules.greeter.as_ref() == Some(&handle) {
        true => Err(greeter_account_error(&handle)),
        false => Ok(handle),
    }
}

/// A new account.
fn new_account(principal: Principal, password: Option<Password>) -> AccountExport {
    AccountExport {
        disabled: None,
        principal,
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password,
        groups: Vec::new(),
        numbers: PhoneNumbers::default(),
        profile: None,
        lists: Default::default(),
    }
}

/// Returns the place of a cell, such as `line 3, column 1`. `start` is the position after the
/// previous row: line ends and empty lines may follow before the row itself. Line ends inside
/// quoted cells count too.
fn place(text: &str, start: usize, cell: Option<usize>) -> String {
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let bytes = text.as_bytes();
    let line_ends = bytes.iter().skip(start).take_while(|byte| is_line_end(byte)).count();
    let before = bytes.get(..start.saturating_add(line_ends)).unwrap_or_default();
    let mut line = 1;
    for (index, byte) in before.iter().enumerate() {
        // `\r\n` is one line end, which is counted at its second byte.
        let is_half = *byte == b'\r' && before.get(index + 1) == Some(&b'\n');
        line += usize::from(is_line_end(byte) && !is_half);
    }
    match cell {
        Some(cell) => format!("line {line}, column {}", cell + 1),
        None => format!("line {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let domains = vec!["example.com".to_owned(), "hotmail.com".to_owned()];
        Rules { domains, greeter: Some(Handle::new("greeter@example.com").unwrap()) }
    }

    fn rows(text: &str) -> Result<Vec<String>, String> {
        let read = read(text, &rules()).map_err(|failure| failure.to_string())?;
        let to_text = |account: &AccountExport| {
            let AccountExport { principal, password, .. } = account;
            let password = password.as_ref().map_or("-", Password::as_str);
            format!("{} {} {password}", principal.handle, principal.name)
        };
        Ok(read.iter().map(to_text).collect())
    }

    #[test]
    fn titles_without_handle_and_an_open_quotation_mark_are_refused() {
        for (text, place) in [
            ("user,nick,pass\nkim,Kim,pw\n", "line 1, column 1: \"user\""),
            ("name;password\nx7;pw\n", "line 1, column 1: \"name\""),
            ("kim,\"Kim,pw\n", "the number of quotation marks is odd"),
        ] {
            let refused = rows(text).unwrap_err();
            assert!(refused.contains(place), "{text:?}: {refused}");
        }
        // A single such word may be a name.
        assert_eq!(rows("user,,\n").unwrap(), ["user@example.com user -"]);
        assert_eq!(rows("kim,Nick,pw\n").unwrap(), ["kim@example.com Nick pw"]);
    }

    #[test]
    fn the_separator_may_be_declared() {
        let text = "sep=;\r\nhandle;name\r\nalice;\"B, A\"\r\n";
        assert_eq!(rows(text).unwrap(), ["alice@example.com B, A -"]);
        let refused = rows("sep=;\nalice;a;\nb ob;b;\n").unwrap_err();
        assert!(refused.contains("line 3, column 1"), "{refused}");
    }

    #[test]
    fn tables_of_spreadsheets_are_read() {
        let two = ["alice@example.com Alice B. secret", "bob@hotmail.com bob -"];
        for text in [
            "handle,name,password\nalice,Alice B.,secret\nbob@hotmail.com,,\n",
            "alice,Alice B.,secret\r\nbob@hotmail.com\r\n",
            "ALICE@example.com;Alice B.;secret\nbob@hotmail.com;;;;\n",
            "Password\tHandle\tName\nsecret\talice\tAlice B.\n\tbob@hotmail.com\t",
            "\r\n handle , name , password ,\r\n\r\n alice , Alice B. , \
             secret\r\n,,\r\nbob@hotmail.com",
            "handle,name,password\ralice,Alice B.,secret\rbob@hotmail.com,,\r",
        ] {
            assert_eq!(rows(text).unwrap(), two, "{text:?}");
        }
        let quoted = "alice,\"Alice, \"\"B.\"\"\",\"a,b\"\"c\"\n";
        assert_eq!(rows(quoted).unwrap(), ["alice@example.com Alice, \"B.\" a,b\"c"]);
        assert_eq!(rows("handle,name\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn two_columns_without_a_heading_line_are_refused() {
        for (text, place) in [
            ("ann,pw\n", "line 1, column 2: "),
            ("ann\nbob,pw\n", "line 2, column 2: "),
            ("\r\nann\tpw\r\n", "line 2, column 2: "),
        ] {
            let refused = rows(text).unwrap_err();
            assert!(refused.starts_with(&format!("the file, {place}")), "{text:?}: {refused}");
            assert!(!refused.contains("pw"), "{text:?}: {refused}");
        }
        let refused = rows("ann,pw\n").unwrap_err();
        let words = "Without a heading line the order is handle, name, password: add a heading line, \
                     such as `handle,password`";
        assert!(refused.ends_with(words), "{refused}");
        assert_eq!(rows("handle,password\nann,pw\n").unwrap(), ["ann@example.com ann pw"]);
        assert_eq!(rows("handle,name\nann,Ann\n").unwrap(), ["ann@example.com Ann -"]);
        // A row with three cells shows that the order is known.
        let three = ["ann@example.com Ann pw", "bob@example.com Bob -"];
        assert_eq!(rows("ann,Ann,pw\nbob,Bob\n").unwrap(), three);
        assert_eq!(rows("ann,\nbob\n").unwrap().len(), 2);
    }

    #[test]
    fn an_error_has_its_line_and_column() {
        for (text, words) in [
            (
                "alice,A,secret\na b,B,secret",
                "line 2, column 1: (handle) \"a b\" is not a valid sign-in name: ",
            ),
            (
                "handle,name\n\n\r\nalice,\"\u{1}\"",
                "line 4, column 2: (name) \"\\u{1}\" is not a friendly name: ",
            ),
            ("password,handle\nsec ret,alice", "line 2, column 1: (password) "),
            ("alice,A,seventeen-letters", "line 1, column 3: (password) "),
            ("alice,\"A\nB\",\nbob,,pass\u{e9}", "line 1, column 2: (name) "),
            ("alice,A,secret,more", "line 1, column 4: too many cells"),
            (
                "handle,mail\nalice,x",
                "line 1, column 2: unknown column name \"mail\". Allowed names: handle, name, password",
            ),
            ("handle,name,handle\n", "line 1, column 3: the column handle is there twice"),
            ("name,handle\nAlice,\n", "line 2, column 2: (handle) it is missing"),
            ("alice,,\nbob,,\nALICE,,\n", "line 3: alice@example.com is in it twice"),
            (
                "greeter,,\n",
                "line 1, column 1: (handle) greeter@example.com is Greeter, the built-in contact",
            ),
        ] {
            let refused = rows(text).unwrap_err();
            let start = format!("the file, {words}");
            assert!(refused.starts_with(&start), "{text:?}: {refused}");
        }
        let long = format!("alice,\"{}\n", "A".repeat(MAX_ROW));
        assert!(rows(&long).unwrap_err().contains("line 1: the row has more than 4096 bytes"));
        let wide = "alice".to_owned() + &",".repeat(MAX_CELLS);
        assert!(rows(&wide).unwrap_err().contains("line 1: the row has more than 64 cells"));
        // No message contains a password.
        for text in ["alice,A,sec ret-of-alice", "alice,A,secret-of-alice-x"] {
            assert!(!rows(text).unwrap_err().contains("of-alice"));
        }
    }
}
