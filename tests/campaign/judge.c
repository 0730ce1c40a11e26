/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 4 * BOARDS_MAX * 3,
	FIELDS_MAX = 64,
	ROW_BYTES = 8192,
	HASH_HEX = 64,
	/* An attempt that is out of time leaves flash to itself until the worst case of what it began is over. */
	GRACE_MS = 10000,
	GRACE_MASS_MS = 30000,
	/* The datasheet's worst mass erase on top of a request's own time. */
	REQUEST_GRACE_MS = 26000 + 100
};

/* What of a row is looked at. */
struct row {
	char unit[64], path[32], result[16], error[32], serial[80];
	char determined[1024]; /* what does not depend on which thread came first */
	unsigned attempt, allowed;
	int64_t total_ms;
};

struct judge {
	const struct batch *batch;
	const char *folder;
	FILE *complaints;
	unsigned bad;
	struct row row[ROWS_MAX];
	unsigned rows;
};

static const char *const errors[] = {
	"no_device", "usb_timeout", "usb_error", "dfu_status", "dfu_stuck", "read_protected", "wrong_part",
	"bootloader_denied", "not_blank", "erase_failed", "program_failed", "verify_mismatch", "leave_failed",
	"option_bytes", "serial_exhausted", "serial_unknown", "uid_unknown", "duplicate", "limit_reached",
	"hook_refused", "unit_timeout", "aborted", NULL};
/* contract: not retried */
static const char *const final_errors[] = {
	"wrong_part", "bootloader_denied", "read_protected", "duplicate", "limit_reached", "serial_exhausted",
	"leave_failed", "hook_refused", "aborted", NULL};

const char *error_name(unsigned index)
{
	return errors[index];
}

static void complain(struct judge *judge, const char *format, ...)
{
	va_list args;

	judge->bad++;
	va_start(args, format);
	vfprintf(judge->complaints, format, args);
	va_end(args);
	fputc('\n', judge->complaints);
}

