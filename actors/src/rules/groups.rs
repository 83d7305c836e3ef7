//! What `ADG`, `REG` and `RMG` change, and in which groups somebody on the forward list is (MSNP7;
//! yellows111's wiki has the error codes).
//!
//! Whoever never had groups has none. From the first one on there is group 0 among them, so that it
//! keeps its name when the others go: an official client that sees `~` for it makes three new
//! groups.

use msnp::{ErrorCode, GroupId, GroupIds, GroupName};

/// A group of somebody's forward list. His groups are kept in the order of their numbers.
pub type Group = (GroupId, GroupName);

/// The groups as they are shown: group 0 is always there.
pub fn shown(groups: &[Group]) -> Vec<Group> {
    if groups.is_empty() { vec![(GroupId::OTHER, GroupName::unnamed())] } else { groups.to_vec() }
}

/// `ADG`: the groups with one more, and its number: the smallest that is free.
///
/// # Errors
/// The code that refuses it.
pub fn add_group(groups: &[Group], name: &GroupName) -> Result<(Vec<Group>, GroupId), ErrorCode> {
    let mut groups = if groups.is_empty() {
        vec![(GroupId::OTHER, GroupName::other_contacts())]
    } else {
        groups.to_vec()
    };
    if is_called(&groups, name).is_some() {
        return Err(ErrorCode::GroupExists);
    }
    let free = GroupId::all().find(|group| !has_group(&groups, *group));
    let group = free.ok_or(ErrorCode::TooManyGroups)?;
    set(&mut groups, group, name);
    Ok((groups, group))
}

/// `REG`: the groups, one of which has this name.
///
/// # Errors
/// The code that refuses it.
pub fn rename_group(
    groups: &[Group],
    group: GroupId,
    name: &GroupName,
) -> Result<Vec<Group>, ErrorCode> {
    if !has_group(groups, group) {
        return Err(ErrorCode::InvalidGroup);
    }
    if is_called(groups, name).is_some_and(|other| other != group) {
        return Err(ErrorCode::GroupExists);
    }
    let mut groups = groups.to_vec();
    set(&mut groups, group, name);
    Ok(groups)
}

/// `RMG`: the groups without this one. Who was in it only leaves the forward list.
///
/// # Errors
/// The code that refuses it.
pub fn remove_group(groups: &[Group], group: GroupId) -> Result<Vec<Group>, ErrorCode> {
    if group == GroupId::OTHER {
        return Err(ErrorCode::CannotRemoveGroupZero);
    }
    if !has_group(groups, group) {
        return Err(ErrorCode::InvalidGroup);
    }
    let mut groups = groups.to_vec();
    groups.retain(|(other, _)| *other != group);
    Ok(groups)
}

/// Whether there is such a group.
pub fn has_group(groups: &[Group], group: GroupId) -> bool {
    group == GroupId::OTHER || groups.iter().any(|(other, _)| *other == group)
}

/// What `ADD` makes of the groups of somebody who is on the forward list already. One who is in no
/// group comes into group 0 like into any other, although he was shown in it: Gaim 0.6x moves
/// somebody by taking him out of his only group first. And aMSN 0.61 adds somebody without a group
/// and then again into group 0.
///
/// # Errors
/// The code that refuses it.
pub fn join(groups: GroupIds, group: Option<GroupId>) -> Result<GroupIds, ErrorCode> {
    match group {
        Some(group) if !groups.contains(group) => Ok(groups.with(group)),
        // He may be there because no group was said: `Quirk::AddsWithoutGroup`.
        Some(GroupId::OTHER) if groups == GroupId::OTHER.into() => Ok(groups),
        Some(_) | None => Err(ErrorCode::AlreadyThere),
    }
}

