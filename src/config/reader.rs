//! Settings by name, from wherever they were given, and everything that is wrong with them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr;

use toml::Value;

use crate::config::keys::KEYS;
use crate::config::keys::SECRETS;

const PREFIX: &str = "VESTIBULE_";

struct Setting {
    /// The variable's or key's own name, as errors should call it.
    named: String,
    value: Value,
}

/// Hands settings out one by one and remembers what was wrong.
pub(crate) struct Reader {
    settings: BTreeMap<String, Setting>,
    problems: Vec<String>,
}

impl Reader {
    /// Gathers what was given; a variable wins over the file.
    pub(crate) fn merge(
        file: Option<&str>,
        environment: impl IntoIterator<Item = (String, String)>,
        read_file: impl Fn(&Path) -> io::Result<String>,
    ) -> Self {
        let mut reader = Self {
            settings: BTreeMap::new(),
            problems: Vec::new(),
        };
        let from_file = reader.of_file(file.unwrap_or_default());
        let from_environment = reader.of_environment(environment);
        for given in [from_file, from_environment] {
            let opened = reader.open_files(given, &read_file);
            reader.settings.extend(opened);
        }
        reader
    }

    fn of_file(&mut self, text: &str) -> BTreeMap<String, Setting> {
        let table = text.parse::<toml::Table>().unwrap_or_else(|error| {
            let error = error.to_string();
            self.problems
                .push(format!("the file is no valid TOML: {}", error.trim_end()));
            toml::Table::new()
        });
        let mut given = BTreeMap::new();
        for (key, value) in table {
            if is_known(&key) {
                let named = format!("`{key}` in the file");
                given.insert(key, Setting { named, value });
            } else {
                let known = KEYS.join(", ");
                self.problems.push(format!(
                    "the file has an unknown key `{key}`; known are {known}"
                ));
            }
        }
        given
    }

    fn of_environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> BTreeMap<String, Setting> {
        let mut given = BTreeMap::new();
        for (name, value) in environment {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            if rest == "CONFIG" || rest.starts_with("TEST_") {
                continue;
            }
            let key = rest.to_ascii_lowercase();
            if rest != key.to_ascii_uppercase() || !is_known(&key) {
                let known = KEYS.map(str::to_ascii_uppercase).join(", ");
                self.problems.push(format!(
                    "{name} is no variable of Vestibule; after {PREFIX} may stand {known}"
                ));
            } else if !value.is_empty() {
                let value = Value::String(value);
                given.insert(key, Setting { named: name, value });
            }
        }
        given
    }

    /// Replaces `…_file` by the file's content under the name without the ending.
    fn open_files(
        &mut self,
        mut given: BTreeMap<String, Setting>,
        read_file: &impl Fn(&Path) -> io::Result<String>,
    ) -> BTreeMap<String, Setting> {
        for secret in SECRETS {
            let Some(file) = given.remove(&format!("{secret}_file")) else {
                continue;
            };
            if let Some(both) = given.get(secret) {
                let (file, value) = (&file.named, &both.named);
                self.problems.push(format!(
                    "{value} and {file} are both given; give one of them"
                ));
                continue;
            }
            let path = file.value.as_str().unwrap_or_default();
            match read_file(Path::new(path)) {
                Ok(text) => {
                    let value = Value::String(text.trim_end_matches(['\n', '\r']).to_owned());
                    let named = file.named;
                    given.insert(secret.to_owned(), Setting { named, value });
                }
                Err(error) => {
                    let named = &file.named;
                    self.problems
                        .push(format!("{named}: {path} cannot be read: {error}"));
                }
            }
        }
        given
    }

    /// A setting made of one text.
    pub(crate) fn parse<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.parsed(key, (expected, true), parse)
    }

    /// The same for what no message may show.
    pub(crate) fn parse_secret<T>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.parsed(key, (expected, false), parse)
    }

    fn parsed<T>(
        &mut self,
        key: &str,
        (expected, may_be_shown): (&str, bool),
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = &self.settings.get(key)?.value;
        let parsed = value.as_str().and_then(|text| parse(text.trim()));
        if parsed.is_none() {
            let shown = may_be_shown.then(|| plain(value));
            self.refuse(key, shown.as_deref(), expected);
        }
        parsed
    }

    /// A setting that is a number, written as one or as a text.
    pub(crate) fn number<T: FromStr>(&mut self, key: &str, expected: &str) -> Option<T> {
        let given = plain(&self.settings.get(key)?.value);
        let number = given.trim().parse().ok();
        if number.is_none() {
            self.refuse(key, Some(&given), expected);
        }
        number
    }

    /// A setting that is on or off.
    pub(crate) fn switch(&mut self, key: &str) -> Option<bool> {
        let value = &self.settings.get(key)?.value;
        let word = plain(value).to_ascii_lowercase();
        let switch = match word.as_str() {
            "true" | "on" | "yes" | "1" => Some(true),
            "false" | "off" | "no" | "0" => Some(false),
            _ => None,
        };
        if switch.is_none() {
            self.refuse(key, Some(&word), "on or off (true or false)");
        }
        switch
    }

    /// URLs for every kind, in the order of the kinds: a text with commas, a list, or a table of
    /// such lists by kind.
    pub(crate) fn url_lists<const N: usize>(
        &mut self,
        key: &str,
        kinds: [&str; N],
    ) -> [Vec<String>; N] {
        let nothing = kinds.map(|_| Vec::new());
        let Some(setting) = self.settings.get(key) else {
            return nothing;
        };
        let lists = match &setting.value {
            Value::Table(table) => {
                let known = table.keys().all(|kind| kinds.contains(&kind.as_str()));
                let list = |kind: &str| table.get(kind).map_or(Some(Vec::new()), texts);
                let lists = kinds.map(list);
                let usable = known && lists.iter().all(Option::is_some);
                usable.then(|| lists.map(Option::unwrap_or_default))
            }
            other => texts(other).map(|all| kinds.map(|_| all.clone())),
        };
        if lists.is_none() {
            let expected = format!(
                "URLs with commas between, a list of URLs, or a table of the lists {}",
                kinds.join(", ")
            );
            self.refuse(key, None, &expected);
        }
        lists.unwrap_or(nothing)
    }

    /// Notes that a setting cannot be used.
    pub(crate) fn refuse(&mut self, key: &str, given: Option<&str>, expected: &str) {
        let named = self.settings.get(key).map_or(key, |setting| &setting.named);
        let given = given.map(|given| format!(", not {given:?}"));
        let given = given.unwrap_or_default();
        self.problems
            .push(format!("{named} must be {expected}{given}"));
    }

    /// Whether a setting was given, well or not.
    pub(crate) fn is_given(&self, key: &str) -> bool {
        self.settings.contains_key(key)
    }

    /// Everything that was wrong.
    pub(crate) fn problems(self) -> Vec<String> {
        self.problems
    }
}

fn is_known(key: &str) -> bool {
    let named_by_file = key.strip_suffix("_file");
    KEYS.contains(&key) || named_by_file.is_some_and(|secret| SECRETS.contains(&secret))
}

/// A value as a person would write it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => {
            let parts = text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty());
            Some(parts.map(str::to_owned).collect())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}
