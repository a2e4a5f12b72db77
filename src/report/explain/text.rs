//! An explanation as text: the answer first, then the proof.

use chrono::{DateTime, Utc};

use super::{AppointmentReport, CustomerReport, Deleted, HalfReport, Next, PassGroup, PassVerdict, Report, Shown};
use crate::contact::mask_stored;
use crate::model::{Entry, Kind, Preference};
use crate::report::lines::{Lines, Page};
use crate::report::words::explain::{deferred, fact, passes, status, verdict};
use crate::report::words::{self, Lang, Noun, by_channel, count, fate, kind, moment, reply, say};
use crate::report::{Fate, Warning};
use crate::rules::CustomerRow;
use crate::rules::explain::{Fact, Rule, Step};
use crate::zone::Zone;

/// An explanation as text of at most 80 columns; addresses are masked.
#[must_use]
pub fn text(report: &Report, lang: Lang) -> String {
    let mut page = Page::default();
    write(&mut page, report, lang);
    page.text().to_owned()
}

/// Writes an explanation line by line; the first line is its title.
pub(in crate::report) fn write(page: &mut dyn Lines, report: &Report, lang: Lang) {
    match report {
        Report::Appointment(report) => Writer { page, lang, zone: report.zone }.appointment(report),
        Report::Deleted(report) => Writer { page, lang, zone: report.zone }.deleted(report),
        Report::Customer(report) => Writer { page, lang, zone: report.zone }.customer(report),
    }
}

struct Writer<'p> {
    page: &'p mut dyn Lines,
    lang: Lang,
    zone: Zone,
}

