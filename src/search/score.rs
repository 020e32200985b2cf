//! Scores and segments of all customers of a region.

use rust_decimal::Decimal;

use super::kleene::Kleene;
use super::linear::Linear;
use super::look::Look;
use super::ratio::Ratio;
use super::region::{Bits, Kind, Place, Room, interval};
use super::scene::{PARTS, Source};
use super::seen::{Known, Seen};
use crate::builtins::Compare;
use crate::eval::Val;
use crate::plan::{Bin, Expr, ExprId, Operand, Root, Score, ScoreLine, Segment, Test};
use crate::value::{Constant, Interval};

/// What a score can be. For one customer it goes from a low end to a high one, which are the same where nothing is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Total {
    /// Where the low ends and the high ends lie.
    pub(super) low: Interval,
    pub(super) high: Interval,
    /// Whether it can be settled, and open.
    pub(super) known: bool,
    pub(super) open: bool,
    /// Whether it can be nothing at all: missing, or without a result.
    pub(super) missing: bool,
    pub(super) undefined: bool,
    /// Whether an open one may turn out without a result, so that its ends tell nothing.
    pub(super) vague: bool,
}

impl Total {
    const NOTHING: Self = Self {
        low: Interval::ANY,
        high: Interval::ANY,
        known: false,
        open: false,
        missing: false,
        undefined: false,
        vague: false,
    };

    pub(super) fn of(number: Interval) -> Self {
        let ends = Interval { undefined: false, ..number };
        Self { low: ends, high: ends, known: true, undefined: number.undefined, ..Self::NOTHING }
    }

    /// From one end to the other, for each customer alike.
    fn between(ends: Interval) -> Self {
        let point =
            |end: Option<Decimal>| end.map_or(Interval { places: ends.places, ..Interval::ANY }, Interval::point);
        match ends.single() {
            Some(_) => Self::of(ends),
            None => Self {
                low: point(ends.low),
                high: point(ends.high),
                open: true,
                vague: ends.undefined,
                ..Self::NOTHING
            },
        }
    }

    pub(super) fn lacking(self, seen: &Seen<'_>) -> Self {
        Self { missing: self.missing || seen.missing, undefined: self.undefined || seen.undefined, ..self }
    }

    /// Whether it goes from one end to another for all customers alike.
    fn is_alike(&self) -> bool {
        let fixed = |end: Interval| end.low == end.high;
        fixed(self.low) && fixed(self.high) && !(self.known && self.open)
    }

    fn is_nothing(&self) -> bool {
        !self.known && !self.open
    }

    /// One or the other.
    fn join(self, other: Self) -> Self {
        let ends = match (self.is_nothing(), other.is_nothing()) {
            (true, _) => (other.low, other.high),
            (_, true) => (self.low, self.high),
            _ => (self.low.hull(other.low), self.high.hull(other.high)),
        };
        Self {
            low: ends.0,
            high: ends.1,
            known: self.known || other.known,
            open: self.open || other.open,
            missing: self.missing || other.missing,
            undefined: self.undefined || other.undefined,
            vague: self.vague || other.vague,
        }
    }

    /// Both together: settled where both are, nothing where one is.
    fn add(self, other: Self) -> Self {
        let (low, high) = (self.low.add(other.low), self.high.add(other.high));
        let exists = |total: &Self| total.known || total.open;
        let both = exists(&self) && exists(&other);
        Self {
            low: Interval { undefined: false, ..low },
            high: Interval { undefined: false, ..high },
            known: self.known && other.known,
            open: both && (self.open || other.open),
            missing: self.missing || other.missing,
            undefined: self.undefined || other.undefined || low.undefined || high.undefined,
            vague: self.vague || other.vague,
        }
    }

    /// Cut off at the ends of a score: where it is open at an end, it reaches that of the score. Where both ends are cut off
    /// to the same number, it is settled.
    fn cut(self, low: Option<Decimal>, high: Option<Decimal>) -> Self {
        let end = |own: Option<Decimal>, cut: Option<Decimal>| match own.or(cut) {
            Some(end) => Interval::point(end).clamp(low, high),
            None => Interval::ANY,
        };
        let alike = self.is_alike() && !self.known;
        let mut total = match alike {
            true => Self { low: end(self.low.low, low), high: end(self.high.high, high), ..self },
            false => self.map(|ends| ends.clamp(low, high)),
        };
        if total.open {
            let meet = total.low.orders(total.high).iter().any(|(order, can)| order.is_eq() && *can);
            let same = alike && !total.vague && total.low.single().is_some() && total.low == total.high;
            (total.known, total.open) = (total.known || meet, !same);
        }
        total
    }

