#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# waits
# hooks.before: an MES over HTTP is asked before a board is programmed. It releases, refuses, names the number, answers
# nonsense, or not at all.
. "$(dirname "$0")/../lib.sh"
command -v python3 >/dev/null && command -v curl >/dev/null || { echo "ok 1 # SKIP no python3 or no curl"; echo "1..1"; exit 0; }

cat >"$work/mes.py" <<-'END'
import http.server, json, sys
class Mes(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[2], "a") as log: log.write(json.dumps(asked) + "\n")
        kind = self.path.strip("/")
        n = sum(1 for _ in open(sys.argv[2]))
        code, text = 200, ""
        if kind == "refuse": code, text = 403, "board is not tested yet\n"
        if kind.startswith("number"): text = json.dumps({"serial": "M%03d" % n, "columns": {"mac": "02:00:00:00:00:%02x" % n}, "tags": {"order": "4711"}})
        macs = {"group": "01:80:E1:00:00:01", "broken": "00:80:E1:00:00:0G", "zeros": "00:00:00:00:00:00"}
        if kind in macs: text = json.dumps({"serial": "M%03d" % n, "columns": {"mac": macs[kind]}})
        if kind == "hides-uid": text = json.dumps({"columns": {"uid": "deadbeef"}})
        if kind == "echoes-uid": text = json.dumps({"columns": {"uid": asked["uid"].upper()}})
        if kind == "hides-counter": text = json.dumps({"columns": {"counter": "99"}})
        if kind == "missing": text = json.dumps({"serial": "M%03d" % n, "columns": {}})
        if kind == "nonsense": text = "fine!"
        if kind == "huge": text = json.dumps({"tags": {"a": "x" * 70000}})
        if kind == "list": text = "[1]"
        if kind == "error": code = 500
        if kind == "hang":
            import time; time.sleep(60)
        self.send_response(code); self.end_headers(); self.wfile.write(text.encode())
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mes)
print(server.server_port, file=open(sys.argv[1], "w"), flush=True)
server.serve_forever()
END
python3 "$work/mes.py" "$work/port" "$work/asked" &
mes=$!
trap 'kill $mes' EXIT
wait_for 20 test -s "$work/port"
url=http://127.0.0.1:$(cat "$work/port")

# ask STATUS KIND [PROFILE LINES]: one board, one answer.
ask() {
	local kind=$2
	: >"$work/asked"
	p=$(profile "$kind" "hooks: {before: {command: [$top/profiles/hooks/ask-mes, $url/$kind], timeout_s: 3}}
${3:-}")
	exits "$1" "$kind" "$sim" --targets 1 --speed 20 --save "$work/$kind" -- "$h7gang" run --profile "$p" \
		--audit "$work/$kind.csv" --lot L1 --operator Ann --tag line=4
}
untouched() { # KIND: nothing was erased or written
	jq -e '.counters | .erased_sectors // .sectors_erased // 0 == 0' "$work/$1"/*.json >/dev/null &&
		! tr -d '\377' <"$work/$1"/*.bin | grep -q .
}
ask 0 release
check "released: it passes" test "$(rows "$work/release.csv" result PASS)" -eq 1
check "the MES knows the board" jq -e '.hook == "before" and .lot == "L1" and .operator == "Ann" and .tags == {"line": "4"} and
	(.uid | length) == 24 and .slot == "1-1.1" and .bootloader == "V9.2" and (.option_bytes | startswith("OPTSR")) and .scan == ""' "$work/asked"
ask 1 refuse
check "refused: not_released" test "$(rows "$work/refuse.csv" error not_released)" -eq 1
check "the MES says why in detail" says "$work/refuse.csv" "board is not tested yet"
check "its flash was not touched" untouched refuse
check "nothing was begun, erased or tried again" test "$(column "$work/refuse.csv" erase_method)$(wc -l <"$work/asked")" = 1
for kind in nonsense huge list error hang; do
	ask 1 $kind
	check "$kind: hook_failed" test "$(rows "$work/$kind.csv" error hook_failed)" -eq 1
	check "$kind: its flash was not touched" untouched $kind
done
check "no answer is told" says "$work/hang.csv" "not done within 3 s"
ask 0 number "serial: {source: {hook: before}, patch: [{address: 0x080F0000, encode: ascii, length: 8}, {address: 0x080F0010, encode: mac48, value: \"{mac}\"}]}"
check "the number is the MES's" test "$(column "$work/number.csv" unit_serial)" = M001
check "so are tags" test "$(column "$work/number.csv" tags)" = "line=4;order=4711"
bytes() { dd if="$(echo "$work/number"/*.bin)" bs=1 skip=$(($1)) count="$2" 2>/dev/null | xxd -p; }
check "and what is in the flash" test "$(bytes 0xF0000 8) $(bytes 0xF0010 6)" = "4d30303100000000 020000000001"
# Data that do not fit: no attempt programs the firmware without them.
for kind in group broken zeros missing; do
	ask 1 $kind "attempts: 2
serial: {source: {hook: before}, patch: [{address: 0x080F0000, encode: ascii, length: 8}, {address: 0x080F0010, encode: mac48, value: \"{mac}\"}]}"
	check "$kind: no attempt passes" test "$(column "$work/$kind.csv" "attempt result error" | tr '\t\n' ' ,')" = \
		"1 FAIL serial_unknown,2 FAIL serial_unknown,"
	check "$kind: its flash was not touched" untouched $kind
done
# A column whose name is that of another value: the board would get the one or the other.
counted='serial: {source: {counter: {file: counted.state, end: 99}}, patch: [{address: 0x080F0000, encode: bytes, value: "{uid}"}, {address: 0x080F0010, encode: u32le}]}'
for kind in hides-uid hides-counter; do
	ask 1 $kind "attempts: 1
$counted"
	check "$kind: hook_failed" test "$(rows "$work/$kind.csv" error hook_failed)" -eq 1
	check "$kind: the column is named" says "$work/$kind.csv" "rename the column"
	check "$kind: its flash was not touched" untouched $kind
done
ask 0 echoes-uid "$counted"
# Once a unit: its answer holds over a retry, with its number.
: >"$work/asked"
p=$(profile again "attempts: 2
hooks: {before: {command: [$top/profiles/hooks/ask-mes, $url/number], timeout_s: 3}}
serial: {source: {hook: before}, patch: [{address: 0x080F0000, encode: ascii, length: 8}]}")
printf 'targets: [{faults: [{fault: flip, bit: 0, count: 1}]}]\n' >"$work/again.fleet"
exits 0 "a board that passes at its second attempt" "$sim" --fleet "$work/again.fleet" --speed 20 -- "$h7gang" run \
	--profile "$p" --audit "$work/again.csv"
check "has two rows" test "$(column "$work/again.csv" attempt | tr '\n' ,)" = 1,2,
check "with one number" test "$(column "$work/again.csv" unit_serial | tr '\n' ,)" = M001,M001,
check "and the MES was asked once" test "$(wc -l <"$work/asked")" -eq 1
ask 1 numbered-too
check "a number that nobody asked for" test "$(rows "$work/numbered-too.csv" error hook_failed)" -eq 1
exits 2 "numbers from a hook that is not there" "$h7gang" check --profile "$(profile none 'serial: {source: {hook: before}}')"
check "it is said" says "$work/err" "there is none in 'hooks'"

finish
