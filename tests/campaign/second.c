/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges the additions of wider batches: option bytes, limits and hooks, and the second command on
 * the same boards. */
#include "judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool passed(const struct row *row)
{
	return strcmp(row->result, "PASS") == 0;
}

static const struct row *last_of(const struct judge *judge, unsigned index)
{
	const struct row *last = NULL;

	for (unsigned i = 0; i < judge->rows; i++) {
		if (strcmp(judge->row[i].path, judge->batch->board[index].path) == 0)
			last = &judge->row[i];
	}
	return last;
}

/* --- option bytes --- */

static bool read_words(const char *json, uint32_t word[OPTION_WORDS])
{
	static const char key[] = "\"option_bytes\": \"";
	const char *hex = strstr(json, key);

	for (unsigned w = 0; w < OPTION_WORDS; w++) {
		word[w] = 0;
		for (unsigned i = 0; i < 4; i++) {
			unsigned byte;

			if (!hex || strlen(hex) < sizeof(key) + 2 * (option_words[w].at + i) + 2 ||
			    sscanf(hex + sizeof(key) - 1 + 2 * (option_words[w].at + i), "%2x",
				   &byte) != 1)
				return false;
			word[w] |= byte << 8 * i;
		}
	}
	return true;
}

static bool as_wished(const uint32_t word[OPTION_WORDS], const struct wish *wish, unsigned wishes)
{
	for (unsigned i = 0; i < wishes; i++) {
		if ((word[wish[i].word] & wish[i].mask) != wish[i].value)
			return false;
	}
	return true;
}

static uint32_t wished_bits(const struct wider *wider, unsigned word)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < wider->sets; i++)
		bits |= wider->set[i].word == word ? wider->set[i].mask : 0;
	return bits;
}

/* A bit that is read wrong once may make option bytes look as they should. */
static bool misread(const struct board *board)
{
	return strstr(board->faults, "upload_wrong_data") != NULL;
}

static void check_options(struct judge *judge, unsigned index, const struct row *last)
{
	const struct batch *batch = judge->batch;
	const struct wider *wider = &batch->wider;
	const struct board *board = &batch->board[index];
	bool two_banks = batch->part->flash_bytes > batch->part->bank_bytes;
	uint32_t word[OPTION_WORDS];
	char json[8192];

	/* Another series has other registers; a board may be delivered with some of its own. */
	if (batch->part->sector_bytes == PAGE_BYTES || board->stranger ||
	    strstr(board->quirks, "rdp") || strstr(board->quirks, "write_protect") ||
	    strstr(board->quirks, "resident"))
		return;
	if (!judge_facts(judge, judge->saved, index, json, sizeof(json)) ||
	    !read_words(json, word)) {
		complain(judge, "b%u: no word of its option bytes", index);
		return;
	}
	for (unsigned w = 0; w < (two_banks ? 4 : 3); w++) {
		uint32_t others = ~wished_bits(wider, w);

		if ((word[w] & others) != (option_words[w].factory & others))
			complain(judge,
				 "b%u: option bytes 0x%08" PRIx32 " at 0x%" PRIx32
				 ", of which nobody asked for 0x%08" PRIx32,
				 index, word[w], option_words[w].at,
				 (word[w] ^ option_words[w].factory) & others);
	}
	if (!last || !passed(last) || misread(board))
		return;
	if (!as_wished(word, wider->expect, wider->expects))
		complain(judge, "b%u: PASS, but its option bytes are not as expected", index);
	if (!as_wished(word, wider->set, wider->sets))
		complain(judge, "b%u: PASS, but its option bytes are not as set", index);
}

/* --- limits, hooks --- */

/* Errors that come before the first erase or write. */
static bool is_early(const struct row *row)
{
	static const char *const early[] = {"limit_reached",     "duplicate",      "uid_unknown",
					    "bootloader_denied", "read_protected", NULL};

	return row->attempt == 1 && place(row->error, early) >= 0;
}

static void check_untouched(struct judge *judge, unsigned index, const struct row *last)
{
	static const char *const touches[] = {"sector_erases", "mass_erases", "words_programmed",
					      NULL};
	const struct board *board = &judge->batch->board[index];
	char json[8192];

	if (!last || !is_early(last) || board->faulty || strstr(board->quirks, "initial_") ||
	    !judge_facts(judge, judge->saved, index, json, sizeof(json)))
		return;
	for (unsigned i = 0; touches[i]; i++) {
		if (counter(json, touches[i]) != 0)
			complain(judge, "b%u: %s, but %s is not 0", index, last->error, touches[i]);
	}
}

static bool has_passed(const struct judge *judge, unsigned rows, const char *uid)
{
	for (unsigned i = 0; *uid && i < rows; i++) {
		if (passed(&judge->row[i]) && strcmp(judge->row[i].uid, uid) == 0)
			return true;
	}
	return false;
}

