use super::super::fixtures::{at, causes, obstacles, warnings};
use super::super::lines::{WIDTH, width};
use super::*;
use crate::contact::EmailAddress;
use crate::model::Problem;
use crate::segments;

fn interface(kind: InterfaceKind, causes: Vec<Unusable>) -> InterfaceLine {
    InterfaceLine {
        id: 2,
        kind,
        branch: Some("HH".to_owned()),
        workstation: Some("EMPFANG".to_owned()),
        server_side: true,
        start: "2026-04-01".parse().ok(),
        target: Some(Target::Server { address: "mail.example.de:25".to_owned(), encrypted: false }),
        causes,
        dead: None,
    }
}

fn counted<T>(most: usize, all: impl IntoIterator<Item = T>) -> Counted<T> {
    let mut counted = Counted::naming(most);
    all.into_iter().for_each(|one| counted.push(one));
    counted
}

/// At least one of each.
fn matters() -> Vec<Matter> {
    let zone = Zone::default();
    let now = zone.with_offset(at("2026-03-10 19:00"));
    let (typical, longest) = (segments::count("a"), segments::count(&"ł".repeat(300)));
    let sms = |most| Some(SmsCost { typical, longest, most });
    let text = |sms| Matter::Text { name: "Terminerinnerung".to_owned(), language: Some("en".to_owned()), sms };
    let reminder = ReminderSettings {
        hours_before: 24,
        min_hours_between_messages: 6,
        combine_same_day: true,
        contact_template: "Terminerinnerung".to_owned(),
    };
    let bad = |row| BadData { table: "customer", row, column: "email", problem: Problem::NotUtf8 };
    let lacks: Vec<_> = obstacles().iter().map(|obstacle| (Channel::Sms, Lack::from(obstacle))).collect();
    let groups = [(Vec::new(), counted(1, [1, 2])), (lacks, counted(9, [3]))].into();
    let address = || "a***@example.de".to_owned();
    let last = |state| Matter::LastPass { at: now, state };
    let mut matters = vec![
        Matter::Stops("the setting x".to_owned()),
        Matter::NoInterface { bound: true },
        Matter::NoInterface { bound: false },
        Matter::Interface(interface(InterfaceKind::Smtp, Vec::new())),
        Matter::Interface(interface(InterfaceKind::Sms, causes())),
        Matter::Quiet(None),
        Matter::Quiet(Some(crate::settings::NightRest {
            start: chrono::NaiveTime::MIN + chrono::Duration::hours(6),
            end: chrono::NaiveTime::MIN + chrono::Duration::hours(20),
        })),
        Matter::Branches {
            filtered: true,
            branches: counted(1, [1, 2].map(|id| (id.to_string(), "Mitte".to_owned()))),
        },
        Matter::BranchEmail { code: "HH".to_owned(), fault: EmailAddress::parse("hh@example").unwrap_err().into() },
        Matter::Reminder(reminder, vec![(Channel::Phone, "Anruf".to_owned())]),
        Matter::NoReminder,
        Matter::HoldsBackForGood { min_hours: 9, hours_before: 8 },
        Matter::Confirmation(ConfirmationSettings { document_template: "B".to_owned(), attach_ics: false }),
        Matter::NoConfirmation,
        text(None),
        text(sms(9)),
        text(sms(2)),
        Matter::NoSubject { name: "B".to_owned(), language: None },
        Matter::SingleBraces { name: "B".to_owned(), language: None, words: vec!["{Name}".to_owned()] },
        Matter::NoOwnVersion { language: "tr".to_owned(), customers: 1, names: vec!["B".to_owned()] },
        Matter::Offline,
        Matter::NoServer,
        Matter::LoggedIn { interface_id: 3, balance: Some("12 EUR".to_owned()) },
        Matter::LoggedIn { interface_id: 3, balance: None },
        Matter::NotAsked { interface_id: 3 },
        Matter::IntoFiles { interface_id: 3 },
        Matter::FolderUnusable { interface_id: 3, problem: "`/proc` cannot be written into".to_owned() },
        Matter::LogInFailed { interface_id: 3, problem: "535".to_owned() },
        Matter::RowsUnderstood,
        Matter::BadRows { table: "customer", rows: counted(2, [1, 2, 3].map(bad)) },
        Matter::BadRows { table: "customer", rows: counted(2, [bad(1)]) },
        Matter::NobodyAhead,
        Matter::Reached { customers: 1 },
        Matter::Reached { customers: 2 },
        Matter::Unreachable { of: 5, groups },
        Matter::WrongEmails { customers: counted(9, [3, 4]) },
        Matter::LockFree,
        Matter::LockHeld { since: "process 1".to_owned() },
        Matter::LockUnusable { lock: "/srv/termine.db.lock".to_owned() },
        Matter::OpenToAll(Vec::new()),
        Matter::OpenToAll(vec!["termine.db".to_owned(), "smtp.password".to_owned()]),
        Matter::Journal("delete".to_owned()),
        Matter::Journal("wal".to_owned()),
        Matter::ClockWrong(now),
        Matter::Clock { zone, now, change: zone.next_change(now.to_utc()).map(|(at, _)| (zone.with_offset(at), 60)) },
        Matter::Clock { zone, now, change: Some((now, -60)) },
        Matter::NoPass,
        last(PassState::Ended(0)),
        last(PassState::Ended(1)),
        last(PassState::Unfinished),
        last(PassState::LongAgo),
        last(PassState::InFuture),
        Matter::Disk { megabytes: 5 },
        Matter::Disk { megabytes: 500 },
        Matter::Disk { megabytes: 5000 },
        Matter::TestTaken { interface_id: 3, address: address(), reply: "250".to_owned() },
        Matter::TestFailed { interface_id: 3, address: address(), problem: "550".to_owned() },
        Matter::TestImpossible { channel: Channel::Sms, address: address() },
    ];
    for can in [true, false] {
        matters.extend([Matter::FileWritable(can), Matter::FolderWritable(can)]);
    }
    matters.extend(warnings().into_iter().map(Matter::Warning));
    matters.push(Matter::FirstPass { at: at("2026-03-10 19:00").naive_utc(), sends: Volume::default() });
    matters
}

