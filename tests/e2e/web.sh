#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# limit: 400
# h7gang-web with curl: the API against its OpenAPI document, events, TLS, logins, tokens, roles, CSRF, Origin, Host,
# rates, certificates that change, client certificates, a reverse proxy; and that nothing of it touches a row.
. "$(dirname "$0")/../lib.sh"
web=$top/build/h7gang-web
[ -x "$web" ] || { echo "ok 1 # SKIP built without h7gang-web"; echo "1..1"; exit 0; }
command -v curl >/dev/null || { echo "ok 1 # SKIP no curl"; echo "1..1"; exit 0; }

p=$(profile watch 'slots:
  - {name: A1, path: 1-1.1, row: 1, column: 1}
  - {name: A2, path: 1-1.2, row: 1, column: 2}
  - {name: B1, path: 1-1.3, row: 2, column: 1}
audit: {file: log.csv, key: '"$work"'/key.pem, seal_every: 2}
control: {allow: [acknowledge, unlock, lot, operator, scan, stop]}')
"$h7gang" audit keygen --output "$work/key.pem" >/dev/null || exit 1
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1}
  - {name: locked, path: 1-1.2, rdp: 1}
  - {name: also, path: 1-1.3}
END
sock=$work/s
mkdir -p "$work/traces"
start_station() {
	: >"$work/run.out" >"$work/run.err"
	"$sim" --fleet "$work/fleet.yaml" --speed "${1:-20}" -- "$h7gang" run --watch --profile "$p" --socket "$sock" --lot L1 \
		--trace "$work/traces" >"$work/run.out" 2>"$work/run.err" &
	run=$!
}
stop_station() { kill -INT "$(pgrep -P $run h7gang)"; wait $run; }
start_station
finished() { [ "$("$h7gang" status --connect "$sock" --json 2>/dev/null | jq '.passed + .failed')" = 3 ]; }
check "three boards come to their verdicts" wait_for 60 finished

plain=$(free_port) tls=$(free_port) metrics=$(free_port)
webs=
start_web() { # OPTIONS...
	"$web" --connect "$sock" "$@" 2>>"$work/web.err" &
	last=$!
	webs="$webs $last"
}
stop_web() { kill "$1"; wait "$1" 2>/dev/null; }
trap 'kill $webs 2>/dev/null' EXIT
start_web --listen "127.0.0.1:$plain" --listen "unix:$work/web.sock" --metrics "127.0.0.1:$metrics" --trace "$work/traces"
first=$last
url=http://127.0.0.1:$plain
get() { curl -s -m 20 "$@"; }
code() { get -o /dev/null -w '%{http_code}' "$@"; }
answers() { [ "$(code "$url/api/v1/station")" = 200 ]; }
check "it answers" wait_for 30 answers
rows_read() { [ "$(get "$url/api/v1/station" | jq .read.last)" = 3 ]; }
check "it reads the log" wait_for 30 rows_read

