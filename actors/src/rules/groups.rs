//! The groups of a forward list (MSNP7): `ADG`, `REG` and `RMG`, and the groups of a contact. The error
//! codes are from yellows111's wiki.
//!
//! An account starts without stored groups: clients see group 0 alone, with the name `~`. Adding the
//! first group also stores group 0 under a real name. Otherwise group 0 would be `~` again once the
//! others are removed, and an official client creates three groups when it sees `~`.

use msnp::{ErrorCode, GroupId, GroupIds, GroupName};

/// A group of a forward list. Groups are sorted by number.
pub type Group = (GroupId, GroupName);

/// Returns the groups as clients see them: group 0 is always among them.
pub fn shown_groups(groups: &[Group]) -> Vec<Group> {
    if groups.is_empty() { vec![(GroupId::ZERO, GroupName::unnamed())] } else { groups.to_vec() }
}

/// `ADG`: adds a group. Returns all groups, and the number of the new one, which is the smallest free
/// number.
///
/// # Errors
/// The error code of the refusal.
pub fn add_group(groups: &[Group], name: &GroupName) -> Result<(Vec<Group>, GroupId), ErrorCode> {
    let mut groups = if groups.is_empty() {
        vec![(GroupId::ZERO, GroupName::other_contacts())]
    } else {
        groups.to_vec()
    };
    if find_by_name(&groups, name).is_some() {
        return Err(ErrorCode::GroupExists);
    }
    let free = GroupId::all().find(|group| !has_group(&groups, *group));
    let group = free.ok_or(ErrorCode::TooManyGroups)?;
    insert_or_rename(&mut groups, group, name);
    Ok((groups, group))
}

/// `REG`: renames a group. Returns all groups.
///
/// # Errors
/// The error code of the refusal.
pub fn rename_group(
    groups: &[Group],
    group: GroupId,
    name: &GroupName,
) -> Result<Vec<Group>, ErrorCode> {
    if !has_group(groups, group) {
        return Err(ErrorCode::InvalidGroup);
    }
    if find_by_name(groups, name).is_some_and(|other| other != group) {
        return Err(ErrorCode::GroupExists);
    }
    let mut groups = groups.to_vec();
    insert_or_rename(&mut groups, group, name);
    Ok(groups)
}

/// `RMG`: removes a group. Returns the other groups. The store then removes the contacts that are
/// only in this group from the forward list.
///
/// # Errors
/// The error code of the refusal.
pub fn remove_group(groups: &[Group], group: GroupId) -> Result<Vec<Group>, ErrorCode> {
    if group == GroupId::ZERO {
        return Err(ErrorCode::CannotRemoveGroupZero);
    }
    if !has_group(groups, group) {
        return Err(ErrorCode::InvalidGroup);
    }
    let mut groups = groups.to_vec();
    groups.retain(|(other, _)| *other != group);
    Ok(groups)
}

/// Returns whether the group exists. Group 0 always does.
pub fn has_group(groups: &[Group], group: GroupId) -> bool {
    group == GroupId::ZERO || groups.iter().any(|(other, _)| *other == group)
}

/// `ADD` with a group: adds a contact of the forward list to another group. Returns the contact's
/// groups.
///
/// Two kinds of contacts can be added to group 0 although clients show them there already:
///
/// * Contacts in no group. Stores of older versions may have them: Gaim 0.6x moves a contact with a
///   `REM` from its only group and an `ADD` to group 0, and older versions kept the contact after
///   the `REM`.
/// * Contacts in group 0 alone. aMSN 0.61 sends an `ADD` without a group, which adds the contact to
///   group 0, and then an `ADD` with group 0 (`Quirk::AddsWithoutGroup`).
///
/// # Errors
/// The error code of the refusal.
pub fn add_to_group(groups: GroupIds, group: GroupId) -> Result<GroupIds, ErrorCode> {
    let is_in_group_zero_alone = groups == GroupId::ZERO.into();
    if !groups.contains(group) {
        Ok(groups.with(group))
    } else if group == GroupId::ZERO && is_in_group_zero_alone {
        Ok(groups)
    } else {
        Err(ErrorCode::AlreadyThere)
    }
}

