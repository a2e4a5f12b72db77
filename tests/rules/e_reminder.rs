//! Chapter E: the reminder.

use terminbote::model::{Channel, State, Status};
use terminbote::settings::Notification;

use crate::situation::{CustomerSentence, Message, Practice, anna, appointment, chain, customer, local, message};

/// The end of the reminder window of a pass, and whether it looks ahead.
#[track_caller]
fn window(practice: &Practice, at: &str) -> (String, bool) {
    let window = practice.pass(at).window.expect("a pass that is not quiet");
    (practice.zone().local(window.until).format("%m-%d %H:%M").to_string(), window.look_ahead)
}

#[track_caller]
fn reaches(practice: &Practice, at: &str, until: &str, look_ahead: bool) {
    assert_eq!(window(practice, at), (until.to_owned(), look_ahead), "at {at}");
}

/// Whether a pass at `at` reminds Anna of an appointment at `start`.
#[track_caller]
fn reminds(practice: &Practice, at: &str, start: &str) -> bool {
    !practice.clone().with(anna()).with(appointment(4711).at(start)).pass(at).messages.is_empty()
}

#[test]
fn e1_ten_hours_before_at_12_reminds_of_22_00_to_22_59() {
    let practice = chain().hours_before(10);
    for at in ["2026-03-10 12:00", "2026-03-10 12:07", "2026-03-10 12:59", "2026-03-10 12:59:59"] {
        assert!(reminds(&practice, at, "2026-03-10 22:00"), "{at}");
        assert!(reminds(&practice, at, "2026-03-10 22:59"), "{at}");
        assert!(!reminds(&practice, at, "2026-03-10 23:00"), "{at}");
        reaches(&practice, at, "03-10 23:00", false);
    }
}

#[test]
fn e1_each_pass_of_an_hourly_rhythm_adds_one_hour() {
    let practice = chain().hours_before(10);
    for (at, until) in [
        ("2026-03-10 10:55", "03-10 21:00"),
        ("2026-03-10 11:02", "03-10 22:00"),
        ("2026-03-10 12:58", "03-10 23:00"),
        ("2026-03-10 13:00", "03-11 00:00"),
        ("2026-03-10 14:31", "03-11 01:00"),
    ] {
        reaches(&practice, at, until, false);
    }
}

#[test]
fn e1_what_was_booked_late_or_missed_is_made_up_for() {
    let practice = chain().hours_before(10);
    for start in ["2026-03-10 12:01", "2026-03-10 13:00", "2026-03-10 21:59"] {
        assert!(reminds(&practice, "2026-03-10 12:00", start), "{start}");
    }
}

#[test]
fn e1_one_hour_before_is_the_least_and_99_the_most() {
    reaches(&chain().hours_before(1), "2026-03-10 12:07", "03-10 14:00", false);
    reaches(&chain().hours_before(99), "2026-03-10 12:07", "03-14 16:00", false);
    let read = |hours: i64| {
        let reminder = format!("{{\"hours_before\":{hours},\"min_hours_between_messages\":{hours}}}");
        Notification::read(&format!("{{\"reminder\":{reminder}}}")).is_ok()
    };
    assert_eq!([-1, 0, 1, 99, 100].map(read), [false, false, true, true, false]);
}

#[test]
fn e2_with_6_hours_and_a_night_rest_from_20_to_6_the_pass_at_19_reminds_until_12_of_the_next_day() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(6);
    reaches(&practice, "2026-03-10 19:00", "03-11 12:00", true);
    assert!(reminds(&practice, "2026-03-10 19:00", "2026-03-11 11:59"));
    assert!(!reminds(&practice, "2026-03-10 19:00", "2026-03-11 12:00"));
}

#[test]
fn e2_with_23_hours_and_a_night_rest_from_20_to_6_the_pass_at_19_reminds_until_20_of_the_next_day() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(23);
    reaches(&practice, "2026-03-10 19:00", "03-11 20:00", true);
    assert!(reminds(&practice, "2026-03-10 19:00", "2026-03-11 19:59"));
    assert!(!reminds(&practice, "2026-03-10 19:00", "2026-03-11 20:00"));
}

#[test]
fn e2_at_18_29_there_is_no_look_ahead() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(6);
    reaches(&practice, "2026-03-10 18:29", "03-11 01:00", false);
    reaches(&practice, "2026-03-10 18:29:59", "03-11 01:00", false);
}

