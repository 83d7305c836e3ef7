//! Quirks: what single clients do or need that differs from other clients.
//!
//! A server has to handle them, or the client fails. Code that exists because of a quirk names it.
//! Each quirk has a test of the same name (`tests/quirks.rs`).
//!
//! In the descriptions, "the server" is msnpd, and "the greeter" is its built-in contact, which is
//! on the lists of new accounts. The [crate documentation](crate#sources) explains the sources.
//!
//! ```
//! use msnp::quirk::Quirk;
//!
//! let quirk = Quirk::ShortCookieBuffer;
//! assert_eq!(quirk.clients(), "Miranda ICQ 0.0.7");
//! assert_eq!(quirk.source(), "its code");
//! assert!(quirk.description().starts_with("It has room for 29 characters of a cookie."));
//! ```

macro_rules! quirks {
    ($(
        $(#[doc = $what:literal])+
        $name:ident: $clients:literal, $source:literal $(, $shown:literal)?;
    )+) => {
        /// A quirk of one or more clients. The first sentence is about the client, the rest about
        /// the server.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Quirk {
            $($(#[doc = $what])+ $name,)+
        }

        impl Quirk {
            /// All quirks.
            pub const ALL: &'static [Quirk] = &[$(Quirk::$name),+];

            /// Returns the name, such as `NoInf`.
            pub const fn name(self) -> &'static str {
                match self { $(Quirk::$name => stringify!($name),)+ }
            }

            /// Returns the clients that have it, with their versions.
            pub const fn clients(self) -> &'static str {
                match self { $(Quirk::$name => $clients,)+ }
            }

            /// Returns where it is known from, such as the client's source code.
            pub const fn source(self) -> &'static str {
                match self { $(Quirk::$name => $source,)+ }
            }

            /// Returns what the client does or needs, and how the server handles it.
            pub fn description(self) -> &'static str {
                let what = match self { $(Quirk::$name => concat!($($what),+),)+ };
                what.trim_start()
            }

            /// Returns the test of the running server or of its actors that shows the quirk, as a
            /// path from the root of the repository. `None` if encoded bytes alone show it.
            pub const fn shown_in(self) -> Option<&'static str> {
                match self { $(Quirk::$name => quirks!(@shown $($shown)?),)+ }
            }
        }
    };
    (@shown) => { None };
    (@shown $shown:literal) => { Some($shown) };
}