/* No UID passes twice, and no more pass than the lot has. `first`: rows before these, or NULL. */
static void check_limits(struct judge *judge, const struct judge *first)
{
	const struct wider *wider = &judge->batch->wider;
	unsigned passes = 0;

	for (unsigned k = 0; first && k < first->rows; k++)
		passes += passed(&first->row[k]) && !has_passed(first, k, first->row[k].uid);
	for (unsigned i = 0; i < judge->rows; i++) {
		const struct row *row = &judge->row[i];
		bool again = has_passed(judge, i, row->uid) ||
			     (first && has_passed(first, first->rows, row->uid));

		if (!passed(row))
			continue;
		passes += !again;
		if (wider->once && !row->uid[0])
			complain(judge, "%s passed once_per_lot without a UID", row->path);
		if (wider->once && again)
			complain(judge, "%s passed twice, with UID %s", row->path, row->uid);
	}
	if (wider->quantity && passes > wider->quantity)
		complain(judge, "%u passed in a lot of %u", passes, wider->quantity);
}

static void check_gate(struct judge *judge, unsigned index, const struct row *last)
{
	if (!last || !judge->batch->wider.hooks)
		return;
	if (passed(last) && judge->batch->board[index].refused)
		complain(judge, "b%u: PASS, but the gate said no", index);
	if (strcmp(last->error, "hook_refused") == 0 && !judge->batch->board[index].refused)
		complain(judge, "b%u: hook_refused, but the gate said yes", index);
}

void judge_wider(struct judge *judge, const struct totals *totals)
{
	const struct wider *wider = &judge->batch->wider;
	uint64_t too_many = 0;

	for (unsigned i = 0; i < judge->batch->boards; i++) {
		const struct row *last = last_of(judge, i);

		check_options(judge, i, last);
		check_untouched(judge, i, last);
		check_gate(judge, i, last);
	}
	check_limits(judge, NULL);
	for (unsigned e = 0; error_name(e); e++) {
		if (strcmp(error_name(e), "limit_reached") == 0)
			too_many = totals->error[e];
	}
	if (too_many && totals->units - too_many < wider->quantity)
		complain(judge,
			 "%" PRIu64 " units were too many, but %" PRIu64 " others are no lot of %u",
			 too_many, totals->units - too_many, wider->quantity);
	if (wider->hooks)
		judge_told(judge, wider->second == SECOND_NONE ? "told" : "told.first",
			   "\"hook\":\"after\"", totals);
}

/* --- the second command --- */

/* Flash and option bytes are unchanged, and there was no attempt to change them. */
static void check_unchanged(struct judge *judge, unsigned index, const char *why)
{
	static const char *const touches[] = {"sector_erases", "mass_erases", "words_programmed",
					      "left", NULL};
	static const char *const names[] = {"run", "saved"};
	uint32_t word[2][OPTION_WORDS], where;
	char json[2][8192];

	if (judge->batch->board[index].swaps)
		return;
	if (!judge_facts(judge, "run", index, json[0], sizeof(json[0])) ||
	    !judge_facts(judge, "saved", index, json[1], sizeof(json[1])) ||
	    !read_words(json[0], word[0]) || !read_words(json[1], word[1])) {
		complain(judge, "b%u: no word of it before and after", index);
		return;
	}
	for (unsigned i = 0; touches[i]; i++) {
		if (counter(json[0], touches[i]) != counter(json[1], touches[i]))
			complain(judge, "b%u: %s, but %s went from %" PRIu64 " to %" PRIu64, index,
				 why, touches[i], counter(json[0], touches[i]),
				 counter(json[1], touches[i]));
	}
	if (memcmp(word[0], word[1], sizeof(word[0])) != 0)
		complain(judge, "b%u: %s, but its option bytes changed", index, why);
	if (!judge->batch->board[index].stranger &&
	    !flash_same(judge->batch, judge->folder, index, names, &where))
		complain(judge, "b%u: %s, but its flash changed at 0x%08" PRIx32, index, why,
			 where);
}

/* Whether the first command left the option bytes as the profile sets them. */
static bool options_are_set(const struct judge *judge, unsigned index)
{
	const struct wider *wider = &judge->batch->wider;
	uint32_t word[OPTION_WORDS];
	char json[8192];

	return wider->sets == 0 ||
	       (judge_facts(judge, "run", index, json, sizeof(json)) && read_words(json, word) &&
		as_wished(word, wider->set, wider->sets));
}

