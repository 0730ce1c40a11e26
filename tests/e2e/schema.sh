#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/events.schema.json against the real output, and the checker against invalid lines.
. "$(dirname "$0")/../lib.sh"

schema=docs/events.schema.json
checker=$work/schema-check
# shellcheck disable=SC2046 # a list of words
cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O1 -o "$checker" tests/schema/check.c \
	$(pkg-config --cflags --libs jansson) || exit 1

valid() { "$checker" $schema "$1" >"$work/checked" || { sed 's/^/# /' "$work/checked"; false; }; }
kinds() { jq -r .event "$work"/*.json | sort -u | tr '\n' ' '; }

# valid_all WHAT FILE: also by a second reader of schemas where there is one.
valid_all() {
	check "$1: valid" valid "$2"
	if ! python3 -c 'import jsonschema' 2>/dev/null; then
		checks=$((checks + 1))
		echo "ok $checks - $1: valid for python3-jsonschema # SKIP it is not installed"
		return
	fi
	check "$1: valid for python3-jsonschema" python3 -c '
import json, sys, jsonschema
validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
validator.check_schema(validator.schema)
for line in open(sys.argv[2]): validator.validate(json.loads(line))' $schema "$2"
}

printf '#!/bin/sh\nexit 9\n' >"$work/fails"
chmod +x "$work/fails"
p=$(profile schema "firmware_version: \"é, \\\"2\\\"\"
slots: [{name: A1, path: 1-1.1}, {name: A2, path: 1-1.2}, {name: A3, path: 1-1.3}, {name: A9, path: 1-1.9}]
hooks: {gate: {command: [/bin/true]}, after: {command: [./fails]}}" | sed 's/$//')
sed -i '/^firmware_version: "1.0"$/d' "$p"
cat >"$work/fleet.yaml" <<-END
targets:
  - {path: 1-1.1}
  - {path: 1-1.2, contents: random}
  - {path: 1-1.3, rdp: 1}
END
exits 1 "run" "$sim" --fleet "$work/fleet.yaml" --speed 20 -- bash -c \
	"'$h7gang' run --profile '$p' --audit '$work/log.csv' --count 3 --json --log-level debug --lot L1 >'$work/run.json'"
valid_all "run" "$work/run.json"
exits 1 "verify" "$sim" --targets 2 --speed 20 -- bash -c \
	"'$h7gang' verify --profile '$p' --audit '$work/log.csv' --json >'$work/verify.json'"
valid_all "verify" "$work/verify.json"
exits 3 "a run without boards" "$sim" --targets 1 --speed 20 -- bash -c \
	"'$h7gang' run --profile '$p' --audit '$work/log.csv' --wait 1 --slot A9 --json >'$work/none.json'"
valid_all "a run without boards" "$work/none.json"

known="empty note phase progress started summary target unit "
if "$h7gang" help run | grep -q -- --watch; then
	w=$(profile watch "leave: false")
	export h7gang sim work w
	watching() {
		"$h7gang" run --watch --profile "$w" --audit "$work/watch.csv" --json >"$work/watch.json" &
		until grep -q '"take_out"' "$work/watch.json"; do sleep 0.1; done
		"$sim" ctl "$work/control" unplug t1 || "$sim" ctl "$work/control" unplug 1-1.1
		until grep -q '"free"' "$work/watch.json"; do sleep 0.1; done
		kill -TERM $!
		wait $!
	}
	export -f watching
	exits 0 "watch" "$sim" --targets 1 --speed 20 --control "$work/control" -- bash -c watching
	valid_all "watch" "$work/watch.json"
	known="empty free note phase progress started state summary take_out target unit "
fi
check "every kind of event was seen" test "$(kinds)" = "$known"
check "the first line is started, the last is summary" jq -es 'first.event == "started" and last.event == "summary"' \
	"$work/run.json"

# Invalid lines are found.
unit=$(grep '"unit",' "$work/run.json" | head -n 1)
refused() { # WHAT FILTER
	jq -c "$2" <<<"$unit" >"$work/bad.line"
	check "refused: $1" test "$("$checker" $schema "$work/bad.line" | tail -n 1)" = "1 lines, 1 not valid"
}
jq -c . <<<"$unit" >"$work/good.line"
check "the line itself is valid" valid "$work/good.line"
refused "another version" '.v = 1'
refused "no run_id" 'del(.run_id)'
refused "an event nobody knows" '.event = "units"'
refused "a missing key" 'del(.recorded)'
refused "a key that is not documented" '.more = 1'
refused "a number for a text" '.slot = 1'
refused "a text for a number" '.total_ms = "1"'
refused "a result nobody knows" '.result = "OK"'
refused "a UID that is none" '.uid = "00"'
refused "no object" '[.]'
finish
