//! The table of rules for tensor names: which state dict of a file is used, and what its
//! tensors are called in torchvision's ResNets.
//!
//! Training scripts nest a state dict and put prefixes before its names (`module.`, `model.`,
//! `state_dict.`), HuggingFace renames every layer, and heads have various names. Every reader
//! of checkpoints uses these rules, natively and in the browser.

use std::fmt;

use crate::error::{ModelError, quoted};

/// The most networks in a file: each name is compared with those of all of them.
const MAX_NETWORKS: usize = 256;

/// The name of a tensor in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// Path of the dictionary or module that contains it, with a final dot; empty at the top.
    pub container: &'a str,
    /// Its key there.
    pub key: &'a str,
}

/// A naming scheme for the tensors of a ResNet.
struct Convention {
    /// The origin of the scheme.
    owner: &'static str,
    /// A tensor that every ResNet has.
    anchor: &'static str,
    /// A prefix that the anchor may have and the head may not.
    body: &'static str,
    /// Converts a name to torchvision's; `None` if there is none.
    rename: fn(&str) -> Option<String>,
}

const CONVENTIONS: [Convention; 2] = [
    Convention {
        owner: "torchvision",
        anchor: "layer1.0.conv1.weight",
        body: "",
        rename: |name| Some(name.into()),
    },
    Convention {
        owner: "HuggingFace",
        anchor: "encoder.stages.0.layers.0.layer.0.convolution.weight",
        body: "resnet.",
        rename: from_hugging_face,
    },
];

/// Prefixes that training scripts put before the names of their network, the likeliest first;
/// `module.` is from `DataParallel`.
const PREFIXES: [&str; 8] = [
    "",
    "module.",
    "state_dict.",
    "state_dict.module.",
    "model.",
    "model.module.",
    "model_state_dict.",
    "model_state_dict.module.",
];

/// Names of the last layer other than torchvision's `fc`. It may be the one linear layer of a
/// `Sequential`, as in `fc.1.weight`.
const HEADS: [&str; 4] = ["fc", "classifier", "head", "last_linear"];

/// Words in a path that indicate an exponential moving average of the weights.
const AVERAGES: [&str; 3] = ["ema", "swa", "averaged"];

/// Which state dict of a file was used. Its `Display` is one line about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The prefix of its names in the file, with a final dot; empty at the top.
    pub prefix: String,
    /// The origin of its names: `torchvision` or `HuggingFace`.
    pub convention: &'static str,
    /// Whether its path indicates a moving average of the weights.
    pub averaged: bool,
    /// Prefixes of the other state dicts.
    pub others: Vec<String>,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let weights = if self.averaged { "averaged (EMA) weights" } else { "plain weights" };
        match self.prefix.trim_end_matches('.') {
            "" => write!(f, "the file's own tensors")?,
            prefix => write!(f, "the state dict `{prefix}`")?,
        }
        write!(f, " ({weights}, {}'s names)", self.convention)?;
        if !self.others.is_empty() {
            write!(f, ", not {}", quoted(&self.others))?;
        }
        Ok(())
    }
}

/// A ResNet's state dict in a file.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    /// The tensor by which it was found.
    anchor: Name<'a>,
    container: &'a str,
    prefix: &'a str,
    convention: &'static Convention,
}

impl<'a> Candidate<'a> {
    fn find(name: Name<'a>) -> Option<Candidate<'a>> {
        let Name { container, key } = name;
        CONVENTIONS.iter().find_map(|convention| {
            let before = key.strip_suffix(convention.anchor)?;
            let whole = |text: &str| text.is_empty() || text.ends_with('.');
            let bare = before.strip_suffix(convention.body).filter(|bare| whole(bare));
            let prefix = bare.unwrap_or(before);
            whole(prefix).then_some(Candidate { anchor: name, container, prefix, convention })
        })
    }

    fn full(&self) -> String {
        format!("{}{}", self.container, self.prefix)
    }

    fn averaged(&self) -> bool {
        let full = self.full();
        let is_average = |word: &str| AVERAGES.iter().any(|name| word.eq_ignore_ascii_case(name));
        full.split(['.', '_']).any(is_average)
    }

    fn key<'n>(&self, name: Name<'n>) -> Option<&'n str> {
        name.key.strip_prefix(self.prefix).filter(|_| name.container == self.container)
    }

    /// Returns the length of the match with a name's beginning: its prefix, and the body if that follows.
    fn claim(&self, name: Name) -> Option<usize> {
        let key = self.key(name)?;
        let body = self.convention.body;
        Some(self.prefix.len() + if key.starts_with(body) { body.len() } else { 0 })
    }
}

