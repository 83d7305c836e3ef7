//! Duration of decoding and encoding single commands: `cargo bench -p msnp`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use msnp::command::{DecodeContext, Message};
use msnp::frame::{self, MAX_FRAME, Origin};
use msnp::{Dialect, Event, Phase, Request, Server};
use std::hint::black_box;

/// A text as MSN Messenger sends it: four headers, then 100 bytes.
fn text() -> Vec<u8> {
    let headers = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\
                   X-MMS-IM-Format: FN=MS%20Sans%20Serif; EF=; CO=0; CS=0; PF=0\r\n\r\n";
    let payload = format!("{headers}{}", "x".repeat(100));
    format!("MSG 12 N {}\r\n{payload}", payload.len()).into_bytes()
}

/// Decodes what a signed-in client sends, one command after the other. Returns the number of valid
/// commands.
fn read(mut bytes: &[u8], at: DecodeContext) -> usize {
    let mut understood = 0;
    while let Ok(scan) = frame::next(bytes, Origin::Client, at.server) {
        let Some(frame) = scan.frame else { break };
        let request = Request::decode(&frame, Phase::SignedIn, at);
        understood += usize::from(black_box(request).is_ok());
        bytes = bytes.get(scan.consumed..).unwrap_or_default();
    }
    understood
}

/// Returns the first event of a server's output.
fn event(line: &'static [u8], at: DecodeContext) -> Option<Event<'static>> {
    let frame = frame::next(line, Origin::Server, at.server).ok()?.frame?;
    Event::decode(&frame, at).ok()
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    let text = text();
    let commands: [(&str, Server, &[u8]); 6] = [
        ("MSG, 100 bytes of text", Server::Switchboard, &text),
        ("CHG", Server::Notification, b"CHG 12 BSY\r\n"),
        ("SYN", Server::Notification, b"SYN 12 1000042\r\n"),
        ("ADD", Server::Notification, b"ADD 12 FL alice@example.com Alice%20in%20Wonderland 0\r\n"),
        ("PNG", Server::Notification, b"PNG\r\n"),
        ("what is no command", Server::Notification, b"XYZ 12 alice@example.com\r\n"),
    ];
    for (name, server, bytes) in commands {
        let at = DecodeContext { server, dialect: Dialect::Msnp7 };
        group.throughput(Throughput::Bytes(u64::try_from(bytes.len()).unwrap_or(0)));
        group.bench_function(name, |bencher| bencher.iter(|| read(black_box(bytes), at)));
    }
    group.finish();
}

fn writing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write");
    let at = DecodeContext { server: Server::Notification, dialect: Dialect::Msnp7 };
    let lines: [(&str, &[u8]); 2] = [
        ("NLN", b"NLN BSY alice@example.com Alice%20in%20Wonderland\r\n"),
        ("LST", b"LST 12 FL 1000042 3 20 alice@example.com Alice%20in%20Wonderland 0\r\n"),
    ];
    for (name, line) in lines {
        let Some(event) = event(line, at) else { continue };
        let mut output = heapless::Vec::<u8, MAX_FRAME>::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                output.clear();
                black_box(&event).encode(at.dialect, &mut output)
            });
        });
    }
    let mut output = heapless::Vec::<u8, MAX_FRAME>::new();
    let payload = [b'x'; 162];
    group.bench_function("MSG, as it is relayed", |bencher| {
        bencher.iter(|| {
            output.clear();
            let beginning = black_box(b"MSG alice@example.com Alice%20in%20Wonderland");
            Message::relay(beginning, black_box(&payload), &mut output)
        });
    });
    group.finish();
}

criterion_group!(benches, reading, writing);
criterion_main!(benches);
