#!/usr/bin/env bash
# Builds the Debian package of a board: cross/package.sh BOARD [REVISION]. Prints its path.
#
# The program is always built first (cross/build.sh). cross/boards lists the boards that have packages. The default
# REVISION is the number of commits and the hash of the last one, so it increases by itself.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ $# -ge 1 && $# -le 2 ]] || die "usage: cross/package.sh BOARD [REVISION]"
use_board "$1"

# Prints the revision of a checkout; nothing if this is not a git checkout.
revision_here() {
    local git=(git -c safe.directory="$root" -C "$root")
    # The checkout may belong to another user.
    "${git[@]}" ls-files --error-unmatch cross/package.sh > /dev/null 2>&1 || return 0
    # A shallow checkout would count fewer commits than an earlier package.
    [ "$("${git[@]}" rev-parse --is-shallow-repository)" = false ] || return 0
    echo "$("${git[@]}" rev-list --count HEAD)+g$("${git[@]}" rev-parse --short=7 HEAD)"
}
revision="${2:-$(revision_here)}"
[ -n "$revision" ] || die "this is not a complete git checkout: give a REVISION that increases each time, such as 1, 2, 3"
[ "$architecture" != - ] || die "there is no package for $board"
"$here/build.sh" "$board" >&2
need_packages dpkg binutils >&2

version="$(awk -F'"' '/^version = / { print $2; exit }' "$root/Cargo.toml")-$revision"
umask 022
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"

put() { install -D -m "$1" "$2" "$stage/$3"; }
squeeze() { gzip -9nc "$1" | install -D -m 644 /dev/stdin "$stage/$2"; }

# Manual pages, completions and the licences of the libraries are generated on this machine. `--workspace` reuses what
# `cargo test --workspace` has built.
pages="$out/pages"
rm -rf "$pages"
host="$(command -v cargo || echo /usr/bin/cargo)"
env -u RUSTC -u CARGO -u RUSTDOC "$host" build --quiet --locked --manifest-path "$root/Cargo.toml" --workspace \
    --example man_and_completions --example licence_notices --target-dir "$(dirname "$out")" >&2
"$(dirname "$out")/debug/examples/man_and_completions" "$pages" >&2
for page in "$pages"/*.1; do
    squeeze "$page" "usr/share/man/man1/$(basename "$page").gz"
done
put 644 "$pages/msnpd.bash" usr/share/bash-completion/completions/msnpd
put 644 "$pages/_msnpd" usr/share/zsh/vendor-completions/_msnpd
put 644 "$pages/msnpd.fish" usr/share/fish/vendor_completions.d/msnpd.fish

put 755 "$binary" usr/bin/msnpd
put 644 "$root/dist/msnpd.service" usr/lib/systemd/system/msnpd.service
put 644 "$root/dist/debian/copyright" usr/share/doc/msnpd/copyright
CARGO="$host" "$(dirname "$out")/debug/examples/licence_notices" "$target" > "$pages/LIBRARIES"
squeeze "$pages/LIBRARIES" usr/share/doc/msnpd/LICENSES-OF-LIBRARIES.gz
put 644 "$root/LICENSE-MIT" usr/share/doc/msnpd/LICENSE-MIT
put 644 "$root/LICENSE-APACHE" usr/share/doc/msnpd/LICENSE-APACHE
squeeze "$root/CHANGELOG.md" usr/share/doc/msnpd/changelog.gz
put 644 "$root/README.md" usr/share/doc/msnpd/README.md
for page in "$root"/docs/*.md; do
    put 644 "$page" "usr/share/doc/msnpd/docs/$(basename "$page")"
done
for picture in chat home status; do
    put 644 "$root/docs/$picture.png" "usr/share/doc/msnpd/docs/$picture.png"
done
# Links to files that are not in the package become plain text.
while IFS= read -r -d '' page; do
    { grep -oE '\]\([^):# ]+' "$page" || true; } | cut -c3- | sort -u | while IFS= read -r target; do
        [ -e "$(dirname "$page")/$target" ] || sed -i -E "s|\[([^][]*)\]\(${target//./\\.}(#[^)]*)?\)|\1|g" "$page"
    done
done < <(find "$stage/usr/share/doc/msnpd" -name '*.md' -print0)

# The built-in configuration with the data folder of the service, so that every command finds both. It may later contain a
# code for creating accounts: postinst makes it readable for the group of the service only.
sed 's|^    data: "data",$|    data: "/var/lib/msnpd",|' "$root/config.ron" |
    install -D -m 640 /dev/stdin "$stage/etc/msnpd/config.ron"
grep -q '"/var/lib/msnpd"' "$stage/etc/msnpd/config.ron" || die "config.ron has no line with the data folder"

depends="adduser, init-system-helpers (>= 1.54)"
if [ "$links" = gnu ]; then
    # The newest glibc symbol that it needs determines the oldest supported system.
    glibc="$(LC_ALL=C readelf -V "$binary" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)"
    depends="libc6 (>= ${glibc#GLIBC_}), libgcc-s1, $depends"
fi
mkdir "$stage/DEBIAN"
for script in postinst prerm postrm; do
    install -m 755 "$root/dist/debian/$script" "$stage/DEBIAN/$script"
done
echo /etc/msnpd/config.ron > "$stage/DEBIAN/conffiles"
(cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$stage/DEBIAN/md5sums"
cat > "$stage/DEBIAN/control" << END
Package: msnpd
Version: $version
Architecture: $architecture
Maintainer: msnpd <msnpd@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Depends: $depends
Section: net
Priority: optional
Description: MSN Messenger service for a home network of old computers
 One program that is the Dispatch Server, the Notification Server and the
 Switchboard of the MSN Messenger protocol, MSNP2 to MSNP7, for MSN Messenger
 1.0 to 4.6, Gaim, aMSN, Miranda and other clients of 1999 to 2003.
END

package="$out/msnpd_${version}_$architecture.deb"
dpkg-deb --root-owner-group --build "$stage" "$package" > /dev/null
echo "$package"
