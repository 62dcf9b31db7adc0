//! The demo's own mail server: takes every mail for the inbox and sends none on (RFC 5321).

use std::io;
use std::sync::Arc;

use actix_web::rt;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::demo::inbox::Mail;
use crate::demo::mime;
use crate::demo::record::Who;
use crate::demo::stage::Stage;

const LARGEST: usize = 1024 * 1024;

/// Takes mails until the process ends.
pub async fn serve(listener: TcpListener, stage: Arc<Stage>) {
    while let Ok((stream, _)) = listener.accept().await {
        let stage = stage.clone();
        rt::spawn(async move {
            // A client that hangs up in the middle has sent nothing.
            let _ = talk(stream, &stage).await;
        });
    }
}

async fn talk(mut stream: TcpStream, stage: &Stage) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 vestibule demo\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        let answer: &[u8] = match verb.to_ascii_uppercase().as_str() {
            "RCPT" => {
                to = address(&line);
                b"250 OK\r\n"
            }
            "DATA" => {
                write.write_all(b"354 Go on\r\n").await?;
                let mut message = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    if message.len() < LARGEST {
                        message.push_str(line.strip_prefix('.').unwrap_or(&line));
                        message.push('\n');
                    }
                }
                take(stage, &to, &message);
                b"250 OK\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 Bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 OK\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

fn take(stage: &Stage, to: &str, message: &str) {
    let (subject, text) = mime::read(message);
    stage.record.note(Who::Mail, format!("To {to}: {subject}"));
    stage.inbox.take(Mail {
        at: (stage.clock)(),
        to: to.to_owned(),
        subject,
        text,
    });
}

fn address(line: &str) -> String {
    let inside = line
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inside
        .map(|(address, _)| address.to_owned())
        .unwrap_or_default()
}
