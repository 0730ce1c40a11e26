/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flight recorder on a pipe of the test's own: the kept transfers, the hidden secrets, and the
 * written file. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "h7gang/base/clock.h"
#include "h7gang/dfu/names.h"
#include "trace/ring.h"

#define FLASH 0x08000000u

static struct {
	enum dfu_io io; /* how the next transfers end */
	uint8_t data[DFU_PIPE_MAX_LENGTH];
	size_t actual;
	struct dfu_times times[DFU_PIPE_SLOTS];
	unsigned submitted, waited, drained, alts, resets, lingered;
} bus;

static enum dfu_io bus_submit(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *setup,
			      const uint8_t *out)
{
	(void)pipe, (void)slot, (void)out;
	bus.actual = setup->length;
	bus.submitted++;
	return bus.io == DFU_IO_NOMEM ? DFU_IO_NOMEM : DFU_IO_OK;
}

static enum dfu_io bus_wait(struct dfu_pipe *pipe, unsigned slot, int64_t deadline,
			    const uint8_t **data, size_t *actual)
{
	(void)pipe, (void)slot, (void)deadline;
	bus.waited++;
	*data = bus.io == DFU_IO_OK ? bus.data : NULL;
	*actual = bus.io == DFU_IO_OK ? bus.actual : 0;
	return bus.io;
}

static enum dfu_io bus_hold(struct dfu_pipe *pipe, unsigned slot, unsigned behind,
			    const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go,
			    int64_t until)
{
	(void)behind, (void)may_go, (void)until;
	return bus_submit(pipe, slot, setup, out);
}

static struct dfu_times bus_times(const struct dfu_pipe *pipe, unsigned slot)
{
	(void)pipe;
	return bus.times[slot];
}

static enum dfu_io bus_drain(struct dfu_pipe *pipe)
{
	(void)pipe;
	bus.drained++;
	return DFU_IO_OK;
}

static enum dfu_io bus_set_alt(struct dfu_pipe *pipe, unsigned alt)
{
	(void)pipe, (void)alt;
	bus.alts++;
	return bus.io;
}

static enum dfu_io bus_reset(struct dfu_pipe *pipe)
{
	(void)pipe;
	bus.resets++;
	return DFU_IO_GONE;
}

static void bus_linger(struct dfu_pipe *pipe, unsigned slot, int64_t deadline)
{
	(void)pipe, (void)slot, (void)deadline;
	bus.lingered++;
}

static const struct dfu_pipe_ops bus_ops = {.submit = bus_submit,
					    .hold = bus_hold,
					    .wait = bus_wait,
					    .drain = bus_drain,
					    .times = bus_times,
					    .set_alt = bus_set_alt,
					    .reset = bus_reset,
					    .linger = bus_linger};
static struct dfu_pipe bus_pipe = {
	.ops = &bus_ops,
	.descriptors = {.alt_count = 2,
			.alt = {{0, 4}, {1, 5}},
			.has_functional = true,
			.attributes = 0x0b,
			.transfer_size = 1024,
			.dfu_version = 0x011a},
};
static const struct usb_seen seen = {
	.path = "1-1.4", .bus = 1, .address = 7, .vid = 0x0483, .pid = 0xdf11};

static struct trace *trace;
static struct dfu_pipe *tap;

static int begin_with(const struct trace_range *secret, unsigned secrets)
{
	memset(&bus, 0, sizeof(bus));
	for (size_t i = 0; i < sizeof(bus.data); i++)
		bus.data[i] = (uint8_t)(i % 251 + 1);
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
		bus.times[i] = (struct dfu_times){clock_now(), clock_now()};
	trace = trace_new(secret, secrets);
	tap = trace ? trace_tap(trace, &bus_pipe, &seen) : NULL;
	return tap ? 0 : -1;
}

static int begin(void **state)
{
	(void)state;
	return begin_with(NULL, 0);
}

static int end(void **state)
{
	(void)state;
	trace_free(trace);
	return 0;
}

static void transfer(uint8_t type, uint8_t request, uint16_t value, const uint8_t *out,
		     uint16_t length)
{
	struct dfu_setup setup = {type, request, value, 0, length};
	const uint8_t *data;
	size_t actual;

	assert_int_equal(tap->ops->submit(tap, 0, &setup, out), DFU_IO_OK);
	assert_int_equal(tap->ops->wait(tap, 0, 0, &data, &actual), bus.io);
	if (bus.io == DFU_IO_OK)
		assert_ptr_equal(data, bus.data);
}

