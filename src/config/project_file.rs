//! The project file: what a project declares about itself, in TOML.

use std::path::Path;

use serde_json::Value;

use crate::config::ConfigError;
use crate::domain::project_settings::ProjectSettings;

/// Reads a project file and checks it; each finding names the file and the line or the key.
pub fn read(path: &Path) -> Result<ProjectSettings, ConfigError> {
    let file = path.display().to_string();
    let unreadable = |error| ConfigError(vec![format!("{file} cannot be read: {error}")]);
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    parse(&text).map_err(|reasons| {
        let named = reasons
            .into_iter()
            .map(|reason| format!("{file}: {reason}"));
        ConfigError(named.collect())
    })
}

/// Reads the text of a project file.
fn parse(text: &str) -> Result<ProjectSettings, Vec<String>> {
    let told = |error: toml::de::Error| vec![error.to_string().trim_end().to_owned()];
    let settings: ProjectSettings = toml::from_str(text).map_err(told)?;
    let given: Value = toml::from_str(text).map_err(told)?;
    let understood = serde_json::to_value(&settings).map_err(|error| vec![error.to_string()])?;
    let mut reasons = unknown_keys("", &given, &understood);
    reasons.extend(dates("", &given));
    let findings = settings.findings().into_iter();
    reasons.extend(findings.map(|it| format!("{}: {}", it.key, it.reason)));
    if reasons.is_empty() {
        Ok(settings)
    } else {
        Err(reasons)
    }
}

/// Keys that were given and not understood, so that a slip of the pen is no silence.
fn unknown_keys(place: &str, given: &Value, understood: &Value) -> Vec<String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            let known: Vec<_> = understood.keys().map(String::as_str).collect();
            let each = given.iter().flat_map(|(key, value)| {
                let place = below(place, key);
                match understood.get(key) {
                    Some(it) => unknown_keys(&place, value, it),
                    None => vec![format!(
                        "{place} is no setting; known here are {}",
                        known.join(", ")
                    )],
                }
            });
            each.collect()
        }
        (Value::Array(given), Value::Array(understood)) => {
            let pairs = given.iter().zip(understood).enumerate();
            let each = pairs.flat_map(|(number, (given, understood))| {
                unknown_keys(&format!("{place}[{number}]"), given, understood)
            });
            each.collect()
        }
        _ => Vec::new(),
    }
}

/// TOML has dates and JSON, which the claims of a JWT are made of, has none.
fn dates(place: &str, given: &Value) -> Vec<String> {
    match given {
        Value::Object(fields) if fields.keys().any(|key| key.starts_with("$__toml")) => {
            vec![format!("{place} is a date; write it as text, in quotes")]
        }
        Value::Object(fields) => {
            let each = fields.iter();
            each.flat_map(|(key, value)| dates(&below(place, key), value))
                .collect()
        }
        Value::Array(items) => {
            let each = items.iter();
            each.flat_map(|item| dates(place, item)).collect()
        }
        _ => Vec::new(),
    }
}

fn below(place: &str, key: &str) -> String {
    if place.is_empty() {
        key.to_owned()
    } else {
        format!("{place}.{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_declares_nothing() {
        assert_eq!(parse(""), Ok(ProjectSettings::default()));
    }

    #[test]
    fn every_mistake_is_named_by_its_line_or_its_key() {
        let cases = [
            ("[rbac", "line 1"),
            ("\n[session]\nduration_minutes = \"long\"", "line 3"),
            ("[redirect_urls]\nlogin = \"https://a.test/\"", "line 2"),
            (
                "[rbacs]",
                "rbacs is no setting; known here are rbac, redirect_urls",
            ),
            (
                "[redirect_urls]\nlogon = []",
                "redirect_urls.logon is no setting",
            ),
            (
                "[[rbac.roles]]\nrole_id = \"x\"\npremissions = []",
                "rbac.roles[0].premissions is no setting; known here are role_id, description",
            ),
            (
                "[[rbac.roles]]\nrole_id = \"x\"",
                "rbac: role x has no permissions",
            ),
            (
                "[redirect_urls]\nlogin = [\"/in\"]",
                "redirect_urls.login: \"/in\" must be",
            ),
            (
                "[mail_templates.invite]\nbody = \"\"",
                "mail_templates.invite.body is no setting",
            ),
            (
                "[mail_templates.poem]",
                "mail_templates.poem: is no kind of mail; known are login",
            ),
            (
                "[session.jwt_claims]\nat = 2026-01-01",
                "session.jwt_claims.at is a date",
            ),
            (
                "[session.jwt_claims]\nsub = 1",
                "session.jwt_claims.sub: is a claim of",
            ),
            (
                "[public_tokens]\nweb = \"x\"",
                "public_tokens.web: \"x\" must be public-token-test-",
            ),
        ];
        for (text, expected) in cases {
            let told = parse(text).unwrap_err().join("\n");
            assert!(told.contains(expected), "{text}\n{told}");
        }
        let two = "[session]\nminutes = 4\nduration_minutes = 4";
        assert_eq!(parse(two).unwrap_err().len(), 2);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let told = read(Path::new("nowhere.toml")).unwrap_err().to_string();
        assert!(told.starts_with("nowhere.toml cannot be read"), "{told}");
    }
}
