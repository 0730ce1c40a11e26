# SPDX-License-Identifier: GPL-2.0-or-later
# Stations with a store, each in its own folder $work/NAME. After lib.sh and store-lib.sh. Sourced.
# shellcheck shell=bash disable=SC2154

number_at=$((0x8000)) # where a board's number lies, in the first bank
head -c 2048 build/firmware/demo.flash >"$work/app.bin"

# station_make NAME URL LINES STORE SERIAL [END]: its profile.
station_make() {
	mkdir -p "$work/$1"
	cat >"$work/$1/p.yaml" <<-END
	profile: 1
	name: stations
	target: {part: stm32h750xb}
	firmware: [{file: ../app.bin, address: 0x08000000}]
	erase: touched
	$3
	store: {url: "$2", $4}
	serial:
	  source: {counter: {file: sn.state, start: 1, end: ${6:-999999}, format: "S{:06d}"}}
	  ${5:-on_fail: burn}
	  patch:
	    - {address: 0x08008000, encode: ascii, length: 16}
	END
}

# station_moves NAME URL: its profile names another store.
station_moves() {
	sed -i "s|url: \"[^\"]*\"|url: \"${2//&/\\&}\"|" "$work/$1/p.yaml"
}

# A seed of the folder's own: no two trays have the same boards.
fleet_of() { # FLASHES BOARDS
	printf 'seed: %d\ndefaults: {part: stm32h750xb}\ntargets: [{name: board, repeat: %d}]\n' \
		$((0x$(printf %s "$1" | sha256sum | cut -c 1-7))) "$2"
}

on_tray() { # FLASHES BOARDS COMMAND...
	local flashes=$1 boards=$2
	shift 2
	fleet_of "$flashes" "$boards" >"$flashes.yaml"
	"$sim" --fleet "$flashes.yaml" --virtual-time --save "$flashes" -- "$@"
}

# station_run NAME FLASHES BOARDS [OPTIONS]: a tray of new boards, whose flashes are left in FLASHES.
station_run() {
	local name=$1 flashes=$2 boards=$3
	shift 3
	on_tray "$flashes" "$boards" "$h7gang" run --profile "$work/$name/p.yaml" --audit "$work/$name/log.csv" \
		--station "$name" --count "$boards" --quiet "$@" 2>&1 >>"$work/$name/out" | tee -a "$work/$name/err" >&2
	return "${PIPESTATUS[0]}"
}

# station_again NAME FLASHES BOARDS [OPTIONS]: the same boards as those of FLASHES.
station_again() {
	local name=$1 flashes=$2 boards=$3
	shift 3
	"$sim" --fleet "$flashes.yaml" --virtual-time -- "$h7gang" run --profile "$work/$name/p.yaml" \
		--audit "$work/$name/log.csv" --station "$name" --count "$boards" --quiet "$@"
}

# station_verify NAME FLASHES BOARDS: the flashes that are in FLASHES.
station_verify() {
	{
		echo "defaults: {part: stm32h750xb}"
		echo "targets:"
		for json in "$2"/*.json; do
			echo "  - {uid: $(jq -r .uid "$json"), contents: {file: ${json%.json}.bin}}"
		done
	} >"$2-verify.yaml"
	"$sim" --fleet "$2-verify.yaml" --virtual-time -- "$h7gang" verify --profile "$work/$1/p.yaml" \
		--audit "$work/$1/log.csv" --station "$1" --quiet
}

# station_killed NAME FLASHES BOARDS SECONDS: kill -9 after so long, on real time.
station_killed() {
	fleet_of "$2" "$3" >"$2.yaml"
	# shellcheck disable=SC2016
	"$sim" --fleet "$2.yaml" --speed 20 --save "$2" -- bash -c '
		"$1" run --profile "$2/p.yaml" --audit "$2/log.csv" --station "$3" --count "$4" --quiet >>"$2/out" 2>>"$2/err" &
		run=$!
		sleep "$5"
		kill -9 $run 2>/dev/null
		wait $run 2>/dev/null
		true' bash "$h7gang" "$work/$1" "$1" "$3" "$4" 2>/dev/null
}

# numbers_in FLASHES...: one line a board that has a number: the number and its UID.
numbers_in() {
	python3 - $number_at "$@" <<-'END'
		import glob, json, sys
		at = int(sys.argv[1])
		for folder in sys.argv[2:]:
		    for name in sorted(glob.glob(glob.escape(folder) + "/*.json")):
		        with open(name) as file:
		            uid = json.load(file)["uid"]
		        with open(name[:-4] + "bin", "rb") as file:
		            file.seek(at)
		            number = file.read(7).translate(None, b"\xff\0").decode("latin-1")
		        if number:
		            print(number, uid)
	END
}

# none_twice FLASHES...: no number is in two boards, in any flash or log. Leaves $work/numbers.
none_twice() {
	local twice log
	numbers_in "$@" | sort -u >"$work/numbers"
	twice=$( (cat "$work/numbers"; for log in "$work"/*/log.csv; do
		column "$log" "unit_serial uid" | awk '$1 ~ /^S/ {print $1, $2}'
	done) | sort -u | cut -d' ' -f1 | uniq -d)
	[ -z "$twice" ] && return
	echo "# two boards have: $(echo "$twice" | head)"
	return 1
}

# adds_up: every number that left the pool is leased, burned, free or was used before.
adds_up() {
	local rest
	rest=$(sql "SELECT name, next - first - skipped - leased - burned - free FROM v_pools" | grep -vc '|0$')
	[ "$rest" = 0 ] && return
	sql "SELECT * FROM v_pools"
	return 1
}

passes() { # NAME...: how many units passed in all
	local name
	for name; do column "$work/$name/log.csv" result; done | grep -c '^PASS$'
}

errors() { # ERROR NAME...
	local error=$1 name
	shift
	for name; do column "$work/$name/log.csv" error; done | grep -cxF "$error"
}
