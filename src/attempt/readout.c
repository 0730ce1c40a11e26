/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/readout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/attempt/same_board.h"
#include "h7gang/base/clock.h"
#include "h7gang/stm32/rom.h"
#include "board_link.h"
#include "probe.h"

#define READ_MS 300000     /* 2 MiB take 4 s on a bus of their own */
#define CHUNK (128u << 10) /* bytes a pointer is trusted for */
#define TRIES 3            /* at one place */

struct reading {
	struct readout *read;
	struct link link;
	uint32_t next; /* address of the block that has to come */
	size_t got;
};

static enum h7_error fail(struct readout *read, enum h7_error error, const char *why)
{
	snprintf(read->why, sizeof(read->why), "%s", why);
	return error;
}

/* `where`: "", or the failed step, with a colon and a space. */
static enum h7_error fail_dfu(struct reading *reading, enum dfu_result result, const char *where)
{
	char text[128];

	dfu_describe(&reading->link.session, result, text, sizeof(text));
	snprintf(reading->read->why, sizeof(reading->read->why), "%s%s", where, text);
	return result == DFU_GONE ? H7_NO_DEVICE : H7_USB_ERROR;
}

static enum h7_error confirm(struct reading *reading)
{
	struct readout *read = reading->read;
	enum likeness likeness;
	char uid[25], why[64];
	enum dfu_result result = same_board_ask(&reading->link, read->part, uid, &likeness);

	if (result != DFU_OK)
		return fail_dfu(reading, result, "asking for the UID after a re-attach: ");
	if (likeness == LIKENESS_SAME)
		return H7_OK;
	if (likeness == LIKENESS_UNPROVED)
		return fail(read, H7_USB_ERROR, SAME_BOARD_UNPROVED);
	snprintf(why, sizeof(why), SAME_BOARD_OTHER "%s%s", uid[0] ? ", with UID " : "", uid);
	return fail(read, H7_NO_DEVICE, why);
}

/* The largest part of that series with at most that flash size. */
static const struct stm32_part *part_up_to(enum stm32_series series, int64_t kib)
{
	const struct stm32_part *part, *found = NULL;

	for (unsigned i = 0; (part = stm32_part_at(i)); i++)
		if (part->series == series && part->flash_kib <= kib &&
		    (!found || part->flash_kib > found->flash_kib))
			found = part;
	return found;
}

/* The address behind its last bank. */
static uint32_t part_end(const struct stm32_part *part)
{
	const unsigned last = part->banks - 1;

	return part->bank[last].base + stm32_bank_bytes(part, last);
}

/* Whether the flash ends where that part's does: it knows the last sector, and no address behind
 * the last bank. `behind`: that one is known as well. */
static enum dfu_result ask_end(struct link *link, const struct stm32_part *part, bool largest,
			       bool *missing, bool *behind)
{
	enum dfu_result result = probe_end(link, part, missing);
	bool none = true;

	if (result == DFU_OK && !*missing && !largest)
		result = probe_missing(link, part_end(part), &none);
	*behind = !none;
	return result;
}

/* The size is not told: the largest part whose last sector the board knows. */
static enum h7_error find_end(struct reading *reading)
{
	struct readout *read = reading->read;
	const struct stm32_part *const largest = read->part, *part;
	bool missing = true, behind = false;

	read->end_sought = true;
	for (part = largest; part && missing;
	     part = part_up_to(part->series, part->flash_kib - 1)) {
		enum dfu_result result =
			ask_end(&reading->link, part, part == largest, &missing, &behind);
		enum h7_error error;

		if (result != DFU_OK)
			return fail_dfu(reading, result, "looking for the end of flash: ");
		error = confirm(reading);
		if (error != H7_OK)
			return error;
		read->part = part;
	}
	if (missing || behind)
		return fail(read, H7_WRONG_PART,
			    "its flash size cannot be read, and its flash ends where that of no "
			    "known part does");
	return H7_OK;
}

/* The part that the user names, unless the board's answers or its flash speak against it: the file
 * must not be shorter than the flash. */
static enum h7_error take_claim(struct reading *reading, int64_t kib)
{
	struct readout *read = reading->read;
	const struct stm32_part *const part = read->claimed;
	uint8_t bytes[64];

	if (part->series != read->part->series || (kib >= 0 && kib != part->flash_kib)) {
		snprintf(read->why, sizeof(read->why), "the board's answers are not those of %s",
			 part->name);
		return H7_WRONG_PART;
	}
	read->part = part;
	if (kib < 0 && dfu_read_block(&reading->link.session, part_end(part), bytes, sizeof(bytes),
				      NULL) == DFU_OK) {
		snprintf(read->why, sizeof(read->why), "the board has flash behind the end of %s",
			 part->name);
		return H7_WRONG_PART;
	}
	if (link_recover(&reading->link) != DFU_OK)
		return fail(read, H7_DFU_STUCK, "not recovered after a read behind its end");
	return confirm(reading);
}

static enum h7_error find_part(struct reading *reading, int64_t kib)
{
	struct readout *read = reading->read;
	const struct stm32_part *part = part_up_to(read->part->series, kib);