fn report(matters: Vec<Matter>) -> CheckReport {
    CheckReport {
        at: Zone::default().with_offset(at("2026-03-10 19:00")),
        zone: Zone::default(),
        workstation: "server".to_owned(),
        findings: matters.into_iter().map(|matter| (Area::Machine, matter)).collect(),
    }
}

#[test]
fn every_matter_has_words_of_its_own_in_both_languages() {
    for matter in matters() {
        let [german, english] = Lang::ALL.map(|lang| words::matter(lang, &matter));
        assert!(german.iter().chain(&english).all(|paragraph| !paragraph.trim().is_empty()), "{matter:?}");
        assert_eq!(german.len(), english.len(), "{matter:?}");
        assert_ne!(german, english);
    }
    for area in Area::ALL {
        assert_ne!(words::area(Lang::De, area), words::area(Lang::En, area), "{area:?}");
    }
}

#[test]
fn no_line_is_too_wide_and_no_mark_is_missing() {
    let matters = matters();
    let number = matters.len();
    for lang in Lang::ALL {
        let text = report(matters.clone()).text(lang);
        assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
        let marks = Mark::ALL.map(|mark| words::mark(lang, mark));
        let marked = text.lines().skip(1).filter(|line| marks.iter().any(|mark| line.starts_with(&format!("{mark} "))));
        assert_eq!(marked.count(), number, "{text}");
    }
}

#[test]
fn the_exit_status_follows_the_marks() {
    for (matters, status) in [
        (vec![], ExitStatus::Complete),
        (vec![Matter::LockFree, Matter::NoReminder], ExitStatus::Complete),
        (vec![Matter::NoReminder, Matter::FileWritable(false)], ExitStatus::NeedsPerson),
        (vec![Matter::FileWritable(false), Matter::Stops(String::new())], ExitStatus::Configuration),
    ] {
        assert_eq!(report(matters).exit_status(), status);
    }
}

#[test]
fn an_interface_needs_somebody_for_a_mistake_and_where_nothing_else_serves() {
    let mark = |kind, cause: &Unusable, dead| {
        let line = InterfaceLine { dead, ..interface(kind, vec![cause.clone()]) };
        Matter::Interface(line).mark()
    };
    let (service, smtp) = (InterfaceKind::AppointmentNotification, InterfaceKind::Smtp);
    for cause in causes() {
        let faulty = matches!(cause, Unusable::Faulty { .. });
        let mistake = |or: bool| if faulty || or { Mark::Person } else { Mark::Note };
        assert_eq!(mark(service, &cause, None), mistake(cause == Unusable::NotServerSide), "{cause:?}");
        assert_eq!(mark(smtp, &cause, None), mistake(false), "{cause:?}");
        assert_eq!(mark(smtp, &cause, Some(Channel::Email)), Mark::Person, "{cause:?}");
    }
}

#[test]
fn json_has_a_row_for_each_finding() {
    let matters = matters();
    let text = report(matters.clone()).json(Lang::En);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), matters.len());
    let total = ["ok", "notes", "needs_person"].map(|key| json[key].as_u64().unwrap()).into_iter().sum::<u64>();
    assert_eq!(total, matters.len() as u64);
    assert_eq!((&json["exit_status"], &json["at"]), (&json!(78), &json!("2026-03-10T19:00:00+01:00")));
}
