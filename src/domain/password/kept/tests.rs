//! Passwords of our own; what other systems made is tested where it is read.

use super::*;

#[test]
fn a_password_fits_its_own_hash_alone_and_no_two_hashes_are_equal() {
    let hash = PasswordHash::of("grün & 長い").unwrap();
    assert!(hash.is_current() && hash.fits("grün & 長い"));
    for other in ["", "grün & 長い ", "GRÜN & 長い"] {
        assert!(!hash.fits(other), "{other}");
    }
    assert_ne!(hash, PasswordHash::of("grün & 長い").unwrap());
}

#[test]
fn a_hash_is_not_shown() {
    let hash = PasswordHash::from_text("$argon2id$v=19$m=19456,t=2,p=1$x$y".to_owned());
    assert_eq!(format!("{hash:?}"), "PasswordHash([REDACTED])");
}

#[test]
fn what_cannot_be_read_fits_nothing() {
    for text in [
        "",
        "$2b$",
        "$P$",
        "$P$z",
        "$nothing$x$y",
        "$scrypt$ln=99,r=8,p=1$YQ$YQ",
    ] {
        let hash = PasswordHash::from_text(text.to_owned());
        assert!(!hash.fits("") && !hash.is_current(), "{text}");
    }
}

#[test]
fn older_parameters_are_not_current() {
    let weaker = "$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$AAEC";
    assert!(!PasswordHash::from_text(weaker.to_owned()).is_current());
}

#[test]
fn what_is_longer_than_any_password_is_wrong_and_hashed_no_further() {
    let longest = "x".repeat(LONGEST);
    let kept = PasswordHash::of(&longest).unwrap();
    assert_eq!(check(Some(&kept), &longest), Checked::Right(None));
    for longer in [format!("{longest}y"), "x".repeat(1 << 20)] {
        assert_eq!(check(Some(&kept), &longer), Checked::Wrong);
    }
    assert_eq!(beginning(&"长".repeat(1000)).len(), 1023);
    assert_eq!(beginning(&"x".repeat(1 << 20)), longest);
    assert_eq!(beginning("short"), "short");
}
