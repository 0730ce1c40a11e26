#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# limit: 900
# A disk that fails at each of its calls in turn: the process killed before it, in the middle of it, a full disk,
# half a write, a failing sync, a hanging one. After each, the log is opened again and judged: no row lost
# that was reported as on disk, none invented, none doubled, each attempt begun has its row.
# Every STEPth call of each kind, and in the first place another one for each; tests/long/audit-crash.sh takes all.
. "$(dirname "$0")/../audit-lib.sh"
step=${STEP:-19}
turn=0
first_call() { # in $call
	call=$((turn % step + 1))
	turn=$((turn + 1))
}

log=$work/log.csv
notes=$(mktemp -d) || exit 1 # on a disk that does not fail
diary=$notes/diary
trap 'rm -rf "$work" "$notes"' EXIT

fresh() {
	rm -rf "$work"
	mkdir "$work"
	: >"$diary"
}

# judge WHAT: after recovery
judge() {
	"$driver" open "$log" >/dev/null || { fail "$1: not opened again"; return; }
	"$driver" verify "$log" >"$diary.out" || fail "$1: not intact: $(cat "$diary.out")"
	grep -q ' open=0 ' "$diary.out" || fail "$1: $(cat "$diary.out")"
	"$driver" judge "$log" "$diary" >"$diary.out" || fail "$1: $(cat "$diary.out")"
	[ ! -e "$log.begun" ] && [ ! -e "$log.begun.new" ] || fail "$1: marks left behind"
	rm -f "$diary.out"
}

# A run of some units, on top of one that went before, with two attempts left open by it.
before() {
	export DRIVER_ROTATE=
	fresh
	"$driver" run "$log" "$diary" first 6 1 60000 || fail "first run"
}

for threads in 1 4; do
	before
	n=$(count_calls "$driver" run "$log" "$diary.none" second 8 "$threads" 60000)
	[ "$n" -gt 30 ] || fail "only $n calls counted: is the failing disk in place?"
	for mode in ${MODES:-kill torn short enospc eio}; do
		first_call
		while [ "$call" -le "$n" ]; do
			before
			with_disk $mode "$call" "$driver" run "$log" "$diary" second 8 $threads 60000 \
				2>"$diary.err"
			status=$?
			case $mode:$status in
			kill:137 | torn:137 | *:0 | short:4 | enospc:4 | eio:4) ;;
			*) fail "$mode at $call: exit $status: $(cat "$diary.err")" ;;
			esac
			judge "$mode at call $call of $n, $threads threads"
			call=$((call + step))
		done
		echo "  $mode: $n calls, $threads threads"
	done
done

# From nothing: also the folder, the header and their syncs.
fresh
n=$(count_calls "$driver" run "$work/new/log.csv" "$diary.none" r 2 1 60000)
for mode in kill torn; do
	first_call
	while [ "$call" -le "$n" ]; do
		fresh
		log=$work/new/log.csv
		with_disk $mode "$call" "$driver" run "$log" "$diary" r 2 1 60000
		judge "$mode at call $call of a new log"
		call=$((call + step))
	done
done
log=$work/log.csv

# Recovery itself cut short, and again, with a torn row, torn marks and open attempts to put right.
damage() {
	fresh
	"$driver" run "$log" "$diary" first 12 4 60000 || fail "run"
	printf '9,first,u9,1,' >>"$log"
	printf 'not a mark at all\n\377\376\n' >>"$log.begun"
	printf 'first,u1,1,2,torn in the mid' >>"$log.begun"
}
damage
[ -e "$log.begun" ] || fail "no attempts open to recover"
n=$(count_calls "$driver" open "$log")
for mode in kill torn; do
	first_call
	while [ "$call" -le "$n" ]; do
		damage
		with_disk $mode "$call" "$driver" open "$log" >/dev/null
		with_disk $mode "$call" "$driver" open "$log" >/dev/null
		judge "$mode at call $call of $n in recovery"
		grep -q '^9,first,u9,1,$' "$log.torn" || fail "$mode at $call: torn row not kept"
		grep -q 'torn in the mid' "$log.torn" || fail "$mode at $call: torn mark not kept"
		call=$((call + step))
	done
done
echo "  recovery: $n calls"

# A disk that hangs: the callers are let go, nothing is reported as on disk, the program ends.
for mode in hang hangwrite; do
	before
	with_disk $mode 6 "$driver" run "$log" "$diary" second 8 4 200 2>"$diary.err"
	status=$?
	[ $status = 4 ] || fail "$mode: exit $status"
	grep -q 'writer hangs' "$diary.err" || fail "$mode: $(cat "$diary.err")"
	judge "$mode"
done

# Marks that are lifted must not make FILE.begun grow without end while others stay open, nor may a kill in the
# middle of writing it anew cost one.
before
"$driver" run "$log" "$diary" long 1500 2 60000 500 || fail "long run"
size=$(stat -c %s "$log.begun")
[ "$size" -lt 6000000 ] || fail "FILE.begun has grown to $size bytes"
judge "long run"
for mode in rename renamed; do
	before
	with_disk $mode 1 "$driver" run "$log" "$diary" long 1500 2 60000 500
	status=$?
	[ $status = 137 ] || fail "$mode: exit $status: FILE.begun is not written anew"
	judge "$mode"
done

# Going on in a new file, cut short at each of its calls: the files together are the log.
judge_rotated() {
	export DRIVER_ROTATE=
	"$driver" open "$log" >/dev/null || { fail "$1: not opened again"; return; }
	set -- "$1" "$log".[0-9]*
	[ -e "$2" ] || set -- "$1"
	what=$1
	shift
	"$driver" verify "$@" "$log" >"$diary.out" || fail "$what: not intact: $(cat "$diary.out")"
	grep -q ' open=0 ' "$diary.out" || fail "$what: $(cat "$diary.out")"
	{
		cat "$log"
		[ $# -eq 0 ] || tail -q -n +2 "$@"
	} >"$notes/all.csv"
	"$driver" judge "$notes/all.csv" "$diary" >"$diary.out" || fail "$what: $(cat "$diary.out")"
	[ ! -e "$log.begun" ] && [ ! -e "$log.new" ] || fail "$what: left behind: $(ls "$work")"
	rm -f "$diary.out"
}
for threads in 1 3; do
	before
	export DRIVER_ROTATE=1500
	n=$(count_calls "$driver" run "$log" "$diary.none" second 8 "$threads" 60000)
	# Rows that wait together go out together: how often depends on the threads' luck.
	[ -e "$log.0001" ] || fail "not rotated: $(ls "$work")"
	for mode in kill torn enospc eio; do
		first_call
		while [ "$call" -le "$n" ]; do
			before
			export DRIVER_ROTATE=1500
			with_disk $mode "$call" "$driver" run "$log" "$diary" second 8 $threads 60000 2>"$diary.err"
			status=$?
			case $mode:$status in
			kill:137 | torn:137 | *:0 | enospc:4 | eio:4) ;;
			*) fail "rotation: $mode at $call: exit $status: $(cat "$diary.err")" ;;
			esac
			judge_rotated "rotation: $mode at call $call of $n, $threads threads"
			call=$((call + step))
		done
	done
	echo "  rotation: $n calls, $threads threads"
done

finish
