/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_error error = {0};
	struct image image;
	bool ok = image_parse_srec(data, size, &image, &error);

	fuzz_use_image(ok, &image, &error, size / 2);
	return 0;
}