/// What `REM` with a group makes of the groups of a contact. If none is left, the contact leaves the
/// forward list with it: Twisted of 2003, an Emacs client of 2002 and Kopete of 2002 to 2004 remove
/// contacts in this way only (`Quirk::RemovesByGroup`). A store of an older version may have contacts
/// that are in no group; they are shown in group 0 and can be taken out of it.
///
/// # Errors
/// The code that refuses it.
pub fn leave(groups: GroupIds, group: GroupId) -> Result<GroupIds, ErrorCode> {
    let is_in = if groups.is_empty() { group == GroupId::OTHER } else { groups.contains(group) };
    if is_in { Ok(groups.without(group)) } else { Err(ErrorCode::NotInGroup) }
}

/// Groups that come from elsewhere, as they can be here: a number or a name that is there already
/// is left out. If there is no group 0 among them, it gets a name that none of them has.
pub fn adopt(from: &[Group]) -> Vec<Group> {
    let (zero, others): (Vec<_>, Vec<_>) =
        from.iter().partition(|(group, _)| *group == GroupId::OTHER);
    let zero = zero.into_iter().next().map(|(_, name)| name.clone());
    if zero.is_none() && others.is_empty() {
        return Vec::new();
    }
    let mut groups = vec![(GroupId::OTHER, zero.unwrap_or_else(|| free_name(&others)))];
    for (group, name) in others {
        if !has_group(&groups, *group) && is_called(&groups, name).is_none() {
            set(&mut groups, *group, name);
        }
    }
    groups
}

/// `Other Contacts`, or with the smallest number after it that makes it another name than all of
/// these have.
fn free_name(others: &[&Group]) -> GroupName {
    let plain = GroupName::other_contacts();
    let numbered = (2..=u8::MAX).map(|number| GroupName::new(&format!("{plain} {number}")));
    let mut names = std::iter::once(plain.clone()).chain(numbered.flatten());
    names.find(|name| others.iter().all(|(_, other)| other != name)).unwrap_or(plain)
}

fn is_called(groups: &[Group], name: &GroupName) -> Option<GroupId> {
    groups.iter().find(|(_, other)| other == name).map(|(group, _)| *group)
}

