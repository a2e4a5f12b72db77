//! Which interfaces may be used now: chapter A1 and A2 for the service, F4 for servers and gateways.

use chrono::NaiveDate;

use super::reason::Unusable;
use crate::model::{Channel, Interface};

/// Whether an interface may be used today on this computer (A2; F4 without its settings).
///
/// # Errors
/// The first reason that speaks against it.
pub fn usable(row: &Interface, today: NaiveDate, workstation: &str) -> Result<(), Unusable> {
    if !row.server_side {
        return Err(Unusable::NotServerSide);
    }
    if let Some(from) = row.start_date.filter(|from| *from > today) {
        return Err(Unusable::NotStarted { from });
    }
    match &row.workstation {
        Some(bound) if !same_workstation(bound, workstation) => {
            Err(Unusable::OtherWorkstation { workstation: bound.clone() })
        }
        _ => Ok(()),
    }
}

/// Compares the names of computers up to the first dot, letter case ignored.
fn same_workstation(one: &str, other: &str) -> bool {
    let short = |name: &str| name.trim().split('.').next().unwrap_or_default().to_lowercase();
    short(one) == short(other)
}

/// A mail server or gateway, as far as the rules need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlet {
    /// The id of its row.
    pub id: i64,
    /// The branch that it serves; `None` serves the chain.
    pub branch_id: Option<i64>,
    /// Whether it can be used now, or why not.
    pub state: Result<(), Unusable>,
    /// The country code for numbers without one, of SMS interfaces.
    pub country_code: Option<String>,
}

/// The mail servers and gateways of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlets {
    /// Mail servers, in any order.
    pub smtp: Vec<Outlet>,
    /// SMS gateways, in any order.
    pub sms: Vec<Outlet>,
}

impl Outlets {
    /// The country code where no SMS interface names one.
    pub const COUNTRY_CODE: &str = "+49";

    /// The interfaces that `channel` needs; letters and calls need none.
    #[must_use]
    pub fn of(&self, channel: Channel) -> Option<&[Outlet]> {
        match channel {
            Channel::Email => Some(&self.smtp),
            Channel::Sms => Some(&self.sms),
            Channel::Letter | Channel::Phone => None,
        }
    }

    /// The interface that serves `channel` for an appointment of `branch_id` (F4): a usable one of
    /// the branch, else a usable one of the chain, the lowest id first.
    #[must_use]
    pub fn choose(&self, channel: Channel, branch_id: i64) -> Option<&Outlet> {
        self.of(channel)?
            .iter()
            .filter(|outlet| outlet.state.is_ok())
            .filter(|outlet| outlet.branch_id.is_none_or(|branch| branch == branch_id))
            .min_by_key(|outlet| (outlet.branch_id.is_none(), outlet.id))
    }

    /// The country code for numbers of customers of `branch_id`: that of its SMS interface.
    #[must_use]
    pub fn country_code(&self, branch_id: i64) -> &str {
        self.choose(Channel::Sms, branch_id)
            .or_else(|| {
                // Its number plan is the branch's also while the gateway itself may not be used.
                let near = self.sms.iter().filter(|outlet| outlet.branch_id.is_none_or(|branch| branch == branch_id));
                near.min_by_key(|outlet| (outlet.branch_id.is_none(), outlet.id))
            })
            .and_then(|outlet| outlet.country_code.as_deref())
            .unwrap_or(Self::COUNTRY_CODE)
    }

    /// The interfaces among which one was chosen although another of the same rank was usable, by
    /// channel: pairs of the branch and the ids, the chosen one first (F4).
    #[must_use]
    pub fn rivals(&self, channel: Channel) -> Vec<(Option<i64>, Vec<i64>)> {
        let mut ranks = std::collections::BTreeMap::<Option<i64>, Vec<i64>>::new();
        for outlet in self.of(channel).unwrap_or_default().iter().filter(|outlet| outlet.state.is_ok()) {
            ranks.entry(outlet.branch_id).or_default().push(outlet.id);
        }
        ranks
            .into_iter()
            .filter(|(_, ids)| ids.len() > 1)
            .map(|(branch, mut ids)| {
                ids.sort_unstable();
                (branch, ids)
            })
            .collect()
    }
}
