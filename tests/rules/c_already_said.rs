//! Chapter C: what has already been said.

use terminbote::model::{Channel, State, Status};
use terminbote::rules::told;

use crate::situation::{CustomerSentence, Message, Practice, anna, appointment, chain, customer, local, message, utc};

/// A chain that only confirms, with an appointment of Anna on 20 March at 10:00.
fn confirming() -> Practice {
    chain().only_confirming().with(anna()).with(appointment(4711).at("2026-03-20 10:00"))
}

/// The same after the pass of 2 March, which confirmed it.
fn confirmed() -> Practice {
    let practice = confirming();
    practice.pass("2026-03-02 10:00").says(&["confirmation to 7 by email of 4711"]);
    practice.after_pass("2026-03-02 10:00")
}

#[track_caller]
fn is_told_again(practice: &Practice) {
    practice.pass("2026-03-10 10:00").says(&["confirmation to 7 by email of 4711"]);
}

#[track_caller]
fn is_not_told_again(practice: &Practice) {
    practice.pass("2026-03-10 10:00").says(&[]);
}

#[test]
fn c1_what_has_been_told_is_not_told_again() {
    is_not_told_again(&confirmed());
}

#[test]
fn c1_a_changed_time_resets_the_notification() {
    is_told_again(&confirmed().moved(4711, "2026-03-20 10:15"));
}

/// The last start that was told and still counts is the one that a text may name.
#[test]
fn c1_an_appointment_is_moved_from_the_start_that_was_told_last() {
    let now = utc("2026-03-10T09:00:00Z");
    let from = |practice: &Practice| {
        let case = &practice.cases()[0];
        let appointment = case.appointments[0].content.as_ref().unwrap();
        told::moved_from(&case.told, appointment, now).map(|start| start.to_string())
    };
    let ten = Some("2026-03-20 10:00:00".to_owned());
    assert_eq!(from(&confirming()), None, "nothing has been told");
    assert_eq!(from(&confirmed()), None, "it is where it was");
    let moved = confirmed().moved(4711, "2026-03-20 10:15");
    assert_eq!(from(&moved), ten);
    let told = moved.after_pass("2026-03-03 10:00");
    assert_eq!(from(&told), None, "the new start has been told");
    let twice = told.moved(4711, "2026-03-20 11:00");
    assert_eq!(from(&twice), Some("2026-03-20 10:15:00".to_owned()));
}

#[test]
fn c1_a_changed_date_resets_the_notification() {
    is_told_again(&confirmed().moved(4711, "2026-03-21 10:00"));
}

#[test]
fn c1_a_changed_start_of_the_customer_resets_the_notification() {
    let nine = Some(local("2026-03-20 09:45"));
    is_told_again(&confirmed().changed(4711, |appointment| appointment.customer_starts_at = nine));
}

#[test]
fn c1_a_start_in_the_calendar_that_the_customer_does_not_see_resets_nothing() {
    let customers_start = Some(local("2026-03-20 10:00"));
    is_not_told_again(&confirmed().changed(4711, |appointment| {
        appointment.customer_starts_at = customers_start;
        appointment.starts_at = local("2026-03-20 10:20");
    }));
}

#[test]
fn c1_nothing_else_resets_the_notification() {
    let mut practice = confirmed().changed(4711, |appointment| appointment.ends_at = local("2026-03-20 12:00"));
    practice.chain.types.insert(3, practice.chain.types[&1].clone());
    is_not_told_again(&practice);
    is_not_told_again(&practice.clone().changed(4711, |appointment| appointment.branch_id = 2));
    is_not_told_again(&practice.clone().changed(4711, |appointment| appointment.type_id = 3));
    for status in [Status::Proposed, Status::Confirmed, Status::Arrived, Status::Completed] {
        is_not_told_again(&practice.clone().changed(4711, |appointment| appointment.status = status));
    }
}

