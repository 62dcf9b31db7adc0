//! The house, as a test: who may import whom, how long a file may be, what a file may not be called,
//! and that `ARCHITECTURE.md` names every folder of `src/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room below `src/` | the rooms it may import | the libraries and words it may not use.
/// `storage::Storage` opens that one name and nothing else of the room.
const ROOMS: &str = "
protocol  |                                                      | actix diesel tokio reqwest
domain    |                                                      | actix diesel tokio reqwest samael openidconnect
storage   | domain protocol                                      | actix reqwest
outbound  | domain protocol                                      | actix diesel
use_cases | storage domain protocol                              | actix reqwest async await
http      | use_cases outbound domain protocol storage::Storage storage::Transaction | diesel
worker    | use_cases outbound domain storage::Storage storage::Transaction | diesel actix
demo      | outbound domain protocol                             | diesel
";

/// The assembly: the only place that may import everyone, and that nobody below may import.
const ROOF: &str = "main lib config server telemetry cli";

/// Products that connections are set up for, and the only files that may ask which one it is.
const PRODUCTS: &str = "generic okta microsoft-entra onelogin jumpcloud rippling pingfederate \
                        cyberark google-workspace keycloak authentik";
const KNOWS_PRODUCTS: &str = "protocol/scim/leniency.rs protocol/oidc/entra.rs";

const LONGEST_FILE: usize = 300;

const FORBIDDEN_NAMES: &str = "util utils common helper helpers misc manager managers type types";

/// One row of a table above or below: what stands between the bars.
struct Row<'a>(&'a str, &'a str, &'a str);

fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table.lines().filter_map(|line| {
        let mut columns = line.split(" | ").map(str::trim);
        Some(Row(columns.next()?, columns.next()?, columns.next()?))
    })
}

fn holds(list: &str, wanted: &str) -> bool {
    list.split_whitespace().any(|word| word == wanted)
}

/// Every rule that a file breaks, each as `path:line: what`. The path is relative to the project.
fn violations(path: &str, text: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let mut found = Vec::new();
    for part in inside.split('/') {
        let name = part.strip_suffix(".rs").unwrap_or(part);
        if holds(FORBIDDEN_NAMES, name) {
            found.push(format!(
                "{path}: `{name}` says nothing about what is inside"
            ));
        }
    }
    if is_test_file(inside) {
        return found;
    }

    let code = production_part(text);
    let length = code.len();
    if length > LONGEST_FILE {
        found.push(format!(
            "{path}: {length} lines without tests, the limit is {LONGEST_FILE}"
        ));
    }
    let first_line = code.first().copied().unwrap_or_default();
    if !first_line.starts_with("//! ") && !first_line.starts_with("// @generated") {
        found.push(format!(
            "{path}:1: the first line says what the file is for (`//! …`)"
        ));
    }
    let name = inside.split(['/', '.']).next().unwrap_or_default();
    let room = rows(ROOMS).find(|Row(room, ..)| *room == name);
    if room.is_none() && !holds(ROOF, name) {
        found.push(format!("{path}: `{name}` is in no row of the import table"));
    }
    for (number, line) in (1..).zip(&code) {
        let line = without_comment(line);
        let broken = forbidden_path(line).into_iter();
        let broken = broken.chain(room.iter().flat_map(|room| forbidden_imports(room, line)));
        let product = (!holds(KNOWS_PRODUCTS, inside)).then(|| forbidden_product(line));
        let broken = broken.chain(product.flatten());
        found.extend(broken.map(|what| format!("{path}:{number}: {what}")));
    }
    for (number, line) in (1..).zip(text.lines()).skip(length) {
        if ["fn ", "pub ", "pub(", "impl ", "use "]
            .iter()
            .any(|start| line.starts_with(start))
        {
            found.push(format!(
                "{path}:{number}: code below the tests; they sit at the foot"
            ));
        }
    }
    found
}

fn forbidden_path(code: &str) -> Option<String> {
    (code.contains("use super::") || code.contains("super::super"))
        .then(|| "`super::`; imports are written in full from `crate::`".to_owned())
}

/// A habit of a product belongs into the table of habits, and not where it is met.
fn forbidden_product(code: &str) -> Option<String> {
    let is_asked_for = |name: &&str| {
        let asked = ["== \"{}\"", "!= \"{}\"", "\"{}\" =>", "\"{}\") =>"];
        asked
            .iter()
            .any(|asked| code.contains(&asked.replace("{}", name)))
    };
    let product = PRODUCTS.split_whitespace().find(is_asked_for)?;
    Some(format!(
        "asks whether a provider is `{product}`; {KNOWS_PRODUCTS} may"
    ))
}

