//! Timestamp queries: the time for which a dispatch keeps the device busy, without everything around it.

use super::device::Device;

/// Bytes of two timestamps.
pub(super) const BYTES: u64 = 16;
/// Distance in bytes of the resolved timestamps of two slots: the alignment of their offsets.
const ALIGNED: u64 = wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT;

/// Timestamp queries before and after each of the dispatches in flight.
#[derive(Debug)]
pub(super) struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    /// Nanoseconds per tick.
    period: f64,
}

/// Index of a slot's first query; its second one follows.
fn first_query(slot: usize) -> u32 {
    2 * slot as u32
}

impl Clock {
    /// Clock for `in_flight` dispatches; `None` if the adapter has no timestamp queries.
    pub(super) fn new(device: &Device, in_flight: usize) -> Option<Self> {
        if !device.handle.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
            return None;
        }
        let queries = device.handle.create_query_set(&wgpu::QuerySetDescriptor {
            label: Some("clock"),
            ty: wgpu::QueryType::Timestamp,
            count: 2 * in_flight as u32,
        });
        let resolved = device.handle.create_buffer(&wgpu::BufferDescriptor {
            label: Some("clock"),
            size: ALIGNED * in_flight as u64,
            usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        Some(Self { queries, resolved, period: f64::from(device.queue.get_timestamp_period()) })
    }

    /// Timestamps that the pass of dispatch `slot` has to write.
    pub(super) fn writes(&self, slot: usize) -> wgpu::ComputePassTimestampWrites<'_> {
        let first = first_query(slot);
        wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        }
    }

    /// Copies a slot's timestamps to `offset` of a staging buffer.
    pub(super) fn copy(&self, encoder: &mut wgpu::CommandEncoder, slot: usize, staging: &wgpu::Buffer, offset: u64) {
        let (first, at) = (first_query(slot), ALIGNED * slot as u64);
        encoder.resolve_query_set(&self.queries, first..first + 2, &self.resolved, at);
        encoder.copy_buffer_to_buffer(&self.resolved, at, staging, offset, BYTES);
    }

    /// Nanoseconds between two copied timestamps; 0 if the clock ran backwards.
    pub(super) fn nanoseconds(&self, bytes: &[u8]) -> u64 {
        let ticks: [u64; 2] = bytemuck::pod_read_unaligned(bytes);
        (ticks[1].saturating_sub(ticks[0]) as f64 * self.period) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_share_no_query() {
        let mut all: Vec<u32> = (0..5).flat_map(|slot| [first_query(slot), first_query(slot) + 1]).collect();
        all.dedup();
        assert_eq!(all, (0..10).collect::<Vec<_>>());
    }
}
