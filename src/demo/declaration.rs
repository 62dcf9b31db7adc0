//! What the demo's application declares: documents, and who may do what with them.

use crate::domain::project_settings::ProjectSettings;
use crate::domain::rbac::Permission;
use crate::domain::rbac::Resource;
use crate::domain::rbac::Role;

const DOCUMENTS: &str = "documents";

/// The roles that the demo gives, and the resource that they are about.
pub fn settings() -> ProjectSettings {
    let mut settings = ProjectSettings::default();
    settings.rbac.resources.push(Resource {
        resource_id: DOCUMENTS.to_owned(),
        description: "What people work on.".to_owned(),
        actions: vec!["read".to_owned(), "write".to_owned()],
    });
    let roles = [
        role("admin", "Does everything with documents.", "*"),
        role("editor", "Reads and writes documents.", "*"),
        role("viewer", "Reads documents.", "read"),
    ];
    settings.rbac.roles.extend(roles);
    settings
}

fn role(role_id: &str, description: &str, action: &str) -> Role {
    Role {
        role_id: role_id.to_owned(),
        description: description.to_owned(),
        permissions: vec![Permission {
            resource_id: DOCUMENTS.to_owned(),
            actions: vec![action.to_owned()],
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_can_be_applied() {
        assert_eq!(settings().findings(), []);
    }
}
