//! The tasks for staff, for people and for programs: what to write, whom to ring, and until when.
//!
//! Addresses and numbers are complete, since staff cannot write or ring without them. Open tasks
//! come first, by branch and by the time by which they are needed; then those that must not be done
//! any more, then those that nobody did in time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::SecondsFormat;
use serde::Serialize;

use super::attention::branch_name;
use super::json_text;
use super::lines::Page;
use super::words::{self, Lang, Noun, count, moment, say};
use crate::model::{Branch, Channel};
use crate::rules::task::{Task, TaskState};
use crate::zone::{Zone, stored};

/// The tasks as text.
#[must_use]
pub fn tasks(tasks: &[(Task, TaskState)], branches: &BTreeMap<i64, Branch>, zone: Zone, lang: Lang) -> String {
    let mut page = Page::default();
    let tasks = in_order(tasks, branches);
    let of = |state: TaskState| tasks.iter().filter(move |(_, is)| *is == state).map(|(task, _)| task);
    let numbers: Vec<_> = [TaskState::Open, TaskState::Withdrawn, TaskState::Missed]
        .into_iter()
        .map(|state| (of(state).count(), words::task_state(lang, state)))
        .filter(|(number, _)| *number > 0)
        .map(|(number, state)| format!("{number} {state}"))
        .collect();
    let mut head = capital_count(lang, tasks.len());
    if !numbers.is_empty() {
        head = format!("{head}: {}", numbers.join(", "));
    }
    page.line(0, &head);

    let mut branch = None;
    for task in of(TaskState::Open) {
        if branch == Some(task.branch_id()) {
            page.gap();
        } else {
            branch = Some(task.branch_id());
            page.title(&branch_name(lang, branches, task.branch_id()));
        }
        open(&mut page, lang, zone, task);
    }
    if of(TaskState::Open).next().is_some() {
        page.gap();
        page.line(
            0,
            lang.pick(
                "Erledigt? Dann „terminbote tasks done“ mit der Nummer der Aufgabe aufrufen.",
                "Done? Then call “terminbote tasks done” with the number of the task.",
            ),
        );
    }
    for (state, title) in [
        (
            TaskState::Withdrawn,
            lang.pick(
                "Zurückgezogen (storniert, verschoben, unerwünscht): bitte nicht erledigen",
                "Withdrawn (cancelled, moved or not wanted): please do not do these",
            ),
        ),
        (TaskState::Missed, lang.pick("Versäumt: nicht rechtzeitig erledigt", "Missed: not done in time")),
    ] {
        if of(state).next().is_some() {
            page.title(title);
            of(state).for_each(|task| page.item(0, &closed(lang, zone, task)));
        }
    }
    page.text().to_owned()
}

/// `No tasks`, `1 task`, `2 tasks` at the start of a line.
fn capital_count(lang: Lang, number: usize) -> String {
    match (number, lang) {
        (0, Lang::De) => "Keine Aufgaben".to_owned(),
        (0, Lang::En) => "No tasks".to_owned(),
        _ => count(lang, number, Noun::Task),
    }
}

/// Open ones by branch and time, then the others, each by time.
fn in_order<'a>(tasks: &'a [(Task, TaskState)], branches: &BTreeMap<i64, Branch>) -> Vec<(&'a Task, TaskState)> {
    let mut tasks: Vec<_> = tasks.iter().map(|(task, state)| (task, *state)).collect();
    tasks.sort_by_cached_key(|(task, state)| {
        let id = task.branch_id();
        let code = id.and_then(|id| branches.get(&id)).map(|branch| branch.code.clone());
        let place = (*state == TaskState::Open).then_some((code.is_none(), code, id));
        (*state, place, task.needed_by(), task.id)
    });
    tasks
}

