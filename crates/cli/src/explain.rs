//! `tierwise explain`: why one customer of a file has its tier, and no better one.

use std::io::{self, Write};

use serde::Serialize;
use tierwise::{
    At, Budget, CustomerError, Detail, Distance, Explanation, Facts, Lang, Policy, Recourse, RecourseError, Target,
};

use crate::args::{ExplainArgs, ExplainFormat};
use crate::escape::{brief, escape};
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Orders, Row, Rows};
use crate::output::{self, Stdout};
use crate::policy;
use crate::portfolio::{Linked, Members};
use crate::progress::Progress;
use crate::rejected::Rejected;

/// Explains every customer of the file that has the id.
pub(crate) fn run(args: &ExplainArgs, lang: Lang) -> Result<Exit, Failure> {
    let policy = policy::load(&args.policy, lang)?;
    if let Some(tier) = args.to.as_deref().filter(|tier| policy.tiers().all(|known| known != *tier)) {
        let tiers = policy.tiers().map(|tier| brief(tier, 40)).collect::<Vec<_>>().join("`, `");
        let message = format!("the policy has no tier `{}`", brief(tier, 80));
        return Err(Failure::unusable(message).help(&format!("there are `{tiers}`")));
    }
    let listed: Vec<&str> = args.may_change.iter().map(String::as_str).collect();
    let target = args.to.as_deref().map(|tier| policy.recourse(Target::Tier(tier), &listed)).transpose();
    let target = target.map_err(|error| {
        let failure = Failure::unusable(error.to_string());
        match error {
            RecourseError::NotUsed(_) => failure.help("`tierwise check --needs` lists the facts of a policy"),
            _ => failure,
        }
    })?;
    let progress = Progress::at_the_end();
    let mut rows = input::open(&args.customers, &policy, &args.id_column, &args.orders, progress)?;
    let orders = input::orders(&args.orders, &policy, progress)?;
    let day = args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    let rates = args.orders.rates.as_deref().map(input::rates::open).transpose()?;
    let mut search = Search {
        policy: &policy,
        orders: orders.as_ref(),
        at: input::at(day, rates.as_ref(), args.orders.strict),
        target,
        args,
        lang,
        out: output::stdout(),
        found: 0,
        rejected: 0,
    };
    let read = if args.orders.portfolio { search.linked(rows.as_mut())? } else { search.all(rows.as_mut())? };
    search.out.flush().map_err(Failure::writing)?;
    if let Some(without) = orders.as_ref().map(|orders| orders.left().0.len()).filter(|without| *without > 0) {
        say(&format!("orders left out: {without} without a customer"));
    }
    if search.found == 0 {
        let file = input::name(&args.customers);
        let message = format!("no customer of `{}` has the id `{}`", escape(&file), escape(&args.id));
        return Err(Failure::unusable(message).help(&format!("{read} rows were read; ids are compared as they stand")));
    }
    Ok(if search.rejected > 0 { Exit::Rejected } else { Exit::Fine })
}

struct Search<'a> {
    policy: &'a Policy,
    orders: Option<&'a Orders>,
    at: At<'a>,
    target: Option<Recourse<'a>>,
    args: &'a ExplainArgs,
    lang: Lang,
    out: Stdout,
    found: usize,
    rejected: usize,
}

/// An explanation with the id of the customer in front.
#[derive(Serialize)]
struct Explained<'a> {
    id: &'a str,
    #[serde(flatten)]
    why: &'a Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a Distance>,
}

impl Search<'_> {
    /// Explains the rows that have the id, and gives how many rows there are.
    fn all(&mut self, rows: &mut dyn Rows) -> Result<usize, Failure> {
        let mut read = 0;
        let reading = |error: io::Error| Failure::reading(&input::name(&self.args.customers), &error);
        while let Some(row) = rows.next().map_err(reading)? {
            read += 1;
            match row {
                Ok(row) if row.id == self.args.id => self.one(&row).map_err(Failure::writing)?,
                Err(rejected) if rejected.id.as_deref() == Some(self.args.id.as_str()) => self.reject(&rejected),
                _ => {}
            }
        }
        Ok(read)
    }

    /// The same of customers who are linked.
    fn linked(&mut self, rows: &mut dyn Rows) -> Result<usize, Failure> {
        let members = Members::read(self.policy, &input::name(&self.args.customers), rows, self.orders)?;
        let placed = self.policy.in_portfolio(&members.portfolio, self.at);
        for row in &members.rows {
            match row {
                Linked::Member(at, number) if members.portfolio.id(*at) == Some(self.args.id.as_str()) => {
                    let mut why = placed.explain(*at).into_iter();
                    why.try_for_each(|why| self.judge(*number, why.map(|why| (why, None))))
                        .map_err(Failure::writing)?;
                }
                Linked::Rejected(rejected) if rejected.id.as_deref() == Some(self.args.id.as_str()) => {
                    self.reject(rejected);
                }
                _ => {}
            }
        }
        Ok(members.rows.len())
    }

    fn one(&mut self, row: &Row) -> io::Result<()> {
        let why = match self.orders {
            Some(orders) => self.why(&orders.of(&row.id, &row.facts)),
            None => self.why(&row.facts),
        };
        self.judge(row.number, why)
    }

    fn why(&self, facts: &impl Facts) -> Result<(Explanation, Option<Distance>), CustomerError> {
        let far = self
            .target
            .as_ref()
            .map(|target| self.policy.distance(facts, self.at, target, Budget::default()))
            .transpose()?;
        Ok((self.policy.explain(facts, self.at)?, far))
    }

    fn judge(&mut self, number: u64, why: Result<(Explanation, Option<Distance>), CustomerError>) -> io::Result<()> {
        match why {
            Ok((why, far)) => self.show(&why, far.as_ref()),
            Err(error) => {
                self.reject(&Rejected::customer(self.args.id.clone(), number, &error, self.orders, self.lang));
                Ok(())
            }
        }
    }

    fn show(&mut self, why: &Explanation, far: Option<&Distance>) -> io::Result<()> {
        let id = self.args.id.as_str();
        if self.args.format == ExplainFormat::Json {
            serde_json::to_writer(&mut self.out, &Explained { id, why, to: far })?;
            self.found += 1;
            return self.out.write_all(b"\n");
        }
        if self.found > 0 {
            self.out.write_all(b"\n")?;
        }
        self.found += 1;
        let detail = if self.args.full { Detail::Full } else { Detail::Short };
        writeln!(self.out, "{}", escape(id))?;
        self.out.write_all(why.text(detail, self.lang).as_bytes())?;
        far.map_or(Ok(()), |far| self.out.write_all(far.text(self.lang).as_bytes()))
    }

    fn reject(&mut self, rejected: &Rejected) {
        self.found += 1;
        self.rejected += 1;
        say(&format!("row {}: {}: {}", rejected.row, rejected.code, escape(&rejected.message)));
    }
}
