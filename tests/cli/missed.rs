//! Passes that did not take place, and the very first one: what is made up for, and what is not.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDateTime, Timelike};

use crate::practice::Practice;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// The instant of a pass as the program takes it, local time.
fn shown(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M").to_string()
}

/// A practice that reminds six hours ahead, with the night rest from 20:00 to 06:00, and an appointment of another
/// customer at every full hour from 07:00 to 19:00 of two days.
fn two_days() -> Practice {
    let practice = Practice::in_memory();
    practice.sql(crate::practice::READY);
    practice.without_confirmations().setting(1, "reminder.hours_before", "6").sql(
        "WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 25)
         INSERT INTO customer (id, last_name, email) SELECT 100 + n, 'Nummer ' || n, 'kunde' || n || '@example.de' FROM number;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, strftime('%Y-%m-%d %H:%M', at), strftime('%Y-%m-%d %H:%M', at, '+30 minutes')
         FROM (SELECT id, datetime('2026-03-11 07:00', ((id - 100) / 13) || ' days', ((id - 100) % 13) || ' hours') AS at
               FROM customer WHERE id >= 100)",
    );
    practice
}

/// When each appointment was reminded of, by its start, in local winter time; passes in each hour from Tuesday,
/// 17:07, to Thursday, 19:07, but for `hours` from Wednesday, 08:07.
fn reminded(hours: i64) -> BTreeMap<NaiveDateTime, NaiveDateTime> {
    let practice = two_days();
    let first = at("2026-03-10 17:07");
    let missed = at("2026-03-11 08:07")..at("2026-03-11 08:07") + Duration::hours(hours);
    for pass in (0..=50).map(|hour| first + Duration::hours(hour)).filter(|pass| !missed.contains(pass)) {
        let printed = practice.pass(&shown(pass));
        assert_eq!(printed.status, 0, "{pass}: {printed}");
    }
    let sent = practice.query(
        "SELECT appointment_start, strftime('%Y-%m-%d %H:%M', sent_at, '+1 hour') FROM message
         JOIN message_appointment ON message_id = message.id WHERE state = 'sent' ORDER BY 1",
    );
    let sent: Vec<_> = sent.lines().map(|line| line.split_once('|').unwrap()).collect();
    let reminded: BTreeMap<_, _> = sent.iter().map(|(start, sent)| (at(start), at(sent))).collect();
    assert_eq!(reminded.len(), sent.len(), "{hours} hours: one was reminded of twice");
    reminded
}

/// What a gap of passes costs is what began in it: all else is reminded of by the first pass that comes after.
#[test]
fn e1_hours_without_a_pass_lose_no_reminder_that_still_makes_sense_and_remind_of_nothing_gone_by() {
    let always = reminded(0);
    assert_eq!(always.len(), 26);
    for (hours, next, lost) in [
        (1, "2026-03-11 09:07", vec![]),
        (5, "2026-03-11 13:07", vec![]),
        // The pass at 08:07 would have reminded of 14:00. The first day is over, and the next morning half gone.
        (26, "2026-03-12 10:07", vec![14, 15, 16, 17, 18, 19, 7, 8, 9, 10]),
    ] {
        let next = at(next);
        let in_gap = |pass: NaiveDateTime| pass >= at("2026-03-11 08:07") && pass < next;
        let expected: BTreeMap<_, _> = always
            .iter()
            .map(|(start, pass)| (*start, if in_gap(*pass) { next } else { *pass }))
            .filter(|(start, pass)| pass < start)
            .collect();
        let reminded = reminded(hours);
        assert_eq!(reminded, expected, "{hours} hours");
        let missing: Vec<u32> =
            always.keys().filter(|start| !reminded.contains_key(start)).map(Timelike::hour).collect();
        assert_eq!(missing, lost, "{hours} hours");
    }
}

#[test]
fn b5_the_first_pass_over_years_of_old_appointments_writes_to_nobody_about_the_past() {
    let practice = Practice::ready();
    practice.appointment(9001, "2026-03-11 09:00").sql(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 5000)
         INSERT INTO customer (id, last_name, email) SELECT 1000 + n, 'Nummer ' || n, 'kunde' || n || '@example.de' FROM number;
         -- Every five hours back from Tuesday, 18:30: the newest is half an hour old at the first pass.
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at)
         SELECT id, 1, id, 1, strftime('%Y-%m-%d %H:%M', '2026-03-10 18:30', (-5 * (id - 1001)) || ' hours'),
                strftime('%Y-%m-%d %H:%M', '2026-03-10 19:30', (-5 * (id - 1001)) || ' hours')
         FROM customer WHERE id > 1000",
    );
    assert_eq!(practice.query("SELECT min(starts_at), count(*) FROM appointment"), "2023-05-04 07:30|5001");
    let (report, status) = practice.json("2026-03-10T19:00");
    assert_eq!((status, report["messages"].as_array().unwrap().len()), (0, 1), "{report}");
    assert_eq!(practice.ledger(), "1|reminder|7|email|sent|9001|2026-03-11 09:00");
    assert_eq!(practice.files().iter().filter(|file| file.starts_with("mail/")).count(), 1);
    // Nor is anybody named in the report for what is long over.
    assert_eq!(report["skipped"].to_string(), "[]");
}
