//! What must hold for every chain, whatever its settings and whatever happens to its bookings.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use terminbote::model::{Appointment, AppointmentType, Channel, Kind, State, Status, Told};
use terminbote::rules::explain::{Fact, explain};
use terminbote::rules::reason::Reason;
use terminbote::rules::told::told_by_hand;
use terminbote::rules::{Case, Decision};

use crate::simulation::{Course, Step, any_course};
use crate::situation::{
    Booking, CustomerSentence, Message, Practice, anna, appointment, chain, customer, local, message,
};

/// Enough to come across the corners of every rule, few enough to be run all the time.
fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { cases: number, max_shrink_iters: 2000, ..ProptestConfig::default() }
}

/// The minutes that have passed between two instants, seconds cut off.
fn minutes_between(earlier: DateTime<Utc>, later: DateTime<Utc>) -> i64 {
    later.timestamp().div_euclid(60) - earlier.timestamp().div_euclid(60)
}

/// The record of messages to the customer of a decision, the newest last, without what never left
/// and what a person is yet to write.
fn record<'a>(cases: &'a [Case], decision: &Decision, now: DateTime<Utc>) -> Vec<&'a Told> {
    let case = cases.iter().find(|case| case.customer.id() == Some(decision.customer_id)).unwrap();
    let mut told: Vec<_> = case
        .told
        .iter()
        .filter(|told| !matches!(told.state, State::Failed | State::Deferred | State::Withdrawn))
        .filter(|told| told.kind != Kind::Manual || told.sent_at <= now)
        .collect();
    told.sort_by_key(|told| (told.sent_at, told.message_id));
    told
}

/// What messages stated of an appointment, the newest last.
fn stated<'a>(record: &[&'a Told], id: i64) -> Vec<(&'a Told, Option<NaiveDateTime>)> {
    record
        .iter()
        .flat_map(|told| {
            told.covers.iter().filter(|stated| stated.appointment_id == id).map(|stated| (*told, stated.start))
        })
        .collect()
}

/// Nothing is decided that the rules forbid; said in other words than the rules' own.
fn is_allowed(step: &Step<'_>) -> Result<(), TestCaseError> {
    let (practice, now, outcome) = (step.practice, step.now, step.outcome);
    let zone = practice.zone();
    prop_assert!(outcome.quiet_until.is_none(), "a pass in quiet time");
    let starts: BTreeMap<i64, Appointment> =
        practice.appointments.iter().map(|booking| (booking.row.id, booking.row.content.clone().unwrap())).collect();
    let m = i64::from(practice.chain.settings.reminder.as_ref().unwrap().min_hours_between_messages) * 60;
    let window = outcome.window.unwrap();
    let mut seen = Vec::new();
    for decision in &outcome.messages {
        seen.push((decision.kind, decision.customer_id));
        let record = record(step.cases, decision, now);
        let is_recent = |told: &&Told| minutes_between(told.sent_at, now) < m;
        for covered in &decision.covers {
            prop_assert_eq!(Some(covered), starts.get(&covered.id), "not as it is now");
            prop_assert!(zone.instant(covered.start()) > now, "{} has begun", covered.id);
            prop_assert_eq!(covered.customer_id, Some(decision.customer_id));
            prop_assert!(covered.status != Status::Cancelled);
            let history = stated(&record, covered.id);
            let since_another = history.iter().rev().take_while(|(_, start)| *start == Some(covered.start()));
            let said_since: Vec<_> = since_another.map(|(told, _)| told.kind).collect();
            match decision.kind {
                Kind::Confirmation => prop_assert!(said_since.is_empty(), "{} was told before", covered.id),
                Kind::Reminder => prop_assert!(!said_since.contains(&Kind::Reminder), "{} reminded twice", covered.id),
                Kind::Manual => prop_assert!(false, "no pass writes by hand"),
            }
        }
        if decision.kind == Kind::Reminder {
            let live = |told: &&&Told| {
                told.covers.is_empty()
                    || told
                        .covers
                        .iter()
                        .any(|stated| starts.get(&stated.appointment_id).map(Appointment::start) == stated.start)
            };
            let too_soon =
                record.iter().filter(|told| told.kind != Kind::Confirmation).filter(live).find(|t| is_recent(t));
            prop_assert!(too_soon.is_none(), "{} had {too_soon:?}", decision.customer_id);
            let due = decision.covers.iter().any(|covered| {
                let just_confirmed = stated(&record, covered.id).iter().any(|(told, start)| {
                    told.kind == Kind::Confirmation && *start == Some(covered.start()) && is_recent(told)
                });
                window.contains(zone.instant(covered.start())) && !just_confirmed
            });
            prop_assert!(due, "nothing in this message is due");
        }
    }
    let messages = seen.len();
    seen.sort();
    seen.dedup();
    prop_assert_eq!(seen.len(), messages, "two messages of a kind to one customer");
    is_explained(step)?;
    is_complete(practice, step.outcome)
}

