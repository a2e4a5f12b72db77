-- The fictional chain of `terminbote demo`: three branches in the evening of Tuesday, 10 March 2026.
--
-- Plain INSERTs into a database that `terminbote init` has just made. The demo's pass runs at
-- 19:00 in Berlin. The night rest begins at 20:00, so that the pass looks ahead: with 6 hours before
-- an appointment it reminds of every start until 12:00 on Wednesday, 11 March (rule E2), and it
-- confirms what lies between 11 March and 30 June (rule D1).
--
-- Nobody here exists. The addresses are of example.de, the telephone numbers are kept free for
-- films and books by the Bundesnetzagentur.

-- ---------------------------------------------------------------- settings

-- The service: hours, night rest, confirmations with a calendar file, one message for a whole day.
INSERT INTO interface (id, kind, server_side, settings) VALUES
(1, 'appointment_notification', 1, '{
    "timezone": "Europe/Berlin",
    "night_rest": {"start": "20:00", "end": "06:00"},
    "confirmation": {"document_template": "Terminbestätigung", "attach_ics": true},
    "reminder": {
        "hours_before": 6,
        "min_hours_between_messages": 6,
        "combine_same_day": true,
        "contact_template": "Terminerinnerung"
    }
}'),
-- E-mails go into the folder `mail` beside the database, one .eml each.
(2, 'smtp', 1, '{"transport": "file", "directory": "mail", "from": "Gruppe Hafenblick <termine@example.de>"}'),
-- Text messages go into the folder `sms` beside the database, one file each.
(3, 'sms', 1, '{"gateway": "file", "directory": "sms", "country_code": "+49"}');

-- Who cannot be reached by e-mail or SMS gets a letter or a call from staff.
INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
SELECT id, 3, 'letter', 'Terminerinnerung Brief' FROM contact_template WHERE name = 'Terminerinnerung';
INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
SELECT id, 4, 'phone', 'Terminerinnerung Telefon' FROM contact_template WHERE name = 'Terminerinnerung';

-- ---------------------------------------------------------------- the chain

INSERT INTO branch (id, code, name, street, postcode, city, phone, email) VALUES
(1, 'HH', 'Optik Hafenblick', 'Kaistraße 12', '20457', 'Hamburg', '040 66969-100', 'hamburg@example.de'),
(2, 'B', 'Hörhaus Spreebogen', 'Uferweg 3', '10117', 'Berlin', '030 23125-100', 'berlin@example.de'),
(3, 'M', 'Therapie am Isartor', 'Zwingerhof 7', '80331', 'München', '089 99998-100', 'muenchen@example.de');

-- Type 5 is not "Erlaubt für automatische Benachrichtigungen des Kunden" (B1).
INSERT INTO appointment_type (id, name, auto_notify) VALUES
(1, 'Sehtest', 1),
(2, 'Hörgeräteanpassung', 1),
(3, 'Krankengymnastik', 1),
(4, 'Manuelle Lymphdrainage', 1),
(5, 'Abholung', 0);

-- ---------------------------------------------------------------- Hamburg, optician

