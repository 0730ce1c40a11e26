/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of the log, each once: its name and its kind of content. */
#ifndef AUDIT_COLUMNS_H
#define AUDIT_COLUMNS_H

#include <stddef.h>

/* Kinds of content. CUT is text that comes from a device or grows without measure: the first to be
 * shortened when a row gets too long. */
enum column_kind { KIND_TEXT, KIND_CUT, KIND_NUMBER, KIND_TIME, KIND_SHA256, KIND_UID, KIND_HEX8 };

#define AUDIT_COLUMNS(X)                                                                           \
	X(seq, NUMBER)                                                                             \
	X(run_id, TEXT)                                                                            \
	X(unit_id, TEXT)                                                                           \
	X(attempt, NUMBER)                                                                         \
	X(attempts_allowed, NUMBER)                                                                \
	X(started_at, TIME)                                                                        \
	X(finished_at, TIME)                                                                       \
	X(station, TEXT)                                                                           \
	X(operator, TEXT)                                                                          \
	X(lot, TEXT)                                                                               \
	X(tags, TEXT)                                                                              \
	X(tool_version, TEXT)                                                                      \
	X(command, TEXT)                                                                           \
	X(profile, TEXT)                                                                           \
	X(profile_sha256, SHA256)                                                                  \
	X(firmware_version, TEXT)                                                                  \
	X(image_sha256, SHA256)                                                                    \
	X(slot, TEXT)                                                                              \
	X(usb_path, TEXT)                                                                          \
	X(uid, UID)                                                                                \
	X(dfu_serial, CUT)                                                                         \
	X(part, TEXT)                                                                              \
	X(flash_kib, NUMBER)                                                                       \
	X(layout, CUT)                                                                             \
	X(bootloader_id, HEX8)                                                                     \
	X(bootloader, TEXT)                                                                        \
	X(unit_serial, TEXT)                                                                       \
	X(erase_method, TEXT)                                                                      \
	X(verify_scope, TEXT)                                                                      \
	X(blank_ms, NUMBER)                                                                        \
	X(erase_ms, NUMBER)                                                                        \
	X(program_ms, NUMBER)                                                                      \
	X(verify_ms, NUMBER)                                                                       \
	X(total_ms, NUMBER)                                                                        \
	X(bank1_bytes, NUMBER)                                                                     \
	X(bank1_expected_sha256, SHA256)                                                           \
	X(bank1_readback_sha256, SHA256)                                                           \
	X(bank1_result, TEXT)                                                                      \
	X(bank2_bytes, NUMBER)                                                                     \
	X(bank2_expected_sha256, SHA256)                                                           \
	X(bank2_readback_sha256, SHA256)                                                           \
	X(bank2_result, TEXT)                                                                      \
	X(option_bytes, TEXT)                                                                      \
	X(leave, TEXT)                                                                             \
	X(result, TEXT)                                                                            \
	X(error, TEXT)                                                                             \
	X(detail, CUT)                                                                             \
	X(identity, TEXT)                                                                          \
	X(overrides, TEXT)                                                                         \
	X(scan, CUT)                                                                               \
	X(boot, CUT)                                                                               \
	X(wire_wait_ms, NUMBER)                                                                    \
	X(prev_hash, SHA256)                                                                       \
	X(row_hash, SHA256)

#define AUDIT_COLUMN_ENUM(name, kind) COL_##name,
enum audit_column { AUDIT_COLUMNS(AUDIT_COLUMN_ENUM) COLUMN_COUNT };
#undef AUDIT_COLUMN_ENUM

/* The caller's columns: everything between seq and prev_hash. */
#define BODY_FIRST COL_run_id
#define BODY_END COL_prev_hash

struct column {
	const char *name;
	enum column_kind kind;
};
extern const struct column audit_columns[COLUMN_COUNT];

/* Header lines, without LF, that this version can read. A new one goes first; writers continue only
 * the first. */
struct known_header {
	const char *text;
	size_t columns;
};
extern const struct known_header known_headers[];
extern const size_t known_header_count;

#endif