/// The state dict that is used from a file.
pub struct Choice<'a> {
    /// Which one it is.
    pub taken: Taken,
    chosen: Option<Candidate<'a>>,
    /// Other state dicts that may share names with it. One that has its anchor is nested in it, and shares none.
    others: Vec<Candidate<'a>>,
    /// The path of the last layer, if it is not torchvision's.
    head: Option<String>,
}

impl<'a> Choice<'a> {
    /// Chooses among the state dicts in `names`: the one called `wanted`, else the only one,
    /// else the likeliest that is not a moving average. A file without a ResNet is used whole: the
    /// comparison with the architectures then says what is missing.
    ///
    /// # Errors
    /// [`ModelError::Ambiguous`] if several are equally likely, or none is the wanted one;
    /// [`ModelError::Tensor`] for a head of several layers; [`ModelError::Format`] for more than 256 networks.
    pub fn find(names: &[Name<'a>], wanted: Option<&str>) -> Result<Choice<'a>, ModelError> {
        let found = names.iter().filter_map(|&name| Candidate::find(name));
        let mut candidates: Vec<Candidate<'a>> = found.collect();
        candidates.sort_by_cached_key(Candidate::full);
        candidates.dedup_by(|next, known| next.full() == known.full());
        if candidates.len() > MAX_NETWORKS {
            let expected = format!("at most {MAX_NETWORKS} networks in a file");
            let found = candidates.len().to_string();
            return Err(ModelError::Format { format: "checkpoint", expected, found });
        }
        let Some(index) = choose(&candidates, wanted)? else {
            let taken = Taken { convention: CONVENTIONS[0].owner, ..Default::default() };
            return Ok(Choice { taken, chosen: None, others: Vec::new(), head: None });
        };
        let chosen = candidates.remove(index);
        let taken = Taken {
            prefix: chosen.full(),
            convention: chosen.convention.owner,
            averaged: chosen.averaged(),
            others: candidates.iter().map(Candidate::full).collect(),
        };
        let has_anchor =
            |other: &Candidate| other.claim(chosen.anchor) > chosen.claim(chosen.anchor);
        candidates.retain(|other| !has_anchor(other));
        let mut choice = Choice { taken, chosen: Some(chosen), others: candidates, head: None };
        choice.head = find_head(names.iter().filter_map(|&name| choice.key(name)))?;
        Ok(choice)
    }

    /// Returns torchvision's name of a tensor, or `None` if it is not in the state dict.
    pub fn rename(&self, name: Name) -> Option<String> {
        let Some(chosen) = self.chosen else {
            return Some(format!("{}{}", name.container, name.key));
        };
        let key = self.key(name)?;
        let head = self.head.as_deref().and_then(|head| key.strip_prefix(head));
        if let Some(field) = head.filter(|field| field.starts_with('.')) {
            return Some(format!("fc{field}"));
        }
        Some((chosen.convention.rename)(key).unwrap_or_else(|| key.into()))
    }

    /// Returns the name within the state dict; `None` if another one matches more of it.
    fn key<'n>(&self, name: Name<'n>) -> Option<&'n str> {
        let chosen = self.chosen?;
        let claim = chosen.claim(name)?;
        let of_another = self.others.iter().any(|other| other.claim(name) > Some(claim));
        chosen.key(name).filter(|_| !of_another)
    }
}

