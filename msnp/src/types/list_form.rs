use super::Dialect;

/// The form of the lists in the reply to `SYN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ListForm {
    /// A line for each entry of each list. Each counts the entries of its list. Up to MSNP7.
    PerList,
    /// A line for each contact, with all lists that it is on. Since MSNP8.
    PerContact,
}

impl Dialect {
    /// Returns the form in which clients of this dialect expect the lists.
    ///
    /// ```
    /// assert_eq!(msnp::Dialect::Msnp7.list_form(), msnp::ListForm::PerList);
    /// ```
    pub const fn list_form(self) -> ListForm {
        match self {
            Dialect::Msnp2
            | Dialect::Msnp3
            | Dialect::Msnp4
            | Dialect::Msnp5
            | Dialect::Msnp6
            | Dialect::Msnp7 => ListForm::PerList,
        }
    }
}
