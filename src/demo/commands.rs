//! Commands to try once the tour is over.

use crate::demo::directory::Directory;
use crate::demo::tour::Access;

const LEAVES: &str = "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\
                      \"Operations\":[{\"op\":\"replace\",\"path\":\"active\",\"value\":false}]}";

/// Three commands, each with what it shows.
pub(crate) fn commands(
    access: &Access,
    organization: &str,
    directory: &Directory,
) -> [(&'static str, String); 3] {
    let origin = &access.origin;
    let basic = format!("-u '{}:{}'", access.project_id, access.secret);
    let bearer = format!("-H 'Authorization: Bearer {}'", directory.token);
    let scim_type = "-H 'Content-Type: application/scim+json'";
    let member = format!("{origin}/v1/b2b/organizations/{organization}/member");
    let users = format!("{}/Users", directory.base_url);
    let cleo = &directory.cleo;
    [
        (
            "Cleo as the application sees her",
            format!("curl -s {basic} '{member}?email_address=cleo@acme.test'"),
        ),
        (
            "Cleo as the directory sees her",
            format!("curl -s {bearer} '{users}?filter=userName%20eq%20%22cleo@acme.test%22'"),
        ),
        (
            "Cleo leaves Acme; the first line then finds no member any more",
            format!("curl -s -X PATCH {bearer} {scim_type} -d '{LEAVES}' '{users}/{cleo}'"),
        ),
    ]
}
