//! Where the next word stands: what may be a keyword there.

use super::table::{Role, Row};

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// A statement, or an entry of a block.
    Start,
    /// A statement or an entry, behind its name.
    Named,
    /// A value or a name.
    Operand,
    /// What follows a value or a name.
    Infix,
    /// `missing` and `present`, behind `is`.
    Is,
    /// A window, or a value.
    Window,
    /// A bin of a score.
    Bin,
    /// The type of a field.
    Type,
    /// A cell of a table.
    Cell,
}

/// What stands directly before a place, where it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    Number,
    /// `last`, `this`, `previous`.
    Period,
    Contains,
    /// The name of a function.
    Function,
    /// The `(` of a function's argument.
    Argument,
    /// A text at the beginning.
    Label,
    /// The word `test`.
    Test,
    Arrow,
}

/// What is open inside one pair of brackets.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    between: usize,
    choices: usize,
    inside: usize,
    counts: usize,
    /// The block that the bracket opened.
    block: Option<&'static str>,
    table: bool,
}

/// The place of the next word.
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) before: Before,
    /// The word that began the statement; empty for a rule.
    statement: &'static str,
    table: bool,
    /// The `=>` of the statement is behind.
    expects: bool,
    brackets: Vec<Open>,
    outside: Open,
    /// The line goes on behind its end.
    pub(super) open: bool,
    /// Nothing stands on the line yet.
    pub(super) fresh: bool,
}

