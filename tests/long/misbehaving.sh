#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# tests/e2e/faults.sh over the fleets misbehaving.yaml and hostile.yaml: 120 boards with other manners.
cd "$(dirname "$0")/../.." || exit 1
exec tests/e2e/faults.sh misbehaving hostile
