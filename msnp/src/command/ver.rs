//! `VER`: negotiates the dialect (the draft §7.2).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Dialect, LaterDialects, Token, TrId};
use core::fmt::Write;

/// The dialects in a `VER`, each once, most preferred first.
pub type Dialects = heapless::Vec<Dialect, { Dialect::ALL.len() }>;

/// `VER t dialect {dialect …} {CVR0}`
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ver {
    /// Transaction ID.
    pub trid: TrId,
    /// The offered dialects of MSNP2 to MSNP7, the client's favourite first.
    pub offered: Dialects,
    /// The offered protocol versions after MSNP7, for logs. They are no error.
    pub later: LaterDialects,
    /// The first word that is no protocol version, for logs. It is no error.
    pub unknown: Option<Token<16>>,
    /// Whether the client offers the version query `CVR0`. Gaim, Miranda, CCMSN and ayttm do not.
    pub cvr0: bool,
}

/// `VER t dialect {dialect …} {CVR0}`, or `VER t 0` if nothing is in common.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct VerReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The dialects that both sides support. The first is the dialect of the connection.
    pub agreed: Dialects,
    /// Whether `CVR0` was offered. It is repeated if so (`Quirk::WantsCvr0`), and otherwise never
    /// sent (`Quirk::ComparesVerReply`).
    pub cvr0: bool,
}

/// How many dialects the reply to a `VER` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum VerReplyForm {
    /// All that both sides support, the client's favourite first (`Quirk::WantsFavouriteFirst`).
    /// Gaim 0.63 to 0.68 needs one of them that it does not use (`Quirk::WantsMsnp5`).
    #[default]
    List,
    /// Only the agreed one, as later servers sent. Gaim 0.63 to 0.68 does not accept it.
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

fn begin<'o>(trid: TrId, dialects: &Dialects, out: &'o mut dyn Sink) -> Line<'o> {
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
        let mut line = begin(self.trid, &self.offered, out);
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
        at: DecodeContext,
    ) -> Result<VerReply, DecodeError> {
        let ver = Ver::decode(words, payload, at)?;
        Ok(VerReply { trid: ver.trid, agreed: ver.offered, cvr0: ver.cvr0 })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = begin(self.trid, &self.agreed, out);
        match self.cvr0 {
            true => line.word(CVR0).end(),
            false if self.agreed.is_empty() => line.word("0").end(),
            false => line.end(),
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
