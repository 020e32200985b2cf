//! Generated policies by hand: conjunctions compiled to flat comparisons, scanned in order over facts in arrays.

use rust_decimal::Decimal;

use super::{Profile, answer};
use crate::account::{Account, CentsAccount, Field};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Op, Rules};

/// One conjunction: its comparisons, the fields that it needs as bits, and its tier.
struct Conjunction {
    begin: u32,
    end: u32,
    needs: u8,
    tier: u8,
}

/// A list of conjunctions over comparisons of a kind.
pub struct Scan<C> {
    comparisons: Box<[C]>,
    rules: Box<[Conjunction]>,
    otherwise: usize,
}

/// A comparison that is evaluated on the facts of one customer.
pub trait Comparison: Sized {
    type Account: Profile;
    type Facts;

    /// The facts, of which a missing one counts as zero, with a bit for each that is missing; `None` where one is out of its
    /// range.
    fn facts(account: &Self::Account) -> Option<(Self::Facts, u8)>;
    fn new(field: Field, op: Op, units: i64) -> Self;
    fn field(&self) -> usize;
    fn holds(&self, facts: &Self::Facts) -> bool;
}

impl<C: Comparison> Scan<C> {
    fn compile(rules: &Rules) -> Result<Self, String> {
        let (mut comparisons, mut conjunctions) = (Vec::new(), Vec::new());
        for (condition, tier) in &rules.rules {
            let mut parts = condition.conjunction().ok_or("a rule is no conjunction of comparisons")?;
            // Integers are compared faster than decimals, so they come first.
            parts.sort_by_key(|(field, ..)| field.places());
            let begin = comparisons.len() as u32;
            let needs = parts.iter().fold(0, |needs, (field, ..)| needs | 1 << *field as u8);
            comparisons.extend(parts.into_iter().map(|(field, op, units)| C::new(field, op, units)));
            conjunctions.push(Conjunction { begin, end: comparisons.len() as u32, needs, tier: *tier as u8 });
        }
        Ok(Self { comparisons: comparisons.into(), rules: conjunctions.into(), otherwise: rules.otherwise })
    }

    #[inline]
    fn parts(&self, rule: &Conjunction) -> &[C] {
        &self.comparisons[rule.begin as usize..rule.end as usize]
    }

    #[inline]
    fn scan(&self, facts: &C::Facts, missing: u8) -> Answer {
        if missing != 0 {
            return self.open(facts, missing);
        }
        let decides = |rule: &&Conjunction| self.parts(rule).iter().all(|part| part.holds(facts));
        let tier = self.rules.iter().find(decides).map_or(self.otherwise, |rule| usize::from(rule.tier));
        Answer::with_certainty(tier, true)
    }

    fn open(&self, facts: &C::Facts, missing: u8) -> Answer {
        let mut open = 0;
        for rule in &self.rules {
            let unknown = rule.needs & missing;
            let possible = self.parts(rule).iter().all(|part| unknown & (1 << part.field()) != 0 || part.holds(facts));
            if possible && unknown == 0 {
                return answer(usize::from(rule.tier), open);
            }
            open |= u8::from(possible) << rule.tier;
        }
        answer(self.otherwise, open)
    }
}

/// A comparison of integers is always "at least": those from above compare the negated fact.
pub struct AtLeast {
    place: u8,
    bound: i64,
}

/// The places of the negated facts lie behind those of the facts.
const NEGATED: u8 = 8;

impl AtLeast {
    #[inline]
    fn reached(&self, facts: &[i64; 16]) -> bool {
        facts[usize::from(self.place & 15)] >= self.bound
    }
}

impl Comparison for AtLeast {
    type Account = CentsAccount;
    type Facts = [i64; 16];

    #[inline]
    fn facts(account: &CentsAccount) -> Option<([i64; 16], u8)> {
        let mut facts = [0; 16];
        let mut missing = counts(account, &mut facts)?;
        let amounts = [account.annual_spend, account.lifetime_value, account.satisfaction];
        for (place, units) in amounts.into_iter().enumerate() {
            missing |= u8::from(units.is_none()) << place;
            facts[place] = units.unwrap_or(0);
            facts[place + usize::from(NEGATED)] = -facts[place];
        }
        (0..=1_000).contains(&facts[Field::Satisfaction as usize]).then_some((facts, missing))
    }

