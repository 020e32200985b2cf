//! The lines of one statement: one where it fits, else broken at its loosest signs, then inside them.
//!
//! Lines that the author broke are broken further only where they are too long and before the `=>` of a condition on
//! several lines, and every line that comes out is one that would stay as it is: so a laid out text keeps its layout. No
//! rule may tell the author's breaks from the layout's own, since the next pass cannot.

use super::super::cut::is_infix;
use super::super::scan::Kind;
use super::WIDTH;
use super::align::Line;
use super::pieces::{Level, Pieces};
use crate::source::width;

/// Columns by which a line is moved in.
const STEP: usize = 4;

/// No line is moved in further, so that brackets cannot blow up a text.
const DEEPEST: usize = 60;

/// Bins stand under the first of a line up to this column.
const UNDER: usize = 48;

/// Lays out a statement, or an entry of a block that is so far moved in.
pub(super) fn lines(pieces: &Pieces, base: usize) -> Vec<Line> {
    let mut ends = Vec::with_capacity(pieces.all.len() + 1);
    let mut end = 0;
    for piece in &pieces.all {
        ends.push(end);
        end += width(&piece.written()) + usize::from(!piece.glued);
    }
    ends.push(end);
    let mut layout = Layout { pieces, ends, base, hanging: None, open: Vec::new(), lines: Vec::new() };
    let count = pieces.all.len();
    let starts = layout.starts();
    let mut ranges = Vec::new();
    push(&mut ranges, &starts, count);
    // `=>` has a line of its own once a line has begun in the condition, whoever broke it. A break behind the name, or
    // inside brackets only, leaves the condition on one line.
    let arrow = pieces.top(0, count).find(|at| pieces.kind(*at) == Some(Kind::Arrow) && pieces.bins.is_none());
    let condition = if pieces.kind(1) == Some(Kind::Colon) { 2 } else { 0 };
    let colon = pieces.top(0, count).find(|at| pieces.kind(*at) == Some(Kind::Colon)).map(|at| at + 1);
    let breaks: Vec<usize> = arrow.into_iter().chain(colon).filter(|_| pieces.case).collect();
    let mut broken = false;
    while let Some((from, to)) = ranges.pop() {
        broken |= from > condition && layout.open.is_empty();
        let cuts = match arrow.filter(|arrow| broken && from < *arrow && *arrow < to) {
            Some(arrow) => vec![arrow],
            None if layout.fits(from, to, layout.indent(from, layout.open.len())) => Vec::new(),
            // The facts of a test stand on a line of their own before they are broken, and so does what is expected.
            None => match breaks.iter().find(|at| from < **at && **at < to) {
                Some(at) => vec![*at],
                None => layout.cuts(from, to),
            },
        };
        if cuts.is_empty() {
            layout.emit(from, to);
        } else {
            let starts: Vec<usize> = std::iter::once(from).chain(cuts).collect();
            push(&mut ranges, &starts, to);
        }
    }
    layout.lines
}

/// Puts ranges on the stack, the first on top.
fn push(ranges: &mut Vec<(usize, usize)>, starts: &[usize], end: usize) {
    let mut to = end;
    for from in starts.iter().rev() {
        ranges.push((*from, to));
        to = *from;
    }
}

struct Layout<'p> {
    pieces: &'p Pieces,
    /// The column behind the pieces before each, all on one line.
    ends: Vec<usize>,
    /// How far the first line is moved in.
    base: usize,
    /// How far bins are moved in that have lines of their own.
    hanging: Option<usize>,
    /// The open brackets: how far the line is moved in that opened it, and what stands in it.
    open: Vec<(usize, Level)>,
    lines: Vec<Line>,
}

