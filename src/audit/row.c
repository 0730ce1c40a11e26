/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "h7gang/base/text.h"
#include "h7gang/base/version.h"
#include "rules.h"

void row_fields_set(struct row_fields *fields, enum audit_column column, const char *text)
{
	fields->text[column] = text ? text : "";
	fields->length[column] = strlen(fields->text[column]);
}

static void set_number(struct row_fields *fields, enum audit_column column, int64_t value)
{
	char *text;

	if (value < 0 || fields->number_count == ROW_NUMBERS_MAX) {
		row_fields_set(fields, column, "");
		return;
	}
	text = fields->numbers[fields->number_count++];
	snprintf(text, sizeof(fields->numbers[0]), "%" PRId64, value);
	row_fields_set(fields, column, text);
}

static const char *bank_result_name(enum audit_bank_result result)
{
	switch (result) {
	case AUDIT_BANK_NONE:
		return "NONE";
	case AUDIT_BANK_PASS:
		return "PASS";
	case AUDIT_BANK_FAIL:
		return "FAIL";
	case AUDIT_BANK_UNREACHED:
		break;
	}
	return "UNREACHED";
}

static const char *result_name(enum audit_result result)
{
	switch (result) {
	case AUDIT_PASS:
		return "PASS";
	case AUDIT_FAIL:
		return "FAIL";
	case AUDIT_ABORTED:
		break;
	}
	return "ABORTED";
}

static void set_bank(struct row_fields *fields, enum audit_column first,
		     const struct audit_bank *bank)
{
	set_number(fields, first, bank->bytes);
	row_fields_set(fields, first + 1, bank->expected_sha256);
	row_fields_set(fields, first + 2, bank->readback_sha256);
	row_fields_set(fields, first + 3, bank_result_name(bank->result));
}

static void set_bootloader_id(struct row_fields *fields, int id)
{
	char *text = fields->numbers[fields->number_count++];

	*text = '\0';
	if (id >= 0 && id <= 0xff)
		snprintf(text, sizeof(fields->numbers[0]), "0x%02x", (unsigned)id);
	row_fields_set(fields, COL_bootloader_id, text);
}

static void set_texts(struct row_fields *fields, const struct audit_row *row)
{
	row_fields_set(fields, COL_run_id, row->run_id);
	row_fields_set(fields, COL_unit_id, row->unit_id);
	row_fields_set(fields, COL_started_at, row->started_at);
	row_fields_set(fields, COL_finished_at, row->finished_at);
	row_fields_set(fields, COL_station, row->station);
	row_fields_set(fields, COL_operator, row->operator_name);
	row_fields_set(fields, COL_lot, row->lot);
	row_fields_set(fields, COL_tags, row->tags);
	row_fields_set(fields, COL_tool_version, h7gang_version);
	row_fields_set(fields, COL_command, row->command);
	row_fields_set(fields, COL_profile, row->profile);
	row_fields_set(fields, COL_profile_sha256, row->profile_sha256);
	row_fields_set(fields, COL_firmware_version, row->firmware_version);
	row_fields_set(fields, COL_image_sha256, row->image_sha256);
	row_fields_set(fields, COL_slot, row->slot);
	row_fields_set(fields, COL_usb_path, row->usb_path);
	row_fields_set(fields, COL_uid, row->uid);
	row_fields_set(fields, COL_dfu_serial, row->dfu_serial);
	row_fields_set(fields, COL_part, row->part);
	row_fields_set(fields, COL_layout, row->layout);
	row_fields_set(fields, COL_bootloader, row->bootloader);
	row_fields_set(fields, COL_unit_serial, row->unit_serial);
	row_fields_set(fields, COL_erase_method, row->erase_method);
	row_fields_set(fields, COL_verify_scope, row->verify_scope);
	row_fields_set(fields, COL_option_bytes, row->option_bytes);
	row_fields_set(fields, COL_leave, row->leave);
	row_fields_set(fields, COL_detail, row->detail);
	row_fields_set(fields, COL_identity, row->identity);
	row_fields_set(fields, COL_overrides, row->overrides);
	row_fields_set(fields, COL_scan, row->scan);
	row_fields_set(fields, COL_boot, row->boot);
}

void row_fields_from(struct row_fields *fields, const struct audit_row *row, bool mark)
{
	fields->number_count = 0;
	set_texts(fields, row);
	set_number(fields, COL_attempt, row->attempt);
	set_number(fields, COL_attempts_allowed, row->attempts_allowed);
	set_number(fields, COL_flash_kib, row->flash_kib);
	set_bootloader_id(fields, row->bootloader_id);
	set_number(fields, COL_blank_ms, row->blank_ms);
	set_number(fields, COL_erase_ms, row->erase_ms);
	set_number(fields, COL_program_ms, row->program_ms);
	set_number(fields, COL_verify_ms, row->verify_ms);
	set_number(fields, COL_total_ms, row->total_ms);
	set_number(fields, COL_wire_wait_ms, row->wire_wait_ms);
	set_bank(fields, COL_bank1_bytes, &row->bank[0]);
	set_bank(fields, COL_bank2_bytes, &row->bank[1]);
	row_fields_set(fields, COL_result, result_name(mark ? AUDIT_ABORTED : row->result));
	row_fields_set(fields, COL_error, h7_error_name(mark ? H7_ABORTED : row->error));
}

