/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `scan`, and the meaning of scans by it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"
#include "overlap.h"
#include "pattern_cost.h"
#include "utf8.h"

#define PATTERN_MAX 256
#define AFFIX_MAX 32
#define GS 0x1d

const char *profile_scan_name(unsigned kind)
{
	static const char *const names[] = {
		[PROFILE_SCAN_LOT] = "lot",
		[PROFILE_SCAN_OPERATOR] = "operator",
		[PROFILE_SCAN_SLOT] = "slot",
		[PROFILE_SCAN_SERIAL] = "serial",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == PROFILE_SCAN_KINDS,
		       "a name for each kind");

	return kind < PROFILE_SCAN_KINDS ? names[kind] : NULL;
}

static struct profile_scan *scan_of(void *into)
{
	return &((struct loader *)into)->profile->scan;
}

static void read_pattern(struct values *values, const struct tree_node *node, void *into,
			 enum profile_scan_kind kind)
{
	struct profile_scan_pattern *pattern = &scan_of(into)->pattern[kind];
	char whole[PATTERN_MAX + 8], why[160];
	const char *trouble;
	int error;

	pattern->text = values_copy(values, node, PATTERN_MAX);
	if (pattern->text == NULL)
		return;
	((struct loader *)into)->scan_pattern[kind] = node;
	trouble = pattern_cost_trouble(pattern->text);
	snprintf(whole, sizeof(whole), "^(%s)$", pattern->text);
	error = trouble ? 0 : regcomp(&pattern->regex, whole, REG_EXTENDED);
	if (!trouble && error == 0)
		return;
	if (trouble) {
		values_fail(values, node, "%s", trouble);
	} else {
		regerror(error, &pattern->regex, why, sizeof(why));
		values_fail(values, node, "is no POSIX extended regular expression: %s", why);
	}
	free(pattern->text);
	pattern->text = NULL;
}

static void read_lot(struct values *values, const struct tree_node *node, void *into)
{
	read_pattern(values, node, into, PROFILE_SCAN_LOT);
}

static void read_operator(struct values *values, const struct tree_node *node, void *into)
{
	read_pattern(values, node, into, PROFILE_SCAN_OPERATOR);
}

static void read_slot(struct values *values, const struct tree_node *node, void *into)
{
	if (node->kind == TREE_TEXT && node->plain && strcmp(node->text, "next") == 0)
		scan_of(into)->next_slot = true;
	else
		read_pattern(values, node, into, PROFILE_SCAN_SLOT);
}

static void read_serial(struct values *values, const struct tree_node *node, void *into)
{
	read_pattern(values, node, into, PROFILE_SCAN_SERIAL);
}

/* The characters that a scanner sends around its text, or for a GS, may be control characters. */
static void read_affix(struct values *values, const struct tree_node *node, char **affix)
{
	if (node->kind != TREE_TEXT || node->length == 0 || strlen(node->text) != node->length ||
	    node->length > AFFIX_MAX) {
		values_fail(values, node, "must be text of 1 to %d bytes", AFFIX_MAX);
		return;
	}
	*affix = strdup(node->text);
	if (*affix == NULL)
		values_fail(values, node, "not enough memory");
}

static void read_prefix(struct values *values, const struct tree_node *node, void *into)
{
	read_affix(values, node, &scan_of(into)->prefix);
}

static void read_suffix(struct values *values, const struct tree_node *node, void *into)
{
	read_affix(values, node, &scan_of(into)->suffix);
}

static void read_gs(struct values *values, const struct tree_node *node, void *into)
{
	if (values_text(values, node, AFFIX_MAX))
		read_affix(values, node, &scan_of(into)->gs);
}

static void read_layout(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"us", "de", "fr", NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		scan_of(into)->layout = (enum profile_scan_layout)choice;
}

/* A text that two patterns match would be refused at each scan of it. */
static void check_overlap(struct loader *loader)
{
	const struct profile_scan *scan = &loader->profile->scan;

	for (unsigned a = 0; a < PROFILE_SCAN_KINDS; a++) {
		for (unsigned b = a + 1; b < PROFILE_SCAN_KINDS; b++) {
			const struct profile_scan_pattern *one = &scan->pattern[a];
			const struct profile_scan_pattern *two = &scan->pattern[b];
			char text[PROFILE_SCAN_SIZE];

			if (!one->text || !two->text ||
			    !overlap_find(one->text, two->text, text, sizeof(text)) ||
			    regexec(&one->regex, text, 0, NULL, 0) != 0 ||
			    regexec(&two->regex, text, 0, NULL, 0) != 0)
				continue;
			loader->values.key = profile_scan_name(b);
			values_fail(&loader->values, loader->scan_pattern[b],
				    "\"%s\" matches this pattern and that of '%s'; change one of "
				    "the patterns so that no text matches both, for example by a "
				    "prefix",
				    text, profile_scan_name(a));
		}
	}
}

void loader_scan(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"lot", false, read_lot},       {"operator", false, read_operator},
		{"slot", false, read_slot},     {"serial", false, read_serial},
		{"prefix", false, read_prefix}, {"suffix", false, read_suffix},
		{"gs", false, read_gs},         {"layout", false, read_layout},
	};

	scan_of(into)->given = true;
	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
	check_overlap(into);
}

