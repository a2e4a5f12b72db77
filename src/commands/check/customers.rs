//! Looks for rows that no pass could understand, and for customers whom nothing can reach.
//!
//! Whether somebody can be reached is asked of the rules themselves, for each appointment ahead
//! that counts, as a pass would on the day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveTime};

use super::Checking;
use crate::contact::EmailAddress;
use crate::model::{BadData, Channel, Customer};
use crate::pass::Setup;
use crate::report::check::{Area, CUSTOMERS_NAMED, Counted, Lack, Matter, NAMED};
use crate::rules::Case;
use crate::rules::channel::{Errand, route};
use crate::rules::eligibility::eligible;
use crate::rules::reason::{Obstacle, Reason};
use crate::store::CaseLoader;

/// How many customers are read over one view of the database, so that no writer waits long.
const PORTION: usize = 256;

/// The last year of appointments that is looked at.
const LAST_YEAR: i32 = 9000;

/// Values that cannot be understood, by table.
pub(super) type BadRows = BTreeMap<&'static str, Counted<BadData>>;

fn add(tables: &mut BadRows, bad: BadData) {
    tables.entry(bad.table).or_insert_with(|| Counted::naming(NAMED)).push(bad);
}

impl Checking<'_> {
    /// Reads every row that a pass could meet.
    pub(super) fn survey(&self) -> anyhow::Result<BadRows> {
        let mut tables = BadRows::new();
        self.store.survey(self.zone.date(self.clock.at()), &mut |bad| add(&mut tables, bad))?;
        Ok(tables)
    }

    /// Tells what was found, by table.
    pub(super) fn bad_rows(&mut self, tables: BadRows) {
        if tables.is_empty() {
            self.find(Area::Rows, Matter::RowsUnderstood);
        }
        for (table, rows) in tables {
            self.find(Area::Rows, Matter::BadRows { table, rows });
        }
    }

    /// Asks for each customer with an appointment ahead whether a message would reach them, and
    /// adds appointments whose branch, type or customer is not there to the bad rows.
    pub(super) fn reach(&mut self, setup: &Setup, bad_rows: &mut BadRows) -> anyhow::Result<()> {
        let (chain, now) = (&setup.chain, self.clock.at());
        let midnight = self.zone.instant(self.zone.date(now).and_time(NaiveTime::MIN));
        let Some(to) = self.zone.date(now).with_day(1).and_then(|day| day.with_year(LAST_YEAR)) else { return Ok(()) };
        let loader = CaseLoader { now: midnight, zone: self.zone, to };
        let until = self.zone.instant(to.and_time(NaiveTime::MIN));
        let in_reach = self.store.in_reminder_reach(midnight, until, self.zone)?;
        let settings = &chain.settings;
        let channels = match (&chain.contact_template, &settings.confirmation) {
            (Some(template), _) => template.channels.clone(),
            (None, Some(confirmation)) if settings.reminder.is_none() => {
                vec![(Channel::Email, confirmation.document_template.clone())]
            }
            (None, _) => Vec::new(),
        };
        let mut seen = BTreeSet::new();
        let mut ahead = 0;
        let mut groups: BTreeMap<Vec<(Channel, Lack)>, Counted<i64>> = BTreeMap::new();
        let mut wrong_emails = Counted::naming(CUSTOMERS_NAMED);
        for portion in in_reach.chunks(PORTION) {
            self.store.reading(|| {
                for of in portion {
                    if of.customer_id.is_some_and(|id| !seen.insert(id)) {
                        continue;
                    }
                    let case = self.store.case(&loader, of)?;
                    let mut obstacles = None;
                    let (mut counts, mut wrong_email) = (false, false);
                    for row in &case.appointments {
                        match eligible(chain, &case.customer, row) {
                            Ok(eligible) if self.zone.instant(eligible.appointment.start()) > now => {
                                counts = true;
                                wrong_email |= has_wrong_email(eligible.customer);
                                let covers = std::slice::from_ref(eligible.appointment);
                                let errand = Errand { customer: eligible.customer, covers, told: &case.told };
                                if let Err(found) = route(chain, errand, &channels) {
                                    obstacles.get_or_insert(found);
                                }
                            }
                            // What the row itself has was found by the survey.
                            Err(Reason::BadData(bad)) if bad.table == "appointment" && row.content.is_ok() => {
                                add(bad_rows, bad);
                            }
                            Ok(_) | Err(_) => {}
                        }
                    }
                    ahead += usize::from(counts);
                    if wrong_email
                        && obstacles.is_none()
                        && let Some(id) = id_of(&case)
                    {
                        wrong_emails.push(id);
                    }
                    if let Some((id, obstacles)) = id_of(&case).zip(obstacles) {
                        let lacks = lacks(&obstacles);
                        groups.entry(lacks).or_insert_with(|| Counted::naming(CUSTOMERS_NAMED)).push(id);
                    }
                }
                Ok(())
            })?;
        }
        // Without a contact template, or with a filter that selects nobody, the settings have to be
        // mended first.
        let filter = &chain.settings.branch_filter;
        let selects_somebody =
            filter.is_empty() || chain.branches.values().flatten().any(|branch| filter.contains(&branch.code));
        if !channels.is_empty() && selects_somebody {
            self.find(
                Area::Customers,
                if ahead == 0 {
                    Matter::NobodyAhead
                } else if groups.is_empty() {
                    Matter::Reached { customers: ahead }
                } else {
                    Matter::Unreachable { of: ahead, groups }
                },
            );
        }
        let by_email =
            settings.confirmation.is_some() || channels.iter().any(|(channel, _)| *channel == Channel::Email);
        if by_email && wrong_emails.count > 0 {
            self.find(Area::Customers, Matter::WrongEmails { customers: wrong_emails });
        }
        Ok(())
    }
}

/// Whether somebody has entered an address that is none.
fn has_wrong_email(customer: &Customer) -> bool {
    let email = customer.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
    email.is_some_and(|email| EmailAddress::parse(email).is_err())
}

fn id_of(case: &Case) -> Option<i64> {
    case.customer.id()
}

/// What each channel lacks, in one order for all, whatever a customer prefers.
fn lacks(obstacles: &[(Channel, Obstacle)]) -> Vec<(Channel, Lack)> {
    let mut lacks: Vec<_> = obstacles.iter().map(|(channel, obstacle)| (*channel, Lack::from(obstacle))).collect();
    lacks.sort_unstable();
    lacks
}
