//! How things stand by the record: what `status` and the metrics have in common.

use chrono::{DateTime, Utc};

use crate::host::is_running;
use crate::model::{PassResult, RecordedPass};
use crate::pass::{Service, find_service};
use crate::report::Warning;
use crate::rules::reason::Unusable;
use crate::rules::rhythm::rhythm;
use crate::rules::task::TaskState;
use crate::store::{InterfaceRow, Store, Unsure};
use crate::zone::Zone;

/// From how many passes of the record the minute is learned at which they run.
const LEARNED_FROM: u32 = 48;

/// What the record says at an instant.
#[derive(Debug)]
pub(super) struct Standing {
    /// The newest pass that did what it was to do: it looked at the appointments, whatever became of
    /// the messages, or it was quiet time. A pass that died, stopped with an error or found the service
    /// inactive is none; but as long as the service waits for its start date, an inactive pass is.
    pub(super) last_good: Option<RecordedPass>,
    /// Messages about appointments ahead that have met no fate.
    pub(super) unsure: Unsure,
    /// Tasks to be done.
    pub(super) tasks_open: usize,
    /// When tasks that nobody did were needed.
    pub(super) tasks_missed: Vec<DateTime<Utc>>,
}

impl Standing {
    pub(super) fn read(
        store: &Store,
        interfaces: &[InterfaceRow],
        now: DateTime<Utc>,
        zone: Zone,
        workstation: &str,
    ) -> anyhow::Result<Self> {
        let good = [PassResult::Complete, PassResult::Quiet];
        let results = if waits_for_its_start(interfaces, now, workstation) { PassResult::ALL } else { &good };
        let mut standing = Self {
            last_good: store.newest_pass_with(results, now)?,
            unsure: store.unsure(zone.local(now), workstation, is_running)?,
            tasks_open: 0,
            tasks_missed: Vec::new(),
        };
        // A task that cannot be understood is named by `tasks`.
        for task in store.tasks(now)?.into_iter().flatten().filter(|task| task.sent_at <= now) {
            match task.state(now, zone) {
                TaskState::Open => standing.tasks_open += 1,
                TaskState::Missed => standing.tasks_missed.extend(task.needed_by().map(|start| zone.instant(start))),
                TaskState::Withdrawn => {}
            }
        }
        Ok(standing)
    }
}

/// Whether nothing but its start date keeps the service from being used.
fn waits_for_its_start(interfaces: &[InterfaceRow], now: DateTime<Utc>, workstation: &str) -> bool {
    match find_service(interfaces, now, workstation) {
        Ok(Service::Inactive(_, warnings)) => warnings.iter().all(|warning| {
            !matches!(warning, Warning::ServiceUnusable { cause, .. } if !matches!(cause, Unusable::NotStarted { .. }))
        }),
        _ => false,
    }
}

/// The minute of the local hour at which most of the newest passes ran; `None` if there was none.
pub(super) fn usual_minute(store: &Store, zone: Zone) -> anyhow::Result<Option<u32>> {
    Ok(rhythm(&store.newest_passes(LEARNED_FROM)?, zone))
}
