//! `cargo xtask serve`: dist/ on this machine, with the headers of a production host.

mod headers;
mod model;
mod site;

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT_ENCODING, HeaderName, IF_NONE_MATCH};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, http};
use hyper_util::rt::TokioIo;

use crate::project::Project;
use crate::wasm::Profile;
use crate::{build, process};

use site::{Query, Reply, Site};

/// The first port to try if none is given.
const FIRST_PORT: u16 = 8000;

/// How long the server waits after a connection that it could not accept. Most of these errors concern one connection,
/// or pass when others end; a lasting one must not keep the CPU busy.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Build dist/ and serve it on 127.0.0.1.
///
/// Fetches what is missing, builds what has changed, and prints the URL as soon as the first wasm file is
/// ready: the page then computes on one thread. The other files are built in the background. Every response
/// has the content security policy and the headers for cross-origin isolation, which threads need.
#[derive(clap::Args)]
pub struct Args {
    /// Port to listen on; 0 picks any free one [default: the first free one from 8000]
    #[arg(long)]
    port: Option<u16>,

    /// Leave out the isolation headers, as static hosts do: the page then runs on one thread
    #[arg(long)]
    no_isolation: bool,

    /// Leave trusted types out of the policy: pages of your own may then use the library as it is
    #[arg(long)]
    no_trusted_types: bool,

    /// Serve below this path, as if dist/ were a folder of a larger site
    #[arg(long, value_name = "PATH", default_value = "/")]
    prefix: String,

    /// Start with another model: resnet18, resnet34, resnet50, resnet101 or resnet152, which know
    /// ImageNet's 1000 classes and are downloaded once, or a checkpoint
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<PathBuf>,

    /// Open the page in the default browser
    #[arg(long)]
    open: bool,

    /// Serve dist/ without building
    #[arg(long)]
    no_build: bool,

    /// Build faster, with less optimisation
    #[arg(long, conflicts_with = "no_build")]
    dev: bool,
}

/// Runs the command; returns only on errors.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let model = args.model.as_deref().map(|wanted| model::prepare(project, wanted)).transpose()?;
    let mut server = None;
    let mut open = || {
        server = Some(start(project, args, model.clone())?);
        Ok(())
    };
    let built = if args.no_build {
        open()
    } else {
        let profile = if args.dev { Profile::Dev } else { Profile::Release };
        build::build_in_stages(project, profile, open)
    };
    match server {
        None => built,
        Some(server) => {
            if let Err(error) = built {
                eprintln!(
                    "error: {error:#}\nthe page is served with the files that were ready before"
                );
            }
            server.wait()
        }
    }
}

/// Starts the server and prints its address.
fn start(project: &Project, args: &Args, model: Option<PathBuf>) -> Result<Server> {
    if !project.dist().join("index.html").is_file() {
        bail!("there is no dist/index.html: run `cargo xtask build`");
    }
    let mut site = Site::new(project.dist(), &args.prefix, !args.no_isolation);
    if args.no_trusted_types {
        site = site.without_trusted_types();
    }
    if let Some(model) = model {
        site = site.with_model(model);
    }
    let server = Server::start(site, listen(args.port)?)?;
    println!("serving dist/ at {}  (Ctrl-C stops)", server.url);
    if args.open {
        open(&server.url)?;
    }
    Ok(server)
}

/// Serves `folder`, isolated, on any free port until the process ends; returns the URL. The folder may contain other
/// libraries, or other builds.
pub fn in_background(folder: PathBuf) -> Result<String> {
    let site = Site::new(folder, "/", true).without_trusted_types();
    let server = Server::start(site, listen(Some(0))?)?;
    Ok(server.url)
}

/// Binds `port`, or the first free one.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    if let Some(port) = port {
        return bind(port)
            .with_context(|| format!("cannot listen on port {port}; `--port 0` picks a free one"));
    }
    (FIRST_PORT..FIRST_PORT + 100)
        .find_map(|port| bind(port).ok())
        .with_context(|| format!("none of the 100 ports from {FIRST_PORT} on is free"))
}

/// A running server.
struct Server {
    /// The page's URL, including the site's prefix.
    url: String,
    thread: thread::JoinHandle<Result<()>>,
}

impl Server {
    /// Starts answering in the background, until the process ends.
    fn start(site: Site, listener: TcpListener) -> Result<Self> {
        let url = format!("http://{}{}", listener.local_addr()?, site.prefix());
        listener.set_nonblocking(true)?;
        Ok(Self { url, thread: thread::spawn(|| answer_all(Arc::new(site), listener)) })
    }

    fn wait(self) -> Result<()> {
        self.thread.join().map_err(|_| anyhow!("the server has panicked"))?
    }
}

/// Accepts connections forever. One thread is enough, because a request only reads a file.
fn answer_all(site: Arc<Site>, listener: TcpListener) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    eprintln!("cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let site = Arc::clone(&site);
            let service = service_fn(move |request| {
                let reply = answer(&site, &request);
                async { reply }
            });
            tokio::spawn(async move {
                // A browser that disconnects before its answer arrives is not an error.
                let _gone =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

fn answer(site: &Site, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, http::Error> {
    let header =
        |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let url = request.uri().path_and_query().map_or("/", |url| url.as_str());
    let query = Query {
        method: request.method().as_str(),
        url,
        if_none_match: header(IF_NONE_MATCH),
        accept_encoding: header(ACCEPT_ENCODING),
    };
    let Reply { status, headers, body } = site.reply(&query);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Full::from(body))
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
        assert!(large.contains("content-length: 100000\r\n"), "{large:.900}");
        assert!(large.contains("content-type: application/wasm\r\n"), "{large:.900}");
        // Browsers keep several connections open and idle: none may make another one wait.
        let address = server.url.trim_start_matches("http://").trim_end_matches('/');
        let _idle: Vec<_> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
        let missing = get(&server, "/missing");
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
        assert!(missing.contains("cross-origin-embedder-policy: require-corp\r\n"), "{missing}");
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
