//! Counts by channel.

use super::words::{Lang, Noun, count};
use crate::model::Channel;

/// Messages by channel, in the order of [`Channel::ALL`].
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally([usize; Channel::ALL.len()]);

impl Tally {
    pub(super) fn add(&mut self, channel: Channel) {
        for (other, number) in Channel::ALL.iter().zip(&mut self.0) {
            *number += usize::from(*other == channel);
        }
    }

    pub(super) fn sum(self) -> usize {
        self.0.iter().sum()
    }

    pub(super) fn words(self, lang: Lang) -> String {
        let each = Channel::ALL.iter().zip(self.0).filter(|(_, number)| *number > 0);
        each.map(|(channel, number)| count(lang, number, Noun::By(*channel))).collect::<Vec<_>>().join(", ")
    }
}
