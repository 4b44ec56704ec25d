//! The header's JSON, streamed into bounded collections. Values are not checked here, only faults of the JSON
//! itself: duplicates, and more entries than a model has.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{MAX_DIMENSIONS, MAX_ENTRIES, not_safetensors};
use crate::error::ModelError;

/// The only key in the header that is not a tensor.
const METADATA: &str = "__metadata__";

/// The header as in the JSON, with unchecked values.
#[derive(Default)]
pub(super) struct RawHeader {
    pub(super) tensors: BTreeMap<String, RawEntry>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// One tensor's entry, with unchecked values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEntry {
    pub(super) dtype: String,
    #[serde(deserialize_with = "few_dimensions")]
    pub(super) shape: Vec<u64>,
    pub(super) data_offsets: [u64; 2],
}

impl RawHeader {
    /// Reads the JSON, with at most [`MAX_ENTRIES`] names and no duplicates.
    pub(super) fn parse(json: &[u8]) -> Result<RawHeader, ModelError> {
        let mut raw = RawHeader::default();
        let mut failure = None;
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        RawVisitor { raw: &mut raw, failure: &mut failure }
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end())
            .map_err(|error| {
                failure.unwrap_or_else(|| {
                    not_safetensors("a header of valid JSON".into(), error.to_string())
                })
            })?;
        Ok(raw)
    }
}

/// Fills `raw` from the header's object; `failure` receives an error that names its tensor, which
/// serde's own errors cannot.
///
/// A custom visitor, because a plain map would keep the last of two entries with the same name.
struct RawVisitor<'a> {
    raw: &'a mut RawHeader,
    failure: &'a mut Option<ModelError>,
}

impl<'de> DeserializeSeed<'de> for RawVisitor<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RawVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_metadata = false;
        while let Some(name) = map.next_key::<String>()? {
            let tensor = |expected: String, found: String| {
                let name = name.clone();
                Some(ModelError::Tensor { name, expected, found })
            };
            if name == METADATA && !has_metadata {
                has_metadata = true;
                self.raw.metadata = map.next_value_seed(MetadataSeed)?;
            } else if name == METADATA || self.raw.tensors.contains_key(&name) {
                *self.failure = tensor("one entry".into(), "a second one".into());
                return Err(A::Error::custom("duplicate"));
            } else if self.raw.tensors.len() == MAX_ENTRIES {
                let expected = format!("at most {MAX_ENTRIES} tensors in a file");
                *self.failure = tensor(expected, "one more".into());
                return Err(A::Error::custom("too many tensors"));
            } else {
                let entry = map.next_value::<RawEntry>().inspect_err(|error| {
                    let expected = "an entry with `dtype`, `shape` and `data_offsets`";
                    *self.failure = tensor(expected.into(), error.to_string());
                })?;
                self.raw.tensors.insert(name, entry);
            }
        }
        Ok(())
    }
}

/// Reads `__metadata__`: an object of strings without duplicates, or `null`, which counts as absent.
struct MetadataSeed;

impl<'de> DeserializeSeed<'de> for MetadataSeed {
    type Value = BTreeMap<String, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MetadataSeed {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "`{METADATA}` to be an object of strings")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut metadata = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, String>()? {
            if metadata.len() == MAX_ENTRIES {
                let limit = format_args!("`{METADATA}` has more than {MAX_ENTRIES} entries");
                return Err(A::Error::custom(limit));
            }
            if metadata.contains_key(&key) {
                let twice = format_args!("`{METADATA}` has the key `{key}` twice");
                return Err(A::Error::custom(twice));
            }
            metadata.insert(key, value);
        }
        Ok(metadata)
    }
}

/// Reads a shape, and stops at more than [`MAX_DIMENSIONS`].
fn few_dimensions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Shape;

    impl<'de> Visitor<'de> for Shape {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            write!(f, "a shape of at most {MAX_DIMENSIONS} whole numbers")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut extents: A) -> Result<Vec<u64>, A::Error> {
            let mut shape = Vec::new();
            while let Some(extent) = extents.next_element()? {
                if shape.len() == MAX_DIMENSIONS {
                    return Err(A::Error::invalid_length(shape.len() + 1, &self));
                }
                shape.push(extent);
            }
            Ok(shape)
        }
    }

    deserializer.deserialize_seq(Shape)
}
