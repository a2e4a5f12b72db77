//! Dates and times in the language of a text.
//!
//! A language tag such as `de`, `de-AT` or `tr` is mapped to a locale of the C library's tables,
//! which are part of the binary. Numeric dates always have a year of four digits, and times are
//! `10:30` in every language, since that is how the practice's calendar and its staff say them.

use std::fmt::Write as _;

use chrono::format::{Fixed, Item, Numeric, Pad, StrftimeItems};
use chrono::{Locale, NaiveDate, NaiveDateTime};

/// Languages whose usual country does not bear the same two letters as the language itself.
const USUAL_COUNTRY: &[(&str, &str)] = &[
    ("am", "ET"),
    ("ar", "EG"),
    ("be", "BY"),
    ("bn", "BD"),
    ("bs", "BA"),
    ("ca", "ES"),
    ("cs", "CZ"),
    ("cy", "GB"),
    ("da", "DK"),
    ("dsb", "DE"),
    ("el", "GR"),
    ("en", "GB"),
    ("et", "EE"),
    ("eu", "ES"),
    ("fa", "IR"),
    ("fil", "PH"),
    ("ga", "IE"),
    ("gl", "ES"),
    ("he", "IL"),
    ("hi", "IN"),
    ("hsb", "DE"),
    ("hy", "AM"),
    ("ja", "JP"),
    ("ka", "GE"),
    ("kk", "KZ"),
    ("ko", "KR"),
    ("ku", "TR"),
    ("lb", "LU"),
    ("nb", "NO"),
    ("nds", "DE"),
    ("nn", "NO"),
    ("ps", "AF"),
    ("sl", "SI"),
    ("sq", "AL"),
    ("sr", "RS"),
    ("sv", "SE"),
    ("sw", "KE"),
    ("ta", "IN"),
    ("ti", "ER"),
    ("uk", "UA"),
    ("ur", "PK"),
    ("vi", "VN"),
    ("zh", "CN"),
];

/// A tag in the one form in which tags are compared: lower case, joined by hyphens.
pub(crate) fn normal_tag(tag: &str) -> String {
    tag.trim().to_ascii_lowercase().replace('_', "-")
}

/// The first part of a tag in its normal form: `de` of `de-at`.
pub(crate) fn primary(normal: &str) -> &str {
    normal.split('-').next().unwrap_or(normal)
}

/// Whether the names of days and months are known in the language of `tag`.
pub(crate) fn is_known(tag: &str) -> bool {
    locale_of(tag).is_some()
}

/// How dates are written in one language.
#[derive(Debug, Clone)]
pub(crate) struct Language {
    locale: Locale,
    date_items: Vec<Item<'static>>,
}

impl Language {
    /// The language of `tag`, else that of `default_tag`, else German.
    pub(crate) fn of(tag: &str, default_tag: &str) -> Self {
        let (tag, locale) = [tag, default_tag]
            .into_iter()
            .find_map(|tag| locale_of(tag).map(|locale| (normal_tag(tag), locale)))
            .unwrap_or_else(|| ("de".to_owned(), Locale::de_DE));
        let date_items = match primary(&tag) {
            "de" => StrftimeItems::new("%d.%m.%Y").collect(),
            "en" if locale == Locale::en_US => StrftimeItems::new("%B %-d, %Y").collect(),
            "en" => StrftimeItems::new("%-d %B %Y").collect(),
            _ => numeric_date(locale),
        };
        Self { locale, date_items }
    }

    /// The usual date: `10.03.2026` in German, `10 March 2026` in English.
    pub(crate) fn date(&self, date: NaiveDate) -> String {
        date.format_localized_with_items(self.date_items.iter(), self.locale).to_string()
    }

    /// The name of the day of the week: `Dienstag`.
    pub(crate) fn weekday(&self, date: NaiveDate) -> String {
        date.format_localized("%A", self.locale).to_string()
    }

    /// The name of the month: `März`.
    pub(crate) fn month(&self, date: NaiveDate) -> String {
        date.format_localized("%B", self.locale).to_string()
    }

    /// The time in a pattern of the author's; the error says what is wrong with the pattern.
    pub(crate) fn format(&self, at: NaiveDateTime, pattern: &str) -> Result<String, String> {
        let items: Vec<Item<'_>> = StrftimeItems::new_with_locale(pattern, self.locale).collect();
        if items.contains(&Item::Error) {
            return Err(format!(
                "`{pattern}` is no pattern for a date; such a pattern is `%A, %-d. %B %Y`, and a percent sign is `%%`"
            ));
        }
        if !items.iter().all(is_local) {
            return Err(format!("`{pattern}` asks for a time zone, and times of appointments have none"));
        }
        let mut text = String::new();
        // The zone is never printed, see above: only a time with a zone can be formatted in a locale.
        write!(text, "{}", at.and_utc().format_localized_with_items(items.iter(), self.locale))
            .map_err(|_| format!("`{pattern}` cannot be used for a date"))?;
        Ok(text)
    }
}

