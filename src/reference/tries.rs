//! Values that an open line of a score can have, to be tried one by one; and whether it can be without a result.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::completions::{Candidate, sets};
use super::value::Maybe;
use super::{Customer, calendar, constants};
use crate::builtins::Fold;
use crate::check::{Bin, Segment, Typed, TypedKind};
use crate::schema::{Range, Type};
use crate::value::{Constant, Value};

impl<'a> Customer<'a> {
    /// Values that an open one can have: at and beside everything that its bins compare it with.
    pub(super) fn tries(&self, subject: &'a Typed, bins: &[&'a Bin]) -> Vec<Candidate> {
        let mut known: Vec<Constant> = Vec::new();
        for condition in bins.iter().filter_map(|bin| bin.condition.as_ref()) {
            constants::collect(condition, &mut known);
            self.other_sides(condition, &mut known);
        }
        let field = match &subject.kind {
            TypedKind::Field(at) => self.checked.fields().get(at.at()),
            _ => None,
        };
        let ty = subject.sort.settled();
        if matches!(ty, Type::SetOf(_)) {
            return sets(&known);
        }
        let step = match (&ty, field.and_then(|field| field.scale)) {
            (Type::Integer, _) => Decimal::ONE,
            (_, Some(places)) => Decimal::new(1, places),
            _ => Decimal::new(1, 6),
        };
        let column = self.column_range(subject);
        let range = column.as_ref().or(field.map(|field| &field.range));
        known.extend(range.into_iter().flat_map(|range| [range.low.clone(), range.high.clone()]).flatten());
        let span = self.open_score(subject).or_else(|| self.by_form(subject));
        known.extend(span.iter().flat_map(|span| [span.low, span.high]).flatten().map(Constant::Number));
        let found: Vec<Constant> = match &ty {
            Type::Boolean => vec![Constant::Boolean(true), Constant::Boolean(false)],
            Type::OneOf(members) => (0..).take(members.names().len()).map(Constant::Member).collect(),
            Type::Text => known.into_iter().chain([Constant::Text("?".into()), Constant::Text("".into())]).collect(),
            Type::Date => known.iter().chain([&Constant::Date(self.as_of)]).flat_map(|c| self.around_date(c)).collect(),
            _ => known.iter().chain([&Constant::Number(Decimal::ZERO)]).flat_map(|c| around(c, step)).collect(),
        };
        let scale = field.and_then(|field| field.scale);
        let whole = |constant: &Constant| match constant {
            Constant::Number(number) => {
                let fine = scale.is_none_or(|scale| number.normalize().scale() <= scale);
                let spanned = span.is_none_or(|span| span.holds(*number));
                fine && spanned && (ty != Type::Integer || number.fract().is_zero())
            }
            _ => true,
        };
        let fits = |constant: &Constant| range.is_none_or(|range| range.contains(constant)) && whole(constant);
        let open = |constant: &Constant| match (&subject.kind, constant) {
            (TypedKind::Let(at), Constant::Member(member)) => match self.members.get(at.at()) {
                Some(Some(members)) => members.contains(member),
                _ => true,
            },
            _ => true,
        };
        found.into_iter().filter(|constant| fits(constant) && open(constant)).map(Candidate::One).collect()
    }

    /// From the least to the greatest number of a column, where the value is looked up in one.
    fn column_range(&self, subject: &Typed) -> Option<Range> {
        let TypedKind::Lookup(table, column) = &subject.kind else { return None };
        let column = self.checked.tables().get(table.at())?.columns.get(*column as usize)?;
        let number = |cell: &Constant| match cell {
            Constant::Number(number) => Some(*number),
            _ => None,
        };
        let numbers: Vec<Decimal> = column.cells.iter().flatten().filter_map(number).collect();
        let (low, high) = (numbers.iter().min(), numbers.iter().max());
        Some(Range { low: low.copied().map(Constant::Number), high: high.copied().map(Constant::Number) })
    }

    /// Whether some completion leaves a value that is missing without a result, as far as its form tells.
    pub(super) fn may_lack(&self, typed: &'a Typed) -> bool {
        let exact = |op: &crate::builtins::Op| op.builtin().total;
        match &typed.kind {
            TypedKind::Unary(op, inner) => !exact(op) || self.may_lack(inner),
            TypedKind::Chain(first, rest) => {
                self.may_lack(first) || rest.iter().any(|(op, part)| !exact(op) || self.may_lack(part))
            }
            TypedKind::Coalesce(parts) => parts.iter().all(|part| self.may_lack(part)),
            TypedKind::If(..) => true,
            TypedKind::Aggregate(aggregate) => {
                let of_some = matches!(aggregate.fold, Fold::Average | Fold::Min | Fold::Max);
                (of_some && !self.has_elements(aggregate))
                    || aggregate.argument.as_ref().is_some_and(|argument| self.may_lack(argument))
            }
            TypedKind::Let(at) => match (self.spans.get(at.at()), self.checked.lets().get(at.at())) {
                (Some(Some(span)), _) => span.undefined,
                (_, Some(bound)) => match &bound.value.kind {
                    TypedKind::Segment(segment) => self.can_fall_through(segment),
                    TypedKind::Score(_) => false,
                    _ => self.may_lack(&bound.value),
                },
                _ => false,
            },
            TypedKind::Lookup(table, column) => self.checked.tables().get(table.at()).is_none_or(|table| {
                let cells = table.columns.get(*column as usize).map(|column| &column.cells);
                let complete = match table.key.sort.settled() {
                    Type::OneOf(members) => table.keys.len() == members.names().len(),
                    _ => false,
                };
                !complete || cells.is_none_or(|cells| cells.iter().any(Option::is_none)) || self.may_lack(&table.key)
            }),
            _ => false,
        }
    }

    /// Whether a segment can end without a line that fits.
    fn can_fall_through(&self, segment: &Segment) -> bool {
        segment.lines.iter().all(|line| line.condition.as_ref().is_some_and(|condition| self.can(condition).1))
    }

    /// Known values with which a bin compares.
    fn other_sides(&self, condition: &'a Typed, found: &mut Vec<Constant>) {
        if let TypedKind::Compare(_, _, other) = &condition.kind
            && !matches!(other.kind, TypedKind::Subject | TypedKind::Constant(_))
        {
            match self.value(other) {
                Maybe::Known(Value::Number(number)) => found.push(Constant::Number(number)),
                Maybe::Known(Value::Date(date)) => found.push(Constant::Date(date)),
                _ => {}
            }
        }
        condition.parts().into_iter().for_each(|part| self.other_sides(part, found));
    }

    fn around_date(&self, constant: &Constant) -> Vec<Constant> {
        let middle: Option<NaiveDate> = match constant {
            Constant::Date(date) => Some(*date),
            Constant::Duration(length) => calendar::shift(self.as_of, *length, false),
            _ => None,
        };
        let day = Days::new(1);
        let around = |date: NaiveDate| [date.checked_sub_days(day), Some(date), date.checked_add_days(day)];
        middle.into_iter().flat_map(around).flatten().map(Constant::Date).collect()
    }
}

fn around(constant: &Constant, step: Decimal) -> Vec<Constant> {
    let Constant::Number(number) = constant else { return Vec::new() };
    let near = [number.checked_sub(step), Some(*number), number.checked_add(step)];
    // Where only whole numbers count, those on both sides.
    let whole = [Some(number.floor()), Some(number.ceil())];
    near.into_iter().chain(whole).flatten().map(Constant::Number).collect()
}
