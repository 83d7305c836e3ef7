//! What servers send: the client's side, which reads transcripts and drives tests.

use super::stream::Stream;
use super::{encoded, guarantees};
use msnp::command::{DecodeContext, Event};
use msnp::frame::{Frame, MAX_LINE, Origin};
use msnp::{Dialect, Server};

pub(super) const WORDS: &str = "\
    \r\n|\n| 0| 1|ILN|NLN|FLN|RNG|QNG|IRO|JOI|BYE|ACK|NAK| OK | MD5 S | MD5| RL| FL| 848720682|\
    \x202147483648| AL| BL| A| N| NS 192.0.2.1:1863 0| SB 192.0.2.1:1865 CKI |\
    \x20123456789.123456789.123456789| 10000001| RINGING | OTH| SSD|Hotmail Hotmail | 2048\r\n|\
    \x202049\r\n|200|215|911|999| alice@example.com Bob%20B.|\
    \x201.0.0863 1.0.0863 1.0.0000 http://a.b/ http://a.b/|MSNP2|CVR0| 0 0\r\n| 1 1 a@b.c a|\
    MSNP7|BPR|NOT| OK a@b.c a 1\r\n| 0 192.0.2.1:1863\r\n| / http://a.b/ 2\r\n| a@b.c a 0,29\r\n|\
    \x200,1| 30| 1 1 0 ~ 0\r\n| 0 ON\r\n| 0 OFF\r\n| PHH| PHW| PHM| MOB N| MBE Y| 555%20123|\
    \x200 15571014051513461452\r\n|FND| fname=a lname=b| city=New%20York| state=| country=US|\
    \x20country=\r\n";

const SERVERS: [Server; 3] = [Server::Dispatch, Server::Notification, Server::Switchboard];

pub(super) fn run(bytes: &[u8]) {
    // Frames of all servers have the same form.
    for frame in &Stream::whole(bytes, Origin::Server, Server::Notification).frames {
        guarantees::check_words(frame);
        for server in SERVERS {
            for dialect in Dialect::ALL {
                check(frame, DecodeContext { server, dialect });
            }
        }
    }
}

fn check(frame: &Frame<'_>, at: DecodeContext) {
    let event = match Event::decode(frame, at) {
        Ok(event) => event,
        Err(error) => {
            assert!(!error.what.is_empty(), "an error names the parameter");
            return;
        }
    };
    let encoded = encoded::check_and_encode(&|out| event.encode(at.dialect, out));
    encoded::assert_is_tidy(&encoded, matches!(event, Event::Msg(_) | Event::Not(_)));
    let line = encoded.iter().position(|byte| *byte == b'\n');
    assert!(line.is_some_and(|line| line <= MAX_LINE));
    let again = Stream::whole(&encoded, Origin::Server, at.server);
    let [frame] = again.frames.as_slice() else { panic!("one command is one frame") };
    assert_eq!(Event::decode(frame, at).as_ref(), Ok(&event));
}