/// What a keyword's own text and neighbours say of its place.
#[derive(Clone, Copy)]
pub(super) struct Seen<'t> {
    /// It is no part of a longer word.
    pub(super) whole: bool,
    pub(super) chinese: bool,
    /// No blank stands before it.
    pub(super) tight: bool,
    /// What follows it.
    pub(super) behind: &'t str,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            position: Position::Start,
            before: Before::Nothing,
            statement: "",
            table: false,
            expects: false,
            brackets: Vec::new(),
            outside: Open::default(),
            open: false,
            fresh: true,
        }
    }

    fn inner(&self) -> &Open {
        self.brackets.last().unwrap_or(&self.outside)
    }

    fn inner_mut(&mut self) -> &mut Open {
        self.brackets.last_mut().unwrap_or(&mut self.outside)
    }

    fn block(&self) -> &'static str {
        self.brackets.iter().rev().take(1).find_map(|open| open.block).unwrap_or_default()
    }

    /// The innermost block, which other brackets may be open in.
    fn in_block(&self) -> &'static str {
        if self.brackets.first().is_some_and(|open| open.block.is_some()) { self.statement } else { "" }
    }

    /// A new statement, or a new entry of the block.
    pub(super) fn begin(&mut self) {
        while self.brackets.last().is_some_and(|open| open.block.is_none()) {
            self.brackets.pop();
        }
        self.before = Before::Nothing;
        self.open = false;
        self.position = match self.brackets.last_mut() {
            Some(open) => {
                *open = Open { block: open.block, table: open.table, ..Open::default() };
                if open.table { Position::Cell } else { Position::Start }
            }
            None => {
                (self.statement, self.table, self.outside) = ("", false, Open::default());
                self.expects = false;
                Position::Start
            }
        };
    }

    fn leads_to(&mut self, position: Position, before: Before) {
        self.before = before;
        self.fresh = false;
        if self.position != Position::Cell {
            self.position = position;
        }
    }

    /// A name, or a value of another kind.
    pub(super) fn value(&mut self, before: Before) {
        let label = before == Before::Label && !matches!(self.position, Position::Start);
        self.leads_to(Position::Infix, if label { Before::Nothing } else { before });
        self.open = false;
    }

    pub(super) fn operator(&mut self) {
        self.leads_to(Position::Operand, Before::Nothing);
        self.open = true;
    }

    pub(super) fn arrow(&mut self) {
        self.leads_to(Position::Operand, Before::Arrow);
        self.expects = self.brackets.is_empty();
        self.open = false;
    }

    pub(super) fn comma(&mut self) {
        self.leads_to(if self.block() == "score" { Position::Bin } else { Position::Operand }, Before::Nothing);
        self.open = true;
    }

    pub(super) fn colon(&mut self) {
        let outside = self.brackets.is_empty();
        let position = match (self.before, self.block()) {
            _ if outside && self.statement == "field" => Position::Type,
            (_, "collection") => Position::Type,
            (Before::Label, _) => Position::Named,
            (_, "score") => Position::Bin,
            _ => Position::Operand,
        };
        self.leads_to(position, Before::Nothing);
        self.open = true;
    }

    pub(super) fn bracket(&mut self, block: bool) {
        let table = block && self.table && self.brackets.is_empty();
        let name = if self.brackets.is_empty() { self.statement } else { "" };
        self.brackets.push(Open { block: block.then_some(name), table, ..Open::default() });
        let argument = self.before == Before::Function;
        self.position = if table { Position::Cell } else { Position::Operand };
        if block && !table {
            self.position = Position::Start;
        }
        self.before = if argument { Before::Argument } else { Before::Nothing };
        (self.open, self.fresh) = (true, false);
    }

    pub(super) fn close(&mut self) {
        self.brackets.pop();
        (self.position, self.before) = (Position::Infix, Before::Nothing);
        (self.open, self.fresh) = (false, false);
    }

    /// Whether a keyword may stand here.
    pub(super) fn fits(&self, row: &Row, seen: &Seen<'_>) -> bool {
        use Position::{Bin, Cell, Infix, Is, Named, Operand, Start, Type, Window};
        let at = self.position;
        let value = matches!(at, Start | Named | Operand | Window);
        if !seen.whole && !matches!(at, Infix | Is | Bin) && !self.runs_on(row.role, seen.behind) {
            return false;
        }
        match row.role {
            _ if at == Cell => match row.role {
                Role::Asked => seen.whole && row.english == "missing",
                // A cell of a table may be a member of any name; one of a test has a type.
                Role::Value | Role::Result => seen.whole && self.statement == "test",
                Role::Unit => self.before == Before::Number && seen.tight,
                _ => false,
            },
            Role::Not => value || at == Is,
            Role::Value | Role::If | Role::AtLeast => value,
            Role::Asked => value || matches!(at, Is | Bin),
            Role::Then | Role::When | Role::Where => at == Infix || value,
            Role::Else => !(seen.chinese && (self.fresh || at == Start)) && self.is_else(seen.behind),
            Role::Otherwise => at != Type,
            Role::Of => self.before == Before::Number && self.inner().counts > 0,
            Role::Middle => at == Infix && self.inner().between > 0,
            Role::Logic | Role::Infix | Role::Between | Role::Contains | Role::Compare | Role::Within => {
                at == Infix || at == Bin || value
            }
            Role::InWindow => (at == Infix || value) && begins_window(seen.behind),
            Role::Differs => matches!(at, Infix | Bin),
            Role::Quantifier => self.before == Before::Contains && blank_off(seen.behind).starts_with('('),
            Role::Question => at == Infix,
            Role::InfixNot => matches!(at, Infix | Bin),
            Role::IsNot => matches!(at, Infix | Bin) && asked(seen.behind),
            Role::Inside => at == Infix && self.inner().inside > 0,
            Role::Unit => (self.before == Before::Number && at == Infix) || self.before == Before::Period,
            Role::Window | Role::WholeWindow => value,
            Role::Since => at == Window,
            Role::Type | Role::TypeOf => at == Type,
            Role::Option | Role::Flag => at == Infix && self.has_types(),
            Role::Function => (value || at == Bin) && seen.behind.starts_with('('),
            Role::Collection => self.before == Before::Argument,
            Role::Statement => self.begins(row.english, seen.behind),
            Role::Whole => at == Start && ends(seen.behind),
            Role::Clause(statement) => {
                self.statement == statement && (at == Infix || (at == Bin && row.english == "weight"))
            }
            Role::Result if self.statement != "test" => false,
            // `可能 (金卡, 无)` too.
            Role::Result => {
                self.before == Before::Arrow || (self.expects && row.english == "none" && !self.brackets.is_empty())
            }
            Role::Status => at == Start && self.block() == "status",
            Role::StatusClause => at == Infix && self.in_block() == "status",
            Role::Misses => self.before == Before::Number && self.in_block() == "status",
        }
    }

    /// Whether a keyword is one here whatever follows, although a name could stand here.
    fn runs_on(&self, role: Role, behind: &str) -> bool {
        match role {
            Role::Window | Role::WholeWindow => self.position == Position::Window && follows_window(role, behind),
            Role::Since => self.position == Position::Window && behind.starts_with(|c: char| c.is_ascii_digit()),
            Role::Unit => matches!(self.before, Before::Period | Before::Number),
            Role::Collection => self.before == Before::Argument && behind.starts_with('.'),
            Role::Status => self.position == Position::Start && self.block() == "status",
            _ => false,
        }
    }

    fn is_else(&self, behind: &str) -> bool {
        let rule = blank_off(behind).starts_with("=>") || self.before == Before::Arrow;
        self.inner().choices > 0 || !rule
    }

    fn has_types(&self) -> bool {
        matches!(self.statement, "field" | "collection")
    }

    /// Whether a statement word begins its statement.
    fn begins(&self, word: &str, behind: &str) -> bool {
        if self.before == Before::Test && word == "table" {
            return true;
        }
        let here = match self.position {
            Position::Start => self.brackets.len() <= 1,
            Position::Named => self.brackets.is_empty() && matches!(word, "cap" | "floor"),
            _ => false,
        };
        let next = blank_off(behind);
        here && match word {
            "status" => next.starts_with('{'),
            "assume" => {
                !ends(behind) && !next.starts_with(['.', '=', '<', '>', '!', '+', '*', '/', '?']) && !infix(next)
            }
            _ => next.starts_with(['"', '“']) || (next.len() < behind.len() && super::reader::begins_name(next)),
        }
    }

    /// Goes on behind a keyword that fits.
    pub(super) fn take(&mut self, row: &Row, chinese: bool) {
        use Position::{Infix, Is, Operand, Window};
        let at = self.position;
        self.count(row, chinese);
        let position = match row.role {
            Role::Not if at == Is => Is,
            Role::InfixNot => Infix,
            Role::IsNot => Is,
            Role::Within | Role::InWindow if chinese => Window,
            Role::InWindow | Role::Window => Window,
            Role::Value | Role::Asked | Role::Otherwise | Role::Question | Role::Inside | Role::Unit => Infix,
            Role::WholeWindow | Role::Type | Role::Flag | Role::Collection | Role::Whole | Role::Result => Infix,
            Role::Misses => Infix,
            Role::Status if !matches!(row.english, "keep" | "valid for") => Infix,
            Role::Clause(_) if row.english == "certain" => Infix,
            Role::TypeOf if row.english == "set of" => Position::Type,
            Role::Statement if row.english == "status" => Infix,
            _ => Operand,
        };
        let before = match row.role {
            Role::Contains => Before::Contains,
            Role::Window => Before::Period,
            Role::Function => Before::Function,
            Role::Statement if row.english == "test" => Before::Test,
            _ => Before::Nothing,
        };
        self.leads_to(position, before);
        self.open = row.role.leaves_open();
    }

    fn count(&mut self, row: &Row, chinese: bool) {
        if row.role == Role::Statement {
            if self.before == Before::Test {
                self.table = true;
                return;
            }
            if self.position == Position::Start {
                // A block that is not closed ends before the next statement.
                self.brackets.clear();
            }
            (self.statement, self.table) = (row.english, row.english == "table");
        }
        let open = self.inner_mut();
        match row.role {
            Role::If => open.choices += 1,
            Role::Else => open.choices = open.choices.saturating_sub(1),
            Role::AtLeast => open.counts += 1,
            Role::Of => open.counts -= 1,
            Role::Between => open.between += 1,
            Role::Middle => open.between -= 1,
            Role::Within | Role::InWindow if chinese => open.inside += 1,
            Role::Inside => open.inside -= 1,
            Role::Logic => open.inside = 0,
            _ => {}
        }
    }

    /// Goes on behind `is` alone.
    pub(super) fn is(&mut self) {
        self.leads_to(Position::Is, Before::Nothing);
        self.open = true;
    }
}