#[test]
fn c1_cancelled_and_booked_again_is_not_told_again() {
    let practice = confirmed().changed(4711, |appointment| appointment.status = Status::Cancelled);
    let practice = practice.after_pass("2026-03-03 10:00");
    is_not_told_again(&practice.changed(4711, |appointment| appointment.status = Status::Booked));
}

#[test]
fn c1_another_customer_is_told_and_the_first_not_again_when_it_is_theirs_once_more() {
    let with_otto =
        confirmed().with(customer(8).email("otto@example.de")).with(appointment(4711).of(8).at("2026-03-20 10:00"));
    with_otto.pass("2026-03-10 10:00").says(&["confirmation to 8 by email of 4711"]);
    let back = with_otto.after_pass("2026-03-03 10:00").with(appointment(4711).at("2026-03-20 10:00"));
    is_not_told_again(&back);
}

#[test]
fn c1_moved_away_and_back_with_a_message_in_between_is_told_again() {
    let practice = confirmed().moved(4711, "2026-03-20 16:00").after_pass("2026-03-03 10:00");
    is_told_again(&practice.moved(4711, "2026-03-20 10:00"));
}

#[test]
fn c1_moved_away_and_back_without_a_message_in_between_is_not_told_again() {
    let practice = confirmed().moved(4711, "2026-03-20 16:00");
    is_not_told_again(&practice.moved(4711, "2026-03-20 10:00"));
}

#[test]
fn c1_moved_away_and_back_with_a_message_about_something_else_in_between_is_not_told_again() {
    let practice = confirmed()
        .with(appointment(4712).at("2026-03-25 10:00"))
        .moved(4711, "2026-03-20 16:00")
        .with(message(900).by_hand().at("2026-03-03 10:00").about(4712));
    is_not_told_again(&practice.moved(4711, "2026-03-20 10:00"));
}

#[test]
fn c1_moved_away_and_back_with_a_message_that_never_left_in_between_is_not_told_again() {
    for state in [State::Failed, State::Deferred, State::Withdrawn] {
        let in_between =
            message(900).confirmation().at("2026-03-03 10:00").stating(4711, "2026-03-20 16:00").state(state);
        is_not_told_again(&confirmed().with(in_between));
    }
}

#[test]
fn c1_a_message_by_hand_notifies_and_one_that_stated_another_start_resets() {
    let by_hand = message(900).by_hand().at("2026-03-03 10:00").about(4711);
    is_not_told_again(&confirming().with(by_hand));
    let stating_another = message(900).by_hand().at("2026-03-03 10:00").stating(4711, "2026-03-20 16:00");
    is_told_again(&confirmed().with(stating_another));
}

#[test]
fn c1_a_message_that_covers_several_notifies_of_each_with_the_start_that_it_stated() {
    let practice = confirming()
        .with(appointment(4712).at("2026-03-21 10:00"))
        .with(appointment(4713).at("2026-03-22 10:00"))
        .with(
            message(900)
                .by_hand()
                .at("2026-03-03 10:00")
                .stating(4711, "2026-03-20 10:00")
                .stating(4712, "2026-03-21 16:00"),
        );
    practice.pass("2026-03-10 10:00").says(&["confirmation to 7 by email of 4712, 4713"]);
}

#[test]
fn c2_a_message_counts_if_it_left_or_may_have_left() {
    let table: Vec<_> = State::ALL
        .iter()
        .map(|state| {
            // To another address, since one that was rejected would not be tried again (F7).
            let told =
                message(900).confirmation().by(Channel::Email, "alt@example.de").at("2026-03-03 10:00").about(4711);
            let told = told.state(*state);
            (state.word(), confirming().with(told).pass("2026-03-10 10:00").confirmed().is_empty())
        })
        .collect();
    assert_eq!(
        table,
        [
            ("sending", true),
            ("sent", true),
            ("handed_over", true),
            ("uncertain", true),
            ("failed", false),
            ("deferred", false),
            ("withdrawn", false),
        ]
    );
}

