//! Why a search cannot be run.

/// Why a search cannot be run. What is searched is `organization`, `member`,
/// `scim_request` or `scim_user`.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchError {
    /// Conditions joined by something else: what was given.
    UnknownOperator(String),
    /// A filter that no search knows: what is searched, the filter.
    UnknownFilter(&'static str, String),
    /// A filter value of the wrong shape: what is searched, the filter, what it expects.
    InvalidFilterValue(&'static str, String, &'static str),
    /// A list without any value: what is searched, the filter.
    MissingValues(&'static str, String),
    /// A fuzzy filter of under three characters: what is searched, the filter.
    FuzzyTooShort(&'static str, String),
    /// A state that no member can have.
    InvalidStatus(String),
    /// Ids and external ids in one list.
    MixedMemberIds,
    /// A cursor that no search of ours gave out.
    InvalidCursor,
    /// A limit that is not 1 to 1000.
    InvalidLimit,
    /// A member search without organizations.
    OrganizationIdsEmpty,
}

const FUZZY: [(&str, &str); 8] = [
    ("organization", "organization_name_fuzzy"),
    ("organization", "organization_slug_fuzzy"),
    ("organization", "member_email_fuzzy"),
    ("organization", "allowed_domain_fuzzy"),
    ("member", "member_email_fuzzy"),
    ("member", "member_phone_number_fuzzy"),
    ("member", "member_mfa_phone_number_fuzzy"),
    ("member", "organization_slug_fuzzy"),
];

const LISTS: [(&str, &str); 22] = [
    ("m2m_client", "client_id"),
    ("m2m_client", "client_name"),
    ("m2m_client", "scopes"),
    ("scim_user", "user_names"),
    ("scim_user", "external_ids"),
    ("scim_request", "status_classes"),
    ("scim_request", "methods"),
    ("scim_request", "resource_ids"),
    ("organization", "organization_ids"),
    ("organization", "organization_slugs"),
    ("organization", "member_emails"),
    ("organization", "allowed_domains"),
    ("organization", "claimed_email_domains"),
    ("member", "member_ids"),
    ("member", "member_emails"),
    ("member", "statuses"),
    ("member", "member_phone_numbers"),
    ("member", "member_mfa_phone_numbers"),
    ("member", "member_roles"),
    ("member", "oauth_providers"),
    ("member", "organization_slug"),
    ("organization", "sso_connection_id"),
];

const EXPECTED: [&str; 8] = [
    "expected status classes",
    "expected date and time",
    "expected array of strings",
    "expected boolean",
    "expected string",
    "missing filter name",
    "missing filter value",
    "filter name must be string",
];

impl SearchError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let short = |(what, name): (&'static str, &str)| Self::FuzzyTooShort(what, name.to_owned());
        let mut all: Vec<Self> = FUZZY.into_iter().map(short).collect();
        let empty = |(what, name): (&'static str, &str)| Self::MissingValues(what, name.to_owned());
        all.extend(LISTS.into_iter().map(empty));
        for what in [
            "organization",
            "member",
            "scim_request",
            "scim_user",
            "m2m_client",
        ] {
            all.push(Self::UnknownFilter(what, "shoe_size".to_owned()));
            let wrong = |expected| Self::InvalidFilterValue(what, "filter".to_owned(), expected);
            all.extend(EXPECTED.into_iter().map(wrong));
        }
        all.extend([
            Self::UnknownOperator("XOR".to_owned()),
            Self::InvalidStatus("asleep".to_owned()),
            Self::MixedMemberIds,
            Self::InvalidCursor,
            Self::InvalidLimit,
            Self::OrganizationIdsEmpty,
        ]);
        all
    }
}
