//! From rustc's output to the files that a browser loads: the glue and the optimised wasm file.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::project::Project;
use crate::wasm::{self, Profile, Variant};
use crate::{dist, npm, process};

/// Features that every supported browser has, and that rustc uses by default.
const WASM_OPT_FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Options that strip everything that browsers do not need.
const WASM_OPT: [&str; 2] = ["--strip-producers", "--strip-target-features"];

/// For files optimised for speed: a function with a single caller is not inlined unless it is small. Otherwise a whole
/// load becomes one function of 80 kB. JavaScriptCore then compiles it for a second as soon as one of its loops is hot,
/// and with two cores the functions that are called in the meantime wait for that compiler.
const SMALL_FUNCTIONS: &str = "--one-caller-inline-max-function-size=50";

/// Returns the folder that [`bind`] writes to.
pub fn folder(project: &Project, variant: &Variant, profile: Profile) -> PathBuf {
    wasm::folder(project).join("bound").join(variant.name).join(profile.name())
}

/// The settings for post-processing a wasm file.
#[derive(Clone, Copy)]
struct Steps {
    /// Whether functions keep their names.
    names: bool,
    /// Whether wasm-opt makes it smaller.
    optimise: bool,
}

/// The files of a variant that a browser loads, `NAME.js` and `NAME.wasm`, and the glue's types, `NAME.d.ts`.
pub struct Bound {
    /// Their folder.
    pub folder: PathBuf,
    /// Whether they have just been written.
    pub is_new: bool,
}

/// Writes the files that a browser loads. Does nothing if they already exist for the same `wasm` and the same settings.
pub fn bind(project: &Project, variant: &Variant, profile: Profile, wasm: &Path) -> Result<Bound> {
    let release = profile == Profile::Release;
    let steps = Steps { names: !release, optimise: release };
    write(project, variant, wasm, folder(project, variant, profile), steps)
}

/// Writes the shipped file again for inspection, with the names of its functions, but otherwise byte for byte the same.
/// Returns its path.
pub fn named(project: &Project, variant: &Variant, wasm: &Path) -> Result<PathBuf> {
    let folder = folder(project, variant, Profile::Release).with_file_name("named");
    let steps = Steps { names: true, optimise: true };
    let file = format!("{}.wasm", variant.name);
    Ok(write(project, variant, wasm, folder, steps)?.folder.join(file))
}

fn write(
    project: &Project,
    variant: &Variant,
    wasm: &Path,
    folder: PathBuf,
    steps: Steps,
) -> Result<Bound> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let stamp = folder.with_extension("stamp");
    let key = key(&bytes, variant, &project.root)?;
    if folder.is_dir() && fs::read_to_string(&stamp).is_ok_and(|made_for| made_for == key) {
        return Ok(Bound { folder, is_new: false });
    }
    dist::remove(&folder)?;
    println!("writing the glue of {} ...", variant.name);
    Bindgen::new()
        .input_path(wasm)
        .out_name(variant.name)
        .web(true)?
        .typescript(true)
        .keep_debug(steps.names)
        // Stack traces are for people, and `sizes` needs the symbols of the file that it measures.
        .demangle(!steps.optimise)
        .remove_name_section(!steps.names)
        .remove_producers_section(true)
        .generate(&folder)
        .with_context(|| format!("wasm-bindgen cannot process {}", wasm.display()))?;
    write_types(&folder, variant.name)?;
    let written = folder.join(format!("{}_bg.wasm", variant.name));
    let wasm = folder.join(format!("{}.wasm", variant.name));
    if steps.optimise {
        optimise(project, variant, steps.names, &written, &wasm)?;
    } else {
        fs::rename(&written, &wasm)?;
    }
    fs::write(&stamp, key).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Bound { folder, is_new: true })
}

/// Reduces wasm-bindgen's types to those that callers of the glue can use.
fn write_types(folder: &Path, name: &str) -> Result<()> {
    let raw = folder.join(format!("{name}_bg.wasm.d.ts"));
    fs::remove_file(&raw).with_context(|| format!("cannot delete {}", raw.display()))?;
    let path = folder.join(format!("{name}.d.ts"));
    let types =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    fs::write(&path, public_types(&types))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the types without the raw exports of the wasm file and without comments, so that they change
/// only with the signatures of what the crate exports. Only the glue calls the raw exports, and the names
/// of some change with every build.
fn public_types(types: &str) -> String {
    let mut kept = String::from(
        "// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.\n",
    );
    let mut raw = false;
    for line in types.lines() {
        raw = raw && line != "}";
        let comment = line.trim_start().starts_with(['/', '*']);
        let kept_of_raw = line.contains("readonly memory:");
        if !line.is_empty() && !comment && (!raw || kept_of_raw) {
            kept.push_str(line);
            kept.push('\n');
        }
        raw = raw || line == "export interface InitOutput {";
    }
    kept
}

/// Returns a key of everything that the result depends on: the input, this file's settings, the pinned wasm-opt.
fn key(wasm: &[u8], variant: &Variant, root: &Path) -> Result<String> {
    let lock = fs::read(root.join("package-lock.json")).context("cannot read package-lock.json")?;
    let mut hasher = DefaultHasher::new();
    (wasm, include_str!("bindgen.rs"), variant.optimise, lock).hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

fn optimise(
    project: &Project,
    variant: &Variant,
    names: bool,
    input: &Path,
    output: &Path,
) -> Result<()> {
    npm::install(project)?;
    println!("optimising {} (wasm-opt) ...", variant.name);
    let mut command: Command = npm::script(project, "binaryen/bin/wasm-opt");
    command.arg(variant.optimise).args(WASM_OPT).args(WASM_OPT_FEATURES);
    if variant.optimise == "-O3" {
        command.arg(SMALL_FUNCTIONS);
    }
    if variant.threads {
        command.arg("--enable-threads");
    }
    if variant.relaxed {
        command.arg("--enable-relaxed-simd");
    }
    if names {
        command.arg("--debuginfo");
    }
    process::run(command.arg(input).arg("-o").arg(output))?;
    fs::remove_file(input).with_context(|| format!("cannot delete {}", input.display()))
}

#[cfg(test)]
mod tests {
    use super::public_types;

    #[test]
    fn types_keep_signatures_and_the_memory() {
        let types = "/* eslint-disable */\n\n/**\n * A model.\n */\nexport class Engine {\n    embed(): void;\n}\n\n\
                     export interface InitOutput {\n    readonly memory: WebAssembly.Memory;\n    \
                     readonly closure_h1f2e: () => void;\n}\nexport default function init(): void;\n";
        let kept = "export class Engine {\n    embed(): void;\n}\nexport interface InitOutput {\n    \
                    readonly memory: WebAssembly.Memory;\n}\nexport default function init(): void;\n";
        assert_eq!(public_types(types).split_once('\n').unwrap().1, kept);
    }

    /// wasm-bindgen refuses a wasm file that was written by another version's macros.
    #[test]
    fn the_glue_writer_has_the_version_of_the_crate() {
        let lock = include_str!("../../Cargo.lock");
        let version = |name: &str| {
            let entry = lock
                .split("[[package]]")
                .find(|entry| entry.lines().any(|line| line == format!("name = \"{name}\"")));
            let lines = entry.unwrap_or_else(|| panic!("{name} is not in Cargo.lock")).lines();
            lines.map(str::to_string).find(|line| line.starts_with("version")).unwrap()
        };
        assert_eq!(version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
    }
}
