//! How good a model is on a folder of pictures.

mod pictures;
mod report;

use std::fs;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::error::{Result, ToolError};
use crate::preprocess::Picture;
use crate::session::{Options, Session};
use pictures::Folders;
pub use report::{Evaluation, Outcome};

impl Evaluation {
    /// Classifies every picture below `data`, which has a folder for each class, and counts how
    /// often the right class is the model's first answer or among its first `top`.
    ///
    /// # Errors
    /// [`ToolError`] for a model or a picture that cannot be read, folders that do not fit the
    /// model's labels, and a `top` that the model cannot answer.
    pub fn run(data: &Path, model: &Path, top: usize) -> Result<Evaluation> {
        let bytes = fs::read(model).map_err(ToolError::io(model))?;
        let session = Session::load(bytes).map_err(ToolError::model(model))?;
        let labels = session.model().labels;
        if top == 0 || top > labels.len() {
            let expected = format!("1 to {}, the model's classes", labels.len());
            return Err(ToolError::usage("--top", expected, top.to_string()));
        }
        let folders = Folders::find(data, &labels)?;
        let options = Options { top_k: Some(top as f64), ..Default::default() };
        let style = ProgressStyle::with_template("{pos}/{len} {wide_bar} {per_sec}, {eta} left")
            .expect("the template is valid");
        let bar = ProgressBar::new(folders.pictures.len() as u64).with_style(style);
        let mut outcomes = Vec::with_capacity(folders.pictures.len());
        for (path, class) in &folders.pictures {
            let pictures::Picture { rgba, width, height } = pictures::Picture::read(path)?;
            let picture = Picture::Rgba { rgba: &rgba, width, height };
            let answer = pollster::block_on(session.classify(picture, &options))
                .map_err(ToolError::model(path))?;
            outcomes.push(Outcome {
                class: *class,
                answer: answer.predictions[0].index,
                rank: answer.predictions.iter().position(|guess| guess.index == *class),
                confidence: answer.predictions[0].probability,
                abstained: answer.abstained,
            });
            bar.inc(1);
        }
        bar.finish_and_clear();
        let Folders { pictures, ignored } = folders;
        let pictures = pictures.into_iter().map(|(path, _)| path).collect();
        Ok(Evaluation { labels, top, pictures, outcomes, ignored })
    }
}
