#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/store-schema.sh with every older schema on both databases.
cd "$(dirname "$0")/../.." || exit 1
ALL=1 exec tests/e2e/store-schema.sh
