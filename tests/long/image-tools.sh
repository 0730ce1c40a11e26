#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# tests/unit/test_image_tools.c with 200 images of each tool.
cd "$(dirname "$0")/../.." || exit 1
IMAGE_ROUNDS=200 exec build/tests/test_image_tools
