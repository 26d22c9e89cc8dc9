import { askingStep } from "../../contract/build-step.ts";
import type { Task } from "../../contract/configs/project-config.ts";
import { AppError } from "../../contract/errors.ts";
import type { Duck } from "../../foundation/duck/open.ts";
import { identifier, literal } from "../../foundation/duck/quote.ts";

/** One scored test as typed arrays, in the order of the primary key. */
export interface Predictions {
  /** Primary key of each row as one text, unique. */
  readonly keys: readonly string[];
  /** Regression: the target. Classes: the class's index in `classes`; NaN for a class that training never met. */
  readonly target: Float64Array;
  /** Regression: ŷ. Binary: the positive class's probability. Multi-class: rows × classes probabilities, row by row. */
  readonly prediction: Float64Array;
  /** Classes of the test that aren't in `classes`, with their numbers of rows. */
  readonly unseenClasses: Readonly<Record<string, number>>;
  /** The group of each row as one text, where the split has a group. */
  readonly clusters?: readonly string[];
}

export interface PredictionsSource {
  /** Absolute. */
  readonly predictionsFile: string;
  /** The test's own file, which holds the group's columns; absolute. */
  readonly dataFile: string;
  readonly primaryKey: readonly string[];
  readonly group: readonly string[];
  readonly task: Task;
  /** Column order of the model's classes; of a binary model [negative, positive]. Empty for a regression. */
  readonly modelClasses: readonly string[];
  /** Class order of the arrays made here: the same list for every model that is compared. */
  readonly classes: readonly string[];
}

const ownColumn =
  /^(key:)*(target|prediction|squared_error|absolute_error|probability(_[0-9]+)?|predicted|log_loss|is_error)$/i;

/** The name a key column has in a predictions file, as the trainer writes it: one of the file's own names gets a prefix. */
function keyColumn(name: string): string {
  return ownColumn.test(name) ? `key:${name}` : name;
}

/** Texts of several columns as one, joined by the unit separator; a null is a text of its own (a record separator). */
function joined(alias: string, columns: readonly string[]): string {
  const texts = columns.map((name) => `COALESCE(CAST(${alias}.${identifier(name)} AS VARCHAR), chr(30))`);
  return `concat_ws(chr(31), ${texts.join(", ")})`;
}

/** Reads a predictions file, and beside it the group of each row from the test's file. */
export async function readPredictions(duck: Duck, source: PredictionsSource): Promise<Predictions> {
  const { primaryKey, group, task } = source;
  const values =
    task === "regression"
      ? ["prediction"]
      : task === "binary"
        ? ["probability"]
        : source.modelClasses.map((_, i) => `probability_${i}`);
  const on = primaryKey.map((name) => `p.${identifier(keyColumn(name))} = d.${identifier(name)}`).join(" AND ");
  const sql = [
    `SELECT ${joined("p", primaryKey.map(keyColumn))} AS k, CAST(p.target AS ${task === "regression" ? "DOUBLE" : "VARCHAR"}) AS y,`,
    `${values.map((name) => `CAST(p.${identifier(name)} AS DOUBLE)`).join(", ")}`,
    group.length > 0 ? `, ${joined("d", group)} AS g` : "",
    `FROM read_parquet(${literal(source.predictionsFile)}) p`,
    group.length > 0 ? `LEFT JOIN read_parquet(${literal(source.dataFile)}) d ON ${on}` : "",
    `ORDER BY ${primaryKey.map((name) => `p.${identifier(keyColumn(name))}`).join(", ")}`,
  ].join(" ");
  const keys: string[] = [];
  const target: number[] = [];
  const prediction: number[] = [];
  const clusters: string[] = [];
  const unseen = new Map<string, number>();
  const indexOf = new Map(source.classes.map((name, index) => [name, index]));
  const place = source.modelClasses.map((name) => indexOf.get(name) ?? -1);
  const width = task === "multiclass" ? source.classes.length : 1;
  // A model that was made while the other class counted as the positive one.
  const isTurned = task === "binary" && source.modelClasses[1] !== source.classes[1];
  for await (const chunk of duck.chunks(sql)) {
    for (const row of chunk.getRows()) {
      keys.push(String(row[0]));
      const classIndex = task === "regression" ? undefined : indexOf.get(String(row[1]));
      target.push(task === "regression" ? Number(row[1]) : (classIndex ?? Number.NaN));
      if (task !== "regression" && classIndex === undefined)
        unseen.set(String(row[1]), (unseen.get(String(row[1])) ?? 0) + 1);
      prediction.push(
        ...(width === 1
          ? [isTurned ? 1 - Number(row[2]) : Number(row[2])]
          : spread(row.slice(2, 2 + place.length).map(Number), place, width)),
      );
      if (group.length > 0) clusters.push(String(row[2 + values.length]));
    }
  }
  if (keys.length === 0) {
    throw new AppError({
      code: "evaluation/no-predictions",
      message: `${source.predictionsFile} holds no row.`,
      next: [
        askingStep("runs.stage", { input: { name: "evaluate", force: true }, asks: ["run"] }, "scores the model again"),
      ],
    });
  }
  return {
    keys,
    target: Float64Array.from(target),
    prediction: Float64Array.from(prediction),
    unseenClasses: Object.fromEntries(unseen),
    ...(group.length > 0 ? { clusters } : {}),
  };
}

/** A model's probabilities in the order of the common class list; a class the model doesn't know gets 0. */
function spread(probabilities: readonly number[], place: readonly number[], width: number): number[] {
  const out = new Array<number>(width).fill(0);
  for (const [index, at] of place.entries()) if (at >= 0) out[at] = probabilities[index] ?? 0;
  return out;
}
