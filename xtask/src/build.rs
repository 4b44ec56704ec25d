//! `cargo xtask build`: dist/ from the crate, the site's files and the model.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::wasm::{Profile, VARIANTS};
use crate::{bindgen, dist, minify, sizes, toolchain};

/// Build dist/: the static site and the library.
///
/// Compiles the crate to wasm once for each kind of machine, writes the JavaScript glue, makes the
/// wasm files smaller and puts them together with www/ and models/. What has not changed is not
/// done again. A cold build takes minutes, most of them for Burn.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Small and fast files, as they are shipped [default]
    #[arg(long)]
    release: bool,

    /// Quicker to rebuild: less optimised, names kept for stack traces
    #[arg(long, conflicts_with = "release")]
    dev: bool,

    /// Only the files of www/ and models/: the wasm files stay as they were built last
    #[arg(long)]
    site_only: bool,
}

impl Args {
    fn profile(&self) -> Profile {
        if self.dev { Profile::Dev } else { Profile::Release }
    }
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    if !args.site_only {
        return build(project, args.profile());
    }
    let _lock = project.lock()?;
    let profile = args.profile();
    let folders = VARIANTS.iter().map(|variant| bindgen::folder(project, variant, profile));
    let bound: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    ensure!(!bound.is_empty(), "there are no wasm files yet: build without --site-only first");
    assemble(project, profile, &bound)
}

/// Brings dist/ up to date.
pub fn build(project: &Project, profile: Profile) -> Result<()> {
    let _lock = project.lock()?;
    let toolchain = toolchain::find()?;
    let mut bound = Vec::new();
    for variant in VARIANTS.iter().filter(|variant| !variant.threads || toolchain.builds_threads())
    {
        let wasm = variant.compile(project, &toolchain, profile)?;
        bound.push(bindgen::bind(project, variant, profile, &wasm)?);
    }
    assemble(project, profile, &bound)
}

/// Puts the wasm files of the folders `bound` and the site's files together.
fn assemble(project: &Project, profile: Profile, bound: &[PathBuf]) -> Result<()> {
    let site = match profile {
        Profile::Release => minify::site(project)?,
        Profile::Dev => project.root.join("www"),
    };
    if dist::assemble(project, &site, bound)? {
        println!("{}", sizes::table(&sizes::measure(project)?));
    }
    println!("dist/ is up to date");
    Ok(())
}
