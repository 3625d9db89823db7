//! calamine_read FILE...: the crate calamine reads the first sheet of each file; prints the numbers of rows and cells.

use calamine::{open_workbook_auto, Reader};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args == ["--version"] {
        println!("calamine {}", env!("CARGO_PKG_VERSION"));
        return;
    }
    for file in args {
        let mut book = open_workbook_auto(&file).expect("a workbook");
        let name = book.sheet_names()[0].clone();
        let range = book.worksheet_range(&name).expect("a sheet");
        println!("{} rows, {} cells", range.height(), range.used_cells().count());
    }
}
