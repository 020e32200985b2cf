//! What loading costs: time, and the bytes that the loaded policy holds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::engine::Engine;
use crate::measure::quantile;
use crate::rules::Rules;

const ENOUGH: Duration = Duration::from_millis(600);

/// Who takes longer for the first time, while memory is counted, is not asked again.
const LONG: Duration = Duration::from_secs(4);
const MOST_RUNS: usize = 25;

#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Milliseconds, the median of some runs.
    pub time: f64,
    /// Bytes allocated while loading and still held afterwards.
    pub bytes: i64,
}

/// Loads the rules some times, written beforehand.
///
/// # Errors
///
/// Why the engine cannot load them.
pub fn cost<E: Engine>(rules: &Rules) -> Result<Cost, String> {
    let source = E::write(rules)?;
    let mut loaded = None;
    let begin = Instant::now();
    let bytes = allocation_counter::measure(|| loaded = Some(E::load(&source))).bytes_current;
    let first = begin.elapsed();
    if let Some(Err(refused)) = loaded {
        return Err(refused);
    }
    drop(loaded);
    let mut times = if first > LONG { vec![first.as_secs_f64() * 1e3] } else { repeated::<E>(&source) };
    Ok(Cost { time: quantile(&mut times, 0.5).unwrap_or(f64::NAN), bytes })
}

/// Milliseconds of some runs, without counting memory.
fn repeated<E: Engine>(source: &E::Source) -> Vec<f64> {
    let mut times = Vec::new();
    allocation_counter::opt_out(|| {
        let begin = Instant::now();
        while times.is_empty() || (begin.elapsed() < ENOUGH && times.len() < MOST_RUNS) {
            let once = Instant::now();
            let loaded = black_box(E::load(black_box(source)));
            times.push(once.elapsed().as_secs_f64() * 1e3);
            drop(loaded);
        }
    });
    times
}
