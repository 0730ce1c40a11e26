#!/bin/bash
# limit: 900
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# A run feeds the store from its log. With any failure of the store, in the end both hold the same rows.
# tests/long/store-feed.sh has four times as many boards and rows (PART=1).
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh

quick=$'erase: touched\nverify: image'
part() { echo $(($1 / ${PART:-4})); }
cat >"$work/four.yaml" <<-END
targets: [{name: board, path: 1-1.1, repeat: 4}]
END

# belt LOG BOARDS OPTIONS...: a watching station with boards coming and going, on virtual time.
belt() {
	local log=$1 boards=$2
	shift 2
	# shellcheck disable=SC2086 # two words
	"$sim" ${pace:---virtual-time} --fleet "$work/four.yaml" --control "$log.ctl" -- bash -c '
		log=$1 boards=$2
		shift 2
		"$h7gang" run --watch --count "$boards" --profile "$p" --audit "$log" --quiet "$@" \
			>"$log.out" 2>"$log.err" </dev/null &
		run=$!
		"$sim" ctl "$log.ctl" belt "$boards" 1000 >/dev/null
		wait $run' bash "$log" "$boards" "$@"
}
# row_count: of the log that a station called $1 wrote.
in_store() { sql "SELECT coalesce(sum(head_seq), 0) FROM logs WHERE station = '$1'"; }
export sim h7gang

both() {
	local log=$work/$1.csv i jobs=""
	use "$1"
	export p
	p=$(profile "feed-$1" "$quick")
	exits 0 "$1: a belt of boards" belt "$log" "$(part 24)" --store "$url" --station one
	check "$1: nothing is said of the store" [ "$(grep -c store "$log.err")" -eq 0 ]
	check "$1: every row is in the store" same_as "$log"

	# Two lots, a file each; the store did not see the first one.
	log=$work/$1-lots.csv
	p=$(profile "lots-$1" "$quick"$'\naudit: {file: none.csv, rotate_lot: true}')
	exits 0 "$1: a lot without the store" belt "$log" 8 --station two --lot A
	cp "$log" "$log.a"
	exits 0 "$1: the next lot, with it" belt "$log" 8 --station two --lot B --store "$url"
	check "$1: the log was rotated" [ -e "$log.0001" ]
	check "$1: both files are in the store" same_as "$log.0001" "$log"

	# Four stations at once.
	p=$(profile "four-$1" "$quick")
	for i in 1 2 3 4; do
		belt "$work/$1-$i.csv" "$(part 16)" --store "$url" --station "s$i" &
		jobs="$jobs $!"
	done
	# shellcheck disable=SC2086 # a list
	wait $jobs
	for i in 1 2 3 4; do
		check "$1: station $i" same_as "$work/$1-$i.csv"
	done
	check "$1: no incident in all that" [ "$(sql "SELECT count(*) FROM incidents")" = 0 ]

	# The store is migrated, and this program is too old.
	log=$work/$1-old.csv
	exits 0 "$1: a run" belt "$log" 4 --store "$url" --station old
	sql "INSERT INTO schema_version VALUES (999, 'x', 'x', 'x')" >/dev/null
	exits 0 "$1: a run with a newer store" belt "$log" 4 --store "$url" --station old
	check "$1: says so" says "$log.err" "the store has schema 999, this program knows"
	exits 2 "$1: push" "$h7gang" store push --store "$url" "$log"
	check "$1: nothing went in" [ "$(in_store old)" = 4 ]
	sql "DELETE FROM schema_version WHERE version = 999" >/dev/null
	exits 0 "$1: a run afterwards" belt "$log" 4 --store "$url" --station old
	check "$1: all is in" same_as "$log"

	# The store was put back from a backup, and made anew.
	sql "UPDATE logs SET head_seq = 4, head_hash = (SELECT row_hash FROM attempts a
		WHERE a.log_id = logs.id AND a.seq = 4) WHERE station = 'old'; DELETE FROM attempts
		WHERE seq > 4 AND log_id = (SELECT id FROM logs WHERE station = 'old')" >/dev/null
	exits 0 "$1: a run on a store from a backup" belt "$log" 4 --store "$url" --station old
	check "$1: all is in" same_as "$log"
}

both sqlite
# The disk is full under the store from its 20th write on: no further row goes in, nothing else suffers.
log=$work/full.csv
p=$(profile full "$quick")
full() { (export LD_PRELOAD=$PWD/build/tests/failfs.so FAILFS_MODE=enospc FAILFS_CALL=20 FAILFS_MATCH=$work/store.db; belt "$@"); }
exits 0 "a full disk under the store" full "$log" 24 --store "$url" --station full
check "it says so" says "$log.err" "store: away, rows wait in the log"
check "it says how many rows are left" grep -q 'store: [0-9]* rows of .* are still to be pushed' "$log.err"
check "the log has them" [ "$(rows "$log" result PASS)" -eq 24 ]
exits 0 "with room again" "$h7gang" store push --store "$url" "$log"
check "all are in" same_as "$log"

