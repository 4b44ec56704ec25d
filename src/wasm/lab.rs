//! The lab for JavaScript: its worker makes one step, or computes one slice of a question, at a time.

use std::rc::Rc;

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::{floats_to_js, options_from_js, set, to_record};
use super::memory::{JsResult, copy_bytes, error_to_js};
use crate::lab::data::Digits;
use crate::lab::measure::Layers;
use crate::lab::presets::PRESETS;
use crate::lab::settings::Settings;
use crate::lab::train::{Session, Step};
use crate::lab::trained::{Deletion, Ledger, Question, Test};

/// The shape of settings.
const SETTINGS: &str = "{preset: string, seed: number, depth: number, width: number, skip: boolean, norm: 'batch' | \
                        'none', activation: 'relu' | 'tanh' | 'sigmoid', place: 'after' | 'before', init: number, \
                        rate: number, warmup: number, momentum: number, decay: number, epochs: number, batch: \
                        number}, each optional";

/// The digits, which all runs share.
#[wasm_bindgen]
pub struct Lab {
    digits: Rc<Digits>,
}

#[wasm_bindgen]
impl Lab {
    /// Reads `digits.bin`. Throws `InputInvalid`.
    pub fn load(digits: &Uint8Array) -> JsResult<Lab> {
        let digits = copy_bytes(digits).and_then(|file| Digits::parse(&file));
        Ok(Lab { digits: Rc::new(digits.map_err(error_to_js)?) })
    }

    /// Returns the table of presets, each with its `name`.
    pub fn presets(&self) -> JsResult<Array> {
        let presets = Array::new();
        for preset in PRESETS {
            let object = Object::new();
            set(&object, "name", &preset.name.into());
            assign(&object, &preset.recipe)?;
            presets.push(&object);
        }
        Ok(presets)
    }

    /// Makes a network with random weights. Throws `InputInvalid` or `OutOfMemory`.
    pub fn run(&self, settings: JsValue) -> JsResult<LabRun> {
        if let Some(object) = settings.dyn_ref::<Object>() {
            for name in Object::keys(object).iter().filter_map(|name| name.as_string()) {
                Settings::knows(&name).map_err(error_to_js)?;
            }
        }
        let settings: Settings = options_from_js(settings, SETTINGS)?;
        let session = settings.check().and_then(|plan| Session::new(plan, self.digits.clone()));
        Ok(LabRun { session: session.map_err(error_to_js)? })
    }
}

/// A network in training.
#[wasm_bindgen]
pub struct LabRun {
    session: Session,
}

#[wasm_bindgen]
impl LabRun {
    /// Returns the settings: every field of a preset, `preset` and `seed`.
    pub fn settings(&self) -> JsResult<Object> {
        let (plan, object) = (self.session.plan(), Object::new());
        assign(&object, plan)?;
        assign(&object, &plan.recipe)?;
        Ok(object)
    }

    /// Returns the number of all steps.
    pub fn steps(&self) -> usize {
        self.session.plan().steps()
    }

    /// Makes a step; with `layers` if they are to be measured.
    pub fn step(&mut self, measure: bool) -> Object {
        let Step { step, loss, accuracy, rate, layers } = self.session.step(measure);
        let object = Object::new();
        let numbers = [("step", step as f64), ("steps", self.steps() as f64)];
        let values = [("loss", loss), ("accuracy", accuracy), ("rate", rate)];
        for (key, number) in numbers.into_iter().chain(values.map(|(key, of)| (key, of.into()))) {
            set(&object, key, &number.into());
        }
        if let Some(layers) = &layers {
            set(&object, "layers", &layers_to_js(layers));
        }
        object
    }

    /// Returns what the last step did to one weight. Throws `InputInvalid`.
    pub fn follow(&self, layer: f64, index: f64) -> JsResult<JsValue> {
        to_record(&self.session.follow(layer, index).map_err(error_to_js)?)
    }

    /// Starts an evaluation on the test pictures.
    pub fn test(&self) -> LabQuestion {
        LabQuestion { question: Box::new(Test::new(self.session.trained())) }
    }

    /// Starts an evaluation without each of its blocks.
    pub fn deletion(&self) -> LabQuestion {
        LabQuestion { question: Box::new(Deletion::new(self.session.trained())) }
    }

    /// Starts a measurement of what the paths of each block contribute.
    pub fn ledger(&self) -> LabQuestion {
        LabQuestion { question: Box::new(Ledger::new(self.session.trained())) }
    }
}

/// A question about a network at the moment of asking.
#[wasm_bindgen]
pub struct LabQuestion {
    question: Box<dyn Asked>,
}

#[wasm_bindgen]
impl LabQuestion {
    /// Computes the next slice, and returns the number of completed slices.
    pub fn advance(&mut self) -> usize {
        self.question.advance()
    }

    /// Returns the number of slices.
    pub fn total(&self) -> usize {
        self.question.total()
    }

    /// Returns the answer, once all slices are done.
    pub fn answer(&self) -> JsResult<JsValue> {
        self.question.answer()
    }
}

/// A question of any kind.
trait Asked {
    fn advance(&mut self) -> usize;
    fn total(&self) -> usize;
    fn answer(&self) -> JsResult<JsValue>;
}

impl<Q: Question<Answer: Serialize>> Asked for Q {
    fn advance(&mut self) -> usize {
        Question::advance(self)
    }

    fn total(&self) -> usize {
        Question::total(self)
    }

    fn answer(&self) -> JsResult<JsValue> {
        to_record(&Question::answer(self))
    }
}

/// Sets a record's fields in a plain object.
fn assign<T: Serialize>(object: &Object, record: &T) -> JsResult<()> {
    let record = to_record(record)?;
    for key in Reflect::own_keys(&record)?.iter() {
        Reflect::set(object, &key, &Reflect::get(&record, &key)?)?;
    }
    Ok(())
}

fn layers_to_js(layers: &Layers) -> Object {
    let object = Object::new();
    let Layers { gradient, update, activation, backward, changed, weights } = layers;
    let rows = [
        ("gradient", gradient),
        ("update", update),
        ("activation", activation),
        ("backward", backward),
        ("changed", changed),
    ];
    for (key, row) in rows {
        let row: Float32Array = floats_to_js(row);
        set(&object, key, &row);
    }
    set(&object, "weights", &Uint32Array::from(&weights[..]));
    object
}
