/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_error error = {0};
	struct image image;
	bool ok = image_parse_elf(data, size, &image, &error);

	fuzz_use_image(ok, &image, &error, IMAGE_FILE_MAX);
	return 0;
}
