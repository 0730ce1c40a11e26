/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The boards of a batch: their parts, contents, behaviour and expected results. */
#include "campaign.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const versions[3][7] = {
	{"V13.2", "V13.3", "V9.0", "V9.1", "V9.2", "unknown", NULL},
	{"V9.1", "V9.2", "V9.3", "unknown", NULL},
	{"V9.0", "V9.1", "V9.2", "unknown", NULL},
};

const char *const *part_versions(const struct part *part)
{
	return versions[part->series];
}

void add_text(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* Behaviour of another maker's ROM, or left by an earlier host, that must not fail a board. */
static void add_quirk(struct batch *batch, struct board *board)
{
	static const char *const states[] = {
		"dfuDNLOAD-IDLE", "dfuMANIFEST-SYNC", "dfuMANIFEST-WAIT-RESET",
		"dfuUPLOAD-IDLE", "dfuMANIFEST",      NULL};
	static const char *const statuses[] = {"errPROG",   "errVENDOR",     "errUNKNOWN",
					       "errTARGET", "errSTALLEDPKT", NULL};
	static const char *const clears[] = {"stalls", "errs", "idles", NULL};
	static const char *const refusals[] = {"id", "uid", "size", "option_bytes", NULL};
	uint64_t *dice = &batch->dice;
	uint32_t size, somewhere = batch_address(batch, below(dice, batch_sectors(batch)) *
								batch->part->sector_bytes);

	switch (below(dice, 23)) {
	case 0:
	case 1:
		add_text(board->quirks, sizeof(board->quirks), ", initial_state: %s",
			 one_of(dice, states));
		break;
	case 2:
		add_text(board->quirks, sizeof(board->quirks),
			 ", initial_state: dfuERROR, initial_status: %s", one_of(dice, statuses));
		break;
	case 3:
		add_text(board->quirks, sizeof(board->quirks),
			 ", initial_state: dfuDNLOAD-SYNC, initial_command: 0x41, initial_address: "
			 "0x%08" PRIx32,
			 somewhere);
		break;
	case 4:
	case 5:
		add_text(board->quirks, sizeof(board->quirks),
			 ", initial_state: dfuDNBUSY, initial_address: 0x%08" PRIx32
			 ", initial_busy_ms: %" PRIu32,
			 somewhere, 1 + below(dice, 3900));
		board->contents_known = false;
		break;
	case 6:
		add_text(board->quirks, sizeof(board->quirks), ", stride: constant");
		break;
	case 7:
		add_text(board->quirks, sizeof(board->quirks), ", clrstatus: %s",
			 one_of(dice, clears));
		break;
	case 8:
		add_text(board->quirks, sizeof(board->quirks), ", unexpected_errs: false");
		break;
	case 9:
		add_text(board->quirks, sizeof(board->quirks), ", errors_at_first: true");
		break;
	case 10:
		add_text(board->quirks, sizeof(board->quirks), ", mass_in_second: false");
		break;
	case 11:
		add_text(board->quirks, sizeof(board->quirks), ", erase_moves_pointer: false");
		break;
	case 12:
		add_text(board->quirks, sizeof(board->quirks), ", alt_confined: true");
		break;
	case 13:
		add_text(board->quirks, sizeof(board->quirks), ", early_poll_stall: true");
		break;
	case 14:
		add_text(board->quirks, sizeof(board->quirks), ", functional_descriptor: false");
		break;
	case 15:
		size = 64u << below(dice, 3);
		add_text(board->quirks, sizeof(board->quirks),
			 ", transfer_size: %" PRIu32 ", real_transfer_size: %" PRIu32, size, size);
		break;
	case 16:
	case 17:
		add_text(board->quirks, sizeof(board->quirks), ", refuse: %s",
			 one_of(dice, refusals));
		break;
	case 18:
		add_text(board->quirks, sizeof(board->quirks), ", boot0_high: true");
		break;
	case 19:
		add_text(board->quirks, sizeof(board->quirks), ", rdp: 1");
		break;
	case 20:
		add_text(board->quirks, sizeof(board->quirks), ", write_protect: [0x%08" PRIx32 "]",
			 somewhere);
		break;
	case 21:
		add_text(board->quirks, sizeof(board->quirks),
			 ", wire_small_ms: 0.%" PRIu32 ", wire_block_ms: %" PRIu32 ".5",
			 1 + below(dice, 9), 1 + below(dice, 5));
		break;
	default:
		add_text(board->quirks, sizeof(board->quirks),
			 ", poll_write_ms: %" PRIu32 ", poll_erase_ms: %" PRIu32, below(dice, 20),
			 below(dice, 3000));
		break;
	}
}

static void add_fault(struct batch *batch, struct board *board)
{
	static const char *const on[] = {"dfu",         "any",       "dnload",
					 "upload",      "getstatus", "busy_getstatus",
					 "getstate",    "clrstatus", "abort",
					 "set_pointer", "erase",     "write",
					 "leave",       "read",      "set_interface",
					 "descriptor",  "op_erase",  "op_program",
					 NULL};
	static const char *const flash_on[] = {"write", "op_program", "op_erase",
					       "erase", "read",       NULL};
	static const char *const bus[] = {"stall", "stall_error", "stall_latch", "silent", "hang",
					  "mute",  "slow",        "vanish",      "swap",   NULL};
	static const char *const word[] = {
		"bad_state",   "bad_status",        "poll", "short_upload",
		"long_upload", "upload_wrong_data", NULL};
	/* The effect of a stuck bit depends on the data, and the number of a board cannot be
	 * predicted. */
	static const char *const inside[] = {"fail", "dropped_write", "ignore_erase",
					     "flip", "stuck",         NULL};
	static const char *const no_stuck[] = {"fail", "dropped_write", "ignore_erase", "flip",
					       NULL};
	uint64_t *dice = &batch->dice;
	char *text = board->faults;
	size_t size = sizeof(board->faults);
	const char *kind, *where;
	uint32_t choice = below(dice, 100);

	if (choice < 55) {
		kind = one_of(dice, bus);
		board->transport = true;
		add_text(text, size, "{fault: %s", kind);
		if (strcmp(kind, "swap") == 0) {
			/* Where it cannot happen after the read-back, which proved another board.
			 */
			board->swaps = true;
			add_text(text, size, ", on: %s", one_of(dice, flash_on));
		} else {
			where = one_of(dice, on);
			board->may_hide = board->may_hide || strcmp(where, "any") == 0 ||
					  strcmp(where, "descriptor") == 0 ||
					  strcmp(where, "set_interface") == 0;
			add_text(text, size, ", on: %s", where);
		}
		if (strcmp(kind, "slow") == 0)
			add_text(text, size, ", ms: %" PRIu32, any_size(dice, 9000));
		if (strcmp(kind, "vanish") == 0) {
			add_text(text, size, ", ms: %" PRIu32,
				 percent(dice, 50) ? 0 : any_size(dice, 1000));
			if (percent(dice, 50))
				add_text(text, size, ", away_ms: %" PRIu32, any_size(dice, 8000));
			else if (percent(dice, 20))
				add_text(text, size, ", away_ms: forever");
		}
	} else if (choice < 75) {
		kind = one_of(dice, word);
		board->transport = true;
		add_text(text, size, "{fault: %s", kind);
		if (strcmp(kind, "bad_state") == 0)
			add_text(text, size, ", value: %" PRIu32,
				 percent(dice, 70) ? below(dice, 11) : below(dice, 256));
		else if (strcmp(kind, "bad_status") == 0)
			add_text(text, size, ", value: %" PRIu32,
				 percent(dice, 70) ? below(dice, 16) : below(dice, 256));
		else if (strcmp(kind, "poll") == 0)
			add_text(text, size, ", value: %" PRIu32,
				 percent(dice, 50) ? 16777215 : any_size(dice, 100000));
		else if (strcmp(kind, "short_upload") == 0)
			add_text(text, size, ", value: %" PRIu32, below(dice, 1024));
		else if (strcmp(kind, "upload_wrong_data") == 0)
			add_text(text, size, ", bit: %" PRIu32, below(dice, 8));
	} else {
		kind = one_of(dice, batch->serial ? no_stuck : inside);
		add_text(text, size, "{fault: %s", kind);
		if (strcmp(kind, "stuck") == 0)
			add_text(text, size, ", value: %" PRIu32, below(dice, 2));
		if (strcmp(kind, "flip") == 0 || strcmp(kind, "stuck") == 0)
			add_text(text, size, ", bit: %" PRIu32, below(dice, 8));
	}
	if (percent(dice, 10))
		add_text(text, size, ", address: 0x%08" PRIx32,
			 batch_address(batch, below(dice, batch->part->flash_bytes)));
	if (percent(dice, 90))
		add_text(text, size, ", nth: %" PRIu32, any_size(dice, 300));
	if (percent(dice, 10))
		add_text(text, size, ", chance: 0.%02" PRIu32, 1 + below(dice, 60));
	if (percent(dice, 20))
		add_text(text, size, ", count: %" PRIu32, 1 + below(dice, 5));
	else if (percent(dice, 10) && strcmp(kind, "swap") != 0) /* a run takes newcomers as long as
								    they come */
		add_text(text, size, ", count: forever");
	add_text(text, size, "}");
	board->faulty = true;
}

static bool pattern_touches(const struct batch *batch, const struct board *board)
{
	uint32_t sector_bytes = batch->part->sector_bytes;

	if (board->bytes == 0)
		return true;
	for (uint32_t s = 0; s < batch_sectors(batch); s++) {
		uint32_t address = batch_address(batch, s * sector_bytes);

		if (batch->touched[s] && board->from < address + sector_bytes &&
		    board->from + board->bytes > address)
			return true;
	}
	return false;
}

static bool is_allowed(const struct batch *batch, const char *version)
{
	return !batch->allowed[0] || strcmp(version, batch->allowed[0]) == 0 ||
	       strcmp(version, batch->allowed[1]) == 0;
}

/* With erase: none. */
static const char *due_unless_blank(const struct batch *batch, const struct board *board)
{
	if (board->contents == CONTENTS_HALF || board->contents == CONTENTS_IMAGE ||
	    strstr(board->quirks, "dfuDNBUSY"))
		return NULL;
	return board->contents == CONTENTS_PATTERN && pattern_touches(batch, board) ? "not_blank"
										    : "";
}

/* The expected result without faults. The ROM's own limits: AN2606 on mass erase and "Go". */
static const char *due_error(const struct batch *batch, const struct board *board)
{
	bool anonymous =
		strstr(board->quirks, "refuse: id") || strstr(board->quirks, "alt_confined");
	bool unknown = strcmp(board->version, "unknown") == 0 || anonymous;
	bool rdp_unknown = batch->part->series == 2 || strstr(board->quirks, "option_bytes") ||
			   strstr(board->quirks, "transfer_size");
	bool stays = strcmp(board->version, "V13.2") == 0;
	const char *due;

	if (batch->unit_s < UNIT_S)
		return NULL; /* may be too little */
	/* errVENDOR at the first read means protection where the option bytes do not tell
	 * (contract). */
	if ((board->contents == CONTENTS_HALF && rdp_unknown) ||
	    strstr(board->quirks, "write_protect"))
		return NULL;
	if (batch->serial && batch->by_uid && (strstr(board->quirks, "refuse: uid") || anonymous))
		return NULL;
	if (strstr(board->quirks, "rdp"))
		return batch->allowed[0] ? NULL : "read_protected"; /* its version may be
								       unreadable, too */
	if (batch->allowed[0] && (unknown || !is_allowed(batch, board->version)))
		return "bootloader_denied";
	if (batch->erase == ERASE_MASS && (unknown || strcmp(board->version, "V13.3") == 0))
		return "erase_failed";
	due = batch->erase == ERASE_NONE ? due_unless_blank(batch, board) : "";
	/* With erase: touched and mass alike, verify decides; a ROM that never goes fails only if
	 * it must. */
	return due && !*due && stays && strcmp(batch->leave, "required") == 0 ? "leave_failed"
									      : due;
}

static void choose_contents(struct batch *batch, struct board *board)
{
	uint64_t *dice = &batch->dice;
	uint32_t choice = below(dice, 100);

	board->contents_known = true;
	if (choice < 40) {
		board->contents = CONTENTS_PATTERN;
		if (percent(dice, 50)) {
			board->from =
				batch_address(batch, below(dice, batch->part->flash_bytes) & ~31u);
			board->bytes = any_size(dice, 300000);
		}
	} else if (choice < 50 &&
		   (batch->part->bank_bytes == 1 << 20 || batch->part->flash_bytes < 1 << 20)) {
		board->contents = CONTENTS_IMAGE;
	} else if (choice < 57) {
		board->contents = CONTENTS_HALF;
		board->contents_known = false;
	}
}

/* One hub, two, a hub behind a hub, a bus each. */
void choose_paths(struct batch *batch)
{
	unsigned way = below(&batch->dice, 4);

	for (unsigned i = 0; i < batch->boards; i++) {
		unsigned port = i % 15 + 1, more = i / 15 + 1;
		char *path = batch->board[i].path;
		size_t size = sizeof(batch->board[i].path);

		if (way == 0)
			snprintf(path, size, "1-1.%u", i + 1);
		else if (way == 1)
			snprintf(path, size, "1-%u.%u", more, port);
		else if (way == 2)
			snprintf(path, size, "2-1.%u.%u", more, port);
		else
			snprintf(path, size, "%u-%u", more, port);
	}
}

void make_board(struct batch *batch, unsigned index)
{
	struct board *board = &batch->board[index];
	uint64_t *dice = &batch->dice;

	memset(&board->contents, 0,
	       sizeof(*board) - offsetof(struct board, contents)); /* it has a path already */
	board->version = one_of(dice, versions[batch->part->series]);
	choose_contents(batch, board);
	if (percent(dice, 40))
		add_quirk(batch, board);
	if (percent(dice, 45)) {
		add_fault(batch, board);
		if (percent(dice, 25)) {
			add_text(board->faults, sizeof(board->faults), ", ");
			add_fault(batch, board);
		}
	}
	if (percent(dice, 1)) {
		board->stranger = batch->part->series == 2 ? "stm32h743xi" : "stm32h7a3xi";
		board->version = "V9.1"; /* all series have one */
	}
	board->error = board->faulty || board->stranger ? NULL : due_error(batch, board);
}

bool write_fleet(const struct batch *batch, const char *folder)
{
	static const char *const contents[] = {"blank", "pattern", "{file: wanted.bin}", "half"};
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/fleet.yaml", folder);
	file = fopen(path, "w");
	if (!file)
		return false;
	write_hubs(batch, file);
	fprintf(file, "seed: %" PRIu64 "\ntargets:\n", batch->seed * 1000003 + batch->number);
	for (unsigned i = 0; i < batch->boards; i++) {
		const struct board *board = &batch->board[i];

		fprintf(file, "  - {name: b%u, path: %s, part: %s, bootloader: %s, contents: %s", i,
			board->path, board->stranger ? board->stranger : batch->part->name,
			board->version, contents[board->contents]);
		if (board->bytes)
			fprintf(file, ", contents_start: 0x%08" PRIx32 ", contents_bytes: %" PRIu32,
				board->from, board->bytes);
		fprintf(file, "%s", board->quirks);
		if (board->uid[0])
			fprintf(file, ", uid: %s", board->uid);
		if (board->option_write)
			fprintf(file, ", option_write: %s", board->option_write);
		if (board->faults[0])
			fprintf(file, ", faults: [%s]", board->faults);
		fprintf(file, "}\n");
	}
	return fclose(file) == 0;
}
