/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intel HEX and S-records. In the tables '*' stands for the right checksum of its line. */
#include "h7gang/image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define END ":00000001*\n"

typedef bool parser(const uint8_t *text, size_t length, struct image *image,
		    struct image_error *error);

struct good {
	const char *text;
	size_t count;
	struct {
		uint32_t address, length, line;
	} segment[3];
};

struct bad {
	const char *text;
	uint32_t line;
	const char *word;
};

/* Checksum of the hex digits of `line`, which begins after ':' or 'S' and its type. */
static unsigned checksum(const char *line, bool srec)
{
	unsigned sum = 0, byte;

	while (sscanf(line, "%2x", &byte) == 1) {
		sum += byte;
		line += 2;
	}
	return (srec ? ~sum : 0u - sum) & 0xFF;
}

static char *expand(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *to = out;
	const char *line = text;

	assert_non_null(out);
	for (; *text != '\0'; text++) {
		if (*text == '*')
			to += sprintf(to, "%02X",
				      *line == 'S' ? checksum(line + 2, true)
						   : checksum(line + 1, false));
		else
			*to++ = *text;
		if (*text == '\n')
			line = text + 1;
	}
	*to = '\0';
	return out;
}

static void check_good(parser *parse, const struct good *good, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct image_error error = {0};
		char *text = expand(good[i].text);
		struct image image;

		if (!parse((const uint8_t *)text, strlen(text), &image, &error))
			fail_msg("%s: line %u: %s", text, error.line, error.why);
		if (image.count != good[i].count)
			fail_msg("%s: %zu segments", text, image.count);
		for (size_t s = 0; s < image.count; s++) {
			assert_int_equal(image.segment[s].address, good[i].segment[s].address);
			assert_int_equal(image.segment[s].length, good[i].segment[s].length);
			assert_int_equal(image.segment[s].line, good[i].segment[s].line);
		}
		image_free(&image);
		free(text);
	}
}

static void check_bad(parser *parse, const struct bad *bad, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct image_error error = {0};
		char *text = expand(bad[i].text);
		struct image image;

		if (parse((const uint8_t *)text, strlen(text), &image, &error))
			fail_msg("accepted: %s", text);
		if (error.line != bad[i].line || strstr(error.why, bad[i].word) == NULL)
			fail_msg("%s: line %u: %s", text, error.line, error.why);
		assert_int_equal(error.fault, IMAGE_BAD_CONTENT);
		assert_int_equal(image.count, 0);
		assert_null(image.segment);
		free(text);
	}
}

static void good_ihex(void **state)
{
	static const struct good good[] = {
		{END, 0, {{0, 0, 0}}},
		{":0100000042*\n" END, 1, {{0, 1, 1}}},
		{":00000000*\n:0100000042*\n" END, 1, {{0, 1, 2}}},
		/* no last line end, CRLF, lower case, blank lines, trailing blanks */
		{":0100000042*\r\n:00000001*", 1, {{0, 1, 1}}},
		{":01000000aB*\r\n\r\n:00000001* \t\r\n\n", 1, {{0, 1, 1}}},
		{":01000000ab54\n:00000001ff\n", 1, {{0, 1, 1}}},
		/* adjacent ones are joined, in any order; a hole keeps them apart */
		{":020002003344*\n:020000001122*\n" END, 1, {{0, 4, 2}}},
		{":020003003344*\n:020000001122*\n" END, 2, {{0, 2, 2}, {3, 2, 1}}},
		/* linear and segment addresses replace each other */
		{":020000040800*\n:0100000042*\n" END, 1, {{0x08000000, 1, 2}}},
		{":020000021000*\n:0100000042*\n" END, 1, {{0x00010000, 1, 2}}},
		{":020000021000*\n:0100000042*\n:020000040810*\n:0100000042*\n"
		 ":020000021000*\n:0100020042*\n" END,
		 3,
		 {{0x00010000, 1, 2}, {0x00010002, 1, 6}, {0x08100000, 1, 4}}},
		/* with type 02 the offset wraps within the segment, with 04 it runs on */
		{":020000021001*\n:02FFFF001122*\n" END, 2, {{0x10010, 1, 2}, {0x2000F, 1, 2}}},
		{":020000040800*\n:02FFFF001122*\n" END, 1, {{0x0800FFFF, 2, 2}}},
		{":02000004FFFF*\n:02FFFF001122*\n" END, 2, {{0, 1, 2}, {0xFFFFFFFF, 1, 2}}},
		/* start addresses state no bytes; the end record may carry one too */
		{":0400000508000189*\n:0400000300001000*\n:0100000042*\n:00123401*\n",
		 1,
		 {{0, 1, 3}}},
		/* a byte-order mark, blank lines before, Ctrl-Z behind, CR alone as line end */
		{"\xEF\xBB\xBF:01000000AB54\n:00000001FF\n", 1, {{0, 1, 1}}},
		{"\n \r\n\t:0100000042BD\n" END, 1, {{0, 1, 3}}},
		{":0100000042*\n" END "\x1a", 1, {{0, 1, 1}}},
		{":0100000042BD\r:00000001FF\r", 1, {{0, 1, 1}}},
		/* the same bytes again */
		{":020000001122*\n:0100010022*\n" END, 1, {{0, 2, 1}}},
		{":0100010022*\n:020000001122*\n:0200010022AA*\n" END, 1, {{0, 3, 2}}},
	};

	(void)state;
	check_good(image_parse_ihex, good, LENGTH(good));
}

