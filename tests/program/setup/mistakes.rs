//! `msnpd check` finds mistakes in the configuration, and explains how to fix them.

use std::net::{TcpListener, UdpSocket};

use crate::setup::place::Place;
use crate::support::operator::run_to_end;
use crate::support::server::Server;

impl Place {
    /// Checks the exit code, and all problems that are found.
    pub(crate) fn assert_wrong(&self, code: i32, expected: &[&str]) {
        let checked = self.run(&["check"]);
        let wrong: Vec<&str> =
            checked.stdout.lines().filter(|line| line.starts_with("wrong")).collect();
        let expected: Vec<String> = expected.iter().map(|line| format!("wrong  {line}")).collect();
        assert_eq!(wrong, expected, "{checked:#?}");
        assert_eq!(checked.code, Some(code), "{checked:#?}");
        let told = match expected.len() {
            1 => "msnpd: 1 problem found: each `wrong` line explains what to do\n".to_owned(),
            count => format!(
                "msnpd: {count} problems found: each `wrong` line explains what to \
                              do\n"
            ),
        };
        assert_eq!(checked.stderr, told);
    }

    /// Checks that the output has a line, and no problem.
    pub(crate) fn assert_noted(&self, expected: &str) {
        let checked = self.run(&["check"]);
        let line = format!("note   {expected}");
        assert!(checked.stdout.lines().any(|found| found == line), "{checked:#?}");
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{checked:#?}");
    }
}

#[test]
fn unknown_keys() {
    let place = Place::initialised();
    place.edit("half_open: 512", "half_opened: 512");
    place.edit("site: ", "frobnicate: 1, site: ");
    let (site, half_open) = (place.line_of("frobnicate"), place.line_of("half_opened"));
    place.assert_wrong(
        3,
        &[
            &format!(
                "configuration: data/config.ron line {site}: unknown key `frobnicate`. Remove it; \
                 `msnpd config default` prints all keys"
            ),
            &format!(
                "configuration: data/config.ron line {half_open}: unknown key \
                 `limits.half_opened`. Did you mean `limits.half_open`?"
            ),
        ],
    );
    place.write("data/config.ron", "(limit: (connections: 1, buffers: 2))");
    place.assert_wrong(
        3,
        &["configuration: data/config.ron line 1: unknown key `limit`. Did you mean `limits`?"],
    );
}

#[test]
fn a_value_out_of_range() {
    let place = Place::initialised();
    place.edit("list_entries: 150", "list_entries: 601");
    let line = place.line_of("list_entries: 601");
    place.assert_wrong(
        3,
        &[&format!(
            "configuration: the configuration data/config.ron is not valid: line {line}, column 5, \
             at `list_entries: 601,`: list_entries must be between 1 and 600. Correct it there; `msnpd config default` \
             prints a file with every key explained"
        )],
    );
    let checked = place.run(&["check"]).stdout;
    let unseen = "note   configuration: the addresses, the domains and the limits were not \
                  checked. Run the check again when the configuration is valid\n";
    assert!(checked.contains(unseen), "{checked}");
    assert!(checked.contains("ok     store: data/msnpd.redb has no faults"), "{checked}");
}

#[test]
fn a_configuration_that_is_not_there() {
    let place = Place::initialised();
    let checked = place.run(&["check", "--config", "none.ron"]);
    assert_eq!(checked.code, Some(3));
    let lines: Vec<&str> = checked.stdout.lines().collect();
    let (wrong, mend) = lines[0].rsplit_once(". ").expect("explains what to do");
    assert!(
        wrong.starts_with("wrong  configuration: the configuration none.ron cannot be read: "),
        "{checked:#?}"
    );
    assert_eq!(mend, "Name another file, or give the server permission to read this one");
    assert_eq!(
        lines[1],
        "note   configuration: the addresses, the domains, the limits and the data folder were \
         not checked. Run the check again when the configuration is valid"
    );
    assert_eq!(lines.len(), 3, "the clock is left: {checked:#?}");
}

#[test]
fn a_port_that_is_taken() {
    let place = Place::initialised();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    place.edit("listen: \"0.0.0.0:0\"", &format!("listen: \"{address}\""));
    place.assert_wrong(
        4,
        &[&format!(
            "listen: cannot listen on {address} (Dispatch Server): Address already in use (os \
             error \
             98). Stop the program that listens there (`ss -ltnp sport = :{}` shows it), or set \
             another port for `dispatch`",
            address.port()
        )],
    );
}

#[test]
fn an_address_of_another_machine() {
    let place = Place::initialised();
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    place.edit("listen: \"0.0.0.0:0\"", "listen: \"192.0.2.99:0\"");
    place.assert_wrong(
        4,
        &["listen: cannot listen on 192.0.2.99:0 (Dispatch Server): Cannot assign requested \
           address \
           (os error 99). This machine does not have this address: set one of its own for \
           `dispatch`, or 0.0.0.0 for all of them"],
    );
}

#[test]
fn two_servers_on_one_port() {
    let place = Place::initialised();
    // A port that no other test uses. It may be taken, except on the address of this test.
    let port = 4864;
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let own = format!("127.98.{high}.{low}");
    for (notification, switchboard) in
        [(own.as_str(), own.as_str()), ("0.0.0.0", "0.0.0.0"), ("0.0.0.0", own.as_str())]
    {
        let text = format!(
            "(web: None, dispatch: None, notification: (listen: \"{notification}:{port}\"), \
             switchboard: \
             (listen: \"{switchboard}:{port}\"))"
        );
        place.write("data/config.ron", text);
        let checked = place.run(&["check"]);
        let line = format!(
            "wrong  listen: Notification Server and Switchboard Server both have port {port}: \
             {notification}:{port} and {switchboard}:{port}. Give `switchboard` another port; \
             only dispatch and notification may share one, with the same address\n"
        );
        assert!(checked.stdout.contains(&line), "{line}: {checked:#?}");
        assert_eq!(checked.code, Some(3), "{checked:#?}");
    }
    let one = format!("(listen: \"{own}:4866\")");
    let text = format!("(web: None, dispatch: {one}, notification: {one}, switchboard: None)");
    place.write("data/config.ron", text);
    let checked = place.run(&["check"]);
    assert_eq!(checked.code, Some(0), "the two that may: {checked:#?}");
}

#[test]
fn two_listeners_on_one_port_are_reported() {
    let place = Place::initialised();
    let [_, _, high, low] = std::process::id().to_be_bytes();
    // An address and a port that no other test uses: one of them listens on 0.0.0.0:1863.
    let own = format!("127.99.{high}.{low}:4865");
    let one = format!("(listen: \"{own}\")");
    let text = format!("(dispatch: None, notification: {one}, switchboard: {one}, web: None)");
    place.write("data/config.ron", text);
    let started = place.run(&["run", "--smoke"]);
    let said = "; the configuration uses this port twice: set another one\n";
    assert!(started.expect_failure(4).ends_with(said), "{started:?}");
}

#[test]
fn a_second_start_on_the_same_data_folder_is_reported() {
    let place = Place::initialised();
    let [_, _, high, low] = std::process::id().to_be_bytes();
    // An address and a port that no other test uses.
    let own = format!("127.97.{high}.{low}:4867");
    let text = format!(
        "(dispatch: None, notification: (listen: \"{own}\"), switchboard: None, web: None)"
    );
    place.write("data/config.ron", text);
    let server = Server::start(place.program(&["run"]));
    let again = place.run(&["run"]);
    let said = "; the server is already running on this data folder: `msnpd status` shows it, and `msnpd \
                stop` stops it\n";
    assert!(again.expect_failure(4).ends_with(said), "{again:?}");
    assert_eq!(place.run(&["init", "--data", "other"]).code, Some(0));
    let other = place.run(&["run", "--data", "other", "--config", "data/config.ron"]);
    let said = "; another program uses this port: `ss -ltnp sport = :4867` shows it\n";
    assert!(other.expect_failure(4).ends_with(said), "{other:?}");
    server.stop();
}

#[test]
fn a_data_folder_that_is_a_file() {
    let place = Place::new();
    place.write("afile", "");
    place.write(
        "config.ron",
        "(dispatch: None, switchboard: None, web: None, notification: (listen: \"127.0.0.1:0\"))",
    );
    let started = place.run(&["run", "--data", "afile"]);
    let said = "msnpd: afile is a file, not a folder: name the data folder with --data\n";
    assert!(started.expect_failure(5).ends_with(said), "{started:?}");
}

#[test]
fn a_greeter_in_a_domain_without_accounts() {
    let place = Place::initialised();
    place.edit("handle: \"greeter\"", "handle: \"greeter@home.lan\"");
    place.assert_noted(
        "domains: Greeter is greeter@home.lan, but home.lan is not in `domains`. If this is a \
         mistake, set `handle` of `greeter` without a domain, or with one of `domains`",
    );
}

#[test]
fn loopback_advertised() {
    let place = Place::initialised();
    place.edit("advertise: None", "advertise: \"127.0.0.1:1864\"");
    place.assert_wrong(
        3,
        &["addresses: clients are sent to 127.0.0.1:1864 (Notification Server), which is always \
           the client's own machine. Remove `advertise` of `notification`: clients are then sent \
           to the address that they reached"],
    );
}

#[test]
fn the_unspecified_address_advertised() {
    let place = Place::initialised();
    let text = String::from_utf8(place.read("data/config.ron")).expect("text");
    let (first, second) = text.split_once("advertise: None").expect("two of them");
    let second = second.replacen("advertise: None", "advertise: \"0.0.0.0:1865\"", 1);
    place.write("data/config.ron", format!("{first}advertise: None{second}"));
    place.assert_wrong(
        3,
        &["addresses: clients would be sent to 0.0.0.0:1865 (`switchboard.advertise`): 0.0.0.0 is \
           not an address that a client can connect to. Set an address and a port that clients can \
           connect to"],
    );
}

#[test]
fn an_address_that_is_not_this_machines() {
    let place = Place::initialised();
    place.edit("advertise: None", "advertise: \"203.0.113.5:1864\"");
    place.assert_noted(
        "addresses: clients are sent to 203.0.113.5:1864 (Notification Server), which is not an \
         address of this machine. This is right behind a port forwarding; else remove `advertise` \
         of `notification`",
    );
}

#[test]
fn a_server_that_clients_are_not_referred_to() {
    let place = Place::initialised();
    let listen = "notification: Some((listen: \"0.0.0.0:0\"";
    place.edit(listen, "notification: Some((listen: \"127.0.0.1:0\"");
    let checked = place.run(&["check"]).stdout;
    let line = "wrong  addresses: clients that reached any address are sent to the same address \
                for the Notification Server, which listens on 127.0.0.1 only. Make both listen on the same \
                address, or set `advertise` of `notification`\n";
    assert!(checked.contains(line), "{checked}");
}

#[test]
fn an_address_of_this_machine_without_a_listener() {
    let place = Place::initialised();
    // The address at which clients reach this machine, if it has one.
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect("192.0.2.254:9")?;
        socket.local_addr()
    });
    let Some(own) = own.ok().map(|own| own.ip()).filter(|own| !own.is_loopback()) else { return };
    place.edit("advertise: None", &format!("advertise: \"{own}:1864\""));
    place.assert_wrong(
        3,
        &[&format!(
            "addresses: clients are sent to {own}:1864 (Notification Server), an address of this \
             machine, but it listens on 0.0.0.0:0. Remove `advertise` of `notification`, or set \
             it to the address where that server listens"
        )],
    );
}