# --- every answer against the OpenAPI document ---
cat >"$work/fits.py" <<-'END'
import json, re, sys, jsonschema
doc = json.load(open("src/web/page/openapi.json"))
path, status, method = sys.argv[1], sys.argv[2], sys.argv[3]
def found(template): return re.fullmatch(re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(template)), path)
item = [doc["paths"][t] for t in sorted(doc["paths"], key=lambda t: "{" in t) if found(t)][0][method]
answer = item["responses"][status]
if "$ref" in answer: answer = doc["components"]["responses"][answer["$ref"].split("/")[-1]]
schema = dict(answer["content"]["application/json"]["schema"], components=doc["components"])
jsonschema.Draft202012Validator(schema).validate(json.load(sys.stdin))
END
fits() { # PATH[?QUERY] STATUS [METHOD CURL-OPTIONS...]
	local status method=${3:-get}
	status=$(get -o "$work/body" -w '%{http_code}' "$url$1" "${@:4}")
	[ "$status" = "$2" ] || { echo "# $1: status $status"; head -c 300 "$work/body"; return 1; }
	/usr/bin/python3 "$work/fits.py" "${1%%\?*}" "$2" "$method" <"$work/body"
}
cp src/web/page/openapi.json "$work/openapi.json"
get "$url/openapi.json" | cmp - "$work/openapi.json"
check "the document is served" [ $? -eq 0 ]
check "its own form is valid" /usr/bin/python3 -c 'import json, jsonschema
d = json.load(open("src/web/page/openapi.json")); assert d["openapi"] == "3.1.0"
for s in d["components"]["schemas"].values(): jsonschema.Draft202012Validator.check_schema(s)'
check "it has every state of a slot" [ "$(jq -r '.components.schemas.slot.properties.state.enum[]' src/web/page/openapi.json | sort)" = \
	"$("$h7gang" status --connect "$sock" --prometheus | sed -n 's/^h7gang_slot_state{.*state="\([a-z_]*\)".*/\1/p' | sort -u)" ]
for path in station slots slots/A1 units "units?limit=2" "units?slot=A2&result=FAIL" "units?since=2026" rows/1 rows/3 session; do
	check "$path" fits "/api/v1/$path" 200
done
for path in slots/Z9 rows/0 rows/99 rows/x traces/no.pcapng; do
	check "$path is not there" fits "/api/v1/$path" 404
done
for path in "units?limit=0" "units?limit=501" "units?limit=x" "units?result=GOOD" "units?since=yesterday" "units?before=-1"; do
	check "$path is refused" fits "/api/v1/$path" 400
done
check "every path of the document was asked for, or is a POST" [ "$(jq -r '.paths | to_entries[] | select(.value.get) | .key' \
	src/web/page/openapi.json | wc -l)" -eq 10 ]

# --- the answers ---
uid=$(scripts/log-columns "$work/log.csv" uid result | awk '$2 == "PASS" { print $1; exit }')
check "a board is found by its UID" [ "$(get "$url/api/v1/units?uid=$uid" | jq -r '.units[].uid')" = "$uid" ]
check "no board by another" [ "$(get "$url/api/v1/units?uid=${uid}0" | jq '.units | length')" = 0 ]
check "units by lot" [ "$(get "$url/api/v1/units?lot=L1" | jq '.units | length')" = 3 ]
check "pages follow each other" [ "$(get "$url/api/v1/units?limit=2" | jq .next)" = 2 ]
check "to the end" [ "$(get "$url/api/v1/units?limit=2&before=2" | jq -c '[.next, (.units | map(.seq))]')" = '[null,[1]]' ]
get "$url/api/v1/rows/2" >"$work/row.json"
check "a row is that of the log" [ "$(jq -r .text "$work/row.json")" = "$(sed -n 3p "$work/log.csv")" ]
check "with the hash before it" [ "$(jq -r .previous.row_hash "$work/row.json")" = "$(column "$work/log.csv" row_hash | head -n 1)" ]
check "and the next seal" [ "$(jq -c '[.sealed, .seal.seq]' "$work/row.json")" = '[true,2]' ]
check "the last row is not yet sealed" [ "$(get "$url/api/v1/rows/3" | jq -c '[.sealed, .seal]')" = '[false,null]' ]
check "the slots know their rows" [ "$(get "$url/api/v1/slots" | jq -c '[.slots[].seq] | sort')" = '[1,2,3]' ]
name=$(column "$work/log.csv" detail | grep -o '[A-Za-z0-9._-]*\.pcapng' | head -n 1)
get "$url/api/v1/traces/$name" | cmp - "$work/traces/$name"
check "a trace is offered" [ $? -eq 0 ]
for path in ..%2flog.csv ../log.csv %2e%2e/key.pem "..%2f..%2fkey.pem"; do
	check "traces/$path is not" [ "$(code --path-as-is "$url/api/v1/traces/$path")" = 404 ]
