/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The functions of the usb room and of base/clock that a job calls, over the scripted target.
 * Linked into fuzz_job alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job_target.h"
#include "h7gang/base/clock.h"
#include "h7gang/dfu/names.h"
#include "h7gang/stm32/option.h"
#include "h7gang/stm32/series.h"
#include "h7gang/usb/enter.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/power.h"
#include "h7gang/usb/wire.h"

struct target target;
int64_t fuzz_now;

enum oddity { /* a script's effects on a request */
	      ODD_STALL,
	      ODD_STALL_ERROR,
	      ODD_SILENT, /* no answer, nothing was done */
	      ODD_MUTE,   /* no answer, yet it was done */
	      ODD_GONE,   /* off the bus, and back after a while */
	      ODD_GONE_FOR_EVER,
	      ODD_OVERFLOW,
	      ODD_BUS_ERROR,
	      ODD_SHORT,  /* fewer bytes */
	      ODD_DATA,   /* other bytes */
	      ODD_ANSWER, /* bytes of the script's own, as many as are asked for */
	      ODD_DROP,   /* the flash operation is not done, and ends well */
	      ODD_FLIP,   /* the flash operation leaves a bit inverted */
	      ODD_SLOW,
	      ODD_STATE, /* another state than it says */
	      ODD_NO_MEMORY,
	      ODDITIES
};

uint8_t script_byte(struct script *script)
{
	return script->at < script->end ? *script->at++ : 0;
}

static void step(void)
{
	if (++target.steps > STEPS_MAX)
		abort(); /* without end */
}

/* The oddity of this request, or ODDITIES. */
static enum oddity next_oddity(void)
{
	struct script *script = &target.script;
	enum oddity oddity;

	if (script->at == script->end)
		return ODDITIES;
	if (script->gap > 0) {
		script->gap--;
		return ODDITIES;
	}
	oddity = script_byte(script) % ODDITIES;
	script->gap = script_byte(script);
	if (script->gap >= 0xF0) /* further away than a byte can say */
		script->gap = (script->gap - 0xEF) * 128;
	target.odd = true;
	return oddity;
}

/* time */

int64_t clock_now(void)
{
	return fuzz_now;
}

int64_t clock_after_ms(int64_t ms)
{
	return ms < 0 ? fuzz_now : fuzz_now + ms * CLOCK_MS;
}

