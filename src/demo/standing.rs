//! Who somebody is by now, as the product says when it is shown their session.

use askama::Template;
use askama::filters::HtmlSafe;
use serde_json::Value;
use serde_json::json;

use crate::demo::DemoError;
use crate::demo::explain::Names;
use crate::demo::explain::roles;
use crate::demo::graph::Graph;
use crate::demo::stage::Ready;

/// The part of the application's page that keeps itself up to date.
#[derive(Template)]
#[template(path = "demo/standing.html")]
pub(crate) struct Standing {
    /// The member's name.
    pub(crate) name: String,
    /// The member's address.
    pub(crate) email: String,
    /// The name of the organization.
    pub(crate) organization: String,
    /// When the member was made.
    pub(crate) since: String,
    /// Each role and the reasons for it.
    pub(crate) roles: Vec<(String, String)>,
    /// The roles of the session.
    pub(crate) session_roles: Vec<String>,
    /// The picture.
    pub(crate) graph: Graph,
    /// Differs when anything of this differs.
    pub(crate) mark: String,
    /// The same question for a terminal.
    pub(crate) curl: String,
}

const PATH: &str = "/v1/b2b/sessions/authenticate";

/// It escapes what it is made of itself.
impl HtmlSafe for Standing {}

impl Standing {
    /// Who holds this session; nobody once it is over.
    pub(crate) async fn of(
        ready: &Ready,
        session_token: &str,
        names: &Names,
    ) -> Result<Option<Self>, DemoError> {
        let body = json!({ "session_token": session_token });
        let api = ready.api.unrecorded();
        let answer = api.ask("POST", PATH, Some(&body)).await?;
        match answer.status {
            200 => {
                let curl = api.curl("POST", PATH, Some(&body));
                Ok(Some(Self::read(&answer.body, names, curl)))
            }
            400..=499 => Ok(None),
            status => Err(DemoError(format!("{PATH} was answered {status}"))),
        }
    }

    fn read(answer: &Value, names: &Names, curl: String) -> Self {
        let text = |pointer: &str| {
            let text = answer.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let member = answer.get("member").unwrap_or(&Value::Null);
        let held = answer.pointer("/member_session/roles");
        let held = held.and_then(Value::as_array).map(Vec::as_slice);
        let held = held.unwrap_or_default().iter().filter_map(Value::as_str);
        let session_roles: Vec<String> = held.map(str::to_owned).collect();
        let roles = roles(member, names);
        let mark = mark(&format!("{roles:?}{session_roles:?}"));
        Self {
            name: text("/member/name"),
            email: text("/member/email_address"),
            organization: text("/organization/organization_name"),
            since: text("/member/created_at"),
            graph: Graph::of(member, names),
            roles,
            session_roles,
            mark,
            curl,
        }
    }
}

fn mark(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:x}")
}
