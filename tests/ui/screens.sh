#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 600
# The panel's screens in a real terminal (tmux) against those that tests/ui/screens keeps as text: four sizes, 1 to 64
# slots, every state of the station, in English; each state in the other languages. KEEP=1 writes them anew: look at
# the difference before you commit it. PICTURES=FOLDER also makes an SVG of each.
. "$(dirname "$0")/../lib.sh"
command -v tmux >/dev/null || { echo "ok 1 # SKIP no tmux"; echo "1..1"; exit 0; }
make -s screens || exit 1
kept=tests/ui/screens
states="blank running mixed blocked stopped asking result"
tm() { tmux -f /dev/null -S "$work/tmux" "$@"; }
capture() { tm capture-pane -p -t screens | sed 's/ *$//' >"$work/screen"; }
same() { capture && cmp -s "$work/screen" "$1"; }

# compare WIDE HIGH LANGUAGE SLOTS:STATE...: each screen, and the next.
compare() {
	local wide=$1 high=$2 language=$3 screen name
	shift 3
	tm new-session -d -s screens -x "$wide" -y "$high" \
		"env LC_ALL=C.UTF-8 LANGUAGE='$language' build/screens '$language' $*; echo ended; exec sleep 600"
	for screen; do
		name=${wide}x$high-$language-${screen/:/-}
		if [ "${KEEP-}" = 1 ]; then
			sleep 0.4
			capture
			mkdir -p $kept
			cp "$work/screen" "$kept/$name.txt"
		fi
		check "$name" wait_for 20 same "$kept/$name.txt"
		diff "$kept/$name.txt" "$work/screen" | head -n 20 | sed 's/^/# /'
		check "$name: no line is wider, none is lost" eval '[ "$(wc -l <"$work/screen")" -le "$high" ] && ! grep -qP "[\x00-\x09\x0b-\x1f\x7f]" "$work/screen"'
		if [ -n "${PICTURES-}" ]; then
			mkdir -p "$PICTURES"
			tm capture-pane -e -p -t screens | python3 scripts/pictures.d/screen-to-svg "$name" >"$PICTURES/$name.svg"
		fi
		tm send-keys -t screens x
	done
	tm kill-session -t screens
}

tm new-session -d -s stays "exec sleep 600"
all=$(for slots in 1 8 32 64; do for state in $states; do echo "$slots:$state"; done; done)
for size in "80 24" "120 40" "160 50" "240 67"; do
	# shellcheck disable=SC2086 # lists
	compare $size en $all
done
for language in de es pl zh_CN; do
	# shellcheck disable=SC2046
	compare 80 24 "$language" $(printf '8:%s ' $states)
	compare 240 67 "$language" 64:mixed 64:asking
done
tm kill-server
finish
