# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the audit tests: the driver, the failing disk, and a folder to work in.
set -u
cd "$(dirname "$0")/../.." || exit 1
[ -n "${TOOLS_MADE-}" ] || KEEP_FLAGS=1 make -s test-tools || exit 1
driver=$PWD/build/tests/audit_driver
shim=$PWD/build/tests/failfs.so
# In memory where there is such a place: thousands of syncs, and none of them is a power cut.
work=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d) || exit 1
counted=$work-calls
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}
# with_disk MODE CALL COMMAND...: on a disk that does MODE at that call
with_disk() {
	mode=$1 call=$2
	shift 2
	timeout -s KILL 120 env LD_PRELOAD="$shim" FAILFS_MATCH="$work" FAILFS_MODE="$mode" FAILFS_CALL="$call" "$@"
}
# how many calls a command makes that change the disk
count_calls() {
	env LD_PRELOAD="$shim" FAILFS_MATCH="$work" FAILFS_MODE=count FAILFS_COUNT="$counted" "$@" >/dev/null 2>&1
	cat "$counted"
	rm -f "$counted"
}
finish() {
	[ "$failures" = 0 ] || exit 1
	echo "$(basename "$0"): ok"
}
