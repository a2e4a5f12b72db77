//! A pass that is asked to end finishes what is under way, and begins nothing new.

use super::house::{Balance, CUSTOMERS, House, LATER, Setup, full_practice};
use super::practice::EVENING;
use super::trap::{Point, Spring};

#[test]
fn a_pass_that_is_asked_to_end_finishes_what_is_under_way_and_defers_the_rest() {
    let template = full_practice();
    // To a server that is told several commands at once, messages are claimed ahead.
    for (signal, can_be_asked) in [("TERM", false), ("INT", false), ("TERM", true)] {
        let house = House::new(&template, Setup { connections: 4, can_be_asked });
        let pass = house.start(EVENING, Spring::Hold(Point::FinalDot), true);
        pass.trap.wait_until_held(4);
        pass.signal(signal);
        // The signal has been taken note of; the flag that it sets is seen before anything is claimed.
        wait_until_handled(pass.trap.process());
        let texts_before = house.texts.taken().len();
        pass.trap.open();
        let printed = pass.finish();
        house.come_to_rest();
        assert_eq!(printed.status, 1, "{signal}: {printed}");
        assert!(
            printed
                .words()
                .contains("The pass ended before everything was handed over, since the program was asked to end."),
            "{printed}"
        );
        let mails = house.mail.taken().len();
        let texts = house.texts.taken().len();
        assert!(mails == 4 && texts <= texts_before + 4, "{signal}: {mails} mails, {texts} SMS");
        let states = house.practice.query("SELECT state, count(*) FROM message GROUP BY state ORDER BY state");
        assert_eq!(states, format!("deferred|{}\nsent|{}", CUSTOMERS - mails - texts, mails + texts));
        let recorded = house.practice.query("SELECT result, exit_status, sent, uncertain FROM pass");
        assert_eq!(recorded, format!("complete|1|{}|0", mails + texts));

        let next = house.quiet_pass(LATER);
        assert_eq!(next.status, 0, "{next}");
        assert_eq!(Balance::of(&house, 0), Balance::default());
    }
}

/// Waits until no signal is on its way to a process any more.
fn wait_until_handled(process: u32) {
    for _ in 0..100_000 {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let pending = status.lines().filter(|line| line.starts_with("SigPnd:") || line.starts_with("ShdPnd:"));
        if pending.into_iter().all(|line| line.ends_with("0000000000000000")) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the signal has not arrived");
}
