//! Findings by the book.

use super::score::with_subject;
use super::value::{self, Maybe};
use super::{Customer, Kleene};
use crate::check::{Adjustment, Bound, Score, ScoreLine, Segment, Table, Typed, TypedKind};

/// Tables without a row, and their columns whose cell is `missing`, by the place of the table.
#[derive(Default)]
struct Lookups {
    rows: Vec<usize>,
    cells: Vec<(usize, u32)>,
}

impl<'a> Customer<'a> {
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
        self.lookups(findings);
        self.blocks(findings);
        for adjustment in self.checked.adjustments() {
            let unknown = match self.truth(&adjustment.condition) {
                Kleene::Unknown => true,
                Kleene::True => self.limit(adjustment).is_none() && !self.without_parent(adjustment),
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

    /// Whether a cap or floor hangs on the tier of a parent that there is not.
    fn without_parent(&self, adjustment: &Adjustment) -> bool {
        let Bound::Field(at) = adjustment.bound else { return false };
        let name = self.checked.fields().get(at.at()).map(crate::schema::Field::name);
        name == Some("parent.tier") && matches!(self.given.get(at.at()), Some(Maybe::Undefined))
    }

    /// Everything that is looked up in any text, tables in written order.
    fn lookups(&self, findings: &mut Vec<(String, Option<String>)>) {
        let checked = self.checked;
        let lets = checked.lets().iter().filter(|bound| bound.used).map(|bound| &bound.value);
        let rules = checked.rules().iter().filter_map(|rule| rule.condition.as_ref());
        let adjustments = checked.adjustments().iter().map(|adjustment| &adjustment.condition);
        let assumptions = checked.assumptions().iter().map(|assumption| &assumption.condition);
        let mut found = Lookups::default();
        for typed in lets.chain(rules).chain(adjustments).chain(assumptions) {
            self.looked_for(typed, true, &mut found);
        }
        let mut tables: Vec<(usize, &Table)> = checked.tables().iter().enumerate().collect();
        tables.retain(|(_, table)| !self.tells(&table.key));
        tables.sort_by_key(|(_, table)| table.line);
        let named = |table: &Table| Some(table.name.to_string());
        for (_, table) in tables.iter().filter(|(at, _)| found.rows.contains(at)) {
            findings.push(("F0107".to_owned(), named(table)));
        }
        for (at, table) in tables {
            for column in 0..table.columns.len() {
                if found.cells.iter().any(|(table, place)| *table == at && *place as usize == column) {
                    findings.push(("F0108".to_owned(), named(table)));
                }
            }
        }
    }

    /// Lookups without a result; `surprising` is whether an empty cell is worth a word.
    fn looked_for(&self, typed: &Typed, surprising: bool, found: &mut Lookups) {
        match &typed.kind {
            TypedKind::Lookup(table, column) => {
                let Some(known) = self.checked.tables().get(table.at()) else { return };
                self.looked_for(&known.key, surprising, found);
                let Maybe::Known(key) = self.value(&known.key) else { return };
                let same = |row: &crate::value::Constant| row.value().same(&key);
                let Some(row) = known.keys.iter().position(same) else {
                    found.rows.push(table.at());
                    return;
                };
                let cell = known.columns.get(*column as usize).and_then(|column| column.cells.get(row));
                if surprising && cell.is_some_and(Option::is_none) {
                    found.cells.push((table.at(), *column));
                }
            }
            TypedKind::Aggregate(_) => {}
            TypedKind::Missing(inner) => self.looked_for(inner, surprising && !is_lookup(inner), found),
            TypedKind::And(parts) | TypedKind::Or(parts) => {
                let decisive = if matches!(typed.kind, TypedKind::And(_)) { Kleene::False } else { Kleene::True };
                let end = parts.iter().position(|part| self.truth(part) == decisive).unwrap_or(parts.len());
                for (at, part) in parts.iter().enumerate() {
                    self.looked_for(part, surprising && at <= end, found);
                }
            }
            TypedKind::Coalesce(parts) => {
                let stands_in = parts.iter().any(|part| matches!(self.value(part), Maybe::Known(_)));
                for part in self.looked_at(typed) {
                    self.looked_for(part, surprising && !(stands_in && is_lookup(part)), found);
                }
            }
            TypedKind::Score(score) => {
                self.each_of_score(score, &mut |customer, part| customer.looked_for(part, true, found));
            }
            TypedKind::Segment(segment) => {
                self.each_of_segment(segment).into_iter().for_each(|part| self.looked_for(part, true, found));
            }
            _ => self.looked_at(typed).into_iter().for_each(|part| self.looked_for(part, surprising, found)),
        }
    }

    /// What counts of a score: each line's value, its bins up to the first that fits, the points of that one.
    fn each_of_score(&self, score: &Score, visit: &mut dyn FnMut(&Customer<'_>, &Typed)) {
        for line in &score.lines {
            visit(self, &line.value);
            let Maybe::Known(value) = self.value(&line.value) else { continue };
            for bin in line.bins.iter().filter(|bin| !bin.missing) {
                let fits = with_subject(self, value, |customer| {
                    let Some(condition) = &bin.condition else { return true };
                    visit(customer, condition);
                    customer.truth(condition) == Kleene::True
                });
                if fits {
                    visit(self, &bin.points);
                    break;
                }
            }
        }
    }

    /// What counts of a segment: its lines up to the first that is true.
    fn each_of_segment<'t>(&self, segment: &'t Segment) -> Vec<&'t Typed> {
        let mut seen = Vec::new();
        for line in &segment.lines {
            let Some(condition) = &line.condition else { break };
            seen.push(condition);
            if self.truth(condition) == Kleene::True {
                break;
            }
        }
        seen
    }

    /// Lines of scores whose known value fits no bin, then segments of which no line fits, each in written order.
    fn blocks(&self, findings: &mut Vec<(String, Option<String>)>) {
        let classified = self.checked.classified().iter();
        let all: Vec<_> = classified.filter_map(|at| self.checked.lets().get(at.bound.at())).collect();
        for bound in &all {
            let TypedKind::Score(score) = &bound.value.kind else { continue };
            for _ in score.lines.iter().filter(|line| self.fits_nowhere(line) && !self.tells(&bound.value)) {
                findings.push(("F0110".to_owned(), Some(bound.name.to_string())));
            }
        }
        for bound in &all {
            let TypedKind::Segment(segment) = &bound.value.kind else { continue };
            if matches!(self.segment(segment), (Maybe::Undefined, _)) && !self.tells(&bound.value) {
                findings.push(("F0109".to_owned(), Some(bound.name.to_string())));
            }
        }
    }

    /// Whether the value of a line is known, and no bin of it can fit.
    fn fits_nowhere(&self, line: &ScoreLine) -> bool {
        let Maybe::Known(value) = self.value(&line.value) else { return false };
        let mut bins = line.bins.iter().filter(|bin| !bin.missing);
        !line.bins.is_empty()
            && bins.all(|bin| {
                let Some(condition) = &bin.condition else { return false };
                with_subject(self, value, |customer| !customer.can(condition).0)
            })
    }

    /// Whether some calculation of known values in this very text has no result.
    fn lacks_result(&self, typed: &Typed) -> bool {
        let mut found = false;
        match &typed.kind {
            TypedKind::Score(score) => {
                self.each_of_score(score, &mut |customer, part| found |= customer.lacks_result(part));
                return found;
            }
            TypedKind::Segment(segment) => {
                return self.each_of_segment(segment).into_iter().any(|part| self.lacks_result(part));
            }
            // What its elements come to, it tells as a whole.
            TypedKind::Aggregate(aggregate) => return matches!(self.aggregate(aggregate).value, Maybe::Undefined),
            _ => {}
        }
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
            TypedKind::Element(collection, field) => {
                let known = self.checked.collections().get(collection.at());
                known
                    .and_then(|known| known.collection.fields.get(*field as usize))
                    .is_some_and(|field| field.sensitive)
            }
            TypedKind::Lookup(table, _) => {
                self.checked.tables().get(table.at()).is_some_and(|table| self.tells(&table.key))
            }
            _ => false,
        };
        own || typed.parts().into_iter().any(|part| self.tells(part))
    }
}

fn is_lookup(typed: &Typed) -> bool {
    matches!(typed.kind, TypedKind::Lookup(..))
}
