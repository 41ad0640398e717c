//! Byte planes as one zlib stream: each deflated, or stored where deflating would gain nothing.
//!
//! The last bytes of a map's numbers are noise. Deflating them takes most of the time and gains a hundredth. The stream
//! is a standard one (RFC 1950, RFC 1951): HDF5's filter and every other reader take it.

use flate2::{Compress, Compression, FlushCompress};

/// Deflate level: the lowest already gives most of the gain.
pub(super) const DEFLATE: u8 = 1;

/// Bits per byte above which a plane is stored. Huffman's code would gain 1 %.
const NOISE: f64 = 7.9;
/// Header of a zlib stream: a window of 32 KiB, the lowest level (RFC 1950, section 2.2).
const HEADER: [u8; 2] = [0x78, 0x01];
/// Bytes at the end of blocks that end at a byte.
const SYNC: usize = 5;
/// Most bytes of a stored block (RFC 1951, section 3.2.4).
const STORED: usize = u16::MAX as usize;

/// A compressor that is kept: a new one has 300 KB to be cleared.
pub(super) struct Packer(Compress);

impl Packer {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::new(DEFLATE.into()), false))
    }

    /// Puts the stream of `bytes`, planes of `whole` bytes each, into `packed`.
    pub(super) fn pack(&mut self, bytes: &[u8], whole: usize, packed: &mut Vec<u8>) {
        packed.extend(HEADER);
        for plane in bytes.chunks(whole.max(1)) {
            if entropy(plane) > NOISE || !self.put_deflated(plane, packed) {
                plane.chunks(STORED).for_each(|block| put_stored(block, false, packed));
            }
        }
        put_stored(&[], true, packed);
        packed.extend(simd_adler32::adler32(&bytes).to_be_bytes());
    }

    /// Appends deflated blocks that end at a byte; false, and nothing is appended, where they would be longer than the plane.
    fn put_deflated(&mut self, plane: &[u8], packed: &mut Vec<u8>) -> bool {
        let start = packed.len();
        packed.reserve(plane.len() + SYNC);
        self.0.reset();
        let done = self.0.compress_vec(plane, packed, FlushCompress::Sync);
        let is_whole = done.is_ok() && self.0.total_in() == plane.len() as u64 && packed.len() < packed.capacity();
        let is_shorter = is_whole && packed.len() - start < plane.len() + SYNC;
        if !is_shorter {
            packed.truncate(start);
        }
        is_shorter
    }
}

/// Appends a stored block of at most [`STORED`] bytes.
fn put_stored(block: &[u8], is_last: bool, packed: &mut Vec<u8>) {
    let length = block.len() as u16;
    packed.push(is_last.into());
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(block);
}

/// Bits per byte of a code for bytes that do not depend on each other.
fn entropy(plane: &[u8]) -> f64 {
    // Four counts, so that equal neighbours do not wait for each other.
    let mut counts = [[0_u32; 256]; 4];
    for (place, byte) in plane.iter().enumerate() {
        counts[place % 4][usize::from(*byte)] += 1;
    }
    let count = |byte: usize| f64::from(counts.iter().map(|c| c[byte]).sum::<u32>());
    let share = (0..256).map(|byte| count(byte) / plane.len() as f64);
    share.filter(|share| *share > 0.0).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Decompress, FlushDecompress, Status};

    /// Bytes that look like noise, by a multiplicative hash.
    fn noise(count: usize) -> impl Iterator<Item = u8> {
        (1..=count as u64)
            .map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).wrapping_mul(0x85eb_ca6b) as u32)
            .map(|i| (i >> 11) as u8)
    }

    fn packed(bytes: &[u8], whole: usize) -> Vec<u8> {
        let mut packed = Vec::with_capacity(bytes.len() + 4096);
        let mut packer = Packer::new();
        packer.pack(&noise(100).collect::<Vec<_>>(), 100, &mut packed);
        packed.clear();
        packer.pack(bytes, whole, &mut packed);
        packed
    }

    #[test]
    fn a_stream_of_noise_and_order_is_a_zlib_stream_of_its_bytes() {
        for whole in [1, 7, 4096, 70_000] {
            let order = |count: usize| (0..count).map(|i| (i / 50) as u8);
            let bytes: Vec<u8> = noise(whole).chain(order(whole)).chain(noise(2 * whole)).chain(order(whole)).collect();
            let packed = packed(&bytes, whole);
            let (mut back, mut reader) = (Vec::with_capacity(bytes.len() + 1), Decompress::new(true));
            let done = reader.decompress_vec(&packed, &mut back, FlushDecompress::Finish);
            assert!(matches!(done, Ok(Status::StreamEnd)) && back == bytes, "{whole}: {done:?}");
            assert_eq!(reader.total_in(), packed.len() as u64, "nothing is left behind the stream");
            // A byte changed in a stored block is found by the checksum.
            let mut altered = packed.clone();
            altered[packed.len() / 2] ^= 1;
            back.clear();
            reader.reset(true);
            let done = reader.decompress_vec(&altered, &mut back, FlushDecompress::Finish);
            assert!(!matches!(done, Ok(Status::StreamEnd)) || back != bytes, "{whole}");
        }
    }

    #[test]
    fn noise_is_stored_and_order_is_deflated() {
        let bytes: Vec<u8> = noise(16_384).collect();
        assert!(entropy(&bytes) > NOISE, "{}", entropy(&bytes));
        assert_eq!(packed(&bytes, bytes.len()).len(), HEADER.len() + 5 + bytes.len() + 5 + 4);
        let even: Vec<u8> = bytes.iter().map(|byte| byte & 0x7f).collect();
        assert!((entropy(&even) - 7.0).abs() < 0.01);
        assert!(packed(&even, even.len()).len() < even.len() * 9 / 10);
        assert!(entropy(&[5; 100]) == 0.0 && packed(&[5; 16_384], 16_384).len() < 200);
        assert!(packed(&[], 4).len() < 20);
    }

    #[test]
    fn what_deflating_makes_longer_is_stored() {
        // Too short for a count of bytes to tell noise, and longer once deflated.
        let short: Vec<u8> = noise(60).collect();
        assert!(entropy(&short) < NOISE);
        assert_eq!(packed(&short, short.len()).len(), HEADER.len() + 5 + short.len() + 5 + 4);
        for count in 1..300 {
            let bytes: Vec<u8> = noise(count).collect();
            assert!(packed(&bytes, count).len() <= count + 2 * SYNC + HEADER.len() + 4, "{count}");
        }
    }
}
