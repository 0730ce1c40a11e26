#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages have every command, option, profile key, error and column; help explains every error; the commands
# suggest the nearest name for a misspelt word.
. "$(dirname "$0")/../lib.sh"

page() { # FILE: its text without markup
	sed -e 's/\\-/-/g' -e 's/\\f[BIRP]//g' -e 's/\\&//g' -e 's/\\(aq/'"'"'/g' "docs/man/$1"
}
page h7gang.1 >"$work/h7gang.1"
page h7gang-profile.5 >"$work/profile.5"
page h7gang-audit.5 >"$work/audit.5"
page h7gang-sim.1 >"$work/sim.1"
missing() { # FILE WORD...: those that the page does not have as words
	local file=$1 word
	shift
	for word; do
		grep -qE -- "(^|[^A-Za-z0-9_-])${word//./\\.}([^A-Za-z0-9_]|\$)" "$file" || printf '%s ' "$word"
	done
}
none() { # WHAT MISSING
	check "$1" test -z "$2"
	[ -z "$2" ] || echo "# missing: $2"
}

commands=$("$h7gang" help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
none "h7gang(1) has every command" "$(missing "$work/h7gang.1" $commands)"
options=$(sed -n 's/^	{"\([a-z-]*\)", CLI_.*/--\1/p' src/cli/options.c)
none "h7gang(1) has every option" "$(missing "$work/h7gang.1" $options)"
none "h7gang-sim(1) has every option" "$(missing "$work/sim.1" $(build/h7gang-sim --help | grep -oE '^  --[a-z-]+'))"
# shellcheck disable=SC2046 # a list of words
none "h7gang-sim(1) has every command of ctl" "$(missing "$work/sim.1" $("$sim" --help | sed '1,/^ctl sends/d' | awk '{print $1}'))"
for program in web publish; do
	page h7gang-$program.1 >"$work/$program.1"
	none "h7gang-$program(1) has every option" "$(missing "$work/$program.1" $(sed -n 's/^.*{\.name = "\([a-z-]*\)",.*/--\1/p' \
		src/$program/options.c) --help --version)"
done
keys=$(cat src/profile/*.c | grep -oE '\{"[a-z0-9_]+", (true|false), [a-z_]+\}' | sed 's/{"\([a-z0-9_]*\)".*/\1/' | sort -u)
check "the key tables were found" test "$(wc -w <<<"$keys")" -gt 40
none "h7gang-profile(5) has every key" "$(missing "$work/profile.5" $keys)"
for sign in not_recorded NOT_RECORDED blocked stopped; do
	exits 0 "help $sign" "$h7gang" help "$sign"
	check "help $sign says what to do" says "$work/out" "engineer"
done
errors=$("$h7gang" help errors | cut -d ' ' -f 1)
check "there are errors" test "$(wc -w <<<"$errors")" -gt 25
columns=$(LC_ALL=C tr ',' ' ' <<<"$("$sim" --targets 1 --speed 50 -- "$h7gang" run --profile "$(profile documents)" \
	--audit "$work/log.csv" --quiet >/dev/null 2>&1; head -n 1 "$work/log.csv")")
none "h7gang-audit(5) has every column" "$(missing "$work/audit.5" $columns)"
sed -n '/^\.SH COLUMNS/,/^\.SS/s/^\.BR\{0,1\} //p' docs/man/h7gang-audit.5 >"$work/entries"
none "and explains each" "$(missing "$work/entries" $columns)"
none "h7gang-audit(5) has the errors that count in no yield" "$(missing "$work/audit.5" $(for error in $errors; do
	"$h7gang" help "$error" | grep -q "in no yield" && echo "$error"
done))"