INSERT INTO customer (id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city) VALUES
(1, 'Frau', 'Änne', 'Petersen', 'de', NULL, 0, 'aenne.petersen@example.de', 'Deichgang 4', '20459', 'Hamburg'),
-- Has an e-mail address, but prefers SMS (F2).
(2, 'Herr', 'Jürgen', 'Groß', 'de', 'sms', 0, 'j.gross@example.de', 'Hopfenhof 18', '20359', 'Hamburg'),
-- Prefers letters: a task for staff.
(3, 'Frau', 'Charlotte', 'Brinkmann-Löwe', 'de', 'letter', 0, 'brinkmann.loewe@example.de', 'Elbterrasse 31', '22767', 'Hamburg'),
-- Prefers to be called: a task for staff.
(4, 'Herr', 'Hinnerk', 'Wüst', 'de', 'phone', 0, NULL, 'Lotsenstieg 2', '22587', 'Hamburg'),
-- English texts.
(5, 'Mr', 'Oliver', 'Bennett', 'en', NULL, 0, 'oliver.bennett@example.de', 'Brookfleet 9', '20457', 'Hamburg'),
-- There are no Turkish texts: the ones without language are taken, which are German (F8).
(6, 'Herr', 'Emre', 'Yıldız', 'tr', NULL, 0, 'emre.yildiz@example.de', 'Marktzeile 77', '20357', 'Hamburg'),
(7, 'Frau', 'Maren', 'Sørensen', 'de', NULL, 0, NULL, NULL, NULL, NULL),
-- Marked as deceased (B6): nothing is ever sent, whatever else is entered.
(8, 'Herr', 'Karl-Heinz', 'Böttcher', 'de', NULL, 1, 'kh.boettcher@example.de', 'Ankerplatz 1', '20459', 'Hamburg'),
-- Wants no messages (B6).
(9, 'Frau', 'Ingeborg', 'Timm', 'de', 'none', 0, 'ingeborg.timm@example.de', 'Fischerreihe 5', '22767', 'Hamburg'),
-- No address of any kind: unreachable (F5).
(10, 'Herr', 'Otto', 'Düsing', 'de', NULL, 0, NULL, NULL, NULL, NULL),
-- Only a landline, and no postal address: a call by staff.
(11, 'Frau', 'Wiebke', 'Harms', NULL, NULL, 0, NULL, NULL, NULL, NULL),
-- The only number is mistyped (a letter O for the first zero): never guessed at, so a letter is written.
(12, 'Herr', 'Sönke', 'Jessen', 'de', NULL, 0, NULL, 'Mastenweg 12', '22609', 'Hamburg'),
-- The e-mail address is mistyped (a comma for the dot): SMS instead.
(13, 'Frau', 'Gesa', 'Rathjen', 'de', NULL, 0, 'gesa.rathjen@example,de', NULL, NULL, NULL),
(14, 'Frau', 'Antje', 'Clausen', 'de', NULL, 0, 'antje.clausen@example.de', NULL, NULL, NULL),
(15, 'Herr', 'Detlef', 'Ahrens', 'de', 'sms', 0, NULL, NULL, NULL, NULL);

INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
(1, 1, '0152 28817386', 1),
(2, 1, '0172/9925904', 1),
(3, 1, '040 66969-203', 0),
(4, 1, '(040) 66969 204', 0),
(7, 1, '+49 (0)174 9091317', 1),
(8, 1, '0176 04069008', 1),
(9, 1, '0176 04069009', 1),
-- A landline with the mark for SMS is still no mobile number.
(11, 1, '040 66969-211', 1),
(12, 1, 'O172 9973186', 1),
(13, 1, '0172 9968532', 1),
(15, 1, '0176 04069015', 1);

