//! How messages to phones leave: the operator's SMS gateway.

use url::Url;

use crate::config::reader::Reader;
use crate::outbound::sms_gateway;
use crate::outbound::sms_gateway::SmsGateway;

const SECRET: &str = "given with sms_webhook_url: whsec_ and at least 24 bytes in base64";
const ADDRESS: &str = "an address like https://sms.example.com/send";

pub(super) fn read(reader: &mut Reader) -> Option<SmsGateway> {
    let url = reader.parse_secret("sms_webhook_url", ADDRESS, address);
    let secret = reader.parse_secret("sms_webhook_secret", SECRET, sms_gateway::secret_bytes);
    if url.is_some() && secret.is_none() {
        reader.refuse("sms_webhook_secret", None, SECRET);
    }
    url.zip(secret)
        .map(|(url, secret)| SmsGateway::new(url, secret))
}

fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_usable = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some()
        && url.username().is_empty()
        && url.password().is_none();
    is_usable.then(|| text.to_owned())
}
