-- SPDX-License-Identifier: GPL-2.0-or-later
-- Numbers and places in a lot over all stations. Stations take numbers ahead, in leases; the rows of the logs
-- tell which of them were used.

-- `format`: the format of a counter's numbers, or the SHA-256 of a list. `skipped`: numbers that were used before
-- the pool was made.
CREATE TABLE pools (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN ('counter', 'list')),
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	format TEXT NOT NULL,
	next INTEGER NOT NULL,
	skipped INTEGER NOT NULL DEFAULT 0,
	made_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	CHECK (first >= 0 AND last >= first AND next >= first AND next <= last + 1)
) STRICT;

CREATE TRIGGER pools_go_forward BEFORE UPDATE ON pools
WHEN NEW.next < OLD.next OR NEW.first <> OLD.first OR NEW.last <> OLD.last OR NEW.kind <> OLD.kind
	OR NEW.format <> OLD.format OR NEW.name <> OLD.name
BEGIN
	SELECT RAISE(ABORT, 'a pool of numbers only goes forward');
END;

-- The pool of the numbers in a profile's rows.
CREATE TABLE pool_profiles (
	profile TEXT PRIMARY KEY,
	pool_id INTEGER NOT NULL REFERENCES pools (id)
) STRICT, WITHOUT ROWID;

-- The station chooses `id`; a repeated request with the same `id` gets the same lease. `owner` is a station's
-- number file, and `turn` the index of the lease in it: a copy of that file requests the same turn again. The
-- numbers from `returned_first` on were returned, for 'reuse' or to 'burn'.
CREATE TABLE leases (
	id TEXT PRIMARY KEY,
	pool_id INTEGER NOT NULL REFERENCES pools (id),
	owner TEXT NOT NULL,
	turn INTEGER NOT NULL,
	station TEXT NOT NULL,
	first INTEGER NOT NULL,
	last INTEGER NOT NULL,
	taken_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	returned_first INTEGER,
	returned_at TEXT,
	fate TEXT CHECK (fate IN ('reuse', 'burn')),
	CHECK (last >= first),
	CHECK ((returned_first IS NULL) = (fate IS NULL)),
	CHECK (returned_first BETWEEN first AND last),
	UNIQUE (owner, turn)
) STRICT;

CREATE INDEX leases_pool ON leases (pool_id);

-- Returned numbers, which are leased again.
CREATE TABLE pool_free (
	pool_id INTEGER NOT NULL REFERENCES pools (id),
	first INTEGER NOT NULL,
	last INTEGER NOT NULL CHECK (last >= first),
	PRIMARY KEY (pool_id, first)
) STRICT, WITHOUT ROWID;

-- The numbers that boards have or were given, each with its first board.
CREATE TABLE numbers_used (
	pool_id INTEGER NOT NULL REFERENCES pools (id),
	number TEXT NOT NULL,
	log_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	run_id TEXT, unit_id TEXT, uid TEXT,
	PRIMARY KEY (pool_id, number)
) STRICT, WITHOUT ROWID;

-- Numbers that two boards have.
CREATE TABLE doubles (
	id INTEGER PRIMARY KEY,
	noticed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	pool_id INTEGER NOT NULL REFERENCES pools (id),
	number TEXT NOT NULL,
	first_log_id INTEGER NOT NULL,
	first_seq INTEGER NOT NULL,
	log_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	UNIQUE (log_id, seq)
) STRICT;

-- One row for each lot or pool, so that one station at a time decides about it.
CREATE TABLE claim_scopes (
	kind TEXT NOT NULL,
	scope TEXT NOT NULL,
	PRIMARY KEY (kind, scope)
) STRICT, WITHOUT ROWID;

