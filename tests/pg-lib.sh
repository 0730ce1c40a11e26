# SPDX-License-Identifier: GPL-2.0-or-later
# A PostgreSQL of the test's own: its own data, on a socket in the test's folder, no TCP. Sourced.
# shellcheck shell=bash

# The newest one that is installed; Debian keeps the server's programs out of PATH.
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
pg_dir="" pg_pid=""

# The server does not run as root.
pg_as() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid postgres --regid postgres --clear-groups "$@"
	else
		"$@"
	fi
}

# Where there is none, the test ends here, and says so.
pg_need() {
	[ -n "$pg_bin" ] && [ -x "$pg_bin/initdb" ] && return
	echo "ok $((checks += 1)) - # SKIP no PostgreSQL server (scripts/deps installs it)"
	finish
}

# pg_make [FOLDER]: a cluster, not started. Its path is short: a socket's may have 107 bytes.
pg_make() {
	pg_dir=${1:-$(mktemp -d /tmp/h7pg.XXXXXX)}
	mkdir -p "$pg_dir"
	chmod 755 "$pg_dir"
	[ "$(id -u)" -ne 0 ] || chown postgres "$pg_dir"
	pg_as "$pg_bin/initdb" -D "$pg_dir/data" -A trust -E UTF8 --locale=C -N -U postgres \
		>"$pg_dir/initdb.out" 2>&1 || { cat "$pg_dir/initdb.out"; exit 1; }
	cat >>"$pg_dir/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$pg_dir'
		log_min_messages = warning
		max_connections = 60
	END
}

# Again while it does not come up: workers of one that was killed may still hold its memory.
pg_start() {
	local tries=50
	while [ $((tries -= 1)) -gt 0 ]; do
		( cd "$pg_dir" && pg_as "$pg_bin/postgres" -D "$pg_dir/data" "$@" ) >>"$pg_dir/log" 2>&1 &
		pg_job=$!
		until "$pg_bin/pg_isready" -q -h "$pg_dir"; do
			kill -0 "$pg_job" 2>/dev/null || break
			sleep 0.1
		done
		kill -0 "$pg_job" 2>/dev/null && break
		sleep 0.3
	done
	pg_pid=$(head -1 "$pg_dir/data/postmaster.pid")
}

pg_kill() { # as by a power cut
	kill -KILL "$pg_pid"
	wait "$pg_job" 2>/dev/null
	pg_pid=""
}

pg_stop() {
	[ -z "$pg_pid" ] || { kill -INT "$pg_pid"; wait "$pg_job"; } 2>/dev/null
	pg_pid=""
}

pg_end() {
	pg_stop
	[ -z "$pg_dir" ] || rm -rf "$pg_dir"
}

pg_url() { # USER [DATABASE]
	echo "postgresql:///${2:-postgres}?host=$pg_dir&user=${1:-postgres}"
}

pg_sql() { # SQL [USER]: one value a line
	psql -h "$pg_dir" -U "${2:-postgres}" -d postgres -AtqX -v ON_ERROR_STOP=1 \
		-c "SET search_path = h7gang" -c "$1"
}
