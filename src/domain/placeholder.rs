//! Texts with `{{ placeholders }}`, as mail and claims templates have them.

use std::fmt;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Stands as it is.
    Text(&'a str),
    /// Is replaced by what it names.
    Placeholder(&'a str),
}

/// Why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{{{{` must be closed by `}}}}` and hold a name: {:?}",
            self.0
        )
    }
}

/// The pieces of a template, in order.
pub fn pieces(template: &str) -> Result<Vec<Piece<'_>>, Malformed> {
    let malformed = |rest: &str| Malformed(rest.chars().take(40).collect());
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, opened)) = rest.split_once("{{") {
        let (name, after) = opened.split_once("}}").ok_or_else(|| malformed(opened))?;
        let name = name.trim();
        if name.is_empty() || name.contains("{{") {
            return Err(malformed(opened));
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        pieces.push(Piece::Placeholder(name));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The names that a template asks for.
pub fn names(template: &str) -> Result<Vec<&str>, Malformed> {
    let names = pieces(template)?
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name),
            Piece::Text(_) => None,
        });
    Ok(names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_come_apart_at_their_placeholders() {
        use Piece::Placeholder;
        use Piece::Text;
        let cases: [(&str, &[Piece<'_>]); 5] = [
            ("", &[]),
            ("plain }} text {", &[Text("plain }} text {")]),
            ("{{ a.b }}", &[Placeholder("a.b")]),
            (
                "x{{a}}{{ b }}y",
                &[Text("x"), Placeholder("a"), Placeholder("b"), Text("y")],
            ),
            ("é{{a}}}", &[Text("é"), Placeholder("a"), Text("}")]),
        ];
        for (template, expected) in cases {
            assert_eq!(pieces(template).unwrap(), expected, "{template}");
        }
        for bad in ["{{", "{{ a }", "{{}}", "{{ }}", "{{ a {{ b }}"] {
            assert!(pieces(bad).is_err(), "{bad}");
        }
        assert_eq!(names("x{{a}}{{ b }}").unwrap(), ["a", "b"]);
    }
}
