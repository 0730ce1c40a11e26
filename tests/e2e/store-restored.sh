#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# limit: 300
# With a store: a station that was put back from a backup or cloned is refused before a board is touched, an honest one
# never; and a store that was moved away under a station gives out nothing more. Every STEPth of the calls at which a
# station is killed, and one kind of station for each act; tests/long/store-restored.sh takes all.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh

# untouched FLASHES: no board there has a number.
untouched() { [ "$(numbers_in "$1" | wc -l)" -eq 0 ]; }
adopt() { "$h7gang" store adopt --store "$url" --station "$1" --yes >"$work/adopt" 2>&1; }

restored() {
	rm -rf "$work"/[A-Z] "$work"/{saved,newest,clone,original} "$work"/kept-*
	use "$1"
	station_make A "$url" 'leave: false' 'lease: {size: 20}' ''
	exits 0 "$1: a first run" station_run A "$work/$1-1" 2
	cp -r "$work/A" "$work/saved"
	exits 0 "$1: after the backup" station_run A "$work/$1-2" 3

	# The disk is put back.
	mv "$work/A" "$work/newest"
	cp -r "$work/saved" "$work/A"
	exits 4 "$1: the disk is put back" station_run A "$work/$1-3" 2
	check "$1: no board was touched" untouched "$work/$1-3"
	check "$1: it is said" says "$work/err" "log was cut after it was pushed"
	check "$1: with the way out" says "$work/err" "h7gang store adopt --store $url --station A --yes"
	check "$1: the store keeps it" [ "$(sql "SELECT count(*) FROM v_incidents WHERE kind = 'cut'")" = 1 ]

	# The log is the newest, the number file is put back.
	cp "$work/newest/log.csv" "$work/A/log.csv"
	exits 4 "$1: the number file is put back" station_run A "$work/$1-4" 2
	check "$1: no board is touched" untouched "$work/$1-4"
	check "$1: it is said" says "$work/err" "is an old state or a copy of this station's number file"
	exits 0 "$1: adopt tells first" "$h7gang" store adopt --store "$url" --station A
	check "$1: and changes nothing" says "$work/out" "Nothing was changed"
	exits 4 "$1: still refused" station_run A "$work/$1-5" 2
	check "$1: adopted" adopt A
	exits 0 "$1: it goes on" station_run A "$work/$1-6" 3
	exits 0 "$1: and on" station_run A "$work/$1-7" 1
	check "$1: no number twice" none_twice "$work/$1"-*/
	check "$1: the numbers add up" adds_up

	# A clone that looks the same in everything: the one that comes second is refused, whichever it is.
	station_make B "$url" 'leave: false' 'lease: {size: 20}' ''
	exits 0 "$1: a station" station_run B "$work/$1-b1" 1
	cp -r "$work/B" "$work/clone"
	exits 0 "$1: it runs" station_run B "$work/$1-b2" 1
	mv "$work/B" "$work/original"
	mv "$work/clone" "$work/B"
	exits 4 "$1: its clone" station_run B "$work/$1-b3" 1
	check "$1: its clone touches nothing" untouched "$work/$1-b3"
	rm -r "$work/B"
	mv "$work/original" "$work/B"
	exits 0 "$1: the original goes on" station_run B "$work/$1-b4" 1
	check "$1: clones: no number twice" none_twice "$work/$1"-*/

	# Only limits: the log alone tells.
	mkdir -p "$work/C"
	station_make C "$url" 'limits: {lot_quantity: 50}' 'offline: stop' ''
	sed -i '/^serial:/,$d' "$work/C/p.yaml"
	exits 0 "$1: limits alone" station_run C "$work/$1-c1" 1 --lot L
	cp "$work/C/log.csv" "$work/old.csv"
	exits 0 "$1: limits alone, again" station_run C "$work/$1-c2" 1 --lot L
	mv "$work/old.csv" "$work/C/log.csv"
	exits 4 "$1: limits alone, the log is put back" station_run C "$work/$1-c3" 1 --lot L
	rm "$work/C/log.csv"
	exits 0 "$1: with a new log" station_run C "$work/$1-c4" 1 --lot L

	# Numbers that rows tell of and the file does not.
	station_make D "$url" 'leave: false' 'lease: {size: 20}' ''
	exits 0 "$1: a station" station_run D "$work/$1-d1" 1
	exits 0 "$1: gives numbers" station_run D "$work/$1-d2" 3
	mkdir -p "$work/kept-$1"
	mv "$work/D/log.csv" "$work/kept-$1/log.csv"
	sed -i -e '/^pass/d' -e '/^take\t[0-9]*\t[^\t]*\t[^\t]*\t.*-000[23]$/d' "$work/D/sn.state"
	exits 0 "$1: forgets some, and has another log" station_run D "$work/$1-d3" 2
	check "$1: it is said" says "$work/err" "that rows in the store tell of"
	check "$1: forgotten: no number twice" none_twice "$work/$1"-*/

	[ "$1" = sqlite ] && killed_anywhere "$1"
	several "$1"
}

