/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci_wire.h"

#include <string.h>

/* Offsets in the header: five common words, then the fields of the command. */
enum { AT_COMMAND = 0, AT_SEQNUM = 4, AT_DIRECTION = 12, AT_ENDPOINT = 16 };
enum { AT_SUBMIT_LENGTH = 24, AT_SUBMIT_SETUP = 40, AT_UNLINK_SEQNUM = 20 };
enum { AT_RET_STATUS = 20, AT_RET_LENGTH = 24 };

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

bool vhci_wire_parse(const uint8_t bytes[VHCI_HEADER], struct vhci_request *request)
{
	memset(request, 0, sizeof(*request));
	request->command = get32(bytes + AT_COMMAND);
	request->seqnum = get32(bytes + AT_SEQNUM);
	request->in = get32(bytes + AT_DIRECTION) == 1;
	request->endpoint = get32(bytes + AT_ENDPOINT);
	switch (request->command) {
	case VHCI_CMD_SUBMIT:
		request->length = get32(bytes + AT_SUBMIT_LENGTH);
		memcpy(request->setup, bytes + AT_SUBMIT_SETUP, sizeof(request->setup));
		return true;
	case VHCI_CMD_UNLINK:
		request->unlink_seqnum = get32(bytes + AT_UNLINK_SEQNUM);
		return true;
	default:
		return false;
	}
}

static void answer(uint8_t bytes[VHCI_HEADER], uint32_t command, uint32_t seqnum, int status)
{
	memset(bytes, 0, VHCI_HEADER);
	put32(bytes + AT_COMMAND, command);
	put32(bytes + AT_SEQNUM, seqnum);
	put32(bytes + AT_RET_STATUS, (uint32_t)status);
}

void vhci_wire_ret_submit(uint8_t bytes[VHCI_HEADER], uint32_t seqnum, int status, uint32_t length)
{
	answer(bytes, VHCI_RET_SUBMIT, seqnum, status);
	put32(bytes + AT_RET_LENGTH, length);
}

void vhci_wire_ret_unlink(uint8_t bytes[VHCI_HEADER], uint32_t seqnum, int status)
{
	answer(bytes, VHCI_RET_UNLINK, seqnum, status);
}
