#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# publish: {max_lag: N}: no new unit starts while rows wait for a publisher, with a reason and a way forward, and the
# station goes on by itself once they are sent.
. "$(dirname "$0")/../lib.sh"
. tests/station-lib.sh
. tests/publish-lib.sh

echo 'targets: [{name: one, path: 1-1.1}]' >"$work/fleet.yaml"
p=$(profile lag 'slots: [{name: A1, path: 1-1.1}]
leave: false
publish: {max_lag: 2}')
port=$(free_port)
url=http://127.0.0.1:$port/rows
start_server "$port" "$work/got"
export p url publish h7gang
next() { ctl unplug one; soon "$1" '.event == "free"'; ctl renew one; }
units() { [ "$(events '.event == "unit"')" -eq "$1" ]; }
stopped() { soon 1 ".event == \"state\" and .state == \"stopped\" and (.reason | contains(\"$1\"))"; }
mode() { echo "$1" >"$work/mode"; }
export -f next units stopped mode
lags() {
	begin --profile "$p" --audit "$log" --operator Ann
	soon 1 '.event == "unit"'; next 1
	soon 2 '.event == "unit"'; next 2
	soon 3 '.event == "unit"'; next 3
	stopped "3 rows wait, and no publisher has run for this log: start h7gang publish"
	sleep 1.5
	met "nothing starts" units 3
	no "unlock" "no publisher has run"
	"$publish" --log "$log" --http "$url" 2>>"$work/lag.err" &
	publisher=$!
	soon 4 '.event == "unit"'
	mode 503; next 4
	soon 5 '.event == "unit"'; next 5
	soon 6 '.event == "unit"'; next 6
	stopped "rows wait for publisher http: look at h7gang-publish, its broker or server"
	sleep 1.5
	met "again nothing" test "$(events '.event == "unit"')" -le 7
	mode ok
	soon 7 '.event == "unit"'; next 7
	soon 8 '.event == "unit"'
	kill $publisher
	wait $publisher
	echo nonsense >"$log.published.http"
	stopped "the position of publisher http cannot be read (not a position): h7gang publish --after sets it"
	next 8
	sleep 1.5
	met "nothing, once more" units 8
	"$publish" --log "$log" --name http --after end 2>>"$work/lag.err"
	met "the position is set" test $? -eq 0
	soon 9 '.event == "unit"'
	printf 'h7gang-published-1 5000 %064d\n' 0 >"$log.published.http"
	stopped "the position of publisher http is not of this log"
	yes "quit"
	end
}
export -f lags
station lag lags
log_state 0 "the log" "$log" intact
check "each stop is a row" test "$(column "$log" detail | grep -c '^station STOPPED: ')" -eq 4
check "and so is what goes on" test "$(column "$log" detail | grep -cx 'station goes on: the rows were published')" -eq 3
check "what arrived is in order" test "$(first_times "$work/got" | tr '\n' ' ')" = "$(seq "$(first_times "$work/got" | wc -l)" | tr '\n' ' ')"
check "no operator is named" test "$(grep -c Ann "$work/got")" -eq 0
"$publish" --log "$log" --name named --http "http://127.0.0.1:$port/ok" --with-operator --once 2>>"$work/lag.err"
rm "$log.published.named"
note() { jq -r 'select(.kind == "note") | .detail' "$work/got"; }
check "when asked for, the operator and the texts of notes are sent" test "$(note | grep -c '^station STOPPED')" -eq 4
check "with the operator" test "$(jq -s 'map(select(.operator == "Ann")) | length > 0' "$work/got")" = true
/usr/bin/python3 - "$work/got" >"$work/valid" 2>&1 <<-'PY'
	import json, jsonschema, sys
	schema = json.load(open("docs/publish.schema.json"))
	for line in open(sys.argv[1]): jsonschema.Draft202012Validator(schema).validate(json.loads(line))
PY
check "units and notes fit the schema" [ $? -eq 0 ]

# A run that does not watch waits for --wait, and says why nothing was done.
once() { "$sim" --fleet "$work/fleet.yaml" --speed 20 -- "$h7gang" run --profile "$p" --audit "$log" --wait "$1"; }
exits 3 "a run that does not watch" once 1
check "says why" says "$work/err" "no board was started: the position of publisher http is not of this log"
"$publish" --log "$log" --name http --after 1 2>>"$work/lag.err"
( sleep 1; exec "$publish" --log "$log" --http "$url" --once 2>>"$work/lag.err" ) &
exits 0 "a run waits for a publisher that catches up" once 20
wait $!
for wrong in "max_lag: 0" "max_lag: x" "names: [mes]" "max_lag: 5, names: []" "max_lag: 5, names: [a.b]" "max_lag: 5, other: 1"; do
	exits 2 "publish: {$wrong}" "$h7gang" check --profile "$(profile wrong "publish: {$wrong}")"
done
exits 0 "all keys" "$h7gang" check --profile "$(profile right "publish: {max_lag: 50, names: [mes, board-2], positions: .}")"
finish
