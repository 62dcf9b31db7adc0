//! What is wrong with metadata, of whatever it is about.

use crate::domain::metadata::MetadataRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;

pub(super) fn metadata(refusal: MetadataRefusal) -> Described {
    match refusal {
        MetadataRefusal::TooManyKeys => told(
            400,
            "metadata_too_many_keys",
            "Metadata has at most 20 keys.",
        ),
        MetadataRefusal::TooLarge => told(
            400,
            "metadata_too_large",
            "Metadata has at most 4096 bytes as JSON.",
        ),
    }
}
