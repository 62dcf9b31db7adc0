//! The fields of a JSON document that an administrator wrote, and where each of them stands in
//! it, so that a refusal can name the place.

use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// Why a document cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    /// The field, such as `schemas[0].attributes[2].type`.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` {}", self.field, self.reason)
    }
}

/// One object of a document.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'v> {
    path: String,
    values: &'v Map<String, Value>,
}

impl<'v> Fields<'v> {
    /// The object at a place.
    pub(crate) fn read(path: String, value: &'v Value) -> Result<Self, DocumentError> {
        match value {
            Value::Object(values) => Ok(Self { path, values }),
            _ => Err(refused(path, "must be a JSON object")),
        }
    }

    /// Refuses the object for what one of its fields is.
    pub(crate) fn refuse(&self, name: &str, reason: impl Into<String>) -> DocumentError {
        refused(self.place(name), reason)
    }

    fn place(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Refuses fields that mean nothing: a misspelt one would be lost without a word.
    pub(crate) fn check_known(&self, known: &[&str]) -> Result<(), DocumentError> {
        let mut names = self.values.keys();
        match names.find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(self.refuse(
                name,
                format!("means nothing here; known are {}", known.join(", ")),
            )),
            None => Ok(()),
        }
    }

    fn value(&self, name: &str) -> Option<&'v Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'v str>, DocumentError> {
        let text = |value: &'v Value| value.as_str().filter(|text| !text.contains('\0'));
        self.value(name)
            .map(|value| text(value).ok_or_else(|| self.refuse(name, "must be a string")))
            .transpose()
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, name: &str) -> Result<&'v str, DocumentError> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.refuse(name, "is required"))
    }

    /// One of a few words, the given one if there is none.
    pub(crate) fn word(
        &self,
        name: &str,
        known: &[&'static str],
        otherwise: &'static str,
    ) -> Result<&'static str, DocumentError> {
        let Some(given) = self.text(name)? else {
            return Ok(otherwise);
        };
        let mut known_words = known.iter().copied();
        known_words
            .find(|word| *word == given)
            .ok_or_else(|| self.refuse(name, format!("must be one of {}", known.join(", "))))
    }

    /// A boolean, the given one if there is none.
    pub(crate) fn boolean(&self, name: &str, otherwise: bool) -> Result<bool, DocumentError> {
        self.value(name).map_or(Ok(otherwise), |value| {
            value
                .as_bool()
                .ok_or_else(|| self.refuse(name, "must be true or false without quotes"))
        })
    }

    fn list(&self, name: &str) -> Result<&'v [Value], DocumentError> {
        self.value(name).map_or(Ok(&[]), |value| match value {
            Value::Array(values) => Ok(values.as_slice()),
            _ => Err(self.refuse(name, "must be an array")),
        })
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'v str>, DocumentError> {
        let texts = self.list(name)?.iter().map(Value::as_str);
        texts
            .collect::<Option<_>>()
            .ok_or_else(|| self.refuse(name, "must be an array of strings"))
    }

    /// A list of objects, at most so many.
    pub(crate) fn objects(&self, name: &str, most: usize) -> Result<Vec<Self>, DocumentError> {
        let values = self.list(name)?;
        if values.len() > most {
            let count = values.len();
            let reason = format!("has {count} entries; at most {most} are accepted");
            return Err(self.refuse(name, reason));
        }
        let objects = (0_usize..)
            .zip(values)
            .map(|(index, value)| Self::read(self.place(&format!("{name}[{index}]")), value));
        objects.collect()
    }
}

fn refused(field: String, reason: impl Into<String>) -> DocumentError {
    DocumentError {
        field,
        reason: reason.into(),
    }
}
