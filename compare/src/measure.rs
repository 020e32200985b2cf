//! Interleaved rounds: each contender decides for a short while, in turn, and again; the medians are compared.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::customers::Pair;
use crate::engine::{Answer, Engine};

/// How long one contender is timed in one round, where one pass over the customers does not take longer.
const SLICE: Duration = Duration::from_millis(10);

/// Who takes longer than this for one pass only runs in every third round.
const LONG: Duration = Duration::from_millis(150);

/// A loaded engine with its converted customers, whatever their type.
pub trait Contender {
    fn converts(&self) -> bool;

    /// Converts the customers and compares every answer with the oracle's.
    ///
    /// # Errors
    ///
    /// With the first customer that is answered otherwise.
    fn prepare(&mut self, customers: &[Pair], oracle: &[Answer]) -> Result<(), String>;

    /// Nanoseconds per customer, over all of them `passes` times.
    fn decide(&mut self, passes: usize) -> f64;

    fn convert(&mut self, customers: &[Pair], passes: usize) -> f64;

    fn whole(&mut self, customers: &[Pair], passes: usize) -> f64;
}

pub struct Runner<E: Engine> {
    engine: E,
    inputs: Vec<E::Input>,
}

impl<E: Engine> Runner<E> {
    pub fn new(engine: E) -> Self {
        Self { engine, inputs: Vec::new() }
    }
}

/// Nanoseconds per item.
fn timed<T>(items: &[T], passes: usize, mut each: impl FnMut(&T)) -> f64 {
    let begin = Instant::now();
    for _ in 0..passes {
        items.iter().for_each(&mut each);
    }
    begin.elapsed().as_nanos() as f64 / (passes * items.len()) as f64
}

impl<E: Engine> Contender for Runner<E> {
    fn converts(&self) -> bool {
        E::CONVERTS
    }

    fn prepare(&mut self, customers: &[Pair], oracle: &[Answer]) -> Result<(), String> {
        self.inputs = customers.iter().map(|customer| self.engine.convert(customer)).collect();
        for (at, (input, expected)) in self.inputs.iter().zip(oracle).enumerate() {
            let answer = self.engine.decide(input);
            if !answer.is_some_and(|answer| answer.agrees(*expected)) {
                return Err(format!("customer {at}: {answer:?} instead of {expected:?}: {:?}", customers[at].cents));
            }
        }
        Ok(())
    }

    fn decide(&mut self, passes: usize) -> f64 {
        let engine = &mut self.engine;
        timed(&self.inputs, passes, |input| {
            black_box(engine.decide(black_box(input)));
        })
    }

    fn convert(&mut self, customers: &[Pair], passes: usize) -> f64 {
        let engine = &self.engine;
        timed(customers, passes, |customer| {
            black_box(engine.convert(black_box(customer)));
        })
    }

    fn whole(&mut self, customers: &[Pair], passes: usize) -> f64 {
        let engine = &mut self.engine;
        timed(customers, passes, |customer| {
            let input = engine.convert(black_box(customer));
            black_box(engine.decide(&input));
        })
    }
}

/// Medians over the rounds, in nanoseconds per customer.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    pub decide: f64,
    pub convert: Option<f64>,
    pub whole: Option<f64>,
    /// Half the distance between the quartiles of the rounds, as a share of the median.
    pub spread: f64,
    pub rounds: usize,
}

/// How often a contender passes over the customers in a round, and in which rounds it runs.
struct Pace {
    passes: usize,
    every: usize,
}

fn pace(contender: &mut dyn Contender, customers: usize) -> Pace {
    let pass = contender.decide(1) * customers as f64;
    let passes = (SLICE.as_nanos() as f64 / pass) as usize;
    Pace { passes: passes.max(1), every: if pass > LONG.as_nanos() as f64 { 3 } else { 1 } }
}

#[derive(Default)]
struct Rounds {
    decide: Vec<f64>,
    convert: Vec<f64>,
    whole: Vec<f64>,
}

/// Runs every contender in turn, `rounds` times.
pub fn rounds(mut contenders: Vec<&mut Box<dyn Contender>>, customers: &[Pair], rounds: usize) -> Vec<Medians> {
    let paces: Vec<Pace> = contenders.iter_mut().map(|contender| pace(contender.as_mut(), customers.len())).collect();
    let mut taken: Vec<Rounds> = contenders.iter().map(|_| Rounds::default()).collect();
    for round in 0..rounds {
        for ((contender, pace), taken) in contenders.iter_mut().zip(&paces).zip(&mut taken) {
            if round % pace.every > 0 {
                continue;
            }
            taken.decide.push(contender.decide(pace.passes));
            if contender.converts() {
                let passes = pace.passes.min(4);
                taken.convert.push(contender.convert(customers, passes));
                taken.whole.push(contender.whole(customers, passes));
            }
        }
    }
    taken.into_iter().map(medians).collect()
}

fn medians(mut taken: Rounds) -> Medians {
    let decide = quantile(&mut taken.decide, 0.5).unwrap_or(f64::NAN);
    let quartiles = [0.25, 0.75].map(|share| quantile(&mut taken.decide, share).unwrap_or(f64::NAN));
    Medians {
        decide,
        convert: quantile(&mut taken.convert, 0.5),
        whole: quantile(&mut taken.whole, 0.5),
        spread: (quartiles[1] - quartiles[0]) / 2.0 / decide,
        rounds: taken.decide.len(),
    }
}

/// The value below which `share` of all lie.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    values.get((last as f64 * share).round() as usize).copied()
}
