//! A policy in another layout: blanks, line breaks, comments, spellings and line ends at random, wherever they may stand.

use crate::generate::Dice;
use crate::lexer::{Kind, Token, lex, may_break};

/// What was put in.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) inside: usize,
    pub(crate) behind: usize,
    pub(crate) own: usize,
    pub(crate) breaks: usize,
    /// Comments between the entries of blocks.
    pub(crate) entries: usize,
}

/// Comments that could be taken for something else.
const REMARKS: [&str; 6] = ["", " => B", " \"quoted", " # again", " 注释：（", " and `x"];

struct Scrambler<'d, 'a> {
    dice: &'d mut Dice<'a>,
    text: String,
    comments: bool,
    counts: Counts,
    statement: usize,
}

/// Lays a policy of one statement a line out anew; comments name the statement that they were attached to.
pub(crate) fn scramble(policy: &str, dice: &mut Dice<'_>, comments: bool) -> (String, Counts) {
    let ending = ["\n", "\r\n", "\r"][dice.roll(3)];
    let mut scrambler = Scrambler { dice, text: String::new(), comments, counts: Counts::default(), statement: 0 };
    if scrambler.dice.roll(4) == 1 {
        scrambler.text.push('\u{FEFF}');
    }
    for line in policy.lines() {
        scrambler.lines_of_their_own("before");
        let tokens = lex(line);
        scrambler.tokens(&tokens);
        scrambler.end();
        scrambler.statement += 1;
    }
    scrambler.lines_of_their_own("at the end");
    (scrambler.text.replace('\n', ending), scrambler.counts)
}

impl Scrambler<'_, '_> {
    fn comment(&mut self, place: &str) {
        let remark = REMARKS[self.dice.roll(REMARKS.len())];
        let sign = if self.dice.roll(5) == 1 { '＃' } else { '#' };
        let blanks = ["", "  ", "\t"][self.dice.roll(3)];
        self.text += &format!("{sign} {place} {}{remark}{blanks}\n", self.statement);
    }

    fn lines_of_their_own(&mut self, place: &str) {
        while self.comments && self.dice.roll(4) == 1 {
            if !self.text.is_empty() && !self.text.ends_with(['\n', '\u{FEFF}']) {
                self.text.push('\n');
            }
            if self.dice.roll(2) == 0 {
                self.text += "  \n";
            } else {
                self.counts.own += 1;
                self.comment(place);
            }
        }
    }

    fn end(&mut self) {
        match self.dice.roll(6) {
            1 => self.text += " ; ",
            2 => self.text += "；\n",
            3 if self.comments => {
                self.counts.behind += 1;
                self.comment("behind");
            }
            _ => self.text.push('\n'),
        }
    }

    fn tokens(&mut self, tokens: &[Token]) {
        let mut lists = Vec::new();
        let table = tokens[0].twin == "table";
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            // A range's sign belongs to its number, and so does that of a cell.
            let signed = matches!(&*tokens[0].twin, "field" | "table");
            let field = signed && before.is_some_and(|before| before.twin == "-");
            let braces = |token: &Token| matches!(&*token.twin, "{" | "}");
            // Benefits on one line stay there, which only comments change.
            let line = !self.comments && tokens[0].twin == "benefits";
            match before {
                Some(before) if before.kind == Kind::Semicolon => {}
                Some(_) if token.kind == Kind::Semicolon && !line => {
                    self.between();
                    continue;
                }
                Some(_) if token.kind == Kind::Semicolon => {
                    self.text += [",", "；", "、"][self.dice.roll(3)];
                    continue;
                }
                Some(before) if braces(before) || braces(token) => {
                    if self.dice.roll(3) == 1 && before.twin != "}" && !line {
                        self.line_break();
                    } else {
                        self.text += [" ", "", "\u{3000}"][self.dice.roll(3)];
                    }
                }
                Some(_) if table && token.spaced => self.text += [" ", "\u{3000}"][self.dice.roll(2)],
                Some(_) if table => {}
                Some(before) if !field && may_break(before, token) && !line && self.dice.roll(5) == 1 => {
                    self.line_break();
                }
                Some(_) if token.spaced => self.text += ["  ", " ", "\t", "\u{3000}"][self.dice.roll(4)],
                _ => {}
            }
            match token.kind {
                Kind::Open => lists.push(line),
                Kind::Comma => lists.iter_mut().last().into_iter().for_each(|list| *list = true),
                Kind::Close if lists.pop() == Some(true) && (line || token.twin != "}") && self.dice.roll(4) == 1 => {
                    self.text.push(',')
                }
                _ => {}
            }
            let spelling = self.spelling(token, tokens[0].twin == "let" && at == 2);
            self.text += &spelling;
        }
    }

    /// Between two entries of a block.
    fn between(&mut self) {
        match self.dice.roll(4) {
            0 if self.comments => {
                self.counts.entries += 1;
                self.comment("behind an entry of");
            }
            1 => self.text += " ; ",
            2 => self.text += "；\n",
            _ => self.text.push('\n'),
        }
        let own = self.counts.own;
        self.lines_of_their_own("between entries of");
        self.counts.entries += self.counts.own - own;
        self.text += ["", "    "][self.dice.roll(2)];
    }

    fn line_break(&mut self) {
        self.counts.breaks += 1;
        if self.comments && self.dice.roll(2) == 1 {
            self.counts.inside += 1;
            self.text.push(' ');
            self.comment("inside");
        } else {
            self.text.push('\n');
        }
        while self.comments && self.dice.roll(4) == 1 {
            if self.dice.roll(3) == 0 {
                self.text.push('\n');
            } else {
                self.counts.inside += 1;
                self.comment("inside, on its own,");
            }
        }
        self.text += ["", "    "][self.dice.roll(2)];
    }

    fn spelling(&mut self, token: &Token, binding: bool) -> String {
        let other: &[&str] = match token.twin.as_str() {
            _ if token.kind == Kind::Text => {
                let inner = token.text.trim_matches('"');
                let curly = self.dice.roll(3) == 1 && !inner.contains(['\\', '"']);
                return if curly { format!("“{inner}”") } else { token.text.clone() };
            }
            "=" if binding => &["＝"],
            "and" => &["AND"],
            "or" => &["OR"],
            "not" => &["NOT"],
            "in" => &["IN"],
            "=" => &["==", "＝", "＝＝"],
            "!=" => &["<>", "≠", "！＝", "＜＞"],
            "<=" => &["≤", "＜="],
            ">=" => &["≥", "＞＝"],
            "<" => &["＜"],
            ">" => &["＞"],
            "=>" => &["＝＞"],
            "(" => &["（"],
            ")" => &["）"],
            "," => &["，", "、"],
            ":" => &["："],
            "{" => &["｛"],
            "}" => &["｝"],
            "*" => &["×"],
            "/" => &["÷"],
            "1_000" => &["1000", "１０００"],
            "2" => &["２"],
            _ => &[],
        };
        match self.dice.roll(4 + other.len()).checked_sub(4) {
            Some(at) => other[at].to_owned(),
            None => token.text.clone(),
        }
    }
}
