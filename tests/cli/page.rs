//! Pages of passes, explanations and histories, beside what is printed.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::practice::{EVENING, Practice};

fn ready() -> Practice {
    let practice = Practice::ready();
    practice.without_confirmations().appointment(1, "2026-03-11 10:00");
    practice
}

fn page(practice: &Practice, name: &str) -> String {
    std::fs::read_to_string(practice.path(name)).unwrap()
}

#[test]
fn a_dry_run_writes_a_page_beside_its_report_and_changes_nothing_else() {
    let practice = ready();
    let (plain, files) = (practice.run(&["--dry-run", "--at", EVENING, "--lang", "de"]), practice.files());
    let with = practice.run(&["--dry-run", "--at", EVENING, "--lang", "de", "--html", "seite.html"]);
    assert_eq!((with.stdout, with.stderr, with.status), (plain.stdout, plain.stderr, plain.status));
    let now: Vec<_> = practice.files().into_iter().filter(|name| name != "seite.html").collect();
    assert_eq!(now, files);
    let page = page(&practice, "seite.html");
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"de\">"), "{page}");
    assert!(page.contains("Probelauf") && page.contains("renate@example.de") && page.ends_with("</html>"), "{page}");
    let mode = practice.path("seite.html").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds people's data");
}

#[test]
fn a_real_pass_writes_a_page_with_masked_addresses_also_if_nothing_is_printed() {
    let practice = ready();
    let printed = practice.run(&["--at", EVENING, "--quiet", "--lang", "en", "--html", "page.html"]);
    assert_eq!((printed.stdout.as_str(), printed.status), ("", 0), "{printed}");
    let page = page(&practice, "page.html");
    assert!(page.contains("lang=\"en\"") && page.contains("Renate Weiß") && page.contains("r***@e***.de"), "{page}");
    assert!(!page.contains("renate@example.de"), "{page}");
    assert!(page.contains("Optik Muster &lt;termine@example.de&gt;"), "whom it is from: {page}");
}

#[test]
fn a_page_that_cannot_be_written_is_said_before_anything_is_sent() {
    let practice = ready();
    std::fs::create_dir(practice.path("ordner")).unwrap();
    for (name, problem) in [
        ("fehlt/seite.html", "there is no folder \"fehlt\""),
        ("ordner", "there is something of this name that is no file"),
        ("/dev/null", "there is something of this name that is no file"),
        ("termine.db/seite.html", "Not a directory (os error 20)"),
        ("..", "this names no file"),
        ("", "this names no file"),
    ] {
        let printed = practice.run(&["--at", EVENING, "--html", name]);
        assert_eq!(
            (printed.stderr.trim_end(), printed.status),
            (format!("error: the page \"{name}\" (--html) cannot be written: {problem}").as_str(), 74)
        );
        assert_eq!(practice.ledger(), "", "{name}");
    }
}

#[test]
fn a_page_never_takes_the_place_of_the_database() {
    let practice = ready();
    let printed = practice.run(&["--at", EVENING, "--html", "termine.db"]);
    assert_eq!(printed.status, 2, "{printed}");
    assert_eq!(practice.ledger(), "");
}

