/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table of all options; a command takes those that it names and no other. */
#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "h7gang/base/options.h"

#define TAG_KEY "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#define UID_DIGITS 24
#define LONG_BASE 256 /* getopt_long's value of table row i is LONG_BASE + i */

enum kind { FLAG, TEXT, NUMBER, LEVEL, LANGUAGE, TAG, SLOT, UID };

struct cli_row {
	const char *name;
	enum cli_option option;
	enum kind kind;
	size_t offset; /* TEXT: of the const char *; NUMBER: of the unsigned */
	unsigned low, high;
};

#define AT(member) offsetof(struct cli_options, member)

static const struct cli_row table[] = {
	{"profile", CLI_PROFILE, TEXT, AT(profile), 0, 0},
	{"once", CLI_ONCE, FLAG, 0, 0, 0},
	{"watch", CLI_WATCH, FLAG, 0, 0, 0},
	{"count", CLI_COUNT, NUMBER, AT(count), 1, CLI_COUNT_MAX},
	{"boards", CLI_BOARDS, NUMBER, AT(boards), 1, CLI_COUNT_MAX},
	{"wait", CLI_WAIT, NUMBER, AT(wait_s), 0, CLI_WAIT_MAX},
	{"all-slots", CLI_ALL_SLOTS, FLAG, 0, 0, 0},
	{"lot", CLI_LOT, TEXT, AT(lot), 0, 0},
	{"operator", CLI_OPERATOR, TEXT, AT(operator_name), 0, 0},
	{"station", CLI_STATION, TEXT, AT(station), 0, 0},
	{"tag", CLI_TAG, TAG, 0, 0, 0},
	{"audit", CLI_AUDIT, TEXT, AT(audit), 0, 0},
	{"slot", CLI_SLOT, SLOT, 0, 0, 0},
	{"uid", CLI_UID, UID, 0, 0, 0},
	{"json", CLI_JSON, FLAG, 0, 0, 0},
	{"quiet", CLI_QUIET, FLAG, 0, 0, 0},
	{"no-color", CLI_NO_COLOR, FLAG, 0, 0, 0},
	{"log-level", CLI_LOG_LEVEL, LEVEL, 0, 0, 0},
	{"continues", CLI_CONTINUES, TEXT, AT(continues), 0, 0},
	{"learn", CLI_LEARN, FLAG, 0, 0, 0},
	{"path", CLI_PATH, TEXT, AT(path), 0, 0},
	{"bank", CLI_BANK, TEXT, AT(bank), 0, 0},
	{"part", CLI_PART, TEXT, AT(part), 0, 0},
	{"serial", CLI_SERIAL, TEXT, AT(serial), 0, 0},
	{"since", CLI_SINCE, TEXT, AT(since), 0, 0},
	{"error", CLI_ERROR, TEXT, AT(error), 0, 0},
	{"result", CLI_RESULT, TEXT, AT(result), 0, 0},
	{"html", CLI_HTML, TEXT, AT(html), 0, 0},
	{"key", CLI_KEY, TEXT, AT(key), 0, 0},
	{"output", CLI_OUTPUT, TEXT, AT(output), 0, 0},
	{"each", CLI_EACH, FLAG, 0, 0, 0},
	{"rework", CLI_REWORK, FLAG, 0, 0, 0},
	{"clock-ok", CLI_CLOCK_OK, FLAG, 0, 0, 0},
	{"trace", CLI_TRACE, TEXT, AT(trace), 0, 0},
	{"store", CLI_STORE, TEXT, AT(store), 0, 0},
	{"firmware", CLI_FIRMWARE, TEXT, AT(firmware), 0, 0},
	{"limit", CLI_LIMIT, NUMBER, AT(limit), 1, CLI_LIMIT_MAX},
	{"log", CLI_LOG, NUMBER, AT(log), 1, UINT_MAX},
	{"next", CLI_NEXT, TEXT, AT(next), 0, 0},
	{"taken", CLI_TAKEN, TEXT, AT(taken), 0, 0},
	{"yes", CLI_YES, FLAG, 0, 0, 0},
	{"commands", CLI_COMMANDS, FLAG, 0, 0, 0},
	{"until", CLI_UNTIL, TEXT, AT(until), 0, 0},
	{"title", CLI_TITLE, TEXT, AT(title), 0, 0},
	{"shifts", CLI_SHIFTS, TEXT, AT(shifts), 0, 0},
	{"time-zone", CLI_TIME_ZONE, TEXT, AT(time_zone), 0, 0},
	{"by-operator", CLI_BY_OPERATOR, FLAG, 0, 0, 0},
	{"baseline", CLI_BASELINE, TEXT, AT(baseline), 0, 0},
	{"xlsx", CLI_XLSX, TEXT, AT(xlsx), 0, 0},
	{"csv", CLI_CSV, FLAG, 0, 0, 0},
	{"for", CLI_FOR, TEXT, AT(purpose), 0, 0},
	{"socket", CLI_SOCKET, TEXT, AT(socket), 0, 0},
	{"connect", CLI_CONNECT, TEXT, AT(connect), 0, 0},
	{"prometheus", CLI_PROMETHEUS, FLAG, 0, 0, 0},
	{"events", CLI_EVENTS, TEXT, AT(events), 0, 0},
	{"identity", CLI_IDENTITY, FLAG, 0, 0, 0},
	{"test", CLI_TEST, FLAG, 0, 0, 0},
	{"no-wait", CLI_NO_WAIT, FLAG, 0, 0, 0},
	{"language", CLI_LANGUAGE, LANGUAGE, 0, 0, 0},
	{"scanner", CLI_SCANNER, TEXT, AT(scanner), 0, 0},
	{"destructive", CLI_DESTRUCTIVE, FLAG, 0, 0, 0},
	{"confirm", CLI_CONFIRM, TEXT, AT(confirm), 0, 0},
	{"resident", CLI_RESIDENT, FLAG, 0, 0, 0},
	{"resume", CLI_RESUME, FLAG, 0, 0, 0},
	{"help", CLI_HELP, FLAG, 0, 0, 0},
	{"version", CLI_HELP, FLAG, 0, 0, 0},
};

