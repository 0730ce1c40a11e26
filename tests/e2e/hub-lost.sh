#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole hub leaves the bus in the middle of a run: one message that names its boards, a row for each of them, and a
# second attempt for those that are back within 5 s.
# limit: 120
. "$(dirname "$0")/../lib.sh"

slots='slots:
  - {name: A1, path: 1-1.1}
  - {name: A2, path: 1-1.2}
  - {name: A3, path: 1-1.4.1}
  - {name: B1, path: 1-2.1}'
# lost NAME KEYS DROPS [FAULTS-OF-A1]
lost() {
	cat >"$work/$1.fleet" <<-END
	hubs: [{path: 1-1, ports: 4}, {path: 1-1.4, ports: 4}]
	host: {drops: [$3]}
	targets:
	  - {path: 1-1.1, contents: random, faults: [${4-}]}
	  - {path: 1-1.2, contents: random, faults: [${4-}]}
	  - {path: 1-1.4.1, contents: random}
	  - {path: 1-2.1, contents: random}
	END
	"$sim" --virtual-time --fleet "$work/$1.fleet" --save "$work/$1" -- \
		"$h7gang" run --profile "$(profile "$1" "$slots
leave: false
$2")" --audit "$work/$1.csv" --count 4
}

exits 0 "a hub is away for 2 s" lost back "attempts: 3" "{hub: 1-1, at_ms: 5000, for_ms: 2000}"
check "back: one message" test "$(grep -c 'left the bus with' "$work/err")" -eq 1
check "back: it names the hub and its boards" says "$work/err" "hub 1-1 left the bus with 3 boards: A1, A2, A3."
check "back: each board passes" test "$(rows "$work/back.csv" result PASS)" -eq 4
check "back: the boards of the hub at their second attempt" test "$(rows "$work/back.csv" attempt 2)" -eq 3
exits 1 "a hub is gone for good" lost gone "attempts: 3" "{hub: 1-1, at_ms: 5000, for_ms: 9000000}"
check "gone: one message" test "$(grep -c 'left the bus with' "$work/err")" -eq 1
check "gone: a row for each board" test "$(rows "$work/gone.csv" error no_device)" -eq 3
check "gone: the board of the other hub passes" test "$(rows "$work/gone.csv" result PASS)" -eq 1
exits 0 "a hub behind a hub, with one board" lost one "attempts: 3" "{hub: 1-1.4, at_ms: 5000, for_ms: 2000}"
check "one: its row says it, no message" sh -c "! grep -q 'left the bus with' '$work/err'"
exits 0 "two boards leave, their hub stays" lost stays "attempts: 3" "" "{fault: vanish, on: read, nth: 300, away_ms: 2000}"
check "stays: no hub is blamed" sh -c "! grep -q 'left the bus with' '$work/err'"

# Each hub is asked once, however many of its boards left: the supervisor waits for the answer.
shim=$work/opens.so
cc -std=gnu17 -Wall -Wextra -O1 -shared -fPIC -o "$shim" tests/shim/opens.c || exit 1
cat >"$work/many.fleet" <<'END'
hubs: [{path: 1-1, ports: 8}]
targets: [{path: 1-1.1, repeat: 8, contents: random, faults: [{fault: vanish, on: read, nth: 2, away_ms: 2000}]}]
END
exits 0 "eight boards leave at once, their hub stays" env LD_PRELOAD="$shim" OPENS_OF=/1-1/busnum OPENS_LOG="$work/asked" \
	"$sim" --virtual-time --fleet "$work/many.fleet" -- \
	"$h7gang" run --profile "$(profile many "attempts: 3
leave: false")" --audit "$work/many.csv" --count 8
check "many: it is not blamed" sh -c "! grep -q 'left the bus with' '$work/err'"
check "many: their hub is asked once" test "$(wc -l <"$work/asked")" -eq 1
finish
