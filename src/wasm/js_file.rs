//! A model file in JavaScript's memory.

use std::borrow::Cow;
use std::ops::Range;

use js_sys::Uint8Array;

use crate::weights::bytes::ModelBytes;

/// A model file that stays in JavaScript's memory, which can shrink, unlike wasm's. Parts that are read are
/// copied.
pub struct JsFile(pub Uint8Array);

impl ModelBytes for JsFile {
    fn length(&self) -> usize {
        self.0.length() as usize
    }

    fn read(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        self.0.subarray(range.start as u32, range.end as u32).to_vec().into()
    }
}
