/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ROM bootloader or a program in flash: how the descriptors of an STM32H7 in ROM DFU look (listings
 * of H743, H723, H7A3; AN3156), and where a board's differ. */
#include "bootloader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/stm32/series.h"

#define RELEASE 0x0200
#define ATTRIBUTES 0x0B
#define TRANSFER_SIZE 1024
#define DFUSE_VERSION 0x011A
#define DEVIATIONS 2 /* this many, and it is not the ROM */

static const char manufacturer[] = "STMicroelectronics";
static const char product[] = "DFU in FS Mode";

bool stm32_strings_shifted(const struct stm32_answers *answers)
{
	return strcmp(answers->product, manufacturer) == 0;
}

static void __attribute__((format(printf, 2, 3)))
deviates(struct stm32_evidence *evidence, const char *format, ...)
{
	size_t used = strlen(evidence->resident_why);
	va_list args;

	if (used && used + 3 < sizeof(evidence->resident_why)) {
		strcpy(evidence->resident_why + used, ", ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(evidence->resident_why + used, sizeof(evidence->resident_why) - used, format,
		  args);
	va_end(args);
}

static bool has_other_letters(const struct stm32_evidence *evidence)
{
	const struct dfu_layout *layout = evidence->flash ? &evidence->flash->layout : NULL;

	for (unsigned i = 0; layout && i < layout->regions; i++) {
		const struct dfu_region *region = &layout->region[i];

		if (!region->readable || !region->erasable || !region->writable)
			return true;
	}
	return false;
}

/* How many of the strings are others than the ROM's; a string that is refused or empty is none. */
static unsigned other_strings(const struct stm32_answers *answers)
{
	unsigned others = 0;

	if (stm32_strings_shifted(answers))
		return 0;
	if (answers->manufacturer[0] && strcmp(answers->manufacturer, manufacturer) != 0)
		others++;
	if (answers->product[0] && strcmp(answers->product, product) != 0)
		others++;
	return others;
}

/* Plain DFU would write the first bytes of a DfuSe command as firmware. */
static bool is_plain_dfu(const struct stm32_answers *answers)
{
	if (answers->dfu_version == DFUSE_VERSION)
		return false;
	if (answers->dfu_version != 0)
		return true;
	for (unsigned i = 0; i < answers->settings; i++)
		if (answers->setting[i].understood)
			return false;
	return true;
}

void stm32_judge_bootloader(const struct stm32_answers *answers, struct stm32_evidence *evidence)
{
	unsigned deviations = other_strings(answers);

	if (deviations)
		deviates(evidence, "its strings are \"%.30s\" and \"%.30s\"", answers->manufacturer,
			 answers->product);
	if (answers->release != RELEASE && ++deviations)
		deviates(evidence, "bcdDevice is 0x%04x", answers->release);
	if (answers->has_functional && answers->transfer_size != TRANSFER_SIZE && ++deviations)
		deviates(evidence, "its transfer size is %u", answers->transfer_size);
	if ((!answers->has_functional || answers->attributes != ATTRIBUTES ||
	     answers->dfu_version != DFUSE_VERSION) &&
	    ++deviations)
		deviates(evidence, "its functional descriptor differs");
	if (has_other_letters(evidence) && ++deviations)
		deviates(evidence, "it protects sectors");
	if (answers->settings == 1)
		snprintf(evidence->resident_why, sizeof(evidence->resident_why),
			 "it has a single alternate setting");
	evidence->resident = answers->settings == 1 || deviations >= DEVIATIONS;
	evidence->not_dfuse = is_plain_dfu(answers);
}
