//! The stable dump of a plan: what evaluation will do, for goldens and for curious authors.

use std::fmt;

use super::{Atom, Bound, CellSet, Expr, ExprId, Node, NodeId, Operand, Plan, Root, Subject, Test};
use crate::builtins::Contains;
use crate::value::{Constant, Duration, canonical};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "strategy: {}", self.strategy)?;
        for (at, slot) in self.slots.iter().enumerate() {
            let computed = slot.computed.map(|value| format!(", else {}", self.show(value))).unwrap_or_default();
            writeln!(f, "fact {at}: {} {}{computed}", slot.field.name(), slot.field.ty())?;
        }
        for (at, root) in self.lets.iter().enumerate() {
            let value = match root {
                Root::Value(value) => self.show(*value),
                Root::Condition(node) => self.show_node(*node),
                Root::Score(score) => self.show_score(*score),
                Root::Segment(segment) => self.show_segment(*segment),
            };
            writeln!(
                f,
                "let {at}: {} = {value}",
                self.names.lets.get(at).and_then(|place| place.name.as_deref()).unwrap_or_default()
            )?;
        }
        self.show_aggregates(f)?;
        for (at, (table, name)) in self.tables.iter().zip(&self.names.tables).enumerate() {
            writeln!(f, "table {at}: {} by {}", name.name, self.show(table.key))?;
        }
        for (at, dimension) in self.dimensions.iter().enumerate() {
            let subject = match dimension.subject {
                Subject::Value(value) => self.show(value),
                Subject::Order(a, b) => format!("order of {} and {}", self.show(a), self.show(b)),
            };
            let cuts: Vec<String> = dimension
                .cuts
                .iter()
                .map(|cut| format!("{}{}", constant(&cut.at), if cut.above { "+" } else { "" }))
                .collect();
            writeln!(
                f,
                "dimension {at}: {subject}, {:?}, {} cells, cuts [{}]",
                dimension.grid,
                dimension.cells(),
                cuts.join(", ")
            )?;
        }
        for (at, atom) in self.atoms.iter().enumerate() {
            writeln!(f, "atom {at}: {} in {}", self.show_atom(atom), show_cells(&atom.cells))?;
        }
        for (at, rule) in self.rules.iter().enumerate() {
            let condition = rule.condition.map_or("otherwise".to_owned(), |node| self.show_node(node));
            writeln!(f, "rule {at}: {condition} => {}", self.tier(rule.tier))?;
        }
        for (at, adjustment) in self.adjustments.iter().enumerate() {
            let bound = match adjustment.bound {
                Bound::Tier(tier) => self.tier(tier).to_owned(),
                Bound::Slot(slot) => format!("fact {slot}"),
            };
            let kind = if adjustment.cap { "cap" } else { "floor" };
            writeln!(f, "{kind} {at}: {bound} when {}", self.show_node(adjustment.condition))?;
        }
        for (at, assumption) in self.assumptions.iter().enumerate() {
            writeln!(f, "assume {at}: {}", self.show_node(*assumption))?;
        }
        Ok(())
    }
}

fn show_cells(cells: &CellSet) -> String {
    match cells {
        CellSet::Opaque => "opaque".to_owned(),
        CellSet::Ranges(ranges) => {
            let ranges: Vec<String> = ranges.iter().map(|(from, to)| format!("{from}..{to}")).collect();
            format!("cells [{}]", ranges.join(", "))
        }
    }
}

fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Number(number) => canonical(*number),
        Constant::Boolean(value) => value.to_string(),
        Constant::Date(date) => date.to_string(),
        Constant::Duration(Duration::Days(days)) => format!("{days} days"),
        Constant::Duration(Duration::Months(months)) => format!("{months} months"),
        Constant::Duration(length) => length.to_string(),
        Constant::Text(text) => format!("{text:?}"),
        Constant::Member(at) => format!("member {at}"),
    }
}

fn constants(members: &[Constant]) -> String {
    members.iter().map(constant).collect::<Vec<_>>().join(", ")
}

impl Plan {
    fn tier(&self, tier: u32) -> &str {
        self.names.tiers.get(tier as usize).map_or("", |name| name)
    }

    fn show(&self, id: ExprId) -> String {
        match self.expr(id) {
            Expr::Constant(value) => constant(value),
            Expr::Fact(slot) => format!("fact {slot}"),
            Expr::Let(at) => format!("let {at}"),
            Expr::Today => "today".to_owned(),
            Expr::Element(records, field) => {
                self.element(*records, *field).map(|field| field.field.name().to_owned()).unwrap_or_default()
            }
            Expr::Aggregate(at) => format!("aggregate {at}"),
            Expr::Lookup(at) => match self.column(*at) {
                Some(column) => format!("table {} column {}", column.table, column.place),
                None => String::new(),
            },
            Expr::Unary(op, inner) => format!("{op:?}({})", self.show(*inner)),
            Expr::Chain(first, rest) => {
                let rest: String = rest.iter().map(|(op, part)| format!(" {op:?} {}", self.show(*part))).collect();
                format!("({}{rest})", self.show(*first))
            }
            Expr::Coalesce(parts) => parts.iter().map(|part| self.show(*part)).collect::<Vec<_>>().join(" ?? "),
            Expr::If(arms, otherwise) => {
                let arms: String = arms
                    .iter()
                    .map(|(node, value)| format!("if {} then {} else ", self.show_node(*node), self.show(*value)))
                    .collect();
                format!("({arms}{})", self.show(*otherwise))
            }
            Expr::Truth(node) => self.show_node(*node),
        }
    }