#[test]
fn c2_of_two_messages_the_newer_one_counts_and_at_the_same_instant_the_higher_id() {
    let wrong = |id: i64| message(id).by_hand().stating(4711, "2026-03-20 16:00");
    let right = |id: i64| message(id).by_hand().stating(4711, "2026-03-20 10:00");
    let with = |one: Message, other: Message| confirming().with(one).with(other);
    is_not_told_again(&with(right(1).at("2026-03-03 10:01"), wrong(2).at("2026-03-03 10:00")));
    is_told_again(&with(right(2).at("2026-03-03 10:00"), wrong(1).at("2026-03-03 10:01")));
    is_not_told_again(&with(right(2).at("2026-03-03 10:00"), wrong(1).at("2026-03-03 10:00")));
    is_told_again(&with(right(1).at("2026-03-03 10:00"), wrong(2).at("2026-03-03 10:00")));
}

#[test]
fn c2_a_message_by_hand_counts_from_its_instant_on() {
    let practice = confirming().with(message(900).by_hand().at("2026-03-10 10:00").about(4711));
    practice.pass("2026-03-10 09:59:59").says(&["confirmation to 7 by email of 4711"]);
    practice.pass("2026-03-10 10:00").says(&[]);
}

#[test]
fn c2_an_automatic_message_counts_also_if_the_clock_was_set_back() {
    let practice = confirming().with(message(900).confirmation().at("2026-03-10 10:00").about(4711));
    practice.pass("2026-03-09 10:00").says(&[]);
}

#[test]
fn c2_a_reminder_from_a_clock_set_back_is_not_repeated_and_holds_back_the_next_one() {
    let practice = chain()
        .hours_between(1)
        .with(anna())
        .with(appointment(4711).at("2026-03-10 18:00"))
        .with(appointment(4712).at("2026-03-10 19:00"))
        .with(message(900).reminder().at("2026-03-10 14:00").about(4711));
    practice
        .pass("2026-03-10 12:00")
        .says(&["4711 skipped: already_reminded", "4712 skipped: recent_message 900, until 2026-03-10 15:00"]);
}

/// Two passes whose clocks do not agree: the first has told 17:00, the second 18:00.
fn told_by_two_passes(first: &str, second: &str) -> Practice {
    chain()
        .hours_between(1)
        .with(anna())
        .with(appointment(4711).at("2026-03-10 18:00"))
        .with(message(900).reminder().of_pass(1).at(first).stating(4711, "2026-03-10 17:00"))
        .with(message(901).reminder().of_pass(2).at(second).stating(4711, "2026-03-10 18:00"))
}

#[test]
fn c2_what_a_later_pass_has_told_is_newer_whatever_the_clock_of_the_first_said() {
    // Ten days ahead, and so little that its instant has come meanwhile; and the second one's a day behind.
    for (first, second) in [
        ("2026-03-20 08:00", "2026-03-10 08:00"),
        ("2026-03-10 10:00", "2026-03-10 08:00"),
        ("2026-03-10 08:00", "2026-03-09 09:00"),
    ] {
        told_by_two_passes(first, second).pass("2026-03-10 12:00").says(&["4711 skipped: already_reminded"]);
    }
}

#[test]
fn c2_a_message_by_hand_counts_by_its_instant_among_those_of_passes() {
    let by_hand = |at: &str| message(902).by_hand().at(at).stating(4711, "2026-03-10 17:00");
    let practice = told_by_two_passes("2026-03-10 07:00", "2026-03-10 08:00");
    practice
        .clone()
        .with(by_hand("2026-03-10 07:30"))
        .pass("2026-03-10 12:00")
        .says(&["4711 skipped: already_reminded"]);
    practice.with(by_hand("2026-03-10 08:30")).pass("2026-03-10 12:00").says(&["reminder to 7 by email of 4711"]);
}

/// A chain with one appointment this evening and a message by hand two hours ago.
fn with_recent(message: Message) -> Practice {
    chain().with(anna()).with(appointment(4711).at("2026-03-10 18:00")).with(message.by_hand().at("2026-03-10 10:00"))
}

