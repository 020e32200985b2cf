//! Scores, segments, tables and benefits for generated policies.
//!
//! What an open line of a score can give is found by the plan from its bins and by the reference from values that it
//! tries. Both are right where they differ, so these shapes are left out: a bin that compares with another fact, a
//! part of a text or a set in front of other bins; a line over a calculation that has a narrower range than its type;
//! points that name one fact twice or divide by a fact; and cuts that lie closer together than the steps that are tried.

use super::{Generator, LENGTHS};

const CUTS: [&str; 10] = ["0", "1", "2", "5", "10", "99", "0.5", "2.5", "1_000", "-5"];
const POINTS: [&str; 10] = ["10", "5", "0", "20", "1", "-5", "2.5", "40", "-0.5", "15"];
const WEIGHTS: [&str; 6] = ["40%", "0.5", "-50%", "2", "0", "150%"];
const MEMBERS: [&str; 5] = ["gold", "silver", "bronze", "red", "\"not yet\""];
const COLORS: [&str; 3] = ["red", "green", "\"dark blue\""];
const WORDS: [&str; 3] = ["\"vip\"", "\"north\"", "\"Straße\""];

/// What was declared, by name.
#[derive(Default)]
pub(super) struct Blocks {
    pub(super) scores: Vec<String>,
    /// With their members.
    pub(super) segments: Vec<(String, Vec<&'static str>)>,
    /// Columns with their kind, the name of the table in front.
    pub(super) columns: Vec<(String, Column)>,
    tables: usize,
    aliases: usize,
}

impl Blocks {
    pub(super) fn is_empty(&self) -> bool {
        self.scores.is_empty() && self.segments.is_empty() && self.columns.is_empty()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Number,
    Date,
    Length,
    Text,
    Boolean,
    Member,
}

impl Generator<'_, '_> {
    /// Declares up to six of them, each a statement of its own; later ones use earlier ones.
    pub(super) fn blocks(&mut self, statements: &mut Vec<String>) {
        for _ in 0..self.dice.roll(7) {
            let statement = match self.dice.roll(7) {
                0..=2 => self.score(),
                3 | 4 => self.segment(),
                5 => self.table(),
                _ if !self.blocks.scores.is_empty() => self.alias(),
                _ => self.table(),
            };
            statements.push(statement);
        }
    }

    /// A let that is but another name for a score.
    fn alias(&mut self) -> String {
        let name = format!("z{}", self.blocks.aliases);
        let text = format!("let {name} = {}\n", self.any_score());
        self.blocks.aliases += 1;
        self.blocks.scores.push(name);
        text
    }

    fn any_score(&mut self) -> String {
        let at = self.dice.roll(self.blocks.scores.len());
        self.blocks.scores[at].clone()
    }

    /// A column of a kind, where there is one.
    pub(super) fn column(&mut self, kind: Column) -> Option<String> {
        let all: Vec<&String> =
            self.blocks.columns.iter().filter(|(_, known)| *known == kind).map(|(name, _)| name).collect();
        let at = self.dice.roll(all.len());
        all.get(at).map(|name| (*name).clone())
    }

    fn score(&mut self) -> String {
        let name = format!("v{}", self.blocks.scores.len());
        let mut text = format!("score {name} {{\n");
        for at in 0..1 + self.dice.roll(6) {
            if self.dice.roll(4) == 0 {
                text += &format!("\"line {at}\": ");
            }
            if self.dice.roll(6) == 0 {
                text += &self.points();
            } else {
                let (subject, bins) = self.subject();
                text += &format!("{subject}: {bins}");
            }
            if self.dice.roll(4) == 0 {
                text += &format!(" weight {}", self.dice.pick(&WEIGHTS));
            }
            text.push('\n');
        }
        text.push('}');
        text += self.dice.pick(&["", "", " min 0", " max 30", " min -10 max 20"]);
        text.push('\n');
        self.blocks.scores.push(name);
        text
    }

