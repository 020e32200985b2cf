use tierwise::Facts;

struct Region;

#[derive(Facts)]
struct Account {
    region: Region,
    regions: Vec<Region>,
}

fn main() {}
