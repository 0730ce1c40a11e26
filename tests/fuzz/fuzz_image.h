/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The promises of every reader of images, for any bytes. */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include <stdlib.h>
#include <string.h>

#include "h7gang/image/image.h"

#define FUZZ_REQUIRE(condition)                                                                    \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* Ascending, apart, no more bytes than `bound`, and every byte there to be read. */
static inline void fuzz_check_image(const struct image *image, size_t bound)
{
	uint64_t next = 0, used = 0;
	volatile uint8_t seen = 0;

	for (size_t i = 0; i < image->count; i++) {
		const struct image_segment *s = &image->segment[i];

		FUZZ_REQUIRE(s->length > 0 && (i == 0 || s->address > next));
		next = (uint64_t)s->address + s->length;
		FUZZ_REQUIRE(next <= UINT64_C(0x100000000));
		used += s->length;
		for (uint32_t b = 0; b < s->length; b++)
			seen ^= s->bytes[b];
	}
	(void)seen;
	FUZZ_REQUIRE(used == image_used(image));
	FUZZ_REQUIRE(used <= bound);
}

static inline void fuzz_use_image(bool ok, struct image *image, const struct image_error *error,
				  size_t bound)
{
	struct image_error later = {0};
	struct image_flash flash;

	if (!ok) {
		FUZZ_REQUIRE(error->why[0] != '\0');
		FUZZ_REQUIRE(image->segment == NULL && image->store == NULL && image->mark == NULL);
		return;
	}
	fuzz_check_image(image, bound);
	FUZZ_REQUIRE(image_flash_init(&flash, stm32_part_find("stm32h743xg")));
	if (image_flash_add(&flash, image, &later))
		FUZZ_REQUIRE(flash.used == image_used(image));
	image_flash_free(&flash);
	if (image_crop(image, 0x08000004, 0x08100010, &later) &&
	    image_move(image, -0x07FFFFFF, &later))
		fuzz_check_image(image, bound);
	image_free(image);
}

#endif
