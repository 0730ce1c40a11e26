#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install into a folder: all of it is there, and the installed programs find each other.
. "$(dirname "$0")/../lib.sh"

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
cd "$work" || exit 1
exits 0 "the installed programs list a board" root/usr/bin/h7gang-sim --targets 1 -- root/usr/bin/h7gang list
finish
