#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board's strings reach list, log, report and events without terminal commands; nothing is written through a link that
# another user put into a shared folder; no other user can read files; core dumps have no secrets; root is not needed.
. "$(dirname "$0")/../lib.sh"
export LC_ALL=C.UTF-8

# plain FILE: no control character but the line's end, nothing that turns the direction of text.
plain() {
	! LC_ALL=C grep -qaP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' "$1"
}
refute() { # COMMAND...
	! "$@"
}

# --- a board's strings ---
grep -E '^(seed|targets)|serial-|layout-(markup|ansi)' profiles/fleets/hostile.yaml >"$work/fleet.yaml"
p=$(profile hostile)
exits 0 "list" "$sim" --fleet "$work/fleet.yaml" -- "$h7gang" list
cp "$work/out" "$work/list"
check "list shows them" says "$work/list" "<script>"
check "list holds no command" plain "$work/list"
exits 0 "list --json" "$sim" --fleet "$work/fleet.yaml" -- "$h7gang" list --json
check "its JSON holds no command" plain "$work/out"
check "its JSON is JSON" jq -e true "$work/out"
# Text behind its layout string makes it invalid: that board alone is refused.
exits 1 "run" "$sim" --fleet "$work/fleet.yaml" --virtual-time -- \
	"$h7gang" run --profile "$p" --audit "$work/log.csv" --count 7 --json
check "a layout with a command in it is a wrong part" test "$(rows "$work/log.csv" error wrong_part)" -eq 1
check "the others pass" test "$(rows "$work/log.csv" result PASS)" -eq 6
check "events hold no command" plain "$work/out"
check "messages hold no command" plain "$work/err"
check "the log holds no command" plain "$work/log.csv"
check "a formula is text in the log" refute grep -qE '(^|,)"?[=+@-][A-Z]' "$work/log.csv"
log_state 0 "the log" "$work/log.csv" "intact: 7 rows"
exits 0 "report" "$h7gang" audit report --html "$work/page.html" "$work/log.csv"
check "the page holds no markup of theirs" refute grep -qE '<script>alert|<img src=x' "$work/page.html"
check "the page holds no command" plain "$work/page.html"

# --- shared folders ---
# laid NAME: another user has put a link there to a file of ours.
shared=$work/shared
mkdir -m 1777 "$shared"
chmod 1777 "$shared"
echo precious >"$work/precious"
laid() { # NAME
	rm -f "$shared"/*
	ln -s "$work/precious" "$shared/$1"
}
intact() {
	[ "$(cat "$work/precious")" = precious ]
}
for name in log.csv log.csv.begun log.csv.torn; do
	laid "$name"
	# A torn line, so that FILE.torn is wanted.
	[ "$name" != log.csv.torn ] || { cp "$work/log.csv" "$shared/log.csv"; printf '8,torn' >>"$shared/log.csv"; }
	exits 4 "a link laid for $name" "$sim" --targets 1 --virtual-time -- \
		"$h7gang" run --profile "$p" --audit "$shared/log.csv"
	check "$name: nothing is written through it" intact
done
laid out.bin
exits 2 "a link laid for read's output" "$sim" --targets 1 --virtual-time -- \
	"$h7gang" read --path 1-1.1 --bank 1 --output "$shared/out.bin"
check "read: nothing is written through it" intact
laid slots.yaml
exits 2 "a link laid for the learned slots" "$sim" --targets 1 --virtual-time -- \
	"$h7gang" slots --learn --count 1 --output "$shared/slots.yaml"
check "slots: nothing is written through it" intact
laid sn.state
p2=$(profile numbers "serial: {source: {counter: {file: $shared/sn.state, start: 1, end: 99}}, patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0}]}")
"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p2" --audit "$work/numbers.csv" >"$work/out" 2>"$work/err"
check "a link laid for the numbers: nothing passes" refute grep -q PASS "$work/out"
check "numbers: nothing is written through it" intact
"$h7gang" audit keygen --output "$work/key" >"$work/out" 2>&1
check "a key" test -s "$work/key"
laid log.csv.seal
cp "$work/log.csv" "$shared/log.csv"
"$h7gang" audit seal --key "$work/key" "$shared/log.csv" >"$work/out" 2>"$work/err"
check "a link laid for the seal is refused" [ $? -ne 0 ]
check "seal: nothing is written through it" intact
laid trace
"$sim" --targets 1 --virtual-time -- "$h7gang" run --profile "$p" --audit "$work/t.csv" --trace "$shared/trace" >"$work/out" 2>"$work/err"
check "a link in the place of the trace's folder: nothing is written through it" intact

# --- owners of files ---
rm -rf "$shared"
umask 000
mkdir -p "$work/open"
p3=$(profile opened "serial: {source: {counter: {file: $work/open/sn.state, start: 1, end: 99}}, patch: [{address: 0x081FFF00, encode: ascii, length: 16, pad: 0}]}")
exits 0 "a run with no umask" "$sim" --targets 1 --virtual-time --save "$work/saved" -- \
	"$h7gang" run --profile "$p3" --audit "$work/open/log.csv"
exits 0 "a read with no umask" "$sim" --targets 1 --virtual-time -- \
	"$h7gang" read --path 1-1.1 --bank 1 --output "$work/open/out.bin"
umask 022
check "no file is anybody's to read or write" [ -z "$(find "$work/open" -type f -perm /027)" ]

# --- core dumps ---
printf 'sn,key\nS1,00112233445566778899aabbccddeeff\n' >"$work/units.csv"
p4=$(profile secret "serial:
  source: {list: {file: $work/units.csv, column: sn}}
  patch:
    - {address: 0x081FFF00, encode: bytes, length: 16, value: \"{key}\", secret: true}")
cat >"$work/limits" <<END
#!/bin/sh
# As the station's start hook: the rights that the program passes on to it.
cat /proc/\$PPID/limits >"$work/limits.out"
END
chmod +x "$work/limits"
sed 's/^firmware_version.*/&\nhooks: {start: {command: ["'"${work//\//\\/}"'\/limits"]}}/' "$p4" >"$work/secret2.yaml"
exits 0 "a run with secrets" sh -c "ulimit -c unlimited; exec \"$sim\" --targets 1 --speed 50 -- \
	\"$h7gang\" run --profile \"$work/secret2.yaml\" --audit \"$work/secret.csv\""
check "its core dumps are off" grep -qE '^Max core file size +0 +0 ' "$work/limits.out"
check "the secret is not in the log" refute grep -qi 00112233445566778899aabbccddeeff "$work/secret.csv"

# --- without root ---
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	# A folder that this user can read, wherever the tree is (a clone under /root with mode 0700).
	open=$(mktemp -d "${TMPDIR:-/tmp}/h7gang-nobody.XXXXXX")
	mkdir -m 755 "$open/bin" "$open/bin/sim"
	cp "$h7gang" "$sim" "$open/bin"
	cp build/sim/*.so* "$open/bin/sim"
	cp build/firmware/demo.hex "$open"
	sed "s,file: [^,}]*/demo.hex,file: demo.hex," "$p" >"$open/p.yaml"
	chmod -R a+rX "$open"
	mkdir -m 777 "$open/log"
	chmod 777 "$open/log"
	exits 0 "a run as nobody" env -C "$open" setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
		"$open/bin/h7gang-sim" --targets 1 --virtual-time -- \
		"$open/bin/h7gang" run --profile "$open/p.yaml" --audit "$open/log/log.csv"
	rm -rf "$open"
fi
finish
