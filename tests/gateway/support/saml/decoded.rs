//! From what a browser posts to text: strictly, or with one leniency.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE;
use flate2::read::DeflateDecoder;

pub const READERS: [&str; 6] = [
    "takes_base64_without_padding",
    "takes_url_safe_base64",
    "takes_xml_as_it_comes",
    "mends_bytes",
    "takes_utf_16",
    "inflates_what_is_no_xml",
];

/// The text in a form value, as the reader of that name decodes it.
pub fn text(reader: &str, form_value: &str) -> Option<String> {
    let form_value: String = form_value.split_whitespace().collect::<Vec<_>>().join(" ");
    let bytes = match (reader, STANDARD.decode(form_value.replace(' ', ""))) {
        (_, Ok(bytes)) => bytes,
        ("takes_base64_without_padding", _) => STANDARD_NO_PAD.decode(form_value).ok()?,
        ("takes_url_safe_base64", _) => URL_SAFE.decode(form_value).ok()?,
        ("takes_xml_as_it_comes", _) => form_value.into_bytes(),
        _ => return None,
    };
    match (reader, String::from_utf8(bytes)) {
        (_, Ok(text)) => Some(text),
        ("mends_bytes", Err(error)) => Some(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        ("takes_utf_16", Err(error)) => of_utf_16(error.as_bytes()),
        ("inflates_what_is_no_xml", Err(error)) => inflated(error.as_bytes()),
        _ => None,
    }
}

fn of_utf_16(bytes: &[u8]) -> Option<String> {
    let units = bytes.strip_prefix(&[0xff, 0xfe])?.as_chunks().0;
    let units: Vec<u16> = units.iter().map(|it| u16::from_le_bytes(*it)).collect();
    String::from_utf16(&units).ok()
}

fn inflated(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut unpacked = DeflateDecoder::new(bytes).take(1024 * 1024);
    unpacked.read_to_string(&mut text).ok().map(|_| text)
}
