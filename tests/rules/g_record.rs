//! Rule G3: whether an e-mail of unknown fate may be repeated.

use terminbote::model::{Channel, State};
use terminbote::rules::repeat::repeat;

use crate::situation::{
    CustomerSentence, Message, OutletSentence, Practice, anna, appointment, chain, customer, local, message, outlet,
};

/// The mail of which nobody knows whether it arrived.
const MAIL: i64 = 812;

/// Anna's appointments on 20 March at 10:00 and a day later.
fn practice() -> Practice {
    chain()
        .confirming()
        .with(anna())
        .with(appointment(1).at("2026-03-20 10:00"))
        .with(appointment(2).at("2026-03-21 10:00"))
}

/// A mail about both of them, sent on the 10th.
fn uncertain() -> Message {
    message(MAIL).confirmation().at("2026-03-10 10:00").about(1).about(2).state(State::Uncertain)
}

/// Which appointments the repetition of the mail tells of, in a pass at a local time.
#[track_caller]
fn repeated(practice: &Practice, at: &str) -> Option<Vec<i64>> {
    let (case, now) = (&practice.cases()[0], practice.zone().instant(local(at)));
    let mail = case.told.iter().find(|told| told.message_id == MAIL).unwrap();
    let again = repeat(&practice.chain, case, (MAIL, mail.kind), &mail.address, &mail.covers, None, now)?;
    assert_eq!((again.kind, again.customer_id, again.route.interface_id), (mail.kind, 7, Some(1)));
    Some(again.covers.iter().map(|covered| covered.id).collect())
}

const NEXT: &str = "2026-03-10 11:00";

#[test]
fn g3_a_mail_is_repeated_with_everything_that_it_said() {
    let about_both = Some(vec![1, 2]);
    assert_eq!(repeated(&practice().with(uncertain()), NEXT), about_both);
    assert_eq!(repeated(&practice().with(uncertain().turned_around()), NEXT), about_both);
    assert_eq!(repeated(&practice().with(uncertain().reminder()), NEXT), about_both);
}

#[test]
fn g3_the_repetition_can_be_switched_off() {
    let mut practice = practice().with(uncertain());
    practice.chain.settings.repeat_uncertain_email = false;
    assert_eq!(repeated(&practice, NEXT), None);
}

#[test]
fn g3_a_mail_is_not_repeated_unless_everything_that_it_said_still_holds() {
    let practice = practice().with(uncertain().stating(2, "2026-03-21 10:00").stating(1, "2026-03-20 10:00"));
    let not = |practice: Practice| assert_eq!(repeated(&practice, NEXT), None);
    not(practice.clone().moved(2, "2026-03-21 10:15"));
    not(practice.clone().changed(2, |appointment| appointment.is_group = true));
    not(practice.clone().changed(2, |appointment| appointment.branch_id = 3));
    not(practice.clone().with(appointment(2).of(8).at("2026-03-21 10:00")));
    not(practice.clone().with(customer(7).email("anna.neu@example.de")));
    not(practice.clone().with(customer(7)));
    not(practice.mail_servers([outlet(1).unusable()]));
}

#[test]
fn g3_a_mail_is_not_repeated_once_an_appointment_in_it_has_begun() {
    let practice = practice().with(uncertain());
    assert_eq!(repeated(&practice, "2026-03-20 09:59:59"), Some(vec![1, 2]));
    assert_eq!(repeated(&practice, "2026-03-20 10:00"), None);
}

/// Otherwise nobody would tell Anna of the other one: what is uncertain counts as told.
#[test]
fn g3_a_confirmation_is_repeated_unless_later_reminders_have_told_everything() {
    let practice = practice().with(uncertain());
    let reminder = |id| message(id).reminder().at("2026-03-10 10:30");
    assert_eq!(repeated(&practice.clone().with(reminder(900).about(1)), NEXT), Some(vec![1, 2]));
    assert_eq!(repeated(&practice.with(reminder(900).about(1)).with(reminder(901).about(2)), NEXT), None);
}

#[test]
fn g3_a_mail_is_not_repeated_after_something_else_was_said_of_an_appointment_in_it() {
    let practice = practice().with(uncertain());
    let later = |id| message(id).at("2026-03-10 10:30");
    let not = |told: Message| assert_eq!(repeated(&practice.clone().with(told), NEXT), None);
    // Somebody has told them the same by telephone, and then they were confirmed once more.
    not(later(900).by_hand().by(Channel::Phone, "030 23125 001").about(1));
    not(later(900).confirmation().about(1));
    // It was moved, and back.
    not(later(900).reminder().stating(1, "2026-03-20 16:00"));
    not(later(900).by_hand().stating(1, "2026-03-20 16:00"));
}

#[test]
fn g3_a_reminder_is_not_repeated_after_another_one_of_an_appointment_in_it() {
    let practice = practice().with(uncertain().reminder());
    assert_eq!(repeated(&practice.with(message(900).reminder().at("2026-03-10 10:30").about(1)), NEXT), None);
}
