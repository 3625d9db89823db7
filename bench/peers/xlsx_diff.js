// xlsx_diff.js BEFORE AFTER KEY: SheetJS reads both first sheets, daff compares them, as is usual on npm; prints the rows.
const xlsx = require("xlsx");
const daff = require("daff");
const [before, after, key] = process.argv.slice(2);

function read(file) {
  const book = xlsx.readFile(file);
  const sheet = book.Sheets[book.SheetNames[0]];
  return new daff.TableView(xlsx.utils.sheet_to_json(sheet, { header: 1, raw: true, defval: "" }));
}

const flags = new daff.CompareFlags();
flags.addPrimaryKey(key);
flags.show_unchanged = false;
const alignment = daff.compareTables(read(before), read(after), flags).align();
const out = new daff.TableView([]);
new daff.TableDiff(alignment, flags).hilite(out);
console.log("rows of the difference:", out.height);