#[test]
fn e2_at_18_30_there_is_a_look_ahead_and_until_the_last_second() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(6);
    for at in ["2026-03-10 18:30", "2026-03-10 19:07", "2026-03-10 19:59:59"] {
        reaches(&practice, at, "03-11 12:00", true);
    }
}

#[test]
fn e2_an_appointment_during_the_night_rest_is_in_the_one_piece_of_the_window() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(1);
    for start in ["2026-03-10 19:15", "2026-03-10 21:30", "2026-03-11 02:00", "2026-03-11 05:30", "2026-03-11 06:59"] {
        assert!(reminds(&practice, "2026-03-10 19:00", start), "{start}");
    }
    assert!(!reminds(&practice, "2026-03-10 19:00", "2026-03-11 07:00"));
}

#[test]
fn e2_without_a_night_rest_the_maintenance_window_is_looked_past() {
    let practice = chain().hours_before(6);
    reaches(&practice, "2026-03-10 21:29", "03-11 04:00", false);
    reaches(&practice, "2026-03-10 21:30", "03-11 10:00", true);
    reaches(&practice, "2026-03-10 22:59", "03-11 10:00", true);
}

#[test]
fn e2_a_night_rest_that_begins_at_midnight_is_merged_with_the_maintenance_window() {
    let practice = chain().night_rest("00:00", "06:00").hours_before(6);
    reaches(&practice, "2026-03-10 21:30", "03-11 12:00", true);
    reaches(&practice, "2026-03-10 22:30", "03-11 12:00", true);
}

#[test]
fn e2_a_rest_at_noon_is_looked_past_until_the_night() {
    let noon = |hours| chain().night_rest("12:00", "14:00").hours_before(hours);
    reaches(&noon(6), "2026-03-10 10:29", "03-10 17:00", false);
    reaches(&noon(6), "2026-03-10 10:30", "03-10 20:00", true);
    // q2, the maintenance window of the same evening, ends the look-ahead.
    reaches(&noon(10), "2026-03-10 11:00", "03-10 23:00", true);
}

#[test]
fn e2_the_regular_window_holds_where_it_reaches_further() {
    let practice = chain().night_rest("20:00", "06:00").hours_before(48);
    reaches(&practice, "2026-03-10 19:00", "03-12 20:00", true);
}

#[test]
fn e2_in_the_short_time_between_two_rests_the_whole_time_is_look_ahead() {
    let practice = chain().night_rest("05:00", "22:30").hours_before(1);
    reaches(&practice, "2026-03-10 04:00", "03-10 23:00", true);
    reaches(&practice, "2026-03-10 22:30", "03-11 05:00", true);
}

/// Anna's appointment this evening at 22:30, with six hours between messages.
fn evening() -> Practice {
    chain().hours_before(20).hours_between(6).with(anna()).with(appointment(4711).at("2026-03-10 22:30"))
}

const REMINDED: &[&str] = &["reminder to 7 by email of 4711"];

#[test]
fn e3_by_hand_at_12_nothing_until_17_59_and_again_from_18() {
    let practice = evening().with(message(812).by_hand().at("2026-03-10 12:00").about(4711));
    for at in ["2026-03-10 12:00", "2026-03-10 12:01", "2026-03-10 17:00", "2026-03-10 17:59", "2026-03-10 17:59:59"] {
        practice.pass(at).says(&["4711 skipped: recent_message 812, until 2026-03-10 18:00"]);
    }
    practice.pass("2026-03-10 18:00").says(REMINDED);
}

#[test]
fn e3_an_appointment_before_18_gets_no_reminder_at_all() {
    let mut practice = chain()
        .hours_before(10)
        .hours_between(6)
        .with(anna())
        .with(appointment(4711).at("2026-03-10 17:45"))
        .with(message(812).by_hand().at("2026-03-10 12:00").about(4711));
    for hour in 12..22 {
        practice = practice.after_pass(&format!("2026-03-10 {hour}:05"));
    }
    assert_eq!(practice.messages.len(), 1, "only the one by hand");
}

