use tierwise::Facts;

fn euros(cents: &i64) -> i64 {
    cents / 100
}

#[derive(Facts)]
struct Account {
    #[facts(minor_units = 40)]
    spend: i64,
    #[facts(with = euros, minor_units = 2)]
    credit: i64,
}

fn main() {}
