//! The conformance pages tell the truth: each has each of its points, and what it names is there.

use std::fs;
use std::path::Path;

/// The pages, each with the number of its points.
const PAGES: [(&str, usize); 3] = [
    ("docs/conformance/scim.md", 247),
    ("docs/conformance/saml.md", 76),
    ("docs/conformance/oidc.md", 43),
];
const SUITES: [&str; 2] = ["scim2-cli", "scim-sanity"];
/// How a point says that nothing shows it, before the reason.
const REASONS: [&str; 4] = [
    "not yet: ",
    "not offered: ",
    "not applicable: ",
    "not followed: ",
];

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What is wrong with a name on the page.
fn complaint(name: &str) -> Option<String> {
    if SUITES.contains(&name) {
        return None;
    }
    let (path, test) = match name.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (name, None),
    };
    let Some(source) = read(path) else {
        return Some(format!("{path} is not there"));
    };
    let test = test?;
    let is_there = source.contains(&format!("fn {test}("));
    (!is_there).then(|| format!("{path} has no test `{test}`"))
}

/// What is wrong with a row, by the column that says what shows its point.
fn complaints(shown_by: &str) -> Vec<String> {
    let names: Vec<&str> = quoted(shown_by)
        .filter(|name| name.contains('/') || SUITES.contains(name))
        .collect();
    if names.is_empty() {
        let has_reason = REASONS
            .iter()
            .any(|reason| shown_by.len() > reason.len() && shown_by.starts_with(reason));
        let complaint = format!("`{shown_by}` names nothing and gives no reason");
        return if has_reason {
            Vec::new()
        } else {
            vec![complaint]
        };
    }
    names.into_iter().filter_map(complaint).collect()
}

/// The number of each point, and what shows it.
fn rows(page: &str) -> Vec<(usize, &str)> {
    let rows = page.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let (number, rest) = line.split_once(" | ")?;
        let (_, shown_by) = rest.rsplit_once(" | ")?;
        Some((number.parse().ok()?, shown_by))
    });
    rows.collect()
}

#[test]
fn the_pages_have_every_point_and_name_only_what_is_there() {
    for (path, points) in PAGES {
        let page = read(path).unwrap();
        let rows = rows(&page);
        let numbers: Vec<usize> = rows.iter().map(|row| row.0).collect();
        assert_eq!(numbers, (1..=points).collect::<Vec<_>>(), "{path}");
        let wrong: Vec<String> = rows
            .iter()
            .flat_map(|(number, shown_by)| {
                let found = complaints(shown_by).into_iter();
                found.map(move |complaint| format!("point {number}: {complaint}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{path}:\n{}", wrong.join("\n"));
        let elsewhere: Vec<String> = quoted(&page)
            .filter(|name| name.contains("::"))
            .filter_map(complaint)
            .collect();
        assert!(elsewhere.is_empty(), "{path}: {}", elsewhere.join("\n"));
    }
}

#[test]
fn a_name_that_is_not_there_is_noticed() {
    for shown_by in [
        "",
        "not yet: ",
        "some day",
        "`tests/conformance.rs::no_such_test`",
        "`tests/no_such_file.rs::a_name_that_is_not_there_is_noticed`",
        "`scim2-cli`, `fixtures/scim/filter/no_such_case.json`",
    ] {
        assert_eq!(complaints(shown_by).len(), 1, "{shown_by}");
    }
    let good = "`tests/conformance.rs::a_name_that_is_not_there_is_noticed`, `scim2-cli`";
    assert_eq!(complaints(good), Vec::<String>::new());
    let row = "| 7 | M | a \\| b | not yet: soon |";
    assert_eq!(rows(row), [(7, "not yet: soon")]);
}
