#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# poll: adaptive and spec on every ROM version, and on ROMs that stall a question that comes too early.
. "$(dirname "$0")/../lib.sh"

cat >"$work/fleet.yaml" <<'END'
defaults: {contents: random}
targets:
  - {name: v13.2, bootloader: V13.2}
  - {name: v13.3, bootloader: V13.3}
  - {name: v9.0, bootloader: V9.0}
  - {name: v9.1, bootloader: V9.1}
  - {name: v9.2, bootloader: V9.2}
  - {name: unknown, bootloader: unknown}
  - {name: stalls, bootloader: V9.2, early_poll_stall: true}
  - {name: stalls-blank, bootloader: V9.2, early_poll_stall: true, contents: blank}
END
boards=8
for poll in adaptive spec; do
	log=$work/$poll.csv
	exits 0 "$poll" "$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$work/$poll" -- \
		"$h7gang" run --profile "$(profile $poll "poll: $poll
leave: false")" --audit "$log" --count $boards
	check "$poll: every board passes" test "$(rows "$log" result PASS)" -eq $boards
	check "$poll: at the first attempt" test "$(column "$log" attempt | sort -u)" = 1
	for flash in "$work/$poll"/*.bin; do
		board=$(basename "$flash" .bin)
		check "$poll, $board: the flash is right" flash_is "$flash"
		check "$poll, $board: counters are 0" counters_good "${flash%.bin}.json"
	done
done
# The window of UPLOADs, at its least and at its most.
for window in 1 16; do
	exits 0 "upload_window $window" "$sim" --fleet "$work/fleet.yaml" --virtual-time --save "$work/window-$window" -- \
		"$h7gang" run --profile "$(profile window-$window "upload_window: $window
leave: false")" --audit "$work/window-$window.csv" --count $boards
	check "upload_window $window: the plan says so" test \
		"$("$h7gang" check --profile "$work/window-$window.yaml" --json | jq .upload_window)" -eq $window
	for flash in "$work/window-$window"/*.bin; do
		board=$(basename "$flash" .bin)
		check "upload_window $window, $board: the flash is right" flash_is "$flash"
		check "upload_window $window, $board: counters are 0" counters_good "${flash%.bin}.json"
	done
done
fell_back() {
	column "$1" detail | grep -c "polled as the target says"
}
check "adaptive fell back on the two that stall, and says so" test "$(fell_back "$work/adaptive.csv")" -eq 2
check "spec never asks early" test "$(fell_back "$work/spec.csv")" -eq 0
for board in stalls stalls-blank; do
	check "$board: one early question in all" test "$(jq .counters.stalls "$work/adaptive/$board.json")" -eq 1
	check "$board: none with spec" test "$(jq .counters.stalls "$work/spec/$board.json")" -eq 0
done
finish
