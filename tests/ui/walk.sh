#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# The README's walk through a virtual tray, its lines as they stand there: in a copy of the tree, from its
# sources to the panel, and to a failed board's reason, trace and row.
. "$(dirname "$0")/../lib.sh"
command -v tmux >/dev/null || { echo "ok 1 # SKIP no tmux"; echo "1..1"; exit 0; }

lines() { # NAME: of that block
	sed -n "/tests\/ui\/walk.sh runs this: $1 -->/,/^\`\`\`\$/p" "$clone/README.md" | sed '1,2d;$d'
}
tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
shows() { # TEXT...: all of it on the screen, within 90 s
	wait_for 90 all_there "$@" && return
	sed 's/^/# /' "$work/screen"
	return 1
}
all_there() {
	tm capture-pane -p -t station >"$work/screen"
	local text
	for text; do grep -qF -- "$text" "$work/screen" || return 1; done
}
# in_clone NAME: runs a block as a user's shell would; its output is in $work/NAME.
in_clone() {
	lines "$1" >"$work/$1.sh"
	check "README has the lines of $1" test -s "$work/$1.sh"
	check "$1: each command succeeds" run_in_clone "$1"
}
run_in_clone() {
	(cd "$clone" && bash -e -o pipefail "$work/$1.sh") >"$work/$1" 2>&1 </dev/null && return
	tail -n 20 "$work/$1" | sed 's/^/# /'
	return 1
}

clone=$work/clone
mkdir "$clone"
tar --exclude=./build --exclude=./.git -cf - . | tar -xf - -C "$clone"
in_clone build
check "both programs are built" test -x "$clone/build/h7gang" -a -x "$clone/build/h7gang-sim"
[ "$bad" -eq 0 ] || finish # nothing else could be right

lines station >"$work/station.sh"
tm new-session -d -s station -x 100 -y 36 \
	"cd '$clone' && LC_ALL=C.UTF-8 bash '$work/station.sh'; echo ended \$?; exec sleep 600"
tm set-option -t station history-limit 500 >/dev/null
check "the panel has its eight slots" shows A1 A2 A3 A4 B1 B2 B3 B4 "tray" "lot TRAY"
check "six pass, two do not" shows "passed 6  failed 2" "FAIL: B2 B4" "read-protected (RDP)" "protect sectors" "take out"
check "the failed cell says what to do" shows "The part is"
in_clone hands
check "the tray is listed" says "$work/hands" "b2"
check "the new board is programmed, the old one fails again" shows "passed 7  failed 3"
# A key within 100 ms of another is a scan's, so each is pressed by itself.
for key in Down Right Enter; do
	tm send-keys -t station $key
	sleep 0.5
done
check "details" shows "slot B2" "read protected" "set the board" "trace "
tm send-keys -t station q
check "quit asks" shows "End the run?"
tm send-keys -t station F10
check "it ends, as with failed boards" shows "ended 1" "7 passed, 3 failed, 0 aborted"
tm kill-session -t station

log=$clone/build/TRAY.csv
in_clone after
check "the rows: when, why, where" test "$(grep -c "^build/TRAY.csv:.* FAIL read_protected .*slot=B2 .*trace .*\.pcapng" \
	"$work/after")" -eq 2
check "every column" test "$(grep '^{' "$work/after" | jq -s 'length == 2 and
	all(.slot == "B2" and .usb_path == "1-1.6" and .error == "read_protected" and (.row_hash | length) == 64)')" = true
check "the reason, in the operator's words" says "$work/after" "The part is read-protected (RDP), so nothing was erased"
check "the trace, dissected as DFU" grep -q "USB DFU .*Upload Block" "$work/after"
check "the log is intact" says "$work/after" "intact: 10 rows"
check "the page" grep -q "<svg" "$clone/build/TRAY.html"
check "ten verdicts" test "$(rows "$log" slot B2)" -eq 2 -a "$(rows "$log" slot A1)" -eq 2
rm -rf "$clone"
finish
