# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of h7gang-publish: an MQTT broker, a subscriber, and an HTTP server that are started, killed and
# started again. Each is ended by its process ID.
# shellcheck shell=bash
publish=$top/build/h7gang-publish
[ -x "$publish" ] || { echo "ok 1 # SKIP built without h7gang-publish"; echo "1..1"; exit 0; }
PATH=$PATH:/usr/sbin
for program in mosquitto mosquitto_sub mosquitto_passwd; do
	command -v $program >/dev/null || { echo "ok 1 # SKIP no $program"; echo "1..1"; exit 0; }
done
export no_proxy='*' # the servers are on this computer
broker='' server='' subscriber='' publisher='' started=''
trap 'kill $started 2>/dev/null' EXIT

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# stop PID [SIGNAL]: and its status.
stop() { kill "-${2:-TERM}" "$1" 2>/dev/null; wait "$1" 2>/dev/null; }

# start_broker PORT [LINES]: more lines for its configuration. The broker keeps sessions of subscribers on disk.
start_broker() {
	mkdir -p "$work/broker.$1"
	cat >"$work/broker.$1.conf" <<-CONF
	user root
	persistence true
	persistence_location $work/broker.$1/
	autosave_interval 1
	autosave_on_changes true
	listener $1 127.0.0.1
	${2:-allow_anonymous true}
	CONF
	mosquitto -c "$work/broker.$1.conf" >>"$work/broker.$1.log" 2>&1 &
	broker=$!
	started="$started $!"
	wait_for 10 listens "$1"
}
# start_server PORT OUT [CERTIFICATE KEY]
start_server() {
	[ -f "$work/mode" ] || echo ok >"$work/mode"
	tests/publish/server "$1" "$2" "$work/mode" "${@:3}" 2>>"$work/server.log" &
	server=$!
	started="$started $!"
	last_port=$1
	wait_for 10 listens "$1"
}
# start_publisher OPTIONS...
start_publisher() {
	"$publish" "$@" 2>>"$work/publisher.err" &
	publisher=$!
	started="$started $!"
}
mode() { echo "$1" >"$work/mode"; }

# Numbers of rows, as they arrived; a row that arrives twice counts once, at its first time.
seqs() { jq -r .seq "$1" 2>/dev/null; }
first_times() { seqs "$1" | awk '!seen[$1]++'; }
# in_order FILE COUNT: rows 1 to COUNT arrived, in order.
in_order() {
	first_times "$1" | cmp -s - <(seq "$2") && return
	echo "# $(first_times "$1" | wc -l) of $2 rows, the first ones: $(first_times "$1" | head -n 20 | tr '\n' ' ')"
	return 1
}
# hashes_hold FILE LOG...: each row has the hash that the logs have.
hashes_hold() {
	jq -r '"\(.seq) \(.row_hash)"' "$1" | sort -u | cmp -s - <(for log in "${@:2}"; do
		scripts/log-columns "$log" seq row_hash | tr '\t' ' '
	done | sort -u)
}
position() { awk '{ print $2 }' "$1" 2>/dev/null; }
# at_row FILE SEQ: whether the position is behind that row.
at_row() { [ "$(position "$1")" = "$2" ]; }
