//! `cargo xtask bench cpu` and `bench webgpu`: our engines compared with others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;

use crate::build::Wanted;
use crate::project::Project;
use crate::wasm::{CPU_LAYERS, Engine, Profile, Variant, WEBGPU_LAYERS};
use crate::{bindgen, build, chromium, npm, process, serve, toolchain};

use super::{packages, python, site};

/// Compare the CPU engine with others, in one run.
///
/// Our engine, onnxruntime-web, TensorFlow.js and LiteRT.js in headless Chromium, and onnxruntime as
/// a native library, all with the same weights, with one thread and with several, take turns. All
/// logits are compared first: an engine that is wrong or fails is reported and not timed.
///
/// Missing packages are installed next to the build, outside the clone: the pinned packages of
/// bench/package-lock.json (npm) and bench/requirements.txt (pip, in a virtual environment).
/// The exit status says whether our own engine failed, not whether it was fast.
#[derive(clap::Args)]
pub struct Cpu {
    /// The most threads; each also runs with one thread [default: 2, or 1 on a single core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: Option<u16>,

    /// Measured rounds
    #[arg(long, value_name = "N", default_value_t = 15)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Warm-up rounds before them
    #[arg(long, value_name = "N", default_value_t = 5)]
    warmup: u32,

    #[command(flatten)]
    args: Args,
}

/// Compare the WebGPU engine with others, in one run.
///
/// Our engine, onnxruntime-web and LiteRT.js on WebGPU, TensorFlow.js on WebGPU and on WebGL, in headless
/// Chromium, otherwise as `bench cpu`. On Chromium's software adapter, which every machine has, a
/// frame of some engines takes seconds.
#[derive(clap::Args)]
pub struct WebGpu {
    /// Use the graphics card, rather than the software adapter
    #[arg(long)]
    hardware: bool,

    /// Measured rounds
    #[arg(long, value_name = "N", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Warm-up rounds before them
    #[arg(long, value_name = "N", default_value_t = 1)]
    warmup: u32,

    #[command(flatten)]
    args: Args,
}

/// Options of all races.
#[derive(clap::Args)]
struct Args {
    /// Network, with seeded weights and 1000 classes
    #[arg(long, value_name = "NAME", default_value = "resnet18", conflicts_with = "model")]
    #[arg(value_parser = PossibleValuesParser::new(
        ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]))]
    architecture: String,

    /// Safetensors file of another network than the seeded one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Height and width of the input: a multiple of 32 up to 1024
    #[arg(long, value_name = "PIXELS", default_value = "224", value_parser = parse_size)]
    size: u16,

    /// Python that has the packages of bench/requirements.txt [default: python3, in an environment
    /// that this command makes]
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,

    /// Folder to write the report to, as Markdown and as JSON
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Measure dist/ without building
    #[arg(long)]
    no_build: bool,

    /// Measure only our own engines
    #[arg(long)]
    alone: bool,

    /// The dist/ of an earlier build, to compare with
    #[arg(long, value_name = "DIST")]
    before: Option<PathBuf>,
}

/// Parses a size that the network accepts.
fn parse_size(text: &str) -> Result<u16> {
    let size: u16 = text.parse()?;
    ensure!(
        (32..=1024).contains(&size) && size.is_multiple_of(32),
        "expected a multiple of 32 from 32 to 1024"
    );
    Ok(size)
}

/// A race: its name, and the requirements of its contestants.
struct Race<'a> {
    name: &'static str,
    engine: Wanted,
    /// The wasm file that times our layers.
    layers: &'static Variant,
    rounds: u32,
    warmup: u32,
    threads: u16,
    hardware: bool,
    args: &'a Args,
}

/// Runs `bench cpu`.
pub fn cpu(project: &Project, command: &Cpu) -> Result<()> {
    run(
        project,
        Race {
            name: "cpu",
            engine: Wanted::Engine(Engine::Cpu),
            layers: &CPU_LAYERS,
            rounds: command.rounds,
            warmup: command.warmup,
            threads: command.threads.unwrap_or_else(default_threads),
            hardware: false,
            args: &command.args,
        },
    )
}

/// Runs `bench webgpu`.
pub fn webgpu(project: &Project, command: &WebGpu) -> Result<()> {
    run(
        project,
        Race {
            name: "webgpu",
            engine: Wanted::Everything,
            layers: &WEBGPU_LAYERS,
            rounds: command.rounds,
            warmup: command.warmup,
            threads: 1,
            hardware: command.hardware,
            args: &command.args,
        },
    )
}

