#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The curl examples of docs/web.md and docs/it.md, as printed, against a station with virtual boards: without a login,
# with a token, and with TLS and a user.
. "$(dirname "$0")/../lib.sh"
[ -x build/h7gang-web ] && command -v curl >/dev/null || { echo "ok 1 # SKIP no h7gang-web or no curl"; echo "1..1"; exit 0; }
for port in 8742 9742; do
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && { echo "ok 1 # SKIP port $port is taken"; echo "1..1"; exit 0; }
done
block() { # NAME: the lines of that example
	awk -v mark="runs this: $1 -->" 'index($0, mark) { on = 1; next } on && /^```sh$/ { code = 1; next } code && /^```$/ { exit } code' \
		docs/web.md docs/it.md
}
untested() { # the examples with curl that no test runs
	awk 'FNR == 1 { mark = code = 0 } /runs this: / { mark = 1; next } /^```sh$/ { code = 1; next }
		/^```$/ { mark = code = 0 } code && !mark && /curl / { print FILENAME ":" FNR ": " $0 }' README.md docs/*.md
}
check "every curl example of the documents is run by a test" [ -z "$(untested)" ]
p=$(profile watch 'slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}]
control: {allow: [acknowledge, unlock, operator]}')
cat >"$work/fleet.yaml" <<-END
targets: [{name: good, path: 1-1.1}, {name: locked, path: 1-1.2, rdp: 1}]
END
"$sim" --fleet "$work/fleet.yaml" --speed 20 -- "$h7gang" run --watch --profile "$p" --audit "$work/log.csv" --lot L1 \
	--socket "$work/s" >"$work/run.out" 2>&1 &
run=$!
finished() { [ "$("$h7gang" status --connect "$work/s" --json 2>/dev/null | jq '.passed + .failed')" = 2 ]; }
check "the boards come to their verdicts" wait_for 60 finished
TOKEN=$(build/h7gang-web --users "$work/users" --role lead --add-token docs)
export TOKEN
serve() { # OPTIONS...: until it has read the log
	"$h7gang" web --connect "$work/s" --metrics 127.0.0.1:9742 "$@" 2>>"$work/web.err" &
	web=$!
	wait_for 30 ready
}
ready() { [ "$(curl -s -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8742/api/v1/station | jq .read.last 2>/dev/null)" -ge 2 ] 2>/dev/null; }
h7gang-web() { "$top/build/h7gang-web" "$@"; } # as if it were installed
example() { # NAME: all its lines succeed
	(cd "$work" && set -eo pipefail && eval "$(cd "$top" && block "$1")") >"$work/$1.out" 2>&1 && [ -s "$work/$1.out" ]
}
trap 'kill $web 2>/dev/null' EXIT
check "h7gang web runs the program" serve
check "reading" example read
check "says what it should" grep -q '^A2 failed row [12]$' "$work/read.out"
check "the failed board" grep -q 'read_protected$' "$work/read.out"
check "the report was saved" grep -q '<h1>' "$work/report.html"
( set +o pipefail; eval "$(block events)" ) >"$work/events.out"
check "events" grep -q '^snapshot$' "$work/events.out"
check "metrics" example metrics
check "with the board that passed" grep -q 'h7gang_boards_passed_total 1' "$work/metrics.out"
check "what the IT department is told" example it
check "names of the station are answered, others not" [ "$(head -n 2 "$work/it.out" | paste -sd' ')" = "200 421" ]
check "with its version" grep -q "^h7gang_build_info{.*version=\"$(cat VERSION)\"" "$work/it.out"
kill $web
wait $web
check "with users" serve --users "$work/users" --control
check "commands" example commands
check "are answered" [ "$(grep -c '"accepted"' <(tr '}' '\n' <"$work/commands.out"))" = 3 ]
check "and on record" wait_for 20 grep -q 'for docs at 127.0.0.1' "$work/log.csv"
kill $web
wait $web
export NAME=localhost PASSWORD=kim-password
check "a certificate and a user" example users <<<"$PASSWORD"
tls_up() { [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$work/tls.crt" "https://$NAME:8742/login")" = 200 ]; }
"$h7gang" web --connect "$work/s" --certificate "$work/tls.crt" --key "$work/tls.key" --users "$work/users" --control \
	2>>"$work/web.err" &
web=$!
check "with TLS" wait_for 30 tls_up
check "a login" example login
check "reads" grep -q '"passed": 1' "$work/login.out"
check "gives a command" grep -q '"accepted":true' "$work/login.out"
check "which is on record" wait_for 20 grep -q 'for kim at 127.0.0.1' "$work/log.csv"
kill $web
kill -INT "$(pgrep -P $run h7gang)"
wait $run $web 2>/dev/null
exits 0 "help" "$h7gang" web --help
exits 2 "a wrong option" "$h7gang" web --nonsense
exits 2 "a misspelt option" "$h7gang" web --lisen 127.0.0.1:1
check "the nearest one is told" says "$work/err" "does not know the option --lisen; did you mean --listen?"
finish