static int place(const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

static bool sha256_hex(const char *previous, const char *text, size_t length, char hex[HASH_HEX + 1])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned bytes = 0;
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
	            EVP_DigestUpdate(context, previous, HASH_HEX) == 1 &&
	            EVP_DigestUpdate(context, "\n", 1) == 1 && EVP_DigestUpdate(context, text, length) == 1 &&
	            EVP_DigestFinal_ex(context, hash, &bytes) == 1 && bytes == HASH_HEX / 2;

	EVP_MD_CTX_free(context);
	for (unsigned i = 0; good && i < bytes; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	return good;
}

/* Splits a row where it stands; quotes are taken off, doubled ones halved. */
static unsigned split(char *line, char *field[FIELDS_MAX])
{
	unsigned count = 0;
	char *in = line, *out;

	while (count < FIELDS_MAX) {
		bool quoted = *in == '"';

		field[count++] = out = in;
		in += quoted;
		while (*in && (quoted || *in != ',')) {
			if (quoted && *in == '"') {
				if (in[1] != '"') {
					quoted = false;
					in++;
					continue;
				}
				in++;
			}
			*out++ = *in++;
		}
		if (!*in) {
			*out = '\0';
			return count;
		}
		in++;
		*out = '\0';
	}
	return count;
}

static const char *column(char *const *header, unsigned columns, char *const *field, const char *name)
{
	for (unsigned i = 0; i < columns; i++) {
		if (strcmp(header[i], name) == 0)
			return field[i];
	}
	return "";
}

/* The chain over the row as written: everything before the last two fields, which are bare hex. */
static void check_chain(struct judge *judge, const char *line, char previous[HASH_HEX + 1])
{
	size_t length = strlen(line), tail = 2 * HASH_HEX + 1;
	char hash[HASH_HEX + 1];

	if (length <= tail || line[length - tail - 1] != ',' || line[length - HASH_HEX - 1] != ',') {
		complain(judge, "row %u: no hashes at its end", judge->rows + 1);
		return;
	}
	if (strncmp(line + length - tail, previous, HASH_HEX) != 0)
		complain(judge, "row %u: prev_hash is not that of the row before", judge->rows + 1);
	if (!sha256_hex(previous, line, length - tail, hash) || strcmp(line + length - HASH_HEX, hash) != 0)
		complain(judge, "row %u: row_hash is wrong", judge->rows + 1);
	memcpy(previous, line + length - HASH_HEX, HASH_HEX + 1);
}

static void copy_determined(const struct judge *judge, struct row *row, char *const *header, unsigned columns,
                            char *const *field)
{
	static const char *const names[] = {
		"attempt", "uid", "bootloader", "erase_method", "verify_scope", "bank1_bytes", "bank1_result",
		"bank2_bytes", "bank2_result", "leave", "result", "error", "bank1_readback_sha256",
		"bank2_readback_sha256", NULL};
	size_t used = 0;

	for (unsigned i = 0; names[i]; i++) {
		/* Who gets which number, nobody knows beforehand. */
		if (judge->batch->serial && strstr(names[i], "sha256"))
			break;
		used += (size_t)snprintf(row->determined + used, sizeof(row->determined) - used, "%.80s,",
		                         column(header, columns, field, names[i]));
	}
}

static void take_row(struct judge *judge, char *const *header, unsigned columns, char *const *field)
{
	struct row *row = &judge->row[judge->rows];

	if (strtoul(column(header, columns, field, "seq"), NULL, 10) != judge->rows + 1)
		complain(judge, "row %u: seq is %s", judge->rows + 1, column(header, columns, field, "seq"));
	snprintf(row->unit, sizeof(row->unit), "%s", column(header, columns, field, "unit_id"));
	snprintf(row->path, sizeof(row->path), "%s", column(header, columns, field, "usb_path"));
	snprintf(row->result, sizeof(row->result), "%s", column(header, columns, field, "result"));
	snprintf(row->error, sizeof(row->error), "%s", column(header, columns, field, "error"));
	snprintf(row->serial, sizeof(row->serial), "%s", column(header, columns, field, "unit_serial"));
	copy_determined(judge, row, header, columns, field);
	row->attempt = (unsigned)strtoul(column(header, columns, field, "attempt"), NULL, 10);
	row->allowed = (unsigned)strtoul(column(header, columns, field, "attempts_allowed"), NULL, 10);
	row->total_ms = strtoll(column(header, columns, field, "total_ms"), NULL, 10);
	judge->rows++;
}

static void read_log(struct judge *judge)
{
	static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
	char path[512], first[ROW_BYTES + 2], line[ROW_BYTES + 2], previous[HASH_HEX + 1];
	char *header[FIELDS_MAX], *field[FIELDS_MAX];
	unsigned columns;
	FILE *log;

	snprintf(path, sizeof(path), "%s/log.csv", judge->folder);
	log = fopen(path, "r");
	if (!log || !fgets(first, sizeof(first), log)) {
		complain(judge, "there is no log");
		goto out;
	}
	first[strcspn(first, "\n")] = '\0';
	columns = split(first, header);
	memcpy(previous, zeros, sizeof(previous));
	while (fgets(line, sizeof(line), log)) {
		size_t length = strcspn(line, "\n");

		if (line[length] != '\n')
			complain(judge, "row %u has no end", judge->rows + 1);
		line[length] = '\0';
		if (judge->rows == ROWS_MAX) {
			complain(judge, "more rows than so many boards can have");
			break;
		}
		check_chain(judge, line, previous);
		if (split(line, field) != columns)
			complain(judge, "row %u: not %u fields", judge->rows + 1, columns);
		else
			take_row(judge, header, columns, field);
	}
out:
	if (log)
		fclose(log);
	snprintf(path, sizeof(path), "%s/log.csv.begun", judge->folder);
	log = fopen(path, "r");
	if (log && fgetc(log) != EOF)
		complain(judge, "attempts are still marked as begun");
	if (log)
		fclose(log);
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
		if (row->attempt != ++attempt || row->allowed != judge->batch->attempts || attempt > row->allowed)
			complain(judge, "unit %s: attempt %u of %u where %u was due", row->unit, row->attempt, row->allowed,
			         attempt);
		if (last && (strcmp(last->result, "PASS") == 0 || place(last->error, final_errors) >= 0))
			complain(judge, "unit %s: an attempt after %s %s", row->unit, last->result, last->error);
		if (strcmp(row->path, judge->row[start].path) != 0)
			complain(judge, "unit %s is at %s and at %s", row->unit, judge->row[start].path, row->path);
		if ((strcmp(row->result, "PASS") == 0) != (row->error[0] == '\0'))
			complain(judge, "unit %s: %s with error \"%s\"", row->unit, row->result, row->error);
		if (row->total_ms > (int64_t)judge->batch->unit_s * 1000 + (mass ? GRACE_MASS_MS : GRACE_MS))
			complain(judge, "unit %s: attempt %u took %" PRId64 " ms of %u s", row->unit, row->attempt, row->total_ms,
			         judge->batch->unit_s);
		last = row;
	}
	return last;
}

