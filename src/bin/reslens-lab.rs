//! `reslens-lab`: trains the lab's presets natively. `cargo xtask lab` runs it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use clap::Parser;
use reslens::error::Result;
use reslens::lab::data::{Digits, TEST};
use reslens::lab::presets::PRESETS;
use reslens::lab::settings::Settings;
use reslens::lab::train::Session;
use reslens::lab::trained::{Question, Test};

/// Train the lab's presets, plain and residual, and print what comes out as a table
#[derive(Parser)]
#[command(name = "cargo xtask lab", bin_name = "cargo xtask lab")]
struct Cli {
    /// How many seeds, from 1
    #[arg(long, default_value_t = 3)]
    seeds: u32,
    /// Only these presets
    #[arg(value_name = "PRESET")]
    presets: Vec<String>,
    /// Other settings, as JSON: `{"rate": 0.1}`
    #[arg(long, value_name = "JSON", default_value = "{}")]
    settings: String,
    /// The digits
    #[arg(long, value_name = "FILE", default_value = "www/lab/digits.bin")]
    digits: PathBuf,
}

/// Convolutions at the start of a network whose bits are compared.
const FIRST: usize = 3;

/// What came of one run.
struct Outcome {
    test_accuracy: f32,
    first_loss: f32,
    last_loss: f32,
    /// Weights of the first convolutions that have other bits than at the start, and how many there are.
    changed: [u32; 2],
    seconds: f64,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let file =
        std::fs::read(&cli.digits).map_err(|error| format!("{}: {error}", cli.digits.display()))?;
    let digits = Rc::new(Digits::parse(&file)?);
    println!("| preset | twin | test accuracy, % | loss | changed in conv 1 to {FIRST} | s |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let wanted = |name: &str| cli.presets.is_empty() || cli.presets.iter().any(|it| it == name);
    for preset in PRESETS.iter().filter(|preset| wanted(preset.name)) {
        for skip in [false, true] {
            let twin = if skip { "residual" } else { "plain" };
            print!("| {} | {twin} |", preset.name);
            std::io::stdout().flush()?;
            let mut outcomes = Vec::new();
            for seed in 1..=cli.seeds {
                let settings = Settings {
                    preset: Some(preset.name.into()),
                    seed: Some(seed.into()),
                    skip: Some(skip),
                    ..serde_json::from_str(&cli.settings)?
                };
                outcomes.push(train(&settings, &digits)?);
            }
            println!("{}", row(&outcomes));
        }
    }
    println!("\n{TEST} test pictures. Loss: of the first step, and the mean over the last epoch.");
    Ok(())
}

/// Trains one network to the end.
fn train(settings: &Settings, digits: &Rc<Digits>) -> Result<Outcome> {
    let start = Instant::now();
    let plan = settings.check()?;
    let steps = plan.steps();
    let epoch = plan.steps_of_epoch();
    let mut session = Session::new(plan, digits.clone())?;
    let mut losses = Vec::new();
    let mut changed = [0; 2];
    while !session.is_done() {
        let step = session.step(session.made() + 1 == steps);
        losses.push(step.loss);
        if let Some(layers) = step.layers {
            for (share, of) in layers.changed.iter().zip(&layers.weights).take(FIRST) {
                changed[0] += (share * *of as f32).round() as u32;
                changed[1] += of;
            }
        }
    }
    let mut test = Test::new(session.trained());
    while test.advance() < test.total() {}
    let last = &losses[losses.len() - epoch..];
    Ok(Outcome {
        test_accuracy: test.answer().test_accuracy,
        first_loss: losses[0],
        last_loss: last.iter().sum::<f32>() / epoch as f32,
        changed,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The cells of the table's row.
fn row(outcomes: &[Outcome]) -> String {
    let each = |cell: &dyn Fn(&Outcome) -> String| {
        outcomes.iter().map(cell).collect::<Vec<_>>().join(", ")
    };
    let accuracies = each(&|it| format!("{:.1}", 100.0 * it.test_accuracy));
    let losses = each(&|it| format!("{:.2}→{:.2}", it.first_loss, it.last_loss));
    let changed = each(&|it| format!("{} of {}", it.changed[0], it.changed[1]));
    let seconds = each(&|it| format!("{:.1}", it.seconds));
    format!(" {accuracies} | {losses} | {changed} | {seconds} |")
}
