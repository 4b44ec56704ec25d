//! The size of the code in dist/, raw and compressed. `cargo xtask sizes`: which crates
//! the bytes of a wasm file come from.

mod crates;
mod module;
mod origin;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::Project;
use crate::wasm::Engine;
use crate::{bindgen, npm, process, tree};
use module::Module;

/// Say which crates the bytes of a wasm file come from, as a table in Markdown.
///
/// Measures the output of `build` as shipped: after wasm-bindgen and wasm-opt, which run
/// once more so that functions keep their names. Inlined code counts for its caller.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// The engine whose wasm file to measure; of the CPU's, the one that runs everywhere
    #[arg(long, value_enum, default_value_t = Engine::Webgpu)]
    engine: Engine,

    /// Another wasm file that has names, such as one that rustc wrote
    #[arg(long, value_name = "PATH", conflicts_with = "engine")]
    file: Option<PathBuf>,

    /// How many crates to list
    #[arg(long, value_name = "N", default_value_t = 25)]
    crates: usize,

    /// How many of the largest functions to list
    #[arg(long, value_name = "N", default_value_t = 0)]
    functions: usize,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let (wasm, stage) = match &args.file {
        Some(path) => (path.clone(), "as it is"),
        None => {
            let _lock = project.lock()?;
            let variant = args.engine.variant();
            let named = bindgen::named(project, variant, &variant.compiled(project)?)?;
            (named, "after wasm-opt")
        }
    };
    let bytes = fs::read(&wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let module = Module::parse(&bytes).with_context(|| wasm.display().to_string())?;
    let name = wasm.file_name().unwrap_or_default().to_string_lossy();
    let size = measure_shipped(project, &name, &module.shipped)?;
    println!(
        "{name}, {stage}, without names: {} kB, {} kB after gzip, {} kB after brotli.\n",
        kilobytes(size.raw),
        kilobytes(size.gzip),
        kilobytes(size.brotli)
    );
    println!("{}", crates::table(&module, args.crates));
    if args.functions > 0 {
        println!("{}", crates::functions(&module, args.functions));
    }
    Ok(())
}

/// Measures `bytes` that are not a file yet.
fn measure_shipped(project: &Project, name: &str, bytes: &[u8]) -> Result<Size> {
    let folder = project.target.join("sizes");
    let path = folder.join(name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, bytes))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let sizes = measure_in(project, &folder, [name.to_string()])?;
    sizes.into_iter().next().context("sizes.mjs: expected a size, found nothing")
}

/// The sizes of a file in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Size {
    /// Path in dist/.
    pub path: String,
    /// Uncompressed.
    pub raw: u64,
    /// After `gzip -9`.
    pub gzip: u64,
    /// After brotli at its highest level.
    pub brotli: u64,
}

/// Measures all code in dist/. Models and pictures are left out because they do not compress, and the documents
/// because no visitor of the page loads them.
pub fn measure(project: &Project) -> Result<Vec<Size>> {
    let is_code = |path: &str| {
        let extensions = [".css", ".html", ".js", ".wasm"];
        !path.starts_with("docs/") && extensions.iter().any(|extension| path.ends_with(extension))
    };
    let paths = tree::files(&project.dist())?.into_keys().filter(|path| is_code(path));
    measure_in(project, &project.dist(), paths)
}

/// Measures the files `paths` of a folder.
fn measure_in(
    project: &Project,
    folder: &Path,
    paths: impl IntoIterator<Item = String>,
) -> Result<Vec<Size>> {
    let script = project.root.join("xtask/src/sizes.mjs");
    let mut node = npm::node(project);
    node.arg(script).args(paths).current_dir(folder);
    parse(&process::capture(&mut node)?)
}

fn parse(lines: &str) -> Result<Vec<Size>> {
    let parse_line = |line: &str| {
        let mut fields = line.split('\t');
        let path = fields.next()?.to_string();
        let mut number = || fields.next()?.parse().ok();
        Some(Size { path, raw: number()?, gzip: number()?, brotli: number()? })
    };
    let sizes = lines.lines().map(|line| {
        parse_line(line)
            .with_context(|| format!("sizes.mjs: expected path and 3 sizes, found `{line}`"))
    });
    sizes.collect()
}

/// Formats the sizes as a table with a last row for the sum.
pub fn table(sizes: &[Size]) -> String {
    let sum = |of: fn(&Size) -> u64| sizes.iter().map(of).sum();
    let total = Size {
        path: "total".into(),
        raw: sum(|size| size.raw),
        gzip: sum(|size| size.gzip),
        brotli: sum(|size| size.brotli),
    };
    let width = sizes.iter().map(|size| size.path.len()).max().unwrap_or(0).max(total.path.len());
    let mut text = format!("{:width$} {:>10} {:>10} {:>10}  (kB)", "", "raw", "gzip", "brotli");
    for size in sizes.iter().chain([&total]) {
        let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(kilobytes);
        write!(text, "\n{:width$} {raw:>10} {gzip:>10} {brotli:>10}", size.path)
            .expect("writing to a string does not fail");
    }
    text
}

/// Formats bytes in units of 1000, with one decimal.
fn kilobytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_adds_up() {
        let sizes = parse("engine.wasm\t1500000\t500049\t400000\na.js\t100\t60\t50").unwrap();
        let table = table(&sizes);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[1], "engine.wasm     1500.0      500.0      400.0");
        assert_eq!(lines[2], "a.js               0.1        0.1        0.1");
        assert_eq!(lines[3], "total           1500.1      500.1      400.1");
    }

    #[test]
    fn a_garbled_line_is_an_error() {
        let error = parse("engine.wasm\t12").unwrap_err();
        assert!(error.to_string().contains("found `engine.wasm\t12`"), "{error}");
    }
}
