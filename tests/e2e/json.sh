#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The JSON for scripts: every line is an object of version 2, and agrees with the log.
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv
exits 0 "run --json" "$sim" --targets 3 --speed 10 -- \
	"$h7gang" run --profile "$(profile json)" --audit "$log" --count 3 --json
check "every line is JSON of version 2" jq -es 'length > 0 and all(.v == 2 and (.event | type) == "string")' \
	"$work/out"
check "all kinds of events are there" jq -es '
	[.[].event] | unique | contains(["phase", "progress", "started", "summary", "target", "unit"])' "$work/out"
check "three units passed" jq -es 'map(select(.event == "unit" and .result == "PASS" and .recorded)) | length == 3' \
	"$work/out"
check "the summary is last and has the log's head" jq -es --arg hash "$(column "$log" row_hash | tail -n 1)" '
	last | .event == "summary" and .passed == 3 and .seq == 3 and .row_hash == $hash' "$work/out"
check "the USB serial is in the log, though no two boards differ in it" \
	test "$(column "$log" dfu_serial | sort -u)" = 200364500000
check "the run's id is the log's" jq -es --arg id "$(column "$log" run_id | head -n 1)" 'all(.run_id == $id)' \
	"$work/out"
exits 0 "run --json --quiet" "$sim" --targets 1 --speed 10 -- \
	"$h7gang" run --profile "$work/json.yaml" --audit "$log" --json --quiet
check "no progress" jq -es 'all(.event != "progress" and .event != "phase")' "$work/out"

exits 0 "list --json" "$sim" --targets 3 -- "$h7gang" list --json
check "three boards" jq -e '.v == 1 and (.targets | length) == 3' "$work/out"
check "each with port, UID and ROM" jq -e '.targets | all(.opened and (.uid | length) == 24 and
	.serial == "200364500000" and .bootloader == "V9.2" and .state == "dfuIDLE" and (.path | startswith("1-1.")))' "$work/out"
exits 0 "list" "$sim" --targets 3 -- "$h7gang" list
check "three lines" test "$(grep -c "^1-1\..*STM32H74x/75x .*dfuIDLE" "$work/out")" -eq 3
check "and the tree that they are on" test "$(tail -n 5 "$work/out" | sed 's/ *STM32.*//' | tr '\n' '|')" = \
	"usb1  480 Mbit/s, cannot switch its ports  Virtual Host Controller|  1-1  480 Mbit/s, a translator for each port, cannot switch its ports  Virtual Hub|$(
	)    1-1.1|    1-1.2|    1-1.3|"

p=$(profile places "slots: [{name: A1, path: 1-1.2}, {name: A2, path: 1-1.7}]")
exits 0 "list --profile" "$sim" --targets 3 -- "$h7gang" list --profile "$p"
check "the slot stands beside its board" grep -q "^A1 *1-1\.2 " "$work/out"
check "a board without a slot has a dash" test "$(grep -c "^- *1-1\.[13] " "$work/out")" -eq 2
check "and in the tree" grep -q "^    1-1\.2  A1  STM32" "$work/out"
check "empty slots are told" says "$work/err" "slot A2 is empty (1-1.7)"
exits 0 "list --profile --json" "$sim" --targets 3 -- "$h7gang" list --profile "$p" --json
check "the slots are in it" jq -e '[.targets[].slot] == [null, "A1", null] and .empty == ["A2"]' "$work/out"
exits 3 "list --profile, of other ids" "$sim" --targets 1 -- "$h7gang" list --profile \
	"$(profile other | xargs sed 's/xi}/xi, usb: {vid: 0x1234, pid: 1}}/' >"$work/ids.yaml"; echo "$work/ids.yaml")"
check "it says which" says "$work/err" "1234:0001"
finish
