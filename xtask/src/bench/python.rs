//! A Python with the packages of `bench/requirements.txt`, which converts the model for the other engines and
//! runs the native onnxruntime.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

/// The scripts' imports as one statement.
const IMPORTS: &str = "import ai_edge_litert, flatbuffers, numpy, onnx, onnxruntime, safetensors";

/// The advice if there is no suitable Python.
const ADVICE: &str = "Python 3.11 or later with venv and pip is needed (Debian, as root: `apt-get \
    install python3-venv`), or --python with one that already has the packages";

/// Returns `given`, if it has the packages; else a Python in a virtual environment, which is created if it is missing
/// or if the list of packages has changed.
pub fn find(project: &Project, given: Option<&Path>) -> Result<PathBuf> {
    let requirements = project.root.join("bench/requirements.txt");
    match given {
        Some(python) => {
            let mut import = Command::new(python);
            process::capture(import.args(["-c", IMPORTS])).with_context(|| {
                format!(
                    "it needs packages: {} -m pip install -r {}",
                    python.display(),
                    requirements.display()
                )
            })?;
            Ok(python.to_path_buf())
        }
        None => environment(&super::folder(project).join("python"), &requirements).context(ADVICE),
    }
}

fn environment(folder: &Path, requirements: &Path) -> Result<PathBuf> {
    let (python, base) = if cfg!(windows) {
        (folder.join("Scripts/python.exe"), "python")
    } else {
        (folder.join("bin/python"), "python3")
    };
    let wanted = fs::read(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let installed = folder.join("installed-requirements.txt");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("installing the Python packages of bench/requirements.txt (pip) ...");
    process::run(Command::new(base).args(["-m", "venv", "--clear"]).arg(folder))?;
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    // Only prebuilt packages: compiling numpy would need a compiler and half an hour.
    let mut pip = Command::new(&python);
    process::run(pip.args(quiet).args(["--only-binary", ":all:", "-r"]).arg(requirements))?;
    fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}
