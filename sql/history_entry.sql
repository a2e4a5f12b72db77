-- One message with everything that the record knows of it.
SELECT
    message.id, message.kind, message.customer_id, message.channel, message.address, message.subject,
    message.body, message.language, message.calendar, message.state, message.sent_at, message.settled_at,
    message.done_at, message.error, message.pass_id, message.interface_id, message.repeats,
    message.reference, message.server_reference, message.reply, message.purged_at, customer.first_name, customer.last_name
FROM message
LEFT JOIN customer ON customer.id = message.customer_id
WHERE message.id = ?1
