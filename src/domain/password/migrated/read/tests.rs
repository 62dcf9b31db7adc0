//! Hashes that PHP, Python's hashlib, htpasswd and OpenSSL made of one password.

use super::*;
use crate::domain::password::kept::Checked;
use crate::domain::password::kept::check;

const PASSWORD: &str = "correct horse battery staple";

fn hash(hash_type: &str, hash: &str) -> MigratedHash {
    MigratedHash {
        hash: hash.to_owned(),
        hash_type: hash_type.to_owned(),
        ..MigratedHash::default()
    }
}

fn scrypt_config(n: u32) -> ScryptConfig {
    ScryptConfig {
        salt: "YSBzYWx0IG9mIGJ5dGVz/w==".to_owned(),
        n_parameter: n,
        r_parameter: 8,
        p_parameter: 2,
        key_length: 32,
    }
}

fn pbkdf2_config(algorithm: &str) -> Pbkdf2Config {
    Pbkdf2Config {
        salt: "c2FsdGllcgBzYWx0".to_owned(),
        iteration_amount: 1000,
        key_length: 48,
        algorithm: algorithm.to_owned(),
    }
}

fn argon2_config() -> Argon2Config {
    Argon2Config {
        salt: "261VcOE8WW00QQBp".to_owned(),
        iteration_amount: 3,
        memory: 64,
        threads: 2,
        key_length: 32,
    }
}

fn salts() -> Salts {
    Salts {
        prepend_salt: "before".to_owned(),
        append_salt: "after".to_owned(),
    }
}

const SCRYPT: &str = "hrl8HdkQeeyLZnyoUbR/E/+leDb9Dcl2lGUYfbfgc6c=";
const PBKDF2_SHA256: &str = "YhDfcrUWPQKBrlEF0NadPE42Gb1rwYD5lAB0iyu9MBa/5DoeEc4XorEBBIru9hAJ";
const PBKDF2_SHA512: &str = "Jx7uS7B0Dbn6yZ+h7ZJOW1/lc2otDA9fvGl8eYaMBbJJreIXpdfZiC1Leb1InFj1";
const ARGON2ID: &str = "3b91368d5719f48894c70650091b8c556c17ddcf00a4077481bc15407be91577";

fn with_configs() -> Vec<(&'static str, MigratedHash)> {
    let mut md_5 = hash("md_5", "c1140bb1cbb01973e663f5b5ffb54724");
    md_5.md_5 = Some(salts());
    let mut sha_1 = hash("sha_1", "3dc1d3785e7054e2f65e227aa47386e81752be1c");
    sha_1.sha_1 = Some(salts());
    let mut sha_512 = hash(
        "sha_512",
        "274a32d00119b99ca87931806371f02129415cd4e5f34410d6d48a5b05ab9000\
         f7009522dcc88f72a370e70ed70e996d740a5209020bff9e372211bf2cf73dd5",
    );
    sha_512.sha_512 = Some(salts());
    let mut scrypt = hash("scrypt", SCRYPT);
    scrypt.scrypt = Some(scrypt_config(1024));
    let mut pbkdf_2 = hash("pbkdf_2", PBKDF2_SHA256);
    pbkdf_2.pbkdf_2 = Some(pbkdf2_config(""));
    let mut longer = hash("pbkdf_2", PBKDF2_SHA512);
    longer.pbkdf_2 = Some(pbkdf2_config("sha512"));
    let mut argon2id = hash("argon_2id", ARGON2ID);
    argon2id.argon_2 = Some(argon2_config());
    vec![
        ("argon2id in hexadecimal, PHP", argon2id),
        ("MD5, hashlib", md_5),
        ("SHA-1, hashlib", sha_1),
        ("SHA-512, hashlib", sha_512),
        ("scrypt, hashlib", scrypt),
        ("PBKDF2 of SHA-256, hashlib", pbkdf_2),
        ("PBKDF2 of SHA-512, hashlib", longer),
    ]
}