    fn map(self, ends: impl Fn(Interval) -> Interval) -> Self {
        let (low, high) = (ends(self.low), ends(self.high));
        let undefined = self.undefined || low.undefined || high.undefined;
        let plain = |ends: Interval| Interval { undefined: false, ..ends };
        Self { low: plain(low), high: plain(high), undefined, ..self }
    }

    /// The points of everybody, or from where to where they lie, where that is the same for all.
    pub(super) fn ends(&self) -> Option<(Decimal, Decimal)> {
        let sure = self.known != self.open && !(self.missing || self.undefined || self.vague);
        let (low, high) = (self.low.single()?, self.high.single()?);
        (sure && (self.open || low == high)).then_some((low, high))
    }

    /// As a value: what is open is missing.
    pub(super) fn seen(&self) -> Seen<'static> {
        let known = if self.known { Known::Number(self.low.hull(self.high)) } else { Known::Nothing };
        Seen { known, missing: self.missing || self.open, undefined: self.undefined }
    }

    /// How it compares with another; an open one is told by its ends.
    pub(super) fn compare(&self, op: Compare, other: Self) -> Kleene {
        let mut truth = Kleene::NOTHING;
        if (self.known || self.open) && (other.known || other.open) {
            let ends = Interval::hull(self.low, self.high);
            let others = Interval::hull(other.low, other.high);
            let orders = ends.orders(others).into_iter().filter(|(_, possible)| *possible);
            truth = orders.map(|(order, _)| Kleene::of(op.accepts(order))).fold(truth, Kleene::or_else);
            let alike = self.is_alike() && other.is_alike();
            let vague = self.vague || other.vague;
            if (self.open || other.open) && (!truth.is_settled() || vague) {
                let open = !(self.known && other.known);
                truth = if open && alike && !vague { Kleene::MISSING } else { truth.or_else(Kleene::MISSING) };
            }
        }
        let (missing, undefined) = (self.missing || other.missing, self.undefined || other.undefined);
        truth.or_else(Kleene::MISSING.when(missing)).or_else(Kleene::UNDEFINED.when(undefined))
    }

    /// A question other than a comparison.
    pub(super) fn test(&self, test: &Test) -> Kleene {
        let lacks = Kleene::MISSING.when(self.missing).or_else(Kleene::UNDEFINED.when(self.undefined));
        match test {
            Test::Missing => {
                Kleene::FALSE.when(self.known).or_else(Kleene::TRUE.when(self.open || self.missing || self.undefined))
            }
            Test::Compare(op, Operand::Constant(Constant::Number(number))) => {
                self.compare(*op, Self::of(Interval::point(*number)))
            }
            Test::In(members) => {
                let number = |member: &Constant| match member {
                    Constant::Number(number) => Some(self.compare(Compare::Equal, Self::of(Interval::point(*number)))),
                    _ => None,
                };
                members.iter().filter_map(number).fold(Kleene::FALSE, Kleene::or).or_else(lacks)
            }
            _ => Kleene::ANY,
        }
    }
}

impl<'l> Look<'l, '_, '_> {
    /// What a score can be.
    pub(super) fn score(&self, score: &Score) -> Total {
        self.sum(score).cut(score.low, score.high)
    }

    fn sum(&self, score: &Score) -> Total {
        let nothing = Total::of(Interval::point(Decimal::ZERO));
        score.lines.iter().map(|line| self.line(line)).fold(nothing, Total::add)
    }

    /// Whether a score stays between two ends by itself.
    pub(super) fn is_uncut(&self, score: &Score, (low, high): (Option<Decimal>, Option<Decimal>)) -> bool {
        let sum = self.sum(score);
        let above =
            low.is_none_or(|low| [sum.low.low, sum.high.low].iter().all(|own| own.is_some_and(|own| low <= own)));
        let below =
            high.is_none_or(|high| [sum.low.high, sum.high.high].iter().all(|own| own.is_some_and(|own| own <= high)));
        above && below && !sum.vague
    }

    /// What a line gives, with its weight.
    pub(super) fn line(&self, line: &ScoreLine) -> Total {
        let fixed = !self.line_hangs(line) || self.is_as_given(line);
        let points = if fixed { self.fixed_line(line) } else { self.open_line(line) };
        match line.weight {
            Some(weight) => {
                let weighted = points.map(|ends| ends.multiply(Interval::point(weight)));
                if weight.is_sign_negative() {
                    Total { low: weighted.high, high: weighted.low, ..weighted }
                } else {
                    weighted
                }
            }
            None => points,
        }
    }

    fn line_hangs(&self, line: &ScoreLine) -> bool {
        let bin =
            |bin: &Bin| self.scene.hangs(bin.points) || bin.condition.is_some_and(|node| self.scene.node_hangs(node));
        self.scene.hangs(line.value) || line.bins.iter().any(bin)
    }

