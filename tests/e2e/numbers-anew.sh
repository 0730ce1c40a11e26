#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 300
# Without a store: a number file that begins anew, because the file, the folder, the profile or the user is another one
# than before, gives no number that a second place of this computer knows of it.
. "$(dirname "$0")/../lib.sh"

# make_station FOLDER PROFILE SOURCE: its log has the lot in its name.
make_station() {
	mkdir -p "$work/$1"
	cat >"$work/$1/p.yaml" <<-END
	profile: 1
	name: $2
	target: {part: stm32h743xi}
	firmware: [{file: $top/build/firmware/demo.hex}]
	leave: false
	erase: touched
	verify: image
	audit: {file: "audit/{lot}.csv"}
	serial:
	  source: $3
	  patch: [{address: 0x081c0000, encode: ascii, value: "{serial}", length: 16}]
	END
}
# counter PREFIX FILE
counter() { echo "{counter: {file: $2, start: 1, end: 99, format: \"$1-{:03d}\"}}"; }
seed=2000
# tray FOLDER LOT: two new boards.
tray() {
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{repeat: 2}]\n' $seed >"$work/fleet.yaml"
	"$sim" --fleet "$work/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$work/$1/p.yaml" --lot "$2" --count 2 --quiet
}
# given FOLDER LOT NUMBERS: what that lot's boards got.
given() {
	local numbers
	numbers=$(column "$work/$1/audit/$2.csv" unit_serial | sort | tr '\n' ' ')
	[ "$numbers" = "$3 " ] || { echo "# $numbers"; return 1; }
}
place_of() { sed -n 's/^home\t0\t[0-9a-f]*\t-\t//p' "$1" | tail -n 1; }

# --- the profile has another name, and the number file is lost ---
make_station A one "$(counter A sn.state)"
exits 0 "a profile" tray A L1
rm "$work/A/sn.state"
make_station A two "$(counter A sn.state)"
exits 0 "it has another name, the number file is lost" tray A L2
check "name: the next numbers" given A L2 "A-003 A-004"
check "name: it is said" says "$work/err" "lacks 2 numbers that its second place has: the highest is A-002"
rm -r "$work/A"
make_station A three "$(counter A sn.state)"
exits 0 "the folder is lost" tray A L3
check "name, folder: the next numbers" given A L3 "A-005 A-006"
rm -r "$work/A"
make_station A four "$(counter X sn.state)"
exits 0 "another product in that place" tray A L4
check "it has its own numbers" given A L4 "X-001 X-002"
check "nothing is said" test ! -s "$work/err"

# --- the folder has another name ---
make_station B moved "$(counter B sn.state)"
exits 0 "a folder" tray B L1
mv "$work/B" "$work/C"
rm -r "$work/C/sn.state" "$work/C/audit"
exits 0 "it has another name, and only the profile is left" tray C L2
check "folder: the next numbers" given C L2 "B-003 B-004"
cp -r "$work/C" "$work/D"
rm -r "$work/D/sn.state" "$work/D/audit"
exits 0 "a copy without the number file, beside the original" tray D L3
check "copy: the next numbers" given D L3 "B-005 B-006"
check "copy: it is said" says "$work/err" "$work/D/sn.state shares its numbers with $work/C/sn.state"
exits 0 "the original again" tray C L4
check "copy: both share a second place" given C L4 "B-007 B-008"
sed -i 's/start: 1, end: 99/start: 50, end: 99/' "$work/D/p.yaml"
rm -r "$work/D/sn.state" "$work/D/audit" "$STATE_DIRECTORY"/numbers/at-*
exits 0 "a copy with a range of its own" tray D L5
check "range: its own numbers" given D L5 "B-050 B-051"
check "range: nothing is said" test ! -s "$work/err"

# --- the number file has another name ---
make_station E renamed "$(counter E sn.state)"
exits 0 "a number file" tray E L1
make_station E renamed "$(counter E other.state)"
rm -r "$work/E/audit"
exits 0 "the profile names another file" tray E L2
check "file: the next numbers" given E L2 "E-003 E-004"
make_station E renamed "$(counter E sn.state)"
rm -r "$work/E/audit"
exits 0 "and the first one again" tray E L3
check "file: both share a second place" given E L3 "E-005 E-006"
make_station E another "$(counter E third.state)"
rm -r "$work/E/audit"
exits 0 "another product beside it" tray E L4
check "file: it has its own numbers" given E L4 "E-001 E-002"

