-- The three interfaces of a real chain, every key explained. Run it once, after `terminbote init`:
--
--     sqlite3 -bail terminbote.db < settings.sql
--
-- A second run is refused, since the rows are there; to change one, see the end of this file.
-- Nothing is sent yet after this; look first at what would be sent:
--
--     terminbote --db terminbote.db --dry-run
--
-- The settings are JSON. A key that is unknown is refused by name, so that a typing mistake cannot
-- pass unnoticed; one that is left out, or null, has its default. Files and folders named in them
-- start from the folder of the database. Secrets stand under "secrets" and nowhere else, best as
-- the name of a file that only the user of terminbote can read.
--
-- The columns beside the settings mean the same for each interface:
--   branch_id    the branch that it serves; NULL: all of them. The service itself always serves all.
--   workstation  the only computer that may use it; NULL: any computer.
--   server_side  must be 1: terminbote runs on the server.
--   start_date   not used before this day; NULL: at once.

BEGIN IMMEDIATE;

-- ---------------------------------------------------------------- the service

INSERT INTO interface (id, kind, branch_id, workstation, server_side, start_date, settings) VALUES
(1, 'appointment_notification', NULL, NULL, 1, NULL, json_object(
    -- The zone of all appointments. Default: Europe/Berlin.
    'timezone', 'Europe/Berlin',
    -- The language of texts that have none of their own, for the names of days and months. Default: de.
    'language', 'de',
    -- Start Nachtruhe, Ende Nachtruhe. 20:00 is quiet, 06:00 is not. Leave it out for no night rest;
    -- between 23:00 and 04:00 nothing is sent in any case.
    'night_rest', json_object('start', '20:00', 'end', '06:00'),
    -- Filialkürzel Filter: 'HH,B' takes only these branches. Empty: all.
    'branch_filter', '',
    -- After so many minutes a pass leaves the rest to the next one. Default: 50.
    'max_minutes', 50,
    -- Whether an e-mail of which nobody knows if it arrived is sent once more, under the same
    -- Message-ID, so that mail programs show it once. Default: true.
    'repeat_uncertain_email', json('true'),
    -- The title of an entry in the customer's calendar, a template that knows `branch` and
    -- `appointment`. Default (null): "Termin" and the branch's name. Think twice before you put the
    -- type of the appointment here: it can be health data.
    'calendar_summary', NULL,
    -- Terminbestätigung (E-Mail). Leave the object out, and nothing is confirmed.
    'confirmation', json_object(
        -- Dokumentvorlage; its format must be plain_text.
        'document_template', 'Terminbestätigung',
        -- Termine als ICS Datei anhängen. Default: false.
        'attach_ics', json('true')
    ),
    -- Terminerinnerung. Leave the object out, and nobody is reminded.
    'reminder', json_object(
        -- Stunden vor Termin, 1 to 99.
        'hours_before', 24,
        -- Min. Stunden vor Doppelnachricht, 1 to 99. Keep it below hours_before: an appointment
        -- that is held back until it begins is never reminded of.
        'min_hours_between_messages', 6,
        -- Alle Termine für ein Datum zusammenfassen. Default: false.
        'combine_same_day', json('false'),
        -- Kontaktvorlage. Default: Terminerinnerung.
        'contact_template', 'Terminerinnerung'
    )
));

-- ---------------------------------------------------------------- e-mail

INSERT INTO interface (id, kind, branch_id, workstation, server_side, start_date, settings) VALUES
(2, 'smtp', NULL, NULL, 1, NULL, json_object(
    -- smtp: to a mail server. file: one .eml a message into 'directory', to try things out.
    'transport', 'smtp',
    'host', 'mail.example.de',
    -- Default: 587 for required, 465 for implicit, 25 for none.
    'port', 587,
    -- required: STARTTLS or nothing is sent (default). implicit: encrypted from the first byte.
    -- none: not at all; only to this computer, or with 'allow_plaintext', true.
    'tls', 'required',
    'allow_plaintext', json('false'),
    -- The log-in. Leave out user and secrets if the server wants none.
    'user', 'termine@example.de',
    -- One of password_file, password_env (an environment variable) and password. The file holds
    -- the password alone:  install -m 600 /dev/null smtp-password  and put it in with an editor.
    'secrets', json_object('password_file', 'smtp-password'),
    -- plain, login or xoauth2. Default (null): what the server offers.
    'auth', NULL,
    -- For xoauth2 instead of a password: a command that prints an access token, such as
    -- json_array('/usr/local/bin/token', 'termine').
    'token_command', NULL,
    -- The sender, with or without a name.
    'from', 'Optik Muster <termine@example.de>',
    -- Where answers go. Default (null): to the branch of the first appointment.
    'reply_to', NULL,
    -- Connections at once, 1 to 64. Default: 4.
    'connections', 4,
    -- The most messages a minute, if the provider has a limit. Default (null): none.
    'max_per_minute', NULL,
    -- Seconds to wait for each answer, 1 to 300. Default: 30.
    'timeout_seconds', 30,
    -- Certificates in PEM that are trusted instead of those of the system. Default (null): none.
    'ca_file', NULL
));