static void upload(uint16_t value, uint16_t length)
{
	transfer(0xa1, DFU_UPLOAD, value, NULL, length);
}

static void download(uint16_t value, const uint8_t *out, uint16_t length)
{
	transfer(0x21, DFU_DNLOAD, value, out, length);
}

static void command(uint8_t what, uint32_t address)
{
	uint8_t bytes[5] = {what, (uint8_t)address, (uint8_t)(address >> 8),
			    (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

	download(0, bytes, sizeof(bytes));
}

static const struct ring_transfer *last(void)
{
	return ring_at(trace, trace->last);
}

static const uint8_t *last_data(void)
{
	return trace->data + last()->offset;
}

static void what_passes_is_kept(void **state)
{
	static const struct {
		enum dfu_io io;
		int status;
	} ends[] = {
		{DFU_IO_OK, 0},
		{DFU_IO_STALL, -EPIPE},
		{DFU_IO_TIMEOUT, -ENOENT},
		{DFU_IO_GONE, -ENODEV},
		{DFU_IO_ERROR, -EPROTO},
		{DFU_IO_OVERFLOW, -EOVERFLOW},
		{DFU_IO_LEAKED, RING_PENDING},
	};

	(void)state;
	assert_memory_equal(&tap->descriptors, &bus_pipe.descriptors, sizeof(tap->descriptors));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		bus.io = ends[i].io;
		upload(2, 1024);
		assert_int_equal(last()->status, ends[i].status);
		assert_int_equal(last()->setup.length, 1024);
		assert_int_equal(last()->captured, ends[i].io == DFU_IO_OK ? 1024 : 0);
		assert_int_equal(last()->landed_order != 0, ends[i].io != DFU_IO_LEAKED);
	}
	assert_int_equal(bus.submitted, 7);
	assert_int_equal(bus.waited, 7);
	bus.io = DFU_IO_OK;
	download(2, bus.data, 100);
	assert_int_equal(last()->captured, 100);
	assert_memory_equal(last_data(), bus.data, 100);
	assert_int_equal(tap->ops->set_alt(tap, 1), DFU_IO_OK);
	assert_int_equal(last()->setup.request, 11);
	assert_int_equal(last()->setup.value, 1);
	assert_int_equal(tap->ops->reset(tap), DFU_IO_GONE);
	tap->ops->linger(tap, 0, 0);
	assert_int_equal(bus.alts + bus.resets + bus.lingered, 3);
}

static void what_was_not_queued_is_not_kept(void **state)
{
	struct dfu_setup setup = {0xa1, DFU_UPLOAD, 2, 0, 64};
	uint64_t before = trace->last;

	(void)state;
	bus.io = DFU_IO_NOMEM;
	assert_int_equal(tap->ops->submit(tap, 0, &setup, NULL), DFU_IO_NOMEM);
	assert_int_equal(trace->last, before);
}

static void the_drained_are_unlinked(void **state)
{
	struct dfu_setup setup = {0xa1, DFU_UPLOAD, 2, 0, 64};

	(void)state;
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(tap->ops->submit(tap, slot, &setup, NULL), DFU_IO_OK);
	assert_int_equal(tap->ops->drain(tap), DFU_IO_OK);
	assert_int_equal(bus.drained, 1);
	for (uint64_t n = trace->first; n <= trace->last; n++)
		assert_int_equal(ring_at(trace, n)->status, -ENOENT);
}

static void memory_is_bounded(void **state)
{
	(void)state;
	assert_in_range(sizeof(struct trace), 1, 128u << 10);
	for (unsigned i = 0; i < 5000; i++) {
		bus.data[0] = (uint8_t)i;
		upload(2, i % 3 ? (uint16_t)(i % 1500) : 4096);
		assert_in_range(trace->last + 1 - trace->first, 1, TRACE_TRANSFERS);
		/* No transfer's data overlap another's, and the kept data are correct. */
		for (uint64_t n = trace->first; n < trace->last; n++) {
			const struct ring_transfer *one = ring_at(trace, n);

			assert_true(one->room == 0 || last()->room == 0 ||
				    one->offset + one->room <= last()->offset ||
				    last()->offset + last()->room <= one->offset);
		}
		if (last()->captured)
			assert_memory_equal(last_data(), bus.data, last()->captured);
	}
	for (unsigned i = 0; i < 1000; i++)
		upload(2, 6);
	assert_int_equal(trace->last + 1 - trace->first, TRACE_TRANSFERS);
	trace_begin(trace);
	assert_int_equal(trace->last + 1 - trace->first, 0);
}

static void all_hidden(uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < last()->captured; i++)
		if ((last_data()[i] == TRACE_HIDDEN && bus.data[i] != TRACE_HIDDEN) !=
		    (i >= from && i < to && bus.data[i] != TRACE_HIDDEN))
			fail_msg("byte %u", i);
}

