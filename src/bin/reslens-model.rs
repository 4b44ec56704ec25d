//! `reslens-model`: native commands on model files. `cargo xtask model` runs it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, builder::PossibleValuesParser};
use reslens::tools::classify::Classification;
use reslens::tools::eval::Evaluation;
use reslens::tools::fetch::{OFFICIAL, RELEASES, Release, default_cache};
use reslens::tools::import::{Imported, Options, import};
use reslens::tools::{Result, ToolError};

/// Import, fetch, try and evaluate model files
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
    Classify(Classify),
    Eval(Eval),
}

/// Convert a checkpoint of torchvision's ResNets to a file for reslens
#[derive(Args)]
struct Import {
    /// The checkpoint: PyTorch's (its pickle is read, never run) or safetensors, whatever its name
    file: PathBuf,
    /// The classes' names: one per line, or JSON [default: config.json beside the checkpoint]
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Which state dict to use if there are several: the prefix of its tensors' names
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
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
    /// Where downloads are stored and looked up [default: the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// The server with torchvision's files
    #[arg(long, value_name = "URL", default_value = OFFICIAL, hide = true)]
    mirror: String,
}

/// Classify a picture, or all pictures of a folder
#[derive(Args)]
struct Classify {
    /// The picture or folder
    pictures: PathBuf,
    /// The model: a file for reslens, or any checkpoint that `import` accepts
    #[arg(long, value_name = "FILE", default_value = "models/webcam50.safetensors")]
    model: PathBuf,
    /// How many classes to print for each picture
    #[arg(long, default_value_t = 5, value_name = "K")]
    top: usize,
    /// Print comma-separated values: file, rank, label, probability, milliseconds
    #[arg(long)]
    csv: bool,
}

/// Measure a model on a folder with one folder of pictures for each class
#[derive(Args)]
struct Eval {
    /// The folder; its folders are named `label` or `NN_label`, or are in the labels' order
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// The model
    #[arg(long, value_name = "FILE", default_value = "models/webcam50.safetensors")]
    model: PathBuf,
    /// How many predictions may contain the right class
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
        Command::Classify(args) => run_classify(&args),
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
    let options = Options {
        labels: args.labels.as_deref(),
        prefix: args.prefix.as_deref(),
        half: args.f16,
        card: None,
    };
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

fn run_classify(args: &Classify) -> Result<()> {
    let answers = Classification::run(&args.pictures, &args.model, args.top)?;
    if args.csv {
        print!("{}", answers.to_csv());
        for (_, reason) in &answers.unreadable {
            eprintln!("skipped: {reason}");
        }
    } else {
        print!("{}", answers.to_text());
    }
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
    let Imported { architecture, classes, bytes, taken, notes } = imported;
    let megabytes = *bytes as f64 / 1e6;
    println!("took {taken}");
    for note in notes {
        println!("{note}");
    }
    println!("{}: {architecture}, {classes} classes, {megabytes:.1} MB", output.display());
}
