//! Who listens to an evaluation: nobody, at no cost, or the recorder that explanations are made from.

use crate::plan::{AtomId, Truth};

/// Told what is evaluated for the decision, in order. Sealed: hosts see explanations, not events.
pub(crate) trait Observer {
    fn atom(&mut self, atom: AtomId, truth: Truth);
    fn rule(&mut self, rule: usize, truth: Truth);
    fn adjustment(&mut self, adjustment: usize, truth: Truth);
}

impl Observer for () {
    fn atom(&mut self, _: AtomId, _: Truth) {}
    fn rule(&mut self, _: usize, _: Truth) {}
    fn adjustment(&mut self, _: usize, _: Truth) {}
}

/// One step of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Atom(AtomId, Truth),
    Rule(usize, Truth),
    Adjustment(usize, Truth),
}

/// Keeps every step.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) events: Vec<Event>,
}

impl Observer for Recorder {
    fn atom(&mut self, atom: AtomId, truth: Truth) {
        self.events.push(Event::Atom(atom, truth));
    }

    fn rule(&mut self, rule: usize, truth: Truth) {
        self.events.push(Event::Rule(rule, truth));
    }

    fn adjustment(&mut self, adjustment: usize, truth: Truth) {
        self.events.push(Event::Adjustment(adjustment, truth));
    }
}
