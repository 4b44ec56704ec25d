//! The project's commands. Each has a file with its arguments (`Args`) and its code (`run`).
//!
//! - `build`: [`toolchain`] picks cargo and rustc, [`wasm`] compiles, [`bindgen`] writes the glue,
//!   [`bundle`] the library's scripts, [`docs`] the documents' pages, [`dist`] puts the site together, [`precache`] lists
//!   it for the service worker, [`compress`] adds compressed files, [`sizes`] reports sizes.
//! - `supply`: the supply chain: licences, sources, known vulnerabilities.
//! - `sizes`: which crates a wasm file's bytes come from.
//! - `serve`: like `build`, while [`serve`] already answers a browser, with a [`placeholder`] for each missing file.
//! - `test`: every check, one step after another.
//! - `soak`: a visitor's actions, repeated very often, and their effect on memory; random cases for the kernels; checks of the threads.
//! - `lab`: trains the lab's presets with the file that browsers load.
//! - `bench`: comparison with other engines.
//! - `fuzz`: random bytes for the readers of untrusted ones.

mod bench;
mod bindgen;
mod build;
mod bundle;
mod chromium;
mod clean;
mod compress;
mod dist;
mod docs;
mod driver;
mod fuzz;
mod kernel_tests;
mod lab;
mod model;
mod npm;
mod packages;
mod placeholder;
mod precache;
mod process;
mod project;
mod serve;
mod sizes;
mod soak;
mod supply;
mod test;
mod toolchain;
mod tree;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, serves and tests reslens.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Build(build::Args),
    Serve(serve::Args),
    Test(test::Args),
    Bench(bench::Args),
    Model(model::Args),
    Lab(lab::Args),
    Fuzz(fuzz::Args),
    Soak(soak::Args),
    Sizes(sizes::Args),
    Supply(supply::Args),
    Clean(clean::Args),
}

fn main() -> ExitCode {
    let outcome = project::Project::locate().and_then(|project| match Cli::parse().command {
        Command::Build(args) => build::run(&project, &args),
        Command::Serve(args) => serve::run(&project, &args),
        Command::Test(args) => test::run(&project, &args),
        Command::Bench(args) => bench::run(&project, &args),
        Command::Model(args) => model::run(&project, &args),
        Command::Lab(args) => lab::run(&project, &args),
        Command::Fuzz(args) => fuzz::run(&project, &args),
        Command::Soak(args) => soak::run(&project, &args),
        Command::Sizes(args) => sizes::run(&project, &args),
        Command::Supply(args) => supply::run(&project, &args),
        Command::Clean(args) => clean::run(&project, &args),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn every_command_can_be_parsed() {
        Cli::command().debug_assert();
    }
}