step=${STEP:-13}
killed_anywhere() {
	local n=0
	# An honest station: killed at each write and sync of its number file, and started again.
	station_make E "$url" 'leave: false' 'lease: {size: 2, unused: reuse}' ''
	export FAILFS_MATCH=E/sn.state FAILFS_COUNT=$work/calls
	FAILFS_MODE=count LD_ALSO=$shim station_run E "$work/$1-e0" 1 >/dev/null 2>&1
	unset FAILFS_COUNT
	for ((n = 1; n <= $(cat "$work/calls"); n += step)); do
		FAILFS_MODE=torn FAILFS_CALL=$n LD_ALSO=$shim station_run E "$work/$1-e$n" 1 >/dev/null 2>&1
		station_run E "$work/$1-f$n" 1 >"$work/out" 2>"$work/err" || { echo "# $n: $(cat "$work/err")"; break; }
	done
	check "$1: killed at calls up to $((n - step)), it goes on" [ "$n" -gt "$(cat "$work/calls")" ]
	check "$1: killed: no number twice" none_twice "$work/$1"-*/
	check "$1: killed: the numbers add up" adds_up
	unset FAILFS_MATCH
}

# several DATABASE: processes at once with one number file. PostgreSQL lets none check in before all have named their
# runs in the file, and then all in any order.
several() {
	local n pids=()
	station_make F "$url" 'leave: false' 'lease: {size: 4}' ''
	if [ "$1" = postgresql ]; then
		pg_sql "LOCK TABLE checkins IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3)" >/dev/null &
		pids[5]=$!
		sleep 0.5
	fi
	for n in 1 2 3 4; do
		fleet_of "$work/$1-g$n" 2 >"$work/g$n.yaml"
		"$sim" --fleet "$work/g$n.yaml" --save "$work/$1-g$n" -- "$h7gang" run --profile "$work/F/p.yaml" \
			--audit "$work/F/log$n.csv" --station F --count 2 --quiet >/dev/null 2>"$work/err$n" &
		pids[n]=$!
	done
	for n in 1 2 3 4; do wait "${pids[n]}" || { echo "# $(cat "$work/err$n")"; false; }; check "$1: process $n" [ $? -eq 0 ]; done
	[ -z "${pids[5]:-}" ] || wait "${pids[5]}"
	check "$1: several: no number twice" none_twice "$work/$1"-*/
}

# as_clone COMMAND...: on another computer with the same paths, machine-id and folder G, as it was when clone was made.
as_clone() {
	# shellcheck disable=SC2016
	unshare "${apart[@]}" sh -c 'mount --bind "$0/clone" "$0/G" && exec "$@"' "$work" "$@"
}
apart_in_logs() {
	[ -z "$( (column "$work/G/log.csv" "unit_serial uid"; column "$work/clone/log.csv" "unit_serial uid") |
		grep ^S | sort -u | cut -f1 | uniq -d)" ]
}
given_by() { [ "$(column "$work/$1/log.csv" result | grep -cE '^(PASS|FAIL)$')" -ge "$2" ]; }

