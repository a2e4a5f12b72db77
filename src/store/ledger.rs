//! The ledger: every message is written down before its hand-over and settled right after it.
//!
//! `message.state` is a closed set of states, and the database refuses every way between two of
//! them that the README does not draw, as well as a second claim of the same telling.
//!
//! Queries for messages in unfinished states say `state = 'x' OR state = 'y'`, and never `IN`: only then does
//! `SQLite` use the index `message_unfinished`.

use chrono::{DateTime, NaiveDateTime, Utc};
use rusqlite::{ErrorCode, OptionalExtension, named_params, params};

use super::{Doing, Store};
use crate::cause::Cause;
use crate::model::{Channel, Kind, State};
use crate::zone::{stored, stored_instant};

/// An appointment that a message covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The appointment.
    pub appointment_id: i64,
    /// The start that the message states, local.
    pub start: NaiveDateTime,
    /// The number of changed starts told so far (rule H).
    pub sequence: u32,
}

/// A message that is written down, before or without a hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claiming<'a> {
    /// The pass, if it is in the record.
    pub pass_id: Option<i64>,
    /// The instant of the pass.
    pub at: DateTime<Utc>,
    /// When it is written down, by the clock of the pass.
    pub written_at: DateTime<Utc>,
    /// The same by the clocks of gateways, who are asked about it.
    pub claimed_at: DateTime<Utc>,
    /// What it is for.
    pub kind: Kind,
    /// Who gets it.
    pub customer_id: i64,
    /// How it goes.
    pub channel: Channel,
    /// The full address.
    pub address: &'a str,
    /// The interface that hands it over.
    pub interface_id: Option<i64>,
    /// Its subject.
    pub subject: Option<&'a str>,
    /// Its text.
    pub body: &'a str,
    /// The language of the text.
    pub language: Option<&'a str>,
    /// The calendar file that goes with it.
    pub calendar: Option<&'a str>,
    /// What it covers.
    pub covers: Vec<Covered>,
    /// The message after which it goes over the same connection: its own hand-over begins in the
    /// transaction that settles that one, and not before.
    pub follows: Option<i64>,
}

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The message is ours to hand over; its id.
    Ours(i64),
    /// The same has been told already, or is being told, by another pass.
    Taken,
}

/// How a hand-over ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The message.
    pub id: i64,
    /// Its state from now on.
    pub state: State,
    /// What went wrong, if anything.
    pub error: Option<String>,
    /// The server's answer, if it has taken the message.
    pub reply: Option<String>,
    /// Our name for it on the wire, and the server's own.
    pub references: (Option<String>, Option<String>),
    /// When it ended.
    pub at: DateTime<Utc>,
}

