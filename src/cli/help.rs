//! The end of each command's help text: output, exit codes and an example.

pub(super) const PROGRAM: &str = "\
The configuration file is the first of these:
1. the file of --config
2. the file of MSNPD_CONFIG
3. config.ron in the folder of --data; without --data, in the folder of MSNPD_DATA; without both, in ./data
4. ./config.ron
5. /etc/msnpd/config.ron
Without any of them, the built-in configuration is used.
After that, the data folder is found. It is the first of these:
1. the folder of --data
2. the folder of MSNPD_DATA
3. the folder that `data` in the configuration file names
4. ./data
Exit codes: 0 success, 1 failure, 2 wrong usage, 3 configuration invalid, 4 address in use or not \
permitted, 5 the store (msnpd.redb, the file with all accounts) damaged, of a later version or without \
its key file msnpd.key, 6 no running server to talk to, 7 the store in use by another program or its \
disk full (a later try may work).
First steps: msnpd init";

pub(super) const RUN: &str = "\
A server consists of three parts: Dispatch Server (first contact), Notification Server (sign-in, contact \
lists, presence) and Switchboard Server (conversations).
Runs in the foreground. Ctrl-C, SIGTERM or closing the terminal stops it, with exit code 0. Without a \
terminal, SIGHUP makes it read the configuration again.
Logs one line per event to standard error: the addresses it listens on, its data folder, what to do \
next. Each line has its time in UTC, unless the log goes to the systemd journal, which adds the time \
itself.
The first start creates the data folder. On a terminal, it also creates the administrator's password, \
which opens the status page in a browser, and prints it once.
Example: msnpd run --data /var/lib/msnpd";