# cloned_alive DATABASE LINES SERIAL: a station is copied while it runs, as by a snapshot of a virtual machine. The copy
# programs two boards, and then the original, which was never restarted, gets two more.
cloned_alive() {
	local run n
	rm -rf "$work"/{G,clone}
	station_make G "$url" "$2" 'lease: {size: 10}' "$3"
	[ -n "$3" ] || sed -i '/^serial:/,$d' "$work/G/p.yaml"
	echo "targets: [{name: board, path: 1-1.1, part: stm32h750xb}]" >"$work/one.yaml"
	"$sim" --fleet "$work/one.yaml" --speed 20 --control "$work/hands" -- "$h7gang" run --watch --lot "$1" --count 3 \
		--profile "$work/G/p.yaml" --audit "$work/G/log.csv" --station G >"$work/live" 2>&1 </dev/null &
	run=$!
	check "$1: alive: a board passes" wait_for 30 given_by G 1
	cp -a "$work/G" "$work/clone"
	fleet_of "$work/$1-h" 2 >"$work/two.yaml"
	exits 0 "$1: alive: two at the copy" as_clone "$sim" --fleet "$work/two.yaml" --virtual-time -- "$h7gang" run \
		--lot "$1" --count 2 --profile "$work/G/p.yaml" --audit "$work/G/log.csv" --station G --quiet
	for n in 2 3; do
		"$sim" ctl "$work/hands" unplug board >/dev/null
		"$sim" ctl "$work/hands" renew board >/dev/null
		wait_for 30 given_by G $n
		sleep 0.5 # for its row to be refused
	done
	wait $run
	check "$1: alive: the original ends with 4" [ $? -eq 4 ]
	check "$1: alive: its last board gets nothing" [ "$(errors store_unavailable G)" -ge 1 ]
	check "$1: alive: no number twice" apart_in_logs
}

# A copy that cannot reach the store gives numbers that the original gives, too. Once its log is pushed, this is told, and
# the original gives no further number of that log.
doubled() {
	station_make H "$url" 'leave: false' 'lease: {size: 10}, offline: start' ''
	exits 0 "$1: a board at H" station_run H "$work/$1-i1" 1
	cp -r "$work/H" "$work/offline"
	exits 0 "$1: another at H" station_run H "$work/$1-i2" 1
	mv "$work/H" "$work/original"
	mv "$work/offline" "$work/H"
	station_moves H "postgresql:///x?host=/nonexistent&user=x"
	exits 0 "$1: two at a copy without the store" station_run H "$work/$1-i3" 2
	mv "$work/H" "$work/offline"
	mv "$work/original" "$work/H"
	exits 1 "$1: the log of the copy" "$h7gang" store push --store "$url" "$work/offline/log.csv"
	exits 1 "$1: once more" "$h7gang" store push --store "$url" "$work/offline/log.csv"
	check "$1: two boards have one number" [ "$(sql "SELECT count(*) FROM v_doubles WHERE refused = 1
		AND first_uid <> uid AND first_station = 'H' AND station = 'H'")" = 1 ]
	exits 0 "$1: status" "$h7gang" store status --store "$url"
	check "$1: it is told" grep -q "$(sql "SELECT number FROM v_doubles")" "$work/out"
	exits 0 "$1: H goes on" station_run H "$work/$1-i4" 1
	check "$1: with a number that the copy did not give" [ -z "$(comm -12 <(numbers_in "$work/$1-i3" | cut -d' ' -f1 |
		sort) <(numbers_in "$work/$1-i4" | cut -d' ' -f1 | sort))" ]
	rm -rf "$work"/{H,offline} "$work/$1"-i*
}

shim=$top/build/tests/failfs.so
cat >"$work/with-shim" <<'END'
#!/bin/sh
[ -z "${LD_ALSO:-}" ] || export LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$LD_ALSO"
exec "$REAL_H7GANG" "$@"
END
chmod +x "$work/with-shim"
export REAL_H7GANG=$h7gang
h7gang=$work/with-shim

restored sqlite
doubled sqlite
[ -z "$pg_bin" ] || { restored postgresql && doubled postgresql; }

