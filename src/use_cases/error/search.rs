//! Why a search cannot be run.

/// Why a search cannot be run.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchError {
    /// A filter that no search knows: `organization` or `member`, the filter.
    UnknownFilter(&'static str, String),
    /// A filter value of the wrong shape: `organization` or `member`, the filter, what it expects.
    InvalidFilterValue(&'static str, String, &'static str),
    /// A fuzzy filter of under three characters: `organization` or `member`, the filter.
    FuzzyTooShort(&'static str, String),
    /// A cursor that no search of ours gave out.
    InvalidCursor,
    /// A limit that is not 1 to 1000.
    InvalidLimit,
    /// A member search without organizations.
    OrganizationIdsEmpty,
}

const FUZZY: [(&str, &str); 3] = [
    ("organization", "organization_name_fuzzy"),
    ("organization", "organization_slug_fuzzy"),
    ("member", "member_email_fuzzy"),
];

const EXPECTED: [&str; 5] = [
    "expected array of strings",
    "expected boolean",
    "expected string",
    "missing filter name",
    "missing filter value",
];

impl SearchError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let short = |(what, name): (&'static str, &str)| Self::FuzzyTooShort(what, name.to_owned());
        let mut all: Vec<Self> = FUZZY.into_iter().map(short).collect();
        for what in ["organization", "member"] {
            all.push(Self::UnknownFilter(what, "shoe_size".to_owned()));
            let wrong = |expected| Self::InvalidFilterValue(what, "filter".to_owned(), expected);
            all.extend(EXPECTED.into_iter().map(wrong));
        }
        let status = "invalid status filter";
        all.extend([
            Self::InvalidFilterValue("member", "statuses".to_owned(), status),
            Self::InvalidCursor,
            Self::InvalidLimit,
            Self::OrganizationIdsEmpty,
        ]);
        all
    }
}
