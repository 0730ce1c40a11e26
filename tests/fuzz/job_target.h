/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target behind fuzz_job: a ROM that keeps to DFU 1.1 and AN3156 but where the script says
 * otherwise. */
#ifndef FUZZ_JOB_TARGET_H
#define FUZZ_JOB_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/dfu/pipe.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/usb/bus.h"

#define STEPS_MAX 200000u /* transfers and waits of one input */

/* The rest of the input. After its end the target behaves well. */
struct script {
	const uint8_t *at, *end;
	uint32_t gap; /* requests until the next oddity */
};

struct usb_device {
	struct dfu_pipe pipe;
	struct usb_seen seen;
	struct {
		bool used;
		enum dfu_io io;
		uint8_t data[DFU_PIPE_MAX_LENGTH];
		size_t actual;
		uint16_t length;
		int64_t sent;  /* 0: never */
		int64_t lands; /* CLOCK_NEVER: no answer */
	} slot[DFU_PIPE_SLOTS];
	bool refused; /* a held one was not sent: none is until the pipe is empty */
};

struct target {
	struct script script;
	const struct stm32_part *part;
	const struct stm32_rom *rom;
	const char *layout;
	uint8_t id, rdp;
	bool refuses;  /* to identify itself */
	unsigned size; /* chooses its wTransferSize */
	/* the ROM */
	uint8_t state, status, alt;
	uint32_t pointer;
	uint8_t stored[DFU_PIPE_MAX_LENGTH];
	size_t stored_length;
	uint16_t stored_value;
	bool pending, wedged;
	int64_t busy_until; /* an erase that was answered too early */
	uint8_t *flash;
	uint32_t flash_bytes;
	/* the bus */
	struct usb_device device;
	bool open, present;
	uint8_t address;
	int64_t back_at; /* CLOCK_NEVER: it does not come back */
	/* for the judge */
	bool may_touch; /* the attempt is on record */
	bool odd;       /* an oddity has happened */
	bool lied;      /* some data differed from flash */
	unsigned steps;
};

extern struct target target;
extern int64_t fuzz_now;

uint8_t script_byte(struct script *script);
void target_power(void); /* on again: state, pointer and alternate setting forgotten */

#endif
