//! Chapter F: by which channel, to which address, through which interface.

use terminbote::contact::Address;
use terminbote::model::{Channel, Customer, State};
use terminbote::rules::Route;
use terminbote::rules::interface::Outlets;
use terminbote::rules::task::{Present, Task, TaskAppointment, TaskState};

use crate::situation::{
    ANNA, CustomerSentence, Message, OutletSentence, Practice, anna, appointment, berlin, chain, customer, local,
    message, outlet,
};
use Channel::{Email, Letter, Phone, Sms};
use terminbote::model::Status;

const MOBILE: &str = "0152 28817386";
const LANDLINE: &str = "030 23125 001";

/// A chain with an appointment of Anna this evening, and all four channels in the template.
fn practice() -> Practice {
    chain().contact_template(&[Email, Sms, Letter, Phone]).with(appointment(4711).at("2026-03-10 18:00"))
}

/// How a pass at noon reaches Anna, or what the report says instead.
#[track_caller]
fn reached(practice: &Practice) -> Result<Route, String> {
    let outcome = practice.pass("2026-03-10 12:00");
    outcome.messages.first().map(|message| message.route.clone()).ok_or_else(|| outcome.to_string())
}

#[track_caller]
fn channel(practice: &Practice) -> Channel {
    reached(practice).expect("a message").address.channel()
}

#[track_caller]
fn address(practice: &Practice) -> String {
    reached(practice).expect("a message").address.expose().to_owned()
}

/// Somebody with all kinds of addresses.
fn reachable() -> Customer {
    anna().phone(1, MOBILE).sms_ok().lives_in("Weg 1", "20095", "Hamburg")
}

#[test]
fn f1_the_channels_are_tried_in_the_order_of_the_template() {
    for order in [[Email, Sms, Letter, Phone], [Phone, Letter, Sms, Email], [Sms, Phone, Email, Letter]] {
        let practice = practice().contact_template(&order).with(reachable());
        assert_eq!(channel(&practice), order[0]);
        assert_eq!(reached(&practice).unwrap().document_template, format!("Erinnerung {}", order[0]));
    }
}

#[test]
fn f2_the_preferred_contact_is_tried_first() {
    for preferred in [Email, Sms, Letter, Phone] {
        assert_eq!(channel(&practice().with(reachable().prefers(preferred))), preferred);
    }
}

#[test]
fn f2_a_preferred_contact_that_is_not_in_the_template_changes_nothing() {
    let practice = practice().contact_template(&[Sms, Email]);
    assert_eq!(channel(&practice.clone().with(reachable().prefers(Letter))), Sms);
    assert_eq!(channel(&practice.with(reachable().prefers(Phone))), Sms);
}

#[test]
fn f2_after_a_preferred_contact_without_address_the_order_of_the_template_holds() {
    let without_post = anna().phone(1, MOBILE).sms_ok().prefers(Letter);
    assert_eq!(channel(&practice().contact_template(&[Sms, Letter, Email]).with(without_post)), Sms);
}

#[test]
fn f2_every_preference_with_every_set_of_addresses_in_several_orders() {
    let orders: [&[Channel]; 6] = [
        &[Email, Sms, Letter, Phone],
        &[Phone, Email, Sms, Letter],
        &[Letter, Phone, Sms, Email],
        &[Sms, Letter],
        &[Email],
        &[],
    ];
    for order in orders {
        for preferred in [None, Some(Email), Some(Sms), Some(Letter), Some(Phone)] {
            for has in 0..16_u8 {
                let has = |bit: u8| has & (1 << bit) != 0;
                let mut customer = customer(ANNA);
                customer = if has(0) { customer.email("anna@example.de") } else { customer };
                customer = if has(1) { customer.phone(1, MOBILE).sms_ok() } else { customer };
                customer = if has(2) { customer.lives_in("Weg 1", "20095", "Hamburg") } else { customer };
                customer = if has(3) { customer.phone(2, LANDLINE) } else { customer };
                customer = if let Some(channel) = preferred { customer.prefers(channel) } else { customer };
                let usable = |channel: &Channel| match channel {
                    Email => has(0),
                    Sms => has(1),
                    Letter => has(2),
                    Phone => has(1) || has(3),
                };
                // The expectation in other words than the rules': the preferred one if it can be, else the first.
                let wanted = preferred.filter(|channel| order.contains(channel) && usable(channel));
                let expected = wanted.or_else(|| order.iter().copied().find(|channel| usable(channel)));
                let practice = practice().contact_template(order).with(customer.clone());
                let chosen = reached(&practice).map(|route| route.address.channel());
                assert_eq!(chosen.clone().ok(), expected, "{order:?}, prefers {preferred:?}, {customer:?}: {chosen:?}");
            }
        }
    }
}

