/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The additions of wider batches: firmware in files of several segments and of every format, option
 * bytes, limits of a lot, hooks, and a second command on the same boards. */
#include "campaign.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 4, GAP_MAX = 100, LEAST_BYTES = 16 };

void wider_choose(struct batch *batch)
{
	struct wider *wider = &batch->wider;
	uint64_t *dice = &wider->dice;

	*wider = (struct wider){.on = true};
	*dice = batch->seed * UINT64_C(0xA0761D6478BD642F) +
		batch->number * UINT64_C(0xE7037ED1A0B428DB);
	wider->once = percent(dice, 20);
	if (percent(dice, 12))
		wider->quantity = 1 + below(dice, batch->boards);
	wider->hooks = percent(dice, 20);
	if (percent(dice, wider->once ? 60 : 20))
		wider->second = SECOND_RUN;
	else if (percent(dice, 60))
		wider->second = SECOND_VERIFY;
	/* A board that has left is not there for a second command. */
	if (wider->second != SECOND_NONE && percent(dice, 70))
		batch->leave = "false";
}

static void add(struct batch *batch, uint32_t offset, uint32_t length)
{
	struct wider *wider = &batch->wider;

	wider->segment[wider->segments++] =
		(struct segment){batch_address(batch, offset), offset, length};
}

/* Into pieces, perhaps with a few bytes between them that are no firmware. */
void wider_cut(struct batch *batch, uint32_t offset, uint32_t length)
{
	struct wider *wider = &batch->wider;
	uint64_t *dice = &wider->dice;
	unsigned cuts = percent(dice, 60) ? below(dice, 5) : 0;

	for (; cuts > 0 && length > 1 && wider->segments + 2 < SEGMENTS_MAX; cuts--) {
		uint32_t here = percent(dice, 50) ? any_size(dice, length - 1)
						  : 1 + below(dice, length - 1);
		uint32_t gap = percent(dice, 50) ? any_size(dice, GAP_MAX) : 0;

		/* The vector table and the code behind it stay whole. */
		if (offset == 0 && here < LEAST_BYTES)
			continue;
		if (gap >= length - here)
			gap = 0;
		memset(batch->flash + offset + here, 0xff, gap);
		add(batch, offset, here);
		offset += here + gap;
		length -= here + gap;
	}
	if (wider->segments < SEGMENTS_MAX)
		add(batch, offset, length);
}

static bool write_one(struct batch *batch, const char *path, const char *format,
		      const struct segment *segment, unsigned count)
{
	uint64_t *dice = &batch->wider.dice;

	switch (*format) {
	case 'e':
		return write_elf(path, dice, batch->flash, segment, count);
	case 'd':
		return write_dfuse(path, dice, batch->flash, segment, count);
	case 'b':
		return write_file(path, batch->flash + segment->offset, segment->length);
	default:
		return write_records(path, dice, *format == 'h', batch->flash, segment, count);
	}
}

bool wider_files(struct batch *batch, const char *folder, FILE *profile)
{
	static const char *const formats[] = {"elf", "elf", "dfu", "dfu", "hex", "srec", NULL};
	struct wider *wider = &batch->wider;
	uint64_t *dice = &wider->dice;
	unsigned files = 1 + below(dice, FILES_MAX), in[SEGMENTS_MAX];
	bool good = true;

	for (unsigned i = 0; i < wider->segments; i++)
		in[i] = below(dice, files);
	for (unsigned f = 0; good && f < files; f++) {
		struct segment part[SEGMENTS_MAX];
		const char *format = one_of(dice, formats);
		char name[32], path[512];
		unsigned count = 0;

		for (unsigned i = 0; i < wider->segments; i++) {
			if (in[i] == f)
				part[count++] = wider->segment[i];
		}
		if (count == 0)
			continue;
		if (count == 1 && percent(dice, 10))
			format = "bin";
		snprintf(name, sizeof(name), "part%u.%s", f, format);
		snprintf(path, sizeof(path), "%s/%s", folder, name);
		fprintf(profile, "  - {file: %s", name);
		if (*format == 'b')
			fprintf(profile, ", address: 0x%08" PRIx32 "%s", part[0].address,
				raw_words(part[0].length));
		fputs("}\n", profile);
		good = write_one(batch, path, format, part, count);
	}
	return good;
}