/// Whether an item can be printed of a local time. A list of what is allowed, since some of the
/// others are for reading only and others would show a zone that is not the appointment's.
fn is_local(item: &Item<'_>) -> bool {
    match item {
        Item::Fixed(fixed) => matches!(
            fixed,
            Fixed::ShortMonthName
                | Fixed::LongMonthName
                | Fixed::ShortWeekdayName
                | Fixed::LongWeekdayName
                | Fixed::LowerAmPm
                | Fixed::UpperAmPm
        ),
        Item::Numeric(Numeric::Timestamp, _) | Item::Error => false,
        _ => true,
    }
}

/// The locale's own numeric date with a year of four digits; the ISO date where it has one that
/// cannot be formatted.
fn numeric_date(locale: Locale) -> Vec<Item<'static>> {
    let items: Vec<Item<'static>> = StrftimeItems::new_with_locale("%x", locale)
        .map(|item| match item {
            Item::Numeric(Numeric::YearMod100, _) => Item::Numeric(Numeric::Year, Pad::Zero),
            other => other,
        })
        .collect();
    if items.iter().all(is_local) { items } else { StrftimeItems::new("%Y-%m-%d").collect() }
}

/// The locale that a tag means; `None` if there is none.
fn locale_of(tag: &str) -> Option<Locale> {
    let normal = normal_tag(tag);
    let language = match primary(&normal) {
        "no" => "nb",
        other => other,
    };
    let named = |country: &str| Locale::try_from(format!("{language}_{}", country.to_ascii_uppercase()).as_str()).ok();
    let usual = USUAL_COUNTRY.iter().find(|(of, _)| *of == language).map_or(language, |(_, country)| country);
    normal.split('-').skip(1).filter(|part| part.len() == 2).find_map(named).or_else(|| named(usual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::parse_stored;

    fn written(tag: &str) -> String {
        let language = Language::of(tag, "de");
        let date = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        format!("{} {} | {}", language.weekday(date), language.date(date), language.month(date))
    }

    #[test]
    fn dates_are_written_as_the_language_writes_them() {
        let all = ["de", "de-AT", "DE_ch", "en", "en-US", "tr", "pl", "fr", "es", "ru", "uk", "ar", "zh", "fa", "no"];
        let table = all.map(|tag| format!("{tag}: {}", written(tag))).join("\n");
        insta::assert_snapshot!(table, @"
        de: Dienstag 03.03.2026 | März
        de-AT: Dienstag 03.03.2026 | März
        DE_ch: Dienstag 03.03.2026 | März
        en: Tuesday 3 March 2026 | March
        en-US: Tuesday March 3, 2026 | March
        tr: Salı 03-03-2026 | Mart
        pl: wtorek 03.03.2026 | marca
        fr: mardi 03/03/2026 | mars
        es: martes 03/03/2026 | marzo
        ru: Вторник 03.03.2026 | марта
        uk: вівторок 03.03.2026 | березня
        ar: الثلاثاء 03 مار, 2026 | مارس
        zh: 星期二 2026年03月03日 | 三月
        fa: سه‌شنبه 2026-03-03 | مارس
        no: tirsdag 03. mars 2026 | mars
        ");
    }

    #[test]
    fn an_unknown_language_is_written_as_the_default_one() {
        for tag in ["", "xx", "klingon", "d", "de_"] {
            assert_eq!(written(tag), "Dienstag 03.03.2026 | März", "{tag}");
        }
        let date = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        assert_eq!(Language::of("xx", "en").date(date), "3 March 2026");
        assert_eq!(Language::of("xx", "yy").date(date), "03.03.2026");
    }

    #[test]
    fn every_usual_country_has_a_locale_and_writes_the_year_in_full() {
        let date = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        for (language, _) in USUAL_COUNTRY {
            assert!(locale_of(language).is_some(), "{language}");
            assert!(Language::of(language, "de").date(date).contains("2026"), "{language}");
        }
    }

    #[test]
    fn a_pattern_is_refused_with_the_reason() {
        let at = parse_stored("2026-03-10 10:30").unwrap();
        let german = Language::of("de", "de");
        assert_eq!(german.format(at, "%A, %-d. %B %Y, %H:%M").unwrap(), "Dienstag, 10. März 2026, 10:30");
        for bad in ["%Q", "100 %", "%"] {
            assert!(german.format(at, bad).unwrap_err().contains("is no pattern"), "{bad}");
        }
        for zoned in ["%Z", "%z", "%:z", "%#z", "%s", "%+"] {
            let problem = german.format(at, zoned).unwrap_err();
            assert!(problem.contains("asks for a time zone"), "{zoned}: {problem}");
        }
    }
}
