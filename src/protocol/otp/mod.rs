//! One-time passwords: HOTP (RFC 4226), TOTP (RFC 6238), and how a secret gets into an
//! authenticator application: base32, `otpauth` addresses, QR codes.

pub mod base32;
pub mod otpauth;
pub mod qr_code;
pub mod totp;