INSERT INTO appointment (id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note) VALUES
-- The look-ahead of this pass.
(1001, 1, 1, 1, 'booked', 0, '2026-03-11 09:00', '2026-03-11 09:30', NULL, NULL),
(1002, 1, 2, 1, 'booked', 0, '2026-03-11 09:30', '2026-03-11 10:00', NULL, NULL),
(1003, 1, 3, 1, 'confirmed', 0, '2026-03-11 10:00', '2026-03-11 10:30', NULL, NULL),
(1004, 1, 4, 1, 'booked', 0, '2026-03-11 10:15', '2026-03-11 10:45', NULL, NULL),
(1005, 1, 5, 1, 'booked', 0, '2026-03-11 10:30', '2026-03-11 11:00', NULL, NULL),
(1006, 1, 6, 1, 'booked', 0, '2026-03-11 08:30', '2026-03-11 09:00', NULL, NULL),
(1007, 1, 7, 1, 'booked', 0, '2026-03-11 08:45', '2026-03-11 09:15', NULL, NULL),
(1008, 1, 8, 1, 'booked', 0, '2026-03-11 09:15', '2026-03-11 09:45', NULL, NULL),
(1009, 1, 9, 1, 'booked', 0, '2026-03-11 09:45', '2026-03-11 10:15', NULL, NULL),
(1010, 1, 10, 1, 'booked', 0, '2026-03-11 11:00', '2026-03-11 11:30', NULL, NULL),
(1011, 1, 11, 1, 'booked', 0, '2026-03-11 11:15', '2026-03-11 11:45', NULL, NULL),
(1012, 1, 12, 1, 'booked', 0, '2026-03-11 11:30', '2026-03-11 12:00', NULL, NULL),
(1013, 1, 13, 1, 'booked', 0, '2026-03-11 11:45', '2026-03-11 12:15', NULL, NULL),
-- Cancelled (B3): no reminder; the new one in April is confirmed.
(1014, 1, 14, 1, 'cancelled', 0, '2026-03-11 10:45', '2026-03-11 11:15', NULL, NULL),
(1015, 1, 14, 1, 'booked', 0, '2026-04-08 10:45', '2026-04-08 11:15', NULL, NULL),
-- Rang up to say that he is not coming (B3).
(1016, 1, 15, 1, 'no_show', 0, '2026-03-10 19:15', '2026-03-10 19:45', NULL, NULL),
-- An entry without customer (B1).
(1017, 1, NULL, 1, 'booked', 0, '2026-03-11 08:00', '2026-03-11 08:30', NULL, 'Inventur'),
-- Over since the morning: outside every window (B5).
(1018, 1, 2, 5, 'completed', 0, '2026-03-10 10:00', '2026-03-10 10:15', NULL, NULL),
-- A check-up for the deceased in May: no confirmation either (B6).
(1019, 1, 8, 1, 'booked', 0, '2026-05-05 09:00', '2026-05-05 09:30', NULL, NULL);

-- ---------------------------------------------------------------- Berlin, hearing aids

INSERT INTO customer (id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city) VALUES
(16, 'Frau', 'Hannelore', 'Schütz', 'de', NULL, 0, 'hannelore.schuetz@example.de', 'Spreegasse 8', '10179', 'Berlin'),
(17, 'Herr', 'Wolfgang', 'Weiß', 'de', NULL, 0, 'w.weiss@example.de', NULL, NULL, NULL),
(18, 'Frau', 'Edeltraud', 'Krüger', 'de', 'sms', 0, NULL, NULL, NULL, NULL),
(19, 'Herr', 'Rüdiger', 'Böhm', 'de', NULL, 0, 'ruediger.boehm@example.de', 'Parkring 40', '10557', 'Berlin'),
(20, 'Ms', 'Zoë', 'Lindqvist', 'en-GB', NULL, 0, 'zoe.lindqvist@example.de', NULL, NULL, NULL),
(21, 'Herr', 'Günther', 'Jäger', 'de', 'email', 0, 'guenther.jaeger@example.de', NULL, NULL, NULL),
(22, 'Frau', 'Hildegard', 'Noack', 'de', NULL, 0, 'hildegard.noack@example.de', NULL, NULL, NULL),
(23, 'Herr', 'Tim', 'Öztürk', 'de', NULL, 0, 'tim.oeztuerk@example.de', NULL, NULL, NULL),
(24, 'Frau', 'Rosemarie', 'Fuchs', 'de', NULL, 0, NULL, 'Brückenufer 16', '10317', 'Berlin'),
(25, 'Herr', 'Bernd', 'Schäfer', 'de', NULL, 0, 'b.schaefer@example.de', NULL, NULL, NULL),
(26, NULL, 'Käthe', 'Möller', 'de', NULL, 0, 'kaethe.moeller@example.de', NULL, NULL, NULL);

INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
(16, 1, '030 23125-216', 0),
(18, 1, '0172 9980752', 1),
-- The first number may not get SMS; the second one is taken (F3).
(24, 1, '0172 9973185', 0),
(24, 2, '0152 54599371', 1),
(25, 1, '0176 04069025', 1);

INSERT INTO appointment (id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note) VALUES
-- Rung up by staff at 14:30 about the appointment in June: not reminded before 20:30 (E3).
(1020, 2, 16, 2, 'booked', 0, '2026-03-11 09:00', '2026-03-11 10:00', NULL, NULL),
(1021, 2, 16, 2, 'booked', 0, '2026-06-16 09:00', '2026-06-16 10:00', NULL, NULL),
-- Booked this afternoon for tomorrow and confirmed at 16:00: that was message enough (E3).
(1022, 2, 17, 2, 'booked', 0, '2026-03-11 09:30', '2026-03-11 10:30', NULL, NULL),
-- Told 09:00 by telephone at 16:10 and moved to 11:00 after that: what she knows is wrong, so she is told at once (C3).
(1023, 2, 18, 2, 'booked', 0, '2026-03-11 11:00', '2026-03-11 12:00', NULL, 'verschoben von 09:00'),
-- Confirmed in February for 25 March, moved to 22 April since: confirmed again, SEQUENCE 1 in the calendar file (C1, H).
(1024, 2, 19, 2, 'booked', 0, '2026-04-22 14:00', '2026-04-22 15:00', NULL, 'verschoben vom 25.03.'),
-- Two appointments on one confirmation, in English.
(1025, 2, 20, 2, 'booked', 0, '2026-05-06 16:00', '2026-05-06 17:00', NULL, NULL),
(1026, 2, 20, 2, 'booked', 0, '2026-05-20 16:00', '2026-05-20 17:00', NULL, NULL),
-- The customer comes a quarter of an hour after the room is taken: 08:15 is what they are told.
(1027, 2, 21, 2, 'booked', 0, '2026-03-11 08:00', '2026-03-11 09:00', '2026-03-11 08:15', NULL),
-- A type without automatic messages (B1).
(1028, 2, 22, 5, 'booked', 0, '2026-03-11 10:00', '2026-03-11 10:15', NULL, NULL),
-- Begins at 11:30 for the practice and at 12:00 for the customer: just outside the window (E2), but it is confirmed.
(1029, 2, 23, 2, 'booked', 0, '2026-03-11 11:30', '2026-03-11 13:00', '2026-03-11 12:00', NULL),
(1030, 2, 24, 2, 'booked', 0, '2026-03-11 11:30', '2026-03-11 12:30', NULL, NULL),
-- The mail server refused the confirmation for good in February: not tried by e-mail again (F7).
(1031, 2, 25, 2, 'booked', 0, '2026-03-11 10:30', '2026-03-11 11:30', NULL, NULL),
-- A customer without salutation, confirmed in this pass.
(1032, 2, 26, 2, 'proposed', 0, '2026-03-24 11:00', '2026-03-24 12:00', NULL, NULL);

-- ---------------------------------------------------------------- Munich, therapy

