//! Every outcome of every gateway: as tables where an answer is enough, and against a scripted
//! server where the wire matters.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, TimeZone, Utc};

use super::*;
use crate::contact::PhoneNumber;
use crate::delivery::support::http_peer::{Act, HttpPeer, nobody};
use crate::delivery::support::tls::CA;
use crate::model::Kind;
use crate::settings::{SecretSource, Surroundings};

/// What every secret in these tests is or contains.
const SECRET: &str = "geheim/1&2";

struct Here;

impl Surroundings for Here {
    fn folder(&self) -> &Path {
        Path::new("/nowhere")
    }

    fn secret(&self, source: &SecretSource) -> Result<Secret, String> {
        match source {
            SecretSource::Here(secret) => Ok(secret.clone()),
            SecretSource::File(_) | SecretSource::Variable(_) => Err("not here".to_owned()),
        }
    }
}

const GATEWAYS: [&str; 6] = ["smscreator", "seven", "twilio", "sipgate", "kannel", "http"];

/// Settings of each gateway, at `base`.
fn settings(gateway: &str, base: &str) -> Sms {
    let keys = match gateway {
        "smscreator" => format!(
            r#""base_url": "{base}/gateway", "user": "praxis", "from": "OptikMuster", "secrets": {{"password": "{SECRET}"}}"#
        ),
        "seven" => {
            format!(r#""base_url": "{base}/api", "from": "OptikMuster", "secrets": {{"api_key": "{SECRET}"}}"#)
        }
        "twilio" => format!(
            r#""base_url": "{base}", "account_sid": "AC00000000000000000000000000000001", "from": "OptikMuster", "secrets": {{"auth_token": "{SECRET}"}}"#
        ),
        "sipgate" => format!(
            r#""base_url": "{base}/v2", "token_id": "token-ABC", "sms_id": "s0", "secrets": {{"token": "{SECRET}"}}"#
        ),
        "kannel" => {
            format!(r#""base_url": "{base}", "user": "tester", "from": "OPTIK", "secrets": {{"password": "{SECRET}"}}"#)
        }
        "http" => format!(
            r#""url": "{base}/send?ref={{{{ reference|url }}}}", "from": "OptikMuster",
               "headers": {{"Authorization": "Bearer {{{{ secrets.key }}}}"}},
               "body": "{{\"to\": {{{{ to|json }}}}, \"from\": {{{{ from|json }}}}, \"text\": {{{{ text|json }}}}, \"minutes\": {{{{ validity_minutes }}}}}}",
               "success": {{"status": [200, 201], "pointer": "/accepted", "equals": "true"}}, "id": "/id",
               "rejected": {{"status": [422]}}, "refused": {{"contains": "no credit"}}, "not_sent": {{"status": [503]}},
               "secrets": {{"key": "{SECRET}"}}"#
        ),
        other => panic!("{other}"),
    };
    let mut settings = Sms::read(&format!(r#"{{"gateway": "{gateway}", {keys}}}"#), &Here).unwrap();
    // Longer than any busy machine takes, so that only silence ends a call.
    settings.timeout = Duration::from_secs(60);
    settings
}

/// The same for a server that will keep silent.
fn impatient(gateway: &str, base: &str) -> Sms {
    Sms { timeout: Duration::from_millis(200), ..settings(gateway, base) }
}

/// A reminder that is of use for 16 hours and a half.
fn message() -> Prepared {
    let date = Utc.with_ymd_and_hms(2026, 3, 10, 18, 0, 0).unwrap();
    Prepared {
        id: 7,
        kind: Kind::Reminder,
        address: Address::Sms(PhoneNumber::parse("+4915228817386", "+49").unwrap()),
        recipient_name: None,
        subject: None,
        body: "Ihr Termin: 11.3. um 10:30 & Größe 3€ + Brille".to_owned(),
        language: "de".to_owned(),
        attachments: Vec::new(),
        reference: "rem-20260310-0007".to_owned(),
        date,
        reply_to: None,
        expires: date + TimeDelta::minutes(990),
    }
}

/// The carrier, at the instant of the message.
fn carrier(settings: &Sms) -> Box<dyn Carrier> {
    super::carrier(settings, Arc::new(Clock::new(message().date, || Duration::ZERO)))
}

fn hand_over(settings: &Sms, message: &Prepared) -> Outcome {
    carrier(settings).courier().hand_over(message)
}

/// An outcome in one line.
fn line_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { reference, reply } => {
            format!("accepted {}: {reply}", reference.as_deref().unwrap_or("-"))
        }
        Outcome::Rejected(text) | Outcome::Declined(text) => format!("rejected: {text}"),
        Outcome::Refused(text) => format!("refused: {text}"),
        Outcome::NotSent { problem, wait, server } => {
            let wait = match wait {
                Some(NOT_IN_THIS_PASS) => " not in this pass".to_owned(),
                Some(wait) => format!(" wait {}s", wait.as_secs()),
                None => String::new(),
            };
            format!("not sent{}{wait}: {problem}", if *server { "" } else { " (this one)" })
        }
        Outcome::Unknown(text) => format!("unknown: {text}"),
    }
}

/// Checks what `gateway` makes of each answer, by the start of the outcome in one line.
#[track_caller]
fn reads(gateway: &dyn Gateway, table: &[(u16, &str, &str)]) {
    for (status, body, wanted) in table {
        let reply = Reply { status: *status, body: (*body).to_owned(), ..Reply::default() };
        let found = line_of(&gateway.verdict(&reply));
        assert!(found.starts_with(wanted), "{status} {body}\n  wanted {wanted}\n  found  {found}");
    }
}

macro_rules! gateway {
    ($name:literal, $variant:path, $wrap:expr) => {
        match settings($name, "http://127.0.0.1:1").gateway {
            $variant(settings) => $wrap(settings),
            _ => unreachable!(),
        }
    };
}

fn smscreator() -> smscreator::Smscreator {
    gateway!("smscreator", settings::Gateway::Smscreator, smscreator::Smscreator)
}

fn seven() -> seven::Seven {
    gateway!("seven", settings::Gateway::Seven, seven::Seven)
}

fn twilio() -> twilio::Twilio {
    gateway!("twilio", settings::Gateway::Twilio, twilio::Twilio)
}

fn sipgate() -> sipgate::Sipgate {
    gateway!("sipgate", settings::Gateway::Sipgate, sipgate::Sipgate)
}

fn kannel() -> kannel::Kannel {
    gateway!("kannel", settings::Gateway::Kannel, kannel::Kannel)
}

fn http() -> http::Http {
    match settings("http", "http://127.0.0.1:1").gateway {
        settings::Gateway::Http(recipe, from) => http::Http(recipe, from),
        _ => unreachable!(),
    }
}

/// What every gateway makes of answers that are not its own.
const FOREIGN: [(u16, &str, &str); 10] = [
    (301, "", "refused: the gateway sends us elsewhere"),
    (407, "", "refused: log-in refused: HTTP 407"),
    (408, "", "unknown: HTTP 408"),
    (429, "slow down", "not sent: HTTP 429: slow down"),
    (500, "", "unknown: HTTP 500, no text"),
    (500, "<html>Internal <b>error</b></html>", "unknown: HTTP 500: Internal error"),
    (502, "<html>Bad Gateway</html>", "unknown: HTTP 502: Bad Gateway"),
    (504, "", "unknown: HTTP 504"),
    (200, "<!DOCTYPE html><title>Please log in</title>", "unknown: "),
    (200, "{\"success\": ", "unknown: "),
];

#[test]
fn an_answer_that_is_not_the_gateways_own_is_never_taken_for_a_no() {
    for gateway in [&smscreator() as &dyn Gateway, &seven(), &twilio(), &kannel(), &http()] {
        reads(gateway, &FOREIGN);
        reads(gateway, &[(200, "", "unknown: "), (200, "ü", "unknown: ")]);
    }
    // sipgate promises no body, so broken JSON under 200 is no worse than none.
    reads(&sipgate(), &FOREIGN[..9]);
}

fn asmx(outer: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<ServiceResult xmlns=\"http://www.smscreator.de/gateway\">\
         <StatusCode>{outer}</StatusCode><Value><Status>{inner}</Status></Value></ServiceResult>"
    )
}

#[test]
fn smscreator_accepts_only_with_two_oks() {
    for (outer, inner, wanted) in [
        ("Ok", "Ok", "accepted -: Ok"),
        ("InvalidUser", "None", "refused: log-in refused: InvalidUser"),
        ("AccountLocked", "None", "refused: log-in refused: AccountLocked"),
        ("IPLock", "None", "refused: log-in refused: IPLock"),
        ("DatabaseError", "None", "unknown: DatabaseError"),
        ("Ok", "NoTextFound", "refused: refused: NoTextFound"),
        ("Ok", "NoDataFound", "refused: refused: NoDataFound"),
        ("Ok", "NoUrlFound", "refused: refused: NoUrlFound"),
        ("Ok", "SMSTypeError", "refused: refused: SMSTypeError"),
        ("Ok", "NoRecipientFound", "rejected: NoRecipientFound"),
        ("Ok", "RecipientOnBlacklist", "rejected: RecipientOnBlacklist"),
        ("Ok", "CreditsTooLow", "refused: refused: CreditsTooLow"),
        ("Maintenance", "None", "refused: refused: Maintenance"),
        ("Ok", "None", "unknown: no verdict about the message"),
        ("None", "None", "unknown: no verdict"),
        ("", "Ok", "unknown: no verdict"),
    ] {
        reads(&smscreator(), &[(200, &asmx(outer, inner), wanted)]);
    }
    let soap = "<soap:Envelope><soap:Body><s:R><s:StatusCode>Ok</s:StatusCode><s:Value><s:Status>Ok</s:Status>\
                <s:JobId>4711</s:JobId></s:Value></s:R></soap:Body></soap:Envelope>";
    reads(
        &smscreator(),
        &[
            (200, soap, "accepted 4711: Ok"),
            (200, "<StatusCode>Ok</StatusCode>", "unknown: no verdict"),
            (500, "Missing parameter: SmsTyp.", "refused: request not understood"),
            (401, "", "refused: log-in refused"),
            (404, "", "refused: HTTP 404"),
        ],
    );
}

fn sevens(success: &str, message: &str) -> String {
    format!(
        r#"{{"success": {success}, "total_price": 0.075, "balance": 12.3, "debug": "false", "messages": [{message}]}}"#
    )
}

#[test]
fn seven_is_read_by_its_message_and_its_codes() {
    let table = [
        (sevens("\"100\"", r#"{"id": "771", "success": true, "error": null}"#), "accepted 771: code 100"),
        (sevens("100", r#"{"id": 771, "success": "true", "error": ""}"#), "accepted 771: code 100"),
        (sevens("\"100\"", r#"{"id": null, "success": true}"#), "accepted -: code 100"),
        (
            sevens("\"101\"", r#"{"id": null, "success": false, "error": "202", "error_text": "bad number"}"#),
            "rejected: recipient invalid (code 202): bad number",
        ),
        (sevens("\"101\"", r#"{"success": false, "error": 402}"#), "accepted -: just taken before"),
        (sevens("\"101\"", r#"{"success": false}"#), "unknown: no verdict"),
        (sevens("\"100\"", r#"{"success": false}"#), "unknown: no verdict"),
        (sevens("\"900\"", ""), "refused: log-in refused"),
        (sevens("\"100\"", ""), "unknown: no verdict"),
        ("\"900\"".to_owned(), "refused: log-in refused: check the API key (code 900)"),
        ("900".to_owned(), "refused: log-in refused"),
        ("900\r\n".to_owned(), "refused: log-in refused"),
        ("[]".to_owned(), "unknown: no verdict"),
    ];
    for (body, wanted) in &table {
        reads(&seven(), &[(200, body, wanted)]);
    }
    let codes = [
        ("11", "not sent (this one): carrier temporarily unavailable"),
        ("201", "refused: sender"),
        ("202", "rejected: recipient"),
        ("300", "refused: log-in"),
        ("301", "refused: request"),
        ("302", "refused: request"),
        ("303", "refused: request"),
        ("304", "refused: request"),
        ("305", "refused: request"),
        ("306", "refused: sender"),
        ("400", "refused: request"),
        ("401", "refused: request"),
        ("402", "accepted -: just taken before, reload lock (code 402)"),
        ("403", "not sent (this one) not in this pass: daily limit"),
        ("500", "refused: no credit"),
        ("600", "unknown: the gateway does not know"),
        ("700", "unknown: the gateway does not know"),
        ("900", "refused: log-in"),
        ("901", "refused: log-in"),
        ("902", "refused: log-in"),
        ("903", "refused: this computer's IP"),
        ("777", "refused: refused, unknown code (code 777)"),
        ("100", "unknown: no verdict"),
    ];
    for (code, wanted) in codes {
        reads(&seven(), &[(200, code, wanted)]);
    }
    reads(&seven(), &[(401, "", "refused: log-in refused"), (402, "", "refused: no credit")]);
}

#[test]
fn twilio_is_read_by_its_codes_and_else_by_the_status() {
    const SID: &str = "SM0123456789abcdef0123456789ABCDEF";
    let made = |status: &str, error: &str| {
        format!(r#"{{"sid": "{SID}", "status": "{status}", "num_segments": "1", "error_code": {error}}}"#)
    };
    for status in ["queued", "accepted", "scheduled", "sending", "sent"] {
        reads(&twilio(), &[(201, &made(status, "null"), &format!("accepted {SID}: {status}"))]);
    }
    reads(
        &twilio(),
        &[
            (201, &made("failed", "30002"), "refused: account not active"),
            (201, &made("failed", "null"), "unknown: no verdict"),
            (201, &made("queued", "12345"), "unknown: taken with an error (code 12345)"),
            (201, r#"{"sid": "XX1", "status": "queued"}"#, "unknown: no verdict"),
            (201, "", "unknown: no verdict"),
        ],
    );
    for (status, code, wanted) in [
        (401, 20003, "refused: log-in refused (code 20003): text"),
        (403, 20005, "refused: account not active"),
        (400, 10001, "refused: account not active"),
        (400, 90010, "refused: account not active"),
        (400, 21211, "rejected: number not reached"),
        (400, 21612, "rejected: number not reached"),
        (400, 21614, "rejected: number not reached"),
        (400, 21610, "rejected: number not reached"),
        (400, 21608, "rejected: number not reached"),
        (400, 21212, "refused: sender"),
        (400, 21606, "refused: sender"),
        (400, 21401, "refused: sender"),
        (400, 21408, "refused: country"),
        (429, 20429, "not sent: too many requests"),
        (429, 14107, "not sent: too many requests (code 14107)"),
        (400, 21611, "not sent: the sender's queue is full"),
        (400, 99999, "refused: refused (code 99999): text"),
        (500, 20500, "unknown: HTTP 500"),
        (503, 20503, "unknown: HTTP 503"),
    ] {
        let body = format!(r#"{{"code": {code}, "message": "text", "more_info": "…", "status": {status}}}"#);
        reads(&twilio(), &[(status, &body, wanted)]);
    }
    reads(
        &twilio(),
        &[
            (401, r#"{"code": null, "message": "x"}"#, "refused: log-in refused"),
            (400, r#"{"message": "x"}"#, "refused: HTTP 400"),
            (404, "", "refused: HTTP 404"),
        ],
    );
}

#[test]
fn sipgate_is_read_by_its_status() {
    reads(
        &sipgate(),
        &[
            (204, "", "accepted -: HTTP 204"),
            (200, "", "accepted -: HTTP 200"),
            (200, "{}", "accepted -: HTTP 200"),
            (402, "Insufficient funds", "refused: no credit: HTTP 402: Insufficient funds"),
            (401, "", "refused: log-in refused"),
            (403, "", "refused: SMS extension or token not valid; check `sms_id`"),
            (400, "bad", "not sent (this one) not in this pass: HTTP 400: bad"),
            (503, "", "unknown: HTTP 503"),
        ],
    );
}

#[test]
fn kannel_is_read_by_its_words() {
    reads(
        &kannel(),
        &[
            (202, "0: Accepted for delivery", "accepted -: 0: Accepted for delivery"),
            (202, "3: Queued for later delivery", "accepted -: 3: Queued"),
            (202, "Sent. Message splits: 2", "accepted -: Sent. Message splits: 2"),
            (202, "7: Perhaps", "unknown: HTTP 202: 7: Perhaps"),
            (403, "Authorization failed for sendsms", "refused: log-in refused"),
            (403, "Not routable. Do not try again.", "refused: no connection of the gateway"),
            (403, "Something else", "refused: HTTP 403: Something else"),
            (400, "Missing receiver number, rejected", "refused: HTTP 400"),
            (400, "Empty receiver number not allowed, rejected", "refused: HTTP 400"),
            (400, "Number(s) has/have been denied by white- and/or black-lists.", "rejected: HTTP 400"),
            (400, "Charset or body misformed, rejected", "refused: HTTP 400"),
            (400, "Coding field misformed, rejected", "refused: HTTP 400"),
            (400, "Invalid content-type", "refused: HTTP 400"),
            (404, "Unknown request.", "refused: HTTP 404"),
            (503, "Temporal failure, try again later.", "not sent: HTTP 503"),
            (500, "Sending failed. Failed receivers are: x", "unknown: HTTP 500"),
        ],
    );
}

#[test]
fn a_described_gateway_is_read_by_its_patterns_and_else_by_the_status() {
    reads(
        &http(),
        &[
            (200, r#"{"accepted": true, "id": 81}"#, "accepted 81: "),
            (201, r#"{"accepted": "true"}"#, "accepted -: "),
            (200, r#"{"accepted": false}"#, "unknown: HTTP 200"),
            (202, r#"{"accepted": true}"#, "unknown: HTTP 202"),
            (200, r#"{"accepted": true, "note": "no credit"}"#, "refused: HTTP 200"),
            (422, "", "rejected: HTTP 422"),
            (503, "", "not sent: HTTP 503"),
            (401, "", "refused: log-in refused"),
            (400, "", "refused: HTTP 400"),
        ],
    );
}

#[test]
fn a_message_goes_out_as_each_gateway_wants_it() {
    let sent = |gateway: &str, message: &Prepared| {
        let peer = HttpPeer::playing([Act::reply(204, "")]);
        let _ = hand_over(&settings(gateway, &peer.url()), message);
        peer.requests().concat()
    };
    insta::assert_snapshot!(sent("smscreator", &message()), @r#"
    POST /gateway/send.asmx/SendSimpleSMS HTTP/1.1
    content-length: 234
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    content-type: application/x-www-form-urlencoded

    User=praxis&Password=geheim%2F1%262&Caption=rem-20260310-0007&Sender=OptikMuster&Recipient=004915228817386&SMSText=Ihr%20Termin%3A%2011.3.%20um%2010%3A30%20%26%20Gr%C3%B6%C3%9Fe%203%E2%82%AC%20%2B%20Brille&SmsTyp=HighQuality&SendDate=
    "#);
    insta::assert_snapshot!(sent("seven", &message()), @r#"
    POST /api/sms HTTP/1.1
    content-length: 166
    user-agent: terminbote/VERSION
    host: HOST
    content-type: application/x-www-form-urlencoded
    x-api-key: geheim/1&2
    accept: application/json

    to=4915228817386&from=OptikMuster&foreign_id=rem-20260310-0007&ttl=990&text=Ihr%20Termin%3A%2011.3.%20um%2010%3A30%20%26%20Gr%C3%B6%C3%9Fe%203%E2%82%AC%20%2B%20Brille
    "#);
    insta::assert_snapshot!(sent("twilio", &message()), @r#"
    POST /2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json HTTP/1.1
    content-length: 153
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    content-type: application/x-www-form-urlencoded
    authorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpnZWhlaW0vMSYy

    To=%2B4915228817386&From=OptikMuster&ValidityPeriod=36000&Body=Ihr%20Termin%3A%2011.3.%20um%2010%3A30%20%26%20Gr%C3%B6%C3%9Fe%203%E2%82%AC%20%2B%20Brille
    "#);
    insta::assert_snapshot!(sent("sipgate", &message()), @r#"
    POST /v2/sessions/sms HTTP/1.1
    content-length: 106
    user-agent: terminbote/VERSION
    host: HOST
    content-type: application/json
    authorization: Basic dG9rZW4tQUJDOmdlaGVpbS8xJjI=
    accept: application/json

    {"message":"Ihr Termin: 11.3. um 10:30 & Größe 3€ + Brille","recipient":"+4915228817386","smsId":"s0"}
    "#);
    insta::assert_snapshot!(sent("kannel", &message()), @r#"
    GET /cgi-bin/sendsms?username=tester&password=geheim%2F1%262&from=OPTIK&to=%2B4915228817386&validity=990&coding=0&charset=UTF-8&text=Ihr%20Termin%3A%2011.3.%20um%2010%3A30%20%26%20Gr%C3%B6%C3%9Fe%203%E2%82%AC%20%2B%20Brille HTTP/1.1
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    "#);
    insta::assert_snapshot!(sent("kannel", &Prepared { body: "Größe ✓".to_owned(), ..message() }), @r#"
    GET /cgi-bin/sendsms?username=tester&password=geheim%2F1%262&from=OPTIK&to=%2B4915228817386&validity=990&coding=2&charset=UTF-8&text=Gr%C3%B6%C3%9Fe%20%E2%9C%93 HTTP/1.1
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    "#);
    insta::assert_snapshot!(sent("http", &message()), @r#"
    POST /send?ref=rem-20260310-0007 HTTP/1.1
    content-length: 125
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    authorization: Bearer geheim/1&2
    content-type: application/json

    {"to": "+4915228817386", "from": "OptikMuster", "text": "Ihr Termin: 11.3. um 10:30 & Größe 3€ + Brille", "minutes": 990}
    "#);
}

#[test]
fn afterwards_each_gateway_is_asked_in_its_own_way() {
    let asked = |gateway: &str| {
        let peer = HttpPeer::playing([Act::reply(404, "")]);
        let answer = carrier(&settings(gateway, &peer.url())).ask(&message());
        assert!(matches!(answer, Answer::CannotTell(_)), "{gateway}: {answer:?}");
        peer.requests().concat()
    };
    insta::assert_snapshot!(asked("smscreator"), @r#"
    POST /gateway/Information.asmx/QueryJobInfoByJobCaption HTTP/1.1
    content-length: 61
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    content-type: application/x-www-form-urlencoded

    User=praxis&Password=geheim%2F1%262&Caption=rem-20260310-0007
    "#);
    insta::assert_snapshot!(asked("seven"), @r#"
    GET /api/journal/outbound?to=4915228817386&date_from=2026-03-10&limit=100 HTTP/1.1
    user-agent: terminbote/VERSION
    host: HOST
    x-api-key: geheim/1&2
    accept: application/json
    "#);
    insta::assert_snapshot!(asked("twilio"), @r#"
    GET /2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json?To=%2B4915228817386&PageSize=100 HTTP/1.1
    user-agent: terminbote/VERSION
    accept: */*
    host: HOST
    authorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpnZWhlaW0vMSYy
    "#);
    insta::assert_snapshot!(asked("sipgate"), @r#"
    GET /v2/history?types=SMS&directions=OUTGOING&phonenumber=%2B4915228817386&limit=100 HTTP/1.1
    user-agent: terminbote/VERSION
    host: HOST
    authorization: Basic dG9rZW4tQUJDOmdlaGVpbS8xJjI=
    accept: application/json
    "#);
    assert_eq!(asked("kannel") + &asked("http"), "");
}

#[track_caller]
fn answers(gateway: &dyn Gateway, body: &str) -> String {
    let message = message();
    let reply = Reply { status: 200, body: body.to_owned(), ..Reply::default() };
    match gateway.answer(&Text::of(&message, message.date).unwrap(), &reply) {
        Answer::Sent { reference } => format!("sent {}", reference.as_deref().unwrap_or("-")),
        Answer::NeverSeen => "never seen".to_owned(),
        Answer::CannotTell(problem) => format!("cannot tell: {problem}"),
    }
}

#[test]
fn smscreator_knows_a_message_by_its_caption() {
    let job = |caption: &str| {
        format!("<R><StatusCode>Ok</StatusCode><Value><Job><Id>12</Id><Caption>{caption}</Caption></Job></Value></R>")
    };
    assert_eq!(answers(&smscreator(), &job("rem-20260310-0007")), "sent 12");
    assert_eq!(answers(&smscreator(), "<R><StatusCode>Ok</StatusCode><Value /></R>"), "never seen");
    assert!(answers(&smscreator(), &job("rem-20260310-00071")).starts_with("cannot tell"));
    assert!(answers(&smscreator(), "<R><StatusCode>InvalidUser</StatusCode></R>").starts_with("cannot tell"));
    assert!(answers(&smscreator(), "<html>").starts_with("cannot tell"));
    let cut = "<R><StatusCode>Ok</StatusCode><JobInfo><Id>7";
    assert!(answers(&smscreator(), cut).starts_with("cannot tell"));
}

#[test]
fn seven_knows_a_message_by_its_foreign_id() {
    assert_eq!(
        answers(&seven(), r#"[{"id": "1", "foreign_id": ""}, {"id": 2, "foreign_id": "rem-20260310-0007"}]"#),
        "sent 2"
    );
    assert_eq!(answers(&seven(), r#"[{"id": "1", "foreign_id": null}]"#), "never seen");
    assert_eq!(answers(&seven(), "[]"), "never seen");
    assert_eq!(answers(&seven(), r#"[{"id": "1"}]"#), "cannot tell: the journal names no foreign_id");
    let full: Vec<_> = (0..100).map(|id| serde_json::json!({"id": id, "foreign_id": "x"})).collect();
    assert!(
        answers(&seven(), &serde_json::Value::from(full).to_string()).starts_with("cannot tell: the journal lists")
    );
    assert!(answers(&seven(), "900").starts_with("cannot tell"));
}

/// A journal that begins a day too late lacks the message, which would be sent once more.
#[test]
fn the_journal_of_seven_is_read_from_the_day_on_that_it_may_have_been_there() {
    let read_from = |hour, minute| {
        let date = Utc.with_ymd_and_hms(2026, 3, 10, hour, minute, 0).unwrap();
        let peer = HttpPeer::playing([Act::reply(200, "[]")]);
        carrier(&settings("seven", &peer.url())).ask(&Prepared { date, ..message() });
        let request = peer.requests().concat();
        request.split(['?', '&']).find(|field| field.starts_with("date_from=")).unwrap_or_default().to_owned()
    };
    assert_eq!(read_from(23, 50), "date_from=2026-03-10");
    assert_eq!(read_from(0, 15), "date_from=2026-03-10");
    assert_eq!(read_from(0, 14), "date_from=2026-03-09");
}

#[test]
fn twilio_knows_a_message_by_number_time_and_text() {
    let entry = |date: &str, body: &str| serde_json::json!({"sid": "SM1", "date_created": date, "date_sent": null, "body": body, "status": "queued"});
    let list = |entries: Vec<serde_json::Value>, next: Option<&str>| {
        serde_json::json!({"messages": entries, "next_page_uri": next}).to_string()
    };
    let (text, after, before) = (message().body, "Tue, 10 Mar 2026 18:04:00 +0000", "Mon, 09 Mar 2026 18:04:00 +0000");
    let trial = format!("Sent from your Twilio trial account - {text}");
    assert_eq!(answers(&twilio(), &list(vec![entry(after, &text)], None)), "sent SM1");
    assert_eq!(answers(&twilio(), &list(vec![entry(after, &trial)], None)), "sent SM1");
    assert_eq!(answers(&twilio(), &list(vec![entry(before, &text)], None)), "never seen");
    // By so much its clock may be behind ours.
    assert_eq!(answers(&twilio(), &list(vec![entry("Tue, 10 Mar 2026 17:45:00 +0000", &text)], None)), "sent SM1");
    assert_eq!(answers(&twilio(), &list(vec![entry("Tue, 10 Mar 2026 17:44:59 +0000", &text)], None)), "never seen");
    assert_eq!(answers(&twilio(), &list(vec![entry(after, &text.replace(' ', "\r\n"))], None)), "sent SM1");
    for incomplete in ["", &text[..20], &format!("{}…", &text[..20])] {
        assert!(answers(&twilio(), &list(vec![entry(after, incomplete)], None)).starts_with("cannot tell"));
    }
    assert_eq!(answers(&twilio(), &list(vec![entry(after, "another")], None)), "never seen");
    assert_eq!(answers(&twilio(), &list(vec![], None)), "never seen");
    assert_eq!(answers(&twilio(), &list(vec![entry(after, "x"), entry(before, "x")], Some("/next"))), "never seen");
    assert!(answers(&twilio(), &list(vec![entry(after, "x")], Some("/next"))).starts_with("cannot tell"));
    assert!(answers(&twilio(), &list(vec![entry("soon", "x")], None)).starts_with("cannot tell"));
    assert!(answers(&twilio(), "{}").starts_with("cannot tell"));
}

#[test]
fn sipgate_knows_a_message_by_number_time_and_text() {
    let entry = |date: &str, body: Option<&str>| serde_json::json!({"id": "h1", "created": date, "smsContent": body});
    let list = |entries: Vec<serde_json::Value>| serde_json::json!({"items": entries, "totalCount": 1}).to_string();
    let (text, after, before) = (message().body, "2026-03-10T18:04:00Z", "2026-03-09T18:04:00Z");
    assert_eq!(answers(&sipgate(), &list(vec![entry(after, Some(&text))])), "sent h1");
    assert_eq!(answers(&sipgate(), &list(vec![entry(after, Some(&text.replace(' ', "  ")))])), "sent h1");
    assert!(answers(&sipgate(), &list(vec![entry(after, Some(&text[..20]))])).starts_with("cannot tell"));
    assert_eq!(answers(&sipgate(), &list(vec![entry(before, Some(&text))])), "never seen");
    // By so much its clock may be behind ours.
    assert_eq!(answers(&sipgate(), &list(vec![entry("2026-03-10T17:45:00Z", Some(&text))])), "sent h1");
    assert_eq!(answers(&sipgate(), &list(vec![entry("2026-03-10T17:44:59Z", Some(&text))])), "never seen");
    assert_eq!(answers(&sipgate(), &list(vec![entry(after, Some("another"))])), "never seen");
    assert_eq!(answers(&sipgate(), &list(vec![])), "never seen");
    assert!(answers(&sipgate(), &list(vec![entry(after, None)])).starts_with("cannot tell"));
    assert!(answers(&sipgate(), &list(vec![entry("soon", None)])).starts_with("cannot tell"));
    let mut full = vec![entry(after, Some("x")); 100];
    assert!(answers(&sipgate(), &list(full.clone())).starts_with("cannot tell"));
    // One from before says that nothing since then is missing.
    full[99] = entry(before, Some("x"));
    assert_eq!(answers(&sipgate(), &list(full)), "never seen");
    assert!(answers(&sipgate(), "[]").starts_with("cannot tell"));
}

#[test]
fn the_log_in_is_tried_without_sending() {
    let probe = |gateway: &str, act: Act| {
        let peer = HttpPeer::playing([act]);
        let probe = carrier(&settings(gateway, &peer.url())).probe();
        let request = peer.requests().concat().lines().next().unwrap_or_default().to_owned();
        (request, probe)
    };
    let known = |balance: Option<&str>| Ok(Probe { asked: true, balance: balance.map(str::to_owned) });
    for (gateway, act, request, wanted) in [
        (
            "smscreator",
            Act::reply(200, "<R><StatusCode>Ok</StatusCode><Value>42.5</Value></R>"),
            "POST /gateway/Information.asmx/QueryAccountBalance HTTP/1.1",
            known(Some("42.5 SMSCredits")),
        ),
        (
            "smscreator",
            Act::reply(200, "<R><StatusCode>InvalidUser</StatusCode><Value>0</Value></R>"),
            "POST /gateway/Information.asmx/QueryAccountBalance HTTP/1.1",
            Err("log-in refused: InvalidUser"),
        ),
        (
            "seven",
            Act::reply(200, r#"{"amount": 12.3, "currency": "EUR"}"#),
            "GET /api/balance HTTP/1.1",
            known(Some("12.3 EUR")),
        ),
        (
            "seven",
            Act::reply(200, "\"900\""),
            "GET /api/balance HTTP/1.1",
            Err("log-in refused: check the API key (code 900)"),
        ),
        (
            "twilio",
            Act::reply(200, r#"{"balance": "7.5", "currency": "USD"}"#),
            "GET /2010-04-01/Accounts/AC00000000000000000000000000000001/Balance.json HTTP/1.1",
            known(Some("7.5 USD")),
        ),
        (
            "twilio",
            Act::reply(401, r#"{"code": 20003, "message": "Authenticate"}"#),
            "GET /2010-04-01/Accounts/AC00000000000000000000000000000001/Balance.json HTTP/1.1",
            Err("log-in refused (code 20003): Authenticate"),
        ),
        (
            "sipgate",
            Act::reply(200, r#"{"amount": 123400, "currency": "EUR"}"#),
            "GET /v2/balance HTTP/1.1",
            known(Some("amount 123400, currency EUR")),
        ),
        ("sipgate", Act::reply(403, ""), "GET /v2/balance HTTP/1.1", known(None)),
        ("sipgate", Act::reply(401, ""), "GET /v2/balance HTTP/1.1", Err("log-in refused: HTTP 401, no text")),
        (
            "kannel",
            Act::reply(400, "Missing receiver number, rejected"),
            "GET /cgi-bin/sendsms?username=tester&password=geheim%2F1%262 HTTP/1.1",
            known(None),
        ),
        (
            "kannel",
            Act::reply(403, "Authorization failed for sendsms"),
            "GET /cgi-bin/sendsms?username=tester&password=geheim%2F1%262 HTTP/1.1",
            Err("log-in refused: HTTP 403: Authorization failed for sendsms"),
        ),
        ("http", Act::reply(200, ""), "", Ok(Probe { asked: false, balance: None })),
    ] {
        assert_eq!(probe(gateway, act), (request.to_owned(), wanted.map_err(str::to_owned)), "{gateway}");
    }
    assert!(carrier(&settings("seven", &nobody())).probe().unwrap_err().starts_with("no connection to"));
}

#[test]
fn whatever_breaks_before_the_first_byte_is_not_sent() {
    for gateway in GATEWAYS {
        let refused = line_of(&hand_over(&settings(gateway, &nobody()), &message()));
        assert!(refused.starts_with("not sent: no connection to 127.0.0.1:"), "{gateway}: {refused}");
        assert!(refused.contains("refused"), "{gateway}: {refused}");

        let nowhere = impatient(gateway, "https://sms.invalid");
        let nowhere = line_of(&hand_over(&nowhere, &message()));
        assert!(nowhere.starts_with("not sent: "), "{gateway}: {nowhere}");

        // A server that does not speak TLS: the handshake fails, with bytes on the wire, but none of ours.
        let peer = HttpPeer::playing([Act::CloseUnread]);
        let plain = settings(gateway, &peer.url().replace("http:", "https:"));
        let plain = line_of(&hand_over(&plain, &message()));
        assert!(plain.starts_with("not sent: no connection to"), "{gateway}: {plain}");
    }
}

#[test]
fn whatever_breaks_after_the_first_byte_is_unknown() {
    for gateway in GATEWAYS {
        for (act, wanted) in [
            (Act::CloseUnread, "unknown: no answer from 127.0.0.1:"),
            (Act::Close(Vec::new()), "unknown: no answer from 127.0.0.1:"),
            (Act::Close(b"HTTP/1.1 2".to_vec()), "unknown: no answer from 127.0.0.1:"),
            (Act::Close(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()), "unknown: no answer from 127.0.0.1:"),
            (Act::silence(), "unknown: no answer from 127.0.0.1:"),
        ] {
            let peer = HttpPeer::playing([act.clone()]);
            let silent = matches!(act, Act::Stall(_));
            let settings = if silent { impatient(gateway, &peer.url()) } else { settings(gateway, &peer.url()) };
            let found = line_of(&hand_over(&settings, &message()));
            assert!(found.starts_with(wanted), "{gateway}, {act:?}: {found}");
        }
    }
}

#[test]
fn an_answer_whose_rest_does_not_come_is_judged_by_what_came() {
    let head = |status: u16| format!("HTTP/1.1 {status} Status\r\nContent-Length: 500\r\n\r\n");
    let outcome = |gateway: &str, status: u16, body: &str, stall: bool| {
        let bytes = format!("{}{body}", head(status)).into_bytes();
        let peer = HttpPeer::playing([if stall { Act::Stall(bytes) } else { Act::Close(bytes) }]);
        // Long enough for the head to come, which is on its way at once.
        let settings = Sms { timeout: Duration::from_secs(1), ..settings(gateway, &peer.url()) };
        line_of(&hand_over(&settings, &message()))
    };
    // Waiting in vain takes a second each time, and ends in the same way for every gateway.
    for (stall, gateways) in [(true, &["twilio"][..]), (false, &GATEWAYS)] {
        for (gateway, status, body, wanted) in [
            ("seven", 200, r#"{"success": "100", "mess"#, "unknown: no verdict in the answer: HTTP 200"),
            ("twilio", 201, r#"{"sid": "SM"#, "unknown: no verdict in the answer: HTTP 201"),
            ("smscreator", 200, "<R><StatusCode>Ok</Sta", "unknown: no verdict in the answer: HTTP 200"),
            ("kannel", 202, "", "unknown: HTTP 202, no text (the rest did not come"),
            ("http", 200, r#"{"accepted": tr"#, "unknown: HTTP 200"),
            ("sipgate", 401, "", "refused: log-in refused: HTTP 401, no text (the rest did not come"),
        ] {
            if gateways.contains(&gateway) {
                let found = outcome(gateway, status, body, stall);
                assert!(found.starts_with(wanted), "{gateway}: {found}");
            }
        }
    }
    let endless = format!("HTTP/1.1 502 Status\r\n\r\n{}", "x".repeat(3 << 20));
    let peer = HttpPeer::playing([Act::Close(endless.into_bytes())]);
    let found = line_of(&hand_over(&settings("seven", &peer.url()), &message()));
    assert!(found.starts_with("unknown: HTTP 502: xxx") && found.chars().count() < 350, "{found}");
}

#[test]
fn a_wait_that_the_gateway_asks_for_is_told() {
    for gateway in GATEWAYS {
        for (headers, wait) in [
            (vec![], None),
            (vec![("Retry-After", "7")], Some(7)),
            (
                vec![("Date", "Tue, 10 Mar 2026 18:00:00 GMT"), ("Retry-After", "Tue, 10 Mar 2026 18:02:00 GMT")],
                Some(120),
            ),
        ] {
            let peer = HttpPeer::playing([Act::reply_with(429, &headers, "")]);
            let outcome = hand_over(&settings(gateway, &peer.url()), &message());
            let Outcome::NotSent { wait: found, server: true, .. } = outcome else { panic!("{gateway}: {outcome:?}") };
            assert_eq!(found.map(|wait| wait.as_secs()), wait, "{gateway}");
        }
    }
}

#[test]
fn a_redirect_is_not_followed() {
    for gateway in GATEWAYS {
        let other = HttpPeer::playing([Act::reply(204, "")]);
        let peer = HttpPeer::playing([Act::reply_with(307, &[("Location", &other.url())], "")]);
        let found = line_of(&hand_over(&settings(gateway, &peer.url()), &message()));
        assert!(found.starts_with("refused: the gateway sends us elsewhere"), "{gateway}: {found}");
        assert_eq!(other.connections(), 0, "{gateway}");
    }
}

#[test]
fn many_messages_share_one_connection() {
    let peer = HttpPeer::playing((0..20).map(|_| Act::reply(202, "0: Accepted for delivery")));
    let carrier = carrier(&settings("kannel", &peer.url()));
    let mut courier = carrier.courier();
    for _ in 0..20 {
        assert_eq!(line_of(&courier.hand_over(&message())), "accepted -: 0: Accepted for delivery");
    }
    assert_eq!((peer.connections(), peer.requests().len()), (1, 20));
}

#[test]
fn a_connection_that_the_gateway_has_closed_is_opened_anew() {
    let closing = b"HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Accepted for delivery".to_vec();
    let peer = HttpPeer::playing([Act::Close(closing.clone()), Act::Close(closing)]);
    let carrier = carrier(&settings("kannel", &peer.url()));
    let mut courier = carrier.courier();
    for closed in 1..=2 {
        assert_eq!(line_of(&courier.hand_over(&message())), "accepted -: 0: Accepted for delivery");
        peer.wait_until_closed(closed);
    }
    assert_eq!(peer.connections(), 2);
}

#[test]
fn a_message_that_waited_in_a_long_pass_is_valid_until_the_appointment_and_no_longer() {
    let peer = HttpPeer::playing([Act::reply(204, "")]);
    let clock = Clock::new(message().date, || Duration::from_secs(50 * 60));
    let message = Prepared { expires: message().date + TimeDelta::minutes(60), ..message() };
    let _ = super::carrier(&settings("kannel", &peer.url()), Arc::new(clock)).courier().hand_over(&message);
    assert!(peer.requests().concat().contains("validity=10&"), "{:?}", peer.requests());
}

#[test]
fn a_message_is_valid_until_the_appointment_and_no_longer() {
    let field = |gateway: &str, name: &str, minutes: i64| {
        let message = Prepared { expires: message().date + TimeDelta::seconds(minutes * 60 + 59), ..message() };
        let peer = HttpPeer::playing([Act::reply(204, "")]);
        let _ = hand_over(&settings(gateway, &peer.url()), &message);
        let request = peer.requests().concat();
        let start = request.find(&format!("{name}=")).unwrap() + name.len() + 1;
        request[start..].chars().take_while(char::is_ascii_digit).collect::<String>()
    };
    for (minutes, seven, twilio, kannel) in
        [(-5, "1", "1", "1"), (0, "1", "59", "1"), (90, "90", "5459", "90"), (20_000, "2880", "36000", "10080")]
    {
        assert_eq!(field("seven", "ttl", minutes), seven);
        assert_eq!(field("twilio", "ValidityPeriod", minutes), twilio);
        assert_eq!(field("kannel", "validity", minutes), kannel);
    }
}

#[test]
fn a_text_that_a_gateway_cannot_take_is_not_sent_to_it() {
    let outcome = |gateway: &str, body: &str| {
        let peer = HttpPeer::playing([Act::reply(204, "")]);
        let found =
            line_of(&hand_over(&settings(gateway, &peer.url()), &Prepared { body: body.to_owned(), ..message() }));
        assert_eq!(peer.connections(), 0, "{gateway}");
        found
    };
    for gateway in GATEWAYS {
        assert_eq!(outcome(gateway, " \n"), "not sent (this one) not in this pass: the text is empty", "{gateway}");
    }
    assert_eq!(
        outcome("seven", &"ä".repeat(1521)),
        "not sent (this one) not in this pass: the text has 1521 characters; seven takes 1520"
    );
    assert_eq!(
        outcome("twilio", &"ä".repeat(1601)),
        "not sent (this one) not in this pass: the text has 1601 characters; Twilio takes 1600"
    );
    assert_eq!(
        outcome("kannel", &"a".repeat(460)),
        "not sent (this one) not in this pass: the text has 4 parts, and the gateway would cut it off after 3 (`max_messages`)"
    );
}

#[test]
fn smscreator_is_told_when_a_text_is_long() {
    let sms_type = |body: String| {
        let message = Prepared { body, ..message() };
        let request = smscreator().request(&Text::of(&message, message.date).unwrap()).unwrap().body.unwrap();
        request.split('&').find_map(|field| field.strip_prefix("SmsTyp=")).unwrap().to_owned()
    };
    assert_eq!(sms_type("ä".repeat(160)), "HighQuality");
    assert_eq!(sms_type("ä".repeat(161)), "HighQualityLong");
}

#[test]
fn a_gateway_that_repeats_our_secret_does_not_bring_it_into_the_record() {
    let basic = crate::encode::basic("token-ABC", SECRET);
    let echo = format!("you sent {SECRET} or {} or {basic}", crate::encode::percent(SECRET));
    for gateway in GATEWAYS {
        for status in [200, 202, 400, 401, 403, 404, 429, 500, 503] {
            let peer = HttpPeer::playing([Act::reply(status, &echo)]);
            let found = format!("{:?}", hand_over(&settings(gateway, &peer.url()), &message()));
            for form in [SECRET, &crate::encode::percent(SECRET), basic.trim_start_matches("Basic ")] {
                let own = gateway == "sipgate" || !form.ends_with('=');
                assert!(!own || !found.contains(form), "{gateway} {status}: {found}");
            }
        }
        let peer = HttpPeer::playing([Act::reply(404, &echo), Act::reply(404, &echo)]);
        let carrier = carrier(&settings(gateway, &peer.url()));
        let found = format!("{:?} {:?}", carrier.ask(&message()), carrier.probe());
        assert!(!found.contains(SECRET), "{gateway}: {found}");
        assert!(!format!("{:?}", settings(gateway, "https://sms.invalid")).contains(SECRET), "{gateway}");
    }
}

#[test]
fn only_a_mobile_number_is_written_to() {
    let message = Prepared { address: Address::Phone("030 23125 001".to_owned()), ..message() };
    let outcome = hand_over(&settings("seven", &nobody()), &message);
    assert_eq!(line_of(&outcome), "not sent (this one) not in this pass: not a text message");
}

#[test]
fn a_certificate_that_nobody_vouches_for_stops_the_message_before_its_first_byte() {
    let answer = Act::reply(202, "0: Accepted for delivery");
    let peer = HttpPeer::playing_behind_tls([answer.clone()]);
    let mut settings = settings("kannel", &peer.url());
    let found = line_of(&hand_over(&settings, &message()));
    assert!(
        found.starts_with("refused: no connection to localhost:") && found.contains("nobody who is trusted"),
        "{found}"
    );
    assert_eq!(peer.requests().len(), 0);

    settings.ca_pem = Some(CA.to_owned());
    assert_eq!(line_of(&hand_over(&settings, &message())), "accepted -: 0: Accepted for delivery");
    assert_eq!(peer.requests().len(), 1);
}

#[test]
fn silence_behind_tls_is_unknown_once_the_request_is_written() {
    let peer = HttpPeer::playing_behind_tls([Act::Close(Vec::new())]);
    let mut settings = settings("kannel", &peer.url());
    settings.ca_pem = Some(CA.to_owned());
    let found = line_of(&hand_over(&settings, &message()));
    assert!(found.starts_with("unknown: no answer from localhost:"), "{found}");
}