/// One slip of the shell's completion, and the export of the practice's software would be gone.
#[test]
fn a_page_never_takes_the_place_of_a_file_that_is_none() {
    let practice = ready();
    std::fs::write(practice.path("praxis.db"), "SQLite format 3\0").unwrap();
    assert_snapshot!(practice.run(&["--at", EVENING, "--html", "praxis.db"]), @"
    --- stderr
    error: --html names praxis.db, a file that is no page and would be lost; name another one, or delete it first
    --- status 2
    ");
    assert_eq!((page(&practice, "praxis.db").as_str(), practice.ledger().as_str()), ("SQLite format 3\0", ""));
}

#[test]
fn a_page_replaces_the_one_before_also_behind_a_link() {
    let practice = ready();
    std::fs::write(practice.path("alt.html"), "<!doctype html>alt").unwrap();
    std::os::unix::fs::symlink("alt.html", practice.path("seite.html")).unwrap();
    assert_eq!(practice.run(&["--dry-run", "--at", EVENING, "--html", "seite.html"]).status, 0);
    assert!(practice.path("seite.html").is_symlink());
    assert!(page(&practice, "alt.html").contains("renate@example.de"));
}

#[test]
fn a_pass_that_cannot_begin_leaves_the_page_of_the_one_before() {
    let practice = ready();
    std::fs::write(practice.path("seite.html"), "<!DOCTYPE html>alt").unwrap();
    practice.setting(1, "branch_filter", "\"XX\"");
    let printed = practice.run(&["--at", EVENING, "--html", "seite.html"]);
    assert_eq!(printed.status, 78, "{printed}");
    assert_eq!(page(&practice, "seite.html"), "<!DOCTYPE html>alt");
    assert!(!practice.files().iter().any(|name| name.contains(".terminbote-")), "{:?}", practice.files());
}

#[test]
fn a_history_is_a_page_with_masked_addresses_unless_they_are_asked_for() {
    let practice = ready();
    practice.sql("UPDATE customer SET last_name = '<script>alert(1)</script>\u{202e}'");
    assert_eq!(practice.pass(EVENING).status, 0);
    let ask = ["history", "--customer", "7", "--lang", "de"];
    let plain = practice.run(&ask);
    let with = practice.run(&[&ask[..], &["--html", "seite.html"]].concat());
    assert_eq!((with.stdout, with.status), (plain.stdout, 0), "beside the text: {}", with.stderr);
    let masked = page(&practice, "seite.html");
    assert!(
        masked.contains("<h1><bdi>Renate &lt;script&gt;alert(1)&lt;/script&gt;\u{fffd} (Kunde 7): 1 Nachricht"),
        "{masked}"
    );
    assert!(masked.contains("r***@e***.de") && !masked.contains("renate@example.de"), "{masked}");
    assert!(
        masked.contains("wir freuen uns") && masked.contains("Nachweis:") && masked.ends_with("</html>"),
        "{masked}"
    );
    assert_eq!(masked.matches("<script").count(), 1, "ours: {masked}");
    practice.run(&[&ask[..], &["--full", "--html", "seite.html"]].concat());
    assert!(page(&practice, "seite.html").contains("renate@example.de"));
    let mode = practice.path("seite.html").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds people's data");
}

#[test]
fn an_explanation_is_a_page_with_a_row_for_each_rule() {
    let practice = ready();
    practice.sql("UPDATE appointment SET status = 'cancelled'");
    practice.sql("UPDATE branch SET name = 'Optik \"Muster\" & <b>Co</b>'");
    let printed =
        practice.run(&["explain", "--appointment", "1", "--at", EVENING, "--lang", "en", "--html", "page.html"]);
    assert_eq!(printed.status, 0, "{printed}");
    let page = page(&practice, "page.html");
    assert!(page.contains("<h1>Appointment 1: Wed 11 Mar 2026, 10:00, Optik &quot;Muster&quot; &amp; &lt;b&gt;Co&lt;/b&gt; (HH), cancelled</h1>"), "{page}");
    assert!(page.contains("<tr class=\"stops\"><th scope=\"row\">B3</th><td>NO</td>"), "{page}");
    assert!(page.contains("<th scope=\"row\">A2</th><td>yes</td>"), "{page}");
}

#[test]
fn a_page_that_cannot_be_written_is_an_error_of_an_explanation_and_a_history_too() {
    let practice = ready();
    for command in [["explain", "--appointment", "1"], ["history", "--customer", "7"]] {
        let printed = practice.run(&[&command[..], &["--html", "fehlt/seite.html"]].concat());
        assert_eq!((printed.stdout.as_str(), printed.status), ("", 74), "{printed}");
    }
}

#[test]
fn a_page_does_not_go_with_tasks() {
    let printed = ready().run(&["tasks", "--html", "seite.html"]);
    assert_eq!(printed.status, 2, "{printed}");
}
