#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# tests/e2e/audit-crash.sh with every call of the disk.
cd "$(dirname "$0")/../.." || exit 1
STEP=1 exec tests/e2e/audit-crash.sh
