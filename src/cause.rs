//! Why a message is in its state, in our own words and not in those of a server.
//!
//! The record and the JSON report have the English sentence; reports for people say it in their language.

use std::fmt;

use crate::rules::reason::ReasonKind;

/// A cause of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Quiet time or `max_minutes` was reached (A4).
    TimeOver,
    /// A signal asked the program to end.
    AskedToEnd,
    /// The text cannot be rendered (F8).
    TextUnusable,
    /// The server was left alone for the rest of the pass.
    ServerInTrouble,
    /// It was claimed to follow another message on its connection, which it then did not.
    TurnNotCome,
    /// The pass ended before it was handed over.
    PassEnded,
    /// The pass died before it was handed over.
    DiedBefore,
    /// The pass died while it was being handed over (G3).
    DiedWhile,
    /// Its gateway has never seen it (G3).
    NeverSeen,
    /// Somebody has settled it as failed.
    SettledByHand,
    /// A backup was restored, and with it the record was lost of whether it was sent.
    BackupRestored,
    /// Its first appointment had begun when its turn came.
    Begun,
    /// A pass without our lock had told the same.
    ToldByAnotherPass,
    /// The appointment was cancelled after the decision.
    Cancelled,
    /// The customer was marked as deceased after the decision.
    Deceased,
    /// The customer came to want no messages after the decision.
    NoMessagesWanted,
    /// The appointment was changed after the decision.
    Changed,
    /// Another message told the customer after the decision (E3, E4).
    ToldBy {
        /// That message.
        message_id: i64,
    },
    /// The rules have another reason by now.
    NotDue {
        /// That reason.
        reason: ReasonKind,
    },
    /// A later pass that looked at everything did not decide it again.
    NotDueInPass {
        /// That pass.
        pass_id: i64,
    },
    /// Its appointment began before it could be sent.
    TooLate {
        /// Why it had been deferred, in our words or a server's.
        problem: String,
    },
}

impl Cause {
    /// How the sentence of [`Cause::TooLate`] begins.
    pub const TOO_LATE: &'static str = "the appointment began before it could be sent: ";

    const PLAIN: [(Self, &'static str); 17] = [
        (Self::TimeOver, "the time for sending was over"),
        (Self::AskedToEnd, "the program was asked to end"),
        (Self::TextUnusable, "its text cannot be used"),
        (Self::ServerInTrouble, "the server was in trouble"),
        (Self::TurnNotCome, "its turn to be handed over had not come"),
        (Self::PassEnded, "the pass ended before it was handed over"),
        (Self::DiedBefore, "the program ended before it was handed over"),
        (Self::DiedWhile, "the program ended while it was being handed over"),
        (Self::NeverSeen, "the gateway has never seen it"),
        (Self::SettledByHand, "settled by hand as failed"),
        (Self::BackupRestored, "sent or not before a backup was restored: nobody knows"),
        (Self::Begun, "the appointment has begun in the meantime"),
        (Self::ToldByAnotherPass, "it has been told by another pass in the meantime"),
        (Self::Cancelled, "the appointment has been cancelled in the meantime"),
        (Self::Deceased, "the customer has been marked as deceased in the meantime"),
        (Self::NoMessagesWanted, "the customer wants no messages any more"),
        (Self::Changed, "the appointment has been changed in the meantime"),
    ];

    /// The cause whose sentence the record has; `None` if the sentence is a server's, or of another version.
    #[must_use]
    pub fn of_sentence(sentence: &str) -> Option<Self> {
        if let Some((cause, _)) = Self::PLAIN.iter().find(|(_, plain)| *plain == sentence) {
            return Some(cause.clone());
        }
        let between = |before: &str, after: &str| sentence.strip_prefix(before)?.strip_suffix(after);
        if let Some(id) = between("message ", " has been sent to the customer in the meantime") {
            return id.parse().ok().map(|message_id| Self::ToldBy { message_id });
        }
        if let Some(id) = between("no longer due when pass ", " looked") {
            return id.parse().ok().map(|pass_id| Self::NotDueInPass { pass_id });
        }
        if let Some(problem) = sentence.strip_prefix(Self::TOO_LATE) {
            return Some(Self::TooLate { problem: problem.to_owned() });
        }
        between("it is not due any more: ", "").and_then(ReasonKind::from_word).map(|reason| Self::NotDue { reason })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ToldBy { message_id } => {
                write!(f, "message {message_id} has been sent to the customer in the meantime")
            }
            Self::NotDue { reason } => write!(f, "it is not due any more: {reason}"),
            Self::NotDueInPass { pass_id } => write!(f, "no longer due when pass {pass_id} looked"),
            Self::TooLate { problem } => write!(f, "{}{problem}", Self::TOO_LATE),
            plain => {
                let sentence = Self::PLAIN.iter().find(|(cause, _)| cause == plain).map(|(_, sentence)| *sentence);
                f.write_str(sentence.unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_known_again_by_its_sentence() {
        let with_facts = [
            Cause::ToldBy { message_id: 17 },
            Cause::NotDue { reason: ReasonKind::Unreachable },
            Cause::NotDueInPass { pass_id: 4 },
            Cause::TooLate { problem: "connecting: refused".to_owned() },
        ];
        for cause in Cause::PLAIN.into_iter().map(|(cause, _)| cause).chain(with_facts) {
            let sentence = cause.to_string();
            assert!(!sentence.is_empty());
            assert_eq!(Cause::of_sentence(&sentence), Some(cause));
        }
        assert_eq!(Cause::of_sentence("550 5.1.1 no such user"), None);
    }
}
