//! What is logged at its most talkative: requests, and no credential of those who send them.

use std::fs;
use std::fs::File;

use reqwest::Client;

use super::Installation;
use super::Process;
use super::bad_scim::Target;
use super::bad_scim::command;

#[actix_web::test]
async fn no_token_of_a_directory_is_logged_whichever_way_it_comes() {
    let installation = Installation::new();
    let log = installation.folder.0.join("log");
    let mut command = command(&installation);
    command
        .env("VESTIBULE_LOG", "vestibule=trace,debug")
        .stderr(File::create(&log).unwrap());
    let mut process = Process::start(command);
    process.until("Health and metrics");
    let target = Target::make(&installation).await;
    let (client, token) = (Client::new(), target.token.as_str());
    let users = format!("{}/Users", target.url);
    let form = format!("grant_type=client_credentials&client_id=x&client_secret={token}");
    let requests = [
        (client.get(&users).bearer_auth(token), 200),
        (client.get(&users).bearer_auth(format!("{token}x")), 401),
        (client.get(format!("{users}?access_token={token}")), 401),
        (client.get(&users).basic_auth(token, Some(token)), 401),
        (
            client
                .post(&users)
                .bearer_auth(token)
                .body(token.to_owned()),
            400,
        ),
        (
            client
                .post(format!("{}/oauth2/token", target.url))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form),
            401,
        ),
    ];
    for (request, status) in requests {
        let answer = request.send().await.unwrap();
        let (told, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        assert_eq!(told, status, "{text}");
        assert!(!text.contains(token), "{text}");
    }
    assert_eq!(process.stop().code(), Some(0));
    let lines = fs::read_to_string(&log).unwrap();
    assert!(
        lines.lines().filter(|line| line.contains("/Users")).count() >= 5,
        "{lines}"
    );
    assert!(!lines.contains(token), "{lines}");
}
