//! Folders of pictures, one for each class.

use std::path::{Path, PathBuf};

use image::ImageFormat;

use super::super::error::{Result, ToolError};
use super::super::files::entries;

/// The pictures of a folder that has one folder for each class.
pub struct Folders {
    /// Each picture and the index of its class.
    pub pictures: Vec<(PathBuf, usize)>,
    /// How the folders were matched with the classes, if not by their names.
    pub order: Option<Order>,
    /// Files in the classes' folders whose names are not those of pictures.
    pub ignored: usize,
    /// Folders in the classes' folders, which are ignored.
    pub nested: usize,
}

/// The order in which folders are matched with the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name.
    Alphabetical,
    /// By number: all names are integers, and 10 comes after 9.
    Numeric,
}

impl Folders {
    /// Finds the pictures in `data` for a model with `labels`.
    ///
    /// Folders are named `label` or `NN_label`; `_` also stands for a space. If no name fits
    /// and there is a folder for each label, they are matched in numeric order if all names are
    /// integers, else in alphabetical order. Hidden files and folders are ignored.
    pub fn find(data: &Path, labels: &[String]) -> Result<Folders> {
        let folders: Vec<PathBuf> =
            entries(data)?.into_iter().filter(|path| path.is_dir()).collect();
        let (classes, order) = match_folders(data, &folders, labels)?;
        let mut found = Folders { pictures: Vec::new(), order, ignored: 0, nested: 0 };
        for (folder, class) in folders.iter().zip(classes) {
            for file in entries(folder)? {
                if file.is_dir() {
                    found.nested += 1;
                } else if ImageFormat::from_path(&file).is_ok() {
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

/// Returns the class of each folder, and their order if their names do not tell.
fn match_folders(
    data: &Path,
    folders: &[PathBuf],
    labels: &[String],
) -> Result<(Vec<usize>, Option<Order>)> {
    let names: Vec<String> = folders.iter().map(|folder| file_name(folder)).collect();
    let classes: Vec<Option<usize>> = names.iter().map(|name| class_of(name, labels)).collect();
    let unknown: Vec<&str> = names
        .iter()
        .zip(&classes)
        .filter(|(_, class)| class.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    match unknown[..] {
        [] => Ok((classes.into_iter().flatten().collect(), None)),
        _ if unknown.len() == names.len() && names.len() == labels.len() => {
            let (classes, order) = by_position(&names);
            Ok((classes, Some(order)))
        }
        [first, ..] => {
            let expected = format!("folders named by the model's {} labels", labels.len());
            let found = format!("{} others, the first of them `{first}`", unknown.len());
            Err(ToolError::usage(data.display().to_string(), expected, found))
        }
    }
}

/// Returns the position of each name in sorted order.
fn by_position(names: &[String]) -> (Vec<usize>, Order) {
    let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
    match numbers {
        None => ((0..names.len()).collect(), Order::Alphabetical),
        Some(numbers) => {
            let smaller = |number| numbers.iter().filter(|&&other| other < number).count();
            (numbers.iter().map(|&number| smaller(number)).collect(), Order::Numeric)
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into()
}

/// Returns the label that a folder's name stands for.
fn class_of(name: &str, labels: &[String]) -> Option<usize> {
    let spaced = |text: &str| text.replace('_', " ");
    let find = |name: &str| labels.iter().position(|label| spaced(label) == spaced(name));
    let without_number = || {
        let (number, rest) = name.split_once('_')?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
    };
    find(name).or_else(|| find(without_number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(folders: &[&str]) -> Result<Vec<usize>> {
        let labels = ["cat", "teddy bear", "4_wheeler"].map(String::from);
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        match_folders(Path::new("data"), &folders, &labels).map(|(classes, _)| classes)
    }

    #[test]
    fn integers_are_in_the_order_of_numbers() {
        let labels: Vec<String> = (0..12).map(|class| format!("thing {class}")).collect();
        let mut folders: Vec<PathBuf> = (0..12).map(|number| number.to_string().into()).collect();
        folders.sort();
        let (classes, order) = match_folders(Path::new("data"), &folders, &labels).unwrap();
        let expected = folders.iter().map(|folder| file_name(folder).parse().unwrap());
        assert_eq!((classes, order), (expected.collect::<Vec<usize>>(), Some(Order::Numeric)));
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
