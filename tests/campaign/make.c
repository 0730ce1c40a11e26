/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLASH_START 0x08000000u
#define BANK_STRIDE 0x00100000u
#define UNIT_S 3000 /* enough for any board without faults */

static const struct part parts[] = {
	{"stm32h7a3xi", 2, 2 << 20, 8 << 10, 1 << 20},
	{"stm32h7b3xi", 2, 2 << 20, 8 << 10, 1 << 20},
	{"stm32h750xb", 0, 128 << 10, 128 << 10, 128 << 10},
	{"stm32h723xg", 1, 1 << 20, 128 << 10, 1 << 20},
	{"stm32h743xg", 0, 1 << 20, 128 << 10, 512 << 10},
	{"stm32h743xi", 0, 2 << 20, 128 << 10, 1 << 20},
	{"stm32h757xi", 0, 2 << 20, 128 << 10, 1 << 20},
};

static const char *const versions[3][7] = {
	{"V13.2", "V13.3", "V9.0", "V9.1", "V9.2", "unknown", NULL},
	{"V9.1", "V9.2", "V9.3", "unknown", NULL},
	{"V9.0", "V9.1", "V9.2", "unknown", NULL},
};

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static uint32_t below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)(draw(state) % limit);
}

static bool percent(uint64_t *state, uint32_t chance)
{
	return below(state, 100) < chance;
}

static const char *one_of(uint64_t *state, const char *const *words)
{
	uint32_t count = 0;

	while (words[count])
		count++;
	return words[below(state, count)];
}

/* Small numbers are as likely as large ones. */
static uint32_t any_size(uint64_t *state, uint32_t most)
{
	uint32_t limit = most;

	while (limit > 1 && percent(state, 30))
		limit /= 2;
	return 1 + below(state, limit);
}

static void add(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

uint32_t batch_address(const struct batch *batch, uint32_t offset)
{
	return FLASH_START + offset / batch->part->bank_bytes * BANK_STRIDE +
	       offset % batch->part->bank_bytes;
}

static bool write_file(const char *path, const uint8_t *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file)
		return false;
	good = fwrite(bytes, 1, length, file) == length;
	return fclose(file) == 0 && good;
}

static void hex_record(FILE *file, uint8_t type, uint16_t address, const uint8_t *bytes, uint8_t length)
{
	uint8_t sum = (uint8_t)(length + (address >> 8) + address + type);

	fprintf(file, ":%02X%04X%02X", length, address, type);
	for (uint8_t i = 0; i < length; i++) {
		fprintf(file, "%02X", bytes[i]);
		sum = (uint8_t)(sum + bytes[i]);
	}
	fprintf(file, "%02X\n", (uint8_t)-sum);
}

static bool write_hex(const char *path, uint32_t address, const uint8_t *bytes, size_t length)
{
	static const uint8_t width[] = {16, 32, 1, 7, 255};
	FILE *file = fopen(path, "w");
	uint32_t upper = UINT32_MAX;
	uint8_t most = width[length % sizeof(width)];
	bool good;

	if (!file)
		return false;
	for (size_t done = 0; done < length;) {
		uint32_t at = address + (uint32_t)done;
		size_t left = length - done, page = 0x10000 - (at & 0xffff);
		uint8_t step = (uint8_t)(left < most ? left : most);

		if (step > page)
			step = (uint8_t)page;
		if (at >> 16 != upper) {
			const uint8_t high[] = {(uint8_t)(at >> 24), (uint8_t)(at >> 16)};

			upper = at >> 16;
			hex_record(file, 4, 0, high, 2);
		}
		hex_record(file, 0, (uint16_t)at, bytes + done, step);
		done += step;
	}
	fputs(":00000001FF\n", file);
	good = !ferror(file);
	return fclose(file) == 0 && good;
}

static void fill(uint64_t *dice, uint8_t *bytes, size_t length)
{
	uint32_t kind = below(dice, 10);

	for (size_t i = 0; i < length; i++) {
		if (kind == 0)
			bytes[i] = 0;
		else if (kind == 1)
			bytes[i] = (uint8_t)i;
		else
			bytes[i] = (uint8_t)draw(dice);
		/* Blocks of nothing but 0xFF are not sent; words of them must not be missed elsewhere. */
		if (kind > 6 && i / 512 % 3 == 1)
			bytes[i] = 0xff;
	}
}