fn open(page: &mut Page, lang: Lang, zone: Zone, task: &Task) {
    let id = task.id;
    let what = noun(lang, task.channel);
    let by = task.needed_by().map_or_else(String::new, |by| {
        let by = moment(lang, by);
        say!(lang, ", nötig vor {by}", ", needed before {by}")
    });
    page.line(0, &say!(lang, "Aufgabe {id}: {what}{by}", "Task {id}: {what}{by}"));
    let who = who(lang, task);
    page.line(2, &say!(lang, "An: {who}", "To: {who}"));
    let address = &task.address;
    let title = match task.channel {
        Channel::Letter => lang.pick("Anschrift", "Address"),
        Channel::Phone | Channel::Sms => lang.pick("Nummer", "Number"),
        Channel::Email => lang.pick("Adresse", "Address"),
    };
    page.line(2, &format!("{title}: {address}"));
    if let Some(now) = task.other_addresses() {
        let now = now.join("; ");
        let words = match (task.channel, now.as_str()) {
            (Channel::Letter, "") => say!(
                lang,
                "Achtung: Diese Anschrift gilt nicht mehr, und eine andere ist nicht vollständig eingetragen.",
                "Note: this is no longer the customer's address, and no other one is complete.",
            ),
            (_, "") => say!(
                lang,
                "Achtung: Diese Nummer gilt nicht mehr, und eine andere ist nicht eingetragen.",
                "Note: this is no longer the customer's number, and there is no other one.",
            ),
            (Channel::Letter, _) => say!(
                lang,
                "Achtung: Die Anschrift ist inzwischen eine andere: {now}",
                "Note: the customer's address has changed; it is now: {now}",
            ),
            _ => say!(
                lang,
                "Achtung: Diese Nummer gilt nicht mehr; jetzt: {now}",
                "Note: this is no longer the customer's number; now: {now}",
            ),
        };
        page.line(2, &words);
    }
    for covered in task.changed() {
        let id = covered.id;
        let appointment =
            covered.stated.map_or_else(|| say!(lang, "Termin {id}", "appointment {id}"), |stated| moment(lang, stated));
        page.line(
            2,
            &say!(
                lang,
                "Achtung: {appointment} gilt nicht mehr; bitte im Text auslassen.",
                "Note: {appointment} no longer holds; please leave it out of the text.",
            ),
        );
    }
    if let Some(told) = &task.by_hand {
        let (by, at) = (words::by_channel(lang, told.channel), moment(lang, zone.local(told.at)));
        let id = told.message_id;
        page.line(
            2,
            &say!(
                lang,
                "Seitdem von Hand: {by}, {at} (Nachricht {id}). Ist damit alles gesagt, ist die Aufgabe erledigt.",
                "Since then by hand: {by}, {at} (message {id}). If that says it all, the task is done.",
            ),
        );
    }
    if let Some(subject) = &task.subject {
        page.line(2, &say!(lang, "Betreff: {subject}", "Subject: {subject}"));
    }
    page.quoted(2, &task.body);
}

/// A task that is not to be done any more, in one line.
fn closed(lang: Lang, zone: Zone, task: &Task) -> String {
    let (id, what, who) = (task.id, noun(lang, task.channel), who(lang, task));
    let stated = task.covers.iter().filter_map(|covered| covered.stated).min();
    let about = stated.map_or_else(String::new, |stated| {
        let stated = moment(lang, stated);
        say!(lang, ", Termin {stated}", ", appointment {stated}")
    });
    let made = moment(lang, zone.local(task.sent_at));
    say!(lang, "Aufgabe {id}: {what}, {who}{about} (vom {made})", "Task {id}: {what}, {who}{about} (made {made})")
}

fn noun(lang: Lang, channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => lang.pick("Anruf", "call"),
        Channel::Letter => lang.pick("Brief", "letter"),
        Channel::Email | Channel::Sms => words::channel(lang, channel),
    }
}

fn who(lang: Lang, task: &Task) -> String {
    let id = task.customer_id;
    match &task.customer_name {
        Some(name) => say!(lang, "{name} (Kunde {id})", "{name} (customer {id})"),
        None => say!(lang, "Kunde {id}", "customer {id}"),
    }
}

#[derive(Serialize)]
struct TaskList<'a> {
    tasks: Vec<TaskRow<'a>>,
}

#[derive(Serialize)]
struct TaskRow<'a> {
    id: i64,
    state: &'static str,
    channel: &'static str,
    branch_id: Option<i64>,
    branch: Option<&'a str>,
    customer_id: i64,
    customer: Option<&'a str>,
    address: &'a str,
    address_now: Option<&'a [String]>,
    subject: Option<&'a str>,
    body: &'a str,
    needed_by: Option<String>,
    made_at: String,
    appointments: Vec<AppointmentRow>,
    by_hand: Option<ByHandRow>,
}

#[derive(Serialize)]
struct ByHandRow {
    message_id: i64,
    channel: &'static str,
    at: String,
}

#[derive(Serialize)]
struct AppointmentRow {
    id: i64,
    start: Option<String>,
    stands: bool,
}

