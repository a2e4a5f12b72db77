//! The tasks for staff: letters to write and calls to make.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, named_params, params};

use super::cells::Cells;
use super::{Doing, Store};
use crate::model::{BadData, Channel, Customer, Problem, Stated, Status, ToldByHand};
use crate::rules::CustomerRow;
use crate::rules::task::{Present, Task, TaskAppointment};
use crate::zone::stored_instant;

impl Store {
    /// The tasks that are not done, in the order in which they were made, with what has been told by hand since, up
    /// to `now`.
    ///
    /// # Errors
    /// 74 if they cannot be read.
    pub fn tasks(&self, now: DateTime<Utc>) -> anyhow::Result<Vec<Result<Task, BadData>>> {
        let read = || -> rusqlite::Result<Vec<Result<Task, BadData>>> {
            self.connection
                .prepare_cached(include_str!("../../sql/tasks.sql"))?
                .query_map(named_params! { ":now": stored_instant(now) }, |row| {
                    let id = row.get("id")?;
                    let cells = Cells::new(row, "message", id);
                    Ok(read_task(id, &cells).and_then(|mut task| {
                        let unreadable =
                            |error: rusqlite::Error| cells.bad("id", Problem::Unreadable { error: error.to_string() });
                        task.covers = self.task_appointments(id).map_err(unreadable)??;
                        task.present_addresses = match self.customer(task.customer_id).map_err(unreadable)? {
                            CustomerRow::Known(customer) => Some(addresses(&customer, task.channel)),
                            CustomerRow::None | CustomerRow::Gone(_) | CustomerRow::Bad(..) => None,
                        };
                        Ok(task)
                    }))
                })?
                .collect()
        };
        read().doing(self, "reading the tasks")
    }

    fn task_appointments(&self, message_id: i64) -> rusqlite::Result<Result<Vec<TaskAppointment>, BadData>> {
        let covers = match self.covers(message_id)? {
            Ok(covers) => covers,
            Err(bad) => return Ok(Err(bad)),
        };
        let mut statement = self
            .connection
            .prepare_cached("SELECT branch_id, customer_id, start, status FROM appointment WHERE id = ?1")?;
        let mut appointments = Vec::new();
        for Stated { appointment_id: id, start: stated, .. } in covers {
            let present = statement
                .query_row([id], |row| {
                    let cells = Cells::new(row, "appointment", id);
                    let read = || {
                        Ok::<_, BadData>(Present {
                            branch_id: cells.integer("branch_id")?,
                            customer_id: cells.optional_integer("customer_id")?,
                            start: cells.time("start")?,
                            status: cells.word("status", Status::from_word)?,
                        })
                    };
                    Ok(read().ok())
                })
                .optional()?
                .flatten();
            appointments.push(TaskAppointment { id, stated, present });
        }
        Ok(Ok(appointments))
    }

    /// Closes a task; `None` if there is no such task, else when it was closed.
    ///
    /// # Errors
    /// 74 if it cannot be written.
    pub fn close_task(&self, id: i64, at: DateTime<Utc>) -> anyhow::Result<Option<String>> {
        self.connection
            .query_row(
                "UPDATE message SET done_at = coalesce(done_at, ?2) WHERE id = ?1 AND state = 'handed_over'
                 RETURNING done_at",
                params![id, stored_instant(at)],
                |row| row.get(0),
            )
            .optional()
            .doing(self, "closing a task")
    }
}

/// Where the customer can be reached by a letter or call now, as it stands in the task.
fn addresses(customer: &Customer, channel: Channel) -> Vec<String> {
    match channel {
        Channel::Letter => customer.postal_address().into_iter().collect(),
        Channel::Email | Channel::Sms | Channel::Phone => {
            customer.phones.iter().map(|phone| phone.number.clone()).collect()
        }
    }
}

fn read_task(id: i64, cells: &Cells<'_, '_>) -> Result<Task, BadData> {
    // One that cannot be understood is a row of its own, which the history names.
    let by_hand = || {
        let (channel, at) =
            (cells.word("by_hand_channel", Channel::from_word).ok()?, cells.instant("by_hand_at").ok()?);
        Some(ToldByHand { message_id: cells.optional_integer("by_hand_id").ok()??, channel, at })
    };
    Ok(Task {
        id,
        channel: cells.word("channel", Channel::from_word)?,
        address: cells.text("address")?,
        subject: cells.optional_text("subject")?,
        body: cells.text("body")?,
        sent_at: cells.instant("sent_at")?,
        customer_id: cells.integer("customer_id")?,
        customer_name: cells.full_name(),
        unwanted: cells.optional_integer("deceased")? == Some(1)
            || cells.optional_text("preferred_contact")?.as_deref() == Some("none"),
        covers: Vec::new(),
        present_addresses: None,
        by_hand: by_hand(),
    })
}
