-- SPDX-License-Identifier: GPL-2.0-or-later
-- A counter's range may be extended at its end. Nothing else of a pool can change or go back.

CREATE OR REPLACE FUNCTION pools_go_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.next < OLD.next OR NEW.first <> OLD.first OR NEW.last < OLD.last OR NEW.kind <> OLD.kind
		OR (NEW.last <> OLD.last AND OLD.kind <> 'counter') OR NEW.format <> OLD.format
		OR NEW.name <> OLD.name THEN
		RAISE EXCEPTION 'a pool of numbers only goes forward' USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END
$$;
