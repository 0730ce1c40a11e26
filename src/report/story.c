/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/report/story.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "h7gang/base/text.h"

#define SHOWN 200 /* bytes of a text */

/* The columns for a unit's sentence. */
static const enum report_column told[] = {
	RC_uid,    RC_unit_serial, RC_lot,     RC_run_id,   RC_unit_id,          RC_finished_at,
	RC_result, RC_error,       RC_station, RC_slot,     RC_firmware_version, RC_operator,
	RC_seq,    RC_attempt,     RC_command, RC_row_hash, RC_usb_path};

enum { TOLD = sizeof(told) / sizeof(told[0]) };

struct passage {
	char *text[REPORT_COLUMN_COUNT]; /* of the columns told; the others are NULL */
	char *where;
};

struct story {
	struct passage *passage;
	size_t count, room, left_out;
};

struct story *story_new(void)
{
	return calloc(1, sizeof(struct story));
}

static void passage_free(struct passage *passage)
{
	for (size_t i = 0; i < TOLD; i++)
		free(passage->text[told[i]]);
	free(passage->where);
}

void story_free(struct story *story)
{
	for (size_t i = 0; story && i < story->count; i++)
		passage_free(&story->passage[i]);
	if (story)
		free(story->passage);
	free(story);
}

bool story_row(struct story *story, const struct report_row *row, const char *where)
{
	struct passage *passages, *passage;
	bool good;

	if (story->count == STORY_ROWS_MAX) {
		story->left_out++;
		return true;
	}
	passages = grow(story->passage, &story->room, story->count, sizeof(*passages));
	if (!passages)
		return false;
	story->passage = passages;
	passage = &passages[story->count++];
	passage->where = strdup(where);
	good = passage->where != NULL;
	for (size_t i = 0; i < TOLD; i++) {
		passage->text[told[i]] = strdup(row->text[told[i]]);
		good = good && passage->text[told[i]];
	}
	return good;
}

/* By board, then by time. */
static int by_board(const void *a, const void *b)
{
	const struct passage *left = a, *right = b;
	static const enum report_column order[] = {RC_uid, RC_lot, RC_finished_at, RC_seq};
	int result = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && result == 0; i++)
		result = strverscmp(left->text[order[i]], right->text[order[i]]);
	return result;
}

static bool same(const struct passage *a, const struct passage *b, enum report_column column)
{
	return strcmp(a->text[column], b->text[column]) == 0;
}

static bool same_unit(const struct passage *a, const struct passage *b)
{
	return same(a, b, RC_uid) && same(a, b, RC_lot) && same(a, b, RC_run_id) &&
	       same(a, b, RC_unit_id);
}

static void put(FILE *to, const char *before, const char *text)
{
	char shown[SHOWN];

	if (!*text)
		return;
	text_terminal(text, shown, sizeof(shown));
	fprintf(to, "%s%s", before, shown);
}

/* The board of the passages from `first`; how many of them are of it, and how many units. */
static size_t put_board(FILE *to, const struct passage *first, size_t left)
{
	size_t count = 1, units = 1;

	while (count < left && same(first, &first[count], RC_uid) &&
	       same(first, &first[count], RC_lot)) {
		units += !same_unit(&first[count - 1], &first[count]);
		count++;
	}
	fputs("Board", to);
	put(to, " ", *first->text[RC_uid] ? first->text[RC_uid] : "without a readable UID");
	put(to, ", lot ", first->text[RC_lot]);
	fprintf(to, ": %zu unit%s, last verdict", units, units > 1 ? "s" : "");
	put(to, " ", first[count - 1].text[RC_result]);
	put(to, " ", first[count - 1].text[RC_error]);
	fputs(".\n", to);
	return count;
}

static void put_unit(FILE *to, const struct passage *last, size_t attempts, size_t number)
{
	const char *slot = *last->text[RC_slot] ? last->text[RC_slot] : last->text[RC_usb_path];

	fprintf(to, "  %zu.", number);
	put(to, " ", last->text[RC_finished_at]);
	if (strcmp(last->text[RC_command], "run") != 0)
		put(to, " ", last->text[RC_command]);
	put(to, " ", last->text[RC_result]);
	put(to, " ", last->text[RC_error]);
	if (attempts > 1)
		fprintf(to, " after %zu attempts", attempts);
	put(to, " at station ", last->text[RC_station]);
	put(to, ", slot ", slot);
	put(to, ", by operator ", last->text[RC_operator]);
	put(to, ", firmware ", last->text[RC_firmware_version]);
	put(to, ", number ", last->text[RC_unit_serial]);
	put(to, "; proof: ", last->where);
	put(to, ", row ", last->text[RC_seq]);
	put(to, ", row_hash ", last->text[RC_row_hash]);
	fputs(".\n", to);
}

void story_print(FILE *to, struct story *story)
{
	size_t at = 0;

	if (story->count < 2)
		return;
	qsort(story->passage, story->count, sizeof(*story->passage), by_board);
	while (at < story->count) {
		const struct passage *board = &story->passage[at];
		size_t count = put_board(to, board, story->count - at), number = 0, attempts = 1;

		for (size_t i = 0; i < count; i++, attempts++) {
			if (i + 1 < count && same_unit(&board[i], &board[i + 1]))
				continue;
			put_unit(to, &board[i], attempts, ++number);
			attempts = 0;
		}
		at += count;
	}
	if (story->left_out)
		fprintf(to, "%zu more rows are left out of this history.\n", story->left_out);
}
