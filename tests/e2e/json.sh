#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts read: every line is an object of version 1, and says what the log says.
. "$(dirname "$0")/../lib.sh"

log=$work/log.csv
exits 0 "run --json" "$sim" --targets 3 --speed 10 -- \
	"$h7gang" run --profile "$(profile json)" --audit "$log" --count 3 --json
check "every line is JSON of version 1" jq -es 'length > 0 and all(.v == 1 and (.event | type) == "string")' \
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
check "three lines and a head" test "$(wc -l <"$work/out")" -eq 4
finish
