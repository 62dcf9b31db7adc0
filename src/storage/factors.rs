//! Second factors of members, and how often somebody guessed wrong.

pub mod member_failures;
pub mod sms_messages;
pub mod totps;
