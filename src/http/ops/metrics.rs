//! `/metrics`: a few counters in Prometheus' text format.

use std::fmt::Write;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::use_cases::scim_requests::queue::RequestLog;

/// Counters of the public listener.
pub struct Metrics {
    started: Instant,
    in_flight: AtomicU64,
    by_class: [AtomicU64; 5],
    request_log: RequestLog,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            in_flight: AtomicU64::new(0),
            by_class: Default::default(),
            request_log: RequestLog::default(),
        }
    }
}

/// A request being served; over when dropped, however it ends.
pub(crate) struct InFlight<'m>(&'m Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counters beside those of this log.
    pub(crate) fn beside(request_log: RequestLog) -> Self {
        Self {
            request_log,
            ..Self::default()
        }
    }

    /// A request has come.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// A request was answered.
    pub(crate) fn count(&self, status: u16) {
        let class = usize::from((status / 100).saturating_sub(1));
        if let Some(counter) = self.by_class.get(class) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn render(&self) -> String {
        let mut text = String::new();
        let mut metric = |name: &str, kind: &str, help: &str, rows: &[(String, u64)]| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let classes = self.by_class.iter().zip(1_u8..);
        let requests: Vec<_> = classes
            .map(|(count, class)| {
                (
                    format!("{{class=\"{class}xx\"}}"),
                    count.load(Ordering::Relaxed),
                )
            })
            .collect();
        let alone = |value| [(String::new(), value)];
        let in_flight = alone(self.in_flight.load(Ordering::Relaxed));
        let uptime = alone(self.started.elapsed().as_secs());
        let total = "vestibule_http_requests_total";
        metric(
            total,
            "counter",
            "Requests answered, by class of status.",
            &requests,
        );
        let now = "vestibule_http_requests_in_flight";
        metric(now, "gauge", "Requests being served.", &in_flight);
        let refused = alone(self.request_log.refused());
        let name = "vestibule_scim_credentials_refused_total";
        let help = "SCIM requests whose credentials were refused.";
        metric(name, "counter", help, &refused);
        let dropped = alone(self.request_log.dropped());
        let name = "vestibule_scim_log_dropped_total";
        let help = "SCIM requests that could not be written into the request log.";
        metric(name, "counter", help, &dropped);
        let up = "vestibule_uptime_seconds";
        metric(up, "gauge", "Seconds since the start.", &uptime);
        text
    }
}

pub(crate) async fn metrics(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(metrics.render())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_class_and_only_while_they_last() {
        let metrics = Metrics::default();
        let request = metrics.begin();
        assert!(
            metrics
                .render()
                .contains("vestibule_http_requests_in_flight 1\n")
        );
        drop(request);
        for status in [200, 204, 404, 503, 42] {
            metrics.count(status);
        }
        let text = metrics.render();
        for line in [
            "vestibule_http_requests_total{class=\"2xx\"} 2",
            "vestibule_http_requests_total{class=\"3xx\"} 0",
            "vestibule_http_requests_total{class=\"4xx\"} 1",
            "vestibule_http_requests_total{class=\"5xx\"} 1",
            "vestibule_http_requests_in_flight 0",
            "vestibule_scim_credentials_refused_total 0",
            "vestibule_scim_log_dropped_total 0",
            "# TYPE vestibule_uptime_seconds gauge",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }
}
