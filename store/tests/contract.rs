//! The rules that every store must keep.

#[cfg(test)]
mod contract {
    pub(crate) mod accounts;
    pub(crate) mod backups;
    pub(crate) mod exclusions;
    pub(crate) mod exports;
    pub(crate) mod groups;
    pub(crate) mod invariants;
    pub(crate) mod lists;
    pub(crate) mod names;
    pub(crate) mod phones;
    pub(crate) mod profiles;
    pub(crate) mod settings;
    pub(crate) mod subject;
}

/// Generates one test for each rule and store.
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
        an_account_number_is_never_used_twice
        a_new_account_has_the_given_version_empty_lists_and_the_default_settings
        a_proof_succeeds_only_with_the_right_password
        a_new_password_replaces_the_old_one
        no_proof_succeeds_for_a_missing_account
        a_missing_account_has_no_roster_and_cannot_be_changed
        a_removed_account_is_gone
        a_removed_account_is_off_all_lists
        removing_an_account_changes_only_the_versions_of_lists_that_had_it
        the_handle_of_a_removed_account_can_be_used_again
    }
    lists {
        adding_to_the_forward_list_changes_two_accounts
        adding_to_the_allow_or_block_list_changes_one_account
        removing_from_the_forward_list_changes_two_accounts
        removing_from_the_allow_or_block_list_changes_one_account
        entries_are_in_the_order_of_their_addition
        the_reverse_list_is_in_the_order_of_the_additions
        an_entry_added_again_goes_to_the_end
        each_list_has_its_own_order
        no_contact_is_on_both_the_allow_and_the_block_list
        adding_a_listed_contact_or_removing_an_unlisted_one_is_refused
        allowing_or_blocking_again_changes_nothing
        a_full_list_refuses_additions
        the_reverse_list_has_no_limit
        a_user_cannot_change_the_reverse_list
        users_can_allow_or_block_themselves
        changes_for_and_of_missing_accounts_are_refused
        a_batch_is_applied_in_order_and_each_change_succeeds_or_fails_alone
        a_refused_change_leaves_no_trace
        two_users_who_add_each_other_are_on_each_others_lists
    }
    names {
        a_contact_has_the_name_given_by_the_owner
        a_given_name_equal_to_the_handle_or_own_name_is_not_stored
        adding_again_replaces_the_name_and_adding_without_one_keeps_it
        allowing_or_blocking_a_contact_keeps_the_given_name
        an_addition_to_any_list_names_a_contact_without_a_given_name
        a_name_given_on_the_forward_list_replaces_an_earlier_one
        only_listed_contacts_can_be_renamed
        a_rename_of_the_own_account_changes_one_account
        a_contact_who_takes_the_given_name_has_no_given_name
        names_of_any_script_and_length_are_stored
        users_can_rename_their_own_entry
    }
    settings {
        setting_the_same_add_notice_again_is_refused
        privacy_changes_and_repeating_it_is_refused_only_if_strict
        list_versions_wrap_around_before_they_are_negative
    }
    groups {
        group_0_has_no_name_until_it_is_named_or_there_is_another
        a_new_group_has_the_smallest_free_number
        invalid_group_changes_are_refused
        a_group_is_renamed
        a_contact_is_added_to_the_requested_group_or_to_group_0
        adding_a_contact_to_another_group_changes_one_account
        a_contact_removed_from_the_last_group_leaves_the_forward_list
        a_contact_in_no_group_is_kept_and_can_be_removed_from_group_0
        a_contact_in_no_group_can_be_added_to_one
        a_removal_without_a_group_removes_the_contact_from_all_groups
        a_contact_only_in_a_removed_group_leaves_the_forward_list
        a_contact_in_no_group_stays_when_a_group_is_removed
        only_the_forward_list_has_groups
        a_contact_shows_telephone_numbers_to_allowed_users_only
    }
    phones {
        a_telephone_number_is_set_changed_and_removed
        setting_the_same_telephone_number_changes_nothing
        users_who_may_see_a_new_number_get_a_new_list_version
        users_who_start_or_stop_seeing_numbers_get_a_new_list_version
        the_privacy_setting_applies_to_users_on_neither_list
    }
    profiles {
        only_users_with_a_profile_are_found
        a_profile_is_set_replaced_and_removed
        a_profile_does_not_change_the_list_version
        a_search_with_too_many_results_returns_none
        a_removed_account_is_not_found
        backups_and_exports_contain_profiles
    }
    exclusions {
        no_proof_succeeds_for_a_disabled_account
        disabling_an_account_does_not_change_list_versions
        removing_an_account_removes_its_disabled_mark
        networks_are_denied_and_allowed_again
        the_number_of_denied_networks_is_limited
        backups_and_exports_contain_disabled_accounts_and_denied_networks
    }
    invariants {
        random_changes_keep_the_rules
    }
    exports {
        an_import_in_steps_gives_the_same_accounts_as_a_whole_one
        the_same_import_again_completes_an_interrupted_one
        an_import_of_more_than_fits_into_its_cache_is_whole
        an_export_has_all_accounts_and_passwords_only_on_request
        a_given_name_that_became_the_own_name_is_not_exported
        an_import_restores_an_export
        imported_accounts_can_sign_in
        imported_accounts_have_unused_list_versions
        an_import_does_not_change_existing_accounts
        an_import_that_lists_an_existing_account_changes_its_list_version
        invalid_entries_are_not_imported
        groups_and_telephone_numbers_are_imported
        invalid_groups_are_not_imported
        an_imported_list_is_cut_to_its_limit
        an_account_imported_without_password_gets_a_random_one
        the_longest_names_are_imported
    }
    backups {
        a_backup_with_its_key_can_be_restored_anywhere
        a_backup_without_its_key_can_be_restored_where_the_key_is
        a_backup_has_no_plain_passwords_and_the_key_only_on_request
        a_restore_replaces_everything
        a_restore_does_not_reuse_account_numbers
        restored_accounts_have_unused_list_versions
        a_damaged_backup_changes_nothing
        a_failed_write_of_a_backup_is_an_error
        a_backup_during_edits_is_consistent
    }
}
