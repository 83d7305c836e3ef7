//! What the help of each verb says at its end: what it prints, its exit codes, and an example.

pub(super) const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 configuration invalid, 4 address in use or not \
permitted, 5 store damaged, of a later version or without its key, 6 no running server to talk to, \
7 store in use or its disk full: a later try may do.
First steps: msnpd init";

pub(super) const RUN: &str = "\
Writes a line for each event to standard error, with its time in UTC (unless the journal reads it, \
which adds the time): what it listens on, where its data are and what to do \
next. It stays in the foreground; Ctrl-C or SIGTERM ends it with 0, and so does closing its terminal; \
without one, SIGHUP reads the configuration again. On a terminal it makes the administrator's password \
if there is none, and prints it this once.
Example: msnpd run --data /var/lib/msnpd";

pub(super) const INIT: &str = "\
Prints what it made and what was there already (which it leaves as it is), the administrator's \
password if it made one (it is shown only then), and the next steps. The data folder is ./data if \
none is named. If no configuration is active, what is built in is written into it as config.ron, \
explained; its `data` names this folder. One that is active stays the only one. If msnpd.admin was removed, there is a new password, also while the server runs. A running server is not disturbed.
Exit codes: 0 also if everything was there already; 3, 5 and 7 as for the server.
Example: msnpd init --data /var/lib/msnpd";

pub(super) const CHECK: &str = "\
Prints a line for each thing that it looked at: `ok`; `note`, which may be as you want it; or `wrong`; \
the last two with what to do. It looks at everything, whatever it finds, and changes no account and \
no setting; a running server is not disturbed.
Exit codes: 0 if nothing is wrong, else by the first thing that is: 3 the configuration, 4 an \
address, 5 the data folder, its store or its key, 1 something else.
Example: msnpd check --data /var/lib/msnpd";

pub(super) const CONFIG_DEFAULT: &str = "\
Prints the text of config.ron, which says what is built in, with each key explained.
Example: msnpd config default > config.ron";

pub(super) const CONFIG_SHOW: &str = "\
Prints a line for each key: its value, and where that comes from (built in, a line of a file, --data \
or MSNPD_DATA).
Exit codes: 3 if the configuration cannot be read or is not valid.
Example: msnpd config show --config config.ron";

pub(super) const USER_ADD: &str = "\
Says on standard error that the account can sign in. The handle is in one of the domains \
of the configuration. Its part before the @ has up to 64 letters, digits and the signs . _ + -, \
begins and ends with a letter, a digit or _, and has no two dots in a row.
Example: msnpd user add alice --name \"Alice B.\" --random-password";

pub(super) const USER_PASSWD: &str = "\
Says on standard error that the password is another one, and how many connections of the account \
ended: users who are signed in with the old password have to sign in again with the new one.
Example: msnpd user passwd alice --random-password";

pub(super) const USER_DISABLE: &str = "\
Says on standard error how many connections ended. A client that signs in is answered as if the \
password were wrong. Lists and password stay as they are; `user list` and `status` show the reason.
Example: msnpd user disable bob --reason 'until Monday'";

pub(super) const USER_ENABLE: &str = "\
Says on standard error that the account can sign in with its password again.
Example: msnpd user enable bob";

pub(super) const PASSWD_ADMIN: &str = "\
Sets the password of the status page, while the server runs or not; an earlier one opens nothing any \
more. The first start on a terminal makes one and prints it, and so does `init`; a service has none until \
this sets one. Prints on standard error that it is set. It has 1 to 64 characters without spaces, and is \
no account's.
Exit codes: 5 if there is no data folder.
Example: msnpd passwd-admin --random-password";

pub(super) const USER_RENAME: &str = "\
Says on standard error what the account is called now.
Example: msnpd user rename alice \"Alice in W.\"";

pub(super) const USER_REMOVE: &str = "\
Says on standard error that it is gone.
Example: msnpd user remove alice";

pub(super) const USER_LIST: &str = "\
Prints a line for each account: its handle, its friendly name, and whether it is disabled. The greeter's comes last.
Example: msnpd user list --json";

pub(super) const STATUS: &str = "\
Prints who is connected, since when and with which client, how much of each limit is in use, and why \
connections have ended since the start. With --json an object of the same.
Exit codes: 6 if no server is running.
Example: msnpd status --json";

pub(super) const KICK: &str = "\
The client is not told why; some sign in again by themselves after a while. `user disable` keeps a \
user out.
Exit codes: 1 if the user is not signed in, 6 if no server is running.
Example: msnpd kick bob";

pub(super) const DENY: &str = "\
Says on standard error how many connections ended. The network is kept with the accounts, also in \
backups; it applies to clients and web pages. 127.0.0.0/8 and ::1 are never denied, also if they are \
part of the network. At most 1024 networks are denied.
Exit codes: 1 if it is no such network, or with --remove if it is not denied.
Example: msnpd deny 203.0.113.0/24";

