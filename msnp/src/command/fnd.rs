//! `FND`: searching the member directory. It is off from MSNP5 on.

use super::{Command, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Country, Dialect, ErrorCode, MemberProfile, ProfileText, TrId};

/// `FND t fname=x lname=y city=* state=* country=US`, in any order; words that nobody knows count for
/// nothing, and of two that say the same the last one counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fnd {
    /// Transaction ID.
    pub trid: TrId,
    /// Who is searched for.
    pub search: Search,
}

/// Who is searched for: a first and a last name, and perhaps where. What is not said, or is `*`, may
/// be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Search {
    first: ProfileText,
    last: ProfileText,
    city: Option<ProfileText>,
    state: Option<ProfileText>,
    country: Option<Country>,
}

impl Search {
    /// A search for everybody of these names.
    pub fn named(first: ProfileText, last: ProfileText) -> Search {
        Search { first, last, city: None, state: None, country: None }
    }

    /// The same in one country.
    #[must_use]
    pub fn in_country(self, country: Country) -> Search {
        Search { country: Some(country), ..self }
    }

    /// The same in a city and a state of the United States; the original servers knew cities of no
    /// other country.
    #[must_use]
    pub fn in_united_states(self, city: Option<ProfileText>, state: Option<ProfileText>) -> Search {
        Search { city, state, ..self.in_country(Country::UNITED_STATES) }
    }

    /// Whether somebody is meant: each word that is searched for is his, the whole of it, in whatever
    /// case.
    pub fn matches(&self, profile: &MemberProfile) -> bool {
        type Text = Option<ProfileText>;
        let is_like = |sought: &Text, his: &Text| match (sought, his) {
            (Some(sought), Some(his)) => sought.eq_ignore_case(his),
            (Some(_), None) => false,
            (None, _) => true,
        };
        self.first.eq_ignore_case(&profile.first)
            && self.last.eq_ignore_case(&profile.last)
            && is_like(&self.city, &profile.city)
            && is_like(&self.state, &profile.state)
            && (self.country.is_none() || self.country == profile.country)
    }
}

/// `FND t index count fname= lname= city= state= country=` for each hit, or `FND t 0 0`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FndReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The hit; none if nobody was found.
    pub hit: Option<Hit>,
}

/// Somebody who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Hit {
    /// His place among the hits, from 1: a `SND` may name him by it.
    pub index: u32,
    /// How many hits there are.
    pub count: u32,
    /// What the directory has of him.
    pub profile: MemberProfile,
}

const FIRST: &str = "fname";
const LAST: &str = "lname";
const CITY: &str = "city";
const STATE: &str = "state";
const COUNTRY: &str = "country";

/// What the words `key=value` of a line say, if they are there.
#[derive(Default)]
struct Fields {
    first: Option<ProfileText>,
    last: Option<ProfileText>,
    city: Option<ProfileText>,
    state: Option<ProfileText>,
    country: Option<Country>,
}

impl Fields {
    /// Reads them; `None` if one is not legal.
    fn read(words: &mut Words<'_>) -> Option<Fields> {
        let mut fields = Fields::default();
        for word in words {
            let mut parts = word.splitn(2, |byte| *byte == b'=');
            let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
            let anything = matches!(value, b"" | b"*");
            if key == COUNTRY.as_bytes() {
                fields.country = match anything {
                    true => None,
                    false => Some(Country::parse(value)?),
                };
                continue;
            }
            let field = [
                (FIRST, &mut fields.first),
                (LAST, &mut fields.last),
                (CITY, &mut fields.city),
                (STATE, &mut fields.state),
            ]
            .into_iter()
            .find(|(name, _)| name.as_bytes() == key);
            if let Some((_, field)) = field {
                *field = match anything {
                    true => None,
                    false => Some(ProfileText::parse(value).ok()?),
                };
            }
        }
        Some(fields)
    }
}

impl<'a> Command<'a> for Fnd {
    fn decode(words: &mut Words<'a>, _: &'a [u8], at: DecodeContext) -> Result<Fnd, DecodeError> {
        let trid = words.trid()?;
        // Where the directory is off, it is off whatever is searched for.
        let code = match at.dialect >= Dialect::Msnp5 {
            true => ErrorCode::CommandDisabled,
            false => ErrorCode::InvalidParameter,
        };
        // The original servers closed the connection of whoever searched for a city of another
        // country than the United States (the wiki); it is enough to refuse that.
        let refused = |what| DecodeError::invalid(what, code);
        let fields = Fields::read(words).ok_or(refused("words to search for"))?;
        let Fields { first: Some(first), last: Some(last), city, state, country } = fields else {
            return Err(refused("names to search for"));
        };
        let elsewhere = country != Some(Country::UNITED_STATES);
        if elsewhere && (city.is_some() || state.is_some()) {
            return Err(refused("country of the city or state"));
        }
        Ok(Fnd { trid, search: Search { first, last, city, state, country } })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let Search { first, last, city, state, country } = &self.search;
        let line = Line::new(out, "FND").trid(self.trid);
        let line = text(line, FIRST, Some(first), "*");
        let line = text(line, LAST, Some(last), "*");
        let line = text(line, CITY, city.as_ref(), "*");
        let line = text(line, STATE, state.as_ref(), "*");
        line.field(COUNTRY, core::iter::once(country.as_ref().map_or("*", Country::as_str))).end()
    }
}

impl<'a> Command<'a> for FndReply {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        _: DecodeContext,
    ) -> Result<FndReply, DecodeError> {
        let trid = words.trid()?;
        let index = words.parse("index", number)?;
        let count = words.parse("count", number)?;
        if count == 0 {
            return Ok(FndReply { trid, hit: None });
        }
        let fields = Fields::read(words).ok_or(DecodeError::malformed("profile"))?;
        let Fields { first: Some(first), last: Some(last), city, state, country } = fields else {
            return Err(DecodeError::malformed("names"));
        };
        let profile = MemberProfile { first, last, city, state, country };
        Ok(FndReply { trid, hit: Some(Hit { index, count, profile }) })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, "FND").trid(self.trid);
        let Some(Hit { index, count, profile }) = &self.hit else {
            return line.number(0).number(0).end();
        };
        let MemberProfile { first, last, city, state, country } = profile;
        let line = line.number(*index).number(*count);
        let line = text(line, FIRST, Some(first), "");
        let line = text(line, LAST, Some(last), "");
        let line = text(line, CITY, city.as_ref(), "");
        let line = text(line, STATE, state.as_ref(), "");
        line.field(COUNTRY, core::iter::once(country.as_ref().map_or("", Country::as_str))).end()
    }
}

/// Writes a text under its name; `none`, if it is not there.
fn text<'o>(
    line: Line<'o>,
    key: &'static str,
    text: Option<&ProfileText>,
    none: &'static str,
) -> Line<'o> {
    match text {
        Some(text) => line.field(key, text.encoded()),
        None => line.field(key, core::iter::once(none)),
    }
}
