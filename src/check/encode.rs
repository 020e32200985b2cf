//! The fingerprint: a hash over what a policy means, not over how it is written.
//!
//! The encoding of version 1 is a sequence of items, each `(word part part …)`; texts are `length:bytes`, so that no
//! text can look like structure. In order: identity, currency, ladder (with labels), `match best`, the fields that the
//! policy declares or uses, collections likewise, tables, lets (scores and segments among them), rules, caps and floors, assumptions, benefits.
//! Decimals are canonical, keywords English, names
//! as given; spans, line numbers, comments and layout are not part of it. It never changes: a later version of the
//! language has a number of its own in front.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Aggregate, Bound, Checked, Records, Score, Segment, Source, Table, Typed, TypedKind};
use crate::builtins::Contains;
use crate::schema::{Direction, Field, Type};
use crate::value::{Constant, Duration, Period, Window, YearStart, canonical};

pub(super) fn fingerprint(checked: &Checked) -> String {
    let mut encoder = Encoder { checked, text: String::new(), hash: Sha256::new() };
    encoder.policy();
    encoder.flush();
    let mut text = String::from("1:");
    for byte in encoder.hash.finalize().iter().take(16) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

struct Encoder<'a> {
    checked: &'a Checked,
    text: String,
    hash: Sha256,
}

