//! `vestibule demo`: how soon it is there, what its tour tells, what its pages do, and what it
//! refuses.

use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use super::Folder;
use super::Installation;
use super::PATIENCE;
use super::Process;
use super::value;
use super::vestibule;

/// The words of a command in which only single quotes quote.
fn words(command: &str) -> Vec<String> {
    let parts = command.trim().split('\'').enumerate();
    let words = parts.flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Sends what a printed `curl` command says.
async fn curl(command: &str) -> (u16, Value) {
    let (mut method, mut url, mut body) = (None, String::new(), String::new());
    let (mut headers, mut user) = (Vec::new(), None);
    let mut words = words(command).into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-s" => {}
            "-X" => method = words.next(),
            "-u" => user = words.next(),
            "-d" => body = words.next().unwrap(),
            "-H" => headers.extend(words.next()),
            _ => url = word,
        }
    }
    let method = method.unwrap_or_else(|| "GET".to_owned());
    let http = reqwest::Client::new();
    let mut request = http.request(method.parse().unwrap(), url).body(body);
    if let Some((id, secret)) = user.as_deref().and_then(|user| user.split_once(':')) {
        request = request.basic_auth(id, Some(secret));
    }
    for (name, value) in headers.iter().filter_map(|header| header.split_once(": ")) {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn start_demo(folder: &Folder, more: &[&str]) -> (Process, Vec<String>) {
    let mut arguments = vec!["demo", "--port", "0"];
    arguments.extend(more);
    let mut command = vestibule(&arguments, &[]);
    command.env("TMPDIR", &folder.0);
    let process = Process::start(command);
    let lines = process.until("Stop the demo");
    (process, lines)
}

fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder();
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}

async fn page(http: &reqwest::Client, url: &str) -> String {
    let answer = http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{url}");
    answer.text().await.unwrap()
}

async fn post(http: &reqwest::Client, url: &str, origin: &str, form: &str) -> StatusCode {
    let request = http
        .post(url)
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    request.send().await.unwrap().status()
}

#[actix_web::test]
async fn the_demo_tells_its_tour_and_the_commands_that_it_prints_work() {
    let folder = Folder::fresh();
    let (mut process, lines) = start_demo(&folder, &["--tour"]);
    let told = lines.join("\n");
    for line in [
        "The organization Globex is there: organization-test-",
        "  pushed Max Moreau <max@globex.test>",
        "  pushed Nia Novak <nia@globex.test>",
        "  pushed Oda Olsen <oda@globex.test>",
        "  Max Moreau is a member of Globex, active, roles: editor, stytch_member",
        "  Oda Olsen is a member of Globex, active, roles: stytch_member",
        "Globex's SAML sign-in: Max Moreau signs in there",
        "    role editor         group Engineering (Globex's",
        "    role stytch_member  every member has it",
        "    role viewer         signs in (Globex's SAML sign-in)",
        "  the application redeemed it and now knows Nia Novak <nia@globex.test>:",
        "    role viewer         signs in (Globex's OpenID sign-in)",
    ] {
        assert!(told.contains(line), "{line:?} is missing:\n{told}");
    }
    let commands: Vec<_> = lines.iter().filter(|line| line.contains("curl")).collect();
    assert_eq!(commands.len(), 3, "{told}");
    let (status, answer) = curl(commands[0]).await;
    assert_eq!(
        (status, &answer["member"]["status"]),
        (200, &json!("active"))
    );
    let (status, answer) = curl(commands[1]).await;
    assert_eq!((status, &answer["totalResults"]), (200, &json!(1)));
    let (status, answer) = curl(commands[2]).await;
    assert_eq!(
        (status, &answer["active"]),
        (200, &json!(false)),
        "{answer}"
    );
    assert_eq!(
        curl(commands[0]).await.0,
        404,
        "Oda is a member though she left"
    );
    assert_eq!(process.stop().code(), Some(0));
    let left = std::fs::read_dir(&folder.0).unwrap().count();
    assert_eq!(left, 0, "the demo left something behind");
}

