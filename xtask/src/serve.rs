//! `cargo xtask serve`: dist/ on this machine, with the headers of a production host.

mod site;

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use tiny_http::{Header, Request, Response};

use crate::project::Project;
use crate::wasm::Profile;
use crate::{build, process};

use site::{Query, Reply, Site};

/// Where the search for a free port begins if none is asked for.
const FIRST_PORT: u16 = 8000;

/// Threads that answer. A page with its workers opens a handful of connections at once.
const THREADS: usize = 8;

/// Build dist/ and serve it on 127.0.0.1.
///
/// Gets what is missing, builds what has changed, and prints the URL. Every response carries the
/// content security policy and the headers for cross-origin isolation, which threads need.
#[derive(clap::Args)]
pub struct Args {
    /// Port to listen on; 0 takes any free one [default: the first free one from 8000]
    #[arg(long)]
    port: Option<u16>,

    /// Leave out the isolation headers, as static hosts do: the page then runs on one thread
    #[arg(long)]
    no_isolation: bool,

    /// Serve below this path, as if dist/ were a folder of a larger site
    #[arg(long, value_name = "PATH", default_value = "/")]
    prefix: String,

    /// Open the page in the default browser
    #[arg(long)]
    open: bool,

    /// Serve dist/ as it is
    #[arg(long)]
    no_build: bool,

    /// Build quickly instead of well
    #[arg(long, conflicts_with = "no_build")]
    dev: bool,
}

/// Runs the command; returns only on errors.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    if !args.no_build {
        build::build(project, if args.dev { Profile::Dev } else { Profile::Release })?;
    }
    if !project.dist().join("index.html").is_file() {
        bail!("there is no dist/index.html: run `cargo xtask build`");
    }
    let site = Site::new(project.dist(), &args.prefix, !args.no_isolation);
    let server = Server::start(site, listen(args.port)?)?;
    println!("serving dist/ at {}  (Ctrl-C stops)", server.url);
    if args.open {
        open(&server.url)?;
    }
    server.wait()
}

/// Takes `port`, or the first free one.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return bind(port).with_context(|| {
            format!("cannot listen on port {port}; `--port 0` takes any that is free")
        });
    }
    (FIRST_PORT..FIRST_PORT + 100)
        .find_map(|port| bind(port).ok())
        .with_context(|| format!("none of the 100 ports from {FIRST_PORT} on is free"))
}

/// A running server.
struct Server {
    /// Where the page is, with the site's prefix.
    url: String,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Server {
    /// Starts answering in the background, until the process ends.
    fn start(site: Site, listener: TcpListener) -> Result<Self> {
        let url = format!("http://{}{}", listener.local_addr()?, site.prefix());
        let server = tiny_http::Server::from_listener(listener, None)
            .map_err(|error| anyhow!("cannot start the server: {error}"))?;
        let shared = Arc::new((server, site));
        let answer_all = |_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let (server, site) = &*shared;
                for request in server.incoming_requests() {
                    answer(site, request);
                }
            })
        };
        Ok(Self { url, threads: (0..THREADS).map(answer_all).collect() })
    }

    fn wait(self) -> Result<()> {
        for thread in self.threads {
            thread.join().map_err(|_| anyhow!("a thread of the server has panicked"))?;
        }
        Ok(())
    }
}

fn answer(site: &Site, request: Request) {
    let etag = request.headers().iter().find(|header| header.field.equiv("If-None-Match"));
    let query = Query {
        method: request.method().as_str(),
        url: request.url(),
        if_none_match: etag.map(|header| header.value.as_str()),
    };
    let Reply { status, headers, body } = site.reply(&query);
    // Never chunked: pages show how much of a file is still to come.
    let mut response =
        Response::from_data(body).with_status_code(status).with_chunked_threshold(usize::MAX);
    for (name, value) in headers {
        response.add_header(
            Header::from_bytes(name, value).expect("the site's headers are printable ASCII"),
        );
    }
    // A browser that has left while its answer was on its way is no error.
    let _gone = request.respond(response);
}

fn open(url: &str) -> Result<()> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    process::run(command.arg(url))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn get(server: &Server, path: &str) -> String {
        let address = server.url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn large_files_announce_their_length_and_errors_are_isolated_too() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(dist.path().join("large.wasm"), vec![b'x'; 100_000]).unwrap();
        let site = Site::new(dist.path().into(), "/", true);
        let server = Server::start(site, listen(Some(0)).unwrap()).unwrap();
        let large = get(&server, "/large.wasm");
        assert!(large.starts_with("HTTP/1.1 200"), "{large:.300}");
        assert!(large.contains("Content-Length: 100000\r\n"), "{large:.900}");
        assert!(large.contains("Content-Type: application/wasm\r\n"), "{large:.900}");
        let missing = get(&server, "/missing");
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
        assert!(missing.contains("Cross-Origin-Embedder-Policy: require-corp\r\n"), "{missing}");
    }

    #[test]
    fn a_port_in_use_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = listen(Some(port)).unwrap_err();
        assert!(error.to_string().contains(&format!("port {port}")), "{error}");
        assert!(listen(None).is_ok());
    }
}