    /// Whether the region leaves everything on which a line hangs as the customer has it: missing.
    fn is_as_given(&self, line: &ScoreLine) -> bool {
        let plan = self.scene.plan;
        let lacks = |variable: usize| self.region.place(variable).is_some_and(Place::is_missing);
        let is_given = |root: Root| {
            let (facts, all) = plan.facts_of(root, PARTS);
            all && facts.iter().all(|fact| match self.source(*fact) {
                Source::Variable(variable) | Source::Defaulted(variable) => {
                    lacks(variable) && matches!(self.scene.machine.fact(*fact), Val::Missing)
                }
                Source::Computed(value) => !self.scene.hangs(value),
                Source::Fixed => (*fact as usize) < plan.slots().len(),
            })
        };
        if !self.value(line.value).missing || self.value(line.value).can_be_known() {
            return false;
        }
        let bins = line
            .bins
            .iter()
            .flat_map(|bin| [Some(Root::Value(bin.points)), bin.condition.map(Root::Condition)].into_iter().flatten());
        is_given(Root::Value(line.value)) && bins.into_iter().all(is_given)
    }

    fn fixed_line(&self, line: &ScoreLine) -> Total {
        let points = self.scene.machine.line(line, &mut ()).points;
        points.map_or(Total { undefined: true, ..Total::NOTHING }, Total::between)
    }

    fn open_line(&self, line: &ScoreLine) -> Total {
        let value = self.value(line.value);
        if line.bins.is_empty() {
            return self.points(line.value);
        }
        let mut total = Total::NOTHING;
        let missing = line.bins.iter().find(|bin| bin.missing);
        if value.undefined {
            total =
                total.join(missing.map_or(Total { undefined: true, ..Total::NOTHING }, |bin| self.points(bin.points)));
        }
        if value.missing {
            total = total.join(match missing {
                Some(bin) => self.points(bin.points),
                // Every bin may be the one that fits.
                None => self.any_bin(line),
            });
        }
        if value.can_be_known() { total.join(self.fitting(line)) } else { total }
    }

    /// The points of the bins that can be the first to fit a known value.
    fn fitting(&self, line: &ScoreLine) -> Total {
        let mut total = Total::NOTHING;
        for bin in line.bins.iter().filter(|bin| !bin.missing) {
            let truth = bin.condition.map_or(Kleene::TRUE, |condition| self.truth(condition));
            if truth.can_be(Kleene::TRUE) {
                total = total.join(self.points(bin.points));
            }
            if truth.can_be(Kleene::MISSING) {
                total = total.join(self.any_bin(line));
            }
            // That the value itself is unknown was looked at before.
            if !truth.can_be(Kleene::FALSE) && !truth.can_be(Kleene::UNDEFINED) {
                return total;
            }
        }
        Total { undefined: true, ..total }
    }

    /// The line is open between the ends of the bins that a missing value may come to fit.
    fn any_bin(&self, line: &ScoreLine) -> Total {
        let plain = match self.scene.plan.expr(line.value) {
            Expr::Aggregate(_) => false,
            Expr::Let(at) => matches!(self.scene.plan.lets().get(*at as usize), Some(Root::Value(_))),
            _ => true,
        };
        let fits = |at: u32| !plain || line.open.bins.contains(&at);
        let bins = (0..).zip(&line.bins).filter(|(at, _)| fits(*at)).map(|(_, bin)| self.points(bin.points));
        let all = bins.fold(Total::NOTHING, Total::join);
        let (low, high) = (all.low.hull(all.high), all.low.hull(all.high));
        let constant = line.bins.iter().all(|bin| !self.scene.hangs(bin.points)) && !all.open && !all.undefined;
        let none = line.open.none || line.open.undefined;
        match all.is_nothing() {
            false if plain && constant && !none => Total::between(low),
            _ => Total { low, high, known: false, open: true, undefined: true, vague: true, ..all },
        }
    }

    fn points(&self, points: ExprId) -> Total {
        if let Some(total) = self.total_of(points) {
            return total;
        }
        let seen = self.value(points);
        let total = seen.number().map_or(Total::NOTHING, Total::of);
        let total = Total { undefined: total.undefined || seen.undefined, ..total };
        if !seen.missing {
            return total;
        }
        // What is missing may be any number that it could become.
        let ends = self.wide(points, super::look::DEPTH);
        let (ends, single) = ends.unwrap_or((Interval { undefined: true, ..Interval::ANY }, false));
        if single && !total.known && !total.undefined {
            return Total::between(ends);
        }
        let plain = Interval { undefined: false, ..ends };
        Total { low: plain, high: plain, open: true, vague: true, ..total }
    }