INSERT INTO customer (id, salutation, first_name, last_name, language, preferred_contact, deceased, email, street, postcode, city) VALUES
-- A family that shares one mobile number: the children get one message each.
(27, 'Frau', 'Saskia', 'Brandl', 'de', NULL, 0, 'saskia.brandl@example.de', 'Floßgasse 3', '80469', 'München'),
(28, NULL, 'Max', 'Brandl', 'de', NULL, 0, NULL, 'Floßgasse 3', '80469', 'München'),
(29, NULL, 'Lena', 'Brandl', 'de', NULL, 0, NULL, 'Floßgasse 3', '80469', 'München'),
(30, 'Herr', 'Ludwig', 'Huber', 'de', NULL, 0, 'ludwig.huber@example.de', NULL, NULL, NULL),
(31, 'Frau', 'Theresa', 'Obermüller', 'de', NULL, 0, 'theresa.obermueller@example.de', NULL, NULL, NULL),
(32, 'Herr', 'Xaver', 'Förster', 'de', NULL, 0, 'xaver.foerster@example.de', NULL, NULL, NULL),
(33, 'Frau', 'Vroni', 'Kößler', 'de', NULL, 0, NULL, NULL, NULL, NULL),
(34, 'Herr', 'Anton', 'Wörl', 'de', NULL, 0, NULL, NULL, NULL, NULL),
-- Prefers e-mail, but has given no address: the template's order goes on (F2).
(35, 'Frau', 'Marie-Luise', 'von Stein', 'de', 'email', 0, NULL, 'Lindenhang 21', '82031', 'Grünwald'),
(36, 'Mrs', 'Priya', 'Raman', 'en', 'sms', 0, 'priya.raman@example.de', NULL, NULL, NULL),
(37, 'Herr', 'Florian', 'Ertl', 'de', NULL, 0, NULL, NULL, NULL, NULL),
(38, 'Frau', 'Burgi', 'Stadler', 'de', NULL, 0, 'burgi.stadler@example.de', NULL, NULL, NULL),
(39, 'Herr', 'Sepp', 'Reiter', 'de', NULL, 0, NULL, NULL, NULL, NULL),
(40, 'Frau', 'Aylin', 'Çelik', 'tr', NULL, 0, 'aylin.celik@example.de', NULL, NULL, NULL),
(41, 'Herr', 'Quirin', 'Lechner', 'de', 'letter', 0, 'quirin.lechner@example.de', 'Schäfflergang 14', '80333', 'München'),
(42, 'Frau', 'Resi', 'Angerer', 'de', NULL, 0, 'resi.angerer@example.de', NULL, NULL, NULL);

INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES
(27, 1, '0174 9464308', 1),
(28, 1, '0174 9464308', 1),
(29, 1, '0174 9464308', 1),
(33, 1, '0171 3920033', 1),
(34, 1, '0171-3920034', 1),
(36, 1, '+49 171 3920036', 1),
(37, 1, '0171 3920037', 1),
(39, 1, '0049 171 3920039', 1),
(42, 1, '089 99998-242', 0);