#define ROWS (sizeof(table) / sizeof(table[0]))
_Static_assert(ROWS == CLI_OPTIONS + 1, "a row for each option; CLI_HELP has two");

bool cli_listed(const enum cli_option *list, enum cli_option option)
{
	while (list && *list != CLI_OPTIONS)
		if (*list++ == option)
			return true;
	return false;
}

enum cli_option cli_given_of(const struct cli_options *options, const enum cli_option *list)
{
	while (*list != CLI_OPTIONS && !options->given[*list])
		list++;
	return *list;
}

enum cli_option cli_given_beyond(const struct cli_options *options, const enum cli_option *list)
{
	enum cli_option option = 0;

	while (option < CLI_OPTIONS && (!options->given[option] || cli_listed(list, option)))
		option++;
	return option;
}

const char *cli_option_name(enum cli_option option)
{
	for (size_t row = 0; row < ROWS; row++)
		if (table[row].option == option)
			return table[row].name;
	return "";
}

/* Whether a command takes the option: every one takes --help and --version. */
static bool takes(const struct cli_command *command, enum cli_option option)
{
	return option == CLI_HELP || cli_listed(command->accepts, option);
}

static enum cli_parsed wrong(const char *command, const char *option, const char *why)
{
	cli_usage(command, "--%s: %s", option, why);
	return CLI_WRONG;
}

static enum cli_parsed take_number(const char *command, const struct cli_row *row, const char *text,
				   unsigned *number)
{
	if (!option_number(text, row->low, row->high, number)) {
		cli_usage(command, "--%s: \"%s\" is not a number from %u to %u", row->name, text,
			  row->low, row->high);
		return CLI_WRONG;
	}
	return CLI_PARSED;
}

static enum cli_parsed take_level(const char *command, const char *text, enum ui_level *level)
{
	static const char *const names[] = {[UI_ERROR] = "error",
					    [UI_WARNING] = "warning",
					    [UI_INFO] = "info",
					    [UI_DEBUG] = "debug"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*level = (enum ui_level)i;
			return CLI_PARSED;
		}
	}
	return wrong(command, "log-level", "must be error, warning, info or debug");
}

