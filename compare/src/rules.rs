//! Rules as data, and as the text of a tierwise policy.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::account::Field;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Lt => "<",
            Self::Le => "<=",
        }
    }

    #[inline]
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Gt => left > right,
            Self::Ge => left >= right,
            Self::Lt => left < right,
            Self::Le => left <= right,
        }
    }

    /// What holds of a known number where this does not.
    pub fn opposite(self) -> Self {
        match self {
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A numeric fact against a constant in units of the field.
    Compare(Field, Op, i64),
    /// The region is one of these.
    RegionIn(Vec<&'static str>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    /// The same, with `not` pushed down so that it stands at most before a [`RegionIn`](Self::RegionIn). Where each
    /// comparison with a missing fact counts as false, two-valued logic then says what is surely true.
    pub fn pushed_down(&self) -> Self {
        match self {
            Self::And(parts) => Self::And(parts.iter().map(Self::pushed_down).collect()),
            Self::Or(parts) => Self::Or(parts.iter().map(Self::pushed_down).collect()),
            Self::Not(inner) => inner.negated(),
            plain => plain.clone(),
        }
    }

    fn negated(&self) -> Self {
        match self {
            Self::Compare(field, op, units) => Self::Compare(*field, op.opposite(), *units),
            Self::RegionIn(_) => Self::Not(Box::new(self.clone())),
            Self::And(parts) => Self::Or(parts.iter().map(Self::negated).collect()),
            Self::Or(parts) => Self::And(parts.iter().map(Self::negated).collect()),
            Self::Not(inner) => inner.pushed_down(),
        }
    }

    /// The comparisons of a plain conjunction of them.
    pub fn conjunction(&self) -> Option<Vec<(Field, Op, i64)>> {
        let Self::And(parts) = self else { return None };
        let comparison = |part: &Self| match part {
            Self::Compare(field, op, units) => Some((*field, *op, *units)),
            _ => None,
        };
        parts.iter().map(comparison).collect()
    }

    /// Whether an alternative stands somewhere in it.
    pub fn has_or(&self) -> bool {
        let mut found = false;
        self.visit(&mut |part| found |= matches!(part, Self::Or(_)));
        found
    }

    fn visit<'c>(&'c self, each: &mut impl FnMut(&'c Self)) {
        each(self);
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(each)),
            Self::Not(inner) => inner.visit(each),
            Self::Compare(..) | Self::RegionIn(_) => {}
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Compare(field, op, units) => {
                let _ = write!(text, "{} {} {}", field.name(), op.sign(), field.decimal(*units).normalize());
            }
            Self::RegionIn(regions) => {
                let _ = write!(text, "region in ({})", quoted(regions));
            }
            Self::And(parts) => joined(parts, " and ", text),
            Self::Or(parts) => joined(parts, " or ", text),
            Self::Not(inner) => {
                text.push_str("not (");
                inner.write(text);
                text.push(')');
            }
        }
    }
}

/// `"north", "south"`.
pub fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ")
}

fn joined(parts: &[Condition], by: &str, text: &mut String) {
    for (at, part) in parts.iter().enumerate() {
        text.push_str(if at > 0 { by } else { "" });
        let bracketed = matches!(part, Condition::And(_) | Condition::Or(_));
        text.push_str(if bracketed { "(" } else { "" });
        part.write(text);
        text.push_str(if bracketed { ")" } else { "" });
    }
}

/// The first rule whose condition is true gives the tier, the best of which is 0.
#[derive(Clone, Debug)]
pub struct Rules {
    pub rules: Vec<(Condition, usize)>,
    /// The tier of whom no rule fits; the worst.
    pub otherwise: usize,
}

impl Rules {
    /// All rules, `otherwise` included.
    pub fn count(&self) -> usize {
        self.rules.len() + 1
    }

    /// The policy that tierwise parses; tiers are `A`, `B` and so on.
    pub fn policy_text(&self) -> String {
        let ladder: Vec<String> = (0..=self.otherwise).map(|tier| tier_name(tier).to_string()).collect();
        let mut text = format!("tiers {}\n", ladder.join(" > "));
        for (condition, tier) in &self.rules {
            condition.write(&mut text);
            let _ = writeln!(text, " => {}", tier_name(*tier));
        }
        let _ = writeln!(text, "otherwise => {}", tier_name(self.otherwise));
        text
    }

    /// The rules with `not` pushed down, for engines without a third truth value.
    pub fn pushed_down(&self) -> Self {
        let rules = self.rules.iter().map(|(condition, tier)| (condition.pushed_down(), *tier)).collect();
        Self { rules, otherwise: self.otherwise }
    }

    /// Every constant that a numeric fact is compared with.
    pub fn cuts(&self) -> BTreeSet<(Field, i64)> {
        let mut cuts = BTreeSet::new();
        for (condition, _) in &self.rules {
            condition.visit(&mut |part| {
                if let Condition::Compare(field, _, units) = part {
                    cuts.insert((*field, *units));
                }
            });
        }
        cuts
    }

    /// The fields that the rules use.
    pub fn fields(&self) -> BTreeSet<Field> {
        let mut fields: BTreeSet<Field> = self.cuts().into_iter().map(|(field, _)| field).collect();
        let mut region = false;
        for (condition, _) in &self.rules {
            condition.visit(&mut |part| region |= matches!(part, Condition::RegionIn(_)));
        }
        fields.extend(region.then_some(Field::Region));
        fields
    }
}

/// `A` for 0.
pub fn tier_name(tier: usize) -> char {
    char::from(b'A' + tier as u8)
}