pub(super) const INIT: &str = "\
Prints what it created, what existed already (which stays unchanged), and the next steps. A new \
administrator's password, which opens the status page in a browser, is shown only this once. Without \
--data, MSNPD_DATA or `data` in the configuration, the data folder is ./data.
If no configuration is active, it writes the built-in one as config.ron into the data folder, with \
every configuration key explained. If a configuration file is already in use, no second one is written.
If msnpd.admin (the hash of the administrator's password) was removed, it creates a new password for \
the administrator. This works while the server runs, and does not disturb it.
Exit codes: 0 also if everything existed already; others: see `msnpd --help`.
Example: msnpd init --data /var/lib/msnpd";

pub(super) const CHECK: &str = "\
Prints one line per check: `ok`, `note` (may be intended) or `wrong`. A `note` or `wrong` line \
explains what to do. It always runs all checks, and changes no account and no setting. It does not \
disturb a running server.
Exit codes: 0 if nothing is wrong, else the code of the first problem: 3 the configuration, 4 an \
address, 5 the data folder, its store or its key, 1 anything else.
Example: msnpd check --data /var/lib/msnpd";

pub(super) const CONFIG_DEFAULT: &str = "\
Prints the built-in configuration as the text of a config.ron, with every key explained.
Example: msnpd config default > config.ron";

pub(super) const CONFIG_SHOW: &str = "\
Prints one line per key: its value, and where the value comes from (built in, a line of a file, --data \
or MSNPD_DATA).
Exit codes: 3 if the configuration cannot be read or is not valid.
Example: msnpd config show --config config.ron";

pub(super) const USER_ADD: &str = "\
Confirms on standard error that the account is created. The domain of the sign-in name must be one \
of the configured domains. The part before the @ has up to 64 letters, digits and these signs: `.` \
`_` `+` `-`. It begins and ends with a letter, a digit or _, and has no two dots in a row.
Example: msnpd user add alice --name \"Alice B.\" --random-password";

pub(super) const USER_PASSWD: &str = "\
Confirms the change on standard error, with the number of connections that it ended: users who were \
signed in with the old password must sign in again.
Example: msnpd user passwd alice --random-password";

pub(super) const USER_DISABLE: &str = "\
Prints on standard error how many connections it ended. A client that signs in gets the same answer as \
for a wrong password. Lists and password are kept. `user list` and `status` show the text \
of --reason.
Example: msnpd user disable bob --reason 'until Monday'";

pub(super) const USER_ENABLE: &str = "\
Confirms on standard error that the account can sign in with its password again.
Example: msnpd user enable bob";

pub(super) const PASSWD_ADMIN: &str = "\
Sets the password of the status page, whether the server runs or not, and confirms it on standard \
error. The previous password stops working at once. `init` and the first start on a terminal create one \
and print it; a service has none until this command sets one.
The password has 1 to 64 characters without spaces. Accounts have passwords of their own.
Exit codes: 5 if there is no data folder.
Example: msnpd passwd-admin --random-password";

pub(super) const USER_RENAME: &str = "\
Confirms the new friendly name on standard error.
Example: msnpd user rename alice \"Alice in W.\"";

pub(super) const USER_REMOVE: &str = "\
Confirms the removal on standard error.
Example: msnpd user remove alice";

pub(super) const USER_LIST: &str = "\
Prints one line per account: sign-in name, friendly name, and whether it is disabled. The account of \
Greeter, the built-in contact, comes last.
Example: msnpd user list --json";

pub(super) const STATUS: &str = "\
Prints who is connected, since when and with which client, how much of each limit is in use, and why \
connections have ended since the start. --json prints the same as an object.
Exit codes: 6 if no server is running.
Example: msnpd status --json";

pub(super) const KICK: &str = "\
The client does not learn the reason. Some clients sign in again by themselves after a while; `user \
disable` keeps a user out.
Exit codes: 1 if the user is not signed in, 6 if no server is running.
Example: msnpd kick bob";

pub(super) const DENY: &str = "\
Prints on standard error how many connections it ended. No one can connect from a denied network, \
neither with a client nor to the web pages. Denied networks are stored with the accounts and are part \
of backups. 127.0.0.0/8 and ::1 are never denied, even as part of a larger network. At \
most 1024 networks can be denied.
Exit codes: 1 if NETWORK is not a network, or with --remove if it is not denied.
Example: msnpd deny 203.0.113.0/24";

pub(super) const BROADCAST: &str = "\
Clients show the warning in their own words: the protocol carries the minutes and no text. TEXT is \
written to the log. This does not stop the server; see `msnpd stop --in`.
Exit codes: 6 if no server is running.
Example: msnpd broadcast --minutes 10 'a new disk'";

pub(super) const STOP: &str = "\
With --in, all users who are signed in are warned at once how many minutes are left. A later `stop` \
replaces an earlier one. --cancel cancels the stop; clients that were warned do not learn of that, \
since the protocol has no message for it.
Exit codes: 1 if there is nothing to cancel, 6 if no server is running.
Example: msnpd stop --in 5";

pub(super) const RELOAD: &str = "\
SIGHUP does the same. A configuration that is not valid changes nothing. Changes of listen addresses, \
notification_servers and the data folder need a restart; the command lists them.
Exit codes: 3 if the configuration is not valid, 6 if no server is running.
Example: msnpd reload";

pub(super) const TRACE: &str = "\
Prints one line per command: `<<` for what the client sends, `>>` for what it receives. Each line has \
its time in UTC, unless the output goes to the systemd journal, which adds the time itself. The lines \
of a connection begin with the command in which its client names the user. Digests, challenges and \
cookies are masked, and only the headers of messages are shown. Ctrl-C ends the trace.
Exit codes: 1 if there is no such account, 6 if no server is running.
Example: msnpd trace alice";

pub(super) const VERIFY: &str = "\
Prints the number of accounts (without the account of Greeter, the built-in contact) and of list \
entries, and one line per fault. A line that begins with `note:` is not a fault: it names an older \
account with a sign-in name that a new account cannot have, or a name with invisible characters. The \
command changes no account and no setting.
Exit codes: 5 if there are faults.
Example: msnpd verify";

pub(super) const BACKUP: &str = "\
The server keeps running. Changes made after the backup starts are not in it. The file appears when \
it is complete, and replaces a file of the same name. Only its owner can read it. Without --with-key, \
the file reveals no password.
A backup made with --with-key can be restored on any machine. Any other backup needs the msnpd.key of \
the server that made it.
Example: msnpd backup /mnt/usb/msnpd.backup";

pub(super) const RESTORE: &str = "\
The server may run meanwhile. Checks the whole backup before it changes anything, then replaces \
everything or nothing, and signs all users off. The previous contents are kept as before-restore.backup in the data folder. During the \
restore, the store needs up to twice its size on the disk; it is compacted at the end.
A backup made with --with-key can be restored on any machine. Any other backup needs the msnpd.key of \
the server that made it.
Exit codes: 1 if the file is not a complete backup, or was made with another msnpd.key or by a later \
version.
Example: msnpd restore /mnt/usb/msnpd.backup";

pub(super) const EXPORT: &str = "\
Writes RON text: sign-in names, friendly names, settings and lists. The file states whether it \
contains passwords. It appears when it is complete, and only its owner can read it.
Example: msnpd export accounts.ron";

pub(super) const IMPORT: &str = "\
Reads an export, or a table (CSV) with the columns handle, name and password.
CSV: separated by commas, semicolons or tabs, in UTF-8 or Windows-1252. The first line may name the \
columns, in any order; without such a line, the order is handle, name, password. A handle (sign-in name) without a domain gets the first configured domain. \
Without a name, the part before the @ is used. Without a password, the account needs `user passwd`.
Prints one line for each:
- account that exists already: it stays unchanged
- account without a password in the file: set one with `user passwd`
- account left out because its name is reserved for self-tests
- list entry left out because the contact does not exist, or because the list cannot contain it (such \
as the account itself)
A file is refused if it has an account twice, an account of a domain that is not configured (unless \
with --any-domain), or a sign-in name that `user add` refuses (unless with --any-handle). If the file is refused, \
no account is created.
More than 100 accounts are imported in batches of 100. If that is interrupted, the accounts that are not \
finished are disabled. The same import again finishes them; it changes no other existing account.
If an export contains denied networks (see `msnpd deny`), they are denied on this server too.
Exit codes: 1 if the file is refused.
Example: msnpd import accounts.ron";

pub(super) const SELFTEST_USAGE: &str =
    "msnpd selftest [OPTIONS] [ADDRESS[:PORT] --account SIGN-IN-NAME --account SIGN-IN-NAME]";

pub(super) const SELFTEST: &str = "\
Two users sign in as clients do, add each other, talk and leave. Prints one line per step: `ok` or \
`wrong`, the time it took, and what to do.
Without ADDRESS, it tests the running server that uses this data folder. The server creates two \
accounts for the test and removes them afterwards. With ADDRESS, it tests a remote server with two of \
its accounts. Their passwords are prompted for, or read from standard input, one per line. Their \
lists are left as they were. Anyone signed in with one of these accounts is signed off.
Exit codes: 1 if it failed, 3 if the server sends clients to a wrong address, 6 if the server does not \
answer.
Example: msnpd selftest";

pub(super) const CLIENT_REG: &str = "\
Prints a file that can be imported on Windows 95 to Windows XP. Open it on the old computer and answer Yes. \
MSN Messenger 1.0 to 4.6 and Windows Messenger before 4.7.2005 (the version is shown under Help > \
About) then connect to this server without a change of DNS.
Exit codes: 3 if the server is on a port that these clients cannot use.
Example: msnpd client reg > msn-setup.reg";

pub(super) const CLIENT_HOSTS: &str = "\
Prints one line for each name that clients look up. The hosts file is C:\\WINDOWS\\HOSTS on Windows \
95, 98 and Me, and system32\\drivers\\etc\\hosts in the Windows folder of NT, 2000 and XP.
Exit codes: 3 if the server is on a port that these clients cannot use.
Example: msnpd client hosts";

pub(super) const CLIENT_DNS: &str = "\
Prints the lines for the configuration of the network's DNS server, and on standard error where to put \
them. It changes nothing. With these lines, every computer in the network finds this server without a \
change of its own.
Exit codes: 3 if the server is on a port that these clients cannot use.
Example: msnpd client dns dnsmasq";
