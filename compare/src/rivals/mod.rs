//! Other engines, each in its own fast way, with numbers as integers: cents, hundredths of satisfaction, counts.

mod cedar;
mod cel;
mod datalogic;
mod regorus;
mod rhai;
mod rust_rule_engine;
mod text;
mod zen_engine;
mod zen_expression;

use crate::roster::{Entrant, Kind};

/// All that take part.
pub fn all() -> Vec<Entrant> {
    vec![
        Entrant::new::<zen_engine::ZenEngine>("zen-engine, decision table", Kind::Rival),
        Entrant::new::<zen_expression::ZenExpression>("zen-expression", Kind::Rival),
        Entrant::new::<cel::Cel>("cel", Kind::Rival),
        Entrant::new::<datalogic::Datalogic>("datalogic-rs", Kind::Rival),
        Entrant::new::<regorus::Machine>("regorus, virtual machine", Kind::Rival),
        Entrant::new::<regorus::Interpreter>("regorus, interpreter", Kind::Rival),
        Entrant::new::<cedar::Cedar>("cedar-policy", Kind::Rival),
        Entrant::new::<rhai::Rhai>("rhai", Kind::Rival),
        Entrant::new::<rust_rule_engine::RustRuleEngine>("rust-rule-engine", Kind::Rival),
    ]
}