#[test]
fn f3_an_address_of_blanks_is_none() {
    let blank = customer(ANNA).email("  ").lives_in("Weg 1", " ", "Hamburg");
    let said = reached(&practice().with(blank)).unwrap_err();
    assert_eq!(
        said,
        "4711 skipped: unreachable, email NoAddress, sms NoAddress, letter PostalAddressIncomplete, phone NoAddress\n"
    );
}

#[test]
fn f3_a_letter_needs_street_postcode_and_city() {
    let practice = practice().contact_template(&[Letter]);
    let full = customer(ANNA).lives_in("Weg 1", "20095", "Hamburg");
    assert_eq!(address(&practice.clone().with(full.clone())), "Weg 1, 20095 Hamburg");
    for missing in [
        Customer { street: None, ..full.clone() },
        Customer { postcode: None, ..full.clone() },
        Customer { city: None, ..full },
    ] {
        assert!(reached(&practice.clone().with(missing)).is_err());
    }
}

#[test]
fn f3_letter_and_phone_need_no_interface() {
    let practice = practice().contact_template(&[Letter, Phone]).mail_servers([]).gateways([]);
    assert_eq!(reached(&practice.clone().with(reachable())).unwrap().interface_id, None);
    assert_eq!(reached(&practice.with(reachable().prefers(Phone))).unwrap().interface_id, None);
}

#[test]
fn f3_a_number_for_text_messages_needs_the_mark() {
    let practice = practice().contact_template(&[Sms]);
    let unmarked = customer(ANNA).phone(1, MOBILE);
    assert_eq!(
        reached(&practice.clone().with(unmarked)).unwrap_err(),
        "4711 skipped: unreachable, sms SmsNotAllowed\n"
    );
    let second = customer(ANNA).phone(1, LANDLINE).phone(2, MOBILE).sms_ok();
    assert_eq!(channel(&practice.with(second)), Sms);
}

#[test]
fn f3_a_landline_with_the_mark_is_no_number_for_text_messages() {
    let practice = practice().contact_template(&[Sms]);
    let landline = customer(ANNA).phone(1, LANDLINE).sms_ok();
    assert_eq!(
        reached(&practice.clone().with(landline.clone())).unwrap_err(),
        "4711 skipped: unreachable, sms NotMobile\n"
    );
    assert_eq!(channel(&practice.clone().with(landline.clone().phone(2, MOBILE).sms_ok())), Sms);
    assert_eq!(channel(&practice.contact_template(&[Sms, Phone]).with(landline)), Phone);
}

#[test]
fn f3_of_several_marked_numbers_the_lowest_position_is_taken() {
    let practice = practice().contact_template(&[Sms, Phone]);
    let first = |customer: Customer| {
        let practice = practice.clone().with(customer);
        assert_eq!(channel(&practice), Sms);
        address(&practice)
    };
    let one = first(customer(ANNA).phone(1, MOBILE).sms_ok());
    let three = first(customer(ANNA).phone(1, "0152 28895456").sms_ok());
    assert_ne!(one, three);
    let both = customer(ANNA).phone(3, "0152 28895456").sms_ok().phone(1, MOBILE).sms_ok();
    assert_eq!(first(both.clone()), one);
    // The mark decides, not the position alone.
    let mut marked_third = both;
    marked_third.phones[1].sms_allowed = false;
    assert_eq!(first(marked_third), three);
}

