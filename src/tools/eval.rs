//! The accuracy of a model on a folder of pictures.

mod pictures;
mod report;

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::error::{Result, ToolError};
use super::{import, picture};
use crate::preprocess::Picture;
use crate::session::{Options, Session};
use pictures::Folders;
pub use pictures::Order;
pub use report::{Evaluation, Outcome};

impl Evaluation {
    /// Classifies every picture in `data`, which has a folder for each class, and counts how
    /// often the right class is the model's first answer or among its first `top`.
    ///
    /// # Errors
    /// [`ToolError`] for a model that cannot be used, if no picture can be read, for folders
    /// that do not fit the model's labels, and for a `top` above the number of classes.
    pub fn run(data: &Path, model: &Path, top: usize) -> Result<Evaluation> {
        let session = Session::load(import::load(model)?).map_err(ToolError::model(model))?;
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
        let (mut read, mut unreadable) = (Vec::new(), Vec::new());
        for (path, class) in folders.pictures {
            bar.inc(1);
            let picture::Picture { rgba, width, height } = match picture::Picture::read(&path) {
                Ok(picture) => picture,
                Err(error) => {
                    unreadable.push((path, error.to_string()));
                    continue;
                }
            };
            let picture = Picture::Rgba { rgba: &rgba, width, height };
            let answer = pollster::block_on(session.classify(picture, &options))
                .map_err(ToolError::model(&path))?;
            read.push(path);
            outcomes.push(Outcome {
                class,
                answer: answer.predictions[0].index,
                rank: answer.predictions.iter().position(|guess| guess.index == class),
                confidence: answer.predictions[0].probability,
                abstained: answer.abstained,
            });
        }
        bar.finish_and_clear();
        if let ([], [(path, reason), ..]) = (&read[..], &unreadable[..]) {
            let expected = "a picture that can be read";
            return Err(ToolError::usage(path.display().to_string(), expected, reason));
        }
        let Folders { order, ignored, nested, .. } = folders;
        Ok(Evaluation { labels, top, pictures: read, outcomes, unreadable, order, ignored, nested })
    }
}
