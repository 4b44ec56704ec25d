//! The class of the class activation maps, as `cam.wgsl` reads it: a uniform, so that another class needs no new
//! capture of the graph.

use crate::gpu::{Binding, GpuContext};
use crate::ops::CamClass;

/// The uniform's name.
const CAM_CLASS: &str = "cam class";

/// `TOP` in `cam.wgsl`.
const TOP: u32 = u32::MAX;

/// Sets the class for all later submissions.
pub fn set_cam_class(context: &GpuContext, class: CamClass) {
    let label = match class {
        CamClass::Top => TOP,
        CamClass::Index(index) => index as u32,
    };
    context.set_uniform(CAM_CLASS, [label, 0, 0, 0]);
}

/// Returns the binding by which a kernel reads the class.
pub fn binding(context: &GpuContext) -> Binding {
    Binding::Uniform(context.uniform(CAM_CLASS))
}
