#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make deb: what is in the package. make check-deb installs it in a clean chroot.
. "$(dirname "$0")/../lib.sh"
command -v dpkg-shlibdeps >/dev/null || { echo "no dpkg-dev"; exit 77; }

exits 0 "make deb" make -s deb
deb=$(echo build/deb/h7gang_*.deb)
check "its name has version and architecture" test "$deb" = \
	"build/deb/h7gang_$(cat VERSION)_$(dpkg --print-architecture).deb"
dpkg-deb --contents "$deb" >"$work/contents"
for file in usr/bin/h7gang usr/bin/h7gang-sim usr/lib/h7gang/libusb-1.0.so.0 usr/lib/udev/rules.d/60-h7gang.rules \
	usr/lib/systemd/system/h7gang-watch@.service usr/share/bash-completion/completions/h7gang \
	usr/share/zsh/vendor-completions/_h7gang usr/share/man/man1/h7gang.1.gz usr/share/man/man5/h7gang-profile.5.gz \
	usr/share/doc/h7gang/copyright usr/share/h7gang/events.schema.json; do
	check "$file" grep -q " ./$file\$" "$work/contents"
done
check "all of it is root's" test "$(awk '{print $2}' "$work/contents" | sort -u)" = root/root
check "nothing of it is writable for others" test "$(grep -c '^.....w\|^........w' "$work/contents")" -eq 0
depends=$(dpkg-deb --field "$deb" Depends)
check "it depends on the libraries it uses" grep -q 'libusb-1.0-0.*' <<<"$depends"
check "and on no test tool" test "$(grep -c 'cmocka\|valgrind\|-dev' <<<"$depends")" -eq 0
if command -v systemd-analyze >/dev/null; then
	sed "s,/usr/bin/h7gang,$h7gang," contrib/h7gang-watch@.service >"$work/h7gang-watch@line.service"
	systemd-analyze verify --man=no "$work/h7gang-watch@line.service" >"$work/verify" 2>&1
	check "the unit is one" test "$(grep -c "h7gang" "$work/verify")" -eq 0
	sed 's/^/# /' "$work/verify"
else
	checks=$((checks + 1))
	echo "ok $checks - the unit is one # SKIP no systemd-analyze"
fi
finish
