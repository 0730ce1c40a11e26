/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes as read from a target: every field of every part is within these bytes, and a value
 * that is put in comes out again. reads: src/stm32/option.c */
#include "fuzz_image.h"

#include "h7gang/stm32/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stm32_option_block *block = malloc(sizeof(*block));
	uint32_t value = 0;

	FUZZ_REQUIRE(block != NULL);
	memset(block, 0, sizeof(*block));
	for (size_t i = 0; i < 4 && i < size; i++)
		value = value << 8 | data[i];
	if (size > 4) {
		data += 4;
		size -= 4;
	}
	block->length = (uint32_t)(size < sizeof(block->bytes) ? size : sizeof(block->bytes));
	if (size > 0)
		memcpy(block->bytes, data, block->length);
	for (unsigned i = 0; stm32_option_at(i); i++) {
		const struct stm32_option_field *field = stm32_option_at(i);
		uint32_t mask = field->width < 32 ? (1u << field->width) - 1 : UINT32_MAX;

		if (!stm32_option_known(block, field))
			continue;
		FUZZ_REQUIRE(field->at + 8u <= block->length);
		FUZZ_REQUIRE((stm32_option_get(block, field) & ~mask) == 0);
		stm32_option_put(block, field, value & mask);
		FUZZ_REQUIRE(stm32_option_get(block, field) == (value & mask));
	}
	FUZZ_REQUIRE(stm32_rdp_level(value & 0xFF) >= 0 && stm32_rdp_level(value & 0xFF) <= 2);
	free(block);
	return 0;
}
