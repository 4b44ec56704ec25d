//! The server's answers: a file of a folder, or an error, always with the same security headers.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use percent_encoding::percent_decode_str;

use super::headers;
use crate::compress::ENCODINGS;

/// A folder as a web site.
pub struct Site {
    folder: PathBuf,
    /// The prefix, with a slash at both ends.
    prefix: String,
    isolated: bool,
    /// Whether its pages must create addresses of scripts by their own policy.
    trusted_types: bool,
    /// The file that is served in place of the bundled model.
    model: Option<PathBuf>,
}

/// The path of the bundled model in a site, which the page loads first.
const BUNDLED_MODEL: &str = "models/webcam50.safetensors";

/// A browser's request.
pub struct Query<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path and query string, percent-encoded.
    pub url: &'a str,
    /// The `ETag` of the browser's copy.
    pub if_none_match: Option<&'a str>,
    /// The encodings that the browser accepts.
    pub accept_encoding: Option<&'a str>,
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// All headers except `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The target of a URL.
enum Place {
    File(PathBuf, Metadata),
    /// A folder whose URL lacks its last slash: relative links in its page would be wrong.
    Moved(String),
    Nowhere,
}

impl Site {
    /// Serves `folder` below `prefix`. `isolated`: with the headers for cross-origin isolation.
    pub fn new(folder: PathBuf, prefix: &str, isolated: bool) -> Self {
        let inner = prefix.trim_matches('/');
        let prefix = if inner.is_empty() { "/".into() } else { format!("/{inner}/") };
        Self { folder, prefix, isolated, trusted_types: true, model: None }
    }

    /// Lets pages start scripts from any address that the rest of the policy allows: other libraries and earlier builds
    /// have no policy of this name.
    pub fn without_trusted_types(self) -> Self {
        Self { trusted_types: false, ..self }
    }

    /// Serves the file `model` in place of the bundled model.
    pub fn with_model(self, model: PathBuf) -> Self {
        Self { model: Some(model), ..self }
    }

    /// Returns the path of the site's first page.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Answers `query`.
    pub fn reply(&self, query: &Query) -> Reply {
        if !["GET", "HEAD"].contains(&query.method) {
            let text =
                format!("{} is not supported: this server only serves files\n", query.method);
            return self.text(405, text, vec![("Allow", "GET, HEAD".into())]);
        }
        match self.find(query.url) {
            Place::File(path, metadata) => self.file(&path, &metadata, query),
            Place::Moved(to) => self.text(301, format!("moved to {to}\n"), vec![("Location", to)]),
            Place::Nowhere => self.text(404, format!("there is no {}\n", query.url), vec![]),
        }
    }

    fn find(&self, url: &str) -> Place {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        if format!("{path}/") == self.prefix {
            return Place::Moved(self.prefix.clone());
        }
        let Some(encoded) = path.strip_prefix(&self.prefix) else { return Place::Nowhere };
        let Ok(inside) = percent_decode_str(encoded).decode_utf8() else { return Place::Nowhere };
        let mut file = self.folder.clone();
        for part in inside.split('/').filter(|part| !part.is_empty()) {
            // Neither outside the folder nor a hidden file, on Windows as well.
            if part.starts_with('.') || part.contains(['\\', ':', '\0']) {
                return Place::Nowhere;
            }
            file.push(part);
        }
        if let Some(model) = self.model.as_ref().filter(|_| inside == BUNDLED_MODEL) {
            file.clone_from(model);
        }
        if file.is_dir() {
            if !inside.is_empty() && !inside.ends_with('/') {
                // One slash at the start: after two, browsers read another host's name.
                return Place::Moved(format!("/{}/", path.trim_start_matches('/')));
            }
            file.push("index.html");
        }
        match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() => Place::File(file, metadata),
            _ => Place::Nowhere,
        }
    }

    fn file(&self, path: &Path, metadata: &Metadata, query: &Query) -> Reply {
        let known = query.if_none_match;
        let encoded = encoded(path, query.accept_encoding);
        let (source, metadata) =
            encoded.as_ref().map_or((path, metadata), |(_, file, found)| (file, found));
        let modified =
            metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let tag = format!("\"{:x}-{:x}\"", metadata.len(), modified.unwrap_or_default().as_nanos());
        let mut headers = self.headers();
        headers.push(("ETag", tag.clone()));
        headers.push(("Vary", "Accept-Encoding".into()));
        if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
            return Reply { status: 304, headers, body: vec![] };
        }
        match fs::read(source) {
            Ok(body) => {
                if let Some((encoding, ..)) = encoded {
                    headers.push(("Content-Encoding", encoding.into()));
                }
                headers.push(("Content-Type", media_type(path).into()));
                Reply { status: 200, headers, body }
            }
            Err(error) => self.text(500, format!("the file cannot be read: {error}\n"), vec![]),
        }
    }

    fn text(&self, status: u16, text: String, more: Vec<(&'static str, String)>) -> Reply {
        let mut headers = self.headers();
        headers.push(("Content-Type", "text/plain; charset=utf-8".into()));
        headers.extend(more);
        Reply { status, headers, body: text.into_bytes() }
    }

    /// Returns the headers of every response.
    fn headers(&self) -> Vec<(&'static str, String)> {
        headers::all(self.isolated, self.trusted_types)
    }
}

/// Returns the file beside `path` that has it in an encoding that the browser accepts, as release builds write them.
fn encoded(path: &Path, accepted: Option<&str>) -> Option<(&'static str, PathBuf, Metadata)> {
    let accepted = accepted?;
    let accepts = |name| {
        // A refused encoding has the quality 0, which no browser sends.
        accepted
            .split(',')
            .any(|each| each.split(';').next().is_some_and(|each| each.trim() == name))
    };
    ENCODINGS.into_iter().filter(|(_, name)| accepts(*name)).find_map(|(extension, name)| {
        let file = PathBuf::from(format!("{}.{extension}", path.display()));
        let metadata = fs::metadata(&file).ok()?;
        metadata.is_file().then_some((name, file, metadata))
    })
}

