//! Codes that stand in for an authenticator application that is lost, each good once (contract 4.6).

use crate::domain::id::RecoveryCodeId;
use crate::domain::id::TotpId;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::random_bytes;

/// How many a member is given.
pub const COUNT: usize = 10;
/// How many may be brought along from elsewhere.
const MOST: usize = 100;
const LONGEST: usize = 128;
/// Small letters and digits without those that are taken for one another; 32 of them.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
const GROUP: usize = 4;
const GROUPS: usize = 3;

/// New codes: three groups of four characters, 60 bits each.
pub fn fresh() -> Result<Vec<String>, CryptoFailure> {
    (0..COUNT).map(|_| fresh_one()).collect()
}

fn fresh_one() -> Result<String, CryptoFailure> {
    let random = random_bytes()?;
    let letters = random.iter().take(GROUP * GROUPS);
    let letters: Vec<char> = letters
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    let groups = letters.chunks(GROUP).map(|group| group.iter().collect());
    Ok(groups.collect::<Vec<String>>().join("-"))
}

/// Whether these codes can be taken over from elsewhere.
pub fn may_be_kept(codes: &[String]) -> bool {
    let is_good = |code: &String| {
        !plain(code).is_empty() && code.len() <= LONGEST && !code.chars().any(char::is_control)
    };
    codes.len() <= MOST && codes.iter().all(is_good)
}

/// The codes that are left when this one is used; nothing when it is none of them. How people
/// write it, in capitals or without hyphens, does not matter.
pub fn without(codes: &[String], given: &str) -> Option<Vec<String>> {
    let given = plain(given);
    let mut left = codes.to_vec();
    let place = left.iter().position(|code| plain(code) == given)?;
    left.remove(place);
    Some(left)
}

fn plain(code: &str) -> String {
    let letters = code.chars().filter(|it| *it != '-' && !it.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

impl RecoveryCodeId {
    /// The id of a code, the same whenever it is used; it does not tell the code.
    pub fn of(totp: TotpId, left: usize) -> Self {
        Self::derived(&[&totp.key(), &left.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_twelve_characters_in_groups_and_all_differ() {
        let codes: HashSet<String> = (0..20).flat_map(|_| fresh().unwrap()).collect();
        assert_eq!(codes.len(), 20 * COUNT);
        for code in codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
            assert!(code.bytes().all(|it| it == b'-' || ALPHABET.contains(&it)));
        }
    }

    #[test]
    fn a_code_is_good_once_however_it_is_written() {
        let codes = ["abcd-efgh-jkmn", "abcd-efgh-jkmp"].map(str::to_owned);
        for written in ["abcd-efgh-jkmn", "ABCDEFGHJKMN", " abcd efgh jkmn "] {
            assert_eq!(without(&codes, written).unwrap(), codes[1..]);
        }
        for wrong in ["", "abcd", "abcd-efgh-jkmnn"] {
            assert_eq!(without(&codes, wrong), None);
        }
        assert_eq!(without(&codes[1..], "abcd-efgh-jkmn"), None);
    }

    #[test]
    fn what_is_brought_along_is_some_short_texts() {
        let codes = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert!(may_be_kept(&codes(&[])) && may_be_kept(&codes(&["12345678", "a b"])));
        for wrong in ["", "--", "a\nb", "x".repeat(129).as_str()] {
            assert!(!may_be_kept(&codes(&[wrong])), "{wrong:?}");
        }
        assert!(!may_be_kept(&vec!["a".to_owned(); 101]));
    }
}
