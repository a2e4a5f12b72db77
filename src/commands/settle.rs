//! A person says what became of a message (rule G3; a bounce that came later).

use super::output;
use crate::cli::{Common, SettledFate};
use crate::clock::Clock;
use crate::exit::{ExitStatus, Stop};
use crate::model::State;
use crate::report::Fate;
use crate::report::words::{self, Lang};
use crate::store::Store;

pub(super) fn run(common: &Common, id: i64, fate: SettledFate, clock: &Clock) -> anyhow::Result<ExitStatus> {
    let store = Store::open(super::database(common)?)?;
    let state = match fate {
        SettledFate::Sent => State::Sent,
        SettledFate::Failed => State::Failed,
        SettledFate::Deferred => State::Deferred,
    };
    let before = store.transaction(|| store.settle_by_hand(id, state, clock.at()))?;
    let Some(before) = before else {
        return Err(
            Stop::usage(format!("there is no message {id}; the report and the histories give the numbers")).into()
        );
    };
    if let Err(other) = before {
        return Err(Stop::usage(format!(
            "message {id} is {other}; only one that is uncertain can be settled as sent or deferred, and only one that is \
             uncertain, sent or handed over as failed"
        ))
        .into());
    }
    let lang = super::language(common);
    let now = words::fate(lang, Fate::Settled(state));
    output::line(&match lang {
        Lang::De => format!("Nachricht {id} ist jetzt: {now}."),
        Lang::En => format!("Message {id} is now: {now}."),
    })?;
    Ok(ExitStatus::Complete)
}
