/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/image/image.h"

#include <inttypes.h>
#include <stdlib.h>

#include "build.h"

uint32_t image_used(const struct image *image)
{
	uint32_t used = 0;

	for (size_t i = 0; i < image->count; i++)
		used += image->segment[i].length;
	return used;
}

uint32_t image_lowest(const struct image *image)
{
	return image->count ? image->segment[0].address : 0;
}

uint32_t image_highest(const struct image *image)
{
	const struct image_segment *last;

	if (image->count == 0)
		return 0;
	last = &image->segment[image->count - 1];
	return last->address + (last->length - 1);
}

uint32_t image_line(const struct image *image, uint32_t address)
{
	size_t low = 0, high = image->marks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->mark[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? image->mark[low - 1].line : 0;
}

/* Marks stay within the kept addresses, so that image_move cannot wrap one. */
static void crop_marks(struct image *image, uint32_t first, uint32_t last)
{
	size_t kept = 0;

	for (size_t i = 0; i < image->marks && image->mark[i].address <= last; i++) {
		if (kept > 0 && image->mark[i].address <= first)
			kept--;
		image->mark[kept] = image->mark[i];
		if (image->mark[kept].address < first)
			image->mark[kept].address = first;
		kept++;
	}
	image->marks = kept;
}

bool image_crop(struct image *image, uint32_t first, uint32_t last, struct image_error *error)
{
	bool some = false;
	size_t kept = 0;

	for (size_t i = 0; i < image->count && !some; i++)
		some = image->segment[i].address <= last &&
		       image->segment[i].address + (image->segment[i].length - 1) >= first;
	if (!some)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "nothing lies at 0x%08" PRIX32 " to 0x%08" PRIX32
				  ": the file states bytes from 0x%08" PRIX32 " to 0x%08" PRIX32
				  "; correct the range",
				  first, last, image_lowest(image), image_highest(image));
	crop_marks(image, first, last);
	for (size_t i = 0; i < image->count; i++) {
		struct image_segment s = image->segment[i];
		uint32_t end = s.address + (s.length - 1);

		if (s.address > last || end < first)
			continue;
		if (s.address < first) {
			s.bytes += first - s.address;
			s.address = first;
			s.line = image_line(image, first);
		}
		s.length = (end < last ? end : last) - s.address + 1;
		image->segment[kept++] = s;
	}
	image->count = kept;
	return true;
}

bool image_move(struct image *image, int64_t offset, struct image_error *error)
{
	int64_t lowest = (int64_t)image_lowest(image), highest = (int64_t)image_highest(image);

	if (image->count == 0)
		return true;
	if (offset < -lowest || offset > (int64_t)UINT32_MAX - highest)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "the offset moves 0x%08" PRIX32 " to 0x%08" PRIX32
				  " out of the 32-bit address space",
				  image_lowest(image), image_highest(image));
	for (size_t i = 0; i < image->count; i++)
		image->segment[i].address += (uint32_t)offset;
	for (size_t i = 0; i < image->marks; i++)
		image->mark[i].address += (uint32_t)offset;
	return true;
}

void image_free(struct image *image)
{
	free(image->segment);
	free(image->store);
	free(image->mark);
	*image = (struct image){0};
}
