use tierwise::Facts;

#[derive(Facts)]
enum Account {
    Retail,
}

fn main() {}
