/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* An attempt that is out of time waits until the worst case of its flash operation is
	   over. */
	GRACE_MS = 10000,
	GRACE_MASS_MS = 30000,
	/* The datasheet's worst mass erase on top of a request's own time, and what the requests of
	   31 others take on the same wire meanwhile, 5 ms each. */
	REQUEST_GRACE_MS = 26000 + 100 + 155
};

static const char *const errors[] = {
	"no_device",       "usb_timeout",      "usb_error",         "dfu_status",   "dfu_stuck",
	"read_protected",  "wrong_part",       "bootloader_denied", "not_blank",    "erase_failed",
	"program_failed",  "verify_mismatch",  "leave_failed",      "option_bytes", "host_error",
	"write_protected", "serial_exhausted", "serial_unknown",    "uid_unknown",  "duplicate",
	"limit_reached",   "hook_refused",     "unit_timeout",      "aborted",      NULL};
/* contract: not retried */
static const char *const final_errors[] = {"wrong_part",
					   "bootloader_denied",
					   "read_protected",
					   "duplicate",
					   "limit_reached",
					   "serial_exhausted",
					   "leave_failed",
					   "hook_refused",
					   "aborted",
					   "write_protected",
					   NULL};

const char *error_name(unsigned index)
{
	return errors[index];
}

void complain(struct judge *judge, const char *format, ...)
{
	va_list args;

	judge->bad++;
	va_start(args, format);
	vfprintf(judge->complaints, format, args);
	va_end(args);
	fputc('\n', judge->complaints);
}