impl Encoder<'_> {
    fn flush(&mut self) {
        self.hash.update(self.text.as_bytes());
        self.text.clear();
    }

    fn item(&mut self, word: &str, parts: impl FnOnce(&mut Self)) {
        self.text.push('(');
        self.text.push_str(word);
        parts(self);
        self.text.push(')');
    }

    fn put(&mut self, text: &str) {
        let _ = write!(self.text, " {}:{text}", text.len());
    }

    fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.put(text),
            None => self.text.push_str(" -"),
        }
    }

    fn policy(&mut self) {
        let checked = self.checked;
        let identity = checked.identity();
        self.item("policy", |e| {
            e.optional(identity.name.as_deref());
            e.optional(identity.version.as_deref());
            e.optional(identity.effective.map(|date| date.to_string()).as_deref());
        });
        self.item("currency", |e| e.optional(checked.currency().as_ref().map(crate::value::Currency::code)));
        self.item("tiers", |e| {
            for tier in checked.tiers() {
                e.put(&tier.name);
                e.optional(tier.label.as_deref());
            }
        });
        if checked.match_best() {
            self.item("match-best", |_| {});
        }
        let declared: BTreeSet<usize> = checked.declared.iter().map(|(index, _)| index.at()).collect();
        for (at, field) in checked.fields().iter().enumerate() {
            if checked.used.get(at) == Some(&true) || declared.contains(&at) {
                self.field(field);
            }
        }
        let known = checked.collections().iter().filter(|records| records.declared || records.used);
        known.for_each(|records| self.collection(records));
        checked.tables().iter().for_each(|table| self.table(table));
        for bound in checked.lets() {
            self.item("let", |e| {
                e.put(&bound.name);
                e.expr(&bound.value);
            });
            self.flush();
        }
        self.decisions();
        for benefit in checked.benefits() {
            self.item("benefit", |e| {
                e.put(checked.tiers().get(benefit.tier).map_or("", |tier| &tier.name));
                e.put(checked.benefit_keys().get(benefit.key).map_or("", |key| &key.name));
                e.expr(&benefit.value);
            });
        }
    }

    fn decisions(&mut self) {
        let checked = self.checked;
        for rule in checked.rules() {
            self.item("rule", |e| {
                e.optional(rule.place.name.as_deref());
                match &rule.condition {
                    Some(condition) => e.expr(condition),
                    None => e.item("otherwise", |_| {}),
                }
                e.put(checked.tiers().get(rule.tier).map_or("", |tier| &tier.name));
            });
            self.flush();
        }
        for adjustment in checked.adjustments() {
            self.item(if adjustment.cap { "cap" } else { "floor" }, |e| {
                e.optional(adjustment.place.name.as_deref());
                match adjustment.bound {
                    Bound::Tier(tier) => e.put(checked.tiers().get(tier).map_or("", |tier| &tier.name)),
                    Bound::Field(field) => {
                        e.item("field", |e| e.put(e.checked.fields().get(field.at()).map_or("", Field::name)))
                    }
                }
                e.expr(&adjustment.condition);
            });
        }
        for assumption in checked.assumptions() {
            self.item("assume", |e| e.expr(&assumption.condition));
        }
    }

    fn collection(&mut self, records: &Records) {
        let collection = &records.collection;
        self.item("collection", |e| {
            e.put(collection.name());
            e.optional(collection.label.as_deref());
            e.optional(collection.date().and_then(|at| collection.fields().get(at)).map(Field::name));
            for (field, used) in collection.fields().iter().zip(&records.used_fields) {
                if records.declared || *used {
                    e.field(field);
                }
            }
        });
    }

    fn table(&mut self, table: &Table) {
        self.item("table", |e| {
            e.put(&table.name);
            e.expr(&table.key);
            for column in &table.columns {
                e.item("column", |e| {
                    e.put(&column.name);
                    e.ty(&column.sort.settled());
                });
            }
            for (at, key) in table.keys.iter().enumerate() {
                e.item("row", |e| {
                    e.constant(Some(key));
                    table.columns.iter().for_each(|column| e.constant(column.cells.get(at).and_then(Option::as_ref)));
                });
                e.flush();
            }
        });
    }

    fn score(&mut self, score: &Score) {
        self.item("score", |e| {
            e.optional(score.low.map(canonical).as_deref());
            e.optional(score.high.map(canonical).as_deref());
            for line in &score.lines {
                e.item("line", |e| {
                    e.optional(line.name.as_deref());
                    e.expr(&line.value);
                    e.optional(line.weight.map(canonical).as_deref());
                    for bin in &line.bins {
                        e.item("bin", |e| e.branch(bin.condition.as_ref(), |e| e.expr(&bin.points)));
                    }
                });
            }
        });
    }

    /// A condition, or `otherwise`, and what it gives.
    fn branch(&mut self, condition: Option<&Typed>, gives: impl FnOnce(&mut Self)) {
        match condition {
            Some(condition) => self.expr(condition),
            None => self.item("otherwise", |_| {}),
        }
        gives(self);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        let checked = self.checked;
        self.item("aggregate", |e| {
            e.put(aggregate.fold.name());
            match aggregate.source {
                Source::Records(collection) => {
                    let known = checked.collections().get(collection.at());
                    e.put(known.map_or("", |known| known.collection.name()));
                }
                Source::Periods(period) => e.put(unit(period)),
            }
            e.optional(aggregate.window.map(window).as_deref());
            for part in [&aggregate.argument, &aggregate.condition] {
                match part {
                    Some(part) => e.expr(part),
                    None => e.optional(None),
                }
            }
        });
    }

    fn segment(&mut self, segment: &Segment, ty: &Type) {
        let name = |member: u32| match ty {
            Type::OneOf(members) => members.name(member).map(|name| &**name).unwrap_or_default(),
            _ => "",
        };
        self.item("segment", |e| {
            for line in &segment.lines {
                e.item("line", |e| e.branch(line.condition.as_ref(), |e| e.put(name(line.member))));
            }
        });
    }

    fn field(&mut self, field: &Field) {
        self.item("field", |e| {
            e.put(field.name());
            e.optional(field.label.as_deref());
            e.ty(field.ty());
            e.constant(field.range.low.as_ref());
            e.constant(field.range.high.as_ref());
            e.optional(field.scale.map(|scale| scale.to_string()).as_deref());
            e.constant(field.default.as_ref());
            let direction = match field.direction {
                Direction::Any => "any",
                Direction::Fixed => "fixed",
                Direction::Rising => "rising",
                Direction::Falling => "falling",
            };
            let flags = [("required", field.required), ("sensitive", field.sensitive), ("protected", field.protected)];
            let flags = flags.iter().filter(|(_, set)| *set).map(|(word, _)| *word);
            let words: Vec<&str> = flags.chain([direction]).collect();
            e.put(&words.join(" "));
            e.optional(field.cost.map(canonical).as_deref());
        });
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::OneOf(members) => self.item("one-of", |e| members.names().for_each(|member| e.put(member))),
            Type::SetOf(element) => self.item("set-of", |e| e.ty(element)),
            plain => self.put(&plain.to_string()),
        }
    }

    fn constant(&mut self, constant: Option<&Constant>) {
        let word = |word: &str, text: String| format!("{word} {text}");
        let text = match constant {
            None => return self.text.push_str(" -"),
            Some(Constant::Number(number)) => word("number", canonical(*number)),
            Some(Constant::Boolean(value)) => word("boolean", value.to_string()),
            Some(Constant::Date(date)) => word("date", date.to_string()),
            Some(Constant::Duration(Duration::Days(days))) => word("days", days.to_string()),
            Some(Constant::Duration(Duration::Months(months))) => word("months", months.to_string()),
            Some(Constant::Duration(Duration::Hours(hours))) => word("hours", hours.to_string()),
            Some(Constant::Duration(Duration::Minutes(minutes))) => word("minutes", minutes.to_string()),
            Some(Constant::Text(text)) => word("text", text.to_string()),
            Some(Constant::Member(at)) => word("member", at.to_string()),
        };
        self.put(&text);
    }

    fn exprs<'t>(&mut self, parts: impl IntoIterator<Item = &'t Typed>) {
        parts.into_iter().for_each(|part| self.expr(part));
    }

    fn expr(&mut self, typed: &Typed) {
        let checked = self.checked;
        match &typed.kind {
            TypedKind::Constant(constant) => self.constant(Some(constant)),
            TypedKind::Field(field) => {
                self.item("fact", |e| e.put(checked.fields().get(field.at()).map_or("", Field::name)));
            }
            TypedKind::Let(index) => {
                self.item("let", |e| e.put(checked.lets().get(index.at()).map_or("", |bound| &bound.name)));
            }
            TypedKind::Today => self.item("today", |_| {}),
            TypedKind::Subject => self.item("subject", |_| {}),
            TypedKind::Lookup(table, column) => self.item("lookup", |e| {
                let table = checked.tables().get(table.at());
                e.put(table.map_or("", |table| &table.name));
                e.put(table.and_then(|table| table.columns.get(*column as usize)).map_or("", |column| &column.name));
            }),
            TypedKind::Element(collection, field) => self.item("element", |e| {
                let known = checked.collections().get(collection.at()).map(|records| &records.collection);
                e.put(known.map_or("", |known| known.name()));
                e.put(known.and_then(|known| known.fields().get(*field as usize)).map_or("", Field::name));
            }),
            TypedKind::Aggregate(aggregate) => self.aggregate(aggregate),
            TypedKind::Score(score) => self.score(score),
            TypedKind::Segment(segment) => self.segment(segment, &typed.sort.settled()),
            TypedKind::Unary(op, inner) => self.item("call", |e| {
                e.put(&format!("{op:?}"));
                e.expr(inner);
            }),
            TypedKind::Chain(first, rest) => self.item("chain", |e| {
                e.expr(first);
                for (op, part) in rest {
                    e.put(&format!("{op:?}"));
                    e.expr(part);
                }
            }),
            TypedKind::Coalesce(parts) => self.item("coalesce", |e| e.exprs(parts)),
            TypedKind::If(arms, otherwise) => self.item("if", |e| {
                e.exprs(arms.iter().flat_map(|(condition, value)| [condition, value]));
                e.expr(otherwise);
            }),
            _ => self.condition(typed),
        }
    }

    fn condition(&mut self, typed: &Typed) {
        match &typed.kind {
            TypedKind::Not(inner) => self.item("not", |e| e.expr(inner)),
            TypedKind::And(parts) => self.item("and", |e| e.exprs(parts)),
            TypedKind::Or(parts) => self.item("or", |e| e.exprs(parts)),
            TypedKind::AtLeast(count, parts) => self.item("at-least", |e| {
                e.put(&count.to_string());
                e.exprs(parts);
            }),
            TypedKind::Compare(op, left, right) => self.item("compare", |e| {
                e.put(op.sign());
                e.exprs([&**left, &**right]);
            }),
            TypedKind::Chained(first, rest) => self.item("chained", |e| {
                e.expr(first);
                for (op, part) in rest {
                    e.put(op.sign());
                    e.expr(part);
                }
            }),
            TypedKind::In(subject, members) => self.item("in", |e| {
                e.expr(subject);
                members.iter().for_each(|member| e.constant(Some(member)));
            }),
            TypedKind::Missing(inner) => self.item("missing", |e| e.expr(inner)),
            TypedKind::SetContains(mode, subject, members) => self.item("contains", |e| {
                e.put(match mode {
                    Contains::One => "one",
                    Contains::Any => "any",
                    Contains::All => "all",
                });
                e.expr(subject);
                members.iter().for_each(|member| e.constant(Some(member)));
            }),
            TypedKind::Has(subject, part) => self.item("has", |e| e.exprs([&**subject, &**part])),
            TypedKind::StartsWith(subject, prefix) => self.item("starts-with", |e| {
                e.expr(subject);
                e.put(prefix);
            }),
            TypedKind::Matches(subject, pattern) => self.item("matches", |e| {
                e.expr(subject);
                e.put(pattern.text());
            }),
            TypedKind::Within(subject, length) => self.item("within", |e| e.exprs([&**subject, &**length])),
            _ => {}
        }
    }
}

/// A window in words that never change.
fn window(window: Window) -> String {
    let year = |(month, day): YearStart| format!("{month:02}-{day:02}");
    match window {
        Window::Last(Duration::Days(count)) => format!("last {count} days"),
        Window::Last(Duration::Months(count)) => format!("last {count} months"),
        Window::Last(Duration::Hours(count)) => format!("last {count} hours"),
        Window::Last(Duration::Minutes(count)) => format!("last {count} minutes"),
        Window::This(period, start) => format!("this {} from {}", unit(period), year(start)),
        Window::Previous(count, period, start) => format!("previous {count} {} from {}", unit(period), year(start)),
        Window::Since(date) => format!("since {date}"),
        Window::Between(from, to) => format!("{from}..{to}"),
    }
}

fn unit(period: Period) -> &'static str {
    match period {
        Period::Week => "weeks",
        Period::Month => "months",
        Period::Quarter => "quarters",
        Period::Year => "years",
    }
}
