use std::rc::Rc;
use std::time::Duration;
use std::time::Instant;

use super::Acme;
use super::EMAIL;
use super::OTHER;
use super::PASSWORD;

/// More than may wait on a machine of four cores.
const STORM: usize = 200;

#[actix_web::test]
async fn sessions_are_checked_while_logins_storm_and_who_cannot_be_served_is_told_when_to_return() {
    let acme = Rc::new(Acme::with_ana().await);
    let token = acme.session(PASSWORD).await;
    let storm: Vec<_> = (0..STORM)
        .map(|_| {
            let acme = acme.clone();
            actix_web::rt::spawn(async move { acme.authenticate(EMAIL, OTHER).await })
        })
        .collect();
    actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..20 {
        let begun = Instant::now();
        assert!(acme.is_session(&token).await);
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
    }
    let mut turned_away = 0;
    for login in storm {
        let answer = login.await.unwrap();
        match answer.status {
            401 => {}
            503 => {
                assert_eq!(answer.headers["retry-after"], "1");
                turned_away += 1;
            }
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert!(turned_away > 0);
}