static void bad_ihex(void **state)
{
	static const struct bad bad[] = {
		{"", 0, "no end record"},
		{":0100000042*\n", 1, "no end record"},
		{":0100000042*\n" END ":0100010042*\n", 3, "follows the end"},
		{END END, 2, "follows the end"},
		{":0100000042*\n" END "\x1a\n", 3, "follows the end"},
		{"\xEF\xBB:0100000042*\n" END, 1, "begins with ':'"},
		{":0100000042BE\n" END, 1, "bad checksum: 0xBE, should be 0xBD"},
		{"0100000042BD\n" END, 1, "begins with ':'"},
		{";text\n" END, 1, "begins with ':'"},
		{":\n" END, 1, "too short"},
		{":000000*\n" END, 1, "too short"},
		{":0200000042*\n" END, 1, "too short"},
		{":010000004243*\n" END, 1, "too long"},
		{":0100000042B\n" END, 1, "odd number"},
		{":01000000 42*\n" END, 1, "column 10 is not a hex digit"},
		{":0100000G42*\n" END, 1, "column 9"},
		{":0100000642*\n" END, 1, "unknown record type 06"},
		{":01000000FF*\n:01000001FF*\n", 2, "0 data bytes, not 1"},
		{":0100000408*\n" END, 1, "2 data bytes, not 1"},
		{":03000002100000*\n" END, 1, "2 data bytes, not 3"},
		{":020001040800*\n" END, 1, "has the address 0000, not 0001"},
		{":020000050800*\n" END, 1, "4 data bytes, not 2"},
		{":020000001122*\n:0100010042*\n" END, 2, "0x00000001 is already stated by line 1"},
		{":0100010042*\n:020000001122*\n" END, 2,
		 "0x00000001 is already stated by line 1: there it is 0x42, in line 2 it is 0x22"},
		{":0100010042*\n:0100000042*\n:0100010043*\n" END, 3, "already stated by line 1"},
		{":02FFFF001122*\n" END, 1, "past 64 KiB without an extended"},
	};

	(void)state;
	check_bad(image_parse_ihex, bad, LENGTH(bad));
}

static void good_srec(void **state)
{
	static const struct good good[] = {
		{"S9030000*\n", 0, {{0, 0, 0}}},
		{"S00600004844521B\nS104000042*\nS9030000*\n", 1, {{0, 1, 2}}},
		{"S104FFFF42*\nS20501000042*\nS804000000*\n", 1, {{0xFFFF, 2, 1}}},
		{"S105FFFF4242*\nS20501000142*\nS3060100000042*\nS9030000*\n",
		 2,
		 {{0xFFFF, 3, 1}, {0x1000000, 1, 3}}},
		{"S105FFFE4242*\nS2060100004242*\nS9030000*\n", 1, {{0xFFFE, 4, 1}}},
		{"S3060800000042*\nS3060810000142*\nS5030002*\nS70508000000*\n",
		 2,
		 {{0x08000000, 1, 1}, {0x08100001, 1, 2}}},
		{"S3060800000aBC*\nS604000001*\nS70508000000*", 1, {{0x0800000A, 1, 1}}},
		{"S1030000*\nS9030000*\n", 0, {{0, 0, 0}}},
		/* as srec_cat ends a file without a start address */
		{"S104000042*\nS5030001*\n", 1, {{0, 1, 1}}},
		{"\xEF\xBB\xBF\n S104000042B9\rS9030000FC\x1a", 1, {{0, 1, 2}}},
		{"S104000042*\nS104000042*\nS9030000*\n", 1, {{0, 1, 1}}},
	};

	(void)state;
	check_good(image_parse_srec, good, LENGTH(good));
}

