#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# The panel in a real terminal (tmux), over a virtual tray: the contents of the screen, the effects of its keys,
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

# A session that stays: the server would end with the last one, and a new session could meet it while it ends.
tm new-session -d -s stays "exec sleep 600"
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
	key Right
	sleep 0.4 # keys that follow each other at once are a scan
	key Enter
	check "$size: details" shows "slot A2" "port 1-1.2" "set the board" purpose erases
	key Enter
	"$sim" ctl "$socket" unplug locked >/dev/null
	sleep 1
	check "$size: a failed board that is pulled keeps its FAIL" shows FAIL "read protected"
	check "$size: until it was out for its time" wait_for 60 eval 'screen; ! grep -q FAIL "$work/screen"'
	"$sim" ctl "$socket" plug locked >/dev/null
	check "$size: and inserted" shows FAIL "failed 2"
	key q
	check "$size: quit asks" shows "End the run?"
	key y
	check "$size: and any other key says no" shows "q quit"
	key q
	check "$size: quit asks again" shows "End the run?"
	key F10
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
for inert in C-c C-s C-z 'C-\'; do
	key "$inert"
	sleep 0.3
done
check "Ctrl-C, Ctrl-S, Ctrl-Z and Ctrl-\\ do nothing" shows "q quit" "take out"
kill -TERM "$(pgrep -P "$(pgrep -P "$(tm list-panes -t panel -F '#{pane_pid}')" | head -n 1)" | head -n 1)"
check "a signal ends it" shows "ended 1" "2 passed, 1 failed"
tm kill-session -t panel

# Without a UID the next board waits for the operator's word.
cat >"$work/fleet.yaml" <<-END
targets: [{name: nameless, path: 1-1.1, refuse: [uid]}]
END
start 80 24 nameless "LC_ALL=C.UTF-8"
check "a board without a UID passes" shows "passed 1" "take out"
"$sim" ctl "$socket" renew nameless >/dev/null
check "what comes next waits" shows "no UID shows" "passed 1"
key a
check "acknowledging asks" shows "another one?"
key F10
check "until it is acknowledged" shows "passed 2"
key q
check "quitting asks" shows "End the run?"
key F10
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

# The bell rings for failures by default, for every verdict with `bell: all`, never with `bell: none`.
bell() { # WANTED BELL BOARDS: "1" rings
	rings=$(profile "bell$2" "bell: $2")
	printf 'targets: [%s]\n' "$3" >"$work/bell.yaml"
	tm new-session -d -s bell -x 80 -y 24 "env LC_ALL=C.UTF-8 '$sim' --speed 20 --fleet '$work/bell.yaml' -- \
		'$h7gang' run --profile '$rings' --audit '$work/bell.csv' --count 1 --no-wait; exec sleep 600"
	tm set-option -w -t bell monitor-bell on
	check "bell: $2, $3: ends" wait_for 60 eval 'tm capture-pane -p -t bell | grep -q "1 passed\|1 failed"'
	check "bell: $2, $3: rings $1" test "$(tm display-message -p -t bell '#{window_bell_flag}')" = "$1"
	tm kill-session -t bell
}
tm new-session -d -s other "exec sleep 600" # tmux notes a bell only in a window that is not shown
bell 0 fail "{path: 1-1.1}"
bell 1 fail "{path: 1-1.1, rdp: 1}"
bell 1 all "{path: 1-1.1}"
bell 0 none "{path: 1-1.1, rdp: 1}"

# The result of a run over one tray stays until F10.
cat >"$work/fleet.yaml" <<-END
targets: [{path: 1-1.1}, {path: 1-1.2, rdp: 1}, {path: 1-1.3}]
END
tm new-session -d -s panel -x 80 -y 24 "env LC_ALL=C.UTF-8 '$sim' --speed 10 --fleet '$work/fleet.yaml' -- \
	'$h7gang' run --profile '$p' --audit '$work/once.csv' --count 3; echo ended \$?; exec sleep 600"
check "the result: failed slots first, and what to do" shows "passed 2  failed 1" "A2  FAIL  read protected" "F10 closes"
key Enter
sleep 0.4
for letter in x q a u z Q; do
	key $letter
	sleep 0.4
done
check "other keys do not close it" shows "F10 closes"
key F10
check "F10 does" shows "ended 1" "did not pass: A2"
tm kill-session -t panel
tm new-session -d -s panel -x 80 -y 24 "env LC_ALL=C.UTF-8 '$sim' --speed 10 --fleet '$work/fleet.yaml' -- \
	'$h7gang' run --profile '$p' --audit '$work/once.csv' --count 3 --no-wait; echo ended \$?; exec sleep 600"
check "--no-wait ends with the run" shows "ended 1"
tm kill-session -t panel
for language in de es pl zh_CN; do
	tm new-session -d -s panel -x 120 -y 40 "env LANG=$language.UTF-8 TERM=screen '$sim' --speed 10 --fleet '$work/fleet.yaml' -- \
		'$h7gang' run --watch --profile '$p' --audit '$work/$language.csv'; exec sleep 600"
	check "$language: by the environment, without its locale" shows \
		"$(msgunfmt build/locale/$language/LC_MESSAGES/h7gang.mo | sed -n '/^msgid "take out"$/{n;s/msgstr "\(.*\)"/\1/p}')"
	tm kill-session -t panel
done
tm new-session -d -s panel -x 80 -y 24 "env LANG=zh_CN.UTF-8 TERM=linux '$sim' --speed 10 --fleet '$work/fleet.yaml' -- \
	'$h7gang' run --watch --profile '$p' --audit '$work/linux.csv'; exec sleep 600"
check "the Linux console gets English" shows "take out"
tm kill-session -t panel
tm kill-server 2>/dev/null
finish
