//! Payloads that are longer than a buffer: their pieces reach the actor as they arrive.

use crate::support::{Probe, World, settle};
use actix::{Actor, Handler};
use actors::EndReason;
use actors::connection::{BusyError, ConnectionActor, Context, FromClient, Link, start};
use msnp::command::{Qng, SndReply};
use msnp::frame::{FrameError, PayloadPieces, Scan, next_with};
use msnp::gate::{Bounds, PayloadRule};
use msnp::{Phase, Request, Server};

/// The maximum length of a payload.
const MOST: usize = 65_536;

/// The input, in which two commands have a long payload: `SND`, and `XYZ`, which the gate refuses.
fn scan(input: &[u8]) -> Result<Scan<'_>, FrameError> {
    next_with(input, |name| match name {
        b"SND" | b"XYZ" => Bounds { payload: PayloadRule::InPieces(MOST), ..Bounds::DEFAULT },
        _ => Bounds::DEFAULT,
    })
}

macro_rules! connection_actor {
    ($name:ident { $($payload_piece:item)? }) => {
        /// A signed-in connection that replies to `SND` after the last piece of its payload.
        struct $name {
            link: Link,
            /// The reply to the last `SND`, and the sum of the bytes of its payload.
            upload: Option<(SndReply, u64)>,
        }

        impl $name {
            fn new(mut link: Link) -> $name {
                link.set_phase(Phase::SignedIn);
                $name { link, upload: None }
            }
        }

        impl Actor for $name {
            type Context = Context<$name>;
        }

        impl ConnectionActor for $name {
            const SERVER: Server = Server::Notification;

            fn link(&mut self) -> &mut Link {
                &mut self.link
            }

            fn scan(input: &[u8]) -> Result<Scan<'_>, FrameError> {
                scan(input)
            }

            fn request(&mut self, request: Request<'_>, _: &mut Context<$name>) {
                match request {
                    Request::Snd(snd) => self.upload = Some((SndReply { trid: snd.trid }, 0)),
                    _ => self.link.emit(&Qng.into()),
                }
            }

            $($payload_piece)?

            fn shut_down(&mut self, reason: EndReason) {
                self.link.close(reason);
            }
        }

        impl Handler<FromClient> for $name {
            type Result = Result<(), BusyError>;

            fn handle(&mut self, _: FromClient, _: &mut Context<$name>) -> Self::Result {
                Err(BusyError)
            }
        }
    };
}

connection_actor! { Upload {
    fn payload_piece(
        &mut self,
        piece: &[u8],
        rest: Option<PayloadPieces>,
        _: &mut Context<Upload>,
    ) {
        assert!(!piece.is_empty());
        let (reply, sum) = self.upload.take().unwrap();
        let sum = sum + piece.iter().copied().map(u64::from).sum::<u64>();
        if rest.is_some() {
            self.upload = Some((reply, sum));
            return;
        }
        assert_eq!(sum, 7 * MOST as u64);
        self.link.emit(&reply.into());
    }
} }

connection_actor! { NoUpload {} }

/// A command with its payload.
fn command(line: &str, length: usize) -> String {
    format!("{line} {length}\r\n{}", "\u{7}".repeat(length))
}

fn connect(world: &World) -> Probe<Upload> {
    world.connect(1460, "192.0.2.1", |link| start(Upload::new(link))).unwrap()
}

#[test]
fn a_payload_longer_than_a_buffer_reaches_the_actor_in_pieces() {
    World::run(|world| async move {
        let mut client = connect(&world);
        for trid in [4, 5] {
            client.write_raw(&command(&format!("SND {trid} bob@example.com"), MOST)).await;
            client.expect(&format!("SND {trid} OK")).await;
        }
        // The rest of the stream is read as commands.
        client.write_raw("PNG\r\n").await;
        client.expect("QNG").await;
    });
}

#[test]
fn between_two_pieces_a_connection_holds_no_buffer() {
    World::run(|world| async move {
        let mut client = connect(&world);
        let snd = command("SND 4 bob@example.com", MOST);
        let (first, rest) = snd.split_at(MOST / 2);
        client.write_raw(first).await;
        settle().await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        // A peer that waits for an acknowledgement gets it at once.
        assert!(world.partial_reads.get() > 0);
        client.write_raw(rest).await;
        client.expect("SND 4 OK").await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}

#[test]
fn the_pieces_of_a_refused_command_are_dropped() {
    World::run(|world| async move {
        let mut client = connect(&world);
        client.write_raw(&command("XYZ 4", MOST)).await;
        client.expect("200 4").await;
        client.write_raw("PNG\r\n").await;
        client.expect("QNG").await;
        client.write_raw("SND 5 bob@example.com 65537\r\n").await;
        client.expect_end().await;
    });
}

#[test]
fn an_actor_that_reads_no_pieces_closes_the_connection() {
    World::run(|world| async move {
        let start = |link| start(NoUpload::new(link));
        let mut client = world.connect(1460, "192.0.2.1", start).unwrap();
        client.write_raw("SND 4 bob@example.com 2\r\nhi").await;
        client.expect_end().await;
        let reason = EndReason::Unreadable(FrameError::PayloadTooLong);
        assert_eq!(world.node.endings.counts()[reason.name()], 1);
    });
}
