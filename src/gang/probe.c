/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/stm32/rom.h"

/* RM0433 4.9.8: FLASH_OPTSR_CUR and the fields looked at here. */
#define OPTSR_RDP_SHIFT 8
#define OPTSR_SWAP_BANK (1u << 31)

/* Whether the probing goes on after this result: a refusal is survived once the target is back in
 * dfuIDLE. `*result` becomes DFU_OK then. */
static bool survive(struct link *link, enum dfu_result *result)
{
	if (*result == DFU_OK)
		return true;
	if (*result == DFU_GONE || *result == DFU_EXPIRED || *result == DFU_STOPPED ||
	    *result == DFU_LEAKED || *result == DFU_NO_MEMORY)
		return false;
	*result = link_recover(link);
	return *result == DFU_OK;
}

/* `*told` becomes whether all `length` bytes came. Asked twice, since one disturbed transfer must not make
 * an identity unknown; not after a time-out, which a target that does not answer would double. */
static enum dfu_result ask(struct link *link, uint32_t address, uint8_t *bytes, size_t length,
                           bool *told)
{
	bool fell_back = link->session.fell_back;
	enum dfu_result result = DFU_OK;

	*told = false;
	for (int i = 0; i < 2 && !*told; i++) {
		size_t got = 0;
		bool late;

		result = dfu_read_block(&link->session, address, bytes, length, &got);
		*told = result == DFU_OK && got == length;
		late = result == DFU_TIMED_OUT;
		if (!survive(link, &result) || late)
			break;
	}
	/* Refused even when asked at the pace the target wants: that is its answer, and no reason to
	 * go on at that pace. */
	if (!*told)
		link->session.fell_back = fell_back;
	return result;
}

static bool all_equal(const uint8_t *bytes, size_t length, uint8_t value)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

bool probe_other_uid(const char *uid, const char *before)
{
	return uid[0] && before[0] && strcmp(uid, before) != 0;
}

enum dfu_result probe_uid(struct link *link, const struct stm32_part *part, char uid[25])
{
	uint8_t bytes[STM32_UID_BYTES];
	bool told;
	enum dfu_result result = ask(link, part->uid_address, bytes, sizeof(bytes), &told);

	uid[0] = '\0';
	/* All ones or zeros is unprogrammed or unmapped memory, not an identity. */
	if (!told || all_equal(bytes, sizeof(bytes), 0xff) || all_equal(bytes, sizeof(bytes), 0))
		return result;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(uid + 2 * i, 3, "%02x", bytes[i]);
	return result;
}

static enum dfu_result ask_flash_size(struct link *link, const struct stm32_part *part,
                                      int64_t *flash_kib)
{
	uint8_t bytes[2];
	bool told;
	enum dfu_result result = ask(link, part->size_address, bytes, sizeof(bytes), &told);
	unsigned kib = bytes[0] | (unsigned)bytes[1] << 8;

	*flash_kib = told && kib != 0 && kib != 0xffff ? (int64_t)kib : -1;
	return result;
}

/* AN2662 4.4.1 allows reads of 2 bytes and more, so the byte after the ID comes along. */
static enum dfu_result ask_bootloader(struct link *link, const struct stm32_part *part, int *id)
{
	uint8_t bytes[2];
	bool told;
	enum dfu_result result = ask(link, part->bootloader_address, bytes, sizeof(bytes), &told);

	*id = told && bytes[0] != 0xff && bytes[0] != 0 ? bytes[0] : STM32_ROM_UNKNOWN;
	return result;
}

/* Finds the alternate setting that announces the option bytes where RM0433 has them, and how many bytes
 * it announces: AN3156 wants the whole block asked for at once. */
static enum dfu_result find_option_bytes(struct link *link, unsigned *alt, uint32_t *length)
{
	const struct dfu_descriptors *descriptors = &link->session.pipe->descriptors;

