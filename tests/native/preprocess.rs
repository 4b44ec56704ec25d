//! Preprocessing gives torchvision's pixels, on photographs and on noise of awkward sizes.

use crate::common::{fixture, generator};
#[cfg(feature = "webgpu")]
use burn::tensor::TensorData;
use reslens::preprocess::{Picture, Preprocessing};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    source: String,
    resize: usize,
    input_size: usize,
    expected: String,
}

impl Case {
    fn all() -> Vec<Case> {
        serde_json::from_slice(&fixture::read("pictures/cases.json")).unwrap()
    }

    fn preprocessing(&self) -> Preprocessing {
        Preprocessing { resize: self.resize, input_size: self.input_size, ..Default::default() }
    }

    fn source(&self) -> Pixels {
        let Some(size) = self.source.strip_prefix("noise-") else {
            return Pixels::read(&format!("{}.png", self.source));
        };
        let size = size.split('x').map(|length| length.parse().unwrap()).collect::<Vec<_>>();
        let [width, height, channels] = size[..] else { panic!("{size:?}") };
        let values = generator::picture(&self.source, width * height * channels);
        Pixels::new(width, height, channels, &values)
    }
}

/// RGBA8 rows.
struct Pixels {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

impl Pixels {
    /// Makes RGBA rows from rows of RGB or RGBA.
    fn new(width: usize, height: usize, channels: usize, values: &[u8]) -> Self {
        let pixels = values.chunks_exact(channels);
        let rgba = pixels
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(255)]);
        Self { width, height, rgba: rgba.collect() }
    }

    fn picture(&self) -> Picture<'_> {
        Picture::Rgba { rgba: &self.rgba, width: self.width, height: self.height }
    }

    fn read(name: &str) -> Self {
        let file = fixture::read(&format!("pictures/{name}"));
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut values = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut values).unwrap();
        let channels = info.color_type.samples();
        Self::new(info.width as usize, info.height as usize, channels, &values)
    }
}

#[test]
fn pixels_are_torchvisions_exactly() {
    for case in Case::all() {
        let source = case.source();
        let expected = Pixels::read(&case.expected).rgba;
        let found = case.preprocessing().pixels(source.picture()).unwrap();
        assert_eq!(found.len(), expected.len(), "{}", case.expected);
        let differs = found.iter().zip(&expected).position(|(found, expected)| found != expected);
        let place = differs.map(|at| [at / 4 / case.input_size, at / 4 % case.input_size, at % 4]);
        assert_eq!(place, None, "row, column and channel of {}", case.expected);
    }
}

/// On the adapter of this machine; Mesa's lavapipe suffices.
#[cfg(feature = "webgpu")]
#[test]
fn a_gpu_gives_torchvisions_pixels_exactly() {
    use burn::tensor::Tensor;
    use pollster::block_on;
    use reslens::gpu::{Gpu, GraphInput};
    use reslens::preprocess::opaque;
    use reslens::preprocess::webgpu::PictureInput;

    let gpu = block_on(Gpu::open()).unwrap();
    for case in Case::all() {
        let source = case.source();
        let preprocessing = case.preprocessing();
        let Preprocessing { input_size: size, mean, std, .. } = preprocessing;
        let image =
            Tensor::from_data(TensorData::zeros::<f32, _>([1, size, size, 3]), gpu.device());
        let input = GraphInput::new(image).unwrap();
        let pictures = PictureInput::new(&input, &preprocessing, [source.width, source.height]);
        let opaque = opaque(source.picture()).unwrap();
        let read_back = || {
            pictures.write(&opaque);
            pictures.read_back().read_f32()
        };
        let found = block_on(gpu.guard(read_back)).unwrap().remove(0);
        let expected = Pixels::read(&case.expected).rgba;
        assert_eq!(found.len(), expected.len() / 4 * 3, "{}", case.expected);
        for (index, (found, expected)) in
            found.chunks_exact(3).zip(expected.chunks_exact(4)).enumerate()
        {
            for channel in 0..3 {
                let level = (found[channel] * std[channel] + mean[channel]) * 255.0;
                let off = (level - f32::from(expected[channel])).abs();
                let place = [index / size, index % size, channel];
                assert!(off < 0.01, "{}: {level} at {place:?}", case.expected);
            }
        }
    }
}

#[test]
fn values_are_the_pixels_normalised() {
    for case in Case::all() {
        let source = case.source();
        let preprocessing = case.preprocessing();
        let Preprocessing { mean, std, .. } = preprocessing;
        let values = preprocessing.apply(source.picture()).unwrap();
        let pixels = preprocessing.pixels(source.picture()).unwrap();
        let expected = pixels
            .chunks_exact(4)
            .flat_map(|pixel| [0, 1, 2].map(|c| (f32::from(pixel[c]) / 255.0 - mean[c]) / std[c]));
        assert!(values.into_iter().eq(expected), "{}", case.expected);
    }
}

#[test]
fn an_impossible_picture_is_refused_with_its_size() {
    let preprocessing = Preprocessing::default();
    for (bytes, width, height, expected, found) in [
        (0, 0, 10, "1 pixel to 64 megapixels", "0×10 pixels"),
        (0, 8000, 8001, "1 pixel to 64 megapixels", "8000×8001 pixels"),
        (15, 2, 2, "16 bytes of RGBA for 2×2 pixels", "15 bytes"),
        (17, 2, 2, "16 bytes of RGBA for 2×2 pixels", "17 bytes"),
    ] {
        let picture = Picture::Rgba { rgba: &vec![0; bytes], width, height };
        let error = preprocessing.apply(picture).unwrap_err();
        assert_eq!(error.name(), "InputInvalid");
        let message = error.to_string();
        assert!(message.contains(expected) && message.ends_with(found), "{message}");
    }
}