#[test]
fn f3_a_call_takes_any_number_as_it_is_stored() {
    let practice = practice().contact_template(&[Phone]);
    let both = customer(ANNA).phone(2, MOBILE).sms_ok().phone(1, LANDLINE);
    assert!(matches!(reached(&practice.with(both)).unwrap().address, Address::Phone(number) if number == LANDLINE));
}

#[test]
fn f3_what_is_no_number_is_not_rung() {
    let practice = practice().contact_template(&[Phone]);
    let wrong = customer(ANNA).phone(1, "nur abends");
    assert_eq!(
        reached(&practice.clone().with(wrong.clone())).unwrap_err(),
        "4711 skipped: unreachable, phone Invalid\n"
    );
    assert_eq!(address(&practice.with(wrong.phone(2, LANDLINE))), LANDLINE);
}

#[test]
fn f3_a_call_needs_no_mark() {
    assert_eq!(channel(&practice().with(customer(ANNA).phone(1, MOBILE))), Phone);
}

#[test]
fn f4_a_usable_server_of_the_branch_goes_before_one_of_the_chain() {
    let chosen = |practice: Practice| reached(&practice.with(anna())).ok().and_then(|route| route.interface_id);
    let hamburg = || practice().contact_template(&[Email]);
    assert_eq!(chosen(hamburg().mail_servers([outlet(5), outlet(6).of_branch(1)])), Some(6));
    assert_eq!(chosen(hamburg().mail_servers([outlet(5).of_branch(1), outlet(6)])), Some(5));
    assert_eq!(chosen(hamburg().mail_servers([outlet(5), outlet(6).of_branch(2)])), Some(5));
    assert_eq!(chosen(hamburg().mail_servers([outlet(5), outlet(6).of_branch(1).unusable()])), Some(5));
    assert_eq!(chosen(hamburg().mail_servers([outlet(5).unusable(), outlet(6).of_branch(1)])), Some(6));
    assert_eq!(chosen(hamburg().mail_servers([outlet(6).of_branch(2)])), None);
    assert_eq!(chosen(hamburg().mail_servers([outlet(5).unusable()])), None);
}

#[test]
fn f4_of_several_servers_of_the_same_rank_the_lowest_id_is_taken_and_the_rivals_are_known() {
    let servers = [outlet(9), outlet(4), outlet(8).of_branch(1), outlet(7).of_branch(1), outlet(3).unusable()];
    let practice = practice().contact_template(&[Email]).mail_servers(servers).with(anna());
    assert_eq!(reached(&practice).unwrap().interface_id, Some(7));
    assert_eq!(practice.chain.outlets.rivals(Email), [(None, vec![4, 9]), (Some(1), vec![7, 8])]);
    assert_eq!(practice.chain.outlets.rivals(Sms), []);
    assert_eq!(practice.chain.outlets.rivals(Letter), []);
}

#[test]
fn f4_the_first_appointment_of_a_message_decides_about_the_server() {
    let practice = practice()
        .contact_template(&[Email])
        .with(anna())
        .with(appointment(1).at("2026-03-10 17:00").branch("B"))
        .mail_servers([outlet(5).of_branch(1), outlet(6).of_branch(2)]);
    assert_eq!(reached(&practice).unwrap().interface_id, Some(6));
    assert_eq!(reached(&practice.moved(1, "2026-03-10 19:00")).unwrap().interface_id, Some(5));
}