fn set(groups: &mut Vec<Group>, group: GroupId, name: &GroupName) {
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
    fn group_0_is_always_shown_and_has_no_name_until_there_was_another() {
        assert_eq!(words(&shown(&Vec::new())), "0 ~");
        let groups = with(&["Friends"]);
        assert_eq!(words(&shown(&groups)), "0 Other Contacts, 1 Friends");
        let groups = remove_group(&groups, id(1)).unwrap();
        assert_eq!(words(&shown(&groups)), "0 Other Contacts");
        let groups = rename_group(&Vec::new(), GroupId::OTHER, &name("Rest")).unwrap();
        assert_eq!(words(&groups), "0 Rest");
        assert_eq!(words(&add_group(&groups, &name("Friends")).unwrap().0), "0 Rest, 1 Friends");
    }

    #[test]
    fn a_new_group_has_the_smallest_number_that_is_free() {
        let groups = with(&["a", "b", "c"]);
        let groups = remove_group(&groups, id(2)).unwrap();
        let (groups, number) = add_group(&groups, &name("d")).unwrap();
        assert_eq!(number, id(2));
        assert_eq!(words(&groups), "0 Other Contacts, 1 a, 2 d, 3 c");
        assert_eq!(add_group(&groups, &name("e")).unwrap().1, id(4));
    }

    #[test]
    fn there_are_thirty_groups_at_most() {
        let names: Vec<String> = (1..30).map(|number| format!("group {number}")).collect();
        let groups = with(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(groups.len(), 30);
        assert_eq!(add_group(&groups, &name("one more")), Err(ErrorCode::TooManyGroups));
        assert_eq!(add_group(&groups, &name("group 7")), Err(ErrorCode::GroupExists));
        let groups = remove_group(&groups, id(29)).unwrap();
        assert_eq!(add_group(&groups, &name("one more")).unwrap().1, id(29));
    }

    #[test]
    fn a_name_is_given_once() {
        let none: Vec<Group> = Vec::new();
        let exists = Err(ErrorCode::GroupExists);
        assert_eq!(add_group(&none, &GroupName::other_contacts()).map(drop), exists.clone());
        let groups = with(&["Friends", "Family"]);
        assert_eq!(add_group(&groups, &name("Friends")).map(drop), exists.clone());
        assert!(add_group(&groups, &name("friends")).is_ok());
        assert_eq!(rename_group(&groups, id(2), &name("Friends")).map(drop), exists.clone());
        assert_eq!(rename_group(&groups, GroupId::OTHER, &name("Family")).map(drop), exists);
        assert_eq!(rename_group(&groups, id(1), &name("Friends")), Ok(groups.to_vec()));
        let other = rename_group(&groups, id(1), &name("Kin")).unwrap();
        assert_eq!(words(&other), "0 Other Contacts, 1 Kin, 2 Family");
    }

    #[test]
    fn only_groups_that_are_there_are_renamed_or_removed_and_never_group_0() {
        for groups in [Vec::new(), with(&["Friends"])] {
            assert_eq!(rename_group(&groups, id(2), &name("x")), Err(ErrorCode::InvalidGroup));
            assert_eq!(remove_group(&groups, id(2)), Err(ErrorCode::InvalidGroup));
            let refused = remove_group(&groups, GroupId::OTHER);
            assert_eq!(refused, Err(ErrorCode::CannotRemoveGroupZero));
            assert!(has_group(&groups, GroupId::OTHER) && !has_group(&groups, id(2)));
        }
    }

    #[test]
    fn whoever_is_in_a_group_does_not_come_into_it_again() {
        let zero = GroupIds::from(GroupId::OTHER);
        assert_eq!(join(zero, Some(id(3))), Ok(zero.with(id(3))));
        assert_eq!(join(zero, Some(GroupId::OTHER)), Ok(zero));
        let both = zero.with(id(3));
        assert_eq!(join(both, Some(GroupId::OTHER)), Err(ErrorCode::AlreadyThere));
        assert_eq!(join(both, Some(id(3))), Err(ErrorCode::AlreadyThere));
        assert_eq!(join(zero, None), Err(ErrorCode::AlreadyThere));
        assert_eq!(join(GroupIds::NONE, Some(GroupId::OTHER)), Ok(zero));
        assert_eq!(join(GroupIds::NONE, None), Err(ErrorCode::AlreadyThere));
    }

    #[test]
    fn whoever_is_in_no_group_is_taken_for_one_of_group_0() {
        let both = GroupIds::from(id(1)).with(id(2));
        assert_eq!(leave(both, id(1)), Ok(id(2).into()));
        assert_eq!(leave(both, id(3)), Err(ErrorCode::NotInGroup));
        assert_eq!(leave(both, GroupId::OTHER), Err(ErrorCode::NotInGroup));
        assert_eq!(leave(id(2).into(), id(2)), Ok(GroupIds::NONE));
        assert_eq!(leave(GroupIds::NONE, GroupId::OTHER), Ok(GroupIds::NONE));
        assert_eq!(leave(GroupIds::NONE, id(2)), Err(ErrorCode::NotInGroup));
    }

    #[test]
    fn groups_from_elsewhere_are_put_in_order() {
        assert_eq!(adopt(&[]), Vec::new());
        let only_zero = [(GroupId::OTHER, GroupName::unnamed())];
        assert_eq!(words(&adopt(&only_zero)), "0 ~");
        let mixed =
            [(7, "b"), (2, "a"), (7, "c"), (3, "a"), (4, "Other Contacts"), (5, "d"), (1, "b")]
                .map(|(number, text)| (id(number), name(text)));
        assert_eq!(words(&adopt(&mixed)), "0 Other Contacts 2, 2 a, 4 Other Contacts, 5 d, 7 b");
        let named = [(1, "Other Contacts 2"), (2, "Other Contacts"), (3, "a")]
            .map(|(number, text)| (id(number), name(text)));
        let expected = "0 Other Contacts 3, 1 Other Contacts 2, 2 Other Contacts, 3 a";
        assert_eq!(words(&adopt(&named)), expected);
        assert_eq!(words(&adopt(&named[2..])), "0 Other Contacts, 3 a");
    }
}
