//! Gradients by Burn's autodiff, in a separate wasm file that is loaded on demand.

use js_sys::{Array, Float32Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::convert::{
    copy_floats, floats_to_js, map_to_js, options_from_js, set, shape_from_js, to_record,
};
use super::js_file::JsFile;
use super::memory::{JsResult, error_to_js};
use crate::gradients::{self, Gradients};
use crate::preprocess::Picture;

/// The shape of the options of `gradients`.
const OPTIONS: &str = "{of: 'logit' | 'loss', index: number, ablate: (string | {block: string, path: \
                       string})[], weights: boolean, maps: 'none' | 'all' | string[]}, each optional";

/// A loaded model. After a panic the instance of the module is dead and must be replaced.
#[wasm_bindgen]
pub struct Autograd {
    autograd: gradients::Autograd,
}

#[wasm_bindgen]
impl Autograd {
    /// Reads a `.safetensors` file. Throws `ModelInvalid` or `OutOfMemory`.
    pub fn load(model: &Uint8Array) -> JsResult<Autograd> {
        let autograd = gradients::Autograd::load(JsFile(model.clone())).map_err(error_to_js)?;
        Ok(Autograd { autograd })
    }

    /// Turns RGBA8 rows into a normalised image: `input`, of the `shape` [1, 3, H, W].
    pub fn preprocess(&self, rgba: &Uint8Array, width: usize, height: usize) -> JsResult<Object> {
        let picture = Picture::Array { rgba, width, height };
        let (image, shape) = self.autograd.preprocess(picture).map_err(error_to_js)?;
        let result = Object::new();
        set(&result, "input", &floats_to_js(&image));
        set(&result, "shape", &to_record(&shape[..])?);
        Ok(result)
    }

    /// Computes the gradients for a normalised image; `shape` is `[1, 3, H, W]`. Throws `InputInvalid`,
    /// `ModelInvalid` or `OutOfMemory`.
    pub fn gradients(
        &self,
        input: &Float32Array,
        shape: &[usize],
        options: JsValue,
    ) -> JsResult<Object> {
        let (options, shape) = (options_from_js(options, OPTIONS)?, shape_from_js(shape)?);
        let image = copy_floats(input).map_err(error_to_js)?;
        let gradients = self.autograd.gradients(&image, shape, &options).map_err(error_to_js)?;
        self.to_js(&gradients)
    }

    /// Returns the result of `gradients`, and the logits to compare with the engine's.
    fn to_js(&self, gradients: &Gradients) -> JsResult<Object> {
        let result = Object::new();
        set(&result, "index", &(gradients.index as f64).into());
        set(&result, "value", &gradients.value.into());
        set(&result, "logits", &floats_to_js(&gradients.logits));
        set(&result, "blocks", &to_record(&gradients.blocks)?);
        if let Some(weights) = &gradients.weights {
            set(&result, "weights", &to_record(weights)?);
        }
        let maps = gradients.maps.iter().map(|of_block| {
            let map = map_to_js(&of_block.map);
            set(&map, "block", &self.autograd.block_name(of_block.block).into());
            map
        });
        set(&result, "maps", &maps.collect::<Array>());
        set(&result, "timings", &to_record(&gradients.timings)?);
        Ok(result)
    }
}
