-- SPDX-License-Identifier: GPL-2.0-or-later
-- The roles and their rights; run again after every migration. Requires CREATEROLE (unless the roles exist) and the
-- owner of the schema. Grant a role to each login: GRANT h7gang_station TO station_1;
--
-- h7gang_station  adds rows, moves a log's head forward, takes numbers and places. It cannot change or delete a row, or
--                 lease a number that another lease has. It is one role: it can do in any station's name what it may.
-- h7gang_reader   only reads the views.

DO $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'h7gang_station') THEN
		CREATE ROLE h7gang_station NOLOGIN;
	END IF;
	IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'h7gang_reader') THEN
		CREATE ROLE h7gang_reader NOLOGIN;
	END IF;
END
$$;

GRANT USAGE ON SCHEMA h7gang TO h7gang_station, h7gang_reader;

GRANT SELECT, INSERT ON h7gang.logs, h7gang.headers, h7gang.attempts, h7gang.incidents
	TO h7gang_station;
GRANT UPDATE (head_seq, head_hash, pushed_at, path) ON h7gang.logs TO h7gang_station;

GRANT SELECT, INSERT ON h7gang.pools, h7gang.pool_profiles, h7gang.leases, h7gang.pool_free,
	h7gang.numbers_used, h7gang.claim_scopes, h7gang.claims TO h7gang_station;
GRANT SELECT ON h7gang.open_claims TO h7gang_station;
GRANT UPDATE (next, skipped, last) ON h7gang.pools TO h7gang_station;
GRANT UPDATE (pool_id) ON h7gang.pool_profiles TO h7gang_station;
GRANT UPDATE (returned_first, returned_at, fate) ON h7gang.leases TO h7gang_station;
GRANT UPDATE (scope) ON h7gang.claim_scopes TO h7gang_station; -- to lock a row of it
GRANT UPDATE (first), DELETE ON h7gang.pool_free TO h7gang_station;
GRANT SELECT, INSERT ON h7gang.doubles TO h7gang_station; -- of rows that the store refused
GRANT DELETE ON h7gang.claims TO h7gang_station;

GRANT SELECT, INSERT (owner, station) ON h7gang.checkins TO h7gang_station;
GRANT UPDATE (station, runs, name, at) ON h7gang.checkins TO h7gang_station; -- `adopted` is the owner's

GRANT SELECT ON h7gang.v_pools, h7gang.v_leases, h7gang.v_claims, h7gang.v_doubles, h7gang.v_checkins
	TO h7gang_station, h7gang_reader;
GRANT SELECT ON h7gang.v_attempts, h7gang.v_units, h7gang.v_yield_daily, h7gang.v_logs,
	h7gang.v_incidents, h7gang.v_headers, h7gang.v_schema TO h7gang_station, h7gang_reader;
