#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libusb calls in awkward orders (cancel, time-out, unplug, close) come out the same under Debian's libusb
# on a kernel and under the stand-in that the other tests use.
. "$(dirname "$0")/lib.sh"
probe=$tree/build/tests/sim/probe
sim=$tree/build/h7gang-sim

[ -x "$probe" ] || { echo "no $probe: make it first"; exit 77; }

inside() {
	local name
	name=$(cut -d ' ' -f 1 "$H7GANG_SIM_PORTS")
	timeout 100 stdbuf -oL "$probe" "$sim ctl control unplug $name >&2" "$sim ctl control plug $name >&2" >kernel.txt
}
enter "$@"

# Slow flash, so that the hand that unplugs comes in time on a busy machine too.
bench --targets 1 --speed 0.25 --control control
name=$("$sim" --targets 1 --control control -- "$sim" ctl control list | sed -n '1s/ .*//p')
timeout 100 "$sim" --targets 1 --speed 0.25 --control control -- \
	stdbuf -oL "$probe" "$sim ctl control unplug $name >&2" "$sim ctl control plug $name >&2" >standin.txt
[ "$(wc -l <kernel.txt)" -gt 10 ] || fail "the probe said too little"
diff -u standin.txt kernel.txt || fail "the transcripts differ (+ is the kernel's)"