	*length = 0;
	for (unsigned i = 1; i < descriptors->alt_count; i++) {
		char text[256];
		struct dfu_layout layout;
		enum dfu_result result =
			dfu_string(&link->session, descriptors->alt[i].name_string, text, sizeof(text));

		if (!survive(link, &result))
			return result;
		if (!dfu_layout_parse(text, &layout) || layout.region[0].address != STM32_OPTION_ADDRESS)
			continue;
		*alt = descriptors->alt[i].setting;
		*length = layout.region[0].sector_bytes;
		break;
	}
	return DFU_OK;
}

enum dfu_result probe_option_bytes(struct link *link, bool far, struct stm32_option_block *block,
                                   unsigned *alt)
{
	uint32_t length = 0;
	bool told = false;
	enum dfu_result result = find_option_bytes(link, alt, &length);

	block->length = 0;
	block->announced = length;
	if (result != DFU_OK || length < sizeof(uint32_t) || length > sizeof(block->bytes))
		return result;
	result = dfu_select_alt(&link->session, *alt);
	if (result == DFU_OK && far) {
		block->length = sizeof(block->bytes);
		result = ask(link, STM32_OPTION_ADDRESS, block->bytes, block->length, &told);
		if (result == DFU_OK && !told) /* a recovery selects 0 */
			result = dfu_select_alt(&link->session, *alt);
	}
	if (result == DFU_OK && !told) {
		block->length = length;
		result = ask(link, STM32_OPTION_ADDRESS, block->bytes, length, &told);
	}
	if (!told)
		block->length = 0;
	if (!survive(link, &result))
		return result;
	result = dfu_select_alt(&link->session, 0);
	return survive(link, &result) ? DFU_OK : result;
}

static enum dfu_result ask_option_bytes(struct link *link, struct probe *probe, bool far)
{
	unsigned alt;
	enum dfu_result result = probe_option_bytes(link, far, &probe->option, &alt);

	if (probe->option.length) {
		uint32_t status = stm32_option_register(&probe->option, 0);

		probe->rdp = stm32_rdp_level(status >> OPTSR_RDP_SHIFT & 0xff);
		probe->swapped = (status & OPTSR_SWAP_BANK) != 0;
	}
	return result;
}

static enum dfu_result ask_whether_readable(struct link *link, const struct stm32_part *part,
                                            struct probe *probe)
{
	uint8_t bytes[64];
	size_t got;
	enum dfu_result result =
		dfu_read_block(&link->session, part->bank[0].base, bytes, sizeof(bytes), &got);

	probe->flash_refused =
		result == DFU_BAD_STATUS && link->session.last.status == DFU_ERR_VENDOR;
	survive(link, &result);
	return result;
}

static enum dfu_result ask_strings(struct link *link, struct probe *probe)
{
	const struct dfu_descriptors *descriptors = &link->session.pipe->descriptors;
	enum dfu_result result = DFU_OK;

	for (unsigned i = 0; i < descriptors->alt_count && result == DFU_OK; i++) {
		if (descriptors->alt[i].setting != 0)
			continue;
		result = dfu_string(&link->session, descriptors->alt[i].name_string,
		                    probe->layout_text, sizeof(probe->layout_text));
		survive(link, &result);
		dfu_layout_parse(probe->layout_text, &probe->layout);
		break;
	}
	if (result == DFU_OK && descriptors->serial_string) {
		result = dfu_string(&link->session, descriptors->serial_string, probe->serial,
		                    sizeof(probe->serial));
		survive(link, &result);
	}
	return result;
}

enum dfu_result probe_target(struct link *link, const struct stm32_part *part, bool far,
                             struct probe *probe)
{
	enum dfu_result result;

	memset(probe, 0, sizeof(*probe));
	probe->bootloader_id = STM32_ROM_UNKNOWN;
	probe->flash_kib = -1;
	probe->rdp = -1;

	result = ask_strings(link, probe);
	if (result == DFU_OK)
		result = probe_uid(link, part, probe->uid);
	if (result == DFU_OK)
		result = ask_bootloader(link, part, &probe->bootloader_id);
	if (result == DFU_OK)
		result = ask_flash_size(link, part, &probe->flash_kib);
	if (result == DFU_OK)
		result = ask_option_bytes(link, probe, far);
	if (result == DFU_OK && probe->rdp < 0)
		result = ask_whether_readable(link, part, probe);
	return result;
}
