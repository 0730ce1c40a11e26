/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One erase, one write: how both are observed, and how to survive their failures. */
#include <stdio.h>
#include <string.h>

#include "measure.h"

enum { POLL_MOST_MS = 5000, REPEAT_LEAST_MS = 100 };

bool sector_usable(const struct measure *m, unsigned sector)
{
	const uint32_t status = m->option.length ? stm32_option_register(&m->option, 0) : 0;
	const unsigned bank = stm32_bank_of(m->part, sector * m->part->sector_bytes);

	if (!stm32_sector_open(m->part, &m->evidence, sector))
		return false;
	if (!m->option.length || !stm32_wrp_known(&m->option, bank))
		return true;
	/* With banks swapped, protection counts by physical sector: none of either bank then. */
	if (status & 1u << 31)
		for (unsigned s = 0; s < stm32_part_sectors(m->part); s++)
			if (stm32_wrp_get(m->part, &m->option, s))
				return false;
	return !stm32_wrp_get(m->part, &m->option, sector);
}

/* The last one of the bank that may be used: an application starts at the first. */
bool test_sector(struct measure *m, unsigned bank, uint32_t *address)
{
	const unsigned sectors = stm32_part_sectors(m->part);

	for (unsigned s = sectors; s-- > 0;) {
		if (stm32_bank_of(m->part, s * m->part->sector_bytes) != bank ||
		    !sector_usable(m, s))
			continue;
		*address = stm32_address(m->part, s * m->part->sector_bytes);
		return true;
	}
	snprintf(m->why, sizeof(m->why), "no sector of bank %u may be erased", bank + 1);
	return false;
}

void fill_pattern(uint8_t *bytes, size_t length, uint32_t seed)
{
	uint32_t state = seed * 2654435761u + 1;

	for (size_t i = 0; i < length; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24 & 0x7f); /* never blank */
	}
}

/* The second GETSTATUS; asked again when the poll time is over where an early one is stalled. */
static bool ask_second(struct measure *m, uint32_t poll_ms, struct dfu_status *status,
		       struct reply *reply)
{
	const uint32_t most = STM32_MASS_WORST_MS + MEASURE_TRANSFER_MS;
	const uint32_t pause = poll_ms < POLL_MOST_MS ? poll_ms : POLL_MOST_MS;

	if (m->early_stalls)
		clock_sleep_until(clock_after_ms(pause + 1));
	if (ask_status(m, most, status, reply))
		return true;
	if (reply->io != DFU_IO_STALL)
		return false;
	m->early_stalls = true;
	clock_sleep_until(clock_after_ms(pause + 1));
	return ask_status(m, most, status, reply);
}

static bool refused(struct measure *m, struct erasing *seen, uint8_t status)
{
	seen->refused = true;
	seen->status = status;
	return back_to_idle(m);
}

/* Whether a question starts a wedged erase again: then the next read waits for it. Afterwards
 * nothing runs any more. */
static bool probe_wedge(struct measure *m, uint32_t address, struct erasing *seen)
{
	const int64_t least = m->sector_ns > 0 ? m->sector_ns / 2 : REPEAT_LEAST_MS * CLOCK_MS;
	struct dfu_status status;
	struct reply reply = {0};
	bool read = false;

	ask_status(m, MEASURE_TRANSFER_MS, &status, &reply);
	if (unwedge(m) && point_at(m, address)) {
		ask(m, 0xa1, DFU_UPLOAD, 2, NULL, 64, STM32_SECTOR_WORST_MS + MEASURE_TRANSFER_MS,
		    &reply);
		read = reply.io == DFU_IO_OK;
	}
	seen->repeats = read && reply.ns > least;
	clock_sleep_until(clock_after_ms(STM32_SECTOR_WORST_MS));
	return back_to_idle(m);
}

bool erase_at(struct measure *m, uint32_t address, struct erasing *seen)
{
	const uint32_t most = STM32_SECTOR_WORST_MS + MEASURE_TRANSFER_MS;
	struct dfu_status status;
	struct reply reply;

	*seen = (struct erasing){0};
	if (!may_write(m))
		return false;
	ask_command(m, 0x41, address, &reply);
	if (reply.io != DFU_IO_OK || !ask_status(m, most, &status, &reply))
		return refused(m, seen, DFU_ERR_UNKNOWN);
	seen->first_ns = reply.ns - m->small_ns;
	seen->poll_ms = status.poll_ms;
	if (status.status != DFU_STATUS_OK)
		return refused(m, seen, status.status);
	if (status.state == DFU_DNBUSY || status.state == DFU_DNLOAD_SYNC) {
		if (!ask_second(m, status.poll_ms, &status, &reply))
			return refused(m, seen, DFU_ERR_UNKNOWN);
		seen->second_ns = reply.ns - m->small_ns;
	}
	if (status.status != DFU_STATUS_OK)
		return refused(m, seen, status.status);
	/* Even after a good answer nothing touches flash before the datasheet's worst case is
	 * over. */
	clock_sleep_until(clock_after_ms(STM32_SECTOR_WORST_MS));
	if (status.state == DFU_DNBUSY) {
		if (!ask_status(m, most, &status, &reply))
			return refused(m, seen, DFU_ERR_UNKNOWN);
		seen->wedged = status.state == DFU_DNBUSY;
		if (seen->wedged)
			clock_sleep_until(clock_after_ms(STM32_SECTOR_WORST_MS));
	}
	return seen->wedged ? probe_wedge(m, address, seen) : back_to_idle(m);
}

/* A write that the board may lose: to RAM, or where RAM cannot be written, to flash, where it is
 * lost for sure. */
static void spend_write(struct measure *m, uint32_t address)
{
	static const uint8_t zeros[MEASURE_LOST_BYTES];
	uint8_t blank[MEASURE_LOST_BYTES];
	struct writing seen;

	if (alive(m) &&
	    dfu_write_block(&m->link.session, MEASURE_FREE_RAM, zeros, sizeof(zeros)) == DFU_OK) {
		m->has_read = false;
		return;
	}
	if (!back_to_idle(m) || !set_pointer(m, address))
		return;
	memset(blank, 0xff, sizeof(blank));
	write_block(m, 2, blank, sizeof(blank), &seen);
}

bool point_to_write(struct measure *m, uint32_t address)
{
	if (!may_write(m))
		return false;
	if (m->loses_word && m->has_read)
		spend_write(m, address);
	if (set_pointer(m, address))
		return true;
	back_to_idle(m);
	return false;
}

bool write_block(struct measure *m, uint16_t value, const uint8_t *bytes, uint16_t length,
		 struct writing *seen)
{
	struct dfu_status status;
	struct reply reply;

	*seen = (struct writing){.refused = true, .status = DFU_ERR_UNKNOWN};
	if (!board_known(m))
		return false;
	ask_out(m, DFU_DNLOAD, value, bytes, length, &reply);
	if (reply.io != DFU_IO_OK || !ask_status(m, MEASURE_TRANSFER_MS, &status, &reply))
		return false;
	seen->first_ns = reply.ns - m->small_ns;
	seen->poll_ms = status.poll_ms;
	seen->status = status.status;
	if (status.status == DFU_STATUS_OK && status.state != DFU_DNLOAD_IDLE) {
		if (!ask_second(m, status.poll_ms, &status, &reply))
			return false;
		seen->second_ns = reply.ns - m->small_ns;
		seen->status = status.status;
	}
	seen->refused = status.status != DFU_STATUS_OK || status.state != DFU_DNLOAD_IDLE;
	return !seen->refused;
}
