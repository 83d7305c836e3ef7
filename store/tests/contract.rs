//! What a store promises, rule by rule, of every store that there is.

#[cfg(test)]
mod contract {
    pub(crate) mod accounts;
    pub(crate) mod backups;
    pub(crate) mod groups;
    pub(crate) mod invariants;
    pub(crate) mod lists;
    pub(crate) mod names;
    pub(crate) mod phones;
    pub(crate) mod portraits;
    pub(crate) mod profiles;
    pub(crate) mod settings;
    pub(crate) mod shut_out;
    pub(crate) mod subject;
}

/// One test for each rule and store.
macro_rules! contract {
    ($($part:ident { $($rule:ident)* })*) => {
        mod memory {$(
            mod $part {$(
                #[test]
                fn $rule() {
                    crate::contract::$part::$rule(&mut crate::contract::subject::Subject::memory());
                }
            )*}
        )*}
        mod file {$(
            mod $part {$(
                #[test]
                fn $rule() {
                    crate::contract::$part::$rule(&mut crate::contract::subject::Subject::file());
                }
            )*}
        )*}
    };
}

contract! {
    accounts {
        accounts_are_found_with_handle_and_name
        a_handle_is_taken_once
        a_number_is_never_given_again
        a_new_account_has_the_given_version_empty_lists_and_the_default_settings
        the_password_proves_who_somebody_is
        a_new_password_replaces_the_old_one
        nobody_can_prove_to_be_an_account_that_does_not_exist
        an_account_that_does_not_exist_has_no_roster_and_cannot_be_changed
        a_removed_account_is_gone
        a_removed_account_is_off_everybodys_lists
        removing_an_account_makes_new_versions_where_lists_changed_and_only_there
        the_handle_of_a_removed_account_is_free
    }
    lists {
        adding_to_the_forward_list_changes_two_accounts
        adding_to_the_allow_or_block_list_changes_one_account
        removing_from_the_forward_list_changes_two_accounts
        removing_from_the_allow_or_block_list_changes_one_account
        entries_are_in_the_order_in_which_they_came
        the_reverse_list_is_in_the_order_of_the_additions
        an_entry_added_again_goes_to_the_end
        each_list_has_its_own_order
        nobody_is_on_both_the_allow_and_the_block_list
        what_is_there_is_not_added_and_what_is_not_is_not_removed
        who_is_allowed_or_blocked_once_more_changes_nothing
        a_full_list_takes_no_more
        the_reverse_list_has_no_limit
        the_reverse_list_is_the_servers
        oneself_is_allowed_or_blocked_without_a_mirror
        changes_for_and_of_missing_accounts_are_refused
        a_batch_is_carried_out_in_order_each_change_by_itself
        a_refused_change_leaves_no_trace
        two_who_add_each_other_are_on_each_others_lists
    }
    names {
        a_contact_has_the_name_that_the_owner_gives_him
        a_name_that_is_the_handle_or_the_live_name_is_not_kept
        adding_again_replaces_the_name_and_adding_without_one_keeps_it
        allowing_or_blocking_somebody_keeps_the_name_that_he_was_given
        whoever_has_no_name_is_given_one_with_any_list
        a_name_given_on_the_forward_list_counts_more_than_an_earlier_one
        somebody_on_any_list_can_be_renamed_and_nobody_else
        renaming_oneself_changes_one_account
        a_contact_who_takes_the_name_he_was_given_is_shown_as_himself
        names_of_any_script_and_length_come_back
        one_may_rename_oneself_on_ones_own_list
    }
    settings {
        prompting_changes_once
        privacy_changes_and_repeating_it_is_refused_only_if_strict
        versions_wrap_around_before_they_are_negative
    }
    groups {
        group_0_has_no_name_until_it_is_named_or_there_is_another
        a_new_group_has_the_smallest_free_number
        groups_that_cannot_be_are_refused
        a_group_is_renamed
        a_contact_comes_into_the_group_that_is_asked_for_or_into_group_0
        one_more_group_changes_one_account_only
        out_of_the_last_group_a_contact_leaves_the_forward_list
        a_contact_in_no_group_is_kept_and_can_be_removed_from_group_0
        a_contact_in_no_group_is_put_into_one
        without_a_group_a_contact_leaves_all_of_them
        whoever_is_only_in_a_removed_group_leaves_the_forward_list
        whoever_is_in_no_group_stays_when_one_is_removed
        other_lists_know_no_groups
        a_contact_admits_whom_he_lets_see_him
    }
    phones {
        a_number_is_set_changed_and_taken_away
        a_number_that_is_the_same_changes_nothing
        whoever_may_see_it_on_the_forward_list_has_a_new_version
        whoever_sees_the_numbers_from_now_on_or_no_more_has_a_new_version
        a_privacy_setting_counts_for_those_on_neither_list
    }
    profiles {
        nobody_is_found_who_does_not_want_to
        a_profile_comes_is_replaced_and_goes
        a_profile_is_no_part_of_the_lists
        too_many_are_not_shown
        whoever_is_removed_is_not_found
        backups_and_exports_have_profiles
    }
    shut_out {
        no_password_is_right_for_a_disabled_account
        a_disabled_mark_is_no_part_of_the_lists
        the_mark_goes_with_the_account
        networks_are_denied_and_denied_no_longer
        only_so_many_networks_are_denied
        backups_and_exports_have_who_is_shut_out
    }
    invariants {
        random_changes_keep_the_promises
    }
    portraits {
        an_export_has_everything_by_handle_and_passwords_only_if_asked
        a_name_that_the_contact_took_is_not_exported
        what_was_exported_comes_back
        an_import_makes_accounts_that_can_sign_in
        imported_accounts_have_versions_that_no_client_has_seen
        whoever_is_there_is_left_as_he_is
        whoever_is_there_and_gets_onto_a_forward_list_has_a_new_version
        entries_that_cannot_be_are_left_out
        groups_and_telephone_numbers_come_along
        groups_that_cannot_be_are_left_out
        a_list_with_more_entries_than_it_may_have_is_cut
        a_password_that_is_missing_is_one_that_nobody_knows
        the_longest_names_come_back
    }
    backups {
        a_backup_with_its_key_is_restored_anywhere
        a_backup_without_its_key_is_restored_where_the_key_is
        a_backup_gives_no_password_away_and_no_key_unless_asked
        everything_that_was_there_goes
        account_numbers_that_were_given_away_stay_so
        restored_lists_have_versions_that_no_client_has_seen
        a_backup_that_is_not_whole_changes_nothing
        a_backup_that_cannot_be_written_is_said
        a_backup_taken_while_others_edit_is_of_one_moment
    }
}
