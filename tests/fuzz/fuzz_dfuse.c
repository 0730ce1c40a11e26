/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_suffix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as it is, and with a correct suffix behind it. The size in the prefix is also
 * corrected: it is a checksum of another kind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_error error = {0};
	struct image image;
	uint8_t *body, *bytes;

	fuzz_use_image(image_parse_dfuse(data, size, IMAGE_ANY_ALTERNATE, &image, &error), &image,
		       &error, size);
	body = malloc(size + 1);
	FUZZ_REQUIRE(body != NULL);
	if (size > 0)
		memcpy(body, data, size);
	for (unsigned i = 0; i < 4 && size >= 11; i++)
		body[6 + i] = (uint8_t)(size >> 8 * i);
	bytes = fuzz_suffixed(body, size, 0x1A);
	error = (struct image_error){0};
	fuzz_use_image(image_parse_dfuse(bytes, size + FUZZ_SUFFIX, 0, &image, &error), &image,
		       &error, size);
	free(bytes);
	free(body);
	return 0;
}
