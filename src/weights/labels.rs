//! Labels in a file: one name per line, or JSON in its common forms.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::text;
use crate::error::{Error, Result};

const EXPECTED: &str = "one name per line, a JSON array of names, or a JSON object from each class's \
                        number to its name";

/// Keys under which an object has the labels, as in HuggingFace's `config.json`.
const NESTED: [&str; 3] = ["id2label", "labels", "classes"];

/// Reads the labels in a file's bytes, one for each class, in the classes' order.
///
/// Text has one name per line; blank lines are ignored. JSON is an array of names, `{"0": "name"}`,
/// `{"0": ["n01440764", "name"]}`, `{"name": 0}`, or an object with one of these as `id2label`.
///
/// # Errors
/// [`Error::Input`] about `what`, the file's name, for anything else.
pub fn parse(what: &str, bytes: &[u8]) -> Result<Vec<String>> {
    let refuse = |found: String| Error::input(what, EXPECTED, found);
    let text = text::decode(bytes).map_err(refuse)?;
    let labels = if text.trim_start().starts_with(['[', '{']) {
        let value = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
        from_json(value).map_err(refuse)?
    } else {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Into::into).collect()
    };
    if labels.is_empty() { Err(refuse("no label".into())) } else { Ok(labels) }
}

/// Returns whether a JSON file, such as a `config.json`, has labels by name.
pub fn has_id2label(bytes: &[u8]) -> bool {
    let text = text::decode(bytes);
    let value = text.ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    value.is_some_and(|value| value.get(NESTED[0]).is_some_and(Value::is_object))
}

fn from_json(value: Value) -> std::result::Result<Vec<String>, String> {
    match value {
        Value::Array(names) => names.into_iter().map(name_of).collect(),
        Value::Object(mut object) => {
            match NESTED
                .iter()
                .find_map(|&key| object.remove(key).filter(|value| !value.is_string()))
            {
                Some(nested) => from_json(nested),
                None => from_object(object),
            }
        }
        other => Err(format!("`{other}`")),
    }
}

/// Reads `{"0": "name"}`, or the reverse.
fn from_object(object: Map<String, Value>) -> std::result::Result<Vec<String>, String> {
    let mut names = BTreeMap::new();
    for (key, value) in object {
        let (index, name) = match (key.trim().parse::<usize>(), value.as_u64()) {
            (Ok(index), _) => (index, name_of(value)?),
            (Err(_), Some(index)) => (usize::try_from(index).unwrap_or(usize::MAX), key),
            (Err(_), None) => return Err(format!("the key `{key}`")),
        };
        if names.insert(index, name).is_some() {
            return Err(format!("two names of class {index}"));
        }
    }
    match names.keys().enumerate().find(|&(expected, &found)| expected != found) {
        Some((missing, _)) => Err(format!("no name of class {missing}")),
        None => Ok(names.into_values().collect()),
    }
}

/// Reads a name, or the last one of `["n01440764", "tench"]`.
fn name_of(value: Value) -> std::result::Result<String, String> {
    match value {
        Value::String(name) => Ok(name),
        Value::Array(mut names) => match names.pop() {
            Some(Value::String(name)) => Ok(name),
            other => Err(format!("`{}` for a name", other.unwrap_or_default())),
        },
        other => Err(format!("`{other}` for a name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_gives_the_same_labels() {
        for text in [
            "cat\ndög",
            "\u{feff}cat\r\ndög\r\n\r\n",
            "  cat\n\ndög \n \n\n",
            r#"["cat", "dög"]"#,
            "\u{feff}[\"cat\", \"dög\"]",
            r#"[["n01", "cat"], ["n02", "dög"]]"#,
            r#"{"1": "dög", "0": "cat"}"#,
            r#"{"0": ["n01", "cat"], "1": ["n02", "dög"]}"#,
            r#"{"cat": 0, "dög": 1}"#,
            r#"{"model_type": "resnet", "id2label": {"0": "cat", "1": "dög"}, "label2id": {"cat": 0}}"#,
            r#"{"labels": ["cat", "dög"]}"#,
        ] {
            assert_eq!(parse("labels", text.as_bytes()).unwrap(), ["cat", "dög"], "{text}");
        }
    }

    #[test]
    fn numbers_are_sorted_as_numbers() {
        let object: Vec<String> = (0..12).map(|i| format!(r#""{i}": "thing {i}""#)).collect();
        let labels = parse("labels", format!("{{{}}}", object.join(",")).as_bytes()).unwrap();
        assert_eq!((labels[2].as_str(), labels[10].as_str()), ("thing 2", "thing 10"));
    }

    #[test]
    fn files_without_a_list_of_labels_are_refused_with_the_reason() {
        for (text, expected) in [
            ("", "no label"),
            ("\n \n", "no label"),
            ("[]", "no label"),
            ("[1]", "`1` for a name"),
            ("[\"a\"", "EOF"),
            (r#"{"0": "a", "2": "c"}"#, "no name of class 1"),
            (r#"{"0": "a", "00": "b"}"#, "two names of class 0"),
            (r#"{"a": "b"}"#, "the key `a`"),
        ] {
            let message = parse("labels.txt", text.as_bytes()).unwrap_err().to_string();
            assert!(message.contains("labels.txt") && message.contains(expected), "{message}");
        }
    }
}
