#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/store-numbers.sh with 48 boards at three stations.
cd "$(dirname "$0")/../.." || exit 1
BOARDS=16 exec tests/e2e/store-numbers.sh
