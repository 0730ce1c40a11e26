-- SPDX-License-Identifier: GPL-2.0-or-later
-- Five more columns of the log, rows of events (command 'note'), and errors that no yield counts.

-- `width`: the number of a row's columns before the hashes; an older log has fewer.
ALTER TABLE attempts ADD COLUMN identity TEXT;
ALTER TABLE attempts ADD COLUMN overrides TEXT;
ALTER TABLE attempts ADD COLUMN scan TEXT;
ALTER TABLE attempts ADD COLUMN boot TEXT;
ALTER TABLE attempts ADD COLUMN wire_wait_ms BIGINT;
ALTER TABLE attempts ADD COLUMN width BIGINT NOT NULL DEFAULT 47;

CREATE OR REPLACE VIEW v_attempts AS
	SELECT a.log_id, a.seq, CASE WHEN a.finished_ms > 0 THEN to_timestamp(a.finished_ms / 1000.0) END AS finished,
		a.run_id, a.unit_id, a.attempt, a.attempts_allowed, a.started_at, a.finished_at,
		a.station, a.operator, a.lot, a.tags, a.tool_version, a.command,
		a.profile, a.profile_sha256, a.firmware_version, a.image_sha256, a.slot, a.usb_path,
		a.uid, a.dfu_serial, a.part, a.flash_kib, a.layout, a.bootloader_id, a.bootloader,
		a.unit_serial, a.erase_method, a.verify_scope,
		a.blank_ms, a.erase_ms, a.program_ms, a.verify_ms, a.total_ms,
		a.bank1_bytes, a.bank1_expected_sha256, a.bank1_readback_sha256, a.bank1_result,
		a.bank2_bytes, a.bank2_expected_sha256, a.bank2_readback_sha256, a.bank2_result,
		a.option_bytes, a.leave, a.result, a.error, a.detail, a.prev_hash, a.row_hash, a.more, a.finished_ms,
		a.identity, a.overrides, a.scan, a.boot, a.wire_wait_ms, a.width
	FROM attempts a;

-- The last attempt of each unit: its verdict. An event has none.
CREATE OR REPLACE VIEW v_units AS
	SELECT a.* FROM v_attempts a
	WHERE coalesce(a.command, '') <> 'note' AND NOT EXISTS (SELECT 1 FROM attempts b
		WHERE b.log_id = a.log_id AND b.run_id = a.run_id AND b.unit_id = a.unit_id
			AND b.seq > a.seq AND b.attempt > 1);

-- `aside`: units that no yield counts, because their error says nothing about boards or process. The names
-- are those for which h7_error_counted is false.
CREATE OR REPLACE VIEW v_yield_daily AS
	SELECT CAST(finished AT TIME ZONE 'UTC' AS date) AS day, station, profile, lot, firmware_version,
		count(CASE WHEN NOT u.aside THEN 1 END) AS units,
		count(CASE WHEN result = 'PASS' THEN 1 END) AS passed,
		count(CASE WHEN result = 'PASS' AND attempt = 1 THEN 1 END) AS passed_first,
		count(CASE WHEN result = 'FAIL' AND NOT u.aside THEN 1 END) AS failed,
		count(CASE WHEN result = 'ABORTED' THEN 1 END) AS aborted,
		count(CASE WHEN u.aside THEN 1 END) AS aside
	FROM (SELECT v.*, coalesce(v.result, '') = 'FAIL'
			AND coalesce(v.error, '') IN ('duplicate', 'limit_reached', 'serial_exhausted',
		'store_unavailable', 'hook_refused', 'host_error', 'already_protected', 'not_released', 'hook_failed',
		'power_ineffective') AS aside
		FROM v_units v WHERE v.command = 'run') u
	GROUP BY 1, 2, 3, 4, 5;