impl Layout<'_> {
    /// Where lines begin whatever their width: where the author broke them. Bins that do not stand on one line have one
    /// each: under the first where nothing else is broken, else from a line of their own on.
    fn starts(&mut self) -> Vec<usize> {
        let count = self.pieces.all.len();
        let breaks = (1..count).filter(|at| self.pieces.breaks.get(*at).copied().unwrap_or_default());
        let mut starts: Vec<usize> = std::iter::once(0).chain(breaks).collect();
        let Some(bins) = self.pieces.bins else { return starts };
        if starts.len() == 1 && self.fits(0, count, self.base) {
            return starts;
        }
        let commas = self.pieces.top(bins, count).filter(|at| self.pieces.kind(*at) == Some(Kind::Comma));
        let mut bounds: Vec<usize> = commas.map(|comma| comma + 1).chain(self.pieces.weight).collect();
        let indent = self.base + self.width(0, bins) + 1;
        // From here on the last bin has a comma where a weight follows.
        self.hanging = Some(indent);
        let from = std::iter::once(bins).chain(bounds.iter().copied());
        let mut lines = from.zip(bounds.iter().copied().chain([count]));
        let own = |at: &usize| *at == 0 || bounds.binary_search(at).is_ok();
        let under = indent <= UNDER && starts.iter().all(own) && lines.all(|(from, to)| self.fits(from, to, indent));
        if !under {
            self.hanging = Some(self.base + STEP);
            bounds.push(bins);
        }
        starts.extend(bounds);
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// How far a bin is moved in that begins a line with piece `at`, and whether it begins there.
    fn bin(&self, at: usize) -> Option<(usize, bool)> {
        let bins = self.pieces.bins.filter(|bins| *bins <= at)?;
        let comma = at.checked_sub(1).is_some_and(|before| self.pieces.kind(before) == Some(Kind::Comma));
        Some((self.hanging?, at == bins || comma || self.pieces.weight == Some(at)))
    }

    fn width(&self, from: usize, to: usize) -> usize {
        let column = |at: usize| self.ends.get(at).copied().unwrap_or_default();
        let blank = self.pieces.all.get(from).is_some_and(|piece| !piece.glued);
        (column(to) - column(from)).saturating_sub(usize::from(blank))
    }

    fn fits(&self, from: usize, to: usize, indent: usize) -> bool {
        indent + self.width(from, to) + usize::from(self.comma_at(to)) <= WIDTH
    }

    /// Whether a line that ends at `at` gets a comma: where it is the last of a list, or the last bin before a weight.
    fn comma_at(&self, at: usize) -> bool {
        if self.hanging.is_some() && self.pieces.weight == Some(at) {
            return true;
        }
        let closes = self.pieces.all.get(at).filter(|piece| piece.kind == Kind::Close);
        let list = closes.and_then(|piece| self.pieces.all.get(piece.partner)).is_some_and(|open| open.level.list);
        list && at.checked_sub(1).is_some_and(|last| self.pieces.kind(last) != Some(Kind::Open))
    }

    /// How far a line is moved in that begins with piece `at`, in so many of the open brackets.
    fn indent(&self, at: usize, depth: usize) -> usize {
        let inner = depth.checked_sub(1).and_then(|depth| self.open.get(depth));
        if let (Some((base, _)), Some(Kind::Close)) = (inner, self.pieces.kind(at)) {
            return *base;
        }
        let (base, level) = inner.map_or((self.base, self.pieces.level), |(base, level)| (*base, *level));
        let bin = self.bin(at).filter(|_| inner.is_none());
        let base = bin.map_or(base, |(hanging, _)| hanging);
        let clause = self.pieces.all.get(at).is_some_and(|piece| piece.logic);
        let before = at.checked_sub(1).and_then(|before| self.pieces.kind(before));
        let within = inner.is_some() && level.list && !matches!(before, Some(Kind::Open | Kind::Comma));
        let first = inner.is_none() && (at == 0 || bin.is_some_and(|(_, begins)| begins) || self.pieces.is(at, "{"));
        let steps = usize::from(!first) + usize::from(level.choice && clause) + usize::from(within);
        (base + STEP * steps).min(DEEPEST)
    }

    fn emit(&mut self, from: usize, to: usize) {
        let indent = self.indent(from, self.open.len());
        let comma = if self.comma_at(to) { "," } else { "" };
        let text = format!("{:indent$}{}{comma}", "", self.pieces.flat(from, to));
        for piece in self.pieces.all.get(from..to).unwrap_or_default() {
            match piece.kind {
                Kind::Open => self.open.push((indent, piece.level)),
                Kind::Close => drop(self.open.pop()),
                _ => {}
            }
        }
        let gap = self.pieces.gap(to);
        let hangs = self.bin(from).is_some_and(|(indent, _)| indent != self.base + STEP);
        self.lines.push(Line { text, comment: gap.and_then(|gap| gap.behind.clone()), hangs });
        let closes = self.pieces.kind(to) == Some(Kind::Close);
        let indent = (self.indent(to, self.open.len()) + if closes { STEP } else { 0 }).min(DEEPEST);
        for own in gap.into_iter().flat_map(|gap| &gap.own) {
            let text = if own.is_empty() { String::new() } else { format!("{:indent$}{own}", "") };
            self.lines.push(Line::new(text, None));
        }
    }

    /// Where a range that does not fit is cut: at `else`, at `and` and `or`, at commas, at other signs, at brackets.
    fn cuts(&self, from: usize, to: usize) -> Vec<usize> {
        let top: Vec<usize> = self.pieces.top(from, to).collect();
        let steps = [Self::choice, Self::logic, Self::members, Self::signs, Self::words];
        steps.iter().map(|step| step(self, &top, to)).find(|cuts| !cuts.is_empty()).unwrap_or_default()
    }

    /// The arms of an `if`.
    fn choice(&self, top: &[usize], _: usize) -> Vec<usize> {
        if !top.iter().any(|at| self.pieces.is(*at, "if")) {
            return Vec::new();
        }
        let begins = |at: usize| {
            let before = at.checked_sub(1);
            let behind = |word: &str| before.is_some_and(|before| self.pieces.is(before, word));
            // A line does not go on with `if`, unless the one before ends open.
            (self.pieces.is(at, "else") && !self.pieces.trails(at))
                || before.is_some_and(|before| self.pieces.trails(before))
                || (self.pieces.is(at, "if") && !behind("else") && !behind("=>"))
                || self.pieces.kind(at) == Some(Kind::Arrow)
        };
        top.iter().skip(1).copied().filter(|at| begins(*at)).collect()
    }

    /// `and`, `or`, `then`, and the `=>` behind them.
    fn logic(&self, top: &[usize], _: usize) -> Vec<usize> {
        let logic = |at: usize| self.pieces.all.get(at).is_some_and(|piece| piece.logic);
        if !top.iter().any(|at| logic(*at)) {
            return Vec::new();
        }
        let cuts = top.iter().skip(1).copied();
        cuts.filter(|at| logic(*at) || self.pieces.kind(*at) == Some(Kind::Arrow)).collect()
    }

    /// The members of a list: as many on a line as fit where each is a single value, else one on each line.
    fn members(&self, top: &[usize], to: usize) -> Vec<usize> {
        let commas = top.iter().filter(|at| self.pieces.kind(**at) == Some(Kind::Comma));
        let gaps: Vec<usize> = commas.map(|comma| comma + 1).filter(|gap| *gap < to).collect();
        let from = top.first().copied().unwrap_or(to);
        if self.pieces.single_values(from, to) { self.greedy(from, &gaps, to) } else { gaps }
    }

    /// Comparisons and arithmetic. What is too long by itself is broken inside its brackets instead; `=>` and what stands
    /// behind a name or the `=` of a `let` get a line of their own first.
    fn signs(&self, top: &[usize], to: usize) -> Vec<usize> {
        let from = top.first().copied().unwrap_or(to);
        let loose: Vec<usize> = self.gaps_at(top, to, |sign| !matches!(sign, "*" | "/" | "??"));
        let gaps = if loose.is_empty() { self.gaps_at(top, to, |_| true) } else { loose };
        if let Some(cuts) = self.brackets(from, &gaps, to) {
            return cuts;
        }
        if let Some(arrow) = gaps.iter().find(|gap| self.pieces.kind(**gap) == Some(Kind::Arrow)) {
            return vec![*arrow];
        }
        let head =
            top.iter().find(|at| self.pieces.kind(**at) == Some(Kind::Colon) || self.pieces.binding == Some(**at));
        match head.map(|head| head + 1).filter(|rest| *rest < to && self.fits(*rest, to, self.base + STEP)) {
            Some(rest) => vec![rest],
            None => self.greedy(from, &gaps, to),
        }
    }

    /// The gaps before signs that begin a line; `-` ends one, since at the start of a line it would begin a statement.
    fn gaps_at(&self, top: &[usize], to: usize, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let mut gaps = Vec::new();
        for at in top.iter().skip(1).copied() {
            let Some(piece) = self.pieces.all.get(at) else { continue };
            let gap = match piece.kind {
                Kind::Arrow => at,
                Kind::Operator if self.pieces.binding == Some(at) => at + 1,
                Kind::Operator if !wanted(&piece.text) => continue,
                Kind::Operator if piece.text != "-" => at,
                // A sign in front is glued to what follows.
                Kind::Operator if self.pieces.all.get(at + 1).is_some_and(|next| !next.glued) => at + 1,
                _ => continue,
            };
            if gap < to {
                gaps.push(gap);
            }
        }
        gaps
    }

    /// As many parts on a line as fit; of a part that does not, the brackets are broken. `None` where none needs it.
    fn brackets(&self, from: usize, gaps: &[usize], to: usize) -> Option<Vec<usize>> {
        let mut cuts = Vec::new();
        let (mut line, mut indent) = (from, self.indent(from, self.open.len()));
        let mut opened = false;
        let mut start = from;
        for end in gaps.iter().copied().chain([to]) {
            let hanging = self.hanging(from, start);
            let alone = self.fits(start, end, hanging) || !self.fits(line, self.first_open(start, end), indent);
            if start > line && !self.fits(line, end, indent) && alone {
                cuts.push(start);
                (line, indent) = (start, hanging);
            }
            let mut at = start;
            while at < end && !self.fits(line, end, indent) {
                let behind = self.pieces.behind(at);
                // Up to the next brackets, where the line could be broken again.
                if behind > at + 2 && behind <= end && !self.fits(line, self.first_open(behind, end), indent) {
                    self.around(at, behind - 1, &mut cuts);
                    (line, opened) = (behind - 1, true);
                }
                at = behind;
            }
            start = end;
        }
        opened.then_some(cuts)
    }

    /// The place behind the next bracket that opens, or the end.
    fn first_open(&self, from: usize, to: usize) -> usize {
        (from..to).find(|at| self.pieces.behind(*at) > at + 2).map_or(to, |at| at + 1)
    }

    /// Cuts behind and before two brackets, and at the commas between them where a member is no single value.
    fn around(&self, open: usize, close: usize, cuts: &mut Vec<usize>) {
        cuts.push(open + 1);
        if !self.pieces.single_values(open + 1, close) {
            let inside = self.pieces.top(open + 1, close);
            cuts.extend(inside.filter(|at| self.pieces.kind(*at) == Some(Kind::Comma)).map(|comma| comma + 1));
        }
        cuts.push(close);
    }

    /// The last resort: words between operands, and the colon behind a name.
    fn words(&self, top: &[usize], to: usize) -> Vec<usize> {
        let from = top.first().copied().unwrap_or(to);
        let mut gaps = Vec::new();
        for at in top.iter().skip(1).copied() {
            let word =
                self.pieces.all.get(at).filter(|piece| piece.kind == Kind::Word).map_or("", |piece| &*piece.text);
            if (is_infix(word) && !self.pieces.is(at - 1, "not")) || word == "when" {
                gaps.push(at);
            }
            if self.pieces.kind(at) == Some(Kind::Colon) && at + 1 < to {
                gaps.push(at + 1);
            }
        }
        self.greedy(from, &gaps, to)
    }

    /// How far the lines behind the first of a range are moved in.
    fn hanging(&self, from: usize, at: usize) -> usize {
        let closed = usize::from(self.pieces.kind(from) == Some(Kind::Close));
        self.indent(at, self.open.len() - closed.min(self.open.len()))
    }

    /// Those of the gaps that leave as much on each line as fits.
    fn greedy(&self, from: usize, gaps: &[usize], to: usize) -> Vec<usize> {
        let mut cuts = Vec::new();
        let (mut start, mut last) = (from, from);
        let mut indent = self.indent(from, self.open.len());
        for gap in gaps.iter().copied().chain([to]) {
            if last > start && !self.fits(start, gap, indent) {
                cuts.push(last);
                start = last;
                indent = self.hanging(from, start);
            }
            last = gap;
        }
        cuts
    }
}