    fn points(&mut self) -> String {
        match self.dice.roll(14) {
            0 => self.dice.pick(&["n / 1000", "n * 2", "n + 5", "5 - n"]).into(),
            1 => self.dice.pick(&["i / 2", "i * 2", "i - 10", "-i"]).into(),
            2 => self.dice.pick(&["r + 1", "abs(r)", "min(r, 10)", "max(0, r)", "floor(r)", "r"]).into(),
            3 if !self.blocks.scores.is_empty() => self.any_score(),
            4 => self.column(Column::Number).unwrap_or("o".into()),
            _ => self.dice.pick(&POINTS).into(),
        }
    }

    /// What a line looks at, and its bins.
    fn subject(&mut self) -> (String, String) {
        let (subject, kind) = match self.dice.roll(13) {
            0 => ("n".to_owned(), Column::Number),
            1 => ("i".into(), Column::Number),
            2 => ("r".into(), Column::Number),
            3 => (self.dice.pick(&["m", "w"]).to_owned(), Column::Number),
            4 => (self.dice.pick(&["d", "e"]).to_owned(), Column::Date),
            5 => (self.dice.pick(&["t", "u"]).to_owned(), Column::Text),
            6 => (self.dice.pick(&["b", "c"]).to_owned(), Column::Boolean),
            7 => ("k".into(), Column::Member),
            8 => return ("s".into(), self.part_bins("s")),
            9 if !self.blocks.segments.is_empty() => {
                let at = self.dice.roll(self.blocks.segments.len());
                let (name, members) = self.blocks.segments[at].clone();
                return (name, self.bins(|it| it.among(&members)));
            }
            10 if self.numbers > 0 => (format!("x{}", self.dice.roll(self.numbers)), Column::Number),
            11 if !self.blocks.columns.is_empty() => {
                let at = self.dice.roll(self.blocks.columns.len());
                self.blocks.columns[at].clone()
            }
            12 if !self.blocks.scores.is_empty() => (self.any_score(), Column::Number),
            _ => ("i".into(), Column::Number),
        };
        let bins = match kind {
            Column::Number => self.bins(|it| it.number_bin()),
            Column::Date => self.bins(|it| it.date_bin()),
            // Lengths of time are compared with nothing.
            Column::Length => self.ends(vec!["present => 5".into()]),
            Column::Text if self.dice.roll(3) == 0 => self.part_bins(&subject),
            Column::Text => self.bins(|it| it.among(&WORDS)),
            Column::Boolean => self.bins(|it| it.dice.pick(&["= true", "= false", "!= true"]).to_owned()),
            // A column has the members of its cells alone.
            Column::Member if subject != "k" => self.bins(|it| it.among(&COLORS[..1])),
            Column::Member => self.bins(|it| it.among(&COLORS)),
        };
        (subject, bins)
    }

    fn number_bin(&mut self) -> String {
        let op = self.dice.pick(&[">=", ">", "<", "<=", "=", "!="]);
        let not = self.dice.pick(&["", "not "]);
        match self.dice.roll(6) {
            0 => format!("{not}in ({}, {})", self.dice.pick(&CUTS), self.dice.pick(&CUTS)),
            1 => {
                format!("{not}between {} and {}", self.dice.pick(&["0", "1", "2"]), self.dice.pick(&["5", "10", "99"]))
            }
            _ => format!("{op} {}", self.dice.pick(&CUTS)),
        }
    }

    fn date_bin(&mut self) -> String {
        let op = self.dice.pick(&[">=", ">", "<", "<=", "=", "!="]);
        format!("{op} {}", self.dice.pick(&["2026-03-31", "2026-02-28", "2025-12-31", "2020-01-01"]))
    }

    fn among(&mut self, members: &[&str]) -> String {
        let (a, b) = (self.dice.pick(members).to_owned(), self.dice.pick(members).to_owned());
        match self.dice.roll(4) {
            0 => format!("in ({a}, {b})"),
            1 => format!("not in ({a}, {b})"),
            2 => format!("!= {a}"),
            _ => format!("= {a}"),
        }
    }

    /// Up to four bins, one for what is missing, and `otherwise`.
    fn bins(&mut self, mut condition: impl FnMut(&mut Self) -> String) -> String {
        let mut bins = Vec::new();
        for _ in 0..1 + self.dice.roll(4) {
            bins.push(format!("{} => {}", condition(self), self.points()));
        }
        self.ends(bins)
    }

