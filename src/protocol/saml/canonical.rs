//! Writes XML that is in exclusive canonical form from the start, so that what is signed is simply
//! what is written (Exclusive XML Canonicalization 1.0 §3, Canonical XML 1.0 §2.3).

/// An element: no empty-element tag; its attributes in canonical order, namespaces first.
pub fn element(name: &str, attributes: &[String], inside: &str) -> String {
    format!("<{name}{}>{inside}</{name}>", attributes.concat())
}

/// One attribute, with the space before it.
pub fn attribute(name: &str, value: &str) -> String {
    let value = escape_common(value)
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;");
    format!(" {name}=\"{value}\"")
}

/// The same if there is a value.
pub fn optional(name: &str, value: Option<&str>) -> String {
    value
        .map(|value| attribute(name, value))
        .unwrap_or_default()
}

/// Text between tags.
pub fn text(value: &str) -> String {
    escape_common(value).replace('>', "&gt;")
}

fn escape_common(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\r', "&#xD;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_as_canonical_xml_has_it() {
        assert_eq!(
            element("a", &[attribute("b", "\"<&>\t\n\r")], &text("<&>\r\"")),
            "<a b=\"&quot;&lt;&amp;>&#x9;&#xA;&#xD;\">&lt;&amp;&gt;&#xD;\"</a>"
        );
        assert_eq!(optional("a", None), "");
    }
}
