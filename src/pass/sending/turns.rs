//! Whose turn it is: messages that wait for a connection, and others that are claimed ahead to follow them
//! there.

use std::sync::Arc;
use std::time::Duration;

use super::Sending;
use super::board::{Board, Item};
use super::courier::Leaving;
use super::line::{Connection, Following, Line};
use super::portion::Desk;
use super::prepared::prepare;

impl Sending<'_> {
    /// Claims as many waiting messages as there are free connections, and those that follow them there;
    /// defers those that cannot go.
    pub(super) fn claim(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        leaving: &mut Vec<Leaving>,
    ) -> anyhow::Result<()> {
        let data_version = self.store.data_version()?;
        let elapsed = self.clock.elapsed();
        let ids: Vec<i64> = self.lines.keys().copied().collect();
        for interface_id in &ids {
            let held = self.lines.get_mut(interface_id).map(Line::take_held).unwrap_or_default();
            for connection in held {
                self.go_on_with(desk, board, leaving, (*interface_id, connection), data_version)?;
            }
            self.share(board, *interface_id)?;
        }
        let interfaces: Vec<Option<i64>> = board.waiting.keys().copied().collect();
        for interface_id in interfaces {
            loop {
                let room = self.line(interface_id).is_none_or(|line| line.takes_more(elapsed));
                if self.stopped.is_none() && !room {
                    break;
                }
                let probe = self.line(interface_id).and_then(|line| line.probe(self.pass_id));
                let Some(item) = board.take_waiting(interface_id, probe) else { break };
                self.claim_one(desk, board, leaving, item, data_version)?;
            }
        }
        for interface_id in ids {
            self.claim_following(desk, board, interface_id, data_version)?;
        }
        for Leaving { interface_id, job, .. } in leaving {
            job.next = self.line(Some(*interface_id)).and_then(|line| line.next_of(job.ticket));
        }
        Ok(())
    }

    /// A message has just been settled: sends the one that follows it on its way. Claims that come to
    /// nothing are given back in the same transaction, since a message that follows one that is being
    /// sent is taken for not handed over.
    fn go_on_with(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        leaving: &mut Vec<Leaving>,
        (interface_id, mut connection): (i64, Connection),
        data_version: i64,
    ) -> anyhow::Result<()> {
        let elapsed = self.clock.elapsed();
        let goes_on = self.stopped.is_none()
            && connection.works()
            && self.line(Some(interface_id)).is_some_and(|line| line.may_begin(elapsed));
        if !goes_on {
            self.give_all_back(board, std::mem::take(&mut connection.following))?;
        }
        while let Some(Following { mut item, message }) = connection.following.pop_front() {
            if !self.is_still_wanted(desk, &mut item, message.id, data_version)? {
                self.give_back(board, item, message.id)?;
                continue;
            }
            self.tickets += 1;
            let ticket = self.tickets;
            board.flying.insert(ticket, (item, message.id));
            if let Some(line) = self.lines.get_mut(&interface_id) {
                let courier = line.resume((ticket, message.id), connection, elapsed);
                leaving.push(Leaving::new(interface_id, courier, ticket, message));
            }
            return Ok(());
        }
        if let Some(line) = self.lines.get_mut(&interface_id) {
            line.rest(connection);
        }
        Ok(())
    }

    /// Gives a claim back, of a message whose turn has not come.
    fn give_back(&mut self, board: &mut Board, item: Item, id: i64) -> anyhow::Result<()> {
        self.store.give_back(self.pass_id, id, self.clock.now())?;
        board.waiting.entry(item.work.decision.route.interface_id).or_default().push_front(item);
        Ok(())
    }

    /// The same of several, which wait in their order then.
    fn give_all_back(
        &mut self,
        board: &mut Board,
        following: impl IntoIterator<Item = Following, IntoIter: DoubleEndedIterator>,
    ) -> anyhow::Result<()> {
        following.into_iter().rev().try_for_each(|Following { item, message }| self.give_back(board, item, message.id))
    }

    /// Gives back claims that would have to wait for a slow connection while others are free, and all of
    /// them if nothing more is handed over.
    fn share(&mut self, board: &mut Board, interface_id: i64) -> anyhow::Result<()> {
        let elapsed = self.clock.elapsed();
        if self.stopped.is_none() && !self.can_share(board, interface_id, elapsed) {
            return Ok(());
        }
        let Some(line) = self.lines.get_mut(&interface_id) else { return Ok(()) };
        let following = line.take_following(elapsed, self.stopped.is_some());
        self.give_all_back(board, following)
    }

    /// Whether a free connection, for which nothing waits, could take over what follows on a slow one.
    pub(super) fn can_share(&self, board: &Board, interface_id: i64, elapsed: Duration) -> bool {
        board.waiting_for(interface_id) == 0
            && self.line(Some(interface_id)).is_some_and(|line| line.can_share(elapsed))
    }

    /// Whether nothing has changed for a message that was claimed as `id` some time ago.
    fn is_still_wanted(&self, desk: &Desk<'_>, item: &mut Item, id: i64, data_version: i64) -> anyhow::Result<bool> {
        if self.has_begun(desk, item) {
            return Ok(false);
        }
        if item.work.data_version == data_version {
            return Ok(true);
        }
        // Without the lock, a pass on another computer could have taken this one for dead.
        if !self.store.is_claimed_by(self.pass_id, id)? {
            return Ok(false);
        }
        let loader = desk.phase(item.work.decision.kind)?.loader(&desk.setup.chain, desk.at);
        let mut case = self.store.case(&loader, &item.work.of)?;
        // It was not there yet when it was decided.
        case.told.retain(|told| told.message_id != id);
        let same = case == item.work.case;
        if same {
            item.work.data_version = data_version;
        }
        Ok(same)
    }

    /// Claims waiting messages to follow others on their connections, one on each in turn.
    fn claim_following(
        &mut self,
        desk: &Desk<'_>,
        board: &mut Board,
        interface_id: i64,
        data_version: i64,
    ) -> anyhow::Result<()> {
        let (waiting, elapsed) = (board.waiting_for(interface_id), self.clock.elapsed());
        let room = self.lines.get_mut(&interface_id).map_or(0, |line| line.claim_ahead(waiting, elapsed));
        for _ in 0..room {
            // One that is repeated is claimed in a way of its own.
            let may_follow = |item: &Item| item.work.repeats.is_none() && item.composed.is_ok();
            let Some((ticket, before)) = self.line(Some(interface_id)).and_then(Line::shortest) else { break };
            let waiting = board.waiting.entry(Some(interface_id)).or_default();
            if !waiting.front().is_some_and(may_follow) {
                break;
            }
            let Some(item) = waiting.pop_front() else { break };
            // What it gives still goes this way, and has a text.
            let Some(item) = self.look_again(desk, board, item, data_version)? else { continue };
            let Some((item, id)) = self.claim_in_ledger(desk, board, item, Some(before))? else { continue };
            let Ok(composed) = &item.composed else { continue };
            let message = Arc::new(prepare(desk.setup, desk.at, &item.work, composed, id));
            if let Some(line) = self.lines.get_mut(&interface_id) {
                line.follow(ticket, Following { item, message });
            }
        }
        Ok(())
    }
}
