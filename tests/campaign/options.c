/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes that a wider batch expects and sets, and their factory values (RM0433, 4.9). */
#include "campaign.h"

#include <inttypes.h>
#include <string.h>

enum { OPTSR, BOOT, WPSN1, WPSN2, KNOWN = 12 };

const struct option_word option_words[OPTION_WORDS] = {[OPTSR] = {0x00, 0x1BC6AAF0},
						       [BOOT] = {0x24, 0x1FF00800},
						       [WPSN1] = {0x1C, 0xFF},
						       [WPSN2] = {0x11C, 0xFF}};

static const struct known {
	const char *name;
	unsigned word, shift, width;
	bool settable; /* without becoming another board */
} known[KNOWN] = {
	{"bor", OPTSR, 2, 2, true},           {"iwdg1_sw", OPTSR, 4, 1, true},
	{"nrst_stop_d1", OPTSR, 6, 1, true},  {"nrst_stby_d1", OPTSR, 7, 1, true},
	{"fz_iwdg_stop", OPTSR, 17, 1, true}, {"fz_iwdg_sdby", OPTSR, 18, 1, true},
	{"st_ram_size", OPTSR, 19, 2, true},  {"io_hslv", OPTSR, 29, 1, true},
	{"boot_add0", BOOT, 0, 16, true},     {"boot_add1", BOOT, 16, 16, true},
	{"security", OPTSR, 21, 1, false},    {"swap_bank", OPTSR, 31, 1, false},
};

bool options_differ(const struct wish *wish, unsigned wishes)
{
	for (unsigned i = 0; i < wishes; i++) {
		if ((option_words[wish[i].word].factory & wish[i].mask) != wish[i].value)
			return true;
	}
	return false;
}

static uint32_t other_value(uint64_t *dice, const struct known *one, uint32_t value)
{
	uint32_t limit = 1u << one->width;

	return (value + 1 + below(dice, limit - 1)) % limit;
}

static void add_known(struct wish *list, unsigned *count, FILE *profile, const struct known *one,
		      uint32_t value)
{
	uint32_t mask = (1u << one->width) - 1;

	list[(*count)++] = (struct wish){one->word, mask << one->shift, value << one->shift};
	fprintf(profile, "%s%s: ", *count > 1 ? ", " : "", one->name);
	if (one->width == 1)
		fputs(value ? "true" : "false", profile);
	else
		fprintf(profile, "%" PRIu32, value);
}

/* Protected sectors, counted over both banks. */
static void add_wrp(const struct batch *batch, struct wish *list, unsigned *count, FILE *profile,
		    uint32_t sectors)
{
	uint32_t in_bank = batch->part->bank_bytes / batch->part->sector_bytes;
	uint32_t all = batch_sectors(batch), low = (1u << in_bank) - 1;
	const char *comma = "";

	fprintf(profile, "%swrp: [", *count > 0 ? ", " : "");
	for (uint32_t s = 0; s < all; s++) {
		if (!(sectors >> s & 1))
			continue;
		fprintf(profile, "%s%" PRIu32, comma, s);
		comma = ", ";
	}
	fputs("]", profile);
	list[(*count)++] = (struct wish){WPSN1, 0xFF, 0xFF & ~(sectors & low)};
	if (all > in_bank)
		list[(*count)++] = (struct wish){WPSN2, 0xFF, 0xFF & ~(sectors >> in_bank)};
}

static uint32_t factory_value(const struct known *one)
{
	return option_words[one->word].factory >> one->shift & ((1u << one->width) - 1);
}

/* A profile is refused if it says that the part starts in flash that holds no application. */
static bool may_start_at(const struct batch *batch, const struct known *one, uint32_t value)
{
	bool flash = value >= 0x0800 && value < 0x0820;

	return strcmp(one->name, "boot_add0") != 0 || !flash || batch->start.unchecked ||
	       (value == 0x0800 && batch->start.laid);
}

/* A key is either expected or set: a board that was set would not be as expected when it is tried
 * again. */
void options_choose(struct batch *batch, FILE *profile)
{
	static const struct known rdp = {"rdp", OPTSR, 8, 8, false};
	struct wider *wider = &batch->wider;
	uint64_t *dice = &wider->dice;
	bool two_banks = batch->part->flash_bytes > batch->part->bank_bytes, wrong, set_wrp;
	uint32_t chosen = 0, value, use[KNOWN];

	if (batch->part->sector_bytes == PAGE_BYTES ||
	    percent(dice, 40)) /* H7A3's registers are others */
		return;
	fputs("option_bytes:\n", profile);
	wider->unprotect = percent(dice, 20);
	if (wider->unprotect)
		fputs("  unprotect: true\n", profile);
	wrong = percent(dice, 8);
	set_wrp = percent(dice, 15);
	fputs("  expect: {", profile);
	for (unsigned i = 0; i < KNOWN; i++) {
		use[i] = below(dice, 5); /* 0: expect, 1: set */
		if (use[i] == 1 && !known[i].settable)
			use[i] = 0;
		if (use[i] != 0 || (known[i].shift == 31 && !two_banks))
			continue;
		value = wrong && chosen++ == 0
				? other_value(dice, &known[i], factory_value(&known[i]))
				: factory_value(&known[i]);
		if (may_start_at(batch, &known[i], value))
			add_known(wider->expect, &wider->expects, profile, &known[i], value);
	}
	if (percent(dice, 30)) {
		fprintf(profile, "%srdp: 0", wider->expects ? ", " : "");
		wider->expect[wider->expects++] =
			(struct wish){rdp.word, 0xFFu << rdp.shift, 0xAAu << rdp.shift};
	}
	if (!set_wrp && percent(dice, 30))
		add_wrp(batch, wider->expect, &wider->expects, profile,
			wrong && percent(dice, 50) ? 1u : 0);
	fputs("}\n  set: {", profile);
	for (unsigned i = 0; i < KNOWN; i++) {
		if (use[i] != 1)
			continue;
		value = below(dice, 1u << known[i].width);
		if (may_start_at(batch, &known[i], value))
			add_known(wider->set, &wider->sets, profile, &known[i], value);
	}
	if (set_wrp)
		add_wrp(batch, wider->set, &wider->sets, profile,
			1u << below(dice, batch_sectors(batch)));
	fputs("}\n", profile);
}

bool options_protect(const struct wish *wish, unsigned wishes)
{
	for (unsigned i = 0; i < wishes; i++)
		if ((wish[i].word == WPSN1 || wish[i].word == WPSN2) && wish[i].value != 0xFF)
			return true;
	return false;
}