impl Writer<'_> {
    fn instant(&self, at: DateTime<Utc>) -> String {
        moment(self.lang, self.zone.local(at))
    }

    fn appointment(&mut self, report: &AppointmentReport) {
        let lang = self.lang;
        self.heading(&report.shown, 0);
        let at = self.instant(report.at);
        self.page.line(0, &say!(lang, "Stand: {at}", "As of {at}"));
        self.page.gap();
        let is_done = |kind| {
            let of_pass = |message: &&Entry| report.pass.as_ref().is_some_and(|pass| message.pass_id == Some(pass.id));
            report.messages.iter().filter(of_pass).any(|message| message.kind == kind && message.state.counts())
        };
        for (of, half) in [(Kind::Reminder, &report.reminder), (Kind::Confirmation, &report.confirmation)] {
            if matches!(half.next, Next::Begun) && !half.is_not_set_up() {
                self.looking_back(0, of, &report.shown, &report.messages, Some(&report.passes));
            } else {
                self.half(0, of, half, is_done(of));
            }
        }
        self.pass_at(report);

        self.page.title(lang.pick("Was zu diesem Termin gesagt wurde", "What was said about this appointment"));
        self.messages(&report.messages, Some(report.shown.id));
        self.others(&report.others);

        self.page.title(lang.pick("Was die Läufe taten", "What the passes did"));
        self.first(report);
        for group in &report.passes {
            let text = self.group(group, &report.messages);
            self.page.item(0, &text);
        }

        self.page.title(&say!(lang, "Die Regeln, {at}", "The rules, {at}"));
        self.steps(&report.general);
        self.page.gap();
        self.page.line(0, lang.pick("Bestätigung:", "Confirmation:"));
        self.steps(&report.confirmation.steps);
        self.page.gap();
        self.page.line(0, lang.pick("Erinnerung:", "Reminder:"));
        self.steps(&report.reminder.steps);
        self.about_the_past(report.about_the_past.as_ref());
    }

    fn about_the_past(&mut self, warning: Option<&Warning>) {
        let Some(warning) = warning else { return };
        let words = words::warning(self.lang, warning);
        self.page.gap();
        self.page.line(0, &words);
    }

    fn heading(&mut self, shown: &Shown, indent: usize) {
        let lang = self.lang;
        let Shown { id, .. } = shown;
        let mut text = say!(lang, "Termin {id}", "Appointment {id}");
        let branch = shown.branch.as_ref().map(|(code, name)| format!("{name} ({code})"));
        let facts =
            [shown.start.map(|start| moment(lang, start)), branch, shown.status.map(|is| status(lang, is).to_owned())];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            text = format!("{text}: {}", facts.join(", "));
        }
        self.page.line(indent, &text);
        let Some(id) = shown.customer_id.filter(|_| indent == 0) else { return };
        let name = shown.customer_name.as_ref().map_or_else(String::new, |name| format!(", {name}"));
        self.page.line(indent, &say!(lang, "Kunde {id}{name}", "Customer {id}{name}"));
    }

    /// The answer for one kind of message, and the next chance.
    /// `is_done`: a pass of that instant has sent it.
    fn half(&mut self, indent: usize, of: Kind, half: &HalfReport, is_done: bool) {
        let lang = self.lang;
        let title = title(lang, of);
        // That such messages are not set up says more than what else is in the way.
        let not_set_up = half.steps.iter().find(|step| matches!(step.fact, Fact::NotSetUp(_)));
        let answer = match (not_set_up.or(half.stop.as_ref()), &half.message) {
            (Some(step), _) => {
                let why = self.because(step);
                say!(lang, "nein. {why}", "no. {why}")
            }
            (None, Some(message)) => {
                let channel = message.route.address.channel();
                let (by, address) = (by_channel(lang, channel), mask_stored(channel, message.route.address.expose()));
                say!(lang, "ja, {by} an {address}.", "yes, {by} to {address}.")
            }
            (None, None) => lang.pick("nein.", "no.").to_owned(),
        };
        self.page.line(indent, &format!("{title}: {answer}"));
        let next = self.next(half);
        if !next.is_empty() && !is_done {
            self.page.line(indent + 2, &next);
        }
    }

    /// The answer for an appointment that has begun: what was sent, or why nothing was.
    /// Without `passes` they are left to the explanation of that one appointment.
    fn looking_back(
        &mut self,
        indent: usize,
        of: Kind,
        shown: &Shown,
        messages: &[Entry],
        passes: Option<&[PassGroup]>,
    ) {
        let lang = self.lang;
        let id = shown.id;
        let about = |message: &&Entry| message.covers.iter().any(|stated| stated.appointment_id == id);
        let sent = messages.iter().rev().filter(about).find(|message| message.kind == of && message.state.counts());
        let none = lang.pick("keine.", "none.");
        let answer = match (sent, passes) {
            (Some(message), _) => {
                let (id, at) = (message.message_id, self.instant(message.sent_at));
                let state = fate(lang, Fate::Settled(message.state));
                let stated = message.covers.iter().find(|stated| stated.appointment_id == shown.id);
                let other = stated.and_then(|stated| stated.start).filter(|start| Some(*start) != shown.start);
                let other = other.map_or_else(String::new, |start| {
                    let start = moment(lang, start);
                    say!(lang, " Sie nannte einen anderen Beginn: {start}.", " It stated another start: {start}.")
                });
                say!(lang, "{state} am {at} (Nachricht {id}).{other}", "{state} on {at} (message {id}).{other}")
            }
            (None, _) if of != Kind::Reminder => none.to_owned(),
            (None, None) => say!(
                lang,
                "{none} Warum: „terminbote explain --appointment {id}“.",
                "{none} Why: “terminbote explain --appointment {id}”."
            ),
            (None, Some(passes)) => match passes.iter().rev().find(|group| group.reached) {
                Some(group) => {
                    let last = self.group(group, messages);
                    say!(lang, "{none} Zuletzt: {last}", "{none} At last: {last}")
                }
                None => say!(
                    lang,
                    "{none} Kein Lauf im Protokoll erreichte den Termin, bevor er begann.",
                    "{none} No pass of the record reached the appointment before it began.",
                ),
            },
        };
        let title = title(lang, of);
        self.page.line(indent, &format!("{title}: {answer}"));
    }

    fn because(&self, step: &Step) -> String {
        let (lang, number, why) = (self.lang, step.rule.number(), fact(self.lang, self.zone, &step.fact));
        say!(lang, "Regel {number}: {why}", "Rule {number}: {why}")
    }

    fn next(&self, half: &HalfReport) -> String {
        let lang = self.lang;
        match &half.next {
            Next::At { at, known_rhythm } => {
                let at = self.instant(*at);
                let rhythm = match (known_rhythm, lang) {
                    (true, _) => "",
                    (false, Lang::De) => " (angenommen: stündlich zur vollen Stunde)",
                    (false, Lang::En) => " (taken for granted: on the hour, every hour)",
                };
                say!(
                    lang,
                    "Nächste Gelegenheit: der Lauf am {at}{rhythm}, wenn sich bis dahin nichts ändert.",
                    "Next chance: the pass at {at}{rhythm}, if nothing changes until then.",
                )
            }
            // The same as what stops it now.
            Next::Never { step, .. } if half.stop.as_ref() == Some(step) => lang
                .pick(
                    "Daran ändert sich bis zum Beginn nichts; keine weitere Gelegenheit.",
                    "That does not change before it begins; there is no further chance.",
                )
                .to_owned(),
            Next::Never { step, last } => {
                let (why, last) = (self.because(step), self.instant(*last));
                say!(
                    lang,
                    "Keine weitere Gelegenheit. Beim letzten Lauf vor dem Beginn ({last}): {why}",
                    "No further chance. At the last pass before it begins ({last}): {why}",
                )
            }
            Next::NoPassLeft { minute } => say!(
                lang,
                "Keine weitere Gelegenheit: Bis zum Beginn kommt kein Lauf mehr (stündlich, Minute {minute:02}).",
                "No further chance: no pass comes before it begins (every hour, minute {minute:02}).",
            ),
            Next::Begun | Next::NotSetUp | Next::Unknown => String::new(),
        }
    }

    /// What the real pass of that instant did.
    fn pass_at(&mut self, report: &AppointmentReport) {
        let lang = self.lang;
        let Some(pass) = &report.pass else { return };
        let id = pass.id;
        // A later pass may have used the row of its message again.
        let then = report.passes.iter().filter(|group| group.pass_id == id).filter_map(|group| group.then.as_ref());
        let sent = report.messages.iter().filter(|message| message.pass_id == Some(id)).chain(then);
        let sent: Vec<_> = sent.collect();
        let did = if sent.is_empty() {
            let rest = if pass.deferred > 0 {
                format!("; {}", deferred(lang, pass.deferred, pass.exit_status))
            } else {
                String::new()
            };
            say!(
                lang,
                "zu diesem Termin steht keine Nachricht von ihm im Protokoll{rest}.",
                "the record has no message of it about this appointment{rest}."
            )
        } else {
            sent.iter().map(|message| self.message(message, None)).collect::<Vec<_>>().join(" ")
        };
        self.page.gap();
        self.page.line(0, &say!(lang, "Lauf {id} zu diesem Zeitpunkt: {did}", "Pass {id} at this instant: {did}"));
    }

    fn first(&mut self, report: &AppointmentReport) {
        let lang = self.lang;
        let begins = report.shown.start.map(|start| report.zone.instant(start));
        let unknown = if begins.is_some_and(|begins| begins > report.at) {
            lang.pick(
                "noch nicht; im Protokoll steht kein Lauf, dessen Fenster ihn erreichte",
                "not yet; the record has no pass whose window reached it",
            )
        } else {
            lang.pick(
                "nie; im Protokoll steht kein Lauf, dessen Fenster ihn erreichte",
                "never; the record has no pass whose window reached it",
            )
        };
        let known = |at: Option<DateTime<Utc>>| at.map_or_else(|| unknown.to_owned(), |at| self.instant(at));
        let (reminder, confirmation) = (known(report.first_reminder), known(report.first_confirmation));
        if report.reminder.is_not_set_up() && report.confirmation.is_not_set_up() {
            return;
        }
        self.page.line(
            0,
            &say!(
                lang,
                "Zuerst für eine Erinnerung betrachtet: {reminder}.",
                "First considered for a reminder: {reminder}."
            ),
        );
        if !report.confirmation.is_not_set_up() {
            self.page.line(
                0,
                &say!(
                    lang,
                    "Zuerst für eine Bestätigung betrachtet: {confirmation}.",
                    "First considered for a confirmation: {confirmation}."
                ),
            );
        }
    }

    fn group(&self, group: &PassGroup, messages: &[Entry]) -> String {
        let lang = self.lang;
        let from = self.instant(group.from);
        let number = passes(lang, group.passes);
        let when = if group.passes == 1 {
            let id = group.pass_id;
            say!(lang, "{from} (Lauf {id})", "{from} (pass {id})")
        } else {
            let until = self.instant(group.until);
            say!(lang, "{from} bis {until} ({number})", "{from} to {until} ({number})")
        };
        if let Some(message) = messages.iter().find(|message| Some(message.message_id) == group.message_id) {
            let (id, what) = (message.message_id, kind(lang, message.kind));
            let state = fate(lang, Fate::Settled(message.state));
            return say!(lang, "{when}: {what}, Nachricht {id}: {state}.", "{when}: {what}, message {id}: {state}.");
        }
        let what = match &group.verdict {
            PassVerdict::Stopped(step) => {
                let why = self.because(step);
                say!(lang, "keine Erinnerung. {why}", "no reminder. {why}")
            }
            PassVerdict::Reminds if group.then.is_some() => {
                group.then.as_ref().map_or_else(String::new, |then| self.left_by_pass(then))
            }
            PassVerdict::Reminds if group.deferred > 0 => {
                let deferred = deferred(lang, group.deferred, group.exit_status);
                say!(
                    lang,
                    "Erinnerung fällig, aber nicht gesendet: {deferred}.",
                    "reminder due, but not sent: {deferred}."
                )
            }
            PassVerdict::Reminds => lang
                .pick(
                    "Erinnerung fällig nach den Regeln; eine Nachricht dieses Laufs steht nicht im Protokoll.",
                    "reminder due by the rules; the record has no message of this pass.",
                )
                .to_owned(),
            PassVerdict::OverLimit => lang
                .pick(
                    "fällig, aber über der Höchstzahl des Laufs (--limit); sie wartete auf den nächsten.",
                    "due, but over the limit of the pass (--limit); it waited for the next one.",
                )
                .to_owned(),
            PassVerdict::NotThere => {
                lang.pick("der Termin war nicht eingetragen.", "the appointment was not there.").to_owned()
            }
            PassVerdict::Quiet => lang.pick("Ruhezeit.", "quiet time.").to_owned(),
            PassVerdict::Inactive => lang.pick("nicht in Betrieb.", "not in operation.").to_owned(),
            PassVerdict::Unfinished => {
                lang.pick("der Lauf kam nicht zu Ende.", "the pass did not come to its end.").to_owned()
            }
        };
        format!("{when}: {what}")
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            let number = if step.rule == Rule::B { "B" } else { step.rule.number() };
            let mark = format!("{number:<3} {}", verdict(self.lang, step.verdict));
            self.page.marked(&mark, 9, &fact(self.lang, self.zone, &step.fact));
        }
    }

    /// A message as a pass left it, to be sent by a later one or once more.
    fn left_by_pass(&self, then: &Entry) -> String {
        let (text, counts) = (self.message(then, None), then.state.counts());
        match (counts, self.lang) {
            (true, Lang::De) => format!("Erinnerung fällig. {text} Ein späterer Lauf sandte sie noch einmal."),
            (true, Lang::En) => format!("reminder due. {text} A later pass sent it once more."),
            (false, Lang::De) => format!("Erinnerung fällig, aber nicht gesendet. {text}"),
            (false, Lang::En) => format!("reminder due, but not sent. {text}"),
        }
    }

    fn messages(&mut self, messages: &[Entry], about: Option<i64>) {
        if messages.is_empty() {
            self.page.line(0, self.lang.pick("Nichts.", "Nothing."));
        }
        for message in messages {
            let text = self.message(message, about);
            self.page.item(0, &text);
        }
    }

    /// Messages that reached the same telephone or mailbox, but were for somebody else.
    fn others(&mut self, others: &[Entry]) {
        if others.is_empty() {
            return;
        }
        self.page.gap();
        self.page.line(
            0,
            self.lang.pick(
                "Innerhalb eines Tages gingen an dieselbe Adresse oder Nummer Nachrichten für andere Kunden:",
                "Within a day, messages for other customers went to the same address or number:",
            ),
        );
        for message in others {
            let text = self.message(message, None);
            self.page.item(0, &text);
        }
    }

    /// A message in a sentence; with the start that it stated of the appointment `about`.
    fn message(&self, message: &Entry, about: Option<i64>) -> String {
        let lang = self.lang;
        let Entry { message_id: id, customer_id, channel, .. } = message;
        let what = kind(lang, message.kind);
        let (by, address) = (by_channel(lang, *channel), mask_stored(*channel, &message.address));
        let by = if message.address.trim().is_empty() {
            by.to_owned()
        } else {
            say!(lang, "{by} an {address}", "{by} to {address}")
        };
        let at = self.instant(message.sent_at);
        let state = fate(lang, Fate::Settled(message.state));
        let stated = about.map_or_else(String::new, |about| {
            let start =
                message.covers.iter().find(|stated| stated.appointment_id == about).and_then(|stated| stated.start);
            start.map_or_else(String::new, |start| {
                let start = moment(lang, start);
                say!(lang, ", genannter Beginn {start}", ", stated start {start}")
            })
        });
        let who = say!(lang, ", Kunde {customer_id}", ", customer {customer_id}");
        let pass = message.pass_id.map_or_else(String::new, |pass| say!(lang, ", Lauf {pass}", ", pass {pass}"));
        let error = message.error.as_ref().map_or_else(String::new, |error| format!(": {}", reply(lang, error)));
        say!(
            lang,
            "Nachricht {id}, {what} {by}, {at}{who}{pass}{stated}: {state}{error}.",
            "Message {id}, {what} {by}, {at}{who}{pass}{stated}: {state}{error}.",
        )
    }

    fn deleted(&mut self, report: &Deleted) {
        let lang = self.lang;
        let (id, at) = (report.id, self.instant(report.at));
        let known = count(lang, report.messages.len(), Noun::Message);
        self.page.line(
            0,
            &say!(
                lang,
                "Den Termin {id} gab es am {at} nicht: gelöscht oder noch nicht eingetragen. Das Protokoll hat {known} zu ihm.",
                "There was no appointment {id} at {at}: deleted, or not entered yet. The record has {known} about it.",
            ),
        );
        self.page.title(lang.pick("Was zu diesem Termin gesagt wurde", "What was said about this appointment"));
        self.messages(&report.messages, Some(id));
        if let Some(last) = report.messages.last() {
            let then = self.zone.local(last.sent_at).format("%Y-%m-%dT%H:%M:%S");
            self.page.gap();
            self.page.line(0, lang.pick("Wie er damals war, zeigt:", "As it was is shown by:"));
            // On one line, to be copied.
            self.page.line(2, &format!("terminbote explain --appointment {id} --at {then}"));
        }
    }

    fn customer(&mut self, report: &CustomerReport) {
        let lang = self.lang;
        let id = report.id;
        let name = match &report.customer {
            CustomerRow::Known(customer) => customer.full_name().map_or_else(String::new, |name| format!(", {name}")),
            CustomerRow::None | CustomerRow::Gone(_) | CustomerRow::Bad(..) => String::new(),
        };
        self.page.line(0, &say!(lang, "Kunde {id}{name}", "Customer {id}{name}"));
        let at = self.instant(report.at);
        self.page.line(0, &say!(lang, "Stand: {at}", "As of {at}"));
        self.page.gap();
        self.contact(report);
        if let Some(step) = &report.stop {
            let why = self.because(step);
            self.page.line(0, &why);
        }
        self.page.title(
            lang.pick("Termine der letzten vier Wochen und später", "Appointments of the last four weeks and later"),
        );
        if report.appointments.is_empty() {
            self.page.line(0, lang.pick("Keine.", "None."));
        }
        for (shown, reminder, confirmation) in &report.appointments {
            self.heading(shown, 1);
            for (of, half) in [(Kind::Reminder, reminder), (Kind::Confirmation, confirmation)] {
                if matches!(half.next, Next::Begun) && !half.is_not_set_up() {
                    self.looking_back(3, of, shown, &report.messages, None);
                } else {
                    self.half(3, of, half, false);
                }
            }
        }
        self.page.title(lang.pick("Nachrichten an diesen Kunden", "Messages to this customer"));
        self.messages(&report.messages, None);
        self.others(&report.others);
        self.about_the_past(report.about_the_past.as_ref());
    }

    fn contact(&mut self, report: &CustomerReport) {
        let lang = self.lang;
        match &report.customer {
            CustomerRow::Known(customer) => {
                if customer.deceased {
                    self.page.line(0, lang.pick("Als verstorben vermerkt.", "Marked as deceased."));
                }
                let preferred = match customer.preferred_contact {
                    Some(Preference::NoMessages) => {
                        lang.pick("Wünscht keine Nachrichten.", "Wants no messages.").to_owned()
                    }
                    Some(Preference::By(channel)) => {
                        let by = by_channel(lang, channel);
                        say!(lang, "Bevorzugt Nachrichten {by}.", "Prefers messages {by}.")
                    }
                    None => lang.pick("Bevorzugt keinen Weg.", "Prefers no channel.").to_owned(),
                };
                self.page.line(0, &preferred);
            }
            CustomerRow::Bad(_, bad) => {
                let words = words::bad_data(lang, bad);
                self.page.line(0, &words);
            }
            CustomerRow::Gone(_) | CustomerRow::None => {
                self.page.line(0, lang.pick("Diesen Kunden gibt es nicht mehr.", "This customer is no longer there."));
            }
        }
        for address in &report.addresses {
            let words = fact(lang, self.zone, address);
            self.page.item(0, &words);
        }
    }
}

const fn title(lang: Lang, of: Kind) -> &'static str {
    match of {
        Kind::Confirmation => lang.pick("Bestätigung", "Confirmation"),
        Kind::Reminder | Kind::Manual => lang.pick("Erinnerung", "Reminder"),
    }
}