quirks! {
    // What clients send.

    /// It ends lines with a bare LF: all lines, the response to the challenge, or `MSG` and `OUT`.
    /// The server reads both line ends, also mixed, and sends CRLF.
    BareLineFeed: "Gaim 0.11 to 0.62, CCMSN 0.1 to 0.3", "their code; seen with Gaim 0.43";
    /// It ends lines with a space: `INF 2 `. Spaces at either end of a line are ignored.
    TrailingBlank: "Miranda ICQ 0.0.7, CCMSN 0.1 to 0.3", "their code";
    /// It sends `OUT 9 `, though `OUT` has no transaction ID. The server ignores the number, in
    /// `PNG` as well.
    TransactionIdOnOut: "Miranda ICQ 0.0.7", "its code",
        "tests/scripts/framing/png_and_out_may_carry_a_transaction_id.msnp";
    /// All its commands have the same transaction ID, the time of its start. The server does not
    /// use transaction IDs as keys.
    OneTransactionId: "Gaim 0.11.0-pre3 to pre13", "its code",
        "tests/scripts/sessions/login_of_gaim_2000_with_bare_lf_one_transaction_id_and_no_ver.msnp";
    /// It counts transaction IDs from 0, although lines of the server that are no reply have this
    /// ID, too. The server treats 0 like any other.
    TransactionIdZero: "Adium and jmml of 2002 and 2003", "their code",
        "tests/scripts/framing/transaction_id_may_be_zero.msnp";
    /// It begins with `USR` on the Notification Server, without `VER` and `INF`. The dialect is the
    /// one agreed with the Dispatch Server.
    UsrBeforeVer: "Gaim 0.11 to 0.43", "its code; seen with Gaim 0.43",
        "tests/scripts/versions/usr_first_on_ns_uses_the_dialect_noted_by_the_ds.msnp";
    /// It does not ask for the authentication packages. `USR` may follow `VER`.
    NoInf: "ayttm and Everybuddy of 2003", "its code",
        "tests/scripts/sign_in/usr_without_inf.msnp";
    /// It writes its digest in sixteen pieces, and a `MSG` separately from its payload. The server
    /// relies on the bytes only, never on how they were written.
    DigestInPieces: "libmsn2 of ayttm, April 2003", "seen",
        "tests/program/transcripts/mod.rs";
    /// It writes a line and its LF, or a line and its payload, separately. Its operating system
    /// sends the second piece only when TCP has acknowledged the first. So the server acknowledges
    /// a read that ends inside a command at once.
    WritesCommandsInPieces: "aMSN 0.61, and others", "seen",
        "tests/timing.rs";
    /// It sends the handle twice in `REM`. Words that a command does not have are ignored.
    RepeatsHandle: "Gaim 0.11.0-pre3 to pre13", "its code";
    /// It adds contacts with their handle as the name, not encoded. A handle is a legal friendly
    /// name.
    SendsHandleAsName: "Gaim 0.11 to 0.62", "its code; seen";
    /// It sends `SYN` and `CHG` in one write. The server replies to the first completely before it
    /// handles the second.
    DoesNotWaitForSyn: "Gaim 0.11 to 0.43, Miranda ICQ 0.0.7, CCMSN",
        "their code; seen with Gaim 0.43",
        "tests/scripts/lists/syn_and_chg_back_to_back.msnp";
    /// It asks for the list after every `REM`. The server replies to `LST` at any time.
    ListsAfterEveryRem: "CCMSN 0.1 to 0.3, aMSN 0.61", "its code; seen",
        "tests/scripts/lists/lst_after_every_rem.msnp";
    /// If a contact's name differs from the one on its list, it removes the contact and adds them
    /// with the new name. The list shows the current name of a contact who has no stored name, so
    /// this is rarely needed.
    RenamesByRemAndAdd: "CCMSN 0.1 to 0.3", "its code",
        "tests/scripts/lists/rem_then_add_again_shows_the_contact_again.msnp";
    /// It writes names in the code page of the machine, `Andr%E9`. A name that is not UTF-8 is read
    /// as Windows-1252.
    WritesItsCodePage: "Gaim of 2001, Miranda ICQ 0.0.7, aMSN 0.52", "their code; seen",
        "tests/scripts/names/add_with_a_name_in_windows_1252_right_after_rem.msnp";
    /// It misreads a contact's current name and sends it back in `REA` and `ADD`:
    /// `B\xc3\x83\xc2\xa9n` for `Bén`. The server recognises the misread name and keeps the current
    /// one.
    SendsMisreadNames: "aMSN 0.61", "seen",
        "tests/scripts/names/add_and_rea_with_a_misread_name_keep_the_current_name.msnp";
    /// It sends `REA` for contacts. The server changes the name on the user's lists, and notifies
    /// no other user.
    RenamesContacts: "aMSN 0.61", "seen",
        "tests/scripts/names/rea_of_a_contact_changes_the_stored_name.msnp";
    /// It blocks with `REM AL` and `ADD BL` at once. Between them the contact is on neither list.
    BlocksByRemThenAdd: "Gaim of 2003", "seen",
        "tests/scripts/lists/rem_from_al_then_add_to_bl.msnp";
    /// It sends `BLP AL` at every sign-in and shows the proper reply, 218, as an error. Unless
    /// configured otherwise, setting the same value again succeeds and changes nothing.
    RepeatsBlp: "Gaim 0.11.0-pre14 to 0.62", "its code; seen with Gaim 0.43",
        "tests/scripts/privacy/blp_repeated_succeeds_without_a_new_version.msnp";
    /// It sends `ADD AL` each time its user agrees to be added, and shows the proper reply, 215, as
    /// an error. Unless configured otherwise, allowing or blocking a contact again succeeds and
    /// changes nothing.
    AllowsTwice: "Gaim 0.43", "seen",
        "tests/scripts/lists/add_to_al_or_bl_again_succeeds_without_a_new_version.msnp";
    /// It speaks MSNP7 and adds to the forward list without a group, and sometimes again into group
    /// 0. Both succeed: a new contact is in group 0.
    AddsWithoutGroup: "aMSN 0.61, ayttm of 2003", "seen",
        "tests/scripts/groups/contact_added_without_a_group_is_shown_in_group_0.msnp";
    /// It moves a contact by removing them from one group and then adding them to another. Removal
    /// from the last group removes the contact from the list. The contact is notified a second
    /// later, and not at all if the `ADD` has arrived by then.
    MovesByRemThenAdd: "Gaim 0.63 to 0.68", "its code",
        "tests/scripts/groups/contact_moved_by_rem_then_add_stays_on_the_list.msnp";
    /// It removes a contact only by removing them from each of their groups. Removal from the last
    /// group removes the contact from the list.
    RemovesByGroup: "Twisted of 2003, an Emacs client of 2002, Kopete of 2002 to 2004", "seen; its code",
        "tests/scripts/groups/rem_out_of_the_last_group_removes_the_contact.msnp";
    /// It moves a contact by adding them to another group first. A contact on the list can be added
    /// to a further group.
    MovesByAddThenRem: "ayttm of 2003", "its code",
        "tests/scripts/groups/contact_moved_by_add_then_rem_stays_on_the_list.msnp";
    /// It responds to a `CHL` even in MSNP2 and MSNP5, which do not have this command. The server
    /// reads the payload of the response in every dialect, so that it finds the next command.
    AnswersChallengesInAnyDialect: "Gaim 0.43 and Gaim of January 2003", "seen",
        "tests/scripts/client_challenges/qry_in_older_dialects_is_refused_with_its_payload.msnp";
    /// It leaves a conversation with `BYE` and its handle, which only servers send. The server
    /// accepts it.
    LeavesWithBye: "Gaim of 2003", "its code",
        "tests/scripts/conversations/bye_from_a_client_leaves_the_conversation.msnp";
    /// It closes its connection without `OUT`. The other users get the same notice as after `OUT`.
    VanishesWithoutOut: "all, when the program or the machine is switched off", "seen",
        "tests/scripts/presence/vanished_socket_sends_fln_and_bye.msnp";
    /// It may send nothing for hours, not even `PNG`. The server does not close the session for
    /// that.
    StaysSilent: "MSN Messenger 1.0 to 3.6, Miranda ICQ 0.0.7, CCMSN, ayttm",
        "their code; the wiki",
        "actors/tests/session/time.rs";

    // What clients need.

    /// It compares the reply to its `VER` with the line that it sent. The server adds no word, and
    /// so no `CVR0` that was not offered.
    ComparesVerReply: "Gaim 0.11.0-pre3 to pre13", "its code";
    /// It needs `MSNP5` in the reply to `VER`, though it speaks MSNP7. Unless configured otherwise,
    /// the server lists all dialects that both sides support.
    WantsMsnp5: "Gaim 0.63 to 0.68", "its code";
    /// It waits forever if the reply to `VER` lacks the `CVR0` that it offered.
    WantsCvr0: "aMSN 0.61", "seen";
    /// It checks the first dialect in the reply to `VER`. The server puts the dialect of the
    /// connection first: the first one that the client named and the server supports.
    WantsFavouriteFirst: "ayttm of 2003, Miranda ICQ 0.0.7 and 0.1", "their code";
    /// It needs `MD5` as the first word, or the only word, of the reply to `INF`. The server sends
    /// no other word.
    ComparesPackages: "Miranda ICQ 0.1, Gaim 0.63 to 0.68", "their code";
    /// It does not accept a referral without the `0` after the address, which MSNP2 clients ignore.
    /// The server always sends it.
    WantsZeroInReferral: "clients of MSNP3 and later", "seen; the wiki";
    /// It takes a referral for one to a switchboard if the line contains `SB` anywhere. The server
    /// sends addresses without letters.
    SearchesReferralForSb: "Gaim 0.11.0-pre14 to 0.62", "its code";
    /// It accepts an address of digits and dots only, of at most 39 characters. The server sends
    /// dotted IPv4 addresses.
    DottedAddress: "a client of the years 2001 to 2003; Miranda ICQ 0.0.7", "seen; its code";
    /// It waits for five words in a reply to `USR`. A friendly name is never empty.
    WantsFiveWordsInUsr: "ayttm of 2003", "its code";
    /// It ignores an error in reply to its first `USR`. The server closes the connection after the
    /// error.
    IgnoresErrorsBeforeSignIn: "ayttm of 2003", "its code",
        "tests/scripts/sign_in/usr_without_a_domain_answers_206.msnp";
    /// It reads exactly one line after a request. The server sends the reply before any notice.
    ReadsOneLine: "Gaim 0.11.0-pre3 to pre13", "its code",
        "actors/tests/session/order.rs";
    /// It loses the profile message or `USR … OK` if both arrive in one read. The server sends the
    /// profile after the reply to the next command, when the connection is quiet.
    LosesProfileInWelcome: "several clients, not recorded which", "seen",
        "actors/tests/session/profile.rs";
    /// It searches for `MSG` in all that it has read and drops what comes before. Its sign-in never
    /// completes if the profile follows a reply within 20 ms. The server sends nothing in the 150
    /// ms before the profile.
    LosesInputBeforeProfile: "a client for Emacs of 2002", "seen",
        "actors/tests/session/profile.rs";
    /// It loses a message that arrives in one read with `IRO` and `ANS … OK`. The server delays the
    /// first message until 50 ms after `ANS … OK`.
    LosesTextAfterAnswer: "a client for Emacs of 2002", "seen",
        "actors/tests/conversation/answered.rs";
    /// It searches for `kv`, `sid` and `MSPAuth` and the CRLF after each without checking that they
    /// exist. The server sends all fields, each on a line of its own.
    SearchesProfile: "Gaim 0.44 to 0.62", "its code";
    /// It shows a message on the Notification Server connection as one of a contact, unless it
    /// comes from `Hotmail`. The server's messages have this handle and name.
    KnowsServerAsHotmail: "Gaim 0.43 to 0.68", "its code";
    /// Its synchronisation ends when it has received `GTC`, `BLP` and all four lists with the
    /// transaction ID of the `SYN`. The server sends all of them with it.
    NeedsAllLists: "ayttm of 2003", "its code",
        "tests/scripts/lists/syn_sends_settings_then_the_lists_in_order.msnp";
    /// It completes its sign-in when it has received the last line of the reverse list. The server
    /// sends this list last, and a line for an empty one.
    WaitsForLastReverseLine: "Gaim 0.44 to 0.62", "its code";
    /// It paints a contact in magenta who is not on the reverse list. The greeter is on the reverse
    /// list of a new account.
    PaintsContactsNotOnReverseList: "aMSN 0.61", "seen",
        "actors/tests/greeter/account.rs";
    /// It needs at least one contact on the forward list. New accounts have the greeter.
    NeedsOneContact: "Miranda ICQ 0.0.7", "its code";
    /// It caches no lists, sends `SYN` with version 0, and waits for lists. No account has version
    /// 0.
    AsksForVersionZero: "Gaim, Miranda ICQ, CCMSN, ayttm, msnlib", "their code",
        "tests/scripts/lists/syn_sends_settings_then_the_lists_in_order.msnp";
    /// It finds the words of a line by counting spaces. There is exactly one between words, none at
    /// the end, and no word is empty.
    CountsBlanks: "Gaim 0.44 to 0.62, Miranda ICQ 0.0.7", "their code";
    /// It has room for lines of 1250 bytes. The longest line that the server sends is below 1000.
    ShortLineBuffer: "ayttm of 2003", "its code";
    /// It takes each byte of UTF-8 that is sent as `%XX` for a character of Latin-1, or shows the
    /// escape. The server encodes only spaces, controls and `%`.
    MisreadsEncodedUtf8: "aMSN 0.52 and 0.61, an Emacs client of 2002", "seen";
    /// It takes Bob and bob for two users. The server converts handles to lower case.
    ComparesHandlesWithCase: "Gaim, ayttm", "their code",
        "tests/scripts/sign_in/handle_is_case_insensitive_and_answered_in_lower_case.msnp";
    /// It reads errors at fixed positions. The server sends no text after the transaction ID,
    /// though the draft allows one.
    ReadsErrorsAtFixedPlaces: "Miranda ICQ 0.0.7, Gaim 0.44 to 0.62", "their code";
    /// It looks up the first word of any line among its pending transaction IDs. The number of a
    /// conversation is larger than any of them.
    TakesSessionIdForTransactionId: "CCMSN 0.1 to 0.3", "its code";
    /// It has room for 29 characters of a cookie. Cookies are no longer.
    ShortCookieBuffer: "Miranda ICQ 0.0.7", "its code";
    /// It has room for 129 characters of a challenge. Challenges are no longer.
    ShortChallengeBuffer: "Miranda ICQ 0.1", "its code";
    /// It takes a conversation for one of three if a user who joins is listed too, as in the
    /// draft. The user is not in their own `IRO`, and gets no `JOI`.
    CountsParticipants: "Gaim 0.11 to 0.68", "its code",
        "tests/scripts/conversations/joiner_receives_no_joi_and_is_not_in_their_own_iro.msnp";
    /// It needs the site id in the reply to `URL`. The server sends one since MSNP3.
    WantsSiteId: "MSN Messenger 3.0 and later", "the wiki";
    /// It asks its user to upgrade if the recommended version is higher than its own. The server
    /// recommends the client's own version.
    WantsItsOwnVersion: "MSN Messenger 1.0 to 4.7", "yellows111's wiki";
    /// It reads a property after a transaction ID, also in the reply to `SYN`. The server sends a
    /// transaction ID in every `PRP`.
    PropertyAtFixedPlace: "Gaim 0.63 to 0.68", "its code";
    /// It reads the number of a new group after its name. One page of yellows111's wiki has the
    /// reverse order.
    GroupNameBeforeNumber: "Gaim 0.63 to 0.68, ayttm, msnlib", "their code";
    /// It creates its usual groups if the only group is called `~`. Group 0 has this name until
    /// there are others or it is renamed.
    MakesGroupsWhenUnnamed: "MSN Messenger 4.5 to 4.7", "yellows111's wiki",
        "tests/scripts/groups/groups_that_official_clients_make_for_a_new_account.msnp";
}
