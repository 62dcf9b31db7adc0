//! What a change of settings or of role rules would do to people, told before it is saved.

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::policy;

/// How many people are named; the others are counted.
const MOST_NAMED: usize = 10;

/// A person, as forecasts name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Who.
    pub member_id: MemberId,
    /// The name, or nothing.
    pub name: String,
    /// The address.
    pub email_address: String,
}

/// Some people: how many, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Named>,
}

impl People {
    /// One more.
    pub fn add(&mut self, member: &Member) {
        self.count += 1;
        if self.first.len() < MOST_NAMED {
            self.first.push(Named {
                member_id: member.id,
                name: member.name.clone(),
                email_address: member.email_address.to_string(),
            });
        }
    }

    /// How many are not named.
    pub fn unnamed(&self) -> usize {
        self.count - self.first.len()
    }
}

/// With what a member has proven itself before, besides the mail that reaches everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Single sign-on through a connection that is in use.
    pub sso: bool,
    /// A password.
    pub password: bool,
    /// OAuth providers.
    pub oauth: Vec<AuthMethod>,
}

impl Ways {
    /// The methods that would let this member prove itself.
    pub fn methods(&self) -> Vec<AuthMethod> {
        let mut methods = vec![AuthMethod::MagicLink, AuthMethod::EmailOtp];
        methods.extend(self.sso.then_some(AuthMethod::Sso));
        methods.extend(self.password.then_some(AuthMethod::Password));
        methods.extend(&self.oauth);
        methods
    }
}

/// Whom a change of settings would reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsForecast {
    /// Those whom no way that they have used before lets in any more.
    pub locked_out: People,
    /// Those who would have to set a second factor up when they next sign in.
    pub must_enrol: People,
    /// How many people were looked at.
    pub looked_at: usize,
    /// Whether these were all of them.
    pub is_of_all: bool,
}

impl SettingsForecast {
    /// Looks at one more member, with the settings as they are and as they would be.
    pub fn look_at(
        &mut self,
        (member, ways): (&Member, &Ways),
        before: &AuthenticationSettings,
        after: &AuthenticationSettings,
    ) {
        let methods = ways.methods();
        let gets_in = |settings| policy::allows_methods(settings, member, &methods);
        let is_locked_out = gets_in(before) && !gets_in(after);
        if is_locked_out {
            self.locked_out.add(member);
        }
        let owes = |settings| {
            policy::needs_second_factor(settings, member) && !member.has_second_factor(settings)
        };
        if owes(after) && !owes(before) && !is_locked_out {
            self.must_enrol.add(member);
        }
    }
}

/// Who gains and who loses a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleForecast {
    /// The role.
    pub role_id: String,
    /// Who would have it and has not.
    pub gains: People,
    /// Who has it and would not.
    pub loses: People,
}

impl RoleForecast {
    /// Nobody yet.
    pub fn of(role_id: &str) -> Self {
        Self {
            role_id: role_id.to_owned(),
            gains: People::default(),
            loses: People::default(),
        }
    }

    /// Looks at one more member, who has the role or not, and would have it or not.
    pub fn look_at(&mut self, member: &Member, has: bool, would_have: bool) {
        match (has, would_have) {
            (false, true) => self.gains.add(member),
            (true, false) => self.loses.add(member),
            (true, true) | (false, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::domain::authentication_settings::Methods;
    use crate::domain::authentication_settings::MfaMethod;
    use crate::domain::authentication_settings::MfaPolicy;
    use crate::domain::email::EmailAddress;
    use crate::domain::id::OrganizationId;

    fn member() -> Member {
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        Member::new(OrganizationId::fresh(), email, DateTime::UNIX_EPOCH)
    }

    fn only(methods: &[AuthMethod]) -> AuthenticationSettings {
        AuthenticationSettings {
            auth_methods: Methods::Restricted,
            allowed_auth_methods: methods.to_vec(),
            ..AuthenticationSettings::default()
        }
    }

    fn forecast(member: &Member, ways: &Ways, after: &AuthenticationSettings) -> (usize, usize) {
        let mut forecast = SettingsForecast::default();
        let before = AuthenticationSettings::default();
        forecast.look_at((member, ways), &before, after);
        (forecast.locked_out.count, forecast.must_enrol.count)
    }

    #[test]
    fn whoever_has_no_allowed_way_left_is_locked_out() {
        use AuthMethod as A;
        let sso = Ways {
            sso: true,
            ..Ways::default()
        };
        let password = Ways {
            password: true,
            ..Ways::default()
        };
        let google = Ways {
            oauth: vec![A::GoogleOauth],
            ..Ways::default()
        };
        let mut glass = member();
        glass.is_breakglass = true;
        for (ways, allowed, is_locked_out) in [
            (&sso, vec![A::Sso], 0),
            (&password, vec![A::Sso], 1),
            (&password, vec![A::Sso, A::Password], 0),
            (&google, vec![A::MicrosoftOauth], 1),
            (&google, vec![A::GoogleOauth], 0),
            (&password, vec![A::EmailOtp], 0),
        ] {
            let found = forecast(&member(), ways, &only(&allowed));
            assert_eq!(found, (is_locked_out, 0), "{ways:?} {allowed:?}");
            assert_eq!(forecast(&glass, ways, &only(&allowed)), (0, 0));
        }
    }

    #[test]
    fn whoever_is_out_already_is_not_locked_out_by_the_change() {
        let mut forecast = SettingsForecast::default();
        let sso = only(&[AuthMethod::Sso]);
        forecast.look_at((&member(), &Ways::default()), &sso, &sso);
        assert_eq!(forecast, SettingsForecast::default());
    }

    #[test]
    fn whoever_has_no_allowed_second_factor_has_to_set_one_up() {
        let required = AuthenticationSettings {
            mfa_policy: MfaPolicy::RequiredForAll,
            mfa_methods: Methods::Restricted,
            allowed_mfa_methods: vec![MfaMethod::Totp],
            ..AuthenticationSettings::default()
        };
        let ways = Ways::default();
        assert_eq!(forecast(&member(), &ways, &required), (0, 1));
        let mut phone = member();
        phone.mfa_phone_number = "+15557654321".to_owned();
        phone.mfa_phone_number_verified = true;
        assert_eq!(forecast(&phone, &ways, &required), (0, 1));
        let any = AuthenticationSettings {
            mfa_methods: Methods::AllAllowed,
            ..required
        };
        assert_eq!(forecast(&phone, &ways, &any), (0, 0));
    }

    #[test]
    fn the_first_are_named_and_all_are_counted() {
        let mut people = People::default();
        for _ in 0..25 {
            people.add(&member());
        }
        assert_eq!(
            (people.count, people.first.len(), people.unnamed()),
            (25, 10, 15)
        );
    }

    #[test]
    fn a_role_is_gained_or_lost_where_it_changes() {
        let mut forecast = RoleForecast::of("admin");
        for (has, would_have) in [(false, false), (true, true), (false, true), (true, false)] {
            forecast.look_at(&member(), has, would_have);
        }
        assert_eq!((forecast.gains.count, forecast.loses.count), (1, 1));
    }
}
