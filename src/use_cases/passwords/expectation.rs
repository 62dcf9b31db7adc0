//! What a password that comes has to fit, and what one that is to be set has to be: read in a
//! transaction, used outside of any.

use crate::domain::password::kept;
use crate::domain::password::kept::Checked;
use crate::domain::password::kept::PasswordHash;
use crate::domain::password::strength::PasswordSettings;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;

/// What was read of it.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is kept, if there is a password.
    pub hash: Option<PasswordHash>,
    /// What the project asks of passwords.
    pub settings: PasswordSettings,
    /// Whose password it is.
    pub email_address: String,
}

impl Expectation {
    /// Checks a password; slow by intention, and no faster where there is none.
    pub fn check(&self, password: &str) -> Checked {
        kept::check(self.hash.as_ref(), password)
    }

    /// Hashes a password that is to be set, if it is strong enough; slow by intention.
    pub fn accept(&self, password: &str) -> Result<PasswordHash, ManagementError> {
        let strength = self.settings.judge(password, &words(&self.email_address));
        if !strength.is_valid {
            return Err(PasswordError::Weak(strength.reason()).into());
        }
        Ok(PasswordHash::of(password)?)
    }
}

/// A password that was checked outside of any transaction.
#[derive(Clone, Debug)]
pub struct Tried {
    /// What it was checked against.
    pub expected: Expectation,
    /// What came of it.
    pub checked: Checked,
}

/// What came of a sign-in; what is refused is written all the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<T> {
    /// The password was right.
    Right(Box<T>),
    /// It was not, or is not enough.
    Refused(PasswordError),
    /// What it was checked against is not kept any more, so it has to be checked again.
    Stale,
}

/// What whoever guesses a password of this address would try: the address and its parts.
pub fn words(address: &str) -> Vec<&str> {
    let parts = address.split(['@', '.', '+', '-', '_']);
    std::iter::once(address)
        .chain(parts)
        .filter(|word| word.chars().count() > 2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_made_of_the_address_is_refused() {
        let expected = Expectation {
            hash: None,
            settings: PasswordSettings::default(),
            email_address: "waltraud.huber@bergfreunde.example".to_owned(),
        };
        for weak in ["waltraudhuber", "bergfreunde1"] {
            let refused = expected.accept(weak);
            assert!(
                matches!(
                    refused,
                    Err(ManagementError::Password(PasswordError::Weak(_)))
                ),
                "{weak}"
            );
        }
        let hash = expected.accept("seven mild otters knit").unwrap();
        assert!(hash.fits("seven mild otters knit"));
    }
}
