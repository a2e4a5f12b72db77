//! Runs the decisions of a pass over a [`Practice`], as the program would, and shows what came out.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use terminbote::model::{BadData, Kind, State, Stated, Told};
use terminbote::rules::reason::Reason;
use terminbote::rules::window::{ConfirmationWindow, ReminderWindow};
use terminbote::rules::{Case, Decision, Skipped, confirmation, reminder};
use terminbote::zone::Zone;

use crate::situation::{Message, Practice, local};

/// What a pass came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) zone: Zone,
    /// When quiet time ends, if the pass was quiet; then nothing else was looked at.
    pub(crate) quiet_until: Option<DateTime<Utc>>,
    pub(crate) window: Option<ReminderWindow>,
    /// Reminders, then confirmations, each by first start, then customer.
    pub(crate) messages: Vec<Decision>,
    /// By start, then id.
    pub(crate) skipped: Vec<Skipped>,
    /// What could not be understood inside the confirmation window.
    pub(crate) bad: Vec<BadData>,
}

impl Practice {
    /// A pass at a local time.
    #[track_caller]
    pub(crate) fn pass(&self, at: &str) -> Outcome {
        self.pass_at(self.zone().instant(local(at)))
    }

    /// A pass at an instant.
    pub(crate) fn pass_at(&self, now: DateTime<Utc>) -> Outcome {
        self.pass_over(&self.cases(), now)
    }

    /// A pass over cases that were made beforehand.
    pub(crate) fn pass_over(&self, cases: &[Case], now: DateTime<Utc>) -> Outcome {
        let (zone, quiet) = (self.zone(), self.quiet());
        let mut outcome = Outcome {
            zone,
            quiet_until: quiet.until(now),
            window: None,
            messages: Vec::new(),
            skipped: Vec::new(),
            bad: Vec::new(),
        };
        if outcome.quiet_until.is_some() {
            return outcome;
        }
        let mut reserved = BTreeSet::new();
        if let Some(settings) = &self.chain.settings.reminder {
            let window = ReminderWindow::new(now, settings.hours_before, &quiet, zone);
            outcome.window = Some(window);
            for case in cases {
                let decided = reminder::decide(&self.chain, settings, &window, case);
                reserved.extend(confirmation::reserved(decided.message.as_ref(), &decided.skipped));
                outcome.messages.extend(decided.message);
                assert!(decided.skipped.is_sorted_by_key(|skipped| (skipped.start, skipped.appointment_id)));
                outcome.skipped.extend(decided.skipped);
            }
        }
        if let Some(settings) = &self.chain.settings.confirmation {
            let window = ConfirmationWindow::new(zone.date(now));
            for case in cases {
                let decided = confirmation::decide(&self.chain, settings, &window, now, case, &reserved);
                outcome.messages.extend(decided.message);
                outcome.bad.extend(decided.bad);
            }
        }
        let confirms = |message: &Decision| message.kind == Kind::Confirmation;
        outcome
            .messages
            .sort_by_key(|message| (confirms(message), zone.instant(message.first().start()), message.customer_id));
        outcome.skipped.sort_by_key(|skipped| (skipped.start, skipped.appointment_id));
        outcome.bad.sort();
        outcome
    }

    /// Writes down the messages of a pass as sent at its instant.
    pub(crate) fn record(&mut self, outcome: &Outcome, now: DateTime<Utc>) {
        for decision in &outcome.messages {
            let message_id = 1_000_000 + i64::try_from(self.messages.len()).unwrap();
            let channel = decision.route.address.channel();
            let told = Told {
                message_id,
                kind: decision.kind,
                channel: Some(channel),
                address: decision.route.address.expose().to_owned(),
                state: if decision.route.interface_id.is_some() { State::Sent } else { State::HandedOver },
                sent_at: now,
                pass_id: None,
                covers: decision
                    .covers
                    .iter()
                    .map(|covered| Stated { appointment_id: covered.id, start: Some(covered.start()), sequence: None })
                    .collect(),
            };
            self.messages.push(Message::recorded(decision.customer_id, told));
        }
    }

    /// A pass at a local time whose messages are all sent.
    #[track_caller]
    pub(crate) fn after_pass(mut self, at: &str) -> Self {
        let now = self.zone().instant(local(at));
        let outcome = self.pass_at(now);
        self.record(&outcome, now);
        self
    }
}

impl Outcome {
    /// The appointments of the messages of a kind.
    pub(crate) fn covered(&self, kind: Kind) -> Vec<i64> {
        let of_that_kind = self.messages.iter().filter(|message| message.kind == kind);
        of_that_kind.flat_map(|message| &message.covers).map(|covered| covered.id).collect()
    }

    /// The appointments that are reminded of.
    pub(crate) fn reminded(&self) -> Vec<i64> {
        self.covered(Kind::Reminder)
    }

    /// The appointments that are confirmed.
    pub(crate) fn confirmed(&self) -> Vec<i64> {
        self.covered(Kind::Confirmation)
    }

    /// The word of the reason why an appointment is not reminded of, if it is in the window.
    pub(crate) fn skipped(&self, appointment_id: i64) -> Option<&'static str> {
        let of_that_id = |skipped: &&Skipped| skipped.appointment_id == appointment_id;
        self.skipped.iter().find(of_that_id).map(|skipped| skipped.reason.word())
    }

    /// Compares the whole outcome with what is expected of it, line by line.
    #[track_caller]
    pub(crate) fn says(&self, lines: &[&str]) {
        let shown = self.to_string();
        assert_eq!(shown.lines().collect::<Vec<_>>(), lines, "\nthe pass says:\n{shown}");
    }

    fn clock(&self, at: DateTime<Utc>) -> impl fmt::Display {
        self.zone.local(at).format("%Y-%m-%d %H:%M")
    }
}

/// One line for each message and each skipped appointment.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(until) = self.quiet_until {
            writeln!(f, "quiet until {}", self.clock(until))?;
        }
        for message in &self.messages {
            let covers: Vec<_> = message.covers.iter().map(|covered| covered.id.to_string()).collect();
            let channel = message.route.address.channel();
            writeln!(f, "{} to {} by {channel} of {}", message.kind, message.customer_id, covers.join(", "))?;
        }
        for skipped in &self.skipped {
            write!(f, "{} skipped: {}", skipped.appointment_id, skipped.reason.word())?;
            match &skipped.reason {
                Reason::BadData(bad) => write!(f, " in {} {}, {}", bad.table, bad.row, bad.column)?,
                Reason::RecentMessage { message_id, until, .. } => {
                    write!(f, " {message_id}, until {}", self.clock(*until))?;
                }
                Reason::Unreachable { obstacles, by_hand } => {
                    for (channel, obstacle) in obstacles {
                        let obstacle = format!("{obstacle:?}");
                        // The words of a parser about an address are not the rules' business.
                        let obstacle = obstacle.split('(').next().unwrap_or_default();
                        write!(f, ", {channel} {obstacle}")?;
                    }
                    if let Some(told) = by_hand {
                        write!(f, ", but told by hand in message {}", told.message_id)?;
                    }
                }
                _ => {}
            }
            writeln!(f)?;
        }
        for bad in &self.bad {
            writeln!(f, "not understood: {} {}, {}", bad.table, bad.row, bad.column)?;
        }
        Ok(())
    }
}
