#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The everyday suite on Debian 13, from a copy of the tree under /root with mode 0700: built with clang and with gcc,
# then every test, the Debian package, and lintian. The chroot stays in build/debian13 for the next time.
# limit: 2400
set -u
cd "$(dirname "$0")/../.." || exit 1
suite=${SUITE:-trixie}
to=$PWD/build/debian13
chroot=$to/chroot
skip() {
	echo "debian13: skipped: $*"
	exit 77
}
command -v debootstrap >/dev/null && [ "$(id -u)" -eq 0 ] || skip "it needs root and debootstrap"
mkdir -p "$to"
cleanup() {
	local at root
	for root in "$to/chroot" "$to/arm64"; do
		for at in dev/pts dev/shm dev proc; do
			! mountpoint -q "$root/$at" || umount "$root/$at"
		done
	done
}
bind() {
	local at
	for at in proc dev dev/pts dev/shm; do
		mountpoint -q "$chroot/$at" || mount --bind "/$at" "$chroot/$at" || skip "it may not mount"
	done
}
trap cleanup EXIT
if [ ! -e "$to/complete" ]; then
	cleanup
	rm -rf "$chroot"
	debootstrap --variant=minbase "$suite" "$chroot" "${MIRROR:-http://deb.debian.org/debian}" >"$to/debootstrap.log" 2>&1 || {
		tail -n 3 "$to/debootstrap.log"
		! grep -qE "Failed getting release file|Couldn't download|Cannot install into target|Operation not permitted" \
			"$to/debootstrap.log" || skip "no Debian could be fetched or installed here; see $to/debootstrap.log"
		exit 1
	}
	: >"$to/complete"
fi
# The chroot uses the host's proxy settings and resolver.
apt-config dump | grep -i '^Acquire::.*proxy' >"$chroot/etc/apt/apt.conf.d/99host"
cp -L /etc/resolv.conf "$chroot/etc/" 2>/dev/null
bind

tree=$chroot/root/h7gang
find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + 2>/dev/null
mkdir -p "$tree"
chmod 700 "$chroot/root"
git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
	[ ! -e "$file" ] || printf '%s\0' "$file"
done | xargs -0 cp --parents --preserve=mode,timestamps -t "$tree"

bad=0
steps=0
step() { # NAME COMMAND
	steps=$((steps + 1))
	if chroot "$chroot" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
		sh -c "cd /root/h7gang && $2" >"$to/$1.log" 2>&1; then
		echo "ok - Debian 13: $1"
	else
		echo "not ok - Debian 13: $1"
		tail -n 40 "$to/$1.log" | sed 's/^/# /'
		bad=1
	fi
}
# A bare system first runs the demonstration, which installs its packages.
step demo "apt-get -q -y update && ./scripts/demo"
step packages "./scripts/deps && ./scripts/deps build && apt-get -q -y install --no-install-recommends clang lintian"
step clang "make -s -j2 CC=clang WERROR=-Werror B=build/clang all units"
step gcc "make -s -j2 WERROR=-Werror all units"
step suite "./tests/run ${TESTS:-}"
step package "make -s deb && lintian --fail-on error,warning build/deb/*.deb"
# A chroot of its own: libraries for another architecture can replace those of this one.
cleanup
rm -rf "$to/arm64"
cp -a --reflink=auto "$chroot" "$to/arm64"
chroot=$to/arm64
rm -rf "$chroot/root/h7gang/build"
bind
# arm64, as on a Raspberry Pi: the unit tests run under qemu-user. The two that adopt and end foreign processes do not
# work there.
arm="PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig make -s -j2 B=build/arm64 CC=aarch64-linux-gnu-gcc"
libraries=libcmocka-dev:arm64
for library in $(sed -n '/^build="/,/"$/p' scripts/deps | tr -d '"' | tr -s ' \t' '\n\n' | grep -- '-dev$'); do
	libraries="$libraries $library:arm64"
done
# libpsl-dev cannot be installed for both architectures: a manual page differs.
step arm64-packages "dpkg --add-architecture arm64 && apt-get -q -y remove libpsl-dev && apt-get -q -y update && apt-get -q -y install \
	--no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6:arm64 qemu-user-static $libraries"
step arm64-build "$arm all units"
step arm64-units 'bad=; for test in build/arm64/tests/test_* build/arm64/tests/sim_test_*; do
	case $test in *.d | */test_gang_child | */test_gang_faults) continue ;; esac
	timeout 300 qemu-aarch64-static "$test" || bad="$bad $test"
done; echo "failed:$bad"; test -z "$bad"'
step arm64-package "dpkg --add-architecture arm64; ARCH=arm64 STRIP=aarch64-linux-gnu-strip $arm deb && ls build/arm64/deb/*_arm64.deb"
sed -n 's/^total: /# suite: /p' "$to/suite.log"
echo "1..$steps"
exit $bad