void loader_scan_free(struct profile *profile)
{
	struct profile_scan *scan = &profile->scan;

	for (unsigned i = 0; i < PROFILE_SCAN_KINDS; i++) {
		if (scan->pattern[i].text)
			regfree(&scan->pattern[i].regex);
		free(scan->pattern[i].text);
	}
	free(scan->prefix);
	free(scan->suffix);
	free(scan->gs);
}

/* --- reading a scan --- */

/* A scanner that frames its scans: one half without the other is a piece of a scan that a pause has
 * cut. Only a control character (STX) frames each scan; a prefix such as "]C1" names one kind of
 * code. */
static bool is_half(const struct profile_scan *scan, bool begins, bool ends)
{
	if (!scan->prefix || !scan->suffix || begins == ends)
		return false;
	return begins || (unsigned char)scan->prefix[0] < ' ';
}

/* Without prefix and suffix, each GS replaced. False: why it is no scan. */
static bool strip(const struct profile_scan *scan, const char *raw, char text[PROFILE_SCAN_SIZE],
		  const char **why)
{
	size_t length = strlen(raw), prefix = scan->prefix ? strlen(scan->prefix) : 0;
	size_t suffix = scan->suffix ? strlen(scan->suffix) : 0, used = 0;
	bool begins = prefix && strncmp(raw, scan->prefix, prefix) == 0, ends;

	if (begins) {
		raw += prefix;
		length -= prefix;
	}
	ends = suffix && length >= suffix && strcmp(raw + length - suffix, scan->suffix) == 0;
	if (ends)
		length -= suffix;
	*why = "came in pieces: scan it again";
	if (is_half(scan, begins, ends))
		return false;
	*why = "is too long";
	for (size_t i = 0; i < length; i++) {
		const char *piece = raw[i] == GS && scan->gs ? scan->gs : NULL;
		size_t wide = piece ? strlen(piece) : 1;

		if (used + wide >= PROFILE_SCAN_SIZE)
			return false;
		memcpy(text + used, piece ? piece : raw + i, wide);
		used += wide;
	}
	text[used] = 0;
	return true;
}

static bool readable(const char *text, const char **why)
{
	struct profile_place place;

	*why = "is empty";
	if (!text[0])
		return false;
	*why = "has a control character in it";
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < 0x20 || *at == 0x7f)
			return false;
	return utf8_good((const uint8_t *)text, strlen(text), &place, why) == strlen(text);
}

enum profile_scan_answer profile_scan_read(const struct profile *profile, const char *raw,
					   enum profile_scan_kind *kind,
					   char text[PROFILE_SCAN_SIZE], char *why, size_t why_size)
{
	const struct profile_scan *scan = &profile->scan;
	unsigned found = PROFILE_SCAN_KINDS;
	char bare[PROFILE_SCAN_SIZE];
	const char *bad;
	regmatch_t match[3];
	const regmatch_t *part = &match[0];

	if (!strip(scan, raw, bare, &bad) || !readable(bare, &bad)) {
		snprintf(why, why_size, "%s", bad);
		return PROFILE_SCAN_UNUSABLE;
	}
	for (unsigned i = 0; i < PROFILE_SCAN_KINDS; i++) {
		if (!scan->pattern[i].text ||
		    regexec(&scan->pattern[i].regex, bare, 0, NULL, 0) != 0)
			continue;
		if (found < PROFILE_SCAN_KINDS) {
			snprintf(why, why_size, "matches the patterns of %s and %s",
				 profile_scan_name(found), profile_scan_name(i));
			return PROFILE_SCAN_TWICE;
		}
		found = i;
	}
	if (found == PROFILE_SCAN_KINDS && profile->serial &&
	    profile->serial->source == PROFILE_SOURCE_SCAN &&
	    !scan->pattern[PROFILE_SCAN_SERIAL].text) {
		*kind = PROFILE_SCAN_SERIAL; /* any text is the board's label */
		memcpy(text, bare, sizeof(bare));
		return PROFILE_SCAN_MATCHED;
	}
	if (found == PROFILE_SCAN_KINDS) {
		snprintf(why, why_size, "matches no pattern of the profile");
		return PROFILE_SCAN_UNKNOWN;
	}
	*kind = (enum profile_scan_kind)found;
	if (regexec(&scan->pattern[found].regex, bare, 3, match, 0) != 0)
		return PROFILE_SCAN_UNKNOWN;
	/* Group 1 of the pattern is group 2 of the compiled one. */
	if (scan->pattern[found].regex.re_nsub >= 2 && match[2].rm_so >= 0)
		part = &match[2];
	snprintf(text, PROFILE_SCAN_SIZE, "%.*s", (int)(part->rm_eo - part->rm_so),
		 bare + part->rm_so);
	snprintf(why, why_size, "has nothing where its pattern's group is");
	return text[0] ? PROFILE_SCAN_MATCHED : PROFILE_SCAN_UNUSABLE;
}
