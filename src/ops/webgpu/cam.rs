//! Which class the class activation maps are of, as `cam.wgsl` reads it: a uniform, so that a graph need not be
//! captured again for another class.

use crate::gpu::{Binding, GpuContext};
use crate::ops::CamClass;

/// The uniform's name.
const CAM_CLASS: &str = "cam class";

/// What `cam.wgsl` calls `TOP`.
const TOP: u32 = u32::MAX;

/// Sets which class maps are of in whatever is submitted next.
pub fn set_cam_class(context: &GpuContext, class: CamClass) {
    let label = match class {
        CamClass::Top => TOP,
        CamClass::Index(index) => index as u32,
    };
    context.set_uniform(CAM_CLASS, [label, 0, 0, 0]);
}

/// Returns what a kernel is given to read the class.
pub fn binding(context: &GpuContext) -> Binding {
    Binding::Uniform(context.uniform(CAM_CLASS))
}
