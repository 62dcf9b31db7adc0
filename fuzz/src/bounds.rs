//! What one input may cost: libFuzzer's own limits are meant for what hangs or eats the machine.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

/// A thousand times what an input of 1,024 bytes holds, and then some.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Without a sanitizer an input takes some microseconds; the rest is for a machine that is busy.
const MOST_TIME: Duration = Duration::from_millis(500);

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

/// Counts what is asked for, and never what is given back.
struct Counting;

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Fails if this takes too long or asks for too much memory, all in all.
pub fn within_bounds<T>(what: impl FnOnce() -> T) -> T {
    let (before, begun) = (ALLOCATED.load(Ordering::Relaxed), Instant::now());
    let done = what();
    let (bytes, time) = (ALLOCATED.load(Ordering::Relaxed) - before, begun.elapsed());
    assert!(bytes <= MOST_BYTES, "{bytes} bytes were allocated");
    assert!(time <= MOST_TIME, "it took {time:?}");
    done
}
