//! Forms of the portal are read like all others.

pub(crate) use crate::http::pages::form::PageForm as PortalForm;
