//! `reslens-model`: native commands on model files. `cargo xtask model` runs it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};
use reslens::tools::eval::Evaluation;
use reslens::tools::fetch::{OFFICIAL, RELEASES, Release, default_cache};
use reslens::tools::import::{Imported, Options, import};
use reslens::tools::{Result, ToolError};

/// Import, fetch and evaluate model files
#[derive(Parser)]
#[command(name = "cargo xtask model", bin_name = "cargo xtask model")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Import(Import),
    Fetch(Fetch),
    Eval(Eval),
}

/// Convert a checkpoint of torchvision's ResNets to a file for reslens
#[derive(Args)]
struct Import {
    /// The checkpoint: .pth of PyTorch (its pickle is read, never run) or .safetensors
    file: PathBuf,
    /// The classes' names: a JSON array, or one name a line
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Store convolutions and the last layer with half precision: half the size
    #[arg(long)]
    f16: bool,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Download torchvision's ImageNet checkpoint (IMAGENET1K_V1), check its hash, convert it
#[derive(Args)]
struct Fetch {
    /// Which ResNet
    #[arg(value_parser = PossibleValuesParser::new(RELEASES.map(|release| release.name)))]
    name: String,
    /// The file to write [default: models/NAME.safetensors]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where downloads are kept and looked for [default: the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// Another server with torchvision's files
    #[arg(long, value_name = "URL", default_value = OFFICIAL, hide = true)]
    mirror: String,
}

/// Measure a model on a folder that has one folder of pictures for each class
#[derive(Args)]
struct Eval {
    /// The folder; its folders are called `label` or `NN_label`, or are in the labels' order
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// The model
    #[arg(long, value_name = "FILE", default_value = "models/webcam50.safetensors")]
    model: PathBuf,
    /// How many predictions may hold the right class
    #[arg(long, default_value_t = 5, value_name = "K")]
    top: usize,
    /// Write each picture's answer here, tab-separated: file, label, probability
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Import(args) => run_import(&args),
        Command::Fetch(args) => run_fetch(&args),
        Command::Eval(args) => run_eval(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_import(args: &Import) -> Result<()> {
    let options = Options { labels: args.labels.as_deref(), half: args.f16, ..Default::default() };
    report(&import(&args.file, &args.output, &options)?, &args.output);
    Ok(())
}

fn run_fetch(args: &Fetch) -> Result<()> {
    let release = Release::by_name(&args.name).ok_or_else(|| {
        let known = RELEASES.map(|release| release.name).join(", ");
        ToolError::usage("name", known, &args.name)
    })?;
    let folder = || PathBuf::from("models").join(format!("{}.safetensors", release.name));
    let output = args.output.clone().unwrap_or_else(folder);
    let cache = args.cache.clone().unwrap_or_else(default_cache);
    eprintln!("{} (IMAGENET1K_V1), kept in {}", release.file, cache.display());
    report(&release.fetch(&args.mirror, &cache, &output)?, &output);
    Ok(())
}

fn run_eval(args: &Eval) -> Result<()> {
    let evaluation = Evaluation::run(&args.data, &args.model, args.top)?;
    print!("{evaluation}");
    match &args.answers {
        Some(file) => std::fs::write(file, evaluation.answers()).map_err(ToolError::io(file)),
        None => Ok(()),
    }
}

fn report(imported: &Imported, output: &std::path::Path) {
    let Imported { architecture, classes, bytes } = imported;
    let megabytes = *bytes as f64 / 1e6;
    println!("{}: {architecture}, {classes} classes, {megabytes:.1} MB", output.display());
}
