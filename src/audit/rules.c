/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include <string.h>

#include "columns.h"

const char rules_cut[] = "columns are missing at its end";

bool rules_number(const char *text, size_t length, uint64_t *value)
{
	uint64_t sum = 0;

	if (length == 0 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (text[i] < '0' || text[i] > '9')
			return false;
		if (sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}

bool rules_lower_hex(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'f'))
			return false;
	}
	return true;
}

bool rules_time(const char *text, size_t length)
{
	static const char form[] = "0000-00-00T00:00:00.000Z";

	if (length != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	}
	return true;
}

static bool field_fits(enum column_kind kind, const char *text, size_t length)
{
	uint64_t value;

	if (length == 0)
		return true;
	switch (kind) {
	case KIND_NUMBER:
		return rules_number(text, length, &value);
	case KIND_TIME:
		return rules_time(text, length);
	case KIND_SHA256:
		return length == SHA256_HEX_SIZE - 1 && rules_lower_hex(text, length);
	case KIND_UID:
		return length == 24 && rules_lower_hex(text, length);
	case KIND_HEX8:
		return length == 4 && memcmp(text, "0x", 2) == 0 && rules_lower_hex(text + 2, 2);
	case KIND_TEXT:
	case KIND_CUT:
		break;
	}
	return true;
}

static bool is(const struct csv_row *row, enum audit_column column, const char *text)
{
	return row->length[column] == strlen(text) &&
	       memcmp(row->field[column], text, row->length[column]) == 0;
}

static const char *check_bank(const struct csv_row *row, enum audit_column result,
			      enum audit_column expected, enum audit_column readback, bool pass)
{
	bool good = is(row, result, "PASS");
	bool none = is(row, result, "NONE");

	if (!good && !none && !is(row, result, "FAIL") && !is(row, result, "UNREACHED"))
		return "a bank's result is none of PASS, FAIL, NONE, UNREACHED";
	if (pass && !good && !none)
		return result == COL_bank1_result ? "result says PASS, but bank1_result does not"
						  : "result says PASS, but bank2_result does not";
	if (good &&
	    (row->length[expected] != row->length[readback] ||
	     memcmp(row->field[expected], row->field[readback], row->length[expected]) != 0))
		return "a bank's result is PASS, but its hashes differ";
	return NULL;
}

static const char *check_meaning(const struct csv_row *row)
{
	bool pass = is(row, COL_result, "PASS");
	const char *problem;

	if (!pass && !is(row, COL_result, "FAIL") && !is(row, COL_result, "ABORTED"))
		return "result is none of PASS, FAIL, ABORTED";
	if (pass != (row->length[COL_error] == 0))
		return pass ? "PASS with an error" : "neither PASS nor an error";
	problem = check_bank(row, COL_bank1_result, COL_bank1_expected_sha256,
			     COL_bank1_readback_sha256, pass);
	if (!problem)
		problem = check_bank(row, COL_bank2_result, COL_bank2_expected_sha256,
				     COL_bank2_readback_sha256, pass);
	return problem;
}

/* A note has no attempt, and so no result. */
static const char *check_note(const struct csv_row *row)
{
	static const enum audit_column empty[] = {COL_attempt,      COL_attempts_allowed,
						  COL_bank1_result, COL_bank2_result,
						  COL_result,       COL_error};

	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		if (row->length[empty[i]] > 0)
			return "a note with an attempt or a result";
	}
	return row->length[COL_detail] == 0 ? "a note without text" : NULL;
}

/* In every version the hashes are a log's last two columns. */
static enum column_kind kind_of(size_t column, size_t columns)
{
	if (column + 2 >= columns)
		return KIND_SHA256;
	return column < BODY_END ? audit_columns[column].kind : KIND_TEXT;
}

/* A column whose content does not fit its kind. */
static const char *misfit(size_t column, size_t columns)
{
#define FIT_NUMBER " is not a number"
#define FIT_TIME " is not a time"
#define FIT_SHA256 " is not a SHA-256 in hexadecimal"
#define FIT_UID " is not hexadecimal with 24 digits"
#define FIT_HEX8 " is not hexadecimal such as 0x90"
#define FIT_TEXT ""
#define FIT_CUT ""
#define MISFIT(name, kind) "column " #name FIT_##kind,
	static const char *const texts[] = {AUDIT_COLUMNS(MISFIT)};

	if (column + 2 >= columns)
		return texts[column + 2 == columns ? COL_prev_hash : COL_row_hash];
	return texts[column];
}

const char *rules_check(const struct csv_row *row, size_t columns)
{
	if (row->count < columns)
		return rules_cut;
	if (row->count > columns)
		return "too many columns";
	for (size_t i = 0; i < columns; i++) {
		if (!field_fits(kind_of(i, columns), row->field[i], row->length[i]))
			return misfit(i, columns);
	}
	if (row->length[COL_seq] == 0 || row->length[columns - 2] == 0 ||
	    row->length[columns - 1] == 0)
		return "no seq, prev_hash or row_hash";
	if (is(row, COL_command, "run") || is(row, COL_command, "verify"))
		return check_meaning(row);
	return is(row, COL_command, "note") ? check_note(row) : NULL;
}
