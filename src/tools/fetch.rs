//! torchvision's own checkpoints, trained on ImageNet.
//!
//! All are the weights that torchvision calls `IMAGENET1K_V1`: there is no second version for
//! ResNet-18 and -34, and this one goes with the preprocessing that files without metadata get.

use std::path::{Path, PathBuf};

use super::download::{download, hash_file};
use super::error::{Result, ToolError};
use super::import::{self, Imported, import};

/// Where torchvision publishes its checkpoints.
pub const OFFICIAL: &str = "https://download.pytorch.org/models";

/// One published checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// The architecture's name.
    pub name: &'static str,
    /// The file's name; its eight digits are the beginning of the SHA-256.
    pub file: &'static str,
    /// The known part of the SHA-256: its beginning, or all of it.
    pub sha256: &'static str,
}

/// All available checkpoints.
pub const RELEASES: [Release; 5] = [
    Release {
        name: "resnet18",
        file: "resnet18-f37072fd.pth",
        sha256: "f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec",
    },
    Release { name: "resnet34", file: "resnet34-b627a593.pth", sha256: "b627a593" },
    Release { name: "resnet50", file: "resnet50-0676ba61.pth", sha256: "0676ba61" },
    Release { name: "resnet101", file: "resnet101-63fe2227.pth", sha256: "63fe2227" },
    Release { name: "resnet152", file: "resnet152-394f9c45.pth", sha256: "394f9c45" },
];

impl Release {
    /// Returns the release of the architecture `name`.
    pub fn by_name(name: &str) -> Option<Release> {
        RELEASES.into_iter().find(|release| release.name == name)
    }

    /// Makes `output` from the checkpoint, which is downloaded from the folder `server` unless it
    /// is in the folder `cache`.
    ///
    /// # Errors
    /// [`ToolError::Download`] says which file to put where if it cannot be downloaded, or is
    /// not the published one. [`ToolError`] as for [`import`].
    pub fn fetch(&self, server: &str, cache: &Path, output: &Path) -> Result<Imported> {
        let checkpoint = cache.join(self.file);
        if checkpoint.exists() {
            self.check(&checkpoint)?;
        } else {
            let url = format!("{}/{}", server.trim_end_matches('/'), self.file);
            download(&url, &checkpoint, self.sha256)?;
        }
        let card = format!("torchvision's {} IMAGENET1K_V1, from {}", self.name, self.file);
        import(&checkpoint, output, &import::Options { card: Some(card), ..Default::default() })
    }

    /// Refuses a file in the cache that is not the published one.
    fn check(&self, checkpoint: &Path) -> Result<()> {
        let found = hash_file(checkpoint)?;
        if found.starts_with(self.sha256) {
            return Ok(());
        }
        let expected = format!("a SHA-256 that begins with {} (delete the file?)", self.sha256);
        Err(ToolError::usage(checkpoint.display().to_string(), expected, found))
    }
}

/// Returns the user's folder for downloads: `$XDG_CACHE_HOME/reslens`, or `.cache/reslens` at home.
pub fn default_cache() -> PathBuf {
    let caches = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty());
    let home = || std::env::home_dir().unwrap_or_default().join(".cache");
    caches.map_or_else(home, PathBuf::from).join("reslens")
}
