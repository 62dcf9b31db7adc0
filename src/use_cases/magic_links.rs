//! Links in mails that prove an address (contract 4.3): sent, followed, redeemed.

pub mod authenticate;
pub mod discovery;
pub mod follow;
pub mod login;
pub(crate) mod sending;

/// The type of a token that opens a session in the organization that sent it.
pub(crate) const MAGIC_LINKS: &str = "multi_tenant_magic_links";
/// The type of a token that proves an address before an organization is chosen.
pub(crate) const DISCOVERY: &str = "discovery";
