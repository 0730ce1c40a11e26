#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make serials with fewer kills: no number in two boards.
# limit: 900
cd "$(dirname "$0")/../.." || exit 1
KILLS=${KILLS:-40} exec tests/serials
