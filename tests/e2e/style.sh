#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Format, columns, spelling, manual pages and banned constructions; see scripts/check-style.
exec "$(dirname "$0")/../../scripts/check-style"
