//! Chapter B: which appointments count, and the order of the reasons against the others.

use terminbote::model::{Appointment, Status};
use terminbote::rules::CustomerRow;
use terminbote::settings::Notification;

use crate::situation::{
    ANNA, Booking, CustomerSentence, Practice, anna, appointment, bad, chain, customer, local, message,
};

/// A chain that reminds and confirms, with Anna.
fn practice() -> Practice {
    chain().confirming().with(anna())
}

/// What becomes of an appointment of this evening, and of the same one next week.
#[track_caller]
fn in_reach(practice: &Practice, booking: &Booking) -> (Option<&'static str>, bool) {
    let evening = practice.clone().with(booking.clone()).moved(booking.row.id, "2026-03-10 18:00");
    let next_week = practice.clone().with(booking.clone()).moved(booking.row.id, "2026-03-17 18:00");
    let reminder = evening.pass("2026-03-10 12:00");
    let confirmation = next_week.pass("2026-03-10 12:00");
    assert_ne!(reminder.reminded().is_empty(), reminder.skipped.is_empty(), "either reminded or skipped:\n{reminder}");
    (reminder.skipped(booking.row.id), !confirmation.confirmed().is_empty())
}

/// The appointment is neither reminded of nor confirmed, for this reason.
#[track_caller]
fn does_not_count(practice: &Practice, booking: &Booking, reason: &str) {
    assert_eq!(in_reach(practice, booking), (Some(reason), false));
}

#[track_caller]
fn counts(practice: &Practice, booking: &Booking) {
    assert_eq!(in_reach(practice, booking), (None, true));
}

#[test]
fn b_an_ordinary_appointment_counts() {
    counts(&practice(), &appointment(4711));
}

#[test]
fn b1_an_appointment_without_a_customer_does_not_count() {
    does_not_count(&practice(), &appointment(4711).of(None), "no_customer");
}

#[test]
fn b1_a_type_that_does_not_allow_automatic_messages_does_not_count() {
    does_not_count(&practice(), &appointment(4711).kind(2), "type_not_allowed");
}

#[test]
fn b2_a_group_appointment_does_not_count() {
    does_not_count(&practice(), &appointment(4711).group(), "group");
}

#[test]
fn b3_every_status_counts_but_cancelled_and_no_show() {
    let table: Vec<_> = Status::ALL
        .iter()
        .map(|status| (status.word(), in_reach(&practice(), &appointment(4711).status(*status))))
        .collect();
    assert_eq!(
        table,
        [
            ("proposed", (None, true)),
            ("booked", (None, true)),
            ("confirmed", (None, true)),
            ("arrived", (None, true)),
            ("completed", (None, true)),
            ("cancelled", (Some("cancelled"), false)),
            ("no_show", (Some("no_show"), false)),
        ]
    );
}

#[test]
fn b4_an_empty_branch_filter_selects_every_branch() {
    counts(&practice(), &appointment(4711).branch("HH"));
    counts(&practice(), &appointment(4711).branch("B"));
}

#[test]
fn b4_a_branch_filter_selects_the_branches_that_it_names() {
    let only_hamburg = practice().branch_filter(&["HH"]);
    counts(&only_hamburg, &appointment(4711).branch("HH"));
    does_not_count(&only_hamburg, &appointment(4711).branch("B"), "branch_not_selected");
    let both = practice().branch_filter(&["B", "HH"]);
    counts(&both, &appointment(4711).branch("HH"));
    counts(&both, &appointment(4711).branch("B"));
}

#[test]
fn b4_the_letter_case_of_a_code_counts_and_no_part_of_it_is_enough() {
    for filter in ["hh", "H", "HHH"] {
        does_not_count(&practice().branch_filter(&[filter]), &appointment(4711).branch("HH"), "branch_not_selected");
    }
}

#[test]
fn b4_blanks_around_the_codes_of_the_filter_are_ignored() {
    for (filter, codes) in [
        (" HH , B ", vec!["HH", "B"]),
        ("HH,B", vec!["HH", "B"]),
        ("hh, Süd West ,", vec!["hh", "Süd West"]),
        ("", vec![]),
        (" , ", vec![]),
    ] {
        let settings = Notification::read(&format!("{{\"branch_filter\":\"{filter}\"}}")).unwrap();
        assert_eq!(settings.branch_filter, codes, "{filter:?}");
    }
}

