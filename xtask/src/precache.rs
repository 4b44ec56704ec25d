//! The list of dist/'s files in its service worker: what a visit stores, with the hashes that verify stored files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::project::Project;
use crate::supply;
use crate::tree::Tree;

/// The path of the service worker in the site, without its list.
pub const TEMPLATE: &str = "service-worker/sw.js";

/// The lines of the template that the build fills in.
const BUILD: &str = "const BUILD = '';";
const FILES: &str = "const FILES = {};";

/// Number of digits in a build's name.
const NAME_DIGITS: usize = 16;

/// Writes the service worker for the files of `tree`, and returns its path. Its bytes change exactly when a file's
/// bytes do, which is how browsers detect a new build.
///
/// # Errors
///
/// If a file cannot be read, or the template has no place for the list.
pub fn service_worker(project: &Project, template: &Path, tree: &Tree) -> Result<PathBuf> {
    let mut list = Map::new();
    for (path, source) in tree.iter().filter(|(path, _)| is_requested(path)) {
        let bytes =
            fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
        list.insert(path.clone(), Value::from(hash(&bytes)));
    }
    let text = fs::read_to_string(template)
        .with_context(|| format!("cannot read {}", template.display()))?;
    let file = project.target.join("sw.js");
    fs::create_dir_all(&project.target)?;
    fs::write(&file, fill(&text, &list)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Returns the name of the build in dist/, as its page shows it.
///
/// # Errors
///
/// If dist/ has no service worker that names one.
pub fn build_name(project: &Project) -> Result<String> {
    let file = project.dist().join("sw.js");
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = name_in(&text).with_context(|| format!("{} names no build", file.display()))?;
    Ok(name.to_string())
}

fn name_in(service_worker: &str) -> Option<&str> {
    service_worker.lines().find_map(|line| line.strip_prefix("const BUILD = '")?.strip_suffix("';"))
}

/// Whether a page requests a file: types and notes are for people, and the bill of materials for their tools.
fn is_requested(path: &str) -> bool {
    !path.ends_with(".d.ts") && !path.ends_with(".md") && path != supply::SBOM
}

fn fill(template: &str, list: &Map<String, Value>) -> Result<String> {
    for place in [BUILD, FILES] {
        let found = template.lines().filter(|line| *line == place).count();
        ensure!(found == 1, "{TEMPLATE} has {found} lines `{place}`, expected 1");
    }
    let list = serde_json::to_string_pretty(list)?;
    let name = &hash(list.as_bytes())[..NAME_DIGITS];
    Ok(template
        .replace(BUILD, &format!("const BUILD = '{name}';"))
        .replace(FILES, &format!("const FILES = {list};")))
}

/// Returns the SHA-256 of bytes, in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "// By hand.\nconst BUILD = '';\nconst FILES = {};\nfetch;\n";

    fn written(files: &[(&str, &str)], template: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let project = Project { root: folder.path().into(), target: folder.path().join("target") };
        let mut tree = Tree::new();
        for (path, content) in files {
            let source = folder.path().join(path.replace('/', "-"));
            fs::write(&source, content).unwrap();
            tree.insert((*path).into(), source);
        }
        let from = folder.path().join("template");
        fs::write(&from, template).unwrap();
        Ok(fs::read_to_string(service_worker(&project, &from, &tree)?)?)
    }

    #[test]
    fn the_service_worker_lists_requested_files_by_their_content() {
        let files = [("a/b.js", "abc"), ("a.d.ts", "types"), ("samples/README.md", "notes")];
        let text = written(&files, TEXT).unwrap();
        let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(
            text.contains(&format!("const FILES = {{\n  \"a/b.js\": \"{sha}\"\n}};\n")),
            "{text}"
        );
        assert!(text.starts_with("// By hand.\nconst BUILD = '"), "{text}");
        assert_eq!(name_in(&text).unwrap().len(), NAME_DIGITS);
    }

    #[test]
    fn the_same_files_are_the_same_build_and_others_are_another() {
        let [first, second, other] =
            ["abc", "abc", "abd"].map(|a| written(&[("a", a)], TEXT).unwrap());
        assert_eq!(first, second);
        assert_ne!(name_in(&first), name_in(&other));
    }

    #[test]
    fn a_template_without_a_place_for_the_list_is_an_error() {
        let message = written(&[], "const BUILD = '';\n").unwrap_err().to_string();
        assert!(message.contains("0 lines `const FILES = {};`"), "{message}");
    }
}
