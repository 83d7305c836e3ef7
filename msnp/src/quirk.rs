//! What single clients do otherwise than others, and need otherwise: each under its name.
//!
//! A server that does not know these loses the client. Where code is as it is because of one, it
//! says the name; each has a test that is called like it (`tests/quirks.rs`).

macro_rules! quirks {
    ($(
        $(#[doc = $what:literal])+
        $name:ident: $clients:literal, $source:literal $(, $shown:literal)?;
    )+) => {
        /// A deviation of a client.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Quirk {
            $($(#[doc = $what])+ $name,)+
        }

        impl Quirk {
            /// All of them.
            pub const ALL: &'static [Quirk] = &[$(Quirk::$name),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Quirk::$name => stringify!($name),)+ }
            }

            /// Which clients have it, and in which versions.
            pub const fn clients(self) -> &'static str {
                match self { $(Quirk::$name => $clients,)+ }
            }

            /// Where it is known from.
            pub const fn source(self) -> &'static str {
                match self { $(Quirk::$name => $source,)+ }
            }

            /// What the client does or needs, and what is done about it.
            pub fn description(self) -> &'static str {
                let what = match self { $(Quirk::$name => concat!($($what),+),)+ };
                what.trim_start()
            }

            /// If bytes alone do not show it: the test of the running server or of its actors that
            /// does, a path from the root of the repository.
            pub const fn shown_in(self) -> Option<&'static str> {
                match self { $(Quirk::$name => quirks!(@shown $($shown)?),)+ }
            }
        }
    };
    (@shown) => { None };
    (@shown $shown:literal) => { Some($shown) };
}

