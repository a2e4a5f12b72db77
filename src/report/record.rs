//! A message by hand that was just recorded, and what follows from it, for people and for programs.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::history::{covered, who};
use super::json_text;
use super::lines::Page;
use super::words::{self, Lang, moment, say};
use crate::model::{Channel, Kind};
use crate::zone::{Zone, stored};

/// A message by hand that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub message_id: i64,
    /// Who got it.
    pub customer_id: i64,
    /// Their name.
    pub customer_name: Option<String>,
    /// How it went.
    pub channel: Channel,
    /// When.
    pub at: DateTime<Utc>,
    /// The appointments that it was about, each with its start.
    pub appointments: Vec<(i64, NaiveDateTime)>,
    /// The zone.
    pub zone: Zone,
    /// What follows from it.
    pub follows: Follows,
}

/// What follows from a message by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Follows {
    /// The customer is not reminded before this instant (rule E3); `None` if nobody is reminded at all.
    pub no_reminder_before: Option<DateTime<Utc>>,
    /// Whether that instant has gone by.
    pub over: bool,
    /// Its appointments are not confirmed any more (rules C1 and D1).
    pub no_confirmation: bool,
}

impl Recorded {
    /// Whether an appointment begins before a reminder is possible again.
    fn is_never_reminded(&self, start: NaiveDateTime) -> bool {
        self.follows.no_reminder_before.is_some_and(|until| self.zone.instant(start) <= until)
    }
}

/// What was recorded, as text.
#[must_use]
pub fn recorded(lang: Lang, recorded: &Recorded) -> String {
    let Recorded { message_id: id, zone, .. } = recorded;
    let mut page = Page::default();
    let at = moment(lang, zone.local(recorded.at));
    let what = format!("{} {}", words::kind(lang, Kind::Manual), words::by_channel(lang, recorded.channel));
    page.line(
        0,
        &say!(lang, "Als Nachricht {id} festgehalten: {what}, {at}", "Recorded as message {id}: {what}, {at}"),
    );
    let who = who(lang, recorded.customer_id, recorded.customer_name.as_deref());
    page.line(2, &say!(lang, "An {who}", "To {who}"));
    for (id, start) in &recorded.appointments {
        page.line(2, &covered(lang, *id, Some(*start)));
    }
    if let Some(until) = recorded.follows.no_reminder_before {
        let until = moment(lang, zone.local(until));
        let over =
            if recorded.follows.over { lang.pick(" (das ist schon vorbei)", " (which has gone by)") } else { "" };
        page.line(
            0,
            &say!(
                lang,
                "Vor {until} geht keine automatische Erinnerung an diesen Kunden{over}.",
                "No automatic reminder goes to this customer before {until}{over}."
            ),
        );
        for (id, _) in recorded.appointments.iter().filter(|(_, start)| recorded.is_never_reminded(*start)) {
            page.line(
                0,
                &say!(
                    lang,
                    "An Termin {id} wird gar nicht mehr erinnert, da er bis dahin begonnen hat.",
                    "There is no reminder of appointment {id} at all, as it begins by then."
                ),
            );
        }
    }
    if recorded.follows.no_confirmation && !recorded.appointments.is_empty() {
        page.line(
            0,
            lang.pick(
                "Eine Terminbestätigung dafür wird nicht mehr gesendet, solange der Beginn gleich bleibt.",
                "No confirmation is sent for that any more, as long as the start stays the same.",
            ),
        );
    }
    page.text().to_owned()
}

#[derive(Serialize)]
struct RecordedRow {
    message_id: i64,
    customer_id: i64,
    channel: &'static str,
    at: String,
    appointments: Vec<AppointmentRow>,
    no_reminder_before: Option<String>,
    no_confirmation: bool,
}

#[derive(Serialize)]
struct AppointmentRow {
    id: i64,
    start: String,
    never_reminded: bool,
}

/// What was recorded, as one JSON object.
#[must_use]
pub fn recorded_json(recorded: &Recorded) -> String {
    let instant = |at| recorded.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let row = RecordedRow {
        message_id: recorded.message_id,
        customer_id: recorded.customer_id,
        channel: recorded.channel.word(),
        at: instant(recorded.at),
        appointments: recorded
            .appointments
            .iter()
            .map(|(id, start)| AppointmentRow {
                id: *id,
                start: stored(*start),
                never_reminded: recorded.is_never_reminded(*start),
            })
            .collect(),
        no_reminder_before: recorded.follows.no_reminder_before.map(instant),
        no_confirmation: recorded.follows.no_confirmation,
    };
    json_text::document(&row)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{at, start};
    use super::*;

    #[test]
    fn it_says_what_was_recorded_and_what_follows() {
        let done = Recorded {
            message_id: 12,
            customer_id: 7,
            customer_name: Some("Renate Weiß".to_owned()),
            channel: Channel::Phone,
            at: at("2026-03-10 12:00"),
            appointments: vec![(4711, start("2026-03-10 18:00")), (4712, start("2026-03-10 18:01"))],
            zone: Zone::default(),
            follows: Follows { no_reminder_before: Some(at("2026-03-10 18:00")), over: false, no_confirmation: true },
        };
        insta::assert_snapshot!(recorded(Lang::De, &done), @"
        Als Nachricht 12 festgehalten: Nachricht von Hand per Telefon, Di., 10.03.2026,
          12:00
          An Renate Weiß (Kunde 7)
          Termin 4711: Di., 10.03.2026, 18:00
          Termin 4712: Di., 10.03.2026, 18:01
        Vor Di., 10.03.2026, 18:00 geht keine automatische Erinnerung an diesen Kunden.
        An Termin 4711 wird gar nicht mehr erinnert, da er bis dahin begonnen hat.
        Eine Terminbestätigung dafür wird nicht mehr gesendet, solange der Beginn gleich
          bleibt.
        ");
        insta::assert_snapshot!(recorded(Lang::En, &done), @"
        Recorded as message 12: message by hand by telephone, Tue 10 Mar 2026, 12:00
          To Renate Weiß (customer 7)
          Appointment 4711: Tue 10 Mar 2026, 18:00
          Appointment 4712: Tue 10 Mar 2026, 18:01
        No automatic reminder goes to this customer before Tue 10 Mar 2026, 18:00.
        There is no reminder of appointment 4711 at all, as it begins by then.
        No confirmation is sent for that any more, as long as the start stays the same.
        ");
        insta::assert_snapshot!(recorded_json(&done), @r#"
        {
          "message_id": 12,
          "customer_id": 7,
          "channel": "phone",
          "at": "2026-03-10T12:00:00+01:00",
          "appointments": [
            {
              "id": 4711,
              "start": "2026-03-10 18:00",
              "never_reminded": true
            },
            {
              "id": 4712,
              "start": "2026-03-10 18:01",
              "never_reminded": false
            }
          ],
          "no_reminder_before": "2026-03-10T18:00:00+01:00",
          "no_confirmation": true
        }
        "#);
    }
}
