//! What several factors are together.

use crate::domain::email::EmailAddress;
use crate::domain::factor::Factor;

/// Those of these factors, proven elsewhere, that count for whoever has this address in another
/// organization: all that name it, once one of them proves it.
pub fn travelling(factors: &[Factor], address: &EmailAddress) -> Vec<Factor> {
    let names = |factor: &&Factor| factor.travels() && factor.named_address() == Some(address);
    let found: Vec<Factor> = factors.iter().filter(names).cloned().collect();
    let is_proven = found.iter().any(|factor| factor.proven_address().is_some());
    if is_proven { found } else { Vec::new() }
}

/// Those of these factors that say who somebody is: an address that one of them only names needs
/// another one that proves it.
pub fn identifying(factors: &[Factor]) -> impl Iterator<Item = &Factor> {
    let is_proven = |address: Option<&EmailAddress>| {
        let mut proven = factors.iter().filter_map(Factor::proven_address);
        proven.any(|known| Some(known) == address)
    };
    let counts = move |it: &&Factor| !it.only_names_an_address() || is_proven(it.named_address());
    factors.iter().filter(|it| it.is_first()).filter(counts)
}

/// Factors with newer ones added, which take the place of those that proved the same.
pub fn merged(known: &[Factor], newer: Vec<Factor>) -> Vec<Factor> {
    let is_kept = |factor: &&Factor| !newer.iter().any(|other| other.is_again(factor));
    let mut all: Vec<Factor> = known.iter().filter(is_kept).cloned().collect();
    all.extend(newer);
    all
}
