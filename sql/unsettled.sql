-- Messages of unknown fate that have not been repeated; `process` is that of the pass which may still
-- be handing one over. What was being handed over at an instant of the past was left alone then. All
-- three states of `message_unfinished` are named, so that SQLite knows that it has them all.
SELECT
    message.id, message.kind, message.customer_id, message.interface_id, message.address, message.subject,
    message.body, message.language, message.calendar, message.sent_at, message.claimed_at,
    pass.process
FROM message
LEFT JOIN pass ON pass.id = message.pass_id AND pass.host = :host AND message.state = 'sending'
WHERE
    message.state IN ('uncertain', CASE WHEN NOT :looks_back THEN 'sending' END)
    AND message.state IN ('sending', 'uncertain', 'deferred')
    AND message.channel = :channel
    AND message.kind <> 'manual'
    AND message.repeats = 0
