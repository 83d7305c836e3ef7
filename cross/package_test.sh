#!/usr/bin/env bash
# Installs, uses, upgrades, moves, downgrades, removes and purges the amd64 package in a separate Debian, as described in
# docs/admin.md, and runs the packages of the boards under their emulators: cross/package_test.sh. As root on Debian.
#
# No systemd runs there: this script runs the ExecStart line of the service, as its user. systemd-analyze checks the unit.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ "$(id -u)" -eq 0 ] || die "it installs a Debian, which needs root"

# A Debian is fetched once; each test gets a copy.
base="$tools/bookworm.tar"
fetch_debian() {
    if [ ! -e "$base" ]; then
        say "debootstrap"
        fetched="$(mktemp -d)"
        # All users need its root folder, unlike this folder, which is for root only.
        chmod 755 "$fetched"
        trap 'rm -rf "$fetched" "$fetched.log"' EXIT
        debootstrap --variant=minbase --include=adduser bookworm "$fetched" > "$fetched.log" 2>&1 ||
            { tail -20 "$fetched.log" >&2; die "debootstrap failed"; }
        mkdir -p "$tools"
        tar -C "$fetched" -cf "$base.new" .
        mv "$base.new" "$base"
        rm -rf "$fetched" "$fetched.log"
        trap - EXIT
    fi
}

