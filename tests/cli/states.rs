//! The states of a message: the drawing in the README, the type, and what the database refuses.

use std::collections::BTreeSet;

use terminbote::model::State;

use crate::practice::Practice;

type Way = (&'static str, &'static str);

fn ways(leads: impl Fn(State, State) -> bool) -> BTreeSet<Way> {
    let pairs = State::ALL.iter().flat_map(|from| State::ALL.iter().map(move |to| (*from, *to)));
    pairs.filter(|(from, to)| leads(*from, *to)).map(|(from, to)| (from.word(), to.word())).collect()
}

/// What the README draws: the ways, and the states that have a line of their own.
fn drawn() -> (BTreeSet<Way>, BTreeSet<&'static str>) {
    let readme = include_str!("../../README.md");
    let drawing = readme.split("### The states of a message").nth(1).unwrap().split("```").nth(1).unwrap();
    let (mut ways, mut states, mut from) = (BTreeSet::new(), BTreeSet::new(), "");
    for line in drawing.lines().skip(1) {
        let mut words = line.split_whitespace();
        let mut word = words.next().unwrap();
        if word != "→" {
            from = word;
            states.insert(from);
            word = words.next().unwrap();
        }
        if word == "→" {
            ways.insert((from, words.next().unwrap()));
        }
    }
    (ways, states)
}

#[test]
fn the_drawing_the_type_and_the_database_allow_the_same_ways_between_two_states() {
    let practice = Practice::new();
    let connection = practice.connection();
    let allows = |from: State, to: State| {
        connection
            .execute_batch(&format!(
                "DELETE FROM message;
                 INSERT INTO message (kind, customer_id, channel, state, sent_at)
                 VALUES ('reminder', 1, 'email', '{from}', '2026-03-10T18:00:00Z');"
            ))
            .unwrap();
        let result = connection.execute(&format!("UPDATE message SET state = '{to}'"), []);
        if let Err(error) = &result {
            assert_eq!(error.to_string(), "a message cannot go from its state to that one");
        }
        result.is_ok()
    };
    let by_type = ways(State::leads_to);
    assert_eq!(ways(|from, to| from != to && allows(from, to)), by_type);
    let (drawn, mut states) = drawn();
    let new: BTreeSet<Way> = ["sending", "deferred", "withdrawn", "uncertain", "sent"].map(|to| ("new", to)).into();
    assert_eq!(drawn, by_type.union(&new).copied().collect());
    assert!(states.remove("new"));
    assert_eq!(states, State::ALL.iter().map(|state| state.word()).collect());
}

#[test]
fn the_readme_names_the_states_that_count_as_told() {
    let counting: Vec<String> =
        State::ALL.iter().filter(|state| state.counts()).map(|state| format!("`{state}`")).collect();
    let (last, first) = counting.split_last().unwrap();
    let sentence = format!("{} and {last} count as told.", first.join(", "));
    assert!(include_str!("../../README.md").contains(&sentence), "{sentence}");
}
