# SPDX-License-Identifier: GPL-2.0-or-later
# Shared by the tests of this folder. A test defines inside() and calls `bench`, which runs inside()
# with the virtual boards plugged into the kernel; then it checks the saved files.
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd)
h7gang=$tree/build/h7gang
fleets=$tree/tests/kernel/fleets
export STATE_DIRECTORY=${STATE_DIRECTORY-$PWD/state} # not the machine's: a test runs in a folder of its own

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# bench [h7gang-sim options]: the boards, and inside() of this very script among them.
bench() {
	timeout -k 10 280 "$tree/build/h7gang-sim" --kernel "$@" -- bash "$0" inside
}

# The last line of a test before it calls bench: the script starts itself again for inside().
enter() {
	[ "${1-}" != inside ] || { inside; exit 0; }
}

# The kernel's port names of the boards, one a line, in the order of the fleet; or that of one board.
ports() {
	cut -d ' ' -f 3 "$H7GANG_SIM_PORTS"
}
port_of() {
	awk -v name="$1" '$1 == name { print $3 }' "$H7GANG_SIM_PORTS"
}

# Two pieces of 5000 bytes, one in each bank; `whole BANK` is the expected first sector of a bank.
images() {
	"$tree/tests/firmware/bytes" code 5000 >bank1.bin
	"$tree/tests/firmware/bytes" data 5000 50001 >bank2.bin
}
whole() {
	cat "bank$1.bin"
	head -c $((131072 - 5000)) /dev/zero | tr '\0' '\377'
}

# profile FILE [LINE...]: the bank images, and a slot for each board, so that nothing else on this
# machine's buses is ever touched. Lines given last come in addition.
profile() {
	local file=$1 line
	shift
	images
	{
		printf '%s\n' 'profile: 1' 'name: bench' 'target: {part: stm32h743xi}' 'firmware:' \
			'  - {file: bank1.bin, address: 0x08000000}' \
			'  - {file: bank2.bin, address: 0x08100000}'
		for line in "$@"; do
			printf '%s\n' "$line"
		done
		echo 'slots:'
		awk '{ printf "  - {name: %s, path: %s}\n", $1, $3 }' "$H7GANG_SIM_PORTS"
	} >"$file"
}

# column LOG NAME: that column of an audit log, a line a row.
column() {
	awk -v want="$2" '
	function split_row(line,   n, i, c, quoted) {
		n = 1; field[1] = ""; quoted = 0
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") { field[n] = field[n] c; i++ }
			else if (c == "\"") quoted = !quoted
			else if (c == "," && !quoted) field[++n] = ""
			else field[n] = field[n] c
		}
		return n
	}
	{ n = split_row($0) }
	NR == 1 { for (i = 1; i <= n; i++) if (field[i] == want) at = i; if (!at) exit 1; next }
	{ print field[at] }' "$1"
}

# row LOG SLOT NAME: that column in the last row of a slot.
row() {
	paste -d '\t' <(column "$1" slot) <(column "$1" "$3") |
		awk -F '\t' -v slot="$2" '$1 == slot { last = $2 } END { print last }'
}

same() { # WHAT EXPECTED FOUND
	[ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"
}

# read_back PORT ADDRESS LENGTH FILE: by dfu-util, which knows nothing of h7gang.
read_back() {
	rm -f "$4"
	timeout 200 dfu-util -d 0483:df11 -p "$1" -a 0 -s "$2:$3" -U "$4" >"$4.log" 2>&1 ||
		{ tail -n 5 "$4.log"; fail "dfu-util cannot read port $1"; }
}

# counters_clean FILE: no flash command to a busy part, no word programmed twice, and so on.
counters_clean() {
	local name
	for name in busy_touches double_programs stray_downloads value_one short_numbered outside hung; do
		grep -q "\"$name\": 0,*\$" "$1" || fail "$1: $(grep "\"$name\"" "$1")"
	done
}
