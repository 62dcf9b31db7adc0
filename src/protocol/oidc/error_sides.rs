//! What a failed check wanted and what came, side by side, for the person who sets a connection up.

use crate::protocol::oidc::error::Rejection;

impl Rejection {
    /// What was expected and what came, as far as the check compares two things.
    pub fn sides(&self) -> (Option<String>, Option<String>) {
        let some = |text: &str| Some(text.to_owned());
        match self {
            Self::DiscoveryIssuer { expected, received }
            | Self::Issuer { expected, received }
            | Self::UserinfoSubject { expected, received }
            | Self::Tenant { expected, received }
            | Self::InitiatedIssuer { expected, received } => (some(expected), some(received)),
            Self::Audience { expected, received } | Self::ExtraAudience { expected, received } => {
                (some(expected), Some(received.join(", ")))
            }
            Self::ResponseIssuer { expected, received }
            | Self::AuthorizedParty { expected, received } => {
                (some(expected), received.clone().or_else(|| some("none")))
            }
            Self::IssuedInFuture { now, received } => (
                Some(format!("no later than {now}")),
                Some(received.to_string()),
            ),
            Self::Expired { now, received } => (
                Some(format!("later than {now}")),
                Some(received.to_string()),
            ),
            Self::AuthorizationRefused { error, description }
            | Self::CodeRefused { error, description } => {
                (some("a sign-in"), Some(format!("{error}: {description}")))
            }
            Self::EmailMissing => (some("an e-mail address in the claim email"), some("none")),
            Self::EmailUnverified { received } => (some("email_verified: true"), some(received)),
            Self::NonceMismatch => (some("the nonce of this request"), some("another one")),
            _ => (None, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_expected_stands_beside_what_came() {
        let some = |text: &str| Some(text.to_owned());
        let audience = Rejection::Audience {
            expected: "us".to_owned(),
            received: vec!["them".to_owned(), "others".to_owned()],
        };
        assert_eq!(audience.sides(), (some("us"), some("them, others")));
        let party = Rejection::AuthorizedParty {
            expected: "us".to_owned(),
            received: None,
        };
        assert_eq!(party.sides(), (some("us"), some("none")));
        assert_eq!(Rejection::StateMissing.sides(), (None, None));
    }
}
