#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# Trays full of faults, on virtual time: a table has the result of each board, beside the fleet
# (tests/e2e/faults/NAME.table), one line a unit: board, result, error, attempts, erase_method, leave, and a pattern that
# the whole detail must match. "-" is an empty field; a second line for a board is the unit that came
# after it; BOARD@PORT is the unit that turned up at another port.
# limit: 600
# usage: faults.sh [FLEET]...    tests/long/misbehaving.sh takes the two larger ones
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

# row_is BOARD TABLE-LINE: takes the board's next unit off ${units[@]}.
row_is() {
	local board=$1 port result error attempts method leave detail wanted got="" rest i
	read -r _ result error attempts method leave detail <<<"$2"
	port=${board#*@}
	[ "$port" != "$board" ] || port=${path_of[$board]-}
	for i in "${!units[@]}"; do
		[ "${units[i]%%$'\t'*}" = "$port" ] || continue
		got=${units[i]#*$'\t'}
		unset "units[i]"
		break
	done
	wanted=$result$'\t'$error$'\t'$attempts$'\t'$method$'\t'$leave$'\t'
	rest=${got#"$wanted"}
	if [ "$rest" = "$got" ] || ! [[ $rest =~ ^($detail)$ ]]; then
		echo "# wanted: $wanted$detail"
		echo "# got:    $got"
		return 1
	fi
}

# boards FOLDER FILTER: a line for each saved board: its name, and jq's answer.
boards() {
	jq -r "[(input_filename | split(\"/\")[-1] | rtrimstr(\".json\")), ($2)] | join(\" \")" "$1"/*.json
}

tray() { # FLEET
	local fleet=profiles/fleets/$1.yaml table=tests/e2e/faults/$1.table log=$work/$1.csv saved=$work/$1 board line value
	local before=$work/$1-before units
	declare -A path_of=() last=()
	"$sim" --fleet "$fleet" --save "$before" -- true
	exits 1 "$1" timeout $((300 * ${LIMIT_SCALE:-1})) "$sim" --fleet "$fleet" --virtual-time --save "$saved" -- \
		"$h7gang" run --profile "$work/faults.yaml" --audit "$log" --quiet
	log_state 0 "$1, the log" "$log" "intact: "
	units "$log" >"$work/$1.units"
	mapfile -t units <"$work/$1.units"
	while read -r board value; do path_of[$board]=$value; done < <(boards "$before" .path)
	while read -r line; do
		case $line in '' | '#'*) continue ;; esac
		board=${line%%[[:space:]]*}
		check "$1: $board" row_is "$board" "$line"
		# The last line of a board has the final contents of its flash.
		read -r _ value _ <<<"$line"
		last[${board%@*}]=$value
	done <"$table"
	check "$1: no unit beside the table" test ${#units[@]} -eq 0
	[ ${#units[@]} -eq 0 ] || printf '# %s\n' "${units[@]}"
	for board in "${!last[@]}"; do
		[ "${last[$board]}" != PASS ] || check "$1: $board has the right flash" flash_is "$saved/$board.bin"
	done
	while read -r board value; do
		check "$1: $board is in the table" test -n "${last[$board]-}"
		check "$1: $board saw nothing that a ROM forbids" test "$value" = true
		[ "$value" = true ] || echo "# $(tr -d '\n' <"$saved/$board.json")"
	done < <(boards "$saved" ".counters | $counters_are_good")
}

profile faults >/dev/null
[ $# -gt 0 ] || set -- faults
for fleet; do
	tray "$fleet"
done
finish
