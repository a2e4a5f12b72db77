//! Chapter C: what has already been said, and E3 and E4, which follow from it.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use super::full_minute;
use super::reason::Reason;
use crate::model::{Appointment, Kind, Stated, Told, ToldByHand};

/// C2: whether a message counts in a pass at `now`. Messages by hand count from their instant on;
/// automatic ones also if they are later, so that a clock set back repeats nothing.
#[must_use]
pub fn counts(message: &Told, now: DateTime<Utc>) -> bool {
    message.state.counts() && (message.kind != Kind::Manual || message.sent_at <= now)
}

/// What a message stated of an appointment, if it covered it.
fn stated(message: &Told, appointment_id: i64) -> Option<&Stated> {
    message.covers.iter().find(|stated| stated.appointment_id == appointment_id)
}

/// The counting messages that stated a start of an appointment, newest first (C2: by instant, then
/// id). One that names an appointment of which it did not know the start has said nothing of it.
fn newest_first(told: &[Told], appointment_id: i64, now: DateTime<Utc>) -> Vec<(&Told, &Stated)> {
    let mut covering: Vec<_> = told
        .iter()
        .filter(|message| counts(message, now))
        .filter_map(|message| stated(message, appointment_id).map(|stated| (message, stated)))
        .filter(|(_, stated)| stated.start.is_some())
        .collect();
    // The clock of a pass may have been wrong. What that pass has told would be the newest for days, or never, whatever
    // others tell after it, and each of them would tell it again. So it is older than what later passes have written.
    let place = |message: &Told| {
        let later = told.iter().filter(|other| message.pass_id.is_some() && other.pass_id > message.pass_id);
        match later.map(|other| other.sent_at).min().filter(|later| *later < message.sent_at) {
            Some(later) => (later, false, message.message_id),
            None => (message.sent_at, true, message.message_id),
        }
    };
    covering.sort_by_cached_key(|(message, _)| std::cmp::Reverse(place(message)));
    covering
}

/// C1: the newest counting message that stated a start of an appointment, and that start.
#[must_use]
pub fn last_told<'a>(
    told: &'a [Told],
    appointment: &Appointment,
    now: DateTime<Utc>,
) -> Option<(&'a Told, NaiveDateTime)> {
    let (message, stated) = *newest_first(told, appointment.id, now).first()?;
    Some((message, stated.start?))
}

/// C1: the message by which an appointment has been notified; `None` if it has not been.
#[must_use]
pub fn notified<'a>(told: &'a [Told], appointment: &Appointment, now: DateTime<Utc>) -> Option<&'a Told> {
    last_told(told, appointment, now).filter(|(_, start)| *start == appointment.start()).map(|(message, _)| message)
}

/// The newest message by hand that stated the present start of an appointment.
#[must_use]
pub fn told_by_hand(told: &[Told], appointment: &Appointment, now: DateTime<Utc>) -> Option<ToldByHand> {
    newest_first(told, appointment.id, now)
        .into_iter()
        .filter(|(message, stated)| message.kind == Kind::Manual && stated.start == Some(appointment.start()))
        .find_map(|(message, _)| {
            Some(ToldByHand { message_id: message.message_id, channel: message.channel?, at: message.sent_at })
        })
}

/// The start that was told last of an appointment, if it is another one now (C1).
#[must_use]
pub fn moved_from(told: &[Told], appointment: &Appointment, now: DateTime<Utc>) -> Option<NaiveDateTime> {
    last_told(told, appointment, now).map(|(_, start)| start).filter(|start| *start != appointment.start())
}

/// C3: whether a message is live: an appointment that it covered still has the start that it
/// stated, or it covered none.
#[must_use]
pub fn is_live(message: &Told, starts: &BTreeMap<i64, NaiveDateTime>) -> bool {
    message.covers.is_empty()
        || message
            .covers
            .iter()
            .any(|stated| stated.start.is_some() && starts.get(&stated.appointment_id).copied() == stated.start)
}

/// E4: no automatic reminder has stated the present start, unless a later message stated another one.
///
/// # Errors
/// The reminder that makes another one needless.
pub fn not_reminded(told: &[Told], appointment: &Appointment, now: DateTime<Utc>) -> Result<(), Reason> {
    let reminder = newest_first(told, appointment.id, now)
        .into_iter()
        .take_while(|(_, stated)| stated.start == Some(appointment.start()))
        .map(|(message, _)| message)
        .find(|message| message.kind == Kind::Reminder);
    match reminder {
        Some(reminder) => Err(Reason::AlreadyReminded { message_id: reminder.message_id, at: reminder.sent_at }),
        None => Ok(()),
    }
}

/// E3: until when a message of this instant holds others back. `hours` = m; minutes count, seconds do
/// not.
#[must_use]
pub fn held_until(sent_at: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    full_minute(sent_at) + Duration::hours(hours.into())
}

/// E3: no message of the last hours holds an appointment back; `hours` = m.
///
/// # Errors
/// The message that does; of several the one that does so longest.
pub fn not_held_back(
    told: &[Told],
    starts: &BTreeMap<i64, NaiveDateTime>,
    appointment: &Appointment,
    hours: u32,
    now: DateTime<Utc>,
) -> Result<(), Reason> {
    let longest = told
        .iter()
        .filter(|message| counts(message, now))
        .filter(|message| match message.kind {
            Kind::Reminder | Kind::Manual => is_live(message, starts),
            Kind::Confirmation => {
                stated(message, appointment.id).is_some_and(|stated| stated.start == Some(appointment.start()))
            }
        })
        .map(|message| (held_until(message.sent_at, hours), message))
        .filter(|(until, _)| full_minute(now) < *until)
        .max_by_key(|(until, message)| (*until, message.message_id));
    match longest {
        Some((until, message)) => Err(Reason::RecentMessage {
            message_id: message.message_id,
            kind: message.kind,
            at: message.sent_at,
            until,
        }),
        None => Ok(()),
    }
}

/// H: the number of changed starts that the customer has been told of an appointment, counting the
/// present one: the SEQUENCE of its calendar entry in the next message. It never falls behind a
/// number that has been told, even if an older message has turned out to have failed since.
#[must_use]
pub fn sequence(told: &[Told], appointment: &Appointment, now: DateTime<Utc>) -> u32 {
    let (mut sequence, mut changes) = (0, 0);
    let mut later = Some(appointment.start());
    for (_, stated) in newest_first(told, appointment.id, now) {
        changes += u32::from(stated.start != later);
        later = stated.start;
        sequence = sequence.max(stated.sequence.unwrap_or(0).saturating_add(changes));
    }
    sequence
}
