//! The page's copy of the table of architectures: `www/architectures.json` agrees with `arch.rs`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use reslens::arch::{ARCHITECTURES, Architecture, BlockSpec, ConvSpec};

/// Torchvision's number of classes.
const CLASSES: usize = 1000;

/// Writes a convolution as `[input, output, kernel, stride]`.
fn conv(spec: &ConvSpec) -> String {
    format!("[{}, {}, {}, {}]", spec.in_channels, spec.out_channels, spec.kernel, spec.stride)
}

fn block(block: &BlockSpec) -> String {
    let convs: Vec<String> = block.convs.iter().map(conv).collect();
    let projection = block.projection.as_ref().map_or("null".into(), conv);
    let convs = convs.join(", ");
    format!(r#"{{ "name": "{}", "convs": [{convs}], "projection": {projection} }}"#, block.name)
}

fn row(row: &Architecture) -> String {
    let blocks: Vec<String> = row.blocks().iter().map(block).collect();
    let mut text = format!(r#"  {{ "name": "{}", "layers": {}, "#, row.name, row.weighted_layers());
    let parameters = row.parameters(CLASSES);
    write!(text, r#""parameters": {parameters}, "features": {}, "#, row.features()).unwrap();
    write!(text, r#""block": "{}", "stem": {}, "#, row.block.name(), conv(&row.stem)).unwrap();
    write!(text, "\"blocks\": [\n    {}\n  ] }}", blocks.join(",\n    ")).unwrap();
    text
}

/// Returns the text of the file.
fn table() -> String {
    let rows: Vec<String> = ARCHITECTURES.iter().map(row).collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// With `RESLENS_WRITE=1`, writes the file first.
#[test]
fn the_page_has_the_table_of_architectures() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/architectures.json");
    if std::env::var_os("RESLENS_WRITE").is_some() {
        fs::write(&path, table()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), table(), "run this test with RESLENS_WRITE=1");
}
