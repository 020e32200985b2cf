//! What a host's features do to it, and do not do to tierwise.

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;
    use serde::Serialize;
    use tierwise::{Customer, Policy};

    const POLICY: &str = "currency EUR
annual_spend > 12345678901234567.88 => A
annual_spend > 0.1 => B
otherwise => C";

    fn classify(customer: &Customer) -> serde_json::Value {
        let policy = Policy::parse(POLICY).unwrap();
        let as_of = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
        serde_json::to_value(policy.classify(customer, as_of).unwrap()).unwrap()
    }

    /// With `arbitrary_precision` a JSON number keeps all its digits, and serialises as a struct of `serde_json`'s own.
    #[test]
    fn json_numbers_are_taken_exactly() {
        for (json, tier) in [
            (r#"{"annual_spend": 12345678901234567.89}"#, "A"),
            (r#"{"annual_spend": 12345678901234567.88}"#, "B"),
            (r#"{"annual_spend": 0.1}"#, "C"),
            (r#"{"annual_spend": 1e-1}"#, "C"),
            (r#"{"annual_spend": 1e2}"#, "B"),
            (r#"{"annual_spend": "0.10"}"#, "C"),
        ] {
            let facts: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(classify(&Customer::from_serialize(&facts).unwrap())["tier"], tier, "{json}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused_with_their_text() {
        let facts: serde_json::Value = serde_json::from_str(r#"{"annual_spend": 1e400}"#).unwrap();
        let policy = Policy::parse(POLICY).unwrap();
        let customer = Customer::from_serialize(&facts).unwrap();
        let error = policy.classify(&customer, NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()).unwrap_err();
        assert_eq!(error.code(), "D0103");
        assert!(error.to_string().contains("1e"), "{error}");
    }

    #[derive(Serialize)]
    struct Account {
        annual_spend: Decimal,
    }

    /// With `serde-float` the host's decimals serialise as floats: taken by their shortest text.
    #[test]
    fn a_hosts_decimals_come_in_by_their_value() {
        for (spend, tier) in [("0.1", "C"), ("0.11", "B"), ("250000.01", "B")] {
            let account = Account { annual_spend: spend.parse().unwrap() };
            assert_eq!(classify(&Customer::from_serialize(&account).unwrap())["tier"], tier, "{spend}");
        }
    }

    #[test]
    fn outcomes_and_money_look_the_same() {
        let outcome = classify(&Customer::new());
        assert_eq!(outcome["possible"], serde_json::json!(["A", "B", "C"]));
        let money = tierwise::Money::new("12.50".parse().unwrap(), tierwise::Currency::from_code("EUR").unwrap());
        assert_eq!(serde_json::to_string(&money).unwrap(), r#"{"amount":"12.5","currency":"EUR"}"#);
    }
}
