//! Raw data between JavaScript's memory and wasm's, and errors.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};

/// A result for JavaScript, or the `Error` to throw.
pub type JsResult<T> = std::result::Result<T, JsValue>;

/// Returns the bytes of `array`, if there is memory for them.
pub fn copy_bytes(array: &Uint8Array) -> Result<Vec<u8>> {
    let mut bytes = reserve(array.length() as usize, "a file")?;
    array.copy_to(&mut bytes);
    Ok(bytes)
}

/// Allocates `length` values, if there is memory for them; `what` names their use.
pub fn reserve<T: Clone + Default>(length: usize, what: &str) -> Result<Vec<T>> {
    let mut values = Vec::new();
    let reserved = values.try_reserve_exact(length);
    reserved.map_err(|_| Error::out_of_memory(what, length as u64 * size_of::<T>() as u64))?;
    values.resize(length, T::default());
    Ok(values)
}

/// Returns a JavaScript `Error` with the name that the API documents.
pub fn error_to_js(error: Error) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    object.set_name(error.name());
    object.into()
}
