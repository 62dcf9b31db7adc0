//! One linear look at the raw text: caps, and constructs that no SAML message needs, before a parser runs.

use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::xml::is_space;

/// How much of everything a document may have.
pub(super) struct Limits {
    pub(super) depth: usize,
    pub(super) elements: usize,
    pub(super) attributes: usize,
    pub(super) namespaces_in_scope: usize,
    pub(super) comments_allowed: bool,
}

/// Refuses what exceeds the limits; says nothing about well-formedness.
pub(super) fn scan(text: &str, limits: &Limits) -> Result<(), Rejection> {
    let mut rest = after_declaration(text)?;
    let mut open = OpenElements::default();
    while let Some((_, markup)) = rest.split_once('<') {
        rest = if markup.starts_with(['!', '?']) {
            skip(markup, limits)?
        } else if let Some(closing) = markup.strip_prefix('/') {
            open.close();
            split(closing, ">")?
        } else {
            let (tag, after) = start_tag(markup).ok_or_else(unfinished)?;
            open.open(&tag, limits)?;
            after
        };
    }
    Ok(())
}

fn unfinished() -> Rejection {
    Check::NotWellFormed.refuses("complete markup", "markup without an end")
}

fn split<'a>(text: &'a str, end: &str) -> Result<&'a str, Rejection> {
    text.split_once(end)
        .map(|(_, after)| after)
        .ok_or_else(unfinished)
}

// libxml2 follows a declared encoding while the text is already decoded here: two readings of one document.
fn after_declaration(text: &str) -> Result<&str, Rejection> {
    let declaration = text.strip_prefix("<?xml");
    // `<?xml-stylesheet` is no declaration.
    let Some(declaration) = declaration.filter(|rest| rest.starts_with(is_space)) else {
        return Ok(text);
    };
    let (declaration, after) = declaration.split_once("?>").ok_or_else(unfinished)?;
    let Some((_, encoding)) = declaration.split_once("encoding") else {
        return Ok(after);
    };
    let mut pieces = encoding.split(['"', '\'']);
    let encoding = pieces.nth(1).unwrap_or_default();
    if encoding.eq_ignore_ascii_case("utf-8") {
        Ok(after)
    } else {
        Err(Check::NotUtf8.refuses("UTF-8", encoding))
    }
}

fn skip<'a>(markup: &'a str, limits: &Limits) -> Result<&'a str, Rejection> {
    let (check, found, end) = if markup.starts_with("!--") {
        (Check::CommentPresent, "a comment", "-->")
    } else if markup.starts_with("![CDATA[") {
        return Err(Check::CdataPresent.refuses("none", "a CDATA section"));
    } else if markup.starts_with('!') {
        return Err(Check::DoctypePresent.refuses("none", "a markup declaration"));
    } else {
        (
            Check::ProcessingInstructionPresent,
            "a processing instruction",
            "?>",
        )
    };
    if limits.comments_allowed {
        split(markup, end)
    } else {
        Err(check.refuses("none", found))
    }
}

#[derive(Default)]
struct StartTag {
    attributes: usize,
    namespaces: usize,
    is_empty: bool,
}

fn start_tag(markup: &str) -> Option<(StartTag, &str)> {
    let mut tag = StartTag::default();
    let mut rest = markup;
    loop {
        let (before, from) = rest.split_at_checked(rest.find(['"', '\'', '>'])?)?;
        tag.namespaces += before.matches("xmlns").count();
        if let Some(after) = from.strip_prefix('>') {
            tag.is_empty = before.ends_with('/');
            return Some((tag, after));
        }
        let quote = from.chars().next()?;
        rest = from.strip_prefix(quote)?.split_once(quote)?.1;
        tag.attributes += 1;
    }
}

#[derive(Default)]
struct OpenElements {
    namespaces: Vec<usize>,
    namespaces_in_scope: usize,
    seen: usize,
}

impl OpenElements {
    fn open(&mut self, tag: &StartTag, limits: &Limits) -> Result<(), Rejection> {
        self.seen += 1;
        self.namespaces.push(tag.namespaces);
        self.namespaces_in_scope += tag.namespaces;
        let measures = [
            (Check::TooManyElements, limits.elements, self.seen),
            (Check::TooDeep, limits.depth, self.namespaces.len()),
            (Check::TooManyAttributes, limits.attributes, tag.attributes),
            (
                Check::TooManyNamespaces,
                limits.namespaces_in_scope,
                self.namespaces_in_scope,
            ),
        ];
        for (check, limit, received) in measures {
            if received > limit {
                return Err(check.refuses(format!("at most {limit}"), received));
            }
        }
        if tag.is_empty {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        let declared = self.namespaces.pop().unwrap_or_default();
        self.namespaces_in_scope -= declared;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        depth: 3,
        elements: 5,
        attributes: 2,
        namespaces_in_scope: 2,
        comments_allowed: false,
    };

    #[test]
    fn each_limit_refuses_with_its_own_check() {
        let table = [
            ("<a><b><c/></b></a>", None),
            ("<a x='>'><b y=\"<'\"/></a>", None),
            ("<a><b><c><d/></c></b></a>", Some(Check::TooDeep)),
            ("<a><b/><b/><b/><b/><b/></a>", Some(Check::TooManyElements)),
            ("<a x='1' y='2' z='3'/>", Some(Check::TooManyAttributes)),
            (
                "<a xmlns:x='x'><b xmlns:y='y' xmlns:z='z'/></a>",
                Some(Check::TooManyNamespaces),
            ),
            (
                "<a><b xmlns:x='x' xmlns:y='y'/><b xmlns:x='x' xmlns:y='y'/></a>",
                None,
            ),
            ("<a><!-- --></a>", Some(Check::CommentPresent)),
            ("<a><?b c?></a>", Some(Check::ProcessingInstructionPresent)),
            (
                "<?xml-stylesheet href='b'?><a/>",
                Some(Check::ProcessingInstructionPresent),
            ),
            ("<a><![CDATA[b]]></a>", Some(Check::CdataPresent)),
            ("<!DOCTYPE a><a/>", Some(Check::DoctypePresent)),
            ("<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>", None),
            ("<?xml version='1.0'?><a/>", None),
            (
                "<?xml version='1.0' encoding='UTF-16'?><a/>",
                Some(Check::NotUtf8),
            ),
            ("<a", Some(Check::NotWellFormed)),
            ("<a x='", Some(Check::NotWellFormed)),
        ];
        for (text, refused) in table {
            assert_eq!(
                scan(text, &LIMITS).err().map(|r| r.check),
                refused,
                "{text}"
            );
        }
    }
}
