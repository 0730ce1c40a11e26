/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPLOAD: times by length and window, the longest block, and where numbered blocks lie. */
#include <string.h>

#include "measure.h"

enum {
	PACKET = 64,
	BENCH_BLOCK = 1024, /* the block that the fleet's wire_block_ms stands for */
	WINDOW_BYTES = 32768,
	PLACES = 16,
	CODE_BEFORE_ID = 0x2000
};

uint32_t rom_code(const struct measure *m)
{
	return (stm32_series_row(m->part->series)->id_address & ~0x3ffu) - CODE_BEFORE_ID;
}

/* Flash that can be read: a word that faults, or read protection, must not spoil the times. */
static bool find_place(struct measure *m, size_t length, uint32_t *place)
{
	static uint8_t bytes[DFU_PIPE_MAX_LENGTH];
	const unsigned sectors = stm32_part_sectors(m->part);
	const char *answer;

	for (unsigned i = 0; i < PLACES && i < sectors && !m->flash_refused; i++) {
		*place = stm32_address(m->part, i * m->part->sector_bytes);
		if (read_at(m, *place, bytes, length, &answer))
			return true;
		if (m->dead)
			return false;
	}
	return false;
}

static void measure_block(struct measure *m, uint32_t place)
{
	const size_t most = m->link.session.block;
	const uint16_t length = (uint16_t)(most < BENCH_BLOCK ? most : BENCH_BLOCK);
	const unsigned packets = (length + PACKET - 1u) / PACKET;
	int64_t ns[MEASURE_SAMPLES];
	unsigned count = 0;
	struct reply reply;

	if (!point_at(m, place))
		return;
	for (unsigned i = 0; i < MEASURE_SAMPLES; i++) {
		ask_in(m, DFU_UPLOAD, 2, length, &reply);
		if (reply.io != DFU_IO_OK || reply.length != length)
			return;
		ns[count++] = reply.ns;
	}
	if (packets > 1)
		put_ms(m, "wire_block_ms",
		       m->small_ns + (median(ns, count) - m->small_ns) *
					     (BENCH_BLOCK / PACKET - 1) / (int64_t)(packets - 1));
	detail(m, "upload_ms",
	       json_pack("{s:i, s:o, s:o, s:o}", "bytes", length, "median",
			 ms_of(median(ns, count)), "least", ms_of(ns[0]), "most",
			 ms_of(ns[count - 1])));
}

static bool ignore_block(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	(void)address;
	(void)data;
	*(size_t *)user += length;
	return true;
}

static void measure_windows(struct measure *m, uint32_t place)
{
	const uint32_t bank = m->part->bank[0].base + stm32_bank_bytes(m->part, 0);
	const uint32_t left = place < bank ? bank - place : m->part->sector_bytes;
	const size_t length = left < WINDOW_BYTES ? left : WINDOW_BYTES;
	const unsigned usual = m->link.session.limits.window;
	json_t *rates = json_array();

	for (unsigned window = 1; window <= DFU_WINDOW_MOST; window++) {
		const int64_t start = clock_now();
		size_t got = 0;

		m->link.session.limits.window = window;
		if (!alive(m) ||
		    dfu_read(&m->link.session, place, length, ignore_block, &got) != DFU_OK ||
		    got != length)
			break;
		json_array_append_new(rates,
				      ms_of((clock_now() - start) / (int64_t)(length >> 10)));
	}
	m->link.session.limits.window = usual;
	m->has_read = true;
	detail(m, "upload_ms_a_kib_by_window", rates);
}

static void measure_longest(struct measure *m, uint32_t place)
{
	struct reply reply;

	if (!point_at(m, place))
		return;
	ask_in(m, DFU_UPLOAD, 2, DFU_PIPE_MAX_LENGTH, &reply);
	detail(m, "upload_of_4096",
	       json_pack("{s:s, s:i}", "answer", reply_word(&reply), "bytes", (int)reply.length));
	if (reply.io == DFU_IO_OK && reply.length > 0)
		put_number(m, "real_transfer_size", (int64_t)reply.length);
}

/* Block 3 of 64 bytes: 64 bytes behind block 2, or a transfer size. */
static void measure_stride(struct measure *m)
{
	const json_t *real = json_object_get(m->measured, "real_transfer_size");
	const uint32_t size = real ? (uint32_t)json_integer_value(real) : m->link.session.block;
	uint8_t near[PACKET], far[PACKET];
	struct reply reply;
	const char *answer;

	if (size <= PACKET || size > CODE_BEFORE_ID / 2 || m->confined || m->flash_refused ||
	    !read_at(m, rom_code(m) + PACKET, near, sizeof(near), &answer) ||
	    !read_at(m, rom_code(m) + size, far, sizeof(far), &answer) ||
	    memcmp(near, far, sizeof(near)) == 0 || !point_at(m, rom_code(m)))
		return;
	ask_in(m, DFU_UPLOAD, 3, PACKET, &reply);
	if (reply.io != DFU_IO_OK || reply.length != PACKET)
		return;
	if (memcmp(reply.data, near, PACKET) == 0)
		put_word(m, "stride", "request");
	else if (memcmp(reply.data, far, PACKET) == 0)
		put_word(m, "stride", "constant");
}

bool characterize_wire(struct measure *m)
{
	uint32_t place;

	if (find_place(m, m->link.session.block, &place)) {
		measure_block(m, place);
		if (!back_to_idle(m))
			return false;
		measure_windows(m, place);
		if (!back_to_idle(m))
			return false;
		measure_longest(m, place);
	}
	if (!back_to_idle(m))
		return false;
	measure_stride(m);
	return back_to_idle(m);
}
