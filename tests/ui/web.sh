#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# The page of h7gang-web in headless Chromium, driven by its DevTools protocol: watch stations of 8 and of 64 virtual
# slots from insertion to verdict, login, details, search, keyboard, dark mode, phone and wall sizes, and reconnection
# after a killed server and a killed station. tests/web/page.py has the steps; its pictures are in build/e2e/web/*.png.
. "$(dirname "$0")/../lib.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ] || [ ! -x build/h7gang-web ]; then
	echo "ok 1 # SKIP no chromium, or built without h7gang-web"
	echo "1..1"
	exit 0
fi
mkdir -p "$work/users.d"
build/h7gang-web --users "$work/users" --role lead --add-user lena <<<lena-password
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=localhost" -addext "subjectAltName=IP:127.0.0.1" \
	-keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
"$h7gang" audit keygen --output "$work/key.pem" >/dev/null || exit 1

AXE=$(tests/web/axe)
export AXE
[ -n "$AXE" ] || echo "# axe-core is not to be had: its checks are skipped"

try() { # NAME COLUMNS ROWS WEB-OPTIONS...: a station of so many slots, the page followed through its steps
	local name=$1 columns=$2 rows=$3 place=$work/$1 row column n=0 wanted web run
	local port_web
	mkdir -p "$place"
	port_web=$(free_port)
	{
		echo "slots:"
		for ((row = 1; row <= rows; row++)); do
			for ((column = 1; column <= columns; column++)); do
				n=$((n + 1))
				printf '  - {name: %s%d, path: 1-%d.%d, row: %d, column: %d}\n' \
					"$(printf "\\$(printf %o $((64 + row)))")" "$column" "$row" "$column" "$row" "$column"
			done
		done
		echo "audit: {file: $place/log.csv, key: $work/key.pem, seal_every: 1000}"
		echo "control: [acknowledge, unlock, lot, operator, scan]"
	} >"$place/slots"
	profile "$name" "$(cat "$place/slots")" >/dev/null
	{
		echo "targets:"
		for ((row = 1; row <= rows; row++)); do
			for ((column = 1; column <= columns; column++)); do
				printf '  - {name: b%d-%d, path: 1-%d.%d%s}\n' "$row" "$column" "$row" "$column" \
					"$([ $(((row + column) % 7)) -ne 3 ] || echo ', rdp: 1')"
			done
		done
	} >"$place/fleet.yaml"
	local speed=$4 options=("${@:6}")
	start_station() {
		"$sim" --fleet "$place/fleet.yaml" --speed "$speed" --control "$place/hands" -- bash -c 'for ((i = 1; i <= $1; i++)); do
			build/h7gang-sim ctl "$2" unplug-hub "1-$i"; done >/dev/null; shift 2; exec "$@"' - "$rows" "$place/hands" \
			"$h7gang" run --watch --json --profile "$work/$name.yaml" --socket "$place/s" --lot "L<1>" \
			--operator 'Kim & Co' >"$place/run.out" 2>"$place/run.err" &
		run=$!
	}
	start_web() {
		build/h7gang-web --connect "$place/s" --listen "127.0.0.1:$port_web" "${options[@]}" 2>>"$place/web.err" &
		web=$!
	}
	start_station
	start_web
	/usr/bin/python3 tests/web/page.py "$browser" "$place" "$5://127.0.0.1:$port_web" $((rows * columns)) >"$place/tap" 2>"$place/err" &
	local page=$!
	while kill -0 $page 2>/dev/null; do
		sleep 0.2
		wanted=$(cat "$place/step" 2>/dev/null)
		[ "$wanted" != "$(cat "$place/done" 2>/dev/null)" ] || continue
		case $wanted in
		boards)
			for ((row = 1; row <= rows; row++)); do
				build/h7gang-sim ctl "$place/hands" plug-hub "1-$row" >/dev/null
			done
			;;
		kill-web) kill -KILL $web; wait $web 2>/dev/null ;;
		start-web) start_web ;;
		kill-station) pkill -KILL -P $run h7gang; wait $run 2>/dev/null ;;
		start-station) rm -f "$place/hands"; start_station ;;
		esac
		echo "$wanted" >"$place/done"
	done
	wait $page
	while read -r line; do
		case $line in
		"ok "*) check "$name: ${line#* - }" true ;;
		"not ok "*) check "$name: ${line#* - }" false ;;
		"#"*) echo "$line" ;;
		esac
	done <"$place/tap"
	check "$name: the page went through all steps" grep -q '^1\.\.' "$place/tap"
	sed 's/^/# /' "$place/err"
	kill -INT "$(pgrep -P $run h7gang)" 2>/dev/null
	kill $web
	wait $run $web 2>/dev/null
}
try eight 4 2 10 http
try sixtyfour 8 8 20 https --certificate "$work/tls.crt" --key "$work/tls.key" --users "$work/users" --control
finish
