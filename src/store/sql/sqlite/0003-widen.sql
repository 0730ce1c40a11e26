-- SPDX-License-Identifier: GPL-2.0-or-later
-- A counter's range may be extended at its end. Nothing else of a pool can change or go back.

DROP TRIGGER pools_go_forward;

CREATE TRIGGER pools_go_forward BEFORE UPDATE ON pools
WHEN NEW.next < OLD.next OR NEW.first <> OLD.first OR NEW.last < OLD.last OR NEW.kind <> OLD.kind
	OR (NEW.last <> OLD.last AND OLD.kind <> 'counter') OR NEW.format <> OLD.format OR NEW.name <> OLD.name
BEGIN
	SELECT RAISE(ABORT, 'a pool of numbers only goes forward');
END;
