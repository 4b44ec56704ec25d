//! The ZIP archives of PyTorch since version 1.6: `NAME/data.pkl` and `NAME/data/KEY`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::invalid;
use crate::error::ModelError;

/// The largest accepted compression ratio in an archive. PyTorch does not compress; archives that
/// were repacked shrink weights only a little.
const MAX_RATIO: u64 = 100;

/// An opened archive.
pub struct Archive<'a> {
    file: &'a [u8],
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Index of each file by its name in the archive's folder.
    index: HashMap<String, usize>,
}

impl<'a> Archive<'a> {
    /// Opens the archive with the bytes `file`.
    pub fn open(file: &'a [u8]) -> Result<Archive<'a>, ModelError> {
        let zip = ZipArchive::new(Cursor::new(file)).map_err(|error| match error {
            // The directory is at the end.
            ZipError::InvalidArchive(_) => ModelError::Incomplete {
                expected: "the directory of a ZIP archive at the end".into(),
                found: format!("none in {} bytes", file.len()),
            },
            error => invalid("a ZIP archive", error.to_string()),
        })?;
        let names: Vec<String> =
            zip.file_names().filter_map(|name| Some(name.ok()?.into())).collect();
        let folder = names.iter().find_map(|name| name.strip_suffix("data.pkl"));
        let Some(folder) = folder else {
            let what = "a ZIP archive without a PyTorch checkpoint".into();
            let advice = "unpack it, or save the state dict with `torch.save`";
            return Err(ModelError::Foreign { what, advice });
        };
        let index = |name: &String| {
            let short = name.strip_prefix(folder)?;
            Some((short.to_owned(), zip.index_for_name(name)?))
        };
        let index: HashMap<String, usize> = names.iter().filter_map(index).collect();
        let archive = Archive { file, zip, index };
        if archive.index.contains_key("constants.pkl") {
            let what = "a TorchScript program".into();
            let advice = "save its weights: `torch.save(torch.jit.load(FILE).state_dict(), NEW)`";
            return Err(ModelError::Foreign { what, advice });
        }
        if archive.contents("byteorder")?.is_some_and(|order| order.starts_with(b"big")) {
            return Err(invalid(
                "little-endian numbers",
                "big-endian ones: save it on another machine",
            ));
        }
        Ok(archive)
    }

    /// Returns the pickle of the saved object.
    pub fn pickle(&self) -> Result<Vec<u8>, ModelError> {
        self.contents("data.pkl")?.map(Cow::into_owned).ok_or_else(|| invalid("a pickle", "none"))
    }

    /// Returns the storage `key`, if there is one.
    pub fn storage(&self, key: &str) -> Result<Option<Cow<'_, [u8]>>, ModelError> {
        self.contents(&format!("data/{key}"))
    }

    fn contents(&self, name: &str) -> Result<Option<Cow<'_, [u8]>>, ModelError> {
        let Some(&index) = self.index.get(name) else { return Ok(None) };
        let refuse = |found: String| invalid(format!("the file `{name}` in its archive"), found);
        // A clone shares the directory.
        let mut zip = self.zip.clone();
        let mut entry = zip.by_index(index).map_err(|error| refuse(error.to_string()))?;
        let most = (self.file.len() as u64).saturating_mul(MAX_RATIO);
        if entry.size() > most {
            return Err(refuse(format!("{} bytes, more than is plausible", entry.size())));
        }
        let mut contents = Vec::new();
        entry
            .by_ref()
            .take(most)
            .read_to_end(&mut contents)
            .map_err(|error| refuse(error.to_string()))?;
        Ok(Some(Cow::Owned(contents)))
    }
}