fn run(project: &Project, race: Race<'_>) -> Result<()> {
    let args = race.args;
    let chromium = chromium::find()?;
    npm::install(project)?;
    if !args.no_build {
        build::build(project, Profile::Release, race.engine)?;
    }
    // Also blocks builds while it measures.
    let _lock = project.lock()?;
    let layers = race.layers.compile(project, &toolchain::find()?, Profile::Release)?;
    let layers = bindgen::bind(project, race.layers, Profile::Release, &layers)?;
    let packages = packages::install(project)?;
    let python = model_maker(project, args)?;
    let site = site::assemble(project, &packages, &layers.folder, args.before.as_deref())?;
    make_models(project, args, python.as_deref(), &site)?;

    let url = serve::in_background(site.clone())?;
    let mut driver = npm::node(project);
    driver.arg(project.root.join("bench/race/main.mjs"));
    driver.args(["--race", race.name]);
    for (flag, given) in [
        ("--hardware", race.hardware),
        ("--alone", args.alone),
        ("--before", args.before.is_some()),
    ] {
        if given {
            driver.arg(flag);
        }
    }
    driver.arg("--chromium").arg(chromium);
    driver.args(["--url", &url]);
    driver.arg("--site").arg(site);
    if let Some(python) = python {
        driver.arg("--python").arg(python);
    }
    driver.args(["--model", &model_name(args)]);
    driver.args(["--size", &args.size.to_string()]);
    driver.args(["--threads", &race.threads.to_string()]);
    driver.args(["--rounds", &race.rounds.to_string()]);
    driver.args(["--warmup", &race.warmup.to_string()]);
    driver.args(["--commit", &commit(project)]);
    if let Some(out) = &args.out {
        driver.arg("--out").arg(std::path::absolute(out)?);
    }
    let status = driver.status().map_err(|error| process::not_started(&driver, &error))?;
    ensure!(status.success(), "our own engine failed, or nothing could be measured: see above");
    Ok(())
}

/// Returns the Python that makes the models; none if a model is given for our own engine.
fn model_maker(project: &Project, args: &Args) -> Result<Option<PathBuf>> {
    if args.alone && args.model.is_some() {
        return Ok(None);
    }
    match python::find(project, args.python.as_deref()) {
        Ok(python) => Ok(Some(python)),
        // The model exists, and some contestants need nothing else.
        Err(error) if args.model.is_some() && args.python.is_none() => {
            eprintln!("warning: without Python the model cannot be converted: {error:#}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Puts the network into the site, in every format that can be made.
fn make_models(project: &Project, args: &Args, python: Option<&Path>, site: &Path) -> Result<()> {
    let folder = site.join("model");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let safetensors = folder.join("model.safetensors");
    if let Some(model) = &args.model {
        fs::copy(model, &safetensors)
            .with_context(|| format!("cannot read {}", model.display()))?;
    }
    let Some(python) = python else { return Ok(()) };
    let script = |name| {
        let mut command = Command::new(python);
        // Leaves nothing in the clone.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.arg(project.root.join("bench").join(name));
        command
    };
    if args.model.is_none() {
        process::run(script("make_model.py").arg(&args.architecture).arg(&safetensors))?;
    }
    for (name, file) in [("make_onnx.py", "model.onnx"), ("make_tflite.py", "model.tflite")] {
        let mut convert = script(name);
        convert.arg(&safetensors).arg(folder.join(file)).args(["--size", &args.size.to_string()]);
        process::run(&mut convert)?;
    }
    Ok(())
}

/// Returns the network's name in the report.
fn model_name(args: &Args) -> String {
    match args.model.as_deref().and_then(Path::file_name) {
        Some(file) => file.to_string_lossy().into_owned(),
        None => format!("{} with seeded weights", args.architecture),
    }
}

/// Returns the number of threads: two show whether work is shared; more would measure the machine.
fn default_threads() -> u16 {
    if available_parallelism().is_ok_and(|cores| cores.get() > 1) { 2 } else { 1 }
}

/// Returns the measured version: the commit, and whether there were uncommitted changes.
fn commit(project: &Project) -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]);
    git.current_dir(&project.root);
    process::capture(&mut git).unwrap_or_else(|error| format!("unknown ({error:#})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_that_the_network_accepts() {
        assert_eq!(parse_size("224").unwrap(), 224);
        for text in ["0", "225", "1056", "-32", "big"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
