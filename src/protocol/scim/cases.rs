//! Plays the folders of cases in `fixtures/scim`: one file is one case, and every file is played.

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Extension;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use serde_json::Map;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scim");

/// A case that names no provider must come out the same under the rules of each of these.
const PROVIDERS: [&str; 11] = [
    "generic",
    "okta",
    "microsoft-entra",
    "onelogin",
    "jumpcloud",
    "rippling",
    "pingfederate",
    "cyberark",
    "google-workspace",
    "keycloak",
    "authentik",
];

/// What a folder's files are made of.
pub(crate) struct Folder {
    /// Its name.
    pub(crate) name: &'static str,
    /// The fields that describe the case.
    pub(crate) given: &'static [&'static str],
    /// The field with what comes out of it, unless `error` is there instead.
    pub(crate) expected: &'static str,
}

/// What comes out of a case.
pub(crate) type Outcome = Result<Value, ScimError>;

impl Folder {
    /// Plays every file and names each one that does not come out as it says.
    pub(crate) fn play(&self, outcome: impl Fn(&Value, IdentityProvider) -> Outcome) {
        let files = files(&Path::new(ROOT).join(self.name));
        assert!(
            files.len() >= 10,
            "only {} cases in {}",
            files.len(),
            self.name
        );
        let mut failures = Vec::new();
        for file in files {
            let case = read(&file);
            let mut failed = self.unknown_fields(&case);
            for name in providers(&case) {
                let provider = IdentityProvider::from_name(name);
                let provider = provider.unwrap_or_else(|| panic!("{}: {name}?", file.display()));
                let found = self.describe(&case, outcome(&case, provider));
                failed.extend(found.map(|complaint| format!("as {name}: {complaint}")));
            }
            let name = file.strip_prefix(ROOT).unwrap().display();
            failures.extend(
                failed
                    .into_iter()
                    .map(|complaint| format!("{name}: {complaint}")),
            );
        }
        assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    }

    fn unknown_fields(&self, case: &Value) -> Vec<String> {
        let always = ["resourceType", "extension", "provider", "points", "error"];
        let fields = case.as_object().unwrap().keys();
        let unknown = fields.filter(|field| {
            let field = field.as_str();
            !always.contains(&field) && !self.given.contains(&field) && field != self.expected
        });
        unknown
            .map(|field| format!("the field `{field}` means nothing here"))
            .collect()
    }

    /// What is wrong with an outcome.
    fn describe(&self, case: &Value, found: Outcome) -> Option<String> {
        let error = &case["error"];
        match (case.get(self.expected), found) {
            (Some(expected), Ok(found)) if *expected == found => None,
            (Some(expected), found) => Some(format!("expected {expected}, found {found:?}")),
            (None, Err(found)) => {
                let detail = error["detail"].as_str().unwrap_or_default();
                let told = found.detail().contains(detail);
                let same = error["scimType"].as_str() == found.scim_type();
                (!told || !same).then(|| format!("expected the error {error}, found {found:?}"))
            }
            (None, Ok(found)) => Some(format!("expected the error {error}, found {found}")),
        }
    }
}

/// The type of resource that a case is about, with the `extension` that it brings along.
pub(crate) fn resource_type(case: &Value) -> Cow<'static, ResourceType> {
    let kind = match case["resourceType"].as_str() {
        Some("User") => schema::user(),
        Some("Group") => schema::group(),
        other => panic!("`resourceType` is {other:?}"),
    };
    let Some(extension) = case.get("extension") else {
        return Cow::Borrowed(kind);
    };
    let mut kind = kind.clone();
    kind.extensions.push(Extension {
        schema: Schema::parse(&extension.to_string()).unwrap().into(),
        required: false,
    });
    Cow::Owned(kind)
}

/// An object in a case.
pub(crate) fn object<'c>(case: &'c Value, field: &str) -> &'c Map<String, Value> {
    let object = case[field].as_object();
    object.unwrap_or_else(|| panic!("`{field}` is no object"))
}

fn providers(case: &Value) -> Vec<&str> {
    match &case["provider"] {
        Value::Null => PROVIDERS.to_vec(),
        Value::String(name) => vec![name],
        names => names
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Points of which only whole answers can tell; `fixtures/scim/conversations` does.
const OF_ANSWERS: [u64; 4] = [141, 142, 154, 155];

#[test]
fn every_point_of_filters_projection_and_patch_has_a_case() {
    let mut named = BTreeSet::from(OF_ANSWERS);
    for folder in ["filter", "path", "patch", "projection"] {
        for file in files(&Path::new(ROOT).join(folder)) {
            let case = read(&file);
            let points = case["points"].as_array();
            let points = points.unwrap_or_else(|| panic!("{} has no `points`", file.display()));
            named.extend(points.iter().map(|point| point.as_u64().unwrap()));
        }
    }
    let wanted = (87..=116).chain(137..=144).chain(152..=190);
    let missing: Vec<u64> = wanted.filter(|point| !named.contains(point)).collect();
    assert!(missing.is_empty(), "no case names {missing:?}");
}