/// `REM` with a group: removes a contact from a group. Returns its other groups.
///
/// If no group is left, the store removes the contact from the forward list: Twisted of 2003, an
/// Emacs client of 2002 and Kopete of 2002 to 2004 remove contacts only in this way
/// (`Quirk::RemovesByGroup`). A store of an older version may have contacts in no group. They are
/// shown in group 0 and can be removed from it.
///
/// # Errors
/// The error code of the refusal.
pub fn remove_from_group(groups: GroupIds, group: GroupId) -> Result<GroupIds, ErrorCode> {
    let is_in = if groups.is_empty() { group == GroupId::ZERO } else { groups.contains(group) };
    if is_in { Ok(groups.without(group)) } else { Err(ErrorCode::NotInGroup) }
}

/// Makes imported groups valid: leaves out groups with a duplicate number or name. If there are
/// groups, but no group 0, adds it under a name that no other group has.
pub fn sanitize_imported(imported: &[Group]) -> Vec<Group> {
    if imported.is_empty() {
        return Vec::new();
    }
    let (zero, others): (Vec<_>, Vec<_>) =
        imported.iter().partition(|(group, _)| *group == GroupId::ZERO);
    let zero_name = zero.into_iter().next().map(|(_, name)| name.clone());
    let zero_name = zero_name.unwrap_or_else(|| name_for_group_zero(&others));
    let mut groups = vec![(GroupId::ZERO, zero_name)];
    for (group, name) in others {
        if !has_group(&groups, *group) && find_by_name(&groups, name).is_none() {
            insert_or_rename(&mut groups, *group, name);
        }
    }
    groups
}

/// Returns `Other Contacts` or, if that is taken, the first free one of `Other Contacts 2`,
/// `Other Contacts 3`, …
fn name_for_group_zero(others: &[&Group]) -> GroupName {
    let plain = GroupName::other_contacts();
    let numbered = (2..=u8::MAX).map(|number| GroupName::new(&format!("{plain} {number}")));
    let mut names = std::iter::once(plain.clone()).chain(numbered.flatten());
    names.find(|name| others.iter().all(|(_, other)| other != name)).unwrap_or(plain)
}

fn find_by_name(groups: &[Group], name: &GroupName) -> Option<GroupId> {
    groups.iter().find(|(_, other)| other == name).map(|(group, _)| *group)
}

