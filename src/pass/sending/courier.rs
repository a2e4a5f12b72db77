//! The threads of the connections: what they are given, and what they say of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{SendError, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::delivery::{Carrier, Outcome, Prepared};

/// A message on its way to a connection, and the one that may follow there.
pub(super) struct Job {
    pub(super) ticket: u64,
    pub(super) message: Arc<Prepared>,
    pub(super) next: Option<Arc<Prepared>>,
    /// Messages for other connections, which this thread passes on before it sends its own.
    pub(super) others: Vec<Leaving>,
}

/// A message whose claim is about to be committed, with the connection that was taken for it.
pub(super) struct Leaving {
    pub(super) interface_id: i64,
    pub(super) courier: Sender<Job>,
    pub(super) job: Job,
}

impl Leaving {
    /// A message alone, behind which nothing is announced yet.
    pub(super) fn new(interface_id: i64, courier: Sender<Job>, ticket: u64, message: Arc<Prepared>) -> Self {
        Self { interface_id, courier, job: Job { ticket, message, next: None, others: Vec::new() } }
    }

    /// Hands messages to their connections; `results` hears of those that have no thread. To wake a thread
    /// takes as long as to settle a message, so that this one wakes few, and each of them half of the rest.
    pub(super) fn go(mut all: Vec<Self>, results: &Sender<Ended>) {
        while !all.is_empty() {
            let Self { interface_id, courier, mut job } = all.remove(0);
            job.others = all.split_off(all.len() / 2);
            if let Err(SendError(Job { ticket, others, .. })) = courier.send(job) {
                // There never was a thread, so that nothing can have left.
                let outcome = Outcome::NotSent { problem: NO_THREAD.to_owned(), wait: None, server: true };
                // The receiving end is our own.
                let _ = results.send(Ended { ticket, interface_id, outcome });
                all.extend(others);
            }
        }
    }
}

/// A hand-over that has ended.
pub(super) struct Ended {
    pub(super) ticket: u64,
    pub(super) interface_id: i64,
    pub(super) outcome: Outcome,
}

/// What stands in the record for a message whose connection got no thread.
const NO_THREAD: &str = "no thread could be started for the connection";

/// Starts the thread of a connection of `carrier`, which hands over what it is given and tells `results`. It ends
/// when the sender that is returned is dropped. If the computer gives no further thread, there is none, and
/// nothing can be sent to it.
pub(super) fn start(
    carrier: Arc<dyn Carrier>,
    interface_id: i64,
    results: Sender<Ended>,
) -> (Sender<Job>, Option<JoinHandle<()>>) {
    let (sender, jobs) = channel::<Job>();
    let thread = thread::Builder::new().spawn(move || {
        let mut courier = None;
        for Job { ticket, message, next, others } in jobs {
            Leaving::go(others, &results);
            // A fault of ours in the middle of a hand-over must not leave the pass waiting; what
            // has left by then is not known.
            let hand_over = || {
                let courier = courier.get_or_insert_with(|| carrier.courier());
                match &next {
                    Some(next) => courier.hand_over_before(&message, next),
                    None => courier.hand_over(&message),
                }
            };
            let outcome = catch_unwind(AssertUnwindSafe(hand_over)).unwrap_or_else(|_| {
                // Nobody knows any more how far the conversation on its connection has come.
                courier = None;
                Outcome::Unknown("the hand-over broke off by a fault of terminbote".to_owned())
            });
            if results.send(Ended { ticket, interface_id, outcome }).is_err() {
                break;
            }
            // Its turn comes when the outcome of this one is on disk, and not if that is a bad one.
            let announce = || courier.iter_mut().zip(&next).for_each(|(courier, next)| courier.announce(next));
            // Nothing of it has left but its announcement, which its own hand-over finds out about.
            if catch_unwind(AssertUnwindSafe(announce)).is_err() {
                courier = None;
            }
        }
    });
    if let Err(error) = &thread {
        log::warn!(interface_id; "{NO_THREAD}: {error}");
    }
    (sender, thread.ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::email::tests::message;

    #[test]
    fn a_connection_without_a_thread_holds_up_none_of_those_that_leave_with_it() {
        let (couriers, jobs): (Vec<_>, Vec<_>) = (0..6).map(|_| channel()).unzip();
        let leaving =
            (1..).zip(couriers).map(|(ticket, courier)| Leaving::new(2, courier, ticket, Arc::new(message())));
        let (leaving, mut jobs): (Vec<_>, _) = (leaving.collect(), jobs.into_iter().map(Some).collect::<Vec<_>>());
        let (results, ended) = channel();
        jobs[0] = None;
        Leaving::go(leaving, &results);
        // What a connection is given for others, it passes on.
        let mut let_go = Vec::new();
        while let Some(job) = jobs.iter().flatten().find_map(|jobs| jobs.try_recv().ok()) {
            let_go.push(job.ticket);
            Leaving::go(job.others, &results);
        }
        let_go.sort_unstable();
        assert_eq!(let_go, [2, 3, 4, 5, 6]);
        let ended: Vec<_> = ended.try_iter().map(|ended| (ended.ticket, ended.outcome.problem().to_owned())).collect();
        assert_eq!(ended, [(1, NO_THREAD.to_owned())]);
    }
}