impl Store {
    /// Runs `work` in one short write transaction, committed to disk when this returns.
    ///
    /// # Errors
    /// 74 if the transaction cannot begin or be committed, or another file has taken the database's
    /// place, and whatever `work` returns; nothing of it is kept then.
    pub fn transaction<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.patient_transaction(|| false, work)
    }

    /// As [`Store::transaction`]; but as often as the database has been locked for ten seconds,
    /// `goes_on` says whether it is waited for once more.
    ///
    /// # Errors
    /// As [`Store::transaction`].
    pub fn patient_transaction<T>(
        &self,
        mut goes_on: impl FnMut() -> bool,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        // A commit that finds readers in its way leaves the transaction as it is, to be committed later.
        let mut patiently = |sql: &str| loop {
            match self.run(sql) {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && goes_on() => {}
                other => break other,
            }
        };
        patiently("BEGIN IMMEDIATE").doing(self, "beginning to write")?;
        let result = self.is_in_its_place().and_then(|()| work()).and_then(|value| {
            patiently("COMMIT").doing(self, "writing")?;
            Ok(value)
        });
        if result.is_err() && !self.connection.is_autocommit() {
            // The error that led here is the one to tell.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        result
    }

    /// A number that changes whenever another program has written into the database.
    ///
    /// # Errors
    /// 74 if the database cannot be read.
    pub fn data_version(&self) -> anyhow::Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .doing(self, "looking for changes")
    }

    /// Writes a message down that is about to be handed over. A deferred message of the same kind
    /// to the same customer gives its row.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn claim(&self, message: &Claiming<'_>) -> anyhow::Result<Claim> {
        self.write_down(message, State::Sending, None)
    }

    /// Writes a message down that is not handed over in this pass.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn defer(&self, message: &Claiming<'_>, error: &str) -> anyhow::Result<Claim> {
        self.write_down(message, State::Deferred, Some(error))
    }

    /// Writes a message down that was decided and is not wanted any more.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn withdraw(&self, message: &Claiming<'_>, error: &str) -> anyhow::Result<Claim> {
        self.write_down(message, State::Withdrawn, Some(error))
    }

    /// Writes a message down that may have been sent by a pass of which the record knows nothing; it is
    /// never repeated (rule G3).
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn record_as_uncertain(&self, message: &Claiming<'_>) -> anyhow::Result<Claim> {
        let error = Cause::BackupRestored.to_string();
        let claim = self.write_down(message, State::Uncertain, Some(&error))?;
        if let Claim::Ours(id) = claim {
            self.connection
                .prepare_cached("UPDATE message SET repeats = 1, settled_at = ?2 WHERE id = ?1")
                .and_then(|mut statement| statement.execute(params![id, stored_instant(message.written_at)]))
                .doing(self, "writing down a message")?;
        }
        Ok(claim)
    }

    fn write_down(&self, message: &Claiming<'_>, state: State, error: Option<&str>) -> anyhow::Result<Claim> {
        self.try_write_down(message, state, error).doing(self, "writing down a message")
    }

    fn try_write_down(&self, message: &Claiming<'_>, state: State, error: Option<&str>) -> rusqlite::Result<Claim> {
        // Nobody else can write in this transaction, so that the index, which refuses it as well, need
        // not be asked by trying: what it refuses would have to be undone.
        if state.counts() && self.is_told(message)? {
            return Ok(Claim::Taken);
        }
        let deferred: (Option<i64>, Option<i64>) = self
            .connection
            .prepare_cached(
                "SELECT min(id), pass_id FROM message WHERE state = 'deferred' AND customer_id = ?1 AND kind = ?2",
            )?
            .query_row(params![message.customer_id, message.kind.word()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        match deferred.0 {
            Some(id) => self.dated(message.written_at, || {
                if deferred.1 == message.pass_id {
                    // What followed it in this pass has had its turn, and does not wait behind it again.
                    self.no_longer_followed(id)?;
                }
                self.fill_row(Some(id), message, state, error)
            }),
            None => self.fill_row(None, message, state, error),
        }
        .map(Claim::Ours)
    }

    /// Lets go what was claimed to follow a message that is about to be claimed once more.
    fn no_longer_followed(&self, id: i64) -> rusqlite::Result<usize> {
        self.connection
            .prepare_cached("UPDATE message SET follows = NULL WHERE state = 'sending' AND follows = ?1")?
            .execute([id])
    }

    /// Whether something that a message covers has been told already, or is being told. What a message that
    /// is not there any more covered is no longer counted.
    fn is_told(&self, message: &Claiming<'_>) -> rusqlite::Result<bool> {
        let mut told = self.connection.prepare_cached(
            "SELECT message_id, EXISTS (SELECT 1 FROM message WHERE id = message_id) FROM message_appointment
             WHERE appointment_id = ?1 AND CASE WHEN counts = 1 AND kind <> 'manual' THEN sequence END = ?4
             AND customer_id = ?2 AND kind = ?3",
        )?;
        for covered in &message.covers {
            let values = params![covered.appointment_id, message.customer_id, message.kind.word(), covered.sequence];
            let by: Option<(i64, bool)> = told.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            match by {
                None => {}
                Some((_, true)) => return Ok(true),
                Some((id, false)) => {
                    self.connection.execute("UPDATE message_appointment SET counts = 0 WHERE message_id = ?1", [id])?;
                }
            }
        }
        Ok(false)
    }

    fn fill_row(
        &self,
        row: Option<i64>,
        message: &Claiming<'_>,
        state: State,
        error: Option<&str>,
    ) -> rusqlite::Result<i64> {
        let at = stored_instant(message.at);
        let claimed_at = (state == State::Sending).then(|| stored_instant(message.claimed_at));
        let values = named_params! {
            ":kind": message.kind.word(),
            ":customer_id": message.customer_id,
            ":channel": message.channel.word(),
            ":address": message.address,
            ":subject": message.subject,
            ":body": message.body,
            ":state": state.word(),
            ":sent_at": at,
            ":error": error,
            ":pass_id": message.pass_id,
            ":interface_id": message.interface_id,
            ":language": message.language,
            ":calendar": message.calendar,
            ":claimed_at": claimed_at,
            ":follows": message.follows,
            ":id": row,
        };
        // What a deferred message would have told goes first: claimed, it would count once more.
        if let Some(id) = row {
            self.connection.prepare_cached("DELETE FROM message_appointment WHERE message_id = ?1")?.execute([id])?;
        }
        // Another program's trigger may say otherwise; nothing leaves that is not written down.
        let one_row = |rows| if rows == 1 { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(rows)) };
        one_row(
            self.connection
                .prepare_cached(if row.is_some() { UPDATE_MESSAGE } else { INSERT_MESSAGE })?
                .execute(values)?,
        )?;
        let id = row.unwrap_or_else(|| self.connection.last_insert_rowid());
        let mut cover = self.connection.prepare_cached(
            "INSERT INTO message_appointment (message_id, appointment_id, appointment_start, sequence, kind,
             customer_id, counts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for covered in &message.covers {
            one_row(cover.execute(params![
                id,
                covered.appointment_id,
                stored(covered.start),
                covered.sequence,
                message.kind.word(),
                message.customer_id,
                state.counts(),
            ])?)?;
        }
        // Those of a new message are known by its number.
        if row.is_some() {
            self.connection.prepare_cached(
                "INSERT INTO change (at, table_name, row_id, row_part, what)
                 SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'message_appointment', message_id, appointment_id, 'insert'
                 FROM message_appointment WHERE message_id = ?1",
            )?.execute([id])?;
        }
        Ok(id)
    }

    /// Claims an e-mail of unknown fate once more (rule G3); false if somebody has settled it.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn claim_repeat(&self, pass_id: i64, id: i64, at: DateTime<Utc>) -> anyhow::Result<bool> {
        let claim = || {
            // What followed it in this pass has had its turn, and does not wait behind it again.
            self.no_longer_followed(id)?;
            self.connection
                .prepare_cached(
                    "UPDATE message SET state = 'sending', repeats = repeats + 1, pass_id = ?2, claimed_at = ?3,
                         follows = NULL
                     WHERE id = ?1 AND state = 'uncertain' AND repeats = 0",
                )?
                .execute(params![id, pass_id, stored_instant(at)])
        };
        self.dated(at, claim).map(|rows| rows == 1).doing(self, "writing down a message")
    }

    /// Runs `work`, whose changes of older messages are of the instant `at`: a pass has its own, which
    /// need not be that of the computer's clock.
    fn dated<T>(&self, at: DateTime<Utc>, work: impl FnOnce() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let before: i64 = self
            .connection
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM change")?
            .query_row([], |row| row.get(0))?;
        let done = work()?;
        self.connection
            .prepare_cached("UPDATE change SET at = ?1 WHERE seq > ?2")?
            .execute(params![stored_instant(at), before])?;
        Ok(done)
    }

    /// Gives back a claim of this pass by [`Store::claim_repeat`], of an e-mail that certainly did not
    /// leave: its fate is unknown as before, and it may still be repeated once. Nothing happens if it is
    /// another's meanwhile.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn release_repeat(&self, pass_id: i64, id: i64) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE message SET state = 'uncertain', repeats = repeats - 1
                 WHERE id = ?1 AND state = 'sending' AND pass_id = ?2",
            )
            .and_then(|mut statement| statement.execute([id, pass_id]))
            .map(|_| ())
            .doing(self, "settling a message")
    }

    /// Whether a message is still claimed by this pass.
    ///
    /// # Errors
    /// 74 if it cannot be read.
    pub fn is_claimed_by(&self, pass_id: i64, id: i64) -> anyhow::Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND state = 'sending' AND pass_id = ?2")
            .and_then(|mut statement| statement.exists([id, pass_id]))
            .doing(self, "looking for a message")
    }

    /// Gives back a claim of this pass, of a message that certainly did not leave. Nothing happens if it
    /// is another's meanwhile.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn give_back(&self, pass_id: i64, id: i64, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE message SET state = 'deferred', error = ?4, settled_at = ?3
                 WHERE id = ?1 AND state = 'sending' AND pass_id = ?2",
            )
            .and_then(|mut statement| {
                statement.execute(params![id, pass_id, stored_instant(at), Cause::TurnNotCome.to_string()])
            })
            .map(|_| ())
            .doing(self, "settling a message")
    }

    /// Settles a message that is in the state `from`: being sent, after its hand-over; or uncertain, by
    /// the gateway's word. In another state, or claimed by another pass than `claimed_by` if that is given,
    /// it is somebody else's to settle and left alone.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn settle(&self, settlement: &Settlement, from: State, claimed_by: Option<i64>) -> anyhow::Result<()> {
        self.connection
            .prepare_cached(SETTLE_MESSAGE)
            .and_then(|mut statement| {
                let (ours, theirs) = &settlement.references;
                statement.execute(params![
                    settlement.id,
                    settlement.state.word(),
                    settlement.error,
                    settlement.reply,
                    ours,
                    theirs,
                    stored_instant(settlement.at),
                    from.word(),
                    claimed_by,
                ])
            })
            .map(|_| ())
            .doing(self, "settling a message")
    }

    /// Settles an uncertain message as one that its gateway has never seen: it certainly was not sent, and
    /// may be sent once more.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn settle_as_never_seen(&self, id: i64, at: DateTime<Utc>) -> anyhow::Result<()> {
        self.connection
            .execute(
                "UPDATE message SET state = 'deferred', error = ?3, reply = NULL,
                     settled_at = ?2, repeats = repeats + 1
                 WHERE id = ?1 AND state = 'uncertain'",
                params![id, stored_instant(at), Cause::NeverSeen.to_string()],
            )
            .map(|_| ())
            .doing(self, "settling a message")
    }

    /// Settles a message by the word of a person: an uncertain one as sent or failed, a sent or
    /// handed-over one as failed. `None` if there is no such message, its state if that cannot be.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn settle_by_hand(
        &self,
        id: i64,
        state: State,
        at: DateTime<Utc>,
    ) -> anyhow::Result<Option<Result<State, State>>> {
        let doing = "settling a message";
        let before: Option<String> = self
            .connection
            .query_row("SELECT state FROM message WHERE id = ?1", [id], |row| row.get(0))
            .optional()
            .doing(self, doing)?;
        let Some(before) = before.as_deref().and_then(State::from_word) else { return Ok(None) };
        // What is being sent is settled by its pass.
        if before == State::Sending || !before.leads_to(state) {
            return Ok(Some(Err(before)));
        }
        let error = (state == State::Failed).then(|| Cause::SettledByHand.to_string());
        self.connection
            .execute(
                "UPDATE message SET state = ?2, error = ?3, settled_at = ?4 WHERE id = ?1",
                params![id, state.word(), error, stored_instant(at)],
            )
            .doing(self, doing)?;
        Ok(Some(Ok(before)))
    }

    /// Withdraws every deferred message whose appointment has begun at `now` (local): as far as anybody can see, it
    /// should have been sent and was not. Returns how many.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn withdraw_too_late(&self, pass_id: i64, now: NaiveDateTime) -> anyhow::Result<usize> {
        self.connection
            .execute(include_str!("../../sql/too_late.sql"), params![pass_id, stored(now), Cause::TOO_LATE])
            .doing(self, "withdrawing what is too late")
    }

    /// Withdraws every deferred message that this complete pass has not decided anew: its reason
    /// is gone. What a person has settled as deferred while the pass ran is for the next one.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn withdraw_left_over(&self, pass_id: i64) -> anyhow::Result<usize> {
        self.connection
            .execute(
                "UPDATE message SET state = 'withdrawn', error = ?2 WHERE state = 'deferred' AND pass_id IS NOT ?1
                 AND (settled_at IS NULL OR settled_at <= (SELECT at FROM pass WHERE id = ?1))",
                params![pass_id, Cause::NotDueInPass { pass_id }.to_string()],
            )
            .doing(self, "withdrawing what is no longer due")
    }
}

