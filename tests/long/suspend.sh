#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/e2e/suspend.sh with a suspend at more moments, some of them around the verdict.
cd "$(dirname "$0")/../.." || exit 1
MOMENTS="0 200 400 3000 9000 12000 14300 14500 14600 14620 14630 14640 14650 14660" exec tests/e2e/suspend.sh
