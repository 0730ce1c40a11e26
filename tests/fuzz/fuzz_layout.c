/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layout strings. reads: src/dfu/layout.c */
#include "fuzz_image.h"

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/rom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dfu_layout *layout, bool taken)
{
	static const struct dfu_layout nothing;

	if (!taken) {
		FUZZ_REQUIRE(memcmp(layout, &nothing, sizeof(nothing)) == 0);
		return;
	}
	FUZZ_REQUIRE(layout->regions > 0 && layout->regions <= DFU_LAYOUT_REGIONS);
	FUZZ_REQUIRE(memchr(layout->name, '\0', sizeof(layout->name)) != NULL);
	for (unsigned i = 0; i < layout->regions; i++) {
		const struct dfu_region *r = &layout->region[i];

		FUZZ_REQUIRE(r->sectors > 0 && r->sector_bytes > 0);
		FUZZ_REQUIRE(r->address + (uint64_t)r->sectors * r->sector_bytes <= UINT64_C(1) << 32);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct dfu_layout layout;

	FUZZ_REQUIRE(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check(&layout, dfu_layout_parse(text, &layout));
	for (unsigned p = 0; stm32_part_at(p); p++)
		for (unsigned r = 0; stm32_rom_at(r); r++)
			(void)stm32_layout_fits(stm32_part_at(p), stm32_rom_at(r), &layout);
	free(text);
	return 0;
}
