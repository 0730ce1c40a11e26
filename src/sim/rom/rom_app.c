/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The application in a part's flash, as far as USB sees it: descriptors, a run-time DFU interface
 * (DFU 1.1, 4.2 and 5.1), a CDC serial port that takes 1200 baud for a request to enter the
 * bootloader (as Arduino boards do). */
#include <stdio.h>
#include <string.h>

#include "rom_internal.h"

enum {
	DEVICE = 1,
	CONFIGURATION = 2,
	STRING = 3,
	MANUFACTURER = 1,
	PRODUCT,
	SERIAL,
	SET_LINE_CODING = 0x20, /* CDC PSTN 1.2, 6.3 */
	SET_CONTROL_LINE_STATE = 0x22,
	TOUCH_BAUD = 1200,
	DTR = 1
};

/* A stack pointer in RAM and an odd reset handler in flash (ARM DDI 0403, B1.5). */
static bool plausible(struct rom *rom, uint32_t address)
{
	uint8_t table[8];
	uint32_t offset, stack, reset;

	if (!rom_flash_offset(rom, address, &offset) ||
	    flash_read(&rom->flash, offset, sizeof(table), table))
		return false;
	stack = rom_get32(table);
	reset = rom_get32(table + 4);
	return (stack >= 0x20000000 && stack <= 0x38010000 && stack % 4 == 0) && reset % 2 == 1 &&
	       rom_flash_offset(rom, reset & ~1u, &offset);
}

bool rom_app_starts(struct rom *rom, uint32_t address)
{
	return rom->config->application.given && plausible(rom, address);
}

static void text_at(struct rom *rom, uint32_t address, char *text, size_t size)
{
	uint32_t offset;
	size_t length = 0;

	text[0] = '\0';
	if (!address || !rom_flash_offset(rom, address, &offset))
		return;
	flash_read(&rom->flash, offset, (uint32_t)size - 1, (uint8_t *)text);
	while (length < size - 1 && text[length] > 0x20 && text[length] < 0x7F)
		length++;
	text[length] = '\0';
}

const char *rom_product(const struct rom *rom)
{
	return rom->in_app ? rom->config->application.product : rom->config->product;
}

void rom_serial(struct rom *rom, char *text, size_t size)
{
	if (rom->in_app)
		text_at(rom, rom->config->application.serial_at, text, size);
	else
		rom_serial_text(rom, text, size);
}

static size_t put_device(const struct rom_application *app, uint8_t *out)
{
	const uint8_t bytes[18] = {18,
				   DEVICE,
				   0x00,
				   0x02,
				   0xEF, /* interfaces that belong together */
				   2,
				   1,
				   64,
				   (uint8_t)app->vid,
				   (uint8_t)(app->vid >> 8),
				   (uint8_t)app->pid,
				   (uint8_t)(app->pid >> 8),
				   0x00,
				   0x01,
				   MANUFACTURER,
				   PRODUCT,
				   app->serial_at ? SERIAL : 0,
				   1};

	memcpy(out, bytes, sizeof(bytes));
	return sizeof(bytes);
}

static size_t put(uint8_t *out, size_t length, const uint8_t *bytes, size_t count)
{
	memcpy(out + length, bytes, count);
	return length + count;
}