static void bad_srec(void **state)
{
	static const struct bad bad[] = {
		{"", 0, "no end record"},
		{"S104000042*\n", 1, "no end record"},
		{"S104000042*\nS5030001*\nS104000142*\n", 3, "no end record"},
		{"s104000042B9\nS9030000*\n", 1, "begins with S0 to S9"},
		{"SA04000042*\nS9030000*\n", 1, "begins with S0 to S9"},
		{"S\nS9030000*\n", 1, "begins with S0 to S9"},
		{"S404000042*\nS9030000*\n", 1, "unknown record type S4"},
		{"S104000042B8\nS9030000*\n", 1, "bad checksum: 0xB8, should be 0xB9"},
		{"S1\nS9030000*\n", 1, "too short"},
		{"S10200*\nS9030000*\n", 1, "too short"},
		{"S105000042*\nS9030000*\n", 1, "too short"},
		{"S103000042*\nS9030000*\n", 1, "too long"},
		{"S10400004Z*\nS9030000*\n", 1, "column 10"},
		{"S0060800484452*\nS9030000*\n", 1, "header record"},
		{"S104000042*\nS0060000484452*\nS9030000*\n", 2, "header record"},
		{"S104000042*\nS5030002*\nS9030000*\n", 2, "says 2 data records, there are 1"},
		{"S104000042*\nS904000042*\n", 2, "has no data"},
		{"S105006442D0*\nS2050064F042*\nS104006642*\nS9030000*\n", 2,
		 "S2 after S1 in line 1"},
		{"S105640042D0*\nS2056402F042*\nS104640442*\nS9030000*\n", 3,
		 "S1 after S2 in line 2"},
		{"S3060800000042*\nS1050800F042*\nS7050800000*\n", 2, "S1 after S3 in line 1"},
		{"S104000042*\nS9030000*\nS104000142*\n", 3, "follows the end"},
		{"S104000042*\nS104000043*\nS9030000*\n", 2, "already stated by line 1"},
		{"S307FFFFFFFF4243*\nS9030000*\n", 1, "past the end of the 32-bit"},
	};

	(void)state;
	check_bad(image_parse_srec, bad, LENGTH(bad));
}

/* A fixed sequence, so that a failure can be seen again. */
static uint32_t rolled = 1;

static uint32_t roll(uint32_t below)
{
	rolled ^= rolled << 13;
	rolled ^= rolled >> 17;
	rolled ^= rolled << 5;
	return rolled % below;
}

#define WINDOW 4096u

/* Writes the parts of `bytes` that `stated` selects, in records of random length and order. */
static size_t write_ihex(const uint8_t *bytes, const bool *stated, uint32_t base, char *text)
{
	uint32_t start[WINDOW], length[WINDOW];
	size_t records = 0, used;
	unsigned high = base >> 16;

	for (uint32_t i = 0; i < WINDOW; i++) {
		uint32_t most = 1 + roll(40);

		if (!stated[i])
			continue;
		start[records] = i;
		for (length[records] = 0; length[records] < most && i < WINDOW && stated[i]; i++)
			length[records]++;
		i--;
		records++;
	}
	used = (size_t)sprintf(text, ":02000004%04X%02X\n", high,
			       (0u - 6u - (high >> 8) - (high & 0xFF)) & 0xFF);
	while (records > 0) {
		uint32_t pick = roll((uint32_t)records), at = (base & 0xFFFF) + start[pick];
		unsigned sum = length[pick] + (at >> 8) + (at & 0xFF);

		used += (size_t)sprintf(text + used, ":%02X%04X00", length[pick], at);
		for (uint32_t i = 0; i < length[pick]; i++) {
			used += (size_t)sprintf(text + used, roll(2) ? "%02X" : "%02x",
						bytes[start[pick] + i]);
			sum += bytes[start[pick] + i];
		}
		used += (size_t)sprintf(text + used, "%02X%s", (0u - sum) & 0xFF,
					roll(2) ? "\n" : "\r\n");
		records--;
		start[pick] = start[records];
		length[pick] = length[records];
	}
	return used + (size_t)sprintf(text + used, ":00000001FF\n");
}

static void fill(uint8_t *bytes, bool *stated)
{
	bool on = roll(2);

	for (uint32_t i = 0, left = 1 + roll(300); i < WINDOW; i++) {
		if (left-- == 0) {
			on = !on;
			left = roll(300);
		}
		stated[i] = on;
		bytes[i] = (uint8_t)roll(256);
	}
}

static void assert_states(const struct image *image, const uint8_t *bytes, const bool *stated,
			  uint32_t base)
{
	size_t s = 0;
	uint32_t used = 0;

	for (uint32_t i = 0; i < WINDOW; i++) {
		const struct image_segment *segment;

		if (!stated[i])
			continue;
		used++;
		assert_true(s < image->count);
		segment = &image->segment[s];
		assert_in_range(base + i, segment->address, segment->address + segment->length - 1);
		assert_int_equal(segment->bytes[base + i - segment->address], bytes[i]);
		if (i + 1 == WINDOW || !stated[i + 1])
			s++;
	}
	assert_int_equal(s, image->count);
	assert_int_equal(used, image_used(image));
}

