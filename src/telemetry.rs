//! Logs: what is kept, and in which form. They go to standard error.

use std::io;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is kept when nothing else is asked for; the HTTP server's own news are not.
pub const DEFAULT_FILTER: &str = "info,actix_server=warn";

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Directives such as `info` or `vestibule=debug,warn`.
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// Starts logging for the whole process; a second call changes nothing.
pub fn start(settings: &LogSettings) {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&settings.filter))
        .with_writer(io::stderr);
    // Fails only when logging was started before.
    let _ = match settings.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}
