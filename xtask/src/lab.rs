//! `cargo xtask lab`: trains the lab's presets and prints the table of `docs/lab.md`.

use std::ffi::OsString;

use anyhow::Result;

use crate::project::Project;
use crate::wasm::{Engine, Profile};
use crate::{bindgen, npm, process, toolchain};

/// Train the lab's presets and print the results as a table.
///
/// They run in Node.js with the wasm file that browsers load, on one thread; with the same settings and seed, every
/// browser gets the same bits.
#[derive(clap::Args)]
pub struct Args {
    /// The number of seeds, from 1
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,

    /// With five learning rates instead of one: from a ninth of each preset's to nine times as much
    #[arg(long)]
    rates: bool,

    /// Overrides for all of them: `{"rate": 0.1}`
    #[arg(long, value_name = "JSON", default_value = "{}")]
    settings: String,

    /// File to write the results to, as JSON
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,

    /// Only these presets
    #[arg(value_name = "PRESET")]
    presets: Vec<String>,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let folder = {
        let _lock = project.lock()?;
        npm::install(project)?;
        let toolchain = toolchain::find()?;
        let variant = Engine::Train.variant();
        let wasm = variant.compile(project, &toolchain, Profile::Release)?;
        bindgen::bind(project, variant, Profile::Release, &wasm)?.folder
    };
    let mut node = npm::node(project);
    node.arg("bench/lab/presets.mjs").arg(folder.join("reslens-train.js"));
    node.arg(format!("--seeds={}", args.seeds)).arg(format!("--settings={}", args.settings));
    if args.rates {
        node.arg("--rates");
    }
    if let Some(out) = &args.out {
        node.arg("--out").arg(out);
    }
    process::run(node.args(&args.presets))
}
