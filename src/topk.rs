//! From logits to an answer: softmax and the likeliest classes.

use serde::Serialize;

/// One class of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// Index of the class.
    pub index: usize,
    /// Its name.
    pub label: String,
    /// softmax(logits / temperature), in [0, 1].
    pub probability: f32,
    /// The network's output, unscaled.
    pub logit: f32,
}

/// Returns the `k` likeliest classes, most likely first; equal ones in the order of their indices.
///
/// `labels` has a name for each logit. Temperature scaling: Guo et al. 2017, "On Calibration of
/// Modern Neural Networks" (arXiv 1706.04599).
pub fn top_k(logits: &[f32], labels: &[String], temperature: f32, k: usize) -> Vec<Prediction> {
    let probabilities = softmax(logits, temperature);
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    let predict = |index: usize| Prediction {
        index,
        label: labels[index].clone(),
        probability: probabilities[index],
        logit: logits[index],
    };
    order.into_iter().take(k).map(predict).collect()
}

/// Returns exp(logit / temperature) for each logit, scaled so that all add up to 1.
pub fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> =
        logits.iter().map(|logit| ((logit - most) / temperature).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(n: usize) -> Vec<String> {
        (0..n).map(|index| format!("class {index}")).collect()
    }

    #[test]
    fn sorts_and_cuts() {
        let predictions = top_k(&[0.0, 3.0, -1.0, 3.0], &labels(4), 1.0, 3);
        let indices: Vec<_> = predictions.iter().map(|p| p.index).collect();
        assert_eq!(indices, [1, 3, 0]);
        assert_eq!(predictions[0].label, "class 1");
    }

    #[test]
    fn probabilities_add_up_even_for_huge_logits() {
        let predictions = top_k(&[1e4, 1e4 - 1.0, -1e4], &labels(3), 1.0, 3);
        let sum: f32 = predictions.iter().map(|p| p.probability).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        let expected = 1.0 / (1.0 + (-1.0f32).exp());
        assert!((predictions[0].probability - expected).abs() < 1e-6);
    }

    #[test]
    fn temperature_flattens_without_reordering() {
        let sharp = top_k(&[2.0, 1.0], &labels(2), 0.5, 1);
        let flat = top_k(&[2.0, 1.0], &labels(2), 2.0, 1);
        assert_eq!(sharp[0].index, flat[0].index);
        assert!(sharp[0].probability > flat[0].probability);
    }
}
