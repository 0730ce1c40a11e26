#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/store-restored.sh with every call and both kinds of station.
cd "$(dirname "$0")/../.." || exit 1
STEP=1 exec tests/e2e/store-restored.sh
