# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for h7gang. Commands and options are those of the program's own help.
# shellcheck shell=bash

_h7gang_files() { # SUFFIX WORD
	local IFS=$'\n'
	compopt -o filenames
	# shellcheck disable=SC2207 # a name a line
	COMPREPLY=($(compgen -f -X "!*$1" -- "$2") $(compgen -d -- "$2"))
}

_h7gang() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words=""

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$("$program" help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
	else
		case $before in
		--profile) _h7gang_files .yaml "$word"; return ;;
		--html) _h7gang_files .html "$word"; return ;;
		--audit | --output | --key | --xlsx | --events | --taken | --socket | --connect) _h7gang_files "" "$word"; return ;;
		--trace) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
		--log-level) words="error warning info debug" ;;
		--bank) words="1 2 all" ;;
		--part) words=$("$program" help parts 2>/dev/null | grep -o '^stm32[0-9a-z]*') ;;
		--result) words="PASS FAIL ABORTED" ;;
		--error) words=$("$program" help errors 2>/dev/null | cut -d ' ' -f 1) ;;
		--lot | --operator | --station | --tag | --slot | --uid | --count | --boards | --wait | --path | --serial | \
			--since | --until | --title | --shifts | --time-zone | --baseline | --for | --continues | --store | --firmware | --limit | --log | --next | --confirm) return ;;
		*)
			case $command,$COMP_CWORD,$word in
			help,2,*)
				words="errors parts $("$program" help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" ;;
			power,3,*) words="off on cycle" ;;
			audit,2,* | store,2,* | numbers,2,*)
				words=$("$program" help "$command" 2>/dev/null |
					sed -n "s/^h7gang $command \([a-z-]*\).*/\1/p") ;;
			audit,*,[!-]* | audit,*, | store,*,[!-]* | store,*,) _h7gang_files .csv "$word"; return ;;
			*) words=$("$program" help "$command" 2>/dev/null | grep -oE -e '--[a-z][a-z-]*' | sort -u) ;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _h7gang h7gang
