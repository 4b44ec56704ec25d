//! The model of the served page, if it is not the bundled one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::model;
use crate::project::Project;

/// Makes the file for reslens that `wanted` names: a checkpoint, which is imported, or one of
/// torchvision's ImageNet models, which is downloaded once.
pub fn prepare(project: &Project, wanted: &Path) -> Result<PathBuf> {
    let source = std::path::absolute(wanted)?;
    if source.is_file() {
        let file = project.target.join("served-model.safetensors");
        let arguments: [OsString; 4] =
            ["import".into(), source.into(), "--output".into(), (&file).into()];
        model::call(project, &arguments)?;
        return Ok(file);
    }
    let name = wanted.to_str().filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let Some(name) = name else {
        bail!(
            "--model: expected a checkpoint or a name such as resnet18, found no file `{}`",
            wanted.display()
        );
    };
    let file = project.root.join("models").join(format!("{name}.safetensors"));
    if !file.is_file() {
        model::call(project, &["fetch".into(), name.into(), "--output".into(), (&file).into()])?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_model_is_not_fetched_again_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project { root: folder.path().into(), target: folder.path().join("target") };
        let file = folder.path().join("models/resnet18.safetensors");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "").unwrap();
        assert_eq!(prepare(&project, Path::new("resnet18")).unwrap(), file);
        let message = prepare(&project, Path::new("none.pth")).unwrap_err().to_string();
        assert!(message.contains("none.pth"), "{message}");
    }
}
