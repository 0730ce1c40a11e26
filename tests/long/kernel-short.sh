#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same programs on Linux's own USB stack, in a throw-away machine; see scripts/check-kernel.
# limit: 900
cd "$(dirname "$0")/../.." || exit 1
command -v qemu-system-x86_64 >/dev/null || { echo "no qemu-system-x86_64"; exit 77; }
set -o pipefail
make -s check-kernel-short 2>&1 | sed -uE -e 's/^ok +/ok - /' -e 's/^skipped ([^:]*): (.*)/ok - \1 # SKIP \2/' -e 's/^FAILED +/not ok - /' |
	awk '{ print; fflush() } /^(not )?ok / { n++ } END { print "1.." n + 0 }'