# --- a list has another name ---
(echo sn; for i in 1 2 3 4 5; do echo "SL-$i"; done) >"$work/list.csv"
make_station F list '{list: {file: november.csv, column: sn}}'
cp "$work/list.csv" "$work/F/november.csv"
exits 0 "a list" tray F L1
make_station F list '{list: {file: december.csv, column: sn}}'
mv "$work/F/november.csv" "$work/F/december.csv"
rm -r "$work/F/audit"
exits 0 "it has another name" tray F L2
check "list: the next numbers" given F L2 "SL-3 SL-4"

# --- numbers from a hook: the number file is named by the profile's file ---
make_station N hook '{hook: before}'
echo "hooks: {before: {command: [echo, '{\"serial\": \"M1\"}'], timeout_s: 3600}}" >>"$work/N/p.yaml"
one() { # PROFILE LOT
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{repeat: 1}]\n' $seed >"$work/fleet.yaml"
	"$sim" --fleet "$work/fleet.yaml" --speed 20 -- "$h7gang" run --profile "$work/N/$1" --lot "$2" --quiet
}
exits 0 "a number from a hook" one p.yaml L1
mv "$work/N/p.yaml" "$work/N/q.yaml"
rm -r "$work/N/audit"
exits 1 "the profile's file has another name" one q.yaml L2
check "hook: the number is taken" grep -q "number M1 belongs to another board" "$work/N/audit/L2.csv"

# --- the second place of a lost number file cannot be read ---
make_station G unread "$(counter G sn.state)"
exits 0 "a number file" tray G L1
place=$(place_of "$work/G/sn.state")
rm -r "$work/G/sn.state" "$work/G/audit"
cp "$place" "$work/place"
echo "no line of h7gang" >>"$place"
exits 2 "it is lost, and its second place is damaged" tray G L2
check "damaged: it is said" says "$work/err" "begins anew, and the second place of the number file that was here cannot be used"
exits 2 "and once more" tray G L2
cp "$work/place" "$place"
exits 0 "it is put right" tray G L2
check "damaged: the next numbers" given G L2 "G-003 G-004"

# --- the computer's files, deleted on purpose ---
place=$(place_of "$work/G/sn.state")
rm -r "$work/G/sn.state" "$work/G/audit" "$place"
exits 0 "all of them are deleted" tray G L3
check "deleted: from the start" given G L3 "G-001 G-002"

# --- another user ---
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
as() { setpriv --reuid=64001 --regid=64000 --clear-groups -- env -u STATE_DIRECTORY HOME="$room/home" "$@"; }
chmod 755 "$room"
if [ "$(id -u)" -ne 0 ] || ! as "$h7gang" version >/dev/null 2>&1 || as test -w /var/lib/h7gang; then
	echo "# another user: needs root, and programs that all users may run"
	finish
fi
install -d -m 755 -o 64001 -g 64000 "$room/H" "$room/home"
cp build/firmware/demo.hex "$room/"
make_station H "user-$$" "$(counter "U$$" sn.state)"
sed -e "s#$top/build/firmware#..#" -e 's#audit/##' "$work/H/p.yaml" >"$room/H/p.yaml"
by() { # LOT COMMAND...: two boards, by another user or root
	local lot=$1
	shift
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{repeat: 2}]\n' $seed >"$room/fleet.yaml"
	"$@" "$sim" --fleet "$room/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$room/H/p.yaml" --lot "$lot" --count 2 --quiet
}
exits 0 "a user" by L1 as env
rm "$room/H/sn.state" "$room/H/L1.csv"
exits 0 "root with that HOME, the number file is lost" by L2 env -u STATE_DIRECTORY HOME="$room/home"
check "root: the next numbers" test "$(column "$room/H/L2.csv" unit_serial | sort | tr '\n' ' ')" = "U$$-003 U$$-004 "
place=$(place_of "$room/H/sn.state")
check "root has a second place" test "${place%/*}" = /var/lib/h7gang/numbers
rm "$room/H/sn.state" "$room/H/L2.csv"
exits 2 "the user, the number file is lost" by L3 as env
check "the second place of root cannot be read" says "$work/err" "$place: Permission denied"
rm -f "$place" /var/lib/h7gang/numbers/*"${place##*/}"
grep -lx "${place##*/}" /var/lib/h7gang/numbers/at-* | xargs -r rm
finish
