//! Sessions that are asked about.

use serde_json::Value;
use serde_json::json;

use crate::fill;
use crate::http::request;
use crate::rows::Random;
use crate::rows::Requests;
use crate::world::World;

/// Any of a few sessions, as people use pages.
pub(crate) fn by_token(world: &World, client: u32) -> Requests<'_> {
    const FEW: usize = 400;
    let mut random = Random(client.into());
    Box::new(move |_| authentication(world, random.below(FEW)))
}

/// One after the other of so many that the server remembers none.
pub(crate) fn anew(world: &World, client: u32) -> Requests<'_> {
    let mut next = usize::try_from(client).unwrap_or_default() * 617;
    Box::new(move |_| {
        next = (next + 1) % fill::SESSIONS;
        authentication(world, next)
    })
}

/// Gets a JWT of each of a few sessions first; whether it has expired makes no difference.
pub(crate) fn by_jwt(world: &World, client: u32) -> Requests<'_> {
    const FEW: usize = 25;
    let first = usize::try_from(client).unwrap_or_default() * FEW;
    let mut random = Random(client.into());
    let mut asked = 0;
    let mut jwts: Vec<String> = Vec::new();
    Box::new(move |answer| {
        let told = answer.filter(|_| jwts.len() < FEW);
        let told = told.and_then(|answer| serde_json::from_slice::<Value>(&answer.body).ok());
        if let Some(jwt) = told.as_ref().and_then(|told| told["session_jwt"].as_str()) {
            jwts.push(jwt.to_owned());
        }
        let jwt = jwts.get(random.below(FEW)).filter(|_| asked >= FEW);
        let Some(jwt) = jwt else {
            asked += 1;
            return authentication(world, first + asked % FEW);
        };
        let body = json!({ "session_jwt": jwt }).to_string();
        let line = "POST /v1/b2b/sessions/authenticate";
        request(line, &world.project_authorization, &body)
    })
}

fn authentication(world: &World, session: usize) -> Vec<u8> {
    let body = json!({ "session_token": fill::session_token(session) }).to_string();
    let line = "POST /v1/b2b/sessions/authenticate";
    request(line, &world.project_authorization, &body)
}
