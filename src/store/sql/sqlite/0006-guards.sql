-- SPDX-License-Identifier: GPL-2.0-or-later
-- No number is in two leases, whatever a station writes, and heads of logs only move forward. A number is in
-- numbers_used before its board has it (log_id 0 until its row is there), and so are those of refused rows.

DROP INDEX leases_pool;
CREATE INDEX leases_range ON leases (pool_id, last);

-- A lease has new numbers of the pool or free ones, and none that another lease has or has discarded.
CREATE TRIGGER leases_are_apart BEFORE INSERT ON leases
WHEN NOT EXISTS (SELECT 1 FROM pools p WHERE p.id = NEW.pool_id AND p.next <= NEW.first AND p.last >= NEW.last)
		AND NOT EXISTS (SELECT 1 FROM pool_free f WHERE f.pool_id = NEW.pool_id AND f.first <= NEW.first
			AND f.last >= NEW.last)
	OR EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.last >= NEW.first AND l.first <= NEW.last
		AND (l.fate IS NULL OR l.fate <> 'reuse' OR l.returned_first > NEW.first))
BEGIN
	SELECT RAISE(ABORT, 'a lease has only numbers that no other lease has');
END;

CREATE TRIGGER leases_return_once BEFORE UPDATE ON leases
WHEN NEW.id <> OLD.id OR NEW.pool_id <> OLD.pool_id OR NEW.owner <> OLD.owner OR NEW.turn <> OLD.turn
	OR NEW.first <> OLD.first OR NEW.last <> OLD.last
	OR (OLD.fate IS NOT NULL AND (NEW.fate IS NOT OLD.fate OR NEW.returned_first IS NOT OLD.returned_first))
BEGIN
	SELECT RAISE(ABORT, 'a lease only changes once, when its numbers are returned');
END;

-- All leases that ever had these numbers have returned them.
CREATE TRIGGER pool_free_is_returned BEFORE INSERT ON pool_free
WHEN NOT EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.fate = 'reuse'
		AND l.returned_first <= NEW.first AND l.last >= NEW.last)
	OR EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.last >= NEW.first AND l.first <= NEW.last
		AND (l.fate IS NULL OR l.fate <> 'reuse' OR l.returned_first > NEW.first))
	OR EXISTS (SELECT 1 FROM pool_free f WHERE f.pool_id = NEW.pool_id AND f.first <= NEW.last
		AND f.last >= NEW.first)
BEGIN
	SELECT RAISE(ABORT, 'only returned numbers are free');
END;

CREATE TRIGGER pool_free_shrinks BEFORE UPDATE ON pool_free
WHEN NEW.pool_id <> OLD.pool_id OR NEW.first < OLD.first OR NEW.last <> OLD.last
BEGIN
	SELECT RAISE(ABORT, 'free numbers only become fewer');
END;

CREATE TRIGGER heads_go_forward BEFORE UPDATE ON logs
WHEN NEW.genesis <> OLD.genesis OR NEW.head_seq < OLD.head_seq
	OR (NEW.head_seq = OLD.head_seq AND NEW.head_hash <> OLD.head_hash)
	OR (NEW.head_seq > OLD.head_seq AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.log_id = NEW.id
		AND a.seq = NEW.head_seq AND a.row_hash = NEW.head_hash))
BEGIN
	SELECT RAISE(ABORT, 'the head of a log only moves forward, to a row of it');
END;

DROP TRIGGER checkins_go_forward;
CREATE TRIGGER checkins_go_forward BEFORE UPDATE ON checkins
WHEN NEW.runs < OLD.runs OR NEW.owner <> OLD.owner OR NEW.adopted < OLD.adopted
	OR (NEW.name IS NOT OLD.name AND NEW.runs <> OLD.runs + 1)
BEGIN
	SELECT RAISE(ABORT, 'check-ins only go forward');
END;

-- `row_hash`: of a row that was refused, with its own `station` and `uid`; NULL: the row is in the store.
DROP VIEW v_doubles;
DROP TRIGGER attempts_number;
CREATE TABLE doubles_6 (
	id INTEGER PRIMARY KEY,
	noticed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
	pool_id INTEGER NOT NULL REFERENCES pools (id),
	number TEXT NOT NULL,
	first_log_id INTEGER NOT NULL,
	first_seq INTEGER NOT NULL,
	log_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	station TEXT,
	uid TEXT,
	row_hash TEXT
) STRICT;
INSERT INTO doubles_6 (id, noticed_at, pool_id, number, first_log_id, first_seq, log_id, seq)
	SELECT id, noticed_at, pool_id, number, first_log_id, first_seq, log_id, seq FROM doubles;
DROP TABLE doubles;
ALTER TABLE doubles_6 RENAME TO doubles;
CREATE UNIQUE INDEX doubles_row ON doubles (log_id, seq, coalesce(row_hash, ''));

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
		ON CONFLICT (pool_id, number) DO UPDATE SET uid = coalesce(uid, excluded.uid),
			seq = CASE log_id WHEN 0 THEN excluded.seq ELSE seq END,
			log_id = CASE log_id WHEN 0 THEN excluded.log_id ELSE log_id END
			WHERE run_id IS excluded.run_id AND unit_id IS excluded.unit_id;
END;

CREATE VIEW v_doubles AS
	SELECT d.noticed_at, p.name AS pool, d.number, a.station AS first_station, coalesce(a.uid, u.uid) AS first_uid,
		coalesce(d.station, b.station) AS station, coalesce(d.uid, b.uid) AS uid,
		d.first_log_id, d.first_seq, d.log_id, d.seq,
		CASE WHEN d.row_hash IS NULL THEN 0 ELSE 1 END AS refused
	FROM doubles d JOIN pools p ON p.id = d.pool_id
		LEFT JOIN numbers_used u ON u.pool_id = d.pool_id AND u.number = d.number
		LEFT JOIN attempts a ON a.log_id = CASE d.first_log_id WHEN 0 THEN u.log_id ELSE d.first_log_id END
			AND a.seq = CASE d.first_log_id WHEN 0 THEN u.seq ELSE d.first_seq END
		LEFT JOIN attempts b ON d.row_hash IS NULL AND b.log_id = d.log_id AND b.seq = d.seq;
