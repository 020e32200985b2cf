//! Findings by the book.

use super::value::{self, Maybe};
use super::{Customer, Kleene};
use crate::check::{Typed, TypedKind};

impl Customer<'_> {
    pub(super) fn findings(&self, findings: &mut Vec<(String, Option<String>)>) {
        let mut note = |typed: &Typed, field: Option<&str>| {
            if self.lacks_result(typed) && !self.tells(typed) {
                findings.push(("F0101".to_owned(), field.map(str::to_owned)));
            }
        };
        for bound in self.checked.lets().iter().filter(|bound| bound.used) {
            note(&bound.value, Some(&bound.name));
        }
        self.checked.rules().iter().filter_map(|rule| rule.condition.as_ref()).for_each(|typed| note(typed, None));
        self.checked.adjustments().iter().for_each(|adjustment| note(&adjustment.condition, None));
        self.checked.assumptions().iter().for_each(|assumption| note(&assumption.condition, None));
        for adjustment in self.checked.adjustments() {
            let unknown = match self.truth(&adjustment.condition) {
                Kleene::Unknown => true,
                Kleene::True => self.limit(adjustment).is_none(),
                Kleene::False => false,
            };
            if unknown && !self.tells(&adjustment.condition) {
                findings.push((if adjustment.cap { "F0104" } else { "F0105" }.to_owned(), None));
            }
        }
        for assumption in self.checked.assumptions() {
            if self.truth(&assumption.condition) == Kleene::False && !self.tells(&assumption.condition) {
                findings.push(("F0106".to_owned(), None));
            }
        }
    }

    /// Whether some calculation of known values in this very text has no result.
    fn lacks_result(&self, typed: &Typed) -> bool {
        let mut found = false;
        for part in self.looked_at(typed) {
            found |= self.lacks_result(part);
        }
        let own = match &typed.kind {
            TypedKind::Unary(op, inner) => {
                matches!(self.value(inner), Maybe::Known(value) if value::unary(*op, value).is_none())
            }
            TypedKind::Chain(first, rest) => {
                let mut so_far = self.value(first);
                let mut fails = false;
                for (op, part) in rest {
                    if let (Maybe::Known(left), Maybe::Known(right)) = (so_far, self.value(part)) {
                        let result = value::binary(*op, left, right);
                        fails |= result.is_none();
                        so_far = result.map_or(Maybe::Undefined, Maybe::Known);
                    } else {
                        so_far = Maybe::Missing;
                    }
                }
                fails
            }
            _ => false,
        };
        found || own
    }

    /// The parts of an expression that count: of `if` the branch that is taken, of `??` what comes before a known part.
    fn looked_at<'t>(&self, typed: &'t Typed) -> Vec<&'t Typed> {
        match &typed.kind {
            TypedKind::Coalesce(parts) => {
                let known = parts.iter().position(|part| matches!(self.value(part), Maybe::Known(_)));
                parts.iter().take(known.map_or(parts.len(), |at| at + 1)).collect()
            }
            TypedKind::If(arms, otherwise) => {
                let mut seen = Vec::new();
                for (condition, value) in arms {
                    seen.push(condition);
                    match self.truth(condition) {
                        Kleene::False => {}
                        Kleene::True => {
                            seen.push(value);
                            return seen;
                        }
                        Kleene::Unknown => return seen,
                    }
                }
                seen.push(otherwise);
                seen
            }
            _ => typed.parts(),
        }
    }

    /// Whether something depends on a sensitive fact that is known: no finding may tell of it.
    fn tells(&self, typed: &Typed) -> bool {
        let own = match &typed.kind {
            TypedKind::Field(at) => {
                let secret = self.checked.fields().get(at.at()).is_some_and(|field| field.sensitive);
                secret && matches!(self.given.get(at.at()), Some(Maybe::Known(_)))
            }
            TypedKind::Let(at) => self.checked.lets().get(at.at()).is_some_and(|bound| self.tells(&bound.value)),
            _ => false,
        };
        own || typed.parts().into_iter().any(|part| self.tells(part))
    }
}
