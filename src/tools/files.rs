//! Files that are written completely or not at all, and lists of folders.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{Result, ToolError};

/// A file under a temporary name beside its place; removed unless [`finish`](Self::finish)ed.
pub struct NewFile {
    place: PathBuf,
    temporary: PathBuf,
    file: File,
}

impl NewFile {
    /// Starts the file that will be `place`, and creates its folder.
    pub fn create(place: &Path) -> Result<NewFile> {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::create_dir_all(folder).map_err(ToolError::io(folder))?;
        }
        // The process id separates concurrent runs.
        let mut temporary = place.as_os_str().to_owned();
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(ToolError::io(&temporary))?;
        Ok(NewFile { place: place.into(), temporary, file })
    }

    /// Moves the file to its place.
    pub fn finish(self) -> Result<()> {
        self.file.sync_all().map_err(ToolError::io(&self.temporary))?;
        fs::rename(&self.temporary, &self.place).map_err(ToolError::io(&self.place))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // There is nothing to remove once it is in its place, and nothing else to do if removal fails.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes `bytes` as the file `place`.
pub fn write(place: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = NewFile::create(place)?;
    file.write_all(bytes).map_err(ToolError::io(place))?;
    file.finish()
}

/// Lists a folder, sorted, without hidden entries, whose names begin with a dot.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(ToolError::io(folder))?;
    let hidden = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
    let visible = entries.iter().filter(|&entry| !hidden(entry));
    let mut paths: Vec<PathBuf> = visible.map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}
