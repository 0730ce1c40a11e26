/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Erase and program times of bank 1, and the effect of a write in the wrong place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum {
	BLOCKS = 8,
	PEEK = 32,
	EARLY_PART = 10, /* an erase that is over in a tenth of its usual time is none */
	TYPICAL_MS = 900,
	TYPICAL_SMALL_MS = 10 /* of a sector of 8 KiB */
};

static json_t *erasing_of(const struct erasing *seen, const char *held)
{
	return json_pack("{s:s, s:o, s:o, s:i, s:s}", "held", held, "first_getstatus_ms",
			 ms_of(seen->first_ns), "second_getstatus_ms", ms_of(seen->second_ns),
			 "poll_ms", (int)seen->poll_ms, "result",
			 seen->refused  ? dfu_status_name(seen->status)
			 : seen->wedged ? "stays dfuDNBUSY"
					: "done");
}

/* One sector erased, then with a pattern in it once more: only that counts. */
static bool erase_twice(struct measure *m, uint32_t sector, struct erasing *seen, json_t *list)
{
	uint8_t bytes[PEEK], *pattern;
	const uint16_t length = (uint16_t)m->link.session.block;
	struct writing writing;
	const char *answer;

	if (!erase_at(m, sector, seen))
		return false;
	json_array_append_new(list, erasing_of(seen, "as found"));
	if (seen->refused)
		return true;
	pattern = malloc(length);
	if (!pattern)
		return false;
	fill_pattern(pattern, length, sector);
	if (point_to_write(m, sector))
		write_block(m, 2, pattern, length, &writing);
	free(pattern);
	if (!back_to_idle(m) || !erase_at(m, sector, seen))
		return false;
	json_array_append_new(list, erasing_of(seen, "a pattern"));
	if (!seen->refused && !(read_at(m, sector, bytes, sizeof(bytes), &answer) &&
				stm32_is_blank(bytes, sizeof(bytes)))) {
		snprintf(m->why, sizeof(m->why), "the sector at 0x%08x is not blank after an erase",
			 (unsigned)sector);
		return false;
	}
	return true;
}

/* Points at the ROM's code, erases, and reads without pointing again. */
static bool measure_pointer(struct measure *m, uint32_t sector)
{
	uint8_t code[PEEK];
	struct erasing seen;
	struct reply reply;
	const char *answer;

	if (m->confined || !read_at(m, rom_code(m), code, sizeof(code), &answer) ||
	    stm32_is_blank(code, sizeof(code)) || !set_pointer(m, rom_code(m)))
		return back_to_idle(m);
	if (!erase_at(m, sector, &seen))
		return false;
	if (seen.refused || seen.wedged)
		return true;
	ask_in(m, DFU_UPLOAD, 2, PEEK, &reply);
	if (reply.io == DFU_IO_OK && reply.length == PEEK &&
	    (stm32_is_blank(reply.data, PEEK) || memcmp(reply.data, code, PEEK) == 0))
		put_bool(m, "erase_moves_pointer", stm32_is_blank(reply.data, PEEK));
	return back_to_idle(m);
}

bool characterize_erase(struct measure *m)
{
	const int64_t typical =
		(m->part->sector_bytes > 0x2000 ? TYPICAL_MS : TYPICAL_SMALL_MS) * CLOCK_MS;
	json_t *list = json_array();
	struct erasing seen;
	uint32_t sector;
	int64_t took;

	detail(m, "erase_bank1", list);
	if (!test_sector(m, 0, &sector) || !erase_twice(m, sector, &seen, list))
		return false;
	if (seen.refused) {
		snprintf(m->why, sizeof(m->why), "it refuses to erase: %s",
			 dfu_status_name(seen.status));
		return false;
	}
	took = seen.first_ns + seen.second_ns;
	put_number(m, "poll_erase_ms", seen.poll_ms);
	if (seen.wedged || took < typical / EARLY_PART) {
		put_word(m, "sector_erase", seen.wedged ? "wedges" : "early");
		put_ms(m, "early_status_ms", seen.first_ns);
		return true;
	}
	m->sector_ns = took;
	put_ms(m, "sector_ms", took);
	put_word(m, "sector_erase", "normal"); /* of both banks, until bank 2 is measured */
	return measure_pointer(m, sector);
}

/* --- programming --- */

struct program {
	uint32_t sector;
	uint16_t length;
	unsigned blocks, written;
	int64_t ns[BLOCKS];
	uint32_t poll_ms;
	uint8_t *pattern;
};

static bool write_all(struct measure *m, struct program *p)
{
	struct writing seen;

	if (!point_to_write(m, p->sector))
		return back_to_idle(m);
	for (unsigned i = 0; i < p->blocks; i++) {
		fill_pattern(p->pattern, p->length, p->sector + i);
		if (!write_block(m, (uint16_t)(2 + i), p->pattern, p->length, &seen)) {
			snprintf(m->why, sizeof(m->why), "it refuses to program: %s",
				 dfu_status_name(seen.status));
			break;
		}
		p->ns[p->written++] = seen.first_ns + seen.second_ns;
		p->poll_ms = seen.poll_ms;
	}
	return back_to_idle(m);
}

/* The result for the first words, and whether the rest is right. */
static bool check_all(struct measure *m, struct program *p)
{
	uint8_t *read = malloc(p->length);
	bool good = read != NULL, lost = false;
	const char *answer;

	for (unsigned i = 0; good && i < p->written; i++) {
		size_t from = 0;

		good = read_at(m, p->sector + i * p->length, read, p->length, &answer);
		fill_pattern(p->pattern, p->length, p->sector + i);
		if (good && i == 0 && p->length > PEEK && stm32_is_blank(read, PEEK)) {
			lost = true;
			from = PEEK;
		}
		good = good && memcmp(read + from, p->pattern + from, p->length - from) == 0;
	}
	free(read);
	if (!good) {
		snprintf(m->why, sizeof(m->why), "what was programmed does not read back");
		return false;
	}
	m->loses_word = lost;
	put_word(m, "read_before_write", lost ? "loses_first_word" : "keeps");
	return true;
}

