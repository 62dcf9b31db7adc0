//! Private keys as administrators paste them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use chrono::Utc;
use vestibule::domain::key_pair::KeyPair;

/// A new RSA key: in PKCS#8, and the same in PKCS#1, which sits inside it behind 26 bytes.
pub fn rsa_key() -> (String, String) {
    let (now, later) = (Utc::now(), Utc::now() + TimeDelta::days(1));
    let pkcs8 = KeyPair::generate("test", now, later)
        .unwrap()
        .private_key_pem;
    let body: String = pkcs8
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(body).unwrap();
    let label = "RSA PRIVATE KEY";
    let body = STANDARD.encode(&der[26..]);
    let pkcs1 = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    (pkcs8, pkcs1)
}
