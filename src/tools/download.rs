//! Download of one file, checked by its hash.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use super::error::{Result, ToolError};
use super::files::NewFile;

/// More bytes than any checkpoint has: a ResNet-152 has 240 MB.
const MAX_BYTES: u64 = 1 << 30;

/// How long a server may take to accept a connection, to start its answer, and between parts of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Downloads `url` to the file `place`, which appears only if its SHA-256 begins with `sha256`
/// (lower-case hexadecimal). Gives up when a server sends nothing for `PATIENCE`, however slow it is otherwise.
pub fn download(url: &str, place: &Path, sha256: &str) -> Result<()> {
    download_patiently(PATIENCE, url, place, sha256)
}

/// Does the same with another `PATIENCE`.
fn download_patiently(patience: Duration, url: &str, place: &Path, sha256: &str) -> Result<()> {
    let failed = |reason: String| ToolError::Download {
        url: url.into(),
        reason,
        file: place.file_name().unwrap_or_default().to_string_lossy().into(),
        folder: place.parent().unwrap_or(Path::new("")).into(),
    };
    let agent = ureq::Agent::config_builder()
        .timeout_connect(Some(patience))
        .timeout_recv_response(Some(patience))
        .timeout_per_read(Some(patience))
        .build()
        .new_agent();
    let mut response = agent.get(url).call().map_err(|error| failed(error.to_string()))?;
    let length = response.body().content_length();
    let bar = progress_bar(length);
    let body = response.body_mut().as_reader().take(MAX_BYTES);
    let mut file = NewFile::create(place)?;
    let found = copy_hashed(&mut bar.wrap_read(body), &mut file).map_err(|error| match error {
        CopyError::Read(error) => failed(error.to_string()),
        CopyError::Write(error) => ToolError::io(place)(error),
    })?;
    bar.finish_and_clear();
    if !found.starts_with(sha256) {
        let expected = format!("expected a SHA-256 that begins with {sha256}");
        return Err(failed(format!("{expected}, found {found}")));
    }
    file.finish()
}

/// Returns the SHA-256 of a file in lower-case hexadecimal.
pub fn hash_file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(ToolError::io(path))?;
    copy_hashed(&mut file, &mut io::sink()).map_err(|error| match error {
        CopyError::Read(error) | CopyError::Write(error) => ToolError::io(path)(error),
    })
}

/// The side of a copy that failed.
enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// Copies everything and returns its SHA-256.
fn copy_hashed(
    from: &mut impl Read,
    to: &mut impl Write,
) -> std::result::Result<String, CopyError> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        hasher.update(&buffer[..length]);
        to.write_all(&buffer[..length]).map_err(CopyError::Write)?;
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns a progress bar in bytes; the server may not announce the length.
fn progress_bar(length: Option<u64>) -> ProgressBar {
    let template = match length {
        Some(_) => "{bytes}/{total_bytes} {wide_bar} {bytes_per_sec}, {eta} left",
        None => "{bytes} {spinner} {bytes_per_sec}",
    };
    let style = ProgressStyle::with_template(template).expect("the templates are valid");
    length.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_server_that_falls_silent_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/model", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").unwrap();
            // Ends when the client hangs up, or with another error if the client would wait forever.
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let _ended = io::copy(&mut stream, &mut io::sink());
        });
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("model");
        let patience = Duration::from_millis(500);
        let error = download_patiently(patience, &url, &place, "").unwrap_err().to_string();
        assert!(error.contains("timeout"), "{error}");
        assert!(folder.path().read_dir().unwrap().next().is_none());
        server.join().unwrap();
    }
}
