#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The recipes of CONTRIBUTING.md: a part, a command with an option, a profile key, an image format and an error are added
# to a copy of the tree in exactly the places that they name. tests/e2e/new-rom.sh does the same for a bootloader version.
# limit: 600
. "$(dirname "$0")/../lib.sh"
export KEEP_FLAGS=1 # the objects that are there stay valid

tree=$work/tree
mkdir -p "$tree/build"
cp -r --preserve=timestamps Makefile VERSION scripts src include contrib docs "$tree"
cp -r --preserve=timestamps build/obj build/gen build/flags build/sim build/libh7gang.a "$tree/build"
after() { # FILE LINE-PATTERN TEXT: adds a line behind the one that matches
	local line
	line=$(grep -nE -- "$2" "$tree/$1" | head -n 1 | cut -d : -f 1)
	[ -n "$line" ] && awk -v at="$line" -v text="$3" '{ print } NR == at { print text }' "$tree/$1" >"$work/new" &&
		cat "$work/new" >"$tree/$1"
}

# A part.
check "part: the table of the program" after src/stm32/part.c '^	\{"stm32h757xi", ' \
	'	{"stm32h799xi", H74X(h74x_ram), TWO_BANKS(2048, 8)},'
row=$(grep -E '"stm32h743xi"' "$tree/src/sim/rom/rom_config.c" | head -n 1)
check "part: the table of the virtual boards" after src/sim/rom/rom_config.c '^static const struct rom_part parts\[\]' \
	"${row/stm32h743xi/stm32h799xi}"

# A command.
cat >"$tree/src/cli/hello.c" <<-'END'
	/* SPDX-License-Identifier: GPL-2.0-or-later */
	static const char help_text[] = "h7gang hello\n\nSays hello.\n";

	#include <stdio.h>

	#include "cli.h"

	static enum h7_exit run(const struct cli_options *options)
	{
		puts(options->given[CLI_LOUD] ? "HELLO" : "hello");
		return H7_EXIT_OK;
	}

	const struct cli_command cli_hello = {
		.name = "hello",
		.summary = "say hello",
		.help = help_text,
		.accepts = CLI_LIST(CLI_LOUD),
		.run = run,
	};
END
check "command: its declaration" after src/cli/cli.h '^#define CLI_COUNT_MAX' 'extern const struct cli_command cli_hello;'
check "command: the table" sed -i 's/cli_commands\[\] = {&cli_run,/&&cli_hello,/' "$tree/src/cli/help.c"
sed -i 's/cli_commands\[\] = {$/& \&cli_hello,/' "$tree/src/cli/help.c"

# An option.
check "option: its name" after src/cli/cli.h '^	CLI_PROFILE,' '	CLI_LOUD,'
check "option: the table" after src/cli/options.c '^static const struct cli_row table\[\]' \
	'	{"loud", CLI_LOUD, FLAG, 0, 0, 0},'

# An image format: "ADDRESS HEX" in lines, behind "%HEX".
cat >"$tree/src/image/percent.c" <<-'END'
	/* SPDX-License-Identifier: GPL-2.0-or-later */
	#include <stdio.h>
	#include <string.h>

	#include "build.h"
	#include "h7gang/image/image.h"

	bool image_parse_percent(const uint8_t *bytes, size_t length, struct image *image,
				 struct image_error *error)
	{
		struct image_build build = {0};
		char *text = strndup((const char *)bytes, length), *rest = text, *line;
		unsigned address, byte;
		bool good = text != NULL;
		int at, more;

		*image = (struct image){0};
		for (strsep(&rest, "\n"); good && (line = strsep(&rest, "\n")) && *line;) {
			good = sscanf(line, "%x%n", &address, &at) == 1;
			for (; good && sscanf(line + at, "%2x%n", &byte, &more) == 1; at += more) {
				uint8_t one = (uint8_t)byte;

				good = image_build_add(&build, address++, &one, 1, 0, error);
			}
		}
		good = good && image_build_finish(&build, image, error);
		image_build_free(&build);
		free(text);
		return good;
	}
END
sed -i 's/^#include <string.h>/#include <stdlib.h>\n&/' "$tree/src/image/percent.c"
check "format: its number" after include/h7gang/image/image.h '^	IMAGE_UF2,' '	IMAGE_PERCENT,'
check "format: its parser" sed -i 's/^bool image_parse_ihex(/bool image_parse_percent(const uint8_t *bytes, size_t length, struct image *image, struct image_error *error);\n&/' \
	"$tree/include/h7gang/image/image.h"
