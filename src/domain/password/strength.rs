//! Whether a password is strong enough to be set, and what would make it so.

use serde::Deserialize;
use serde::Serialize;
use zxcvbn::Score;
use zxcvbn::feedback::Feedback;
use zxcvbn::zxcvbn;

/// What a project asks of passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordSettings {
    /// How strength is told.
    pub strength_policy: StrengthPolicy,
    /// Under LUDS: how many characters there must be.
    pub luds_minimum_length: usize,
    /// Under LUDS: how many of lower case, upper case, digits and symbols there must be.
    pub luds_minimum_complexity: usize,
    /// Whether an address has one password in all organizations, not one in each.
    pub cross_organization: bool,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            strength_policy: StrengthPolicy::Zxcvbn,
            luds_minimum_length: MIN_LENGTH,
            luds_minimum_complexity: 3,
            cross_organization: false,
        }
    }
}

/// How strength is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrengthPolicy {
    /// By how many guesses somebody would need.
    Zxcvbn,
    /// By length and kinds of characters.
    Luds,
}

impl StrengthPolicy {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zxcvbn => "zxcvbn",
            Self::Luds => "luds",
        }
    }
}

/// NIST SP 800-63B: the least that a password has.
const MIN_LENGTH: usize = 8;
/// Longer ones cost time and add nothing.
const MAX_LENGTH: usize = 256;
/// The estimator takes longer than linear time; its own authors look at no more.
const JUDGED_LENGTH: usize = 100;

impl PasswordSettings {
    /// What is wrong with the settings: which one, and what would be right.
    pub fn refusals(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let (length, complexity) = (self.luds_minimum_length, self.luds_minimum_complexity);
        if !(MIN_LENGTH..=32).contains(&length) {
            found.push((
                "luds_minimum_length",
                format!("{length} must be {MIN_LENGTH} to 32"),
            ));
        }
        if !(1..=4).contains(&complexity) {
            found.push((
                "luds_minimum_complexity",
                format!("{complexity} must be 1 to 4"),
            ));
        }
        found
    }

    /// Judges a password; `inputs` are words that whoever guesses would try, like the address.
    pub fn judge(&self, password: &str, inputs: &[&str]) -> Strength {
        let length = password.chars().count();
        let judged: String = password.chars().take(JUDGED_LENGTH).collect();
        let entropy = zxcvbn(&judged, inputs);
        let feedback = entropy.feedback();
        let luds = Luds::of(password, self);
        let is_acceptable = (MIN_LENGTH..=MAX_LENGTH).contains(&length);
        let is_valid = is_acceptable
            && match self.strength_policy {
                StrengthPolicy::Zxcvbn => entropy.score() >= Score::Three,
                StrengthPolicy::Luds => luds.is_enough(),
            };
        let warning = feedback.and_then(Feedback::warning);
        let warning = warning.map(|warning| warning.to_string());
        let suggestions = feedback.map_or(&[][..], Feedback::suggestions);
        Strength {
            is_valid,
            // The contract counts from 1.
            score: u8::from(entropy.score()).max(1),
            policy: self.strength_policy,
            luds,
            warning: length_warning(length).or(warning).unwrap_or_default(),
            suggestions: suggestions.iter().map(ToString::to_string).collect(),
        }
    }
}

fn length_warning(length: usize) -> Option<String> {
    match length {
        0..MIN_LENGTH => Some(format!("A password has at least {MIN_LENGTH} characters.")),
        MIN_LENGTH..=MAX_LENGTH => None,
        _ => Some(format!("A password has at most {MAX_LENGTH} characters.")),
    }
}

/// What was found out about a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strength {
    /// Whether it may be set.
    pub is_valid: bool,
    /// 1 to 4, by how many guesses somebody would need.
    pub score: u8,
    /// Which policy decided.
    pub policy: StrengthPolicy,
    /// What kinds of characters it has.
    pub luds: Luds,
    /// What is wrong with it, for whoever chose it; may be empty.
    pub warning: String,
    /// What would be better.
    pub suggestions: Vec<String>,
}

