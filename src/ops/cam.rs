//! The class of a class activation map.

/// A class, by its index among the logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CamClass {
    /// The class with the largest logit; of equal ones the first.
    Top,
    /// The class with this index.
    Index(usize),
}

impl CamClass {
    /// Returns the index among these `logits`, of which there is at least one.
    pub fn index(self, logits: &[f32]) -> usize {
        match self {
            CamClass::Index(index) => index,
            CamClass::Top => {
                let larger = |best: usize, index: usize| {
                    if logits[index].total_cmp(&logits[best]).is_gt() { index } else { best }
                };
                (0..logits.len()).fold(0, larger)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_class_is_the_first_of_the_largest() {
        assert_eq!(CamClass::Top.index(&[-1.0, 3.0, 3.0, 2.0]), 1);
        assert_eq!(CamClass::Top.index(&[-0.0, 0.0]), 1);
        assert_eq!(CamClass::Top.index(&[-2.0]), 0);
        assert_eq!(CamClass::Index(2).index(&[5.0, 4.0, 3.0]), 2);
    }
}