check "format: its content, and PARSER" after src/image/format.c '^PARSER\(uf2\)' 'PARSER(percent)
static bool detect_percent(const uint8_t *bytes, size_t length)
{
	return length >= 5 && memcmp(bytes, "%HEX\\n", 5) == 0;
}'
check "format: the table" after src/image/format.c '^static const struct format formats' \
	'	[IMAGE_PERCENT] = {.name = "percent", .first = 37, .endings = {".percent"}, .detect = detect_percent, .parse = parse_percent},'
check "format: the order" sed -i 's/order\[\] = {IMAGE_ELF,/& IMAGE_PERCENT,/' "$tree/src/image/format.c"

# An error.
sed -i 's/^	H7_ERROR_COUNT$/	H7_TOO_COLD,\n&/' "$tree/include/h7gang/base/errors.h"
check "error: name and advice" after src/base/errors.c '\[H7_OK\] = ' \
	'	[H7_TOO_COLD] = {"too_cold", "Warm the fixture, then insert the board again.", RETRIED},'

# A profile key.
check "key: the member" after include/h7gang/profile/profile.h '^struct profile \{' \
	'	bool greets; /* greet the operator; false by default */'
sed -i 's/^void loader_schema(struct loader \*loader, const struct tree_node \*root)$/static void read_greets(struct values *values, const struct tree_node *node, void *into)\n{\n\tstruct loader *loader = into;\n\n\tvalues_flag(values, node, \&loader->profile->greets);\n}\n\n&/' \
	"$tree/src/profile/schema.c"
check "key: the table" after src/profile/schema.c '\{"profile", true, read_version\}' '		{"greets", false, read_greets},'

# Two public headers change, and with them most objects: built quickly, not for speed.
exits 0 "it builds" make -s -j2 OPT="-O0 -g0" -C "$tree" B=build build/h7gang build/h7gang-sim build/sim/libusb-1.0.so.0
new=$tree/build/h7gang
exits 0 "help parts" "$new" help parts
check "has the part" says "$work/out" stm32h799xi
exits 0 "the command" "$new" hello
check "says hello" says "$work/out" hello
exits 0 "help" "$new" help
check "has the command" grep -q '^  hello  *say hello' "$work/out"
exits 0 "the option" "$new" hello --loud
check "is heeded" says "$work/out" HELLO
exits 2 "another command does not take it" "$new" list --loud
check "and says which do" says "$work/err" "other commands do"
exits 2 "a misspelt option" "$new" hello --luod
check "suggests the option" says "$work/err" 'did you mean --loud?'
exits 0 "the error" "$new" help too_cold
check "has its advice" says "$work/out" "Warm the fixture"
exits 2 "a misspelt error" "$new" help to_cold
check "suggests the error" says "$work/err" 'did you mean "too_cold"?'
exits 2 "a misspelt one" "$new" helo
check "suggests the command" says "$work/err" 'did you mean "hello"?'
p=$(profile recipes "greets: true")
sed -i 's/stm32h743xi/stm32h799xi/' "$p"
exits 0 "check takes key and part" "$new" check --profile "$p"
exits 2 "the old program does not" "$h7gang" check --profile "$p"
{
	printf '%%HEX\n08000000 '
	tests/firmware/bytes code 64 | xxd -p | tr -d '\n'
	echo
} >"$work/app.percent"
printf 'profile: 1\nname: percent\ntarget: {part: stm32h743xi}\nfirmware_version: "1"\nfirmware: [{file: app.percent}]\n' >"$work/percent.yaml"
exits 0 "check takes the image format" "$new" check --profile "$work/percent.yaml"
check "by its first bytes" grep -qE 'percent' "$work/out"
exits 2 "the old program knows no such file" "$h7gang" check --profile "$work/percent.yaml"
printf 'targets: [{name: a, part: stm32h799xi}]\n' >"$work/fleet.yaml"
exits 0 "a virtual board of that part" "$tree/build/h7gang-sim" --fleet "$work/fleet.yaml" --speed 50 -- \
	"$new" run --profile "$p" --audit "$work/log.csv"
check "passes" test "$(column "$work/log.csv" part)" = stm32h799xi -a "$(column "$work/log.csv" result)" = PASS
sed -i 's/greets: true/greets: maybe/' "$p"
exits 2 "a wrong value" "$new" check --profile "$p"
check "is reported with its position" grep -q "recipes.yaml:6:9: greets: must be one of false, true" "$work/err"
finish
