//! A file of labels, in any of the shapes that people have.

use reslens::weights::labels;

/// Labels that were read are read again, the same, as the JSON array that a model file gets.
pub fn check(bytes: &[u8]) {
    let _ = labels::has_id2label(bytes);
    let Ok(found) = labels::parse("labels", bytes) else { return };
    assert!(!found.is_empty());
    let written = serde_json::to_vec(&found).expect("names are JSON");
    assert_eq!(labels::parse("labels", &written).expect("an array of names"), found);
}