static size_t put_configuration(const struct rom_application *app, uint8_t *out)
{
	static const uint8_t vendor[] = {9, 4, 0, 0, 0, 0xFF, 0, 0, 0};
	static const uint8_t serial_port[] = {9, 4,    0,    0,    1,  2,    2,  1, 0, /* control */
					      5, 0x24, 0,    0x20, 1,                  /* CDC 1.2 */
					      4, 0x24, 2,    2,                        /* ACM */
					      5, 0x24, 6,    0,    1,                  /* union */
					      7, 5,    0x82, 3,    8,  0,    16,       /* events */
					      9, 4,    1,    0,    2,  0x0A, 0,  0, 0, /* data */
					      7, 5,    0x01, 2,    64, 0,    0,  7, 5, 0x81,
					      2, 64,   0,    0};
	uint8_t interfaces = app->touch ? 2 : 1;
	size_t length = 9;

	length = app->touch ? put(out, length, serial_port, sizeof(serial_port))
			    : put(out, length, vendor, sizeof(vendor));
	if (app->detach) {
		const uint8_t dfu[] = {9, 4, interfaces, 0, 0, 0xFE, 1, 1, 0,
				       /* it detaches by itself; within 1000 ms; DFU 1.1 */
				       9, 0x21, 0x09, 0xE8, 0x03, 0x00, 0x04, 0x10, 0x01};

		length = put(out, length, dfu, sizeof(dfu));
		interfaces++;
	}
	const uint8_t head[9] = {
		9, CONFIGURATION, (uint8_t)length, (uint8_t)(length >> 8), interfaces, 1, 0, 0xC0,
		50};

	memcpy(out, head, sizeof(head));
	return length;
}

static size_t put_string(struct rom *rom, unsigned index, uint8_t *out)
{
	const struct rom_application *app = &rom->config->application;
	char serial[64];

	switch (index) {
	case 0:
		return put(out, 0, (const uint8_t[]){4, STRING, 0x09, 0x04}, 4);
	case MANUFACTURER:
		return rom_put_string("h7gang-sim", out);
	case PRODUCT:
		return rom_put_string(app->product, out);
	case SERIAL:
		rom_serial(rom, serial, sizeof(serial));
		return app->serial_at ? rom_put_string(serial, out) : 0;
	default:
		return 0;
	}
}

static size_t answer_in(struct rom *rom, const struct rom_request *request, uint8_t *out)
{
	const struct rom_application *app = &rom->config->application;

	switch (request->code) {
	case 0: /* GET_STATUS */
		out[0] = out[1] = 0;
		return 2;
	case 6: /* GET_DESCRIPTOR */
		if (request->value >> 8 == DEVICE)
			return put_device(app, out);
		if (request->value >> 8 == CONFIGURATION)
			return put_configuration(app, out);
		return request->value >> 8 == STRING ? put_string(rom, request->value & 0xFF, out)
						     : 0;
	case 8: /* GET_CONFIGURATION */
		out[0] = rom->configuration;
		return 1;
	default:
		return 0;
	}
}

/* It resets itself into the bootloader. */
static void enter(struct rom *rom, struct rom_result *result)
{
	rom->next = ROM_NEXT_BOOTLOADER;
	result->leaves = true;
	result->away_ns = rom->config->return_ns;
}

/* Descriptors of the interface in the request. */
static void serve_class(struct rom *rom, const struct rom_request *request,
			struct rom_result *result)
{
	const struct rom_application *app = &rom->config->application;
	unsigned dfu = app->touch ? 2 : 1;

	if (app->detach && request->index == dfu && request->code == DFU_DETACH) {
		enter(rom, result);
	} else if (app->touch && request->index == 0 && request->code == SET_LINE_CODING &&
		   request->length == 7) {
		rom->baud = rom_get32(request->out);
	} else if (app->touch && request->index == 0 && request->code == SET_CONTROL_LINE_STATE) {
		if (!(request->value & DTR) && rom->baud == TOUCH_BAUD)
			enter(rom, result);
	} else {
		result->answer = ROM_STALL;
	}
}

void rom_app_serve(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	size_t length;

	if ((request->type & 0x60) == 0x20) {
		serve_class(rom, request, result);
	} else if ((request->type & 0x60) != 0) {
		result->answer = ROM_STALL;
	} else if (request->type & 0x80) {
		length = answer_in(rom, request, result->data);
		if (length == 0)
			result->answer = ROM_STALL;
		result->length = length < request->length ? length : request->length;
	} else if (request->code == 9 && request->value <= 1) {
		rom->configuration = (uint8_t)request->value;
	}
}
