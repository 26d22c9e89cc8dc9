import { withArticle } from "../../../../src-view/names.ts";
import type { ColumnType, ContractColumn, DataContract } from "../../../contract/configs/data-contract.ts";
import { digestColumns, digestedColumns, identifyingColumns } from "../../../contract/configs/primary-key.ts";
import type { Problem } from "../read/problems.ts";
import { type ConfigSet, Findings } from "./findings.ts";

/** Checks the data contract against the project and itself. */
export function checkContract({ contract, project }: ConfigSet): readonly Problem[] {
  const findings = new Findings(contract);
  const { value } = contract;
  checkTarget(value, { findings, projectTarget: project.value.target, task: project.value.task });
  const digested = digestedColumns(value);
  const keyPath = digested === null ? ["primary_key"] : ["primary_key", "digest_of"];
  for (const [index, name] of identifyingColumns(value).entries()) {
    const path = [...keyPath, index];
    if (!findings.hasColumn(path, name, contract)) continue;
    const type = value.columns[name]?.type;
    if (digested !== null) checkDigested(path, name, { column: value.columns[name], findings });
    else if (type === "float" || type === "struct" || type === "list") {
      findings.add(
        path,
        `\`${name}\` is ${withArticle(type)}; a key column is a string, int, bool, timestamp or file`,
        {
          hint: "Choose columns whose values always have the same text form.",
        },
      );
    }
  }
  for (const name of digested === null ? [] : Object.values(digestColumns)) {
    if (value.columns[name] === undefined) continue;
    findings.add(["columns", name], `\`${name}\` is the name of a column that a key by digest adds`, {
      hint: "Rename it in the table, or make it part of a key of columns.",
    });
  }
  const { deduplication } = value;
  for (const key of ["subset", "order_by"] as const) {
    const names = typeof deduplication === "object" ? deduplication[key] : undefined;
    for (const [index, name] of (names ?? []).entries()) {
      findings.hasColumn(["deduplication", key, index], name, contract);
    }
  }
  for (const [name, column] of Object.entries(value.columns)) checkColumn(name, column, findings);
  return findings.problems;
}

function checkDigested(
  path: readonly (string | number)[],
  name: string,
  { column, findings }: { readonly column: ContractColumn | undefined; readonly findings: Findings },
): void {
  if (column === undefined) return;
  if (column.type === "struct" || column.type === "list") {
    findings.add(
      path,
      `\`${name}\` is ${withArticle(column.type)}, which has no text form that every table format agrees on`,
      {
        hint: "Name single values; a dotted path reaches into a struct.",
      },
    );
  }
  if (column.row_counter === true) {
    findings.add(path, `\`${name}\` is a row counter: in another order of the table, every row would be another one`, {
      hint: "Remove it from `digest_of`.",
    });
  }
}

function checkTarget(
  contract: DataContract,
  { findings, projectTarget, task }: { findings: Findings; projectTarget: string; task: string },
): void {
  const { target } = contract;
  if (target !== projectTarget) {
    findings.add(["target"], `the target is \`${target}\`, but signalbox.yaml says \`${projectTarget}\``, {
      hint: "Make both name the same column.",
    });
  }
  const column = contract.columns[target];
  if (!column) {
    findings.add(["target"], `the target \`${target}\` isn't among the columns`, {
      hint: `Declare it: columns: {${target}: {type: …, non_nullable: true}}.`,
    });
    return;
  }
  if (!column.non_nullable) {
    findings.add(["columns", target], `the target \`${target}\` is nullable`, {
      hint: "Write `non_nullable: true`, and remove rows without a target with an `exclude` rule.",
    });
  }
  if (identifyingColumns(contract).includes(target)) {
    findings.add(["primary_key"], `the target \`${target}\` is part of the key`, {
      hint: "A key identifies a row before its outcome is known: remove the target from it.",
    });
  }
  if (task === "regression" && column.type !== "int" && column.type !== "float") {
    findings.add(["columns", target, "type"], `the target is ${withArticle(column.type)}, but the task is regression`, {
      hint: "Make the target an int or a float, or the task binary or multiclass.",
    });
  }
}

function checkMissing(name: string, column: ContractColumn, findings: Findings): void {
  const { type, missing = [], allowed_values: allowed = [] } = column;
  const path = ["columns", name, "missing"];
  if (missing.length > 0 && (type === "file" || type === "struct" || type === "list")) {
    findings.add(path, `\`missing\` doesn't apply to ${withArticle(type)}`, { hint: "Remove `missing`." });
  }
  for (const [index, text] of missing.entries()) {
    if (text !== text.trim() || text === "") {
      findings.add([...path, index], `${JSON.stringify(text)} has spaces around it, or nothing between them`, {
        hint: "Write it without spaces around it; an empty field is missing anyway.",
      });
    } else if (allowed.some((one) => String(one).trim() === text)) {
      findings.add([...path, index], `${JSON.stringify(text)} is also one of \`allowed_values\``, {
        hint: "Remove it from one of the two lists.",
      });
    }
  }
}

/** JavaScript's type of an allowed value; undefined for types that have no single values. */
const allowedTypes: Readonly<Partial<Record<ColumnType, string>>> = {
  string: "string",
  file: "string",
  timestamp: "string",
  int: "number",
  float: "number",
  bool: "boolean",
};

function checkColumn(name: string, column: ContractColumn, findings: Findings): void {
  const at = (key: string) => ["columns", name, key];
  const isNumber = column.type === "int" || column.type === "float";
  for (const key of ["min", "max"] as const) {
    const bound = column[key];
    if (bound === undefined) continue;
    if (!isNumber && column.type !== "timestamp") {
      findings.add(at(key), `\`${key}\` doesn't apply to ${withArticle(column.type)}`, { hint: `Remove \`${key}\`.` });
    } else if (isNumber && typeof bound !== "number") {
      findings.add(at(key), `\`${key}\` of ${withArticle(column.type)} is a string`, {
        hint: "Write a number, without quotes.",
      });
    } else if (column.type === "timestamp" && Number.isNaN(Date.parse(String(bound)))) {
      findings.add(at(key), `\`${key}\` isn't an ISO 8601 time`, { hint: "Write it like 2013-01-31T06:00:00Z." });
    }
  }
  if (typeof column.min === "number" && typeof column.max === "number" && column.min > column.max) {
    findings.add(at("min"), `\`min\` ${column.min} is above \`max\` ${column.max}`, { hint: "Swap them." });
  }
  if (column.format !== undefined && column.type !== "string" && column.type !== "file") {
    findings.add(at("format"), `\`format\` applies to strings; \`${name}\` is ${withArticle(column.type)}`, {
      hint: "Remove `format`, or make the column a string.",
    });
  }
  checkMissing(name, column, findings);
  const type = allowedTypes[column.type];
  for (const [index, allowed] of (column.allowed_values ?? []).entries()) {
    if (typeof allowed === type) continue;
    findings.add(["columns", name, "allowed_values", index], `${JSON.stringify(allowed)} is no ${column.type}`, {
      hint: column.type === "string" ? "Put it in quotes." : "Write a value of the column's type.",
    });
  }
}