const INSERT_MESSAGE: &str = "INSERT INTO message (id, kind, customer_id, channel, address, subject, body, state, \
                              sent_at, error, pass_id, interface_id, language, calendar, claimed_at, follows) \
                              VALUES (:id, :kind, :customer_id, :channel, :address, :subject, :body, :state, \
                              :sent_at, :error, :pass_id, :interface_id, :language, :calendar, :claimed_at, :follows)";

/// A text message keeps its count of repetitions: after one, its gateway is no longer believed that it has never
/// seen it (rule G3).
const UPDATE_MESSAGE: &str = "UPDATE message SET kind = :kind, customer_id = :customer_id, channel = :channel, \
                              address = :address, subject = :subject, body = :body, state = :state, \
                              sent_at = :sent_at, error = :error, pass_id = :pass_id, \
                              interface_id = :interface_id, language = :language, calendar = :calendar, \
                              claimed_at = :claimed_at, follows = :follows, settled_at = NULL, reply = NULL, \
                              repeats = CASE WHEN channel = 'sms' AND :channel = 'sms' THEN repeats ELSE 0 END, \
                              reference = NULL, server_reference = NULL \
                              WHERE id = :id";

const SETTLE_MESSAGE: &str = "UPDATE message SET state = ?2, error = ?3, reply = ?4, reference = ?5, \
                              server_reference = ?6, settled_at = ?7 WHERE id = ?1 AND state = ?8 \
                              AND (?9 IS NULL OR pass_id = ?9)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    fn empty() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("termine.db");
        store::init(&path, "f00d", || Ok(())).unwrap();
        let store = Store::open(&path).unwrap();
        (folder, store)
    }

    const AT: &str = "2026-03-10T18:00:00Z";

    /// Claims a message of pass 1 to a customer.
    fn claim(store: &Store, customer_id: i64, follows: Option<i64>) -> i64 {
        let at: DateTime<Utc> = AT.parse().unwrap();
        let covers = vec![Covered { appointment_id: customer_id, start: at.naive_utc(), sequence: 0 }];
        let (kind, channel) = (Kind::Reminder, Channel::Email);
        let claiming = Claiming {
            pass_id: Some(1),
            at,
            written_at: at,
            claimed_at: at,
            kind,
            customer_id,
            channel,
            address: "renate@example.de",
            interface_id: Some(2),
            subject: None,
            body: "",
            language: None,
            calendar: None,
            covers,
            follows,
        };
        match store.claim(&claiming).unwrap() {
            Claim::Ours(id) => id,
            Claim::Taken => panic!("taken"),
        }
    }

    fn not_begun(store: &Store) -> Vec<i64> {
        store.not_begun("server", |_| false).unwrap().messages.into_iter().collect()
    }

    fn settle(store: &Store, id: i64, state: State, claimed_by: i64) {
        let at = AT.parse().unwrap();
        let settlement = Settlement { id, state, error: None, reply: None, references: (None, None), at };
        store.settle(&settlement, State::Sending, Some(claimed_by)).unwrap();
    }

    fn state_of(store: &Store, id: i64) -> String {
        store.connection.query_row("SELECT state FROM message WHERE id = ?1", [id], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_message_that_has_had_its_turn_does_not_wait_again_behind_one_that_is_claimed_once_more() {
        let (_folder, store) = empty();
        let first = claim(&store, 7, None);
        let second = claim(&store, 8, Some(first));
        assert_eq!(not_begun(&store), [second]);
        store.give_back(1, first, AT.parse().unwrap()).unwrap();
        assert!(not_begun(&store).is_empty(), "it is the second one's turn");
        let again = claim(&store, 7, None);
        assert_eq!((again, not_begun(&store).len()), (first, 0));
    }

    #[test]
    fn a_message_that_has_had_its_turn_does_not_wait_again_behind_a_repetition() {
        let (_folder, store) = empty();
        let first = claim(&store, 7, None);
        let second = claim(&store, 8, Some(first));
        settle(&store, first, State::Uncertain, 1);
        assert!(not_begun(&store).is_empty(), "it is the second one's turn");
        assert!(store.claim_repeat(1, first, AT.parse().unwrap()).unwrap());
        assert_eq!((not_begun(&store), state_of(&store, second).as_str()), (Vec::new(), "sending"));
    }

    #[test]
    fn a_message_that_another_pass_has_claimed_meanwhile_is_that_ones_to_settle() {
        let (_folder, store) = empty();
        let id = claim(&store, 7, None);
        settle(&store, id, State::Uncertain, 1);
        assert!(store.claim_repeat(2, id, AT.parse().unwrap()).unwrap());
        settle(&store, id, State::Deferred, 1);
        assert_eq!(state_of(&store, id), "sending");
        settle(&store, id, State::Sent, 2);
        assert_eq!(state_of(&store, id), "sent");
    }

    #[test]
    fn what_the_ledger_checks_of_a_message_builds_no_list() {
        let (_folder, store) = empty();
        let lists = |sql: &str| -> usize {
            let mut statement = store.connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
            let opcodes = statement.raw_query().mapped(|row| row.get::<_, String>("opcode"));
            // The programs of triggers stand behind the statement itself.
            let own = opcodes.map(Result::unwrap).take_while(|opcode| opcode != "Goto");
            own.filter(|opcode| opcode == "OpenEphemeral").count()
        };
        assert_eq!([INSERT_MESSAGE, SETTLE_MESSAGE].map(lists), [0, 0]);
        let with_a_list = "UPDATE message SET body = '' WHERE state IN ('sent', 'failed', 'deferred')";
        assert!(lists(with_a_list) > 0, "a list is seen");
    }
}
