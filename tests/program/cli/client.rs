//! `msnpd client`: the configuration of a client's computer.

use crate::support::server::Installation;

fn installation(text: &str) -> Installation {
    Installation::configured(&[], text)
}

#[test]
fn a_registry_file_has_the_bytes_that_old_windows_imports() {
    let shown = installation("()").run(&["client", "reg", "--address", "192.168.1.10"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_eq!(
        shown.stdout,
        "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
         \"Server\"=\"192.168.1.10\"\r\n\r\n"
    );
    assert_eq!(shown.stderr, "");
}

#[test]
fn a_registry_file_restores_the_original_server() {
    let shown = installation("()").run(&["client", "reg", "--reset"]);
    assert_eq!(
        shown.stdout,
        "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
         \"Server\"=\"messenger.hotmail.com\"\r\n\r\n"
    );
}

#[test]
fn newer_clients_have_another_key_and_a_warning_that_they_do_not_work() {
    let arguments = ["client", "reg", "--client", "messenger5", "--address", "10.0.0.1"];
    let shown = installation("()").run(&arguments);
    assert_eq!(
        shown.stdout,
        "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSNMessenger]\r\n\
         \"Server\"=\"10.0.0.1;10.0.0.1:1863\"\r\n\r\n"
    );
    assert!(shown.stderr.contains("cannot sign in"), "{shown:?}");
}

#[test]
fn hosts_lines_have_the_address_that_clients_are_sent() {
    let advertised = "(notification: (listen: \"0.0.0.0:1864\", advertise: \"198.51.100.1:1864\"))";
    let shown = installation(advertised).run(&["client", "hosts"]);
    assert_eq!(
        shown.stdout,
        "198.51.100.1 messenger.hotmail.com\n198.51.100.1 messenger.msn.com\n"
    );
}

#[test]
fn dns_lines_come_with_where_to_put_them() {
    for (resolver, line, place) in [
        ("dnsmasq", "address=/messenger.hotmail.com/192.168.7.7\n", "/etc/dnsmasq.d/"),
        ("pihole", "192.168.7.7 messenger.hotmail.com\n", "Local DNS"),
        ("adguard", "|messenger.hotmail.com^$dnsrewrite=NOERROR;A;192.168.7.7\n", "Filters"),
        (
            "unbound",
            "server:\n    local-data: \"messenger.hotmail.com. IN A 192.168.7.7\"\n",
            "unbound",
        ),
    ] {
        let bound = installation("(dispatch: (listen: \"192.168.7.7:1863\"))");
        let shown = bound.run(&["client", "dns", resolver]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(shown.stdout.starts_with(line), "{shown:?}");
        assert!(shown.stderr.contains(place), "{shown:?}");
    }
}

#[test]
fn a_port_that_no_client_dials_is_refused() {
    let other = installation("(dispatch: (listen: \"0.0.0.0:2863\"))");
    for command in
        [["client", "reg"].as_slice(), &["client", "hosts"], &["client", "dns", "unbound"]]
    {
        let arguments = [command, &["--address", "10.0.0.1"]].concat();
        let shown = other.run(&arguments);
        assert!(shown.expect_failure(3).contains("is on port 2863"), "{shown:?}");
    }
}

#[test]
fn an_invalid_server_address_is_wrong_usage() {
    let alone = "give an IPv4 address only, such as 192.168.1.10: no name, no port, no http://";
    let nobodys = "no computer has this address";
    for (address, words) in [
        ("msn.lan", alone),
        ("192.168.1.10:1863", alone),
        ("http://192.168.1.10/", alone),
        ("0.0.0.0", nobodys),
        ("255.255.255.255", nobodys),
        ("224.0.0.1", nobodys),
    ] {
        for command in
            [["client", "reg"].as_slice(), &["client", "hosts"], &["client", "dns", "unbound"]]
        {
            let arguments = [command, &["--address", address]].concat();
            let shown = installation("()").run(&arguments);
            let message = shown.expect_failure(2);
            assert!(message.contains(&format!("invalid value '{address}'")), "{message}");
            assert!(message.contains(words), "{message}");
        }
    }
}

#[test]
fn loopback_leads_only_this_machine() {
    let shown = installation("()").run(&["client", "hosts", "--address", "127.0.0.1"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_eq!(
        shown.stderr,
        "this is for 127.0.0.1, which means each computer itself: it works for clients on this \
         machine only\n"
    );
}

#[test]
fn the_help_names_the_clients_that_can_sign_in() {
    let help = installation("()").run(&["client", "reg", "--help"]).stdout;
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(
            "Windows Messenger before 4.7.2005 (the version is shown under Help > About)"
        ),
        "{words}"
    );
    assert!(
        words.contains(
            "MSN Messenger 5.0 to 6.2 cannot sign in to this server; `messenger5` is for tests only"
        ),
        "{words}"
    );
}