fn vectors() -> Vec<(&'static str, MigratedHash)> {
    let mut all = with_configs();
    all.extend([
        (
            "bcrypt, PHP",
            hash(
                "bcrypt",
                "$2y$04$X6.4A2gsUlWSnVwTuU6rl.60smZaxdRnUbTYapKWV2rrN6yNo1RdS",
            ),
        ),
        (
            "bcrypt, htpasswd",
            hash(
                "bcrypt",
                "$2y$05$ut0eneCkPWv2zxDv0MuxHu7fYas0izy79T6bq1m3slQWMBJQEXCHe",
            ),
        ),
        (
            "argon2i, PHP",
            hash(
                "argon_2i",
                "$argon2i$v=19$m=64,t=2,p=1$ZTZ2T2JWUC8yT3hwZmRlZg\
                 $BXh3vRLJCiWzDZvRYzadLKnibEMayvEkJ8bddZDH/Wo",
            ),
        ),
        (
            "argon2id, PHP",
            hash(
                "argon_2id",
                "$argon2id$v=19$m=64,t=3,p=2$MjYxVmNPRThXVzAwUVFCcA\
                 $O5E2jVcZ9IiUxwZQCRuMVWwX3c8ApAd0gbwVQHvpFXc",
            ),
        ),
        (
            "scrypt, OpenSSL, in the PHC form",
            hash(
                "scrypt",
                "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHRzYWx0\
                 $uXgc3wJzN9n7Dd/ojxZBVCLFZQnD8CB2TYq0kY0xMKo",
            ),
        ),
        (
            "phpass",
            hash("phpass", "$H$8saltsaltc95xg912gT9NxB19f3Tt51"),
        ),
        (
            "MD5 without salts",
            hash("md_5", "9CC2AE8A1BA7A93DA39B46FC1019C481"),
        ),
    ]);
    all
}

#[test]
fn hashes_of_other_systems_open_with_their_password_alone() {
    for (name, vector) in vectors() {
        let kept = vector
            .read()
            .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert!(kept.fits(PASSWORD), "{name}");
        assert!(!kept.fits("correct horse battery stapler"), "{name}");
        assert!(!kept.fits(""), "{name}");
        assert!(!kept.is_current(), "{name}");
    }
}

#[test]
fn a_hash_of_another_system_is_renewed_when_its_password_comes() {
    let kept = hash("md_5", "9cc2ae8a1ba7a93da39b46fc1019c481")
        .read()
        .unwrap();
    let Checked::Right(Some(renewed)) = check(Some(&kept), PASSWORD) else {
        panic!("the password is right and its hash is not current");
    };
    assert!(renewed.is_current());
    assert_eq!(check(Some(&renewed), PASSWORD), Checked::Right(None));
    assert_eq!(check(Some(&renewed), "other"), Checked::Wrong);
    assert_eq!(check(Some(&kept), "other"), Checked::Wrong);
    assert_eq!(check(None, PASSWORD), Checked::Wrong);
}

#[test]
fn a_published_phpass_hash_opens() {
    let kept = hash("phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0")
        .read()
        .unwrap();
    assert!(kept.fits("test12345") && !kept.fits("test12346"));
}