int place(const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

/* The rows of one unit: 1, 2, .. and nothing after a verdict. Returns the last. */
static const struct row *check_unit(struct judge *judge, unsigned start)
{
	bool mass = judge->batch->erase == ERASE_MASS || judge->batch->erase == ERASE_AUTO;
	const struct row *last = NULL;
	unsigned attempt = 0;

	for (unsigned i = start; i < judge->rows; i++) {
		const struct row *row = &judge->row[i];

		if (strcmp(row->unit, judge->row[start].unit) != 0)
			continue;
		if (row->attempt != ++attempt || row->allowed != judge->batch->attempts ||
		    attempt > row->allowed)
			complain(judge, "unit %s: attempt %u of %u where %u was due", row->unit,
				 row->attempt, row->allowed, attempt);
		if (last &&
		    (strcmp(last->result, "PASS") == 0 || place(last->error, final_errors) >= 0))
			complain(judge, "unit %s: an attempt after %s %s", row->unit, last->result,
				 last->error);
		if (strcmp(row->path, judge->row[start].path) != 0)
			complain(judge, "unit %s is at %s and at %s", row->unit,
				 judge->row[start].path, row->path);
		if ((strcmp(row->result, "PASS") == 0) != (row->error[0] == '\0'))
			complain(judge, "unit %s: %s with error \"%s\"", row->unit, row->result,
				 row->error);
		/* While a hook works, virtual time runs. Waits for a shared wire do not count. */
		if (!judge->batch->wider.hooks &&
		    row->total_ms - row->wire_wait_ms > (int64_t)judge->batch->unit_s * 1000 +
								(mass ? GRACE_MASS_MS : GRACE_MS))
			complain(judge, "unit %s: attempt %u took %" PRId64 " ms of %u s",
				 row->unit, row->attempt, row->total_ms, judge->batch->unit_s);
		last = row;
	}
	return last;
}

uint64_t counter(const char *json, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(json, key);
	return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

size_t read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return length;
}

bool judge_facts(const struct judge *judge, const char *saved, unsigned index, char *json,
		 size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/b%u.json", judge->folder, saved, index);
	return read_text(path, json, size) > 0;
}

/* A foreign chip is sent nothing that changes memory, and nor is a board with a protected sector.
 */
static void check_foreign(struct judge *judge, unsigned index, const char *json)
{
	static const char *const sent[] = {"erases_sent", "writes_sent", NULL};

	for (unsigned i = 0; sent[i] && judge->batch->board[index].foreign; i++)
		if (counter(json, sent[i]) != 0)
			complain(judge, "b%u: is foreign, but %s is not 0", index, sent[i]);
}

static void check_counters(struct judge *judge, unsigned index)
{
	static const char *const always[] = {"value_one", "short_numbered", "outside", NULL};
	static const char *const calm[] = {"busy_touches", "double_programs", "stray_downloads",
					   NULL};
	uint64_t limit = (uint64_t)(judge->batch->transfer_ms + REQUEST_GRACE_MS) * 1000000;
	char json[8192];

	judge_facts(judge, "saved", index, json, sizeof(json));
	if (counter(json, "longest_request_ns") > limit)
		complain(judge, "b%u: a request of %" PRIu64 " ms", index,
			 counter(json, "longest_request_ns") / 1000000);
	check_foreign(judge, index, json);
	for (unsigned i = 0; always[i]; i++) {
		if (counter(json, always[i]) != 0)
			complain(judge, "b%u: %s is not 0", index, always[i]);
	}
	for (unsigned i = 0; calm[i] && !judge->batch->board[index].transport; i++) {
		if (counter(json, calm[i]) != 0)
			complain(judge, "b%u: %s is not 0", index, calm[i]);
	}
}

static bool first_of_unit(const struct judge *judge, unsigned row)
{
	for (unsigned i = 0; i < row; i++) {
		if (strcmp(judge->row[i].unit, judge->row[row].unit) == 0)
			return false;
	}
	return true;
}

void judge_flash(struct judge *judge, unsigned index, const struct row *last)
{
	const struct batch *batch = judge->batch;
	const struct board *board = &batch->board[index];
	uint32_t where;
	enum flash_verdict verdict;

	if (board->stranger) {
		if (strcmp(last->result, "PASS") == 0)
			complain(judge, "b%u: PASS, but it is a %s", index, board->stranger);
		return;
	}
	verdict = flash_judge(batch, judge->folder, index, last->serial, judge->saved, &where);
	if (verdict == FLASH_UNREADABLE)
		complain(judge, "b%u: no saved flash, or of another size", index);
	if (verdict != FLASH_RIGHT && verdict != FLASH_STRAYED && strcmp(last->result, "PASS") == 0)
		complain(judge, "b%u: PASS, but its flash is wrong at 0x%08" PRIx32, index, where);
	if (verdict == FLASH_STRAYED && board->contents_known && !board->swaps &&
	    !(board->faulty && strstr(board->quirks, "0x41")) &&
	    (batch->erase == ERASE_TOUCHED || batch->erase == ERASE_NONE))
		complain(judge,
			 "b%u: flash changed at 0x%08" PRIx32 ", which is not part of the job",
			 index, where);
	if (batch->serial && strcmp(last->result, "PASS") == 0 && !last->serial[0])
		complain(judge, "b%u: PASS without a number", index);
}

static void count_verdict(struct totals *totals, const struct row *last)
{
	int error = place(last->error, errors);

	totals->units++;
	if (strcmp(last->result, "PASS") == 0) {
		totals->passed++;
		return;
	}
	totals->failed++;
	totals->error[error < 0 ? ERRORS_MAX - 1 : error]++;
}

const struct row *judge_units(struct judge *judge, unsigned index, struct totals *totals,
			      unsigned *units)
{
	const struct row *last = NULL;

	*units = 0;
	for (unsigned i = 0; i < judge->rows; i++) {
		if (strcmp(judge->row[i].path, judge->batch->board[index].path) != 0 ||
		    !first_of_unit(judge, i))
			continue;
		last = check_unit(judge, i);
		++*units;
		count_verdict(totals, last);
	}
	return last;
}

static void check_board(struct judge *judge, unsigned index, struct totals *totals)
{
	const struct board *board = &judge->batch->board[index];
	unsigned units;
	const struct row *last = judge_units(judge, index, totals, &units);

	if (!last && board->may_hide)
		return;
	if (!last) {
		complain(judge, "b%u at %s has no row", index, board->path);
		return;
	}
	if (!board->faulty && units != 1)
		complain(judge, "b%u: %u units without a fault", index, units);
	if (board->error) {
		totals->healthy++;
		if (strcmp(last->error, board->error) != 0 &&
		    !(judge->batch->wider.quantity && strcmp(last->error, "limit_reached") == 0))
			complain(judge, "b%u ends with \"%s\", not \"%s\"", index, last->error,
				 board->error);
	}
	judge_flash(judge, index, last);
	check_counters(judge, index);
}

/* Two boards that the batch gave one UID are one to whoever goes by it. */
static bool one_by_uid(const struct judge *judge, const struct row *a, const struct row *b)
{
	const char *uid[2] = {"", ""};

	for (unsigned i = 0; i < judge->batch->boards; i++) {
		const struct board *board = &judge->batch->board[i];

		if (strcmp(board->path, a->path) == 0)
			uid[0] = board->uid;
		if (strcmp(board->path, b->path) == 0)
			uid[1] = board->uid;
	}
	return (judge->batch->by_uid || judge->batch->keeps) && *uid[0] &&
	       strcmp(uid[0], uid[1]) == 0;
}

/* No number in two boards; the same board may have kept its own. */
static void check_numbers(struct judge *judge)
{
	for (unsigned i = 0; i < judge->rows; i++) {
		for (unsigned k = 0; judge->row[i].serial[0] && k < i; k++) {
			if (strcmp(judge->row[i].serial, judge->row[k].serial) == 0 &&
			    strcmp(judge->row[i].path, judge->row[k].path) != 0 &&
			    !one_by_uid(judge, &judge->row[i], &judge->row[k]))
				complain(judge, "number %s is of %s and of %s",
					 judge->row[i].serial, judge->row[k].path,
					 judge->row[i].path);
		}
	}
}

/* What the program gave back: descriptors and threads to the system. */
void judge_leaks(struct judge *judge, const char *name)
{
	char path[512], text[8192];

	snprintf(path, sizeof(path), "%s/%s", judge->folder, name);
	if (read_text(path, text, sizeof(text)) == 0)
		complain(judge, "no word of descriptors and threads");
	else if (strcmp(text, "nothing left\n") != 0)
		complain(judge, "left: %.*s", (int)strcspn(text, "\n"), text);
}

/* And handles and claims to the fleet. */
static void check_left(struct judge *judge)
{
	char path[512], text[8192];

	snprintf(path, sizeof(path), "%s/saved/LEFT", judge->folder);
	if (read_text(path, text, sizeof(text)) == 0)
		complain(judge, "no word of what was left open");
	else if (counter(text, "handles") || counter(text, "claims") || counter(text, "requests"))
		complain(judge, "left open: %.*s", (int)strcspn(text, "\n"), text);
}

void judge_told(struct judge *judge, const char *name, const char *mark,
		const struct totals *totals)
{
	char path[512], line[16384];
	uint64_t told = 0, passes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", judge->folder, name);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (*line != '{' || !strstr(line, mark))
			continue;
		told++;
		passes += strstr(line, "\"result\":\"PASS\"") != NULL;
	}
	if (file)
		fclose(file);
	if (told != totals->units || passes != totals->passed)
		complain(judge,
			 "%" PRIu64 " units of which %" PRIu64 " passed, but %s has %" PRIu64
			 " and %" PRIu64,
			 totals->units, totals->passed, name, told, passes);
}

