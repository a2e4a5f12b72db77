//! Makes the database, or brings an older one up to date.

use std::path::Path;

use super::output;
use crate::exit::ExitStatus;
use crate::report::words::Lang;
use crate::store;

pub(super) fn run(path: &Path, lang: Lang) -> anyhow::Result<ExitStatus> {
    let done = store::init(path, &uuid::Uuid::new_v4().simple().to_string())?;
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
        (Lang::De, before) => format!("{path} ist von Version {before} auf Version {} gebracht.", done.after),
        (Lang::En, before) => format!("{path} has been brought from version {before} to version {}.", done.after),
    };
    output::line(&message)?;
    Ok(ExitStatus::Complete)
}