impl Strength {
    /// What a refusal says: what is missing, under the policy that decided.
    pub fn reason(&self) -> String {
        let luds = &self.luds;
        let missing = format!(
            "It needs {} more characters and {} more of lower case, upper case, digits, symbols.",
            luds.missing_characters, luds.missing_complexity
        );
        match self.policy {
            StrengthPolicy::Luds if !luds.is_enough() => missing,
            StrengthPolicy::Luds => self.warning.clone(),
            StrengthPolicy::Zxcvbn => {
                let words = std::iter::once(&self.warning).chain(&self.suggestions);
                let words: Vec<&str> = words.map(String::as_str).collect();
                words.join(" ").trim().to_owned()
            }
        }
    }
}

/// The kinds of characters of a password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it")]
pub struct Luds {
    pub has_lower_case: bool,
    pub has_upper_case: bool,
    pub has_digit: bool,
    pub has_symbol: bool,
    pub missing_complexity: usize,
    pub missing_characters: usize,
}

impl Luds {
    /// Whether nothing is missing.
    pub fn is_enough(&self) -> bool {
        self.missing_characters == 0 && self.missing_complexity == 0
    }

    fn of(password: &str, settings: &PasswordSettings) -> Self {
        let has = |is_kind: fn(char) -> bool| password.chars().any(is_kind);
        let is_plain = |c: char| c.is_ascii_alphanumeric();
        let kinds = [
            has(|c| c.is_ascii_lowercase()),
            has(|c| c.is_ascii_uppercase()),
            has(|c| c.is_ascii_digit()),
            password.chars().any(|c| !is_plain(c)),
        ];
        let [has_lower_case, has_upper_case, has_digit, has_symbol] = kinds;
        let complexity = kinds.into_iter().filter(|has| *has).count();
        let length = password.chars().count();
        Self {
            has_lower_case,
            has_upper_case,
            has_digit,
            has_symbol,
            missing_complexity: settings.luds_minimum_complexity.saturating_sub(complexity),
            missing_characters: settings.luds_minimum_length.saturating_sub(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luds() -> PasswordSettings {
        PasswordSettings {
            strength_policy: StrengthPolicy::Luds,
            luds_minimum_length: 10,
            ..PasswordSettings::default()
        }
    }

    #[test]
    fn guesses_decide_and_words_that_others_know_count_for_nothing() {
        let settings = PasswordSettings::default();
        let valid = |password: &str, inputs: &[&str]| settings.judge(password, inputs).is_valid;
        assert!(valid("correct horse battery staple", &[]));
        assert!(valid("ana.lyst@acme.example", &[]));
        assert!(!valid("ana.lyst@acme.example", &["ana.lyst@acme.example"]));
        for weak in [
            "",
            "password",
            "P@ssw0rd",
            "qwertyuiop",
            "aaaaaaaaaaaaaaaa",
            "x7!Qz9",
        ] {
            let strength = settings.judge(weak, &[]);
            assert!(!strength.is_valid, "{weak}");
            assert!(!strength.reason().is_empty(), "{weak}");
            assert!((1..=4).contains(&strength.score), "{weak}");
        }
    }

    #[test]
    fn very_long_passwords_are_refused_in_good_time() {
        let settings = PasswordSettings::default();
        let long = "kX9$ vu3 Ñandú ".repeat(1000);
        let strength = settings.judge(&long, &[]);
        assert!(!strength.is_valid && strength.reason().contains("at most 256"));
    }

    #[test]
    fn kinds_of_characters_and_length_decide_under_luds() {
        let table = [
            ("abcdefghij", 2, 0),
            ("Abcdefghi1", 0, 0),
            ("Abc1", 0, 6),
            ("长密码长密码长密码长", 2, 0),
            ("", 3, 10),
        ];
        for (password, missing_complexity, missing_characters) in table {
            let strength = luds().judge(password, &[]);
            let found = &strength.luds;
            assert_eq!(found.missing_complexity, missing_complexity, "{password}");
            assert_eq!(found.missing_characters, missing_characters, "{password}");
            let is_whole = missing_complexity == 0 && missing_characters == 0;
            assert_eq!(strength.is_valid, is_whole, "{password}");
        }
    }

    #[test]
    fn settings_have_their_limits() {
        assert!(PasswordSettings::default().refusals().is_empty());
        let wrong = PasswordSettings {
            luds_minimum_length: 7,
            luds_minimum_complexity: 5,
            ..luds()
        };
        assert_eq!(wrong.refusals().len(), 2);
    }
}
