//! Logs in to servers and gateways, and sends test messages if that is asked for.

use std::sync::Arc;

use chrono::Duration;

use super::Checking;
use crate::contact::{Address, EmailAddress, PhoneNumber, mask_stored};
use crate::delivery::{Carrier, Outcome, Prepared, email_carrier, sms_carrier};
use crate::exit::Stop;
use crate::model::{Channel, Kind};
use crate::report::check::{Area, Matter};
use crate::report::words::Lang;
use crate::rules::interface::Outlets;
use crate::settings::{Gateway, Sms, SmtpTransport, Surroundings};
use crate::store::InterfaceRow;

/// Where a test message goes.
#[derive(Debug)]
pub(super) struct Recipient {
    address: Address,
}

/// Reads the addresses of `--send-test`.
///
/// # Errors
/// 2 if one is neither an e-mail address nor a mobile number.
pub(super) fn recipients(
    asked: &[String],
    rows: &[InterfaceRow],
    surroundings: &dyn Surroundings,
) -> Result<Vec<Recipient>, Stop> {
    let country_code = rows
        .iter()
        .filter_map(|row| row.as_ref().ok())
        .filter(|row| row.kind == crate::model::InterfaceKind::Sms)
        .find_map(|row| Sms::read(&row.settings, surroundings).ok())
        .map_or_else(|| Outlets::COUNTRY_CODE.to_owned(), |sms| sms.country_code);
    asked
        .iter()
        .map(|text| {
            let address = if text.contains('@') {
                EmailAddress::parse(text).map(Address::Email).map_err(|fault| fault.to_string())
            } else {
                PhoneNumber::parse(text, &country_code).map_err(|fault| fault.to_string()).and_then(|number| {
                    if number.is_mobile() { Ok(Address::Sms(number)) } else { Err("is no mobile number".to_owned()) }
                })
            };
            let refused = |problem| {
                Stop::usage(format!(
                    "--send-test \"{text}\" is neither an e-mail address nor a mobile number ({problem})"
                ))
            };
            address.map(|address| Recipient { address }).map_err(refused)
        })
        .collect()
}

impl Checking<'_> {
    /// Logs in to everything that can be used now.
    pub(super) fn log_ins(&mut self, offline: bool) {
        if offline {
            self.find(Area::Servers, Matter::Offline);
            return;
        }
        let into_files = |interface_id, carrier: Arc<dyn Carrier>| match carrier.probe() {
            Ok(_) => Matter::IntoFiles { interface_id },
            Err(problem) => Matter::FolderUnusable { interface_id, problem },
        };
        let log_in = |interface_id, carrier: Arc<dyn Carrier>| match carrier.probe() {
            Ok(probe) if probe.asked => Matter::LoggedIn { interface_id, balance: probe.balance },
            Ok(_) => Matter::NotAsked { interface_id },
            Err(problem) => Matter::LogInFailed { interface_id, problem },
        };
        let mail = self.smtp.iter().map(|(id, smtp)| match &smtp.transport {
            SmtpTransport::Directory(_) => into_files(*id, email_carrier(smtp, Arc::clone(&self.clock))),
            SmtpTransport::Server(_) => log_in(*id, email_carrier(smtp, Arc::clone(&self.clock))),
        });
        let sms = self.sms.iter().map(|(id, sms)| match &sms.gateway {
            Gateway::File(_) => into_files(*id, sms_carrier(sms, Arc::clone(&self.clock))),
            _ => log_in(*id, sms_carrier(sms, Arc::clone(&self.clock))),
        });
        let mut found: Vec<Matter> = mail.chain(sms).collect();
        if found.is_empty() {
            found.push(Matter::NoServer);
        }
        self.findings.extend(found.into_iter().map(|matter| (Area::Servers, matter)));
    }

    /// Sends a test message to each recipient by each interface that can be used now.
    ///
    /// # Errors
    /// 74 if the chain's identity cannot be read.
    pub(super) fn send_tests(&mut self, recipients: &[Recipient]) -> anyhow::Result<()> {
        if recipients.is_empty() {
            return Ok(());
        }
        let identity = self.store.identity()?;
        for (number, recipient) in recipients.iter().enumerate() {
            let channel = recipient.address.channel();
            let address = mask_stored(channel, recipient.address.expose());
            let carriers: Vec<(i64, Arc<dyn Carrier>)> = match channel {
                Channel::Email => {
                    self.smtp.iter().map(|(id, smtp)| (*id, email_carrier(smtp, Arc::clone(&self.clock)))).collect()
                }
                _ => self.sms.iter().map(|(id, sms)| (*id, sms_carrier(sms, Arc::clone(&self.clock)))).collect(),
            };
            if carriers.is_empty() {
                self.find(Area::Tests, Matter::TestImpossible { channel, address: address.clone() });
            }
            for (interface_id, carrier) in carriers {
                // Another name for each, so that no server takes the second one for the first.
                let reference =
                    format!("test-{}-{number}-{interface_id}.{identity}", self.clock.time_of_day().timestamp());
                let message = self.test_message(&recipient.address, reference);
                let outcome = carrier.courier().hand_over(&message);
                let address = address.clone();
                self.find(
                    Area::Tests,
                    match outcome {
                        Outcome::Accepted { reply, .. } => Matter::TestTaken { interface_id, address, reply },
                        outcome => Matter::TestFailed { interface_id, address, problem: outcome.problem().to_owned() },
                    },
                );
            }
        }
        Ok(())
    }

    fn test_message(&self, address: &Address, reference: String) -> Prepared {
        let (subject, body, language) = match self.lang {
            Lang::De => (
                "Testnachricht",
                "Dies ist eine Testnachricht der Terminerinnerung (terminbote). Bitte nicht beachten.",
                "de",
            ),
            Lang::En => (
                "Test message",
                "This is a test message of the appointment reminders (terminbote). Please ignore it.",
                "en",
            ),
        };
        let date = self.clock.time_of_day();
        Prepared {
            // No row of the ledger: it is no message to a customer.
            id: 0,
            kind: Kind::Manual,
            address: address.clone(),
            recipient_name: None,
            subject: matches!(address, Address::Email(_)).then(|| subject.to_owned()),
            body: body.to_owned(),
            language: language.to_owned(),
            attachments: Vec::new(),
            reference,
            date,
            reply_to: None,
            expires: date + Duration::hours(1),
        }
    }
}
