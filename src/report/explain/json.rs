//! An explanation as JSON: the same facts under fixed keys, addresses in full.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{AppointmentReport, CustomerReport, Deleted, HalfReport, Next, PassGroup, PassVerdict, Report, Shown};
use crate::model::PassResult;
use crate::model::{Channel, Entry, Kind, Preference, Status};
use crate::report::Warning;
use crate::report::json_text;
use crate::report::words::Lang;
use crate::report::words::explain::fact;
use crate::rules::explain::{Fact, Mention, Step};
use crate::rules::reason::Reason;
use crate::rules::{CustomerRow, Decision};
use crate::zone::{Zone, stored};

/// An explanation as one JSON object. Instants have the zone's offset, times of appointments are
/// local as in the tables; `text` is for people, in `lang`.
#[must_use]
pub fn json(report: &Report, lang: Lang) -> String {
    let value = match report {
        Report::Appointment(report) => Writer { lang, zone: report.zone }.appointment(report),
        Report::Deleted(report) => Writer { lang, zone: report.zone }.deleted(report),
        Report::Customer(report) => Writer { lang, zone: report.zone }.customer(report),
    };
    json_text::document(&value)
}

struct Writer {
    lang: Lang,
    zone: Zone,
}

impl Writer {
    fn instant(&self, at: DateTime<Utc>) -> Value {
        Value::String(self.zone.with_offset(at).to_rfc3339_opts(SecondsFormat::Secs, false))
    }

    fn appointment(&self, report: &AppointmentReport) -> Value {
        let pass = report.pass.as_ref().map(|pass| {
            let messages: Vec<_> = report
                .messages
                .iter()
                .filter(|message| message.pass_id == Some(pass.id))
                .map(|message| message.message_id)
                .collect();
            json!({
                "id": pass.id,
                "result": pass.result.map(PassResult::word),
                "exit_status": pass.exit_status,
                "host": pass.host,
                "deferred": pass.deferred,
                "messages": messages,
            })
        });
        json!({
            "at": self.instant(report.at),
            "appointment": heading(&report.shown),
            "rules": self.steps(&report.general),
            "confirmation": self.half(&report.confirmation),
            "reminder": self.half(&report.reminder),
            "pass": pass,
            "messages": report.messages.iter().map(|message| self.message(message)).collect::<Vec<_>>(),
            "others_at_the_same_address": report.others.iter().map(|message| self.message(message)).collect::<Vec<_>>(),
            "first_considered": {
                "reminder": report.first_reminder.map(|at| self.instant(at)),
                "confirmation": report.first_confirmation.map(|at| self.instant(at)),
            },
            "passes": report.passes.iter().map(|group| self.group(group)).collect::<Vec<_>>(),
            "present_data": report.about_the_past == Some(Warning::PresentData),
            "purged_data": matches!(report.about_the_past, Some(Warning::PurgedData { .. })),
        })
    }

    fn half(&self, half: &HalfReport) -> Value {
        json!({
            "sends": half.stop.is_none() && half.message.is_some(),
            "stopped_by": half.stop.as_ref().map(|step| self.step(step)),
            "message": half.message.as_ref().filter(|_| half.stop.is_none()).map(message_to_send),
            "rules": self.steps(&half.steps),
            "next": self.next(&half.next),
        })
    }

    fn next(&self, next: &Next) -> Value {
        match next {
            Next::At { at, known_rhythm } => {
                json!({"at": self.instant(*at), "rhythm_known": known_rhythm, "why_not": null})
            }
            Next::Begun => json!({"at": null, "why_not": "begun"}),
            Next::NotSetUp => json!({"at": null, "why_not": "not_set_up"}),
            Next::NoPassLeft { minute } => json!({"at": null, "why_not": "no_pass_left", "minute": minute}),
            Next::Never { step, last } => json!({
                "at": null, "why_not": "stopped", "last_pass": self.instant(*last), "stopped_by": self.step(step),
            }),
            Next::Unknown => json!({"at": null, "why_not": "unknown"}),
        }
    }