pub(super) const BROADCAST: &str = "\
Clients show it in words of their own: the protocol carries the minutes and no text. TEXT goes into \
the log. It stops nothing; see `msnpd stop --in`.
Exit codes: 6 if no server is running.
Example: msnpd broadcast --minutes 10 'a new disk'";

pub(super) const STOP: &str = "\
With --in everybody who is signed in is told at once how many minutes are left. Another `stop` counts \
instead of an earlier one. --cancel calls it off; clients that were told are not told otherwise, since \
the protocol has no message for it.
Exit codes: 1 if there is nothing to cancel, 6 if no server is running.
Example: msnpd stop --in 5";

pub(super) const RELOAD: &str = "\
SIGHUP does the same. A configuration that is not valid changes nothing. Addresses to listen on, \
notification_servers and the data folder need a restart; it says so if they differ.
Exit codes: 3 if the configuration is not valid, 6 if no server is running.
Example: msnpd reload";

pub(super) const TRACE: &str = "\
Prints a line for each command, with its time in UTC (unless the journal reads it), `<<` for what the client says and `>>` for what it hears, from the one \
on that names him. Digests, challenges and cookies are masked; of messages only the headers are shown. \
Ctrl-C ends it.
Exit codes: 1 if there is no such account, 6 if no server is running.
Example: msnpd trace alice";

pub(super) const VERIFY: &str = "\
Prints how many accounts (without the greeter's) and list entries there are, and a line for each fault. A line that begins \
with `note:` is no fault: it names an older account with a sign-in name that a new one could not have, or \
a name with invisible characters. It changes no account and no setting.
Exit codes: 5 if there are faults.
Example: msnpd verify";

pub(super) const BACKUP: &str = "\
Edits go on meanwhile. The file appears when it is whole; one of that name is replaced then. It is \
readable by its owner only. Without --with-key it gives no password away, and is of use only where \
the key file msnpd.key is that was there when it was made.
Example: msnpd backup /mnt/usb/msnpd.backup";

pub(super) const RESTORE: &str = "\
All of it is checked before anything is changed; then it is put in the place of everything, whole or \
not at all, and everybody is signed off. What was there before is kept as before-restore.backup in \
the data folder. A backup with its key fits everywhere, one without it only where its key file is.
Exit codes: 1 if the file is no whole backup or does not fit.
Example: msnpd restore /mnt/usb/msnpd.backup";

pub(super) const EXPORT: &str = "\
Writes text in RON: handles, friendly names, settings and lists. Whether it has the passwords in it \
is said in it. The file appears when it is whole, and is readable by its owner only.
Example: msnpd export accounts.ron";

pub(super) const IMPORT: &str = "\
Reads an export, or a table (CSV) with the columns handle, name and password: separated by commas, \
semicolons or tabs, in UTF-8 or Windows-1252. The first line may name the columns, in any order. A \
handle without a domain is of the first configured one, without a name it is called as its part \
before the @, and without a password `user passwd` gives it one. \
Prints a line for each account that is there already, which stays as it is, for each that the file has \
no password of, and for each list entry, or account whose name is kept for self-tests, that is left \
out. All accounts are made, or none. A file with \
an account of another domain than those of the configuration is refused, unless with --any-domain; so \
is one with a sign-in name that `user add` refuses, unless with --any-handle, and one that has an \
account twice. Networks that the file denies are denied here too.
Exit codes: 1 if the file is refused.
Example: msnpd import accounts.ron";

pub(super) const SELFTEST: &str = "\
Two principals sign in as clients do, add each other, talk and leave. Without ADDRESS it is the \
running server of the data folder, which makes two accounts for it and removes them. With ADDRESS \
it is a server elsewhere, and two of its accounts, whose passwords are asked for, or read from \
standard input, a line each; their lists are left as they were. Whoever is signed in with them is \
signed off. Prints a line for each step: `ok` or `wrong`, its time, and what to do.
Exit codes: 1 if it failed, 3 if the server tells clients a wrong address, 6 if nobody answers.
Example: msnpd selftest";

pub(super) const CLIENT_REG: &str = "\
Prints the file, in the form that Windows 95 to XP import; on the old computer, open it and say Yes. \
MSN Messenger 1.0 to 4.6 and Windows Messenger before 4.7.2005 (Help, About says it) then dial this \
server without a change of DNS.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client reg > msn-setup.reg";

pub(super) const CLIENT_HOSTS: &str = "\
Prints a line for each name that clients ask for. The file is C:\\WINDOWS\\HOSTS on Windows 95, 98 and \
Me, and system32\\drivers\\etc\\hosts in the Windows folder of NT, 2000 and XP.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client hosts";

pub(super) const CLIENT_DNS: &str = "\
Prints the lines; where they go is said on standard error. Nothing is changed. With them every \
computer of the network finds this server unaided.
Exit codes: 3 if the server is on a port that no such client dials.
Example: msnpd client dns dnsmasq";