/// The tasks as one JSON object, in the order of the text.
///
/// Times of appointments are local, as in the tables; `made_at` and `at` have the zone's offset. The states
/// are `open`, `withdrawn` and `missed`; an appointment that does not stand has been cancelled,
/// moved or deleted since the text was made. `address_now` is what the customer has instead of an address or a
/// number that is no longer theirs.
#[must_use]
pub fn tasks_json(tasks: &[(Task, TaskState)], branches: &BTreeMap<i64, Branch>, zone: Zone) -> String {
    let rows = in_order(tasks, branches).into_iter().map(|(task, state)| {
        let changed: BTreeSet<_> = task.changed().map(|covered| covered.id).collect();
        TaskRow {
            id: task.id,
            state: state_word(state),
            channel: task.channel.word(),
            branch_id: task.branch_id(),
            branch: task.branch_id().and_then(|id| branches.get(&id)).map(|branch| branch.code.as_str()),
            customer_id: task.customer_id,
            customer: task.customer_name.as_deref(),
            address: &task.address,
            address_now: task.other_addresses(),
            subject: task.subject.as_deref(),
            body: &task.body,
            needed_by: task.needed_by().map(stored),
            made_at: zone.with_offset(task.sent_at).to_rfc3339_opts(SecondsFormat::Secs, false),
            appointments: task
                .covers
                .iter()
                .map(|covered| AppointmentRow {
                    id: covered.id,
                    start: covered.stated.map(stored),
                    stands: !changed.contains(&covered.id),
                })
                .collect(),
            by_hand: task.by_hand.map(|told| ByHandRow {
                message_id: told.message_id,
                channel: told.channel.word(),
                at: zone.with_offset(told.at).to_rfc3339_opts(SecondsFormat::Secs, false),
            }),
        }
    });
    let list = TaskList { tasks: rows.collect() };
    json_text::document(&list)
}

