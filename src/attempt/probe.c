/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"
#include "result.h"

#define HEAD_BYTES 64 /* read of flash to find out whether it can be read */

/* RM0433 4.9.8: FLASH_OPTSR_CUR and the fields looked at here. */
#define OPTSR_RDP_SHIFT 8
#define OPTSR_SWAP_BANK (1u << 31)

/* Whether the probing goes on after this result: a refusal is survived once the target is back in
 * dfuIDLE. `*result` becomes DFU_OK then. */
static bool survive(struct link *link, enum dfu_result *result)
{
	if (*result == DFU_OK)
		return true;
	if (result_is_final(*result))
		return false;
	*result = link_recover(link);
	return *result == DFU_OK;
}

/* `*told` becomes whether all `length` bytes came. Asked twice, since one disturbed transfer must
 * not make an identity unknown; not after a time-out, which a target that does not answer would
 * double. */
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
	/* Refused even when asked at the pace the target wants: that is its answer, and no reason
	 * to go on at that pace. */
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

static enum dfu_result ask_uid(struct link *link, const struct stm32_part *part,
			       uint8_t uid[STM32_UID_BYTES], bool *told)
{
	uint32_t address = stm32_series_row(part->series)->uid_address;
	enum dfu_result result = ask(link, address, uid, STM32_UID_BYTES, told);

	/* All ones or zeros is unprogrammed or unmapped memory, not an identity. */
	*told = *told && !all_equal(uid, STM32_UID_BYTES, 0xff) &&
		!all_equal(uid, STM32_UID_BYTES, 0);
	return result;
}

static void write_uid(const uint8_t bytes[STM32_UID_BYTES], char uid[25])
{
	for (size_t i = 0; i < STM32_UID_BYTES; i++)
		snprintf(uid + 2 * i, 3, "%02x", bytes[i]);
}

enum dfu_result probe_uid(struct link *link, const struct stm32_part *part, char uid[25])
{
	uint8_t bytes[STM32_UID_BYTES];
	bool told;
	enum dfu_result result = ask_uid(link, part, bytes, &told);

	uid[0] = '\0';
	if (told)
		write_uid(bytes, uid);
	return result;
}

/* Finds the alternate setting that announces the option bytes where RM0433 has them, and how many
 * bytes it announces: AN3156 requires one request for the whole block. */
static enum dfu_result find_option_bytes(struct link *link, unsigned *alt, uint32_t *length)
{
	/* A copy: a recovery may open the target anew, with another pipe. */
	const struct dfu_descriptors descriptors = link->session.pipe->descriptors;

