//! Boxes of customers as conditions.

/// A box of customers, or one, as a condition.
pub(crate) fn condition_of(text: &str) -> String {
    let part = |part: &str| {
        let (part, missing) = part.strip_suffix(" or missing").map_or((part, false), |part| (part, true));
        let name = part.split(' ').next().unwrap();
        let bound = match part.rsplit_once(' ').map(|(head, last)| (head, last.split_once(".."))) {
            Some((head, Some((low, high)))) => format!("{head} between {low} and {high}"),
            _ => part.to_owned(),
        };
        if missing { format!("({bound} or {name} is missing)") } else { bound }
    };
    if text.is_empty() || text == "-" {
        return "true".to_owned();
    }
    // A comma inside of brackets separates members.
    let mut parts: Vec<String> = Vec::new();
    let mut depth = 0;
    for piece in text.split(", ") {
        if depth > 0 {
            let last = parts.last_mut().unwrap();
            *last += ", ";
            *last += piece;
        } else {
            parts.push(piece.to_owned());
        }
        depth += piece.matches('(').count();
        depth -= piece.matches(')').count();
    }
    parts.iter().map(|text| part(text)).collect::<Vec<_>>().join(" and ")
}
