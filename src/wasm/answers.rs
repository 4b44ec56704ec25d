//! Conversion of an engine's answers and options between Rust's types and JavaScript's.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::convert::{floats_to_js, map_to_js, set, to_record};
use super::memory::{JsResult, copy_bytes};
use crate::error::Result;
use crate::model::{BlockStats, BlockTap, Cam, Part};
use crate::session::{Answer, Backend, Logits, ModelInfo, Session, Shown, Sweep};

/// The shape of the options of `classify` and `logits`.
pub const OPTIONS: &str = "{topK: number, taps: 'none' | 'all' | string[], reduce: string | {channel: \
                           number}, stats: 'none' | 'all' | string[], cam: boolean | number, features: \
                           boolean, ablate: (string | {block: string, path: string})[]}, each optional";

/// The shape of the options of `sweep`.
pub const SWEEP_OPTIONS: &str = "{path: string, index: number, ablate: (string | {block: string, path: \
                                 string})[]}, each optional";

/// Returns `classifier.model` without the hash of its file.
pub fn model_to_js(model: &ModelInfo) -> JsResult<JsValue> {
    to_record(model)
}

/// Returns the result of `classify`.
pub fn answer_to_js<B: Backend>(session: &Session<B>, answer: Answer) -> JsResult<Object> {
    let result = Object::new();
    set(&result, "predictions", &to_record(&answer.predictions)?);
    set(&result, "abstained", &answer.abstained.into());
    set_shown(&result, session, answer.shown);
    set(&result, "timings", &to_record(&answer.timings)?);
    Ok(result)
}

/// Returns the result of `logits`.
pub fn logits_to_js<B: Backend>(session: &Session<B>, Logits { logits, shown }: Logits) -> Object {
    let result = Object::new();
    set(&result, "logits", &floats_to_js(&logits));
    set_shown(&result, session, shown);
    result
}

/// Returns the result of `sweep` after its first run, without blocks.
pub fn sweep_to_js<B: Backend>(sweep: &Sweep<B>) -> JsResult<Object> {
    let result = Object::new();
    set(&result, "index", &(sweep.index as f64).into());
    set(&result, "label", &sweep.label.as_str().into());
    set(&result, "path", &sweep.path.name().into());
    set(&result, "baseline", &to_record(&sweep.baseline)?);
    Ok(result)
}

/// Renames the classes of a session from a file's bytes, if there is one.
pub fn relabel<B: Backend>(
    mut session: Session<B>,
    file: Option<Uint8Array>,
) -> Result<Session<B>> {
    if let Some(file) = file {
        session.set_labels(&copy_bytes(&file)?)?;
    }
    Ok(session)
}

/// Sets the requested results from inside the network; the rest is `undefined`.
fn set_shown<B: Backend>(result: &Object, session: &Session<B>, shown: Shown) {
    let Shown { taps, stats, cam, features } = shown;
    let or_undefined = |value: Option<JsValue>| value.unwrap_or(JsValue::UNDEFINED);
    set(result, "taps", &or_undefined(taps.map(|taps| taps_to_js(session, &taps))));
    set(result, "stats", &or_undefined(stats.map(|stats| stats_to_js(session, &stats))));
    set(result, "cam", &or_undefined(cam.map(|cam| cam_to_js(session, &cam).into())));
    set(result, "features", &or_undefined(features.map(|values| floats_to_js(&values).into())));
}

fn stats_to_js<B: Backend>(session: &Session<B>, stats: &[BlockStats]) -> JsValue {
    let to_js = |stats: &BlockStats| {
        let object = Object::new();
        let [ratio, cosine] = [stats.ratio, stats.cosine]
            .map(|value| value.map_or(JsValue::NULL, |value| f64::from(value).into()));
        set(&object, "block", &session.block_name(stats.block).into());
        set(&object, "shortcut", &stats.shortcut.into());
        set(&object, "residual", &stats.residual.into());
        set(&object, "sum", &stats.sum.into());
        set(&object, "output", &stats.output.into());
        set(&object, "ratio", &ratio);
        set(&object, "cosine", &cosine);
        set(&object, "clipped", &stats.clipped.into());
        object
    };
    stats.iter().map(to_js).collect::<Array>().into()
}

fn cam_to_js<B: Backend>(session: &Session<B>, cam: &Cam) -> Object {
    let object = Object::new();
    set(&object, "index", &(cam.class as f64).into());
    set(&object, "label", &session.label(cam.class).into());
    set(&object, "logit", &cam.logit.into());
    set(&object, "bias", &cam.bias.into());
    for (key, map) in
        [("total", &cam.total), ("shortcut", &cam.shortcut), ("residual", &cam.residual)]
    {
        set(&object, key, &map_to_js(map));
    }
    object
}

fn taps_to_js<B: Backend>(session: &Session<B>, taps: &[BlockTap]) -> JsValue {
    let to_js = |tap: &BlockTap| {
        let object = Object::new();
        set(&object, "block", &session.block_name(tap.block).into());
        for (part, map) in Part::ALL.into_iter().zip(&tap.maps) {
            let map_object = map_to_js(map);
            set(&map_object, "channels", &(map.channels as f64).into());
            set(&object, part.name(), &map_object);
        }
        object
    };
    taps.iter().map(to_js).collect::<Array>().into()
}