pg_need
both postgresql

# The server is killed and started again, and again, while rows come in.
has_rows() { [ "$(in_store "$1" 2>/dev/null)" -ge "$2" ] || ! kill -0 "$station" 2>/dev/null; }
kill_at() { # STATION ROWS...
	local name=$1 row
	shift
	for row; do
		wait_for 60 has_rows "$name" "$row"
		pg_kill
		pg_start
	done
	wait "$station"
}
log=$work/push.csv
"$make_log" append "$log" "$(part 40000)" pushed 4 >/dev/null
# The first kill finds the push at work, since it waits for a table that another session holds.
pg_sql "BEGIN; LOCK TABLE attempts; SELECT pg_sleep(600)" >"$work/holder" 2>&1 &
holder=$!
locks_are() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 'attempts'::regclass AND granted = $1" 2>/dev/null)" -ge 1 ]; }
check "killed: the table is held" wait_for 60 locks_are true
(until "$h7gang" store push --store "$url" "$log"; do sleep 0.2; done) >"$work/push.out" 2>"$work/push.err" &
station=$!
check "killed: the push waits for it" wait_for 60 locks_are false
pg_kill
pg_start
wait $holder
kill_at pushed "$(part 2000)" "$(part 10000)" "$(part 20000)"
check "killed: it was noticed" grep -q '^h7gang: store: ' "$work/push.err"
check "killed: no row is missing, none is doubled" same_as "$log"

log=$work/killed.csv
p=$(profile killed "$quick")
pace="--speed 30"
belt "$log" "$(part 48)" --store "$url" --station killed &
station=$!
pace=""
kill_at killed 2 "$(part 16)" "$(part 24)"
check "killed: the station's run ended well" [ $? -eq 0 ]
check "killed: the log has all rows" [ "$(rows "$log" result PASS)" -eq "$(part 48)" ]
exits 0 "killed: what was left" "$h7gang" store push --store "$url" "$log"
check "killed: no row is missing, none is doubled" same_as "$log"
check "killed: no incident" [ "$(sql "SELECT count(*) FROM incidents i JOIN logs l ON l.id = i.log_id
	WHERE l.station IN ('killed', 'pushed')")" = 0 ]

# A server that says nothing any more.
log=$work/stopped.csv
kill -STOP "$pg_pid"
begin=$SECONDS
exits 0 "stopped: a run" belt "$log" "$(part 16)" --store "$url" --station stopped
check "stopped: the log has it" [ "$(rows "$log" result PASS)" -eq "$(part 16)" ]
check "stopped: the store says nothing" says "$log.err" "store: not reached"
check "stopped: which does not hold the run up" [ $((SECONDS - begin)) -lt 60 ]
kill -CONT "$pg_pid"
exits 0 "stopped: and then" belt "$log" 4 --store "$url" --station stopped
check "stopped: all is in" same_as "$log"

# Roles.
pg_sql "CREATE ROLE station_1 LOGIN IN ROLE h7gang_station; CREATE ROLE quality LOGIN IN ROLE h7gang_reader"
log=$work/roles.csv
"$make_log" append "$log" 20 roles 9 >/dev/null
exits 0 "a station may push" "$h7gang" store push --store "$(pg_url station_1)" "$log"
exits 4 "a reader may not" "$h7gang" store push --store "$(pg_url quality)" "$log"
for sql in "DELETE FROM attempts" "UPDATE attempts SET lot = 'x'" "DELETE FROM incidents" "DROP TABLE logs" \
	"UPDATE logs SET genesis = 'x'" "INSERT INTO schema_version VALUES (9, 'x', 'x', 'x')"; do
	check "a station may not: $sql" bash -c '! "$@" 2>"$0"' "$work/err" psql -h "$pg_dir" -U station_1 -d postgres \
		-q -v ON_ERROR_STOP=1 -c "SET search_path = h7gang" -c "$sql"
	check "because it is denied" grep -qE "permission denied|must be owner" "$work/err"
done
exits 0 "a reader finds" "$h7gang" store find --store "$(pg_url quality)" --lot L9-0
check "all" [ "$(wc -l <"$work/out")" -eq 20 ]
check "a reader reads no table" bash -c '! "$@" 2>"$0"' "$work/err" psql -h "$pg_dir" -U quality -d postgres \
	-q -v ON_ERROR_STOP=1 -c "SELECT * FROM h7gang.attempts"
exits 0 "a reader exports" "$h7gang" store export --store "$(pg_url quality)" --json --lot L9-0
exits 4 "nobody at all" "$h7gang" store status --store "$(pg_url nobody)"
exits 2 "a password in the URL" "$h7gang" store status --store "postgresql://x:geheim@localhost/x"
check "is not shown" bash -c '! grep -q geheim "$1"' bash "$work/err"
exits 2 "a password in the URL of a run" "$h7gang" run --profile "$p" --audit "$log" --store "postgresql://x/?password=geheim"
finish