/// Returns the index of the candidate to use; `None` without candidates.
fn choose(candidates: &[Candidate], wanted: Option<&str>) -> Result<Option<usize>, ModelError> {
    let ambiguous = || {
        let candidates = candidates.iter().map(Candidate::full).collect();
        ModelError::Ambiguous { wanted: wanted.map(Into::into), candidates }
    };
    let position = |fits: &dyn Fn(&Candidate) -> bool| {
        let mut fitting = (0..candidates.len()).filter(|&index| fits(&candidates[index]));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    if let Some(wanted) = wanted {
        let wanted = wanted.trim_end_matches('.');
        let exact = |candidate: &Candidate| candidate.full().trim_end_matches('.') == wanted;
        let ends = |candidate: &Candidate| {
            candidate.full().trim_end_matches('.').ends_with(&format!(".{wanted}"))
        };
        return Ok(Some(position(&exact).or_else(|| position(&ends)).ok_or_else(ambiguous)?));
    }
    if candidates.is_empty() {
        return Ok(None);
    }
    let known = PREFIXES.iter().find_map(|known| position(&|found| found.full() == *known));
    known
        .or_else(|| position(&|_| true))
        .or_else(|| position(&|found| !found.averaged()))
        .map(Some)
        .ok_or_else(ambiguous)
}

/// Returns the path of the one linear layer at the end, if it is not called `fc`.
fn find_head<'a>(keys: impl Iterator<Item = &'a str>) -> Result<Option<String>, ModelError> {
    let mut heads: Vec<&str> = keys.filter_map(head_of).collect();
    heads.sort_unstable();
    heads.dedup();
    match heads[..] {
        _ if heads.contains(&"fc") => Ok(None),
        [] => Ok(None),
        [head] => Ok(Some(head.into())),
        _ => Err(ModelError::Tensor {
            name: "fc.weight".into(),
            expected: "one linear layer as the head".into(),
            found: quoted(&heads),
        }),
    }
}

/// `fc.1.weight` → `fc.1`, if the path is a head's.
fn head_of(key: &str) -> Option<&str> {
    let path = key.strip_suffix(".weight")?;
    let mut parts = path.split('.');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = HEADS.contains(&parts.next()?)
        && parts.all(|part| digits(part) || ["fc", "linear"].contains(&part));
    fits.then_some(path)
}

