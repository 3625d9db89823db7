// duckdb_diff.js BEFORE AFTER KEY THREADS: full outer join over all columns in DuckDB; prints the counts.
const { DuckDBInstance } = require("@duckdb/node-api");
const [before, after, key, threads] = process.argv.slice(2);
const view = (name, file) =>
  `create view ${name} as select * from read_csv('${file}', all_varchar=true, header=true)`;
const differs = (column) =>
  `count(*) filter (x."${column}" is distinct from y."${column}"
     and x."${key}" is not null and y."${key}" is not null)`;

(async () => {
  const db = await (await DuckDBInstance.create(":memory:", { threads })).connect();
  await db.run(view("x", before));
  await db.run(view("y", after));
  const columns = (await db.runAndReadAll("describe x")).getRows().map((row) => row[0]);
  const cells = columns.filter((column) => column !== key).map(differs).join(" + ");
  const result = await db.runAndReadAll(`
    select ${cells} cells, count(*) filter (x."${key}" is null) added,
      count(*) filter (y."${key}" is null) deleted
    from x full join y on x."${key}" = y."${key}"`);
  console.log("cells, added, deleted:", result.getRows()[0].map(String).join(" "));
})();
