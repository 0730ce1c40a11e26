/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng (IETF draft-ietf-opsawg-pcapng) with the packets of Linux usbmon (kernel documentation,
 * usb/usbmon.rst, struct usbmon_packet of 64 bytes: LINKTYPE_USB_LINUX_MMAPPED). Both are in the
 * byte order of the machine that writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"
#include "folder.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "h7gang/base/version.h"
#include "ring.h"

#define LINKTYPE_USB_LINUX_MMAPPED 220
#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 6u
#define OPTION_COMMENT 1
#define OPTION_NAME 2        /* of an interface block */
#define OPTION_RESOLUTION 9  /* of an interface block */
#define OPTION_APPLICATION 4 /* of a section block */
#define NANOSECONDS 9        /* 10^-9 s */
#define XFER_CONTROL 2
#define FLAG_SETUP_ABSENT '-'
#define NS_PER_S INT64_C(1000000000)

struct usbmon {
	uint64_t id;
	uint8_t type, xfer_type, epnum, devnum;
	uint16_t busnum;
	char flag_setup, flag_data;
	int64_t ts_sec;
	int32_t ts_usec;
	int32_t status;
	uint32_t length, len_cap;
	uint8_t setup[8];
	int32_t interval, start_frame;
	uint32_t xfer_flags, ndesc;
};
_Static_assert(sizeof(struct usbmon) == 64, "usbmon's header");

/* One block while it is put together: the longest holds a transfer and a comment. */
struct block {
	uint8_t bytes[64 + TRACE_CAPTURE_MAX + 512];
	size_t used;
};

static void put(struct block *block, const void *bytes, size_t length)
{
	if (length == 0 || length > sizeof(block->bytes) - block->used)
		return;
	memcpy(block->bytes + block->used, bytes, length);
	block->used += length;
	while (block->used % 4 && block->used < sizeof(block->bytes))
		block->bytes[block->used++] = 0;
}

static void put_u32(struct block *block, uint32_t value)
{
	put(block, &value, sizeof(value));
}

static void put_option(struct block *block, uint16_t code, const void *bytes, size_t length)
{
	const uint16_t head[2] = {code, (uint16_t)length};

	put(block, head, sizeof(head));
	put(block, bytes, length);
}

static bool write_block(FILE *file, uint32_t type, struct block *block)
{
	const uint32_t total = (uint32_t)(block->used + 12);
	const uint32_t head[2] = {type, total};

	return fwrite(head, sizeof(head), 1, file) == 1 &&
	       fwrite(block->bytes, block->used, 1, file) == 1 &&
	       fwrite(&total, sizeof(total), 1, file) == 1;
}

static bool write_head(FILE *file, const struct trace *trace)
{
	char application[64];
	const uint16_t version[2] = {1, 0};
	const int64_t unknown_length = -1;
	const uint16_t linktype[2] = {LINKTYPE_USB_LINUX_MMAPPED, 0};
	const uint8_t resolution = NANOSECONDS;
	struct block block = {.used = 0};

	snprintf(application, sizeof(application), "h7gang %s", h7gang_version);
	put_u32(&block, 0x1a2b3c4d);
	put(&block, version, sizeof(version));
	put(&block, &unknown_length, sizeof(unknown_length));
	put_option(&block, OPTION_APPLICATION, application, strlen(application));
	put_u32(&block, 0);
	if (!write_block(file, BLOCK_SECTION, &block))
		return false;

	block.used = 0;
	put(&block, linktype, sizeof(linktype));
	put_u32(&block, 0); /* packets of any length */
	put_option(&block, OPTION_NAME, trace->seen.path, strlen(trace->seen.path));
	put_option(&block, OPTION_RESOLUTION, &resolution, 1);
	put_u32(&block, 0);
	return write_block(file, BLOCK_INTERFACE, &block);
}

/* The description of one packet. */
struct packet {
	uint64_t id;
	char type; /* 'S', 'C' */
	uint8_t bus, address;
	const struct dfu_setup *setup;
	int status;
	uint32_t length;     /* asked for or moved */
	const uint8_t *data; /* NULL: none in this packet */
	uint32_t captured;
	int64_t at; /* wall clock */
	const char *comment;
};

