/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration as libusb hands it out, whose interfaces, lengths and extra bytes are the
 * input's, and a device's strings. reads: src/usb/descriptors.c src/dfu/string.c */
#include "fuzz_image.h"

#include "h7gang/base/clock.h"
#include "h7gang/dfu/session.h"
#include "usb/descriptors.h"

#define ALTS_MAX 12
#define INTERFACES_MAX 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *at;
static size_t left;

static uint8_t next(void)
{
	left -= left > 0;
	return left > 0 ? *at++ : 0;
}

/* Bytes in a block of their own, so that reading past them is seen. */
static unsigned char *take(size_t most, int *length)
{
	size_t n = next() % (most + 1);
	unsigned char *bytes;

	n = n < left ? n : left;
	bytes = malloc(n ? n : 1);
	FUZZ_REQUIRE(bytes != NULL);
	if (n)
		memcpy(bytes, at, n);
	at += n;
	left -= n;
	*length = (int)n;
	return bytes;
}

static void descriptors(void)
{
	struct libusb_interface_descriptor alt[INTERFACES_MAX][ALTS_MAX] = {0};
	struct libusb_interface interface[INTERFACES_MAX] = {0};
	struct libusb_config_descriptor config = {.interface = interface};
	struct dfu_descriptors found;

	config.bNumInterfaces = next() % (INTERFACES_MAX + 1);
	config.extra = take(40, &config.extra_length);
	for (unsigned i = 0; i < config.bNumInterfaces; i++) {
		interface[i].altsetting = alt[i];
		interface[i].num_altsetting = next() % (ALTS_MAX + 1);
		for (int a = 0; a < interface[i].num_altsetting; a++) {
			uint8_t kind = next();

			alt[i][a].bInterfaceClass = kind & 1 ? 0xFE : kind;
			alt[i][a].bInterfaceSubClass = 1;
			alt[i][a].bInterfaceProtocol = kind & 2 ? 1 : 2;
			alt[i][a].bAlternateSetting = next();
			alt[i][a].iInterface = next();
			alt[i][a].extra = take(40, &alt[i][a].extra_length);
		}
	}
	if (usb_find_dfu(&config, &found))
		FUZZ_REQUIRE(found.alt_count > 0 && found.alt_count <= DFU_ALTS_MAX);
	else
		FUZZ_REQUIRE(found.alt_count == 0);
	for (unsigned i = 0; i < config.bNumInterfaces; i++)
		for (int a = 0; a < interface[i].num_altsetting; a++)
			free((void *)(uintptr_t)alt[i][a].extra);
	free((void *)(uintptr_t)config.extra);
}

/* --- strings --- */

static unsigned char *reply;

static enum dfu_io answer_submit(struct dfu_pipe *pipe, unsigned slot,
				 const struct dfu_setup *setup, const uint8_t *out)
{
	(void)pipe;
	(void)slot;
	(void)out;
	FUZZ_REQUIRE(setup->request == 6 && setup->request_type == 0x80 && setup->length == 255);
	return DFU_IO_OK;
}

static enum dfu_io answer_wait(struct dfu_pipe *pipe, unsigned slot, int64_t deadline,
			       const uint8_t **data, size_t *actual)
{
	int length;

	(void)pipe;
	(void)slot;
	FUZZ_REQUIRE(deadline != CLOCK_NEVER);
	free(reply);
	reply = take(255, &length);
	*data = reply;
	*actual = (size_t)length;
	return DFU_IO_OK;
}

static enum dfu_io answer_drain(struct dfu_pipe *pipe)
{
	(void)pipe;
	return DFU_IO_OK;
}

static struct dfu_times answer_times(const struct dfu_pipe *pipe, unsigned slot)
{
	(void)pipe;
	(void)slot;
	return (struct dfu_times){1, 2};
}

static void check_text(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	FUZZ_REQUIRE(length < size);
	for (size_t i = 0; i < length;) {
		unsigned char c = (unsigned char)text[i];
		unsigned n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
		uint32_t code = n == 1 ? c : n == 2 ? c & 0x1Fu : n == 3 ? c & 0x0Fu : c & 7u;

		FUZZ_REQUIRE(n == 1 || c >= 0xC2);
		for (unsigned k = 1; k < n; k++) {
			FUZZ_REQUIRE(((unsigned char)text[i + k] & 0xC0) == 0x80);
			code = code << 6 | ((unsigned char)text[i + k] & 0x3Fu);
		}
		/* Nothing that moves a cursor or turns the direction of what stands beside it. */
		FUZZ_REQUIRE(code >= 0x20 && !(code >= 0x7F && code < 0xA0) &&
			     !(code >= 0xD800 && code < 0xE000));
		FUZZ_REQUIRE(code != 0x61C && !(code >= 0x200E && code <= 0x200F) &&
			     !(code >= 0x2028 && code <= 0x202E) &&
			     !(code >= 0x2066 && code <= 0x2069));
		i += n;
	}
}

static void strings(void)
{
	static const struct dfu_pipe_ops ops = {.submit = answer_submit,
						.wait = answer_wait,
						.drain = answer_drain,
						.times = answer_times};
	static const size_t sizes[] = {1, 2, 5, 16, 128, 256};
	struct dfu_pipe pipe = {.ops = &ops, .descriptors.transfer_size = 1024};
	const struct dfu_limits limits = {.transfer_ms = 1000, .flash_word = 32, .window = 1};
	struct dfu_session session = {0};
	char text[256];

	FUZZ_REQUIRE(dfu_session_init(&session, &pipe, &limits));
	session.deadline = CLOCK_NEVER - 1;
	while (left > 0) {
		size_t size = sizes[next() % (sizeof(sizes) / sizeof(sizes[0]))];

		(void)dfu_string(&session, next(), text, size);
		check_text(text, size);
	}
	free(reply);
	reply = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	at = data;
	left = size;
	if (next() & 1)
		descriptors();
	else
		strings();
	return 0;
}
