//! Copies a browser's bitmap to a texture.
//!
//! wgpu can also do this, but panics where the browser refuses. A browser may refuse any bitmap: Chromium refuses one
//! of half floats, which it makes of a picture with 16 bits per channel.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::ImageBitmap;

use crate::error::GpuError;
use crate::gpu::wgpu;

#[wasm_bindgen]
extern "C" {
    /// A `GPUQueue`.
    type Queue;

    /// <https://www.w3.org/TR/webgpu/#dom-gpuqueue-copyexternalimagetotexture>
    #[wasm_bindgen(method, catch, js_name = copyExternalImageToTexture)]
    fn copy_external_image_to_texture(
        this: &Queue,
        source: &Object,
        destination: &Object,
        size: &Array,
    ) -> Result<(), JsValue>;
}

/// Copies a bitmap of `size`, width and height, as sRGB with premultiplied alpha.
///
/// # Errors
/// [`GpuError::Bitmap`] with the browser's words if it refuses.
pub fn copy(
    queue: &wgpu::Queue,
    bitmap: &ImageBitmap,
    texture: &wgpu::Texture,
    size: [usize; 2],
) -> Result<(), GpuError> {
    let queue: &Queue = queue.as_webgpu().expect("a browser's queue").unchecked_ref();
    let texture = texture.as_webgpu().expect("a browser's texture");
    let source = record([("source", bitmap.as_ref())]);
    let destination = record([
        ("texture", texture.as_ref()),
        ("colorSpace", &"srgb".into()),
        ("premultipliedAlpha", &true.into()),
    ]);
    let size = size.map(|side| JsValue::from(side as u32)).into_iter().collect();
    queue.copy_external_image_to_texture(&source, &destination, &size).map_err(|error| {
        let error = error.dyn_into::<js_sys::Error>();
        GpuError::Bitmap(error.map_or("an unknown error".into(), |error| error.message().into()))
    })
}

/// Returns a plain object with these properties.
fn record<const N: usize>(properties: [(&str, &JsValue); N]) -> Object {
    let object = Object::new();
    for (key, value) in properties {
        Reflect::set(&object, &key.into(), value).expect("a plain object takes any property");
    }
    object
}
