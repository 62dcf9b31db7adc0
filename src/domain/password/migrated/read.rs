//! Reads each type of hash into the form in which hashes are kept.

use crate::domain::password::kept::PasswordHash;
use crate::domain::password::kept::phpass_log_rounds;
use crate::domain::password::migrated::Argon2Config;
use crate::domain::password::migrated::Argon2Refusal;
use crate::domain::password::migrated::HashRefusal;
use crate::domain::password::migrated::HashType;
use crate::domain::password::migrated::MigratedHash;
use crate::domain::password::migrated::Pbkdf2Config;
use crate::domain::password::migrated::Pbkdf2Refusal;
use crate::domain::password::migrated::Salts;
use crate::domain::password::migrated::ScryptConfig;
use crate::domain::password::migrated::ScryptRefusal;
use crate::domain::password::phc::Phc;
use crate::domain::password::phc::from_base64;
use crate::domain::password::phc::to_base64;

const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_ARGON2_ITERATIONS: u32 = 20;
const MAX_THREADS: u32 = 16;
const MAX_SCRYPT_LOG_N: u32 = 18;
const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
const MAX_BCRYPT_COST: u32 = 16;
const MAX_PHPASS_LOG_ROUNDS: u32 = 16;
const MAX_SALT: usize = 256;
const MIN_DIGEST: usize = 16;
const MAX_DIGEST: usize = 128;

impl MigratedHash {
    /// The form in which it is kept. What is too expensive to check at each sign-in is refused.
    pub fn read(&self) -> Result<PasswordHash, HashRefusal> {
        let hash_type = HashType::from_name(&self.hash_type).ok_or(HashRefusal::Type)?;
        let hash = self.hash.trim();
        let text = match hash_type {
            HashType::Bcrypt => bcrypt(hash)?,
            HashType::Phpass => phpass(hash)?,
            HashType::Md5 => salted((hash_type, "md5", 16), hash, self.md_5.as_ref())?,
            HashType::Sha1 => salted((hash_type, "sha1", 20), hash, self.sha_1.as_ref())?,
            HashType::Sha512 => salted((hash_type, "sha512", 64), hash, self.sha_512.as_ref())?,
            HashType::Argon2i => argon2((hash_type, "argon2i"), hash, self.argon_2.as_ref())?,
            HashType::Argon2id => argon2((hash_type, "argon2id"), hash, self.argon_2.as_ref())?,
            HashType::Scrypt => scrypt(hash, self.scrypt.as_ref())?,
            HashType::Pbkdf2 => pbkdf2(hash, self.pbkdf_2.as_ref())?,
        };
        Ok(PasswordHash::from_text(text))
    }
}

/// `$2b$12$` and 53 characters of salt and digest.
fn bcrypt(hash: &str) -> Result<String, HashRefusal> {
    let refusal = HashRefusal::Hash(HashType::Bcrypt);
    let mut parts = hash.strip_prefix('$').ok_or(refusal)?.split('$');
    let is_version = |version: &str| ["2a", "2b", "2y"].contains(&version);
    parts.next().filter(|it| is_version(it)).ok_or(refusal)?;
    let cost = parts.next().and_then(|cost| cost.parse::<u32>().ok());
    cost.filter(|cost| (4..=MAX_BCRYPT_COST).contains(cost))
        .ok_or(HashRefusal::BcryptCost)?;
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
    parts
        .next()
        .filter(|rest| rest.len() == 53 && rest.chars().all(is_letter))
        .ok_or(refusal)?;
    match parts.next() {
        None => Ok(hash.to_owned()),
        Some(_) => Err(refusal),
    }
}

fn phpass(hash: &str) -> Result<String, HashRefusal> {
    if !hash.starts_with("$P$") && !hash.starts_with("$H$") {
        return Err(HashRefusal::PhpassPrefix);
    }
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '/';
    let is_whole = hash.len() == 34 && hash.chars().skip(3).all(is_letter);
    phpass_log_rounds(hash)
        .filter(|rounds| is_whole && (7..=MAX_PHPASS_LOG_ROUNDS).contains(rounds))
        .map(|_| hash.to_owned())
        .ok_or(HashRefusal::Hash(HashType::Phpass))
}

/// A digest of the password between two salts, in hexadecimal.
fn salted(
    (hash_type, scheme, length): (HashType, &str, usize),
    hash: &str,
    salts: Option<&Salts>,
) -> Result<String, HashRefusal> {
    let digest = from_hex(hash).filter(|digest| digest.len() == length);
    let digest = digest.ok_or(HashRefusal::Hash(hash_type))?;
    let (before, after) = salts.map_or(("", ""), |salts| {
        (salts.prepend_salt.as_str(), salts.append_salt.as_str())
    });
    if before.len() > MAX_SALT {
        return Err(HashRefusal::PrependSalt);
    }
    if after.len() > MAX_SALT {
        return Err(HashRefusal::AppendSalt);
    }
    let phc = Phc::new(scheme, Vec::new(), digest)
        .with("before", to_base64(before.as_bytes()))
        .with("after", to_base64(after.as_bytes()));
    Ok(phc.to_string())
}

/// The encoded form, or hexadecimal and what it was made with.
fn argon2(
    (hash_type, scheme): (HashType, &str),
    hash: &str,
    config: Option<&Argon2Config>,
) -> Result<String, HashRefusal> {
    let refusal = HashRefusal::Hash(hash_type);
    let phc = match config.filter(|_| !hash.starts_with('$')) {
        None => Phc::parse(hash).filter(|phc| phc.scheme == scheme),
        Some(config) => {
            let digest = from_hex(hash).ok_or(refusal)?;
            if usize::try_from(config.key_length) != Ok(digest.len()) {
                return Err(HashRefusal::Argon2(Argon2Refusal::KeyMismatch));
            }
            let mut phc = Phc::new(scheme, config.salt.as_bytes().to_vec(), digest)
                .with("m", config.memory)
                .with("t", config.iteration_amount)
                .with("p", config.threads);
            phc.version = Some(19);
            Some(phc)
        }
    };
    let phc = phc.ok_or(refusal)?;
    if !matches!(phc.version, None | Some(16 | 19)) {
        return Err(refusal);
    }
    check_argon2(&phc)?;
    Ok(phc.to_string())
}

