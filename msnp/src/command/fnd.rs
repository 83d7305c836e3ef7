//! `FND`: searches the member directory. Disabled since MSNP5.

use super::{Command, CommandName, DecodeContext, DecodeError};
use crate::line::{Line, Sink, SinkFullError, Words, number};
use crate::types::{Country, Dialect, ErrorCode, MemberProfile, ProfileText, TextError, TrId};

/// `FND trid fname=x lname=y city=* state=* country=US`. The keys may have any order. Unknown words
/// are ignored. If a key is repeated, its last value counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fnd {
    /// Transaction ID.
    pub trid: TrId,
    /// The search terms.
    pub search: Search,
}

/// The terms of a directory search. Both names are required. A city, state or country that is
/// `None` matches anything; a client sends `*` or leaves it out.
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
    /// A search for all members with these names.
    pub fn named(first: ProfileText, last: ProfileText) -> Search {
        Search { first, last, city: None, state: None, country: None }
    }

    /// Limits the search to one country.
    #[must_use]
    pub fn in_country(self, country: Country) -> Search {
        Search { country: Some(country), ..self }
    }

    /// Limits the search to the United States, and to a city and a state if they are given. The
    /// original servers searched by city in no other country ([the wiki](crate#sources)).
    #[must_use]
    pub fn in_united_states(self, city: Option<ProfileText>, state: Option<ProfileText>) -> Search {
        Search { city, state, ..self.in_country(Country::UNITED_STATES) }
    }

    /// Whether a member matches: each search term equals the member's whole text, ignoring case.
    pub fn matches(&self, profile: &MemberProfile) -> bool {
        type Place = Option<ProfileText>;
        let place_matches = |sought: &Place, place: &Place| match (sought, place) {
            (Some(sought), Some(place)) => sought.eq_ignore_case(place),
            (Some(_), None) => false,
            (None, _) => true,
        };
        self.first.eq_ignore_case(&profile.first)
            && self.last.eq_ignore_case(&profile.last)
            && place_matches(&self.city, &profile.city)
            && place_matches(&self.state, &profile.state)
            && (self.country.is_none() || self.country == profile.country)
    }
}

/// `FND trid index count fname= lname= city= state= country=` for each hit, or `FND trid 0 0`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FndReply {
    /// Transaction ID.
    pub trid: TrId,
    /// The hit, or `None` if no member was found.
    pub hit: Option<Hit>,
}

/// A member who was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Hit {
    /// The position among the hits, from 1. `SND` may name the member by it.
    pub index: u32,
    /// The number of hits.
    pub count: u32,
    /// The member's directory entry.
    pub profile: MemberProfile,
}

// The keys of a line.
const FIRST: &str = "fname";
const LAST: &str = "lname";
const CITY: &str = "city";
const STATE: &str = "state";
const COUNTRY: &str = "country";

/// The values of the `key=value` words of a line.
#[derive(Default)]
struct Fields {
    first: Option<ProfileText>,
    last: Option<ProfileText>,
    city: Option<ProfileText>,
    state: Option<ProfileText>,
    country: Option<Country>,
}

impl Fields {
    /// Reads all words that are left. Fails if a value is illegal.
    fn read(words: &mut Words<'_>) -> Result<Fields, TextError> {
        let mut fields = Fields::default();
        for word in words {
            let mut parts = word.splitn(2, |byte| *byte == b'=');
            let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
            match core::str::from_utf8(key) {
                Ok(FIRST) => fields.first = parse_text(value)?,
                Ok(LAST) => fields.last = parse_text(value)?,
                Ok(CITY) => fields.city = parse_text(value)?,
                Ok(STATE) => fields.state = parse_text(value)?,
                Ok(COUNTRY) => fields.country = parse_country(value)?,
                Ok(_) | Err(_) => {}
            }
        }
        Ok(fields)
    }
}

/// Returns `None` for a value that matches anything.
fn parse_text(value: &[u8]) -> Result<Option<ProfileText>, TextError> {
    match value {
        b"" | b"*" => Ok(None),
        text => ProfileText::parse(text).map(Some),
    }
}

/// Returns `None` for a value that matches anything.
fn parse_country(value: &[u8]) -> Result<Option<Country>, TextError> {
    match value {
        b"" | b"*" => Ok(None),
        word => Country::parse(word).map(Some).ok_or(TextError::Malformed),
    }
}

impl<'a> Command<'a> for Fnd {
    fn decode(
        words: &mut Words<'a>,
        _: &'a [u8],
        context: DecodeContext,
    ) -> Result<Fnd, DecodeError> {
        let trid = words.trid()?;
        // Where the directory is disabled, an illegal search gets the same error as a legal one.
        let is_disabled = context.dialect >= Dialect::Msnp5;
        let code =
            if is_disabled { ErrorCode::CommandDisabled } else { ErrorCode::InvalidParameter };
        let error = |what| DecodeError::invalid(what, code);
        let fields = Fields::read(words).map_err(|_| error("words to search for"))?;
        let Fields { first: Some(first), last: Some(last), city, state, country } = fields else {
            return Err(error("names to search for"));
        };
        // The original servers closed the connection on a search for a city outside the United
        // States (the wiki). An error is enough.
        let has_city_or_state = city.is_some() || state.is_some();
        if has_city_or_state && country != Some(Country::UNITED_STATES) {
            return Err(error("country of the city or state"));
        }
        Ok(Fnd { trid, search: Search { first, last, city, state, country } })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let Search { first, last, city, state, country } = &self.search;
        let line = Line::new(out, CommandName::Fnd).trid(self.trid);
        let line = write_text(line, FIRST, Some(first), "*");
        let line = write_text(line, LAST, Some(last), "*");
        let line = write_text(line, CITY, city.as_ref(), "*");
        let line = write_text(line, STATE, state.as_ref(), "*");
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
        let fields = Fields::read(words).map_err(|_| DecodeError::malformed("profile"))?;
        let Fields { first: Some(first), last: Some(last), city, state, country } = fields else {
            return Err(DecodeError::malformed("names"));
        };
        let profile = MemberProfile { first, last, city, state, country };
        Ok(FndReply { trid, hit: Some(Hit { index, count, profile }) })
    }

    fn encode(&self, _: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
        let line = Line::new(out, CommandName::Fnd).trid(self.trid);
        let Some(Hit { index, count, profile }) = &self.hit else {
            return line.number(0).number(0).end();
        };
        let MemberProfile { first, last, city, state, country } = profile;
        let line = line.number(*index).number(*count);
        let line = write_text(line, FIRST, Some(first), "");
        let line = write_text(line, LAST, Some(last), "");
        let line = write_text(line, CITY, city.as_ref(), "");
        let line = write_text(line, STATE, state.as_ref(), "");
        line.field(COUNTRY, core::iter::once(country.as_ref().map_or("", Country::as_str))).end()
    }
}

/// Writes `key=text`. A missing text is written as `placeholder`.
fn write_text<'o>(
    line: Line<'o>,
    key: &'static str,
    text: Option<&ProfileText>,
    placeholder: &'static str,
) -> Line<'o> {
    match text {
        Some(text) => line.field(key, text.encoded()),
        None => line.field(key, core::iter::once(placeholder)),
    }
}
