-- SPDX-License-Identifier: GPL-2.0-or-later
-- The rows of the stations' logs. An empty field of a log is NULL here; a control character, a byte that is not
-- UTF-8 or a backslash is written \xNN or \\, as in the log.

CREATE TABLE schema_version (
	version INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	applied_at TEXT NOT NULL,
	tool_version TEXT NOT NULL
);

-- A log is identified by the hash of its first row, and includes all its rotated files.
CREATE TABLE logs (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	genesis TEXT NOT NULL UNIQUE,
	station TEXT NOT NULL,
	path TEXT NOT NULL,
	first_at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	pushed_at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	head_seq BIGINT NOT NULL,
	head_hash TEXT NOT NULL
);

-- The headers of a log, each with its first row.
CREATE TABLE headers (
	log_id BIGINT NOT NULL REFERENCES logs (id),
	first_seq BIGINT NOT NULL,
	header TEXT NOT NULL,
	PRIMARY KEY (log_id, first_seq)
);

-- No foreign key, which would cost a look-up for each row: a row comes in only while its log is locked.
CREATE TABLE attempts (
	log_id BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	run_id TEXT COLLATE "C", unit_id TEXT COLLATE "C", attempt BIGINT, attempts_allowed BIGINT,
	started_at TEXT, finished_at TEXT,
	station TEXT, operator TEXT, lot TEXT COLLATE "C", tags TEXT, tool_version TEXT, command TEXT,
	profile TEXT, profile_sha256 TEXT, firmware_version TEXT COLLATE "C", image_sha256 TEXT,
	slot TEXT, usb_path TEXT, uid TEXT COLLATE "C", dfu_serial TEXT, part TEXT, flash_kib BIGINT,
	layout TEXT, bootloader_id TEXT, bootloader TEXT, unit_serial TEXT COLLATE "C",
	erase_method TEXT, verify_scope TEXT,
	blank_ms BIGINT, erase_ms BIGINT, program_ms BIGINT, verify_ms BIGINT, total_ms BIGINT,
	bank1_bytes BIGINT, bank1_expected_sha256 TEXT, bank1_readback_sha256 TEXT, bank1_result TEXT,
	bank2_bytes BIGINT, bank2_expected_sha256 TEXT, bank2_readback_sha256 TEXT, bank2_result TEXT,
	option_bytes TEXT, leave TEXT, result TEXT, error TEXT, detail TEXT,
	prev_hash TEXT COLLATE "C" NOT NULL, row_hash TEXT COLLATE "C" NOT NULL,
	more TEXT,                     -- columns of a later version, as written
	finished_ms BIGINT NOT NULL,  -- finished_at, since 1970 UTC; 0: no such date
	UNIQUE (log_id, seq)
);

CREATE INDEX attempts_uid ON attempts (uid) WHERE uid IS NOT NULL;
CREATE INDEX attempts_serial ON attempts (unit_serial) WHERE unit_serial IS NOT NULL;
CREATE INDEX attempts_lot ON attempts (lot, finished_ms) WHERE lot IS NOT NULL;
CREATE INDEX attempts_firmware ON attempts (firmware_version, finished_ms)
	WHERE firmware_version IS NOT NULL;
CREATE INDEX attempts_finished ON attempts (finished_ms);
-- Retries are few; this index finds the last attempt of a unit.
CREATE INDEX attempts_retry ON attempts (log_id, run_id, unit_id, seq) WHERE attempt > 1;

-- Refused logs: changed after they were pushed, forked or cut.
CREATE TABLE incidents (
	id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	noticed_at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	log_id BIGINT NOT NULL REFERENCES logs (id),
	kind TEXT NOT NULL CHECK (kind IN ('changed', 'fork', 'cut', 'broken')),
	seq BIGINT NOT NULL,
	stored_hash TEXT NOT NULL,
	offered_hash TEXT NOT NULL,
	path TEXT NOT NULL,
	offered_by TEXT NOT NULL,
	UNIQUE (log_id, kind, seq, offered_hash)
);

-- For other programs: see docs/store.md. These names do not change.
CREATE VIEW v_attempts AS
	SELECT a.log_id, a.seq, CASE WHEN a.finished_ms > 0 THEN to_timestamp(a.finished_ms / 1000.0) END AS finished,
		a.run_id, a.unit_id, a.attempt, a.attempts_allowed, a.started_at, a.finished_at,
		a.station, a.operator, a.lot, a.tags, a.tool_version, a.command,
		a.profile, a.profile_sha256, a.firmware_version, a.image_sha256, a.slot, a.usb_path,
		a.uid, a.dfu_serial, a.part, a.flash_kib, a.layout, a.bootloader_id, a.bootloader,
		a.unit_serial, a.erase_method, a.verify_scope,
		a.blank_ms, a.erase_ms, a.program_ms, a.verify_ms, a.total_ms,
		a.bank1_bytes, a.bank1_expected_sha256, a.bank1_readback_sha256, a.bank1_result,
		a.bank2_bytes, a.bank2_expected_sha256, a.bank2_readback_sha256, a.bank2_result,
		a.option_bytes, a.leave, a.result, a.error, a.detail, a.prev_hash, a.row_hash, a.more, a.finished_ms
	FROM attempts a;

-- The last attempt of each unit: its verdict.
CREATE VIEW v_units AS
	SELECT a.* FROM v_attempts a
	WHERE NOT EXISTS (SELECT 1 FROM attempts b
		WHERE b.log_id = a.log_id AND b.run_id = a.run_id AND b.unit_id = a.unit_id
			AND b.seq > a.seq AND b.attempt > 1);

CREATE VIEW v_yield_daily AS
	SELECT CAST(finished AT TIME ZONE 'UTC' AS date) AS day, station, profile, lot, firmware_version,
		count(*) AS units,
		count(CASE WHEN result = 'PASS' THEN 1 END) AS passed,
		count(CASE WHEN result = 'PASS' AND attempt = 1 THEN 1 END) AS passed_first,
		count(CASE WHEN result = 'FAIL' THEN 1 END) AS failed,
		count(CASE WHEN result = 'ABORTED' THEN 1 END) AS aborted
	FROM v_units WHERE command = 'run'
	GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW v_logs AS
	SELECT l.id AS log_id, l.station, l.path, l.first_at, l.pushed_at, l.head_seq, l.head_hash,
		(SELECT count(*) FROM incidents i WHERE i.log_id = l.id) AS incidents
	FROM logs l;

CREATE VIEW v_incidents AS
	SELECT i.noticed_at, l.station, i.kind, i.seq, i.stored_hash, i.offered_hash, i.path,
		i.offered_by, i.log_id
	FROM incidents i JOIN logs l ON l.id = i.log_id;

CREATE VIEW v_headers AS SELECT log_id, first_seq, header FROM headers;

CREATE VIEW v_schema AS SELECT max(version) AS version FROM schema_version;
