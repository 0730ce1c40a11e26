#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# --count, --wait, --all-slots, --slot, --uid: which boards start, and which do not.
. "$(dirname "$0")/../lib.sh"

untouched() { # FOLDER: every flash is blank
	cat "$1"/*.bin | tr -d '\377' | cmp -s - /dev/null
}

p=$(profile any)
two=$(profile two "slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]")
three=$(profile three "slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.9}]")
nobody=$work/nobody.yaml
sed 's/xi}/xi, usb: {vid: 0x0483, pid: 0xdf12}}/' "$p" >"$nobody"

exits 3 "no board" "$sim" --targets 2 -- "$h7gang" run --profile "$nobody" --audit "$work/n.csv" --wait 1
check "it says so" says "$work/err" "h7gang: no board within 1 s"
check "the log has no row" test "$(column "$work/n.csv" seq | wc -l)" -eq 0
exits 3 "fewer than --count" "$sim" --targets 2 --save "$work/c" -- \
	"$h7gang" run --profile "$p" --audit "$work/c.csv" --count 3 --wait 1
check "nothing was touched" untouched "$work/c"
check "the log has no row" test "$(column "$work/c.csv" seq | wc -l)" -eq 0
exits 3 "--all-slots with one empty" "$sim" --targets 2 --save "$work/a" -- \
	"$h7gang" run --profile "$three" --audit "$work/a.csv" --all-slots --wait 1
check "nothing was touched" untouched "$work/a"
exits 0 "--all-slots with all filled" "$sim" --targets 2 --speed 20 -- \
	"$h7gang" run --profile "$two" --audit "$work/f.csv" --all-slots
check "both passed" test "$(rows "$work/f.csv" result PASS)" -eq 2
exits 0 "a slot that stays empty" "$sim" --targets 2 --speed 20 -- \
	"$h7gang" run --profile "$three" --audit "$work/e.csv"
check "it is listed" says "$work/err" "A3: empty"
check "the others passed" test "$(rows "$work/e.csv" result PASS)" -eq 2
exits 0 "--slot" "$sim" --targets 3 --speed 20 --save "$work/s" -- \
	"$h7gang" run --profile "$two" --audit "$work/s.csv" --slot A2
check "only that one" test "$(column "$work/s.csv" slot)" = A2
check "is programmed" flash_is "$work/s/1-1.2.bin"
rm "$work/s/1-1.2.bin"
check "and no other" untouched "$work/s"
uid=$(jq -r .uid "$work/s/1-1.3.json")
exits 0 "--uid" "$sim" --targets 3 --speed 20 --save "$work/u" -- \
	"$h7gang" run --profile "$p" --audit "$work/u.csv" --uid "${uid^^}"
check "only that one" test "$(column "$work/u.csv" uid)" = "$uid"
rm "$work/u/1-1.3.bin"
check "and no other" untouched "$work/u"

# One writer a log.
locked() {
	"$h7gang" run --profile "$nobody" --audit "$work/l.csv" --wait 30 >/dev/null 2>&1 &
	wait_for 20 test -s "$work/l.csv" || exit 90
	"$h7gang" run --profile "$nobody" --audit "$work/l.csv" --wait 1
	status=$?
	kill %1
	wait
	exit $status
}
export -f locked wait_for
export h7gang work nobody
exits 4 "a log that another run holds" "$sim" --targets 1 -- bash -c locked
finish
