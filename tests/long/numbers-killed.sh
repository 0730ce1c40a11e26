#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/numbers-killed.sh with every call.
cd "$(dirname "$0")/../.." || exit 1
STEP=1 exec tests/e2e/numbers-killed.sh
