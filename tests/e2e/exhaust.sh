#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# An everyday slice of make exhaust: some Nth allocations, libusb calls, threads and files fail.
# limit: 300
. "$(dirname "$0")/../lib.sh"

export JOBS=2
check "allocations in a run" env KINDS=memory COMMANDS=run tests/exhaust 701
check "allocations elsewhere" env KINDS=memory COMMANDS="verify list audit check" tests/exhaust 1999
check "libusb's calls" env KINDS=usb COMMANDS="run list" ERRORS=1 tests/exhaust 131
check "libusb's calls, and all after them" env KINDS=usb COMMANDS=run ERRORS=1 MORE=100000 tests/exhaust 607
check "threads and files" env KINDS="thread file" COMMANDS="run audit" ERRORS=1 tests/exhaust 5
finish
