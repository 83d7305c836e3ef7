//! The rules of `ADD` and `REM` (the draft §7.6).

use msnp::{ErrorCode, List, Membership};

/// Returns whether an `ADD` repeats an entry of the allow or block list. [`add`] refuses such an
/// `ADD`, so the caller does not call it: the `ADD` succeeds and changes nothing, not even the
/// name. Gaim of 2001 would show an error each time its user accepts a user twice
/// (`Quirk::AllowsTwice`). For the forward list, returns `false`.
pub fn is_repeated(membership: Membership, list: List) -> bool {
    matches!(list, List::Allow | List::Block) && membership.contains(list)
}

/// `ADD`: adds an account with this `membership` to another list. The list has `entries` now, and
/// at most `limit`. With `is_self`, the account is the owner's own: it cannot be on the forward
/// list, but may be on the allow or block list.
///
/// # Errors
/// The error code of the refusal.
pub fn add(
    membership: Membership,
    list: List,
    is_self: bool,
    entries: usize,
    limit: u16,
) -> Result<Membership, ErrorCode> {
    let opposite = match list {
        List::Allow => Some(List::Block),
        List::Block => Some(List::Allow),
        List::Forward => None,
        List::Reverse => return Err(ErrorCode::InvalidParameter),
    };
    if is_self && list == List::Forward {
        return Err(ErrorCode::InvalidParameter);
    }
    if membership.contains(list) {
        return Err(ErrorCode::AlreadyThere);
    }
    if opposite.is_some_and(|opposite| membership.contains(opposite)) {
        return Err(ErrorCode::OppositeList);
    }
    if entries >= usize::from(limit) {
        return Err(ErrorCode::ListFull);
    }
    Ok(membership.with(list))
}

/// `REM`: removes an account with this `membership` from one of its lists.
///
/// # Errors
/// The error code of the refusal.
pub fn remove(membership: Membership, list: List) -> Result<Membership, ErrorCode> {
    if list == List::Reverse {
        return Err(ErrorCode::InvalidParameter);
    }
    if !membership.contains(list) {
        return Err(ErrorCode::NotOnList);
    }
    Ok(membership.without(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use List::{Allow, Block, Forward, Reverse};

    fn on(lists: &[List]) -> Membership {
        lists.iter().fold(Membership::NONE, |on, list| on.with(*list))
    }

    #[test]
    fn an_entry_is_added_once_and_never_to_both_allow_and_block_list() {
        assert_eq!(add(on(&[]), Forward, false, 0, 150), Ok(on(&[Forward])));
        assert_eq!(add(on(&[Reverse]), Allow, false, 0, 150), Ok(on(&[Reverse, Allow])));
        assert_eq!(add(on(&[Allow]), Allow, false, 1, 150), Err(ErrorCode::AlreadyThere));
        assert_eq!(add(on(&[Allow]), Block, false, 0, 150), Err(ErrorCode::OppositeList));
        assert_eq!(add(on(&[Block]), Allow, false, 0, 150), Err(ErrorCode::OppositeList));
        assert_eq!(add(on(&[Block]), Forward, false, 0, 150), Ok(on(&[Block, Forward])));
    }

    #[test]
    fn a_full_list_refuses_only_new_entries() {
        assert_eq!(add(on(&[]), Forward, false, 150, 150), Err(ErrorCode::ListFull));
        assert_eq!(add(on(&[Forward]), Forward, false, 150, 150), Err(ErrorCode::AlreadyThere));
        assert_eq!(add(on(&[]), Forward, false, 149, 150), Ok(on(&[Forward])));
    }

    #[test]
    fn a_user_is_never_on_their_own_forward_list() {
        assert_eq!(add(on(&[]), Forward, true, 0, 150), Err(ErrorCode::InvalidParameter));
        assert_eq!(add(on(&[]), Allow, true, 0, 150), Ok(on(&[Allow])));
    }

    #[test]
    fn clients_cannot_change_the_reverse_list() {
        assert!(add(on(&[]), Reverse, false, 0, 150).is_err());
        assert!(remove(on(&[Reverse]), Reverse).is_err());
    }

    #[test]
    fn only_an_existing_entry_can_be_removed() {
        assert_eq!(remove(on(&[Forward, Allow]), Forward), Ok(on(&[Allow])));
        assert_eq!(remove(on(&[Allow]), Forward), Err(ErrorCode::NotOnList));
    }
}
