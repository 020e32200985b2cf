//! Choices for generators.

/// Choices that a property test draws; when they run out every choice is the first, so that shrinking ends small.
pub(crate) struct Dice<'a> {
    choices: &'a [u16],
    at: usize,
}

impl<'a> Dice<'a> {
    pub(crate) fn new(choices: &'a [u16]) -> Self {
        Self { choices, at: 0 }
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(choice) % sides.max(1)
    }

    pub(crate) fn pick<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.roll(choices.len())]
    }
}