-- A unit in progress: its place in a lot (kind 'lot'), or the number its board is about to get ('number', scope:
-- the pool). `ahead`: a place reserved for a later unit. The claim ends with the row of the unit's PASS, or its
-- station ends it. `owner`: a station's log.
CREATE TABLE claims (
	kind TEXT NOT NULL CHECK (kind IN ('lot', 'number')),
	scope TEXT NOT NULL,
	run_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	uid TEXT,
	ahead INTEGER NOT NULL DEFAULT 0 CHECK (ahead IN (0, 1)),
	owner TEXT NOT NULL,
	station TEXT NOT NULL,
	since TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	PRIMARY KEY (run_id, unit_id, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_scope ON claims (kind, scope, uid);
CREATE INDEX claims_owner ON claims (owner);

CREATE INDEX attempts_passed ON attempts (lot, uid)
	WHERE lot IS NOT NULL AND result = 'PASS' AND command IN ('run', 'rework');
CREATE INDEX attempts_passed_nameless ON attempts (run_id, unit_id) WHERE uid IS NULL AND result = 'PASS';

CREATE TRIGGER attempts_number AFTER INSERT ON attempts
WHEN NEW.unit_serial IS NOT NULL AND NEW.command IN ('run', 'rework')
BEGIN
	INSERT INTO doubles (pool_id, number, first_log_id, first_seq, log_id, seq)
		SELECT u.pool_id, u.number, u.log_id, u.seq, NEW.log_id, NEW.seq
		FROM pool_profiles p JOIN numbers_used u ON u.pool_id = p.pool_id
			AND u.number = NEW.unit_serial
		WHERE p.profile = NEW.profile AND (u.uid IS NULL OR NEW.uid IS NULL OR u.uid <> NEW.uid)
			AND NOT (u.run_id IS NEW.run_id AND u.unit_id IS NEW.unit_id);
	INSERT INTO numbers_used (pool_id, number, log_id, seq, run_id, unit_id, uid)
		SELECT p.pool_id, NEW.unit_serial, NEW.log_id, NEW.seq, NEW.run_id, NEW.unit_id, NEW.uid
		FROM pool_profiles p WHERE p.profile = NEW.profile
		ON CONFLICT (pool_id, number) DO UPDATE SET uid = coalesce(uid, excluded.uid)
			WHERE run_id IS excluded.run_id AND unit_id IS excluded.unit_id;
END;

-- A pass without a claim of its own used a place that its run had reserved.
CREATE TRIGGER attempts_claim AFTER INSERT ON attempts
WHEN NEW.result = 'PASS' AND NEW.command IN ('run', 'rework')
BEGIN
	DELETE FROM claims WHERE kind = 'lot' AND ahead = 1 AND run_id = NEW.run_id
		AND unit_id = (SELECT min(unit_id) FROM claims WHERE kind = 'lot' AND ahead = 1
			AND run_id = NEW.run_id AND scope = NEW.lot)
		AND NOT EXISTS (SELECT 1 FROM claims WHERE kind = 'lot' AND run_id = NEW.run_id
			AND unit_id = NEW.unit_id);
	DELETE FROM claims WHERE run_id = NEW.run_id AND unit_id = NEW.unit_id;
END;

-- Claims without a row yet. The count of a lot is its passed units and these, in one statement, so that each unit
-- is counted exactly once.
CREATE VIEW open_claims AS
	SELECT c.* FROM claims c
	WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.uid = c.uid AND a.run_id = c.run_id
			AND a.unit_id = c.unit_id AND a.result = 'PASS')
		AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.uid IS NULL AND a.result = 'PASS'
			AND a.run_id = c.run_id AND a.unit_id = c.unit_id);

-- first + skipped + leased + burned + free = next. `leased`: leased to stations, used or not yet. `used`: used by
-- rows. `burned`: discarded. `free`: returned, and leased again.
CREATE VIEW v_pools AS
	SELECT p.name, p.kind, p.first, p.last, p.next, p.format, p.skipped,
		(SELECT coalesce(sum(coalesce(l.returned_first, l.last + 1) - l.first), 0)
			FROM leases l WHERE l.pool_id = p.id) AS leased,
		(SELECT coalesce(sum(l.last + 1 - l.returned_first), 0)
			FROM leases l WHERE l.pool_id = p.id AND l.fate = 'burn') AS burned,
		(SELECT coalesce(sum(f.last + 1 - f.first), 0)
			FROM pool_free f WHERE f.pool_id = p.id) AS free,
		(SELECT count(*) FROM numbers_used u WHERE u.pool_id = p.id) AS used
	FROM pools p;

CREATE VIEW v_leases AS
	SELECT p.name AS pool, l.station, l.first, l.last, l.taken_at, l.returned_first, l.returned_at, l.fate,
		l.owner, l.turn, l.id AS lease_id
	FROM leases l JOIN pools p ON p.id = l.pool_id;

CREATE VIEW v_claims AS
	SELECT kind, scope, station, run_id, unit_id, uid, ahead, since, owner FROM claims;

CREATE VIEW v_doubles AS
	SELECT d.noticed_at, p.name AS pool, d.number, a.station AS first_station, a.uid AS first_uid,
		b.station, b.uid, d.first_log_id, d.first_seq, d.log_id, d.seq
	FROM doubles d JOIN pools p ON p.id = d.pool_id
		LEFT JOIN attempts a ON a.log_id = d.first_log_id AND a.seq = d.first_seq
		LEFT JOIN attempts b ON b.log_id = d.log_id AND b.seq = d.seq;