const HELD_BACK: &[&str] = &["4711 skipped: recent_message 812, until 2026-03-10 16:00"];
const REMINDED: &[&str] = &["reminder to 7 by email of 4711"];

#[test]
fn c3_a_message_is_live_while_one_of_its_appointments_has_the_start_that_it_stated() {
    with_recent(message(812).about(4711)).pass("2026-03-10 12:00").says(HELD_BACK);
    let stating_two = message(812).stating(4711, "2026-03-10 17:00").stating(4712, "2026-04-01 10:00");
    let other = appointment(4712).at("2026-04-01 10:00");
    with_recent(stating_two.clone()).with(other.clone()).pass("2026-03-10 12:00").says(HELD_BACK);
    // Now that one has been moved as well.
    with_recent(stating_two).with(other).moved(4712, "2026-04-01 11:00").pass("2026-03-10 12:00").says(REMINDED);
}

#[test]
fn c3_after_a_move_the_customer_is_told_without_waiting() {
    with_recent(message(812).stating(4711, "2026-03-10 17:00")).pass("2026-03-10 12:00").says(REMINDED);
    // The same for a reminder: at ten told of 17:00, moved, and told anew by the next pass.
    let practice = chain().with(anna()).with(appointment(4711).at("2026-03-10 17:00")).after_pass("2026-03-10 10:00");
    practice.pass("2026-03-10 11:00").says(&["4711 skipped: already_reminded"]);
    practice.moved(4711, "2026-03-10 18:00").pass("2026-03-10 11:00").says(REMINDED);
}

#[test]
fn c3_the_status_of_what_a_message_covers_does_not_matter() {
    for status in Status::ALL {
        let other = appointment(4712).at("2026-03-11 10:00").status(*status);
        with_recent(message(812).stating(4712, "2026-03-11 10:00"))
            .with(other)
            .pass("2026-03-10 12:00")
            .says(HELD_BACK);
    }
}

#[test]
fn c3_a_deleted_appointment_counts_as_moved() {
    let practice = with_recent(message(812).stating(4712, "2026-03-11 10:00"));
    practice.clone().with(appointment(4712).at("2026-03-11 10:00")).pass("2026-03-10 12:00").says(HELD_BACK);
    practice.pass("2026-03-10 12:00").says(REMINDED);
}

#[test]
fn c3_a_message_that_covers_no_appointment_is_live() {
    with_recent(message(812)).pass("2026-03-10 12:00").says(HELD_BACK);
    with_recent(message(812).by(Channel::Phone, "030 23125 001")).pass("2026-03-10 12:00").says(HELD_BACK);
}

#[test]
fn c3_an_appointment_that_is_over_keeps_its_message_live() {
    let over = appointment(4712).at("2026-03-10 11:00");
    with_recent(message(812).about(4712)).with(over).pass("2026-03-10 12:00").says(HELD_BACK);
}

#[test]
fn c3_a_message_whose_stated_start_is_not_known_is_not_live() {
    // It named an appointment that was not there.
    with_recent(message(812).about(404)).pass("2026-03-10 12:00").says(REMINDED);
}

#[test]
fn h_the_sequence_of_a_calendar_entry_rises_with_every_changed_start_that_was_told() {
    let sequence = |practice: &Practice| {
        let case = practice.cases().remove(0);
        told::sequence(&case.told, case.appointments[0].content.as_ref().unwrap(), utc("2026-03-10T10:00:00Z"))
    };
    let fresh = confirming();
    assert_eq!(sequence(&fresh), 0);
    let told = confirmed();
    assert_eq!(sequence(&told), 0);
    let moved = told.moved(4711, "2026-03-20 16:00");
    assert_eq!(sequence(&moved), 1);
    let told_again = moved.after_pass("2026-03-03 10:00");
    assert_eq!(sequence(&told_again), 1);
    let back = told_again.moved(4711, "2026-03-20 10:00");
    assert_eq!(sequence(&back), 2);
    let elsewhere = back.moved(4711, "2026-03-27 10:00");
    assert_eq!(sequence(&elsewhere), 2);
}
