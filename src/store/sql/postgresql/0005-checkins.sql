-- SPDX-License-Identifier: GPL-2.0-or-later
-- Each run of a station that takes numbers checks in, to detect an old state or a copy of a station.

-- `owner`: a station's number file. `name`: the random name that its last run wrote into that file before it
-- checked in; NULL: none has. A file without that name is older than the run. `adopted`: the owner of the store
-- allowed a station with such a file to continue, with new leases.
CREATE TABLE checkins (
	owner TEXT COLLATE "C" PRIMARY KEY,
	station TEXT NOT NULL,
	runs BIGINT NOT NULL DEFAULT 0,
	name TEXT,
	at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	adopted BIGINT NOT NULL DEFAULT 0 CHECK (adopted IN (0, 1))
);

CREATE FUNCTION checkins_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.runs < OLD.runs OR NEW.owner <> OLD.owner OR NEW.adopted < OLD.adopted THEN
		RAISE EXCEPTION 'check-ins only go forward' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;

CREATE TRIGGER checkins_go_forward BEFORE UPDATE ON checkins
	FOR EACH ROW EXECUTE FUNCTION checkins_go_forward();

CREATE VIEW v_checkins AS SELECT station, runs, at, adopted, owner FROM checkins;
