//! What other software does to a chain, at random.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use terminbote::zone::{Zone, stored, stored_instant};

/// Writes at random.
pub(crate) struct Edits {
    pub(crate) connection: Connection,
    state: u64,
    /// The instant of the next pass, around which everything happens.
    pub(crate) now: DateTime<Utc>,
}

const CUSTOMERS: usize = 8;

impl Edits {
    pub(crate) fn new(connection: Connection, seed: u64) -> Self {
        connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
        connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        Self { connection, state: seed, now: DateTime::UNIX_EPOCH }
    }

    /// A number below `end`, by `SplitMix64`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn run(&self, sql: &str) {
        // What the tables refuse is refused; anything else would be a fault of the triggers.
        if let Err(error) = self.connection.execute_batch(sql) {
            let refused = error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation);
            assert!(refused, "{error}: {sql}");
        }
    }

    /// The chain to begin with.
    pub(crate) fn fill(&mut self) {
        self.run(
            r#"INSERT INTO branch (id, code, name, email) VALUES (1, 'HH', 'Optik Muster', 'hh@example.de'), (2, 'B', 'Optik Zwei', NULL);
               INSERT INTO appointment_type (id, name, auto_notify) VALUES (1, 'Sehtest', 1), (2, 'Werkstatt', 0);
               INSERT INTO interface (id, kind, server_side, settings) VALUES
               (1, 'appointment_notification', 1, '{"night_rest": {"start": "20:00", "end": "06:00"},
                    "confirmation": {"document_template": "Terminbestätigung", "attach_ics": true},
                    "reminder": {"hours_before": 24, "min_hours_between_messages": 6}}'),
               (2, 'smtp', 1, '{"transport": "file", "directory": "mail", "from": "termine@example.de"}'),
               (3, 'sms', 1, '{"gateway": "file", "directory": "sms"}');
               INSERT INTO contact_template_channel VALUES (1, 3, 'letter', 'Terminerinnerung Brief');
               UPDATE chain SET changes_since = '2026-01-01T00:00:00Z';"#,
        );
        for id in 1..=CUSTOMERS {
            let language = self.pick(&["NULL", "'en'", "'de'"]);
            self.run(&format!(
                "INSERT INTO customer (id, last_name, email, language, street, postcode, city)
                 VALUES ({id}, 'Muster {id}', 'kunde{id}@example.de', {language}, 'Weg {id}', '20095', 'Hamburg');
                 INSERT INTO customer_phone VALUES ({id}, 1, '0152 2881738{}', {});",
                id % 10,
                id % 2
            ));
        }
        self.now = terminbote::zone::parse_stored_instant("2026-03-09T07:30:00Z").unwrap();
        for _ in 0..12 {
            self.new_appointment();
        }
    }

    /// A start in the next days, mostly within the reminder window; and its end.
    fn times(&mut self) -> (String, String) {
        let ahead = TimeDelta::minutes(30 * i64::try_from(self.below(100)).unwrap() - 60);
        let start = Zone::default().local(self.now + ahead);
        (stored(start), stored(start + TimeDelta::minutes(30)))
    }

    fn new_appointment(&mut self) {
        let (start, end) = self.times();
        let (customer, branch, kind) = (self.below(CUSTOMERS) + 1, self.below(2) + 1, self.below(8) / 7 + 1);
        let id = if self.below(2) == 0 { "NULL".to_owned() } else { (self.below(60) + 1).to_string() };
        let verb = self.pick(&["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE"]);
        self.run(&format!(
            "{verb} INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
             VALUES ({id}, {branch}, {customer}, {kind}, '{start}', '{end}')"
        ));
    }

    /// The id of some row.
    fn some_of(&mut self, table: &str) -> i64 {
        let rows: i64 =
            self.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        let skipped = self.below(usize::try_from(rows.max(1)).unwrap());
        let sql = format!("SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET {skipped}");
        self.connection.query_row(&sql, [], |row| row.get(0)).unwrap_or(1)
    }

    /// None or a few edits.
    pub(crate) fn some(&mut self) {
        for _ in 0..[0, 0, 1, 3][self.below(4)] {
            self.one();
        }
    }

    /// Several edits.
    pub(crate) fn several(&mut self) {
        for _ in 0..self.below(15) {
            self.one();
        }
    }

    fn one(&mut self) {
        match self.below(10) {
            0..=2 => self.edit_appointment(),
            3..=4 => self.edit_customer(),
            5 => self.edit_chain(),
            6 => self.edit_texts(),
            7..=8 => self.edit_messages(),
            _ => self.new_appointment(),
        }
    }

    fn edit_appointment(&mut self) {
        let id = self.some_of("appointment");
        let (start, end) = self.times();
        let status = self.pick(&["booked", "confirmed", "cancelled", "no_show"]);
        let customer = self.below(CUSTOMERS) + 1;
        let sql = match self.below(8) {
            0 => format!("UPDATE appointment SET starts_at = '{start}', ends_at = '{end}' WHERE id = {id}"),
            1 => format!("UPDATE appointment SET status = '{status}' WHERE id = {id}"),
            2 => format!("DELETE FROM appointment WHERE id = {id}"),
            3 => format!("UPDATE appointment SET customer_id = {customer} WHERE id = {id}"),
            4 => format!(
                "INSERT OR REPLACE INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
                 SELECT id, branch_id, customer_id, type_id, '{start}', '{end}' FROM appointment WHERE id = {id}"
            ),
            5 => format!(
                "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
                 SELECT id, 2, customer_id, type_id, starts_at, ends_at FROM appointment WHERE true
                 ON CONFLICT (id) DO UPDATE SET branch_id = excluded.branch_id WHERE id = {id}"
            ),
            // There and back.
            6 => format!(
                "UPDATE appointment SET customer_starts_at = '{start}', ends_at = '{end}' WHERE id = {id};
                 UPDATE appointment SET customer_starts_at = NULL WHERE id = {id};"
            ),
            _ => format!("UPDATE OR REPLACE appointment SET id = {} WHERE id = {id}", self.below(60) + 1),
        };
        self.run(&sql);
    }

    fn edit_customer(&mut self) {
        let id = self.some_of("customer");
        let name = self.below(1000);
        let wish = self.pick(&["NULL", "'sms'", "'email'", "'letter'", "'none'"]);
        let sql = match self.below(8) {
            0 => format!("UPDATE customer SET email = 'neu{name}@example.de' WHERE id = {id}"),
            1 => format!("UPDATE customer SET last_name = 'Name {name}', language = 'en' WHERE id = {id}"),
            2 => format!("UPDATE customer SET preferred_contact = {wish} WHERE id = {id}"),
            3 => format!("UPDATE customer SET deceased = 1 - deceased WHERE id = {id}"),
            4 => format!("DELETE FROM customer WHERE id = {id}; DELETE FROM customer_phone WHERE customer_id = {id}"),
            5 => format!(
                "INSERT OR REPLACE INTO customer_phone VALUES ({id}, {}, '0152 288173{name:03}', {})",
                self.below(3) + 1,
                self.below(2)
            ),
            6 => format!("DELETE FROM customer_phone WHERE customer_id = {id}"),
            _ => format!("INSERT OR REPLACE INTO customer (id, last_name, email) VALUES ({id}, 'Neu {name}', NULL)"),
        };
        self.run(&sql);
    }

    fn edit_chain(&mut self) {
        let hours = self.below(40) + 1;
        let name = self.below(1000);
        let sql = match self.below(9) {
            0 => format!(
                "UPDATE interface SET settings = json_set(settings, '$.reminder.hours_before', {hours}) WHERE id = 1"
            ),
            1 => "UPDATE interface SET settings = json_set(settings, '$.reminder.combine_same_day', json('true')) WHERE id = 1"
                .to_owned(),
            2 => format!(
                "UPDATE interface SET server_side = {}, settings = json_set(settings, '$.secrets', json('{{}}')) WHERE id = {}",
                self.below(2),
                self.below(2) + 2
            ),
            3 => format!(
                "INSERT OR REPLACE INTO branch (id, code, name) VALUES ({}, 'HH', 'Optik {name}')",
                [1, 5][self.below(2)]
            ),
            4 => format!("UPDATE branch SET name = 'Optik {name}', phone = '040 66969 100' WHERE id = {}", self.below(2) + 1),
            5 => format!("UPDATE appointment_type SET auto_notify = 1 - auto_notify WHERE id = {}", self.below(2) + 1),
            6 => "UPDATE interface SET settings = json_set(settings, '$.branch_filter', 'HH') WHERE id = 1".to_owned(),
            7 => "UPDATE interface SET settings = json_remove(settings, '$.branch_filter') WHERE id = 1".to_owned(),
            _ => "INSERT INTO interface (kind, server_side, settings) SELECT kind, 1, settings FROM interface WHERE id = 2"
                .to_owned(),
        };
        self.run(&sql);
    }

    fn edit_texts(&mut self) {
        let number = self.below(1000);
        let id = self.some_of("document_template");
        let sql = match self.below(5) {
            0 => format!("UPDATE document_template SET body = body || ' {number}' WHERE id = {id}"),
            1 => format!(
                "INSERT OR REPLACE INTO document_template (name, subject, body)
                 VALUES ('Terminerinnerung E-Mail', 'Termin', 'Kurz {number}')"
            ),
            2 => format!("DELETE FROM document_template WHERE id = {id} AND language = 'en'"),
            3 => "UPDATE contact_template_channel SET position = 4 - position WHERE position IN (1, 3)".to_owned(),
            _ => "INSERT OR REPLACE INTO contact_template_channel VALUES (1, 2, 'phone', 'Terminerinnerung Telefon')"
                .to_owned(),
        };
        self.run(&sql);
    }

    fn edit_messages(&mut self) {
        let (message, appointment) = (self.some_of("message"), self.some_of("appointment"));
        let customer = self.below(CUSTOMERS) + 1;
        let sent_at = stored_instant(self.now - TimeDelta::minutes(i64::try_from(self.below(1500)).unwrap()));
        let sql = match self.below(7) {
            0 => format!("UPDATE message SET state = 'failed', error = 'it came back' WHERE id = {message} AND state = 'sent'"),
            1 => format!("DELETE FROM message WHERE id = {message}"),
            2 => format!(
                "INSERT INTO message (kind, customer_id, channel, address, state, sent_at)
                 VALUES ('manual', {customer}, 'phone', '030 23125 001', 'sent', '{sent_at}');
                 INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), {appointment});"
            ),
            3 => format!("DELETE FROM message_appointment WHERE message_id = {message}"),
            4 => format!("UPDATE message SET done_at = '{sent_at}' WHERE id = {message}"),
            // A pass that died in the middle of a hand-over.
            5 => format!(
                "BEGIN;
                 INSERT INTO message (kind, customer_id, channel, address, subject, body, state, sent_at, language)
                 SELECT 'reminder', customer.id, 'email', customer.email, 'Termin', 'Damals', 'sending', '{sent_at}', 'de'
                 FROM customer JOIN appointment ON customer_id = customer.id WHERE appointment.id = {appointment}
                     AND customer.email IS NOT NULL;
                 INSERT OR IGNORE INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind,
                     customer_id, counts)
                 SELECT message.id, appointment.id, start, 0, message.kind, message.customer_id, 1
                 FROM message, appointment WHERE changes() > 0 AND message.id = last_insert_rowid()
                     AND appointment.id = {appointment}
                     AND NOT EXISTS (SELECT 1 FROM message_appointment WHERE message_id = message.id);
                 COMMIT;"
            ),
            _ => format!(
                "INSERT INTO message_appointment (message_id, appointment_id)
                 SELECT id, {appointment} FROM message WHERE id = {message} AND kind = 'manual'"
            ),
        };
        self.run(&sql);
    }
}
