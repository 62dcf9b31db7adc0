//! The address that an authenticator application reads from a QR code (`otpauth`, the key URI
//! format of Google Authenticator, which all of them follow).

use std::fmt::Write;

use crate::protocol::otp::base32;
use crate::protocol::otp::totp::DIGITS;
use crate::protocol::otp::totp::STEP_SECONDS;

/// The address for a secret: who asks for codes, and whose account it is.
pub fn address(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account) = (encoded(issuer), encoded(account));
    let secret = base32::encode(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
         &algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

/// Everything but unreserved characters by their bytes (RFC 3986 §2.1): applications do not take
/// a plus for a blank. A colon would end the issuer.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_and_account_stand_in_the_address_as_they_are_called() {
        let address = address("Acme: R&D ä", "ana+x@acme.test", b"12345678901234567890");
        assert_eq!(
            address,
            "otpauth://totp/Acme%3A%20R%26D%20%C3%A4:ana%2Bx@acme.test\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%3A%20R%26D%20%C3%A4\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
