-- Messages that were handed over to staff and are not done, with their customer.
SELECT
    message.id, message.channel, message.address, message.subject, message.body, message.sent_at,
    message.customer_id, customer.first_name, customer.last_name, customer.deceased,
    customer.preferred_contact
FROM message
LEFT JOIN customer ON customer.id = message.customer_id
WHERE message.state = 'handed_over' AND message.done_at IS NULL
ORDER BY message.sent_at, message.id