quirks! {
    // What they send.

    /// It ends lines with a bare LF: all of them, the answer to the challenge, or `MSG` and `OUT`.
    /// Both line ends are read, mixed at will, and CRLF is sent.
    BareLineFeed: "Gaim 0.11 to 0.62, CCMSN 0.1 to 0.3", "their code; seen with Gaim 0.43";
    /// It ends lines with a blank: `INF 2 `. Blanks at either end of a line do not count.
    TrailingBlank: "Miranda ICQ 0.0.7, CCMSN 0.1 to 0.3", "their code";
    /// It sends `OUT 9 `, though `OUT` has no transaction ID. It is passed over, in `PNG` as well.
    TransactionIdOnOut: "Miranda ICQ 0.0.7", "its code",
        "tests/scripts/framing/png_and_out_may_carry_a_transaction_id.msnp";
    /// All its commands carry the same transaction ID, the time of its start. Nothing is keyed by
    /// it.
    OneTransactionId: "Gaim 0.11.0-pre3 to pre13", "its code",
        "tests/scripts/sessions/login_of_gaim_2000_with_bare_lf_one_transaction_id_and_no_ver.msnp";
    /// It counts from 0, which is what a server's own lines carry. It is a number like any other.
    TransactionIdZero: "Adium and jmml of 2002 and 2003", "their code",
        "tests/scripts/framing/transaction_id_may_be_zero.msnp";
    /// It begins with `USR` on the Notification Server, without `VER` and `INF`. The dialect is
    /// that which was agreed on with the Dispatch Server.
    UsrBeforeVer: "Gaim 0.11 to 0.43", "its code; seen with Gaim 0.43",
        "tests/scripts/versions/usr_first_on_ns_uses_the_dialect_noted_by_the_ds.msnp";
    /// It does not ask for the authentication packages. `USR` may follow `VER`.
    NoInf: "ayttm and Everybuddy of 2003", "its code",
        "tests/scripts/sign_in/usr_without_inf.msnp";
    /// It writes its digest as sixteen pieces, and a `MSG` apart from its payload. What belongs
    /// together is known from the bytes, never from the writes.
    DigestInPieces: "libmsn2 of ayttm, April 2003", "seen",
        "tests/program/transcripts/mod.rs";
    /// It writes a line and its LF, or a line and its payload, apart, and its system sends the second
    /// piece when the first is acknowledged. A read that ends inside a command is acknowledged at once.
    WritesCommandsInPieces: "aMSN 0.61, and others", "seen",
        "tests/timing.rs";
    /// It sends the handle once more behind `REM`. Words that a command does not have are passed
    /// over.
    RepeatsHandle: "Gaim 0.11.0-pre3 to pre13", "its code";
    /// It adds contacts under their handle, not encoded. A handle is a friendly name.
    SendsHandleAsName: "Gaim 0.11 to 0.62", "its code; seen";
    /// It sends `SYN` and `CHG` in one write. Each is answered whole before the next is looked at.
    DoesNotWaitForSyn: "Gaim 0.11 to 0.43, Miranda ICQ 0.0.7, CCMSN",
        "their code; seen with Gaim 0.43",
        "tests/scripts/lists/syn_and_chg_back_to_back.msnp";
    /// It asks for the list after every `REM`. `LST` is answered at any time.
    ListsAfterEveryRem: "CCMSN 0.1 to 0.3, aMSN 0.61", "its code; seen",
        "tests/scripts/lists/lst_after_every_rem.msnp";
    /// When a contact calls himself otherwise than on its list, it takes him off and puts him on
    /// under the new name. Who has no stored name is shown under the one that he has now, so that
    /// there is seldom a reason.
    RenamesByRemAndAdd: "CCMSN 0.1 to 0.3", "its code",
        "tests/scripts/lists/rem_then_add_again_shows_the_contact_again.msnp";
    /// It writes names in the code page of the machine, `Andr%E9`. What is not UTF-8 is read as
    /// Windows-1252.
    WritesItsCodePage: "Gaim of 2001, Miranda ICQ 0.0.7, aMSN 0.52", "their code; seen",
        "tests/scripts/names/add_with_a_name_in_windows_1252_right_after_rem.msnp";
    /// It sends a live name back as it misread it, in `REA` and `ADD`: `B\xc3\x83\xc2\xa9n` for
    /// `Bén`. That is the live name.
    SendsMisreadNames: "aMSN 0.61", "seen",
        "tests/scripts/names/add_and_rea_with_a_misread_name_keep_the_live_name.msnp";
    /// It sends `REA` for others than its user. That changes the name on his lists, and nobody is
    /// told.
    RenamesContacts: "aMSN 0.61", "seen",
        "tests/scripts/names/rea_of_a_contact_changes_the_stored_name.msnp";
    /// It blocks with `REM AL` and `ADD BL` at once. Between them the contact is on neither list.
    BlocksByRemThenAdd: "Gaim of 2003", "seen",
        "tests/scripts/lists/rem_from_al_then_add_to_bl.msnp";
    /// It sends `BLP AL` at every sign-in and shows the proper answer, 218, as an error. Unless the
    /// configuration says otherwise, the same setting again is a success that changes nothing.
    RepeatsBlp: "Gaim 0.11.0-pre14 to 0.62", "its code; seen with Gaim 0.43",
        "tests/scripts/privacy/blp_repeated_succeeds_without_a_new_version.msnp";
    /// It sends `ADD AL` each time its user agrees to be added, and shows the proper answer, 215, as
    /// an error. Unless the configuration says otherwise, a contact who is allowed or blocked once more
    /// is a success that changes nothing.
    AllowsTwice: "Gaim 0.43", "seen",
        "tests/scripts/lists/add_to_al_or_bl_again_succeeds_without_a_new_version.msnp";
    /// It speaks MSNP7 and adds to the forward list without a group, and then perhaps once more into
    /// group 0. Both succeed: a new contact is in group 0.
    AddsWithoutGroup: "aMSN 0.61, ayttm of 2003", "seen",
        "tests/scripts/groups/contact_added_without_a_group_is_shown_in_group_0.msnp";
    /// It moves a contact by taking them out of one group and then putting them into another. Out of
    /// the last group is off the list, but the contact is told a second later only, and not at all if
    /// the `ADD` has come by then.
    MovesByRemThenAdd: "Gaim 0.63 to 0.68", "its code",
        "tests/scripts/groups/contact_moved_by_rem_then_add_stays_on_the_list.msnp";
    /// It removes a contact by taking them out of each of their groups, and in no other way. Out of the
    /// last group is off the list.
    RemovesByGroup: "Twisted of 2003, an Emacs client of 2002, Kopete of 2002 to 2004", "seen; its code",
        "tests/scripts/groups/rem_out_of_the_last_group_removes_the_contact.msnp";
    /// It moves a contact by putting him into another group first. Somebody on the list may be
    /// added to a further group.
    MovesByAddThenRem: "ayttm of 2003", "its code",
        "tests/scripts/groups/contact_moved_by_add_then_rem_stays_on_the_list.msnp";
    /// It answers a `CHL` in MSNP2 and MSNP5, which do not have it, with a payload. The payload is
    /// read in every dialect, so that the stream stays in step.
    AnswersChallengesInAnyDialect: "Gaim 0.43 and Gaim of January 2003", "seen",
        "tests/scripts/client_challenges/qry_in_older_dialects_is_refused_with_its_payload.msnp";
    /// It leaves a conversation with `BYE` and its handle, which only servers say. It has left.
    LeavesWithBye: "Gaim of 2003", "its code",
        "tests/scripts/conversations/bye_from_a_client_leaves_the_conversation.msnp";
    /// It closes its connection without a word. The others hear the same as if it had said `OUT`.
    VanishesWithoutOut: "all, when the program or the machine is switched off", "seen",
        "tests/scripts/presence/vanished_socket_sends_fln_and_bye.msnp";
    /// It may say nothing for hours, not even `PNG`. A session is not closed for that.
    StaysSilent: "MSN Messenger 1.0 to 3.6, Miranda ICQ 0.0.7, CCMSN, ayttm",
        "their code; the wiki",
        "actors/tests/session/time.rs";

    // What they need.

    /// It compares the answer to its `VER` with the line that it sent. Nothing is added, `CVR0`
    /// neither.
    ComparesVerReply: "Gaim 0.11.0-pre3 to pre13", "its code";
    /// It wants `MSNP5` in the answer to `VER`, though it speaks MSNP7. All dialects that both
    /// speak are named, unless the configuration says otherwise.
    WantsMsnp5: "Gaim 0.63 to 0.68", "its code";
    /// It waits for ever if the `CVR0` that it offered is not in the answer to `VER`.
    WantsCvr0: "aMSN 0.61", "seen";
    /// It looks at the first name in the answer to `VER`. That is the dialect of the connection,
    /// and what the client named first.
    WantsFavouriteFirst: "ayttm of 2003, Miranda ICQ 0.0.7 and 0.1", "their code";
    /// It wants `MD5` as the first word, or all, of the answer to `INF`. There is no other word in
    /// it.
    ComparesPackages: "Miranda ICQ 0.1, Gaim 0.63 to 0.68", "their code";
    /// It refuses a referral without the `0` behind the address, which those of MSNP2 do not mind.
    /// It is always sent.
    WantsZeroInReferral: "clients of MSNP3 and later", "seen; the wiki";
    /// It takes a referral for one to a switchboard if `SB` stands anywhere in it. An address has
    /// no letters.
    SearchesReferralForSb: "Gaim 0.11.0-pre14 to 0.62", "its code";
    /// It accepts an address of digits and dots only, of at most 39 characters. Addresses are
    /// dotted IPv4.
    DottedAddress: "a client of the years 2001 to 2003; Miranda ICQ 0.0.7", "seen; its code";
    /// It waits for five words in an answer to `USR`. A friendly name is never empty.
    WantsFiveWordsInUsr: "ayttm of 2003", "its code";
    /// It does not see an error in the answer to its first `USR`. The connection is closed behind
    /// it.
    IgnoresErrorsBeforeSignIn: "ayttm of 2003", "its code",
        "tests/scripts/sign_in/usr_without_a_domain_answers_206.msnp";
    /// It reads exactly one line after a request. The reply is in the output before any news.
    ReadsOneLine: "Gaim 0.11.0-pre3 to pre13", "its code",
        "actors/tests/session/order.rs";
    /// It loses the profile message or the welcome if both are in one read. The profile follows the
    /// answer to the next command, when the connection is quiet.
    LosesProfileInWelcome: "several; which, was not written down", "seen",
        "actors/tests/session/profile.rs";
    /// It looks for `MSG` anywhere in what it has read and loses what stands before it: it never gets
    /// signed in if the profile follows an answer within 20 ms. Nothing is sent within 150 ms before
    /// the profile.
    LosesInputBeforeProfile: "a client for Emacs of 2002", "seen",
        "actors/tests/session/profile.rs";
    /// It loses a text that it reads together with `IRO` and `ANS … OK`. The first delivery comes 50 ms
    /// after the answer.
    LosesTextAfterAnswer: "a client for Emacs of 2002", "seen",
        "actors/tests/conversation/answered.rs";
    /// It looks for `kv`, `sid` and `MSPAuth` and the CRLF behind each without asking whether they
    /// are there. All fields are sent, each on a line of its own.
    SearchesProfile: "Gaim 0.44 to 0.62", "its code";
    /// It shows a message on the Notification Server connection as one of a person, unless it comes
    /// from `Hotmail`. Handle and name of the server's messages are that.
    KnowsServerAsHotmail: "Gaim 0.43 to 0.68", "its code";
    /// Its synchronisation ends when `GTC`, `BLP` and all four lists have come with the transaction
    /// ID of the `SYN`. They have it, and all are sent.
    NeedsAllLists: "ayttm of 2003", "its code",
        "tests/scripts/lists/syn_sends_settings_then_the_lists_in_order.msnp";
    /// It signs on when the last line of the reverse list has come. That list is the last, and an
    /// empty one has a line.
    WaitsForLastReverseLine: "Gaim 0.44 to 0.62", "its code";
    /// It paints a contact in magenta who is not on the reverse list. The greeter is on that of a new
    /// account.
    PaintsContactsNotOnReverseList: "aMSN 0.61", "seen",
        "actors/tests/greeter/account.rs";
    /// It crashes on the line of a forward list without entries, which others need. Nothing can be
    /// done about it but to have a contact.
    CrashesOnEmptyForwardList: "Miranda ICQ 0.0.7", "its code";
    /// It caches no lists, asks with version 0, and waits for lists. No account has the version 0.
    AsksForVersionZero: "Gaim, Miranda ICQ, CCMSN, ayttm, msnlib", "their code",
        "tests/scripts/lists/syn_sends_settings_then_the_lists_in_order.msnp";
    /// It finds the words of a line by counting blanks. There is exactly one between words, none at
    /// the end, and no word is empty.
    CountsBlanks: "Gaim 0.44 to 0.62, Miranda ICQ 0.0.7", "their code";
    /// It has room for lines of 1250 bytes. The longest that is sent is below 1000.
    ShortLineBuffer: "ayttm of 2003", "its code";
    /// It takes each byte of UTF-8 that comes as `%XX` for a character of Latin-1, or shows the
    /// escape. Only blanks, controls and `%` are encoded.
    MisreadsEncodedUtf8: "aMSN 0.52 and 0.61, an Emacs client of 2002", "seen";
    /// To it Bob and bob are two. Handles are folded to lower case.
    ComparesHandlesWithCase: "Gaim, ayttm", "their code",
        "tests/scripts/sign_in/handle_is_case_insensitive_and_answered_in_lower_case.msnp";
    /// It reads errors at fixed places. There is no text behind the transaction ID, though the
    /// draft allows one.
    ReadsErrorsAtFixedPlaces: "Miranda ICQ 0.0.7, Gaim 0.44 to 0.62", "their code";
    /// It looks up the first word of any line among the transaction IDs that it waits for. The
    /// number of a conversation is larger than any that it counts to.
    TakesSessionIdForTransactionId: "CCMSN 0.1 to 0.3", "its code";
    /// It has room for 29 characters of a cookie. There are no more.
    ShortCookieBuffer: "Miranda ICQ 0.0.7", "its code";
    /// It has room for 129 characters of a challenge. There are no more.
    ShortChallengeBuffer: "Miranda ICQ 0.1", "its code";
    /// It takes a conversation for one of three if whoever joins is told of himself, as the draft
    /// has it. He is neither in his `IRO` nor sent a `JOI`.
    CountsParticipants: "Gaim 0.11 to 0.68", "its code",
        "tests/scripts/conversations/joiner_receives_no_joi_and_is_not_in_their_own_iro.msnp";
    /// It needs the number of a site in the answer to `URL`. Since MSNP3 there is one.
    WantsSiteId: "MSN Messenger 3.0 and later", "the wiki";
    /// It tells its user to upgrade if the recommended version is higher than its own. Its own is
    /// recommended.
    WantsItsOwnVersion: "MSN Messenger 1.0 to 4.7", "yellows111's wiki";
    /// It reads a property behind a transaction ID, in the answer to `SYN` too. `PRP` always has
    /// one.
    PropertyAtFixedPlace: "Gaim 0.63 to 0.68", "its code";
    /// It reads the number of a new group behind its name, against one page of yellows111's wiki.
    GroupNameBeforeNumber: "Gaim 0.63 to 0.68, ayttm, msnlib", "their code";
    /// It makes its usual groups if the only one is called `~`. That is its name until there are
    /// others or it is renamed.
    MakesGroupsWhenUnnamed: "MSN Messenger 4.5 to 4.7", "yellows111's wiki",
        "tests/scripts/groups/groups_that_official_clients_make_for_a_new_account.msnp";
}
