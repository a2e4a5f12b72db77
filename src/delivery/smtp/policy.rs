//! What an answer of a mail server means for a message. The whole policy is in this file.
//!
//! Two mistakes are to be avoided: to send something twice, and to blame an address for what is
//! wrong between us and the server. The first would cost trust. The second would make every message
//! wander to another channel, and bar hundreds of good addresses, for one changed password.
//!
//! **Before MAIL** nothing has been said about any message. A connection that cannot be made or
//! breaks, a name that cannot be found, silence, nonsense, and every 4xx (421 and 454 among them)
//! may pass: *not sent*, the server is in trouble. A 5xx, a wrong certificate, and what the settings
//! demand and the server does not offer (STARTTLS, a way to log in) need a person: *refused*.
//!
//! **MAIL** names our sender, which all messages have in common. 4xx: not sent, the server is in
//! trouble. 5xx: refused; but 552 and the statuses 5.2.3 and 5.3.4 say that this one message is too
//! large: *rejected*.
//!
//! **RCPT** names the address. 4xx: not sent, and only this message waits (greylisting, a full
//! mailbox), unless the status is about the mail system (x.3.y), the code is 421 or 454, or it
//! asks for a log-in. 5xx: rejected, with these exceptions, which are about us:
//! - the codes 500, 502, 503, 504, 530, 534, 535, 538, 555, and the statuses that speak of log-in,
//!   encryption, our address or our domain (5.7.8 to 5.7.11, 5.7.14, 5.7.20 to 5.7.27, 5.7.54,
//!   5.7.57, 5.7.60, 5.7.64), of a limit that we have reached or an account that is closed (5.1.8, 5.1.90,
//!   5.4.5, 5.7.501 to 5.7.503, 5.7.508 to 5.7.511, 5.7.606 to 5.7.649, 5.7.700 to 5.7.750): refused;
//! - the other 5.7.x, 5.2.0, and 554 without a status, mean "policy" and are used for both: for a relay
//!   that is not allowed, a blocked computer or a sender that is not ours, and for a mailbox that
//!   takes no mail from outside. What the server did before decides: if it has taken a recipient
//!   from us in this pass, then it is this address: rejected. If not, it may be us: not sent, and this
//!   message waits while others show which it is;
//! - "relay" in the words of such an answer, or of one without a status: refused. It is the one
//!   place where words decide, because widespread servers have no code of its own for the most
//!   common mistake of all, a log-in that was forgotten. Addresses that the words quote do not count.
//!
//! **DATA**, up to the final dot: broken or silent is *not sent*, since a server must throw away a
//! message without its end (RFC 5321, 4.1.1.4). 421: the server is in trouble. 4xx: this message
//! waits. 5xx: rejected, with the exceptions about us by code or status as above.
//!
//! **After the final dot** only an answer counts. 2xx: accepted. 4xx and 5xx as for DATA: the server
//! says that it has not taken the message. A text that a filter does not like (554) is thereby
//! rejected; of a message that is repeated this does not say what became of it the first time, since a
//! server that knows its Message-ID answers the same. No answer, or one that cannot be understood: *unknown*, and never sent again in this
//! pass.
//!
//! **Several in a row.** An account that is closed, or has sent enough for today, is often told by words
//! alone, to each message anew. So, if the server has refused several messages one after the other and taken
//! none in between, by answers that do not clearly speak of the mailbox, the next such answer is about us:
//! not sent, the server is in trouble. To a server that has taken no recipient at all from us, this holds for
//! every 5xx without a status: a log-in that was forgotten may look like nothing but bad addresses.

use super::wire::{Reply, Trouble};
use crate::delivery::Outcome;

/// How far the conversation had come when something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Looking up the name, connecting, and the server's first words.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS and the handshake.
    Encryption,
    /// AUTH.
    Login,
    /// MAIL, with RSET before it where one was due.
    Sender,
    /// RCPT.
    Recipient,
    /// DATA and the message itself, up to the final dot.
    Data,
    /// Everything was sent, the final dot too; the answer is what is missing.
    Answer,
}

impl Stage {
    /// What was being done, as it stands in an explanation.
    const fn doing(self) -> &'static str {
        match self {
            Self::Greeting => "connecting",
            Self::Hello => "EHLO",
            Self::Encryption => "encryption",
            Self::Login => "log-in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Data => "sending the message",
            Self::Answer => "waiting for the answer to the message",
        }
    }

    /// What it was that the server did not want.
    const fn refused(self) -> &'static str {
        match self {
            Self::Greeting => "the server takes no connection",
            Self::Hello => "EHLO refused",
            Self::Encryption => "STARTTLS refused",
            Self::Login => "log-in refused",
            Self::Sender => "sender refused",
            Self::Recipient => "recipient refused",
            Self::Data | Self::Answer => "message refused",
        }
    }
}

