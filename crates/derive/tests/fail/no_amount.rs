use tierwise::Facts;

#[derive(Facts)]
struct Account {
    #[facts(money)]
    region: String,
    #[facts(minor_units = 2)]
    spend: f64,
}

fn main() {}