#[test]
fn another_port_than_clients_dial() {
    let place = Place::initialised();
    place.assert_noted(
        "listen: 0.0.0.0:0 (Dispatch Server): the system chooses a new port at each start. Set a \
         port for `dispatch`: clients, firewalls and `advertise` need it",
    );
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let port = free.expect("a port").port();
    place.edit("0.0.0.0:0", &format!("0.0.0.0:{port}"));
    let line = format!(
        "note   servers: clients must be set to port {port}: MSN Messenger connects to port 1863 \
         only. Set port 1863 for `dispatch`, or make your router forward that port here\n"
    );
    let checked = place.run(&["check"]);
    assert!(checked.stdout.contains(&line), "{line}: {checked:#?}");
}

#[test]
fn a_server_that_is_left_out() {
    let place = Place::initialised();
    place.write(
        "data/config.ron",
        "(web: None, dispatch: None, switchboard: None, notification: (listen: \"0.0.0.0:0\"))",
    );
    place.assert_noted(
        "servers: no Switchboard Server: conversations are not possible. Set `switchboard`",
    );
}

#[test]
fn any_address_may_connect() {
    let place = Place::initialised();
    place.edit("allow: []", "allow: [\"0.0.0.0/0\"]");
    place.assert_noted(
        "allow: every address on the internet may connect: `allow` contains 0.0.0.0/0. List only \
         the networks that you trust, unless this is intended: everything except passwords is \
         sent unencrypted",
    );
}

