//! What a directory gets while another one floods the node, and what a node does that is asked for
//! more than it can do.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::Outcome;
use crate::figures;
use crate::figures::Place;
use crate::rows::Row;
use crate::run::Load;
use crate::run::Reading;
use crate::run::Window;
use crate::traffic;
use crate::traffic::Crowd;
use crate::traffic::Tally;
use crate::world::World;

/// Connections that a node is busy with, but not overloaded.
const USUAL_CLIENTS: u32 = 16;
/// Until what waited in a queue is done or given up.
const REST: Duration = Duration::from_secs(2);

/// One organization, alone and beside another one that floods.
#[derive(Args)]
pub(crate) struct Flood {
    row: Row,
    #[command(flatten)]
    beside: Reading,
    #[arg(long)]
    name: String,
    /// The organization that floods
    #[arg(long)]
    flooding_world: PathBuf,
    #[arg(long)]
    flooding_clients: u32,
    /// Of the organization that does not
    #[arg(long)]
    per_second: Option<u32>,
    /// The organization that floods waits as long as it is asked to
    #[arg(long)]
    obey: bool,
}

impl Flood {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let Reading {
            place, load, pid, ..
        } = &self.beside;
        let world = World::load(&self.beside.world)?;
        let flooding_world = World::load(&self.flooding_world)?;
        let quiet = Crowd {
            row: self.row,
            world: &world,
            clients: load.clients,
            per_second: self.per_second,
            obeys: true,
        };
        let flooding = Crowd {
            row: self.row,
            world: &flooding_world,
            clients: self.flooding_clients,
            per_second: None,
            obeys: self.obey,
        };
        let ([alone], _) = traffic::send([&quiet], Window::of(load), *pid)?;
        let ([beside, flood], peak_mb) =
            traffic::send([&quiet, &flooding], Window::of(load), *pid)?;
        thread::sleep(REST);
        self.print(place, (&alone, &beside, &flood), peak_mb)
    }

    fn print(
        &self,
        place: &Place,
        (alone, beside, flood): (&Tally, &Tally, &Tally),
        peak_mb: f64,
    ) -> Outcome<()> {
        let load = &self.beside.load;
        let [alone_rps, rps, flood_rps] = [alone, beside, flood].map(|it| it.rps(load.seconds));
        // Nobody's share is more than it would take.
        let fair_rps = alone_rps.min(f64::midpoint(rps, flood_rps));
        let without = [alone, beside, flood].map(|it| it.without_retry_after);
        figures::print(&figures::of(
            &self.name,
            place,
            json!({
                "clients": load.clients, "alone_rps": alone_rps, "rps": rps,
                "alone_p99_ms": alone.percentile_ms(99),
                "p50_ms": beside.percentile_ms(50), "p99_ms": beside.percentile_ms(99),
                "refused": beside.unavailable + beside.too_many, "fair_rps": fair_rps,
                "kept": rps / fair_rps, "kept_of_alone": rps / alone_rps,
                "flood_clients": self.flooding_clients, "flood_rps": flood_rps,
                "answers_503": flood.unavailable, "answers_429": flood.too_many,
                "no_retry_after": without.iter().sum::<u32>(), "broken": beside.broken + flood.broken,
                "rss_peak_mb": peak_mb,
            }),
        ))
    }
}

/// Far more clients than a node can serve, and the usual ones before and after.
#[derive(Args)]
pub(crate) struct Overload {
    #[command(flatten)]
    reading: Reading,
}

impl Overload {
    pub(crate) fn measure(&self) -> Outcome<()> {
        let Reading {
            place, load, pid, ..
        } = &self.reading;
        let world = World::load(&self.reading.world)?;
        let crowd = |clients| Crowd {
            row: Row::ScimCreate,
            world: &world,
            clients,
            per_second: None,
            obeys: false,
        };
        let send = |clients| traffic::send([&crowd(clients)], Window::of(load), *pid);
        let ([before], _) = send(USUAL_CLIENTS)?;
        let ([during], peak_mb) = send(load.clients)?;
        thread::sleep(REST);
        let ([after], _) = send(USUAL_CLIENTS)?;
        figures::print(&overload(place, load, (&before, &during, &after), peak_mb))
    }
}

fn overload(
    place: &Place,
    load: &Load,
    (before, during, after): (&Tally, &Tally, &Tally),
    peak_mb: f64,
) -> figures::Figures {
    let [before_rps, rps, after_rps] = [before, during, after].map(|it| it.rps(load.seconds));
    figures::of(
        "overload",
        place,
        json!({
            "clients": load.clients, "before_rps": before_rps, "rps": rps, "after_rps": after_rps,
            "recovered": after_rps / before_rps, "alone_p99_ms": before.percentile_ms(99),
            "p50_ms": during.percentile_ms(50), "p99_ms": during.percentile_ms(99),
            "answers_503": during.unavailable, "answers_429": during.too_many,
            "no_retry_after": during.without_retry_after, "broken": during.broken,
            "rss_peak_mb": peak_mb,
        }),
    )
}
