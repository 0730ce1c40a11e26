/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UF2 files, and files without firmware. reads: src/image/uf2.c src/image/foreign.c */
#include "fuzz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_error error = {0};
	struct image_foreign foreign;
	struct image image;
	bool ok = image_parse_uf2(data, size, &image, &error);

	fuzz_use_image(ok, &image, &error, size);
	if (image_foreign(data, size, &foreign))
		FUZZ_REQUIRE(foreign.kind != NULL && foreign.advice != NULL);
	return 0;
}
