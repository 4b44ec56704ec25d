//! The supply chain: [`linked`] finds the crates in the wasm files and [`npm`] the packages in the scripts,
//! [`policy`] defines accepted licences and sources, [`texts`] and [`sbom`] write the shipped lists of them,
//! [`deny`] runs cargo-deny, and [`rebuild`] checks that two builds are equal. `cargo xtask supply` runs all checks.

mod deny;
mod linked;
mod npm;
mod policy;
mod rebuild;
mod sbom;
mod texts;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{bundle, process};
use linked::{Id, Linked};
use npm::Bundled;
use policy::Allowed;

/// The path of the licences of all third-party code, in dist/ and in the npm package.
pub const LICENSES: &str = "licenses.txt";

/// The path of the bill of materials.
pub const SBOM: &str = "sbom.cdx.json";

/// The workspace's packages, and the crate that replaces another one.
const OWN: [&str; 5] =
    ["inventory", "reslens", "reslens-bench-layers", "reslens-wasm-tests", "xtask"];

/// Check the supply chain: licences, sources, known vulnerabilities.
///
/// Checks licences of all shipped code, sources and hashes in both kinds of lock files, then runs `cargo deny check`
/// and `npm audit`, which look up known vulnerabilities online. `cargo xtask test` does the first half.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Args {
    /// Instead, build the smallest wasm file and the scripts twice, in two copies of the clone and two build folders,
    /// and compare
    #[arg(long, conflicts_with = "advisories")]
    rebuild: bool,

    /// A clone of <https://github.com/rustsec/advisory-db> for cargo-deny, which then works offline
    #[arg(long, value_name = "FOLDER")]
    advisories: Option<PathBuf>,
}

/// Runs the command.
pub fn run(project: &Project, args: &Args) -> Result<()> {
    if args.rebuild {
        return rebuild::compare(project);
    }
    let mut failed = Vec::new();
    for (name, complaints) in check(project)? {
        tell(name, &complaints);
        failed.extend((!complaints.is_empty()).then_some(name.to_string()));
    }
    let mut try_out = |name: &str, result: Result<()>| {
        if let Err(error) = result {
            println!("{error:#}");
            failed.push(name.to_string());
        }
    };
    try_out("cargo deny", deny::check(project, args.advisories.as_deref()));
    for lock in npm_locks(project)? {
        let folder = lock.parent().unwrap_or(&project.root);
        println!("npm audit in {}:", project.show(folder));
        let mut audit = crate::npm::npm();
        audit.args(["audit", "--package-lock-only"]).current_dir(folder);
        try_out("npm audit", process::run(&mut audit));
    }
    failed.dedup();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Prints the findings of a check.
pub fn tell(name: &str, complaints: &[String]) {
    println!("{name}: {}", if complaints.is_empty() { "ok" } else { "FAILED" });
    complaints.iter().for_each(|complaint| println!("  {complaint}"));
}

/// Runs the checks that need neither network nor build; returns each check's name and its findings.
///
/// # Errors
///
/// If a list cannot be read.
pub fn check(project: &Project) -> Result<[(&'static str, Vec<String>); 4]> {
    let allowed = Allowed::read(project)?;
    let crates = linked::crates(project)?;
    let packages = linked::lock_packages(&linked::read_lock(project)?)?;
    let mut of_npm = Vec::new();
    for lock in npm_locks(project)? {
        let name = project.show(&lock);
        let complaints = npm::lock_complaints(&lock, &allowed)?;
        of_npm.extend(complaints.into_iter().map(|complaint| format!("{name}: {complaint}")));
    }
    let texts = texts::write(&crates, &[]).err().map(|error| format!("{error:#}"));
    Ok([
        ("licences of the linked crates", policy::licence_complaints(&crates, &allowed)),
        ("texts of the licences", texts.into_iter().collect()),
        ("sources and hashes in Cargo.lock", policy::source_complaints(&packages, &OWN)),
        ("sources, hashes and licences in npm's lock files", of_npm),
    ])
}

/// Returns npm's lock files in the clone.
fn npm_locks(project: &Project) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "package-lock.json", "*/package-lock.json"]).current_dir(&project.root);
    let list = process::capture(&mut git)?;
    Ok(list.lines().map(|path| project.root.join(path)).collect())
}

/// Adds licences and bill of materials to the site's folder; `bound` are the folders of its wasm files.
///
/// # Errors
///
/// If something in it has no licence.
pub fn add_to_site(project: &Project, site: &Path, bound: &[PathBuf]) -> Result<()> {
    let bundled = npm::bundled(project, &site.with_extension("packages.json"))?;
    write(project, &linked::crates(project)?, &bundled, bound, site)
}

/// Adds licences and bill of materials to the folder of the library's npm package, which has no package in its scripts.
///
/// # Errors
///
/// If something in it has no licence.
pub fn add_to_package(project: &Project, package: &Path, bound: &[PathBuf]) -> Result<()> {
    write(project, &linked::crates(project)?, &[], bound, package)
}

fn write(
    project: &Project,
    crates: &BTreeMap<Id, Linked>,
    bundled: &[Bundled],
    bound: &[PathBuf],
    folder: &Path,
) -> Result<()> {
    let version = bundle::version(project)?;
    let wasm = wasm_files(bound)?;
    let product = sbom::Product { version: &version, wasm: &wasm, crates, bundled };
    for (name, text) in [(LICENSES, texts::write(crates, bundled)?), (SBOM, sbom::write(&product)?)]
    {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Returns the wasm files in `folders`, in order.
fn wasm_files(folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        let files = crate::tree::files(folder)?.into_values();
        found.extend(files.filter(|path| path.extension() == Some(OsStr::new("wasm"))));
    }
    found.sort_by_key(|path| path.file_name().map(OsStr::to_os_string));
    Ok(found)
}
