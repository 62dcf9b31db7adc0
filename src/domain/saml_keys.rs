//! The certificates and keys that a SAML connection holds (contract 3.4).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::CertificateId;
use crate::domain::id::EncryptionKeyId;

/// How many days before the end of a certificate somebody is warned.
const WARNING_DAYS: [i64; 3] = [60, 30, 7];

/// A certificate with which the identity provider signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerificationCertificate {
    /// Its id.
    pub certificate_id: CertificateId,
    /// PEM.
    pub certificate: String,
    /// Who issued it.
    pub issuer: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// How many days ahead of its end somebody was warned last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_days: Option<i64>,
}

impl VerificationCertificate {
    /// The warning that is due and was not given yet, as days ahead of the end.
    pub fn due_warning(&self, now: DateTime<Utc>) -> Option<i64> {
        let warned = self.warned_days.unwrap_or(i64::MAX);
        let due = |days: &i64| *days < warned && now >= self.expires_at - TimeDelta::days(*days);
        let due = WARNING_DAYS.into_iter().filter(due).min();
        due.filter(|_| now < self.expires_at)
    }

    /// When the next warning is due, if there is one to come.
    pub fn next_warning(&self) -> Option<DateTime<Utc>> {
        let warned = self.warned_days.unwrap_or(i64::MAX);
        let next = WARNING_DAYS.into_iter().find(|days| *days < warned);
        next.map(|days| self.expires_at - TimeDelta::days(days))
    }
}

/// The key with which this connection signs its requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestSigningKey {
    /// The id of its certificate.
    pub certificate_id: CertificateId,
    /// The certificate in PEM.
    pub certificate: String,
    /// SHA-256 of its public half, by which equal keys are told.
    #[serde(default)]
    pub fingerprint: String,
    /// The private key in PEM, sealed.
    pub sealed_private_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its certificate ends.
    pub expires_at: DateTime<Utc>,
}

/// A key with which encrypted responses are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncryptionKey {
    /// Its id.
    pub private_key_id: EncryptionKeyId,
    /// SHA-256 of its public half, by which equal keys are told.
    pub fingerprint: String,
    /// The private key in PEM, sealed.
    pub sealed_private_key: String,
    /// The certificate in PEM that shows the IdP its public half; empty for keys from before there were any.
    #[serde(default)]
    pub certificate: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_warned_of_three_times_and_once_each() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1000);
        let certificate = |days_left: i64, warned_days| VerificationCertificate {
            certificate_id: CertificateId::fresh(),
            certificate: String::new(),
            issuer: String::new(),
            created_at: now,
            expires_at: now + TimeDelta::days(days_left),
            warned_days,
        };
        let table = [
            ((61, None), None, Some(1)),
            ((60, None), Some(60), Some(0)),
            ((60, Some(60)), None, Some(30)),
            ((30, Some(60)), Some(30), Some(0)),
            ((5, None), Some(7), Some(-55)),
            ((5, Some(30)), Some(7), Some(-2)),
            ((5, Some(7)), None, None),
            ((0, None), None, Some(-60)),
        ];
        for ((days_left, warned), due, next) in table {
            let certificate = certificate(days_left, warned);
            assert_eq!(certificate.due_warning(now), due, "{days_left} {warned:?}");
            let next_days = certificate.next_warning().map(|at| (at - now).num_days());
            assert_eq!(next_days, next, "{days_left} {warned:?}");
        }
    }
}
