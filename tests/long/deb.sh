#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make deb, and the packages in a clean chroot.
# limit: 900
cd "$(dirname "$0")/../.." || exit 1
command -v dpkg-shlibdeps >/dev/null || { echo "skipped: no dpkg-dev"; exit 77; }
exec make -s check-deb