static bool write_packet(FILE *file, const struct packet *packet)
{
	const struct dfu_setup *setup = packet->setup;
	bool in = setup->request_type & 0x80;
	struct usbmon head = {
		.id = packet->id,
		.type = (uint8_t)packet->type,
		.xfer_type = XFER_CONTROL,
		.epnum = in ? 0x80 : 0,
		.devnum = packet->address,
		.busnum = packet->bus,
		.flag_setup = packet->type == 'S' ? 0 : FLAG_SETUP_ABSENT,
		.flag_data = packet->data ? 0
			     : in         ? '<'
					  : '>',
		.ts_sec = packet->at / NS_PER_S,
		.ts_usec = (int32_t)(packet->at % NS_PER_S / 1000),
		.status = packet->status,
		.length = packet->length,
		.len_cap = packet->data ? packet->captured : 0,
	};
	struct block block = {.used = 0};

	if (packet->type == 'S') {
		const uint8_t wire[8] = {
			setup->request_type,    setup->request,
			(uint8_t)setup->value,  (uint8_t)(setup->value >> 8),
			(uint8_t)setup->index,  (uint8_t)(setup->index >> 8),
			(uint8_t)setup->length, (uint8_t)(setup->length >> 8),
		};

		memcpy(head.setup, wire, sizeof(wire));
	}
	put_u32(&block, 0); /* the one interface */
	put_u32(&block, (uint32_t)((uint64_t)packet->at >> 32));
	put_u32(&block, (uint32_t)packet->at);
	put_u32(&block, (uint32_t)sizeof(head) + head.len_cap);
	put_u32(&block, (uint32_t)sizeof(head) + (packet->data ? packet->length : 0));
	put(&block, &head, sizeof(head));
	put(&block, packet->data, head.len_cap);
	if (packet->comment) {
		put_option(&block, OPTION_COMMENT, packet->comment, strlen(packet->comment));
		put_u32(&block, 0);
	}
	return write_block(file, BLOCK_PACKET, &block);
}

/* A dissector learns from the descriptors that this is DFU. They were read before the recorder
 * listened. */
static bool write_descriptors(FILE *file, const struct trace *trace, int64_t at)
{
	static const char comment[] =
		"built from the data of the USB library, not recorded on the bus";
	struct describe described;

	describe(trace, &described);
	for (unsigned i = 0; i < DESCRIBE_COUNT; i++) {
		struct packet packet = {
			.id = i + 1,
			.type = 'S',
			.bus = trace->seen.bus,
			.address = trace->seen.address,
			.setup = &described.setup[i],
			.status = -EINPROGRESS,
			.length = described.setup[i].length,
			.at = at,
			.comment = comment,
		};

		if (!write_packet(file, &packet))
			return false;
		packet.type = 'C';
		packet.status = 0;
		packet.data = described.bytes[i];
		packet.captured = packet.length;
		if (!write_packet(file, &packet))
			return false;
	}
	return true;
}

struct moment {
	int64_t at;
	uint64_t order;
	uint64_t number;
	bool landing;
};

static int by_time(const void *a, const void *b)
{
	const struct moment *one = a, *other = b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return one->order < other->order ? -1 : one->order > other->order;
}

static bool write_moment(FILE *file, const struct trace *trace, const struct moment *moment,
			 int64_t to_wall)
{
	const struct ring_transfer *transfer = ring_at(trace, moment->number);
	bool in = transfer->setup.request_type & 0x80;
	bool has_data = transfer->captured > 0 && in == moment->landing;

	return write_packet(
		file,
		&(struct packet){
			.id = moment->number + DESCRIBE_COUNT,
			.type = moment->landing ? 'C' : 'S',
			.bus = transfer->bus,
			.address = transfer->address,
			.setup = &transfer->setup,
			.status = moment->landing ? transfer->status : -EINPROGRESS,
			.length = moment->landing ? transfer->actual : transfer->setup.length,
			.data = has_data ? trace->data + transfer->offset : NULL,
			.captured = transfer->captured,
			.at = to_wall + (moment->landing ? transfer->landed : transfer->submitted),
		});
}

static bool write_transfers(FILE *file, const struct trace *trace, int64_t to_wall)
{
	size_t count = 0, most = 2 * (size_t)(trace->last + 1 - trace->first);
	struct moment *moment = calloc(most ? most : 1, sizeof(*moment));
	bool done = moment != NULL;

	for (uint64_t n = trace->first; done && n <= trace->last; n++) {
		const struct ring_transfer *transfer = ring_at(trace, n);

		if (transfer->status == RING_UNSENT)
			continue;
		moment[count++] =
			(struct moment){transfer->submitted, transfer->submitted_order, n, false};
		if (transfer->landed_order)
			moment[count++] =
				(struct moment){transfer->landed, transfer->landed_order, n, true};
	}
	if (done)
		qsort(moment, count, sizeof(*moment), by_time);
	for (size_t i = 0; done && i < count; i++)
		done = write_moment(file, trace, &moment[i], to_wall);
	free(moment);
	return done;
}

bool trace_keep(const struct trace *trace, const struct trace_folder *folder, const char *name,
		char *why, size_t why_size)
{
	int64_t to_wall = clock_wall() - clock_now();
	int64_t begin =
		trace->first <= trace->last ? ring_at(trace, trace->first)->submitted : clock_now();
	int fd = durable_open(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
	FILE *file;
	bool done;

	if (fd < 0) {
		snprintf(why, why_size, "%s", strerrordesc_np(-fd));
		return false;
	}
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		goto err_remove;
	}
	done = write_head(file, trace) && write_descriptors(file, trace, to_wall + begin) &&
	       write_transfers(file, trace, to_wall);
	if (fclose(file) == 0 && done)
		return true;
err_remove:
	snprintf(why, why_size, "%s", strerrordesc_np(errno));
	unlinkat(folder->fd, name, 0);
	return false;
}