    fn new(field: Field, op: Op, units: i64) -> Self {
        let place = field as u8;
        match op {
            Op::Gt => Self { place, bound: units + 1 },
            Op::Ge => Self { place, bound: units },
            Op::Lt => Self { place: place + NEGATED, bound: 1 - units },
            Op::Le => Self { place: place + NEGATED, bound: -units },
        }
    }

    #[inline]
    fn field(&self) -> usize {
        usize::from(self.place % NEGATED)
    }

    #[inline]
    fn holds(&self, facts: &[i64; 16]) -> bool {
        self.reached(facts)
    }
}

/// Decimals are compared as they are, integers as integers.
pub enum Exact {
    /// With a bit for each of less, equal and greater that fulfils the comparison.
    Amount(u8, u8, Decimal),
    Count(AtLeast),
}

pub struct ExactFacts {
    amounts: [Decimal; 3],
    counts: [i64; 16],
}

impl Comparison for Exact {
    type Account = Account;
    type Facts = ExactFacts;

    #[inline]
    fn facts(account: &Account) -> Option<(ExactFacts, u8)> {
        let mut facts = ExactFacts { amounts: [Decimal::ZERO; 3], counts: [0; 16] };
        let mut missing = counts(account, &mut facts.counts)?;
        let amounts = [account.annual_spend, account.lifetime_value, account.satisfaction];
        for (place, amount) in amounts.into_iter().enumerate() {
            missing |= u8::from(amount.is_none()) << place;
            facts.amounts[place] = amount.unwrap_or_default();
        }
        let satisfaction = facts.amounts[Field::Satisfaction as usize];
        (satisfaction >= Decimal::ZERO && satisfaction <= Decimal::TEN).then_some((facts, missing))
    }

    fn new(field: Field, op: Op, units: i64) -> Self {
        match field {
            Field::AnnualSpend | Field::LifetimeValue | Field::Satisfaction => {
                let fulfilled = match op {
                    Op::Gt => 0b100,
                    Op::Ge => 0b110,
                    Op::Lt => 0b001,
                    Op::Le => 0b011,
                };
                Self::Amount(field as u8, fulfilled, field.decimal(units))
            }
            _ => Self::Count(AtLeast::new(field, op, units)),
        }
    }

    #[inline]
    fn field(&self) -> usize {
        match self {
            Self::Amount(place, ..) => usize::from(*place),
            Self::Count(count) => count.field(),
        }
    }

    #[inline]
    fn holds(&self, facts: &ExactFacts) -> bool {
        match self {
            Self::Amount(place, fulfilled, bound) => {
                let order = facts.amounts[usize::from(*place)].cmp(bound) as i8;
                fulfilled >> (order + 1) & 1 == 1
            }
            Self::Count(count) => count.reached(&facts.counts),
        }
    }
}

/// The counts and their negations, and a bit for each that is missing; `None` where one is negative.
#[inline]
fn counts(account: &impl Profile, facts: &mut [i64; 16]) -> Option<u8> {
    let counts = [
        (Field::Frequency, account.frequency()),
        (Field::Employees, account.employees()),
        (Field::OverdueDays, account.overdue_days()),
        (Field::Points, account.points()),
        (Field::Complaints, account.complaints()),
    ];
    let mut missing = 0;
    for (field, count) in counts {
        let known = count.unwrap_or(0);
        if known < 0 {
            return None;
        }
        missing |= u8::from(count.is_none()) << field as u8;
        facts[field as usize] = known;
        facts[field as usize + usize::from(NEGATED)] = -known;
    }
    Some(missing)
}

/// A linear scan on exact decimals.
pub type DecimalScan = Scan<Exact>;

/// A linear scan on integers of cents.
pub type CentsScan = Scan<AtLeast>;

impl<C: Comparison> Engine for Scan<C> {
    type Source = Rules;
    type Input = C::Account;

    const CONVERTS: bool = false;

    fn write(rules: &Rules) -> Result<Rules, String> {
        Ok(rules.clone())
    }

    fn load(rules: &Rules) -> Result<Self, String> {
        Self::compile(rules)
    }

    fn convert(&self, customer: &Pair) -> C::Account {
        C::Account::of(customer).clone()
    }

    #[inline]
    fn decide(&mut self, account: &C::Account) -> Option<Answer> {
        let (facts, missing) = C::facts(account)?;
        Some(self.scan(&facts, missing))
    }
}
