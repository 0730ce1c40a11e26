#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# h7gang-publish to Debian's mosquitto and to an HTTP server: rows in order with their hashes, at least once after kills,
# TLS, users, the last will, servers that refuse, hang and cut off, positions and disks that fail, rotated and other logs.
. "$(dirname "$0")/../lib.sh"
. tests/publish-lib.sh
make -s build/tests/make_log || exit 1
grow() { build/tests/make_log append "$1" "$2" "${3:-st/1+#}" 1 >/dev/null; }
log=$work/log.csv
grow "$log" 60
http_port=$(free_port)
rows_url=http://127.0.0.1:$http_port/rows
once() { "$publish" --log "$log" --once --wait 1 --timeout 1 "$@"; }
# try NAME OPTIONS...: beside the test; tried NAME WHAT WORDS: it ended with status 1, said so, and has no position.
try() {
	once "${@:2}" --name "$1" 2>"$work/try.$1" >&2
	echo "exit $?" >>"$work/try.$1"
}
tried() {
	check "$2: refused" grep -qx 'exit 1' "$work/try.$1"
	check "$2: said" grep -qiE -- "$3" "$work/try.$1"
	check "$2: the position does not move" test ! -e "$log.published.$1"
	[ "$bad" -eq 0 ] || sed 's/^/# /' "$work/try.$1"
}

# --- HTTP ---
start_server "$http_port" "$work/http"
exits 0 "every row by HTTP" "$h7gang" publish --log "$log" --http "$rows_url" --once
check "in order" in_order "$work/http" 60
check "with their hashes" hashes_hold "$work/http" "$log"
check "each once" test "$(wc -l <"$work/http")" -eq 60
check "the position" at_row "$log.published.http" 60
/usr/bin/python3 - "$work/http" >"$work/valid" 2>&1 <<-'PY'
	import json, jsonschema, sys
	schema = json.load(open("docs/publish.schema.json"))
	jsonschema.Draft202012Validator.check_schema(schema)
	for line in open(sys.argv[1]): jsonschema.Draft202012Validator(schema).validate(json.loads(line))
PY
check "each fits docs/publish.schema.json" [ $? -eq 0 ]
exits 0 "nothing new" once --http "$rows_url"
check "is sent" test "$(wc -l <"$work/http")" -eq 60
tries=
for how in 503 404 301 slow drip cut status header early long reset redirect; do
	try $how --http "http://127.0.0.1:$http_port/$how" &
	tries="$tries $!"
done
# shellcheck disable=SC2086 # a list of words
wait $tries
tried 503 "a busy server" 'answers 503: not now\\x1b' # and nothing of it drives a terminal
tried 404 "another path" 'answers 404'
tried 301 "a redirect without a place" 'answers 301'
tried slow "no answer" 'timed out'
tried drip "an answer without an end" 'timed out'
tried cut "half an answer" 'transfer closed|bytes missing'
for how in status header early; do
	tried $how "an answer without the end of its headers ($how)" 'closed the connection within the headers'
done
tried long "a header of 200 kB" 'header of the server.s answer is too large'
tried reset "a connection that is cut off" 'empty reply'
tried redirect "a redirect" 'redirect to http://elsewhere.example/rows, which is not followed'
exits 0 "an answer that states no length" once --http "http://127.0.0.1:$http_port/close" --name close
check "counts" at_row "$log.published.close" 60
exits 0 "a long answer" once --http "http://127.0.0.1:$http_port/big" --name big
check "counts like a short one" at_row "$log.published.big" 60
start_publisher --log "$log" --http "$rows_url" --name kills
wait_for 10 at_row "$log.published.kills" 60
mode slow
grow "$log" 20
wait_for 10 grep -q '^slow' "$work/http.requests"
stop $publisher KILL
mode ok
: >"$work/http"
exits 0 "after a kill" once --http "$rows_url" --name kills
check "the row that was on its way comes again" test "$(seqs "$work/http" | head -n 1)" = 61
check "and the rest" test "$(first_times "$work/http" | tr '\n' ' ')" = "$(seq 61 80 | tr '\n' ' ')"

# Secrets.
echo hunter2 >"$work/secret"
chmod 640 "$work/secret"
exits 2 "a password that others can read" once --http "$rows_url" --user me --password-file "$work/secret"
check "is refused" says "$work/err" "chmod 600"
chmod 600 "$work/secret"
exits 0 "a token" once --http "$rows_url" --name token --token-file "$work/secret"
check "is sent" says "$work/http.requests" "Bearer hunter2"
exits 2 "a token in clear text to another computer" once --http http://192.0.2.1/ --token-file "$work/secret"
check "is refused" says "$work/err" "clear text"
exits 2 "a user in the address" once --http http://me:hunter2@127.0.0.1/
check "is refused, and the password is not shown" test "$(grep -c hunter2 "$work/err")" -eq 0

