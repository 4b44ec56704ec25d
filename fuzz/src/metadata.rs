//! The entries of a file's metadata, one value per line, in the order of their keys.

use std::collections::BTreeMap;

use reslens::preprocess::Picture;
use reslens::weights::metadata::{self, Metadata};

const KEYS: [&str; 10] = [
    metadata::LABELS,
    metadata::INPUT_SIZE,
    metadata::RESIZE,
    metadata::MEAN,
    metadata::STD,
    metadata::INTERPOLATION,
    metadata::TEMPERATURE,
    metadata::ABSTAIN_BELOW,
    metadata::LICENCE,
    metadata::CARD,
];

/// Checks that accepted metadata keep the promises of `Metadata`'s fields. An empty line means no entry.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (classes, rest) = text.split_once('\n').unwrap_or(("", text));
    let Ok(classes) = classes.parse::<u16>() else { return };
    let classes = usize::from(classes).max(2);
    let pairs = KEYS.iter().zip(rest.lines()).filter(|(_, value)| !value.is_empty());
    let entries: BTreeMap<String, String> =
        pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let Ok(metadata) = Metadata::parse(&entries, classes) else { return };
    assert_eq!(metadata.labels.len(), classes);
    assert!(metadata.temperature.is_finite() && metadata.temperature > 0.0);
    assert!(metadata.abstain_below.is_none_or(|least| (0.0..=1.0).contains(&least)));
    metadata.preprocessing.check().expect("preprocessing that was checked");
    // The smallest picture passes through all accepted preprocessing.
    let pixel = Picture::Rgba { rgba: &[1, 2, 3, 4], width: 1, height: 1 };
    let input = metadata.preprocessing.apply(pixel).expect("a picture of one pixel");
    assert_eq!(input.len(), 3 * metadata.preprocessing.input_size.pow(2));
    assert!(input.iter().all(|value| value.is_finite()));
}