/// An explanation of each appointment comes to what the pass came to, for the same reason.
fn is_explained(step: &Step<'_>) -> Result<(), TestCaseError> {
    let (chain, quiet) = (&step.practice.chain, step.practice.quiet());
    let covered = |kind: Kind, id: i64| {
        let of_kind = step.outcome.messages.iter().filter(|message| message.kind == kind);
        of_kind.flat_map(|message| &message.covers).any(|appointment| appointment.id == id)
    };
    for case in step.cases {
        for row in &case.appointments {
            let explanation = explain(chain, &quiet, step.now, case, row);
            for (kind, half) in
                [(Kind::Reminder, &explanation.reminder), (Kind::Confirmation, &explanation.confirmation)]
            {
                let sends = explanation.stop(kind).is_none() && half.message.is_some();
                prop_assert_eq!(sends, covered(kind, row.id), "{:?} of {}: {:?}", kind, row.id, explanation);
                prop_assert!(sends || explanation.stop(kind).is_some(), "{:?} of {}: no reason", kind, row.id);
            }
            let Some(skipped) = step.outcome.skipped.iter().find(|skipped| skipped.appointment_id == row.id) else {
                continue;
            };
            let named = match explanation.stop(Kind::Reminder).map(|step| step.fact.clone()) {
                Some(Fact::Against(reason)) => reason,
                Some(Fact::BranchLeftOut { code, .. }) => Reason::BranchNotSelected { code },
                Some(Fact::Unreachable(obstacles)) => {
                    let by_hand = told_by_hand(&case.told, row.content.as_ref().unwrap(), step.now);
                    Reason::Unreachable { obstacles, by_hand }
                }
                other => return Err(TestCaseError::fail(format!("{}: {other:?}", row.id))),
            };
            prop_assert_eq!(&named, &skipped.reason);
        }
    }
    Ok(())
}

/// Every appointment in the window is reminded of or named, once; nothing else is named, and
/// nothing is both reminded of and confirmed.
fn is_complete(practice: &Practice, outcome: &crate::pass::Outcome) -> Result<(), TestCaseError> {
    let window = outcome.window.unwrap();
    let zone = practice.zone();
    let in_window = |start: Option<NaiveDateTime>| start.is_some_and(|start| window.contains(zone.instant(start)));
    let reminded = outcome.reminded();
    let mut accounted: Vec<i64> = outcome.skipped.iter().map(|skipped| skipped.appointment_id).collect();
    accounted.extend(outcome.messages.iter().filter(|message| message.kind == Kind::Reminder).flat_map(|message| {
        message.covers.iter().filter(|covered| in_window(Some(covered.start()))).map(|covered| covered.id)
    }));
    accounted.sort_unstable();
    let mut expected: Vec<i64> = practice
        .appointments
        .iter()
        .filter(|booking| in_window(booking.row.start))
        .map(|booking| booking.row.id)
        .collect();
    expected.sort_unstable();
    prop_assert_eq!(accounted, expected, "{}", outcome);
    prop_assert!(outcome.confirmed().iter().all(|id| !reminded.contains(id)), "{}", outcome);
    Ok(())
}