void wider_profile(struct batch *batch, FILE *profile)
{
	struct wider *wider = &batch->wider;

	options_choose(batch, profile);
	if (wider->once || wider->quantity)
		fprintf(profile, "limits: {once_per_lot: %s", wider->once ? "true" : "false");
	if (wider->quantity)
		fprintf(profile, ", lot_quantity: %u", wider->quantity);
	if (wider->once || wider->quantity)
		fputs("}\n", profile);
	/* While a hook works, virtual time runs. */
	if (wider->hooks)
		fputs("hooks:\n  gate: {command: [./gate], timeout_s: 3600}\n"
		      "  after: {command: [./after], timeout_s: 3600}\n",
		      profile);
}

static bool reads_no_options(const struct board *board)
{
	return strstr(board->quirks, "refuse: option_bytes") != NULL;
}

/* The expected result before anything is touched. */
static const char *due_identity(const struct batch *batch, const struct board *board)
{
	const struct wider *wider = &batch->wider;
	const char *due = board->error;

	if (board->faulty || board->stranger || batch->unit_s < UNIT_S ||
	    strstr(board->quirks, "write_protect"))
		return NULL;
	if (strstr(board->quirks, "rdp") && wider->unprotect && batch->allowed[0])
		return NULL;
	if ((strstr(board->quirks, "rdp") && !wider->unprotect) ||
	    (due && strcmp(due, "bootloader_denied") == 0))
		return due;
	if (board->contents == CONTENTS_HALF && !due)
		return NULL; /* perhaps read_protected */
	if (wider->expects == 0)
		return "";
	if (strstr(board->quirks, "transfer_size") || strstr(board->quirks, "alt_confined"))
		return NULL;
	return reads_no_options(board) || options_differ(wider->expect, wider->expects)
		       ? "option_bytes"
		       : "";
}

/* The expected result of setting option bytes on a board with correct flash. */
static const char *due_set(const struct batch *batch, const struct board *board, const char *due)
{
	const struct wider *wider = &batch->wider;

	if (wider->sets == 0)
		return due;
	if (strstr(board->quirks, "transfer_size") || strstr(board->quirks, "alt_confined"))
		return NULL;
	if (!reads_no_options(board) &&
	    (!options_differ(wider->set, wider->sets) || strcmp(board->option_write, "takes") == 0))
		return due;
	/* The next attempt would find the firmware that this one left. */
	return batch->erase == ERASE_NONE && batch->attempts > 1 ? NULL : "option_bytes";
}

/* Its flash is blank then, and its option bytes are as delivered. */
static const char *due_unprotected(const struct batch *batch, const struct board *board)
{
	if (!batch->wider.unprotect || batch->erase == ERASE_MASS)
		return board->error && *board->error != 'r' ? board->error : NULL;
	return strcmp(board->version, "V13.2") == 0 && strcmp(batch->leave, "required") == 0
		       ? "leave_failed"
		       : "";
}

static const char *due_wider(const struct batch *batch, const struct board *board)
{
	const struct wider *wider = &batch->wider;
	const char *due =
		strstr(board->quirks, "rdp") ? due_unprotected(batch, board) : board->error;

	if (!board->identity || *board->identity)
		return board->identity;
	if (wider->once && (board->uid[0] || strstr(board->quirks, "refuse: id") ||
			    strstr(board->quirks, "alt_confined")))
		return NULL;
	if (wider->once && strstr(board->quirks, "refuse: uid"))
		return wider->quantity ? NULL : "uid_unknown";
	if (due && (!*due || strcmp(due, "leave_failed") == 0))
		due = due_set(batch, board, due);
	return due && !*due && board->refused ? "hook_refused" : due;
}

