/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/audit/text.h"
#include "h7gang/base/text.h"

#define ROW_TEXT_MAX (4 * AUDIT_ROW_MAX + BATCH_VALUES) /* every byte escaped */
#define TEXT_SIZE ((size_t)4 << 20)

#define COLUMNS                                                                                    \
	"attempts (log_id,seq,run_id,unit_id,attempt,attempts_allowed,started_at,"                 \
	"finished_at,station,operator,lot,tags,tool_version,command,profile,profile_sha256,"       \
	"firmware_version,image_sha256,slot,usb_path,uid,dfu_serial,part,flash_kib,layout,"        \
	"bootloader_id,bootloader,unit_serial,erase_method,verify_scope,blank_ms,erase_ms,"        \
	"program_ms,verify_ms,total_ms,bank1_bytes,bank1_expected_sha256,bank1_readback_sha256,"   \
	"bank1_result,bank2_bytes,bank2_expected_sha256,bank2_readback_sha256,bank2_result,"       \
	"option_bytes,leave,result,error,detail,identity,overrides,scan,boot,wire_wait_ms,"        \
	"prev_hash,row_hash,more,finished_ms,width)"

static const char insert[] =
	"INSERT INTO " COLUMNS " VALUES ("
	"$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,"
	"$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41,$42,$43,$44,$45,$46,"
	"$47,$48,$49,$50,$51,$52,$53,$54,$55,$56,$57,$58)";
static const char copy_in[] = "COPY " COLUMNS " FROM STDIN (FORMAT binary)";
_Static_assert(BATCH_VALUES == 58, "the statement has that many");

int batch_open(struct batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	batch->value = calloc((size_t)BATCH_ROWS * BATCH_VALUES, sizeof(*batch->value));
	batch->text = malloc(TEXT_SIZE);
	if (batch->value && batch->text)
		return 0;
	batch_close(batch);
	return -1;
}

void batch_close(struct batch *batch)
{
	free(batch->value);
	free(batch->text);
	batch->value = NULL;
	batch->text = NULL;
}

void batch_clear(struct batch *batch)
{
	batch->rows = 0;
	batch->used = 0;
}

bool batch_full(const struct batch *batch)
{
	return batch->rows == BATCH_ROWS || TEXT_SIZE - batch->used < ROW_TEXT_MAX;
}

static struct db_value keep(struct batch *batch, const char *text, size_t length)
{
	char *copy = batch->text + batch->used;

	memcpy(copy, text, length);
	copy[length] = '\0';
	batch->used += length + 1;
	return db_text(copy);
}

/* There is room: the caller has checked, and no field is longer than its row. */
static struct db_value escaped(struct batch *batch, const char *text, size_t length)
{
	char *copy = batch->text + batch->used;
	size_t written = text_csv(text, length, copy, TEXT_SIZE - batch->used - 1);

	if (length == 0 || written == TEXT_NO_ROOM)
		return db_null();
	copy[written] = '\0';
	batch->used += written + 1;
	return db_text(copy);
}

static const char *number(const char *text, struct db_value *value)
{
	long long got;

	if (!*text) {
		*value = db_null();
		return NULL;
	}
	errno = 0;
	got = strtoll(text, NULL, 10);
	if (errno)
		return "a number over 63 bits, which no database can hold";
	*value = db_int(got);
	return NULL;
}

/* Columns that this program's table lacks, as in the log. */
static struct db_value more(struct batch *batch, const struct audit_record *record)
{
	char *copy = batch->text + batch->used;
	size_t room = TEXT_SIZE - batch->used - 1, used = 0;

	for (size_t i = STORE_FIELD_COUNT; i + 2 < record->count; i++) {
		size_t n;

		if (i > STORE_FIELD_COUNT)
			copy[used++] = ',';
		n = audit_text_field(copy + used, room - used, record->field[i],
				     record->field_length[i]);
		used += n == TEXT_NO_ROOM ? 0 : n;
	}
	if (record->count <= STORE_FIELD_COUNT + 2)
		return db_null();
	copy[used] = '\0';
	batch->used += used + 1;
	return db_text(copy);
}

const char *batch_add(struct batch *batch, const struct audit_walk *walk,
		      const struct audit_record *record)
{
	struct db_value *value = batch->value + batch->rows * BATCH_VALUES;
	const struct audit_link *link = audit_walk_link(walk);
	const char *problem = NULL;
	size_t used = batch->used, width = record->count - 2; /* without the hashes */

	for (size_t i = 0; i < STORE_FIELD_COUNT && !problem; i++) {
		if (i >= width)
			value[1 + i] = db_null();
		else if (store_columns[i].number)
			problem = number(record->field[i], &value[1 + i]);
		else
			value[1 + i] = escaped(batch, record->field[i], record->field_length[i]);
	}
	if (problem) {
		batch->used = used;
		return problem;
	}
	value += 1 + STORE_FIELD_COUNT;
	*value++ = keep(batch, link->prev_hash, SHA256_HEX_SIZE - 1);
	*value++ = keep(batch, link->row_hash, SHA256_HEX_SIZE - 1);
	*value++ = more(batch, record);
	*value++ = db_int(audit_time_ms(record->field[STORE_finished_at]));
	*value = db_int((int64_t)(width < STORE_FIELD_COUNT ? width : STORE_FIELD_COUNT));
	batch->link[batch->rows++] = *link;
	return NULL;
}

enum db_error batch_insert(struct batch *batch, struct db *db, int64_t log_id, size_t from)
{
	for (size_t i = from; i < batch->rows; i++)
		batch->value[i * BATCH_VALUES] = db_int(log_id);
	return db_load(db, insert, copy_in, batch->value + from * BATCH_VALUES, BATCH_VALUES,
		       batch->rows - from);
}