#[test]
fn e3_minutes_count_and_seconds_do_not() {
    let sent_at = |at| evening().with(message(812).by_hand().at(at).about(4711));
    for at in ["2026-03-10 12:07:00", "2026-03-10 12:07:59"] {
        sent_at(at).pass("2026-03-10 18:06:59").says(&["4711 skipped: recent_message 812, until 2026-03-10 18:07"]);
        sent_at(at).pass("2026-03-10 18:07:00").says(REMINDED);
        sent_at(at).pass("2026-03-10 18:07:30").says(REMINDED);
    }
}

#[test]
fn e3_it_stays_due_and_a_later_pass_reminds_of_it() {
    let mut practice = evening().with(message(812).by_hand().at("2026-03-10 12:20").about(4711));
    let mut reminded_at = Vec::new();
    for hour in 13..22 {
        let at = format!("2026-03-10 {hour}:10");
        if !practice.pass(&at).messages.is_empty() {
            reminded_at.push(hour);
        }
        practice = practice.after_pass(&at);
    }
    assert_eq!(reminded_at, [19]);
}

#[test]
fn e3_one_hour_and_99_hours_are_possible() {
    let practice = |hours| evening().hours_between(hours).with(message(812).by_hand().at("2026-03-06 12:00"));
    practice(99)
        .moved(4711, "2026-03-10 16:00")
        .pass("2026-03-10 14:59")
        .says(&["4711 skipped: recent_message 812, until 2026-03-10 15:00"]);
    practice(99).moved(4711, "2026-03-10 16:00").pass("2026-03-10 15:00").says(REMINDED);
    let just_now = |at| evening().hours_between(1).with(message(812).by_hand().at("2026-03-10 12:00")).pass(at);
    just_now("2026-03-10 12:59").says(&["4711 skipped: recent_message 812, until 2026-03-10 13:00"]);
    just_now("2026-03-10 13:00").says(REMINDED);
}

#[test]
fn e3_it_is_the_customer_who_is_not_to_get_two_messages() {
    // A reminder of another appointment holds this one back; another customer's does not.
    let practice = evening()
        .with(customer(8).email("otto@example.de"))
        .with(appointment(4712).at("2026-03-10 14:00"))
        .with(appointment(4713).at("2026-03-10 14:00").of(8));
    let told = |customer_id, about| message(812).reminder().at("2026-03-10 12:00").to(customer_id).about(about);
    practice.clone().with(told(7, 4712)).pass("2026-03-10 13:00").says(&[
        "reminder to 8 by email of 4713",
        "4712 skipped: already_reminded",
        "4711 skipped: recent_message 812, until 2026-03-10 18:00",
    ]);
    practice
        .with(told(8, 4713))
        .pass("2026-03-10 13:00")
        .says(&["reminder to 7 by email of 4712, 4711", "4713 skipped: already_reminded"]);
}

#[test]
fn e3_a_confirmation_holds_back_only_what_it_stated() {
    let june = appointment(4712).at("2026-06-10 10:00");
    let confirmation = message(812).confirmation().at("2026-03-10 12:00");
    // Of some day in June: no reminder of today.
    evening().with(june.clone()).with(confirmation.clone().about(4712)).pass("2026-03-10 13:00").says(REMINDED);
    // Of this appointment.
    let both = confirmation.clone().about(4711).about(4712);
    evening()
        .with(june)
        .with(both)
        .pass("2026-03-10 13:00")
        .says(&["4711 skipped: recent_message 812, until 2026-03-10 18:00"]);
    // Of this appointment at another time.
    evening().with(confirmation.stating(4711, "2026-03-10 21:00")).pass("2026-03-10 13:00").says(REMINDED);
}

#[test]
fn e3_a_message_that_does_not_count_holds_nothing_back() {
    for state in State::ALL {
        // To another address, since one that was rejected would not be tried again (F7).
        let told = message(812).by_hand().by(Channel::Email, "alt@example.de").at("2026-03-10 12:00").about(4711);
        let told = told.state(*state);
        let held_back = evening().with(told).pass("2026-03-10 13:00").messages.is_empty();
        assert_eq!(held_back, state.counts(), "{state}");
    }
}

#[test]
fn e3_a_message_by_hand_that_is_yet_to_come_holds_nothing_back() {
    evening().with(message(812).by_hand().at("2026-03-10 13:01").about(4711)).pass("2026-03-10 13:00").says(REMINDED);
}

