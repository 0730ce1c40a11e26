# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the audit tests: builds the driver and the failing disk, makes a folder to work in.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
make -s "B=$B" "$B/libh7gang.a" || exit 1
mkdir -p "$B/tests"
driver=$B/tests/audit_driver
shim=$PWD/$B/tests/failfs.so
# Put in place whole: another of these tests may be using them.
cc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O1 -g ${SAN:-} -Iinclude -o "$driver.$$" tests/audit_driver.c \
	"$B/libh7gang.a" -lcrypto -pthread || exit 1
cc -std=gnu17 -Wall -Wextra -O1 -shared -fPIC -o "$shim.$$" tests/shim/failfs.c -ldl || exit 1
mv -f "$driver.$$" "$driver" && mv -f "$shim.$$" "$shim" || exit 1
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