static void secrets_are_never_kept(void **state)
{
	static const struct trace_range secret[] = {{FLASH + 1034, FLASH + 1043},
						    {FLASH + 0x20000, FLASH + 0x20000}};

	end(state);
	assert_int_equal(begin_with(secret, 2), 0);
	upload(2, 64); /* its pointer is unknown */
	all_hidden(0, 64);
	command(0x21, FLASH);
	assert_int_equal(last_data()[0], 0x21);
	upload(2, 1024);
	all_hidden(0, 0);
	upload(3, 1024);
	all_hidden(10, 20);
	download(3, bus.data, 1024);
	all_hidden(10, 20);
	upload(3, 20); /* FLASH + 20 by its own length, FLASH + 1024 by wTransferSize */
	all_hidden(10, 20);
	upload(1, 32);
	all_hidden(0, 32);
	command(0x21, FLASH + 0x1fff0);
	upload(2, 32);
	all_hidden(16, 17);
	command(0x41, FLASH); /* may move the pointer */
	upload(2, 32);
	all_hidden(0, 32);
	command(0x21, FLASH);
	upload(2, 32);
	all_hidden(0, 0);
	bus.io = DFU_IO_STALL;
	command(0x21, FLASH + 64);
	bus.io = DFU_IO_OK;
	upload(2, 32);
	all_hidden(0, 32);
	command(0x21, FLASH);
	tap = trace_tap(trace, &bus_pipe, &seen); /* opened anew */
	upload(2, 32);
	all_hidden(0, 32);
	transfer(0xa1, DFU_GETSTATUS, 0, NULL, 6);
	all_hidden(0, 0);
}

static char folder_path[] = "/tmp/test_trace_XXXXXX";

static size_t slurp(const char *name, uint8_t *bytes, size_t size)
{
	char path[128];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder_path, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	n = fread(bytes, 1, size, file);
	fclose(file);
	return n;
}

static uint32_t u32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* Blocks whose two lengths agree, to the very end. */
static unsigned count_blocks(const uint8_t *bytes, size_t length, uint32_t type)
{
	unsigned count = 0;
	size_t at = 0;

	while (at < length) {
		uint32_t total = u32(bytes + at + 4);

		assert_in_range(total, 12, length - at);
		assert_int_equal(total % 4, 0);
		assert_int_equal(u32(bytes + at + total - 4), total);
		count += u32(bytes + at) == type;
		at += total;
	}
	return count;
}

/* The packets behind the descriptors: usbmon's type, and times that never go back. */
static void packets_are(const uint8_t *bytes, size_t length, const char *types)
{
	uint64_t before = 0;
	unsigned n = 0;

	for (size_t at = 0; at < length; at += u32(bytes + at + 4)) {
		uint64_t when;

		if (u32(bytes + at) != 6 || n++ < 4)
			continue;
		when = (uint64_t)u32(bytes + at + 12) << 32 | u32(bytes + at + 16);
		assert_true(when >= before);
		before = when;
		assert_int_equal(bytes[at + 28 + 8], *types++);
	}
	assert_int_equal(*types, '\0');
}

