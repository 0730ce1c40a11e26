#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board is exchanged, or tells another UID, between two attempts: the first one's unit has its verdict told all the
# same, once, to the screen, to events and to the hook.
. "$(dirname "$0")/../lib.sh"

cat >"$work/fleet.yaml" <<-END
	targets:
	  - faults: [{fault: fail, on: op_program}, {fault: upload_wrong_data, address: 0x1ff1e800, nth: 3, count: 2, bit: 3}]
END
p=$(profile verdict "hooks: {after: {command: [/bin/sh, -c, 'cat >>$work/after; echo >>$work/after']}}
attempts: 3")
exits 1 "it fails" "$sim" --fleet "$work/fleet.yaml" --speed 50 -- \
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --json
unit=$(column "$work/log.csv" unit_id | head -n 1)
check "its first attempt failed" test "$(column "$work/log.csv" error | head -n 1)" = program_failed
check "its unit is one row" test "$(rows "$work/log.csv" unit_id "$unit")" -eq 1
check "the unit is told once" test "$(jq -r 'select(.event == "unit") | .unit_id' "$work/out" | grep -cxF "$unit")" -eq 1
check "as that attempt ended" test "$(jq -r --arg u "$unit" 'select(.event == "unit" and .unit_id == $u) | "\(.attempt) \(.error)"' \
	"$work/out")" = "1 program_failed"
check "the hook hears of it once" test "$(jq -r .unit_id "$work/after" | grep -cxF "$unit")" -eq 1
check "as many units as the summary says" test "$(jq -rs '[.[] | select(.event == "unit")] | length' "$work/out")" -eq \
	"$(jq -r 'select(.event == "summary") | .passed + .failed + .aborted' "$work/out")"
finish