/// Converts the names of HuggingFace's `ResNetForImageClassification`.
fn from_hugging_face(name: &str) -> Option<String> {
    let name = name.strip_prefix("resnet.").unwrap_or(name);
    let layer = |path: &str, conv: &str, norm: &str| {
        let (kind, field) = path.split_once('.')?;
        match kind {
            "convolution" => Some(format!("{conv}.{field}")),
            "normalization" => Some(format!("{norm}.{field}")),
            _ => None,
        }
    };
    if let Some(path) = name.strip_prefix("embedder.embedder.") {
        return layer(path, "conv1", "bn1");
    }
    let number = |text: &str| text.parse::<u8>().ok();
    let (stage, path) = name.strip_prefix("encoder.stages.")?.split_once(".layers.")?;
    let (block, path) = path.split_once('.')?;
    let block = format!("layer{}.{}", u16::from(number(stage)?) + 1, number(block)?);
    if let Some(path) = path.strip_prefix("shortcut.") {
        return layer(path, &format!("{block}.downsample.0"), &format!("{block}.downsample.1"));
    }
    let (index, path) = path.strip_prefix("layer.")?.split_once('.')?;
    let index = u16::from(number(index)?) + 1;
    layer(path, &format!("{block}.conv{index}"), &format!("{block}.bn{index}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose<'a>(keys: &[&'a str], wanted: Option<&str>) -> Result<Choice<'a>, ModelError> {
        let names: Vec<Name> = keys.iter().map(|key| Name { container: "", key }).collect();
        Choice::find(&names, wanted)
    }

    fn renamed(keys: &[&str], wanted: Option<&str>) -> Vec<Option<String>> {
        let choice = choose(keys, wanted).unwrap();
        keys.iter().map(|key| choice.rename(Name { container: "", key })).collect()
    }

    #[test]
    fn hugging_faces_names_become_torchvisions_behind_any_prefix() {
        for prefix in ["", "model.", "module.model."] {
            for (name, expected) in [
                ("resnet.embedder.embedder.convolution.weight", "conv1.weight"),
                ("resnet.embedder.embedder.normalization.running_var", "bn1.running_var"),
                (
                    "resnet.encoder.stages.3.layers.2.layer.1.normalization.bias",
                    "layer4.2.bn2.bias",
                ),
                (
                    "resnet.encoder.stages.1.layers.0.shortcut.convolution.weight",
                    "layer2.0.downsample.0.weight",
                ),
                (
                    "resnet.encoder.stages.1.layers.0.shortcut.normalization.weight",
                    "layer2.0.downsample.1.weight",
                ),
                ("classifier.1.weight", "fc.weight"),
                ("classifier.1.bias", "fc.bias"),
                ("something.else", "something.else"),
            ] {
                let anchor = format!("{prefix}resnet.{}", CONVENTIONS[1].anchor);
                let (name, head) =
                    (format!("{prefix}{name}"), format!("{prefix}classifier.1.weight"));
                let found = renamed(&[&anchor, &head, &name], None);
                assert_eq!(found[2].as_deref(), Some(expected), "{name}");
            }
        }
    }

    #[test]
    fn a_prefix_and_a_head_are_removed_and_the_rest_is_unchanged() {
        let anchor = format!("module.{}", CONVENTIONS[0].anchor);
        let found =
            renamed(&[&anchor, "module.fc.1.weight", "module.fc.1.bias", "n_averaged"], None);
        let expected = [Some("layer1.0.conv1.weight"), Some("fc.weight"), Some("fc.bias"), None];
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn two_likely_networks_are_an_error_until_one_is_named() {
        let [q, k] =
            ["encoder_q", "encoder_k"].map(|name| format!("module.{name}.layer1.0.conv1.weight"));
        let keys = [q.as_str(), k.as_str()];
        let Err(ModelError::Ambiguous { candidates, .. }) = choose(&keys, None) else {
            panic!("one was taken");
        };
        assert_eq!(candidates, ["module.encoder_k.", "module.encoder_q."]);
        for wanted in ["encoder_q", "module.encoder_q", "module.encoder_q."] {
            let choice = choose(&keys, Some(wanted)).unwrap();
            assert_eq!(choice.taken.prefix, "module.encoder_q.");
            assert_eq!(choice.rename(Name { container: "", key: k.as_str() }), None);
        }
        assert!(matches!(choose(&keys, Some("encoder")), Err(ModelError::Ambiguous { .. })));
    }

    #[test]
    fn a_network_keeps_its_names_where_another_is_nested_in_its_body() {
        let outer = format!("resnet.{}", CONVENTIONS[1].anchor);
        let inner = format!("resnet.{outer}");
        let found = renamed(&[&outer, &inner], None);
        assert_eq!(found, [Some("layer1.0.conv1.weight".into()), None]);
        let anchor = CONVENTIONS[0].anchor;
        let found = renamed(&[anchor, &format!("layer1.{anchor}")], None);
        assert_eq!(found[0].as_deref(), Some(anchor));
    }

    #[test]
    fn plain_weights_are_preferred_to_their_average_and_reported() {
        let [plain, ema] = ["net", "ema_net"].map(|name| format!("{name}.layer1.0.conv1.weight"));
        let taken = choose(&[&ema, &plain], None).unwrap().taken;
        assert_eq!((taken.prefix.as_str(), taken.averaged), ("net.", false));
        assert_eq!(taken.others, ["ema_net."]);
        let taken = choose(&[&ema], None).unwrap().taken;
        assert!(taken.averaged && taken.to_string().contains("EMA"), "{taken}");
    }

    #[test]
    fn a_head_of_two_layers_is_named() {
        let keys = ["layer1.0.conv1.weight", "fc.0.weight", "fc.3.weight"];
        let Err(error) = choose(&keys, None) else { panic!("taken") };
        assert!(error.to_string().contains("`fc.0`, `fc.3`"), "{error}");
    }
}
