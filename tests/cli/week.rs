//! One week of hourly passes over the demo's chain, from a Tuesday evening to the next, while its
//! practices go on booking, moving and cancelling.
//!
//! What each customer receives is written down by hand, from the manual and the rules; nothing of
//! it was taken from the program. The night rest is from 20:00 to 06:00, a reminder goes out 6 hours
//! before an appointment, two messages are 6 hours apart, and the appointments of a day are combined.
//! So an appointment at 16:00 is reminded of by the pass of the hour from 10:00, and one before 12:00
//! by the first pass from 18:30 of the evening before.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDateTime, NaiveTime, Timelike};

use crate::practice::Practice;

const HAMBURG: i64 = 1;
const BERLIN: i64 = 2;
const MUNICH: i64 = 3;

/// The minute of the passes, from Tuesday, 10 March to Tuesday, 17 March.
const MINUTES: [i64; 8] = [7, 23, 41, 59, 0, 30, 12, 48];

/// A local time of the year 2026, as `Wed 11 Mar 09:00`; a wrong weekday is refused.
fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(&format!("2026 {text}"), "%Y %a %d %b %H:%M")
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn shown(time: NaiveDateTime) -> String {
    time.format("%a %d %b %H:%M").to_string()
}

/// As the tables store it.
fn stored(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// All 168 passes, those of the nights as well.
fn passes() -> impl Iterator<Item = NaiveDateTime> {
    let first_hour = at("Tue 10 Mar 19:00");
    (0..7 * 24).map(move |hours| {
        let hour = first_hour + Duration::hours(hours);
        let day = usize::try_from((hour.date() - first_hour.date()).num_days()).unwrap();
        hour + Duration::minutes(MINUTES[day])
    })
}

// ---------------------------------------------------------------- what the practices do

/// A new appointment of half an hour, a type with automatic messages.
fn booked(id: i64, branch: i64, customer: i64, start: &str) -> String {
    let (starts_at, ends_at) = (stored(at(start)), stored(at(start) + Duration::minutes(30)));
    format!(
        "INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         VALUES ({id}, {branch}, {customer}, {branch}, '{starts_at}', '{ends_at}');"
    )
}

fn moved(id: i64, start: &str) -> String {
    let (starts_at, ends_at) = (stored(at(start)), stored(at(start) + Duration::minutes(30)));
    format!("UPDATE appointment SET starts_at = '{starts_at}', ends_at = '{ends_at}' WHERE id = {id};")
}

fn cancelled(id: i64) -> String {
    format!("UPDATE appointment SET status = 'cancelled' WHERE id = {id};")
}

fn sql(statements: &str) -> String {
    statements.to_owned()
}

/// A call by staff about an appointment, as the contract has other software write it down.
fn rung_up(customer: i64, number: &str, local: &str, appointment: i64) -> String {
    // The whole week is in winter time.
    let instant = (at(local) - Duration::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    format!(
        "INSERT INTO message (kind, customer_id, channel, address, body, state, sent_at)
         VALUES ('manual', {customer}, 'phone', '{number}', 'Termin besprochen.', 'sent', '{instant}');
         INSERT INTO message_appointment (message_id, appointment_id) VALUES (last_insert_rowid(), {appointment});"
    )
}

/// What happens in the practices, in order of time.
#[rustfmt::skip]
fn edits() -> Vec<(NaiveDateTime, String)> {
    let edits = [
        // Moved for one night, in which no message was sent.
        ("Tue 10 Mar 20:30", moved(1033, "Tue 12 May 17:00")),
        // The room is taken five minutes later; the customer comes at the same time.
        ("Tue 10 Mar 21:00", sql("UPDATE appointment SET starts_at = '2026-03-11 08:05' WHERE id = 1027;")),
        ("Wed 11 Mar 05:50", moved(1033, "Mon 11 May 17:00")),
        // Who could not be reached gives an address.
        ("Wed 11 Mar 06:50", sql("UPDATE customer SET email = 'otto.duesing@example.de' WHERE id = 10;")),
        // Cancelled after the reminder.
        ("Wed 11 Mar 07:00", cancelled(1061)),
        // Another end, note, type, branch, status, name: nothing that a customer must be told.
        ("Wed 11 Mar 07:10", sql(
            "UPDATE appointment SET ends_at = '2026-03-11 11:20', note = 'Brille mitbringen', type_id = 2 WHERE id = 1005;
             UPDATE appointment SET ends_at = '2026-05-20 17:30', note = 'bei Frau Kahl', branch_id = 1 WHERE id = 1026;
             UPDATE appointment SET status = 'confirmed', type_id = 2 WHERE id = 1065;
             UPDATE customer SET last_name = 'Petersen-Lund' WHERE id = 1;")),
        // The type is corrected to one with automatic messages.
        ("Wed 11 Mar 07:30", sql("UPDATE appointment SET type_id = 2 WHERE id = 1028;")),
        // Only the customer's start is moved, two hours after the reminder.
        ("Wed 11 Mar 08:00", sql("UPDATE appointment SET customer_starts_at = '2026-03-11 13:00' WHERE id = 1029;")),
        // In May, less than two hours after a reminder of another one.
        ("Wed 11 Mar 08:00", booked(1113, BERLIN, 16, "Wed 06 May 10:00")),
        // Moved after the reminder to the next day.
        ("Wed 11 Mar 08:40", moved(1063, "Thu 12 Mar 16:00")),
        // Moved, and with it what the mail server refused.
        ("Wed 11 Mar 09:40", moved(1031, "Thu 12 Mar 10:30")),
        // A new customer.
        ("Wed 11 Mar 10:00", sql(
            "INSERT INTO customer (id, salutation, first_name, last_name, email)
             VALUES (101, 'Frau', 'Heike', 'Lorenz', 'heike.lorenz@example.de');
             INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (101, 1, '0152 28817386', 1);")),
        ("Wed 11 Mar 10:00", booked(1101, HAMBURG, 101, "Thu 12 Mar 15:00")),
        ("Wed 11 Mar 10:30", cancelled(1015)),
        // Away, and back on Thursday.
        ("Wed 11 Mar 11:05", moved(1024, "Thu 23 Apr 10:00")),
        ("Wed 11 Mar 11:30", booked(1114, BERLIN, 21, "Thu 12 Mar 15:30")),
        ("Wed 11 Mar 11:30", booked(1115, BERLIN, 21, "Sat 14 Mar 15:30")),
        ("Wed 11 Mar 12:30", booked(1102, HAMBURG, 6, "Fri 13 Mar 10:00")),
        ("Wed 11 Mar 12:30", booked(1103, HAMBURG, 5, "Fri 13 Mar 09:00")),
        ("Wed 11 Mar 12:30", booked(1104, BERLIN, 17, "Fri 13 Mar 11:00")),
        // In the same hour, once before its pass and once after it.
        ("Wed 11 Mar 14:10", booked(1105, MUNICH, 40, "Wed 11 Mar 14:45")),
        ("Wed 11 Mar 14:30", booked(1106, MUNICH, 42, "Wed 11 Mar 14:50")),
        ("Wed 11 Mar 15:00", booked(1107, HAMBURG, 13, "Fri 13 Mar 12:30")),
        // Before the end of the night rest.
        ("Wed 11 Mar 16:00", booked(1108, MUNICH, 36, "Fri 13 Mar 05:30")),
        // Two on Friday and two on Saturday.
        ("Wed 11 Mar 17:00", booked(1109, MUNICH, 31, "Fri 13 Mar 14:00")),
        ("Wed 11 Mar 17:00", booked(1110, MUNICH, 31, "Fri 13 Mar 16:00")),
        ("Wed 11 Mar 17:00", booked(1111, MUNICH, 31, "Sat 14 Mar 14:00")),
        ("Wed 11 Mar 17:00", booked(1112, MUNICH, 31, "Sat 14 Mar 18:00")),

        ("Thu 12 Mar 08:10", moved(1024, "Wed 22 Apr 14:00")),
        // The comma becomes a dot.
        ("Thu 12 Mar 09:00", sql("UPDATE customer SET email = 'gesa.rathjen@example.de' WHERE id = 13;")),
        // Within the hours before an appointment.
        ("Thu 12 Mar 09:50", booked(1116, BERLIN, 20, "Thu 12 Mar 13:30")),
        ("Thu 12 Mar 10:30", sql("UPDATE appointment SET status = 'booked' WHERE id = 1015;")),
        // Months ahead; on the last day of the next quarter, and on the day after it.
        ("Thu 12 Mar 11:20", booked(1117, MUNICH, 40, "Tue 09 Jun 09:00")),
        ("Thu 12 Mar 11:20", booked(1118, MUNICH, 41, "Tue 30 Jun 16:00")),
        ("Thu 12 Mar 11:20", booked(1119, MUNICH, 41, "Wed 01 Jul 09:00")),
        // One wants no messages any more, another one has died.
        ("Thu 12 Mar 12:00", sql("UPDATE customer SET preferred_contact = 'none' WHERE id = 5;")),
        ("Thu 12 Mar 12:00", sql("UPDATE customer SET deceased = 1 WHERE id = 17;")),
        // Moved before the reminder.
        ("Thu 12 Mar 12:10", moved(1032, "Fri 13 Mar 17:00")),
        // Cancelled before the reminder.
        ("Thu 12 Mar 15:00", cancelled(1102)),
        // The letter O becomes a zero.
        ("Thu 12 Mar 16:20", sql("UPDATE customer_phone SET number = '0172 9973186' WHERE customer_id = 12;")),
        ("Thu 12 Mar 16:20", booked(1120, HAMBURG, 12, "Sat 14 Mar 10:00")),
        // Late in the evening for the next morning, before its first pass.
        ("Thu 12 Mar 22:00", booked(1121, HAMBURG, 7, "Fri 13 Mar 06:30")),

        // One of two on that day.
        ("Fri 13 Mar 07:30", cancelled(1109)),
        ("Fri 13 Mar 08:30", booked(1122, HAMBURG, 1, "Mon 16 Mar 13:00")),
        ("Fri 13 Mar 08:30", booked(1123, BERLIN, 16, "Sat 14 Mar 19:30")),
        ("Fri 13 Mar 08:30", booked(1124, HAMBURG, 4, "Mon 16 Mar 11:30")),
        // From e-mail to SMS.
        ("Fri 13 Mar 10:00", sql(
            "UPDATE customer SET preferred_contact = 'sms' WHERE id = 21;
             INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (21, 1, '0176 04069021', 1);")),
        // Deleted and booked anew instead of moved.
        ("Fri 13 Mar 12:10", booked(1125, MUNICH, 34, "Fri 13 Mar 16:00")),
        ("Fri 13 Mar 13:20", sql("DELETE FROM appointment WHERE id = 1125;")),
        ("Fri 13 Mar 13:20", booked(1126, MUNICH, 34, "Fri 13 Mar 17:00")),
        ("Fri 13 Mar 14:20", booked(1127, BERLIN, 25, "Mon 30 Mar 10:00")),
        // Reminded, moved, reminded, and moved back.
        ("Fri 13 Mar 15:10", booked(1128, BERLIN, 24, "Sat 14 Mar 11:00")),
        ("Fri 13 Mar 19:20", moved(1128, "Sat 14 Mar 11:30")),
        ("Fri 13 Mar 21:00", moved(1128, "Sat 14 Mar 11:00")),
        // Late in the evening for the next morning, after its first pass; a new customer.
        ("Fri 13 Mar 21:15", sql(
            "INSERT INTO customer (id, salutation, first_name, last_name) VALUES (102, 'Herr', 'Ole', 'Groth');
             INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (102, 1, '0176 04069010', 1);")),
        ("Fri 13 Mar 21:15", booked(1139, HAMBURG, 102, "Sat 14 Mar 06:30")),

        // By hand at 12:00: nothing until 17:59, again from 18:00.
        ("Sat 14 Mar 12:00", rung_up(16, "030 23125-216", "Sat 14 Mar 12:00", 1123)),
        // Of two that one message told, one is moved.
        ("Sat 14 Mar 12:10", moved(1112, "Sat 14 Mar 17:00")),
        ("Sat 14 Mar 15:00", booked(1129, MUNICH, 33, "Mon 16 Mar 09:00")),
        // Another customer takes the appointment over.
        ("Sun 15 Mar 19:05", sql("UPDATE appointment SET customer_id = 37 WHERE id = 1129;")),

        // Booked before the practices open, for two children with one number.
        ("Mon 16 Mar 05:30", booked(1130, MUNICH, 28, "Mon 16 Mar 07:00")),
        ("Mon 16 Mar 05:30", booked(1131, MUNICH, 29, "Mon 16 Mar 07:00")),
        // By hand; the appointment begins before the first pass that might remind of it.
        ("Mon 16 Mar 06:30", rung_up(1, "0152 28817386", "Mon 16 Mar 06:30", 1122)),
        ("Mon 16 Mar 09:30", booked(1132, HAMBURG, 3, "Tue 17 Mar 14:00")),
        // Two more on the same day, right after a reminder.
        ("Mon 16 Mar 10:05", booked(1133, HAMBURG, 15, "Mon 16 Mar 13:00")),
        ("Mon 16 Mar 10:30", booked(1134, HAMBURG, 15, "Mon 16 Mar 15:00")),
        ("Mon 16 Mar 10:30", booked(1135, HAMBURG, 15, "Mon 16 Mar 18:30")),
        ("Mon 16 Mar 16:00", booked(1136, HAMBURG, 2, "Wed 18 Mar 09:30")),

        // In the evening for the next day, on both sides of the end of the look-ahead.
        ("Tue 17 Mar 18:30", booked(1137, HAMBURG, 14, "Wed 18 Mar 12:00")),
        ("Tue 17 Mar 18:30", booked(1138, BERLIN, 22, "Wed 18 Mar 11:30")),
    ];
    edits.map(|(time, statements)| (at(time), statements)).into()
}

// ---------------------------------------------------------------- what the customers receive

/// Every customer of the chain, and what they receive: the pass, the kind of message, its channel,
/// and the appointments that it covers, each with the start that it states.
#[rustfmt::skip]
const EXPECTED: &[(i64, &str, &[&str])] = &[
    (1, "Petersen", &[
        "Tue 10 Mar 19:07 reminder email: 1001 Wed 11 Mar 09:00", // E2: the morning after the night rest
        "Fri 13 Mar 08:59 confirmation email: 1122 Mon 16 Mar 13:00", // D1; no reminder on Monday, E3: by hand at 06:30
    ]),
    (2, "Groß", &[
        "Tue 10 Mar 19:07 reminder sms: 1002 Wed 11 Mar 09:30", // F2: prefers SMS
        "Mon 16 Mar 16:12 confirmation email: 1136 Wed 18 Mar 09:30", // D: by e-mail only, whatever is preferred
        "Tue 17 Mar 18:48 reminder sms: 1136 Wed 18 Mar 09:30", // E2, F2
    ]),
    (3, "Brinkmann-Löwe", &[
        "Tue 10 Mar 19:07 reminder letter: 1003 Wed 11 Mar 10:00", // F2: prefers letters
        "Mon 16 Mar 10:12 confirmation email: 1132 Tue 17 Mar 14:00", // D1: tomorrow
        "Tue 17 Mar 08:48 reminder letter: 1132 Tue 17 Mar 14:00", // E1: 08:48 reaches to 14:59, 07:48 to 13:59
    ]),
    (4, "Wüst", &[
        "Tue 10 Mar 19:07 reminder phone: 1004 Wed 11 Mar 10:15", // F2: prefers to be called
        "Sun 15 Mar 18:30 reminder phone: 1124 Mon 16 Mar 11:30", // E2: 90 minutes before; D5: no confirmation
    ]),
    (5, "Bennett", &[
        "Tue 10 Mar 19:07 reminder email: 1005 Wed 11 Mar 10:30", // E2; C1: end, note and type reset nothing
        "Wed 11 Mar 13:23 confirmation email: 1103 Fri 13 Mar 09:00", // D1; B6: no messages from Thursday on
    ]),
    (6, "Yıldız", &[
        "Tue 10 Mar 19:07 reminder email: 1006 Wed 11 Mar 08:30", // E2
        "Wed 11 Mar 13:23 confirmation email: 1102 Fri 13 Mar 10:00", // D1; B3: cancelled before the reminder
    ]),
    (7, "Sørensen", &[
        "Tue 10 Mar 19:07 reminder sms: 1007 Wed 11 Mar 08:45", // F2: no e-mail; B5: 06:30 on Friday is over at 06:59
    ]),
    (8, "Böttcher", &[]), // B6: deceased
    (9, "Timm", &[]), // B6: wants no messages
    (10, "Düsing", &[
        "Wed 11 Mar 07:23 reminder email: 1010 Wed 11 Mar 11:00", // F5: unreachable until 06:50; E1: made up for
    ]),
    (11, "Harms", &[
        "Tue 10 Mar 19:07 reminder phone: 1011 Wed 11 Mar 11:15", // F3: a landline only
    ]),
    (12, "Jessen", &[
        "Tue 10 Mar 19:07 reminder letter: 1012 Wed 11 Mar 11:30", // F3: the number is mistyped
        "Fri 13 Mar 18:59 reminder sms: 1120 Sat 14 Mar 10:00", // F2: the number is right; E2
    ]),
    (13, "Rathjen", &[
        "Tue 10 Mar 19:07 reminder sms: 1013 Wed 11 Mar 11:45", // F3: the e-mail address is mistyped
        "Thu 12 Mar 09:41 confirmation email: 1107 Fri 13 Mar 12:30", // D5: not before the address is right
        "Fri 13 Mar 06:59 reminder email: 1107 Fri 13 Mar 12:30", // E1: after 11:59, so not on Thursday evening
    ]),
    (14, "Clausen", &[
        "Tue 10 Mar 19:07 confirmation email: 1015 Wed 08 Apr 10:45", // D1; C1: a status resets nothing
        "Tue 17 Mar 18:48 confirmation email: 1137 Wed 18 Mar 12:00", // E2: 12:00 is not in
    ]),
    (15, "Ahrens", &[
        "Mon 16 Mar 10:12 reminder sms: 1133 Mon 16 Mar 13:00", // E1: booked late
        "Mon 16 Mar 16:12 reminder sms: 1135 Mon 16 Mar 18:30", // E3: six hours later; 15:00 is over by then
    ]),
    (16, "Schütz", &[
        "Wed 11 Mar 06:23 reminder email: 1020 Wed 11 Mar 09:00", // E3: by hand on Tuesday at 14:30; D6
        "Wed 11 Mar 08:23 confirmation email: 1113 Wed 06 May 10:00", // D1: E3 is about what is due
        "Fri 13 Mar 08:59 confirmation email: 1123 Sat 14 Mar 19:30", // D1: tomorrow
        "Sat 14 Mar 18:00 reminder email: 1123 Sat 14 Mar 19:30", // E3: by hand at 12:00, again from 18:00
    ]),
    (17, "Weiß", &[
        "Wed 11 Mar 06:23 reminder email: 1022 Wed 11 Mar 09:30", // E3: confirmed on Tuesday at 16:00
        "Wed 11 Mar 13:23 confirmation email: 1104 Fri 13 Mar 11:00", // D1; B6: deceased before the reminder
    ]),
    (18, "Krüger", &[
        "Tue 10 Mar 19:07 reminder sms: 1023 Wed 11 Mar 11:00", // C3: told 09:00 by hand, which is wrong
    ]),
    (19, "Böhm", &[
        "Tue 10 Mar 19:07 confirmation email: 1024 Wed 22 Apr 14:00", // C1: moved since the one in February
        "Wed 11 Mar 11:23 confirmation email: 1024 Thu 23 Apr 10:00", // C1: moved
        "Thu 12 Mar 08:41 confirmation email: 1024 Wed 22 Apr 14:00", // C1: moved back with a message in between
    ]),
    (20, "Lindqvist", &[
        "Tue 10 Mar 19:07 confirmation email: 1025 Wed 06 May 16:00, 1026 Wed 20 May 16:00", // D2; C1: branch
        "Thu 12 Mar 10:41 reminder email: 1116 Thu 12 Mar 13:30", // E1: booked inside the window
    ]),
    (21, "Jäger", &[
        "Tue 10 Mar 19:07 reminder email: 1027 Wed 11 Mar 08:15", // the customer's start; C1: the room resets nothing
        "Wed 11 Mar 12:23 confirmation email: 1114 Thu 12 Mar 15:30, 1115 Sat 14 Mar 15:30", // D2
        "Thu 12 Mar 09:41 reminder email: 1114 Thu 12 Mar 15:30", // E1: 09:41 reaches to 15:59; F2
        "Sat 14 Mar 09:00 reminder sms: 1115 Sat 14 Mar 15:30", // F2: prefers SMS since Friday
    ]),
    (22, "Noack", &[
        "Wed 11 Mar 08:23 reminder email: 1028 Wed 11 Mar 10:00", // B1: the type allows it since 07:30
        "Tue 17 Mar 18:48 reminder email: 1138 Wed 18 Mar 11:30", // E2; D6: not confirmed as well
    ]),
    (23, "Öztürk", &[
        "Tue 10 Mar 19:07 confirmation email: 1029 Wed 11 Mar 12:00", // E2: 12:00 is not in; D1: tomorrow is
        "Wed 11 Mar 06:23 reminder email: 1029 Wed 11 Mar 12:00", // E1: 06:23 reaches to 12:59
        "Wed 11 Mar 08:23 reminder email: 1029 Wed 11 Mar 13:00", // C3: the customer's start has moved, no waiting
    ]),
    (24, "Fuchs", &[
        "Tue 10 Mar 19:07 reminder sms: 1030 Wed 11 Mar 11:30", // F3: the number with the mark
        "Fri 13 Mar 18:59 reminder sms: 1128 Sat 14 Mar 11:00", // E2: from 18:30 on
        "Fri 13 Mar 19:59 reminder sms: 1128 Sat 14 Mar 11:30", // C3: moved
        "Sat 14 Mar 06:00 reminder sms: 1128 Sat 14 Mar 11:00", // E4: told another start since; A3: 06:00 is not quiet
    ]),
    (25, "Schäfer", &[
        "Tue 10 Mar 19:07 reminder sms: 1031 Wed 11 Mar 10:30", // F7: refused by e-mail
        "Wed 11 Mar 10:23 confirmation email: 1031 Thu 12 Mar 10:30", // F7: moved, so e-mail is tried again
        "Wed 11 Mar 19:23 reminder email: 1031 Thu 12 Mar 10:30", // E2: not yet at 18:23
        "Fri 13 Mar 14:59 confirmation email: 1127 Mon 30 Mar 10:00", // F7: another appointment
    ]),
    (26, "Möller", &[
        "Tue 10 Mar 19:07 confirmation email: 1032 Tue 24 Mar 11:00", // B3: proposed; D1
        "Thu 12 Mar 12:41 confirmation email: 1032 Fri 13 Mar 17:00", // C1: moved before the reminder
        "Fri 13 Mar 11:59 reminder email: 1032 Fri 13 Mar 17:00", // E1: 11:59 reaches to 17:59
    ]),
    (27, "Brandl, Saskia", &[
        "Tue 10 Mar 19:07 confirmation email: 1033 Mon 11 May 17:00", // C1: moved away and back, no message in between
    ]),
    (28, "Brandl, Max", &[
        "Tue 10 Mar 19:07 reminder sms: 1034 Wed 11 Mar 08:00", // E5: one for each customer, not for each number
        "Mon 16 Mar 06:12 reminder sms: 1130 Mon 16 Mar 07:00", // E1: booked at 05:30
    ]),
    (29, "Brandl, Lena", &[
        "Tue 10 Mar 19:07 reminder sms: 1035 Wed 11 Mar 08:30", // E5
        "Mon 16 Mar 06:12 reminder sms: 1131 Mon 16 Mar 07:00", // E1
    ]),
    (30, "Huber", &[
        "Tue 10 Mar 19:07 reminder email: 1036 Wed 11 Mar 10:30", // E2, D6
        "Tue 10 Mar 19:07 confirmation email: \
            1037 Wed 18 Mar 10:30, 1038 Wed 25 Mar 10:30, 1039 Wed 01 Apr 10:30, 1040 Wed 08 Apr 10:30, \
            1041 Wed 15 Apr 10:30, 1042 Wed 22 Apr 10:30, 1043 Wed 29 Apr 10:30, 1044 Wed 06 May 10:30, \
            1045 Wed 13 May 10:30, 1046 Wed 20 May 10:30, 1047 Wed 27 May 10:30, 1048 Wed 03 Jun 10:30, \
            1049 Wed 10 Jun 10:30, 1050 Wed 17 Jun 10:30, 1051 Wed 24 Jun 10:30", // D1: up to 30 June; D2
        "Tue 17 Mar 18:48 reminder email: 1037 Wed 18 Mar 10:30", // E2: not the other weeks
    ]),
    (31, "Obermüller", &[
        "Tue 10 Mar 19:07 reminder email: \
            1054 Wed 11 Mar 09:00, 1055 Wed 11 Mar 09:45, 1056 Wed 11 Mar 15:00", // E5, E6: 15:00 as well
        "Wed 11 Mar 17:23 confirmation email: \
            1109 Fri 13 Mar 14:00, 1110 Fri 13 Mar 16:00, 1111 Sat 14 Mar 14:00, 1112 Sat 14 Mar 18:00", // D2
        "Fri 13 Mar 10:59 reminder email: 1110 Fri 13 Mar 16:00", // B3: the one at 14:00 is cancelled; E1
        "Sat 14 Mar 08:00 reminder email: 1111 Sat 14 Mar 14:00, 1112 Sat 14 Mar 18:00", // E6
        "Sat 14 Mar 14:00 reminder email: 1112 Sat 14 Mar 17:00", // C3: 14:00 was told right, so E3 waits six hours
    ]),
    (32, "Förster", &[]), // B2: a group appointment
    (33, "Kößler", &[
        "Sun 15 Mar 18:30 reminder sms: 1129 Mon 16 Mar 09:00", // E2; on Tuesday E4: reminded at 13:00
    ]),
    (34, "Wörl", &[
        "Tue 10 Mar 19:07 reminder sms: 1059 Tue 10 Mar 19:45", // E1: booked late
        "Fri 13 Mar 12:59 reminder sms: 1125 Fri 13 Mar 16:00", // E1: booked late
        "Fri 13 Mar 13:59 reminder sms: 1126 Fri 13 Mar 17:00", // C3: the other one is deleted
    ]),
    (35, "von Stein", &[
        "Tue 10 Mar 19:07 reminder letter: 1060 Wed 11 Mar 09:30", // F2: no e-mail address, no number
    ]),
    (36, "Raman", &[
        "Tue 10 Mar 19:07 reminder sms: 1061 Wed 11 Mar 10:00", // F2; B3: cancelled after it, no more is said
        "Wed 11 Mar 16:23 confirmation email: 1108 Fri 13 Mar 05:30", // D
        "Thu 12 Mar 18:41 reminder sms: 1108 Fri 13 Mar 05:30", // E2: one piece, from now on
    ]),
    (37, "Ertl", &[
        "Wed 11 Mar 06:23 reminder sms: 1062 Wed 11 Mar 12:00", // E2: 12:00 is not in; D5: no e-mail address
        "Sun 15 Mar 19:30 reminder sms: 1129 Mon 16 Mar 09:00", // C1: taken over from another customer
    ]),
    (38, "Stadler", &[
        "Tue 10 Mar 19:07 reminder email: 1063 Wed 11 Mar 11:45", // E2; B3: proposed
        "Wed 11 Mar 09:23 confirmation email: 1063 Thu 12 Mar 16:00", // C1: moved after the reminder
        "Thu 12 Mar 10:41 reminder email: 1063 Thu 12 Mar 16:00", // E4: of the new start
    ]),
    (39, "Reiter", &[
        "Tue 10 Mar 19:07 reminder sms: 1064 Wed 11 Mar 06:30", // E2
    ]),
    (40, "Çelik", &[
        "Wed 11 Mar 14:23 reminder email: 1105 Wed 11 Mar 14:45", // E1: booked in the same hour
        "Thu 12 Mar 11:41 confirmation email: 1117 Tue 09 Jun 09:00", // D1; not 1065, C1: confirmed in February
    ]),
    (41, "Lechner", &[
        "Thu 12 Mar 11:41 confirmation email: 1118 Tue 30 Jun 16:00", // D1: not 1 July, and not 1066, told by hand
    ]),
    (42, "Angerer", &[]), // B5: begun at 19:00, and at 14:50 before the pass at 15:23; D1: not July
    (101, "Lorenz", &[
        "Wed 11 Mar 10:23 confirmation email: 1101 Thu 12 Mar 15:00", // D1: tomorrow
        "Thu 12 Mar 09:41 reminder email: 1101 Thu 12 Mar 15:00", // E1: 08:41 reaches to 14:59 only
    ]),
    (102, "Groth", &[
        "Sat 14 Mar 06:00 reminder sms: 1139 Sat 14 Mar 06:30", // A3: 06:00 is not quiet; E1
    ]),
];

/// What the record says that customers received in the week, in the words of [`EXPECTED`].
fn received(practice: &Practice) -> BTreeMap<i64, Vec<String>> {
    let connection = practice.connection();
    let mut statement = connection
        .prepare(
            "SELECT
                 message.customer_id, strftime('%Y-%m-%d %H:%M', message.sent_at, '+1 hour'), message.kind,
                 message.channel, message.body, covered.appointment_id, covered.appointment_start, message.id
             FROM message
             INNER JOIN message_appointment AS covered ON covered.message_id = message.id
             WHERE message.pass_id IS NOT NULL AND message.state IN ('sent', 'handed_over')
             ORDER BY message.sent_at, message.id, covered.appointment_start, covered.appointment_id",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut received: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut newest = 0;
    while let Some(row) = rows.next().unwrap() {
        let text = |index| row.get::<_, String>(index).unwrap();
        let time = |index| NaiveDateTime::parse_from_str(&text(index), "%Y-%m-%d %H:%M").unwrap();
        let (appointment, start, message) = (row.get::<_, i64>(5).unwrap(), time(6), row.get(7).unwrap());
        assert!(text(4).contains(&start.format("%H:%M").to_string()), "{} does not state {start}", text(4));
        let messages = received.entry(row.get(0).unwrap()).or_default();
        let covered = format!("{appointment} {}", shown(start));
        if message == newest {
            let line = messages.last_mut().unwrap();
            *line = format!("{line}, {covered}");
        } else {
            messages.push(format!("{} {} {}: {covered}", shown(time(1)), text(2), text(3)));
        }
        newest = message;
    }
    received
}

/// What each customer received whose messages are not those of [`EXPECTED`].
fn differences(received: &BTreeMap<i64, Vec<String>>) -> String {
    let mut differences = String::new();
    for (customer, name, expected) in EXPECTED {
        let received = received.get(customer).map_or(&[][..], Vec::as_slice);
        if received != *expected {
            let (expected, received) = (expected.join("\n    "), received.join("\n    "));
            let difference = format!("{customer} {name}\n  expected\n    {expected}\n  received\n    {received}\n");
            differences.push_str(&difference);
        }
    }
    differences
}

/// The part of the day in which nothing may be sent, read off the manual: the night rest, which the
/// maintenance window from 23:00 to 04:00 lies in.
fn is_quiet(time: NaiveTime) -> bool {
    time.hour() >= 20 || time.hour() < 6
}

#[test]
fn a_week_of_passes_sends_what_the_manual_says_and_nothing_else() {
    let practice = Practice::in_memory();
    practice.sql(include_str!("../../examples/demo.sql"));
    let sent_so_far = || practice.query("SELECT count(*) FROM message WHERE pass_id IS NOT NULL");
    let edits = edits();
    assert!(edits.is_sorted_by_key(|(time, _)| *time));
    let mut edits = edits.into_iter().peekable();
    for pass in passes() {
        while let Some((_, statements)) = edits.next_if(|(time, _)| *time <= pass) {
            practice.sql(&statements);
        }
        let before = sent_so_far();
        let printed = practice.pass(&pass.format("%Y-%m-%dT%H:%M").to_string());
        assert_eq!(printed.status, 0, "{pass}\n{printed}");
        if is_quiet(pass.time()) {
            assert_eq!(sent_so_far(), before, "{pass}\n{printed}");
        }
    }
    assert_eq!(edits.next(), None, "an edit after the last pass");

    let received = received(&practice);
    let differences = differences(&received);
    assert!(differences.is_empty(), "\n{differences}");
    assert_eq!(received.values().map(Vec::len).sum::<usize>().to_string(), sent_so_far());
    let everybody: Vec<_> = EXPECTED.iter().map(|(customer, ..)| customer.to_string()).collect();
    assert_eq!(practice.query("SELECT id FROM customer ORDER BY id"), everybody.join("\n"), "all stand in the table");

    // Ten hours of each of the seven nights were quiet, and every pass came to its end.
    assert_eq!(
        practice.query("SELECT result, exit_status, count(finished_at) FROM pass GROUP BY 1, 2 ORDER BY 1"),
        "complete|0|98\nquiet|0|70"
    );
    assert_eq!(
        practice.query("SELECT DISTINCT state FROM message WHERE pass_id IS NOT NULL ORDER BY 1"),
        "handed_over\nsent"
    );
    // One file for each message that was sent, none for what was handed over to staff.
    let files = practice.files();
    let sent_by = |channel: &str| {
        practice.query(&format!(
            "SELECT count(*) FROM message WHERE pass_id IS NOT NULL AND state = 'sent' AND channel = '{channel}'"
        ))
    };
    for (folder, channel) in [("mail/", "email"), ("sms/", "sms")] {
        let written = files.iter().filter(|file| file.starts_with(folder)).count();
        assert_eq!(written.to_string(), sent_by(channel), "{files:?}");
    }
}
