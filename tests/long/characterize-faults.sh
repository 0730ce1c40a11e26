#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 1200
# h7gang characterize ends within its bounds on every fault of the fleet, with the board usable or the reason told.
. "$(dirname "$0")/../lib.sh"

cat >"$work/one" <<END
#!/bin/sh
# PATH DIGITS NAME: inside the fleet
"$h7gang" characterize --path \$1 --output "$work/\$3.json" --destructive --audit "$work/none.csv" --confirm \$2 --quiet \\
	>/dev/null 2>"$work/\$3.err" </dev/null
echo \$? >"$work/\$3.status"
END
chmod +x "$work/one"

# The result of a board: all steps done, or a reason and a readable file.
ended() { # NAME PATH
	[ -s "$work/$1.status" ] || { echo "# $1 did not end"; return 1; }
	case $(cat "$work/$1.status") in
	0) jq -e '[.steps[].result] | all(. == "done")' "$work/$1.json" >/dev/null ;;
	1 | 2 | 3) grep -q "^h7gang: $2: ." "$work/$1.err" && { [ ! -e "$work/$1.json" ] || jq -e .steps "$work/$1.json" >/dev/null; } ;;
	*) false ;;
	esac || { echo "# $1: exit $(cat "$work/$1.status")"; tail -n 3 "$work/$1.err" | sed 's/^/# /'; return 1; }
}

for fleet in profiles/fleets/{faults,misbehaving,hostile,swap}.yaml; do
	"$sim" --fleet "$fleet" --show | jq -r --arg fleet "$(basename "$fleet" .yaml)" '[.path, (.uid | .[-4:]), $fleet + "-" + .name] | join(" ")' >"$work/boards"
	timeout 600 "$sim" --virtual-time --fleet "$fleet" -- xargs -a "$work/boards" -L1 -P 16 "$work/one"
	while read -r path _ name; do
		check "$name ends" ended "$name" "$path"
	done <"$work/boards"
done
finish
