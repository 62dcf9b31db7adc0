use super::*;
use crate::domain::email::EmailAddress;
use crate::domain::factor::SmsFactor;
use crate::domain::factor::TotpFactor;
use crate::domain::id::OrganizationId;
use crate::domain::policy;

fn ana() -> Member {
    let email = EmailAddress::parse("ana@acme.test").unwrap();
    Member::new(OrganizationId::fresh(), email, DateTime::UNIX_EPOCH)
}

fn allowing(methods: Option<&[MfaMethod]>) -> AuthenticationSettings {
    AuthenticationSettings {
        mfa_methods: methods.map_or(Methods::AllAllowed, |_| Methods::Restricted),
        allowed_mfa_methods: methods.unwrap_or_default().to_vec(),
        ..AuthenticationSettings::default()
    }
}

fn with(phone: bool, totp: bool) -> Member {
    let mut member = ana();
    if phone {
        member.mfa_phone_number = "+15551234567".into();
        member.mfa_phone_number_verified = true;
    }
    member.totp_registration_id = totp.then(TotpId::fresh);
    member
}

#[test]
fn policy_method_enrolment_and_break_glass_in_one_table() {
    use MfaMethod::SmsOtp;
    use MfaMethod::Totp;
    let both: &[MfaMethod] = &[SmsOtp, Totp];
    for policy in [MfaPolicy::Optional, MfaPolicy::RequiredForAll] {
        for enrolled in [false, true] {
            for break_glass in [false, true] {
                for allowed in [None, Some(both), Some(&[SmsOtp][..]), Some(&[Totp][..])] {
                    let mut settings = allowing(allowed);
                    settings.mfa_policy = policy;
                    let mut member = ana();
                    member.mfa_enrolled = enrolled;
                    member.is_breakglass = break_glass;
                    let row = (policy, enrolled, break_glass, allowed);
                    // Break glass waives the choice of the method, never the factor.
                    let needed = policy == MfaPolicy::RequiredForAll || enrolled;
                    assert_eq!(
                        policy::needs_second_factor(&settings, &member),
                        needed,
                        "{row:?}"
                    );
                    for method in both {
                        let listed = allowed.is_none_or(|list| list.contains(method));
                        assert_eq!(
                            member.may_use(*method, &settings),
                            listed || break_glass,
                            "{row:?} {method:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn another_factor_is_given_only_to_whoever_proves_the_one_that_is_there() {
    let now = DateTime::UNIX_EPOCH;
    let sms = Factor::Sms(SmsFactor {
        phone_number: "+15551234567".into(),
        authenticated_at: now,
    });
    let totp = Factor::Totp(TotpFactor {
        totp_id: TotpId::fresh(),
        authenticated_at: now,
    });
    let all = allowing(None);
    let only_totp = allowing(Some(&[MfaMethod::Totp]));
    let table = [
        (with(false, false), &all, vec![], true),
        (with(true, false), &all, vec![], false),
        (with(true, false), &all, vec![sms.clone()], true),
        (with(false, true), &all, vec![], false),
        (with(false, true), &all, vec![totp], true),
        (with(true, true), &all, vec![sms], true),
        // What may not be used any more proves nothing, or nobody could ever go over.
        (with(true, false), &only_totp, vec![], true),
        (with(true, true), &only_totp, vec![], false),
    ];
    for (member, settings, held, expected) in table {
        let may = member.may_be_given_factor(settings, &held);
        assert_eq!(may, expected, "{member:?} {held:?}");
    }
    let mut unproven = with(true, false);
    unproven.mfa_phone_number_verified = false;
    assert!(unproven.may_be_given_factor(&all, &[]));
}

#[test]
fn the_first_proven_method_is_the_default_until_another_is_asked_for() {
    let all = allowing(None);
    let id = TotpId::fresh();
    let asked = Enrolment {
        is_default: true,
        ..Enrolment::default()
    };
    let first = ana().having_proven(SecondFactor::Totp(id), &all, Enrolment::default());
    assert_eq!(first.totp_registration_id, Some(id));
    assert_eq!(first.default_mfa_method, Some(MfaMethod::Totp));
    let mut first = first;
    first.mfa_phone_number = "+15551234567".into();
    let second = first.having_proven(SecondFactor::Sms, &all, Enrolment::default());
    assert!(second.mfa_phone_number_verified);
    assert_eq!(second.default_mfa_method, Some(MfaMethod::Totp));
    let chosen = second.having_proven(SecondFactor::Sms, &all, asked);
    assert_eq!(chosen.default_mfa_method, Some(MfaMethod::SmsOtp));
}

#[test]
fn enrolment_changes_only_where_it_is_optional() {
    let required = AuthenticationSettings {
        mfa_policy: MfaPolicy::RequiredForAll,
        ..AuthenticationSettings::default()
    };
    let optional = AuthenticationSettings::default();
    for (settings, before, asked, after) in [
        (&optional, false, None, false),
        (&optional, false, Some(true), true),
        (&optional, true, Some(false), false),
        (&optional, true, None, true),
        (&required, false, Some(true), false),
        (&required, true, Some(false), true),
    ] {
        let mut member = ana();
        member.mfa_enrolled = before;
        let enrolment = Enrolment {
            enrolled: asked,
            is_default: false,
        };
        let proven = member.having_proven(SecondFactor::Sms, settings, enrolment);
        assert_eq!(proven.mfa_enrolled, after, "{before} {asked:?}");
    }
}

#[test]
fn a_code_is_sent_unasked_to_whoever_is_asked_for_one_first() {
    let all = allowing(None);
    let only_totp = allowing(Some(&[MfaMethod::Totp]));
    let default = |member: Member, method| Member {
        default_mfa_method: method,
        ..member
    };
    let sms = Some(MfaMethod::SmsOtp);
    for (member, settings, is_asked) in [
        (with(true, false), &all, true),
        (with(false, false), &all, false),
        (with(true, true), &all, false),
        (default(with(true, true), sms), &all, true),
        (
            default(with(true, false), Some(MfaMethod::Totp)),
            &all,
            false,
        ),
        (default(with(true, false), sms), &only_totp, false),
    ] {
        let number = member.number_to_be_asked(settings);
        assert_eq!(number.is_some(), is_asked, "{member:?}");
    }
}
