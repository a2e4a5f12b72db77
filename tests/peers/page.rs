//! Pages as a browser shows them, with and without script, and as a parser of HTML reads them.

use std::path::Path;
use std::process::Command;

use super::browser::Browser;
use super::practice::{EVENING, Practice};
use super::server::{beside, python};

/// Two branches, of which one has long names and one has hostile ones, and somebody to ring.
fn chain() -> Practice {
    let practice = Practice::ready();
    practice.appointment(1, "2026-03-11 10:00").appointment(2, "2026-05-11 10:00");
    practice.sql(
        "INSERT INTO branch (id, code, name) VALUES (2, 'B', 'Berlin</option></select><script>document.title = 1</script>');
         INSERT INTO customer (id, first_name, last_name, email) VALUES
         (8, 'Adolph Blaine Charles', 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft', 'a@example.de'),
         (9, '<script>document.title = 2</script>', '\" onmouseover=\"document.title = 3', 'b@example.de'),
         (10, 'Otto', 'Ohne', NULL);
         INSERT INTO customer_phone (customer_id, position, number, sms_allowed) VALUES (8, 1, '0152 28817387', 1);
         UPDATE customer SET preferred_contact = 'sms' WHERE id = 8;
         INSERT INTO appointment (id, branch_id, customer_id, type_id, starts_at, ends_at) VALUES
         (3, 1, 8, 1, '2026-03-11 11:00', '2026-03-11 11:30'),
         (4, 2, 9, 1, '2026-03-11 12:00', '2026-03-11 12:30'),
         (5, 2, 10, 1, '2026-03-11 12:00', '2026-03-11 12:30');",
    );
    let dry_run = ["--dry-run", "--at", EVENING, "--lang", "de", "--html"];
    for options in [&["seite.html"][..], &["vorschau.html", "--hours", "48"]] {
        let printed = practice.run(&[&dry_run, options].concat());
        assert_eq!(printed.status, 0, "{printed}");
    }
    practice
}

/// The page of a pass, and that of a forecast.
const PAGES: [&str; 2] = ["seite.html", "vorschau.html"];

const SHOWN: &str = "[...document.querySelectorAll('article')].filter(card => card.checkVisibility()).length";

#[test]
fn a_browser_shows_a_page_with_and_without_script() {
    let Some(mut browser) = Browser::start() else { return };
    let practice = chain();
    let page = practice.path("seite.html");
    for scripts in [true, false] {
        browser.allow_scripts(scripts);
        browser.open(&page, 1400);
        assert_eq!(browser.complaints(), [""; 0], "with scripts: {scripts}");
        assert_eq!(browser.value(SHOWN), 4);
        assert_eq!(browser.value("document.querySelector('#filter').checkVisibility()"), scripts);
        assert_eq!(browser.value("document.scripts.length"), 1, "ours");
        assert_eq!(browser.value("document.title"), "Probelauf der Terminbenachrichtigung, Di., 10.03.2026, 19:00");
        assert_eq!(
            browser.value("document.querySelector('#to-do li').innerText.split('\\n')[0]"),
            "Mi., 11.03.2026, 12:00: Otto Ohne"
        );
        assert_eq!(browser.value("document.querySelectorAll('svg.strip').length"), 2);
        assert_eq!(browser.value("document.querySelector('.bubbles').innerText.includes('Mittwoch')"), true);
    }
}

#[test]
fn a_page_is_searched_and_narrowed_down_to_a_branch() {
    let Some(mut browser) = Browser::start() else { return };
    let practice = chain();
    browser.open(&practice.path("seite.html"), 1400);
    let choose = |field: &str, value: &str| {
        format!(
            "new Promise(done => {{
                const field = document.querySelector('#filter {field}');
                field.value = '{value}';
                new MutationObserver(() => done(document.querySelector('output').innerText))
                    .observe(document.querySelector('output'), {{childList: true}});
                field.dispatchEvent(new Event('input', {{bubbles: true}}));
            }})"
        )
    };
    assert_eq!(browser.value(&choose("select", "2")), "3 von 6 gezeigt");
    assert_eq!(browser.value(SHOWN), 1);
    assert_eq!(browser.value(&choose("input", "otto OHNE")), "2 von 6 gezeigt");
    assert_eq!(browser.value(SHOWN), 0);
    assert_eq!(browser.value(&choose("select", "")), "2 von 6 gezeigt");
    assert_eq!(browser.value(&choose("input", "")), "");
    assert_eq!(browser.value(SHOWN), 4);
}

#[test]
fn a_page_fits_a_telephone_and_a_screen_light_and_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let practice = chain();
    for page in PAGES {
        fits(&mut browser, &practice.path(page));
    }
}

#[track_caller]
fn fits(browser: &mut Browser, page: &Path) {
    for width in [320, 390, 1400] {
        browser.open(page, width);
        let cut_off = "[...document.querySelectorAll('body *')]
            .filter(element => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
            .map(element => element.outerHTML.slice(0, 80))";
        assert_eq!(browser.value(cut_off), serde_json::json!([]), "at {width}");
        assert_eq!(browser.value("document.documentElement.scrollWidth <= innerWidth"), true, "at {width}");
    }
    for (scheme, dark) in [("light", false), ("dark", true)] {
        browser.show_as("screen", scheme);
        // WCAG 2.2, 1.4.3: at least 4.5 to 1 between letters and what they stand on.
        let contrasts = "(() => {
            const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
            const light = colour => numbers(colour).slice(0, 3).map(part => part / 255)
                .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
            const ground = element => {
                const colour = getComputedStyle(element).backgroundColor;
                return numbers(colour)[3] === 0 && element.parentElement ? ground(element.parentElement) : colour;
            };
            return [...document.querySelectorAll('h1, h2, h3, h4, h5, p, li, dt, dd, td, th, a, summary, span, .text')]
                .filter(element => element.checkVisibility())
                .map(element => [light(getComputedStyle(element).color), light(ground(element)), element])
                .map(([one, other, element]) =>
                    [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), element.outerHTML.slice(0, 80)])
                .filter(([contrast]) => contrast < 4.5);
        })()";
        assert_eq!(browser.value(contrasts), serde_json::json!([]), "{scheme}");
        let ground = browser.value("getComputedStyle(document.body).backgroundColor");
        assert_eq!(ground == "rgb(20, 23, 27)", dark, "{ground}");
    }
}

#[test]
fn a_page_that_is_folded_up_is_printed_whole_and_on_white() {
    let Some(mut browser) = Browser::start() else { return };
    let practice = chain();
    browser.open(&practice.path("seite.html"), 700);
    browser.value("document.querySelectorAll('details').forEach(group => group.open = false)");
    assert_eq!(browser.value(SHOWN), 0);
    browser.show_as("print", "dark");
    assert_eq!(browser.value(SHOWN), 4);
    assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    assert_eq!(browser.value("document.querySelector('#filter').checkVisibility()"), false);
}

#[test]
fn a_parser_of_html_finds_no_fault() {
    let Some(python) = python() else { return };
    let practice = chain();
    for page in PAGES {
        let output = Command::new(&python).arg(beside("check_page.py")).arg(practice.path(page)).output().unwrap();
        assert!(output.status.success(), "{page}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