/* The expected answer of verify for a board without faults; NULL: not predictable. */
static const char *due_verify(const struct judge *judge, const struct judge *first, unsigned index)
{
	const struct batch *batch = judge->batch;
	const struct board *board = &batch->board[index];
	const struct row *run = last_of(first, index);
	enum flash_verdict verdict;
	uint32_t where;

	if (!board->identity || *board->identity)
		return board->identity;
	/* A board that failed may still have a number, and broken flash may be unreadable.
	 */
	if (!run || (!passed(run) && (batch->serial || board->contents == CONTENTS_HALF)))
		return NULL;
	if (batch->serial && !run->uid[0])
		return "uid_unknown";
	if (batch->serial && board->uid[0])
		return NULL;
	if (!options_are_set(judge, index))
		return "option_bytes";
	verdict = flash_judge(batch, judge->folder, index, run->serial, "run", &where);
	if (verdict == FLASH_WRONG)
		return "verify_mismatch";
	return board->refused ? "hook_refused" : "";
}

/* The first run may have write-protected what the second one has to erase. */
static bool protects_itself(const struct batch *batch)
{
	return (batch->erase == ERASE_AUTO || batch->erase == ERASE_MASS) &&
	       options_protect(batch->wider.set, batch->wider.sets);
}

/* A second run meets those that passed again. */
static const char *due_again(const struct judge *first, unsigned index)
{
	const struct board *board = &first->batch->board[index];
	const struct row *run = last_of(first, index);

	if (!board->identity || *board->identity)
		return board->identity;
	if (!run || !passed(run) || board->uid[0])
		return NULL;
	if (first->batch->wider.once)
		return "duplicate";
	if (protects_itself(first->batch))
		return NULL;
	/* A mass erase that is acknowledged and not done. */
	if (first->batch->erase == ERASE_MASS && strstr(board->quirks, "st-dfu-class"))
		return NULL;
	/* Flash is no longer blank, and a lot may be full of others. */
	return first->batch->erase == ERASE_NONE || first->batch->wider.quantity ? NULL : "";
}

static void check_second_board(struct judge *judge, const struct judge *first, unsigned index,
			       struct totals *totals)
{
	const struct board *board = &judge->batch->board[index];
	bool verifies = judge->batch->wider.second == SECOND_VERIFY, there;
	const struct row *last;
	const char *due;
	char json[8192];
	unsigned units;

	last = judge_units(judge, index, totals, &units);
	there = judge_facts(judge, "run", index, json, sizeof(json)) &&
		strstr(json, "\"plugged\": true");
	if (verifies)
		check_unchanged(judge, index, "verify");
	if (!board->faulty && units != there)
		complain(judge, "b%u: %u units of the second command, and it is %s", index, units,
			 there ? "there" : "away");
	if (!last)
		return;
	judge_flash(judge, index, last);
	check_options(judge, index, last);
	check_gate(judge, index, last);
	if (!verifies && strcmp(last->error, "duplicate") == 0 && last->attempt == 1)
		check_unchanged(judge, index, "duplicate");
	if (board->faulty || board->stranger)
		return;
	due = verifies ? due_verify(judge, first, index) : due_again(first, index);
	if (due && strcmp(due, last->error) != 0)
		complain(judge, "b%u ends the second command with \"%s\", not \"%s\"", index,
			 last->error, due);
}

static void check_rows(struct judge *judge)
{
	for (unsigned i = 0; i < judge->rows; i++) {
		const struct row *row = &judge->row[i];
		bool verifies = judge->batch->wider.second == SECOND_VERIFY;

		if (strcmp(row->command, verifies ? "verify" : "run") != 0)
			complain(judge, "row %u of the second command says %s", i + 1,
				 row->command);
		if (verifies && row->writes)
			complain(judge, "row %u: verify erased, programmed or left", i + 1);
	}
}

void judge_second(struct judge *judge, const struct judge *first, struct totals *totals)
{
	struct totals mine = {0};
	char path[512], text[64];
	int status, due;

	for (unsigned i = 0; i < judge->batch->boards; i++)
		check_second_board(judge, first, i, &mine);
	check_rows(judge);
	judge_strangers(judge);
	judge_leaks(judge, "leaks.second");
	if (judge->batch->wider.second == SECOND_RUN)
		check_limits(judge, first);
	if (judge->batch->json)
		judge_told(judge, "output.second", "\"event\":\"unit\"", &mine);
	if (judge->batch->wider.hooks)
		judge_told(judge, "told", "\"hook\":\"after\"", &mine);
	snprintf(path, sizeof(path), "%s/status.second", judge->folder);
	status = read_text(path, text, sizeof(text)) ? atoi(text) : -1;
	due = mine.failed ? 1 : mine.units ? 0 : 3;
	if (status != due)
		complain(judge,
			 "exit status %d of the second command, with %" PRIu64 " of %" PRIu64
			 " units failed",
			 status, mine.failed, mine.units);
	totals->second = mine.units;
	totals->second_passed = mine.passed;
}
