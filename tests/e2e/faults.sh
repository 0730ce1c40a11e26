#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# long
# Trays full of trouble, on virtual time: what becomes of each board is told in a table beside the fleet
# (tests/e2e/faults/NAME.table), one line a unit: board, result, error, attempts, erase_method, leave, and a pattern that
# the whole detail must match. "-" is an empty field; a second line for a board is the unit that came
# after it; BOARD@PORT is the unit that turned up at another port.
# limit: 600
# usage: faults.sh [FLEET]...
. "$(dirname "$0")/../lib.sh"
export LC_ALL=C

# units LOG: one line a unit, in the order of their starts; a unit whose attempts are not 1, 2, .. in order, or
# that goes on after its verdict, says so.
units() {
	scripts/log-columns "$1" unit_id usb_path attempt attempts_allowed result error erase_method leave detail |
	awk -F '\t' '
	function or_dash(text) { return text == "" ? "-" : text }
	{
		if (!($1 in rows)) order[++count] = $1
		rows[$1]++
		if ($3 != rows[$1] || $3 > $4 || passed[$1]) odd[$1] = " OUT OF ORDER"
		passed[$1] = $5 == "PASS"
		path[$1] = $2
		last[$1] = $5 "\t" or_dash($6) "\t" rows[$1] "\t" or_dash($7) "\t" or_dash($8) "\t" or_dash($9)
	}
	END { for (i = 1; i <= count; i++) print order[i] "\t" path[order[i]] "\t" last[order[i]] odd[order[i]] }
	' | sort | cut -f 2-
}

# row_is TABLE-LINE: takes the board's next unit off $work/units.
row_is() {
	local board=$1 port result error attempts method leave detail wanted got rest
	read -r _ result error attempts method leave detail <<<"$2"
	wanted="$result	$error	$attempts	$method	$leave"
	port=${board#*@}
	[ "$port" != "$board" ] || port=$(jq -r .path "$before/$board.json")
	got=$(awk -F '\t' -v port="$port" '$1 == port { print; exit }' "$work/units" | cut -f 2-)
	awk -F '\t' -v port="$port" '$1 == port && !taken { taken = 1; next } { print }' "$work/units" >"$work/units.new"
	mv "$work/units.new" "$work/units"
	rest=$(cut -f 6- <<<"$got")
	if [ "$(cut -f 1-5 <<<"$got")" != "$wanted" ] || ! grep -qxE -- "$detail" <<<"$rest"; then
		echo "# wanted: $wanted	$detail"
		echo "# got:    $got"
		return 1
	fi
}

tray() { # FLEET
	local fleet=profiles/fleets/$1.yaml table=tests/e2e/faults/$1.table log=$work/$1.csv saved=$work/$1 board line
	local before=$work/$1-before
	"$sim" --fleet "$fleet" --save "$before" -- true
	exits 1 "$1" timeout $((300 * ${LIMIT_SCALE:-1})) "$sim" --fleet "$fleet" --virtual-time --save "$saved" -- \
		"$h7gang" run --profile "$work/faults.yaml" --audit "$log" --quiet
	log_state 0 "$1, the log" "$log" "intact: "
	units "$log" >"$work/units"
	cp "$work/units" "$work/$1.units"
	while read -r line; do
		case $line in '' | '#'*) continue ;; esac
		board=${line%%[[:space:]]*}
		check "$1: $board" row_is "$board" "$line"
	done <"$table"
	check "$1: no unit beside the table" test ! -s "$work/units"
	# The last line of a board tells what its flash holds in the end.
	awk '!/^#/ && NF { sub(/@.*/, "", $1); last[$1] = $2 } END { for (b in last) if (last[b] == "PASS") print b }' \
		"$table" >"$work/passed"
	while read -r board; do
		check "$1: $board has the right flash" flash_is "$saved/$board.bin"
	done <"$work/passed"
	for board in "$saved"/*.json; do
		board=$(basename "$board" .json)
		check "$1: $board is in the table" grep -qE "^${board}[[:space:]]" "$table"
		check "$1: $board saw nothing that a ROM forbids" counters_good "$saved/$board.json"
	done
}

profile faults >/dev/null
[ $# -gt 0 ] || set -- faults misbehaving hostile
for fleet; do
	tray "$fleet"
done
finish
