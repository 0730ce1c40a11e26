#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No include climbs from a room to one above it.
exec "$(dirname "$0")/../../scripts/check-rooms"
