//! Proves that hourly passes leave out no start: on an ordinary day, and on the two on which the
//! clock is changed.

use chrono::{Duration, NaiveDate, NaiveTime};

use super::super::forecast::{Hours, Until, foretell};
use super::super::progress;
use super::super::standing::usual_minute;
use super::Checking;
use crate::exit::ExitStatus;
use crate::pass::Setup;
use crate::report::PassResult;
use crate::report::check::{Area, Matter, ScheduleDay};
use crate::report::forecast::Rhythm;
use crate::rules::rhythm::next_pass;
use crate::rules::schedule::{Schedule, Stretch};

/// So many days without a clock change make the one after them an ordinary one: no lead is longer.
const UNDISTURBED: i64 = 6;

/// Within so many hours a pass is not quiet.
const LONGEST_QUIET_TIME: u32 = 25;

/// From this minute on two passes of an hourly rhythm look ahead past quiet time (E2).
const TWICE: u32 = 30;

impl Checking<'_> {
    /// Looks at the starts of three days. `minute` is that at which passes run, if it was given.
    pub(super) fn schedule(&mut self, setup: &Setup, minute: Option<u32>) -> anyhow::Result<()> {
        let Some(reminder) = &setup.chain.settings.reminder else { return Ok(()) };
        let learned = match minute {
            Some(_) => None,
            None => usual_minute(self.store, self.zone)?,
        };
        let passes_at = minute.or(learned).unwrap_or_default();
        let on = |day: NaiveDate, minute: u32| {
            Schedule::new(day, minute, reminder.hours_before, &setup.quiet, setup.chain.settings.zone)
        };
        let changes = self.clock_changes();
        let ordinary = on(self.ordinary_day(), passes_at);
        let mut found = vec![(ScheduleDay::Ordinary, ordinary.clone())];
        found.extend(changes.iter().map(|day| (ScheduleDay::ClockChange(*day), on(*day, passes_at))));
        if found.iter().all(|(_, schedule)| schedule.not_reminded().is_empty()) {
            self.find(Area::Schedule, Matter::Reminded { passes_at, learned: learned.is_some(), changes });
        }
        let better =
            (passes_at < TWICE && on(self.ordinary_day(), TWICE).by_one_pass_only().is_empty()).then_some(TWICE);
        for (day, schedule) in found {
            let differs = |part: fn(&Schedule) -> Vec<Stretch>| {
                let stretches = part(&schedule);
                let said = day != ScheduleDay::Ordinary && stretches == part(&ordinary);
                (!stretches.is_empty() && !said).then_some(stretches)
            };
            if let Some(stretches) = differs(Schedule::not_reminded) {
                self.find(Area::Schedule, Matter::NotReminded { day, passes_at, stretches });
            }
            // On a day of clock change that is off by an hour, which is nobody's concern.
            if let Some(stretches) = differs(Schedule::brought_forward).filter(|_| day == ScheduleDay::Ordinary) {
                self.find(Area::Schedule, Matter::BroughtForward { stretches });
            }
            if let Some(stretches) = differs(Schedule::only_before_quiet_time) {
                self.find(Area::Schedule, Matter::OnlyBeforeQuietTime { day, stretches });
            }
            if let Some(stretches) = differs(Schedule::by_one_pass_only) {
                self.find(Area::Schedule, Matter::ByOnePassOnly { day, stretches, better });
            }
        }
        Ok(())
    }

    /// Before the first pass: what it would send, at this minute of the hour or now.
    pub(super) fn first_pass(&mut self, minute: Option<u32>) -> anyhow::Result<()> {
        let now = self.clock.at();
        if self.store.newest_pass_with(&[PassResult::Complete], now)?.is_some() {
            return Ok(());
        }
        let first = minute.map_or(now, |minute| next_pass(now, minute, self.zone));
        let hours = Hours { first, number: LONGEST_QUIET_TIME, rhythm: Rhythm::FromNow, limit: None };
        let until = Until::TheFirstThatLooks;
        let forecast = match foretell(self.store, &self.clock, self.lang, hours, until, progress::terminal()) {
            // What would stop it is a finding of its own.
            Err(error) if ExitStatus::of(&error) == ExitStatus::Configuration => return Ok(()),
            other => other?,
        };
        if let Some(pass) = forecast.first_pass() {
            let (at, sends) = (self.zone.local(pass.at), pass.volume());
            self.find(Area::Schedule, Matter::FirstPass { at, sends });
        }
        Ok(())
    }

    /// The next two dates on which the clock is changed; none where it never is.
    fn clock_changes(&self) -> Vec<NaiveDate> {
        let after = |at| self.zone.next_change(at).map(|(change, _)| change);
        let first = after(self.clock.at());
        first.into_iter().chain(first.and_then(after)).map(|change| self.zone.date(change)).collect()
    }

    /// The next date into which no clock change reaches.
    fn ordinary_day(&self) -> NaiveDate {
        let offset = |day: NaiveDate| {
            let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
            *self.zone.with_offset(self.zone.instant(day.and_time(noon))).offset()
        };
        let tomorrow = self.zone.date(self.clock.at()) + Duration::days(1);
        let undisturbed = |day: &NaiveDate| offset(*day - Duration::days(UNDISTURBED)) == offset(*day);
        // Clocks are changed twice a year at most, so that one of the next days is ordinary.
        tomorrow.iter_days().take(30).find(undisturbed).unwrap_or(tomorrow)
    }
}