/* One piece of firmware within one sector, or all of flash. */
static bool add_segment(struct batch *batch, uint64_t *dice, const char *folder, FILE *profile, unsigned index)
{
	const struct part *part = batch->part;
	uint32_t sectors = part->flash_bytes / part->sector_bytes;
	uint32_t sector = below(dice, sectors);
	uint32_t offset = 0, length = part->sector_bytes;
	char name[32], path[512];
	bool hex = percent(dice, 30);

	if (batch->touched[sector])
		return true;
	if (percent(dice, 90)) {
		offset = percent(dice, 50) ? 0 : below(dice, part->sector_bytes);
		length = any_size(dice, 4096);
		if (length > part->sector_bytes - offset)
			length = part->sector_bytes - offset;
	}
	batch->touched[sector] = true;
	offset += sector * part->sector_bytes;
	fill(dice, batch->flash + offset, length);
	snprintf(name, sizeof(name), "part%u.%s", index, hex ? "hex" : "bin");
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fprintf(profile, hex ? "  - {file: %s}\n" : "  - {file: %s, address: 0x%08" PRIx32 "}\n", name,
	        batch_address(batch, offset));
	return hex ? write_hex(path, batch_address(batch, offset), batch->flash + offset, length)
	           : write_file(path, batch->flash + offset, length);
}

static bool full_image(struct batch *batch, uint64_t *dice, const char *folder, FILE *profile)
{
	const struct part *part = batch->part;
	char path[512];

	for (uint32_t bank = 0; bank < part->flash_bytes / part->bank_bytes; bank++) {
		uint32_t length = part->bank_bytes - below(dice, 1000);

		snprintf(path, sizeof(path), "%s/bank%" PRIu32 ".bin", folder, bank + 1);
		fill(dice, batch->flash + bank * part->bank_bytes, length);
		fprintf(profile, "  - {file: bank%" PRIu32 ".bin, address: 0x%08" PRIx32 "}\n", bank + 1,
		        FLASH_START + bank * BANK_STRIDE);
		if (!write_file(path, batch->flash + bank * part->bank_bytes, length))
			return false;
	}
	for (uint32_t s = 0; s < part->flash_bytes / part->sector_bytes; s++)
		batch->touched[s] = true;
	return true;
}

static void choose_profile(struct batch *batch, uint64_t *dice)
{
	static const char *const polls[] = {"adaptive", "spec", NULL};
	static const char *const leaves[] = {"true", "true", "false", "required", NULL};
	uint32_t way = below(dice, 100);

	batch->full = below(dice, 100) == 0;
	/* Small sectors make quick units. */
	batch->part = &parts[batch->full || percent(dice, 50) ? below(dice, 7) : below(dice, 3)];
	batch->erase = way < 85 ? ERASE_TOUCHED : way < 93 ? ERASE_NONE : ERASE_AUTO;
	if (batch->part->flash_bytes < 1 << 20 || batch->full)
		batch->erase = (enum erase)below(dice, 4);
	batch->verify_all = batch->erase == ERASE_AUTO || batch->erase == ERASE_MASS;
	if (batch->part->flash_bytes < 1 << 20)
		batch->verify_all = percent(dice, 50);
	/* What no erase cleans cannot be wanted blank. */
	if (batch->erase == ERASE_TOUCHED || batch->erase == ERASE_NONE)
		batch->verify_all = batch->verify_all && batch->part->flash_bytes == batch->part->sector_bytes;
	batch->attempts = 1 + below(dice, 3);
	batch->unit_s = percent(dice, 90) ? UNIT_S : 20 + below(dice, 60);
	batch->poll = one_of(dice, polls);
	batch->leave = one_of(dice, leaves);
}

static bool write_profile(struct batch *batch, uint64_t *dice, const char *folder)
{
	static const char *const erase[] = {"auto", "touched", "mass", "none"};
	char path[512];
	FILE *file;
	bool good = true;

	snprintf(path, sizeof(path), "%s/profile.yaml", folder);
	file = fopen(path, "w");
	if (!file)
		return false;
	fprintf(file, "profile: 1\nname: campaign\ntarget: {part: %s}\n", batch->part->name);
	fprintf(file, "erase: %s\nverify: %s\npoll: %s\nleave: %s\n", erase[batch->erase],
	        batch->verify_all ? "full" : "image", batch->poll, batch->leave);
	fprintf(file, "upload_window: %u\n", 1 + below(dice, 16));
	fprintf(file, "attempts: %u\ntimeouts: {unit_s: %u}\n", batch->attempts, batch->unit_s);
	fprintf(file, "audit: {file: log.csv}\nfirmware:\n");
	memset(batch->flash, 0xff, sizeof(batch->flash));
	if (batch->full) {
		good = full_image(batch, dice, folder, file);
	} else {
		unsigned segments = 1 + below(dice, SEGMENTS_MAX - 1);

		for (unsigned i = 0; good && i < segments; i++)
			good = add_segment(batch, dice, folder, file, i);
	}
	if (fclose(file) != 0 || !good)
		return false;
	snprintf(path, sizeof(path), "%s/wanted.bin", folder);
	return write_file(path, batch->flash, batch->part->flash_bytes);
}

