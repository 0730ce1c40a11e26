#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long
# The whole program on disks that fail it: read-only, full, failing and hanging syncs and writes. It ends
# with 4, starts nothing further, shows no PASS that is not on disk.
# limit: 600
. "$(dirname "$0")/../lib.sh"

p=$(profile disk "leave: false")
shim=$top/build/tests/failfs.so
mkdir "$work/disk"
log=$work/disk/log.csv

# run_on MODE CALL: four boards, a log on a disk that does MODE at that call.
run_on() {
	rm -rf "$work/disk"
	mkdir "$work/disk"
	"$sim" --targets 4 --speed 50 -- env LD_PRELOAD="$shim" FAILFS_MATCH="$work/disk" \
		FAILFS_MODE="$1" FAILFS_CALL="$2" timeout -s KILL 200 "$h7gang" run --profile "$p" --audit "$log" --count 4
}

# passes_are_recorded: each PASS on the screen has its row.
passes_are_recorded() {
	local shown
	shown=$(grep -c '^PASS ' "$work/out")
	[ "$shown" -le "$(rows "$log" result PASS)" ] || { echo "# $shown shown"; return 1; }
}

for mode in eio enospc; do
	case $mode in eio) call=6 ;; *) call=4 ;; esac
	exits 4 "$mode" run_on $mode $call
	check "$mode: NOT RECORDED is shown" grep -q '^NOT RECORDED' "$work/out"
	check "$mode: what is shown as PASS is on disk" passes_are_recorded
	exits 0 "$mode: the log afterwards is intact" "$h7gang" audit verify "$log"
	exits 3 "$mode: the next start" "$h7gang" run --profile "$p" --audit "$log" --count 9 --wait 0
	exits 0 "$mode: nothing is open" "$h7gang" audit verify "$log"
	check "$mode: none" test "$(grep -c 'begun without' "$work/out")" -eq 0
done
for mode in hang hangwrite; do
	exits 4 "$mode" run_on $mode 6
	check "$mode: NOT RECORDED is shown" grep -q '^NOT RECORDED' "$work/out"
	check "$mode: what is shown as PASS is on disk" passes_are_recorded
	exits 0 "$mode: the log afterwards is intact" "$h7gang" audit verify "$log"
done

if [ "$(id -u)" -eq 0 ] && mkdir -p "$work/small" && mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
	trap 'umount "$work/small"' EXIT
	log=$work/small/log.csv
	head -c 53000 /dev/zero >"$work/small/filler"
	for i in 1 2 3 4 5 6 7 8; do
		"$sim" --targets 4 --speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --count 4 \
			>"$work/out" 2>"$work/err"
		status=$?
		[ $status -eq 0 ] || break
	done
	check "a full disk: exit 4" test $status -eq 4
	check "what is shown as PASS is on disk" passes_are_recorded
	exits 0 "the log is intact" "$h7gang" audit verify "$log"
	rm "$work/small/filler"
	exits 0 "with room again it goes on" "$sim" --targets 4 --speed 50 -- "$h7gang" run --profile "$p" --audit "$log" --count 4
	check "the attempts whose rows found no room are ABORTED" test "$(rows "$log" result ABORTED)" -ge 1
	exits 0 "the log is intact" "$h7gang" audit verify "$log"
	mount -o remount,ro "$work/small"
	before=$(sha256sum "$log")
	exits 4 "a read-only disk" "$sim" --targets 4 --speed 50 --save "$work/flash" -- "$h7gang" run --profile "$p" --audit "$log" --count 4
	check "no board was touched" test "$(cat "$work"/flash/*.json | jq -s 'map(.counters | .dnloads + .uploads) | add')" -eq 0
	check "says why" says "$work/err" "Read-only"
	exits 0 "readers read it" "$h7gang" audit verify "$log"
	check "it is as it was" test "$(sha256sum "$log")" = "$before"
	umount "$work/small"
	trap - EXIT
else
	echo "ok $((checks += 1)) - a full and a read-only disk # SKIP needs root and tmpfs"
fi
finish
