/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/unit_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void unit_image_init(struct unit_image *image, const struct image_flash *flash)
{
	*image = (struct unit_image){.flash = flash};
}

bool unit_image_fill(struct unit_image *image, const struct profile_serial *serial,
		     const struct profile_unit *unit, char *why, size_t why_size)
{
	const struct image_flash *flash = image->flash;
	size_t length = 0, at = 0;

	unit_image_free(image);
	unit_image_init(image, flash);
	for (unsigned i = 0; i < serial->patches; i++)
		length += serial->patch[i].length;
	image->own = malloc(length + 1);
	if (image->own == NULL) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	image->own_length = length;
	for (unsigned i = 0; i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];
		char what[128];

		if (!profile_patch_bytes(serial, patch, unit, image->own + at, what,
					 sizeof(what))) {
			snprintf(why, why_size, "the value of the patch at 0x%08x %s",
				 (unsigned)patch->address, what);
			unit_image_free(image);
			return false;
		}
		at += patch->length;
	}
	image->serial = serial;
	return true;
}

static bool meets(const struct profile_patch *patch, uint32_t offset, uint32_t length)
{
	return patch->offset < offset + length && offset < patch->offset + patch->length;
}

const uint8_t *unit_image_bytes(const struct unit_image *image, uint32_t offset, uint32_t length,
				uint8_t *room)
{
	const uint8_t *bytes = image->flash->bytes + offset;
	const uint8_t *own = image->own;

	for (unsigned i = 0; image->serial != NULL && i < image->serial->patches; i++) {
		const struct profile_patch *patch = &image->serial->patch[i];

		if (meets(patch, offset, length)) {
			uint32_t from = patch->offset > offset ? patch->offset : offset;
			uint32_t end = patch->offset + patch->length;

			if (end > offset + length)
				end = offset + length;
			if (bytes != room)
				memcpy(room, bytes, length);
			bytes = room;
			memcpy(room + (from - offset), own + (from - patch->offset), end - from);
		}
		own += patch->length;
	}
	return bytes;
}

uint32_t unit_image_shared(const struct unit_image *image, uint32_t offset, uint32_t length,
			   uint32_t unit)
{
	uint32_t shared = length;

	for (unsigned i = 0; image->serial != NULL && i < image->serial->patches; i++) {
		const struct profile_patch *patch = &image->serial->patch[i];

		if (!meets(patch, offset, shared))
			continue;
		shared = patch->offset > offset ? patch->offset - offset : 0;
		shared -= shared % unit;
	}
	return shared;
}

bool unit_image_secret(const struct unit_image *image, uint32_t offset, uint32_t length)
{
	for (unsigned i = 0; image->serial != NULL && i < image->serial->patches; i++)
		if (image->serial->patch[i].secret &&
		    meets(&image->serial->patch[i], offset, length))
			return true;
	return false;
}

void unit_image_free(struct unit_image *image)
{
	if (image->own != NULL)
		explicit_bzero(image->own, image->own_length);
	free(image->own);
	image->own = NULL;
	image->own_length = 0;
	image->serial = NULL;
}
