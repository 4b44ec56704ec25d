//! Fetching checkpoints, from a server inside the test.
#![cfg(feature = "tools")]

use crate::common::model_file::ModelFile;
use reslens::tools::fetch::{RELEASES, Release};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread::{JoinHandle, spawn};
use tempfile::TempDir;

/// Answers one request, and returns its first line.
fn serve_once(status: &'static str, body: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/models/", listener.local_addr().unwrap());
    let server = spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        let request = lines.next().unwrap().unwrap();
        while !lines.next().unwrap().unwrap().is_empty() {}
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close");
        write!(stream, "{head}\r\n\r\n").unwrap();
        // A client that refuses the answer may hang up before the end.
        let _ = stream.write_all(&body);
        request
    });
    (url, server)
}

/// The folders of a fetch, and its release.
struct Bench {
    folder: TempDir,
    release: Release,
}

impl Bench {
    /// Prepares for a file whose SHA-256 begins with `sha256`. A `.safetensors` file stands in for the published ones,
    /// which are too large to keep here.
    fn new(sha256: &'static str) -> Bench {
        let release = Release { name: "resnet18", file: "resnet18-test.safetensors", sha256 };
        Bench { folder: TempDir::new().unwrap(), release }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("models/resnet18.safetensors")
    }

    /// Fetches, expecting a failure that leaves no output behind.
    fn fail(&self, server: &str) -> String {
        let message = self.release.fetch(server, &self.cache(), &self.output()).unwrap_err();
        assert!(!self.output().exists());
        let message = message.to_string();
        assert!(message.contains(self.release.file), "{message}");
        assert!(message.contains(&self.cache().display().to_string()), "{message}");
        message
    }

    fn cached(&self) -> Vec<String> {
        let entries = fs::read_dir(self.cache()).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn hash(bytes: &[u8]) -> &'static str {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    hash.leak()
}

#[test]
fn the_right_file_is_converted_and_kept() {
    let body = ModelFile::of("resnet18", 2).bytes();
    let bench = Bench::new(&hash(&body)[..8]);
    let (server, request) = serve_once("200 OK", body);
    let imported = bench.release.fetch(&server, &bench.cache(), &bench.output()).unwrap();
    assert_eq!((imported.architecture, imported.classes), ("resnet18", 2));
    assert_eq!(request.join().unwrap(), "GET /models/resnet18-test.safetensors HTTP/1.1");
    assert_eq!(bench.cached(), [bench.release.file]);

    fs::remove_file(bench.output()).unwrap();
    bench.release.fetch("http://127.0.0.1:1", &bench.cache(), &bench.output()).unwrap();
    assert!(bench.output().exists(), "from the cache, with no server");
}

#[test]
fn a_wrong_file_is_not_kept() {
    let bench = Bench::new("f37072fd");
    let (server, _) = serve_once("200 OK", b"not the file".to_vec());
    let message = bench.fail(&server);
    let found = hash(b"not the file");
    let expected = format!("expected a SHA-256 that begins with f37072fd, found {found}");
    assert!(message.contains(&expected), "{message}");
    assert!(bench.cached().is_empty());
}

#[test]
fn a_missing_file_is_named() {
    let bench = Bench::new("f37072fd");
    let (server, _) = serve_once("404 Not Found", b"gone".to_vec());
    let message = bench.fail(&server);
    assert!(message.contains("404"), "{message}");
    assert!(message.contains("put it into the folder"), "{message}");
    assert!(bench.cached().is_empty());
}

#[test]
fn without_a_network_it_says_what_to_do() {
    let bench = Bench::new("f37072fd");
    let message = bench.fail("http://127.0.0.1:1");
    assert!(message.contains("put it into the folder"), "{message}");
}

#[test]
fn a_wrong_file_in_the_cache_is_not_used() {
    let bench = Bench::new("f37072fd");
    fs::create_dir_all(bench.cache()).unwrap();
    fs::write(bench.cache().join(bench.release.file), "something else").unwrap();
    let message = bench.fail("http://127.0.0.1:1");
    assert!(message.contains("expected a SHA-256 that begins with f37072fd"), "{message}");
}

#[test]
fn releases_are_named_by_their_hashes() {
    for release in RELEASES {
        let digits = release.file.strip_prefix(release.name).unwrap();
        let digits = digits.strip_prefix('-').unwrap().strip_suffix(".pth").unwrap();
        assert!(digits.len() == 8 && release.sha256.starts_with(digits), "{release:?}");
    }
}