	if (read->claimed)
		return take_claim(reading, kib);
	if (!part || part->flash_kib != kib)
		return find_end(reading);
	read->part = part;
	return H7_OK;
}

static bool take(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	struct reading *reading = user;
	struct readout *read = reading->read;

	if (address != reading->next || length > read->length - reading->got)
		return false;
	memcpy(read->bytes + reading->got, data, length);
	reading->next += (uint32_t)length;
	reading->got += length;
	return true;
}

static enum h7_error read_bank(struct reading *reading, const struct stm32_bank *bank)
{
	struct readout *read = reading->read;
	uint32_t end = bank->base + bank->sectors * read->part->sector_bytes;
	unsigned failures = 0;
	enum h7_error error;
	char where[40];

	reading->next = bank->base;
	while (reading->next < end) {
		uint32_t at = reading->next, left = end - at;
		enum dfu_result result = dfu_read(&reading->link.session, at,
						  left < CHUNK ? left : CHUNK, take, reading);

		if (read->progress)
			read->progress(read->user, (unsigned)(reading->got * 100 / read->length));
		if (result == DFU_OK && reading->next > at) {
			failures = 0;
			continue;
		}
		if (result == DFU_OK)
			return fail(read, H7_USB_ERROR, "blocks came out of order");
		snprintf(where, sizeof(where), "0x%08x cannot be read: ", reading->next);
		error = fail_dfu(reading, result, where);
		failures = reading->next > at ? 1 : failures + 1;
		if (failures == TRIES || result == DFU_GONE || result == DFU_EXPIRED ||
		    result == DFU_LEAKED || link_recover(&reading->link) != DFU_OK)
			return error;
		error = confirm(reading);
		if (error != H7_OK)
			return error;
	}
	return H7_OK;
}

static enum h7_error read_part(struct reading *reading)
{
	struct readout *read = reading->read;
	const struct stm32_part *part = read->part;
	enum h7_error error = H7_OK;

	if (read->bank > part->banks) {
		read->no_bank = true;
		return fail(read, H7_WRONG_PART, "this part has one bank");
	}
	read->length = read->bank ? stm32_bank_bytes(part, read->bank - 1) : stm32_part_bytes(part);
	read->bytes = malloc(read->length);
	if (!read->bytes)
		return fail(read, H7_USB_ERROR, "no memory");
	for (unsigned b = 0; b < part->banks && error == H7_OK; b++)
		if (read->bank == 0 || read->bank == b + 1)
			error = read_bank(reading, &part->bank[b]);
	if (error != H7_OK) {
		free(read->bytes);
		read->bytes = NULL;
	}
	return error;
}

static enum h7_error with_link(struct reading *reading)
{
	struct readout *read = reading->read;
	struct link *link = &reading->link;
	enum dfu_result result;
	struct probe probe;
	struct stm32_evidence evidence;
	const struct stm32_part *part;
	enum h7_error error;
	uint8_t state;

	result = dfu_get_state(&link->session, &state);
	if (result == DFU_OK && board_busy(state))
		return fail(read, H7_DFU_STUCK, "in the middle of a download: left alone");
	result = link_recover(link);
	if (result == DFU_OK)
		result = board_probe(link, &probe, &evidence, &part);
	if (result != DFU_OK)
		return fail_dfu(reading, result, "");
	if (probe.rdp > 0 || (probe.rdp < 0 && probe.flash_refused))
		return fail(read, H7_READ_PROTECTED, "the part is read-protected");
	if (!part)
		return fail(read, H7_WRONG_PART,
			    "the board does not identify itself as an STM32H7");
	read->part = part; /* of its series */
	same_board_keep(link, probe.uid, evidence.flash ? evidence.flash->text : probe.layout,
			probe.answers.serial);
	error = find_part(reading, probe.answers.flash_kib);
	return error == H7_OK ? read_part(reading) : error;
}

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

enum h7_error readout_run(struct readout *read)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	enum h7_error error = H7_USB_ERROR;
	struct usb_seen seen;
	struct usb_bus *bus;

	read->part = NULL;
	read->end_sought = false;
	read->bytes = NULL;
	read->length = 0;
	if (!reading)
		return fail(read, error, "no memory");
	reading->read = read;
	bus = usb_bus_open(&read->filter, ignore, NULL, read->why, sizeof(read->why));
	if (!bus)
		goto out;
	usb_bus_rescan(bus);
	if (!usb_bus_find(bus, read->path, &seen)) {
		error = fail(read, H7_NO_DEVICE, "no target in ROM DFU there");
	} else {
		board_link(&reading->link, bus, read->path, clock_after_ms(READ_MS));
		reading->link.limits.window = DFU_WINDOW_USUAL;
		if (link_attach(&reading->link) == DFU_OK) {
			error = with_link(reading);
			link_close(&reading->link);
		} else {
			fail(read, error, reading->link.why);
		}
	}
	if (!reading->link.leaked)
		usb_bus_close(bus);
out:
	free(reading);
	return error;
}