    fn part_bins(&mut self, subject: &str) -> String {
        let word = self.dice.pick(&WORDS[..2]);
        let form = match (subject, self.dice.roll(3)) {
            ("s", 0) => format!("contains any ({word}, \"Straße\")"),
            ("s", 1) => format!("contains all ({word}, \"Straße\")"),
            (_, 0) => format!("starts with {word}"),
            (_, 1) => format!("matches {word}"),
            _ => format!("contains {word}"),
        };
        let not = self.dice.pick(&["", "not "]);
        let bin = format!("{not}{form} => {}", self.points());
        self.ends(vec![bin])
    }

    fn ends(&mut self, mut bins: Vec<String>) -> String {
        if self.dice.roll(3) == 0 {
            let at = self.dice.roll(bins.len() + 1);
            let word = self.dice.pick(&["missing", "is missing"]);
            bins.insert(at, format!("{word} => {}", self.points()));
        }
        if self.dice.roll(3) > 0 {
            bins.push(format!("otherwise => {}", self.points()));
        }
        bins.join(", ")
    }

    fn segment(&mut self) -> String {
        let name = format!("g{}", self.blocks.segments.len());
        let mut text = format!("segment {name} {{\n");
        let mut members = Vec::new();
        for _ in 0..2 + self.dice.roll(4) {
            let condition = self.condition(2);
            let member = MEMBERS[self.dice.roll(MEMBERS.len())];
            text += &format!("{condition} => {member}\n");
            members.push(member);
        }
        if self.dice.roll(2) > 0 {
            let member = MEMBERS[self.dice.roll(MEMBERS.len())];
            text += &format!("otherwise => {member}\n");
            members.push(member);
        }
        members.sort_unstable();
        members.dedup();
        self.blocks.segments.push((name, members));
        text + "}\n"
    }

    fn table(&mut self) -> String {
        let name = format!("t{}", self.blocks.tables);
        self.blocks.tables += 1;
        let (key, keys): (String, Vec<&str>) = match self.dice.roll(5) {
            0 | 1 => ("k".into(), COLORS.to_vec()),
            2 => ("t".into(), vec!["\"\"", "\"vip\"", "\"north\"", "\"Straße\""]),
            3 if !self.blocks.segments.is_empty() => {
                let at = self.dice.roll(self.blocks.segments.len());
                self.blocks.segments[at].clone()
            }
            _ => (self.dice.pick(&["i", "n", "r"]).to_owned(), vec!["0", "1", "5", "2.5", "100", "99"]),
        };
        let all = [
            Column::Number,
            Column::Number,
            Column::Date,
            Column::Length,
            Column::Text,
            Column::Boolean,
            Column::Member,
        ];
        let columns: Vec<Column> = (0..1 + self.dice.roll(4)).map(|_| all[self.dice.roll(all.len())]).collect();
        let heads: String = (0..columns.len()).map(|at| format!(" c{at}")).collect();
        let mut text = format!("table {name} by {key} {{\n{key}{heads}\n");
        let mut first = true;
        for row in keys {
            if !first && self.dice.roll(4) == 0 {
                continue;
            }
            text += row;
            for kind in &columns {
                let cell = if !first && self.dice.roll(5) == 0 { "missing".into() } else { self.cell(*kind, first) };
                text += &format!(" {cell}");
            }
            text.push('\n');
            first = false;
        }
        for (at, kind) in columns.into_iter().enumerate() {
            self.blocks.columns.push((format!("{name}.c{at}"), kind));
        }
        text + "}\n"
    }

    /// The first row makes sure that a column of members has the one with which it is compared.
    fn cell(&mut self, kind: Column, first: bool) -> String {
        match kind {
            Column::Number => self.dice.pick(&CUTS).into(),
            Column::Date => self.dice.pick(&["2026-03-31", "2025-12-31", "2024-02-29"]).into(),
            Column::Length => self.dice.pick(&LENGTHS).replace(' ', ""),
            Column::Text => self.dice.pick(&WORDS).into(),
            Column::Boolean => self.dice.pick(&["true", "false"]).into(),
            Column::Member if first => "red".into(),
            Column::Member => self.dice.pick(&["red", "green"]).into(),
        }
    }