void row_fields_from_event(struct row_fields *fields, const struct audit_event *event)
{
	const struct {
		enum audit_column column;
		const char *text;
	} texts[] = {
		{COL_run_id, event->run_id},
		{COL_station, event->station},
		{COL_operator, event->operator_name},
		{COL_lot, event->lot},
		{COL_tags, event->tags},
		{COL_tool_version, h7gang_version},
		{COL_command, "note"},
		{COL_profile, event->profile},
		{COL_profile_sha256, event->profile_sha256},
		{COL_slot, event->slot},
		{COL_usb_path, event->usb_path},
		{COL_overrides, event->overrides},
		{COL_detail, event->text},
	};
	char *now = fields->numbers[0];

	_Static_assert(sizeof(fields->numbers[0]) >= CLOCK_TEXT_SIZE, "a time fits");
	for (size_t i = BODY_FIRST; i < BODY_END; i++)
		row_fields_set(fields, (enum audit_column)i, "");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		row_fields_set(fields, texts[i].column, texts[i].text);
	clock_wall_text(now);
	fields->number_count = 1;
	row_fields_set(fields, COL_started_at, now);
	row_fields_set(fields, COL_finished_at, now);
}

void row_fields_from_csv(struct row_fields *fields, const struct csv_row *csv, size_t first)
{
	fields->number_count = 0;
	for (size_t i = BODY_FIRST; i < BODY_END; i++) {
		bool there = i - first < csv->count;

		fields->text[i] = there ? csv->field[i - first] : "";
		fields->length[i] = there ? csv->length[i - first] : 0;
	}
}

/* The greatest lengths of a text of the station's, and of one from a device. */
struct cuts {
	size_t text, device;
};

static size_t longest(enum column_kind kind, const struct cuts *cuts)
{
	switch (kind) {
	case KIND_TEXT:
		return cuts->text;
	case KIND_CUT:
		return cuts->device;
	default:
		return AUDIT_TEXT_MAX;
	}
}

static bool build_within(struct row_body *body, const struct row_fields *fields,
			 const struct cuts *cuts)
{
	body->length = 0;
	for (size_t i = BODY_FIRST; i < BODY_END; i++) {
		size_t max = longest(audit_columns[i].kind, cuts);
		size_t length = text_cut(fields->text[i], fields->length[i], max);
		size_t room = sizeof(body->text) - body->length;
		size_t n = csv_encode(body->text + body->length, room, fields->text[i], length);

		if (n == TEXT_NO_ROOM || n == room)
			return false;
		body->length += n;
		body->text[body->length++] = ',';
	}
	return true;
}

enum audit_status row_build(struct row_body *body, const struct row_fields *fields, bool must_fit)
{
	/* The last always fits: 30 texts, each byte as four, and the columns of fixed form. */
	static const struct cuts cuts[] = {{AUDIT_TEXT_MAX, AUDIT_TEXT_MAX},
					   {AUDIT_TEXT_MAX, AUDIT_TEXT_MAX / 4},
					   {AUDIT_TEXT_MAX, AUDIT_TEXT_MAX / 16},
					   {AUDIT_TEXT_MAX / 8, AUDIT_TEXT_MAX / 16}};
	size_t ways = sizeof(cuts) / sizeof(cuts[0]) - (must_fit ? 0 : 1);

	for (size_t i = 0; i < ways; i++) {
		if (build_within(body, fields, &cuts[i]))
			return AUDIT_OK;
	}
	return AUDIT_TOO_LONG;
}

/* A mark may have been left by an older version, whose rows have fewer columns. */
static size_t body_columns(size_t count)
{
	for (size_t i = 0; i < known_header_count; i++) {
		if (known_headers[i].columns == count)
			return count;
	}
	return COLUMN_COUNT;
}

const char *row_problem(const struct row_body *body)
{
	struct csv_row csv;
	struct chain zeros;
	char line[AUDIT_ROW_MAX];
	const char *problem;
	int n;

	/* All of it: a body from a file may hold a NUL. */
	chain_start(&zeros);
	line[0] = '1';
	line[1] = ',';
	memcpy(line + 2, body->text, body->length);
	n = snprintf(line + 2 + body->length, sizeof(line) - 2 - body->length, "%s,%s", zeros.hash,
		     zeros.hash);
	problem = csv_split(&csv, line, 2 + body->length + (size_t)n);
	return problem ? problem : rules_check(&csv, body_columns(csv.count));
}
