#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang slots --learn: boards put in one after the other become the list, which a profile takes as it is.
. "$(dirname "$0")/../lib.sh"

export h7gang sim work
socket=$work/ctl
export socket
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: a, path: 1-1.1}
  - {name: b, path: 1-1.4}
  - {name: c, path: 1-1.2}
END
ctl() { "$sim" ctl "$socket" "$@" >/dev/null; }
learnt() { grep -q "^S$1: " "$work/learn.err"; }
export -f ctl learnt wait_for

learn() {
	ctl unplug a && ctl unplug b
	"$h7gang" slots --learn --output "$work/list.yaml" --count 3 2>"$work/learn.err" </dev/null &
	wait_for 60 grep -q "first slot" "$work/learn.err"
	ctl plug b && wait_for 60 learnt 1
	ctl unplug b && ctl plug a && wait_for 60 learnt 2
	ctl unplug c && ctl plug c && wait %1
}
export -f learn
exits 0 "three positions" "$sim" --speed 20 --fleet "$work/fleet.yaml" --control "$socket" -- bash -c learn
check "what was in already is told" says "$work/learn.err" "1-1.2: a board is there already"
cat >"$work/wanted" <<-END
slots:
  - {name: S1, path: "1-1.4"}
  - {name: S2, path: "1-1.1"}
  - {name: S3, path: "1-1.2"}
END
check "the list" diff "$work/wanted" "$work/list.yaml"
exits 0 "a profile takes it" "$h7gang" check --profile "$(profile learnt "$(cat "$work/list.yaml")")"
exits 2 "a file that is there" "$h7gang" slots --learn --output "$work/list.yaml" --count 1
exits 2 "no terminal and no end" "$h7gang" slots --learn --output "$work/none.yaml"
exits 2 "without --learn" "$h7gang" slots
exits 3 "nobody comes" "$sim" --virtual-time -- "$h7gang" slots --learn --output "$work/none.yaml" --wait 5
check "nothing is written" test ! -e "$work/none.yaml"
finish
