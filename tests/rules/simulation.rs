//! Days of hourly passes over a practice whose customers book, move and cancel meanwhile.
//!
//! There is a pass in every hour of the local clock, at any minute of it that is not quiet. (In an
//! hour that quiet time cuts in two, there is one in each part.) What it decides is written down as
//! sent at its instant.

use std::fmt;

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use proptest::prelude::*;
use proptest::sample::select;
use terminbote::model::{Channel, Status};
use terminbote::rules::Case;
use terminbote::rules::quiet::QuietTime;
use terminbote::settings::NightRest;

use crate::pass::Outcome;
use crate::situation::{CustomerSentence, Practice, appointment, chain, customer, local, message, zone};

/// How long the passes go on.
const DAYS: i64 = 3;

/// What happens to the bookings at some instant. `usize` picks one of the appointments that there
/// are then.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Book { customer_id: i64, start: i64 },
    Move { which: usize, start: i64 },
    MoveBack { which: usize },
    Cancel { which: usize },
    BookAgain { which: usize },
    GiveTo { which: usize, customer_id: i64 },
    WriteByHand { customer_id: i64, about: Option<usize> },
}

/// A practice, the minutes of its passes and what happens on the way.
#[derive(Clone)]
pub(crate) struct Course {
    pub(crate) practice: Practice,
    /// The first local midnight.
    from: NaiveDateTime,
    /// Where in its hour each pass falls, in 256ths.
    rhythm: Vec<u8>,
    /// Seconds from `from`, which may be before it, in order.
    events: Vec<(i64, Event)>,
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.practice.chain.settings;
        let passes: Vec<_> = self.passes().iter().map(|at| self.practice.zone().local(*at).to_string()).collect();
        writeln!(f, "{settings:?}\nfrom {}\npasses {}", self.from, passes.join(", "))?;
        self.events.iter().try_for_each(|(at, event)| writeln!(f, "{}: {event:?}", self.instant(*at)))
    }
}

/// One pass on the way.
pub(crate) struct Step<'a> {
    pub(crate) practice: &'a Practice,
    pub(crate) cases: &'a [Case],
    pub(crate) now: DateTime<Utc>,
    pub(crate) outcome: &'a Outcome,
}

/// An appointment as it was at the end of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastChange {
    pub(crate) appointment_id: i64,
    pub(crate) at: DateTime<Utc>,
}

impl Course {
    fn instant(&self, seconds: i64) -> DateTime<Utc> {
        self.practice.zone().instant(self.from) + Duration::seconds(seconds)
    }

    /// The instants of the passes.
    pub(crate) fn passes(&self) -> Vec<DateTime<Utc>> {
        let (zone, quiet) = (self.practice.zone(), self.practice.quiet());
        let first = self.instant(0);
        let mut parts: Vec<(NaiveDateTime, Vec<DateTime<Utc>>)> = Vec::new();
        for minute in 0..DAYS * 24 * 60 {
            let at = first + Duration::minutes(minute);
            if quiet.is_quiet(at) {
                continue;
            }
            let hour = zone.local(zone.full_hour(at));
            match parts.last_mut() {
                Some((of, minutes)) if *of == hour && minutes.last() == Some(&(at - Duration::minutes(1))) => {
                    minutes.push(at);
                }
                _ => parts.push((hour, vec![at])),
            }
        }
        let rhythm = self.rhythm.iter().cycle();
        parts
            .iter()
            .zip(rhythm)
            .map(|((_, minutes), at)| {
                let index = minutes.len() * usize::from(*at) / 256;
                minutes[index] + Duration::seconds(i64::from(*at) % 60)
            })
            .collect()
    }