/* Three go out, each at the very time the one before it ends; the fourth is not let go. */
static void chain(void)
{
	const struct dfu_setup setup = {0xa1, DFU_GETSTATUS, 0, 0, 6};
	const uint8_t *data;
	size_t actual;
	int64_t now = clock_now();

	assert_int_equal(tap->ops->submit(tap, 0, &setup, NULL), DFU_IO_OK);
	for (unsigned slot = 1; slot < 4; slot++)
		assert_int_equal(tap->ops->hold(tap, slot, 0, &setup, NULL, NULL, 0), DFU_IO_OK);
	for (unsigned slot = 0; slot < 3; slot++) {
		bus.times[slot] = (struct dfu_times){now, now + 1000};
		now += 1000;
	}
	bus.times[3] = (struct dfu_times){0};
	for (unsigned slot = 0; slot < 4; slot++) {
		bus.io = slot < 3 ? DFU_IO_OK : DFU_IO_UNSENT;
		assert_int_equal(tap->ops->wait(tap, slot, 0, &data, &actual), bus.io);
	}
	assert_int_equal(tap->ops->times(tap, 2).landed, now);
	assert_int_equal(last()->status, RING_UNSENT);
	assert_int_equal(ring_at(trace, trace->last - 1)->landed, now);
	assert_int_equal(ring_at(trace, trace->last - 1)->submitted, now - 1000);
	bus.io = DFU_IO_OK;
}

static void a_file_is_whole_or_not_there(void **state)
{
	static uint8_t bytes[1u << 20];
	struct trace_folder *folder;
	struct stat st;
	char why[128], path[128], link[128];
	size_t length;

	(void)state;
	assert_non_null(mkdtemp(folder_path));
	folder = trace_folder_open(folder_path, why, sizeof(why));
	assert_non_null(folder);
	for (unsigned i = 0; i < 10; i++)
		upload((uint16_t)(2 + i), 1021); /* padded */
	bus.io = DFU_IO_LEAKED;
	upload(12, 1021);
	umask(0);
	assert_true(trace_keep(trace, folder, "a.pcapng", why, sizeof(why)));
	length = slurp("a.pcapng", bytes, sizeof(bytes));
	assert_int_equal(u32(bytes), 0x0a0d0d0a);
	assert_int_equal(u32(bytes + 8), 0x1a2b3c4d);
	assert_int_equal(count_blocks(bytes, length, 0x0a0d0d0a), 1);
	assert_int_equal(count_blocks(bytes, length, 1), 1);
	/* Two descriptors and ten transfers, asked and answered; one never answered. */
	assert_int_equal(count_blocks(bytes, length, 6), 4 + 20 + 1);
	snprintf(path, sizeof(path), "%s/a.pcapng", folder_path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);

	/* Never over an existing file, and never through a link. */
	assert_false(trace_keep(trace, folder, "a.pcapng", why, sizeof(why)));
	assert_non_null(strstr(why, "exists"));
	snprintf(link, sizeof(link), "%s/b.pcapng", folder_path);
	assert_int_equal(symlink("/tmp/test_trace_nowhere", link), 0);
	assert_false(trace_keep(trace, folder, "b.pcapng", why, sizeof(why)));
	assert_int_equal(access("/tmp/test_trace_nowhere", F_OK), -1);

	trace_begin(trace);
	assert_true(trace_keep(trace, folder, "c.pcapng", why, sizeof(why)));
	length = slurp("c.pcapng", bytes, sizeof(bytes));
	assert_int_equal(count_blocks(bytes, length, 6), 4);
	snprintf(path, sizeof(path), "%s/c.pcapng", folder_path);
	unlink(path);

	/* A chain: it is shown as it was on the bus, whenever the worker came to look at it. */
	chain();
	assert_true(trace_keep(trace, folder, "c.pcapng", why, sizeof(why)));
	length = slurp("c.pcapng", bytes, sizeof(bytes));
	packets_are(bytes, length, "SCSCSC");
	trace_folder_close(folder);
	unlink(link);
	snprintf(path, sizeof(path), "%s/a.pcapng", folder_path);
	unlink(path);
	snprintf(path, sizeof(path), "%s/c.pcapng", folder_path);
	unlink(path);
	assert_int_equal(rmdir(folder_path), 0);
	assert_null(trace_folder_open(folder_path, why, sizeof(why)));
	assert_string_equal(why, "No such file or directory");
	assert_null(trace_folder_open("/dev/null", why, sizeof(why)));
	assert_string_equal(why, "Not a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_passes_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(what_was_not_queued_is_not_kept, begin, end),
		cmocka_unit_test_setup_teardown(the_drained_are_unlinked, begin, end),
		cmocka_unit_test_setup_teardown(memory_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(secrets_are_never_kept, begin, end),
		cmocka_unit_test_setup_teardown(a_file_is_whole_or_not_there, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