/* Which of two boards of one UID comes first, and who is one too many for a lot, is nobody's to
 * tell; nor whether a run that waits for hooks, while virtual time goes on, still is there when a
 * board comes back. */
static bool is_determined(const struct batch *batch, const struct board *board)
{
	return !batch->wider.quantity && !board->uid[0] && !(batch->wider.hooks && board->faulty);
}

static bool digest_rows(EVP_MD_CTX *context, const struct judge *judge)
{
	bool good = true;

	/* The rows of one port are in order; those of all boards are as the threads came. */
	for (unsigned b = 0; good && b < judge->batch->boards; b++) {
		const char *path = judge->batch->board[b].path;

		for (unsigned i = 0; good && i < judge->rows &&
				     is_determined(judge->batch, &judge->batch->board[b]);
		     i++) {
			const struct row *row = &judge->row[i];

			if (strcmp(row->path, path) == 0)
				good = EVP_DigestUpdate(context, path, strlen(path) + 1) == 1 &&
				       EVP_DigestUpdate(context, row->determined,
							strlen(row->determined) + 1) == 1;
		}
	}
	return good;
}

static bool digest(const struct judge *first, const struct judge *second, unsigned char hash[32])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    digest_rows(context, first) && digest_rows(context, second) &&
		    EVP_DigestFinal_ex(context, hash, NULL) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