# --- MQTT with TLS, users and ACL ---
(
	cd "$work" || exit 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca2 -keyout x.key -out other.pem
	for name in localhost wrong.example client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$name -keyout $name.key -out $name.csr
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out $name.pem \
			-extfile <(echo "subjectAltName=DNS:$name")
	done
	chmod 600 ./*.key
) >"$work/openssl.log" 2>&1
mosquitto_passwd -b -c "$work/users" st_1__ hunter2 >/dev/null 2>&1
mosquitto_passwd -b "$work/users" mes mes-password >/dev/null 2>&1
sed -n '/^```acl/,/^```$/p' docs/publish.md | grep -v '```' >"$work/acl"
secure() { # CERTIFICATE [LINES]
	echo "cafile $work/ca.pem
certfile $work/$1.pem
keyfile $work/$1.key
${2:-password_file $work/users
acl_file $work/acl}"
}
mqtt_port=$(free_port)
url=mqtts://localhost:$mqtt_port
start_broker "$mqtt_port" "$(secure localhost)"
mqtt=(--mqtt "$url" --ca "$work/ca.pem" --user st_1__ --password-file "$work/secret")
listen() { # FILE TOPIC...: a subscriber whose session the broker keeps
	local file=$1 topics=() topic
	shift
	for topic; do topics+=(-t "$topic"); done
	mosquitto_sub -V 5 -c -x 3600 -i mes -q 1 -h localhost -p "$mqtt_port" --cafile "$work/ca.pem" -u mes -P mes-password \
		-F '%r %t %p' "${topics[@]}" >>"$file" 2>>"$work/sub.err" &
	subscriber=$!
	started="$started $!"
}
exits 1 "no subscriber" once "${mqtt[@]}"
check "is said" says "$work/err" "no client subscribes to h7gang/st_1__/unit"
check "and the position does not move" test ! -e "$log.published.mqtt"
exits 0 "if that is well" once "${mqtt[@]}" --without-subscriber --name open
listen "$work/mqtt" 'h7gang/+/unit' 'h7gang/+/note' 'h7gang/+/state/+'
wait_for 10 grep -q . "$work/mqtt" # the retained state
exits 0 "every row by MQTT" once "${mqtt[@]}"
arrived() { [ "$(grep -c ' h7gang/st_1__/unit ' "$1")" -ge "$2" ]; }
wait_for 10 arrived "$work/mqtt" 80
units() { sed -n 's,^[01] h7gang/st_1__/unit ,,p' "$1"; }
units "$work/mqtt" >"$work/mqtt.rows"
check "in order" in_order "$work/mqtt.rows" 80
check "with their hashes" hashes_hold "$work/mqtt.rows" "$log"
check "names in topics are harmless, those in messages whole" test "$(jq -r .station "$work/mqtt.rows" | sort -u)" = 'st/1+#'
# The subscriber of docs/publish.md, with the names of this test's broker.
sed -n '/runs this: subscribe/,/^```$/p' docs/publish.md | grep -vE '^(```|<)' |
	sed "s,broker.example -p 8883,localhost -p $mqtt_port,; s,/etc/h7gang/ca.pem,$work/ca.pem,; s/PASSWORD/mes-password -C 1/; s/-i mes/-i docs/" \
		>"$work/subscribe"
check "docs/publish.md has a subscriber" grep -q "localhost -p $mqtt_port .*$work/ca.pem" "$work/subscribe"
check "of units and of notes" grep -q "'h7gang/+/unit' .*'h7gang/+/note'" "$work/subscribe"
timeout 60 bash "$work/subscribe" >"$work/subscribed" 2>&1 &
reaches_it() {
	"$publish" --log "$log" --name docs --after 79 && once "${mqtt[@]}" --name docs &&
		grep -q '^h7gang/st_1__/unit {"v":1,' "$work/subscribed"
} 2>>"$work/docs.err"
check "which gets a row" wait_for 10 reaches_it
check "no operator" test "$(jq -s 'map(has("operator")) | any' "$work/mqtt.rows")" = false
exits 0 "with it, when asked" once --http "$rows_url" --name op --with-operator
check "there it is" test "$(tail -n 80 "$work/http" | jq -s 'map(has("operator")) | all')" = true
state() { # FILTER NAME: of the last state
	[ "$(sed -n "s,^[01] h7gang/st_1__/state/$2 ,,p" "$work/mqtt" | tail -n 1 | jq -c "$1")" = "$3" ]
}
check "the state at the end" wait_for 5 state '[.online, .seq]' mqtt '[false,80]'
start_publisher --log "$log" "${mqtt[@]}"
check "the state meanwhile" wait_for 10 state .online mqtt true
stop $publisher KILL
check "the last will after a kill" wait_for 10 state '[.online, .seq]' mqtt '[false,null]'
mosquitto_sub -V 5 -i new -q 1 -h localhost -p "$mqtt_port" --cafile "$work/ca.pem" -u mes -P mes-password -C 2 -W 5 \
	-F '%r %t' -t 'h7gang/+/state/+' >"$work/retained" 2>&1
check "the state is retained" grep -qx '1 h7gang/st_1__/state/mqtt' "$work/retained"
echo wrong >"$work/wrong"
chmod 600 "$work/wrong"

kill -STOP $broker
exits 1 "a broker that hangs" once "${mqtt[@]}" --name hangs
kill -CONT $broker
check "is given up" says "$work/err" "the broker did not answer within 1 s"
check "and the position does not move" test ! -e "$log.published.hangs"

cut_port=$(free_port)
/usr/bin/python3 - "$cut_port" <<-'PY' &
	import socket, sys
	listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
	while True: # a broker that accepts, and closes in the middle of the acknowledgement of the first message
	    client, _ = listener.accept()
	    with client:
	        if client.recv(65536):
	            client.sendall(bytes([0x20, 3, 0, 0, 0]))
	            client.recv(65536)
	            client.sendall(bytes([0x40, 2, 0]))
PY
started="$started $!"
wait_for 10 listens "$cut_port"
exits 1 "a broker that closes within an acknowledgement" once --mqtt "mqtt://127.0.0.1:$cut_port" --name cutting
check "is said" says "$work/err" "wait: the broker closed the connection; trying again"
check "and the position does not move" test ! -e "$log.published.cutting"

# Refusals, in parallel. Other brokers have another certificate, or ask for one.
main=$broker
wrong_port=$(free_port)
start_broker "$wrong_port" "$(secure wrong.example)"
wrong=$broker
client_port=$(free_port)
start_broker "$client_port" "$(secure localhost "require_certificate true
use_identity_as_username true")"
start_server "$(free_port)" "$work/https" "$work/localhost.pem" "$work/localhost.key"
https_port=$last_port
tls=(--ca "$work/ca.pem")
try password "${mqtt[@]/$work\/secret/$work\/wrong}" & tries=$!
try ca --mqtt "$url" --ca "$work/other.pem" & tries="$tries $!"
try system --mqtt "$url" & tries="$tries $!"
try acl "${mqtt[@]}" --topic other & tries="$tries $!"
try host --mqtt "mqtts://localhost:$wrong_port" "${tls[@]}" --user st_1__ --password-file "$work/secret" & tries="$tries $!"
try nocert --mqtt "mqtts://localhost:$client_port" "${tls[@]}" & tries="$tries $!"
try plain --mqtt "mqtt://localhost:$mqtt_port" & tries="$tries $!"
try sca --http "https://localhost:$https_port/rows" --ca "$work/other.pem" & tries="$tries $!"
try shost --http "https://127.0.0.1:$https_port/rows" "${tls[@]}" & tries="$tries $!"
# shellcheck disable=SC2086 # a list of words
wait $tries
tried password "a wrong password" 'not authori[sz]ed'
tried ca "a broker's certificate of another CA" 'certificate verify failed'
tried system "a certificate of no CA of this computer" 'certificate verify failed'
tried acl "a topic that the ACL forbids" 'the broker refuses other/st_1__/unit: not authori[sz]ed'
tried host "a broker's certificate for another host" 'host name localhost'
tried nocert "no client certificate" 'client certificate'
tried plain "no TLS where the broker wants it" '.'
tried sca "a server's certificate of another CA" 'certificate'
tried shost "a server's certificate for another host" 'subject name'
check "nothing came there" test ! -e "$work/https"
exits 0 "HTTPS" once --http "https://localhost:$https_port/rows" "${tls[@]}" --name https
check "arrives" in_order "$work/https" 80
exits 0 "a client certificate" once --mqtt "mqtts://localhost:$client_port" "${tls[@]}" --certificate "$work/client.pem" \
	--key "$work/client.key" --name cert --without-subscriber
stop $subscriber
stop $broker
stop $wrong
stop $main

# --- the position ---
hostile() { # WHAT COMMAND...: makes $log.published.bad
	local what=$1
	shift
	rm -rf "$log.published.bad"
	"$@"
	exits 4 "$what as a position" once --http "$rows_url" --name bad
	check "$what: what to do" says "$work/err" "--after SEQ"
}
bad_text() { printf '%b' "$1" >"$log.published.bad"; }
good_line="h7gang-published-1 3 $(column "$log" row_hash | sed -n 3p)"
hostile "nothing" bad_text ""
hostile "a line without its end" bad_text "$good_line"
hostile "a NUL" bad_text "$good_line\\0\n"
hostile "two lines" bad_text "$good_line\n$good_line\n"
hostile "a row 0" bad_text "h7gang-published-1 0 ${good_line##* }\n"
hostile "a number that is too large" bad_text "h7gang-published-1 99999999999999999999 ${good_line##* }\n"
hostile "a negative number" bad_text "h7gang-published-1 -3 ${good_line##* }\n"
hostile "a large file" bash -c "head -c 5000000 /dev/zero >'$log.published.bad'"
hostile "a folder" mkdir "$log.published.bad"
hostile "a symbolic link" ln -s "$log" "$log.published.bad"
hostile "a FIFO" mkfifo "$log.published.bad"
hostile "a row that the log has not" bad_text "h7gang-published-1 500 ${good_line##* }\n"
check "is named" says "$work/err" "the log ends with row 80, before row 500"
hostile "another row's hash" bad_text "h7gang-published-1 4 ${good_line##* }\n"
check "is named" says "$work/err" "row 4 of the log is not the one that was published"
rm -rf "$log.published.bad"
exits 0 "--after a row" "$publish" --log "$log" --name bad --after 78
: >"$work/http"
exits 0 "goes on behind it" once --http "$rows_url" --name bad
check "with the next row" test "$(seqs "$work/http" | tr '\n' ' ')" = "79 80 "
exits 0 "--after 0" "$publish" --log "$log" --name bad --after 0
check "forgets the position" test ! -e "$log.published.bad"
exits 0 "--after end" "$publish" --log "$log" --name bad --after end
check "is behind the last row" at_row "$log.published.bad" 80
exits 4 "--after a row that is not there" "$publish" --log "$log" --name bad --after 81
exits 4 "a log that is not there" "$publish" --log "$work/none.csv" --once --http "$rows_url"
mode slow
start_publisher --log "$log" --name two --http "$rows_url"
wait_for 10 test -e "$log.published.two.lock"
exits 4 "a second one of that name" once --http "$rows_url" --name two
check "is refused" says "$work/err" "another h7gang-publish uses this name"
kill $publisher
wait $publisher
check "SIGTERM ends it, in the middle of a request" test $? -eq 0
mode ok

# A full disk under the position.
FAILFS=$work/failfs.so
gcc -shared -fPIC -O1 -o "$FAILFS" tests/shim/failfs.c -ldl 2>"$work/shim.log"
export FAILFS_MATCH=published.full FAILFS_MODE=enospc FAILFS_CALL=1
: >"$work/http"
exits 4 "a full disk under the position" env LD_PRELOAD="$FAILFS" "$publish" --log "$log" --once --wait 2 --http "$rows_url" --name full
check "is named" says "$work/err" "cannot be written: No space left on device"
check "no row is sent before the position of the last one is kept" test "$(wc -l <"$work/http")" -le 40
exits 0 "once there is room" once --http "$rows_url" --name full
check "every row arrives" in_order "$work/http" 80

# --- other logs ---
rotated=$work/rotated.csv
head -n 31 "$log" >"$rotated.0001"
{ head -n 1 "$log"; sed -n 32,51p "$log"; } >"$rotated.0002"
{ head -n 1 "$log"; sed -n 52,81p "$log"; } >"$rotated"
: >"$work/http"
exits 0 "a rotated log" "$publish" --log "$rotated" --once --http "$rows_url"
check "in order" in_order "$work/http" 80
start_publisher --log "$rotated" --http "$rows_url"
grow "$rotated" 5
mv "$rotated" "$rotated.0003"
head -n 1 "$log" >"$rotated"
grow_from() { # the chain goes on in a new file
	local last
	last=$(column "$rotated.0003" row_hash | tail -n 1)
	build/tests/make_log append "$work/next.csv" 4 st 2 >/dev/null
	awk -F, -v OFS=, 'NR > 1 { $1 += 85; print }' "$work/next.csv" >>"$rotated"
	build/tests/make_log rehash "$rotated" "$last" >/dev/null
}
wait_for 10 at_row "$rotated.published.http" 85
grow_from
check "a log that is rotated meanwhile" wait_for 10 at_row "$rotated.published.http" 89
stop $publisher
check "in order" in_order "$work/http" 89
rm "$rotated.0002"
exits 4 "a file of the log is missing" "$publish" --log "$rotated" --once --http "$rows_url" --name gap --wait 3
check "is named" says "$work/err" "does not go on with row 31"
cp "$log" "$work/edited.csv"
sed -i '5s/PASS/FAIL/' "$work/edited.csv"
exits 4 "a changed row" "$publish" --log "$work/edited.csv" --once --http "$rows_url" --name edited
check "is not sent" at_row "$work/edited.csv.published.edited" 3
check "nothing of all that changed the log" cmp -s <(grow "$work/same.csv" 60; grow "$work/same.csv" 20; cat "$work/same.csv") "$log"
finish
