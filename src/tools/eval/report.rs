//! The report of an evaluation: counts, and how they are printed.

use std::fmt;
use std::path::PathBuf;

use super::pictures::Order;

/// Bins of the calibration error.
const BINS: usize = 15;

/// The model's answer for one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Index of the right class.
    pub class: usize,
    /// Index of the first prediction.
    pub answer: usize,
    /// Its place among the predictions, from 0; `None` if it is not among them.
    pub rank: Option<usize>,
    /// Probability of the first prediction, in [0, 1].
    pub confidence: f32,
    /// Whether the model abstains.
    pub abstained: bool,
}

impl Outcome {
    fn is_correct(&self) -> bool {
        self.rank == Some(0)
    }
}

/// The outcomes for a folder of pictures. Its `Display` is the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The model's labels.
    pub labels: Vec<String>,
    /// The number of predictions that may contain the right class.
    pub top: usize,
    /// The pictures' files.
    pub pictures: Vec<PathBuf>,
    /// One for each picture; at least one.
    pub outcomes: Vec<Outcome>,
    /// Pictures that could not be read, and why.
    pub unreadable: Vec<(PathBuf, String)>,
    /// How folders were matched with classes, where not by their names.
    pub order: Option<Order>,
    /// Files that were not pictures.
    pub ignored: usize,
    /// Folders within the classes' folders, which were ignored.
    pub nested: usize,
}

impl Evaluation {
    /// Returns the share of pictures whose class is the first prediction, in [0, 1].
    pub fn top1(&self) -> f64 {
        share(&self.outcomes, Outcome::is_correct)
    }

    /// Returns the share of pictures whose class is among the predictions.
    pub fn top_k(&self) -> f64 {
        share(&self.outcomes, |outcome| outcome.rank.is_some())
    }

    /// Returns the mean of the classes' [`top1`](Self::top1): each class counts the same, however many
    /// pictures it has.
    pub fn macro_top1(&self) -> f64 {
        let classes: Vec<f64> =
            self.by_class().map(|(_, outcomes)| share(&outcomes, Outcome::is_correct)).collect();
        classes.iter().sum::<f64>() / classes.len() as f64
    }

    /// Returns the expected calibration error in 15 bins: how much confidence and accuracy differ.
    /// Guo et al. 2017 (arXiv 1706.04599), equation 3.
    pub fn calibration_error(&self) -> f64 {
        let mut gaps = [0.0; BINS];
        for outcome in &self.outcomes {
            let bin = (outcome.confidence as f64 * BINS as f64) as usize;
            let correct = f64::from(u8::from(outcome.is_correct()));
            gaps[bin.min(BINS - 1)] += correct - outcome.confidence as f64;
        }
        gaps.iter().map(|gap| gap.abs()).sum::<f64>() / self.outcomes.len() as f64
    }

    /// Returns the share of pictures for which the model abstains.
    pub fn abstained(&self) -> f64 {
        share(&self.outcomes, |outcome| outcome.abstained)
    }

    /// Returns the share of right first predictions that are lost because the model abstains.
    pub fn lost(&self) -> f64 {
        let correct: Vec<Outcome> =
            self.outcomes.iter().copied().filter(Outcome::is_correct).collect();
        share(&correct, |outcome| outcome.abstained)
    }

    /// Returns a line for each picture, its columns separated by tabs: file, first prediction, its
    /// probability.
    pub fn answers(&self) -> String {
        let answers = self.pictures.iter().zip(&self.outcomes);
        answers
            .map(|(path, Outcome { answer, confidence, .. })| {
                format!("{}\t{}\t{confidence}\n", path.display(), self.labels[*answer])
            })
            .collect()
    }

    /// Returns the classes that have pictures, with their outcomes.
    fn by_class(&self) -> impl Iterator<Item = (usize, Vec<Outcome>)> {
        let of = |class| self.outcomes.iter().copied().filter(move |o| o.class == class).collect();
        (0..self.labels.len())
            .map(move |class| (class, of(class)))
            .filter(|(_, outcomes): &(usize, Vec<Outcome>)| !outcomes.is_empty())
    }
}

