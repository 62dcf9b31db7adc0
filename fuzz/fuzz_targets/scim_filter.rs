//! Filters: what is read, printed and read again is the same, and where scim_v2 reads a text too,
//! it reads the same. Reading takes little time and memory, whatever the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_fuzz::bounds::within_bounds;
use vestibule_fuzz::protocol::scim::filter::Filter;
use vestibule_fuzz::protocol::scim::filter_check;
use vestibule_fuzz::protocol::scim::filter_parser::MAX_LENGTH;
use vestibule_fuzz::protocol::scim::filter_parser::parse_filter;
use vestibule_fuzz::protocol::scim::leniency::Leniency;
use vestibule_fuzz::protocol::scim::path::Path;
use vestibule_fuzz::protocol::scim::schema;

fuzz_target!(|text: &str| {
    for (kind, leniency) in [
        (schema::user(), Leniency::MICROSOFT_ENTRA),
        (schema::group(), Leniency::STRICT),
    ] {
        let _ = within_bounds(|| Path::read(text, kind, leniency));
        let checked = within_bounds(|| filter_check::read(text, kind, leniency));
        if let Ok(checked) = checked {
            reads_back(&checked);
        }
    }
    let Ok(filter) = within_bounds(|| parse_filter(text)) else {
        return;
    };
    reads_back(&filter);
    if let Ok(theirs) = text.parse::<scim_v2::filter::Filter>() {
        let printed = theirs.to_string();
        if printed.len() <= MAX_LENGTH {
            let read = parse_filter(&printed).map(flat);
            assert_eq!(read, Ok(flat(filter)), "scim_v2 reads {printed}");
        }
    }
});

fn reads_back(filter: &Filter) {
    let printed = filter.to_string();
    if printed.len() <= MAX_LENGTH {
        assert_eq!(parse_filter(&printed).as_ref(), Ok(filter), "{printed}");
    }
}

/// `and` in `and` means the same as one `and`, and so does `or`.
fn flat(filter: Filter) -> Filter {
    match filter {
        Filter::And(filters) => Filter::And(
            filters
                .into_iter()
                .map(flat)
                .flat_map(|part| match part {
                    Filter::And(inner) => inner,
                    other => vec![other],
                })
                .collect(),
        ),
        Filter::Or(filters) => Filter::Or(
            filters
                .into_iter()
                .map(flat)
                .flat_map(|part| match part {
                    Filter::Or(inner) => inner,
                    other => vec![other],
                })
                .collect(),
        ),
        Filter::Not(filter) => Filter::Not(Box::new(flat(*filter))),
        Filter::Element { attribute, filter } => Filter::Element {
            attribute,
            filter: Box::new(flat(*filter)),
        },
        leaf => leaf,
    }
}
