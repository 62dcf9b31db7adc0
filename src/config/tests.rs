use super::*;

fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(file), environment, |path| match path.to_str() {
        Some("/run/secrets/secret") => Ok("secret-test-from-file\n".to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    })
}

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn nothing_given_is_a_usable_configuration() {
    let config = load(
        "",
        &[("PATH", "/bin"), ("VESTIBULE_TEST_DATABASE", "sqlite")],
    )
    .unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.ops_listen.to_string(), "127.0.0.1:9090");
    assert_eq!(config.public_url, None);
    assert_eq!(
        config.database(),
        Database::Sqlite("vestibule-data/vestibule.db".into())
    );
    assert_eq!(config.credentials, GivenCredentials::default());
    assert!(config.rate_limits && !config.allow_private_network);
    assert!(config.trusted_proxies.is_empty());
    assert_eq!(config.rates(), Some(Rates::default()));
    assert_eq!(
        (config.scim_log.days, config.scim_log.entries),
        (14, 10_000)
    );
    assert_eq!(config.log.filter, DEFAULT_FILTER);
}

#[test]
fn every_variable_is_read() {
    let config = load(
        "",
        &[
            ("VESTIBULE_LISTEN", "0.0.0.0:1"),
            ("VESTIBULE_OPS_LISTEN", "[::1]:2"),
            ("VESTIBULE_PUBLIC_URL", "https://auth.example.com/"),
            ("VESTIBULE_DATA_DIR", "/data"),
            ("VESTIBULE_DATABASE_URL", "postgres://u:p@h/db"),
            ("VESTIBULE_PROJECT_ID", "project-test-1"),
            ("VESTIBULE_SECRET", "secret-test-2"),
            ("VESTIBULE_PUBLIC_TOKEN", "public-token-test-3"),
            ("VESTIBULE_REDIRECT_URLS", "https://a.test/in, myapp://in"),
            ("VESTIBULE_MASTER_KEY", MASTER_KEY),
            ("VESTIBULE_ALLOW_PRIVATE_NETWORK", "true"),
            ("VESTIBULE_RATE_LIMITS", "off"),
            ("VESTIBULE_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("VESTIBULE_SCIM_LOG_DAYS", "0"),
            ("VESTIBULE_SCIM_LOG_ENTRIES", "50"),
            ("VESTIBULE_SMTP_URL", "smtps://u:p@mail.test:465"),
            ("VESTIBULE_SMTP_CA", "-----BEGIN CERTIFICATE-----\nAA=="),
            ("VESTIBULE_MAIL_FROM", "Acme <no-reply@acme.test>"),
            ("VESTIBULE_SMS_WEBHOOK_URL", "https://sms.test/send?key=k"),
            (
                "VESTIBULE_SMS_WEBHOOK_SECRET",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ),
            ("VESTIBULE_LOG", "vestibule=debug,warn"),
            ("VESTIBULE_LOG_FORMAT", "json"),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.to_string(), "0.0.0.0:1");
    assert_eq!(config.ops_listen.to_string(), "[::1]:2");
    assert_eq!(
        config.public_url.as_deref(),
        Some("https://auth.example.com")
    );
    assert_eq!(config.data_dir, PathBuf::from("/data"));
    assert_eq!(
        config.database(),
        Database::Postgres("postgres://u:p@h/db".to_owned())
    );
    let credentials = config.credentials;
    assert_eq!(credentials.project_id.as_deref(), Some("project-test-1"));
    assert_eq!(credentials.secret.as_deref(), Some("secret-test-2"));
    assert_eq!(
        credentials.public_token.as_deref(),
        Some("public-token-test-3")
    );
    assert_eq!(
        config.redirect_urls.login,
        ["https://a.test/in", "myapp://in"]
    );
    assert_eq!(config.redirect_urls.signup, config.redirect_urls.login);
    assert_eq!(config.master_key.unwrap().to_base64(), MASTER_KEY);
    assert!(config.allow_private_network && !config.rate_limits);
    let proxies = TrustedProxies::from_text("10.0.0.0/8,::1");
    assert_eq!(Some(config.trusted_proxies), proxies);
    assert_eq!((config.scim_log.days, config.scim_log.entries), (0, 50));
    assert_eq!(
        config.mail.from.as_deref(),
        Some("Acme <no-reply@acme.test>")
    );
    assert!(config.mail.smtp_ca.unwrap().ends_with("AA=="));
    // Neither the address nor the secret is ever shown.
    assert_eq!(
        format!("{:?}", config.sms.unwrap()),
        "SmsGateway([REDACTED])"
    );
    assert_eq!(config.log.filter, "vestibule=debug,warn");
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn a_variable_wins_over_the_file() {
    let file = "listen = \"127.0.0.1:1\"\nrate_limits = false\nsecret = \"secret-test-a\"";
    let config = load(
        file,
        &[
            ("VESTIBULE_LISTEN", "127.0.0.1:2"),
            ("VESTIBULE_SECRET_FILE", "/run/secrets/secret"),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.port(), 2);
    assert!(!config.rate_limits);
    assert_eq!(
        config.credentials.secret.as_deref(),
        Some("secret-test-from-file")
    );
}

#[test]
fn a_number_may_be_written_as_a_number_or_as_a_text() {
    for file in [
        "scim_requests_per_second = 25",
        "scim_requests_per_second = \"25\"",
    ] {
        let connection = load(file, &[]).unwrap().rates().unwrap().connection;
        assert_eq!(connection.per_second.get(), 25);
        assert_eq!(connection.at_once.get(), 50);
    }
    for wrong in ["0", "-1", "\"many\"", "1.5"] {
        let file = format!("scim_requests_per_second = {wrong}");
        let problems = load(&file, &[]).unwrap_err().to_string();
        assert!(problems.contains("a number above 0"), "{problems}");
    }
    let off = load("rate_limits = false\nscim_requests_per_second = 25", &[]);
    assert_eq!(off.unwrap().rates(), None);
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let config = load("listen = \"127.0.0.1:1\"", &[("VESTIBULE_LISTEN", "")]).unwrap();
    assert_eq!(config.listen.port(), 1);
}

#[test]
fn redirect_urls_may_tell_login_from_signup() {
    let file = "[redirect_urls]\nlogin = [\"https://a.test/in\"]\nsignup = \"https://a.test/new\"";
    let urls = load(file, &[]).unwrap().redirect_urls;
    assert_eq!(urls.login, ["https://a.test/in"]);
    assert_eq!(urls.signup, ["https://a.test/new"]);
    let list = "redirect_urls = [\"https://a.test/in\"]";
    assert_eq!(
        load(list, &[]).unwrap().redirect_urls.signup,
        ["https://a.test/in"]
    );
}

#[test]
fn each_mistake_is_named_with_what_would_be_right() {
    let of_variable = |name: &str, value: &str| load("", &[(name, value)]).unwrap_err().to_string();
    for (name, value, said) in [
        ("VESTIBULE_LISTN", "x", "VESTIBULE_LISTN is no variable"),
        ("VESTIBULE_listen", "x", "VESTIBULE_listen is no variable"),
        (
            "VESTIBULE_MAIL_FROM_FILE",
            "x",
            "VESTIBULE_MAIL_FROM_FILE is no variable",
        ),
        (
            "VESTIBULE_LISTEN",
            "8080",
            "VESTIBULE_LISTEN must be an address with a port",
        ),
        (
            "VESTIBULE_PUBLIC_URL",
            "https://a.test/path",
            "must be an origin without a path",
        ),
        ("VESTIBULE_PUBLIC_URL", "ftp://a.test", "must be an origin"),
        (
            "VESTIBULE_DATABASE_URL",
            "mysql://h/db",
            "sqlite://PATH or postgres://",
        ),
        (
            "VESTIBULE_PROJECT_ID",
            "project-live-1",
            "project-test-<uuid>, not \"project-live-1\"",
        ),
        (
            "VESTIBULE_PROJECT_ID",
            "project-test-a:b",
            "project-test-<uuid>",
        ),
        ("VESTIBULE_MASTER_KEY", "c2hvcnQ=", "32 bytes in base64"),
        (
            "VESTIBULE_RATE_LIMITS",
            "maybe",
            "on or off (true or false), not \"maybe\"",
        ),
        (
            "VESTIBULE_REDIRECT_URLS",
            "https://a.test/#x",
            "without a fragment",
        ),
        ("VESTIBULE_REDIRECT_URLS", "/in", "an absolute URL"),
        ("VESTIBULE_SMTP_URL", "mail.test:25", "smtp://HOST:PORT"),
        ("VESTIBULE_SMTP_CA", "/etc/ca.pem", "certificates in PEM"),
        ("VESTIBULE_MAIL_FROM", "nobody", "an e-mail address"),
        (
            "VESTIBULE_SMS_WEBHOOK_URL",
            "https://sms.test/",
            "whsec_ and at least 24 bytes in base64",
        ),
        ("VESTIBULE_SMS_WEBHOOK_URL", "sms.test", "an address like"),
        ("VESTIBULE_SMS_WEBHOOK_SECRET", "whsec_AAAA", "at least 24"),
        ("VESTIBULE_LOG", "a=b=c", "a filter like info"),
        ("VESTIBULE_LOG_FORMAT", "xml", "text or json, not \"xml\""),
        (
            "VESTIBULE_SECRET_FILE",
            "/nowhere",
            "/nowhere cannot be read",
        ),
    ] {
        let error = of_variable(name, value);
        assert!(error.contains(said), "{name}={value}: {error}");
    }
    for (file, said) in [
        ("listn = \"x\"", "unknown key `listn`"),
        ("listen = ", "no valid TOML"),
        (
            "listen = 8080",
            "`listen` in the file must be an address with a port",
        ),
        (
            "[redirect_urls]\nlogout = []",
            "`redirect_urls` in the file must be URLs",
        ),
        (
            "secret = \"secret-test-a\"\nsecret_file = \"x\"",
            "are both given",
        ),
    ] {
        let error = load(file, &[]).unwrap_err().to_string();
        assert!(error.contains(said), "{file}: {error}");
    }
}

#[test]
fn no_message_and_no_debug_text_shows_a_secret() {
    let error = load(
        "",
        &[
            ("VESTIBULE_SECRET", "hunter2"),
            ("VESTIBULE_PUBLIC_TOKEN", "hunter2"),
            ("VESTIBULE_MASTER_KEY", "hunter2"),
            ("VESTIBULE_DATABASE_URL", "mysql://u:hunter2@h"),
            ("VESTIBULE_SMTP_URL", "http://u:hunter2@h"),
        ],
    )
    .unwrap_err();
    assert_eq!(error.0.len(), 5);
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let mail = [
        ("VESTIBULE_SMTP_URL", "smtp://u:hunter2@h"),
        ("VESTIBULE_MAIL_FROM", "login@acme.test"),
    ];
    let mail = load("", &mail).unwrap().mail;
    assert!(!format!("{mail:?}").contains("hunter2"));
}

#[test]
fn who_has_an_smtp_server_says_who_writes() {
    let url = ("VESTIBULE_SMTP_URL", "smtp://mail.test");
    let error = load("", &[url]).unwrap_err().to_string();
    assert!(
        error.contains("mail_from must be given with smtp_url"),
        "{error}"
    );
    let sender = ("VESTIBULE_MAIL_FROM", "Acme <login@acme.test>");
    let both = load("", &[url, sender]).unwrap().mail;
    assert_eq!(both.outgoing(), Some((url.1, sender.1)));
    assert_eq!(load("", &[sender]).unwrap().mail.outgoing(), None);
}

#[test]
fn an_oauth_provider_needs_both_its_id_and_its_secret() {
    let id = ("VESTIBULE_OAUTH_GITHUB_CLIENT_ID", "us");
    let secret = ("VESTIBULE_OAUTH_GITHUB_CLIENT_SECRET", "hunter2");
    let config = load("", &[id, secret]).unwrap();
    let client = &config.oauth_clients[&OauthProvider::Github];
    assert_eq!(
        (client.client_id.as_str(), client.client_secret.as_str()),
        ("us", "hunter2")
    );
    assert_eq!(config.oauth_clients.len(), 1);
    assert!(!format!("{config:?}").contains("hunter2"));
    for alone in [id, secret] {
        let error = load("", &[alone]).unwrap_err().to_string();
        assert!(
            error.contains("must be given with oauth_github_client_"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}
