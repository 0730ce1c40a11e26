#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install into a folder: all of it is there, and the installed programs find each other.
. "$(dirname "$0")/../lib.sh"

export KEEP_FLAGS=1 # nothing is rebuilt
exits 0 "make install" make -s install DESTDIR="$work/root" prefix=/usr
for file in bin/h7gang bin/h7gang-sim lib/h7gang/libusb-1.0.so.0 lib/udev/rules.d/60-h7gang.rules \
	share/man/man1/h7gang.1 share/man/man5/h7gang-profile.5 share/man/man5/h7gang-audit.5 \
	share/h7gang/profiles/demo.yaml share/h7gang/profiles/hooks/print-label share/h7gang/events.schema.json \
	share/h7gang/sql/sqlite/0001-log.sql share/h7gang/sql/postgresql/roles.sql \
	share/bash-completion/completions/h7gang lib/systemd/system/h7gang-watch@.service \
	lib/systemd/system/h7gang-watch@.socket lib/sysusers.d/h7gang.conf lib/sysusers.d/h7gang-web.conf \
	share/doc/h7gang/prometheus/h7gang.rules.yml share/doc/h7gang/grafana/h7gang.json; do
	check "$file" test -s "$work/root/usr/$file"
done

# A folder with a blank in its name, and make uninstall.
blank="$work/a folder"
mkdir -p "$blank/usr/lib/udev/rules.d"
touch "$blank/usr/lib/udev/rules.d/60-other.rules"
exits 0 "make install into a folder with a blank" make -s install DESTDIR="$blank" prefix=/usr
check "the same is there" test "$(cd "$blank" && find . -type f ! -name 60-other.rules | sort)" = "$(cd "$work/root" && find . -type f | sort)"
touch "$blank/usr/share/h7gang/profiles/mine.yaml"
exits 0 "make uninstall" make -s uninstall DESTDIR="$blank" prefix=/usr
check "what others installed is left" test "$(cd "$blank" && find . -type f | sort | tr '\n' ' ')" = \
	"./usr/lib/udev/rules.d/60-other.rules ./usr/share/h7gang/profiles/mine.yaml "
check "no empty folder of its own is" test "$(cd "$blank" && find . -type d -empty -path '*h7gang*')" = ""

# Nothing for a program that is not built.
exits 0 "make install without all that is optional" make -s install WEB=no PUBLISH=no SYSTEMD=no XLSX=no DESTDIR="$work/less" prefix=/usr
for kind in '*web*' '*publish*' '*.service' '*.socket'; do
	check "without it: no $kind" test -z "$(cd "$work/less/usr" && find bin lib share/man share/h7gang -name "$kind")"
done
check "no users" test ! -e "$work/less/usr/lib/sysusers.d"
check "the program is there" test -x "$work/less/usr/bin/h7gang" -a -s "$work/less/usr/share/man/man1/h7gang.1"
exits 0 "make install without h7gang-web" make -s install WEB=no DESTDIR="$work/noweb" prefix=/usr
check "without h7gang-web: the other units" test "$(cd "$work/noweb/usr/lib/systemd/system" && echo *)" = \
	"h7gang-publish@.service h7gang-watch@.service h7gang-watch@.socket"
cd "$work" || exit 1
exits 0 "the installed programs list a board" root/usr/bin/h7gang-sim --targets 1 -- root/usr/bin/h7gang list
finish
