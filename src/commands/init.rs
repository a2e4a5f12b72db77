//! Makes the database, or brings an older one up to date.

use std::path::Path;

use super::output;
use crate::clock::Clock;
use crate::exit::ExitStatus;
use crate::pass::PassLock;
use crate::report::words::Lang;
use crate::store;

pub(super) fn run(path: &Path, lang: Lang, clock: &Clock) -> anyhow::Result<ExitStatus> {
    // The zone of the chain is not asked of tables that are still of another version.
    let alone = || PassLock::take(path, clock.time_of_day().fixed_offset());
    let done = store::init(path, &uuid::Uuid::new_v4().simple().to_string(), alone)?;
    let copy = done.copy.as_deref().map(super::shown).unwrap_or_default();
    let path = super::shown(path);
    let message = match (lang, done.before) {
        (Lang::De, 0) => format!(
            "{path} ist angelegt, mit deutschen und englischen Texten.\n\
             Als Nächstes: Schnittstellen einrichten (siehe examples/settings.sql), Termine\n\
             eintragen (siehe examples/sync.sql), dann ansehen, was gesendet würde:\n\
             terminbote --db {path} --dry-run"
        ),
        (Lang::En, 0) => format!(
            "{path} has been made, with German and English texts.\n\
             Next: set up the interfaces (see examples/settings.sql), put in the appointments\n\
             (see examples/sync.sql), then look at what would be sent:\n\
             terminbote --db {path} --dry-run"
        ),
        (Lang::De, before) if before == done.after => {
            format!("{path} ist auf dem neuesten Stand; nichts wurde geändert.")
        }
        (Lang::En, before) if before == done.after => format!("{path} is up to date; nothing was changed."),
        (Lang::De, before) => format!(
            "{path} ist von Version {before} auf Version {} gebracht. Wie sie vorher war, steht in\n\
             {copy}; löschen Sie diese Kopie, sobald alles läuft.",
            done.after
        ),
        (Lang::En, before) => format!(
            "{path} has been brought from version {before} to version {}. What it was before is in\n\
             {copy}; delete that copy once all is well.",
            done.after
        ),
    };
    output::line(&message)?;
    Ok(ExitStatus::Complete)
}