/// What the server did before in this pass, by which an unclear answer is understood.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    /// Whether it has taken a recipient from us.
    pub(super) has_taken: bool,
    /// How many messages it has refused by unclear answers since it last took one.
    pub(super) in_doubt: u32,
}

impl Before {
    /// After so many, the next one is about us. Two addresses in a row may well be wrong.
    const TOO_MANY: u32 = 3;
}

/// Whether `trouble` at `stage` may be about this message as well as about us, with a server that has taken a recipient
/// from us in this pass or not.
pub(super) fn is_unclear(stage: Stage, trouble: &Trouble, has_taken: bool) -> bool {
    match trouble {
        Trouble::Large(_) => true,
        Trouble::Reply(reply) if reply.code >= 500 && !is_about_us(reply) => match stage {
            Stage::Sender => is_about_size(reply),
            // Without a status, some say the same to whoever has forgotten to log in (Haraka, OpenSMTPD).
            Stage::Recipient => matches!(policy_of(reply), Policy::Unclear) || !has_taken && reply.status().is_none(),
            Stage::Data | Stage::Answer => !is_about_the_mailbox(reply),
            _ => false,
        },
        _ => false,
    }
}

/// What `trouble` at `stage` means for the message, after what the server did `before`.
pub(super) fn judge(stage: Stage, trouble: &Trouble, before: Before) -> Outcome {
    if before.in_doubt >= Before::TOO_MANY && is_unclear(stage, trouble, before.has_taken) {
        let problem = match trouble {
            Trouble::Reply(reply) => format!("{}: {reply}", stage.refused()),
            Trouble::Large(problem) => problem.clone(),
            _ => String::new(),
        };
        return not_sent(problem, true);
    }
    match trouble {
        Trouble::Unfit(problem) => Outcome::Refused(problem.clone()),
        Trouble::Large(problem) => Outcome::Declined(problem.clone()),
        Trouble::Closed(problem) | Trouble::Silent(problem) | Trouble::Garbled(problem) => {
            let problem = format!("{}: {problem}", stage.doing());
            if stage == Stage::Answer { Outcome::Unknown(problem) } else { not_sent(problem, true) }
        }
        Trouble::Reply(reply) => judge_reply(stage, reply, before.has_taken),
    }
}

fn judge_reply(stage: Stage, reply: &Reply, has_taken: bool) -> Outcome {
    let text = format!("{}: {reply}", stage.refused());
    let status = reply.status();
    let about_the_system = status.is_some_and(|(_, subject, _)| subject == 3);
    match (reply.code, stage) {
        // A positive answer that does not fit its question: nobody can tell what it is an answer to.
        (..=399, Stage::Answer) => Outcome::Unknown(format!("{}: unexpected answer {reply}", stage.doing())),
        (..=399, _) => not_sent(format!("{}: unexpected answer {reply}", stage.doing()), true),
        (421 | 454, _) => not_sent(text, true),
        (400..=499, _) if stage <= Stage::Sender => not_sent(text, true),
        (400..=499, _) => not_sent(text, about_the_system),
        _ if stage < Stage::Sender => Outcome::Refused(text),
        (_, Stage::Sender) if is_about_size(reply) => Outcome::Declined(text),
        (_, Stage::Sender) => Outcome::Refused(text),
        _ if is_about_us(reply) => Outcome::Refused(text),
        (_, Stage::Recipient) => match policy_of(reply) {
            Policy::No if is_no_address(reply) => Outcome::Rejected(text),
            Policy::Relay => Outcome::Refused(text),
            Policy::Unclear if !has_taken => not_sent(text, false),
            Policy::No | Policy::Unclear => Outcome::Declined(text),
        },
        _ if reply.status().is_some() && is_no_address(reply) => Outcome::Rejected(text),
        _ => Outcome::Declined(text),
    }
}

fn not_sent(problem: String, server: bool) -> Outcome {
    Outcome::NotSent { problem, wait: None, server }
}

/// Whether the message is too large for the server.
fn is_about_size(reply: &Reply) -> bool {
    reply.code == 552 || matches!(reply.status(), Some((5, 2, 3) | (5, 3, 4)))
}