/* Whether the tags so far have the key that `tag` begins with. */
static bool tag_known(const char *tags, const char *tag, size_t key)
{
	for (const char *at = tags; *at;) {
		if (strncmp(at, tag, key + 1) == 0) /* with its '=' */
			return true;
		at += strcspn(at, ";");
		at += *at == ';';
	}
	return false;
}

static enum cli_parsed take_tag(const char *command, struct cli_options *options, const char *tag)
{
	size_t key = strspn(tag, TAG_KEY);
	size_t used = strlen(options->tags), more = strlen(tag);

	if (key == 0 || tag[key] != '=')
		return wrong(command, "tag",
			     "must be KEY=VALUE, the key of letters, digits, . _ -");
	for (const char *at = tag + key; *at; at++)
		if (*at == ';' || iscntrl((unsigned char)*at))
			return wrong(command, "tag", "a value holds no ; and no control character");
	if (tag_known(options->tags, tag, key))
		return wrong(command, "tag", "the same key is given more than once");
	if (used + 1 + more >= AUDIT_TEXT_MAX)
		return wrong(command, "tag", "all tags together are too long for the log");

	char *tags = realloc(options->tags, used + more + 2);

	if (!tags)
		return CLI_NO_MEMORY;
	if (used)
		tags[used++] = ';';
	memcpy(tags + used, tag, more + 1);
	options->tags = tags;
	return CLI_PARSED;
}

