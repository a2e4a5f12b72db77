-- The texts that `init` puts in, in German for every language without its own and in English, and
-- the contact template that uses them.
--
-- Nothing that is there is touched: a text of the same name and language stays as it is, and so do
-- the channels of a contact template that has any. Running this twice changes nothing.
--
-- None of the texts names the type of an appointment, which can be health data. Whoever has been told of another
-- start is told that it is another one now: two messages are not to contradict each other without a word.

WITH initial (name, language, subject, body) AS (VALUES

('Terminerinnerung E-Mail', NULL,
'{% if appointments | length == 1 %}Ihr Termin am {{ appointment.weekday }}, {{ appointment.date }}, um {{ appointment.time }} Uhr{% else %}Ihre Termine ab {{ appointment.weekday }}, {{ appointment.date }}{% endif %}',
'Guten Tag{% if customer.salutation and customer.last_name %} {{ customer.salutation }} {{ customer.last_name }}{% elif customer.name %} {{ customer.name }}{% endif %},

{% if appointments | length == 1 %}
wir freuen uns auf Ihren Besuch und möchten Sie an Ihren Termin erinnern:
{% else %}
wir freuen uns auf Ihren Besuch und möchten Sie an Ihre Termine erinnern:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, {{ a.date }}, {{ a.time }} Uhr{% if a.moved_from %} (verlegt, bisher {{ a.moved_from | datetime("%a, %d.%m., %H:%M") }} Uhr){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if appointments | length == 1 %}
Können Sie den Termin nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.
{% else %}
Können Sie einen der Termine nicht wahrnehmen? Dann sagen Sie uns bitte so früh wie möglich Bescheid, damit wir einen neuen für Sie finden.
{% endif %}
{% if branch.phone and branch.email %}
Sie erreichen uns telefonisch unter {{ branch.phone }} oder per E-Mail an {{ branch.email }}.
{% elif branch.phone %}
Sie erreichen uns telefonisch unter {{ branch.phone }}.
{% elif branch.email %}
Sie erreichen uns per E-Mail an {{ branch.email }}.
{% endif %}

Mit freundlichen Grüßen
Ihr Team
{{ branch.name }}'),

('Terminerinnerung E-Mail', 'en',
'{% if appointments | length == 1 %}Your appointment on {{ appointment.weekday }}, {{ appointment.date }}, at {{ appointment.time }}{% else %}Your appointments from {{ appointment.weekday }}, {{ appointment.date }}{% endif %}',
'{% if customer.name %}Dear {{ customer.name }}{% else %}Hello{% endif %},

{% if appointments | length == 1 %}
We look forward to your visit and would like to remind you of your appointment:
{% else %}
We look forward to your visit and would like to remind you of your appointments:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, {{ a.date }}, {{ a.time }}{% if a.moved_from %} (moved from {{ a.moved_from | datetime("%a %-d %b, %H:%M") }}){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if appointments | length == 1 %}
If you are unable to come, please let us know as early as you can, so that we can find another time for you.
{% else %}
If you are unable to come to one of them, please let us know as early as you can, so that we can find another time for you.
{% endif %}
{% if branch.phone and branch.email %}
You can call us on {{ branch.phone }} or write to {{ branch.email }}.
{% elif branch.phone %}
You can call us on {{ branch.phone }}.
{% elif branch.email %}
You can write to {{ branch.email }}.
{% endif %}

Kind regards
Your team
{{ branch.name }}'),

-- One segment for one appointment with a branch's name of 25 characters: every character is in
-- the GSM alphabet, a single other one would halve what fits.
('Terminerinnerung SMS', NULL, NULL,
'{% if appointments | length == 1 %}Guten Tag, {% if appointment.moved_from %}Ihr Termin ist verlegt{% else %}wir erinnern an Ihren Termin{% endif %}: {{ appointment.weekday }}, {{ appointment.date }}, {{ appointment.time }} Uhr{% else %}Guten Tag, wir erinnern an Ihre Termine: {% for a in appointments %}{{ a.start | datetime("%a") }} {{ a.date }}, {{ a.time }} Uhr{% if a.moved_from %} (verlegt){% endif %}{% if a.branch.name != branch.name %} ({{ a.branch.name }}){% endif %}{% if not loop.last %}; {% endif %}{% endfor %}{% endif %}. {{ branch.name }}{% if branch.phone %}. Verhindert? Bitte Tel. {{ branch.phone }}{% endif %}'),

('Terminerinnerung SMS', 'en', NULL,
'{% if appointments | length == 1 %}Hello, {% if appointment.moved_from %}your appointment has been moved{% else %}a reminder of your appointment{% endif %}: {{ appointment.weekday }}, {{ appointment.date }}, {{ appointment.time }}{% else %}Hello, a reminder of your appointments: {% for a in appointments %}{{ a.start | datetime("%a") }} {{ a.date }}, {{ a.time }}{% if a.moved_from %} (moved){% endif %}{% if a.branch.name != branch.name %} ({{ a.branch.name }}){% endif %}{% if not loop.last %}; {% endif %}{% endfor %}{% endif %}. {{ branch.name }}{% if branch.phone %}. Unable to come? Please call {{ branch.phone }}{% endif %}'),

('Terminerinnerung Brief', NULL,
'{% if appointments | length == 1 %}Ihr Termin am {{ appointment.weekday }}, {{ appointment.date }}{% else %}Ihre Termine ab {{ appointment.weekday }}, {{ appointment.date }}{% endif %}',
'Guten Tag{% if customer.salutation and customer.last_name %} {{ customer.salutation }} {{ customer.last_name }}{% elif customer.name %} {{ customer.name }}{% endif %},

{% if appointments | length == 1 %}
mit diesem Brief möchten wir Sie an Ihren Termin bei uns erinnern:
{% else %}
mit diesem Brief möchten wir Sie an Ihre Termine bei uns erinnern:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, den {{ a.day }}. {{ a.month }} {{ a.year }}, um {{ a.time }} Uhr{% if a.moved_from %} (verlegt, bisher {{ a.moved_from | datetime("%a, %d.%m., %H:%M") }} Uhr){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if appointments | length == 1 %}
Sollten Sie den Termin nicht wahrnehmen können, geben Sie uns bitte rechtzeitig Bescheid{% if branch.phone %}, gern telefonisch unter {{ branch.phone }}{% endif %}. Wir finden dann gemeinsam einen neuen.
{% else %}
Sollten Sie einen der Termine nicht wahrnehmen können, geben Sie uns bitte rechtzeitig Bescheid{% if branch.phone %}, gern telefonisch unter {{ branch.phone }}{% endif %}. Wir finden dann gemeinsam einen neuen.
{% endif %}

Wir freuen uns auf Ihren Besuch.

Mit freundlichen Grüßen
Ihr Team
{{ branch.name }}'),

('Terminerinnerung Brief', 'en',
'{% if appointments | length == 1 %}Your appointment on {{ appointment.weekday }}, {{ appointment.date }}{% else %}Your appointments from {{ appointment.weekday }}, {{ appointment.date }}{% endif %}',
'{% if customer.name %}Dear {{ customer.name }}{% else %}Dear Sir or Madam{% endif %},

{% if appointments | length == 1 %}
With this letter we would like to remind you of your appointment with us:
{% else %}
With this letter we would like to remind you of your appointments with us:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, {{ a.date }}, at {{ a.time }}{% if a.moved_from %} (moved from {{ a.moved_from | datetime("%a %-d %b, %H:%M") }}){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if appointments | length == 1 %}
If you are unable to come, please let us know in good time{% if branch.phone %}, by telephone on {{ branch.phone }} if you like{% endif %}. We will gladly find another time together.
{% else %}
If you are unable to come to one of them, please let us know in good time{% if branch.phone %}, by telephone on {{ branch.phone }} if you like{% endif %}. We will gladly find another time together.
{% endif %}

We look forward to your visit.

Kind regards
Your team
{{ branch.name }}'),

-- Read by staff, who say it.
('Terminerinnerung Telefon', NULL, NULL,
'„Guten Tag, hier ist {{ branch.name }}. Spreche ich mit {% if customer.name %}{{ customer.name }}{% else %}der Person, die bei uns einen Termin hat{% endif %}?“

Nur wenn ja, sonst bitte ohne Angaben zum Termin um Rückruf bitten:

{% if appointments | length == 1 %}
„Ich möchte Sie an Ihren Termin bei uns erinnern:
{% else %}
„Ich möchte Sie an Ihre Termine bei uns erinnern:
{% endif %}
{% for a in appointments %}
{{ a.weekday }}, {{ a.day }}. {{ a.month }}, um {{ a.time }} Uhr{% if a.moved_from %}, verlegt von {{ a.moved_from | datetime("%A, %-d. %B, %H:%M") }} Uhr{% endif %}, {{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}.
{% endfor %}
{% if appointments | length == 1 %}
Passt Ihnen das? Wir freuen uns auf Sie.“
{% else %}
Passen Ihnen alle Termine? Wir freuen uns auf Sie.“
{% endif %}'),

('Terminerinnerung Telefon', 'en', NULL,
'“Hello, this is {{ branch.name }}. Am I speaking to {% if customer.name %}{{ customer.name }}{% else %}the person who has an appointment with us{% endif %}?”

Only if so; otherwise please ask for a call back without saying anything about the appointment:

{% if appointments | length == 1 %}
“I would like to remind you of your appointment with us:
{% else %}
“I would like to remind you of your appointments with us:
{% endif %}
{% for a in appointments %}
{{ a.weekday }}, {{ a.day }} {{ a.month }}, at {{ a.time }}{% if a.moved_from %}, moved from {{ a.moved_from | datetime("%A, %-d %B, %H:%M") }}{% endif %}, {{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}.
{% endfor %}
{% if appointments | length == 1 %}
Does that suit you? We look forward to seeing you.”
{% else %}
Do all of these suit you? We look forward to seeing you.”
{% endif %}'),

('Terminbestätigung', NULL,
'{% if appointments | length == 1 and appointment.moved_from %}Ihr Termin ist verlegt auf {{ appointment.weekday }}, {{ appointment.date }}{% elif appointments | length == 1 %}Bestätigung Ihres Termins am {{ appointment.weekday }}, {{ appointment.date }}{% else %}Bestätigung Ihrer {{ appointments | length }} Termine{% endif %}',
'Guten Tag{% if customer.salutation and customer.last_name %} {{ customer.salutation }} {{ customer.last_name }}{% elif customer.name %} {{ customer.name }}{% endif %},

{% if appointments | length == 1 %}
gern bestätigen wir Ihnen Ihren Termin:
{% else %}
gern bestätigen wir Ihnen Ihre Termine:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, {{ a.date }}, {{ a.time }} Uhr{% if a.moved_from %} (verlegt, bisher {{ a.moved_from | datetime("%a, %d.%m., %H:%M") }} Uhr){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if calendar_attached and appointments | length == 1 %}
Die angehängte Kalenderdatei übernimmt den Termin in Ihren Kalender, wenn Sie sie öffnen.

{% elif calendar_attached %}
Die angehängte Kalenderdatei übernimmt die Termine in Ihren Kalender, wenn Sie sie öffnen.

{% endif %}
{% if appointments | length == 1 %}
Möchten Sie den Termin ändern oder absagen? Dann sagen Sie uns bitte rechtzeitig Bescheid.
{% else %}
Möchten Sie einen der Termine ändern oder absagen? Dann sagen Sie uns bitte rechtzeitig Bescheid.
{% endif %}
{% if branch.phone and branch.email %}
Sie erreichen uns telefonisch unter {{ branch.phone }} oder per E-Mail an {{ branch.email }}.
{% elif branch.phone %}
Sie erreichen uns telefonisch unter {{ branch.phone }}.
{% elif branch.email %}
Sie erreichen uns per E-Mail an {{ branch.email }}.
{% endif %}

Wir freuen uns auf Ihren Besuch.

Mit freundlichen Grüßen
Ihr Team
{{ branch.name }}'),

('Terminbestätigung', 'en',
'{% if appointments | length == 1 and appointment.moved_from %}Your appointment has been moved to {{ appointment.weekday }}, {{ appointment.date }}{% elif appointments | length == 1 %}Confirmation of your appointment on {{ appointment.weekday }}, {{ appointment.date }}{% else %}Confirmation of your {{ appointments | length }} appointments{% endif %}',
'{% if customer.name %}Dear {{ customer.name }}{% else %}Hello{% endif %},

{% if appointments | length == 1 %}
We are pleased to confirm your appointment:
{% else %}
We are pleased to confirm your appointments:
{% endif %}

{% for a in appointments %}
{{ a.weekday }}, {{ a.date }}, {{ a.time }}{% if a.moved_from %} (moved from {{ a.moved_from | datetime("%a %-d %b, %H:%M") }}){% endif %}
{{ a.branch.name }}{% if a.branch.address %}, {{ a.branch.address }}{% endif %}

{% endfor %}
{% if calendar_attached and appointments | length == 1 %}
The attached calendar file adds the appointment to your calendar when you open it.

{% elif calendar_attached %}
The attached calendar file adds the appointments to your calendar when you open it.

{% endif %}
{% if appointments | length == 1 %}
If you would like to change or cancel it, please let us know in good time.
{% else %}
If you would like to change or cancel one of them, please let us know in good time.
{% endif %}
{% if branch.phone and branch.email %}
You can call us on {{ branch.phone }} or write to {{ branch.email }}.
{% elif branch.phone %}
You can call us on {{ branch.phone }}.
{% elif branch.email %}
You can write to {{ branch.email }}.
{% endif %}

We look forward to your visit.

Kind regards
Your team
{{ branch.name }}')

)
INSERT INTO document_template (name, language, format, subject, body)
SELECT name, language, 'plain_text', subject, body
FROM initial
WHERE NOT EXISTS (
    -- IS and not =, since a text without language is there as well.
    SELECT 1 FROM document_template AS present
    WHERE present.name = initial.name AND present.language IS initial.language
);

INSERT INTO contact_template (name)
SELECT 'Terminerinnerung'
WHERE NOT EXISTS (SELECT 1 FROM contact_template WHERE name = 'Terminerinnerung');

WITH initial (position, channel, document_template) AS (VALUES
    (1, 'email', 'Terminerinnerung E-Mail'),
    (2, 'sms', 'Terminerinnerung SMS')
)
INSERT INTO contact_template_channel (contact_template_id, position, channel, document_template)
SELECT contact_template.id, initial.position, initial.channel, initial.document_template
FROM contact_template, initial
WHERE contact_template.name = 'Terminerinnerung'
    AND NOT EXISTS (
        SELECT 1 FROM contact_template_channel AS present
        WHERE present.contact_template_id = contact_template.id
    );