int64_t clock_elapsed_ms(int64_t since)
{
	return since < fuzz_now ? (fuzz_now - since) / CLOCK_MS : 0;
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The computer is never suspended. */
int64_t clock_suspended_ms(void)
{
	return 0;
}

int64_t clock_suspended_since(int64_t reading)
{
	(void)reading;
	return 0;
}

void clock_sleep_until(int64_t deadline)
{
	step();
	if (deadline == CLOCK_NEVER)
		abort();
	if (deadline > fuzz_now)
		fuzz_now = deadline;
}

/* flash */

void target_power(void)
{
	target.state = DFU_IDLE;
	target.status = DFU_STATUS_OK;
	target.alt = 0;
	target.pointer = 0x08000000;
	target.pending = target.wedged = false;
	target.address++;
}

static bool in_flash(uint32_t address, uint32_t *offset)
{
	return stm32_offset(target.part, address, offset);
}

/* All of it, in one bank: offsets then follow each other. */
static bool flash_range(uint32_t address, size_t length, uint32_t *offset)
{
	uint32_t last;

	return length > 0 && in_flash(address, offset) &&
	       in_flash(address + (uint32_t)length - 1, &last) && last - *offset == length - 1;
}

static void touch(void)
{
	if (fuzz_now < target.busy_until && !target.odd)
		abort(); /* flash was touched while it was busy, and nothing odd had happened */
}

static void flip(void)
{
	uint32_t at = script_byte(&target.script);

	at |= (uint32_t)script_byte(&target.script) << 8;
	at |= (uint32_t)(script_byte(&target.script) & 0x1F) << 16;
	target.flash[at % target.flash_bytes] ^= (uint8_t)(1u << (script_byte(&target.script) & 7));
}

static void erase(uint32_t offset, uint32_t bytes, bool early)
{
	memset(target.flash + offset, 0xFF, bytes);
	if (early)
		target.busy_until = fuzz_now + script_byte(&target.script) * 15 * CLOCK_MS;
}

static uint32_t address_in(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* What DNLOAD stored; in the GETSTATUS after it. `oddity`: ODD_DROP, ODD_FLIP or none. */
static void operate(enum oddity oddity)
{
	uint32_t offset;

	target.pending = false;
	target.state = DFU_DNLOAD_IDLE;
	if (target.stored_length == 0) /* left */ {
		target.state = DFU_MANIFEST;
		return;
	}
	if (target.stored_value == 0) {
		switch (target.stored[0]) {
		case 0x21:
			if (target.stored_length == 5)
				target.pointer = address_in(target.stored + 1);
			return;
		case 0x41:
			touch();
			fuzz_now += 900 * CLOCK_MS;
			if (target.stored_length == 1 && oddity != ODD_DROP) {
				if (target.rom->mass != STM32_MASS_UNTRUSTED)
					erase(0, target.flash_bytes,
					      target.rom->mass == STM32_MASS_RETURNS_EARLY);
			} else if (in_flash(address_in(target.stored + 1), &offset)) {
				unsigned bank = stm32_bank_of(target.part, offset);

				offset -= offset % target.part->sector_bytes;
				if (oddity != ODD_DROP)
					erase(offset, target.part->sector_bytes,
					      target.rom->sector[bank] ==
						      STM32_ERASE_RETURNS_EARLY);
				target.wedged = target.rom->sector[bank] == STM32_ERASE_WEDGES;
				if (target.wedged)
					target.state = DFU_DNBUSY;
			}
			break;
		case 0x92:
			erase(0, target.flash_bytes, false);
			target.rdp = 0xAA;
			target.present = false;
			target.back_at = fuzz_now + 100 * CLOCK_MS;
			break;
		default:
			target.state = DFU_ERROR;
			target.status = DFU_ERR_TARGET;
		}
	} else {
		uint32_t address = target.pointer +
				   (target.stored_value - 2u) * (uint32_t)target.stored_length;

		touch();
		for (size_t i = 0; i < target.stored_length && oddity != ODD_DROP; i++)
			if (target.stored_value >= 2 && in_flash(address + (uint32_t)i, &offset))
				target.flash[offset] &= target.stored[i];
	}
	if (oddity == ODD_FLIP)
		flip();
}

/* UPLOAD: flash, or what identifies the part. False: stalled. */
static const struct stm32_series_row *where(void)
{
	return stm32_series_row(target.part->series);
}

static bool upload(uint16_t value, uint8_t *data, size_t length)
{
	uint32_t address = target.pointer + (value - 2u) * (uint32_t)length, offset;
	bool known = true;

	if (value < 2 || (target.state != DFU_IDLE && target.state != DFU_UPLOAD_IDLE))
		return false;
	target.state = DFU_UPLOAD_IDLE;
	if (target.rdp == 0xAA && flash_range(address, length, &offset)) {
		touch();
		memcpy(data, target.flash + offset, length);
		return true;
	}
	for (size_t i = 0; i < length && known; i++) {
		uint32_t at = address + (uint32_t)i;

		if (in_flash(at, &offset)) {
			known = target.rdp == 0xAA;
			touch();
			data[i] = target.flash[offset];
		} else if (at - where()->uid_address < 12) {
			data[i] = (uint8_t)(0x30 + at - where()->uid_address);
			known = target.rdp == 0xAA && !target.refuses;
		} else if (at - where()->size_address < 2) {
			data[i] = (uint8_t)(target.part->flash_kib >>
					    8 * (at - where()->size_address));
		} else if (at - where()->id_address < 2) {
			data[i] = at == where()->id_address ? target.id : 0xFF;
			known = !target.refuses;
		} else if (at - STM32_OPTION_ADDRESS < 128 && target.alt == 1) {
			static const uint8_t usual[4] = {0xF0, 0xAA, 0xC6, 0x1B};

			data[i] = i < 4 ? usual[i] : 0;
			if (i == 1)
				data[i] = target.rdp;
			known = target.rdp == 0xAA;
		} else {
			known = false;
		}
	}
	if (!known) {
		target.state = DFU_ERROR;
		target.status = target.rdp == 0xAA ? DFU_ERR_TARGET : DFU_ERR_VENDOR;
	}
	return known;
}

/* As the UID that upload() tells folds. */
static const char *serial(void)
{
	return target.part->series == STM32_H74X ? "200364500000" : "6E6C6A683736";
}

static bool get_string(uint8_t index, uint8_t *data, size_t *actual)
{
	static const char *const options[] = {
		[STM32_H74X] = "@Option Bytes   /0x5200201C/01*128 e",
		[STM32_H72X] = "@Option Bytes   /0x5200201C/01*88 e",
		[STM32_H7AX] = "@Option Bytes   /0x5200201C/01*297 e",
	};
	const char *text = index == 1   ? target.layout
			   : index == 2 ? options[target.part->series]
			   : index == 3 ? serial()
					: "";
	size_t n = 0;

	if (index > 3)
		return false;
	if (index == 0) {
		memcpy(data, "\x04\x03\x09\x04", 4);
		*actual = 4;
		return true;
	}
	while (text[n] && 2 * n + 3 < 255) {
		data[2 + 2 * n] = (uint8_t)text[n];
		data[3 + 2 * n] = 0;
		n++;
	}
	data[0] = (uint8_t)(2 + 2 * n);
	data[1] = 3;
	*actual = data[0];
	return true;
}

static void get_status(uint8_t *data, enum oddity oddity)
{
	if (target.pending && target.state == DFU_DNLOAD_SYNC)
		operate(oddity);
	data[0] = target.status;
	memset(data + 1, 0, 3);
	data[4] = target.state;
	data[5] = 0;
	if (target.state == DFU_MANIFEST) {
		target.present = false;
		target.back_at = CLOCK_NEVER;
	}
}

static bool clear_status(void)
{
	if (target.wedged) { /* ST community 244731 */
		target.wedged = false;
		target.state = DFU_ERROR;
		target.status = DFU_ERR_UNKNOWN;
		return true;
	}
	if (target.state != DFU_ERROR)
		return false;
	target.state = DFU_IDLE;
	target.status = DFU_STATUS_OK;
	return true;
}

static bool abort_request(void)
{
	if (target.state != DFU_IDLE && target.state != DFU_DNLOAD_SYNC &&
	    target.state != DFU_DNLOAD_IDLE && target.state != DFU_MANIFEST_SYNC &&
	    target.state != DFU_UPLOAD_IDLE)
		return false;
	target.state = DFU_IDLE;
	target.pending = false;
	return true;
}

static bool download(uint16_t value, const uint8_t *out, size_t length)
{
	if (target.state != DFU_IDLE && target.state != DFU_DNLOAD_IDLE)
		return false;
	if (length > 0 && (value != 0 || out[0] != 0x21) && !target.may_touch)
		abort(); /* an erase or a write that is on no record */
	if (length > 0)
		memcpy(target.stored, out, length);
	target.stored_value = value;
	target.stored_length = length;
	target.pending = true;
	target.state = DFU_DNLOAD_SYNC;
	return true;
}

/* Serves one request as a ROM would. False: stalled. */
static bool serve(const struct dfu_setup *setup, const uint8_t *out, uint8_t *data, size_t *actual,
		  enum oddity oddity)
{
	*actual = setup->length;
	if (setup->request_type == 0x80)
		return setup->request == 6 && setup->value >> 8 == 3 &&
		       get_string((uint8_t)setup->value, data, actual);
	if (target.state == DFU_ERROR && setup->request != DFU_GETSTATUS &&
	    setup->request != DFU_GETSTATE && setup->request != DFU_CLRSTATUS)
		return false;
	switch (setup->request) {
	case DFU_DNLOAD:
		return download(setup->value, out, setup->length);
	case DFU_UPLOAD:
		return upload(setup->value, data, setup->length);
	case DFU_GETSTATUS:
		if (setup->length != 6)
			abort();
		get_status(data, oddity);
		return true;
	case DFU_CLRSTATUS:
		return clear_status();
	case DFU_GETSTATE:
		data[0] = target.state;
		return true;
	case DFU_ABORT:
		return abort_request();
	default:
		abort(); /* never sent */
	}
}

/* the pipe */

static void leave_bus(bool for_ever)
{
	target.present = false;
	target.back_at =
		for_ever ? CLOCK_NEVER : fuzz_now + script_byte(&target.script) * 40 * CLOCK_MS;
}

static enum dfu_io carry(struct usb_device *device, unsigned slot, const struct dfu_setup *setup,
			 const uint8_t *out, int64_t from)
{
	enum oddity oddity = next_oddity();
	uint8_t *data = device->slot[slot].data;
	size_t *actual = &device->slot[slot].actual;
	bool is_read = setup->request == DFU_UPLOAD && setup->request_type == 0xA1;
	bool served;

	device->slot[slot].sent = from;
	device->slot[slot].lands = from + CLOCK_MS;
	*actual = 0;
	switch (oddity) {
	case ODD_STALL:
		return DFU_IO_STALL;
	case ODD_STALL_ERROR:
		target.state = DFU_ERROR;
		target.status = script_byte(&target.script);
		target.pending = false;
		return DFU_IO_STALL;
	case ODD_SILENT:
		device->slot[slot].lands = CLOCK_NEVER;
		return DFU_IO_OK;
	case ODD_GONE:
	case ODD_GONE_FOR_EVER:
		leave_bus(oddity == ODD_GONE_FOR_EVER);
		return DFU_IO_GONE;
	case ODD_OVERFLOW:
		return DFU_IO_OVERFLOW;
	case ODD_BUS_ERROR:
		return DFU_IO_ERROR;
	case ODD_STATE:
		target.state = script_byte(&target.script) % 12;
		break;
	case ODD_SLOW:
		device->slot[slot].lands += script_byte(&target.script) * 100 * CLOCK_MS;
		break;
	default:
		break;
	}
	served = serve(setup, out, data, actual, oddity);
	if (oddity == ODD_MUTE)
		device->slot[slot].lands = CLOCK_NEVER;
	if (!served && oddity != ODD_ANSWER)
		return DFU_IO_STALL;
	if (!(setup->request_type & 0x80))
		return DFU_IO_OK;
	if (oddity == ODD_SHORT && *actual > 0)
		*actual = script_byte(&target.script) % *actual;
	if (oddity == ODD_DATA && *actual > 0) {
		data[script_byte(&target.script) % *actual] ^=
			(uint8_t)(script_byte(&target.script) | 1);
		target.lied |= is_read;
	}
	if (oddity == ODD_ANSWER) {
		*actual = script_byte(&target.script);
		if (*actual > setup->length)
			*actual = setup->length;
		for (size_t i = 0; i < *actual; i++)
			data[i] = script_byte(&target.script);
		target.lied |= is_read;
	}
	return DFU_IO_OK;
}

static bool is_empty(const struct usb_device *device)
{
	for (unsigned s = 0; s < DFU_PIPE_SLOTS; s++)
		if (device->slot[s].used)
			return false;
	return true;
}

static enum dfu_io fuzz_submit(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *setup,
			       const uint8_t *out)
{
	struct usb_device *device = (struct usb_device *)pipe;

	step();
	if (slot >= DFU_PIPE_SLOTS || device->slot[slot].used ||
	    setup->length > DFU_PIPE_MAX_LENGTH)
		abort();
	if (!target.present)
		return DFU_IO_GONE;
	if (target.script.at < target.script.end && target.script.gap == 0 &&
	    *target.script.at % ODDITIES == ODD_NO_MEMORY) {
		next_oddity();
		return DFU_IO_NOMEM;
	}
	device->refused = device->refused && !is_empty(device);
	device->slot[slot].used = true;
	device->slot[slot].length = setup->length;
	device->slot[slot].io = carry(device, slot, setup, out, fuzz_now);
	return DFU_IO_OK;
}

/* The one before it has been carried already, if it ever is: the question is asked at once. */
static enum dfu_io fuzz_hold(struct dfu_pipe *pipe, unsigned slot, unsigned behind,
			     const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go,
			     int64_t until)
{
	struct usb_device *device = (struct usb_device *)pipe;
	const struct dfu_reply reply = {
		.io = device->slot[behind].lands == CLOCK_NEVER ? DFU_IO_TIMEOUT
								: device->slot[behind].io,
		.length = device->slot[behind].length,
		.actual = device->slot[behind].actual,
		.data = device->slot[behind].data,
	};
	int64_t from = reply.io == DFU_IO_TIMEOUT ? fuzz_now : device->slot[behind].lands;
	bool goes;

	step();
	if (slot >= DFU_PIPE_SLOTS || device->slot[slot].used || !device->slot[behind].used ||
	    setup->length > DFU_PIPE_MAX_LENGTH)
		abort();
	goes = !device->refused && may_go(&reply);
	if (goes && reply.io != DFU_IO_OK)
		abort(); /* something goes out behind what failed */
	device->slot[slot].used = true;
	device->slot[slot].length = setup->length;
	device->slot[slot].actual = 0;
	device->slot[slot].sent = 0;
	device->slot[slot].lands = from;
	goes = goes && from < until;
	device->refused = !goes;
	if (goes)
		device->slot[slot].io =
			target.present ? carry(device, slot, setup, out, from) : DFU_IO_GONE;
	else
		device->slot[slot].io = DFU_IO_UNSENT;
	return DFU_IO_OK;
}

static struct dfu_times fuzz_times(const struct dfu_pipe *pipe, unsigned slot)
{
	const struct usb_device *device = (const struct usb_device *)pipe;

	return (struct dfu_times){device->slot[slot].sent, device->slot[slot].lands == CLOCK_NEVER
								   ? fuzz_now
								   : device->slot[slot].lands};
}

static enum dfu_io fuzz_wait(struct dfu_pipe *pipe, unsigned slot, int64_t deadline,
			     const uint8_t **data, size_t *actual)
{
	struct usb_device *device = (struct usb_device *)pipe;

	step();
	if (slot >= DFU_PIPE_SLOTS || !device->slot[slot].used || deadline == CLOCK_NEVER)
		abort();
	device->slot[slot].used = false;
	if (device->slot[slot].lands > deadline) {
		fuzz_now = deadline > fuzz_now ? deadline : fuzz_now;
		return DFU_IO_TIMEOUT;
	}
	if (device->slot[slot].lands > fuzz_now)
		fuzz_now = device->slot[slot].lands;
	if (device->slot[slot].io == DFU_IO_OK) {
		*data = device->slot[slot].data;
		*actual = device->slot[slot].actual;
	}
	return device->slot[slot].io;
}

static enum dfu_io fuzz_drain(struct dfu_pipe *pipe)
{
	struct usb_device *device = (struct usb_device *)pipe;

	for (unsigned s = 0; s < DFU_PIPE_SLOTS; s++)
		device->slot[s].used = false;
	return target.present ? DFU_IO_OK : DFU_IO_GONE;
}

static enum dfu_io fuzz_set_alt(struct dfu_pipe *pipe, unsigned alt)
{
	enum oddity oddity = next_oddity();
	struct usb_device *device = (struct usb_device *)pipe;

	step();
	for (unsigned s = 0; s < DFU_PIPE_SLOTS; s++)
		if (device->slot[s].used)
			abort();
	if (!target.present)
		return DFU_IO_GONE;
	if (oddity == ODD_STALL || oddity == ODD_STALL_ERROR)
		return DFU_IO_STALL;
	if (oddity == ODD_SILENT) {
		fuzz_now += 5000 * CLOCK_MS;
		return DFU_IO_TIMEOUT;
	}
	target.alt = (uint8_t)alt;
	return DFU_IO_OK;
}

static enum dfu_io fuzz_reset(struct dfu_pipe *pipe)
{
	enum oddity oddity = next_oddity();

	(void)pipe;
	step();
	if (!target.present)
		return DFU_IO_GONE;
	if (oddity == ODD_BUS_ERROR || oddity == ODD_STALL)
		return DFU_IO_ERROR;
	target_power();
	if (oddity == ODD_GONE || oddity == ODD_GONE_FOR_EVER) {
		leave_bus(oddity == ODD_GONE_FOR_EVER);
		return DFU_IO_GONE;
	}
	return oddity == ODD_SHORT ? DFU_IO_GONE : DFU_IO_OK;
}

static const struct dfu_pipe_ops fuzz_ops = {
	.submit = fuzz_submit,
	.hold = fuzz_hold,
	.times = fuzz_times,
	.wait = fuzz_wait,
	.drain = fuzz_drain,
	.set_alt = fuzz_set_alt,
	.reset = fuzz_reset,
};

/* the usb room */

static bool is_here(void)
{
	if (!target.present && fuzz_now >= target.back_at) {
		target.present = true;
		target_power();
	}
	return target.present;
}

static void see(struct usb_seen *seen)
{
	*seen = (struct usb_seen){
		.path = "1-1", .bus = 1, .address = target.address, .vid = 0x0483, .pid = 0xDF11};
}

bool usb_bus_find(struct usb_bus *bus, const char *path, struct usb_seen *seen)
{
	(void)bus;
	(void)path;
	step();
	if (!is_here())
		return false;
	see(seen);
	return true;
}

bool usb_bus_present(struct usb_bus *bus, const struct usb_seen *seen)
{
	(void)bus;
	step();
	return is_here() && seen->address == target.address;
}

void usb_bus_look(struct usb_bus *bus)
{
	(void)bus;
	step();
}

struct usb_device *usb_open(struct usb_bus *bus, const char *path, unsigned targets,
			    uint32_t claim_ms, int64_t deadline, enum dfu_io *io, char *why,
			    size_t why_size)
{
	static const uint16_t sizes[] = {1024, 1024, 64, 2048, 4096, 0, 65535, 100};
	struct usb_device *device = &target.device;

	(void)bus;
	(void)path;
	(void)targets;
	(void)claim_ms;
	(void)deadline;
	step();
	if (target.open)
		abort(); /* the handle before it was not closed */
	if (!is_here()) {
		*io = DFU_IO_GONE;
		snprintf(why, why_size, "gone");
		return NULL;
	}
	memset(device->slot, 0, sizeof(device->slot));
	see(&device->seen);
	device->pipe.ops = &fuzz_ops;
	device->pipe.descriptors = (struct dfu_descriptors){.release = 0x0200,
							    .serial_string = 3,
							    .alt_count = 2,
							    .alt = {{0, 1}, {1, 2}},
							    .has_functional = true,
							    .attributes = 0x0B,
							    .transfer_size = sizes[target.size],
							    .dfu_version = 0x011A};
	target.open = true;
	*io = DFU_IO_OK;
	return device;
}

struct dfu_pipe *usb_device_pipe(struct usb_device *device)
{
	return &device->pipe;
}

const struct usb_seen *usb_device_seen(const struct usb_device *device)
{
	return &device->seen;
}

bool usb_device_close(struct usb_device *device)
{
	(void)device;
	target.open = false;
	return true;
}

/* --- alone on its wire --- */

int64_t usb_wire_ns(uint32_t bytes)
{
	return bytes * 800 + 20000;
}

struct usb_seat *usb_device_seat(struct usb_device *device)
{
	return (struct usb_seat *)device;
}

struct usb_sharers usb_seat_sharers(struct usb_seat *seat)
{
	(void)seat;
	return (struct usb_sharers){1, 1};
}

bool usb_turn_take(struct usb_seat *seat, const struct usb_turn *turn, int64_t deadline,
		   bool (*stop)(void *user), void *user)
{
	(void)seat, (void)turn, (void)deadline, (void)stop, (void)user;
	return true;
}

void usb_turn_give(struct usb_seat *seat)
{
	(void)seat;
}

int64_t usb_wire_best(struct usb_seat *seat, enum usb_load load, uint32_t block, int64_t best)
{
	(void)seat, (void)load, (void)block;
	return best;
}

bool usb_wire_may_idle(struct usb_seat *seat, unsigned wire, unsigned bus)
{
	(void)seat, (void)wire, (void)bus;
	return true;
}

void usb_memory_why(char *text, size_t size)
{
	snprintf(text, size, "the kernel has no memory left for USB transfers");
}

/* --- no hub switches power, and no application is on the bus --- */

enum usb_cycle usb_power_cycle(struct usb_bus *bus, const char *path, uint32_t off_ms, char *why,
			       size_t why_size)
{
	(void)bus, (void)path, (void)off_ms;
	snprintf(why, why_size, "no hub");
	return USB_CYCLE_REFUSED;
}

bool usb_detach(struct usb_bus *bus, const char *path, const struct usb_filter *application,
		char *why, size_t why_size)
{
	(void)bus, (void)path, (void)application;
	snprintf(why, why_size, "no application");
	return false;
}

bool usb_touch(struct usb_bus *bus, const char *path, const struct usb_filter *application,
	       char *why, size_t why_size)
{
	return usb_detach(bus, path, application, why, why_size);
}

bool usb_port_look(const char *path, bool strings, struct usb_occupant *occupant)
{
	(void)path, (void)strings;
	memset(occupant, 0, sizeof(*occupant));
	return false;
}

void usb_port_describe(const char *path, char *text, size_t size)
{
	(void)path;
	snprintf(text, size, "nothing");
}

bool usb_path_of_id(const char *id_path, char path[USB_PATH_SIZE])
{
	(void)id_path;
	path[0] = '\0';
	return false;
}
