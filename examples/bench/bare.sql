-- What a pass has to look at, as one would ask for it by hand: the reminder window with its customers
-- and what they have been told, then what the confirmation still has to tell.
SELECT
    appointment.id, appointment.start, appointment.ends_at, appointment.status, appointment.is_group,
    appointment_type.name, appointment_type.auto_notify, branch.code, branch.name, customer.*,
    phone.number, phone.sms_allowed, message.id, message.kind, message.state, message.sent_at,
    covered.appointment_start
FROM appointment
JOIN appointment_type ON appointment_type.id = appointment.type_id
JOIN branch ON branch.id = appointment.branch_id
LEFT JOIN customer ON customer.id = appointment.customer_id
LEFT JOIN customer_phone AS phone ON phone.customer_id = customer.id
LEFT JOIN message_appointment AS covered ON covered.appointment_id = appointment.id
LEFT JOIN message ON message.id = covered.message_id AND message.customer_id = customer.id
WHERE appointment.start > 'NOW' AND appointment.start < 'UNTIL'
ORDER BY appointment.start, appointment.id;
SELECT
    appointment.id, appointment.start, appointment.ends_at, appointment.status, appointment.is_group,
    appointment_type.name, branch.code, branch.name, customer.*
FROM untold
JOIN appointment ON appointment.id = untold.appointment_id
JOIN appointment_type ON appointment_type.id = appointment.type_id
JOIN branch ON branch.id = appointment.branch_id
LEFT JOIN customer ON customer.id = appointment.customer_id
WHERE untold.start >= 'FROM' AND untold.start < 'BEHIND' AND appointment_type.auto_notify = 1
ORDER BY untold.start, untold.appointment_id;