#[test]
fn a_hash_says_what_is_wrong_with_it() {
    use HashRefusal as R;
    let argon2 = |change: fn(&mut Argon2Config)| {
        let mut config = argon2_config();
        change(&mut config);
        MigratedHash {
            argon_2: Some(config),
            ..hash("argon_2id", ARGON2ID)
        }
    };
    let scrypt = |change: fn(&mut ScryptConfig)| {
        let mut config = scrypt_config(1024);
        change(&mut config);
        MigratedHash {
            scrypt: Some(config),
            ..hash("scrypt", SCRYPT)
        }
    };
    let pbkdf2 = |change: fn(&mut Pbkdf2Config)| {
        let mut config = pbkdf2_config("sha256");
        change(&mut config);
        MigratedHash {
            pbkdf_2: Some(config),
            ..hash("pbkdf_2", PBKDF2_SHA256)
        }
    };
    let bcrypt_of_cost = |cost: &str| {
        hash(
            "bcrypt",
            &format!("$2b${cost}$X6.4A2gsUlWSnVwTuU6rl.60smZaxdRnUbTYapKWV2rrN6yNo1RdS"),
        )
    };
    let mut long_salt = hash("sha_1", "3dc1d3785e7054e2f65e227aa47386e81752be1c");
    long_salt.sha_1 = Some(Salts {
        prepend_salt: "x".repeat(257),
        append_salt: String::new(),
    });
    let table = [
        (hash("rot13", "x"), R::Type),
        (hash("bcrypt", "$2b$10$short"), R::Hash(HashType::Bcrypt)),
        (hash("bcrypt", "$5$10$x"), R::Hash(HashType::Bcrypt)),
        (bcrypt_of_cost("31"), R::BcryptCost),
        (bcrypt_of_cost("xx"), R::BcryptCost),
        (hash("phpass", "$X$8saltsalt"), R::PhpassPrefix),
        (hash("phpass", "$P$8salt"), R::Hash(HashType::Phpass)),
        (
            hash("phpass", "$P$zsaltsaltc95xg912gT9NxB19f3Tt51"),
            R::Hash(HashType::Phpass),
        ),
        (
            hash("phpass", "$P$Fsaltsaltc95xg912gT9NxB19f3Tt51"),
            R::Hash(HashType::Phpass),
        ),
        (hash("md_5", "abc"), R::Hash(HashType::Md5)),
        (hash("sha_512", "zz"), R::Hash(HashType::Sha512)),
        (long_salt, R::PrependSalt),
        (hash("argon_2i", ARGON2ID), R::Hash(HashType::Argon2i)),
        (
            hash(
                "argon_2i",
                "$argon2id$v=19$m=64,t=3,p=2$MjYxVmNPRThXVzAw$O5E2jVcZ9IiUxwZQCRuMVQ",
            ),
            R::Hash(HashType::Argon2i),
        ),
        (
            argon2(|it| it.key_length = 16),
            R::Argon2(Argon2Refusal::KeyMismatch),
        ),
        (
            argon2(|it| it.memory = 1024 * 1024),
            R::Argon2(Argon2Refusal::Memory),
        ),
        (argon2(|it| it.memory = 8), R::Argon2(Argon2Refusal::Memory)),
        (
            argon2(|it| it.iteration_amount = 0),
            R::Argon2(Argon2Refusal::Iterations),
        ),
        (
            argon2(|it| it.threads = 99),
            R::Argon2(Argon2Refusal::Threads),
        ),
        (
            argon2(|it| it.salt = "x".to_owned()),
            R::Argon2(Argon2Refusal::Salt),
        ),
        (hash("scrypt", SCRYPT), R::Scrypt(ScryptRefusal::Parameters)),
        (
            scrypt(|it| it.n_parameter = 1000),
            R::Scrypt(ScryptRefusal::N),
        ),
        (
            scrypt(|it| it.n_parameter = 1 << 19),
            R::Scrypt(ScryptRefusal::N),
        ),
        (
            scrypt(|it| it.r_parameter = 1 << 16),
            R::Scrypt(ScryptRefusal::Parameters),
        ),
        (
            scrypt(|it| it.p_parameter = 0),
            R::Scrypt(ScryptRefusal::Parameters),
        ),
        (
            scrypt(|it| it.salt = "?".to_owned()),
            R::Scrypt(ScryptRefusal::Salt),
        ),
        (
            scrypt(|it| it.key_length = 64),
            R::Scrypt(ScryptRefusal::KeyMismatch),
        ),
        (
            pbkdf2(|it| it.algorithm = "sha1".to_owned()),
            R::Pbkdf2(Pbkdf2Refusal::Algorithm),
        ),
        (
            pbkdf2(|it| it.iteration_amount = 0),
            R::Pbkdf2(Pbkdf2Refusal::Iterations),
        ),
        (
            pbkdf2(|it| it.salt = "?".to_owned()),
            R::Pbkdf2(Pbkdf2Refusal::Salt),
        ),
        (
            pbkdf2(|it| it.key_length = 32),
            R::Pbkdf2(Pbkdf2Refusal::KeyMismatch),
        ),
    ];
    for (given, expected) in table {
        assert_eq!(given.read(), Err(expected), "{given:?}");
    }
}