    /// What a number could become, where everything that is missing became known; and whether that is so for all customers
    /// of the region alike.
    fn wide(&self, id: ExprId, depth: usize) -> Option<(Interval, bool)> {
        let depth = depth.checked_sub(1)?;
        self.burn()?;
        let plan = self.scene.plan;
        if !self.scene.hangs(id) {
            return self.scene.machine.interval(id).map(|ends| (ends, true));
        }
        let variable = |source: Source| {
            let Source::Variable(variable) = source else { return None };
            let place = self.region.place(variable)?;
            let whole = self.space.start.get(variable)?;
            let ends = |place: &Place| match (&place.room, &self.space.variables.get(variable)?.kind) {
                (Room::Span(low, high), Kind::Numbers(places)) => Some(interval(*low, *high, *places)),
                _ => None,
            };
            if place.is_missing() {
                Some((ends(whole)?, true))
            } else {
                let own = if place.missing { ends(whole)? } else { ends(place)? };
                Some((own, own.single().is_some()))
            }
        };
        match plan.expr(id) {
            Expr::Fact(slot) => variable(self.source(*slot)),
            Expr::Aggregate(at) => variable(self.scene.aggregate(*at)),
            Expr::Let(at) => match plan.lets().get(*at as usize)? {
                Root::Value(value) => self.wide(*value, depth),
                _ => None,
            },
            Expr::Unary(op, inner) => {
                let (ends, single) = self.wide(*inner, depth)?;
                Some((Seen::of(Known::Number(ends)).unary(*op).number()?, single))
            }
            Expr::Chain(first, rest) => {
                let (mut ends, mut single) = self.wide(*first, depth)?;
                for (op, part) in rest {
                    let (other, alike) = self.wide(*part, depth)?;
                    let seen = Seen::of(Known::Number(ends)).binary(*op, Seen::of(Known::Number(other)));
                    ends = Interval { undefined: seen.undefined, ..seen.number()? };
                    single &= alike;
                }
                Some((ends, single))
            }
            _ => None,
        }
    }

    /// The sum of the lines of a score before it is cut off at its ends, where every line has settled on its bin.
    pub(super) fn sum_of_lines(&self, score: &Score, depth: usize) -> Option<Linear> {
        score.lines.iter().try_fold(Linear::constant(Ratio::ZERO), |sum, line| {
            let own = self.linear_at(self.chosen(line)?, depth)?;
            let weight = line.weight.map_or(Some(Ratio::ONE), Ratio::of)?;
            sum.add(&own.scale(weight)?)
        })
    }

    /// A score as a sum of variables, where it stays inside of its ends.
    pub(super) fn linear_score(&self, score: &Score, depth: usize) -> Option<Linear> {
        let total = self.score(score);
        let least = score.low.is_none_or(|low| total.low.low.is_some_and(|least| least > low));
        let most = score.high.is_none_or(|high| total.high.high.is_some_and(|most| most < high));
        if least && most { self.sum_of_lines(score, depth) } else { None }
    }

    /// The value whose points a line gives, where that is settled.
    fn chosen(&self, line: &ScoreLine) -> Option<ExprId> {
        if line.bins.is_empty() {
            return Some(line.value);
        }
        let value = self.value(line.value);
        if value.missing || value.undefined {
            return line.bins.iter().find(|bin| bin.missing && !value.can_be_known()).map(|bin| bin.points);
        }
        for bin in line.bins.iter().filter(|bin| !bin.missing) {
            match bin.condition.map_or(Kleene::TRUE, |condition| self.truth(condition)) {
                Kleene::TRUE => return Some(bin.points),
                Kleene::FALSE => {}
                _ => return None,
            }
        }
        None
    }

    /// What a segment can be: the first line that is true. A line without a result does not fit.
    pub(super) fn segment(&self, segment: &Segment) -> Seen<'l> {
        let count = segment.lines.iter().map(|line| line.member as usize + 1).max().unwrap_or(0);
        let mut members = Bits::none(count);
        let mut missing = false;
        let seen = |members: Bits, missing: bool, undefined: bool| {
            let known = if members.is_empty() { Known::Nothing } else { Known::Members(members) };
            Seen { known, missing, undefined }
        };
        for line in &segment.lines {
            let truth = line.condition.map_or(Kleene::TRUE, |condition| self.truth(condition));
            if truth.can_be(Kleene::TRUE) {
                members.insert(line.member as usize);
            }
            missing |= truth.can_be(Kleene::MISSING);
            // What only something missing leaves open may be true.
            if truth.is_within(Kleene::TRUE.or_else(Kleene::MISSING)) {
                return seen(members, missing, false);
            }
        }
        seen(members, missing, true)
    }
}