#[test]
fn e3_of_several_messages_the_one_that_holds_back_longest_is_named() {
    let practice = evening()
        .with(message(814).by_hand().at("2026-03-10 11:00").about(4711))
        .with(message(812).by_hand().at("2026-03-10 12:00").about(4711))
        .with(message(813).by_hand().at("2026-03-10 12:00:30").about(4711));
    practice.pass("2026-03-10 13:00").says(&["4711 skipped: recent_message 813, until 2026-03-10 18:00"]);
}

#[test]
fn e4_a_start_is_reminded_of_once_however_long_ago() {
    let practice = chain()
        .hours_before(99)
        .hours_between(1)
        .with(anna())
        .with(appointment(4711).at("2026-03-14 15:00"))
        .after_pass("2026-03-10 12:30");
    for at in ["2026-03-10 12:30", "2026-03-10 13:30", "2026-03-11 12:30", "2026-03-14 14:59"] {
        practice.pass(at).says(&["4711 skipped: already_reminded"]);
    }
}

#[test]
fn e4_a_confirmation_or_a_message_by_hand_does_not_use_it_up() {
    for told in [message(812).confirmation(), message(812).by_hand()] {
        evening().with(told.at("2026-03-10 02:00").about(4711)).pass("2026-03-10 13:00").says(REMINDED);
    }
}

#[test]
fn e4_a_reminder_that_did_not_count_does_not_use_it_up() {
    let deferred = message(812).reminder().at("2026-03-10 12:00").about(4711).state(State::Deferred);
    evening().with(deferred).pass("2026-03-10 13:00").says(REMINDED);
}

#[test]
fn e4_a_moved_appointment_is_reminded_of_again() {
    let practice = evening().after_pass("2026-03-10 09:00");
    practice.clone().pass("2026-03-10 13:00").says(&["4711 skipped: already_reminded"]);
    practice.moved(4711, "2026-03-10 22:00").pass("2026-03-10 13:00").says(REMINDED);
}

#[test]
fn e4_moved_away_and_back_without_a_message_in_between_is_not_reminded_of_again() {
    let practice = evening().after_pass("2026-03-10 09:00").moved(4711, "2026-03-10 22:00");
    practice.moved(4711, "2026-03-10 22:30").pass("2026-03-10 20:00").says(&["4711 skipped: already_reminded"]);
}

#[test]
fn e4_moved_away_and_back_with_any_message_in_between_is_reminded_of_again() {
    let practice = evening().after_pass("2026-03-10 05:00");
    for told in [message(812).reminder(), message(812).by_hand(), message(812).confirmation()] {
        let told = told.at("2026-03-10 06:00").stating(4711, "2026-03-10 22:00");
        practice.clone().with(told).pass("2026-03-10 13:00").says(REMINDED);
    }
}

#[test]
fn e4_moved_back_soon_the_first_message_is_live_again_and_e3_waits_for_it() {
    let practice =
        evening().after_pass("2026-03-10 12:00").moved(4711, "2026-03-10 22:00").after_pass("2026-03-10 13:00");
    let back = practice.moved(4711, "2026-03-10 22:30");
    let outcome = back.pass("2026-03-10 14:00");
    assert_eq!(outcome.skipped(4711), Some("recent_message"), "{outcome}");
    assert_eq!(back.pass("2026-03-10 17:59").reminded(), Vec::<i64>::new());
    back.pass("2026-03-10 18:00").says(REMINDED);
}

#[test]
fn e4_a_later_message_that_repeats_the_start_keeps_it_reminded() {
    let practice =
        evening().after_pass("2026-03-10 05:00").with(message(812).by_hand().at("2026-03-10 06:00").about(4711));
    practice.pass("2026-03-10 13:00").says(&["4711 skipped: already_reminded"]);
}

#[test]
fn e4_another_customer_is_reminded_anew() {
    let practice = evening().after_pass("2026-03-10 09:00").with(customer(8).email("otto@example.de"));
    let handed_on = practice.with(appointment(4711).of(8).at("2026-03-10 22:30"));
    handed_on.pass("2026-03-10 10:00").says(&["reminder to 8 by email of 4711"]);
}

