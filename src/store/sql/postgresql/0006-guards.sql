-- SPDX-License-Identifier: GPL-2.0-or-later
-- No number is in two leases, whatever a station writes, and heads of logs only move forward. A number is in
-- numbers_used before its board has it (log_id 0 until its row is there), and so are those of refused rows.

DROP INDEX leases_pool;
CREATE INDEX leases_range ON leases (pool_id, last);

-- A lease has new numbers of the pool or free ones, and none that another lease has or has discarded. The pool's row is
-- written, so that no other transaction decides about it at the same time, at any isolation level.
CREATE FUNCTION leases_are_apart() RETURNS trigger LANGUAGE plpgsql SET search_path = h7gang, pg_temp AS $$
BEGIN
	UPDATE pools SET next = next WHERE id = NEW.pool_id;
	IF NOT EXISTS (SELECT 1 FROM pools p WHERE p.id = NEW.pool_id AND p.next <= NEW.first AND p.last >= NEW.last)
			AND NOT EXISTS (SELECT 1 FROM pool_free f WHERE f.pool_id = NEW.pool_id AND f.first <= NEW.first
				AND f.last >= NEW.last)
		OR EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.last >= NEW.first
			AND l.first <= NEW.last
			AND (l.fate IS NULL OR l.fate <> 'reuse' OR l.returned_first > NEW.first)) THEN
		RAISE EXCEPTION 'a lease has only numbers that no other lease has' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER leases_are_apart BEFORE INSERT ON leases
	FOR EACH ROW EXECUTE FUNCTION leases_are_apart();

CREATE FUNCTION leases_return_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.id <> OLD.id OR NEW.pool_id <> OLD.pool_id OR NEW.owner <> OLD.owner OR NEW.turn <> OLD.turn
		OR NEW.first <> OLD.first OR NEW.last <> OLD.last
		OR (OLD.fate IS NOT NULL AND (NEW.fate IS DISTINCT FROM OLD.fate
			OR NEW.returned_first IS DISTINCT FROM OLD.returned_first)) THEN
		RAISE EXCEPTION 'a lease only changes once, when its numbers are returned'
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER leases_return_once BEFORE UPDATE ON leases
	FOR EACH ROW EXECUTE FUNCTION leases_return_once();

-- All leases that ever had these numbers have returned them.
CREATE FUNCTION pool_free_is_returned() RETURNS trigger LANGUAGE plpgsql SET search_path = h7gang, pg_temp AS $$
BEGIN
	UPDATE pools SET next = next WHERE id = NEW.pool_id;
	IF NOT EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.fate = 'reuse'
			AND l.returned_first <= NEW.first AND l.last >= NEW.last)
		OR EXISTS (SELECT 1 FROM leases l WHERE l.pool_id = NEW.pool_id AND l.last >= NEW.first
			AND l.first <= NEW.last
			AND (l.fate IS NULL OR l.fate <> 'reuse' OR l.returned_first > NEW.first))
		OR EXISTS (SELECT 1 FROM pool_free f WHERE f.pool_id = NEW.pool_id AND f.first <= NEW.last
			AND f.last >= NEW.first) THEN
		RAISE EXCEPTION 'only returned numbers are free' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER pool_free_is_returned BEFORE INSERT ON pool_free
	FOR EACH ROW EXECUTE FUNCTION pool_free_is_returned();

CREATE FUNCTION pool_free_shrinks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.pool_id <> OLD.pool_id OR NEW.first < OLD.first OR NEW.last <> OLD.last THEN
		RAISE EXCEPTION 'free numbers only become fewer' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER pool_free_shrinks BEFORE UPDATE ON pool_free
	FOR EACH ROW EXECUTE FUNCTION pool_free_shrinks();

CREATE FUNCTION heads_go_forward() RETURNS trigger LANGUAGE plpgsql SET search_path = h7gang, pg_temp AS $$
BEGIN
	IF NEW.genesis <> OLD.genesis OR NEW.head_seq < OLD.head_seq
		OR (NEW.head_seq = OLD.head_seq AND NEW.head_hash <> OLD.head_hash)
		OR (NEW.head_seq > OLD.head_seq AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.log_id = NEW.id
			AND a.seq = NEW.head_seq AND a.row_hash = NEW.head_hash)) THEN
		RAISE EXCEPTION 'the head of a log only moves forward, to a row of it'
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER heads_go_forward BEFORE UPDATE ON logs
	FOR EACH ROW EXECUTE FUNCTION heads_go_forward();