static uint64_t counter(const char *json, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\": ", name);
	at = strstr(json, key);
	return at ? strtoull(at + strlen(key), NULL, 10) : UINT64_MAX;
}

static size_t read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return length;
}

static void check_counters(struct judge *judge, unsigned index)
{
	static const char *const always[] = {"value_one", "short_numbered", "outside", NULL};
	static const char *const calm[] = {"busy_touches", "double_programs", "stray_downloads", NULL};
	uint64_t limit = (uint64_t)(judge->batch->transfer_ms + REQUEST_GRACE_MS) * 1000000;
	char path[512], json[4096];

	snprintf(path, sizeof(path), "%s/saved/b%u.json", judge->folder, index);
	read_text(path, json, sizeof(json));
	if (counter(json, "longest_request_ns") > limit)
		complain(judge, "b%u: a request of %" PRIu64 " ms", index, counter(json, "longest_request_ns") / 1000000);
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

static void check_flash(struct judge *judge, unsigned index, const struct row *last)
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
	verdict = flash_judge(batch, judge->folder, index, last->serial, &where);
	if (verdict == FLASH_UNREADABLE)
		complain(judge, "b%u: no saved flash, or of another size", index);
	if (verdict != FLASH_RIGHT && verdict != FLASH_STRAYED && strcmp(last->result, "PASS") == 0)
		complain(judge, "b%u: PASS, but its flash is wrong at 0x%08" PRIx32, index, where);
	if (verdict == FLASH_STRAYED && board->contents_known && !board->swaps &&
	    !(board->faulty && strstr(board->quirks, "0x41")) &&
	    (batch->erase == ERASE_TOUCHED || batch->erase == ERASE_NONE))
		complain(judge, "b%u: flash changed at 0x%08" PRIx32 ", which is not part of the job", index, where);
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

static void check_board(struct judge *judge, unsigned index, struct totals *totals)
{
	const struct board *board = &judge->batch->board[index];
	const struct row *last = NULL;
	unsigned units = 0;

	for (unsigned i = 0; i < judge->rows; i++) {
		if (strcmp(judge->row[i].path, board->path) != 0 || !first_of_unit(judge, i))
			continue;
		last = check_unit(judge, i);
		units++;
		count_verdict(totals, last);
	}
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
		if (strcmp(last->error, board->error) != 0)
			complain(judge, "b%u ends with \"%s\", not \"%s\"", index, last->error, board->error);
	}
	check_flash(judge, index, last);
	check_counters(judge, index);
}

/* No number in two boards; the same board may have kept its own. */
static void check_numbers(struct judge *judge)
{
	for (unsigned i = 0; i < judge->rows; i++) {
		for (unsigned k = 0; judge->row[i].serial[0] && k < i; k++) {
			if (strcmp(judge->row[i].serial, judge->row[k].serial) == 0 &&
			    strcmp(judge->row[i].path, judge->row[k].path) != 0)
				complain(judge, "number %s is of %s and of %s", judge->row[i].serial, judge->row[k].path,
				         judge->row[i].path);
		}
	}
}