#[actix_web::test]
async fn a_visitor_without_scripts_signs_in_by_following_links() {
    let folder = Folder::fresh();
    let began = Instant::now();
    let (_process, lines) = start_demo(&folder, &[]);
    let http = browser();
    let start = value(&lines, "Open this page:");
    let shown = page(&http, start).await;
    eprintln!("from the start to the page: {:?}", began.elapsed());
    let links = shown.split("href=\"").skip(1);
    let links = links.map(|link| link.split('"').next().unwrap().replace("&#38;", "&"));
    let oidc = links
        .into_iter()
        .find(|link| link.contains("oidc-connection"))
        .unwrap();

    let location =
        |answer: &reqwest::Response| answer.headers()["location"].to_str().unwrap().to_owned();
    let sent = http.get(oidc).send().await.unwrap();
    let cookie = sent.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let provider = location(&sent);
    let choices = page(&http, &provider).await;
    assert!(
        choices.contains("Cleo, Sales") && choices.contains("Demo:"),
        "{choices}"
    );
    let chosen = format!("{provider}&login_hint=cleo%40acme.test");
    let back = http.get(chosen).send().await.unwrap();
    let callback = http.get(location(&back)).header("cookie", cookie);
    let returned = location(&callback.send().await.unwrap());
    let arrived = http.get(&returned).send().await.unwrap();
    assert_eq!(location(&arrived), "/demo/app");
    let session = arrived.headers()["set-cookie"].to_str().unwrap();
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax"),
        "{session}"
    );
    let session = session.split(';').next().unwrap();
    let application = start.replace("/demo", "/demo/app");
    let greeting = http
        .get(&application)
        .header("cookie", session)
        .send()
        .await
        .unwrap();
    let greeting = greeting.text().await.unwrap();
    assert!(
        greeting.contains("Welcome, <bdi>Cleo Costa</bdi>"),
        "{greeting}"
    );
    let again = http.get(&returned).send().await.unwrap();
    assert_eq!(again.status(), 400, "a token worked twice");
}

#[actix_web::test]
async fn what_serves_a_real_installation_has_no_demo() {
    let installation = Installation::new();
    let process = Process::start(installation.command(&["serve"]));
    let lines = process.until("  public token");
    let credentials = (value(&lines, "project id"), value(&lines, "secret"));
    for path in ["/demo", "/demo/idp/acme/saml/metadata", "/demo/app/return"] {
        let (status, _) = installation.call(path, credentials, None).await;
        assert_eq!(status, 404, "{path}");
    }
}

#[actix_web::test]
async fn each_fault_is_refused_by_its_own_check_and_its_fix_is_told() {
    let folder = Folder::fresh();
    let (_process, lines) = start_demo(&folder, &[]);
    let (http, start) = (browser(), value(&lines, "Open this page:"));
    let origin = start.strip_suffix("/demo").unwrap();
    for (fault, check, fix) in [
        ("expired", "not_on_or_after", "set the clocks"),
        ("wrong-audience", "audience", "audience"),
        ("altered-signature", "signature_invalid", "certificate"),
        ("unsigned", "unsigned", "sign"),
        ("replayed", "unknown_flow", "begin again"),
        ("second-assertion", "assertion_count", "vendor"),
    ] {
        let sent = post(&http, &format!("{start}/faults/{fault}"), origin, "").await;
        assert_eq!(sent, StatusCode::SEE_OTHER, "{fault}");
        let shown = page(&http, &format!("{start}/faults")).await;
        let (_, row) = shown.split_once(&format!("id=\"{fault}\"")).unwrap();
        let row = row.split_once("</article>").unwrap().0;
        assert!(
            row.contains(&format!("<code>{check}</code> refused it")),
            "{fault}: {row}"
        );
        let told = row.split_once("What to do:</strong>").unwrap().1;
        assert!(
            told.split_once("</p>").unwrap().0.contains(fix),
            "{fault}: {row}"
        );
        assert!(row.contains("You could not be signed in"), "{fault}: {row}");
    }
}

