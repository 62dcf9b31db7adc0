//! Base32 (RFC 4648 §6), as authenticator applications show secrets.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes in capital letters and digits, without padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.extend(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.extend(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> Option<char> {
    let place = usize::try_from(value & 0x1f).ok()?;
    ALPHABET.get(place).map(|letter| char::from(*letter))
}

/// Reads what people type: small letters, blanks, hyphens and padding do not matter.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let typed = text.trim_end_matches('=').chars();
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in typed.filter(|letter| *letter != ' ' && *letter != '-') {
        held = (held << 5 | value(letter)?) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn value(letter: char) -> Option<u32> {
    let letter = letter.to_ascii_uppercase();
    let place = ALPHABET
        .iter()
        .position(|known| char::from(*known) == letter)?;
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        let table = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (plain, text) in table {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)).unwrap(), all);
    }

    #[test]
    fn secrets_are_read_as_people_type_them() {
        assert_eq!(decode("mzxw 6ytb-oi======").unwrap(), b"foobar");
        for wrong in ["MZXW1", "MZ=XW", "MZXWÄ"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
