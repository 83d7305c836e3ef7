//! `XFR`: refers the client to another server ([the draft](crate#sources) §7.3 and §8.2).

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Cookie, Dialect, Endpoint, ErrorCode, TrId};
use core::ops::Range;

/// `XFR trid SB` asks for a switchboard for a new conversation. Only a beta version of MSN
/// Messenger sends `XFR trid NS`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Xfr {
    /// Transaction ID.
    pub trid: TrId,
    /// The kind of server that the client asks for.
    pub to: Transfer,
}

/// The kind of server that a client is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Transfer {
    /// `NS`
    Notification,
    /// `SB`
    Switchboard,
}

/// `XFR trid NS address 0 [sender]` or `XFR trid SB address CKI cookie`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum XfrReply {
    /// To a Notification Server. The `0` is always sent: MSNP2 clients ignore it, later ones need
    /// it (`Quirk::WantsZeroInReferral`). The line must not contain `SB`
    /// (`Quirk::SearchesReferralForSb`).
    Notification {
        /// Transaction ID.
        trid: TrId,
        /// The address of the other server.
        endpoint: Endpoint,
        /// The address of the server that sends this. Since MSNP7.
        sender: Option<Endpoint>,
    },
    /// To a switchboard.
    Switchboard {
        /// Transaction ID.
        trid: TrId,
        /// The address of the switchboard.
        endpoint: Endpoint,
        /// The cookie for the `USR` there.
        cookie: Cookie,
    },
}

/// The first dialect with the `sender` field.
const SENDER_SINCE: Dialect = Dialect::Msnp7;

impl<'a> Command<'a> for Xfr {
    fn decode(words: &mut Words<'a>, _: &'a [u8], _: DecodeContext) -> Result<Xfr, DecodeError> {
        let trid = words.trid()?;
        let to = match words.required("server type")? {
            b"SB" => Transfer::Switchboard,
            b"NS" => Transfer::Notification,
            _ => return Err(DecodeError::invalid("server type", ErrorCode::InvalidParameter)),
        };
        Ok(Xfr { trid, to })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let to = match self.to {
            Transfer::Notification => "NS",
            Transfer::Switchboard => "SB",
        };
        Line::new(out, CommandName::Xfr).trid(self.trid).word(to).end()
    }
}

impl<'a> Command<'a> for XfrReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<XfrReply, DecodeError> {
        let trid = words.trid()?;
        let to = words.required("server type")?;
        let endpoint = words.parse("address", Endpoint::parse)?;
        match to {
            b"NS" => {
                // The servers of 1999 did not send the 0.
                let _zero = words.next();
                let has_sender = context.dialect >= SENDER_SINCE;
                let parse =
                    |word| Endpoint::parse(word).ok_or(DecodeError::malformed("sender address"));
                let sender = words.next().filter(|_| has_sender).map(parse).transpose()?;
                Ok(XfrReply::Notification { trid, endpoint, sender })
            }
            b"SB" => {
                words.literal("CKI")?;
                let cookie = words.parse("cookie", Cookie::parse)?;
                Ok(XfrReply::Switchboard { trid, endpoint, cookie })
            }
            _ => Err(DecodeError::malformed("server type")),
        }
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Xfr);
        match self {
            XfrReply::Notification { trid, endpoint, sender } => {
                let line = line.trid(*trid).word("NS").word(&endpoint.text()).word("0");
                match sender.filter(|_| dialect >= SENDER_SINCE) {
                    Some(sender) => line.word(&sender.text()).end(),
                    None => line.end(),
                }
            }
            XfrReply::Switchboard { trid, endpoint, cookie } => line
                .trid(*trid)
                .word("SB")
                .word(&endpoint.text())
                .word("CKI")
                .word(cookie.as_str())
                .end(),
        }
    }

    fn secret_words(&self) -> Range<usize> {
        match self {
            XfrReply::Notification { .. } => 0..0,
            XfrReply::Switchboard { .. } => 5..usize::MAX,
        }
    }
}
