//! What a letter must look like before any C code sees it: size, base64, UTF-8, one strict DOM.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Document;
use roxmltree::ParsingOptions;

use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::scan::Limits;
use crate::protocol::saml::scan::scan;
use crate::protocol::saml::xml::is_space;

const LARGEST_FORM_VALUE: usize = 256 * 1024;
const MOST_NODES: u32 = 60_000;
const LIMITS: Limits = Limits {
    depth: 40,
    elements: 20_000,
    attributes: 40,
    namespaces_in_scope: 64,
    comments_allowed: false,
};

/// The XML text in the form field `SAMLResponse`.
pub(super) fn decode(form_value: &str) -> Result<String, Rejection> {
    if form_value.len() > LARGEST_FORM_VALUE {
        let limit = format!("at most {LARGEST_FORM_VALUE} bytes");
        return Err(Check::TooLarge.refuses(limit, form_value.len()));
    }
    let unbroken = form_value.replace(is_space, "");
    let bytes = STANDARD
        .decode(unbroken)
        .map_err(|error| Check::NotBase64.refuses("standard base64 with padding", error))?;
    String::from_utf8(bytes).map_err(|error| Check::NotUtf8.refuses("UTF-8", error.utf8_error()))
}

/// The document, if it is small, well-formed and free of everything that readers disagree on.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Rejection> {
    scan(text, &LIMITS)?;
    parse_scanned(text)
}

/// The document in a text that was scanned already.
pub(super) fn parse_scanned(text: &str) -> Result<Document<'_>, Rejection> {
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
        .map_err(|error| Check::NotWellFormed.refuses("well-formed XML", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_in_base64_are_tolerated_and_nothing_else() {
        assert_eq!(decode("PGE\r\nvPg==").unwrap(), "<a/>");
        assert_eq!(decode("PGEvPg").unwrap_err().check, Check::NotBase64);
        assert_eq!(decode("PGEvPg==!").unwrap_err().check, Check::NotBase64);
        assert_eq!(decode("/////w==").unwrap_err().check, Check::NotUtf8);
        assert_eq!(
            decode(&"A".repeat(262_148)).unwrap_err().check,
            Check::TooLarge
        );
    }

    #[test]
    fn documents_that_a_recovering_parser_would_repair_are_refused() {
        for text in [
            "<a>",
            "<a/>b",
            "<a/><b/>",
            "<a x='1' x='2'/>",
            "<a>&b;</a>",
            "",
            "<a></b>",
        ] {
            assert_eq!(
                parse(text).unwrap_err().check,
                Check::NotWellFormed,
                "{text}"
            );
        }
    }

    #[test]
    fn ten_thousand_levels_are_refused_without_recursion() {
        let text = "<a>".repeat(10_000);
        assert_eq!(parse(&text).unwrap_err().check, Check::TooDeep);
    }
}
