//! A customer as a service has it: once with exact decimals, once with integers of cents.

use rust_decimal::Decimal;
use tierwise::Facts;

/// A fact of a customer. The discriminant is its place among all facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    AnnualSpend,
    LifetimeValue,
    Satisfaction,
    Frequency,
    Employees,
    OverdueDays,
    Points,
    Complaints,
    Region,
}

impl Field {
    pub const ALL: [Self; 9] = [
        Self::AnnualSpend,
        Self::LifetimeValue,
        Self::Satisfaction,
        Self::Frequency,
        Self::Employees,
        Self::OverdueDays,
        Self::Points,
        Self::Complaints,
        Self::Region,
    ];

    /// The numbers: those with decimals first.
    pub fn numeric() -> &'static [Self] {
        &Self::ALL[..8]
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::AnnualSpend => "annual_spend",
            Self::LifetimeValue => "lifetime_value",
            Self::Satisfaction => "satisfaction",
            Self::Frequency => "frequency",
            Self::Employees => "employees",
            Self::OverdueDays => "overdue_days",
            Self::Points => "points",
            Self::Complaints => "complaints",
            Self::Region => "region",
        }
    }

    /// Decimal places: one unit is a cent, a hundredth of satisfaction, or one.
    pub fn places(self) -> u32 {
        if self < Self::Frequency { 2 } else { 0 }
    }

    /// The largest number that a customer has, in units; the least is zero.
    pub fn most(self) -> i64 {
        match self {
            Self::AnnualSpend => 250_000_000,
            Self::LifetimeValue => 1_000_000_000,
            Self::Satisfaction => 1_000,
            Self::Frequency => 40,
            Self::Employees => 5_000,
            Self::OverdueDays => 120,
            Self::Points => 100_000,
            Self::Complaints => 60,
            Self::Region => 0,
        }
    }

    /// A number of units as the decimal that it stands for.
    pub fn decimal(self, units: i64) -> Decimal {
        Decimal::new(units, self.places())
    }
}

/// Every fact may be missing.
#[derive(Clone, Debug, Default, Facts, PartialEq)]
pub struct Account {
    pub annual_spend: Option<Decimal>,
    pub lifetime_value: Option<Decimal>,
    pub satisfaction: Option<Decimal>,
    pub frequency: Option<i64>,
    pub employees: Option<i64>,
    pub overdue_days: Option<i64>,
    pub points: Option<i64>,
    pub complaints: Option<i64>,
    pub region: Option<String>,
}

/// The same facts; money in cents, satisfaction in hundredths.
#[derive(Clone, Debug, Default, Facts, PartialEq)]
pub struct CentsAccount {
    #[facts(money, minor_units = 2)]
    pub annual_spend: Option<i64>,
    #[facts(money, minor_units = 2)]
    pub lifetime_value: Option<i64>,
    #[facts(minor_units = 2)]
    pub satisfaction: Option<i64>,
    pub frequency: Option<i64>,
    pub employees: Option<i64>,
    pub overdue_days: Option<i64>,
    pub points: Option<i64>,
    pub complaints: Option<i64>,
    pub region: Option<String>,
}

impl Account {
    /// The fact of a numeric field, whole numbers as decimals without places.
    pub fn number(&self, field: Field) -> Option<Decimal> {
        match field {
            Field::AnnualSpend => self.annual_spend,
            Field::LifetimeValue => self.lifetime_value,
            Field::Satisfaction => self.satisfaction,
            Field::Frequency => self.frequency.map(Decimal::from),
            Field::Employees => self.employees.map(Decimal::from),
            Field::OverdueDays => self.overdue_days.map(Decimal::from),
            Field::Points => self.points.map(Decimal::from),
            Field::Complaints => self.complaints.map(Decimal::from),
            Field::Region => None,
        }
    }
}

impl CentsAccount {
    /// The fact of a numeric field in units.
    pub fn units(&self, field: Field) -> Option<i64> {
        match field {
            Field::AnnualSpend => self.annual_spend,
            Field::LifetimeValue => self.lifetime_value,
            Field::Satisfaction => self.satisfaction,
            Field::Frequency => self.frequency,
            Field::Employees => self.employees,
            Field::OverdueDays => self.overdue_days,
            Field::Points => self.points,
            Field::Complaints => self.complaints,
            Field::Region => None,
        }
    }

    pub fn set(&mut self, field: Field, units: Option<i64>) {
        match field {
            Field::AnnualSpend => self.annual_spend = units,
            Field::LifetimeValue => self.lifetime_value = units,
            Field::Satisfaction => self.satisfaction = units,
            Field::Frequency => self.frequency = units,
            Field::Employees => self.employees = units,
            Field::OverdueDays => self.overdue_days = units,
            Field::Points => self.points = units,
            Field::Complaints => self.complaints = units,
            Field::Region => {}
        }
    }

    pub fn exact(&self) -> Account {
        let decimal = |field: Field| self.units(field).map(|units| field.decimal(units));
        Account {
            annual_spend: decimal(Field::AnnualSpend),
            lifetime_value: decimal(Field::LifetimeValue),
            satisfaction: decimal(Field::Satisfaction),
            frequency: self.frequency,
            employees: self.employees,
            overdue_days: self.overdue_days,
            points: self.points,
            complaints: self.complaints,
            region: self.region.clone(),
        }
    }
}
