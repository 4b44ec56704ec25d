//! What the code in dist/ weighs: as it is, and as servers send it.

use std::fmt::Write;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::{dist, npm, process};

/// The sizes of a file in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Size {
    /// Path in dist/.
    pub path: String,
    /// As it is.
    pub raw: u64,
    /// After `gzip -9`.
    pub gzip: u64,
    /// After brotli at its highest level.
    pub brotli: u64,
}

/// Measures all code in dist/. Models and pictures are left out: they do not compress.
pub fn measure(project: &Project) -> Result<Vec<Size>> {
    let is_code = |path: &str| {
        [".css", ".html", ".js", ".wasm"].iter().any(|extension| path.ends_with(extension))
    };
    let paths = dist::files(&project.dist())?.into_keys().filter(|path| is_code(path));
    let script = project.root.join("xtask/src/sizes.mjs");
    let mut node = npm::node(project);
    node.arg(script).args(paths).current_dir(project.dist());
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

/// The sizes as a table with a last row for the sum.
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

/// Bytes in units of 1000, with one decimal.
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
