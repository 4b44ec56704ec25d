//! A file of labels, in any of the shapes found in practice.

use reslens::weights::labels;

/// Checks that labels that were read are the same when they are read again as a model file's JSON array.
pub fn check(bytes: &[u8]) {
    let _ = labels::has_id2label(bytes);
    let Ok(found) = labels::parse("labels", bytes) else { return };
    assert!(!found.is_empty());
    let written = serde_json::to_vec(&found).expect("names are JSON");
    assert_eq!(labels::parse("labels", &written).expect("an array of names"), found);
}