#[test]
fn f4_with_combined_dates_the_first_appointment_may_be_one_outside_of_those_due() {
    let practice = practice()
        .contact_template(&[Email])
        .combining_dates()
        .with(anna())
        .with(appointment(1).at("2026-03-10 17:00").branch("B"))
        .with(message(812).confirmation().at("2026-03-10 11:00").about(1))
        .mail_servers([outlet(5).of_branch(1), outlet(6).of_branch(2)]);
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by email of 1, 4711"]);
    assert_eq!(reached(&practice).unwrap().interface_id, Some(6));
}

#[test]
fn f4_the_country_code_is_that_of_the_interface_in_use() {
    let outlets = Outlets {
        smtp: Vec::new(),
        sms: vec![outlet(5), outlet(6).of_branch(1).country_code("+43"), outlet(7).of_branch(2).country_code("+41")],
    };
    assert_eq!(outlets.country_code(1), "+43");
    assert_eq!(outlets.country_code(2), "+41");
    assert_eq!(outlets.country_code(3), "+49");
    assert_eq!(Outlets::default().country_code(1), "+49");
    // Calls have numbers too, even while the gateway cannot be used.
    let unusable = Outlets { smtp: Vec::new(), sms: vec![outlet(5).unusable().country_code("+43")] };
    assert_eq!(unusable.country_code(1), "+43");
    // That of the branch goes before that of the chain, and that of another branch is nobody else's.
    let unusable = Outlets {
        smtp: Vec::new(),
        sms: vec![
            outlet(5).of_branch(2).unusable().country_code("+41"),
            outlet(6).unusable().country_code("+43"),
            outlet(7).of_branch(1).unusable().country_code("+33"),
        ],
    };
    assert_eq!((unusable.country_code(1), unusable.country_code(3)), ("+33", "+43"));
}

#[test]
fn f4_a_channel_without_a_usable_interface_gives_way_to_the_next() {
    let practice = practice().with(reachable()).mail_servers([outlet(1).unusable()]);
    assert_eq!(channel(&practice), Sms);
    assert_eq!(channel(&practice.clone().gateways([])), Letter);
    // The preference does not change that.
    assert_eq!(channel(&practice.gateways([]).with(reachable().prefers(Sms))), Letter);
}

#[test]
fn f5_who_cannot_be_reached_is_named_with_the_reason_for_each_channel_in_the_order_tried() {
    let practice =
        practice().with(customer(ANNA).email("anna@example.de").phone(1, MOBILE).prefers(Sms)).mail_servers([]);
    let practice = practice.contact_template(&[Email, Letter, Sms]);
    practice
        .pass("2026-03-10 12:00")
        .says(&["4711 skipped: unreachable, sms SmsNotAllowed, email NoInterface, letter PostalAddressIncomplete"]);
}

#[test]
fn f5_who_cannot_be_reached_stays_due() {
    let practice = practice().with(customer(ANNA)).after_pass("2026-03-10 12:00");
    practice.with(anna()).pass("2026-03-10 13:00").says(&["reminder to 7 by email of 4711"]);
}

/// They stay due (F5), but nobody needs to ring twice.
#[test]
fn f5_who_has_been_told_by_hand_meanwhile_is_named_with_that_message() {
    let told = || message(812).by_hand().at("2026-03-10 06:00").about(4711);
    let of_another_start = || message(813).by_hand().at("2026-03-10 05:00").stating(4711, "2026-03-10 17:00");
    let nobody = || practice().with(customer(ANNA)).contact_template(&[Email]);
    let says = |practice: &Practice, by_hand: &str| {
        practice.pass("2026-03-10 12:00").says(&[&format!("4711 skipped: unreachable, email NoAddress{by_hand}")]);
    };
    says(&nobody().with(told()), ", but told by hand in message 812");
    says(&nobody().with(told()).with(of_another_start()), ", but told by hand in message 812");
    says(&nobody().with(of_another_start()), "");
    // A reminder that came back is no call, and a call that was not made counts no more.
    says(&nobody().with(rejected().at("2026-03-10 06:00").about(4711)), "");
    says(&nobody().with(told().state(State::Failed)), "");
}