static bool push(const char ***list, unsigned *count, const char *text)
{
	const char **grown = realloc(*list, (*count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	grown[(*count)++] = text;
	*list = grown;
	return true;
}

static enum cli_parsed take_uid(const char *command, struct cli_options *options, const char *text)
{
	char *uid;

	if (strlen(text) != UID_DIGITS || strspn(text, "0123456789abcdefABCDEF") != UID_DIGITS)
		return wrong(command, "uid", "must be 24 hex digits, as in the log");
	uid = strdup(text);
	if (!uid)
		return CLI_NO_MEMORY;
	for (char *at = uid; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	if (!push(&options->uid, &options->uids, uid)) {
		free(uid);
		return CLI_NO_MEMORY;
	}
	return CLI_PARSED;
}

static enum cli_parsed take(struct cli_options *options, const struct cli_command *command,
			    const struct cli_row *row, const char *text)
{
	bool repeats =
		row->kind == FLAG || row->kind == TAG || row->kind == SLOT || row->kind == UID;

	if (!repeats && options->given[row->option])
		return wrong(command->name, row->name, "is given more than once");
	options->given[row->option] = true;
	if (row->kind == FLAG)
		return CLI_PARSED;
	if (!text[0])
		return wrong(command->name, row->name, "needs a value");
	switch (row->kind) {
	case TEXT:
		if (cli_listed(CLI_LIST(CLI_LOT, CLI_OPERATOR, CLI_STATION), row->option) &&
		    strlen(text) >= AUDIT_TEXT_MAX)
			return wrong(command->name, row->name, "is too long for the log");
		*(const char **)(void *)((char *)options + row->offset) = text;
		return CLI_PARSED;
	case NUMBER:
		return take_number(command->name, row, text,
				   (unsigned *)(void *)((char *)options + row->offset));
	case LANGUAGE:
		options->language = ui_language(text);
		return options->language
			       ? CLI_PARSED
			       : wrong(command->name, row->name, "must be en, de, es, pl or zh_CN");
	case LEVEL:
		return take_level(command->name, text, &options->level);
	case TAG:
		return take_tag(command->name, options, text);
	case SLOT:
		return push(&options->slot, &options->slots, text) ? CLI_PARSED : CLI_NO_MEMORY;
	case UID:
		return take_uid(command->name, options, text);
	case FLAG:
		break;
	}
	return CLI_PARSED;
}

/* The i-th option that a command accepts. */
static const char *option_at(const void *names, size_t i)
{
	const struct cli_command *command = names;

	for (size_t row = 0; row < ROWS; row++)
		if (takes(command, table[row].option) && i-- == 0)
			return table[row].name;
	return NULL;
}

static enum cli_parsed unknown_option(const struct cli_command *command, const char *word)
{
	const char *after = word + strspn(word, "-"), *nearest;
	char name[40];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(after, "="), after);
	nearest = nearest_name(name, option_at, command);
	for (size_t row = 0; row < ROWS; row++) {
		if (strcmp(name, table[row].name) != 0 || nearest == table[row].name)
			continue;
		cli_usage(command->name, "%s does not know the option --%s; other commands do",
			  command->name, name);
		return CLI_WRONG;
	}
	if (nearest)
		cli_usage(command->name, "%s does not know the option %s; did you mean --%s?",
			  command->name, word, nearest);
	else
		cli_usage(command->name, "%s does not know the option %s", command->name, word);
	return CLI_WRONG;
}

/* The word with the short option that getopt_long found unknown: "-profile" for "p". */
static const char *short_word(char **argv)
{
	for (unsigned i = 1; argv[i]; i++)
		if (argv[i][0] == '-' && argv[i][1] == optopt)
			return argv[i];
	return "-";
}

static enum cli_parsed next(struct cli_options *options, const struct cli_command *command,
			    char **argv, int found)
{
	const struct cli_row *row;
	const char *word = argv[optind - 1];

	if (found == 'h')
		return CLI_WANTS_HELP;
	if (found == ':') {
		cli_usage(command->name, "%s needs a value", word);
		return CLI_WRONG;
	}
	if (found < LONG_BASE)
		return unknown_option(command, optopt ? short_word(argv) : word);
	row = &table[found - LONG_BASE];
	if (optarg && optarg == word)
		word = argv[optind - 2];
	/* Scripts must not use beginnings: a later version may have two options that begin so. */
	if (strncmp(word, "--", 2) == 0 && !option_is_whole(row->name, word)) {
		cli_usage(command->name, "%s does not know the option %s (did you mean --%s?)",
			  command->name, word, row->name);
		return CLI_WRONG;
	}
	if (row->option == CLI_HELP)
		return strcmp(row->name, "version") == 0 ? CLI_WANTS_VERSION : CLI_WANTS_HELP;
	return take(options, command, row, optarg);
}

static enum cli_parsed stray_word(const struct cli_command *command, const char *word)
{
	if (!cli_is_file(word))
		cli_usage(command->name, "%s takes no \"%s\"", command->name, word);
	else if (takes(command, CLI_PROFILE))
		cli_usage(command->name,
			  "%s takes no \"%s\": a file needs its option; did you mean "
			  "--profile %s?",
			  command->name, word, word);
	else
		cli_usage(command->name, "%s takes no file, and \"%s\" is one", command->name,
			  word);
	return CLI_WRONG;
}

enum cli_parsed cli_options_parse(struct cli_options *options, const struct cli_command *command,
				  int argc, char **argv)
{
	struct option longs[ROWS + 1];
	enum cli_parsed parsed = CLI_PARSED;
	unsigned count = 0;
	int found;

	memset(options, 0, sizeof(*options));
	options->wait_s = CLI_WAIT_DEFAULT;
	options->level = UI_INFO;
	options->tags = calloc(1, 1);
	if (!options->tags)
		return CLI_NO_MEMORY;
	memset(longs, 0, sizeof(longs));
	for (unsigned i = 0; i < ROWS; i++) {
		if (!takes(command, table[i].option))
			continue;
		longs[count].name = table[i].name;
		longs[count].has_arg = table[i].kind == FLAG ? no_argument : required_argument;
		longs[count++].val = LONG_BASE + (int)i;
	}
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while (parsed == CLI_PARSED && (found = getopt_long(argc, argv, ":h", longs, NULL)) != -1)
		parsed = next(options, command, argv, found);
	if (parsed != CLI_PARSED)
		return parsed;
	options->operand = argv + optind;
	options->operands = argc - optind;
	if (options->operands && !command->operands) {
		return stray_word(command, options->operand[0]);
	}
	if (takes(command, CLI_PROFILE) && !command->any_profile && !options->profile)
		return wrong(command->name, "profile", "is missing");
	return CLI_PARSED;
}

void cli_options_free(struct cli_options *options)
{
	for (unsigned i = 0; i < options->uids; i++)
		free((void *)(uintptr_t)options->uid[i]);
	free(options->uid);
	free(options->slot);
	free(options->tags);
	memset(options, 0, sizeof(*options));
}
