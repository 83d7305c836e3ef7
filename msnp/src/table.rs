//! The table of commands: one row for each command, with everything but its parameters.
//!
//! Macros generate code from it: `Request`, `Event`, `CommandName` and the modules of the commands in
//! `command/mod.rs`, and the rules of the gate in `gate.rs`. A row has:
//!
//! * the name, the file in `command/`, and the name as it is sent;
//! * `request`, if clients send it: the type, and a rule for each group of servers with the same phases;
//! * `event`, if servers send it: the type, and the rule.
//!
//! The row is in the section of the servers that accept the request. Commands that only servers send
//! are in `no_server`.

/// Passes the table to the macro `$then`.
macro_rules! with_table {
    ($then:ident) => { $then! {
        several_servers {
            Ver ver "VER" {
                request Ver { accepted_by(LOGIN_SERVERS).in_phases(&[Fresh], ReplyThenClose(NotExpected)) }
                event VerReply { sent_by(LOGIN_SERVERS) }
            }
            Cvr cvr "CVR" {
                request Cvr { accepted_by(LOGIN_SERVERS).in_phases(ANY_PHASE, Close) }
                event CvrReply { sent_by(LOGIN_SERVERS) }
            }
            Cvq cvq "CVQ" {
                request Cvq { accepted_by(LOGIN_SERVERS).in_phases(&[QueryOnly], ReplyThenClose(NotExpected)) }
                event CvqReply { sent_by(LOGIN_SERVERS) }
            }
            Inf inf "INF" {
                request Inf { accepted_by(LOGIN_SERVERS).in_phases(BEFORE_SIGN_IN, Reply(NotExpected)).until(Msnp7) }
                event InfReply { sent_by(LOGIN_SERVERS).until(Msnp7) }
            }
            Usr usr "USR" {
                request Usr {
                    accepted_by(LOGIN_SERVERS).in_phases(BEFORE_SIGN_IN, Reply(AlreadyLoggedIn)),
                    accepted_by(&[Switchboard]).in_phases(&[Fresh], Close)
                }
                event UsrReply { sent_by(ALL_SERVERS) }
            }
            Out out "OUT" {
                request Out { accepted_by(ALL_SERVERS).in_phases(ANY_PHASE, Close) }
                event Goodbye { sent_by(ALL_SERVERS) }
            }
        }
        notification {
            Xfr xfr "XFR" {
                request Xfr { accepted_by(&[Notification]) }
                event XfrReply { sent_by(LOGIN_SERVERS) }
            }
            Syn syn "SYN" {
                request Syn { accepted_by(&[Notification]) }
                event SynReply { sent_by(&[Notification]) }
            }
            Lst lst "LST" {
                request Lst { accepted_by(&[Notification]) }
                event LstReply { sent_by(&[Notification]) }
            }
            Gtc gtc "GTC" {
                request Gtc { accepted_by(&[Notification]) }
                event GtcReply { sent_by(&[Notification]) }
            }
            Blp blp "BLP" {
                request Blp { accepted_by(&[Notification]) }
                event BlpReply { sent_by(&[Notification]) }
            }
            Add add "ADD" {
                request Add { accepted_by(&[Notification]) }
                event AddReply { sent_by(&[Notification]) }
            }
            Rem rem "REM" {
                request Rem { accepted_by(&[Notification]) }
                event RemReply { sent_by(&[Notification]) }
            }
            Chg chg "CHG" {
                request Chg { accepted_by(&[Notification]) }
                event ChgReply { sent_by(&[Notification]) }
            }
            Rea rea "REA" {
                request Rea { accepted_by(&[Notification]) }
                event ReaReply { sent_by(&[Notification]) }
            }
            Url url "URL" {
                request Url { accepted_by(&[Notification]) }
                event UrlReply { sent_by(&[Notification]) }
            }
            Snd snd "SND" {
                request Snd { accepted_by(&[Notification]).until(Msnp4) }
                event SndReply { sent_by(&[Notification]).until(Msnp4) }
            }
            Fnd fnd "FND" {
                request Fnd { accepted_by(&[Notification]) }
                event FndReply { sent_by(&[Notification]) }
            }
            Png png "PNG" {
                request Png { accepted_by(&[Notification]).in_phases(SIGNED_IN, Close) }
            }
            Ims ims "IMS" {
                request Ims { accepted_by(&[Notification]).since(Msnp3) }
                event ImsReply { sent_by(&[Notification]).since(Msnp3) }
            }
            Prp prp "PRP" {
                request Prp { accepted_by(&[Notification]).since(Msnp5) }
                event PrpReply { sent_by(&[Notification]).since(Msnp5) }
            }
            Sdc sdc "SDC" {
                request Sdc<'a> { accepted_by(&[Notification]).since(Msnp5).with_payload(UpTo(MAX_PAYLOAD)) }
                event SdcReply { sent_by(&[Notification]).since(Msnp5) }
            }
            Pag pag "PAG" {
                request Pag<'a> { accepted_by(&[Notification]).since(Msnp5).with_payload(UpTo(MAX_PAYLOAD)) }
            }
            Chl chl "CHL" {
                request Chl { accepted_by(&[Notification]).since(Msnp6) }
                event ChlReply { sent_by(&[Notification]).since(Msnp6) }
            }
            Qry qry "QRY" {
                request Qry<'a> { accepted_by(&[Notification]).since(Msnp6).with_payload(UpTo(Qry::MAX)) }
                event QryReply { sent_by(&[Notification]).since(Msnp6) }
            }
            Lsg lsg "LSG" {
                request Lsg { accepted_by(&[Notification]).since(Msnp7) }
                event LsgReply { sent_by(&[Notification]).since(Msnp7) }
            }
            Adg adg "ADG" {
                request Adg { accepted_by(&[Notification]).since(Msnp7) }
                event AdgReply { sent_by(&[Notification]).since(Msnp7) }
            }
            Reg reg "REG" {
                request Reg { accepted_by(&[Notification]).since(Msnp7) }
                event RegReply { sent_by(&[Notification]).since(Msnp7) }
            }
            Rmg rmg "RMG" {
                request Rmg { accepted_by(&[Notification]).since(Msnp7) }
                event RmgReply { sent_by(&[Notification]).since(Msnp7) }
            }
        }
        switchboard {
            Ans ans "ANS" {
                request Ans { accepted_by(&[Switchboard]).in_phases(&[Fresh], Close) }
                event AnsReply { sent_by(&[Switchboard]) }
            }
            Cal cal "CAL" {
                request Cal { accepted_by(&[Switchboard]).in_phases(SIGNED_IN, Close) }
                event CalReply { sent_by(&[Switchboard]) }
            }
            Msg msg "MSG" {
                request Msg<'a> {
                    accepted_by(&[Switchboard]).in_phases(SIGNED_IN, Close).with_payload(UpTo(MAX_PAYLOAD))
                }
                event Message<'a> {
                    sent_by(&[Notification, Switchboard]).with_payload(UpTo(MAX_SERVER_PAYLOAD))
                }
            }
            Bye bye "BYE" {
                request Leave { accepted_by(&[Switchboard]).in_phases(SIGNED_IN, Close) }
                event Bye { sent_by(&[Switchboard]) }
            }
        }
        no_server {
            Iln iln "ILN" { event Iln { sent_by(&[Notification]) } }
            Nln nln "NLN" { event Nln { sent_by(&[Notification]) } }
            Fln fln "FLN" { event Fln { sent_by(&[Notification]) } }
            Rng rng "RNG" { event Rng { sent_by(&[Notification]) } }
            Qng qng "QNG" { event Qng { sent_by(&[Notification]) } }
            Bpr bpr "BPR" { event Bpr { sent_by(&[Notification]).since(Msnp5) } }
            Not not "NOT" {
                event Not<'a> { sent_by(&[Notification]).since(Msnp5).with_payload(UpTo(MAX_SERVER_PAYLOAD)) }
            }
            Iro iro "IRO" { event Iro { sent_by(&[Switchboard]) } }
            Joi joi "JOI" { event Joi { sent_by(&[Switchboard]) } }
            Ack ack "ACK" { event Ack { sent_by(&[Switchboard]) } }
            Nak nak "NAK" { event Nak { sent_by(&[Switchboard]) } }
        }
    } };
}