#[actix_web::test]
async fn a_mail_reaches_the_inbox_and_its_link_signs_in() {
    let folder = Folder::fresh();
    let (_process, lines) = start_demo(&folder, &[]);
    let (http, start) = (browser(), value(&lines, "Open this page:"));
    let origin = start.strip_suffix("/demo").unwrap();
    let form = "company=acme&email=ana%40acme.test&kind=invite";
    let sent = post(&http, &format!("{start}/inbox/send"), origin, form).await;
    assert_eq!(sent, StatusCode::SEE_OTHER);
    let asked = Instant::now();
    let shown = loop {
        let shown = page(&http, &format!("{start}/inbox")).await;
        if shown.contains("To ana@acme.test") {
            break shown;
        }
        assert!(asked.elapsed() < PATIENCE, "no mail arrives");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (_, link) = shown.split_once(&format!("href=\"{origin}/v1/")).unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let followed = http
        .get(format!("{origin}/v1/{link}"))
        .send()
        .await
        .unwrap();
    assert!(followed.status().is_success() || followed.status().is_redirection());
}

#[actix_web::test]
async fn forms_of_other_sites_and_other_names_of_this_machine_are_refused() {
    let folder = Folder::fresh();
    let (_process, lines) = start_demo(&folder, &[]);
    let (http, start) = (browser(), value(&lines, "Open this page:"));
    for (path, form) in [
        ("faults/expired", ""),
        ("directory/acme/push", ""),
        (
            "directory/acme/active",
            "email=ana%40acme.test&active=false",
        ),
        ("inbox/send", "company=acme&email=ana%40acme.test&kind=link"),
        ("app/sign-out", ""),
        ("portal/acme", ""),
    ] {
        let sent = post(&http, &format!("{start}/{path}"), "http://evil.test", form).await;
        assert_eq!(sent, StatusCode::BAD_REQUEST, "{path}");
    }
    let nameless = http.post(format!("{start}/inbox/send"));
    let form = "company=acme&email=ana%40acme.test&kind=link";
    let nameless = nameless.header("content-type", "application/x-www-form-urlencoded");
    let sent = nameless.body(form).send().await.unwrap();
    assert_eq!(
        sent.status(),
        StatusCode::BAD_REQUEST,
        "who says nothing is no page"
    );
    let portal = http.post(format!("{start}/portal/acme"));
    let origin = start.strip_suffix("/demo").unwrap();
    let opened = portal.header("origin", origin).send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::SEE_OTHER);
    for path in ["", "/log", "/app", "/idp/acme/saml/metadata"] {
        let request = http
            .get(format!("{start}{path}"))
            .header("host", "evil.test:8080")
            .header("x-forwarded-host", origin.strip_prefix("http://").unwrap());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[actix_web::test]
async fn its_pages_weigh_little_compressed_with_all_that_they_are_made_with() {
    let folder = Folder::fresh();
    let (_process, lines) = start_demo(&folder, &["--tour"]);
    let (http, start) = (browser(), value(&lines, "Open this page:"));
    let origin = start.strip_suffix("/demo").unwrap();
    let weight = async |path: &str| {
        // It sends its pages as they are, since they never leave this machine.
        let body = page(&http, &format!("{origin}{path}")).await;
        let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
        compressed.write_all(body.as_bytes()).unwrap();
        compressed.finish().unwrap().len()
    };
    let mut parts = 0;
    for asset in ["/assets/style.css", "/assets/script.js", "/assets/icon.svg"] {
        parts += weight(asset).await;
    }
    for path in [
        "/demo",
        "/demo/app",
        "/demo/directory/acme",
        "/demo/faults",
        "/demo/inbox",
        "/demo/log",
    ] {
        let whole = parts + weight(path).await;
        assert!(whole < 60_000, "{path}: {whole}");
    }
}

async fn tour(environment: &[(&str, &str)]) -> Value {
    let folder = Folder::fresh();
    let (_process, lines) = start_demo(&folder, &[]);
    let mut command = Command::new("node");
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/peers/node/demo_tour.mjs"
        ))
        .env("DEMO", value(&lines, "Open this page:"))
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    let output = actix_web::rt::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaints}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told.get("complaints"), Some(&json!([])), "{told}");
    told
}

#[actix_web::test]
async fn axe_finds_nothing_on_any_page_in_light_and_dark_wide_and_narrow() {
    tour(&[("AXE", "1")]).await;
}

#[actix_web::test]
async fn the_whole_tour_works_in_chromium_and_takes_a_few_seconds() {
    let told = tour(&[]).await;
    eprintln!("the tour: {told}");
    // Ten seconds on a machine to itself; here others run beside it.
    assert!(told["seconds"].as_f64().unwrap() < 60.0, "{told}");
    assert!(
        told["signed_out_after_ms"].as_f64().unwrap() < 5000.0,
        "{told}"
    );
}
