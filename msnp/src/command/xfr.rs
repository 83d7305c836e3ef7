//! `XFR`: a referral to another server (the draft §7.3 and §8.2).

use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words};
use crate::types::{Cookie, Dialect, Endpoint, ErrorCode, TrId};

/// `XFR t SB`, a switchboard for a new conversation, or `XFR t NS`, which only a beta sends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Xfr {
    /// Transaction ID.
    pub trid: TrId,
    /// What is asked for.
    pub to: Transfer,
}

/// The server that a client wants to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Transfer {
    /// `NS`
    Notification,
    /// `SB`
    Switchboard,
}

/// `XFR t NS address 0 {own}`, `XFR t SB address CKI cookie`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum XfrReply {
    /// To a Notification Server. The `0` is always there: the MSNP2 clients do not mind it and later
    /// ones refuse the line without (`Quirk::WantsZeroInReferral`). Nothing in it may read `SB`
    /// (`Quirk::SearchesReferralForSb`).
    Notification {
        /// Transaction ID.
        trid: TrId,
        /// Where it is.
        endpoint: Endpoint,
        /// Since MSNP7: where the server is that says so.
        own: Option<Endpoint>,
    },
    /// To a switchboard.
    Switchboard {
        /// Transaction ID.
        trid: TrId,
        /// Where it is.
        endpoint: Endpoint,
        /// What lets the client in.
        cookie: Cookie,
    },
}

/// The first dialect in which a referral names the server that makes it.
const OWN_SINCE: Dialect = Dialect::Msnp7;

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
        Line::new(out, "XFR").trid(self.trid).word(to).end()
    }
}

impl<'a> Command<'a> for XfrReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        at: DecodeContext,
    ) -> Result<XfrReply, DecodeError> {
        let trid = words.trid()?;
        let to = words.required("server type")?;
        let endpoint = words.parse("address", Endpoint::parse)?;
        match to {
            b"NS" => {
                // The 0, which the servers of 1999 did not send.
                words.next();
                let own = words.next().filter(|_| at.dialect >= OWN_SINCE);
                let parse =
                    |word| Endpoint::parse(word).ok_or(DecodeError::malformed("own address"));
                Ok(XfrReply::Notification { trid, endpoint, own: own.map(parse).transpose()? })
            }
            b"SB" => {
                words.parse("CKI", |word| (word == b"CKI").then_some(()))?;
                let cookie = words.parse("cookie", Cookie::parse)?;
                Ok(XfrReply::Switchboard { trid, endpoint, cookie })
            }
            _ => Err(DecodeError::malformed("server type")),
        }
    }

    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, "XFR");
        match self {
            XfrReply::Notification { trid, endpoint, own } => {
                let line = line.trid(*trid).word("NS").word(&endpoint.text()).word("0");
                match own.filter(|_| dialect >= OWN_SINCE) {
                    Some(own) => line.word(&own.text()).end(),
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
}
