/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row as the report takes it, whether it comes from a log of any version or from a store. */
#ifndef H7GANG_REPORT_ROW_H
#define H7GANG_REPORT_ROW_H

#include "h7gang/audit/read.h"

#define REPORT_COLUMNS(X)                                                                          \
	X(seq)                                                                                     \
	X(run_id)                                                                                  \
	X(unit_id)                                                                                 \
	X(attempt)                                                                                 \
	X(attempts_allowed)                                                                        \
	X(started_at)                                                                              \
	X(finished_at)                                                                             \
	X(station)                                                                                 \
	X(operator)                                                                                \
	X(lot)                                                                                     \
	X(tags)                                                                                    \
	X(command)                                                                                 \
	X(profile)                                                                                 \
	X(firmware_version)                                                                        \
	X(image_sha256)                                                                            \
	X(slot)                                                                                    \
	X(usb_path)                                                                                \
	X(uid)                                                                                     \
	X(part)                                                                                    \
	X(bootloader)                                                                              \
	X(unit_serial)                                                                             \
	X(erase_method)                                                                            \
	X(blank_ms)                                                                                \
	X(erase_ms)                                                                                \
	X(program_ms)                                                                              \
	X(verify_ms)                                                                               \
	X(total_ms)                                                                                \
	X(result)                                                                                  \
	X(error)                                                                                   \
	X(detail)                                                                                  \
	X(overrides)                                                                               \
	X(wire_wait_ms)                                                                            \
	X(row_hash)

#define REPORT_COLUMN_ENUM(name) RC_##name,
enum report_column { REPORT_COLUMNS(REPORT_COLUMN_ENUM) REPORT_COLUMN_COUNT };
#undef REPORT_COLUMN_ENUM

/* The index of each column in a source's records; -1: the source has no such column. */
struct report_map {
	int at[REPORT_COLUMN_COUNT];
};

/* `index` tells the place of a column by its name, -1 for none. */
void report_map_make(struct report_map *map, int (*index)(const void *source, const char *name),
		     const void *source);

/* The same for the records of a reader. */
void report_map_reader(struct report_map *map, const struct audit_reader *reader);

/* Texts are the record's, "" where the source has no such column. `log` tells logs apart: the
 * file's place among the arguments, or the log's number in a store. */
struct report_row {
	const char *text[REPORT_COLUMN_COUNT];
	size_t length[REPORT_COLUMN_COUNT];
	int64_t log;
};

void report_row_take(struct report_row *row, const struct report_map *map,
		     const struct audit_record *record, int64_t log);

/* Whether a field is exactly this text. */
bool report_row_is(const struct report_row *row, enum report_column column, const char *text);

/* A column of numbers. Returns false and leaves `*value` unchanged if the field is empty. */
bool report_row_number(const struct report_row *row, enum report_column column, uint64_t *value);

#endif
