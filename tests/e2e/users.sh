#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# Several users of one machine share a number file, as after sudo -u: each run goes on, and no number is given twice. A
# user's own state folder is used only for a number file that no other user can write.
# limit: 300
. "$(dirname "$0")/../lib.sh"

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
chmod 755 "$room"
as() { # USER COMMAND...: one of two users of the group 64000
	local user=$1
	shift
	setpriv --reuid="$((64000 + user))" --regid=64000 --clear-groups -- env HOME="$room/home$user" "$@"
}
if [ "$(id -u)" -ne 0 ] || ! as 1 "$h7gang" version >/dev/null 2>&1; then
	echo "needs root, and programs that all users may run"
	exit 77
fi
umask 002
cp build/firmware/demo.hex "$room/"
for user in 1 2; do install -d -m 700 -o $((64000 + user)) -g 64000 "$room/home$user"; done

make_folder() { # NAME: a folder of the group, with a profile
	install -d -m 2775 -g 64000 "$room/$1"
	cat >"$room/$1/p.yaml" <<-END
	profile: 1
	name: users
	target: {part: stm32h743xi}
	firmware: [{file: ../demo.hex}]
	leave: false
	erase: touched
	verify: image
	audit: {file: "{lot}.csv"}
	serial:
	  source: {counter: {file: sn.state, start: 1, end: 999, format: "N-{:03d}"}}
	  patch: [{address: 0x081c0000, encode: ascii, value: "{serial}", length: 16}]
	END
}
seed=0
tray() { # USER FOLDER LOT
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{repeat: 2}]\n' $seed >"$room/fleet.yaml"
	as "$1" "$sim" --fleet "$room/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$room/$2/p.yaml" --lot "$3" --count 2 --quiet
}
numbers() { for log in "$room/$1"/*.csv; do column "$log" unit_serial; done | sort; }
place_of() { sed -n 's/^home\t0\t[0-9a-f]*\t-\t//p' "$room/$1/sn.state" | tail -n 1; }

# A folder of the group for second places, as the message proposes.
install -d -m 2775 -g 64000 "$room/state"
export STATE_DIRECTORY=$room/state
make_folder shared
exits 0 "the first user" tray 1 shared L1
chmod g+w "$room/shared/sn.state"
exits 2 "another user, while the second place is the first one's alone" tray 2 shared L2
check "it names the file" says "$work/err" "$STATE_DIRECTORY/numbers/"
exits 0 "the first user again" tray 1 shared L3
check "the second place has followed the number file" test "$(stat -c %a "$(place_of shared)")" = 660
exits 0 "another user" tray 2 shared L4
exits 0 "the first user after that" tray 1 shared L5
check "no number twice" test -z "$(numbers shared | uniq -d)"
check "all of them were given" test "$(numbers shared | grep -c .)" -eq 8
rm "$room/shared/sn.state" "$room/shared"/*.csv
exits 0 "another user, the folder's files are lost" tray 2 shared L6
check "the second place knew them" test "$(numbers shared | head -n 1)" = N-009
both() {
	tray 1 shared L7 &
	tray 2 shared L8 && wait $!
}
chmod g+w "$room/shared/sn.state"
exits 0 "after the file's mode is the group's" tray 2 shared L9
exits 0 "both at once" both
check "both: no number twice" test -z "$(numbers shared | uniq -d)"

if as 1 test -w /var/lib/h7gang || as 1 test -w /var/lib/h7gang/numbers; then
	echo "ok $((checks += 1)) - users' own folders # SKIP all users may write to /var/lib/h7gang"
	finish
fi
# Without such a folder: a user's own one, for a file that is this user's alone.
unset STATE_DIRECTORY
make_folder alone
exits 0 "one user" tray 1 alone L1
check "the second place is in the user's state folder" grep -q "^$room/home1/.local/state/h7gang/numbers/" <<<"$(place_of alone)"
rm "$room/alone/sn.state" "$room/alone"/*.csv
exits 0 "the files are lost" tray 1 alone L2
check "it knew them" test "$(numbers alone | head -n 1)" = N-003
make_folder group
install -m 664 -o 64001 -g 64000 /dev/null "$room/group/sn.state"
exits 0 "a file that others can write" tray 1 group L1
check "has none" test -z "$(place_of group)"
check "which is said" says "$work/err" "has no second place"
exits 0 "the other one goes on" tray 2 group L2
check "group: no number twice" test -z "$(numbers group | uniq -d)"
finish
