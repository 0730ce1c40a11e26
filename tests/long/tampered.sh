#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# tests/e2e/tampered.sh with every byte of the log.
cd "$(dirname "$0")/../.." || exit 1
STEP=1 exec tests/e2e/tampered.sh
