/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the station to operators, as the rooms below write them: the panel translates them.
 * tests/e2e/languages.sh fails if no source contains one any longer. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lingo.h"

#define ARGUMENTS_MAX 4
#define DEPTH_MAX 3 /* a phrase in a phrase */

static const char *const phrases[] = {
	/* why the station waits or is stopped */
	N_("scan the lot"),
	N_("scan the operator"),
	N_("scan the label of the board in %s"),
	N_("select the slot of a board that waits, such as %s, then scan its label"),
	N_("lot %.200s begins when the running boards are finished"),
	N_("lot %.200s begins"),
	N_("a file of the profile changed on disk: restart to use it"),
	N_("the number file %.300s cannot be used: put it back and start the run again"),
	N_("%u boards in a row failed here"),
	N_("%u boards in a row failed with %s"),
	N_("%u boards in a row failed"),
	N_("only %u of the last %u boards passed at their first attempt"),
	N_("the before hook failed: see to it, then unlock"),
	N_("stopped by command"),
	N_("stopped by %s"),
	/* scans */
	N_("is empty"),
	N_("is too long"),
	N_("came in pieces: scan it again"),
	N_("has a control character in it"),
	N_("matches no pattern of the profile"),
	N_("matches the patterns of %s and %s"),
	N_("the fixture has no slot %s"),
	N_("slot %s: scan the label of its board"),
	N_("the lot is not set: scan the lot first"),
	N_("the profile takes no numbers from scans"),
	N_("a number has 1 to %d bytes"),
	N_("select the slot first: scan its label, or press an arrow key"),
	N_("slot %s is blocked: %s"),
	N_("slot %s is not free: take its board out first"),
	N_("the label %s still waits for its board in %s: insert that board, or drop it"),
	N_("number %s: insert the board into %s"),
	N_("a board with number %s already passed (UID %s)"),
	N_("this board already passed with number %s"),
	N_("number %s is being given to a board on another slot"),
	N_("number %s belongs to another board (UID %s)"),
	N_("the log has no board with number %s"),
	N_("number %s"),
	N_("no board came for 60 s: scan the label again"),
	N_("the lot changed: scan the label again"),
	N_("another label waits for its board: scan this label again"),
	/* lot, operator, commands */
	N_("lot %.200s: begins when the running boards are finished"),
	N_("lot %.200s: begins"),
	N_("lot %.100s is refused: %.380s"),
	N_("replaced by lot %.400s"),
	N_("it is lot %.400s already"),
	N_("lot %.400s"),
	N_("operator %.400s"),
	N_("the next label is for %s"),
	N_("no label waits"),
	N_("the label %s for %s is dropped"),
	N_("nothing to acknowledge"),
	N_("no operator is set: scan the operator first, or start with --operator"),
	N_("unlocked by %.400s"),
	N_("nothing is locked"),
	/* notes */
	N_("the board waits for its label"),
	N_("the board was removed before its label was scanned"),
	N_("%s changed on disk: this run still programs %s; restart to use it"),
	N_("attempt %u failed, trying again: %.400s"),
	N_("no UID shows whether this is the same board as before: remove it, or acknowledge it "
	   "to program it"),
	N_("--uid does not name this board: it was not touched"),
	N_("hub %s left the bus with %u boards: %s. Check its cable and its power."),
	N_("ending: what runs is finished, nothing more is started"),
	N_("stopping at the next safe point"),
	N_("the log takes no more rows, nothing further is started: %s"),
	/* a scanner of its own */
	N_("h7gang: scanner %.200s %s"),
	N_("is back"),
	N_("is unplugged: it is used again once it is back"),
	N_("lost a part of a scan: scan it again"),
};

struct argument {
	const char *text;
	size_t length;
};

/* Behind the conversion at `format`, such as "%.200s". */
static const char *skip_conversion(const char *format)
{
	format++;
	while (*format && !isalpha((unsigned char)*format))
		format++;
	return format + (*format != 0);
}

/* Whether `text` is what the format gives; the arguments are as short as they can be. */
static bool matches(const char *format, const char *text, struct argument argument[ARGUMENTS_MAX])
{
	unsigned count = 0;

	for (;;) {
		size_t literal = strcspn(format, "%"), left = strlen(text);
		const char *next = format + literal;
		const char *at = text;

		if (count > 0 && !*next) /* the last argument reaches to the literal at the end */
			at = left >= literal ? text + left - literal : NULL;
		else if (count > 0 && literal)
			at = memmem(text, left, format, literal);
		if (!at || strlen(at) < literal || memcmp(at, format, literal) != 0)
			return false;
		if (count > 0)
			argument[count - 1] = (struct argument){text, (size_t)(at - text)};
		text = at + literal;
		if (!*next)
			return !*text;
		if (count++ == ARGUMENTS_MAX)
			return false;
		format = skip_conversion(next);
	}
}

static void translate(const char *text, char *to, size_t size, unsigned depth);

static void fill(const char *format, const struct argument argument[ARGUMENTS_MAX], char *to,
		 size_t size, unsigned depth)
{
	char piece[PHRASE_SIZE], shown[PHRASE_SIZE];
	size_t used = 0;
	unsigned next = 0;

	to[0] = 0;
	while (*format && used + 1 < size) {
		size_t literal = strcspn(format, "%");

		snprintf(to + used, size - used, "%.*s", (int)literal, format);
		used += strlen(to + used);
		format += literal;
		if (!*format)
			return;
		format = skip_conversion(format);
		snprintf(piece, sizeof(piece), "%.*s", (int)argument[next].length,
			 argument[next].text);
		next++;
		translate(piece, shown, sizeof(shown), depth + 1);
		snprintf(to + used, size - used, "%s", shown);
		used += strlen(to + used);
	}
}

static void translate(const char *text, char *to, size_t size, unsigned depth)
{
	struct argument argument[ARGUMENTS_MAX];

	for (size_t i = 0; depth < DEPTH_MAX && i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const char *here = gettext(phrases[i]);

		if (here == phrases[i] || !matches(phrases[i], text, argument))
			continue;
		fill(here, argument, to, size, depth);
		return;
	}
	snprintf(to, size, "%s", text);
}

const char *ui_phrase(const char *text, char to[PHRASE_SIZE])
{
	translate(text, to, PHRASE_SIZE, 0);
	return to;
}
