/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "columns.h"

#include "h7gang/audit/audit.h"

#define NAME_AND_KIND(name, kind) {#name, KIND_##kind},
const struct column audit_columns[COLUMN_COUNT] = {AUDIT_COLUMNS(NAME_AND_KIND)};

/* Spelled out instead of made from the list above: a change of the list must not change the format
 * on disk. A unit test compares the two. */
#define COLUMNS_TO_DETAIL                                                                          \
	"seq,run_id,unit_id,attempt,attempts_allowed,started_at,finished_at,station,operator,lot," \
	"tags,tool_version,command,profile,profile_sha256,firmware_version,image_sha256,slot,"     \
	"usb_path,uid,dfu_serial,part,flash_kib,layout,bootloader_id,bootloader,unit_serial,"      \
	"erase_method,verify_scope,blank_ms,erase_ms,program_ms,verify_ms,total_ms,bank1_bytes,"   \
	"bank1_expected_sha256,bank1_readback_sha256,bank1_result,bank2_bytes,"                    \
	"bank2_expected_sha256,bank2_readback_sha256,bank2_result,option_bytes,leave,result,"      \
	"error,detail,"
#define HASHES "prev_hash,row_hash"
#define COLUMNS_V1 49

static const char header_v1[] = COLUMNS_TO_DETAIL HASHES;
static const char header_v2[] =
	COLUMNS_TO_DETAIL "identity,overrides,scan,boot,wire_wait_ms," HASHES;

const struct known_header known_headers[] = {{header_v2, COLUMN_COUNT}, {header_v1, COLUMNS_V1}};
const size_t known_header_count = sizeof(known_headers) / sizeof(known_headers[0]);

const char *audit_header(void)
{
	return known_headers[0].text;
}
