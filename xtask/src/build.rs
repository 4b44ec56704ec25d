//! `cargo xtask build`: dist/ from the crate, the site's files and the model.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::bindgen::{self, Bound};
use crate::project::Project;
use crate::toolchain::{self, Toolchain};
use crate::wasm::{Engine, Profile, VARIANTS, Variant};
use crate::{bundle, dist, docs, packages, placeholder, precache, sizes, supply};

/// Build dist/: the static site and the library.
///
/// Compiles the crate to wasm once for each kind of machine, writes the JavaScript glue, optimises the
/// wasm files and combines them with www/ and models/. Unchanged parts are not
/// rebuilt. A cold build takes minutes, most of them spent on Burn.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// What to make in addition to dist/
    #[arg(value_enum)]
    also: Option<Also>,

    /// Small and fast files, as shipped [default]
    #[arg(long)]
    release: bool,

    /// Quicker to rebuild: less optimised, with names for stack traces
    #[arg(long, conflicts_with = "release")]
    dev: bool,

    /// Build only the wasm files of one engine: the others stay as last built
    #[arg(long, value_enum)]
    engine: Option<Engine>,

    /// Update only the files of www/ and models/: the wasm files stay as last built
    #[arg(long, conflicts_with = "engine")]
    site_only: bool,
}

/// What can be made in addition to dist/.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Also {
    /// The npm packages, in target/npm/
    Npm,
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
    ensure!(
        args.also.is_none() || args.profile() == Profile::Release,
        "packages are made from release builds: omit --dev"
    );
    let bound = build(project, args.profile(), wanted)?;
    match args.also {
        Some(Also::Npm) => packages::make(project, &bound),
        None => Ok(()),
    }
}

/// The wasm files to recompile if anything has changed.
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

/// Updates dist/, and returns the folders of its wasm files. Files that are not wanted are taken from the last build,
/// if they exist.
pub fn build(project: &Project, profile: Profile, wanted: Wanted) -> Result<Vec<PathBuf>> {
    let _lock = project.lock()?;
    let (wanted, others): (Vec<&Variant>, Vec<_>) =
        VARIANTS.iter().partition(|variant| wanted.has(variant));
    let mut bound = Vec::new();
    if !wanted.is_empty() {
        let toolchain = toolchain::find()?;
        let buildable = buildable(&wanted, &toolchain);
        for (index, variant) in buildable.iter().enumerate() {
            announce(index, buildable.len(), variant);
            let wasm = variant.compile(project, &toolchain, profile)?;
            bound.push(bindgen::bind(project, variant, profile, &wasm)?.folder);
        }
    }
    let folders = others.iter().map(|variant| bindgen::folder(project, variant, profile));
    bound.extend(folders.filter(|folder| folder.is_dir()));
    ensure!(!bound.is_empty(), "there are no wasm files yet: build without --site-only first");
    if assemble(project, profile, &bound)? {
        println!("{}", sizes::table(&sizes::measure(project)?));
    }
    println!("dist/ is up to date: build {}", precache::build_name(project)?);
    Ok(bound)
}

/// Updates dist/ and calls `open` once, as soon as a page can use dist/: after the first wasm file if the others take
/// longer. Each of the others is added to dist/ when it is ready; until then it has a placeholder.
///
/// # Errors
///
/// If anything fails, even after `open`; dist/ then has the files that were ready, and still works.
pub fn build_in_stages(
    project: &Project,
    profile: Profile,
    open: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let _lock = project.lock()?;
    let toolchain = toolchain::find()?;
    let wanted = buildable(&VARIANTS.iter().collect::<Vec<_>>(), &toolchain);
    let mut open = Some(open);
    let mut bound = Vec::new();
    let mut in_stages = false;
    for (index, variant) in wanted.iter().enumerate() {
        announce(index, wanted.len(), variant);
        let wasm = variant.compile(project, &toolchain, profile)?;
        let Bound { folder, is_new } = bindgen::bind(project, variant, profile, &wasm)?;
        bound.push(folder);
        let rest = &wanted[index + 1..];
        // If the first file is unchanged, the others probably are as well, and all take only seconds.
        let was_built = |variant: &&Variant| bindgen::folder(project, variant, profile).is_dir();
        in_stages |= index == 0 && (is_new || !rest.iter().all(was_built));
        if !in_stages || rest.is_empty() {
            continue;
        }
        let placeholders = rest.iter().map(|variant| placeholder::folder(project, variant));
        let placeholders = placeholders.collect::<Result<Vec<_>>>()?;
        assemble(project, profile, &[&bound[..], &placeholders].concat())?;
        match open.take() {
            Some(open) => {
                open()?;
                println!("building {} more files; reload the page when one is ready", rest.len());
            }
            None => println!("{} is ready: reload the page to use it", variant.name),
        }
    }
    assemble(project, profile, &bound)?;
    match open {
        Some(open) => open(),
        None => {
            println!("all files are ready: reload the page to use them");
            Ok(())
        }
    }
}

/// Returns those of `wanted` that the toolchain can compile.
fn buildable<'a>(wanted: &[&'a Variant], toolchain: &Toolchain) -> Vec<&'a Variant> {
    let possible = |variant: &&&Variant| !variant.threads || toolchain.builds_threads();
    wanted.iter().filter(possible).copied().collect()
}

fn announce(index: usize, count: usize, variant: &Variant) {
    println!("[{}/{count}] {}", index + 1, variant.name);
}

/// Combines the wasm files of the folders `bound`, the site's files and the documents. Returns whether anything has
/// changed.
fn assemble(project: &Project, profile: Profile, bound: &[PathBuf]) -> Result<bool> {
    let site = bundle::site(project, profile, bound)?;
    docs::add(project, &site)?;
    supply::add_to_site(project, &site, bound)?;
    dist::assemble(project, &site, bound, profile == Profile::Release)
}