# Every pair of series and bootloader version that the program knows is in these, and no other.
program=$(for series in H74X H72X H7AX; do versions_of $series | sed "s/^/$series /"; done | sort)
check "the table of versions was found" test "$(wc -l <<<"$program")" -gt 10
check "every series is in it" test "$(cut -d ' ' -f 1 <<<"$program" | sort -u | wc -l)" -eq "$(grep -c '^	\[STM32_H.*\.series = ' src/stm32/series.c)"
check "docs/rom-bootloaders.md has every version" test "$(awk -F ' *\\| *' '
	/^## / { table = $0 == "## Faults of each version" }
	table && $3 ~ /^V[0-9]/ {
		if ($2 != "") part = $2
		n = split($3, version, ", ")
		for (i = 1; i <= n; i++) print part, version[i]
	}' docs/rom-bootloaders.md | while read -r part rest; do echo "$(series_of "$part") ${rest##* }"; done | sort)" = "$program"
check "profiles/fleets/all-roms.yaml has every version" test \
	"$(sed -nE 's/.*name: (h[^,]*), (part: ([^,]*), )?bootloader: (V[0-9.]+).*/\1 \4/p' profiles/fleets/all-roms.yaml |
		while read -r part version; do echo "$(series_of "$part") $version"; done | sort -u)" = "$program"
check "tests/campaign/board.c has every version" test \
	"$(sed -n '/^static const char \*const versions/,/^};/s/^	{\(.*\)},/\1/p' tests/campaign/board.c | tr -d '",' |
		awk '{ split("H74X H72X H7AX", series, " "); for (i = 1; i <= NF; i++) if ($i ~ /^V/) print series[NR], $i }' | sort)" = "$program"

for error in $errors; do
	"$h7gang" help "$error" >"$work/out" 2>&1 || break
	[ "$(head -n 1 "$work/out")" = "$error" ] && [ "$(wc -l <"$work/out")" -ge 5 ] || break
done
check "help explains every error" test "$error" = "$(tail -n 1 <<<"$errors")"
for command in $commands; do
	"$h7gang" "$command" --help >"$work/help" 2>&1 && "$h7gang" help "$command" | cmp -s - "$work/help" || break
	"$h7gang" "$command" --version | grep -q "^h7gang $(cat VERSION)$" || break
done
check "every command has --help and --version" test "$command" = "$(tail -n 1 <<<"$commands")"

none "every document that a file names is in the tree" "$(grep -rhoE '[A-Za-z0-9_-]+\.md\b' src include tests scripts docs ./*.md |
	sort -u | while read -r file; do [ -n "$(find . -path ./build -prune -o -name "$file" -print -quit)" ] || printf '%s ' "$file"; done)"

none "each word of the command lines of CONTRIBUTING.md names a test" "$(grep -oE '\./tests/run [a-z][^`&]*`' CONTRIBUTING.md |
	sed 's/.*run //' | tr -d '`' | xargs -n 1 | while read -r word; do
	compgen -G "tests/*/*${word#sim_}*" >/dev/null || printf '%s ' "$word"
done)"

suggests() { # TEXT ARGUMENT...
	local text=$1
	shift
	exits 2 "h7gang $*" "$h7gang" "$@"
	check "suggests $text" says "$work/err" "$text"
}
suggests 'did you mean "verify"?' vefiry
suggests 'did you mean "read_protected"?' help read_protcted
suggests 'did you mean "verify"?' audit verfiy
suggests 'did you mean "push"?' store puhs
suggests 'did you mean --watch?' run --wacth
suggests 'did you mean --profile?' run -profile x.yaml
suggests 'other commands do' list --firmware x
touch "$work/my.yaml"
suggests "h7gang run --profile $work/my.yaml" "$work/my.yaml"
suggests "did you mean --profile $work/my.yaml?" run "$work/my.yaml"
printf 'profile: 1\nname: n\ntarget: {part: stm32h743xj, resdent: allow}\nfirmware: [{file: ../no.hex}]\n' >"$work/wrong.yaml"
exits 2 "a profile with three mistakes" "$h7gang" check --profile "$work/wrong.yaml"
check "a part suggests the nearest" says "$work/err" "did you mean 'stm32h743x"
check "a file is shown as written and as resolved" says "$work/err" \
	"wrong.yaml:4:19: cannot open firmware \"../no.hex\" (resolved to $work/../no.hex): No such file or directory. Paths in a profile are relative to the profile."
finish