/// Returns the media type of a file's extension.
fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "css" => "text/css; charset=utf-8",
        "gif" => "image/gif",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpeg" | "jpg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" | "ts" | "txt" => "text/plain; charset=utf-8",
        "mp4" => "video/mp4",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "webm" => "video/webm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a request for the page; tests change the part that they are about.
    const ROOT: Query<'static> =
        Query { method: "GET", url: "/", if_none_match: None, accept_encoding: None };

    fn site(prefix: &str, isolated: bool) -> (tempfile::TempDir, Site) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "outside").unwrap();
        let dist = folder.path().join("dist");
        fs::create_dir_all(dist.join("models")).unwrap();
        fs::write(dist.join("index.html"), "page").unwrap();
        fs::write(dist.join("models/a b.safetensors"), "model").unwrap();
        (folder, Site::new(dist, prefix, isolated))
    }

    fn get(site: &Site, url: &str) -> Reply {
        site.reply(&Query { url, ..ROOT })
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        let found = reply.headers.iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn another_model_is_served_in_place_of_the_bundled_one() {
        let (folder, site) = site("/", true);
        let model = folder.path().join("secret");
        let site = site.with_model(model);
        assert_eq!(get(&site, "/models/webcam50.safetensors").body, b"outside");
        assert_eq!(get(&site, "/models/a%20b.safetensors").body, b"model");
    }

    #[test]
    fn every_response_carries_the_safety_headers() {
        let (_folder, site) = site("/", true);
        let tag = header(&get(&site, "/"), "ETag").unwrap().to_string();
        let not_modified = site.reply(&Query { if_none_match: Some(&tag), ..ROOT });
        let refused = site.reply(&Query { method: "POST", ..ROOT });
        let replies =
            [get(&site, "/"), get(&site, "/missing"), get(&site, "/models"), not_modified, refused];
        assert_eq!(replies.each_ref().map(|reply| reply.status), [200, 404, 301, 304, 405]);
        for reply in &replies {
            assert_eq!(header(reply, "Cross-Origin-Opener-Policy"), Some("same-origin"));
            assert_eq!(header(reply, "Cross-Origin-Embedder-Policy"), Some("require-corp"));
            let policy = header(reply, "Content-Security-Policy").unwrap();
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
            );
            assert!(policy.ends_with("; frame-ancestors 'none'"));
            assert!(!policy.contains("  "), "{policy}");
        }
    }

    #[test]
    fn without_isolation_only_the_isolation_headers_are_missing() {
        let (_folder, site) = site("/", false);
        let reply = get(&site, "/");
        assert_eq!(header(&reply, "Cross-Origin-Opener-Policy"), None);
        assert_eq!(header(&reply, "Cross-Origin-Embedder-Policy"), None);
        assert!(header(&reply, "Content-Security-Policy").is_some());
    }

    #[test]
    fn a_browser_gets_the_smallest_encoding_that_it_accepts() {
        let (folder, site) = site("/", true);
        let dist = folder.path().join("dist");
        fs::write(dist.join("index.html.br"), "brotli").unwrap();
        fs::write(dist.join("index.html.gz"), "gzip").unwrap();
        for (accept_encoding, body, encoding) in [
            (Some("gzip, deflate, br, zstd"), "brotli", Some("br")),
            (Some("gzip;q=1.0"), "gzip", Some("gzip")),
            (Some("deflate"), "page", None),
            (None, "page", None),
        ] {
            let reply = site.reply(&Query { accept_encoding, ..ROOT });
            assert_eq!(reply.body, body.as_bytes());
            assert_eq!(header(&reply, "Content-Encoding"), encoding);
            assert_eq!(header(&reply, "Content-Type"), Some("text/html; charset=utf-8"));
            assert_eq!(header(&reply, "Vary"), Some("Accept-Encoding"));
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let (_folder, site) = site("/", true);
        for url in [
            "/../secret",
            "/models/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/..%5csecret",
            "//../secret",
            "/%00",
            "/%ff",
            "secret",
        ] {
            assert_eq!(get(&site, url).status, 404, "{url}");
        }
    }

    #[test]
    fn a_folder_without_its_last_slash_is_moved_on_this_host() {
        let (_folder, site) = site("/", true);
        for url in ["/models", "//models", "///models?v=1"] {
            assert_eq!(header(&get(&site, url), "Location"), Some("/models/"), "{url}");
        }
    }

    #[test]
    fn urls_are_decoded_and_queries_ignored() {
        let (_folder, site) = site("/", true);
        assert_eq!(get(&site, "/models/a%20b.safetensors?v=1").body, b"model");
        assert_eq!(get(&site, "/?backend=cpu").body, b"page");
    }

    #[test]
    fn a_prefix_is_part_of_every_url() {
        let (_folder, site) = site("sub/path", true);
        assert_eq!(site.prefix(), "/sub/path/");
        assert_eq!(get(&site, "/sub/path/index.html").body, b"page");
        assert_eq!(header(&get(&site, "/sub/path"), "Location"), Some("/sub/path/"));
        assert_eq!(get(&site, "/index.html").status, 404);
        assert_eq!(get(&site, "/").status, 404);
    }

    #[test]
    fn media_types_are_what_browsers_insist_on() {
        for (path, expected) in [
            ("a.wasm", "application/wasm"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.safetensors", "application/octet-stream"),
            ("a.HTML", "text/html; charset=utf-8"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(media_type(Path::new(path)), expected, "{path}");
        }
    }
}
