//! The official size classes: the vectors of both policies, and every sector compared with floors read elsewhere.

use super::*;

/// Sectors as the official list has them, and as the English policy calls them.
const SECTORS: [(&str, &str); 16] = [
    ("农、林、牧、渔业", "agriculture"),
    ("工业", "manufacturing"),
    ("建筑业", "construction"),
    ("批发业", "wholesale"),
    ("零售业", "retail"),
    ("交通运输业", "transport"),
    ("仓储业", "warehousing"),
    ("邮政业", "postal"),
    ("住宿业", "lodging"),
    ("餐饮业", "catering"),
    ("信息传输业", "telecommunications"),
    ("软件和信息技术服务业", "software"),
    ("房地产开发经营", "real_estate"),
    ("物业管理", "property_management"),
    ("租赁和商务服务业", "leasing"),
    ("其他未列明行业", "other"),
];

/// Where the shared data are not at hand: a sector with staff and revenue, one with revenue and assets, one with staff.
const THREE: &str = "sector,code,indicator,unit,large_from,medium_from,small_from
工业,B C D,从业人员,人,1000,300,20
工业,B C D,营业收入,万元,40000,2000,300
建筑业,E,营业收入,万元,80000,6000,300
建筑业,E,资产总额,万元,80000,5000,300
其他未列明行业,M N O Q R 703 709,从业人员,人,300,100,10
";

/// Employees, revenue, assets of one enterprise, the amounts in yuan.
type Figures = [Option<Decimal>; 3];

/// The floors of large, medium and small per indicator.
type Floors = [Option<[Decimal; 3]>; 3];

/// A policy, what it calls sectors and assets, and its classes.
struct Edition {
    policy: Policy,
    keys: [&'static str; 2],
    classes: [&'static str; 4],
    chinese: bool,
}

impl Edition {
    fn both() -> [Self; 2] {
        [
            Self {
                policy: policy("enterprise_size.tier"),
                keys: ["sector", "total_assets"],
                classes: ["large", "medium", "small", "micro"],
                chinese: false,
            },
            Self {
                policy: policy("enterprise_size_zh.tier"),
                keys: ["所属行业", "资产总额"],
                classes: ["大型", "中型", "小型", "微型"],
                chinese: true,
            },
        ]
    }

    fn classify(&self, sector: &str, [employees, revenue, assets]: Figures) -> Outcome {
        let (_, english) = SECTORS.iter().find(|(official, _)| *official == sector).unwrap();
        let sector = if self.chinese { sector.replace('、', "") } else { (*english).to_owned() };
        let enterprise = Customer::new()
            .with(self.keys[0], sector)
            .with("employees", employees)
            .with("annual_revenue", revenue)
            .with(self.keys[1], assets);
        self.policy.classify(&enterprise, today()).unwrap()
    }

    /// Classes by their place, the best first.
    fn possible(&self, outcome: &Outcome) -> Vec<usize> {
        let place = |tier: Option<&str>| self.classes.iter().position(|class| Some(*class) == tier).unwrap();
        outcome.possible().map(place).collect()
    }
}

#[test]
fn the_size_classes_of_an_industrial_enterprise() {
    let wan = |amount: i64| Some(Decimal::from(amount * 10_000));
    let staff = |count: i64| Some(Decimal::from(count));
    let vectors: [(Figures, usize, &[usize]); 8] = [
        ([staff(1000), wan(40_000), None], 0, &[0]),
        ([staff(1000), wan(39_999), None], 1, &[1]),
        ([staff(999), wan(40_000), None], 1, &[1]),
        ([staff(20), wan(300), None], 2, &[2]),
        ([staff(19), wan(100_000), None], 3, &[3]),
        ([staff(19), None, None], 3, &[3]),
        ([None, wan(2_500), None], 3, &[1, 2, 3]),
        ([None, wan(40_000), None], 3, &[0, 1, 2, 3]),
    ];
    for edition in Edition::both() {
        for (figures, class, possible) in vectors {
            let outcome = edition.classify("工业", figures);
            assert_eq!(outcome.tier(), Some(edition.classes[class]), "{figures:?}");
            assert_eq!(edition.possible(&outcome), possible, "{figures:?}");
            assert_eq!(outcome.is_certain(), possible.len() == 1, "{figures:?}");
            assert_eq!(outcome.findings().count(), 0, "{figures:?}");
        }
    }
}

/// The floors of every sector in the list.
fn floors(csv: &str) -> BTreeMap<String, Floors> {
    let mut floors: BTreeMap<String, Floors> = BTreeMap::new();
    for row in csv::Reader::from_reader(csv.as_bytes()).records() {
        let row = row.unwrap();
        let at = ["从业人员", "营业收入", "资产总额"].iter().position(|name| *name == &row[2]).unwrap();
        let unit = Decimal::from(if &row[3] == "万元" { 10_000 } else { 1 });
        let floor = |column: usize| row[column].parse::<Decimal>().unwrap() * unit;
        floors.entry(row[0].to_owned()).or_default()[at] = Some([floor(4), floor(5), floor(6)]);
    }
    floors
}

/// What an indicator is tried with: nothing, all that is around its floors, very much; where the sector does not ask
/// for it, also not at all.
fn tried(at: usize, floors: Option<[Decimal; 3]>) -> Vec<Option<Decimal>> {
    let step = if at == 0 { Decimal::ONE } else { Decimal::new(1, 2) };
    let ends = [Decimal::ZERO, Decimal::from(1_000_000_000_000_i64)].map(Some);
    match floors {
        None => [None].into_iter().chain(ends).collect(),
        Some(floors) => {
            floors.iter().flat_map(|floor| [floor - step, *floor, floor + step].map(Some)).chain(ends).collect()
        }
    }
}

/// The first class all of whose floors are reached; micro is what remains.
fn class(floors: &Floors, figures: &Figures) -> usize {
    let reaches = |class: usize| {
        floors.iter().zip(figures).all(|(floor, figure)| floor.is_none_or(|floor| *figure >= Some(floor[class])))
    };
    (0..3).find(|class| reaches(*class)).unwrap_or(3)
}

#[test]
fn every_enterprise_of_every_sector_has_one_class() {
    let shared = std::env::var_os("TIERWISE_SHARED");
    let csv = shared.map(|folder| std::fs::read_to_string(Path::new(&folder).join("data/size_classes.csv")).unwrap());
    let sectors = floors(csv.as_deref().unwrap_or(THREE));
    assert_eq!(sectors.len(), if csv.is_some() { 16 } else { 3 });
    let mut seen = [0; 4];
    for edition in Edition::both() {
        for (sector, floors) in &sectors {
            let [employees, revenue, assets] = [0, 1, 2].map(|at| tried(at, floors[at]));
            for figures in
                employees.iter().flat_map(|e| revenue.iter().flat_map(|r| assets.iter().map(|a| [*e, *r, *a])))
            {
                let outcome = edition.classify(sector, figures);
                let class = class(floors, &figures);
                assert_eq!(outcome.settled(), Some(edition.classes[class]), "{sector} {figures:?}");
                assert_eq!(outcome.findings().count(), 0, "{sector} {figures:?}");
                seen[class] += 1;
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}