/* What another maker's ROM, or an earlier host, may do, and what no board may fail for. */
static void add_quirk(const struct batch *batch, struct board *board, uint64_t *dice)
{
	static const char *const states[] = {"dfuDNLOAD-IDLE", "dfuMANIFEST-SYNC", "dfuMANIFEST-WAIT-RESET",
	                                     "dfuUPLOAD-IDLE", "dfuMANIFEST", NULL};
	static const char *const statuses[] = {"errPROG", "errVENDOR", "errUNKNOWN", "errTARGET",
	                                       "errSTALLEDPKT", NULL};
	static const char *const clears[] = {"stalls", "errs", "idles", NULL};
	static const char *const refusals[] = {"id", "uid", "size", "option_bytes", NULL};
	uint32_t size;
	uint32_t somewhere = batch_address(
		batch, below(dice, batch->part->flash_bytes / batch->part->sector_bytes) * batch->part->sector_bytes);

	switch (below(dice, 20)) {
	case 0:
	case 1:
		add(board->quirks, sizeof(board->quirks), ", initial_state: %s", one_of(dice, states));
		break;
	case 2:
		add(board->quirks, sizeof(board->quirks), ", initial_state: dfuERROR, initial_status: %s",
		    one_of(dice, statuses));
		break;
	case 3:
		add(board->quirks, sizeof(board->quirks),
		    ", initial_state: dfuDNLOAD-SYNC, initial_command: 0x41, initial_address: 0x%08" PRIx32, somewhere);
		break;
	case 4:
	case 5:
		add(board->quirks, sizeof(board->quirks),
		    ", initial_state: dfuDNBUSY, initial_address: 0x%08" PRIx32 ", initial_busy_ms: %" PRIu32, somewhere,
		    1 + below(dice, 3900));
		board->contents_known = false;
		break;
	case 6:
		add(board->quirks, sizeof(board->quirks), ", stride: constant");
		break;
	case 7:
		add(board->quirks, sizeof(board->quirks), ", clrstatus: %s", one_of(dice, clears));
		break;
	case 8:
		add(board->quirks, sizeof(board->quirks), ", unexpected_errs: false");
		break;
	case 9:
		add(board->quirks, sizeof(board->quirks), ", errors_at_first: true");
		break;
	case 10:
		add(board->quirks, sizeof(board->quirks), ", mass_in_second: false");
		break;
	case 11:
		add(board->quirks, sizeof(board->quirks), ", erase_moves_pointer: false");
		break;
	case 12:
		add(board->quirks, sizeof(board->quirks), ", alt_confined: true");
		break;
	case 13:
		add(board->quirks, sizeof(board->quirks), ", early_poll_stall: true");
		break;
	case 14:
		add(board->quirks, sizeof(board->quirks), ", functional_descriptor: false");
		break;
	case 15:
		size = 64u << below(dice, 3);
		add(board->quirks, sizeof(board->quirks), ", transfer_size: %" PRIu32 ", real_transfer_size: %" PRIu32, size,
		    size);
		break;
	case 16:
	case 17:
		add(board->quirks, sizeof(board->quirks), ", refuse: %s", one_of(dice, refusals));
		break;
	case 18:
		add(board->quirks, sizeof(board->quirks), ", boot0_high: true");
		break;
	default:
		add(board->quirks, sizeof(board->quirks), ", poll_write_ms: %" PRIu32 ", poll_erase_ms: %" PRIu32,
		    below(dice, 20), below(dice, 3000));
		break;
	}
}

