-- Version 5: messages that are claimed to follow another on its connection.
--
-- While the message that it follows is being sent, nothing of this one has been handed over: that begins
-- in the very transaction that settles the one before.
ALTER TABLE message ADD COLUMN follows INTEGER;

-- Messages that were certainly not handed over, if the pass that claimed them has died. A message that is
-- claimed once more is followed by nothing: the program sees to it.
CREATE VIEW message_not_begun AS
SELECT message.id, message.pass_id
FROM message
INNER JOIN message AS before ON before.id = message.follows
WHERE
    message.state = 'sending'
    AND before.state = 'sending'
    AND before.pass_id = message.pass_id
    AND message.kind <> 'manual';
