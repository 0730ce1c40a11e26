#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All of tests/kernel, on this kernel or in a throw-away machine: each of them counts.
# limit: 1500
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" -ne 0 ] || [ ! -w /sys/devices/platform/vhci_hcd.0/attach ]; then
	command -v qemu-system-x86_64 >/dev/null || { echo "skipped: no qemu-system-x86_64"; exit 77; }
	scripts/kernel/fetch >/dev/null || { echo "skipped: no kernel for a throw-away machine could be fetched"; exit 77; }
fi
set -o pipefail
make -s check-kernel 2>&1 | sed -uE -e 's/^ok +/ok - /' -e 's/^skipped ([^:]*): (.*)/ok - \1 # SKIP \2/' -e 's/^FAILED +/not ok - /' |
	awk '{ print; fflush() } /^(not )?ok / { n++ } END { print "1.." n + 0 }'
