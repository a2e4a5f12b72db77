//! Looks at everything that a pass would need, without sending anything.
//!
//! The database is opened for reading only, so that it can be checked while a pass runs. What would
//! stop a pass is a finding like any other, and the rest is checked as far as it goes. Only the
//! log-ins open sockets, and only `--send-test` sends; neither is recorded, since nobody was told
//! anything about an appointment.

mod customers;
mod machine;
mod rights;
mod schedule;
mod servers;
mod texts;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use super::output::Output;
use crate::cli::{Check, Common, Format};
use crate::clock::Clock;
use crate::contact::EmailAddress;
use crate::exit::ExitStatus;
use crate::host::{self, Host};
use crate::model::{Branch, Channel, ContactTemplate, Interface, InterfaceKind};
use crate::pass::{Service, Setup, find_service, service_zone};
use crate::report::Warning;
use crate::report::check::{Area, CheckReport, Counted, InterfaceLine, Matter, NAMED, Target};
use crate::rules::interface::usable;
use crate::rules::quiet::QuietTime;
use crate::rules::reason::Unusable;
use crate::settings::{Notification, Sms, Smtp, SmtpTransport, Tls};
use crate::store::{InterfaceRow, Store};
use crate::zone::Zone;

pub(super) fn run(common: &Common, asked: &Check, clock: Clock) -> anyhow::Result<ExitStatus> {
    // A nonsense time or address is wrong whatever the chain, and needs no database to say so.
    super::instant(common, Zone::default())?;
    let path = super::database(common)?;
    let store = Store::open_read_only(path)?;
    let rows = store.interfaces()?;
    let zone = service_zone(&rows);
    let clock = match super::instant(common, zone)? {
        Some(at) => clock.set_to(at),
        None => clock,
    };
    let (workstation, host) = (host::workstation(), Host::new(store.folder()));
    let surroundings = rights::SecretFiles::new(&host);
    let mut checking = Checking {
        store: &store,
        rows: &rows,
        clock: Arc::new(clock),
        zone,
        workstation: &workstation,
        surroundings: &surroundings,
        lang: super::language(common),
        smtp: BTreeMap::new(),
        sms: BTreeMap::new(),
        findings: Vec::new(),
    };
    let recipients = servers::recipients(&asked.send_test, &rows, &surroundings)?;
    if asked.workstations {
        checking.interfaces(None, true)?;
    } else {
        checking.everything(asked, &recipients, path)?;
    }
    store.finish_reading()?;
    let at = zone.with_offset(checking.clock.at());
    let (lang, findings) = (checking.lang, checking.findings);
    let report = CheckReport { at, zone, workstation: workstation.clone(), findings };
    let text = match common.format {
        Format::Text => report.text(lang),
        Format::Json => report.json(lang),
    };
    let mut output = Output::new();
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(report.exit_status())
}

/// A check that is under way.
struct Checking<'a> {
    store: &'a Store,
    rows: &'a [InterfaceRow],
    clock: Arc<Clock>,
    zone: Zone,
    workstation: &'a str,
    surroundings: &'a rights::SecretFiles<'a>,
    lang: crate::report::words::Lang,
    /// The settings of the mail servers that can be used now.
    smtp: BTreeMap<i64, Smtp>,
    /// The settings of the gateways that can be used now.
    sms: BTreeMap<i64, Sms>,
    findings: Vec<(Area, Matter)>,
}