done
check "the report is a page" grep -q '<h1>Programming report</h1>' <(get "$url/report")

# --- events ---
get -N -m 2 "$url/api/v1/events" >"$work/sse"
check "events begin with a snapshot" [ "$(sed -n 's/^event: //p' "$work/sse" | head -n 1)" = snapshot ]
last_id=$(sed -n 's/^id: //p' "$work/sse" | tail -n 1)
check "they have numbers" grep -qE '^[0-9a-f-]{36}-[0-9]+$' <<<"$last_id"
get -N -m 8 -H "Last-Event-ID: $last_id" "$url/api/v1/events" >"$work/sse2"
check "after the last one comes no snapshot, but a beat" [ "$(sed -n 's/^event: //p' "$work/sse2" | sort -u)" = beat ]
get -N -m 2 -H "Last-Event-ID: bogus-99" "$url/events" >"$work/sse3"
check "after an unknown one there is a snapshot" grep -q '^event: snapshot' "$work/sse3"

# --- connections that send a byte now and then ---
cat >"$work/drip.py" <<-'END'
	import socket, sys, time
	port, count = int(sys.argv[1]), int(sys.argv[2])
	def drip():
	    s = socket.create_connection(("127.0.0.1", port), timeout=10)
	    s.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
	    return s
	held = [drip() for _ in range(count)]
	if count > 1: # others are answered all the same
	    s = socket.create_connection(("127.0.0.1", port), timeout=10)
	    s.sendall(b"GET /api/v1/station HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % port)
	    sys.exit(not s.recv(100).startswith(b"HTTP/1.1 200"))
	held[0].settimeout(2)
	for _ in range(60): # this one is closed, although it is never idle
	    try:
	        held[0].sendall(b"x")
	        if held[0].recv(100) == b"": sys.exit(0)
	    except TimeoutError: pass
	    except OSError: sys.exit(0)
	sys.exit(1)
END
check "300 unfinished requests of one address lock nobody out" /usr/bin/python3 "$work/drip.py" "$plain" 300
/usr/bin/python3 "$work/drip.py" "$plain" 1 &
drip=$!

# --- the listener ---
check "another Host is not answered" [ "$(code -H 'Host: evil.example' "$url/")" = 421 ]
check "a unix socket is" [ "$(code --unix-socket "$work/web.sock" http://localhost/api/v1/station)" = 200 ]
check "other methods are not" [ "$(code -X DELETE "$url/")" = 405 ]
check "a large body is not" [ "$(head -c 9000 /dev/zero | code -X POST --data-binary @- "$url/api/v1/station/stop")" = 413 ]
check "long headers are not" [ "$(code -H "X-Long: $(head -c 40000 /dev/zero | tr '\0' x)" "$url/")" -ge 400 ]
get -D "$work/head" -o /dev/null "$url/"
check "the policy has no inline script" grep -q "script-src 'self';" "$work/head"
check "and no page frames it" grep -q "frame-ancestors 'none'" "$work/head"
check "the page loads nothing from elsewhere" [ "$(cat src/web/page/page.* src/web/page/login.* | grep -cE '(src|href)="(https?:)?//')" = 0 ]
check "control is off" [ "$(code -X POST "$url/api/v1/station/stop")" = 403 ]
check "metrics are at their own address only" [ "$(code "$url/metrics") $(code "http://127.0.0.1:$metrics/metrics") $(code \
	"http://127.0.0.1:$metrics/api/v1/station") $(code -X POST "http://127.0.0.1:$metrics/metrics")" = "404 200 404 405" ]

# --- requirements of a public address ---
exits 2 "without TLS" "$web" --connect "$sock" --listen "0.0.0.0:$tls"
check "is said" says "$work/err" "needs TLS and users"
exits 2 "control without users" "$web" --connect "$sock" --control
exits 2 "a host name is no address" "$web" --connect "$sock" --listen "localhost:$tls"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=one" -addext "subjectAltName=IP:127.0.0.1" \
	-keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
exits 2 "TLS without users" "$web" --connect "$sock" --listen "0.0.0.0:$tls" --certificate "$work/tls.crt" --key "$work/tls.key"
users=$work/users
add() { "$web" --users "$users" --role "$2" --add-user "$1" <<<"$3"; }
many_at_once() {
	local adding="" i
	for i in {1..8}; do
		"$web" --users "$work/many" --role view --add-user "u$((i % 4))" <<<"many-password" 2>/dev/null & adding="$adding $!"
	done
	# shellcheck disable=SC2086 # a list of numbers
	wait $adding
	[ "$(cut -d ' ' -f 2 "$work/many" | sort | xargs)" = "u0 u1 u2 u3" ]
}
add vera view "vera-password" && add lena lead "lena-password" && add anna admin "anna-password"
check "users are added" [ "$(wc -l <"$users") $(stat -c %a "$users")" = "3 600" ]
check "their passwords are not in the file" [ "$(grep -c -- '-password' "$users")" = 0 ]
add anna lead "other-password"
add anna admin "anna-password" && add vera view "vera-password"
check "a name that is there is replaced" [ "$(cut -d ' ' -f 1-3 "$users" | xargs)" = "user lena lead user anna admin user vera view" ]
check "and nothing is left behind" [ "$(stat -c %a "$users") $(ls "$work"/users*)" = "600 $users" ]
printf '# old\nuser anna view -\nuser anna lead -\ntoken anna view x\nuser annabel lead -' >"$work/twice"
chmod 600 "$work/twice"
users=$work/twice add anna view "anna-password" 2>/dev/null
check "a name that was there twice is there once" [ "$(cut -d ' ' -f 1-3 "$work/twice" | xargs)" = "# old token anna view user annabel lead user anna view" ]
printf 'user max\0 view -\n' >"$work/nul"
chmod 600 "$work/nul"
users=$work/nul add anna view "anna-password" 2>/dev/null
check "a file with a NUL is left as it is" [ "$? $(tr -d '\0' <"$work/nul")" = "5 user max view -" ]
check "many are added at once" many_at_once
exits 2 "a short password" "$web" --users "$users" --role view --add-user max
token=$("$web" --users "$users" --role lead --add-token mes)
check "a token is printed, and not kept" [ "${#token} $(grep -c "$token" "$users")" = "64 0" ]
chmod 644 "$users"
exits 2 "users that others can read" "$web" --connect "$sock" --listen "127.0.0.1:$tls" --users "$users"
chmod 600 "$users"
exits 2 "a key of another certificate" "$web" --connect "$sock" --listen "127.0.0.1:$tls" --users "$users" \
	--certificate "$work/tls.crt" --key "$work/key.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Test CA" -keyout "$work/ca.key" -out "$work/ca.crt" 2>/dev/null
start_web --listen "127.0.0.1:$tls" --certificate "$work/tls.crt" --key "$work/tls.key" --users "$users" --control \
	--client-ca "$work/ca.crt"
second=$last
url=https://127.0.0.1:$tls
safe() { get --cacert "$work/tls.crt" "$@"; }
status() { safe -o "$work/body" -w '%{http_code}' "$@"; }
tls_up() { [ "$(status "$url/login")" = 200 ]; }
check "TLS is there" wait_for 30 tls_up
check "with TLS 1.2" [ "$(status --tls-max 1.2 "$url/login")" = 200 ]
check "not with TLS 1.1" [ "$(status --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "$url/login")" = 000 ]
check "not without TLS" [ "$(code "http://127.0.0.1:$tls/login")" != 200 ]
check "without a login: to the login" [ "$(safe -o /dev/null -w '%{http_code} %{redirect_url}' "$url/")" = "303 $url/login" ]
check "and no API" [ "$(status "$url/api/v1/station") $(status "$url/events") $(status "$url/report")" = "401 303 303" ]
login() { # USER PASSWORD JAR CURL-OPTIONS...
	safe -c "$3" -D "$work/head" -o /dev/null -w '%{http_code} %{redirect_url}' --data-urlencode "user=$1" \
		--data-urlencode "password=$2" "${@:4}" "$url/login"
}
check "a wrong password" [ "$(login lena wrong "$work/no")" = "303 $url/login?wrong=1" ]
check "is in the journal" says "$work/web.err" 'login FAILED: user "lena" from 127.0.0.1'
check "a login from another page" [ "$(login lena lena-password "$work/no" -H 'Origin: https://evil.example')" = "403 " ]
check "a login" [ "$(login lena lena-password "$work/lena")" = "303 $url/" ]
check "the cookie is for this server's eyes alone" grep -qiE \
	'^set-cookie: __Host-h7gang=[0-9a-f]{64}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=28800' "$work/head"
check "opens the page" [ "$(status -b "$work/lena" "$url/")" = 200 ]
csrf=$(safe -b "$work/lena" "$url/api/v1/session" | jq -r .csrf)
do_post() { status -b "$work/$1" -X POST "$url/api/v1/$2" -H "X-CSRF-Token: $csrf" -H "Origin: $url" "${@:3}"; }
check "a command" [ "$(do_post lena station/operator -d '{"operator":"Kim"}')" = 200 ]
check "is on record, with user and place" wait_for 30 grep -q \
	'"command ""operator Kim"" by user .*, for lena at 127.0.0.1: accepted' "$work/log.csv"
fits_post() { url=https://127.0.0.1:$tls fits "$1" "$2" post --cacert "$work/tls.crt" -b "$work/lena" -X POST \
	-H "X-CSRF-Token: $csrf" -H "Origin: $url" "${@:3}"; }
check "its answer fits" fits_post /api/v1/station/operator 200 -d '{"operator":"Kim"}'
check "a refusal fits" fits_post /api/v1/slots/A1/unlock 409
check "acknowledge: the station answers" grep -qE "200|409" <<<"$(do_post lena slots/A2/acknowledge)"
check "a scan" [ "$(do_post lena station/scan -d '{"scan":"x"}')" = 409 ]
check "a scan that begins with a slot" [ "$(do_post lena station/scan -d '{"scan":"A2 x"}')" = 409 ]
check "is not for that slot" grep -q "scan - A2 x" "$work/log.csv"
for body in '' '{}' '[]' '{"operator":1}' '{"operator":""}' '{"operator":"a\nquit"}' "{\"operator\":\"$(head -c 700 /dev/zero | tr '\0' x)\"}"; do
	check "not a body: ${body:0:20}" [ "$(do_post lena station/operator -d "$body")" = 400 ]
done
check "not a place: quit" [ "$(do_post lena station/quit)" = 404 ]
check "not for a lead: stop" [ "$(do_post lena station/stop)" = 403 ]
check "without the token of the page" [ "$(csrf=no do_post lena station/unlock)" = 403 ]
check "from another origin" [ "$(status -b "$work/lena" -X POST "$url/api/v1/station/unlock" -H "X-CSRF-Token: $csrf" \
	-H 'Origin: https://evil.example')" = 403 ]
check "without an origin" [ "$(status -b "$work/lena" -X POST "$url/api/v1/station/unlock" -H "X-CSRF-Token: $csrf")" = 403 ]
bearer() { status -H "Authorization: Bearer $1" "${@:2}"; }
check "a token of a program" [ "$(bearer "$token" "$url/api/v1/station")" = 200 ]
check "may give commands" [ "$(bearer "$token" -X POST "$url/api/v1/slots/A2/acknowledge")" != 403 ]
check "not a wrong one" [ "$(bearer "${token%?}x" "$url/api/v1/station")" = 401 ]
check "nor in the address" [ "$(status "$url/api/v1/station?token=$token&access_token=$token")" = 401 ]
check "who only looks" [ "$(login vera vera-password "$work/vera")" = "303 $url/" ]
csrf=$(safe -b "$work/vera" "$url/api/v1/session" | jq -r .csrf)
check "gives no commands" [ "$(do_post vera station/unlock)" = 403 ]
add vera view "another-password" 2>"$work/changed"
check "a new password is said" says "$work/changed" 'user "vera": replaced password and role'
check "it ends the sessions of that user" [ "$(status -b "$work/vera" "$url/api/v1/station")" = 401 ]
check "the new one is right" [ "$(login vera another-password "$work/vera") $(status -b "$work/vera" "$url/api/v1/station")" = "303 $url/ 200" ]
safe -N -m 40 -b "$work/vera" "$url/api/v1/events" >"$work/vera.events" &
vera=$!
safe -N -m 40 -b "$work/lena" "$url/api/v1/events" >"$work/lena.events" &
lena=$!
safe -N -m 40 -H "Authorization: Bearer $token" "$url/api/v1/events" >"$work/token.events" &
program=$!
streams() { [ "$(grep -l '^event: snapshot' "$work"/{vera,lena,token}.events | wc -l)" = 3 ]; }
check "three read events" wait_for 20 streams
sed -i '/^user vera/d; /^token/d' "$users"
check "a user who is removed is out at once" [ "$(status -b "$work/vera" "$url/api/v1/station")" = 401 ]
check "and gets no more events" wait_for 20 grep -q 'login is not valid any more' "$work/vera.events"
check "nor does a program whose token is removed" wait_for 20 grep -q 'login is not valid any more' "$work/token.events"
wait $vera && wait $program
check "both streams end" [ $? -eq 0 ]
check "other users read on" kill -0 $lena
csrf=$(safe -b "$work/lena" "$url/api/v1/session" | jq -r .csrf)
check "sign out" [ "$(status -b "$work/lena" -X POST "$url/logout" -H "X-CSRF-Token: $csrf" -H "Origin: $url")" = 303 ]
check "ends the session" [ "$(status -b "$work/lena" "$url/api/v1/station")" = 401 ]
check "and its events" wait_for 20 grep -q 'login is not valid any more' "$work/lena.events"
# All at once: on a slow machine, a login may take so long that another one is allowed meanwhile.
guesses=
for i in {1..12}; do
	login anna guess "$work/no.$i" >"$work/try.$i" &
	guesses="$guesses $!"
done
for i in {1..6}; do
	login anna anna-password "$work/no.$i" >"$work/right.$i" &
	guesses="$guesses $!"
done
wait $guesses
check "guessing is slowed down" grep -q '^429' "$work"/try.*
check "also with the right password" grep -q '^429' "$work"/right.*

wait $drip
check "a request that never ends is cut off" [ $? -eq 0 ]

# --- certificates ---
openssl req -newkey rsa:2048 -nodes -subj "/CN=anna" -keyout "$work/anna.key" -out "$work/anna.csr" 2>/dev/null
openssl x509 -req -in "$work/anna.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 30 -out "$work/anna.crt" 2>/dev/null
check "a client certificate" [ "$(status --cert "$work/anna.crt" --key "$work/anna.key" "$url/api/v1/session")" = 200 ]
check "names the user" [ "$(jq -r '"\(.user) \(.role)"' "$work/body")" = "anna admin" ]
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=anna" -keyout "$work/evil.key" -out "$work/evil.crt" 2>/dev/null
check "not one of another CA" [ "$(status --cert "$work/evil.crt" --key "$work/evil.key" "$url/api/v1/session")" != 200 ]
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=two" -addext "subjectAltName=IP:127.0.0.1" \
	-keyout "$work/new.key" -out "$work/new.crt" 2>/dev/null
mv "$work/new.crt" "$work/tls.crt"
check "half a new pair changes nothing" [ "$(get -k -o /dev/null -w '%{http_code}' "$url/login")" = 200 ]
mv "$work/new.key" "$work/tls.key"
shown() { openssl s_client -connect "127.0.0.1:$tls" </dev/null 2>/dev/null | grep -qE 'CN ?= ?two'; }
check "the new certificate is used without a restart" wait_for 10 shown

# --- a reverse proxy on this computer ---
proxied=$(free_port)
start_web --listen "127.0.0.1:$proxied" --listen-host station.example --users "$users" --trusted-header X-Remote-User --control
url=http://127.0.0.1:$proxied
answers_as() { [ "$(get -H "X-Remote-User: $1" "$url/api/v1/session" | jq -r .user)" = "$1" ]; }
check "the header names the user" wait_for 30 answers_as lena
check "the proxy's host name is known" [ "$(code -H 'Host: station.example' -H 'X-Remote-User: lena' "$url/api/v1/session")" = 200 ]
check "an unknown user is none" [ "$(code -H 'X-Remote-User: nobody' "$url/api/v1/session")" = 401 ]
check "without the header there is no user" [ "$(code "$url/api/v1/session")" = 401 ]
exits 2 "a trusted header from everywhere" "$web" --connect "$sock" --listen "0.0.0.0:$tls" --users "$users" \
	--certificate "$work/tls.crt" --key "$work/tls.key" --trusted-header X-Remote-User

# --- rates, and the station's death ---
url=http://127.0.0.1:$plain
flood() { seq 1500 | xargs -P 8 -n 100 sh -c 'for i; do printf "url = %s/login\noutput = /dev/null\nwrite-out = \"%%{http_code}\\\\n\"\n" "$0"; done | curl -s -K -' "$url"; }
flood >"$work/flood"
check "a flood of requests is slowed down" grep -q 429 "$work/flood"
page_is_there() { [ "$(code "$url/")" = 200 ]; }
check "and answered again afterwards" wait_for 30 page_is_there
kill -STOP "$(pgrep -P $run h7gang)"
check "a station that hangs: the page is there" wait_for 30 page_is_there
kill -CONT "$(pgrep -P $run h7gang)"
rows=$(wc -l <"$work/log.csv")
kill -KILL $first $second
wait $first $second 2>/dev/null
check "killing h7gang-web changes no row" [ "$(wc -l <"$work/log.csv")" -eq "$rows" ]
check "and no run" finished
start_web --listen "127.0.0.1:$plain"
check "it is back" wait_for 30 answers
stop_station
gone() { [ "$(get "$url/api/v1/station" | jq .connected)" = false ]; }
check "without a station it says so" wait_for 30 gone
rm -f "$work/log.csv"*
start_station 2
# A lot begins when the running boards are finished; the answer does not wait for them.
url=http://127.0.0.1:$proxied
as_lena=(-H 'X-Remote-User: lena' -H "Origin: $url")
at_work() { [ "$(get "${as_lena[@]}" "$url/api/v1/slots/A1" | jq -r .state)" = running ]; }
check "a board runs" wait_for 30 at_work
as_lena+=(-H "X-CSRF-Token: $(get "${as_lena[@]}" "$url/api/v1/session" | jq -r .csrf)")
check "a lot while it runs is accepted, and the answer fits" fits /api/v1/station/lot 202 post "${as_lena[@]}" -X POST -d '{"lot":"L2"}'
check "until then it is the lot before" [ "$(get "${as_lena[@]}" -X POST -d '{"lot":"L1"}' "$url/api/v1/station/lot" |
	jq -c '[.accepted, .later, .text]')" = '[true,false,"it is lot L1 already"]' ]
url=http://127.0.0.1:$plain
back() { [ "$(get "$url/api/v1/station" | jq -c '[.connected, .passed, .read.last]')" = '[true,2,5]' ]; } # with the rows of the two commands
check "and is with the next one by itself" wait_for 90 back
stop_station
log_state 0 "the log" "$work/log.csv" "intact"
finish