static void generated_ihex_is_read_back(void **state)
{
	static uint8_t bytes[WINDOW];
	static bool stated[WINDOW];
	char *text = malloc(32 * WINDOW);

	(void)state;
	assert_non_null(text);
	for (unsigned round = 0; round < 300; round++) {
		uint32_t base = roll(16) * 0x1000 + (roll(2) ? 0x08000000 : 0x08100000);
		struct image_error error = {0};
		struct image image;
		size_t length;

		fill(bytes, stated);
		length = write_ihex(bytes, stated, base, text);
		if (!image_parse_ihex((uint8_t *)text, length, &image, &error))
			fail_msg("round %u: line %u: %s", round, error.line, error.why);
		assert_states(&image, bytes, stated, base);
		image_free(&image);
	}
	free(text);
}

/* Any digit changed, any end cut off: the checksums and the end record must show it. */
static void damage_is_found(void **state)
{
	static const char *const files[] = {
		(":020000040800*\n:100000000102030405060708090A0B0C0D0E0F10*\n:0100200042*\n" END),
		("S0060000484452*\nS315080000000102030405060708090A0B0C0D0E0F10*\nS5030001*\n"),
		"S315080000000102030405060708090A0B0C0D0E0F10*\nS70508000000*\n",
	};
	parser *const parsers[] = {image_parse_ihex, image_parse_srec, image_parse_srec};

	(void)state;
	for (size_t f = 0; f < LENGTH(files); f++) {
		char *text = expand(files[f]);
		size_t length = strlen(text);
		struct image_error error;
		struct image image;

		assert_true(parsers[f]((uint8_t *)text, length, &image, &error));
		image_free(&image);
		for (size_t cut = 0; cut + 1 < length; cut++)
			assert_false(parsers[f]((uint8_t *)text, cut, &image, &error));
		for (size_t i = 0; i < length; i++) {
			char was = text[i];

			if (was == '\n' || was == 'S' || was == ':')
				continue;
			text[i] = was == '0' ? '1' : '0';
			if (parsers[f]((uint8_t *)text, length, &image, &error))
				fail_msg("accepted with byte %zu changed: %s", i, text);
			text[i] = was;
		}
		free(text);
	}
}

/* Backwards, one byte a record, each apart from the next: the worst order for a naive list. */
static void repeated_bytes_are_counted(void **state)
{
	char *text = expand(":020000001122*\n:03000100223344*\n:0100030044*\n" END);
	const char padded[] = ":00000001FF\n\0\0\x1a\0";
	struct image_error error = {0};
	struct image image;

	(void)state;
	assert_true(image_parse_ihex((uint8_t *)text, strlen(text), &image, &error));
	assert_int_equal(image_used(&image), 4);
	assert_memory_equal(image.segment[0].bytes, "\x11\x22\x33\x44", 4);
	assert_int_equal(image.repeated, 2);
	assert_int_equal(image.repeated_at, 1);
	assert_int_equal(image_line(&image, 1), 1);
	assert_int_equal(image_line(&image, 2), 2);
	image_free(&image);
	free(text);
	assert_true(image_parse_ihex((const uint8_t *)padded, sizeof(padded), &image, &error));
	image_free(&image);
}

static void many_records_backwards(void **state)
{
	enum { RECORDS = 300000 };
	char *text = malloc(RECORDS * 20), *to = text;
	struct image_error error;
	struct image image;

	(void)state;
	assert_non_null(text);
	for (uint32_t i = RECORDS; i > 0; i--) {
		uint32_t at = 0x08000000 + 2 * i;
		unsigned sum =
			0x06 + (at >> 24) + (at >> 16 & 0xFF) + (at >> 8 & 0xFF) + (at & 0xFF);

		to += sprintf(to, "S306%08X00%02X\n", at, ~sum & 0xFF);
	}
	strcpy(to, "S70500000000FA\n");
	assert_true(image_parse_srec((uint8_t *)text, strlen(text), &image, &error));
	assert_int_equal(image.count, RECORDS);
	assert_int_equal(image_line(&image, 0x08000002), RECORDS);
	assert_int_equal(image_line(&image, 0x08000000 + 2 * RECORDS), 1);
	image_free(&image);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ihex),
		cmocka_unit_test(bad_ihex),
		cmocka_unit_test(good_srec),
		cmocka_unit_test(bad_srec),
		cmocka_unit_test(generated_ihex_is_read_back),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(repeated_bytes_are_counted),
		cmocka_unit_test(many_records_backwards),
	};

	return cmocka_run_group_tests_name("image/text", tests, NULL, NULL);
}