    /// Goes through all of it, and shows each pass to `see`. Before each pass `meanwhile` may
    /// change what should make no difference.
    ///
    /// Returns the practice at the end and when each appointment was last changed.
    pub(crate) fn run(
        &self,
        passes: &[DateTime<Utc>],
        meanwhile: impl Fn(&mut Practice),
        mut see: impl FnMut(&Step<'_>) -> Result<(), TestCaseError>,
    ) -> Result<(Practice, Vec<LastChange>), TestCaseError> {
        let mut practice = self.practice.clone();
        let mut changes = Vec::new();
        let mut events = self.events.iter().peekable();
        for now in passes {
            while let Some((at, event)) = events.next_if(|(at, _)| self.instant(*at) <= *now) {
                self.happens(&mut practice, &mut changes, self.instant(*at), event);
            }
            meanwhile(&mut practice);
            let cases = practice.cases();
            let outcome = practice.pass_over(&cases, *now);
            see(&Step { practice: &practice, cases: &cases, now: *now, outcome: &outcome })?;
            practice.record(&outcome, *now);
        }
        Ok((practice, changes))
    }

    fn happens(&self, practice: &mut Practice, changes: &mut Vec<LastChange>, at: DateTime<Utc>, event: &Event) {
        let count = practice.appointments.len();
        let which = match event {
            Event::Book { customer_id, start } => {
                let id = 1 + i64::try_from(count).unwrap();
                let mut booking = appointment(id).of(*customer_id);
                booking.start(self.quarter(*start));
                *practice = practice.clone().with(booking);
                count
            }
            Event::WriteByHand { customer_id, about } => {
                let id = i64::try_from(practice.messages.len()).unwrap();
                let sent = practice.zone().local(at).format("%Y-%m-%d %H:%M:%S").to_string();
                let mut told = message(id).to(*customer_id).by(Channel::Phone, "030 23125 001").by_hand().at(&sent);
                if let Some(which) = about.filter(|_| count > 0) {
                    let row = &practice.appointments[which % count].row;
                    told = told.stating(row.id, &row.start.unwrap().to_string());
                }
                *practice = practice.clone().with(told);
                return;
            }
            Event::Move { which, .. }
            | Event::MoveBack { which }
            | Event::Cancel { which }
            | Event::BookAgain { which }
            | Event::GiveTo { which, .. } => {
                if count == 0 {
                    return;
                }
                which % count
            }
        };
        let booking = &mut practice.appointments[which];
        match event {
            Event::Book { .. } | Event::WriteByHand { .. } => {}
            Event::Move { start, .. } => booking.start(self.quarter(*start)),
            Event::MoveBack { .. } => {
                // To the start that it was told of first, if any.
                let told = practice.messages.iter().find_map(|message| message.stated(booking.row.id));
                if let Some(start) = told {
                    booking.start(start);
                }
            }
            Event::Cancel { .. } => booking.row.content.as_mut().unwrap().status = Status::Cancelled,
            Event::BookAgain { .. } => booking.row.content.as_mut().unwrap().status = Status::Booked,
            Event::GiveTo { customer_id, .. } => *booking = booking.clone().of(*customer_id),
        }
        let appointment_id = booking.row.id;
        changes.retain(|change: &LastChange| change.appointment_id != appointment_id);
        changes.push(LastChange { appointment_id, at });
    }

    /// A local time in quarters of an hour from the first midnight.
    fn quarter(&self, quarters: i64) -> NaiveDateTime {
        self.from + Duration::minutes(15 * quarters)
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let customer = || select(vec![7_i64, 8]);
    let start = || 0..(DAYS + 2) * 24 * 4;
    let which = any::<usize>;
    prop_oneof![
        6 => (customer(), start()).prop_map(|(customer_id, start)| Event::Book { customer_id, start }),
        3 => (which(), start()).prop_map(|(which, start)| Event::Move { which, start }),
        2 => which().prop_map(|which| Event::MoveBack { which }),
        1 => which().prop_map(|which| Event::Cancel { which }),
        1 => which().prop_map(|which| Event::BookAgain { which }),
        1 => (which(), customer()).prop_map(|(which, customer_id)| Event::GiveTo { which, customer_id }),
        2 => (customer(), proptest::option::of(which()))
            .prop_map(|(customer_id, about)| Event::WriteByHand { customer_id, about }),
    ]
}

/// A night rest of any two times of day that leaves a minute, or none.
fn any_night_rest() -> impl Strategy<Value = Option<NightRest>> {
    let time = |minute: u32| chrono::NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
    let any_time = move || prop_oneof![(0..24_u32).prop_map(move |hour| time(hour * 60)), (0..1440_u32).prop_map(time)];
    let rest = (any_time(), any_time()).prop_map(|(start, end)| NightRest { start, end });
    let usual = NightRest { start: time(20 * 60), end: time(6 * 60) };
    let leaves_time = |rest: &NightRest| QuietTime::new(Some(*rest), zone("UTC")).is_ok();
    prop_oneof![1 => Just(None), 1 => Just(Some(usual)), 3 => rest.prop_filter("no time of day is left", leaves_time).prop_map(Some)]
}

/// Any chain with two customers, and what happens in the days around a change of its clocks, the
/// end of a quarter, or a leap day.
pub(crate) fn any_course() -> impl Strategy<Value = Course> {
    let days = vec![
        ("Europe/Berlin", "2026-03-28"),
        ("Europe/Berlin", "2026-03-30"),
        ("Europe/Berlin", "2026-10-24"),
        ("Europe/Berlin", "2028-02-28"),
        ("Atlantic/Azores", "2026-03-28"),
        ("Atlantic/Azores", "2026-10-24"),
        ("Australia/Lord_Howe", "2026-04-04"),
        ("Australia/Lord_Howe", "2026-10-03"),
        ("UTC", "2026-12-30"),
    ];
    let hours = || prop_oneof![1..=12_u32, 1..=99_u32];
    let settings = (any_night_rest(), hours(), hours(), any::<bool>(), any::<bool>());
    let event = (-2 * 86400..DAYS * 86400, any_event());
    let events = proptest::collection::vec(event, 1..25);
    (select(days), settings, proptest::collection::vec(any::<u8>(), 1..30), events).prop_map(
        |((zone_name, day), (night_rest, hours_before, hours_between, combining, confirming), rhythm, mut events)| {
            let mut practice = chain().in_zone(zone(zone_name)).hours_before(hours_before).hours_between(hours_between);
            practice.chain.settings.night_rest = night_rest;
            practice = if combining { practice.combining_dates() } else { practice };
            practice = if confirming { practice.confirming() } else { practice };
            practice = practice.with(customer(7).email("anna@example.de")).with(customer(8).email("otto@example.de"));
            events.sort_by_key(|(at, _)| *at);
            Course { practice, from: local(&format!("{day} 00:00")), rhythm, events }
        },
    )
}
