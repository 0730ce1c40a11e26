#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# The panel in a real terminal (tmux), over a virtual tray: what stands on the screen, what its keys do,
# and that nothing of it is lost when it is gone.
. "$(dirname "$0")/../lib.sh"
command -v tmux >/dev/null || { echo "ok 1 # SKIP no tmux"; echo "1..1"; exit 0; }

cat >"$work/slots" <<-END
slots:
  - {name: A1, path: 1-1.1, row: 1, column: 1}
  - {name: A2, path: 1-1.2, row: 1, column: 2}
  - {name: B1, path: 1-1.3, row: 2, column: 1}
  - {name: B2, path: 1-1.4, row: 2, column: 2}
END
p=$(profile tray "$(cat "$work/slots")")
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1}
  - {name: locked, path: 1-1.2, rdp: 1}
  - {name: slow, path: 1-1.3}
END
socket=$work/ctl
tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
screen() { tm capture-pane -p -t panel >"$work/screen"; }
shows() { # TEXT...: all of it, within 60 s
	wait_for 60 all_there "$@" && return
	sed 's/^/# /' "$work/screen"
	return 1
}
all_there() {
	screen
	local text
	for text; do grep -qF -- "$text" "$work/screen" || return 1; done
}
key() { tm send-keys -t panel "$@"; }

# start WIDE HIGH NAME ENVIRONMENT OPTIONS...: a watch on a terminal of that size.
start() {
	local wide=$1 high=$2 environment=$4
	log=$work/$3.csv
	rm -f "$socket"
	tm new-session -d -s panel -x "$wide" -y "$high" \
		"env $environment '$sim' --speed 10 --fleet '$work/fleet.yaml' --control '$socket' -- \
		'$h7gang' run --watch --profile '$p' --audit '$log' ${*:5}; echo ended \$?; exec sleep 600"
	tm set-option -t panel history-limit 500 >/dev/null
}

# lines of the screen that are wider than the terminal or hold control characters
tidy() {
	screen
	! LC_ALL=C grep -q '[[:cntrl:]]' "$work/screen" && [ "$(wc -l <"$work/screen")" -le "$1" ]
}

# same_line WORD WORD: they stand side by side.
same_line() { grep -qE -- "$1[ <].*$2 " "$work/screen"; }

for size in "80 24" "160 50"; do
	read -r wide high <<<"$size"
	start "$wide" "$high" "$wide" "LC_ALL=C.UTF-8"
	check "$size: verdicts" shows A1 A2 B1 B2 PASS FAIL "read protected" "take out" "passed 2  failed 1" \
		"yield 66.7 %" "ready"
	check "$size: it is drawn in lines" shows "┌" "┘"
	check "$size: the fixture's geometry" same_line A1 A2
	check "$size: the fixture's geometry" same_line B1 B2
	check "$size: one screen" tidy "$high"
	check "$size: it says what to do next" shows "The part is"
	key Right Enter
	check "$size: details" shows "slot A2" "port 1-1.2" "remove the" "set the board aside"
	key Enter
	"$sim" ctl "$socket" unplug locked >/dev/null
	check "$size: a board is pulled" wait_for 60 eval 'screen; ! grep -q FAIL "$work/screen"'
	"$sim" ctl "$socket" plug locked >/dev/null
	check "$size: and inserted" shows FAIL "failed 2"
	key q
	check "$size: quit asks" shows "End?"
	key n
	check "$size: and takes no for an answer" shows "q quit"
	key q
	check "$size: quit asks again" shows "End?"
	key y
	check "$size: it ends" shows "ended 1" "2 passed, 2 failed, 0 aborted"
	check "$size: nothing is lost" shows "PASS    A1" "FAIL    A2" "PASS    B1" "seq=4 row_hash="
	check "$size: rows" test "$(rows "$log" result PASS)" -eq 2
	tm kill-session -t panel
done

start 80 24 ascii "LC_ALL=C NO_COLOR=1"
check "ASCII: verdicts" shows A1 PASS FAIL "read protected" "take out" "+-"
check "ASCII: no other byte" wait_for 5 eval 'screen; ! LC_ALL=C grep -q "[^ -~]" "$work/screen"'
tm resize-window -t panel -x 120 -y 40
check "it follows a resize" wait_for 30 eval 'screen; [ "$(grep -n "q quit" "$work/screen" | cut -d: -f1)" = 40 ]'
tm resize-window -t panel -x 80 -y 24
check "and back" wait_for 30 eval 'screen; [ "$(grep -n "q quit" "$work/screen" | cut -d: -f1)" = 24 ]'
key a
key C-c
check "Ctrl-C ends it without a question" shows "ended 1" "2 passed, 1 failed"
tm kill-session -t panel

# Without a UID the next board waits for the operator's word.
cat >"$work/fleet.yaml" <<-END
targets: [{name: nameless, path: 1-1.1, refuse: [uid]}]
END
start 80 24 nameless "LC_ALL=C.UTF-8"
check "a board without a UID passes" shows "passed 1" "take out"
"$sim" ctl "$socket" renew nameless >/dev/null
check "what comes next waits" shows "no UID tells" "passed 1"
key a
check "until it is acknowledged" shows "passed 2"
key C-c
check "it ends well" shows "ended 0" "2 passed, 0 failed"
tm kill-session -t panel

cat >"$work/fleet.yaml" <<-END
targets: [{name: good, path: 1-1.1}, {name: slow, path: 1-1.3}]
END
start 80 24 json "LC_ALL=C.UTF-8" --json
check "JSON has no panel" shows '"event":"unit"'
tm kill-session -t panel
start 80 24 dumb "TERM=dumb"
check "a dumb terminal has lines" shows "PASS    B1" "B1: take out"
tm kill-session -t panel
tm kill-server 2>/dev/null
finish