#[test]
fn f5_a_template_without_channels_reaches_nobody() {
    let mut practice = practice().with(reachable());
    practice.chain.contact_template = None;
    practice.pass("2026-03-10 12:00").says(&["4711 skipped: unreachable"]);
}

/// A mail that was rejected for good this morning.
fn rejected() -> Message {
    message(812).reminder().at("2026-03-10 11:00").state(State::Failed)
}

#[test]
fn f6_after_a_rejection_the_next_channel_follows_in_the_same_pass() {
    let practice = practice().with(reachable()).with(rejected().at("2026-03-10 12:00").about(4711));
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by sms of 4711"]);
}

#[test]
fn f6_trouble_with_the_server_makes_no_message_wander() {
    let deferred = rejected().about(4711).state(State::Deferred);
    assert_eq!(channel(&practice().with(reachable()).with(deferred)), Email);
}

#[test]
fn f7_a_dead_mailbox_is_not_tried_again_for_the_same_start() {
    assert_eq!(channel(&practice().with(reachable()).with(rejected().about(4711))), Sms);
    practice()
        .with(anna())
        .with(rejected().about(4711))
        .pass("2026-03-10 12:00")
        .says(&["4711 skipped: unreachable, email RejectedBefore { message_id: 812 }, sms NoAddress, \
         letter PostalAddressIncomplete, phone NoAddress"]);
}

#[test]
fn f7_of_several_rejections_the_newest_is_named() {
    let again = |id| message(id).reminder().at("2026-03-10 11:00").state(State::Failed).about(4711);
    let practice = practice().contact_template(&[Email]).with(anna()).with(again(3)).with(again(9)).with(again(5));
    practice.pass("2026-03-10 12:00").says(&["4711 skipped: unreachable, email RejectedBefore { message_id: 9 }"]);
}

#[test]
fn f7_a_message_of_any_kind_counts() {
    for told in [rejected().confirmation(), rejected().by_hand(), rejected()] {
        assert_eq!(channel(&practice().with(reachable()).with(told.about(4711))), Sms);
    }
    // And a confirmation does not go where a reminder was rejected.
    let practice = chain().only_confirming().with(reachable()).with(appointment(1).at("2026-03-20 10:00"));
    practice.pass("2026-03-10 12:00").says(&["confirmation to 7 by email of 1"]);
    practice.with(rejected().about(1)).pass("2026-03-10 12:00").says(&[]);
}

#[test]
fn f7_a_corrected_address_is_usable() {
    let corrected = reachable().email("anna.neu@example.de");
    assert_eq!(channel(&practice().with(corrected).with(rejected().about(4711))), Email);
}

#[test]
fn f7_blanks_around_an_address_do_not_correct_it() {
    assert_eq!(channel(&practice().with(reachable().email(" anna@example.de ")).with(rejected().about(4711))), Sms);
}

#[test]
fn f7_after_a_move_the_address_is_usable_again() {
    let practice = practice().with(reachable()).with(rejected().stating(4711, "2026-03-10 18:00"));
    assert_eq!(channel(&practice), Sms);
    assert_eq!(channel(&practice.moved(4711, "2026-03-10 19:00")), Email);
}

#[test]
fn f7_a_rejection_about_another_appointment_does_not_count() {
    let other = appointment(4712).at("2026-03-20 18:00");
    let practice = practice().with(reachable()).with(other).with(rejected().about(4712));
    assert_eq!(channel(&practice), Email);
}

#[test]
fn f7_a_rejection_about_another_appointment_at_the_same_time_does_not_count() {
    let other = appointment(4712).at("2026-03-10 18:00").status(Status::Cancelled);
    let practice = practice().with(reachable()).with(other).with(rejected().about(4712));
    assert_eq!(channel(&practice), Email);
}

