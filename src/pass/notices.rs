//! What is worth knowing about messages that are fine all the same: numbers that customers share,
//! and SMS that are longer than wanted.

use std::collections::{BTreeMap, BTreeSet};

use super::setup::Setup;
use crate::contact::mask_stored;
use crate::model::Channel;
use crate::report::{MessageReport, Warning};

/// How many numbers that customers share are listed.
const LISTED: usize = 10;

/// Collects notices from message to message.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// The customers of each number.
    numbers: BTreeMap<String, BTreeSet<i64>>,
    /// The longest SMS of each text, with what is wanted.
    long: BTreeMap<String, (usize, u32)>,
}

impl Notices {
    /// Looks at a message.
    pub(super) fn look_at(&mut self, setup: &Setup, message: &MessageReport) {
        if message.channel != Channel::Sms {
            return;
        }
        self.numbers.entry(message.address.clone()).or_default().insert(message.customer_id);
        let most = message.interface_id.and_then(|id| setup.sms.get(&id)).map(|sms| sms.max_segments);
        if let (Some(segments), Some(most), Some(name)) = (message.sms_segments, most, &message.document_template)
            && u32::try_from(segments).is_ok_and(|segments| segments > most)
        {
            let longest = self.long.entry(name.clone()).or_insert((segments, most));
            longest.0 = longest.0.max(segments);
        }
    }

    /// What was found.
    pub(super) fn into_warnings(self) -> impl Iterator<Item = Warning> {
        let mut numbers: Vec<_> = self
            .numbers
            .into_iter()
            .filter(|(_, customers)| customers.len() > 1)
            .map(|(number, customers)| (mask_stored(Channel::Sms, &number), customers.into_iter().collect()))
            .collect();
        let unlisted = numbers.len().saturating_sub(LISTED);
        numbers.truncate(LISTED);
        let shared = (!numbers.is_empty()).then_some(Warning::SharedNumbers { numbers, unlisted });
        let long = self.long.into_iter().map(|(document_template, (segments, most))| Warning::LongText {
            document_template,
            segments,
            most,
        });
        shared.into_iter().chain(long)
    }
}