/// What is changed and should make no difference: the end, a status that counts for another, a
/// type and a branch that are treated alike.
fn unrelated_edit(practice: &mut Practice, turn: bool) {
    if turn {
        let same = |id: i64, of: i64, practice: &Practice| match &practice.chain.types[&of] {
            Ok(kind) => (id, Ok(AppointmentType { id, name: "Massage".to_owned(), auto_notify: kind.auto_notify })),
            Err(bad) => (id, Err(bad.clone())),
        };
        let more = [same(3, 1, practice), same(4, 2, practice)];
        practice.chain.types.extend(more);
    }
    for booking in &mut practice.appointments {
        let Ok(appointment) = &mut booking.row.content else { continue };
        appointment.ends_at += Duration::minutes(if turn { 20 } else { -20 });
        if appointment.customer_starts_at.is_none() {
            // The customer's start is the same, whoever says it.
            appointment.customer_starts_at = Some(appointment.starts_at);
        }
        appointment.status = match appointment.status {
            Status::Booked => Status::Confirmed,
            Status::Confirmed => Status::Booked,
            other => other,
        };
        appointment.type_id = match appointment.type_id {
            1 => 3,
            2 => 4,
            3 => 1,
            4 => 2,
            other => other,
        };
        appointment.branch_id = match appointment.branch_id {
            1 => 2,
            2 => 1,
            other => other,
        };
    }
}

