//! The lab's own random numbers: the same for a seed on every machine, whatever else is updated.

/// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Uniform numbers that are summed for a normal one.
const SUMMANDS: u32 = 12;

impl Random {
    /// Makes a generator for a seed. Different streams of one seed are independent.
    pub fn new(seed: u32, stream: u32) -> Self {
        Self { state: mix(u64::from(seed) << 32 | u64::from(stream)) }
    }

    /// Returns 64 random bits.
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Returns a number below `bound`. For the few bounds of the lab the bias is below 1e-6.
    fn below(&mut self, bound: usize) -> usize {
        (((self.bits() >> 32) * bound as u64) >> 32) as usize
    }

    /// Returns a number of mean 0 and variance 1, nearly normal: a sum of twelve uniform ones minus 6.
    ///
    /// Sums of integers have the same bits everywhere; logarithms and cosines do not.
    pub fn normal(&mut self) -> f32 {
        let sum: u64 = (0..SUMMANDS).map(|_| self.bits() >> 40).sum();
        let unit = f64::from(1u32 << 24);
        (sum as f64 / unit - f64::from(SUMMANDS) / 2.0) as f32
    }

    /// Puts items into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The mixing function.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