-- ---------------------------------------------------------------- SMS

-- Into files, one a message: to try things out, or for a program of your own that sends them.
INSERT INTO interface (id, kind, branch_id, workstation, server_side, start_date, settings) VALUES
(3, 'sms', NULL, NULL, 1, NULL, json_object(
    'gateway', 'file',
    'directory', 'sms',
    -- For numbers without a country code. Default: +49.
    'country_code', '+49',
    -- Connections at once, 1 to 64. Default: 4.
    'connections', 4,
    -- The most messages a minute, if the provider has a limit. Default (null): none.
    'max_per_minute', NULL,
    -- Seconds that one call may take, 1 to 600. Default: 30.
    'timeout_seconds', 30,
    -- In how many parts a text should fit, 1 to 10; a longer one is sent all the same. Default: 3.
    'max_segments', 3,
    -- Replace typographic quotes and dashes where that saves a part. Default: true.
    'replace_typography', json('true'),
    -- Certificates in PEM that are trusted instead of those of the system. Default (null): none.
    'ca_file', NULL
));

-- A gateway instead: put one of these in place of 'gateway' and 'directory' above. The README names every
-- key of each; examples/settings/ has each of them as JSON.
--
--   smscreator.de
--     'gateway', 'smscreator', 'user', 'K12345', 'from', 'OptikMuster',
--     'secrets', json_object('password_file', 'sms-password')
--   seven.io
--     'gateway', 'seven', 'from', 'OptikMuster', 'secrets', json_object('api_key_file', 'sms-key')
--   Twilio
--     'gateway', 'twilio', 'account_sid', 'AC…', 'from', '+4915228817386',
--     'secrets', json_object('auth_token_file', 'sms-token')
--   sipgate
--     'gateway', 'sipgate', 'token_id', 'token-…', 'sms_id', 's0',
--     'secrets', json_object('token_file', 'sms-token')
--   Kannel, on this computer
--     'gateway', 'kannel', 'base_url', 'http://127.0.0.1:13013', 'user', 'termine',
--     'secrets', json_object('password_file', 'sms-password')
--   any other that takes one HTTP request a message
--     'gateway', 'http', 'url', 'https://sms.example.de/send',
--     'headers', json_object('Authorization', 'Bearer {{ secrets.key }}'),
--     'body', '{"to": {{ to | json }}, "text": {{ text | json }}}',
--     'success', json_object('status', json_array(200)),
--     'secrets', json_object('key_file', 'sms-key')

COMMIT;

-- ---------------------------------------------------------------- later

-- Change one key (run the line alone, without the two dashes):
-- UPDATE interface SET settings = json_set(settings, '$.reminder.hours_before', 48) WHERE id = 1;
-- UPDATE interface SET settings = json_set(settings, '$.reminder.combine_same_day', json('true')) WHERE id = 1;
-- UPDATE interface SET settings = json_set(settings, '$.night_rest', json_object('start', '21:00', 'end', '07:00')) WHERE id = 1;
-- UPDATE interface SET settings = json_set(settings, '$.secrets.password_file', 'smtp-password-2') WHERE id = 2;
-- Take one away:
-- UPDATE interface SET settings = json_remove(settings, '$.night_rest') WHERE id = 1;
-- Stop everything until further notice; every pass says so and exits with 1:
-- UPDATE interface SET server_side = 0 WHERE id = 1;
-- Look at what is set:
-- SELECT id, kind, json_remove(settings, '$.secrets') FROM interface;
-- A mail server of its own for one branch goes before that of the chain:
-- INSERT INTO interface (kind, branch_id, server_side, settings)
-- SELECT 'smtp', id, 1, '{"transport": "smtp", "host": "mail.example.de", "from": "hamburg@example.de"}'
-- FROM branch WHERE code = 'HH';
-- Letters and calls as tasks for staff, where e-mail and SMS cannot be used:
-- INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
-- SELECT id, 3, 'letter', 'Terminerinnerung Brief' FROM contact_template WHERE name = 'Terminerinnerung';
-- INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
-- SELECT id, 4, 'phone', 'Terminerinnerung Telefon' FROM contact_template WHERE name = 'Terminerinnerung';
