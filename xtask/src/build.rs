//! `cargo xtask build`: dist/ from the crate, the site's files and the model.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::wasm::{Engine, Profile, VARIANTS, Variant};
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

    /// Only the wasm files of one engine: the others stay as they were built last
    #[arg(long, value_enum)]
    engine: Option<Engine>,

    /// Only the files of www/ and models/: the wasm files stay as they were built last
    #[arg(long, conflicts_with = "engine")]
    site_only: bool,
}

impl Args {
    fn profile(&self) -> Profile {
        if self.dev { Profile::Dev } else { Profile::Release }
    }
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    let wanted = match (args.site_only, args.engine) {
        (true, _) => Wanted::Nothing,
        (false, Some(engine)) => Wanted::Engine(engine),
        (false, None) => Wanted::Everything,
    };
    build(project, args.profile(), wanted)
}

/// Which wasm files are compiled anew if anything has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    Everything,
    /// Those of one engine.
    Engine(Engine),
    /// None.
    Nothing,
}

impl Wanted {
    fn has(self, variant: &Variant) -> bool {
        match self {
            Wanted::Everything => true,
            Wanted::Engine(engine) => variant.engine == engine,
            Wanted::Nothing => false,
        }
    }
}

/// Brings dist/ up to date. Files that are not wanted are taken as they were built last, if they were.
pub fn build(project: &Project, profile: Profile, wanted: Wanted) -> Result<()> {
    let _lock = project.lock()?;
    let (wanted, others): (Vec<&Variant>, Vec<_>) =
        VARIANTS.iter().partition(|variant| wanted.has(variant));
    let mut bound = Vec::new();
    if !wanted.is_empty() {
        let toolchain = toolchain::find()?;
        for variant in wanted {
            if variant.threads && !toolchain.builds_threads() {
                continue;
            }
            let wasm = variant.compile(project, &toolchain, profile)?;
            bound.push(bindgen::bind(project, variant, profile, &wasm)?);
        }
    }
    let folders = others.iter().map(|variant| bindgen::folder(project, variant, profile));
    bound.extend(folders.filter(|folder| folder.is_dir()));
    ensure!(!bound.is_empty(), "there are no wasm files yet: build without --site-only first");
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
