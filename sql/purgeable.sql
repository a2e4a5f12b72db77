-- Messages from which `terminbote purge` takes text and address, and why it does not:
-- `unsettled` may still be repeated or decided anew; `needed` tells of a dead address (rule F7), or is
-- a task for staff, about an appointment that starts after `:needed_from`.
SELECT
    message.id, message.kind, message.sent_at, message.address, message.state,
    CASE
        WHEN message.state IN ('sending', 'uncertain') THEN 'unsettled'
        WHEN message.state = 'deferred' AND :customer_id IS NULL THEN 'unsettled'
        WHEN
            (message.state = 'failed' OR message.state = 'handed_over' AND message.done_at IS NULL)
            AND EXISTS (
                SELECT 1 FROM message_appointment AS covered
                WHERE covered.message_id = message.id AND covered.appointment_start > :needed_from
            )
            THEN 'needed'
        ELSE 'purge'
    END AS verdict
FROM message
WHERE
    message.purged_at IS NULL
    AND (:before IS NULL OR message.sent_at < :before)
    AND (:customer_id IS NULL OR message.customer_id = :customer_id)