/// Whether the answer is about us rather than about the address or the message: our log-in, our
/// encryption, our commands, the standing of our domain or computer.
fn is_about_us(reply: &Reply) -> bool {
    matches!(reply.code, 500 | 502 | 503 | 504 | 530 | 534 | 535 | 538 | 555)
        || matches!(
            reply.status(),
            Some((5, 1, 8 | 90) | (5, 4, 5) | (5, 7, 8..=11 | 14 | 20..=27 | 54 | 57 | 60 | 64))
        )
        // Microsoft's own, by which senders, computers and whole chains are barred.
        || matches!(reply.status(), Some((5, 7, 501..=503 | 508..=511 | 606..=649 | 700..=750)))
}

/// Whether a refused recipient is one that there is not; without a status, the code says so.
fn is_no_address(reply: &Reply) -> bool {
    match reply.status() {
        Some(status) => matches!(status, (5, 1, _) | (5, 2, 1)),
        None => matches!(reply.code, 550 | 551 | 553),
    }
}

/// Whether a refused message is so for its mailbox, or for what is in it.
fn is_about_the_mailbox(reply: &Reply) -> bool {
    matches!(reply.status(), Some((5, 1 | 6, _) | (5, 2, 1..=2)))
}

/// Whether a refused recipient is a matter of policy, which may mean us or the address.
enum Policy {
    No,
    Relay,
    Unclear,
}

fn policy_of(reply: &Reply) -> Policy {
    let status = reply.status();
    if matches!(status, None | Some((5, 7, _))) && speaks_of_relaying(&reply.text) {
        return Policy::Relay;
    }
    match status {
        Some((5, 7, _) | (5, 2, 0)) => Policy::Unclear,
        None if reply.code == 554 => Policy::Unclear,
        _ => Policy::No,
    }
}