/// Returns the share of `outcomes` with a property; 0 without outcomes.
fn share(outcomes: &[Outcome], property: impl Fn(&Outcome) -> bool) -> f64 {
    let count = outcomes.iter().filter(|outcome| property(outcome)).count();
    count as f64 / outcomes.len().max(1) as f64
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let percent = |share: f64| 100.0 * share;
        let top = format!("top-{}", self.top);
        writeln!(f, "{:<24} {:>8} {:>7} {top:>7}", "class", "pictures", "top-1")?;
        for (class, outcomes) in self.by_class() {
            let top1 = percent(share(&outcomes, Outcome::is_correct));
            let top_k = percent(share(&outcomes, |outcome| outcome.rank.is_some()));
            let label = &self.labels[class];
            writeln!(f, "{label:<24} {:>8} {top1:>6.1}% {top_k:>6.1}%", outcomes.len())?;
        }
        writeln!(f)?;
        writeln!(f, "pictures           {}", self.outcomes.len())?;
        writeln!(f, "top-1              {:.1}%", percent(self.top1()))?;
        writeln!(f, "{top:<18} {:.1}%", percent(self.top_k()))?;
        writeln!(f, "top-1, class mean  {:.1}%", percent(self.macro_top1()))?;
        writeln!(f, "calibration error  {:.3} ({BINS} bins)", self.calibration_error())?;
        let lost = percent(self.lost());
        writeln!(
            f,
            "abstained          {:.1}%, {lost:.1}% of the right answers",
            percent(self.abstained())
        )?;
        if self.ignored > 0 {
            writeln!(f, "ignored            {} files that are not pictures", self.ignored)?;
        }
        if self.nested > 0 {
            writeln!(f, "ignored            {} folders within the classes' folders", self.nested)?;
        }
        if let Some(order) = self.order {
            let order = match order {
                Order::Alphabetical => "alphabetical",
                Order::Numeric => "numeric",
            };
            writeln!(f, "folders            in {order} order, one for each class")?;
        }
        if !self.unreadable.is_empty() {
            writeln!(
                f,
                "skipped            {} pictures that cannot be read:",
                self.unreadable.len()
            )?;
        }
        for (_, reason) in &self.unreadable {
            writeln!(f, "  {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(class: usize, rank: Option<usize>, confidence: f32, abstained: bool) -> Outcome {
        let answer = if rank == Some(0) { class } else { 1 };
        Outcome { class, answer, rank, confidence, abstained }
    }

    fn evaluation() -> Evaluation {
        Evaluation {
            labels: ["cat", "dog", "owl"].map(String::from).to_vec(),
            top: 2,
            pictures: ["a.jpg", "b.jpg", "c.jpg", "d.jpg"].map(PathBuf::from).to_vec(),
            outcomes: vec![
                outcome(0, Some(0), 0.9, false),
                outcome(0, Some(0), 0.5, true),
                outcome(0, Some(1), 0.9, false),
                outcome(2, None, 0.5, true),
            ],
            unreadable: vec![("e.jpg".into(), "e.jpg: cut".into())],
            order: Some(Order::Numeric),
            ignored: 0,
            nested: 1,
        }
    }

    #[test]
    fn shares_are_of_pictures_or_of_classes() {
        let evaluation = evaluation();
        assert_eq!(evaluation.top1(), 0.5);
        assert_eq!(evaluation.top_k(), 0.75);
        // Two of three cats, no owl; dogs have no pictures.
        assert!((evaluation.macro_top1() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(evaluation.abstained(), 0.5);
        assert_eq!(evaluation.lost(), 0.5);
    }

    #[test]
    fn the_calibration_error_weighs_bins_by_their_pictures() {
        // Confidence 0.9: half of two are right; 0.5: half of two.
        let expected = (2.0 * 0.4 + 0.0) / 4.0;
        assert!((evaluation().calibration_error() - expected).abs() < 1e-6);
    }

    #[test]
    fn every_picture_has_a_line_of_answers() {
        let answers = evaluation().answers();
        assert_eq!(answers.lines().count(), 4);
        assert_eq!(answers.lines().nth(2), Some("c.jpg\tdog\t0.9"));
    }

    #[test]
    fn the_report_names_classes_with_pictures_only() {
        let report = evaluation().to_string();
        assert!(report.contains("cat") && report.contains("owl") && !report.contains("dog"));
        assert!(report.contains("top-2              75.0%"), "{report}");
        for told in ["1 folders within", "numeric order", "1 pictures that cannot", "e.jpg: cut"] {
            assert!(report.contains(told), "{told} in {report}");
        }
    }
}
