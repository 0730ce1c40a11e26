/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/columns.h"
#include "audit/csv.h"
#include "audit/row.h"

static void encodes(const char *text, size_t length, const char *field)
{
	char out[4096], line[8192];
	size_t n = csv_encode(out, sizeof(out), text, length);
	struct csv_row row;

	assert_int_equal(n, strlen(field));
	assert_memory_equal(out, field, n);
	memcpy(line, out, n);
	memcpy(line + n, ",x", 2);
	assert_null(csv_split(&row, line, n + 2));
	assert_int_equal(row.count, 2);
	assert_int_equal(row.length[0], length);
	assert_memory_equal(row.field[0], text, length);
	/* Never more room than was given. */
	for (size_t room = 0; room < n; room++)
		assert_int_equal(csv_encode(out, room, text, length), TEXT_NO_ROOM);
}

#define ENCODES(text, field) encodes(text, sizeof(text) - 1, field)

static void test_encode(void **state)
{
	(void)state;
	ENCODES("", "");
	ENCODES("plain text; with = inside", "plain text; with = inside");
	ENCODES("a,b", "\"a,b\"");
	ENCODES("a\"b", "\"a\"\"b\"");
	ENCODES("=1+1", "'=1+1");
	ENCODES("+1", "'+1");
	ENCODES("-1", "'-1");
	ENCODES("@x", "'@x");
	ENCODES("'x", "''x");
	ENCODES("''x", "'''x");
	ENCODES("=a,\"b\"", "\"'=a,\"\"b\"\"\"");
	ENCODES("a\\b", "a\\\\b");
	ENCODES("a\nb\r\t\0\x7f", "a\\x0ab\\x0d\\x09\\x00\\x7f");
	ENCODES("\t=1", "\\x09=1");
	ENCODES("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80",
		"Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x98\x80");
	ENCODES("\xc2\x9b"
		"31m",
		"\\xc2\\x9b31m"); /* C1: CSI */
	ENCODES("\xff\xfe", "\\xff\\xfe");
	ENCODES("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
	ENCODES("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	ENCODES("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	ENCODES("\xe2\x82", "\\xe2\\x82"); /* cut off */
}

static void refuses(const char *line)
{
	struct csv_row row;

	if (!csv_split(&row, line, strlen(line)))
		fail_msg("accepted: %s", line);
}

static void test_one_way_only(void **state)
{
	(void)state;
	refuses("\"needless\"");
	refuses("a\"b");
	refuses("\"open");
	refuses("\"a,b\"c");
	refuses("=1");
	refuses("'plain");
	refuses("\\");
	refuses("\\n");
	refuses("\\x0A");
	refuses("\\x41");
	refuses("\\xc3\\xab");
	refuses("tab\t");
	refuses("\xff");
	refuses("\"\"");
}

/* Accepted text is written again unchanged; encoded text is read back unchanged. */
static void test_random(void **state)
{
	static const char alphabet[] = "a,\"\\x0'=\n\xc3\xab\xe2\x82\xff";
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[12], field[64], again[256];
		struct csv_row row;
		size_t length, n = 0;

		seed = seed * 1664525u + 1013904223u;
		length = (seed >> 16) % sizeof(text);
		for (size_t k = 0; k < length; k++) {
			seed = seed * 1664525u + 1013904223u;
			text[k] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		n = csv_encode(field, sizeof(field), text, length);
		assert_int_not_equal(n, TEXT_NO_ROOM);
		assert_null(memchr(field, '\n', n));
		assert_null(csv_split(&row, field, n));
		assert_int_equal(row.count, 1);
		assert_int_equal(row.length[0], length);
		assert_memory_equal(row.field[0], text, length);
		if (csv_split(&row, text, length))
			continue;
		n = 0;
		for (size_t k = 0; k < row.count; k++) {
			if (k > 0)
				again[n++] = ',';
			n += csv_encode(again + n, sizeof(again) - n, row.field[k], row.length[k]);
		}
		assert_int_equal(n, length);
		assert_memory_equal(again, text, length);
	}
}

static void test_bounds(void **state)
{
	struct csv_row row;
	char line[AUDIT_ROW_MAX + 1];

	(void)state;
	memset(line, ',', sizeof(line));
	assert_null(csv_split(&row, line, CSV_FIELDS_MAX - 1));
	assert_non_null(csv_split(&row, line, CSV_FIELDS_MAX));
	assert_non_null(csv_split(&row, line, sizeof(line)));
	memset(line, 'a', sizeof(line));
	assert_null(csv_split(&row, line, AUDIT_ROW_MAX));
	assert_int_equal(csv_prefix("a,\"b,c\",d", 9, 2), 8);
	assert_int_equal(csv_prefix("a,b", 3, 2), 0);
}

static void test_header_is_the_columns(void **state)
{
	char made[2048] = "";

	(void)state;
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		strcat(made, i ? "," : "");
		strcat(made, audit_columns[i].name);
	}
	assert_string_equal(made, audit_header());
	assert_int_equal(COLUMN_COUNT, 54);
}

/* A device that fills every string with bytes that grow fourfold cannot make a row unwritable. */
static void test_hostile_device(void **state)
{
	char text[2000];
	struct audit_row row = {.run_id = "r",
				.unit_id = "u",
				.command = "run",
				.result = AUDIT_FAIL,
				.error = H7_USB_ERROR};
	struct row_fields fields;
	struct row_body body;

	(void)state;
	memset(text, '\x01', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	row.layout = row.dfu_serial = row.detail = row.tags = row.operator_name = text;
	row_fields_from(&fields, &row, false);
	assert_int_equal(row_build(&body, &fields, false), AUDIT_OK);
	assert_null(row_problem(&body));
	row.station = row.lot = row.slot = text;
	row_fields_from(&fields, &row, false);
	assert_int_equal(row_build(&body, &fields, false), AUDIT_TOO_LONG);
}

/* Once a board has been touched its row is written, with any texts. */
static void test_row_that_must_fit(void **state)
{
	char text[AUDIT_ROW_MAX];
	struct row_fields fields = {0};
	struct row_body body;

	(void)state;
	memset(text, '\x01', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = BODY_FIRST; i < BODY_END; i++) {
		enum column_kind kind = audit_columns[i].kind;

		row_fields_set(&fields, (enum audit_column)i,
			       kind == KIND_NUMBER                     ? "18446744073709551615"
			       : kind == KIND_TIME                     ? "2026-11-22T14:03:12.345Z"
			       : kind == KIND_TEXT || kind == KIND_CUT ? text
								       : "");
		if (kind == KIND_SHA256 || kind == KIND_UID) {
			fields.text[i] =
				"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
			fields.length[i] = kind == KIND_UID ? 24 : 64;
		}
	}
	assert_int_equal(row_build(&body, &fields, false), AUDIT_TOO_LONG);
	assert_int_equal(row_build(&body, &fields, true), AUDIT_OK);
	row_fields_set(&fields, COL_command, "rework");
	assert_int_equal(row_build(&body, &fields, true), AUDIT_OK);
	assert_null(row_problem(&body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_one_way_only),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_header_is_the_columns),
		cmocka_unit_test(test_hostile_device),
		cmocka_unit_test(test_row_that_must_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
