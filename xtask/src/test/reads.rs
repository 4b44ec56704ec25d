//! Which of the clone's files each kind of step reads. Everything counts that is not listed here.

/// The extensions of files that native code and its tests do not read.
const NOT_NATIVE: [&str; 7] = ["css", "html", "js", "md", "mjs", "svg", "ts"];

/// The extensions of files that the type checker reads.
const TYPED: [&str; 9] = ["cjs", "cts", "js", "json", "jsx", "mjs", "mts", "ts", "tsx"];

/// The documents' test: it compares them with the code.
const DOCUMENTS: &str = "tests/js/docs.test.mjs";

/// Beginnings of paths that JavaScript tests do not read, with the tests that do. A browser sees the code in `src/` only
/// as it is built.
const UNREAD: [(&str, &[&str]); 13] = [
    ("ARCHITECTURE.md", &[DOCUMENTS]),
    ("CHANGELOG.md", &[DOCUMENTS]),
    ("CONTRIBUTING.md", &[DOCUMENTS]),
    (
        "README.md",
        &[
            DOCUMENTS,
            "tests/browser/library-gradients.test.mjs",
            "tests/browser/sizes.test.mjs",
            "tests/npm/package.test.mjs",
        ],
    ),
    ("SECURITY.md", &[DOCUMENTS]),
    ("docs/", &[DOCUMENTS, "tests/browser/docs.test.mjs"]),
    ("examples/", &[DOCUMENTS, "tests/npm/examples.test.mjs"]),
    ("fuzz/", &[]),
    ("src/", &[DOCUMENTS]),
    ("tests/common/", &[]),
    ("tests/native/", &[]),
    ("tests/threads/", &[]),
    ("training/", &[]),
];

/// Every file: for steps that take seconds.
pub fn all(_path: &str) -> bool {
    true
}

/// The files of the native tests.
pub fn native(path: &str) -> bool {
    !has_extension(path, &NOT_NATIVE)
}

/// The files of the type checker.
pub fn typed(path: &str) -> bool {
    has_extension(path, &TYPED)
}

/// The files of one JavaScript test, whose path is `test`: no other test, and nothing that it does not read.
pub fn javascript(test: &str) -> impl Fn(&str) -> bool {
    move |path| {
        if is_test(path) {
            return path == test;
        }
        let unread = |(start, readers): &(&str, &[&str])| {
            path.starts_with(start) && !readers.contains(&test)
        };
        !UNREAD.iter().any(unread)
    }
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") && path.ends_with(".test.mjs")
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::tree;

    fn root() -> PathBuf {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        Path::new(&package).parent().unwrap().into()
    }

    /// Returns the files below the clone's `folder` that have one of the extensions, with their texts.
    fn texts(folder: &str, extensions: &[&str]) -> Vec<(String, String)> {
        let root = root();
        let wanted = |path: &String| path.starts_with(folder) && has_extension(path, extensions);
        let paths = tree::of_git(&root).unwrap().into_iter().filter(wanted);
        paths.map(|path| (path.clone(), fs::read_to_string(root.join(path)).unwrap())).collect()
    }

    #[test]
    fn a_test_reads_itself_what_it_imports_and_no_other_test() {
        let reads = javascript("tests/browser/page.test.mjs");
        for path in
            ["tests/browser/page.test.mjs", "tests/browser/support/page.mjs", "dist/index.html"]
        {
            assert!(reads(path), "{path}");
        }
        for path in
            ["tests/browser/drills.test.mjs", "tests/js/page.test.mjs", "src/lib.rs", "README.md"]
        {
            assert!(!reads(path), "{path}");
        }
        assert!(javascript("tests/browser/sizes.test.mjs")("README.md"));
        assert!(javascript(DOCUMENTS)("src/lib.rs"));
    }

    #[test]
    fn native_tests_read_code_kernels_and_tables() {
        for path in [
            "src/lib.rs",
            "src/gpu/wgsl/quads.wgsl",
            "www/architectures.json",
            "Cargo.lock",
            ".cargo/config.toml",
        ] {
            assert!(native(path), "{path}");
        }
        assert!(!native("www/app/main.js") && !native("README.md"));
        assert!(typed("www/app/main.js") && typed("package-lock.json") && !typed("src/lib.rs"));
    }

    #[test]
    fn javascript_tests_mention_no_path_that_does_not_count_for_them() {
        let tests = texts("tests/", &["mjs", "ts"]);
        assert!(tests.len() > 100);
        for (path, text) in tests {
            let counts = javascript(&path);
            for (unread, _) in UNREAD.iter().filter(|(unread, _)| !counts(unread)) {
                let name = unread.trim_end_matches('/');
                let is_path = |(at, _): (usize, &str)| {
                    let before = ["../../", "'", "\"", "`", "${ROOT}", "${ROOT}/"];
                    before.iter().any(|before| text[..at].ends_with(before))
                        && text[at + name.len()..].starts_with(['/', '\'', '"', '`'])
                };
                let found = text.match_indices(name).any(is_path);
                assert!(!found, "{path} mentions {name}: name it in UNREAD as a reader");
            }
        }
    }

    #[test]
    fn native_code_mentions_no_file_that_does_not_count_for_it() {
        for (path, text) in ["src/", "tests/"].into_iter().flat_map(|folder| texts(folder, &["rs"]))
        {
            for extension in NOT_NATIVE {
                let mention = format!(".{extension}\"");
                assert_eq!(text.lines().find(|line| line.contains(&mention)), None, "{path}");
            }
        }
    }
}
