-- Messages that have met no fate and are about an appointment after ?2 (local), by state; `process` is
-- that of the pass on the computer ?1 which may still be handing them over.
SELECT
    message.state, pass.process, message.id IN (SELECT id FROM message_not_begun) AS not_begun, count(*) AS messages
FROM message
LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = ?1 AND message.state = 'sending'
WHERE
    (message.state = 'sending' OR message.state = 'uncertain' OR message.state = 'deferred')
    AND message.kind <> 'manual'
    AND EXISTS (
        SELECT 1 FROM message_appointment AS covered
        WHERE covered.message_id = message.id AND covered.appointment_start > ?2
    )
GROUP BY message.state, pass.process, not_begun
