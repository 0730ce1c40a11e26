/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_suffix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t address = size > 0 ? 0x08000000u + data[0] : 0xFFFFFFF0u;
	uint8_t *bytes = fuzz_suffixed(data, size, 0x00);
	struct image_error error = {0};
	struct image image;

	fuzz_use_image(image_parse_dfu(data, size, address, &image, &error), &image, &error, size);
	error = (struct image_error){0};
	fuzz_use_image(image_parse_dfu(bytes, size + FUZZ_SUFFIX, address, &image, &error), &image,
		       &error, size);
	(void)image_detect(data, size);
	free(bytes);
	return 0;
}