INSERT INTO appointment (id, branch_id, customer_id, type_id, status, is_group, starts_at, ends_at, customer_starts_at, note) VALUES
(1033, 3, 27, 3, 'booked', 0, '2026-05-11 17:00', '2026-05-11 17:30', NULL, NULL),
(1034, 3, 28, 3, 'booked', 0, '2026-03-11 08:00', '2026-03-11 08:30', NULL, NULL),
(1035, 3, 29, 3, 'booked', 0, '2026-03-11 08:30', '2026-03-11 09:00', NULL, NULL),
-- A weekly series: the first is reminded of, the next fifteen are confirmed in one e-mail, the two in July wait for the next quarter (D1, D2).
(1036, 3, 30, 3, 'booked', 0, '2026-03-11 10:30', '2026-03-11 11:00', NULL, NULL),
(1037, 3, 30, 3, 'booked', 0, '2026-03-18 10:30', '2026-03-18 11:00', NULL, NULL),
(1038, 3, 30, 3, 'booked', 0, '2026-03-25 10:30', '2026-03-25 11:00', NULL, NULL),
(1039, 3, 30, 3, 'booked', 0, '2026-04-01 10:30', '2026-04-01 11:00', NULL, NULL),
(1040, 3, 30, 3, 'booked', 0, '2026-04-08 10:30', '2026-04-08 11:00', NULL, NULL),
(1041, 3, 30, 3, 'booked', 0, '2026-04-15 10:30', '2026-04-15 11:00', NULL, NULL),
(1042, 3, 30, 3, 'booked', 0, '2026-04-22 10:30', '2026-04-22 11:00', NULL, NULL),
(1043, 3, 30, 3, 'booked', 0, '2026-04-29 10:30', '2026-04-29 11:00', NULL, NULL),
(1044, 3, 30, 3, 'booked', 0, '2026-05-06 10:30', '2026-05-06 11:00', NULL, NULL),
(1045, 3, 30, 3, 'booked', 0, '2026-05-13 10:30', '2026-05-13 11:00', NULL, NULL),
(1046, 3, 30, 3, 'booked', 0, '2026-05-20 10:30', '2026-05-20 11:00', NULL, NULL),
(1047, 3, 30, 3, 'booked', 0, '2026-05-27 10:30', '2026-05-27 11:00', NULL, NULL),
(1048, 3, 30, 3, 'booked', 0, '2026-06-03 10:30', '2026-06-03 11:00', NULL, NULL),
(1049, 3, 30, 3, 'booked', 0, '2026-06-10 10:30', '2026-06-10 11:00', NULL, NULL),
(1050, 3, 30, 3, 'booked', 0, '2026-06-17 10:30', '2026-06-17 11:00', NULL, NULL),
(1051, 3, 30, 3, 'booked', 0, '2026-06-24 10:30', '2026-06-24 11:00', NULL, NULL),
(1052, 3, 30, 3, 'booked', 0, '2026-07-01 10:30', '2026-07-01 11:00', NULL, NULL),
(1053, 3, 30, 3, 'booked', 0, '2026-07-08 10:30', '2026-07-08 11:00', NULL, NULL),
-- Three on one day, one of them after the window: one message for all three (E5, E6).
(1054, 3, 31, 3, 'booked', 0, '2026-03-11 09:00', '2026-03-11 09:30', NULL, NULL),
(1055, 3, 31, 4, 'booked', 0, '2026-03-11 09:45', '2026-03-11 10:30', NULL, NULL),
(1056, 3, 31, 4, 'booked', 0, '2026-03-11 15:00', '2026-03-11 15:45', NULL, NULL),
-- A group appointment: neither reminded of nor confirmed (B2).
(1057, 3, 32, 3, 'booked', 1, '2026-03-11 09:00', '2026-03-11 10:00', NULL, 'Rückenschule'),
-- This evening, reminded by the pass at 13:00 (E4).
(1058, 3, 33, 3, 'booked', 0, '2026-03-10 19:30', '2026-03-10 20:00', NULL, NULL),
-- This evening, booked at 18:20: made up for now (E1).
(1059, 3, 34, 3, 'booked', 0, '2026-03-10 19:45', '2026-03-10 20:15', NULL, NULL),
(1060, 3, 35, 4, 'booked', 0, '2026-03-11 09:30', '2026-03-11 10:15', NULL, NULL),
(1061, 3, 36, 3, 'booked', 0, '2026-03-11 10:00', '2026-03-11 10:30', NULL, NULL),
-- Begins at 12:00: not in the window of this pass, but in that of the one at 06:00 (E2).
(1062, 3, 37, 3, 'booked', 0, '2026-03-11 12:00', '2026-03-11 12:30', NULL, NULL),
-- Only proposed: every status counts but cancelled and no_show (B3).
(1063, 3, 38, 4, 'proposed', 0, '2026-03-11 11:45', '2026-03-11 12:30', NULL, NULL),
(1064, 3, 39, 3, 'confirmed', 0, '2026-03-11 06:30', '2026-03-11 07:00', NULL, NULL),
-- Confirmed in February: nothing to do.
(1065, 3, 40, 3, 'booked', 0, '2026-04-14 08:00', '2026-04-14 08:30', NULL, NULL),
-- Told by hand, in a letter on 2 March: no confirmation (D1).
(1066, 3, 41, 3, 'booked', 0, '2026-05-12 11:00', '2026-05-12 11:30', NULL, NULL),
-- Begins at this very minute: no longer ahead (B5).
(1067, 3, 42, 3, 'arrived', 0, '2026-03-10 19:00', '2026-03-10 19:30', NULL, NULL),
-- After the end of the next quarter: not confirmed yet (D1).
(1068, 3, 42, 3, 'booked', 0, '2026-07-14 19:00', '2026-07-14 19:30', NULL, NULL);