    fn show_aggregates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, measure) in self.measures.iter().enumerate() {
            let argument = measure.argument.map(|value| format!(" {}", self.show(value))).unwrap_or_default();
            let condition = measure.condition.map(|node| format!(" where {}", self.show_node(node)));
            let of =
                measure.records.and_then(|at| self.records.get(at as usize)).map_or("periods", |known| &known.name);
            writeln!(f, "measure {at}: {of}{argument}{}", condition.unwrap_or_default())?;
        }
        for (at, aggregate) in self.aggregates.iter().enumerate() {
            let window = aggregate.window.map(|window| format!(" {window:?}")).unwrap_or_default();
            let (fold, source) = (aggregate.fold.name(), aggregate.source);
            writeln!(f, "aggregate {at}: {fold} of measure {}, {source:?}{window}", aggregate.measure)?;
        }
        Ok(())
    }

    fn show_score(&self, score: u32) -> String {
        let Some(score) = self.score(score) else { return String::new() };
        let mut text = "score".to_owned();
        for line in &score.lines {
            text += &format!(" [{}", self.show(line.value));
            for bin in &line.bins {
                let condition = bin.condition.map_or("otherwise".to_owned(), |node| self.show_node(node));
                text += &format!("; {condition} => {}", self.show(bin.points));
            }
            if let Some(weight) = line.weight {
                text += &format!(" weight {}", canonical(weight));
            }
            if !line.bins.is_empty() {
                let none = if line.open.none || line.open.undefined { " or none" } else { "" };
                text += &format!("; open {:?}{none}", line.open.bins);
            }
            text.push(']');
        }
        let end = |word: &str, end: Option<rust_decimal::Decimal>| {
            end.map(|end| format!(" {word} {}", canonical(end))).unwrap_or_default()
        };
        text + &end("min", score.low) + &end("max", score.high)
    }

    fn show_segment(&self, segment: u32) -> String {
        let lines = self.segment(segment).into_iter().flat_map(|segment| &segment.lines);
        let show = |line: &super::blocks::SegmentLine| {
            let condition = line.condition.map_or("otherwise".to_owned(), |node| self.show_node(node));
            format!("{condition} => member {}", line.member)
        };
        format!("segment [{}]", lines.map(show).collect::<Vec<_>>().join("; "))
    }

    fn show_node(&self, id: NodeId) -> String {
        let all = |parts: &[NodeId]| parts.iter().map(|part| self.show_node(*part)).collect::<Vec<_>>();
        match self.node(id) {
            Node::Constant(value) => value.to_string(),
            Node::Atom(atom) => format!("atom {}", atom.at()),
            Node::Let(at) => format!("let {at}"),
            Node::Not(inner) => format!("not {}", self.show_node(*inner)),
            Node::And(parts) => format!("({})", all(parts).join(" and ")),
            Node::Or(parts) => format!("({})", all(parts).join(" or ")),
            Node::AtLeast(wanted, parts) => format!("at least {wanted} of ({})", all(parts).join(", ")),
            Node::Chained(first, rest) => {
                let rest: String =
                    rest.iter().map(|(op, part)| format!(" {} {}", op.sign(), self.show(*part))).collect();
                format!("({}{rest})", self.show(*first))
            }
            Node::If(arms, otherwise) => {
                let arms: String = arms
                    .iter()
                    .map(|(node, value)| format!("if {} then {} else ", self.show_node(*node), self.show_node(*value)))
                    .collect();
                format!("({arms}{})", self.show_node(*otherwise))
            }
        }
    }

    fn show_atom(&self, atom: &Atom) -> String {
        let test = match &atom.test {
            Test::Compare(op, Operand::Constant(value)) => format!("{} {}", op.sign(), constant(value)),
            Test::Compare(op, Operand::Relative(value)) => format!("{} {}", op.sign(), self.show(*value)),
            Test::Order(op) => format!("{} the other", op.sign()),
            Test::In(members) => format!("in ({})", constants(members)),
            Test::Holds => "holds".to_owned(),
            Test::Missing => "is missing".to_owned(),
            Test::SetContains(Contains::One, members) => format!("contains {}", constants(members)),
            Test::SetContains(Contains::Any, members) => format!("contains any ({})", constants(members)),
            Test::SetContains(Contains::All, members) => format!("contains all ({})", constants(members)),
            Test::Has(part) => format!("contains {}", self.show(*part)),
            Test::StartsWith(prefix) => format!("starts with {prefix:?}"),
            Test::Matches(pattern) => format!("matches {:?}", pattern.text()),
            Test::Within(length) => format!("within {}", self.show(*length)),
        };
        format!("dimension {} {test}", atom.dimension)
    }
}
