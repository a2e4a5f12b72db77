//! The plain `sqlite3` shell, which asks for the rows that a pass has to look at and does nothing else.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::Days;
use terminbote::report::Heading;
use terminbote::zone::stored;

/// The query for the windows of a pass.
pub(crate) fn query(heading: &Heading) -> anyhow::Result<String> {
    let (until, _) = heading.reminder_window.context("the pass looks at nothing")?;
    let (from, to) = heading.confirmation_window.context("the pass confirms nothing")?;
    let behind = to + Days::new(1);
    let words = [
        ("'NOW'", stored(heading.at.naive_local())),
        ("'UNTIL'", stored(until.naive_local())),
        ("'FROM'", from.to_string()),
        ("'BEHIND'", behind.to_string()),
    ];
    let sql = include_str!("bare.sql").to_owned();
    Ok(words.into_iter().fold(sql, |sql, (word, value)| sql.replace(word, &format!("'{value}'"))))
}

/// The plan of the query.
pub(crate) fn plan(path: &Path, sql: &str) -> anyhow::Result<String> {
    let explained: String =
        sql.split_inclusive(';').map(|one| one.replacen("SELECT\n", "EXPLAIN QUERY PLAN SELECT\n", 1)).collect();
    let (_, printed) = shell(path, &explained, Stdio::piped())?;
    Ok(printed)
}

/// How long the shell takes from its start to its end; what it prints goes nowhere.
pub(crate) fn time(path: &Path, sql: &str) -> anyhow::Result<Duration> {
    Ok(shell(path, sql, Stdio::null())?.0)
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn shell(path: &Path, sql: &str, output: Stdio) -> anyhow::Result<(Duration, String)> {
    let began = Instant::now();
    let mut shell = Command::new("sqlite3")
        .arg("-readonly")
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(output)
        .spawn()
        .context("starting sqlite3, Debian's package of that name")?;
    shell.stdin.take().context("sqlite3 has no input")?.write_all(sql.as_bytes())?;
    let done = shell.wait_with_output()?;
    ensure!(done.status.success(), "sqlite3 ended with {}", done.status);
    Ok((began.elapsed(), String::from_utf8_lossy(&done.stdout).into_owned()))
}
