# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the end-to-end tests. Each runs in the top folder and has a fresh folder $work.
# shellcheck shell=bash
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
top=$PWD
h7gang=$top/build/h7gang
sim=$top/build/h7gang-sim
work=$top/build/e2e/$(basename "$0" .sh)
rm -rf "$work" "$work.state"
mkdir -p "$work"
PATH=/usr/bin:$PATH # Debian's python3 first: scripts/deps installs modules for that one
export STATE_DIRECTORY=$work.state # the second places of number files are this test's own
checks=0
bad=0

# check WHAT COMMAND...: one line of TAP.
check() {
	local what=$1
	shift
	checks=$((checks + 1))
	if "$@"; then
		echo "ok $checks - $what"
	else
		echo "not ok $checks - $what"
		bad=$((bad + 1))
	fi
}

# exits STATUS WHAT COMMAND...: its exit status; output in $work/out and $work/err.
exits() {
	local wanted=$1 what=$2 status
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	check "$what: exit $wanted" [ "$status" -eq "$wanted" ]
	if [ "$status" -ne "$wanted" ]; then
		echo "# it was $status: $*"
		tail -n 15 "$work/out" "$work/err" | sed 's/^/# /'
	fi
}

# says FILE TEXT: whether the file holds the text.
says() {
	grep -qF -- "$2" "$1" && return
	echo "# $1 does not say: $2"
	return 1
}

# column LOG NAME: that field of every row, unquoted.
column() {
	scripts/log-columns "$1" "$2"
}

# rows LOG NAME VALUE: how many rows have it.
rows() {
	column "$1" "$2" | grep -cxF -- "$3" || true
}

# profile NAME [LINES]: writes a profile for the demonstration's firmware, tells its path.
profile() {
	cat >"$work/$1.yaml" <<-END
	profile: 1
	name: $1
	target: {part: stm32h743xi}
	firmware_version: "1.0"
	firmware: [{file: $top/build/firmware/demo.hex}]
	${2:-}
	END
	echo "$work/$1.yaml"
}

# log_state STATUS WHAT LOG TEXT: audit verify's answer for a log.
log_state() {
	exits "$1" "$2" "$h7gang" audit verify "$3"
	check "$2: says \"$4\"" says "$work/out" "$4"
}

# versions_of SERIES: the bootloader versions of that series (H74X, H72X, H7AX) in the program's table, a line each.
versions_of() {
	sed -n "s/^	{STM32_$1, 0x[0-9a-f]*, \"\(V[0-9.]*\)\".*/\1/p" src/stm32/rom.c
}

# series_of PART: the series of a part, as versions_of takes it.
series_of() {
	case $1 in
	*h74* | *h75* | *H74* | *H75*) echo H74X ;;
	*h72* | *h73* | *H72* | *H73*) echo H72X ;;
	*h7a* | *h7b* | *H7A* | *H7B*) echo H7AX ;;
	*) echo "no series of $1" >&2; return 1 ;;
	esac
}

# free_port: a TCP port of this computer that no program uses now.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS COMMAND...: until it succeeds; LIMIT_SCALE times as long under tests/instrumented.
wait_for() {
	local left=$(($1 * 20 * ${LIMIT_SCALE:-1}))
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.05
	done
}

# flash_is SAVED: the expected contents of a saved flash.
flash_is() {
	cmp "$1" build/firmware/demo.flash
}

# counters_good JSON: the fleet saw nothing that must not be.
counters_are_good='([.busy_touches, .double_programs, .stray_downloads, .value_one, .short_numbered, .outside]
	| all(. == 0))' # a filter of jq
counters_good() {
	jq -e ".counters | $counters_are_good" "$1" >/dev/null || { echo "# $(tr -d '\n' <"$1")"; return 1; }
}

finish() {
	echo "1..$checks"
	[ "$bad" -eq 0 ]
	exit
}

# Programs of several tests, made by tests/run: no test builds a program that another one runs.
[ -n "${TOOLS_MADE-}" ] || KEEP_FLAGS=1 make -s test-tools || exit 1
tests/firmware/make || exit 1