#[test]
fn e5_one_message_covers_all_due_appointments_of_a_customer() {
    let practice = chain()
        .with(anna())
        .with(customer(8).email("otto@example.de"))
        .with(appointment(3).at("2026-03-10 15:00"))
        .with(appointment(1).at("2026-03-10 18:00").branch("B"))
        .with(appointment(2).at("2026-03-10 15:00"))
        .with(appointment(4).at("2026-03-10 14:00").of(8))
        .with(appointment(5).at("2026-03-10 16:00").status(Status::Cancelled));
    practice.pass("2026-03-10 12:00").says(&[
        "reminder to 8 by email of 4",
        "reminder to 7 by email of 2, 3, 1",
        "5 skipped: cancelled",
    ]);
}

#[test]
fn e5_what_is_held_back_is_not_in_the_message() {
    let confirmed = message(812).confirmation().at("2026-03-10 11:00").about(2);
    let practice = chain()
        .with(anna())
        .with(appointment(1).at("2026-03-10 15:00"))
        .with(appointment(2).at("2026-03-10 16:00"))
        .with(confirmed);
    practice
        .pass("2026-03-10 12:00")
        .says(&["reminder to 7 by email of 1", "2 skipped: recent_message 812, until 2026-03-10 17:00"]);
}

/// Three appointments of Anna today, two of them within ten hours of noon, and one tomorrow.
fn a_full_day() -> Practice {
    chain()
        .hours_between(1)
        .with(anna())
        .with(appointment(1).at("2026-03-10 14:00"))
        .with(appointment(2).at("2026-03-10 22:30"))
        .with(appointment(3).at("2026-03-10 23:30"))
        .with(appointment(4).at("2026-03-11 08:00"))
}

#[test]
fn e6_without_the_option_a_day_is_reminded_of_hour_by_hour() {
    let practice = a_full_day();
    practice.pass("2026-03-10 11:00").says(&["reminder to 7 by email of 1"]);
    let practice = practice.after_pass("2026-03-10 11:00");
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by email of 2", "1 skipped: already_reminded"]);
    let practice = practice.after_pass("2026-03-10 12:00");
    practice.pass("2026-03-10 13:00").says(&[
        "reminder to 7 by email of 3",
        "1 skipped: already_reminded",
        "2 skipped: already_reminded",
    ]);
}

#[test]
fn e6_with_the_option_the_first_due_one_takes_in_the_rest_of_its_date() {
    let practice = a_full_day().combining_dates();
    practice.pass("2026-03-10 11:00").says(&["reminder to 7 by email of 1, 2, 3"]);
    practice.after_pass("2026-03-10 11:00").pass("2026-03-10 13:00").says(&[
        "1 skipped: already_reminded",
        "2 skipped: already_reminded",
        "3 skipped: already_reminded",
    ]);
}

#[test]
fn e6_every_date_of_a_due_appointment_is_taken_in() {
    let practice = a_full_day().combining_dates().with(appointment(5).at("2026-03-11 20:00")).hours_before(20);
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by email of 1, 2, 3, 4, 5"]);
}

#[test]
fn e6_takes_in_what_a_confirmation_holds_back() {
    let confirmed = message(812).confirmation().at("2026-03-10 11:30").about(2);
    let practice = a_full_day().with(confirmed);
    practice
        .clone()
        .pass("2026-03-10 12:00")
        .says(&["reminder to 7 by email of 1", "2 skipped: recent_message 812, until 2026-03-10 12:30"]);
    practice.combining_dates().pass("2026-03-10 12:00").says(&["reminder to 7 by email of 1, 2, 3"]);
}

#[test]
fn e6_takes_in_nothing_without_a_due_one() {
    // The one in the window was confirmed just now, so that the whole date waits.
    let confirmed = message(812).confirmation().at("2026-03-10 11:30").about(1);
    let practice = a_full_day().with(confirmed).moved(2, "2026-03-10 23:00").combining_dates();
    practice.pass("2026-03-10 12:00").says(&["1 skipped: recent_message 812, until 2026-03-10 12:30"]);
    // The only one in the window was reminded of before.
    let reminded = message(812).reminder().at("2026-03-10 09:30").about(1);
    let practice = a_full_day().with(reminded).moved(2, "2026-03-10 23:00").combining_dates();
    practice.pass("2026-03-10 12:00").says(&["1 skipped: already_reminded"]);
}

