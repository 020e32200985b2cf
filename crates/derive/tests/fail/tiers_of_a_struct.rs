use tierwise::Tier;

#[derive(Clone, Copy, Tier)]
struct Level;

fn main() {}
