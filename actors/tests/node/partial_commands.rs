//! Commands that arrive in pieces: the transport is notified when a read ends inside one.

use crate::support::{World, settle};
use actors::message::Notice;
use actors::rules::PresenceUpdate;
use msnp::State;

#[test]
fn a_read_that_ends_inside_a_command_notifies_the_transport_once() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut talk = world.conversation("alice", &mut alice).await;
            assert_eq!(world.partial_reads.get(), 0);
            // aMSN writes the line and its LF apart.
            talk.write_raw("CAL 12 x\r").await;
            settle().await;
            assert_eq!(world.partial_reads.get(), 1);
            talk.write_raw("\n").await;
            talk.expect("208 12").await;
            assert_eq!(world.partial_reads.get(), 1);
            // The same with a header and its payload, in any number of pieces.
            for piece in ["MSG 13 A 5\r\n", "he", "ll"] {
                talk.write_raw(piece).await;
                settle().await;
            }
            assert_eq!(world.partial_reads.get(), 4);
            talk.write_raw("o").await;
            talk.expect("NAK 13").await;
            talk.write_raw("CAL 14 x\r\n").await;
            talk.expect("208 14").await;
            assert_eq!(world.partial_reads.get(), 4);
            // Once for each read, even if something else happens before the next one.
            alice.write_raw("PNG\r\nPN").await;
            alice.expect("QNG").await;
            let (who, update) = (world.account("bob"), PresenceUpdate::Online(State::Busy.into()));
            alice.notify(Notice::Presence { who, update });
            alice.expect("NLN BSY bob@example.com Bob%20B.").await;
            assert_eq!(world.partial_reads.get(), 5);
        },
    );
}