	*length = 0;
	for (unsigned i = 0; i < descriptors.alt_count; i++) {
		char text[256];
		struct dfu_layout layout;
		enum dfu_result result = dfu_string(&link->session, descriptors.alt[i].name_string,
						    text, sizeof(text));

		if (!survive(link, &result))
			return result;
		if (!dfu_layout_parse(text, &layout) ||
		    layout.region[0].address != STM32_OPTION_ADDRESS)
			continue;
		*alt = descriptors.alt[i].setting;
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
		if (result == DFU_OK && !told) /* a recovery selects the link's own */
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
	result = dfu_select_alt(&link->session, link->alt);
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

/* One disturbed bit makes any level of level 0: another one is believed if it is read twice. */
static enum dfu_result ask_sure_option_bytes(struct link *link, struct probe *probe, bool far)
{
	enum dfu_result result = DFU_OK;
	int before;

	for (int i = 0; i < 3 && result == DFU_OK; i++) {
		before = probe->rdp;
		result = ask_option_bytes(link, probe, far);
		if (probe->rdp <= 0 || probe->rdp == before)
			break;
	}
	return result;
}

/* The first bytes of flash, to tell a register from an echo of them, and whether flash refuses
 * reads. */
struct head {
	uint8_t bytes[HEAD_BYTES];
	size_t got;
	bool known;
	const char *refused; /* in which documented way of read protection; NULL: it is not */
};

/* AN3156: errVENDOR; ST's Open Bootloader: an empty packet; ST's USB device library: a stall, with
 * a state of no meaning behind it. */
static const char *refusal(const struct link *link, enum dfu_result result, size_t got)
{
	if (result == DFU_BAD_STATUS && link->session.last.status == DFU_ERR_VENDOR)
		return "errVENDOR";
	/* The CLRSTATUS behind a stall may leave a status of no meaning, too. */
	if (result == DFU_STALLED || result == DFU_BAD_STATE ||
	    (result == DFU_BAD_STATUS && link->session.last_io == DFU_IO_STALL))
		return "with a stall";
	if (result == DFU_SHORT && got == 0)
		return "with an empty packet";
	return NULL;
}

static enum dfu_result read_head(struct link *link, uint32_t address, struct head *head)
{
	enum dfu_result result;

	head->got = 0;
	result = dfu_read_block(&link->session, address, head->bytes, sizeof(head->bytes),
				&head->got);
	head->known = result == DFU_OK;
	head->refused = refusal(link, result, head->got);
	survive(link, &result);
	return result;
}

/* A second place, in another sector where the part has two: one broken word is no protection. */
static uint32_t second_place(const struct stm32_part *part)
{
	unsigned sectors = stm32_part_sectors(part);

	if (sectors == 1)
		return part->bank[0].base + part->sector_bytes / 2;
	return stm32_address(part, (sectors - 1) * part->sector_bytes);
}

static enum dfu_result ask_flash(struct link *link, const struct stm32_part *part,
				 struct probe *probe, struct head *head)
{
	struct head second;
	enum dfu_result result;

	*head = (struct head){0};
	result = read_head(link, part->bank[0].base, head);
	if (head->known && probe->rdp > 0)
		probe->rdp = -1; /* flash that can be read denies it */
	if (result != DFU_OK || !head->refused || probe->rdp >= 0)
		return result;
	result = read_head(link, second_place(part), &second);
	probe->flash_refused = second.refused;
	return result;
}

enum dfu_result probe_lock(struct link *link, const struct stm32_part *part, enum probe_lock *lock)
{
	const uint32_t place[] = {part->bank[0].base, second_place(part)};
	enum dfu_result result = DFU_OK;

	*lock = PROBE_LOCKED;
	for (unsigned i = 0; i < 4 && *lock == PROBE_LOCKED && result == DFU_OK; i++) {
		struct head head;

		result = read_head(link, place[i / 2], &head);
		if (head.known || head.got > 0)
			*lock = PROBE_OPEN;
		else if (!head.refused)
			*lock = PROBE_UNSURE;
	}
	return result;
}

/* A UID that is read differently the second time, or that equals the first bytes of flash, is none:
 * a bootloader may accept the pointer and ignore it. */
static enum dfu_result ask_sure_uid(struct link *link, const struct stm32_part *part,
				    const struct head *head, struct probe *probe)
{
	struct stm32_answers *answers = &probe->answers;
	uint8_t again[STM32_UID_BYTES];
	bool told = false;
	enum dfu_result result = ask_uid(link, part, answers->uid, &answers->uid_known);

	if (result != DFU_OK || !answers->uid_known)
		return result;
	result = ask_uid(link, part, again, &told);
	if (told && memcmp(again, answers->uid, sizeof(again)) != 0)
		answers->uid_known = false;
	if (head->known && memcmp(answers->uid, head->bytes, sizeof(answers->uid)) == 0)
		answers->uid_known = false;
	if (answers->uid_known)
		write_uid(answers->uid, probe->uid);
	return result;
}

/* Two bytes of a register; unknown if they may be an echo of flash. AN2662 4.4.1 allows reads of 2
 * bytes and more. */
static enum dfu_result ask_register(struct link *link, uint32_t address, const struct head *head,
				    const struct probe *probe, uint8_t bytes[2], bool *told)
{
	enum dfu_result result = ask(link, address, bytes, 2, told);

	if (!probe->answers.uid_known && head->known && memcmp(bytes, head->bytes, 2) == 0)
		*told = false;
	return result;
}

static enum dfu_result ask_bootloader(struct link *link, const struct stm32_part *part,
				      const struct head *head, struct probe *probe)
{
	uint8_t bytes[2] = {0};
	bool told;
	enum dfu_result result = ask_register(link, stm32_series_row(part->series)->id_address,
					      head, probe, bytes, &told);

	if (told && bytes[0] != 0xff && bytes[0] != 0)
		probe->answers.id = bytes[0];
	return result;
}

static enum dfu_result ask_flash_size(struct link *link, const struct stm32_part *part,
				      const struct head *head, struct probe *probe)
{
	uint8_t bytes[2] = {0};
	bool told;
	enum dfu_result result = ask_register(link, stm32_series_row(part->series)->size_address,
					      head, probe, bytes, &told);
	unsigned kib = bytes[0] | (unsigned)bytes[1] << 8;

	if (told && kib != 0 && kib != 0xffff)
		probe->answers.flash_kib = kib;
	return result;
}

/* Asks again for a layout that makes no sense: one disturbed transfer must not make a foreign chip
 * of a board. */
static enum dfu_result ask_setting(struct link *link, uint8_t index, struct stm32_setting *setting)
{
	enum dfu_result result = DFU_OK;

	for (int i = 0; i < 2 && !setting->understood && result == DFU_OK; i++) {
		result = dfu_string(&link->session, index, setting->text, sizeof(setting->text));
		if (result != DFU_OK)
			setting->text[0] = '\0';
		survive(link, &result);
		setting->understood = dfu_layout_parse(setting->text, &setting->layout);
	}
	return result;
}

static enum dfu_result ask_device_string(struct link *link, uint8_t index, char text[128])
{
	enum dfu_result result;

	if (index == 0)
		return DFU_OK;
	result = dfu_string(&link->session, index, text, 128);
	survive(link, &result);
	return result;
}

static void take_descriptors(const struct dfu_descriptors *descriptors,
			     struct stm32_answers *answers)
{
	answers->release = descriptors->release;
	answers->has_functional = descriptors->has_functional;
	answers->attributes = descriptors->attributes;
	answers->transfer_size = descriptors->transfer_size;
	answers->dfu_version = descriptors->dfu_version;
	answers->settings = descriptors->alt_count;
}

static void forget_registers(struct probe *probe)
{
	probe->answers.id = STM32_ROM_UNKNOWN;
	probe->answers.uid_known = false;
	probe->answers.flash_kib = -1;
	probe->uid[0] = '\0';
	probe->rdp = -1;
}

enum dfu_result probe_announced(struct link *link, struct probe *probe)
{
	/* A copy: a recovery may open the target anew, with another pipe. */
	const struct dfu_descriptors descriptors = link->session.pipe->descriptors;
	struct stm32_answers *answers = &probe->answers;
	enum dfu_result result = DFU_OK;

	memset(probe, 0, sizeof(*probe));
	forget_registers(probe);
	take_descriptors(&descriptors, answers);
	for (unsigned i = 0; i < answers->settings && result == DFU_OK; i++) {
		answers->setting[i].number = descriptors.alt[i].setting;
		if (descriptors.alt[i].name_string)
			result = ask_setting(link, descriptors.alt[i].name_string,
					     &answers->setting[i]);
	}
	probe->layout = answers->setting[0].text;
	if (result == DFU_OK)
		result = ask_device_string(link, descriptors.manufacturer_string,
					   answers->manufacturer);
	if (result == DFU_OK)
		result = ask_device_string(link, descriptors.product_string, answers->product);
	if (result == DFU_OK)
		result = ask_device_string(link, descriptors.serial_string, answers->serial);
	return result;
}

enum dfu_result probe_missing(struct link *link, uint32_t address, bool *missing)
{
	enum dfu_result result = DFU_OK;

	*missing = true;
	for (int i = 0; i < 2 && *missing && result == DFU_OK; i++) {
		result = dfu_set_pointer(&link->session, address);
		*missing =
			result == DFU_BAD_STATUS && (link->session.last.status == DFU_ERR_TARGET ||
						     link->session.last.status == DFU_ERR_ADDRESS);
		survive(link, &result);
	}
	return result;
}

enum dfu_result probe_end(struct link *link, const struct stm32_part *part, bool *missing)
{
	return probe_missing(link, stm32_address(part, stm32_part_bytes(part) - part->sector_bytes),
			     missing);
}

enum dfu_result probe_registers(struct link *link, const struct stm32_part *part, bool far,
				struct probe *probe)
{
	struct head head;
	enum dfu_result result;

	probe->answers.asked = part->series;
	forget_registers(probe);
	result = ask_sure_option_bytes(link, probe, far);
	if (result == DFU_OK)
		result = ask_flash(link, part, probe, &head);
	if (result == DFU_OK)
		result = ask_sure_uid(link, part, &head, probe);
	if (result == DFU_OK)
		result = ask_bootloader(link, part, &head, probe);
	if (result == DFU_OK)
		result = ask_flash_size(link, part, &head, probe);
	return result;
}
