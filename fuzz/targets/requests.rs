//! A client's bytes pass the framer, the gate and the decoders of one server.

use super::stream::Stream;
use super::{encoded, guarantees};
use msnp::command::{DecodeContext, RejectionReason};
use msnp::frame::{Frame, Origin};
use msnp::{Dialect, FriendlyName, Phase, Request, Server, TrId, gate};

pub(super) const WORDS: &str = "\
    \r\n|\n| |\t| 0| 1| 007| 4294967295| 4294967296| 10000000| 2147483648| MD5 I | MD5 S | MD5|\
    MSNP2|MSNP3|MSNP4|MSNP5|MSNP6|MSNP7|MSNP8|CVR0| FL| AL| BL| RL| NLN| BSY| IDL| BRB| AWY|\
    \x20PHN| LUN| HDN| FLN| A| N| U| SB| NS| NULL|@|.|%20|%25|%C3%AB|%EB|\u{eb}|\u{200d}|%00|%| alice@example.com|\
    \x20a@b.c| 0dc38e0c96e5ef37eb9451a0b2d5aaf9| 123456789.123456789.123456789| INBOX| PASSWORD|\
    \x200x0409 win 4.10 i386 MSMSGS 1.0.0863| fname=* lname=x| fname=Zo%C3%AB| lname=a=b|\
    \x20city=New%20York| state=*| country=US| country=| 1664\r\n| 1665\r\n| 0\r\n| 2\r\n|\
    \x20ON| OFF| PHH| PHW| PHM| MOB| MBE| Y| 29| 30|~| Other%20Contacts 0| 555%20123|\
    \x20a@b.c a 29| a@b.c 30| msmsgs@msnmsgr.com 32\r\n| PROD0038W!61ZTF9 32\r\n| 33\r\n|\
    \x20a@b.c 0x0409 MSMSGS MSMSGS X X a 0\r\n";

const PHASES: [Phase; 4] = [Phase::Fresh, Phase::Versioned, Phase::QueryOnly, Phase::SignedIn];

/// Decodes what a client sends to `server`: each frame in every phase and dialect.
pub(super) fn read(bytes: &[u8], server: Server) {
    for frame in &Stream::whole(bytes, Origin::Client, server).frames {
        guarantees::check_words(frame);
        for phase in PHASES {
            for dialect in Dialect::ALL {
                check(frame, phase, DecodeContext { server, dialect });
            }
        }
    }
}

fn check(frame: &Frame<'_>, phase: Phase, at: DecodeContext) {
    let admitted = gate::admit(frame.command, at.server, phase, at.dialect);
    let line = Frame { payload: &[], ..frame.clone() };
    let decoded = Request::decode(frame, phase, at);
    let request = match decoded {
        Ok(request) => request,
        Err(rejection) => {
            assert_eq!(matches!(rejection.reason, RejectionReason::Denied(_)), admitted.is_err());
            assert!(!rejection.reason.to_string().is_empty());
            assert_eq!(rejection.trid, frame.words.clone().next().and_then(TrId::parse));
            // A line that is refused is refused before its payload arrives.
            assert_eq!(Request::decode(&line, phase, at), Err(rejection));
            return;
        }
    };
    assert!(admitted.is_ok(), "nothing passes by the gate");
    assert_eq!(request.name().as_str().as_bytes(), frame.name);
    assert!(Request::decode(&line, phase, at).is_ok(), "it is the line that is refused");
    guarantees::check_request(&request, at.server == Server::Switchboard);

    let encoded = encoded::check_and_encode(&|out| request.encode(at.dialect, out));
    let payload = gate::bounds(frame.command, Origin::Client, at.server).payload;
    let follows = payload != gate::PayloadRule::None;
    encoded::assert_is_tidy(&encoded, follows);
    let again = Stream::whole(&encoded, Origin::Client, at.server);
    let [frame] = again.frames.as_slice() else { panic!("one command is one frame") };
    assert_eq!(Request::decode(frame, phase, at).ok(), Some(as_written(request)));
}

/// Returns the encoded form of a request: a name that was refused is one for another user, and a missing
/// name before a group is the handle.
fn as_written(mut request: Request<'_>) -> Request<'_> {
    match &mut request {
        Request::Rea(rea) => rea.name = rea.name.lossy_or_handle(&rea.handle).into(),
        Request::Add(add) if add.group.is_some() && add.name.is_none() => {
            add.name = Some(FriendlyName::from_handle(&add.handle));
        }
        _ => {}
    }
    request
}