#[test]
fn b5_only_a_start_after_now_counts() {
    for (start, reminded) in [
        ("2026-03-10 11:00", false),
        ("2026-03-10 11:59", false),
        ("2026-03-10 12:00", false),
        ("2026-03-10 12:01", true),
    ] {
        let outcome = practice().with(appointment(4711).at(start)).pass("2026-03-10 12:00");
        assert_eq!(outcome.reminded() == [4711], reminded, "{start}");
        // What has begun is not in the window at all.
        assert_eq!(outcome.skipped(4711), None, "{start}");
    }
}

#[test]
fn b5_seconds_after_the_start_are_too_late() {
    let practice = practice().with(appointment(4711).at("2026-03-10 12:00"));
    practice.pass("2026-03-10 11:59:59").says(&["reminder to 7 by email of 4711"]);
    practice.pass("2026-03-10 12:00:01").says(&[]);
}

#[test]
fn b5_the_customers_start_counts_and_not_that_of_the_calendar() {
    // The calendar begins half an hour after the customer is to be there.
    let early = practice().with(appointment(4711).at("2026-03-10 12:30").for_the_customer_at("2026-03-10 12:00"));
    early.pass("2026-03-10 11:59").says(&["reminder to 7 by email of 4711"]);
    early.pass("2026-03-10 12:00").says(&[]);
    let late = practice().with(appointment(4711).at("2026-03-10 11:30").for_the_customer_at("2026-03-10 12:30"));
    late.pass("2026-03-10 12:00").says(&["reminder to 7 by email of 4711"]);
}

#[test]
fn b6_a_customer_who_has_died_gets_nothing() {
    does_not_count(&practice().with(anna().deceased()), &appointment(4711), "deceased");
}

#[test]
fn b6_a_customer_who_wants_no_messages_gets_no_reminder_and_no_confirmation() {
    does_not_count(&practice().with(anna().wants_no_messages()), &appointment(4711), "no_messages_wanted");
}

#[test]
fn b_an_appointment_with_several_reasons_gets_the_first_of_the_contract() {
    // Everything that can speak against an appointment does; then one after the other is mended.
    let mut practice = chain()
        .branch_filter(&["HH"])
        .with(customer(ANNA).deceased())
        .with(appointment(4711).of(None).at("2026-03-10 18:00").group().kind(2).branch("B").unreadable())
        .with(message(812).reminder().at("2026-03-10 08:00").about(4711))
        .with(message(813).by_hand().at("2026-03-10 09:00").about(4711));
    let again = |change: &dyn Fn(&mut Appointment)| {
        let mut booking =
            appointment(4711).at("2026-03-10 18:00").group().kind(2).branch("B").status(Status::Cancelled);
        change(booking.row.content.as_mut().unwrap());
        booking
    };
    let mut reasons = Vec::new();
    let mut tell = |practice: &Practice| {
        let outcome = practice.pass("2026-03-10 12:00");
        reasons.push(outcome.skipped(4711).unwrap_or("reminded"));
    };
    tell(&practice);
    practice = practice.with(again(&|_| ()).of(None));
    tell(&practice);
    practice = practice.with(again(&|_| ()));
    tell(&practice);
    practice = practice.changed(4711, |appointment| appointment.is_group = false);
    tell(&practice);
    practice = practice.changed(4711, |appointment| appointment.status = Status::NoShow);
    tell(&practice);
    practice = practice.changed(4711, |appointment| appointment.status = Status::Booked);
    tell(&practice);
    practice = practice.changed(4711, |appointment| appointment.type_id = 1);
    tell(&practice);
    practice = practice.changed(4711, |appointment| appointment.branch_id = 1);
    tell(&practice);
    practice = practice.with(customer(ANNA).wants_no_messages());
    tell(&practice);
    practice = practice.with(customer(ANNA));
    tell(&practice);
    practice.messages.retain(|message| format!("{message:?}").contains("Manual"));
    tell(&practice);
    practice.messages.clear();
    tell(&practice);
    practice = practice.with(anna());
    tell(&practice);
    assert_eq!(
        reasons,
        [
            "bad_data",
            "no_customer",
            "group",
            "cancelled",
            "no_show",
            "type_not_allowed",
            "branch_not_selected",
            "deceased",
            "no_messages_wanted",
            "already_reminded",
            "recent_message",
            "unreachable",
            "reminded",
        ]
    );
}

