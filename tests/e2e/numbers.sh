#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 300
# Without a store: a number is never given twice, even if files are lost, restored or copied.
. "$(dirname "$0")/../lib.sh"
export h7gang work

# make_station FOLDER SOURCE: a profile whose log has the lot in its name.
make_station() {
	mkdir -p "$work/$1"
	cat >"$work/$1/p.yaml" <<-END
	profile: 1
	name: numbers
	target: {part: stm32h743xi}
	firmware: [{file: $top/build/firmware/demo.hex}]
	leave: false
	audit: {file: "audit/{lot}.csv"}
	serial:
	  source: $2
	  patch: [{address: 0x081c0000, encode: ascii, value: "{serial}", length: 16}]
	END
}
counter='{counter: {file: sn.state, start: 1, end: 9999, format: "A7-{:06d}"}}'
seed=1000
# tray FOLDER LOT BOARDS [OPTIONS]: new boards.
tray() {
	local folder=$1 lot=$2 boards=$3
	shift 3
	seed=$((seed + 1))
	printf 'seed: %d\ntargets: [{repeat: %d}]\n' $seed "$boards" >"$work/fleet.yaml"
	"$sim" --fleet "$work/fleet.yaml" --virtual-time -- "$h7gang" run --profile "$work/$folder/p.yaml" \
		--lot "$lot" --count "$boards" --quiet "$@"
}
# serials: the numbers and UIDs of all boards that passed, sorted.
serials() {
	local log
	for log in "$work"/*/audit/*.csv "$work"/kept/*.csv; do
		[ -e "$log" ] && column "$log" "result unit_serial uid" | awk '$1 == "PASS" {print $2, $3}'
	done | sort -u
}
# keep NAME: saves the current rows from changes to the folder.
keep() {
	mkdir -p "$work/kept"
	cp "$work/$1/audit/"*.csv "$work/kept/" && rm -r "$work/$1/audit"
}
none_twice() {
	local twice
	twice=$(serials | cut -d' ' -f1 | uniq -d)
	[ -z "$twice" ] || { echo "# twice: $twice"; return 1; }
}
place_of() { sed -n 's/^home\t0\t[0-9a-f]*\t-\t//p' "$1" | tail -n 1; }

# --- the number file is lost, and another lot begins ---
make_station A "$counter"
exits 0 "a first lot" tray A L1 2
check "the file names its second place" test -f "$(place_of "$work/A/sn.state")"
check "which is in the state folder" grep -q "^$STATE_DIRECTORY/numbers/" <<<"$(place_of "$work/A/sn.state")"
rm "$work/A/sn.state"
exits 0 "another lot, the number file is lost" tray A L2 2
check "lost: it is said" says "$work/err" "lacks 2 numbers"
check "lost: and the highest one" says "$work/err" "the highest is A7-000002"
check "lost: no number twice" none_twice
exits 0 "and once more" tray A L2 1
check "it is not said again" test "$(grep -c lacks "$work/err")" -eq 0

# --- the number file is put back from a backup; the logs, too ---
cp -r "$work/A" "$work/backup"
exits 0 "after the backup" tray A L3 2
cp "$work/backup/sn.state" "$work/A/sn.state"
exits 0 "another lot, the file is put back" tray A L4 2
check "put back: no number twice" none_twice
check "put back: it is said" says "$work/err" "its second place has"
keep A
rm -r "$work/A"
mv "$work/backup" "$work/A"
rm -r "$work/A/audit"
exits 0 "another lot, the folder is put back" tray A L5 2
check "the folder: no number twice" none_twice
# --- the folder is gone, logs and all ---
keep A
rm -r "$work/A"
make_station A "$counter"
exits 0 "another lot, the folder is gone" tray A L6 2
check "gone: no number twice" none_twice
check "gone: it is said" says "$work/err" "its second place has"
check "eleven and more passed" test "$(serials | wc -l)" -eq 13

# --- two copies on one machine ---
cp -r "$work/A" "$work/B"
exits 0 "the original" tray A L7 2
exits 0 "the copy" tray B L8 2
exits 0 "the original again" tray A L9 1
check "copies: no number twice" none_twice

# --- the second place is lost ---
place=$(place_of "$work/A/sn.state")
mv "$place" "$work/place"
exits 2 "without its second place" tray A L10 1
check "nothing was given" test ! -s <(column "$work/A/audit/L10.csv" unit_serial)
check "it is said" says "$work/err" "its second place $place is missing"
check "with the command" says "$work/err" "h7gang numbers set-next --profile $work/A/p.yaml --lot L10 --next 19"
check "without a double blank" test -z "$(grep 'set-next.*  ' "$work/err")"
exits 2 "check finds it" "$h7gang" check --profile "$work/A/p.yaml"
check "and says how to go on" says "$work/err" "h7gang numbers set-next --profile $work/A/p.yaml says how to go on"
exits 1 "doctor finds it" "$h7gang" doctor --profile "$work/A/p.yaml"
check "and says so" grep -q "^WRONG  .*its second place $place is missing" "$work/out"
mv "$work/place" "$place"
exits 0 "check with its second place" "$h7gang" check --profile "$work/A/p.yaml"
"$h7gang" doctor --profile "$work/A/p.yaml" >"$work/out"
check "doctor with its second place" test -z "$(grep 'second place .* is missing' "$work/out")"
exits 0 "it is back" tray A L10 1
rm "$place"
cp "$work/A/sn.state" "$work/without-place"
exits 2 "which value?" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L10
exits 2 "a value below what the logs know" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L10 --next 19
check "it is said" says "$work/err" "it must be at least 20"
exits 2 "a list's option" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L10 --taken /dev/null
exits 2 "still nothing is given" tray A L11 1
exits 0 "a person decides" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L10 --next 40 --operator Ada
check "the log says so" test "$(rows "$work/A/audit/L10.csv" command note)" -eq 1
check "and who" grep -q "Ada.*numbers set: the next number of .* is 40" "$work/A/audit/L10.csv"
log_state 0 "the log" "$work/A/audit/L10.csv" intact
exits 0 "a run after it" tray A L11 1
check "begins there" test "$(column "$work/A/audit/L11.csv" unit_serial)" = A7-000040
exits 2 "an old state of the file" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L10 --next 30

# --- a number file of before the second place was lost, while the present one knows more ---
keep A
cp "$work/without-place" "$work/A/sn.state"
exits 2 "an old file whose second place is gone" tray A L12 1
check "the value is behind the numbers since" says "$work/err" "--lot L12 --next 41"
exits 2 "a value below them" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L12 --next 40
exits 0 "a person decides again" "$h7gang" numbers set-next --profile "$work/A/p.yaml" --lot L12 --next 41
exits 0 "a run after it" tray A L12 2
check "old file: no number twice" none_twice

# --- a file of a version without an ID ---
make_station C "${counter/A7/C7}"
printf 'h7gang numbers 1\ntake\t5\tC7-000005\t-\tu-1\npass\t5\tC7-000005\t-\t-\n' >"$work/C/sn.state"
exits 0 "a file without an ID" tray C L11 1
check "goes on behind it" test "$(column "$work/C/audit/L11.csv" unit_serial)" = C7-000006
check "has one now" test -f "$(place_of "$work/C/sn.state")"
check "the second place knows both" test "$(grep -c 'C7-00000[56]' "$(place_of "$work/C/sn.state")")" -eq 2
check "nothing differs" test ! -s "$work/err"

# --- a last line without its line feed, and one that is cut ---
rm "$(place_of "$work/C/sn.state")" "$STATE_DIRECTORY"/numbers/at-*
sed -i '/^home/d' "$work/C/sn.state"
truncate -s -1 "$work/C/sn.state"
cp "$work/C/sn.state" "$work/C/before"
rm -r "$work/C/audit"
exits 0 "a line feed is lost" tray C L12 1
check "its number counts" test "$(column "$work/C/audit/L12.csv" unit_serial)" = C7-000007
check "it is said" says "$work/err" "had lost its line feed"
check "nothing was cut" cmp -n "$(stat -c %s "$work/C/before")" "$work/C/before" "$work/C/sn.state"
rm -r "$work/C/audit"
sed -i '$d' "$work/C/sn.state"
truncate -s -70 "$work/C/sn.state"
exits 0 "a line is cut" tray C L13 1
check "cut: the second place knows its number" test "$(column "$work/C/audit/L13.csv" unit_serial)" = C7-000008
check "cut: it is said" says "$work/err" "cut off in the middle"

# --- a list ---
(echo sn; for i in $(seq 1 9); do echo "SL-$i"; done) >"$work/units"
make_station D '{list: {file: units.csv, column: sn}}'
cp "$work/units" "$work/D/units.csv"
exits 0 "from a list" tray D L14 2
cp "$work/D/units.csv.state" "$work/D/old.state"
exits 0 "and more" tray D L15 2
keep D
mv "$work/D/old.state" "$work/D/units.csv.state"
exits 0 "the state is put back" tray D L16 2
check "list: no number twice" none_twice
rm "$(place_of "$work/D/units.csv.state")"
exits 2 "list: without the second place" tray D L17 1
check "list: the command" says "$work/err" "--taken FILE"

exits 2 "no number of the list" "$h7gang" numbers set-next --profile "$work/D/p.yaml" --lot L17 --taken <(echo SL-10)
exits 0 "list: a person decides" "$h7gang" numbers set-next --profile "$work/D/p.yaml" --lot L17 --taken <(printf 'SL-7\n\nSL-9\n')
exits 1 "list: what is left" tray D L17 2
check "one number was" test "$(column "$work/D/audit/L17.csv" unit_serial | sort -u | grep SL-)" = SL-8

# --- everything but the logs is lost ---
make_station G "${counter/A7/G7}"
exits 0 "a lot" tray G L21 2
rm -r "$work/G/sn.state" "$STATE_DIRECTORY"
exits 0 "another lot, only the logs are left" tray G L22 1
check "goes on behind them" test "$(column "$work/G/audit/L22.csv" unit_serial)" = G7-000003
check "it is said" says "$work/err" "the logs or another second place have"

# --- which folder ---
make_station E "$counter"
echo 'station: {state_dir: ../own}' >>"$work/E/p.yaml"
exits 0 "state_dir of the profile" tray E L18 1
check "is taken" test "$(dirname "$(place_of "$work/E/sn.state")")" = "$work/own/numbers"
make_station F "$counter"
unset STATE_DIRECTORY
if [ "$(id -u)" -ne 0 ]; then
	HOME=$work/home exits 0 "a user's own folder" tray F L19 1
	check "is taken" test "$(dirname "$(place_of "$work/F/sn.state")")" = "$work/home/.local/state/h7gang/numbers"
fi
export STATE_DIRECTORY=$work.state
exits 0 "whatever is set later" env STATE_DIRECTORY="$work/other" "$sim" --fleet "$work/fleet.yaml" --virtual-time -- \
	"$h7gang" run --profile "$work/E/p.yaml" --lot L20 --quiet
check "the file's own place holds" test ! -e "$work/other"
# No number file is a log, or a file of one.
make_station Z "$counter"
for log in 'sn.state' '../Z/{lot}.state'; do
	exits 2 "the log $log" "$h7gang" run --profile "$work/Z/p.yaml" --audit "$work/Z/$log" --lot sn --wait 0
	check "it names both" grep -q "number file .*sn.state (serial.source) is the log " "$work/err"
done
check "neither was made" test ! -e "$work/Z/sn.state"
finish
