#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# The chain checked with nothing but a shell and sha256sum, by the lines of docs/quality.md as printed, in bash and in
# dash, on a log whose fields hold commas, quotes, backslashes and control characters.
. "$(dirname "$0")/../audit-lib.sh"

sed -n '/tests\/e2e\/audit-shell.sh runs this -->/,/^```$/p' docs/quality.md | sed '1,2d;$d' >"$work/lines"
grep -q '^LOG=audit/LOT.csv$' "$work/lines" || fail "docs/quality.md sets LOG"
station=$work/station log=$work/station/audit/LOT.csv
mkdir -p "$station/audit"

# shows STATUS TEXT WHAT: the answer of the printed lines for the log
shows() {
	for shell in bash sh; do
		said=$(cd "$station" && $shell "$work/lines" 2>&1)
		status=$?
		[ "$status" -eq "$1" ] || fail "$3, $shell: exit $status, not $1: $said"
		case $said in
		*"$2"*) ;;
		*) fail "$3, $shell: \"$2\" is not in \"$said\"" ;;
		esac
	done
}
head_of() { # LOG: as a run prints it last
	tail -n 1 "$1" | sed 's/^\([0-9]*\),.*,\([0-9a-f]*\)$/row \1, hash \2/'
}
whole() { cp "$work/whole.csv" "$log"; }

shows 1 "audit/LOT.csv: missing or empty" "a log that does not exist"
"$driver" run "$log" "$work/diary" run1 6 1 60000 40 || fail "run"
"$driver" run "$log" "$work/diary" run2 5 2 60000 3 || fail "run"
cp "$log" "$work/whole.csv"
noted=$(head_of "$log")
[ "$(wc -l <"$log")" -ge 10 ] || fail "only $(wc -l <"$log") lines"
shows 0 "intact to $noted" "an intact log"

sed -i '4s/sectors/Sectors/' "$log"
shows 1 "broken: 3," "a changed row"
whole && sed -i 4d "$log"
shows 1 "broken: 4," "a missing row"
whole && sed -i 4p "$log"
shows 1 "broken: 3," "a doubled row"
whole && sed -i '4{h;d};5G' "$log"
shows 1 "broken: 4," "two rows that changed places"
whole && sed -i '4s/sectors/sec\x00tors/' "$log"
shows 1 "broken: 3," "a NUL in a row"
whole && sed -i '1s/result/Result/' "$log"
shows 1 "audit/LOT.csv: the header was changed" "a changed header"
whole && sed -i 1d "$log"
shows 1 "audit/LOT.csv: the header was changed" "no header"
whole && truncate -s -1 "$log"
shows 1 "audit/LOT.csv: the last line is torn" "a last line without its end"
whole && truncate -s -20 "$log"
shows 1 "audit/LOT.csv: the last line is torn" "half of a last line"
whole && truncate -s -1 "$log" && printf '\000' >>"$log"
shows 1 "audit/LOT.csv: the last line is torn" "a NUL for the last line feed"
head -n 1 "$work/whole.csv" >"$log"
shows 1 "audit/LOT.csv: no rows" "a header alone"
: >"$log"
shows 1 "audit/LOT.csv: missing or empty" "an empty file"

# The rest of a log that was cut is intact. The noted head shows that rows are missing.
whole && sed -i '$d' "$log"
shows 0 "intact to $(head_of "$log")" "a log without its last row"
[ "$(head_of "$log")" != "$noted" ] || fail "the head is that of the whole log"

# Rotated files, and the header of older logs.
rm "$log"
DRIVER_ROTATE=4000 "$driver" run "$log" "$work/diary" run3 30 1 60000 40 || fail "run"
[ -e "$log.0002" ] || fail "the log was not rotated"
shows 0 "intact to $(head_of "$log")" "a rotated log"
cp "$log.0001" "$work/first"
sed -i '2s/sectors/Sectors/' "$log.0001"
shows 1 "broken: 1," "a changed row in a rotated file"
rm "$log.0001"
shows 1 "broken: " "a missing file of a rotated log"
sed "s/^LC_ALL=C prev=.*/LC_ALL=C prev=$(tail -n 1 "$work/first" | tail -c 65) seq=/" "$work/lines" >"$work/moved"
(cd "$station" && sh "$work/moved" | grep -qF "intact to $(head_of "$log")") || fail "files that were moved away"
older=$(head -n 1 "$log" | sed 's/identity,overrides,scan,boot,wire_wait_ms,//' | sha256sum | cut -c 1-64)
grep -q "^    $older\\*) ;;" "$work/lines" || fail "the header of older logs is $older"
finish
