#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 300
# A store that an older program made, and one that a newer one made, under this program's commands and stations;
# then migrated, with every row and number where it was. On SQLite and PostgreSQL.
. "$(dirname "$0")/../lib.sh"
. tests/store-lib.sh
. tests/stations-lib.sh
newest=$(find src/store/sql/sqlite -name '0*.sql' | wc -l)
tables="logs headers attempts incidents"

# as_old VERSION: the store, which holds rows of logs alone, as a program of that schema would have made it.
as_old() {
	local files=(src/store/sql/"$database"/*.sql) i
	if [ "$database" = sqlite ]; then
		mv "$work/store.db" "$work/newer.db"
		rm -f "$work"/store.db-*
		sqlite3 "$work/store.db" "PRAGMA journal_mode = WAL" >/dev/null
	else
		pg_sql "ALTER SCHEMA h7gang RENAME TO newer; CREATE SCHEMA h7gang"
	fi
	for ((i = 0; i < $1; i++)); do
		old_file "${files[$i]}"
		sql "INSERT INTO schema_version VALUES ($i + 1, '$(basename "${files[$i]}" .sql)', 'then', '0')"
	done
	[ "$1" -ge 4 ] && as_more="" || as_more=$columns_4_as_more
	old_rows
}

old_file() {
	if [ "$database" = sqlite ]; then
		sqlite3 -bail "$work/store.db" <"$1"
	else
		(echo "SET search_path = h7gang;"; cat "$1") |
			psql -h "$pg_dir" -U postgres -d postgres -qX -v ON_ERROR_STOP=1
	fi
}

# columns_of TABLE: all of them, commas between.
columns_of() {
	if [ "$database" = sqlite ]; then
		sql "SELECT group_concat(name) FROM pragma_table_info('$1')"
	else
		sql "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = '$1'::regclass AND attnum > 0"
	fi
}

# An older program knew fewer columns; it stored the others of a newer log in `more`.
old_rows() {
	local table columns
	if [ "$database" = sqlite ]; then
		sqlite3 "$work/newer.db" "$as_more"
		for table in $tables; do
			columns=$(columns_of "$table")
			echo "INSERT INTO $table ($columns) SELECT $columns FROM newer.$table;"
		done | sqlite3 -bail "$work/store.db" -cmd "ATTACH '$work/newer.db' AS newer"
		rm -f "$work"/newer.db*
		return
	fi
	pg_sql "SET search_path = newer; $as_more"
	for table in $tables; do
		columns=$(columns_of "$table")
		pg_sql "INSERT INTO $table ($columns) OVERRIDING SYSTEM VALUE SELECT $columns FROM newer.$table"
	done
	for table in logs incidents; do
		pg_sql "SELECT setval(pg_get_serial_sequence('$table', 'id'), coalesce(max(id), 0) + 1, false)
			FROM $table" >/dev/null
	done
	pg_sql "DROP SCHEMA newer CASCADE" 2>/dev/null
}
columns_4_as_more="UPDATE attempts SET more = identity || ',,,,' || wire_wait_ms"

# refused WHAT TEXT: by every command, and nothing is changed by it.
refused() {
	local words before
	before=$(sql "SELECT count(*) FROM attempts")
	for words in status "find --lot L1-0" "export --json" "push $work/a.csv" release "release --station left --yes"; do
		# shellcheck disable=SC2086 # words
		exits 2 "$1: store $words" "$h7gang" store ${words%% *} --store "$url" ${words#"${words%% *}"}
		check "$1: says so" says "$work/err" "$2"
	done
	exits 2 "$1: audit report" "$h7gang" audit report --store "$url"
	check "$1: says so" says "$work/err" "$2"
	exits 0 "$1: check" "$h7gang" check --profile "$work/A/p.yaml"
	check "$1: warns" grep -qF "warning: the store: $2" "$work/out"
	exits 0 "$1: a run without numbers" "$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$plain" \
		--audit "$work/$database.csv" --count 2 --station waits --store "$url" --quiet
	check "$1: says so" says "$work/err" "$2"
	check "$1: its rows wait" says "$work/err" "wait in $work/$database.csv"
	exits 2 "$1: a run with numbers" station_run A "$work/$database-A" 1
	check "$1: says so" says "$work/err" "$2"
	check "$1: and touches no board" [ -z "$(numbers_in "$work/$database-A")" ]
	check "$1: nothing went in" [ "$(sql "SELECT count(*) FROM attempts")" = "$before" ]
	rm -rf "$work/$database-A"
}

# migrated FROM: all is as it was, and goes on.
migrated() {
	exits 0 "$1: migrate" "$h7gang" store migrate --store "$url"
	check "$1: says so" says "$work/out" "store: migrated, schema $newest"
	exits 0 "$1: once more" "$h7gang" store migrate --store "$url"
	check "$1: there is nothing to do" says "$work/out" "has schema $newest already"
	check "$1: every row is there" same_as "$work/a.csv"
	check "$1: the incident of the refused log is kept" [ "$(sql "SELECT kind, seq FROM incidents")" = "cut|101" ]
	exits 0 "$1: check" "$h7gang" check --profile "$work/A/p.yaml"
	check "$1: is content" grep -qE "^store .*, schema $newest$" "$work/out"
	check "$1: with all" [ "$(grep -c '^warning: the store' "$work/out")" -eq 0 ]
	exits 0 "$1: the rows that waited" "$h7gang" store push --store "$url" "$work/$database.csv" "$work/a.csv"
	check "$1: are pushed" same_as "$work/$database.csv"
	exits 0 "$1: a station with numbers" station_run A "$work/$database-$1" 2
	check "$1: its log is in" same_as "$work/A/log.csv"
	check "$1: the numbers add up" adds_up
	rm -rf "$work/A" "${work:?}/$database"*
}

both() {
	local version
	for version in $(seq $((newest - 1))); do
		# Each one on one of the two databases; tests/long/store-schema.sh has all on both (ALL=1).
		[ -n "${ALL-}" ] || { [ "$1" = sqlite ] && [ $((version % 2)) -eq 1 ]; } ||
			{ [ "$1" = postgresql ] && [ $((version % 2)) -eq 0 ]; } || continue
		use "$1"
		rm -f "$work/a.csv" "$work/b.csv"
		station_make A "$url" 'leave: false' 'offline: lease' ''
		"$make_log" append "$work/a.csv" 300 left 1 >/dev/null
		head -n 101 "$work/a.csv" >"$work/b.csv"
		exits 0 "$1, schema $version: a log" "$h7gang" store push --store "$url" "$work/a.csv"
		exits 1 "$1, schema $version: the log, cut" "$h7gang" store push --store "$url" "$work/b.csv"
		as_old "$version"
		refused "$1, schema $version" "the store has schema $version, this program needs $newest"
		exits 2 "$1, schema $version: init" "$h7gang" store init --store "$url"
		check "$1: says so" says "$work/err" "there is a store already, with schema $version"
		migrated "$1, schema $version"
	done
	# One that a later program made.
	station_make A "$url" 'leave: false' 'offline: lease' ''
	sql "INSERT INTO schema_version VALUES (999, 'x', 'x', 'x')"
	refused "$1, newer" "the store has schema 999, this program knows $newest: this station needs the program"
	exits 2 "$1, newer: migrate" "$h7gang" store migrate --store "$url"
	check "$1, newer: says so" says "$work/err" "the store has schema 999"
	sql "DELETE FROM schema_version WHERE version = 999"
	rm -rf "$work/A" "${work:?}/$1"*
}

plain=$(profile plain $'erase: touched\nverify: image')
both sqlite
# A read-only command never changes or creates a file.
checked() { # WHAT URL TEXT
	exits 0 "check: $1" "$h7gang" check --profile "$plain" --store "$2" --json
	check "check: $1: says so" grep -qF -- "$3" <(jq -c .store "$work/out")
}
state_of() { stat -c '%n %Y %Z %s' "$work"/store.db*; }
state=$(state_of)
checked "a store" "$url" "\"ok\":true,\"schema\":$newest,"
check "check: it is as it was" [ "$(state_of)" = "$state" ]
checked "none" "sqlite:$work/none.db" "there is no store"
check "check: none is made" [ ! -e "$work/none.db" ]
mkdir "$work/100% mine?"
cp "$work/store.db" "$work/100% mine?/a#b.db"
checked "a name that needs quoting" "sqlite:$work/100% mine?/a#b.db" '"ok":true'
echo "not a database, but a text that is long enough to be looked at as one" >"$work/text.db"
checked "another file" "sqlite:$work/text.db" "not a database"
checked "a password" "postgresql://x:geheim@localhost/x" '"url":"","ok":false'
check "check: is not shown" [ "$(cat "$work/out" "$work/err" | grep -c geheim)" -eq 0 ]
exits 0 "check: no store" "$h7gang" check --profile "$plain" --json
check "check: is none" jq -e '.store == null' "$work/out"
pg_need
both postgresql
kill -STOP "$pg_pid"
checked "a server that says nothing" "$url" '"ok":false,"schema":null'
kill -CONT "$pg_pid"
checked "a server" "$url" "\"ok\":true,\"schema\":$newest,"
pg_stop
checked "no server" "$url" '"ok":false,"schema":null'
finish