/// What each pass of a course came to.
fn log(course: &Course, meanwhile: impl Fn(&mut Practice)) -> Result<String, TestCaseError> {
    let mut log = Vec::new();
    course.run(&course.passes(), meanwhile, |step| {
        log.push(format!("{}\n{}", step.now, step.outcome));
        Ok(())
    })?;
    Ok(log.concat())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn nothing_is_sent_in_quiet_time_nor_after_a_start_nor_twice_within_m_hours(
        course in any_course(),
        missed in proptest::collection::vec(proptest::bool::weighted(0.2), 1..40),
    ) {
        // Some passes do not run at all.
        let runs = |(_, missed): &(DateTime<Utc>, &bool)| !**missed;
        let passes: Vec<_> =
            course.passes().into_iter().zip(missed.iter().cycle()).filter(runs).map(|(at, _)| at).collect();
        let quiet = course.practice.quiet();
        prop_assert!(passes.iter().all(|at| !quiet.is_quiet(*at)));
        course.run(&passes, |_| (), is_allowed)?;
    }

    #[test]
    fn every_eligible_start_is_reminded_of_exactly_once_or_named_with_its_reason(course in any_course()) {
        let passes = course.passes();
        let zone = course.practice.zone();
        let mut reminders: Vec<(i64, i64, NaiveDateTime, DateTime<Utc>)> = Vec::new();
        let mut named: BTreeMap<i64, Vec<(DateTime<Utc>, &'static str)>> = BTreeMap::new();
        let (practice, changes) = course.run(&passes, |_| (), |step| {
            for message in step.outcome.messages.iter().filter(|message| message.kind == Kind::Reminder) {
                let to = message.customer_id;
                reminders.extend(message.covers.iter().map(|covered| (covered.id, to, covered.start(), step.now)));
            }
            for skipped in &step.outcome.skipped {
                named.entry(skipped.appointment_id).or_default().push((step.now, skipped.reason.word()));
            }
            Ok(())
        })?;
        for change in changes {
            let booking = practice.appointments.iter().find(|other| other.row.id == change.appointment_id).unwrap();
            let Ok(appointment) = &booking.row.content else { continue };
            let begins = zone.instant(appointment.start());
            let last = passes.last().filter(|last| begins <= **last);
            // Early enough: before the last pass of an hour before the one in which it begins.
            let early = passes.iter().copied().rfind(|at| *at < zone.full_hour(begins));
            let (Some(_), Some(early)) = (last, early) else { continue };
            if appointment.status == Status::Cancelled || change.at > early {
                continue;
            }
            let last_before = passes.iter().copied().rfind(|at| *at < begins).unwrap();
            let key = (appointment.id, booking.customer_id.unwrap(), appointment.start());
            let of_it: Vec<_> =
                reminders.iter().filter(|(id, to, start, _)| (*id, *to, *start) == key).map(|(.., at)| *at).collect();
            let reason = named.get(&appointment.id).and_then(|named| {
                named.iter().find(|(at, _)| *at == last_before).map(|(_, reason)| *reason)
            });
            if of_it.is_empty() {
                prop_assert_eq!(reason, Some("recent_message"), "{:?}", booking);
            } else {
                let since = of_it.iter().filter(|at| **at >= change.at).count();
                prop_assert!(since <= 1, "{:?} at {:?}", booking, of_it);
                prop_assert!(of_it.iter().all(|at| *at < begins));
                // Reminded of for good, unless it was moved away and back and E3 waits.
                let settled = of_it.contains(&last_before) || reason.is_some();
                prop_assert!(settled, "{:?} is neither covered nor named by {}", booking, last_before);
            }
        }
    }

    #[test]
    fn an_unrelated_edit_changes_nothing(course in any_course()) {
        let turn = std::cell::Cell::new(false);
        let edited = log(&course, |practice| {
            turn.set(!turn.get());
            unrelated_edit(practice, turn.get());
        })?;
        prop_assert_eq!(log(&course, |_| ())?, edited);
    }
}

fn any_booking(id: i64) -> impl Strategy<Value = Booking> {
    let of = select(vec![None, Some(7), Some(7), Some(8), Some(8), Some(9), Some(404)]);
    let flags = (proptest::bool::weighted(0.1), proptest::bool::weighted(0.05));
    let kind = select(vec![1_i64, 1, 1, 1, 1, 2, 404]);
    let start = -20..200_i64;
    (of, select(Status::ALL), flags, kind, select(vec!["HH", "B"]), start).prop_map(
        move |(of, status, (group, unreadable), kind, branch, start)| {
            let mut booking = appointment(id).of(of).status(status).kind(kind).branch(branch);
            booking.start(local("2026-03-10 12:00") + Duration::minutes(15 * start));
            booking = if group { booking.group() } else { booking };
            if unreadable { booking.unreadable() } else { booking }
        },
    )
}

fn any_message(id: i64) -> impl Strategy<Value = Message> {
    let kind = select(Kind::ALL);
    let state = select(State::ALL);
    let covers = proptest::collection::btree_map(1..=9_i64, proptest::option::of(-20..200_i64), 0..4);
    let by = select(vec![
        (Channel::Email, "anna@example.de"),
        (Channel::Email, "otto@example.de"),
        (Channel::Phone, "030 23125 001"),
    ]);
    (kind, state, select(vec![7_i64, 8, 9]), -9000..200_i64, covers, by).prop_map(
        move |(kind, state, to, minutes, covers, (channel, address))| {
            let at = (local("2026-03-10 12:00") + Duration::minutes(minutes)).to_string();
            let told = message(id).to(to).state(state).at(&at).by(channel, address);
            let told = match kind {
                Kind::Confirmation => told.confirmation(),
                Kind::Reminder => told.reminder(),
                Kind::Manual => told.by_hand(),
            };
            covers.into_iter().fold(told, |told, (appointment_id, start)| match start {
                None => told.about(appointment_id),
                Some(start) => {
                    let start = local("2026-03-10 12:00") + Duration::minutes(15 * start);
                    told.stating(appointment_id, &start.to_string())
                }
            })
        },
    )
}

/// Any state of the database at noon of 10 March.
fn any_practice() -> impl Strategy<Value = Practice> {
    let bookings: Vec<_> = (1..=8).map(any_booking).collect();
    let messages: Vec<_> = (101..=108).map(any_message).collect();
    let settings = (1..=48_u32, 1..=99_u32, any::<bool>(), any::<bool>(), any::<bool>());
    let otto = select(vec![0_u8, 1, 2, 3]);
    (bookings, messages, settings, otto).prop_map(|(bookings, messages, settings, otto)| {
        let (hours_before, hours_between, combining, confirming, filtered) = settings;
        let plain = customer(8).email("otto@example.de").phone(2, "0152 28895456").sms_ok().phone(1, "030 23125 001");
        let otto = match otto {
            0 => plain,
            1 => plain.deceased(),
            2 => plain.wants_no_messages(),
            _ => plain.prefers(Channel::Phone),
        };
        let practice = chain()
            .contact_template(&[Channel::Email, Channel::Phone])
            .night_rest("20:00", "06:00")
            .hours_before(hours_before)
            .hours_between(hours_between)
            .with(anna())
            .with(otto)
            .with(customer(9))
            .with_all(bookings)
            .with_all(messages);
        let practice = if combining { practice.combining_dates() } else { practice };
        let practice = if confirming { practice.confirming() } else { practice };
        if filtered { practice.branch_filter(&["B", "HH"]) } else { practice }
    })
}

/// Puts rows into an order that depends on nothing but `seed`.
fn shuffle<T>(rows: &mut [T], mut seed: u64) {
    for last in (1..rows.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bound = u64::try_from(last + 1).unwrap();
        rows.swap(last, usize::try_from((seed >> 33) % bound).unwrap());
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_order_of_rows_does_not_matter(practice in any_practice(), seed in any::<u64>(), evening in any::<bool>()) {
        let at = if evening { "2026-03-10 19:10" } else { "2026-03-10 12:00" };
        let mut other = practice.clone();
        shuffle(&mut other.customers, seed);
        shuffle(&mut other.appointments, seed);
        shuffle(&mut other.messages, seed.rotate_left(7));
        other.messages = other.messages.into_iter().map(Message::turned_around).collect();
        shuffle(&mut other.chain.outlets.smtp, seed);
        let mut cases = other.cases();
        shuffle(&mut cases, seed.rotate_left(13));
        let now = practice.zone().instant(local(at));
        prop_assert_eq!(practice.pass(at), other.pass_over(&cases, now));
    }

    #[test]
    fn every_appointment_in_the_window_is_reminded_of_or_named_once(practice in any_practice()) {
        is_complete(&practice, &practice.pass("2026-03-10 12:00"))?;
        is_complete(&practice, &practice.pass("2026-03-10 19:10"))?;
    }

    #[test]
    fn an_unrelated_edit_of_any_database_changes_nothing(practice in any_practice()) {
        let mut edited = practice.clone();
        unrelated_edit(&mut edited, true);
        let at = "2026-03-10 12:00";
        prop_assert_eq!(practice.pass(at).to_string(), edited.pass(at).to_string());
    }

    #[test]
    fn what_is_sent_is_not_sent_again_by_the_next_pass(mut practice in any_practice()) {
        let at = "2026-03-10 12:00";
        practice.messages.retain(|message| message.is_until(at));
        let sent = practice.pass(at);
        let again = practice.after_pass(at).pass(at);
        let common = |kind| again.covered(kind).into_iter().filter(|id| sent.covered(kind).contains(id)).count();
        prop_assert_eq!(common(Kind::Reminder), 0, "{}{}", sent, again);
        prop_assert_eq!(common(Kind::Confirmation), 0, "{}{}", sent, again);
    }

    #[test]
    fn what_the_store_leaves_out_changes_nothing(practice in any_practice()) {
        // It reads the messages that cover an appointment of the case or are less than 100 hours
        // old, and the appointments that have not begun.
        let at = "2026-03-10 12:00";
        let now = practice.zone().instant(local(at));
        let mut cases = practice.cases();
        for case in &mut cases {
            case.appointments.retain(|row| row.start.is_none_or(|start| start > local("2026-03-10 09:00")));
            let ids: Vec<i64> = case.appointments.iter().map(|row| row.id).collect();
            case.told.retain(|told| {
                told.sent_at >= now - Duration::hours(100) || told.covers.iter().any(|stated| ids.contains(&stated.appointment_id))
            });
            let known: Vec<i64> = case.told.iter().flat_map(|told| &told.covers).map(|stated| stated.appointment_id).collect();
            case.starts.retain(|id, _| known.contains(id) || ids.contains(id));
        }
        prop_assert_eq!(practice.pass(at), practice.pass_over(&cases, now));
    }
}