/* What the program gave back: handles and claims to the fleet, descriptors and threads to the system. */
static void check_left(struct judge *judge)
{
	char path[512], text[8192];

	snprintf(path, sizeof(path), "%s/saved/LEFT", judge->folder);
	if (read_text(path, text, sizeof(text)) == 0)
		complain(judge, "no word of what was left open");
	else if (counter(text, "handles") || counter(text, "claims") || counter(text, "requests"))
		complain(judge, "left open: %.*s", (int)strcspn(text, "\n"), text);
	snprintf(path, sizeof(path), "%s/leaks", judge->folder);
	if (read_text(path, text, sizeof(text)) == 0)
		complain(judge, "no word of descriptors and threads");
	else if (strcmp(text, "nothing left\n") != 0)
		complain(judge, "left: %.*s", (int)strcspn(text, "\n"), text);
}

/* With --json each unit is told once, with its verdict. */
static void check_events(struct judge *judge, uint64_t units, uint64_t passed)
{
	char path[512], line[16384];
	uint64_t told = 0, passes = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/output", judge->folder);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (*line != '{' || !strstr(line, "\"event\":\"unit\""))
			continue;
		told++;
		passes += strstr(line, "\"result\":\"PASS\"") != NULL;
	}
	if (file)
		fclose(file);
	if (told != units || passes != passed)
		complain(judge, "%" PRIu64 " units of which %" PRIu64 " passed, but told are %" PRIu64 " and %" PRIu64, units,
		         passed, told, passes);
}

static bool digest(const struct judge *judge, unsigned char hash[32])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	/* The rows of one port are in order; those of all boards are as the threads came. */
	for (unsigned b = 0; good && b < judge->batch->boards; b++) {
		const char *path = judge->batch->board[b].path;

		for (unsigned i = 0; good && i < judge->rows; i++) {
			const struct row *row = &judge->row[i];

			if (strcmp(row->path, path) == 0)
				good = EVP_DigestUpdate(context, path, strlen(path) + 1) == 1 &&
				       EVP_DigestUpdate(context, row->determined, strlen(row->determined) + 1) == 1;
		}
	}
	good = good && EVP_DigestFinal_ex(context, hash, NULL) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

static void check_strangers(struct judge *judge)
{
	for (unsigned i = 0; i < judge->rows; i++) {
		bool known = false;

		for (unsigned b = 0; b < judge->batch->boards && !known; b++)
			known = strcmp(judge->row[i].path, judge->batch->board[b].path) == 0;
		if (!known)
			complain(judge, "row %u is of a board at %s", i + 1, judge->row[i].path);
	}
}

unsigned batch_judge(const struct batch *batch, const char *folder, int exit_status, struct totals *totals,
                     const char *complaints)
{
	static struct judge judge;
	struct totals mine = {.batches = 1, .sanitized = batch->sanitized};

	memset(&judge, 0, sizeof(judge));
	judge.batch = batch;
	judge.folder = folder;
	judge.complaints = fopen(complaints, "w");
	if (!judge.complaints)
		return 1;
	read_log(&judge);
	for (unsigned i = 0; i < batch->boards; i++)
		check_board(&judge, i, &mine);
	mine.attempts = judge.rows;
	if (exit_status != (mine.failed ? 1 : 0))
		complain(&judge, "exit status %d, with %" PRIu64 " of %" PRIu64 " units failed", exit_status, mine.failed,
		         mine.units);
	check_strangers(&judge);
	check_numbers(&judge);
	check_left(&judge);
	if (batch->json)
		check_events(&judge, mine.units, mine.passed);
	if (!digest(&judge, mine.digest))
		complain(&judge, "no digest");
	fclose(judge.complaints);
	mine.violations = judge.bad;
	*totals = mine;
	return judge.bad;
}
