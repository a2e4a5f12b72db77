//! Chapter D: the confirmation.

use chrono::{Datelike, Duration, NaiveDate};
use terminbote::contact::Address;
use terminbote::model::{Channel, Kind, State};
use terminbote::rules::window::ConfirmationWindow;

use crate::situation::{
    CustomerSentence, OutletSentence, Practice, anna, appointment, chain, customer, message, outlet, utc, zone,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn window(today: &str) -> (String, String) {
    let window = ConfirmationWindow::new(day(today));
    (window.from.to_string(), window.to.to_string())
}

#[track_caller]
fn reaches(today: &str, from: &str, to: &str) {
    assert_eq!(window(today), (from.to_owned(), to.to_owned()), "run on {today}");
}

fn practice() -> Practice {
    chain().only_confirming().with(anna())
}

#[test]
fn d1_the_four_dates_of_the_rules() {
    reaches("2026-02-10", "2026-02-11", "2026-06-30");
    reaches("2026-03-31", "2026-04-01", "2026-06-30");
    reaches("2026-04-01", "2026-04-02", "2026-09-30");
    reaches("2026-10-15", "2026-10-16", "2027-03-31");
}

#[test]
fn d1_the_first_and_the_last_day_of_every_quarter() {
    reaches("2026-01-01", "2026-01-02", "2026-06-30");
    reaches("2026-03-31", "2026-04-01", "2026-06-30");
    reaches("2026-04-01", "2026-04-02", "2026-09-30");
    reaches("2026-06-30", "2026-07-01", "2026-09-30");
    reaches("2026-07-01", "2026-07-02", "2026-12-31");
    reaches("2026-09-30", "2026-10-01", "2026-12-31");
    reaches("2026-10-01", "2026-10-02", "2027-03-31");
    reaches("2026-12-31", "2027-01-01", "2027-03-31");
}

#[test]
fn d1_a_leap_year_has_its_29th_of_february() {
    reaches("2028-02-28", "2028-02-29", "2028-06-30");
    reaches("2028-02-29", "2028-03-01", "2028-06-30");
    reaches("2027-02-28", "2027-03-01", "2027-06-30");
    reaches("2027-12-31", "2028-01-01", "2028-03-31");
}

#[test]
fn d1_on_every_day_of_ten_years_the_window_ends_with_the_next_quarter() {
    let mut today = day("2023-12-31");
    while today < day("2034-01-01") {
        let window = ConfirmationWindow::new(today);
        assert_eq!(window.from, today.succ_opt().unwrap());
        assert!(matches!((window.to.month(), window.to.day()), (3 | 12, 31) | (6 | 9, 30)), "{today}");
        let quarter = |date: NaiveDate| date.year() * 4 + i32::try_from(date.month0() / 3).unwrap();
        assert_eq!(quarter(window.to), quarter(today) + 1, "{today}");
        today += Duration::days(1);
    }
}

#[test]
fn d1_todays_appointments_are_not_confirmed_and_tomorrows_are() {
    let practice = practice()
        .with(appointment(1).at("2026-02-10 23:59"))
        .with(appointment(2).at("2026-02-11 00:00"))
        .with(appointment(3).at("2026-06-30 23:59"))
        .with(appointment(4).at("2026-07-01 00:00"));
    practice.pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 2, 3"]);
}

#[test]
fn d1_tomorrow_is_read_off_the_local_clock() {
    // Half past six in the evening of the 10th in Berlin is the morning of the 11th in Auckland.
    let now = utc("2026-02-10T17:30:00Z");
    let practice = practice().with(appointment(1).at("2026-02-11 12:00"));
    practice.pass_at(now).says(&["confirmation to 7 by email of 1"]);
    practice.in_zone(zone("Pacific/Auckland")).pass_at(now).says(&[]);
}

#[test]
fn d1_the_customers_start_decides_about_the_date() {
    let practice = practice()
        .with(appointment(1).at("2026-02-11 00:15").for_the_customer_at("2026-02-10 23:45"))
        .with(appointment(2).at("2026-02-10 23:45").for_the_customer_at("2026-02-11 00:15"));
    practice.pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 2"]);
}

#[test]
fn d1_a_message_of_any_kind_makes_a_confirmation_needless() {
    let practice = practice().with(appointment(1).at("2026-02-20 10:00"));
    for told in [message(9).by_hand(), message(9).reminder(), message(9).confirmation()] {
        practice.clone().with(told.at("2026-02-01 10:00").about(1)).pass("2026-02-10 10:00").says(&[]);
    }
    // About another appointment it does not.
    let other = message(9).by_hand().at("2026-02-10 09:00").about(404);
    practice.with(other).pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 1"]);
}

#[test]
fn d1_only_if_configured() {
    let practice = chain().with(anna()).with(appointment(1).at("2026-02-20 10:00"));
    practice.clone().pass("2026-02-10 10:00").says(&[]);
    practice.confirming().pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 1"]);
}

#[test]
fn d1_after_setting_up_everything_is_confirmed_that_nobody_was_told_of() {
    let practice = practice()
        .with(customer(8).email("otto@example.de"))
        .with(appointment(1).at("2026-02-20 10:00"))
        .with(appointment(2).at("2026-05-20 10:00"))
        .with(appointment(3).at("2026-03-20 10:00").of(8));
    practice
        .clone()
        .pass("2026-02-10 10:00")
        .says(&["confirmation to 7 by email of 1, 2", "confirmation to 8 by email of 3"]);
    practice.after_pass("2026-02-10 10:00").pass("2026-02-10 11:00").says(&[]);
}

#[test]
fn d1_a_weekly_series_is_confirmed_once_a_quarter() {
    let fridays = (0..40_i64).map(|week| {
        let date = day("2026-01-09") + Duration::weeks(week);
        appointment(100 + week).at(&format!("{date} 10:00"))
    });
    let mut practice = practice().with_all(fridays);
    let mut sent = Vec::new();
    let mut today = day("2026-01-05");
    while today < day("2026-10-01") {
        let now = practice.zone().instant(today.and_hms_opt(10, 0, 0).unwrap());
        let outcome = practice.pass_at(now);
        if let Some(message) = outcome.messages.first() {
            sent.push((today.to_string(), message.covers.len()));
        }
        practice.record(&outcome, now);
        today += Duration::days(1);
    }
    let expected = [("2026-01-05", 25), ("2026-04-01", 13), ("2026-07-01", 2)];
    assert_eq!(sent, expected.map(|(date, count)| (date.to_owned(), count)));
}

#[test]
fn d2_one_mail_lists_all_candidates_by_start_then_id() {
    let practice = practice()
        .with(appointment(5).at("2026-05-02 10:00"))
        .with(appointment(9).at("2026-03-02 10:00"))
        .with(appointment(3).at("2026-04-02 10:00").branch("B"))
        .with(appointment(2).at("2026-03-02 10:00"));
    practice.pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 2, 9, 3, 5"]);
}

#[test]
fn d2_the_text_is_that_of_the_settings() {
    let outcome = practice().with(appointment(1).at("2026-03-02 10:00")).pass("2026-02-10 10:00");
    let route = &outcome.messages[0].route;
    assert_eq!((route.document_template.as_str(), route.interface_id), ("Terminbestätigung", Some(1)));
    assert!(matches!(&route.address, Address::Email(address) if address.expose() == "anna@example.de"));
}

#[test]
fn d5_without_an_e_mail_address_nothing_is_sent_by_any_other_way() {
    let reachable_otherwise =
        customer(7).phone(1, "0152 28817386").sms_ok().lives_in("Weg 1", "20095", "Hamburg").prefers(Channel::Sms);
    let practice = practice().with(reachable_otherwise).with(appointment(1).at("2026-03-02 10:00"));
    practice.pass("2026-02-10 10:00").says(&[]);
}

#[test]
fn d5_the_preferred_contact_does_not_matter() {
    for channel in [Channel::Sms, Channel::Letter, Channel::Phone, Channel::Email] {
        let practice = practice().with(anna().prefers(channel)).with(appointment(1).at("2026-03-02 10:00"));
        practice.pass("2026-02-10 10:00").says(&["confirmation to 7 by email of 1"]);
    }
}

#[test]
fn d5_the_mail_server_is_that_of_the_branch_of_the_first_appointment() {
    let two = practice()
        .with(appointment(1).at("2026-03-02 10:00").branch("B"))
        .with(appointment(2).at("2026-03-03 10:00").branch("HH"));
    let interface =
        |practice: Practice| practice.pass("2026-02-10 10:00").messages.first().map(|m| m.route.interface_id);
    assert_eq!(interface(two.clone().mail_servers([outlet(5), outlet(6).of_branch(2)])), Some(Some(6)));
    assert_eq!(interface(two.clone().mail_servers([outlet(5), outlet(6).of_branch(1)])), Some(Some(5)));
    assert_eq!(interface(two.clone().mail_servers([outlet(6).of_branch(1)])), None);
    assert_eq!(interface(two.mail_servers([outlet(5).unusable()])), None);
}

#[test]
fn d6_what_a_reminder_of_the_same_pass_covers_is_not_confirmed() {
    // Booked today for tomorrow morning, within the 24 hours of the reminder.
    let practice = chain()
        .confirming()
        .hours_before(24)
        .with(anna())
        .with(appointment(1).at("2026-03-11 09:00"))
        .with(appointment(2).at("2026-03-20 09:00"));
    practice.pass("2026-03-10 10:00").says(&["reminder to 7 by email of 1", "confirmation to 7 by email of 2"]);
    practice.after_pass("2026-03-10 10:00").pass("2026-03-10 11:00").says(&["1 skipped: already_reminded"]);
}

#[test]
fn d6_what_e3_holds_back_is_not_confirmed_either() {
    let practice = chain()
        .confirming()
        .hours_before(24)
        .with(anna())
        .with(appointment(1).at("2026-03-11 09:00"))
        .with(message(812).by_hand().at("2026-03-10 09:00"));
    practice.pass("2026-03-10 10:00").says(&["1 skipped: recent_message 812, until 2026-03-10 15:00"]);
    practice.pass("2026-03-10 15:00").says(&["reminder to 7 by email of 1"]);
}

#[test]
fn d6_what_is_not_yet_due_for_a_reminder_is_confirmed_although_there_was_a_message() {
    let practice = chain()
        .confirming()
        .with(anna())
        .with(appointment(1).at("2026-03-20 09:00"))
        .with(message(812).by_hand().at("2026-03-10 09:00"));
    practice.pass("2026-03-10 10:00").says(&["confirmation to 7 by email of 1"]);
}

#[test]
fn d6_who_cannot_be_reminded_may_still_be_sent_a_confirmation() {
    let practice = chain()
        .confirming()
        .hours_before(24)
        .contact_template(&[Channel::Sms])
        .with(anna())
        .with(appointment(1).at("2026-03-11 09:00"));
    practice
        .pass("2026-03-10 10:00")
        .says(&["confirmation to 7 by email of 1", "1 skipped: unreachable, sms NoAddress"]);
}

#[test]
fn d6_a_confirmation_that_fails_holds_back_no_reminder() {
    let practice = chain()
        .hours_before(24)
        .with(anna().phone(1, "0152 28817386").sms_ok())
        .with(appointment(1).at("2026-03-11 09:00"))
        .with(message(812).confirmation().at("2026-03-10 09:00").about(1).state(State::Failed));
    practice.pass("2026-03-10 10:00").says(&["reminder to 7 by sms of 1"]);
}

#[test]
fn d6_the_combined_appointments_of_a_reminder_are_not_confirmed() {
    let practice = chain()
        .confirming()
        .combining_dates()
        .hours_before(24)
        .with(anna())
        .with(appointment(1).at("2026-03-11 09:00"))
        .with(appointment(2).at("2026-03-11 19:00"));
    let outcome = practice.pass("2026-03-10 10:00");
    outcome.says(&["reminder to 7 by email of 1, 2"]);
    assert_eq!(outcome.messages[0].kind, Kind::Reminder);
}
