/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash of one unit as it shall be: the image that all units share, which is never written, and
 * the few ranges that are this unit's own. */
#ifndef H7GANG_SERIAL_UNIT_IMAGE_H
#define H7GANG_SERIAL_UNIT_IMAGE_H

#include "h7gang/image/image.h"
#include "h7gang/profile/serial.h"

struct unit_image {
	const struct image_flash *flash;     /* borrowed */
	const struct profile_serial *serial; /* NULL: no patches; borrowed */
	uint8_t *own;                        /* the patches' bytes, one after the other; owned */
	size_t own_length;
};

/* The shared image alone; also the state before unit_image_fill. */
void unit_image_init(struct unit_image *image, const struct image_flash *flash);

/* Lays the unit's patches over it, in the place of those laid before. False: `why`, without any
 * value. */
bool unit_image_fill(struct unit_image *image, const struct profile_serial *serial,
		     const struct profile_unit *unit, char *why, size_t why_size);

/* `length` bytes from `offset` ("bank 1 then bank 2") on: in the shared image if nothing of the
 * unit's own lies there, else put together in `room`, which has that many. */
const uint8_t *unit_image_bytes(const struct unit_image *image, uint32_t offset, uint32_t length,
				uint8_t *room);

/* How many bytes from `offset` on, at most `length`, are the shared image's; in multiples of
 * `unit`, to which `offset` is aligned. 0: the next `unit` bytes hold some of the unit's own. */
uint32_t unit_image_shared(const struct unit_image *image, uint32_t offset, uint32_t length,
			   uint32_t unit);

/* Whether any of these bytes is secret. */
bool unit_image_secret(const struct unit_image *image, uint32_t offset, uint32_t length);

void unit_image_free(struct unit_image *image);

#endif
