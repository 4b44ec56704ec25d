//! Classification of pictures: each one's likeliest classes, and the time that it took.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Result, ToolError};
use super::import;
use super::picture;
use crate::preprocess::Picture;
use crate::session::{Answer, Cpu, Options, Session};

/// The answers for pictures.
pub struct Classification {
    /// Each picture that could be read, and its answer.
    pub answers: Vec<(PathBuf, Answer)>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(PathBuf, String)>,
}

impl Classification {
    /// Classifies the picture `path`, or all files of the folder `path` except hidden ones, with the
    /// `top` likeliest classes of each, all of them if the model has fewer.
    ///
    /// # Errors
    /// [`ToolError`] for a model that cannot be used, or if no picture can be read.
    pub fn run(path: &Path, model: &Path, top: usize) -> Result<Classification> {
        let session = Session::load(import::load(model)?).map_err(ToolError::model(model))?;
        let classes = session.model().labels.len();
        if top == 0 {
            return Err(ToolError::usage("--top", format!("1 to {classes}"), "0"));
        }
        let options = Options { top_k: Some(top.min(classes) as f64), ..Default::default() };
        let (mut answers, mut unreadable) = (Vec::new(), Vec::new());
        let mut first = None;
        for path in pictures(path)? {
            match answer(&session, &path, &options) {
                Ok(answer) => answers.push((path, answer)),
                Err(error) => {
                    unreadable.push((path, error.to_string()));
                    first.get_or_insert(error);
                }
            }
        }
        match first {
            Some(error) if answers.is_empty() => Err(error),
            None if answers.is_empty() => {
                Err(ToolError::usage(path.display().to_string(), "pictures", "an empty folder"))
            }
            _ => Ok(Classification { answers, unreadable }),
        }
    }

    /// Writes a paragraph for each picture: its name and milliseconds, then a line per class.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (path, Answer { predictions, abstained, timings, .. }) in &self.answers {
            let unsure = if *abstained { ", not sure" } else { "" };
            let _ = writeln!(text, "{}  ({:.1} ms{unsure})", path.display(), timings.total);
            for guess in predictions {
                let _ = writeln!(text, "  {:5.1} %  {}", 100.0 * guess.probability, guess.label);
            }
        }
        for (_, reason) in &self.unreadable {
            let _ = writeln!(text, "skipped  {reason}");
        }
        text
    }

    /// Writes the answers as comma-separated values (RFC 4180), a row for each class of a picture.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("file,rank,label,probability,milliseconds\n");
        for (path, answer) in &self.answers {
            for (rank, guess) in (1..).zip(&answer.predictions) {
                let (file, label) = (quoted(&path.display().to_string()), quoted(&guess.label));
                let (probability, time) = (guess.probability, answer.timings.total);
                let _ = writeln!(text, "{file},{rank},{label},{probability},{time:.2}");
            }
        }
        text
    }
}

fn answer(session: &Session<Cpu>, path: &Path, options: &Options) -> Result<Answer> {
    let picture::Picture { rgba, width, height } = picture::Picture::read(path)?;
    let picture = Picture::Rgba { rgba: &rgba, width, height };
    pollster::block_on(session.classify(picture, options)).map_err(ToolError::model(path))
}

/// Returns the file itself, or the files of a folder, sorted.
fn pictures(path: &Path) -> Result<Vec<PathBuf>> {
    if !fs::metadata(path).map_err(ToolError::io(path))?.is_dir() {
        return Ok(vec![path.into()]);
    }
    let files = super::files::entries(path)?;
    Ok(files.into_iter().filter(|file| file.is_file()).collect())
}

/// Returns a field, in quotes if necessary.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        assert_eq!(quoted("tabby, tabby cat"), "\"tabby, tabby cat\"");
        assert_eq!(quoted("12\" record"), "\"12\"\" record\"");
        assert_eq!(quoted("cat"), "cat");
    }
}
