-- Appointments of the confirmation range whose customer may not have been told their present start.
-- What is left out by the type or the branch is none of the bad rows, which are named whatever
-- their type and branch.
SELECT start, appointment_id AS id, customer_id
FROM untold
WHERE
    start >= :from
    AND start < :until
    AND (
        type_id IS NULL
        OR type_id NOT IN (SELECT value FROM json_each(:types_left_out))
        AND branch_id NOT IN (SELECT value FROM json_each(:branches_left_out))
    )
ORDER BY start, appointment_id
