//! `/assets`: the style sheet, the script and the icon of all pages, each in one file.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::http::header::ETAG;
use actix_web::http::header::IF_NONE_MATCH;
use actix_web::http::header::VARY;
use actix_web::web;
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;

use crate::http::pages::compress::gzipped;

struct Asset {
    content_type: &'static str,
    plain: Bytes,
    gzipped: Bytes,
    etag: String,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "text/css; charset=utf-8",
        &[
            include_str!("../../../assets/vendor/pico.min.css"),
            include_str!("../../../assets/style.css"),
        ],
    )
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "text/javascript; charset=utf-8",
        &[
            include_str!("../../../assets/vendor/htmx.min.js"),
            include_str!("../../../assets/script.js"),
        ],
    )
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("image/svg+xml", &[include_str!("../../../assets/icon.svg")]));

impl Asset {
    fn new(content_type: &'static str, parts: &[&str]) -> Self {
        let plain = parts.join("\n");
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, plain.as_bytes());
        Self {
            content_type,
            gzipped: gzipped(plain.as_bytes(), Compression::best())
                .unwrap_or_default()
                .into(),
            etag: format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.as_ref())),
            plain: plain.into(),
        }
    }

    /// Asked for anew with each page, and mostly answered with 304: an upgrade is seen at once.
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
        let known = header(IF_NONE_MATCH).unwrap_or_default();
        let mut response = if known.contains(&self.etag) {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        response
            .insert_header((ETAG, self.etag.as_str()))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((VARY, "Accept-Encoding"));
        if known.contains(&self.etag) {
            return response.finish();
        }
        response.content_type(self.content_type);
        let takes_gzip = header(ACCEPT_ENCODING).is_some_and(|it| it.contains("gzip"));
        if takes_gzip && !self.gzipped.is_empty() {
            response.insert_header((CONTENT_ENCODING, "gzip"));
            return response.body(self.gzipped.clone());
        }
        response.body(self.plain.clone())
    }
}

/// Mounts what pages are made with.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/assets/style.css", web::get().to(style))
        .route("/assets/script.js", web::get().to(script))
        .route("/assets/icon.svg", web::get().to(icon));
}

async fn style(request: HttpRequest) -> HttpResponse {
    STYLE.answer(&request)
}

async fn script(request: HttpRequest) -> HttpResponse {
    SCRIPT.answer(&request)
}

async fn icon(request: HttpRequest) -> HttpResponse {
    ICON.answer(&request)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::domain::secret::hex;

    #[derive(Deserialize)]
    struct Vendored {
        file: Vec<VendoredFile>,
    }

    #[derive(Deserialize)]
    struct VendoredFile {
        path: String,
        sha256: String,
    }

    #[test]
    fn what_came_from_others_is_what_they_published() {
        let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let list = std::fs::read_to_string(assets.join("VENDORED.toml")).unwrap();
        let list: Vendored = toml::from_str(&list).unwrap();
        let there = std::fs::read_dir(assets.join("vendor")).unwrap().count();
        assert_eq!(list.file.len(), there);
        for file in list.file {
            let bytes = std::fs::read(assets.join(&file.path)).unwrap();
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
            assert_eq!(hex(hash.as_ref()), file.sha256, "{}", file.path);
        }
    }

    #[test]
    fn style_and_script_leave_room_for_a_page_within_60_kb() {
        let together = STYLE.gzipped.len() + SCRIPT.gzipped.len() + ICON.gzipped.len();
        assert!(together < 40_000, "{together}");
    }
}
