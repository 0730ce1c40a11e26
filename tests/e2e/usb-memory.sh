#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# The kernel's memory for USB transfers is short, because another program has taken it: boards wait, go on with fewer
# transfers at a time, and fail only at their deadline, with the computer's name on it and not the board's.
# limit: 120
. "$(dirname "$0")/../lib.sh"

# tray NAME KEYS HOST-KEYS [BOARDS]
tray() {
	{
		echo "host: {$3}"
		echo "targets: [{repeat: ${4:-8}, contents: random}]"
	} >"$work/$1.fleet"
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/$1" -- \
		"$h7gang" run --profile "$(profile "$1" "$2")" --audit "$work/$1.csv" --count "${4:-8}"
}

exits 0 "all memory is free" tray free "" "usbfs_kib: 16384"
check "free: no row speaks of it" sh -c "! grep -q usbfs '$work/free.csv'"
exits 0 "a camera leaves 8 KiB for 8 boards" tray camera "" "taken_kib: 16376"
check "camera: each board passes" test "$(rows "$work/camera.csv" result PASS)" -eq 8
check "camera: at its first attempt" test "$(column "$work/camera.csv" attempt | sort -u)" = 1
check "camera: flash is right" flash_is "$work/camera/1-1.1.bin"
exits 0 "it leaves room for one transfer" tray narrow "" "usbfs_kib: 2, taken_kib: 0" 3
check "narrow: each board passes" test "$(rows "$work/narrow.csv" result PASS)" -eq 3
exits 0 "all memory is taken for 4 s of each 20 s" tray now-and-then "" "taken_kib: 16384, every_ms: 20000, for_ms: 4000"
check "now-and-then: each board passes" test "$(rows "$work/now-and-then.csv" result PASS)" -eq 8
check "now-and-then: at its first attempt" test "$(column "$work/now-and-then.csv" attempt | sort -u)" = 1
check "now-and-then: the row says how long it waited" grep -qE "waited [0-9]+ s for the kernel's memory" "$work/now-and-then.csv"
for path in 1-1.1 1-1.2 1-1.3 1-1.4; do
	check "now-and-then: $path was written right" counters_good "$work/now-and-then/$path.json"
done
exits 1 "all memory is taken" tray gone "attempts: 1
timeouts: {unit_s: 30}" "taken_kib: 16384" 2
check "gone: it is the computer's error" test "$(rows "$work/gone.csv" error host_error)" -eq 2
check "gone: not before the deadline" test "$(column "$work/gone.csv" total_ms | sort -n | head -n 1)" -ge 30000
check "gone: the remedy is named" says "$work/gone.csv" "raise usbfs_memory_mb"
check "gone: with the value" says "$work/gone.csv" "usbfs_memory_mb is 16"
check "gone: the advice is about the computer" says "$work/err" "The computer is at fault, not the board"
"$sim" --fleet "$work/gone.fleet" -- "$h7gang" doctor >"$work/doctor" 2>&1
check "doctor knows the limit" says "$work/doctor" "usbfs memory"

cat >"$work/later.fleet" <<'END'
targets: [{name: a}]
END
profile later >/dev/null
exits 0 "a program takes all, and ends" "$sim" --fleet "$work/later.fleet" --speed 20 --control "$work/hands" -- bash -c '
	"$0" ctl "$1" usbfs-taken 16384 >/dev/null
	(sleep 2; "$0" ctl "$1" usbfs-taken 0 >/dev/null) &
	"$2" run --profile "$3" --audit "$4"' "$sim" "$work/hands" "$h7gang" "$work/later.yaml" "$work/later.csv"
check "later: the board passes" test "$(rows "$work/later.csv" result PASS)" -eq 1
finish