/* Option bytes are written whole: what is read wrong before must not be written. */
static void add_misread(uint64_t *dice, struct board *board)
{
	uint32_t at = option_words[below(dice, OPTION_WORDS)].at + below(dice, 8);

	snprintf(board->faults, sizeof(board->faults),
		 "{fault: upload_wrong_data, on: read, address: 0x%08" PRIx32 ", bit: %" PRIu32
		 ", nth: %" PRIu32 "}",
		 0x5200201Cu + at, below(dice, 8), 1 + below(dice, 4));
	board->faulty = board->transport = true;
}

void wider_board(struct batch *batch, unsigned index)
{
	static const char *const ways[] = {"takes", "takes",   "takes",   "takes", "takes",
					   "takes", "ignores", "refuses", NULL};
	struct wider *wider = &batch->wider;
	struct board *board = &batch->board[index];
	uint64_t *dice = &wider->dice;

	if (wider->sets)
		board->option_write = one_of(dice, ways);
	if (wider->hooks)
		board->refused = percent(dice, 15);
	/* Two boards with one UID: a search by the UID alone finds both. */
	if (wider->once && percent(dice, 20))
		snprintf(board->uid, sizeof(board->uid), "%024x", 0x4a0000u + below(dice, 3));
	if (wider->sets && !board->faults[0] && percent(dice, 8))
		add_misread(dice, board);
	if (wider->unprotect && !board->quirks[0] && percent(dice, 20))
		snprintf(board->quirks, sizeof(board->quirks), ", rdp: 1");
	if (wider->unprotect && strstr(board->quirks, "rdp"))
		board->contents_known = false;
	board->identity = due_identity(batch, board);
	board->error = board->faulty || board->stranger ? NULL : due_wider(batch, board);
	foreign_board(batch, board);
}

static FILE *script(const char *folder, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (file && fchmod(fileno(file), 0755) == 0)
		fputs("#!/bin/sh\n", file);
	return file;
}

/* The gate says no in one of the ways there are. */
static bool write_gate(const struct batch *batch, const char *folder)
{
	static const char *const refusals[] = {"exit 1", "echo no; exit 1", "exit 7", "kill -9 $$"};
	FILE *file = script(folder, "gate");

	if (!file)
		return false;
	fputs("read -r unit\ncase $unit in\n", file);
	for (unsigned i = 0; i < batch->boards; i++) {
		if (batch->board[i].refused)
			fprintf(file, "*'\"usb_path\":\"%s\"'*) %s ;;\n", batch->board[i].path,
				refusals[batch->number % 4]);
	}
	fputs("esac\nexit 0\n", file);
	return fclose(file) == 0;
}

static bool write_after(const char *folder)
{
	FILE *file = script(folder, "after");

	if (!file)
		return false;
	fputs("read -r unit\nprintf '%s\\n' \"$unit\" >>\"${0%/*}/told\"\n", file);
	return fclose(file) == 0;
}

/* The run as given, then a save of the fleet, then the second command. */
static bool write_steps(const struct batch *batch, const char *folder)
{
	bool verify = batch->wider.second == SECOND_VERIFY;
	FILE *file = script(folder, "steps");

	if (!file)
		return false;
	fprintf(file, "\"$@\"\nstatus=$?\n");
	fprintf(file,
		"build/h7gang-sim ctl %s/hands save %s/run pages >%s/hands.said || exit 120\n",
		folder, folder, folder);
	fprintf(file, "cp %s/log.csv %s/first.csv || exit 121\n", folder, folder);
	fprintf(file, "[ ! -e %s/told ] || mv %s/told %s/told.first\n", folder, folder, folder);
	fprintf(file,
		"LEAKS_FILE=%s/leaks.second \"$1\" %s --profile %s/profile.yaml --quiet --lot "
		"L1%s%s%s%s >%s/output.second 2>&1\n",
		folder, verify ? "verify" : "run", folder, batch->json ? " --json" : "",
		verify ? " --audit " : "", verify ? folder : "", verify ? "/verify.csv" : "",
		folder);
	fprintf(file, "echo $? >%s/status.second\nexit $status\n", folder);
	return fclose(file) == 0;
}

bool wider_scripts(const struct batch *batch, const char *folder)
{
	return (!batch->wider.hooks || (write_gate(batch, folder) && write_after(folder))) &&
	       (batch->wider.second == SECOND_NONE || write_steps(batch, folder));
}
