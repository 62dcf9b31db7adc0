//! Plain HTTP/1.1 over one kept-alive connection (RFC 9112), as light as a client can be.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::Outcome;

/// Longer than the product lets any request last.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection to one server.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
    chunk: Vec<u8>,
}

/// What a server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first header of that name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// Whether nothing more is answered on this connection (RFC 9112, 9.6).
    pub(crate) fn closes(&self) -> bool {
        let connection = self.header("connection");
        connection.is_some_and(|options| options.eq_ignore_ascii_case("close"))
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

/// The bytes of a request; a body is SCIM or management JSON.
pub(crate) fn request(line: &str, authorization: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: bench\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

impl Client {
    /// Connects to `host:port`.
    pub(crate) fn connect(authority: &str) -> Outcome<Self> {
        let failed = |error| format!("{authority} cannot be reached: {error}");
        let stream = TcpStream::connect(authority).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        Ok(Self {
            stream,
            received: Vec::new(),
            chunk: vec![0; 16 * 1024],
        })
    }

    /// Sends a request and reads its answer whole.
    pub(crate) fn send(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream
            .write_all(request)
            .map_err(|error| format!("the request could not be sent: {error}"))?;
        self.received.clear();
        let (head, body) = loop {
            self.receive()?;
            if let Some(end) = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                break (end, end + 4);
            }
        };
        let head = self.received.get(..head).unwrap_or_default();
        let head = String::from_utf8_lossy(head).into_owned();
        let (status, length) = read_head(&head)?;
        while self.received.len() < body + length {
            self.receive()?;
        }
        Ok(Answer {
            status,
            head,
            body: self.received.get(body..).unwrap_or_default().to_vec(),
        })
    }

    fn receive(&mut self) -> Outcome<()> {
        let read = self.stream.read(&mut self.chunk);
        match read.map_err(|error| format!("no answer came: {error}"))? {
            0 => Err("the server closed the connection".to_owned()),
            read => {
                self.received
                    .extend_from_slice(self.chunk.get(..read).unwrap_or_default());
                Ok(())
            }
        }
    }
}

fn read_head(head: &str) -> Outcome<(u16, usize)> {
    let unreadable = || format!("this is no answer with a length: {head}");
    let status = head.split_whitespace().nth(1);
    let status = status.and_then(|status| status.parse().ok());
    let length = header(head, "content-length").and_then(|value| value.parse().ok());
    status.zip(length).ok_or_else(unreadable)
}
