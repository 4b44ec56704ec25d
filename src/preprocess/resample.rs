//! Bilinear resampling with antialiasing, as tables of integers that the CPU and a GPU follow.
//!
//! The integers are those that Pillow computes (`src/libImaging/Resample.c`, functions `precompute_coeffs` and
//! `normalize_coeffs_8bpc`): each output value is a weighted sum, in fixed point, of the inputs under a triangle that
//! is at least two inputs wide. With 8-bit inputs every sum fits into 32 bits.

/// Fractional bits of a weight.
pub const PRECISION: u32 = 22;

/// How a stretch of one side of a picture is resampled.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampling {
    /// Words per row of the table.
    pub stride: usize,
    /// One row for each output: the first input under its triangle, the number of inputs, and their weights.
    pub table: Vec<i32>,
}

impl Resampling {
    /// Resamples a side of `source` values to `resized` ones, of which those from `start` to `start + length` are
    /// wanted.
    pub fn new(source: usize, resized: u64, start: u64, length: usize) -> Self {
        let scale = source as f64 / resized as f64;
        let support = scale.max(1.0);
        let stride = 2 + 2 * support.ceil() as usize + 1;
        let mut table = Vec::with_capacity(stride * length);
        for output in start..start + length as u64 {
            let centre = (output as f64 + 0.5) * scale;
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(source);
            let weight = |input: usize| {
                let distance = (input as f64 - centre + 0.5) / support;
                (1.0 - distance.abs()).max(0.0)
            };
            let weights: Vec<f64> = (first..end).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            table.extend([first as i32, weights.len() as i32]);
            let fixed = |weight: &f64| (0.5 + weight / sum * f64::from(1 << PRECISION)) as i32;
            table.extend(weights.iter().map(fixed));
            table.resize(table.len().next_multiple_of(stride), 0);
        }
        Self { stride, table }
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.table.len() / self.stride
    }

    /// Returns, for each output, the first input under its triangle, and the weights from this input on.
    pub fn triangles(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let rows = self.table.chunks_exact(self.stride);
        rows.map(|row| (row[0] as usize, &row[2..2 + row[1] as usize]))
    }

    /// Returns the first input that any output needs, and how many are needed.
    pub fn inputs(&self) -> (usize, usize) {
        let rows = || self.table.chunks_exact(self.stride);
        let first = rows().map(|row| row[0]).min().unwrap_or(0);
        let end = rows().map(|row| row[0] + row[1]).max().unwrap_or(0);
        (first as usize, (end - first) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i32 = 1 << PRECISION;

    #[test]
    fn a_side_at_its_own_size_is_unchanged() {
        let Resampling { stride, table } = Resampling::new(3, 3, 0, 3);
        let rows: Vec<_> = table.chunks_exact(stride).map(|row| &row[..5]).collect();
        assert_eq!(rows, [[0, 2, ONE, 0, 0], [1, 2, ONE, 0, 0], [2, 1, ONE, 0, 0]]);
    }

    #[test]
    fn weights_of_each_output_add_up_to_one() {
        for (source, resized) in [(640, 171), (480, 128), (100, 128), (1, 256), (8192, 224)] {
            let Resampling { stride, table } =
                Resampling::new(source, resized, 0, resized as usize);
            for row in table.chunks_exact(stride) {
                let sum: i32 = row[2..2 + row[1] as usize].iter().sum();
                assert!((sum - ONE).abs() <= row[1], "{source} to {resized}: {row:?}");
                assert!(row[0] >= 0 && row[0] + row[1] <= source as i32);
            }
        }
    }

    #[test]
    fn a_crop_needs_only_the_inputs_below_it() {
        let resampling = Resampling::new(640, 160, 16, 128);
        // Outputs 16 to 143 take 4 inputs each; the triangle reaches two further on both sides.
        assert_eq!(resampling.inputs(), (62, 516));
    }
}