CREATE OR REPLACE FUNCTION checkins_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.runs < OLD.runs OR NEW.owner <> OLD.owner OR NEW.adopted < OLD.adopted
		OR (NEW.name IS DISTINCT FROM OLD.name AND NEW.runs <> OLD.runs + 1) THEN
		RAISE EXCEPTION 'check-ins only go forward' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

-- `row_hash`: of a row that was refused, with its own `station` and `uid`; NULL: the row is in the store.
ALTER TABLE doubles ADD COLUMN station TEXT;
ALTER TABLE doubles ADD COLUMN uid TEXT COLLATE "C";
ALTER TABLE doubles ADD COLUMN row_hash TEXT COLLATE "C";
ALTER TABLE doubles DROP CONSTRAINT doubles_log_id_seq_key;
CREATE UNIQUE INDEX doubles_row ON doubles (log_id, seq, coalesce(row_hash, ''));

CREATE OR REPLACE FUNCTION attempts_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
	SET search_path = h7gang, pg_temp AS $$
DECLARE
	pool BIGINT;
	board numbers_used;
BEGIN
	PERFORM pg_advisory_xact_lock_shared(hashtext('h7gang pools'));
	SELECT pool_id INTO pool FROM pool_profiles WHERE profile = NEW.profile;
	IF pool IS NULL THEN
		RETURN NULL;
	END IF;
	INSERT INTO numbers_used (pool_id, number, log_id, seq, run_id, unit_id, uid)
		VALUES (pool, NEW.unit_serial, NEW.log_id, NEW.seq, NEW.run_id, NEW.unit_id, NEW.uid)
		ON CONFLICT (pool_id, number) DO NOTHING;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	SELECT * INTO board FROM numbers_used u WHERE u.pool_id = pool AND u.number = NEW.unit_serial;
	IF board.run_id IS NOT DISTINCT FROM NEW.run_id AND board.unit_id IS NOT DISTINCT FROM NEW.unit_id THEN
		UPDATE numbers_used u SET uid = coalesce(u.uid, NEW.uid),
			log_id = CASE u.log_id WHEN 0 THEN NEW.log_id ELSE u.log_id END,
			seq = CASE u.log_id WHEN 0 THEN NEW.seq ELSE u.seq END
			WHERE u.pool_id = pool AND u.number = NEW.unit_serial AND (u.uid IS NULL OR u.log_id = 0);
	ELSIF board.uid IS NULL OR NEW.uid IS NULL OR board.uid <> NEW.uid THEN
		INSERT INTO doubles (pool_id, number, first_log_id, first_seq, log_id, seq)
			VALUES (pool, NEW.unit_serial, board.log_id, board.seq, NEW.log_id, NEW.seq);
	END IF;
	RETURN NULL;
END
$$;

CREATE OR REPLACE VIEW v_doubles AS
	SELECT d.noticed_at, p.name AS pool, d.number, a.station AS first_station, coalesce(a.uid, u.uid) AS first_uid,
		coalesce(d.station, b.station) AS station, coalesce(d.uid, b.uid) AS uid,
		d.first_log_id, d.first_seq, d.log_id, d.seq,
		CASE WHEN d.row_hash IS NULL THEN 0 ELSE 1 END AS refused
	FROM doubles d JOIN pools p ON p.id = d.pool_id
		LEFT JOIN numbers_used u ON u.pool_id = d.pool_id AND u.number = d.number
		LEFT JOIN attempts a ON a.log_id = CASE d.first_log_id WHEN 0 THEN u.log_id ELSE d.first_log_id END
			AND a.seq = CASE d.first_log_id WHEN 0 THEN u.seq ELSE d.first_seq END
		LEFT JOIN attempts b ON d.row_hash IS NULL AND b.log_id = d.log_id AND b.seq = d.seq;
