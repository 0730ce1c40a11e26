/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps the bytes of a transfer to addresses of the target, to hide secrets. Where the address is
 * not certain, more is hidden, never less. */
#include <string.h>

#include "h7gang/dfu/names.h"
#include "ring.h"

#define CLASS_OUT 0x21 /* bmRequestType: class, interface */
#define CLASS_IN 0xa1
#define FIRST_BLOCK 2 /* AN3156: wValue 2 is the block at the pointer */
#define SET_POINTER 0x21
#define COMMAND_BYTES 5

static bool is_download(const struct dfu_setup *setup)
{
	return setup->request_type == CLASS_OUT && setup->request == DFU_DNLOAD;
}

static bool is_data(const struct dfu_setup *setup)
{
	bool upload = setup->request_type == CLASS_IN && setup->request == DFU_UPLOAD;

	/* No host program uses block 1, and block 1 is not a command. */
	return (upload || is_download(setup)) && setup->value != 0;
}

/* `data` holds the bytes from `address` on. */
static void hide_from(const struct trace *trace, uint64_t address, uint8_t *data, uint32_t length)
{
	for (unsigned i = 0; i < trace->secrets; i++) {
		const struct trace_range *range = &trace->secret[i];

		for (uint32_t n = 0; n < length; n++) {
			if (address + n >= range->first && address + n <= range->last)
				data[n] = TRACE_HIDDEN;
		}
	}
}

void hide_secrets(const struct trace *trace, const struct ring_transfer *transfer, uint8_t *data)
{
	const struct dfu_setup *setup = &transfer->setup;
	uint64_t block;

	if (trace->secrets == 0 || !is_data(setup))
		return;
	if (!trace->pointer_known || setup->value < FIRST_BLOCK) {
		memset(data, TRACE_HIDDEN, transfer->captured);
		return;
	}
	/* AN3156 counts blocks in lengths of this request, ST's code in wTransferSize. Hides the
	 * secrets by both counts. */
	block = setup->value - FIRST_BLOCK;
	hide_from(trace, trace->pointer + block * setup->length, data, transfer->captured);
	hide_from(trace, trace->pointer + block * trace->tap.descriptors.transfer_size, data,
		  transfer->captured);
}

void hide_follow(struct trace *trace, const struct ring_transfer *transfer)
{
	const uint8_t *command = trace->data + transfer->offset;

	/* An erase may move the pointer; a command that failed may have done anything. */
	if (!is_download(&transfer->setup) || transfer->setup.value != 0 ||
	    transfer->setup.length == 0)
		return;
	trace->pointer_known = transfer->status == 0 && transfer->captured == COMMAND_BYTES &&
			       command[0] == SET_POINTER;
	if (trace->pointer_known)
		trace->pointer = command[1] | (uint32_t)command[2] << 8 |
				 (uint32_t)command[3] << 16 | (uint32_t)command[4] << 24;
}