#[test]
fn b_death_goes_before_no_messages_wanted() {
    does_not_count(&practice().with(anna().deceased().wants_no_messages()), &appointment(4711), "deceased");
}

#[test]
fn b_what_cannot_be_understood_is_named_and_stops_nobody_else() {
    let mut practice = chain()
        .confirming()
        .with(anna())
        .with(customer(9).email("otto@example.de"))
        .with(CustomerRow::Bad(8, bad("customer", 8, "deceased")))
        .with(appointment(1).at("2026-03-10 13:00").unreadable())
        .with(appointment(2).at("2026-03-10 13:10").of(8))
        .with(appointment(3).at("2026-03-10 13:20").of(404))
        .with(appointment(4).at("2026-03-10 13:30").kind(404))
        .with(appointment(5).at("2026-03-10 13:40").kind(3))
        .with(appointment(6).at("2026-03-10 13:50"))
        .with(appointment(7).at("2026-03-10 14:00"))
        .with(appointment(8).at("2026-03-10 14:10"))
        .with(appointment(9).at("2026-03-10 14:20").of(9))
        .changed(6, |appointment| appointment.branch_id = 404)
        .changed(7, |appointment| appointment.branch_id = 3);
    practice.chain.types.insert(3, Err(bad("appointment_type", 3, "auto_notify")));
    practice.chain.branches.insert(3, Err(bad("branch", 3, "code")));
    practice.pass("2026-03-10 12:00").says(&[
        "reminder to 7 by email of 8",
        "reminder to 9 by email of 9",
        "1 skipped: bad_data in appointment 1, status",
        "2 skipped: bad_data in customer 8, deceased",
        "3 skipped: bad_data in appointment 3, customer_id",
        "4 skipped: bad_data in appointment 4, type_id",
        "5 skipped: bad_data in appointment_type 3, auto_notify",
        "6 skipped: bad_data in appointment 6, branch_id",
        "7 skipped: bad_data in branch 3, code",
    ]);
}

#[test]
fn b_a_bad_row_is_named_whatever_else_speaks_against_it() {
    let practice = chain()
        .with(anna().deceased())
        .with(appointment(1).at("2026-03-10 13:00").kind(404).group().status(Status::Cancelled))
        .with(appointment(2).at("2026-03-10 13:10").kind(404).of(None));
    practice
        .pass("2026-03-10 12:00")
        .says(&["1 skipped: bad_data in appointment 1, type_id", "2 skipped: bad_data in appointment 2, type_id"]);
}

#[test]
fn b_a_row_whose_start_cannot_be_understood_is_named() {
    let mut practice =
        chain().with(anna()).with(appointment(1).unreadable()).with(appointment(2).at("2026-03-10 18:00"));
    assert_eq!(practice.booking(1).row.start, None);
    practice
        .pass("2026-03-10 12:00")
        .says(&["reminder to 7 by email of 2", "1 skipped: bad_data in appointment 1, status"]);
}

#[test]
fn b_what_cannot_be_understood_months_ahead_is_no_skipped_reminder() {
    let practice = practice().with(appointment(1).at("2026-05-10 13:00").kind(404));
    practice.pass("2026-03-10 12:00").says(&["not understood: appointment 1, type_id"]);
}

#[test]
fn b_skipped_appointments_outside_the_window_are_not_listed() {
    let practice = chain()
        .with(anna())
        .with(appointment(1).at("2026-03-10 22:59").status(Status::Cancelled))
        .with(appointment(2).at("2026-03-10 23:00").status(Status::Cancelled))
        .with(appointment(3).at("2026-03-10 12:00").status(Status::Cancelled));
    let outcome = practice.pass("2026-03-10 12:00");
    outcome.says(&["1 skipped: cancelled"]);
    assert_eq!(outcome.skipped[0].start, Some(local("2026-03-10 22:59")));
    assert_eq!((outcome.skipped[0].branch_id, outcome.skipped[0].customer_id), (Some(1), Some(ANNA)));
}

#[test]
fn b_a_row_whose_start_cannot_be_understood_is_named_where_only_confirmations_are_sent_too() {
    let practice = chain().only_confirming().with(anna()).with(appointment(1).unreadable());
    practice.pass("2026-03-10 12:00").says(&["not understood: appointment 1, status"]);
}
