#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the udev rule that the project ships, a normal user of its group programs a board; one who is not in
# the group gets no access and leaves the flash alone.
. "$(dirname "$0")/lib.sh"

rule=$(ls "$tree"/scripts/*.rules)
group=$(sed -n 's/.*GROUP="\([a-z]*\)".*/\1/p' "$rule" | head -n 1)
as_user() { # GROUPS COMMAND...
	local groups=$1
	shift
	HOME=$PWD setpriv --reuid=65534 --regid=65534 --groups="$groups" --no-new-privs "$@"
}

inside() {
	local status

	mkdir user
	(cd user && profile bench.yaml 'erase: touched' 'leave: false' 'audit: {file: log.csv}')
	chown -R 65534:65534 user
	cd user
	udevadm settle --timeout=20

	status=0
	as_user 65534 "$h7gang" run --profile bench.yaml --count 1 --audit denied.csv || status=$?
	[ "$status" -ne 0 ] || fail "a user outside the group programmed the board"
	status=0
	as_user "$(getent group "$group" | cut -d : -f 3)" "$h7gang" run --profile bench.yaml --count 1 ||
		status=$?
	same "status inside the group" 0 "$status"
	same "verdict" PASS "$(column log.csv result)"
}
enter "$@"

[ -n "$group" ] || fail "$rule names no group"
installed=/run/udev/rules.d/99-h7gang-check.rules
mkdir -p /run/udev/rules.d
cp "$rule" "$installed"
trap 'rm -f "$installed"; udevadm control --reload' EXIT
udevadm control --reload
bench --targets 1 --speed 4
