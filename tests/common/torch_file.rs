//! Checkpoints as `torch.save` writes them since version 1.6: a ZIP archive with a pickle and the data.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::model_file::Tensor;

/// Writes a dictionary of tensors, each F32, F16 or a counter.
pub fn bytes(tensors: &BTreeMap<String, Tensor>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut add = |name: String, contents: &[u8]| {
        archive.start_file(name, options).unwrap();
        archive.write_all(contents).unwrap();
    };
    add("archive/data.pkl".into(), &pickle(tensors));
    for (key, tensor) in tensors.values().enumerate() {
        add(format!("archive/data/{key}"), &tensor.data);
    }
    archive.finish().unwrap().into_inner()
}

/// Pickles `{name: torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())}`.
fn pickle(tensors: &BTreeMap<String, Tensor>) -> Vec<u8> {
    let mut pickle = b"\x80\x02}(".to_vec();
    for (key, (name, tensor)) in tensors.iter().enumerate() {
        let class = match tensor.dtype {
            "F32" => "FloatStorage",
            "F16" => "HalfStorage",
            "I64" => "LongStorage",
            other => panic!("no storage for {other}"),
        };
        let count: usize = tensor.shape.iter().product();
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend(text("storage"));
        pickle.extend(format!("ctorch\n{class}\n").bytes());
        pickle.extend(text(&key.to_string()));
        pickle.extend(text("cpu"));
        pickle.extend(number(count));
        pickle.extend(b"tQK\0");
        pickle.extend(numbers(&tensor.shape));
        let strides = (0..tensor.shape.len()).map(|axis| tensor.shape[axis + 1..].iter().product());
        pickle.extend(numbers(&strides.collect::<Vec<usize>>()));
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    pickle.extend(b"u.");
    pickle
}

fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn number(value: usize) -> Vec<u8> {
    [b"J", &(value as u32).to_le_bytes()[..]].concat()
}

fn numbers(values: &[usize]) -> Vec<u8> {
    [b"(".to_vec(), values.iter().copied().flat_map(number).collect(), b"t".to_vec()].concat()
}
