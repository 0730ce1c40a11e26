#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Earlier boards are known from the logs. A log that was changed, converted or cannot be read counts no board, so limits
# refuse to go on with it, and so does a number file that begins anew.
. "$(dirname "$0")/../lib.sh"

damage() { # HOW FILE
	case $1 in
	crlf) sed -i 's/$/\r/' "$2" ;;
	bom) sed -i '1s/^/\xef\xbb\xbf/' "$2" ;;
	semicolons) sed -i 's/,/;/g' "$2" ;;
	edited) sed -i '2s/,PASS,/,FAIL,/' "$2" ;;
	torn) truncate -s -5 "$2" ;;
	zipped) gzip -c "$2" >"$work/zipped" && cp "$work/zipped" "$2" ;;
	esac
}

p=$(profile limited "limits: {once_per_lot: true, lot_quantity: 2}")
sed -i 's/^audit:.*//' "$p"
echo "audit: {file: limited.csv, rotate_lot: true}" >>"$p"
log=$work/limited.csv
tray() { # LOT
	"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$p" --count 2 --lot "$1"
}
for lot in A B C; do exits 0 "lot $lot" tray $lot; done
exits 1 "lot A again" tray A
check "its boards are duplicates" test "$(column "$log" error | sort | uniq -c | awk '$2 == "duplicate" {print $1}')" = 2
mkdir "$work/kept"
cp "$log"* "$work/kept"
for how in crlf bom semicolons edited torn zipped; do
	rm -f "$log"*
	cp "$work/kept"/* "$work"
	damage $how "$log.0001"
	rows=$(wc -l <"$log")
	exits 2 "$how: a rotated file" tray A
	check "$how: it is named, with the way out" says "$work/err" "limited.csv.0001: "
	check "$how: and what to do" says "$work/err" "restore it"
	check "$how: no board was programmed" test "$(wc -l <"$log")" = "$rows"
done

# All that is left of the numbers are the logs of the lots.
export STATE_DIRECTORY=$work/state
mkdir "$STATE_DIRECTORY"
q=$(profile numbered 'serial: {source: {counter: {file: sn, start: 1, end: 99, format: "A7-{:06d}"}}, patch: [{address: 0x081FFF00, encode: ascii, length: 16}]}')
sed -i 's/^audit:.*//' "$q"
echo 'audit: {file: "lots/{lot}.csv"}' >>"$q"
mkdir "$work/lots"
numbered() { # LOT
	"$sim" --targets 2 --virtual-time -- "$h7gang" run --profile "$q" --count 2 --lot "$1"
}
exits 0 "lot A with numbers" numbered A
cp "$work/lots/A.csv" "$work/kept"
for how in crlf bom semicolons edited; do
	rm -rf "$work/sn" "$STATE_DIRECTORY"/* "$work/lots"/*
	cp "$work/kept/A.csv" "$work/lots"
	damage $how "$work/lots/A.csv"
	exits 2 "$how: a new number file beside a changed log" numbered B
	check "$how: it says why" says "$work/err" "begins anew, and a log that may have its numbers cannot be read"
	check "$how: no number was given twice" test ! -s "$work/lots/B.csv" -o "$(wc -l <"$work/lots/B.csv" 2>/dev/null)" = 1
done
exits 0 "a person declares them" "$h7gang" numbers set-next --profile "$q" --lot B --next 3
exits 0 "then the lot goes on" numbered B
check "with other numbers" test "$(column "$work/lots/B.csv" unit_serial | grep . | sort | xargs)" = "A7-000003 A7-000004"
rm -rf "$work/sn" "$STATE_DIRECTORY"/* "$work/lots"/*
cp "$work/kept/A.csv" "$work/lots"
echo "board,remark" >"$work/lots/notes.csv"
exits 0 "a table that is no log is no log" numbered B
check "the intact log has the numbers" test "$(column "$work/lots/B.csv" unit_serial | sort | xargs)" = "A7-000003 A7-000004"
finish
