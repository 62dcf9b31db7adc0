//! Reads what the product's mails are made of: headers, a plain part, its encoding (RFC 2045, 2047).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The subject and the plain text of a message.
pub(crate) fn read(message: &str) -> (String, String) {
    let (headers, body) = message.split_once("\n\n").unwrap_or((message, ""));
    let subject = header(headers, "subject").map(|it| decoded_words(&it));
    let kind = header(headers, "content-type").unwrap_or_default();
    let boundary = kind
        .split_once("boundary=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let text = match boundary {
        Some((boundary, _)) => plain_part(body, boundary).unwrap_or_default(),
        None => decoded(headers, body),
    };
    (subject.unwrap_or_default(), text)
}

fn plain_part(body: &str, boundary: &str) -> Option<String> {
    let mark = format!("--{boundary}");
    let parts = body.split(&mark);
    let mut parts = parts.filter_map(|part| part.trim_start().split_once("\n\n"));
    let is_plain = |headers: &str| {
        let kind = header(headers, "content-type");
        kind.is_some_and(|kind| kind.starts_with("text/plain"))
    };
    let (headers, body) = parts.find(|(headers, _)| is_plain(headers))?;
    Some(decoded(headers, body))
}

/// A header, unfolded.
fn header(headers: &str, name: &str) -> Option<String> {
    let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
    let mut lines = unfolded.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

fn decoded(headers: &str, body: &str) -> String {
    let encoding = header(headers, "content-transfer-encoding").unwrap_or_default();
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "quoted-printable" => quoted_printable(&body.replace("=\n", "")),
        "base64" => {
            let packed: String = body.split_whitespace().collect();
            STANDARD.decode(packed).unwrap_or_default()
        }
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = (byte == b'=').then(|| [rest.next(), rest.next()]);
        let code = digits.and_then(|digits| match digits {
            [Some(high), Some(low)] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(high)? * 16 + digit(low)?).ok()
            }
            _ => None,
        });
        bytes.push(code.unwrap_or(byte));
    }
    bytes
}

/// Each `=?utf-8?b?…?=` and `=?utf-8?q?…?=` as it was meant.
fn decoded_words(value: &str) -> String {
    let words = value.split(' ').map(|word| decoded_word(word).ok_or(word));
    let mut text = String::new();
    let mut last_was_encoded = false;
    for (index, word) in words.enumerate() {
        let is_encoded = word.is_ok();
        if index > 0 && !(is_encoded && last_was_encoded) {
            text.push(' ');
        }
        match word {
            Ok(word) => text.push_str(&word),
            Err(word) => text.push_str(word),
        }
        last_was_encoded = is_encoded;
    }
    text
}

fn decoded_word(word: &str) -> Option<String> {
    let inside = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let mut parts = inside.splitn(3, '?').skip(1);
    let (encoding, text) = (parts.next()?, parts.next()?);
    let bytes = if encoding.eq_ignore_ascii_case("b") {
        STANDARD.decode(text).ok()?
    } else {
        quoted_printable(&text.replace('_', " "))
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_however_it_is_encoded() {
        let message = "Subject: =?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?_an_?= Ana\n\
                       Content-Type: multipart/alternative;\n boundary=\"xyz\"\n\n\
                       --xyz\nContent-Type: text/plain; charset=utf-8\n\
                       Content-Transfer-Encoding: quoted-printable\n\n\
                       H=C3=A9llo =3D wor=\nld\nhttp://a/?b=3Dc\n\n--xyz\n\
                       Content-Type: text/html\n\n<p>no</p>\n--xyz--\n";
        let (subject, text) = read(message);
        assert_eq!(subject, "Grüße an  Ana");
        assert_eq!(text, "Héllo = world\nhttp://a/?b=c");
        let plain = "Content-Transfer-Encoding: base64\nSubject: Code\n\nSGVs\nbG8=\n";
        assert_eq!(read(plain), ("Code".to_owned(), "Hello".to_owned()));
        assert_eq!(read("x"), (String::new(), String::new()));
    }
}