apart=(-m)
[ "$(id -u)" -eq 0 ] || apart=(-rm)
if unshare "${apart[@]}" true 2>/dev/null; then
	for database in sqlite ${pg_bin:+postgresql}; do
		use $database
		cloned_alive $database $'leave: false\nlimits: {lot_quantity: 20}' ''
		check "$database: alive: one board knew no better" [ "$(passes G)" -le 2 ]
		for serial in 'unique_by: uid' 'on_fail: burn' 'on_fail: keep'; do
			use $database
			cloned_alive $database 'leave: false' "$serial"
			check "$database: alive, $serial: it is said" says "$work/G/log.csv" \
				"a copy of this station checked in at"
			check "$database: alive, $serial: no board passed meanwhile" [ "$(passes G)" -eq 1 ]
		done
	done
else
	echo "ok 1 - # SKIP no mount namespace for a clone"
fi

# A store that is moved away and made anew, or deleted, once the run has begun: by its own start hook.
on_tray() { # hooks live in real time
	local flashes=$1 boards=$2
	shift 2
	fleet_of "$flashes" "$boards" >"$flashes.yaml"
	"$sim" --fleet "$flashes.yaml" --speed 50 --save "$flashes" -- "$@"
}
acts=0
for act in 'mv store.db moved.db; mv store.db-wal moved.db-wal; mv new.db store.db' 'rm store.db' 'rm store.db-wal' \
	'rm store.db-wal store.db-shm' 'install -m 640 store.db copy.db; mv copy.db store.db'; do
	printf '#!/bin/sh\ncd "%s"\n%s\ntrue\n' "$work" "$act" >"$work/act"
	chmod +x "$work/act"
	kinds=(stop start)
	[ "$step" -eq 1 ] || kinds=("${kinds[acts++ % 2]}")
	for offline in "${kinds[@]}"; do
		rm -rf "$work"/[XY] "$work"/*.db*
		"$h7gang" store init --store "sqlite:$work/new.db" >/dev/null
		use sqlite
		station_make X "$url" "leave: false" "lease: {size: 8}, offline: $offline" ''
		exits 0 "a run before" station_run X "$work/x1" 1
		sed -i "s|^leave: false|leave: false\nhooks: {start: {command: [$work/act]}}|" "$work/X/p.yaml"
		exits 1 "offline: $offline, $act" station_run X "$work/x-$offline" 2
		check "no number is given" untouched "$work/x-$offline"
		check "it is said" grep -q "changed, moved or deleted by another program" "$work/X/log.csv"
	done
	use sqlite
	"$h7gang" store init --store "sqlite:$work/new.db" >/dev/null
	station_make Y "$url" "limits: {lot_quantity: 9}
hooks: {start: {command: [$work/act]}}" 'offline: stop' ''
	exits 1 "limits, $act" station_run Y "$work/y" 2 --lot L
	check "no place is given" [ "$(errors store_unavailable Y)" -eq 2 ]
done

# A store that is put back under its name while a station runs knows neither the run nor its leases any more.
# So does one with the check-in of a copy.
for back in 'DELETE FROM checkins' 'DROP TRIGGER pools_go_forward; UPDATE pools SET next = 2' \
	'UPDATE checkins SET runs = runs + 1, name = 12'; do
	printf '#!/bin/sh\ncd "%s" && sqlite3 store.db "%s"\n' "$work" "$back" >"$work/act"
	chmod +x "$work/act"
	rm -rf "$work"/X "$work"/*.db*
	use sqlite
	station_make X "$url" "leave: false" "lease: {size: 2}, offline: start" ''
	exits 0 "a run before" station_run X "$work/x1" 1
	sed -i "s|^leave: false|leave: false\nhooks: {start: {command: [$work/act]}}|" "$work/X/p.yaml"
	exits 1 "$back" station_run X "$work/x-back" 6
	if [ "${back#*checkins}" = "$back" ]; then
		check "what was leased before goes on" [ "$(errors store_unavailable X)" -lt 6 ]
		check "the rest gets no number" [ "$(errors store_unavailable X)" -ge 2 ]
	else
		check "no board gets a number" [ "$(errors store_unavailable X)" -eq 6 ]
	fi
	check "it is said" grep -q "nothing more is given out in this run" "$work/X/log.csv"
done
finish
