//! How the steps of a search are shared among many questions.

use super::explore::Steps;

/// All questions together take at most so many times what one may take; one takes at most so many times its equal share of
/// what is left, and a few in any case.
const ALL: u32 = 4;
const TIMES: u32 = 8;
const FEW: u32 = 64;

/// What a question that is easy takes.
const EACH: u32 = 4;

/// Steps for many questions.
pub(super) struct Shares {
    /// Those that are left.
    pub(super) steps: u32,
    all: u32,
    /// The most that one question takes.
    pub(super) most: u32,
    /// About so many questions are still to be asked.
    pub(super) questions: u32,
}

impl Shares {
    pub(super) fn new(most: u32, questions: u32) -> Self {
        let all = most.saturating_mul(ALL);
        Self { steps: all, all, most, questions }
    }

    /// So many steps for all of so many questions, and a few more for each; no question takes more because others are easy.
    pub(super) fn equal(all: u32, questions: u32) -> Self {
        let all = all.saturating_add(questions.saturating_mul(EACH));
        let most = (all / questions.max(1)).saturating_mul(TIMES).max(FEW).min(all);
        Self { steps: all, all, most, questions: 0 }
    }

    /// Takes the steps that a question costs before it is asked.
    pub(super) fn charge(&mut self, steps: usize) {
        self.steps = self.steps.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
    }

    /// How many were taken.
    pub(super) fn taken(&self) -> u32 {
        self.all - self.steps
    }

    /// Runs `work` on one question within its share.
    pub(super) fn one<T>(&mut self, work: impl FnOnce(&mut Steps) -> T) -> T {
        let share = match self.questions {
            0 => self.most,
            left => (self.steps / left).saturating_mul(TIMES),
        };
        self.questions = self.questions.saturating_sub(1);
        self.taking(share, work)
    }

    /// The same within so many steps.
    pub(super) fn taking<T>(&mut self, share: u32, work: impl FnOnce(&mut Steps) -> T) -> T {
        let taken = share.max(FEW).min(self.most).min(self.steps);
        let mut steps = Steps(taken);
        let result = work(&mut steps);
        self.steps -= taken - steps.0;
        result
    }
}
