/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layout strings. reads: src/dfu/layout.c */
#include "fuzz_image.h"

#include <stdio.h>

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/evidence.h"

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

		FUZZ_REQUIRE(r->sector_bytes > 0);
		FUZZ_REQUIRE(r->address + (uint64_t)r->sectors * r->sector_bytes <= UINT64_C(1)
											    << 32);
	}
}

/* A setting with that string beside the option bytes of an H743: never proof of another series. */
static void judge(const char *text)
{
	struct stm32_answers answers = {.settings = 2, .id = -1, .flash_kib = -1};
	struct stm32_evidence evidence;

	snprintf(answers.setting[0].text, sizeof(answers.setting[0].text), "%s", text);
	snprintf(answers.setting[1].text, sizeof(answers.setting[1].text), "%s",
		 "@Option Bytes   /0x5200201C/01*128 e");
	for (unsigned i = 0; i < answers.settings; i++)
		answers.setting[i].understood =
			dfu_layout_parse(answers.setting[i].text, &answers.setting[i].layout);
	stm32_evidence(&answers, NULL, &evidence);
	FUZZ_REQUIRE(!stm32_evidence_proves(&evidence, STM32_H7AX));
	for (unsigned s = 0; s < stm32_part_sectors(stm32_part_at(0)); s++)
		(void)stm32_sector_open(stm32_part_at(0), &evidence, s);
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
	judge(text);
	free(text);
	return 0;
}
