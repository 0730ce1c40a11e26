/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of a log that the table `attempts` has, each once, in the log's order. Those of a
 * later version of the log go into `more`, as written. A log of an older version has fewer: each
 * row has its `width`, how many of these it has. */
#ifndef H7GANG_STORE_COLUMNS_H
#define H7GANG_STORE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From seq on; behind them come prev_hash, row_hash, more, finished_ms and width. */
#define STORE_FIELDS(X)                                                                            \
	X(seq, true)                                                                               \
	X(run_id, false)                                                                           \
	X(unit_id, false)                                                                          \
	X(attempt, true)                                                                           \
	X(attempts_allowed, true)                                                                  \
	X(started_at, false)                                                                       \
	X(finished_at, false)                                                                      \
	X(station, false)                                                                          \
	X(operator, false)                                                                         \
	X(lot, false)                                                                              \
	X(tags, false)                                                                             \
	X(tool_version, false)                                                                     \
	X(command, false)                                                                          \
	X(profile, false)                                                                          \
	X(profile_sha256, false)                                                                   \
	X(firmware_version, false)                                                                 \
	X(image_sha256, false)                                                                     \
	X(slot, false)                                                                             \
	X(usb_path, false)                                                                         \
	X(uid, false)                                                                              \
	X(dfu_serial, false)                                                                       \
	X(part, false)                                                                             \
	X(flash_kib, true)                                                                         \
	X(layout, false)                                                                           \
	X(bootloader_id, false)                                                                    \
	X(bootloader, false)                                                                       \
	X(unit_serial, false)                                                                      \
	X(erase_method, false)                                                                     \
	X(verify_scope, false)                                                                     \
	X(blank_ms, true)                                                                          \
	X(erase_ms, true)                                                                          \
	X(program_ms, true)                                                                        \
	X(verify_ms, true)                                                                         \
	X(total_ms, true)                                                                          \
	X(bank1_bytes, true)                                                                       \
	X(bank1_expected_sha256, false)                                                            \
	X(bank1_readback_sha256, false)                                                            \
	X(bank1_result, false)                                                                     \
	X(bank2_bytes, true)                                                                       \
	X(bank2_expected_sha256, false)                                                            \
	X(bank2_readback_sha256, false)                                                            \
	X(bank2_result, false)                                                                     \
	X(option_bytes, false)                                                                     \
	X(leave, false)                                                                            \
	X(result, false)                                                                           \
	X(error, false)                                                                            \
	X(detail, false)                                                                           \
	X(identity, false)                                                                         \
	X(overrides, false)                                                                        \
	X(scan, false)                                                                             \
	X(boot, false)                                                                             \
	X(wire_wait_ms, true)

#define STORE_FIELD_ENUM(name, number) STORE_##name,
enum store_field { STORE_FIELDS(STORE_FIELD_ENUM) STORE_FIELD_COUNT };
#undef STORE_FIELD_ENUM

/* One of a set of columns, by its number. */
#define STORE_COLUMN(field) (UINT64_C(1) << (field))
_Static_assert(STORE_FIELD_COUNT <= 64, "a set of columns fits its bits");

struct store_column {
	const char *name;
	bool number;
};
extern const struct store_column store_columns[STORE_FIELD_COUNT];

/* "seq,run_id,...,prev_hash,row_hash,more,finished_ms,width", for statements. */
extern const char store_column_list[];

#endif