fn check_argon2(phc: &Phc) -> Result<(), HashRefusal> {
    let within = |name, range: std::ops::RangeInclusive<u32>| {
        phc.number(name).filter(|value| range.contains(value))
    };
    let threads =
        within("p", 1..=MAX_THREADS).ok_or(HashRefusal::Argon2(Argon2Refusal::Threads))?;
    within("m", threads * 8..=MAX_MEMORY_KIB).ok_or(HashRefusal::Argon2(Argon2Refusal::Memory))?;
    within("t", 1..=MAX_ARGON2_ITERATIONS).ok_or(HashRefusal::Argon2(Argon2Refusal::Iterations))?;
    if !(8..=MAX_SALT).contains(&phc.salt.len()) {
        return Err(HashRefusal::Argon2(Argon2Refusal::Salt));
    }
    if !is_digest(phc) {
        return Err(HashRefusal::Argon2(Argon2Refusal::KeyLength));
    }
    Ok(())
}

/// The encoded form, or base64 and what it was made with.
fn scrypt(hash: &str, config: Option<&ScryptConfig>) -> Result<String, HashRefusal> {
    let refusal = HashRefusal::Hash(HashType::Scrypt);
    let phc = match config {
        _ if hash.starts_with('$') => Phc::parse(hash)
            .filter(|phc| phc.scheme == "scrypt")
            .ok_or(refusal)?,
        None => return Err(HashRefusal::Scrypt(ScryptRefusal::Parameters)),
        Some(config) => {
            let digest = from_base64(hash).ok_or(refusal)?;
            if usize::try_from(config.key_length) != Ok(digest.len()) {
                return Err(HashRefusal::Scrypt(ScryptRefusal::KeyMismatch));
            }
            if !config.n_parameter.is_power_of_two() {
                return Err(HashRefusal::Scrypt(ScryptRefusal::N));
            }
            let salt = from_base64(&config.salt).ok_or(HashRefusal::Scrypt(ScryptRefusal::Salt))?;
            Phc::new("scrypt", salt, digest)
                .with("ln", config.n_parameter.ilog2())
                .with("r", config.r_parameter)
                .with("p", config.p_parameter)
        }
    };
    check_scrypt(&phc)?;
    Ok(phc.to_string())
}

fn check_scrypt(phc: &Phc) -> Result<(), HashRefusal> {
    let log_n = phc.number("ln").unwrap_or_default();
    if !(1..=MAX_SCRYPT_LOG_N).contains(&log_n) {
        return Err(HashRefusal::Scrypt(ScryptRefusal::N));
    }
    if phc.salt.is_empty() || phc.salt.len() > MAX_SALT {
        return Err(HashRefusal::Scrypt(ScryptRefusal::Salt));
    }
    let (block, threads) = (phc.number("r"), phc.number("p"));
    let memory_kib = block.and_then(|r| (1_u32 << log_n).checked_mul(r)?.checked_div(8));
    let affordable = memory_kib.is_some_and(|kib| kib <= MAX_MEMORY_KIB);
    let sound =
        block.is_some_and(|r| r >= 1) && threads.is_some_and(|p| (1..=MAX_THREADS).contains(&p));
    if affordable && sound && is_digest(phc) {
        Ok(())
    } else {
        Err(HashRefusal::Scrypt(ScryptRefusal::Parameters))
    }
}

/// Base64 and what it was made with.
fn pbkdf2(hash: &str, config: Option<&Pbkdf2Config>) -> Result<String, HashRefusal> {
    let refusal = HashRefusal::Hash(HashType::Pbkdf2);
    let config = config.ok_or(HashRefusal::Pbkdf2(Pbkdf2Refusal::Iterations))?;
    let scheme = match config.algorithm.as_str() {
        "" | "sha256" => "pbkdf2-sha256",
        "sha512" => "pbkdf2-sha512",
        _ => return Err(HashRefusal::Pbkdf2(Pbkdf2Refusal::Algorithm)),
    };
    let digest = from_base64(hash).ok_or(refusal)?;
    if usize::try_from(config.key_length) != Ok(digest.len()) {
        return Err(HashRefusal::Pbkdf2(Pbkdf2Refusal::KeyMismatch));
    }
    if !(1..=MAX_PBKDF2_ITERATIONS).contains(&config.iteration_amount) {
        return Err(HashRefusal::Pbkdf2(Pbkdf2Refusal::Iterations));
    }
    let salt = from_base64(&config.salt).filter(|salt| (1..=MAX_SALT).contains(&salt.len()));
    let phc = Phc::new(
        scheme,
        salt.ok_or(HashRefusal::Pbkdf2(Pbkdf2Refusal::Salt))?,
        digest,
    )
    .with("i", config.iteration_amount);
    is_digest(&phc).then(|| phc.to_string()).ok_or(refusal)
}

/// Long enough to prove something, short enough to be made.
fn is_digest(phc: &Phc) -> bool {
    (MIN_DIGEST..=MAX_DIGEST).contains(&phc.digest.len())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let pairs = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit));
    pairs.map(|byte| u8::try_from(byte).ok()).collect()
}

#[cfg(test)]
mod tests;