# Steps that need the network come first. The others run in a network namespace, where the default ports are free, and in
# a mount namespace, which ends with them.
if [ $# -eq 0 ]; then
    need_packages debootstrap systemd iproute2
    fetch_debian
    first="$("$here/package.sh" amd64 1)"
    second="$("$here/package.sh" amd64 2)"
    others=()
    for board in $(boards); do
        use_board "$board"
        if [ "$architecture" != - ] && [ "$architecture" != amd64 ]; then
            need_emulator
            others+=("$board" "$("$here/package.sh" "$board" 1)")
        fi
    done
    exec unshare --net --mount "$here/package_test.sh" "$first" "$second" "${others[@]}"
fi
first="$1" second="$2"
shift 2
ip link set lo up

scratch="$(mktemp -d)"
server=''
clean_up() {
    if [ -n "$server" ]; then
        kill -KILL "$server" 2> /dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT
# The Debian of the following steps.
debian=''
another_debian() { # NAME
    debian="$scratch/$1"
    mkdir "$debian"
    tar -C "$debian" -xf "$base"
}

inside() { chroot "$debian" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

# Runs a command in a folder, as `sudo -u msnpd` does.
as_msnpd() { # FOLDER COMMAND...
    # shellcheck disable=SC2016  # the inner shell has arguments
    inside sh -c 'cd "$1" && shift && exec setpriv --reuid msnpd --regid msnpd --init-groups -- "$@"' sh "$@"
}

install_package() { # PACKAGE [OPTION...]
    cp "$1" "$debian/tmp/msnpd.deb"
    inside DEBIAN_FRONTEND=noninteractive dpkg "${@:2}" --install /tmp/msnpd.deb
}

# shellcheck disable=SC2016  # dpkg-query expands it
version_is() { is "the version" "$1" "$(inside dpkg-query -W -f='${Version}' msnpd | cut -d- -f2)"; }
list_entries_are() { is "the configuration" 1 "$(inside msnpd config show | grep -c "list_entries.*$1")"; }

# Runs the ExecStart line of the service, as its user.
service() {
    local line
    line="$(sed -n 's/^ExecStart=//p' "$debian/usr/lib/systemd/system/msnpd.service")"
    # shellcheck disable=SC2086  # systemd splits it at blanks as well
    exec chroot --userspec=msnpd:msnpd "$debian" $line
}

start() {
    # Before the server opens it: the log of the previous server must not count.
    : > "$scratch/log"
    service > "$scratch/log" 2>&1 &
    server=$!
    local until=$((SECONDS + 30))
    until grep -q 'ready$' "$scratch/log"; do
        if ! kill -0 "$server" 2> /dev/null || [ "$SECONDS" -ge "$until" ]; then
            broken "the service does not start"
        fi
        sleep 0.1
    done
}

stop() {
    kill -TERM "$server"
    has_ended
}

has_ended() {
    wait "$server" || broken "the service ended with $?"
    server=''
}

broken() {
    cat "$scratch/log" >&2
    die "$*"
}

is() { # WHAT WANTED FOUND
    [ "$2" = "$3" ] || die "$1: $3 instead of $2"
}

ends_with() { # CODE COMMAND...; what it says goes to $scratch/said
    local status=0
    ("${@:2}") > "$scratch/said" 2>&1 || status=$?
    [ "$status" -eq "$1" ] || { cat "$scratch/said" >&2; die "${*:2}: it ends with $status instead of $1"; }
}

say "install"
another_debian first
install_package "$first"
is "the data folder" "msnpd msnpd 700" "$(inside stat -c '%U %G %a' /var/lib/msnpd)"
is "the configuration" "root msnpd 640" "$(inside stat -c '%U %G %a' /etc/msnpd/config.ron)"
inside test -e /etc/systemd/system/multi-user.target.wants/msnpd.service || die "the service is not enabled"
for page in "$debian"/usr/share/man/man1/msnpd*.1.gz; do
    gzip -t "$page"
done
# `grep -q` would end before gzip has written everything, which is a failure of gzip.
gzip -dc "$debian/usr/share/doc/msnpd/LICENSES-OF-LIBRARIES.gz" | grep '^actix [0-9.]*: ' > /dev/null ||
    die "the licences of the libraries are missing"

say "systemd-analyze"
# The root has this machine's targets and slices, which the unit refers to, and the program.
units="$scratch/units/lib/systemd/system"
mkdir -p "$units" "$scratch/units/usr/bin"
cp -a /lib/systemd/system/*.target /lib/systemd/system/*.slice /lib/systemd/system/*.socket "$units"
cp "$debian/usr/lib/systemd/system/msnpd.service" "$units"
cp "$debian/usr/bin/msnpd" "$scratch/units/usr/bin"
systemd-analyze verify --man=no --root="$scratch/units" msnpd.service > "$scratch/verify" 2>&1 ||
    { cat "$scratch/verify" >&2; die "systemd-analyze verify fails"; }
if [ -s "$scratch/verify" ]; then
    cat "$scratch/verify" >&2
    die "systemd-analyze verify printed a warning"
fi
# On a scale to 10, the exposure of a service without any hardening.
systemd-analyze security --offline=true --threshold=20 --no-pager "$units/msnpd.service" > "$scratch/security" ||
    { cat "$scratch/security" >&2; die "the service has more permissions than it needs"; }
tail -1 "$scratch/security"

say "use"
start
inside msnpd selftest || broken "the self-test failed"
inside msnpd init > "$scratch/init"
grep -q "^the administrator's password, shown only this once: " "$scratch/init" || die "init creates no password"
is "what the password is checked against" "msnpd msnpd 600" "$(inside stat -c '%U %G %a' /var/lib/msnpd/msnpd.admin)"
[ ! -e "$debian/var/lib/msnpd/config.ron" ] || die "init created a second configuration"
echo secret | inside msnpd user add alice --name 'Alice in W.'
# As root in root's home folder, which no other user may read.
chmod 700 "$debian/root"
ends_with 0 as_msnpd / msnpd user list
ends_with 3 as_msnpd /root msnpd config show --data /var/lib/msnpd
# shellcheck disable=SC2016  # the backquotes are part of the text
grep -q '`cd /` first$' "$scratch/said" || die "no hint to leave /root: $(cat "$scratch/said")"
stop

say "a configuration that is not valid"
configuration="$debian/etc/msnpd/config.ron"
cp -p "$configuration" "$scratch/valid"
start
sed -i 's/^    list_entries: /    forgotten: 1,\n&/' "$configuration"
# The running service is found nevertheless.
ends_with 0 inside msnpd status
ends_with 0 inside msnpd stop
has_ended
ends_with 3 service
cp -p "$scratch/valid" "$configuration"

say "upgrade"
# A changed configuration stays.
sed -i 's/^    list_entries: 150,/    list_entries: 151,/' "$configuration"
install_package "$second"
version_is 2
list_entries_are 151
start
inside msnpd user list | grep -q '^alice@hotmail.com.*Alice in W\.$' || broken "alice is gone"
inside msnpd selftest || broken "the self-test failed after the upgrade"
stop

say "upgrade to a package with another configuration, and back"
dpkg-deb --raw-extract "$second" "$scratch/third"
sed -i 's/^\(Version: [^-]*\)-.*/\1-3/' "$scratch/third/DEBIAN/control"
sed -i 's/^    list_entries: 150,/    list_entries: 149,/' "$scratch/third/etc/msnpd/config.ron"
dpkg-deb --root-owner-group --build "$scratch/third" "$scratch/third.deb" > /dev/null
inside msnpd backup /root/before.backup
# As `N` to dpkg's question.
install_package "$scratch/third.deb" --force-confold
version_is 3
list_entries_are 151
is "the configuration of the package" 1 "$(grep -c 'list_entries: 149,' "$configuration.dpkg-dist")"
is "who may read it" "root msnpd 640" "$(inside stat -c '%U %G %a' /etc/msnpd/config.ron)"
start
echo secret | inside msnpd user add bob
stop
install_package "$first" --force-confold
version_is 1
list_entries_are 151
inside msnpd restore /root/before.backup
start
is "who outlives the way back" "alice@hotmail.com" "$(inside msnpd user list | grep -o '^\(alice\|bob\)@[^ ]*')"
stop
install_package "$second" --force-confold

say "move to another board"
inside useradd --create-home pi
inside install -d -o pi -m 700 /home/pi/move
inside msnpd backup --with-key /home/pi/move/msnpd.backup
inside cp /etc/msnpd/config.ron /home/pi/move/
inside chown -R pi /home/pi/move
former="$debian"
another_debian second
# The user was created by hand, without a group.
inside adduser --system --quiet --home /var/lib/msnpd --no-create-home msnpd
install_package "$first"
is "the data folder" "msnpd msnpd 700" "$(inside stat -c '%U %G %a' /var/lib/msnpd)"
is "the configuration" "root msnpd 640" "$(inside stat -c '%U %G %a' /etc/msnpd/config.ron)"
inside useradd --create-home pi
# As the user pi, who copies their own files.
chroot --userspec=pi "$former" tar -C /home/pi -c move | chroot --userspec=pi "$debian" tar -C /home/pi -x
inside install -o root -g msnpd -m 640 /home/pi/move/config.ron /etc/msnpd/
list_entries_are 151
start
inside msnpd init > "$scratch/init"
grep -q "^the administrator's password, shown only this once: " "$scratch/init" || die "init creates no password"
ends_with 0 inside msnpd check
inside msnpd restore /home/pi/move/msnpd.backup
inside msnpd user list | grep -q '^alice@hotmail.com.*Alice in W\.$' || broken "alice did not move"
inside msnpd selftest || broken "the self-test failed after the move"
stop
inside dpkg --purge msnpd
is "the user and the group" "" "$(inside getent passwd msnpd; inside getent group msnpd)"
debian="$former"

say "remove"
inside dpkg --remove msnpd
[ ! -e "$debian/usr/bin/msnpd" ] || die "the program is still there"
[ -e "$debian/var/lib/msnpd/msnpd.redb" ] || die "a removal took the accounts"
[ -e "$debian/etc/msnpd/config.ron" ] || die "a removal took the configuration"
install_package "$second"
inside msnpd user list | grep -q '^alice@hotmail.com' || die "alice did not outlive a removal"

say "purge"
# A mount point, which cannot be removed.
mount -t tmpfs tmpfs "$debian/var/lib/msnpd"
mkdir "$debian/var/lib/msnpd/folder"
touch "$debian/var/lib/msnpd/msnpd.redb" "$debian/var/lib/msnpd/.hidden"
inside dpkg --purge msnpd
is "what a purge leaves on the disk" "" "$(ls -A "$debian/var/lib/msnpd")"
umount "$debian/var/lib/msnpd"
is "what was under it" "msnpd.redb" "$(cd "$debian/var/lib/msnpd" && ls msnpd.redb)"
install_package "$second"
inside dpkg --purge msnpd
left="$(cd "$debian" && find etc lib usr var/lib -path var/lib/dpkg -prune -o -name '*msnpd*' -print)"
is "what a purge leaves" "" "$left"
is "the user and the group" "" "$(inside getent passwd msnpd; inside getent group msnpd)"

while [ $# -ge 2 ]; do
    use_board "$1"
    package="$2"
    shift 2
    say "$(basename "$package"), $(stat -c %s "$package") bytes"
    is "the architecture" "$architecture" "$(dpkg-deb --field "$package" Architecture)"
    dpkg-deb --extract "$package" "$scratch/$board"
    "$here/smoke.sh" "$board" "$scratch/$board/usr/bin/msnpd"
done
say "packages passed"
