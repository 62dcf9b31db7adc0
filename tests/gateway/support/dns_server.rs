//! A DNS server on loopback that knows TXT records alone (RFC 1035 §4).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::net::UdpSocket;

#[derive(Default)]
struct Known {
    texts: HashMap<String, Vec<Vec<u8>>>,
    silent: bool,
    asked: usize,
}

/// A running server; it ends with the test's runtime.
#[derive(Clone)]
pub struct DnsServer {
    pub address: SocketAddr,
    known: Arc<Mutex<Known>>,
}

impl DnsServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: socket.local_addr().unwrap(),
            known: Arc::default(),
        };
        let known = server.known.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let answer = answer(&buffer[..length], &mut known.lock().unwrap());
                if let Some(answer) = answer {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        server
    }

    /// Has exactly these texts under a name from now on.
    pub fn set(&self, name: &str, texts: &[&[u8]]) {
        let texts = texts.iter().map(|text| text.to_vec()).collect();
        let mut known = self.known.lock().unwrap();
        known.texts.insert(name.to_owned(), texts);
    }

    /// Answers nobody any more, or everybody again.
    pub fn set_silent(&self, silent: bool) {
        self.known.lock().unwrap().silent = silent;
    }

    /// How many questions came since this was last asked.
    pub fn asked(&self) -> usize {
        std::mem::take(&mut self.known.lock().unwrap().asked)
    }
}

fn answer(query: &[u8], known: &mut Known) -> Option<Vec<u8>> {
    known.asked += 1;
    if known.silent {
        return None;
    }
    let (name, end) = question(query)?;
    let texts = known.texts.get(&name).cloned().unwrap_or_default();
    let code = if texts.is_empty() { 3 } else { 0 };
    let mut answer = query[..2].to_vec();
    // An answer, recursion desired and available; the name is known or not.
    answer.extend([
        0x81,
        0x80 | code,
        0,
        1,
        0,
        u8::try_from(texts.len()).unwrap(),
    ]);
    answer.extend([0, 0, 0, 0]);
    answer.extend(&query[12..end]);
    for text in texts {
        let parts: Vec<u8> = text
            .chunks(255)
            .flat_map(|part| [&[u8::try_from(part.len()).unwrap()], part].concat())
            .collect();
        // The name of the question, TXT, IN, one minute.
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(parts.len()).unwrap().to_be_bytes());
        answer.extend(parts);
    }
    Some(answer)
}

/// The name that is asked for, and where the question ends.
fn question(query: &[u8]) -> Option<(String, usize)> {
    let (mut labels, mut at) = (Vec::new(), 12);
    loop {
        let length = usize::from(*query.get(at)?);
        if length == 0 {
            return Some((labels.join("."), at + 5));
        }
        let label = query.get(at + 1..at + 1 + length)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += 1 + length;
    }
}