static void add_fault(const struct batch *batch, struct board *board, uint64_t *dice)
{
	static const char *const on[] = {"dfu", "any", "dnload", "upload", "getstatus", "busy_getstatus", "getstate",
	                                 "clrstatus", "abort", "set_pointer", "erase", "write", "leave", "read",
	                                 "set_interface", "descriptor", "op_erase", "op_program", NULL};
	static const char *const flash_on[] = {"write", "op_program", "op_erase", "erase", "read", NULL};
	static const char *const bus[] = {"stall", "stall_error", "stall_latch", "silent", "hang", "mute", "slow",
	                                  "vanish", "swap", NULL};
	static const char *const word[] = {"bad_state", "bad_status", "poll", "short_upload", "long_upload",
	                                   "upload_wrong_data", NULL};
	static const char *const inside[] = {"fail", "dropped_write", "ignore_erase", "flip", "stuck", NULL};
	char *text = board->faults;
	size_t size = sizeof(board->faults);
	const char *kind, *where;
	uint32_t choice = below(dice, 100);

	if (choice < 55) {
		kind = one_of(dice, bus);
		board->transport = true;
		add(text, size, "{fault: %s", kind);
		if (strcmp(kind, "swap") == 0) {
			/* Where it cannot happen after the read-back, which proved another board. */
			board->swaps = true;
			add(text, size, ", on: %s", one_of(dice, flash_on));
		} else {
			where = one_of(dice, on);
			board->may_hide = board->may_hide || strcmp(where, "any") == 0 || strcmp(where, "descriptor") == 0 ||
			                  strcmp(where, "set_interface") == 0;
			add(text, size, ", on: %s", where);
		}
		if (strcmp(kind, "slow") == 0)
			add(text, size, ", ms: %" PRIu32, any_size(dice, 9000));
		if (strcmp(kind, "vanish") == 0) {
			add(text, size, ", ms: %" PRIu32, percent(dice, 50) ? 0 : any_size(dice, 1000));
			if (percent(dice, 50))
				add(text, size, ", away_ms: %" PRIu32, any_size(dice, 8000));
			else if (percent(dice, 20))
				add(text, size, ", away_ms: forever");
		}
	} else if (choice < 75) {
		kind = one_of(dice, word);
		board->transport = true;
		add(text, size, "{fault: %s", kind);
		if (strcmp(kind, "bad_state") == 0)
			add(text, size, ", value: %" PRIu32, percent(dice, 70) ? below(dice, 11) : below(dice, 256));
		else if (strcmp(kind, "bad_status") == 0)
			add(text, size, ", value: %" PRIu32, percent(dice, 70) ? below(dice, 16) : below(dice, 256));
		else if (strcmp(kind, "poll") == 0)
			add(text, size, ", value: %" PRIu32, percent(dice, 50) ? 16777215 : any_size(dice, 100000));
		else if (strcmp(kind, "short_upload") == 0)
			add(text, size, ", value: %" PRIu32, below(dice, 1024));
		else if (strcmp(kind, "upload_wrong_data") == 0)
			add(text, size, ", bit: %" PRIu32, below(dice, 8));
	} else {
		kind = one_of(dice, inside);
		add(text, size, "{fault: %s", kind);
		if (strcmp(kind, "stuck") == 0)
			add(text, size, ", value: %" PRIu32, below(dice, 2));
		if (strcmp(kind, "flip") == 0 || strcmp(kind, "stuck") == 0)
			add(text, size, ", bit: %" PRIu32, below(dice, 8));
	}
	if (percent(dice, 10))
		add(text, size, ", address: 0x%08" PRIx32, batch_address(batch, below(dice, batch->part->flash_bytes)));
	if (percent(dice, 90))
		add(text, size, ", nth: %" PRIu32, any_size(dice, 300));
	if (percent(dice, 10))
		add(text, size, ", chance: 0.%02" PRIu32, 1 + below(dice, 60));
	if (percent(dice, 20))
		add(text, size, ", count: %" PRIu32, 1 + below(dice, 5));
	else if (percent(dice, 10) && strcmp(kind, "swap") != 0) /* a run takes newcomers as long as they come */
		add(text, size, ", count: forever");
	add(text, size, "}");
	board->faulty = true;
}

static bool pattern_touches(const struct batch *batch, const struct board *board)
{
	uint32_t sector_bytes = batch->part->sector_bytes;

	if (board->bytes == 0)
		return true;
	for (uint32_t s = 0; s < batch->part->flash_bytes / sector_bytes; s++) {
		uint32_t address = batch_address(batch, s * sector_bytes);

		if (batch->touched[s] && board->from < address + sector_bytes && board->from + board->bytes > address)
			return true;
	}
	return false;
}