impl Checking<'_> {
    fn find(&mut self, area: Area, matter: Matter) {
        self.findings.push((area, matter));
    }

    fn everything(
        &mut self,
        asked: &Check,
        recipients: &[servers::Recipient],
        path: &std::path::Path,
    ) -> anyhow::Result<()> {
        let setup = self.setup()?;
        self.interfaces(setup.as_ref(), false)?;
        if let Some(setup) = &setup {
            self.warnings(setup);
            self.service(setup);
            self.schedule(setup, asked.minute)?;
            self.first_pass(asked.minute)?;
            self.texts(setup)?;
        }
        self.log_ins(asked.offline);
        let mut bad = self.survey()?;
        if let Some(setup) = &setup {
            self.reach(setup, &mut bad)?;
        }
        self.bad_rows(bad);
        self.machine(path)?;
        self.send_tests(recipients)
    }

    /// Reads the chain as a pass would, and notes what would stop one. `None` if there are no
    /// settings that could be read.
    fn setup(&mut self) -> anyhow::Result<Option<Setup>> {
        let at = self.clock.at();
        let mut settings = None;
        match find_service(self.rows, at, self.workstation) {
            Ok(Service::Active(active, warnings)) => {
                settings = Some(*active);
                self.findings.extend(warnings.into_iter().map(|warning| (Area::Interfaces, Matter::Warning(warning))));
            }
            // Why it may not be used stands with the interface itself.
            Ok(Service::Inactive(_, warnings)) => {
                let warnings =
                    warnings.into_iter().filter(|warning| !matches!(warning, Warning::ServiceUnusable { .. }));
                self.findings.extend(warnings.map(|warning| (Area::Interfaces, Matter::Warning(warning))));
            }
            Err(stop) => self.find(Area::Interfaces, Matter::Stops(stop.to_string())),
        }
        let readable = || {
            self.rows
                .iter()
                .filter_map(|row| row.as_ref().ok())
                .filter(|row| row.kind == InterfaceKind::AppointmentNotification)
                .find_map(|row| Notification::read(&row.settings).ok())
        };
        let Some(settings) = settings.or_else(readable) else { return Ok(None) };
        let quiet = match QuietTime::new(settings.night_rest, settings.zone) {
            Ok(quiet) => quiet,
            Err(error) => {
                self.find(Area::Service, Matter::Stops(format!("the setting night_rest: {error}")));
                match QuietTime::new(None, settings.zone) {
                    Ok(quiet) => quiet,
                    Err(_) => return Ok(None),
                }
            }
        };
        let (setup, stops) =
            Setup::gather(self.store, self.rows, settings, quiet, at, self.workstation, self.surroundings)?;
        for stop in stops {
            self.find(Area::Service, Matter::Stops(stop.to_string()));
        }
        Ok(Some(setup))
    }

    /// Lists the interfaces, all or only those bound to a computer.
    fn interfaces(&mut self, setup: Option<&Setup>, only_bound: bool) -> anyhow::Result<()> {
        let branches = self.store.branches()?;
        let today = self.zone.date(self.clock.at());
        let mut listed = 0;
        for row in self.rows {
            match row {
                Err(bad) => self.find(Area::Interfaces, Matter::Warning(Warning::BadData(bad.clone()))),
                Ok(row) if only_bound && row.workstation.is_none() => {}
                Ok(row) => {
                    listed += 1;
                    let mut causes: Vec<Unusable> = usable(row, today, self.workstation).err().into_iter().collect();
                    let (target, faults) = self.target(row, causes.is_empty());
                    causes.extend(faults.map(|faults| Unusable::Faulty { faults }));
                    let dead = setup.and_then(|setup| dead_channel(setup, row.id));
                    let code = |id: i64| match branches.get(&id) {
                        Some(Ok(branch)) => branch.code.clone(),
                        _ => id.to_string(),
                    };
                    let line = InterfaceLine {
                        id: row.id,
                        kind: row.kind,
                        branch: row.branch_id.map(code),
                        workstation: row.workstation.clone(),
                        server_side: row.server_side,
                        start: row.start_date,
                        target,
                        causes,
                        dead,
                    };
                    self.find(Area::Interfaces, Matter::Interface(line));
                }
            }
        }
        if listed == 0 {
            self.find(Area::Interfaces, Matter::NoInterface { bound: only_bound });
        }
        Ok(())
    }

    /// Where an interface leads, or what is wrong with its settings; those of an interface that may
    /// be used are kept.
    fn target(&mut self, row: &Interface, keep: bool) -> (Option<Target>, Option<String>) {
        let wrong = |faults: crate::settings::Faults| (None, Some(faults.to_string()));
        match row.kind {
            InterfaceKind::AppointmentNotification => match Notification::read(&row.settings) {
                Ok(_) => (None, None),
                Err(faults) => wrong(faults),
            },
            InterfaceKind::Smtp => match Smtp::read(&row.settings, self.surroundings) {
                Err(faults) => wrong(faults),
                Ok(smtp) => {
                    let target = match &smtp.transport {
                        SmtpTransport::Directory(path) => Target::Folder(path.display().to_string()),
                        SmtpTransport::Server(server) => Target::Server {
                            address: format!("{}:{}", server.host, server.port),
                            encrypted: server.tls != Tls::None,
                        },
                    };
                    if keep {
                        self.smtp.insert(row.id, smtp);
                    }
                    (Some(target), None)
                }
            },
            InterfaceKind::Sms => match Sms::read(&row.settings, self.surroundings) {
                Err(faults) => wrong(faults),
                Ok(sms) => {
                    let target = match &sms.gateway {
                        crate::settings::Gateway::File(path) => Target::Folder(path.display().to_string()),
                        gateway => Target::Gateway {
                            name: gateway.name(),
                            host: gateway.base_url().map(|base| base.host().to_owned()),
                        },
                    };
                    if keep {
                        self.sms.insert(row.id, sms);
                    }
                    (Some(target), None)
                }
            },
        }
    }

    /// What a pass would warn of, each where it belongs.
    fn warnings(&mut self, setup: &Setup) {
        let branches = setup.chain.branches.values().filter_map(|row| row.as_ref().err());
        let types = setup.chain.types.values().filter_map(|row| row.as_ref().err());
        for bad in branches.chain(types) {
            self.find(Area::Rows, Matter::Warning(Warning::BadData(bad.clone())));
        }
        for warning in &setup.warnings {
            let area = match warning {
                // Said with the interface itself.
                Warning::InterfaceUnusable { .. } => continue,
                Warning::BadData(bad) if bad.table == "interface" => continue,
                Warning::UnknownBranchCode { .. } => Area::Service,
                Warning::TextUnusable { .. } | Warning::CalendarTitleUnusable { .. } => Area::Texts,
                Warning::BadData(_) => Area::Rows,
                _ => Area::Interfaces,
            };
            self.find(area, Matter::Warning(warning.clone()));
        }
    }

    /// The settings of the service, in words.
    fn service(&mut self, setup: &Setup) {
        let settings = &setup.chain.settings;
        let mut branches = Counted::naming(NAMED);
        let filter = &settings.branch_filter;
        let selected = |branch: &&Branch| filter.is_empty() || filter.contains(&branch.code);
        for branch in setup.chain.branches.values().filter_map(|row| row.as_ref().ok()).filter(selected) {
            branches.push((branch.code.clone(), branch.name.clone()));
            let email = branch.email.as_deref().map(str::trim).filter(|email| !email.is_empty());
            if let Some(Err(fault)) = email.map(EmailAddress::parse) {
                let code = branch.code.clone();
                self.find(Area::Service, Matter::BranchEmail { code, fault: fault.into() });
            }
        }
        // A filter that selects nobody is said already, and so is everything else that is missing.
        if branches.count > 0 {
            self.find(Area::Service, Matter::Branches { filtered: !filter.is_empty(), branches });
        }
        if QuietTime::new(settings.night_rest, settings.zone).is_ok() {
            self.find(Area::Service, Matter::Quiet(settings.night_rest));
        }
        match &settings.confirmation {
            Some(confirmation) => self.find(Area::Service, Matter::Confirmation(confirmation.clone())),
            None => self.find(Area::Service, Matter::NoConfirmation),
        }
        let Some(reminder) = &settings.reminder else {
            self.find(Area::Service, Matter::NoReminder);
            return;
        };
        let channels = setup.chain.contact_template.iter().flat_map(|template: &ContactTemplate| &template.channels);
        self.find(Area::Service, Matter::Reminder(reminder.clone(), channels.cloned().collect()));
        let (min_hours, hours_before) = (reminder.min_hours_between_messages, reminder.hours_before);
        if min_hours > hours_before {
            self.find(Area::Service, Matter::HoldsBackForGood { min_hours, hours_before });
        }
    }
}

/// The channel that this interface would serve, if no other does and it is in use.
fn dead_channel(setup: &Setup, id: i64) -> Option<Channel> {
    setup.warnings.iter().find_map(|warning| match warning {
        Warning::InterfaceUnusable { interface_id, channel, channel_is_dead: true, .. } if *interface_id == id => {
            Some(*channel)
        }
        _ => None,
    })
}
