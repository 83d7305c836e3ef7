use msnp::{PhoneKind, PhoneNumber};
use serde::{Deserialize, Serialize};

/// A principal's telephone numbers (MSNP5). Most principals have none: then the value takes the
/// space of a pointer. The first number allocates about 300 bytes, which have room for all three.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "All", into = "All")]
pub struct PhoneNumbers(Option<Box<All>>);

/// The three numbers, in the order of [`PhoneKind::ALL`].
type All = [Option<PhoneNumber>; 3];

impl PhoneNumbers {
    /// Returns a number, if it is set.
    #[must_use]
    pub fn get(&self, phone: PhoneKind) -> Option<&PhoneNumber> {
        let [home, work, mobile] = self.0.as_deref()?;
        match phone {
            PhoneKind::Home => home.as_ref(),
            PhoneKind::Work => work.as_ref(),
            PhoneKind::Mobile => mobile.as_ref(),
        }
    }

    /// Sets or removes a number.
    pub fn set(&mut self, phone: PhoneKind, number: Option<PhoneNumber>) {
        let mut all = self.0.take().unwrap_or_default();
        let [home, work, mobile] = all.as_mut();
        *match phone {
            PhoneKind::Home => home,
            PhoneKind::Work => work,
            PhoneKind::Mobile => mobile,
        } = number;
        self.0 = Some(all).filter(|all| all.iter().any(Option::is_some));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl From<All> for PhoneNumbers {
    fn from(all: All) -> PhoneNumbers {
        let mut numbers = PhoneNumbers::default();
        for (phone, number) in PhoneKind::ALL.into_iter().zip(all) {
            numbers.set(phone, number);
        }
        numbers
    }
}

impl From<PhoneNumbers> for All {
    fn from(numbers: PhoneNumbers) -> All {
        numbers.0.map_or_else(Default::default, |all| *all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_set_and_removed_and_none_takes_no_space() {
        assert_eq!(size_of::<PhoneNumbers>(), size_of::<usize>());
        let number = |text| PhoneNumber::new(text).unwrap();
        let mut numbers = PhoneNumbers::default();
        numbers.set(PhoneKind::Work, Some(number("555 123")));
        numbers.set(PhoneKind::Mobile, Some(number("1")));
        numbers.set(PhoneKind::Work, Some(number("555 124")));
        let found = PhoneKind::ALL.map(|phone| numbers.get(phone).map(PhoneNumber::as_str));
        assert_eq!(found, [None, Some("555 124"), Some("1")]);
        assert_eq!(PhoneNumbers::from(All::from(numbers.clone())), numbers);
        numbers.set(PhoneKind::Work, None);
        assert!(!numbers.is_empty());
        numbers.set(PhoneKind::Mobile, None);
        assert!(numbers.is_empty());
        assert_eq!(numbers, PhoneNumbers::default());
    }
}