fn insert_or_rename(groups: &mut Vec<Group>, group: GroupId, name: &GroupName) {
    groups.retain(|(other, _)| *other != group);
    groups.push((group, name.clone()));
    groups.sort_unstable_by_key(|(group, _)| *group);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> GroupName {
        GroupName::new(text).unwrap()
    }

    fn id(number: u8) -> GroupId {
        GroupId::new(number).unwrap()
    }

    fn words(groups: &[Group]) -> String {
        let word = |(group, name): &Group| format!("{group} {name}");
        groups.iter().map(word).collect::<Vec<_>>().join(", ")
    }

    fn with(names: &[&str]) -> Vec<Group> {
        names.iter().fold(Vec::new(), |groups, it| add_group(&groups, &name(it)).unwrap().0)
    }

    #[test]
    fn group_0_is_always_shown_and_is_named_when_the_first_group_is_added() {
        assert_eq!(words(&shown_groups(&Vec::new())), "0 ~");
        let groups = with(&["Friends"]);
        assert_eq!(words(&shown_groups(&groups)), "0 Other Contacts, 1 Friends");
        let groups = remove_group(&groups, id(1)).unwrap();
        assert_eq!(words(&shown_groups(&groups)), "0 Other Contacts");
        let groups = rename_group(&Vec::new(), GroupId::ZERO, &name("Rest")).unwrap();
        assert_eq!(words(&groups), "0 Rest");
        assert_eq!(words(&add_group(&groups, &name("Friends")).unwrap().0), "0 Rest, 1 Friends");
    }

    #[test]
    fn a_new_group_gets_the_smallest_free_number() {
        let groups = with(&["a", "b", "c"]);
        let groups = remove_group(&groups, id(2)).unwrap();
        let (groups, number) = add_group(&groups, &name("d")).unwrap();
        assert_eq!(number, id(2));
        assert_eq!(words(&groups), "0 Other Contacts, 1 a, 2 d, 3 c");
        assert_eq!(add_group(&groups, &name("e")).unwrap().1, id(4));
    }

    #[test]
    fn at_most_thirty_groups_exist() {
        let names: Vec<String> = (1..30).map(|number| format!("group {number}")).collect();
        let groups = with(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(groups.len(), 30);
        assert_eq!(add_group(&groups, &name("one more")), Err(ErrorCode::TooManyGroups));
        assert_eq!(add_group(&groups, &name("group 7")), Err(ErrorCode::GroupExists));
        let groups = remove_group(&groups, id(29)).unwrap();
        assert_eq!(add_group(&groups, &name("one more")).unwrap().1, id(29));
    }

    #[test]
    fn group_names_are_unique() {
        let none: Vec<Group> = Vec::new();
        let exists = Err(ErrorCode::GroupExists);
        assert_eq!(add_group(&none, &GroupName::other_contacts()).map(drop), exists.clone());
        let groups = with(&["Friends", "Family"]);
        assert_eq!(add_group(&groups, &name("Friends")).map(drop), exists.clone());
        assert!(add_group(&groups, &name("friends")).is_ok());
        assert_eq!(rename_group(&groups, id(2), &name("Friends")).map(drop), exists.clone());
        assert_eq!(rename_group(&groups, GroupId::ZERO, &name("Family")).map(drop), exists);
        assert_eq!(rename_group(&groups, id(1), &name("Friends")), Ok(groups.to_vec()));
        let other = rename_group(&groups, id(1), &name("Kin")).unwrap();
        assert_eq!(words(&other), "0 Other Contacts, 1 Kin, 2 Family");
    }

    #[test]
    fn only_existing_groups_are_renamed_or_removed_and_group_0_stays() {
        for groups in [Vec::new(), with(&["Friends"])] {
            assert_eq!(rename_group(&groups, id(2), &name("x")), Err(ErrorCode::InvalidGroup));
            assert_eq!(remove_group(&groups, id(2)), Err(ErrorCode::InvalidGroup));
            let refused = remove_group(&groups, GroupId::ZERO);
            assert_eq!(refused, Err(ErrorCode::CannotRemoveGroupZero));
            assert!(has_group(&groups, GroupId::ZERO) && !has_group(&groups, id(2)));
        }
    }

    #[test]
    fn a_contact_is_not_added_twice_to_a_group() {
        let zero = GroupIds::from(GroupId::ZERO);
        assert_eq!(add_to_group(zero, id(3)), Ok(zero.with(id(3))));
        assert_eq!(add_to_group(zero, GroupId::ZERO), Ok(zero));
        let both = zero.with(id(3));
        assert_eq!(add_to_group(both, GroupId::ZERO), Err(ErrorCode::AlreadyThere));
        assert_eq!(add_to_group(both, id(3)), Err(ErrorCode::AlreadyThere));
        assert_eq!(add_to_group(GroupIds::NONE, GroupId::ZERO), Ok(zero));
    }

    #[test]
    fn a_contact_in_no_group_counts_as_one_of_group_0() {
        let both = GroupIds::from(id(1)).with(id(2));
        assert_eq!(remove_from_group(both, id(1)), Ok(id(2).into()));
        assert_eq!(remove_from_group(both, id(3)), Err(ErrorCode::NotInGroup));
        assert_eq!(remove_from_group(both, GroupId::ZERO), Err(ErrorCode::NotInGroup));
        assert_eq!(remove_from_group(id(2).into(), id(2)), Ok(GroupIds::NONE));
        assert_eq!(remove_from_group(GroupIds::NONE, GroupId::ZERO), Ok(GroupIds::NONE));
        assert_eq!(remove_from_group(GroupIds::NONE, id(2)), Err(ErrorCode::NotInGroup));
    }

    #[test]
    fn imported_groups_are_made_valid() {
        assert_eq!(sanitize_imported(&[]), Vec::new());
        let only_zero = [(GroupId::ZERO, GroupName::unnamed())];
        assert_eq!(words(&sanitize_imported(&only_zero)), "0 ~");
        let mixed =
            [(7, "b"), (2, "a"), (7, "c"), (3, "a"), (4, "Other Contacts"), (5, "d"), (1, "b")]
                .map(|(number, text)| (id(number), name(text)));
        assert_eq!(
            words(&sanitize_imported(&mixed)),
            "0 Other Contacts 2, 2 a, 4 Other Contacts, 5 d, 7 b"
        );
        let named = [(1, "Other Contacts 2"), (2, "Other Contacts"), (3, "a")]
            .map(|(number, text)| (id(number), name(text)));
        let expected = "0 Other Contacts 3, 1 Other Contacts 2, 2 Other Contacts, 3 a";
        assert_eq!(words(&sanitize_imported(&named)), expected);
        assert_eq!(words(&sanitize_imported(&named[2..])), "0 Other Contacts, 3 a");
    }
}
