//! The heap of an idle, signed-in session.

#![cfg(target_os = "linux")]

#[cfg(test)]
mod heap {
    use actors::limit::Limits;
    use actors::port::store::{AccountId, Change, NewAccount, Password, Principal, Store};
    use actors::port::{PeerInfo, Stream};
    use actors::settings::{Advertised, MAX_PARTICIPANTS, Settings};
    use actors::{Node, settings};
    use msnp::auth::{Challenge, Digest};
    use msnp::command::VerReplyForm;
    use msnp::{FriendlyName, Handle, List, ListVersion, Server, Token};
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::Duration;

    #[global_allocator]
    static HEAP: dhat::Alloc = dhat::Alloc;

    /// Users in one circle, who all have each other as contacts: 20 contacts each.
    const CIRCLE: u32 = 21;
    const CIRCLES: u32 = 10;
    const SESSIONS: u32 = CIRCLE * CIRCLES;

    /// The upper bound in bytes. An idle session holds no buffer, so it stays below this.
    const BOUND: usize = 1408;

    fn handle(number: u32) -> Handle {
        Handle::new(&format!("user{number}@example.com")).unwrap()
    }

    fn accounts() -> Arc<dyn Store> {
        let store = store::Memory::new(|| 0).unwrap();
        let mut ids = Vec::new();
        for number in 0..=SESSIONS {
            let principal = Principal {
                handle: handle(number),
                name: FriendlyName::new(&format!("User {number}")).unwrap(),
            };
            let password = Password::new("secret").unwrap();
            let version = ListVersion::new(1_000_000).unwrap();
            ids.push(store.create(&NewAccount { principal, password, version }).unwrap());
        }
        for circle in ids.chunks_exact(CIRCLE as usize) {
            let changes: Vec<(AccountId, Change)> = circle
                .iter()
                .flat_map(|owner| circle.iter().map(move |contact| (*owner, *contact)))
                .filter(|(owner, contact)| owner != contact)
                .flat_map(|(owner, contact)| {
                    let add = |list| {
                        let (name, limit, group) = (None, 150, None);
                        (owner, Change::Add { list, contact, name, limit, group })
                    };
                    [add(List::Forward), add(List::Allow)]
                })
                .collect();
            assert!(store.change(&changes).unwrap().iter().all(Result::is_ok));
        }
        Arc::new(store)
    }

    fn settings() -> Settings {
        Settings {
            limits: Limits {
                connections: 1000,
                per_address: 1000,
                half_open: 1000,
                buffers: 1000,
                ..Limits::default()
            },
            domains: vec!["example.com".into()],
            allow: Vec::new(),
            list_entries: settings::MAX_LIST_ENTRIES,
            participants: MAX_PARTICIPANTS,
            refuse_repeated_settings: false,
            ver_reply: VerReplyForm::List,
            challenge: false,
            site: Token::parse(b"http://example.com/").unwrap(),
            linger: Duration::from_secs(1),
            referral_linger: Duration::from_secs(5),
            cookie_life: Duration::from_secs(120),
            greeter: None,
            conversation_idle: None,
            switchboard: Some(Advertised::Here(1865)),
            dispatch: None,
            notification: Some(Advertised::Here(1864)),
        }
    }

    /// Signs in, synchronises and goes online. Returns when all but the profile was received, and whether
    /// the profile was received too.
    fn sign_in(address: SocketAddr, number: u32) -> (TcpStream, bool) {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut lines = BufReader::new(&stream);
        let mut line = String::new();
        let mut await_line = |start: &str| {
            while !line.starts_with(start) {
                line.clear();
                assert_ne!(lines.read_line(&mut line).unwrap(), 0, "closed before {start}");
            }
            line.split_whitespace().last().unwrap_or_default().to_owned()
        };
        let send = |text: String| (&stream).write_all(text.as_bytes()).unwrap();
        send(format!("VER 1 MSNP2\r\nUSR 2 MD5 I {}\r\n", handle(number)));
        let challenge = Challenge::parse(await_line("USR 2 MD5 S").as_bytes()).unwrap();
        send(format!("USR 3 MD5 S {}\r\n", Digest::of(&challenge, b"secret").text()));
        await_line("USR 3 OK");
        send("SYN 4 0\r\nCHG 5 NLN\r\nPNG\r\n".into());
        await_line("QNG");
        let profile = String::from_utf8_lossy(lines.buffer()).contains("Hotmail");
        (stream, profile)
    }

    /// Reads until the profile has come. After that, a session has no timer.
    fn await_profile(mut stream: &TcpStream) {
        let (mut received, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&received).contains("text/x-msmsgsprofile") {
            let count = stream.read(&mut piece).unwrap();
            assert_ne!(count, 0, "closed before the profile");
            received.extend_from_slice(&piece[..count]);
        }
    }

    fn spawn_clients(address: SocketAddr) -> tokio::sync::mpsc::Receiver<(usize, usize)> {
        let (done, results) = tokio::sync::mpsc::channel(1);
        std::thread::spawn(move || {
            let mut streams = Vec::with_capacity(SESSIONS as usize);
            // The first sign-in leaves pools and threads behind, which belong to no session.
            drop(sign_in(address, SESSIONS));
            let before = dhat::HeapStats::get().curr_bytes;
            for number in 0..SESSIONS {
                streams.push(sign_in(address, number));
            }
            for (stream, _) in streams.iter().filter(|(_, profile)| !profile) {
                await_profile(stream);
            }
            let after = dhat::HeapStats::get().curr_bytes;
            done.blocking_send((before, after)).unwrap();
        });
        results
    }

    #[test]
    fn an_idle_session_with_20_contacts_takes_little_heap() {
        let _profiler = dhat::Profiler::builder().testing().build();
        let (before, after) = actix_rt::System::new().block_on(async {
            let clock = Box::new(|| 1_800_000_000);
            let entropy = Rc::new(|| 42);
            let node = Node::start(settings(), accounts(), clock, entropy).unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut results = spawn_clients(listener.local_addr().unwrap());
            let accept = async {
                loop {
                    let (stream, peer) = listener.accept().await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let facts = PeerInfo::new(peer.ip(), peer.ip());
                    let stream = Box::new(Stream::new(stream, |_: &_| ()));
                    actors::serve(&node, Server::Notification, stream, facts).unwrap();
                }
            };
            tokio::select! {
                () = accept => unreachable!(),
                result = results.recv() => result.unwrap(),
            }
        });
        let each = (after - before) / SESSIONS as usize;
        println!("heap of an idle signed-in session with 20 contacts: {each} bytes");
        assert!(each <= BOUND, "{each} bytes are more than {BOUND}");
    }
}
