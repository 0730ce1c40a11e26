/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DfuSe commands (AN3156, AN2662). */
#include "request.h"

#define COMMAND_SET_POINTER 0x21
#define COMMAND_ERASE 0x41
#define COMMAND_UNPROTECT 0x92
#define COMMAND_BLOCK 0 /* wValue of a command */
#define LEAVE_BLOCK 2   /* wValue of the empty DNLOAD: neither a command nor the reserved 1 */

static void put_address(uint8_t *command, uint32_t address)
{
	command[1] = (uint8_t)address;
	command[2] = (uint8_t)(address >> 8);
	command[3] = (uint8_t)(address >> 16);
	command[4] = (uint8_t)(address >> 24);
}

enum dfu_result dfu_set_pointer(struct dfu_session *s, uint32_t address)
{
	uint8_t command[5] = {COMMAND_SET_POINTER};
	struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.grace_ms = s->limits.transfer_ms,
	};
	enum dfu_result result;

	put_address(command, address);
	s->pointer_known = false;
	result = dfu_run_group(s, &group);
	if (result == DFU_OK) {
		s->pointer = address;
		s->pointer_known = true;
	}
	return result;
}

enum dfu_result dfu_erase_sector(struct dfu_session *s, uint32_t address, bool ask_once)
{
	uint8_t command[5] = {COMMAND_ERASE};
	struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.worst_ms = s->limits.sector_ms,
		.ask_once = ask_once,
	};

	put_address(command, address);
	s->pointer_known = false;
	return dfu_run_group(s, &group);
}

enum dfu_result dfu_mass_erase(struct dfu_session *s)
{
	const uint8_t command[1] = {COMMAND_ERASE};
	struct dfu_group group = {
		.value = COMMAND_BLOCK,
		.out = command,
		.length = sizeof(command),
		.worst_ms = s->limits.mass_ms,
	};

	s->pointer_known = false;
	return dfu_run_group(s, &group);
}

enum dfu_result dfu_read_unprotect(struct dfu_session *s)
{
	const uint8_t command[1] = {COMMAND_UNPROTECT};
	enum dfu_result result;

	s->pointer_known = false;
	result = dfu_gate(s);
	if (result == DFU_OK)
		result = dfu_send(s, DFU_DNLOAD, COMMAND_BLOCK, command, sizeof(command));
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	result = dfu_ask_status(s, (uint64_t)s->limits.transfer_ms + s->limits.mass_ms);
	/* It took the request; a part on its way out need not answer any more. */
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR)
		return DFU_OK;
	if (result == DFU_OK && (s->last.status != DFU_STATUS_OK || s->last.state == DFU_ERROR))
		result = dfu_recover(s, dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATUS), 0);
	return result;
}

enum dfu_result dfu_leave(struct dfu_session *s, uint32_t address)
{
	enum dfu_result result = dfu_set_pointer(s, address);

	if (result != DFU_OK)
		return result;
	s->pointer_known = false;
	result = dfu_send(s, DFU_DNLOAD, LEAVE_BLOCK, NULL, 0);
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	result = dfu_ask_status(s, s->limits.transfer_ms);
	/* It took the request; a part on its way out need not answer any more. */
	if (result == DFU_TIMED_OUT || result == DFU_BUS_ERROR || result == DFU_GONE)
		return DFU_OK;
	if (result != DFU_OK)
		return dfu_recover(s, result, 0);
	if (s->last.status != DFU_STATUS_OK || s->last.state == DFU_ERROR)
		result = dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATUS);
	else if (s->last.state != DFU_MANIFEST_SYNC && s->last.state != DFU_MANIFEST &&
		 s->last.state != DFU_MANIFEST_WAIT_RESET)
		result = dfu_failed(s, DFU_DNLOAD, DFU_BAD_STATE);
	return result == DFU_OK ? DFU_OK : dfu_recover(s, result, 0);
}
