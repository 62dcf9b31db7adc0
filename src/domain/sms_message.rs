//! A message to a phone, as the operator's gateway is given it.

use serde::Deserialize;
use serde::Serialize;

/// A message to a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsMessage {
    /// The number, in E.164 form.
    pub to: String,
    /// What it says.
    pub text: String,
    /// The code in it, for gateways that send by a template of their own.
    pub code: String,
    /// `en`, `es`, `fr` or `pt-br`.
    pub locale: String,
}

impl SmsMessage {
    /// A message with a code to sign in, in the language asked for if it is known.
    pub fn with_code(to: &str, (organization, code): (&str, &str), locale: Option<&str>) -> Self {
        let name: String = organization.chars().take(40).collect();
        let locale = locale.unwrap_or("en").to_lowercase();
        let (locale, text) = match locale.as_str() {
            "es" => ("es", format!("Tu código para {name} es {code}.")),
            "fr" => ("fr", format!("Votre code pour {name} est {code}.")),
            "pt-br" => ("pt-br", format!("Seu código para {name} é {code}.")),
            _ => ("en", format!("Your code for {name} is {code}.")),
        };
        Self {
            to: to.to_owned(),
            text,
            code: code.to_owned(),
            locale: locale.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_whose_code_it_is_in_a_language_that_is_known() {
        for (asked, spoken, text) in [
            (None, "en", "Your code for Acme is 123456."),
            (Some("pt-BR"), "pt-br", "Seu código para Acme é 123456."),
            (Some("xx"), "en", "Your code for Acme is 123456."),
        ] {
            let message = SmsMessage::with_code("+15551234567", ("Acme", "123456"), asked);
            assert_eq!(
                (message.locale.as_str(), message.text.as_str()),
                (spoken, text)
            );
        }
    }
}