fn forbidden_imports(Row(room, may_use, may_not_use): &Row<'_>, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, prefix) in code.match_indices("crate::") {
        let target = code.get(start + prefix.len()..).unwrap_or_default();
        let is_path = |character| is_word_character(character) || character == ':';
        let path = target
            .split(|character| !is_path(character))
            .next()
            .unwrap_or_default();
        if !may_import(room, may_use, path) {
            found.push(format!("`{room}` may not use `crate::{path}`"));
        }
    }
    for word in code.split(|character| !is_word_character(character)) {
        let is_named = |library: &&str| {
            word.strip_prefix(*library)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        if let Some(library) = may_not_use.split_whitespace().find(is_named) {
            found.push(format!("`{room}` may not use `{library}`"));
        }
    }
    found
}

/// A path with a brace right behind `crate::` is empty here: it hides what is imported.
fn may_import(room: &str, may_use: &str, path: &str) -> bool {
    let first = path.split("::").next().unwrap_or_default();
    let first_two = path.splitn(3, "::").take(2).collect::<Vec<_>>().join("::");
    first == room || holds(may_use, first) || (first_two != first && holds(may_use, &first_two))
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn without_comment(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with("//") {
        ""
    } else {
        line.split_once(" // ").map_or(line, |(code, _)| code)
    }
}

fn is_test_file(inside: &str) -> bool {
    inside
        .split('/')
        .any(|part| part == "tests" || part == "tests.rs")
}

/// The lines before `#[cfg(test)] mod … {`. A test module in a file of its own does not end them.
fn production_part(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    let opens_tests = |pair: &[&str]| matches!(pair, ["#[cfg(test)]", next] if next.starts_with("mod ") && next.ends_with('{'));
    let end = lines
        .windows(2)
        .position(opens_tests)
        .unwrap_or(lines.len());
    lines.into_iter().take(end).collect()
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, as paths relative to the project.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if let Ok(relative) = path.strip_prefix(project()) {
            found.push(relative.to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

fn is_rust(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

/// `src/http/` and `src/http/scim/` for `src/http/scim/users.rs`; folders of tests are left out.
fn folders_of(files: &[String]) -> BTreeSet<&str> {
    let parents = |file| str::match_indices(file, '/').filter_map(|(end, _)| file.get(..=end));
    let is_room = |folder: &&str| *folder != "src/" && !folder.contains("/tests/");
    files
        .iter()
        .map(String::as_str)
        .filter(|file| !file.ends_with("/tests.rs"))
        .flat_map(parents)
        .filter(is_room)
        .collect()
}

#[test]
fn every_file_keeps_the_rules_of_the_house() {
    let files = files_below(&project().join("src"));
    assert!(
        files.iter().any(|file| file == "src/lib.rs"),
        "src/ was not read: {files:?}"
    );
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_rust(file)) {
        let text = fs::read_to_string(project().join(file)).expect("a source file can be read");
        found.extend(violations(file, &text));
    }
    assert!(
        found.is_empty(),
        "{} violations:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn architecture_document_names_every_folder_of_src() {
    let text = fs::read_to_string(project().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let files = files_below(&project().join("src"));
    let unnamed: Vec<_> = folders_of(&files)
        .into_iter()
        .filter(|it| !text.contains(it))
        .collect();
    assert!(
        unnamed.is_empty(),
        "ARCHITECTURE.md does not name {unnamed:?}"
    );
}

#[test]
fn the_documents_of_the_project_exist() {
    for name in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"] {
        assert!(project().join(name).is_file(), "{name} is missing");
    }
}

#[test]
fn the_tables_are_read_whole() {
    assert_eq!(rows(ROOMS).count(), 8);
    assert_eq!(rows(PLANTED).count(), PLANTED.lines().count() - 1);
    assert_eq!(rows(ALLOWED).count(), ALLOWED.lines().count() - 1);
}

#[test]
fn folders_are_all_that_hold_a_file() {
    let files = [
        "src/lib.rs",
        "src/http/scim/users.rs",
        "src/domain/member/tests/a.rs",
    ];
    let folders = folders_of(&files.map(str::to_owned))
        .into_iter()
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(
        folders,
        "src/domain/ src/domain/member/ src/http/ src/http/scim/"
    );
}

const PLANTED: &str = r#"
domain/member.rs       | use crate::http::state::State;            | not use `crate::http::state::State`
domain/member.rs       | use crate::protocol::scim;                | not use `crate::protocol::scim`
domain/member.rs       | use samael::schema::Assertion;            | not use `samael`
domain/member.rs       | use super::super::lib;                    | `super::`
domain/member.rs       | pub(crate) use super::id::MemberId;       | `super::`
protocol/scim/patch.rs | use diesel::prelude::*;                   | not use `diesel`
protocol/saml/gate.rs  | use actix_web::web;                       | not use `actix`
storage/members.rs     | crate::use_cases::members::commit(tx)     | not use `crate::use_cases::members
outbound/dns.rs        | use crate::storage::Storage;              | not use `crate::storage::Storage`
use_cases/members.rs   | pub async fn create() {}                  | not use `async`
use_cases/members.rs   | use crate::outbound::dns;                 | not use `crate::outbound::dns`
use_cases/members.rs   | use crate::config::Settings;              | not use `crate::config::Settings`
http/scim/users.rs     | use crate::storage::members;              | not use `crate::storage::members`
http/state.rs          | use crate::storage::{Storage, members};   | not use `crate::storage::`
http/state.rs          | use crate::storage::StorageError;         | not use `crate::storage::StorageError`
http/state.rs          | use crate::storage;                       | not use `crate::storage`
http/state.rs          | use crate::{domain, storage};             | not use `crate::`
http/mod.rs            | #[diesel(table_name = members)]           | not use `diesel`
worker/mails.rs        | use crate::protocol::scim;                | not use `crate::protocol::scim`
demo/people.rs         | use crate::use_cases::members;            | not use `crate::use_cases::members`
use_cases/mod.rs       | let is_okta = provider == "okta";         | is `okta`
use_cases/mod.rs       | if name != "microsoft-entra" {            | is `microsoft-entra`
http/scim/users.rs     | "keycloak" => Leniency::STRICT,           | is `keycloak`
http/scim/users.rs     | Some("okta") => true,                     | is `okta`
domain/util.rs         | //                                        | `util` says nothing
domain/types/mod.rs    | //                                        | `types` says nothing
services/mod.rs        | //                                        | in no row
"#;

#[test]
fn planted_violations_are_caught() {
    for Row(path, line, reason) in rows(PLANTED) {
        let found = violations(&format!("src/{path}"), &format!("//! A file.\n{line}\n"));
        assert_eq!(found.len(), 1, "{path} with `{line}`: {found:?}");
        assert!(
            found.iter().all(|what| what.contains(reason)),
            "{path}: {found:?}"
        );
    }
}

const ALLOWED: &str = r#"
http/state.rs          | use crate::storage::Storage;                     | the handle
http/state.rs          | use actix_web::web;                              | its own library
http/scim/users.rs     | use crate::use_cases::provisioning::users;       | the floor below
http/scim/users.rs     | use crate::http::scim::error;                    | its own room
storage/members.rs     | use crate::domain::member::{Member, Status};     | the ground floor
domain/member.rs       | /// Not what `crate::http` shows through diesel. | a comment
domain/member.rs       | let a = 1; // diesel stays out                   | a comment at the end
domain/member.rs       | let dieselize = tokiodb;                         | a part of a word
domain/member/tests.rs | use crate::http::state::State;                   | a test
protocol/scim/leniency.rs | if name == "okta" {                           | the table of habits
use_cases/mod.rs       | let name = "okta";                               | no question
server.rs              | use crate::storage::members;                     | the roof
cli/members.rs         | use crate::use_cases::members;                   | the roof
"#;

#[test]
fn what_the_table_allows_is_left_alone() {
    for Row(path, line, why) in rows(ALLOWED) {
        let found = violations(&format!("src/{path}"), &format!("//! A file.\n{line}\n"));
        assert!(found.is_empty(), "{path}, {why}: {found:?}");
    }
}

#[test]
fn tests_neither_lengthen_a_file_nor_hide_code() {
    let tests = "#[cfg(test)]\nmod tests {\n    use crate::http::state;\n}\n";
    let lines = |count: usize| format!("//! A file.\n{}", "// why\n".repeat(count - 1));
    for (text, broken) in [
        (lines(LONGEST_FILE), 0),
        (lines(LONGEST_FILE + 1), 1),
        (lines(LONGEST_FILE) + &tests.repeat(9), 0),
        (lines(1) + tests + "pub fn late() {}\n", 1),
        (
            lines(1) + "#[cfg(test)]\nmod tests;\nuse crate::http::state;\n",
            1,
        ),
        ("fn nameless() {}\n".to_owned(), 1),
    ] {
        let found = violations("src/domain/slug.rs", &text);
        assert_eq!(found.len(), broken, "{found:?}");
    }
}
