#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two boards must not get labels that look alike, and no file of the run may be written over: spaces and invisible
# characters in numbers, lots and names; --events and logs with the names of other files.
. "$(dirname "$0")/../lib.sh"

p=$(profile labels 'audit: {file: labels.csv}
require: [operator]
serial: {source: {scan: {}}, patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0}]}
slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]')
mkfifo "$work/commands"
"$sim" --fleet <(printf 'targets: [{path: 1-1.7}]\n') --speed 20 -- "$h7gang" run --watch --commands --json --profile "$p" \
	<"$work/commands" >"$work/json" 2>"$work/watch.err" &
run=$!
exec 9>"$work/commands"
wait_for 60 grep -q '"station ready"\|"started"' "$work/json"
n=0
answer() { # ACCEPTED COMMAND
	echo "$2" >&9
	n=$((n + 1))
	wait_for 20 test "$(grep -c '"event":"answer"' "$work/json")" -ge $n
	check "\"$2\": accepted is $1" test "$(grep '"event":"answer"' "$work/json" | tail -n 1 | jq .accepted)" = "$1"
}
answer false "operator    "
answer false "operator "$'\u202e'"abc"
answer false "operator Kim"$'\u00a0'
answer true "operator Kim"
answer true "scan A1 Q7"
answer false "scan A2 Q7 "
answer false "scan A2  Q7"
answer false "scan A2 Q"$'\u200b'"7"
answer false "scan A2  "
echo quit >&9
exec 9>&-
wait $run
q=$(profile plain)
for option in --lot --operator; do
	exits 2 "$option of blanks" "$h7gang" run --profile "$q" --audit "$work/plain.csv" $option '  ' --wait 0
	check "$option: it says so" says "$work/err" "$option: it begins or ends with a space"
done

# --events into a file of the run.
"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$q" --audit "$work/plain.csv" >/dev/null 2>&1
for file in "$work/plain.csv" "$q" "$top/build/firmware/demo.hex"; do
	sum=$(sha256sum "$file")
	exits 2 "--events ${file##*/}" "$h7gang" run --profile "$q" --audit "$work/plain.csv" --events "$file" --wait 0
	check "${file##*/}: it says so" says "$work/err" "it exists and holds no events"
	check "${file##*/}: it is as it was" test "$(sha256sum "$file")" = "$sum"
done
for i in 1 2; do
	exits 3 "--events into a file of events, time $i" "$h7gang" run --profile "$q" --audit "$work/plain.csv" --events "$work/events" --wait 0
done
check "adds to it" test "$(grep -c '"event":"started"' "$work/events")" = 2

# The names of files that belong to another log.
for ending in begun seal torn new 0001; do
	exits 4 "a log named .$ending" "$h7gang" run --profile "$q" --audit "$work/plain.csv.$ending" --wait 0
	check ".$ending: it says why" says "$work/err" "belongs to another log"
done
exits 3 "a lot with four digits, without such a log" "$h7gang" run --profile "$q" --audit "$work/L77.2026" --wait 0
exits 0 "the log is intact" "$h7gang" audit verify "$work/plain.csv"
finish
