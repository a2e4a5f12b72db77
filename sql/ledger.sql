-- Version 2: what claiming and settling a message touch.
--
-- One index answers for an appointment's messages and refuses a second telling of the same; what does
-- not count has no number in it, and NULLs do not collide. It was two, and each claim paid for both.
DROP INDEX message_appointment_by_appointment;
DROP INDEX message_appointment_told_once;

CREATE UNIQUE INDEX message_appointment_told_once
ON message_appointment (
    appointment_id,
    CASE WHEN counts = 1 AND kind <> 'manual' THEN sequence END,
    customer_id,
    kind
);

-- The triggers are those of version 1. They ask first for the way that nearly every message takes,
-- from sending to sent: a list is a table that is filled anew each time.
DROP TRIGGER message_state_counts;
DROP TRIGGER message_state_checked;

CREATE TRIGGER message_state_counts AFTER UPDATE OF state ON message
WHEN NOT (old.state = 'sending' AND new.state = 'sent')
AND (old.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
<> (new.state IN ('sending', 'sent', 'handed_over', 'uncertain'))
BEGIN
    UPDATE message_appointment
    SET counts = new.state IN ('sending', 'sent', 'handed_over', 'uncertain')
    WHERE message_id = new.id;
END;

-- From sending every way is open; `schema.sql` draws the others.
CREATE TRIGGER message_state_checked BEFORE UPDATE OF state ON message
WHEN old.state <> 'sending'
AND old.state <> new.state
AND (old.state, new.state) NOT IN (VALUES
    ('deferred', 'sending'), ('deferred', 'withdrawn'),
    ('uncertain', 'sending'), ('uncertain', 'sent'), ('uncertain', 'failed'), ('uncertain', 'deferred'),
    ('sent', 'failed'), ('handed_over', 'failed')
)
BEGIN
    SELECT RAISE(ABORT, 'a message cannot go from its state to that one');
END;
