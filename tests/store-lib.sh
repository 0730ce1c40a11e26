# SPDX-License-Identifier: GPL-2.0-or-later
# For the store's tests, after lib.sh: they run the same on both databases. Sourced.
# shellcheck shell=bash disable=SC2154 # work and h7gang are lib.sh's
. "$(dirname "${BASH_SOURCE[0]}")/pg-lib.sh"
make_log=$top/build/tests/make_log
database=""

# use sqlite|postgresql: a fresh store, its URL in $url.
use() {
	database=$1
	if [ "$1" = sqlite ]; then
		rm -f "$work"/store.db*
		url=sqlite:$work/store.db
	else
		[ -n "$pg_pid" ] || { pg_make && pg_start && trap pg_end EXIT; }
		psql -h "$pg_dir" -U postgres -d postgres -q -c "DROP SCHEMA IF EXISTS h7gang CASCADE" 2>/dev/null
		url=$(pg_url postgres)
	fi
	"$h7gang" store init --store "$url" >/dev/null
}

# sql TEXT: the database's own answer, values of a row separated by |.
sql() {
	if [ "$database" = sqlite ]; then
		sqlite3 "$work/store.db" "$1"
	else
		pg_sql "$1"
	fi
}

# same_as LOG...: whether the store holds exactly that log's rows (of all its files), byte for byte.
same_as() {
	local id
	id=$(sql "SELECT id FROM logs WHERE genesis = '$(sed -n 2p "$1" | tail -c 65)'")
	"$h7gang" store export --store "$url" --log "${id:-0}" >"$work/exported.csv" || return 1
	(head -n 1 "$1"; for file; do tail -n +2 "$file"; done) | cmp - "$work/exported.csv"
}