pub(super) fn blank_off(text: &str) -> &str {
    text.trim_start_matches(super::super::literal::is_blank)
}

/// Whether nothing more stands on the line.
fn ends(behind: &str) -> bool {
    let next = blank_off(behind);
    next.is_empty() || next.starts_with(['\n', '\r', ';', '#'])
}

/// Whether a word between two operands follows.
fn infix(next: &str) -> bool {
    let Some(word) = super::reader::first_word(next) else { return false };
    let infix = |row: &&Row| match row.role {
        Role::IsNot => next.get(word.len()..).is_some_and(asked),
        role => role.joins_from_the_start(),
    };
    let rows = word.chars().next().map_or(&[][..], super::table::beginning_with);
    super::super::cut::is_infix(word) || rows.iter().any(|row| row.chinese == word && infix(row))
}

fn asked(behind: &str) -> bool {
    let next = blank_off(behind);
    ["缺失", "存在", "missing", "present"].iter().any(|word| next.starts_with(word))
}

/// Whether a window follows, not a duration: `最近 30 天`, `this year`, `2026-01-01..2026-03-31`.
fn begins_window(behind: &str) -> bool {
    let next = blank_off(behind);
    let Some(first) = next.chars().next() else { return false };
    if let Some((length, _)) = super::super::text::date_attempt(next) {
        return next.get(length..).is_some_and(|rest| rest.starts_with(".."));
    }
    let Some(word) = super::reader::first_word(next) else { return false };
    if matches!(word, "last" | "this" | "previous" | "since") {
        return true;
    }
    super::table::beginning_with(first).iter().any(|row| {
        let behind = next.strip_prefix(row.chinese);
        behind.is_some_and(|behind| {
            let whole = row.chinese.len() == word.len();
            match row.role {
                Role::Since => whole || behind.starts_with(|c: char| c.is_ascii_digit()),
                Role::Window | Role::WholeWindow => whole || follows_window(row.role, behind),
                _ => false,
            }
        })
    })
}

/// Whether what follows tightly makes a word a window: a number or a unit; the end of the window behind a whole one.
fn follows_window(role: Role, behind: &str) -> bool {
    let Some(c) = behind.chars().next() else { return true };
    let wanted = if role == Role::Window { Role::Unit } else { Role::Inside };
    let rows = super::table::beginning_with(c);
    (role == Role::Window && c.is_ascii_digit())
        || rows.iter().any(|row| row.role == wanted && behind.starts_with(row.chinese))
}
