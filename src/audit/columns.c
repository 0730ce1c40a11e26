/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "columns.h"

#include "h7gang/audit/audit.h"

#define NAME_AND_KIND(name, kind) {#name, KIND_##kind},
const struct column audit_columns[COLUMN_COUNT] = {AUDIT_COLUMNS(NAME_AND_KIND)};

/* Spelled out rather than made from the list above: what stands on disk must not change because a
 * list did. A unit test holds the two against each other. */
static const char header_v1[] =
	"seq,run_id,unit_id,attempt,attempts_allowed,started_at,finished_at,station,operator,lot,"
	"tags,"
	"tool_version,command,profile,profile_sha256,firmware_version,image_sha256,slot,usb_path,"
	"uid,"
	"dfu_serial,part,flash_kib,layout,bootloader_id,bootloader,unit_serial,erase_method,"
	"verify_scope,blank_ms,erase_ms,program_ms,verify_ms,total_ms,bank1_bytes,"
	"bank1_expected_sha256,bank1_readback_sha256,bank1_result,bank2_bytes,bank2_expected_"
	"sha256,"
	"bank2_readback_sha256,bank2_result,option_bytes,leave,result,error,detail,prev_hash,row_"
	"hash";

const struct known_header known_headers[] = {{header_v1, COLUMN_COUNT}};
const size_t known_header_count = sizeof(known_headers) / sizeof(known_headers[0]);

const char *audit_header(void)
{
	return known_headers[0].text;
}