-- ---------------------------------------------------------------- what has been said before

-- Confirmations of 20 February: these appointments are only reminded of now.
INSERT INTO message (id, kind, customer_id, channel, address, subject, body, state, sent_at, error) VALUES
(1, 'confirmation', 1, 'email', 'aenne.petersen@example.de', 'Bestätigung Ihres Termins am Mittwoch, 11.03.2026', 'Guten Tag Frau Petersen, …', 'sent', '2026-02-20T09:00:00Z', NULL),
(2, 'confirmation', 5, 'email', 'oliver.bennett@example.de', 'Confirmation of your appointment on Wednesday, 11 March 2026', 'Dear Oliver Bennett, …', 'sent', '2026-02-20T09:00:00Z', NULL),
(3, 'confirmation', 40, 'email', 'aylin.celik@example.de', 'Bestätigung Ihres Termins am Dienstag, 14.04.2026', 'Guten Tag Frau Çelik, …', 'sent', '2026-02-20T09:00:00Z', NULL),
-- Refused for good by the mail server (F6), so that it does not count (C2).
(4, 'confirmation', 25, 'email', 'b.schaefer@example.de', 'Bestätigung Ihres Termins am Mittwoch, 11.03.2026', 'Guten Tag Herr Schäfer, …', 'failed', '2026-02-20T09:00:00Z', '550 5.1.1 mailbox unknown'),
-- Stated the start before the move.
(5, 'confirmation', 19, 'email', 'ruediger.boehm@example.de', 'Bestätigung Ihres Termins am Mittwoch, 25.03.2026', 'Guten Tag Herr Böhm, …', 'sent', '2026-02-24T09:00:00Z', NULL),
-- By hand, by other software.
(6, 'manual', 41, 'letter', 'Schäfflergang 14, 80333 München', NULL, 'Guten Tag Herr Lechner, …', 'sent', '2026-03-02T10:15:00Z', NULL),
-- Today: 13:00 (the hourly pass), 14:30 (by hand), 16:00 (the hourly pass), 16:10 (by hand).
(7, 'reminder', 33, 'sms', '+491713920033', NULL, 'Guten Tag, wir erinnern an Ihren Termin: Dienstag, 10.03.2026, 19:30 Uhr. …', 'sent', '2026-03-10T12:00:00Z', NULL),
(8, 'manual', 16, 'phone', '030 23125-216', NULL, 'Termin am 16.06. um 9 Uhr besprochen.', 'sent', '2026-03-10T13:30:00Z', NULL),
(9, 'confirmation', 17, 'email', 'w.weiss@example.de', 'Bestätigung Ihres Termins am Mittwoch, 11.03.2026', 'Guten Tag Herr Weiß, …', 'sent', '2026-03-10T15:00:00Z', NULL),
(10, 'manual', 18, 'phone', '0172 9980752', NULL, 'Termin am 11.03. um 9 Uhr besprochen.', 'sent', '2026-03-10T15:10:00Z', NULL);

INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence) VALUES
(1, 1001, '2026-03-11 09:00', 0),
(2, 1005, '2026-03-11 10:30', 0),
(3, 1065, '2026-04-14 08:00', 0),
(4, 1031, '2026-03-11 10:30', 0),
(5, 1024, '2026-03-25 14:00', 0),
(6, 1066, '2026-05-12 11:00', NULL),
(7, 1058, '2026-03-10 19:30', 0),
(8, 1021, '2026-06-16 09:00', NULL),
(9, 1022, '2026-03-11 09:30', 0),
(10, 1023, '2026-03-11 09:00', NULL);