    /// A question about a score, a segment or a column.
    pub(super) fn block_question(&mut self) -> Option<String> {
        let inequality = self.dice.pick(&[">=", "<", ">", "<=", "=", "!="]);
        let not = self.dice.pick(&["", "not "]);
        match self.dice.roll(3) {
            0 if !self.blocks.scores.is_empty() => {
                let (score, points) = (self.any_score(), self.dice.pick(&POINTS));
                Some(match self.dice.roll(9) {
                    0 => format!(
                        "{score} {not}between {} and {}",
                        self.dice.pick(&["0", "5", "-5"]),
                        self.dice.pick(&["10", "30"])
                    ),
                    1 => {
                        format!("{score} {not}in ({points}, {}, {})", self.dice.pick(&POINTS), self.dice.pick(&POINTS))
                    }
                    2 => format!("{score} {inequality} {}", self.any_score()),
                    3 => format!("{score} is {not}missing"),
                    4 => format!("{points} <= {score} < {}", self.dice.pick(&["10", "20", "30", "n"])),
                    5 => format!("{score} {inequality} {}", self.dice.pick(&["n", "i", "(o + 1)", "r"])),
                    6 => format!("({score} + 1) {inequality} {points}"),
                    _ => format!("{score} {inequality} {points}"),
                })
            }
            1 if !self.blocks.segments.is_empty() => {
                let at = self.dice.roll(self.blocks.segments.len());
                let (name, members) = self.blocks.segments[at].clone();
                if self.dice.roll(4) == 0 {
                    return Some(format!("{name} is {not}missing"));
                }
                Some(format!("{name} {}", self.among(&members)))
            }
            _ if !self.blocks.columns.is_empty() => {
                let at = self.dice.roll(self.blocks.columns.len());
                let (column, kind) = self.blocks.columns[at].clone();
                if self.dice.roll(6) == 0 {
                    return Some(format!("{column} is {not}missing"));
                }
                Some(match kind {
                    Column::Number => {
                        let other = self.dice.pick(&["n", "i", "m", "w", "5", "(n + 1)", "r"]);
                        let stand_in = self.dice.pick(&["", "", " ?? 3"]);
                        format!("{other} {inequality} ({column}{stand_in})")
                    }
                    Column::Date => {
                        format!("{column} {inequality} {}", self.dice.pick(&["d", "e", "2026-01-01", "today"]))
                    }
                    Column::Length => format!("d within {column}"),
                    Column::Text => self.dice.pick(&["t = ", "u contains "]).to_owned() + &column,
                    Column::Boolean => format!("{column}{}", self.dice.pick(&["", " = true", " ?? false"])),
                    Column::Member => format!("{column} = {}", self.dice.pick(&["red", "k"])),
                })
            }
            _ => None,
        }
    }

    /// Benefits of up to four tiers; a key has one type everywhere.
    pub(super) fn benefits(&mut self, statements: &mut Vec<String>) {
        if self.dice.roll(3) != 0 {
            return;
        }
        for tier in ["A", "B", "C", "D"] {
            if self.dice.roll(4) == 0 {
                continue;
            }
            let mut entries = vec![format!("discount: {}", self.dice.pick(&["10%", "5%", "n / i", "0"]))];
            let other: [(&str, &[&str]); 8] = [
                ("response", &["4 hours", "30 minutes", "2 days", "1 month"]),
                ("manager", &["\"dedicated\"", "\"say \\\"hello\\\"\"", "t"]),
                ("since", &["2026-01-01", "d", "d + 1 month"]),
                ("lounge", &["true", "b", "false"]),
                ("color", &["k"]),
                ("credit", &["m", "w * 2", "m / 3"]),
                ("points_left", &["i - 100", "-5", "o"]),
                ("large", &["i > 5", "true"]),
            ];
            for (key, values) in other {
                if self.dice.roll(2) == 0 {
                    entries.push(format!("{key}: {}", self.dice.pick(values)));
                }
            }
            if self.dice.roll(3) == 0 && !self.blocks.scores.is_empty() {
                let score = self.any_score();
                entries.push(format!("value: {score}"));
            }
            let at = self.dice.roll(entries.len());
            entries.rotate_left(at);
            let between = self.dice.pick(&[", ", "\n"]);
            statements.push(format!("benefits {tier} {{ {} }}\n", entries.join(between)));
        }
    }
}