    fn steps(&self, steps: &[Step]) -> Vec<Value> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&self, step: &Step) -> Value {
        let (word, facts) = self.facts(&step.fact);
        json!({
            "rule": step.rule.number(),
            "verdict": step.verdict.word(),
            "fact": word,
            "facts": facts,
            "text": fact(self.lang, self.zone, &step.fact),
        })
    }

    fn mention(&self, mention: &Mention) -> Value {
        json!({
            "message_id": mention.message_id,
            "kind": mention.kind.word(),
            "at": self.instant(mention.at),
            "state": mention.state.word(),
        })
    }

    fn mentions(&self, mentions: &[Mention]) -> Value {
        json!({"messages": mentions.iter().map(|mention| self.mention(mention)).collect::<Vec<_>>()})
    }

    /// The word of a fact, and its values.
    fn facts(&self, fact: &Fact) -> (&'static str, Value) {
        match fact {
            Fact::Faulty(fault) => ("configuration_error", json!({"error": fault})),
            Fact::Inactive { interface_id, .. } => ("inactive", json!({"interface_id": interface_id})),
            Fact::InForce => ("in_force", json!({})),
            Fact::Quiet { until } => ("quiet", json!({"until": self.instant(*until)})),
            Fact::NotQuiet { from } => ("not_quiet", json!({"quiet_from": self.instant(*from)})),
            Fact::Against(reason) => (reason.word(), self.reason(reason)),
            Fact::CustomerAndType { customer_id, type_id } => {
                ("customer_and_type", json!({"customer_id": customer_id, "type_id": type_id}))
            }
            Fact::NoGroup => ("no_group", json!({})),
            Fact::CountingStatus(status) => ("status_counts", json!({"status": status.word()})),
            Fact::BranchSelected { code, filter } => ("branch_selected", json!({"code": code, "filter": filter})),
            Fact::BranchLeftOut { code, filter } => ("branch_not_selected", json!({"code": code, "filter": filter})),
            Fact::Ahead { start } => ("ahead", json!({"start": stored(*start)})),
            Fact::Begun { start } => ("begun", json!({"start": stored(*start)})),
            Fact::Wanted { preferred } => ("wanted", json!({"preferred": preferred.map(Channel::word)})),
            Fact::Notified { message } => ("notified", self.mention(message)),
            Fact::ToldOtherStart { message, start } => {
                ("told_other_start", json!({"message": self.mention(message), "start": stored(*start)}))
            }
            Fact::NeverTold => ("never_told", json!({})),
            Fact::Counting(messages) => ("counting", self.mentions(messages)),
            Fact::NotCounting(messages) => ("not_counting", self.mentions(messages)),
            Fact::Live(messages) => ("live", self.mentions(messages)),
            Fact::NotLive(messages) => ("not_live", self.mentions(messages)),
            Fact::NotSetUp(kind) => ("not_set_up", json!({"kind": kind.word()})),
            Fact::Regular { hours, until, reaches } => {
                ("window", json!({"hours_before": hours, "until": self.instant(*until), "reaches": reaches}))
            }
            Fact::LookAhead { begins, until, applies, reaches } => (
                "look_ahead",
                json!({
                    "begins": self.instant(*begins), "until": self.instant(*until),
                    "applies": applies, "reaches": reaches,
                }),
            ),
            Fact::NotHeldBack { hours } => ("not_held_back", json!({"min_hours_between_messages": hours})),
            Fact::NotReminded => ("not_reminded", json!({})),
            Fact::Together { others } => ("together", json!({"others": others})),
            Fact::Combining { on, taken_in } => ("combining", json!({"on": on, "taken_in": taken_in})),
            Fact::ConfirmedDates { from, to } => {
                ("confirmed_dates", json!({"from": from.to_string(), "to": to.to_string()}))
            }
            Fact::LeftToReminder => ("left_to_reminder", json!({})),
            Fact::NoReminderInTheWay => ("no_reminder_in_the_way", json!({})),
            Fact::Calendar { attached } => ("calendar", json!({"attached": attached})),
            Fact::Template { name, channels } => {
                let channels: Vec<_> = channels.iter().map(|channel| channel.word()).collect();
                ("contact_template", json!({"name": name, "channels": channels}))
            }
            Fact::Preferred { channel, in_template } => {
                ("preferred", json!({"channel": channel.word(), "in_template": in_template}))
            }
            Fact::NoPreference => ("no_preference", json!({})),
            Fact::Usable { route, taken } => (
                "usable",
                json!({
                    "channel": route.address.channel().word(), "address": route.address.expose(),
                    "interface_id": route.interface_id, "taken": taken,
                }),
            ),
            Fact::Blocked { channel, .. } => ("not_usable", json!({"channel": channel.word()})),
            Fact::Unreachable(obstacles) => {
                let channels: Vec<_> = obstacles.iter().map(|(channel, _)| channel.word()).collect();
                ("unreachable", json!({"channels": channels}))
            }
            Fact::Text { name } => ("text", json!({"document_template": name})),
            Fact::TextFault(fault) => ("text_unusable", json!({"error": fault})),
        }
    }

    fn reason(&self, reason: &Reason) -> Value {
        match reason {
            Reason::BadData(bad) => json!({"table": bad.table, "row": bad.row, "column": bad.column}),
            Reason::TypeNotAllowed { type_id } => json!({"type_id": type_id}),
            Reason::BranchNotSelected { code } => json!({"code": code}),
            Reason::AlreadyReminded { message_id, at } => {
                json!({"message_id": message_id, "at": self.instant(*at)})
            }
            Reason::RecentMessage { message_id, kind, at, until } => json!({
                "message_id": message_id, "kind": kind.word(), "at": self.instant(*at), "until": self.instant(*until),
            }),
            Reason::OverLimit { limit } => json!({"limit": limit}),
            Reason::NoCustomer
            | Reason::Group
            | Reason::Cancelled
            | Reason::NoShow
            | Reason::Deceased
            | Reason::NoMessagesWanted
            | Reason::Unreachable { .. } => json!({}),
        }
    }

    fn group(&self, group: &PassGroup) -> Value {
        let (verdict, step) = match &group.verdict {
            PassVerdict::Stopped(step) => ("stopped", Some(self.step(step))),
            PassVerdict::Reminds => ("reminds", None),
            PassVerdict::OverLimit => ("over_limit", None),
            PassVerdict::NotThere => ("not_there", None),
            PassVerdict::Quiet => ("quiet", None),
            PassVerdict::Inactive => ("inactive", None),
            PassVerdict::Unfinished => ("unfinished", None),
        };
        json!({
            "from": self.instant(group.from),
            "until": self.instant(group.until),
            "passes": group.passes,
            "first_pass_id": group.pass_id,
            "reminder": verdict,
            "stopped_by": step,
            "message_id": group.message_id,
            "message_then": group.then.as_ref().map(|message| self.message(message)),
            "deferred": group.deferred,
            "exit_status": group.exit_status,
        })
    }

    fn message(&self, message: &Entry) -> Value {
        json!({
            "id": message.message_id,
            "kind": message.kind.word(),
            "customer_id": message.customer_id,
            "channel": message.channel.word(),
            "address": message.address,
            "state": message.state.word(),
            "sent_at": self.instant(message.sent_at),
            "settled_at": message.settled_at.map(|at| self.instant(at)),
            "error": message.error,
            "pass_id": message.pass_id,
            "appointments": message
                .covers
                .iter()
                .map(|stated| json!({"id": stated.appointment_id, "start": stated.start.map(stored)}))
                .collect::<Vec<_>>(),
        })
    }

    fn deleted(&self, report: &Deleted) -> Value {
        json!({
            "at": self.instant(report.at),
            "appointment": {"id": report.id, "exists": false},
            "messages": report.messages.iter().map(|message| self.message(message)).collect::<Vec<_>>(),
        })
    }

    fn customer(&self, report: &CustomerReport) -> Value {
        let known = match &report.customer {
            CustomerRow::Known(customer) => Some(customer),
            CustomerRow::None | CustomerRow::Gone(_) | CustomerRow::Bad(..) => None,
        };
        let preferred = known.and_then(|customer| customer.preferred_contact).map(|preferred| match preferred {
            Preference::By(channel) => channel.word(),
            Preference::NoMessages => "none",
        });
        let addresses: Vec<_> = report
            .addresses
            .iter()
            .map(|address| {
                let (word, facts) = self.facts(address);
                json!({"fact": word, "facts": facts, "text": fact(self.lang, self.zone, address)})
            })
            .collect();
        let appointments: Vec<_> = report
            .appointments
            .iter()
            .map(|(shown, reminder, confirmation)| {
                json!({
                    "appointment": heading(shown),
                    "confirmation": self.half(confirmation),
                    "reminder": self.half(reminder),
                })
            })
            .collect();
        json!({
            "at": self.instant(report.at),
            "customer": {
                "id": report.id,
                "exists": !matches!(report.customer, CustomerRow::Gone(_) | CustomerRow::None),
                "preferred_contact": preferred,
                "deceased": known.map(|customer| customer.deceased),
                "addresses": addresses,
            },
            "stopped_by": report.stop.as_ref().map(|step| self.step(step)),
            "appointments": appointments,
            "others_at_the_same_address": report.others.iter().map(|message| self.message(message)).collect::<Vec<_>>(),
            "messages": report.messages.iter().map(|message| self.message(message)).collect::<Vec<_>>(),
            "present_data": report.about_the_past == Some(Warning::PresentData),
            "purged_data": matches!(report.about_the_past, Some(Warning::PurgedData { .. })),
        })
    }
}

fn message_to_send(message: &Decision) -> Value {
    let kind: Kind = message.kind;
    json!({
        "kind": kind.word(),
        "channel": message.route.address.channel().word(),
        "address": message.route.address.expose(),
        "appointments": message.covers.iter().map(|appointment| appointment.id).collect::<Vec<_>>(),
    })
}

fn heading(shown: &Shown) -> Value {
    json!({
        "id": shown.id,
        "exists": true,
        "start": shown.start.map(stored),
        "status": shown.status.map(Status::word),
        "branch": shown.branch.as_ref().map(|(code, _)| code),
        "customer_id": shown.customer_id,
        "customer": shown.customer_name,
    })
}
