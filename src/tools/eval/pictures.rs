//! Folders of pictures, and the pictures in them.

use std::fs;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::super::error::{Result, ToolError};
use crate::preprocess::check_size;

/// The pictures of a folder that has one folder for each class, in alphabetical order.
pub struct Folders {
    /// Each picture and the index of its class.
    pub pictures: Vec<(PathBuf, usize)>,
    /// Files in the classes' folders that are no pictures by their names.
    pub ignored: usize,
}

impl Folders {
    /// The pictures below `data` for a model with `labels`.
    ///
    /// Folders are called `label` or `NN_label`; `_` stands for a space, too. Where no name fits
    /// and there is a folder for each label, they are taken in alphabetical order.
    pub fn find(data: &Path, labels: &[String]) -> Result<Folders> {
        let folders: Vec<PathBuf> =
            entries(data)?.into_iter().filter(|path| path.is_dir()).collect();
        let classes = match_folders(data, &folders, labels)?;
        let mut found = Folders { pictures: Vec::new(), ignored: 0 };
        for (folder, class) in folders.iter().zip(classes) {
            for file in entries(folder)? {
                if ImageFormat::from_path(&file).is_ok() {
                    found.pictures.push((file, class));
                } else {
                    found.ignored += 1;
                }
            }
        }
        if found.pictures.is_empty() {
            let expected = "folders with pictures, one for each class";
            return Err(ToolError::usage(data.display().to_string(), expected, "no picture"));
        }
        Ok(found)
    }
}

/// What lies in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = entries.map_err(ToolError::io(folder))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    Ok(paths)
}

/// The class of each folder.
fn match_folders(data: &Path, folders: &[PathBuf], labels: &[String]) -> Result<Vec<usize>> {
    let names: Vec<String> = folders.iter().map(|folder| file_name(folder)).collect();
    let classes: Vec<Option<usize>> = names.iter().map(|name| class_of(name, labels)).collect();
    let unknown: Vec<&str> = names
        .iter()
        .zip(&classes)
        .filter(|(_, class)| class.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    match unknown[..] {
        [] => Ok(classes.into_iter().flatten().collect()),
        _ if unknown.len() == names.len() && names.len() == labels.len() => {
            Ok((0..names.len()).collect())
        }
        [first, ..] => {
            let expected = format!("folders named by the model's {} labels", labels.len());
            let found = format!("{} others, the first of them `{first}`", unknown.len());
            Err(ToolError::usage(data.display().to_string(), expected, found))
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into()
}

/// The label that a folder's name stands for.
fn class_of(name: &str, labels: &[String]) -> Option<usize> {
    let spaced = |text: &str| text.replace('_', " ");
    let find = |name: &str| labels.iter().position(|label| spaced(label) == spaced(name));
    let without_number = || {
        let (number, rest) = name.split_once('_')?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
    };
    find(name).or_else(|| find(without_number()?))
}

/// A decoded picture, upright.
pub struct Picture {
    /// RGBA8 rows.
    pub rgba: Vec<u8>,
    /// Pixels of a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl Picture {
    /// Decodes a file and turns the picture as its EXIF orientation says.
    pub fn read(path: &Path) -> Result<Picture> {
        let picture = |source| ToolError::Picture { path: path.into(), source };
        let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
        let reader = reader.map_err(ToolError::io(path))?;
        let mut decoder = reader.into_decoder().map_err(picture)?;
        let (width, height) = decoder.dimensions();
        check_size(width as usize, height as usize).map_err(ToolError::model(path))?;
        let orientation = decoder.orientation().map_err(picture)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(picture)?;
        image.apply_orientation(orientation);
        let rgba = image.into_rgba8();
        let (width, height) = (rgba.width() as usize, rgba.height() as usize);
        Ok(Picture { rgba: rgba.into_raw(), width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(folders: &[&str]) -> Result<Vec<usize>> {
        let labels = ["cat", "teddy bear", "4_wheeler"].map(String::from);
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        match_folders(Path::new("data"), &folders, &labels)
    }

    #[test]
    fn folders_are_matched_by_label_number_or_order() {
        assert_eq!(classes(&["teddy bear", "cat"]).unwrap(), [1, 0]);
        assert_eq!(classes(&["00_teddy_bear", "17_cat"]).unwrap(), [1, 0]);
        assert_eq!(classes(&["4_wheeler"]).unwrap(), [2]);
        assert_eq!(classes(&["n01", "n02", "n03"]).unwrap(), [0, 1, 2]);
    }

    #[test]
    fn a_folder_of_no_class_is_an_error() {
        for folders in [&["cat", "dog"][..], &["n01", "n02"]] {
            let message = classes(folders).unwrap_err().to_string();
            assert!(
                message.contains("expected folders named by the model's 3 labels"),
                "{message}"
            );
        }
    }
}