/* What a board without faults must come to. The ROM's own limits: AN2606 on mass erase and "Go". */
static const char *due_error(const struct batch *batch, const struct board *board)
{
	bool unknown = strcmp(board->version, "unknown") == 0 || strstr(board->quirks, "refuse: id") ||
	               strstr(board->quirks, "alt_confined");
	bool rdp_unknown = batch->part->series == 2 || strstr(board->quirks, "option_bytes") ||
	                   strstr(board->quirks, "transfer_size");
	bool stays = strcmp(board->version, "V13.2") == 0;

	if (batch->unit_s < UNIT_S)
		return NULL; /* may be too little */
	/* errVENDOR at the first read means protection where the option bytes do not tell (contract). */
	if (board->contents == CONTENTS_HALF && rdp_unknown)
		return NULL;
	if (batch->erase == ERASE_MASS && (unknown || strcmp(board->version, "V13.3") == 0))
		return "erase_failed";
	if (batch->erase == ERASE_NONE) {
		if (board->contents == CONTENTS_HALF || board->contents == CONTENTS_IMAGE ||
		    strstr(board->quirks, "dfuDNBUSY"))
			return NULL;
		if (board->contents == CONTENTS_PATTERN && pattern_touches(batch, board))
			return "not_blank";
	}
	/* With erase: touched and mass alike, verify decides; a ROM that never goes fails only if it must. */
	return stays && strcmp(batch->leave, "required") == 0 ? "leave_failed" : "";
}

static void make_board(struct batch *batch, unsigned index, uint64_t *dice)
{
	struct board *board = &batch->board[index];
	uint32_t choice = below(dice, 100);

	memset(board, 0, sizeof(*board));
	snprintf(board->path, sizeof(board->path), "1-1.%u", index + 1);
	board->version = one_of(dice, versions[batch->part->series]);
	board->contents_known = true;
	if (choice < 40) {
		board->contents = CONTENTS_PATTERN;
		if (percent(dice, 50)) {
			board->from = batch_address(batch, below(dice, batch->part->flash_bytes) & ~31u);
			board->bytes = any_size(dice, 300000);
		}
	} else if (choice < 50 && batch->part->bank_bytes == BANK_STRIDE) {
		board->contents = CONTENTS_IMAGE;
	} else if (choice < 60) {
		board->contents = CONTENTS_HALF;
		board->contents_known = false;
	}
	if (percent(dice, 40))
		add_quirk(batch, board, dice);
	if (percent(dice, 45)) {
		add_fault(batch, board, dice);
		if (percent(dice, 25)) {
			add(board->faults, sizeof(board->faults), ", ");
			add_fault(batch, board, dice);
		}
	}
	board->error = board->faulty ? NULL : due_error(batch, board);
}

static bool write_fleet(const struct batch *batch, const char *folder)
{
	static const char *const contents[] = {"blank", "pattern", "{file: wanted.bin}", "half"};
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/fleet.yaml", folder);
	file = fopen(path, "w");
	if (!file)
		return false;
	fprintf(file, "seed: %" PRIu64 "\ntargets:\n", batch->seed * 1000003 + batch->number);
	for (unsigned i = 0; i < BOARDS; i++) {
		const struct board *board = &batch->board[i];

		fprintf(file, "  - {name: b%u, path: %s, part: %s, bootloader: %s, contents: %s", i, board->path,
		        batch->part->name, board->version, contents[board->contents]);
		if (board->bytes)
			fprintf(file, ", contents_start: 0x%08" PRIx32 ", contents_bytes: %" PRIu32, board->from, board->bytes);
		fprintf(file, "%s", board->quirks);
		if (board->faults[0])
			fprintf(file, ", faults: [%s]", board->faults);
		fprintf(file, "}\n");
	}
	return fclose(file) == 0;
}

bool batch_make(struct batch *batch, const char *folder)
{
	uint64_t dice = batch->seed * UINT64_C(0xD1342543DE82EF95) + batch->number;

	memset(batch->touched, 0, sizeof(batch->touched));
	choose_profile(batch, &dice);
	if (!write_profile(batch, &dice, folder))
		return false;
	for (unsigned i = 0; i < BOARDS; i++)
		make_board(batch, i, &dice);
	return write_fleet(batch, folder);
}
