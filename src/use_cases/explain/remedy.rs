//! What a refusal means, who can do something about it, and where.

/// Who can do something about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever wanted in.
    Person,
    /// Who administers the customer's identity provider and directory.
    ItAdmin,
    /// Who administers the organization in the application.
    OrganizationAdmin,
    /// Who builds or runs the application and this server.
    Operator,
}

impl Who {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::ItAdmin => "it_admin",
            Self::OrganizationAdmin => "organization_admin",
            Self::Operator => "operator",
        }
    }

    /// The same for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Person => "the person who signs in",
            Self::ItAdmin => "the IT administrator of the organization",
            Self::OrganizationAdmin => "an administrator of the organization",
            Self::Operator => "the operator of the application",
        }
    }
}

/// What helps against a kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Its stable name, kept with each refusal.
    pub name: &'static str,
    /// What it means that this was refused.
    pub meaning: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Who can do it.
    pub who: Who,
    /// In which product, at which setting.
    pub place: &'static str,
}

/// Remedies, each with its name: meaning, what to do, where.
macro_rules! remedies {
    ($($name:ident = $code:literal, $who:ident: $meaning:literal, $fix:literal, $place:literal;)+) => {
        use crate::use_cases::explain::remedy::Remedy;
        use crate::use_cases::explain::remedy::Who;

        $(
            #[doc = $meaning]
            pub const $name: Remedy = Remedy {
                name: $code,
                meaning: $meaning,
                fix: $fix,
                who: Who::$who,
                place: $place,
            };
        )+

        /// All of these.
        pub const ALL: &[Remedy] = &[$($name),+];
    };
}
pub(crate) use remedies;