#[test]
fn f7_one_appointment_in_common_is_enough() {
    let practice = practice()
        .with(reachable())
        .with(appointment(4712).at("2026-03-10 19:00"))
        .with(rejected().about(4712).stating(4710, "2026-03-01 10:00"));
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by sms of 4711, 4712"]);
}

#[test]
fn f7_what_was_rejected_for_another_customer_or_by_another_channel_does_not_count() {
    assert_eq!(channel(&practice().with(reachable()).with(rejected().about(4711).to(8))), Email);
    assert_eq!(
        channel(&practice().with(reachable()).with(rejected().about(4711).by(Letter, "anna@example.de"))),
        Email
    );
}

#[test]
fn f7_only_what_failed_was_rejected() {
    for state in State::ALL {
        let told = rejected().about(4711).state(*state).at("2026-03-01 10:00");
        let practice = practice().with(reachable()).with(told);
        let usable = *state != State::Failed;
        match reached(&practice) {
            Ok(route) => assert_eq!(route.address.channel() == Email, usable, "{state}"),
            Err(said) => assert_eq!((said.as_str(), state.counts()), ("4711 skipped: already_reminded\n", true)),
        }
    }
}

#[test]
fn f7_the_next_number_is_tried_before_the_next_channel() {
    let practice = practice().contact_template(&[Sms, Email]);
    let one = practice.clone().with(customer(ANNA).phone(1, MOBILE).sms_ok());
    let both = practice.with(anna().phone(1, MOBILE).sms_ok().phone(2, "0152 28895456").sms_ok());
    // The record has the number as it was handed over.
    let first = address(&one);
    assert_eq!(address(&both), first);
    let rejected_one = both.with(rejected().about(4711).by(Sms, &first));
    assert_eq!(channel(&rejected_one), Sms);
    let second = address(&rejected_one);
    assert_ne!(second, first);
    let rejected_both = rejected_one
        .with(message(813).reminder().at("2026-03-10 11:00").state(State::Failed).about(4711).by(Sms, &second));
    assert_eq!(channel(&rejected_both), Email);
}

#[test]
fn f7_a_number_is_the_same_however_a_message_by_hand_spelled_it() {
    let practice = practice().contact_template(&[Sms, Email]).with(reachable());
    assert_eq!(channel(&practice), Sms);
    assert_eq!(channel(&practice.with(rejected().by_hand().about(4711).by(Sms, MOBILE))), Email);
}

/// Staff have noted that nobody is to be reached there.
#[test]
fn f7_a_number_at_which_a_call_failed_is_not_rung_again_however_it_was_spelled() {
    let practice = practice().contact_template(&[Phone]).with(customer(ANNA).phone(1, LANDLINE).phone(2, MOBILE));
    assert_eq!(address(&practice), LANDLINE);
    for failed in [LANDLINE, "+49 30 23125001", "030/23125001"] {
        let call = rejected().by_hand().about(4711).by(Phone, failed);
        assert_eq!(address(&practice.clone().with(call)), MOBILE, "{failed}");
    }
    let another = rejected().about(4711).by(Phone, "030 23125 002");
    assert_eq!(address(&practice.with(another)), LANDLINE);
}

#[test]
fn f7_a_number_rejected_for_text_messages_may_still_be_rung() {
    let practice = practice().contact_template(&[Sms, Phone]).with(customer(ANNA).phone(1, MOBILE).sms_ok());
    let number = address(&practice);
    assert_eq!(channel(&practice.with(rejected().about(4711).by(Sms, &number))), Phone);
}

