//! The protocol, rule by rule: every file of `tests/scripts/` is acted against the running program.

#[cfg(test)]
#[path = "support/configure.rs"]
mod configure;
#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[path = "support/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "support/play/mod.rs"]
mod play;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

/// One test for each script, and the list of them.
macro_rules! scripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                play::act_script(stringify!($name));
            }
        )*

        const LISTED: &[&str] = &[$(stringify!($name)),*];
    };
}

scripts! {
    acks_for_u_n_a_exactly
    add_and_rea_with_a_misread_name_keep_the_live_name
    add_answers_then_iln_for_a_visible_contact
    add_of_a_handle_over_129_bytes_answers_201
    add_of_a_hidden_offline_or_blocking_contact_has_no_iln
    add_of_a_malformed_handle_answers_201
    add_of_an_entry_answers_215
    add_of_nobody_answers_205
    add_of_oneself_to_fl_answers_201
    add_takes_the_handle_in_any_case
    add_tells_a_contact_only_after_his_syn_or_chg
    add_tells_a_hidden_contact
    add_tells_numbers_before_iln
    add_to_a_list_that_is_none_answers_201
    add_to_al_or_bl_again_is_success_without_a_bump
    add_to_al_or_bl_tells_the_other_nothing
    add_to_another_group_tells_the_contact_nothing
    add_to_the_opposite_list_answers_219
    add_with_a_name_in_windows_1252_right_after_rem
    add_without_a_name_takes_the_handle
    added_without_a_group_he_is_shown_in_group_0
    admitted_later_he_hears_the_numbers
    amsn_0_61_a_second_time_on_the_same_accounts
    ans_with_an_unknown_cookie_answers_911
    ans_with_another_session_id_closes
    blank_runs_trailing_blanks_and_surplus_parameters
    block_list_hides
    blocked_contacts_see_no_numbers
    blocked_or_hidden_callee_answers_217
    blocking_and_hiding_leave_switchboards_alive
    blocking_does_not_stop_hearing_the_blocked
    blp_bl_and_the_allow_list
    blp_bl_hides_from_all_but_the_allow_list
    blp_bl_lets_the_allow_list_call
    blp_repeated_is_success_without_a_bump
    bye_from_a_client_leaves
    cal_of_a_malformed_handle_answers_208
    cal_of_a_participant_answers_215
    cal_of_someone_ringing_answers_215
    callers_own_block_list_is_not_asked
    challenge_answered_wrongly_answers_540_and_closes
    challenge_follows_the_first_chg_if_configured
    challenge_of_an_unknown_program_answers_540_and_closes
    chg_before_syn
    chg_fln_answers_201_from_msnp5_on
    chg_to_fln_goes_offline_and_stays_connected
    chg_to_what_is_no_state_answers_201
    chl_of_a_client_is_answered_with_twenty_digits
    chl_of_a_client_is_checked_if_configured
    client_line_ends_mixed
    conversation_in_single_bytes
    conversations_are_apart
    cookie_ends_with_its_ns_session
    cookie_for_a_new_session_cannot_answer
    cookie_is_bound_to_its_owner
    cookie_of_an_invitation_is_bound_to_its_owner
    cookie_works_once
    cvq_where_a_dialect_was_agreed_answers_715_and_closes
    cvr0_alone_has_one_cvq
    cvr_has_a_codebase_from_msnp4_on
    cvr_is_answered_before_and_after_login
    cvr_is_answered_whatever_it_says
    digest_is_accepted_in_upper_case
    dispatch_closes_after_the_referral
    dispatch_refers_unknown_accounts_too
    empty_lines_are_ignored
    every_change_raises_the_list_version_by_one
    every_state_is_told_to_the_watchers
    first_chg_answers_with_iln_for_the_visible_contacts
    first_chg_to_hidden_has_the_burst_too
    fnd_finds_nobody
    fnd_for_any_name_answers_201
    fnd_in_a_city_of_another_country_answers_201
    fnd_is_502_from_msnp5_on
    fnd_of_more_hits_than_one_packet_answers_301
    fnd_tells_the_hits_one_by_one
    friendly_name_defaults_to_the_local_part
    friendly_name_is_decoded_before_it_is_encoded
    friendly_name_is_sent_as_utf8_with_blanks_encoded
    gaim_0_43_a_second_time_on_the_same_accounts
    gaim_of_2003_a_second_time_on_the_same_accounts
    gate_add_to_rl_closes
    gate_bad_acknowledgement_type_closes
    gate_blp_with_another_value_closes
    gate_cal_before_usr_on_switchboard_closes
    gate_cal_on_ns_closes
    gate_cal_with_another_number_of_parameters_closes
    gate_commands_of_later_dialects_answer_200_in_msnp2
    gate_commands_of_later_dialects_answer_200_in_msnp3
    gate_commands_of_later_dialects_answer_200_in_msnp4
    gate_commands_of_later_dialects_answer_200_in_msnp5
    gate_commands_of_later_dialects_answer_200_in_msnp6
    gate_commands_of_later_dialects_before_login_close
    gate_gtc_with_another_value_closes
    gate_msg_before_usr_on_switchboard_closes
    gate_msg_on_ns_closes
    gate_ns_command_after_challenge_answers_302
    gate_ns_command_before_login_answers_302
    gate_ns_command_on_ds_closes
    gate_ns_command_on_switchboard_closes
    gate_payload_length_that_is_no_number_closes
    gate_png_before_login_closes
    gate_rem_from_rl_closes
    gate_too_few_parameters_close
    gate_unknown_command_after_login_answers_200
    gate_unknown_command_before_login_closes
    gate_unknown_command_on_ds_closes
    gate_unknown_command_on_switchboard_closes
    gate_unknown_command_without_transaction_id_is_ignored
    gate_usr_of_the_ns_on_switchboard_closes
    gate_ver_on_switchboard_closes
    greeter_answers_a_call_and_says_back_what_he_hears
    greeter_in_msnp7_names_those_who_are_online
    group_0_cannot_be_removed_230
    group_0_is_called_tilde_until_there_are_others
    group_0_may_be_renamed
    group_name_over_61_bytes_answers_229
    group_name_that_cannot_be_decoded_answers_201
    group_name_that_exists_answers_228
    group_number_from_30_on_closes
    group_that_is_not_there_answers_224
    groups_and_numbers_are_sent_as_utf8
    groups_are_of_the_forward_list_only
    groups_of_a_new_account_as_official_clients_make_them
    gtc_is_stored_and_repeated_answers_218
    handle_is_case_insensitive_and_answered_in_lower_case
    hiding_is_fln_and_a_hidden_principal_hears_others
    ims_off_ends_invitations_both_ways
    ims_off_lasts_as_long_as_the_session
    inf_answers_md5_alone
    inf_first_on_ns
    joiner_hears_no_joi_and_is_not_in_his_own_iro
    later_chg_has_no_burst
    later_versions_alone_close_after_cvr_and_usr_twn
    leaving_while_hidden_tells_nobody
    libmsn2_a_second_time_on_the_same_accounts
    line_of_1600_bytes_is_read
    line_without_end_closes
    lists_settings_names_and_versions_survive_a_restart
    login_in_single_bytes
    login_never_looks_at_the_domain
    login_with_halves_of_lines
    login_without_chg_is_seen_by_nobody_and_sees_nobody
    lsg_on_demand_shows_the_groups
    lst_after_every_rem
    lst_of_fl_names_the_groups_in_msnp7
    lst_on_demand_shows_each_list
    lst_shows_the_stored_name_or_else_the_live_one
    mail_is_never_announced
    many_commands_in_one_write
    message_is_not_echoed_to_its_sender
    moved_by_add_then_rem_he_stays_on_the_list
    moved_by_rem_then_add_he_stays_on_the_list
    msg_of_a_type_of_the_servers_own_is_not_relayed
    naks_for_n_and_a_when_alone
    name_at_the_time_of_joining_stays_in_the_conversation
    name_for_another_user_is_never_refused
    new_group_has_the_smallest_free_number
    ns_loss_leaves_switchboards_alive
    numbers_and_groups_survive_a_restart
    offline_principal_gets_version_bump_and_rl_entry
    offline_principal_loses_the_rl_entry
    one_left_alone_may_call_again
    only_who_has_me_on_his_fl_hears_of_me
    out_is_understood_everywhere
    out_leaves_the_switchboards_of_the_session
    out_on_a_switchboard_tells_bye
    out_tells_fln
    pag_answers_800
    payload_after_a_bare_lf
    payload_ends_where_its_length_says
    payload_of_length_zero_is_relayed
    png_and_out_may_carry_a_transaction_id
    png_is_answered_with_qng
    privacy_is_asked_for_the_caller_only
    profile_comes_once
    profile_follows_the_first_command_chg
    profile_follows_the_first_command_syn
    prp_mbe_or_an_unknown_property_answers_715
    prp_mob_stays_n
    prp_of_a_number_over_95_bytes_closes
    prp_of_a_number_that_cannot_be_decoded_answers_201
    prp_of_other_than_three_letters_closes
    prp_sets_and_clears_numbers
    prp_tells_watchers_of_msnp5_to_msnp7
    prp_waits_for_the_lists_of_the_watcher
    qry_in_older_dialects_leaves_the_stream_in_step
    qry_that_nobody_waits_for_is_answered
    rea_of_a_contact_changes_the_stored_name
    rea_of_a_name_over_387_bytes_answers_209
    rea_of_a_name_that_cannot_be_decoded_answers_209
    rea_of_a_stranger_answers_216
    rea_of_oneself_in_windows_1252
    rea_of_oneself_tells_the_watchers
    rea_of_oneself_that_cannot_be_seen_answers_209
    rea_of_oneself_while_hidden_tells_nobody
    referral_is_followed_by_its_address
    refused_changes_leave_the_list_version_alone
    rem_ends_hearing_of_the_contact
    rem_from_al_then_add_to_bl
    rem_of_what_is_not_there_answers_216
    rem_out_of_a_group_he_is_not_in_answers_225
    rem_out_of_the_last_group_is_off_the_list
    rem_tells_the_contact_if_online
    rem_then_add_again_shows_the_contact_again
    rem_without_a_group_is_off_the_list
    removed_by_group_he_is_gone_at_the_next_sign_in
    repeating_a_state_tells_nobody
    ring_goes_to_the_address_of_the_switchboard
    ringing_ends_with_the_invitees_ns_session
    rl_shows_the_live_name
    rmg_of_a_group_without_members_tells_nobody
    rmg_raises_the_list_version_of_those_who_are_offline
    rmg_takes_those_who_are_in_no_other_group
    same_transaction_id_on_ns_and_switchboard
    sdc_is_answered_ok
    sdc_of_more_than_1664_bytes_closes
    second_login_ends_the_first_with_out_oth
    second_login_leaves_the_switchboards_of_the_first
    second_login_tells_fln_then_nln
    second_usr_i_gets_a_new_challenge
    second_usr_i_may_name_another_handle
    second_ver_answers_715_and_closes
    server_never_edits_al_and_bl
    server_stop_says_out_ssd_to_everyone
    sessions_1_login_in_msnp3
    sessions_1_login_in_msnp4
    sessions_1_login_in_msnp5
    sessions_1_login_in_msnp6
    sessions_1_login_in_msnp7
    sessions_1_login_through_ds_and_ns
    sessions_1b_up_to_date_client
    sessions_1b_up_to_date_client_in_msnp7
    sessions_1c_gaim_2000_bare_lf_one_trid_no_ver
    sessions_1d_unknown_account
    sessions_1d_wrong_password
    sessions_1d_wrong_password_in_msnp7
    sessions_1e_cvr0_only
    sessions_1e_cvr0_only_of_later_clients
    sessions_1e_no_common_version
    sessions_1e_no_common_version_without_cvr0
    sessions_2_adding_a_contact
    sessions_3_presence
    sessions_4_errors_on_a_switchboard
    sessions_4_session_is_empty_when_the_invitee_answers
    sessions_4_switchboard_two_then_three_parties
    sessions_5_blocking
    sessions_5_blocking_where_a_repeated_blp_is_refused
    sessions_6_second_login_in_another_dialect
    sessions_6_second_login_of_the_same_account
    sessions_7_login_with_groups_in_msnp7
    sessions_8_msnp5_in_one_look
    sessions_9_server_shutdown
    sessions_mixed_dialects_of_three_principals
    several_xfr_sb_get_independent_cookies
    sixteenth_number_in_a_row_answers_800
    sixth_rename_in_a_row_answers_800
    sixth_state_in_a_second_is_told_at_its_end
    snd_has_a_longer_form_up_to_msnp4
    snd_is_answered_ok
    snd_takes_a_hit_of_the_last_search
    snd_without_a_target_answers_503_and_closes
    syn_and_chg_back_to_back
    syn_ends_with_an_rl_line_even_when_empty
    syn_sends_settings_then_the_lists_in_order
    syn_twice_is_answered_twice
    syn_with_a_greater_version_sends_the_lists
    syn_with_the_current_version_sends_no_lists
    third_participant_is_announced_to_both
    thirty_first_group_answers_223
    transaction_id_above_32_bits_closes
    transaction_id_keeps_its_digits
    transaction_id_may_be_zero
    transaction_id_missing_closes
    transaction_id_not_a_number_closes
    transaction_id_up_to_4294967295
    transaction_ids_need_not_grow
    unknown_or_offline_callee_answers_217
    unknown_state_of_three_letters_is_relayed
    url_has_a_site_id_from_msnp3_on
    url_is_answered_for_every_service
    usr_after_login_answers_207
    usr_first_on_ns_speaks_any_dialect_noted_by_the_ds
    usr_first_on_ns_uses_the_dialect_noted_by_the_ds
    usr_first_on_ns_without_a_ds_is_msnp2
    usr_s_without_usr_i_answers_911
    usr_without_a_domain_answers_206
    usr_without_inf
    vanished_socket_tells_fln_and_bye
    ver_keeps_the_order_of_the_client
    ver_names_are_case_insensitive
    ver_reply_ends_with_cvr0_wherever_it_was_offered
    ver_reply_has_cvr0_only_if_it_was_offered
    ver_reply_single_names_one_dialect
    ver_skips_unknown_names
    ver_skips_unknown_names_between_known_ones
    ver_without_any_name_is_answered_with_0
    wrong_password_leaves_the_other_session_alone
    xfr_ns_has_an_own_address_from_msnp7_on
    xfr_ns_on_request_is_a_referral
    xfr_of_another_type_answers_201
    xfr_sb_while_hidden_or_before_chg_answers_913
}

/// A play that shows a quirk is one of these, and so is acted.
#[test]
fn every_play_that_shows_a_quirk_is_listed() {
    for quirk in msnp::quirk::Quirk::ALL {
        let shown = quirk.shown_in().and_then(|path| path.strip_prefix("tests/scripts/"));
        let Some(file) = shown else { continue };
        let name = file.strip_suffix(".msnp").unwrap_or_default();
        assert!(LISTED.contains(&name), "{}: {file} is no play", quirk.name());
    }
}

#[test]
fn every_script_is_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".msnp") {
            found.push(name.to_owned());
        }
    }
    found.sort();
    let mut listed = LISTED.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed);
}
