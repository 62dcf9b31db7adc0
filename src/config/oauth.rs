//! Which OAuth providers people may sign in with: what each gave us when we were registered there.

use std::collections::BTreeMap;

use crate::config::reader::Reader;
use crate::domain::oauth_client::Endpoints;
use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;

/// The providers for which both id and secret are given.
pub(super) fn clients(reader: &mut Reader) -> BTreeMap<OauthProvider, OauthClient> {
    let client = |provider: OauthProvider| Some((provider, client(reader, provider)?));
    OauthProvider::ALL.into_iter().filter_map(client).collect()
}

fn client(reader: &mut Reader, provider: OauthProvider) -> Option<OauthClient> {
    let id = format!("oauth_{}_client_id", provider.name());
    let secret = format!("oauth_{}_client_secret", provider.name());
    let title = provider.title();
    for (given, missing) in [(&id, &secret), (&secret, &id)] {
        if reader.is_given(given) && !reader.is_given(missing) {
            let expected = format!("given with {given}, as {title} shows it");
            reader.refuse(missing, None, &expected);
        }
    }
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let client_id = reader.parse(&id, &format!("the client id that {title} gave"), text);
    let expected = format!("the client secret that {title} gave");
    let client_secret = reader.parse_secret(&secret, &expected, text);
    Some(OauthClient {
        client_id: client_id?,
        client_secret: client_secret?,
        endpoints: Endpoints::of(provider),
    })
}