void judge_strangers(struct judge *judge)
{
	for (unsigned i = 0; i < judge->rows; i++) {
		bool known = false;

		for (unsigned b = 0; b < judge->batch->boards && !known; b++)
			known = strcmp(judge->row[i].path, judge->batch->board[b].path) == 0;
		if (!known)
			complain(judge, "row %u is of a board at %s", i + 1, judge->row[i].path);
	}
}

/* Both runs of a wider batch write one log; `first` keeps the rows that a copy of it had in
 * between. */
static void part(struct judge *first, struct judge *second)
{
	char path[512], line[16384];
	unsigned rows = 0, all = first->rows;
	FILE *file;

	snprintf(path, sizeof(path), "%s/first.csv", first->folder);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		rows++;
	if (file)
		fclose(file);
	first->rows = rows > 0 && rows - 1 < all ? rows - 1 : all;
	second->rows = all - first->rows;
	memcpy(second->row, first->row + first->rows, second->rows * sizeof(second->row[0]));
}

static void read_logs(struct judge *first, struct judge *second)
{
	log_read(first, "log.csv");
	if (first->batch->wider.second == SECOND_VERIFY)
		log_read(second, "verify.csv");
	else if (first->batch->wider.second == SECOND_RUN)
		part(first, second);
}

static void judge_run(struct judge *judge, int exit_status, struct totals *totals)
{
	const struct batch *batch = judge->batch;

	for (unsigned i = 0; i < batch->boards; i++)
		check_board(judge, i, totals);
	totals->attempts = judge->rows;
	if (exit_status != (totals->failed ? 1 : 0))
		complain(judge, "exit status %d, with %" PRIu64 " of %" PRIu64 " units failed",
			 exit_status, totals->failed, totals->units);
	judge_strangers(judge);
	check_numbers(judge);
	check_left(judge);
	judge_leaks(judge, "leaks");
	if (batch->json)
		judge_told(judge, "output", "\"event\":\"unit\"", totals);
}

/* Firmware that cannot start: nothing may have begun. */
static void judge_refused(struct judge *judge, int exit_status)
{
	const struct batch *batch = judge->batch;
	uint32_t where;
	char path[512];

	if (exit_status != 2)
		complain(judge, "exit status %d of firmware that cannot start", exit_status);
	snprintf(path, sizeof(path), "%s/log.csv", judge->folder);
	if (access(path, F_OK) == 0)
		complain(judge, "there is a log, though nothing may have begun");
	for (unsigned i = 0; i < batch->boards; i++)
		/* An erase that an earlier host began ends by itself. */
		if (!batch->board[i].stranger &&
		    !strstr(batch->board[i].quirks, "initial_state: dfuDNBUSY") &&
		    !flash_untouched(batch, judge->folder, i, judge->saved, &where))
			complain(judge, "board %u was touched at 0x%08" PRIx32, i, where);
	judge_leaks(judge, "leaks");
}

unsigned batch_judge(const struct batch *batch, const char *folder, int exit_status,
		     struct totals *totals, const char *complaints)
{
	static struct judge judge, second;
	struct totals mine = {.batches = 1, .sanitized = batch->sanitized};

	memset(&judge, 0, sizeof(judge));
	judge.batch = batch;
	judge.folder = folder;
	judge.saved = "saved";
	judge.complaints = fopen(complaints, "w");
	if (!judge.complaints)
		return 1;
	if (batch->refused) {
		judge_refused(&judge, exit_status);
		fclose(judge.complaints);
		mine.refused = 1;
		mine.violations = judge.bad;
		*totals = mine;
		return judge.bad;
	}
	second = judge;
	if (batch->wider.second != SECOND_NONE)
		judge.saved = "run";
	read_logs(&judge, &second);
	judge_run(&judge, exit_status, &mine);
	if (batch->wider.on)
		judge_wider(&judge, &mine);
	if (batch->wider.second != SECOND_NONE)
		judge_second(&second, &judge, &mine);
	if (!digest(&judge, &second, mine.digest))
		complain(&judge, "no digest");
	fclose(judge.complaints);
	mine.violations = judge.bad + second.bad;
	*totals = mine;
	return judge.bad + second.bad;
}
