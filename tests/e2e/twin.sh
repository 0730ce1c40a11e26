#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# long
# Boards of every bootloader version, with random times, quirks and personalities: h7gang characterize finds what the
# fleet file says, and it finds the same in the twin that h7gang-sim makes of its file. Of FLEETS random boards each
# EVERYth is measured; tests/long/twin.sh measures all.
. "$(dirname "$0")/../lib.sh"

fleets=${FLEETS:-36}
every=${EVERY:-4}
tried=0
RANDOM=${SEED:-23}

pick() { # WORD...: one of them, in $picked
	picked=${*:$((RANDOM % $# + 1)):1}
}
maybe() { # PERCENT TEXT: adds it to $keys
	[ $((RANDOM % 100)) -ge "$1" ] || keys+=", $2"
}

# Each part with the versions of its series, in turn.
boards=()
for part in stm32h743xi stm32h723xg stm32h7a3xi; do
	for version in $(versions_of "$(series_of $part)") unknown; do boards+=("$part:$version"); done
done
boards+=(stm32h750xb:V9.0 stm32h743xg:V9.1 stm32h7b0xb:V9.2 stm32h723xe:V9.3)

choose() { # NUMBER: a random board, in $keys
	local board=${boards[$(($1 % ${#boards[@]}))]}
	local part=${board%:*} version=${board#*:}
	keys="part: $part, bootloader: $version, return_ms: $((40 + RANDOM % 900))"
	case $part in
	*h7a3* | *h7b0*) keys+=", sector_ms: $((8 + RANDOM % 20))" ;;
	*) keys+=", sector_ms: $((400 + RANDOM % 2500)), early_status_ms: $((1 + RANDOM % 60))" ;;
	esac
	keys+=", mass_ms: $((5000 + RANDOM % 9000)), word_ms: 0.$((100 + RANDOM % 400))"
	keys+=", wire_small_ms: 0.$((100 + RANDOM % 300)), wire_block_ms: $((1 + RANDOM % 4)).$((RANDOM % 10))"
	keys+=", poll_pointer_ms: $((RANDOM % 30)), poll_write_ms: $((RANDOM % 60)), poll_mass_ms: $((RANDOM % 200))"
	keys+=", poll_erase_ms: $((RANDOM % 250)), poll_idle_ms: $((RANDOM % 4))"
	if [ "$part" = stm32h743xi ] && [ "$version" != unknown ]; then maybe 20 "write_protect: [0x08020000]"; fi
	maybe 30 "contents: random"
	maybe 40 "boot0_high: true"
	maybe 15 "serial_rule: uid_hex"
	pick normal shifted empty
	maybe 30 "strings: $picked"
	if [ $((RANDOM % 100)) -lt 35 ]; then
		keys+=", personality: st-dfu-class"
		return
	fi
	maybe 30 "read_before_write: loses_first_word"
	maybe 25 "stride: constant"
	pick stalls errs idles
	maybe 40 "clrstatus: $picked"
	maybe 20 "unexpected_errs: false"
	maybe 25 "errors_at_first: true"
	maybe 25 "mass_in_second: false"
	maybe 25 "erase_moves_pointer: false"
	maybe 20 "early_poll_stall: true"
	maybe 20 "option_whole: false"
	maybe 20 "reset_keeps_state: true"
	pick breaks ands keeps
	maybe 40 "double_program: $picked"
	pick errs stalls garbage silent
	maybe 40 "broken_read: $picked"
	pick works stays refuses
	maybe 20 "leave: $picked"
	case $part in *i:* | *xi | *743xg) pick works nothing partial bank1_only stalls ;; *) pick works nothing stalls ;; esac
	maybe 30 "mass_erase: $picked"
	maybe 20 "wedge_repeats: true"
	pick dfuUPLOAD-IDLE "dfuERROR, initial_status: errPROG" dfuMANIFEST-SYNC
	maybe 30 "initial_state: $picked"
	pick id size uid option_bytes serial other_layouts
	maybe 25 "refuse: [$picked]"
	maybe 8 "alt_confined: true"
}

# measure NAME SIM-OPTION...: runs characterize on that board; again if it has no UID, behind the reset.
measure() {
	local name=$1 text status
	shift
	text=$(confirmation "$("$sim" "$@" --show 2>/dev/null | jq -r .uid)" "$keys")
	characterize "$name" "$text" "$@"
	status=$?
	[ "$text" = 1-1.1 ] && [ $status -eq 1 ] || return $status
	grep -q "erase: uid_unknown" "$work/$name.err" || return 1
	characterize "$name" "$text --resume" "$@"
}
characterize() { # NAME OPTIONS SIM-OPTION...
	local name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086 # OPTIONS are words
	"$sim" --virtual-time "$@" --save "$work/$name.saved" -- "$h7gang" characterize --path 1-1.1 --output "$work/$name.json" \
		--destructive --audit "$work/none.csv" --quiet --confirm $options >"$work/$name.out" 2>"$work/$name.err"
}
confirmation() { # UID KEYS: the typed text
	case $2 in
	*"[uid]"* | *alt_confined* | *personality:\ none*) echo 1-1.1 ;;
	*) echo "${1: -4}" ;;
	esac
}

# wrong NAME TRUTH: claims that are not true. A part has no second bank, perhaps; the version is compared by its ID.
wrong() {
	jq -rn --slurpfile claims "$1" --slurpfile truth "$2" '
		$claims[0].measured as $m | $truth[0] as $t | $m | keys[] | select(. != "bootloader") |
		select(if (endswith("_ms") and (startswith("poll_") | not)) then
			($m[.] - $t[.] | fabs) > 0.05 * $t[.] + 0.0005
		elif . == "refuse" then ($m[.] | sort) != ($t[.] | sort)
		elif . == "sector_erase" then ([$m[.]] | flatten) != $t[.][: [$m[.]] | flatten | length]
		else $m[.] != $t[.] end) | "\(.): \($m[.]) for \($t[.])"'
}

least='["part","sector_ms","word_ms","poll_erase_ms","sector_erase","double_program","leave","mass_erase","wire_small_ms"]'
for ((number = 0; number < fleets; number++)); do
	choose $number
	[ $((number % every)) -eq 0 ] || continue
	tried=$((tried + 1))
	name=fleet$number
	echo "targets: [{name: b, path: 1-1.1, $keys}]" >"$work/$name.yaml"
	"$sim" --fleet "$work/$name.yaml" --show >"$work/$name.truth" || break
	measure "$name" --fleet "$work/$name.yaml"
	status=$?
	check "$number ($keys): measured" [ $status -eq 0 ]
	[ $status -eq 0 ] || tail -n 3 "$work/$name.err" | sed 's/^/# /'
	wrong "$work/$name.json" "$work/$name.truth" >"$work/$name.wrong"
	check "$number: every claim is true" test ! -s "$work/$name.wrong"
	sed 's/^/# /' "$work/$name.wrong"
	check "$number: the claims that count are there" jq -e --argjson least "$least" '$least - (.measured | keys) == []' \
		"$work/$name.json"
	# The other UID of the twin does not matter.
	measure "$name.twin" --twin "$work/$name.json"
	for file in "$name" "$name.twin"; do
		jq -S 'del(.uid_sha256, .measured_at, .measured.serial)' "$work/$file.json" >"$work/$file.same"
	done
	check "$number: the twin of the twin is the same" cmp "$work/$name.same" "$work/$name.twin.same"
	diff "$work/$name.same" "$work/$name.twin.same" | head -n 8 | sed 's/^/# /'
done
check "there were boards" [ $((tried * every)) -ge 30 ]
finish