static void measure_stride_in_flash(struct measure *m, const struct program *p)
{
	struct reply reply;

	if (has(m, "stride") || p->written < 2 || p->length <= PEEK * 2 || !point_at(m, p->sector))
		return;
	ask_in(m, DFU_UPLOAD, 3, PEEK * 2, &reply);
	if (reply.io != DFU_IO_OK || reply.length != PEEK * 2)
		return;
	fill_pattern(p->pattern, p->length, p->sector);
	if (memcmp(reply.data, p->pattern + PEEK * 2, PEEK * 2) == 0)
		put_word(m, "stride", "request");
	fill_pattern(p->pattern, p->length, p->sector + 1);
	if (memcmp(reply.data, p->pattern, PEEK * 2) == 0)
		put_word(m, "stride", "constant");
}

bool characterize_program(struct measure *m)
{
	struct program p = {.length = (uint16_t)m->link.session.block};
	uint8_t bytes[PEEK];
	const char *answer;
	bool good;

	if (!test_sector(m, 0, &p.sector))
		return false;
	/* A read just before: the next write may lose its first word. */
	if (!read_at(m, p.sector, bytes, sizeof(bytes), &answer) ||
	    !stm32_is_blank(bytes, sizeof(bytes))) {
		snprintf(m->why, sizeof(m->why), "the test sector is not blank");
		return false;
	}
	p.blocks = m->part->sector_bytes / p.length < BLOCKS ? m->part->sector_bytes / p.length
							     : BLOCKS;
	if (!m->link.session.numbered)
		p.blocks = 1;
	p.pattern = malloc(p.length);
	if (!p.pattern)
		return false;
	good = write_all(m, &p);
	if (good && p.written == p.blocks) {
		put_number(m, "poll_write_ms", p.poll_ms);
		good = check_all(m, &p);
	} else {
		good = false;
	}
	if (good) {
		const unsigned words = p.length / m->part->flash_word;

		put_ms(m, "word_ms", median(p.ns, p.written) / (int64_t)words);
		detail(m, "program_ms",
		       json_pack("{s:i, s:i, s:o, s:o, s:o}", "bytes", p.length, "blocks",
				 (int)p.written, "least", ms_of(p.ns[0]), "median",
				 ms_of(p.ns[p.written / 2]), "most", ms_of(p.ns[p.written - 1])));
		measure_stride_in_flash(m, &p);
	}
	free(p.pattern);
	return back_to_idle(m) && good;
}

/* --- a word programmed twice --- */

/* Why the broken word could not be read. */
static void measure_broken(struct measure *m, uint32_t sector, uint16_t length)
{
	struct reply reply;
	int state;

	if (!point_at(m, sector))
		return;
	ask_in(m, DFU_UPLOAD, 2, length, &reply);
	if (reply.io == DFU_IO_TIMEOUT) {
		state = ask_state(m);
		put_word(m, "broken_read", state < 0 ? "hangs" : "silent");
		return;
	}
	state = ask_state(m);
	if (reply.io == DFU_IO_STALL && state == DFU_ERROR)
		put_word(m, "broken_read", "errs");
	else if (reply.io == DFU_IO_STALL && state >= 0 && state < DFU_ERROR)
		put_word(m, "broken_read", "stalls");
	else if (reply.io == DFU_IO_OK)
		put_word(m, "broken_read", "garbage");
}

static void judge_twice(struct measure *m, uint32_t sector, const uint8_t *first,
			const uint8_t *second, uint16_t length)
{
	struct reply reply;
	bool ands = true;

	if (!point_at(m, sector))
		return;
	ask_in(m, DFU_UPLOAD, 2, length, &reply);
	if (reply.io == DFU_IO_OK && reply.length == length) {
		for (unsigned i = 0; i < length; i++)
			ands = ands && reply.data[i] == (first[i] & second[i]);
		if (ands || memcmp(reply.data, first, length) == 0) {
			put_word(m, "double_program", ands ? "ands" : "keeps");
			return;
		}
	}
	put_word(m, "double_program", "breaks");
	if (reply.io == DFU_IO_TIMEOUT) {
		put_word(m, "broken_read", ask_state(m) < 0 ? "hangs" : "silent");
		return;
	}
	if (back_to_idle(m))
		measure_broken(m, sector, length);
}

bool characterize_twice(struct measure *m)
{
	const uint16_t length = (uint16_t)m->part->flash_word;
	uint8_t first[64], second[64];
	struct writing seen;
	struct erasing erased;
	uint32_t sector;
	bool written;

	if (!test_sector(m, 0, &sector) || !erase_at(m, sector, &erased))
		return false;
	if (erased.refused || erased.wedged)
		return true;
	memset(first, 0x5a, length);
	memset(second, 0x3c, length);
	written = point_to_write(m, sector) && write_block(m, 2, first, length, &seen);
	if (written && point_to_write(m, sector)) {
		write_block(m, 2, second, length, &seen);
		detail(m, "second_program_of_a_word", word_of(dfu_status_name(seen.status)));
	}
	if (!back_to_idle(m))
		return false;
	if (written)
		judge_twice(m, sector, first, second, length);
	return back_to_idle(m) && erase_at(m, sector, &erased);
}
