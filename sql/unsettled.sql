-- Messages of unknown fate of which no e-mail has been repeated; those that have not begun are none of them.
-- `process` is that of the pass which may still be handing one over. At the mark of a pass only such ones
-- are left, and it left them alone. All three states of `message_unfinished` are named, so that SQLite
-- knows that it has them.
SELECT
    message.id, message.kind, message.customer_id, message.interface_id, message.address, message.subject,
    message.body, message.language, message.calendar, message.sent_at, message.claimed_at,
    message.repeats, pass.process
FROM message
LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = :host AND message.state = 'sending'
WHERE
    message.state IN ('uncertain', CASE WHEN NOT :as_marked THEN 'sending' END)
    AND (message.state = 'sending' OR message.state = 'uncertain' OR message.state = 'deferred')
    AND message.channel = :channel
    AND message.kind <> 'manual'
    -- A gateway may be asked as often as one likes.
    AND (message.repeats = 0 OR message.channel = 'sms' AND message.pass_id IS NOT NULL)
    AND message.id NOT IN (SELECT id FROM message_not_begun)
