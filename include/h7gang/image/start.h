/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the flash of a part, as wanted, holds an application where the part starts one. */
#ifndef H7GANG_IMAGE_START_H
#define H7GANG_IMAGE_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/image/image.h"

#define IMAGE_START_WHY_SIZE 1200

/* The first 8 bytes at an address, as a vector table. */
struct image_start {
	uint32_t address;
	bool programmed; /* an image states at least one of the 8 bytes; all below counts only then
			  */
	uint32_t stack, reset;       /* the words; bytes that no image states are 0xFF */
	const struct stm32_ram *ram; /* that the stack pointer points into, or exactly at the end
					of; NULL: none */
	bool stack_at_end;           /* 25 of 54 images of the field have it exactly there */
	bool stack_near_end;         /* less than 16 bytes below the end, or there: AN2606 t.136 */
	bool stack_misaligned;       /* no multiple of 8 */
	bool reset_odd;              /* Thumb */
	bool reset_programmed;       /* points at a byte that an image states */
	bool reset_blank;            /* that byte and the next are 0xFF, which is no instruction */
	bool plausible; /* stack pointer in RAM, reset handler odd, programmed and not blank */
};

/* `flash` must be sealed. `address` may lie outside flash: then nothing is programmed there. */
void image_start_look(const struct image_flash *flash, uint32_t address, struct image_start *start);

/* Why it is implausible, with the values found and expected; "" if it is not. */
void image_start_why(const struct image_start *start, const struct stm32_part *part, char *text,
		     size_t size);

#endif
