/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "first_write.h"

#include "recovery.h"
#include "result.h"

/* AXI SRAM that every bootloader version of every series lets a host write, and none uses itself
 * (AN2606 t.133, t.135, t.137, t.226). */
#define FREE_RAM 0x24040000u
#define LOST_BYTES 32

bool first_write_to_ram(struct job *job)
{
	static const uint8_t zeros[LOST_BYTES];
	enum dfu_result result;

	if (job->ram_refused)
		return true;
	result = dfu_write_block(&job->link.session, FREE_RAM, zeros, sizeof(zeros));
	if (result == DFU_OK)
		return true;
	job->ram_refused = true;
	return recovery_recover(job, result, "program");
}