#[test]
fn everything_on_loopback() {
    let place = Place::initialised();
    for _ in 0..3 {
        place.edit("0.0.0.0:0", "127.0.0.1:0");
    }
    place.assert_noted(
        "addresses: every server listens on loopback only: no other machine can connect. To let \
         other machines connect, set `listen` to 0.0.0.0 and the port",
    );
}

#[test]
fn no_domain_for_the_oldest_client() {
    let place = Place::initialised();
    place.edit("domains: [\"hotmail.com\"]", "domains: [\"home.lan\", \"example.com\"]");
    place.assert_noted(
        "domains: new accounts can be in home.lan, example.com; MSN Messenger 1.0 accepts \
         hotmail.com only. Add \"hotmail.com\" to `domains` if you have that client",
    );
}

#[test]
fn too_few_open_files() {
    let place = Place::initialised();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -n 120; exec \"$0\" check", env!("CARGO_BIN_EXE_msnpd")]);
    shell.current_dir(place.path("."));
    let checked = run_to_end(shell, b"");
    let line = "note   open files: this user's programs may open 120 files, too few for 100 \
                connections. Run `ulimit -Hn 164` as root before the server starts, put \
                LimitNOFILE=164 into its unit file, or lower `limits.connections`\n";
    assert!(checked.stdout.contains(line), "{checked:#?}");
    assert_eq!(checked.code, Some(0));
}