const fn state_word(state: TaskState) -> &'static str {
    match state {
        TaskState::Open => "open",
        TaskState::Withdrawn => "withdrawn",
        TaskState::Missed => "missed",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{at, branches, start};
    use super::super::lines::{WIDTH, width};
    use super::*;
    use crate::model::Status;
    use crate::rules::task::{Present, TaskAppointment};

    fn covered(id: i64, stated: &str, status: Status) -> TaskAppointment {
        let present = Present { branch_id: 1, customer_id: Some(7), start: start(stated), status };
        TaskAppointment { id, stated: Some(start(stated)), present: Some(present) }
    }

    fn task(id: i64, channel: Channel, covers: Vec<TaskAppointment>) -> (Task, TaskState) {
        let task = Task {
            id,
            channel,
            address: if channel == Channel::Phone { "030 23125 001" } else { "Musterweg 1, 20095 Hamburg" }.to_owned(),
            subject: (channel == Channel::Letter).then(|| "Ihr Termin".to_owned()),
            body: "Guten Tag,\nwir erinnern an Ihren Termin.".to_owned(),
            sent_at: at("2026-03-10 19:00"),
            customer_id: 7,
            customer_name: (id != 3).then(|| "Anna\u{1b}[2J Beispiel".to_owned()),
            unwanted: false,
            covers,
            present_addresses: None,
            by_hand: None,
        };
        let state = task.state(at("2026-03-11 08:00"), Zone::default());
        (task, state)
    }

    fn list() -> Vec<(Task, TaskState)> {
        let mut elsewhere = task(4, Channel::Phone, vec![covered(41, "2026-03-11 12:00", Status::Booked)]);
        elsewhere.0.covers[0].present.as_mut().expect("present").branch_id = 2;
        vec![
            task(5, Channel::Phone, vec![covered(51, "2026-03-11 07:30", Status::Booked)]),
            task(6, Channel::Letter, vec![covered(61, "2026-03-12 07:30", Status::Cancelled)]),
            task(3, Channel::Letter, vec![covered(31, "2026-03-12 10:00", Status::Booked)]),
            task(
                2,
                Channel::Phone,
                vec![
                    covered(21, "2026-03-11 10:30", Status::Booked),
                    covered(22, "2026-03-11 16:00", Status::Cancelled),
                ],
            ),
            elsewhere,
        ]
    }

    #[test]
    fn open_tasks_come_by_branch_then_withdrawn_then_missed() {
        let text = |lang| {
            let text = tasks(&list(), &branches(), Zone::default(), lang);
            assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
            assert!(!text.contains('\u{1b}'), "{text:?}");
            text
        };
        insta::assert_snapshot!(text(Lang::De), @"
        5 Aufgaben: 3 offen, 1 zurückgezogen, 1 versäumt

        Berlin-Mitte (B)
        ----------------
        Aufgabe 4: Anruf, nötig vor Mi., 11.03.2026, 12:00
          An: Anna�[2J Beispiel (Kunde 7)
          Nummer: 030 23125 001
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Hamburg (HH)
        ------------
        Aufgabe 2: Anruf, nötig vor Mi., 11.03.2026, 10:30
          An: Anna�[2J Beispiel (Kunde 7)
          Nummer: 030 23125 001
          Achtung: Mi., 11.03.2026, 16:00 gilt nicht mehr; bitte im Text auslassen.
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Aufgabe 3: Brief, nötig vor Do., 12.03.2026, 10:00
          An: Kunde 7
          Anschrift: Musterweg 1, 20095 Hamburg
          Betreff: Ihr Termin
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Erledigt? Dann „terminbote tasks done“ mit der Nummer der Aufgabe aufrufen.

        Zurückgezogen (storniert, verschoben, unerwünscht): bitte nicht erledigen
        -------------------------------------------------------------------------
        - Aufgabe 6: Brief, Anna�[2J Beispiel (Kunde 7), Termin Do., 12.03.2026, 07:30
          (vom Di., 10.03.2026, 19:00)

        Versäumt: nicht rechtzeitig erledigt
        ------------------------------------
        - Aufgabe 5: Anruf, Anna�[2J Beispiel (Kunde 7), Termin Mi., 11.03.2026, 07:30
          (vom Di., 10.03.2026, 19:00)
        ");
        insta::assert_snapshot!(text(Lang::En), @"
        5 tasks: 3 open, 1 withdrawn, 1 missed

        Berlin-Mitte (B)
        ----------------
        Task 4: call, needed before Wed 11 Mar 2026, 12:00
          To: Anna�[2J Beispiel (customer 7)
          Number: 030 23125 001
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Hamburg (HH)
        ------------
        Task 2: call, needed before Wed 11 Mar 2026, 10:30
          To: Anna�[2J Beispiel (customer 7)
          Number: 030 23125 001
          Note: Wed 11 Mar 2026, 16:00 no longer holds; please leave it out of the text.
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Task 3: letter, needed before Thu 12 Mar 2026, 10:00
          To: customer 7
          Address: Musterweg 1, 20095 Hamburg
          Subject: Ihr Termin
          | Guten Tag,
          | wir erinnern an Ihren Termin.

        Done? Then call “terminbote tasks done” with the number of the task.

        Withdrawn (cancelled, moved or not wanted): please do not do these
        ------------------------------------------------------------------
        - Task 6: letter, Anna�[2J Beispiel (customer 7), appointment Thu 12 Mar 2026,
          07:30 (made Tue 10 Mar 2026, 19:00)

        Missed: not done in time
        ------------------------
        - Task 5: call, Anna�[2J Beispiel (customer 7), appointment Wed 11 Mar 2026,
          07:30 (made Tue 10 Mar 2026, 19:00)
        ");
    }

    #[test]
    fn without_tasks_it_says_so() {
        assert_eq!(tasks(&[], &branches(), Zone::default(), Lang::De), "Keine Aufgaben\n");
        assert_eq!(tasks(&[], &branches(), Zone::default(), Lang::En), "No tasks\n");
    }

    #[test]
    fn the_same_tasks_stand_in_json() {
        let text = tasks_json(&list()[3..4], &branches(), Zone::default());
        insta::assert_snapshot!(text, @r#"
        {
          "tasks": [
            {
              "id": 2,
              "state": "open",
              "channel": "phone",
              "branch_id": 1,
              "branch": "HH",
              "customer_id": 7,
              "customer": "Anna\u001b[2J Beispiel",
              "address": "030 23125 001",
              "address_now": null,
              "subject": null,
              "body": "Guten Tag,\nwir erinnern an Ihren Termin.",
              "needed_by": "2026-03-11 10:30",
              "made_at": "2026-03-10T19:00:00+01:00",
              "appointments": [
                {
                  "id": 21,
                  "start": "2026-03-11 10:30",
                  "stands": true
                },
                {
                  "id": 22,
                  "start": "2026-03-11 16:00",
                  "stands": false
                }
              ],
              "by_hand": null
            }
          ]
        }
        "#);
    }
}