#[test]
fn e6_takes_in_only_what_counts_and_was_not_reminded_of() {
    let practice = a_full_day()
        .combining_dates()
        .with(customer(8).email("otto@example.de"))
        .with(appointment(5).at("2026-03-10 12:00"))
        .with(appointment(6).at("2026-03-10 23:40").group())
        .with(appointment(7).at("2026-03-10 23:41").status(Status::Cancelled))
        .with(appointment(8).at("2026-03-10 23:42").kind(2))
        .with(appointment(9).at("2026-03-10 23:43").of(8))
        .with(appointment(10).at("2026-03-10 23:44"))
        .with(appointment(11).at("2026-03-10 23:45").unreadable())
        .with(appointment(12).at("2026-03-10 23:46"))
        .with(message(812).reminder().at("2026-03-10 09:00").about(10));
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by email of 1, 2, 3, 12"]);
}

#[test]
fn e6_the_date_is_that_of_the_customers_start() {
    let practice = a_full_day()
        .combining_dates()
        .with(appointment(5).at("2026-03-11 00:10").for_the_customer_at("2026-03-10 23:55"))
        .with(appointment(6).at("2026-03-10 23:50").for_the_customer_at("2026-03-11 00:05"));
    practice.pass("2026-03-10 11:00").says(&["reminder to 7 by email of 1, 2, 3, 5"]);
}

#[test]
fn e6_who_cannot_be_reached_is_named_once_for_each_due_one() {
    let practice = a_full_day().combining_dates().with(customer(7));
    practice.pass("2026-03-10 12:00").says(&[
        "1 skipped: unreachable, email NoAddress, sms NoAddress",
        "2 skipped: unreachable, email NoAddress, sms NoAddress",
    ]);
}

#[test]
fn e6_who_cannot_be_reached_keeps_the_reason_of_what_is_held_back() {
    let confirmed = message(812).confirmation().at("2026-03-10 11:30").about(2);
    let practice = a_full_day().with(confirmed).combining_dates().with(customer(7));
    practice.pass("2026-03-10 12:00").says(&[
        "1 skipped: unreachable, email NoAddress, sms NoAddress",
        "2 skipped: recent_message 812, until 2026-03-10 12:30",
    ]);
}

#[test]
fn e6_e3_comes_before_combining() {
    let practice = a_full_day().combining_dates().with(message(812).by_hand().at("2026-03-10 11:30"));
    practice.pass("2026-03-10 12:00").says(&[
        "1 skipped: recent_message 812, until 2026-03-10 12:30",
        "2 skipped: recent_message 812, until 2026-03-10 12:30",
    ]);
}

#[test]
fn e7_the_text_is_that_of_the_channel_in_the_contact_template() {
    let text = |practice: Practice| practice.pass("2026-03-10 13:00").messages[0].route.document_template.clone();
    assert_eq!(text(evening()), "Erinnerung email");
    assert_eq!(text(evening().with(customer(7).phone(1, "0152 28817386").sms_ok())), "Erinnerung sms");
}

#[test]
fn e_without_reminders_in_the_settings_there_is_no_window_and_nothing_is_skipped() {
    let outcome = evening().only_confirming().pass("2026-03-10 13:00");
    assert_eq!(outcome.window, None);
    outcome.says(&[]);
}

#[test]
fn e_every_appointment_in_the_window_is_either_reminded_of_or_named_once() {
    let told = |id: i64| -> Message { message(id).by_hand().at("2026-03-10 11:00").to(id) };
    let practice =
        chain().with(anna()).with(customer(8).email("otto@example.de")).with(customer(9)).with(told(8)).with_all(
            (1..=30_i64).map(|id| {
                let customer_id = [Some(7), Some(8), Some(9), None, Some(404)][usize::try_from(id % 5).unwrap()];
                appointment(id).at(&format!("2026-03-10 {}:{:02}", 13 + id % 9, id)).of(customer_id)
            }),
        );
    let outcome = practice.pass("2026-03-10 12:00");
    let mut named: Vec<i64> = outcome.skipped.iter().map(|skipped| skipped.appointment_id).collect();
    named.extend(outcome.reminded());
    named.sort_unstable();
    assert_eq!(named, (1..=30).collect::<Vec<_>>());
    assert!(outcome.skipped.is_sorted_by_key(|skipped| (skipped.start, skipped.appointment_id)));
    assert_eq!(outcome.messages[0].first().start(), local("2026-03-10 14:10"));
    assert_eq!(outcome.messages[0].route.address.channel(), Channel::Email);
}