/// A call that staff are to make about appointments 1 and 2.
fn call() -> Task {
    let covered = |id, start: &str| TaskAppointment {
        id,
        stated: Some(local(start)),
        present: Some(Present { branch_id: id, customer_id: Some(ANNA), start: local(start), status: Status::Booked }),
    };
    Task {
        id: 812,
        channel: Phone,
        address: LANDLINE.to_owned(),
        subject: None,
        body: "Guten Tag".to_owned(),
        sent_at: berlin().instant(local("2026-03-10 12:00")),
        customer_id: ANNA,
        customer_name: None,
        unwanted: false,
        covers: vec![covered(1, "2026-03-10 18:00"), covered(2, "2026-03-10 20:00")],
        present_addresses: Some(vec![LANDLINE.to_owned()]),
        by_hand: None,
    }
}

#[track_caller]
fn task_at(task: &Task, at: &str) -> TaskState {
    task.state(berlin().instant(local(at)), berlin())
}

/// The call after a change of one of its appointments.
fn call_after(change: impl Fn(&mut TaskAppointment), which: &[usize]) -> Task {
    let mut call = call();
    for index in which {
        change(&mut call.covers[*index]);
    }
    call
}

#[test]
fn f3_a_task_is_open_until_the_start_and_missed_afterwards() {
    assert_eq!(task_at(&call(), "2026-03-10 12:00"), TaskState::Open);
    assert_eq!(task_at(&call(), "2026-03-10 17:59:59"), TaskState::Open);
    assert_eq!(task_at(&call(), "2026-03-10 18:00"), TaskState::Missed);
    assert_eq!(call().needed_by(), Some(local("2026-03-10 18:00")));
    assert_eq!(call().branch_id(), Some(1));
}

#[test]
fn f3_a_task_about_what_was_cancelled_moved_deleted_or_given_away_is_withdrawn() {
    let cancel = |covered: &mut TaskAppointment| covered.present.as_mut().unwrap().status = Status::Cancelled;
    let no_show = |covered: &mut TaskAppointment| covered.present.as_mut().unwrap().status = Status::NoShow;
    let move_it = |covered: &mut TaskAppointment| covered.present.as_mut().unwrap().start = local("2026-03-11 18:00");
    let give_away = |covered: &mut TaskAppointment| covered.present.as_mut().unwrap().customer_id = Some(8);
    let delete = |covered: &mut TaskAppointment| covered.present = None;
    let changes: [&dyn Fn(&mut TaskAppointment); 5] = [&cancel, &no_show, &move_it, &give_away, &delete];
    for (number, change) in changes.into_iter().enumerate() {
        for at in ["2026-03-10 12:00", "2026-03-10 19:00", "2026-03-12 12:00"] {
            assert_eq!(task_at(&call_after(change, &[0, 1]), at), TaskState::Withdrawn, "change {number} at {at}");
        }
        // The other appointment still stands: it is needed by that one's start.
        let rest = call_after(change, &[0]);
        assert_eq!(task_at(&rest, "2026-03-10 19:00"), TaskState::Open, "change {number}");
        assert_eq!(task_at(&rest, "2026-03-10 20:00"), TaskState::Missed, "change {number}");
        assert_eq!(rest.changed().map(|covered| covered.id).collect::<Vec<_>>(), [1], "change {number}");
        assert_eq!(rest.branch_id(), Some(2), "change {number}");
    }
}

#[test]
fn f3_a_task_for_someone_who_died_or_wants_no_messages_is_withdrawn() {
    let unwanted = Task { unwanted: true, ..call() };
    assert_eq!(task_at(&unwanted, "2026-03-10 12:00"), TaskState::Withdrawn);
    assert_eq!(task_at(&unwanted, "2026-03-10 19:00"), TaskState::Withdrawn);
}

#[test]
fn f3_letter_and_phone_count_as_messages() {
    let practice = practice().contact_template(&[Phone]).with(reachable());
    practice.pass("2026-03-10 12:00").says(&["reminder to 7 by phone of 4711"]);
    practice.after_pass("2026-03-10 12:00").pass("2026-03-10 13:00").says(&["4711 skipped: already_reminded"]);
}
