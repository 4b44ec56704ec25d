//! Locations: the clone, and the one build folder outside it.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folders that commands work in.
pub struct Project {
    /// The clone: the folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target directory. It is outside the clone, so that all clones, and moved clones, share what takes
    /// minutes to compile; `CARGO_TARGET_DIR` overrides it.
    pub target: PathBuf,
}

impl Project {
    /// Finds the folders from the environment, at run time: a clone may have been moved since this
    /// program was compiled.
    pub fn locate() -> Result<Self> {
        let here = env::current_dir().context("the current folder cannot be read")?;
        let start = env::var_os("CARGO_MANIFEST_DIR").map_or(here, PathBuf::from);
        let root = start
            .ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file())
            .with_context(|| format!("{} is not inside a clone of reslens", start.display()))?
            .to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => cache_folder()?.join("reslens/target"),
        };
        Ok(Self { root, target })
    }

    /// Returns the folder of the site and library that a build makes.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Waits until no other xtask builds, and blocks others until the result is dropped.
    pub fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.target)
            .with_context(|| format!("cannot create {}", self.target.display()))?;
        let path = self.target.join("xtask.lock");
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        if file.try_lock().is_err() {
            eprintln!("waiting for another xtask to finish its build ...");
            file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        }
        Ok(file)
    }

    /// Returns `path` for display: relative to the clone if it is inside.
    pub fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Returns the folder in which cargo keeps the sources of crates, and the user its settings.
pub fn cargo_home() -> Option<PathBuf> {
    let from_home = || Some(env::home_dir()?.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(from_home)
}

/// Returns the user's cache folder.
fn cache_folder() -> Result<PathBuf> {
    let from_home = || env::home_dir().map(|home| home.join(".cache"));
    match env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(from_home) {
        Some(folder) if folder.is_absolute() => Ok(folder),
        _ => bail!("no home folder found: set CARGO_TARGET_DIR to a writable folder"),
    }
}