fn speaks_of_relaying(text: &str) -> bool {
    text.split_whitespace().filter(|word| !word.contains('@')).any(|word| word.to_ascii_lowercase().contains("relay"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> Trouble {
        let (code, text) = line.split_once(' ').unwrap();
        Trouble::Reply(Reply { code: code.parse().unwrap(), text: text.to_owned() })
    }

    /// The outcome in one word; `server` stands for not sent because of the server.
    fn word(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Rejected(_) | Outcome::Declined(_) => "rejected",
            Outcome::Refused(_) => "refused",
            Outcome::NotSent { server: true, .. } => "server",
            Outcome::NotSent { server: false, .. } => "message",
            Outcome::Unknown(_) => "unknown",
        }
    }

    #[track_caller]
    fn case(stage: Stage, line: &str, expected: &str) {
        assert_eq!(word(&judge(stage, &reply(line), Before::default())), expected, "{stage:?} {line}");
    }

    #[track_caller]
    fn case_after_a_recipient_was_taken(stage: Stage, line: &str, expected: &str) {
        assert_eq!(word(&judge(stage, &reply(line), TAKEN)), expected, "{stage:?} {line}");
    }

    const TAKEN: Before = Before { has_taken: true, in_doubt: 0 };

    const ALL: [Stage; 8] = [
        Stage::Greeting,
        Stage::Hello,
        Stage::Encryption,
        Stage::Login,
        Stage::Sender,
        Stage::Recipient,
        Stage::Data,
        Stage::Answer,
    ];

    /// The first try may have arrived all the same.
    #[test]
    fn only_that_there_is_no_such_address_settles_a_repetition() {
        let settles = |stage: Stage, line: &str| match judge(stage, &reply(line), TAKEN) {
            Outcome::Rejected(_) => true,
            Outcome::Declined(_) => false,
            other => panic!("{line}: {other:?}"),
        };
        for line in ["550 5.1.1 no such user", "550 5.2.1 mailbox disabled", "550 unknown", "553 5.1.3 bad syntax"] {
            assert!(settles(Stage::Recipient, line), "{line}");
        }
        assert!(settles(Stage::Answer, "550 5.1.1 no such user"));
        for line in ["550 5.7.1 blocked", "552 5.2.2 over quota", "550 5.2.3 too long", "554 not here"] {
            assert!(!settles(Stage::Recipient, line), "{line}");
        }
        for line in ["554 5.6.0 duplicate message-id", "554 5.7.1 spam", "550 spam", "552 5.2.2 over quota"] {
            assert!(!settles(Stage::Answer, line), "{line}");
        }
        assert!(!settles(Stage::Data, "554 5.7.1 refused by policy"));
    }

    #[test]
    fn a_broken_connection_is_not_sent_until_the_final_dot_and_unknown_after_it() {
        for stage in ALL {
            let expected = if stage == Stage::Answer { "unknown" } else { "server" };
            for kind in [Trouble::Closed, Trouble::Silent, Trouble::Garbled] {
                assert_eq!(word(&judge(stage, &kind("x".to_owned()), TAKEN)), expected, "{stage:?}");
            }
        }
    }

    #[test]
    fn a_421_is_trouble_with_the_server_at_every_stage() {
        for stage in ALL {
            case(stage, "421 4.3.2 shutting down", "server");
        }
    }

    #[test]
    fn a_wrong_certificate_and_what_is_not_offered_need_a_person() {
        for stage in [Stage::Greeting, Stage::Encryption, Stage::Login] {
            assert_eq!(word(&judge(stage, &Trouble::Unfit("x".to_owned()), Before::default())), "refused");
        }
    }

    #[test]
    fn what_no_server_of_that_kind_can_take_is_rejected() {
        assert_eq!(word(&judge(Stage::Sender, &Trouble::Large("x".to_owned()), TAKEN)), "rejected");
    }

    #[test]
    fn before_mail_4xx_may_pass_and_5xx_needs_a_person() {
        for stage in [Stage::Greeting, Stage::Hello, Stage::Encryption, Stage::Login] {
            case(stage, "450 try later", "server");
            case(stage, "554 5.7.1 no service for you", "refused");
        }
        case(Stage::Encryption, "454 4.7.0 TLS not available", "server");
        case(Stage::Hello, "502 what?", "refused");
    }

    #[test]
    fn a_log_in_that_is_refused_needs_a_person() {
        for line in ["535 5.7.8 wrong", "530 5.7.0 STARTTLS first", "534 5.7.9 too weak", "538 5.7.11 encrypt"] {
            case(Stage::Login, line, "refused");
        }
        // RFC 4954: the server cannot check passwords for now, which says nothing about ours.
        case(Stage::Login, "454 4.7.0 Temporary authentication failure", "server");
    }

    #[test]
    fn a_refused_sender_concerns_every_message() {
        for line in ["450 4.1.8 sender domain", "451 4.3.0 local error", "452 4.3.1 no space"] {
            case(Stage::Sender, line, "server");
        }
        for line in ["550 5.7.1 not you", "553 5.1.8 bad sender", "530 5.7.0 log in first", "554 no"] {
            case(Stage::Sender, line, "refused");
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_rejected_and_the_others_go_on() {
        for line in ["552 5.3.4 message size exceeds fixed limit", "552 too big", "500 5.2.3 too long for the mailbox"]
        {
            case(Stage::Sender, line, "rejected");
        }
        case(Stage::Answer, "552 5.3.4 too big", "rejected");
    }

    #[test]
    fn an_address_that_does_not_exist_is_rejected() {
        for line in [
            "550 5.1.1 no such user",
            "550 no such user here",
            "551 5.1.6 has moved",
            "552 5.2.2 mailbox full",
            "553 5.1.3 bad syntax",
            "501 5.1.3 bad syntax",
            "554 5.1.2 no such domain",
            "550 5.2.1 mailbox disabled",
            "556 5.1.10 takes no mail",
        ] {
            case(Stage::Recipient, line, "rejected");
        }
    }

    #[test]
    fn an_address_that_has_to_wait_holds_up_nobody_else() {
        for line in ["450 4.2.0 greylisted", "451 4.7.1 greylisted", "452 4.2.2 mailbox full", "450 busy"] {
            case(Stage::Recipient, line, "message");
        }
        for line in ["452 4.3.1 no space", "451 4.3.0 queue file write error", "454 4.7.1 relay access denied"] {
            case(Stage::Recipient, line, "server");
        }
    }

    #[test]
    fn what_is_about_us_is_never_blamed_on_an_address() {
        for line in [
            "530 5.7.0 authentication required",
            "535 5.7.8 not logged in",
            "503 5.5.1 MAIL first",
            "550 5.7.54 unable to relay recipient in non-accepted domain",
            "530 5.7.57 client not authenticated",
            "550 5.7.26 unauthenticated mail from example.de",
            "550 5.7.25 no reverse name",
        ] {
            case_after_a_recipient_was_taken(Stage::Recipient, line, "refused");
            case_after_a_recipient_was_taken(Stage::Answer, line, "refused");
        }
    }

    #[test]
    fn a_relay_that_is_not_allowed_is_refused() {
        for line in [
            "554 5.7.1 <anna@example.de>: Relay access denied",
            "550 relay not permitted",
            "550 5.7.1 Unable to relay",
            "550 5.7.1 <anna@example.de>... Relaying denied",
        ] {
            case(Stage::Recipient, line, "refused");
        }
        case(Stage::Recipient, "550 <relay@example.de>: unknown user", "rejected");
        case(Stage::Recipient, "550 5.1.1 unknown user in relay table", "rejected");
    }

    #[test]
    fn an_unclear_policy_may_be_about_us_until_the_server_has_taken_a_recipient() {
        for line in [
            "554 5.7.1 service unavailable; client host blocked",
            "553 5.7.1 sender address rejected: not owned by user",
            "550 5.7.1 not for outsiders",
            "554 transaction failed",
        ] {
            case(Stage::Recipient, line, "message");
            case_after_a_recipient_was_taken(Stage::Recipient, line, "rejected");
        }
    }

    #[test]
    fn a_message_that_is_refused_after_data_was_not_taken() {
        for stage in [Stage::Data, Stage::Answer] {
            for line in ["550 5.7.1 looks like spam", "554 5.6.0 refused", "554 no", "552 5.2.2 mailbox full"] {
                case(stage, line, "rejected");
            }
            for line in ["450 4.2.0 try later", "451 4.7.1 greylisted", "452 4.2.2 mailbox full"] {
                case(stage, line, "message");
            }
            case(stage, "452 4.3.1 no space", "server");
        }
    }

    #[test]
    fn a_limit_that_is_reached_and_an_account_that_is_closed_are_about_us() {
        for line in [
            "550 5.4.5 Daily user sending limit exceeded",
            "550 5.1.90 limit of recipients reached",
            "550 5.1.8 bad outbound sender",
            "550 5.7.502 banned sender",
            "550 5.7.509 fails DMARC",
            "550 5.7.708 traffic not accepted from this IP",
        ] {
            for stage in [Stage::Recipient, Stage::Data, Stage::Answer] {
                case_after_a_recipient_was_taken(stage, line, "refused");
            }
        }
    }

    #[test]
    fn what_is_said_to_several_messages_in_a_row_is_about_us() {
        let third = Before { has_taken: true, in_doubt: 2 };
        let fourth = Before { has_taken: true, in_doubt: 3 };
        for (stage, line) in [
            (Stage::Answer, "554 5.7.1 Your account is suspended"),
            (Stage::Answer, "550 sending limit exceeded"),
            (Stage::Answer, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"),
            (Stage::Data, "554 refused by policy"),
            (Stage::Recipient, "550 5.7.0 sender rate limit"),
            (Stage::Sender, "552 5.3.4 too large"),
        ] {
            assert_eq!(word(&judge(stage, &reply(line), third)), "rejected", "{line}");
            assert_eq!(word(&judge(stage, &reply(line), fourth)), "server", "{line}");
        }
        // Lists with many dead mailboxes are no sign of anything.
        for (stage, line) in [(Stage::Recipient, "550 5.1.1 no such user"), (Stage::Answer, "552 5.2.2 mailbox full")] {
            assert_eq!(word(&judge(stage, &reply(line), fourth)), "rejected", "{line}");
        }
    }

    #[test]
    fn a_server_that_has_taken_nobody_and_gives_no_status_may_miss_a_log_in() {
        for (line, in_doubt, has_taken, expected) in [
            ("550 I cannot deliver mail for <a@example.de>", 2, false, "rejected"),
            ("550 I cannot deliver mail for <a@example.de>", 3, false, "server"),
            ("550 I cannot deliver mail for <a@example.de>", 3, true, "rejected"),
            ("550 5.1.1 no such user", 3, false, "rejected"),
        ] {
            let outcome = judge(Stage::Recipient, &reply(line), Before { has_taken, in_doubt });
            assert_eq!(word(&outcome), expected, "{line}, {in_doubt} in doubt, has taken: {has_taken}");
        }
    }

    #[test]
    fn an_answer_that_fits_no_question_is_not_taken_for_success() {
        case(Stage::Data, "250 ok", "server");
        case(Stage::Sender, "354 go on", "server");
        case(Stage::Answer, "354 go on", "unknown");
    }

    #[test]
    fn an_explanation_names_the_stage_and_quotes_the_server() {
        let outcome = judge(Stage::Recipient, &reply("550 5.1.1 no such user"), TAKEN);
        assert_eq!(outcome, Outcome::Rejected("recipient refused: 550 5.1.1 no such user".to_owned()));
        let outcome = judge(Stage::Answer, &Trouble::Silent("no answer within 30 s".to_owned()), TAKEN);
        let expected = "waiting for the answer to the message: no answer within 30 s";
        assert_eq!(outcome, Outcome::Unknown(expected.to_owned()));
    }
}
