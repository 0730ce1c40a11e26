#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion: bash's offers, and that the program takes each option offered for a command.
. "$(dirname "$0")/../lib.sh"

# shellcheck source=contrib/completions/h7gang.bash
. contrib/completions/h7gang.bash
compopt() { :; } # only inside a real completion
offers() { # WORDS...: the offers for the last one
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_h7gang
	printf '%s\n' "${COMPREPLY[@]}"
}
offered() { # WANTED WORDS...
	local wanted=$1
	shift
	offers "$@" | grep -qxF -- "$wanted"
}
for command in run verify list check audit store version help; do
	check "command $command" offered $command "$h7gang" ""
done
check "a beginning" test "$(offers "$h7gang" ver | tr '\n' ' ')" = "verify version "
check "--profile" offered --profile "$h7gang" run --pro
check "--trace" offered --trace "$h7gang" verify --t
check "help errors" offered errors "$h7gang" help e
check "audit verify" offered verify "$h7gang" audit v
check "store push" offered push "$h7gang" store p
check "an error's name" offered hook_refused "$h7gang" audit find --error hook
check "a part" offered stm32h743xg "$h7gang" read --part stm32h74
check "a log level" offered warning "$h7gang" run --log-level w
check "nothing for what only the user knows" test -z "$(offers "$h7gang" run --lot "")"
mkdir -p "$work/folder/sub"
touch "$work/folder/a b.yaml" "$work/folder/c.csv"
check "a profile with a blank" offered "$work/folder/a b.yaml" "$h7gang" run --profile "$work/folder/a"
check "no log for a profile" test "$(offers "$h7gang" run --profile "$work/folder/" | wc -l)" -eq 2
check "a folder for --trace" test "$(offers "$h7gang" run --trace "$work/folder/")" = "$work/folder/sub"

for command in run verify list check slots read doctor; do
	[ -n "$(offers "$h7gang" "$command" --)" ] || continue
	unknown=""
	for option in $(offers "$h7gang" "$command" --); do
		"$h7gang" "$command" "$option" 2>&1 </dev/null | head -n 3 | grep -q "does not know the option" && unknown+=" $option"
	done
	check "$command takes all that is offered for it" test -z "$unknown"
	[ -z "$unknown" ] || echo "# it does not take$unknown"
done

if command -v zsh >/dev/null; then
	check "the zsh completion is zsh" zsh -n contrib/completions/_h7gang
else
	checks=$((checks + 1))
	echo "ok $checks - the zsh completion is zsh # SKIP no zsh"
fi
finish
