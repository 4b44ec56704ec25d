//! What the result of a step depends on: the machine, the clone's files, and built files, each as a hash.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::precache::hash;
use crate::project::Project;
use crate::tree;

/// The inputs of all steps at one moment.
pub struct Inputs {
    machine: String,
    /// The hash of each file's content, by the path that is shown for it.
    files: BTreeMap<String, String>,
}

impl Inputs {
    /// Reads the files that git has or would add, and those in the folders `built`; `machine` describes the rest.
    ///
    /// # Errors
    ///
    /// If git does not list the files, or one of them cannot be read.
    pub fn take(project: &Project, machine: &str, built: &[PathBuf]) -> Result<Self> {
        let mut files = BTreeMap::new();
        let mut add = |path: &str, full: PathBuf| {
            let bytes = fs::read(&full).with_context(|| format!("cannot read {path}"))?;
            files.insert(path.replace('\\', "/"), hash(&bytes));
            anyhow::Ok(())
        };
        for path in tree::of_git(&project.root)? {
            add(&path, project.root.join(&path))?;
        }
        for folder in built {
            for (path, full) in tree::files(folder)? {
                add(&format!("{}/{path}", project.show(folder)), full)?;
            }
        }
        Ok(Self { machine: machine.into(), files })
    }

    /// Returns one hash of the machine and of the names and contents of those files that a step `reads`.
    pub fn key(&self, reads: impl Fn(&str) -> bool) -> String {
        let mut hasher = Sha256::new();
        hasher.update(hash(self.machine.as_bytes()));
        for (path, content) in self.files.iter().filter(|(path, _)| reads(path)) {
            // Hashes have one length, so that no other list of files gives the same bytes.
            hasher.update(hash(path.as_bytes()));
            hasher.update(content);
        }
        format!("{:x}", hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::process;

    fn clone() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let project = Project { target: root.join("target"), root };
        for (path, text) in [("a.rs", "a"), ("b.md", "b"), (".gitignore", "/target\n/dist\n")] {
            fs::write(project.root.join(path), text).unwrap();
        }
        for args in [&["init", "--quiet"][..], &["add", "."]] {
            process::run(Command::new("git").args(args).current_dir(&project.root)).unwrap();
        }
        fs::create_dir_all(project.dist()).unwrap();
        fs::write(project.dist().join("page.html"), "page").unwrap();
        (folder, project)
    }

    type Change = fn(&Project);

    fn key(project: &Project, machine: &str) -> String {
        let inputs = Inputs::take(project, machine, &[project.dist()]).unwrap();
        inputs.key(|path| !path.ends_with(".md"))
    }

    #[test]
    fn every_change_of_an_input_changes_the_key() {
        let changes: [(&str, Change); 6] = [
            ("a byte", |clone| fs::write(clone.root.join("a.rs"), "A").unwrap()),
            ("a new file", |clone| fs::write(clone.root.join("new.rs"), "").unwrap()),
            ("a removed file", |clone| fs::remove_file(clone.root.join("a.rs")).unwrap()),
            ("a name", |clone| {
                fs::rename(clone.root.join("a.rs"), clone.root.join("c.rs")).unwrap();
            }),
            ("a built file", |clone| fs::write(clone.dist().join("page.html"), "").unwrap()),
            ("a new built file", |clone| fs::write(clone.dist().join("new"), "").unwrap()),
        ];
        for (what, change) in changes {
            let (_folder, project) = clone();
            let before = key(&project, "rustc 1.95");
            assert_eq!(key(&project, "rustc 1.95"), before);
            change(&project);
            assert_ne!(key(&project, "rustc 1.95"), before, "{what}");
        }
    }

    #[test]
    fn another_version_of_a_tool_changes_the_key() {
        let (_folder, project) = clone();
        assert_ne!(key(&project, "rustc 1.95"), key(&project, "rustc 1.96"));
    }

    #[test]
    fn files_that_are_not_read_leave_the_key_as_it_is() {
        let (_folder, project) = clone();
        let before = key(&project, "");
        fs::write(project.root.join("b.md"), "other words").unwrap();
        fs::create_dir_all(&project.target).unwrap();
        fs::write(project.target.join("ignored.rs"), "by git").unwrap();
        assert_eq!(key(&project, ""), before);
    }
}
