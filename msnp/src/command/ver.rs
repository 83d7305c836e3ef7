//! `VER`: negotiates the dialect ([the draft](crate#sources) §7.2).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, LaterDialects, Token, TrId};
use core::fmt::Write;

/// The dialects in a `VER`, each once, in the order of preference.
pub type Dialects = heapless::Vec<Dialect, { Dialect::ALL.len() }>;

/// `VER trid dialect [dialect …] [CVR0]`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ver {
    /// Transaction ID.
    pub trid: TrId,
    /// The offered dialects of MSNP2 to MSNP7, in the client's order of preference.
    pub offered: Dialects,
    /// The offered protocol versions after MSNP7. To offer them is no error; they are for logs.
    pub later: LaterDialects,
    /// The first word that is no protocol version. It is no error; it is for logs.
    pub unknown: Option<Token<16>>,
    /// Whether the client offers the version query `CVR0`. Gaim, Miranda, CCMSN and ayttm do not.
    pub cvr0: bool,
}

/// `VER trid dialect [dialect …] [CVR0]`, or `VER trid 0` if nothing is in common.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VerReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The dialects that both sides support. The first is the dialect of the connection.
    pub agreed: Dialects,
    /// Whether the reply has `CVR0`: exactly if the client offered it. Some clients wait for it
    /// (`Quirk::WantsCvr0`), others accept only the words that they sent
    /// (`Quirk::ComparesVerReply`).
    pub cvr0: bool,
}

/// How many dialects the reply to a `VER` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum VerReplyForm {
    /// All that both sides support, in the client's order (`Quirk::WantsFavouriteFirst`). Gaim 0.63
    /// to 0.68 speaks MSNP7, but looks for `MSNP5` among them (`Quirk::WantsMsnp5`).
    #[default]
    List,
    /// Only the dialect of the connection, as later servers sent. Gaim 0.63 to 0.68 does not accept
    /// it.
    Single,
}

const CVR0: &str = "CVR0";

impl Ver {
    /// Returns the server's reply: the offered dialects that are supported, in the client's order.
    pub fn reply(&self, form: VerReplyForm) -> VerReply {
        let max = match form {
            VerReplyForm::List => Dialect::ALL.len(),
            VerReplyForm::Single => 1,
        };
        let supported = self.offered.iter().copied().filter(|dialect| dialect.is_supported());
        let agreed = supported.take(max).collect();
        VerReply { trid: self.trid, agreed, cvr0: self.cvr0 }
    }
}

impl VerReply {
    /// Returns the dialect of the connection, or `None` if no dialect is in common.
    pub fn dialect(&self) -> Option<Dialect> {
        self.agreed.first().copied()
    }
}

/// Begins a line with the transaction ID and the dialects.
fn begin_line<'o>(trid: TrId, dialects: &Dialects, out: &'o mut dyn Sink) -> Line<'o> {
    let mut line = Line::new(out, CommandName::Ver).trid(trid);
    for dialect in dialects {
        line = line.word(dialect.as_str());
    }
    line
}

impl<'a> Command<'a> for Ver {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Ver, DecodeError> {
        let mut ver = Ver {
            trid: words.trid()?,
            offered: Dialects::new(),
            later: LaterDialects::default(),
            unknown: None,
            cvr0: false,
        };
        for word in words {
            if word.eq_ignore_ascii_case(CVR0.as_bytes()) {
                ver.cvr0 = true;
            } else if let Some(dialect) = Dialect::parse(word) {
                if !ver.offered.contains(&dialect) {
                    // Each dialect is stored once, so there is room.
                    let _ = ver.offered.push(dialect);
                }
            } else if !ver.later.add_word(word) && ver.unknown.is_none() {
                ver.unknown = Token::parse(word);
            }
        }
        Ok(ver)
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let mut line = begin_line(self.trid, &self.offered, out);
        for number in self.later.numbers() {
            let mut name = heapless::String::<8>::new();
            // The longest name is `MSNP` and two digits.
            let _ = write!(name, "MSNP{number}");
            line = line.word(&name);
        }
        line.optional(self.unknown.as_ref().map(Token::as_str))
            .optional(self.cvr0.then_some(CVR0))
            .end()
    }
}

impl<'a> Command<'a> for VerReply {
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        context: DecodeContext,
    ) -> Result<VerReply, DecodeError> {
        let ver = Ver::decode(words, payload, context)?;
        Ok(VerReply { trid: ver.trid, agreed: ver.offered, cvr0: ver.cvr0 })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = begin_line(self.trid, &self.agreed, out);
        if self.cvr0 {
            line.word(CVR0).end()
        } else if self.agreed.is_empty() {
            line.word("0").end()
        } else {
            line.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_is_a_list_or_its_first_dialect() {
        let trid = TrId::new(1);
        let offered: Dialects = Dialect::ALL.into_iter().rev().collect();
        let later = LaterDialects::default();
        let ver = Ver { trid, offered: offered.clone(), later, unknown: None, cvr0: true };
        let list = VerReply { trid, agreed: offered, cvr0: true };
        assert_eq!(ver.reply(VerReplyForm::List), list);
        let first: Dialects = [Dialect::Msnp7].into_iter().collect();
        let single = VerReply { trid, agreed: first, cvr0: true };
        assert_eq!(ver.reply(VerReplyForm::Single), single);
        assert_eq!(list.dialect(), single.dialect());
    }
}
