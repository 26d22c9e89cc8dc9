import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataContractSchema } from "../../../contract/configs/data-contract.ts";
import { yamlComment, yamlList, yamlScalar } from "../../../foundation/text/yaml.ts";
import { parseConfig } from "../../configs/read/read-config.ts";
import { fillTemplate } from "../fill-template.ts";
import { proposeRange } from "./infer-contract.ts";
import type { ColumnProfile } from "./profile.ts";

function column(min: number, max: number, more: Partial<ColumnProfile> = {}): ColumnProfile {
  return {
    name: "x",
    sourceType: "DOUBLE",
    type: "float",
    isFromText: false,
    rows: 1_000,
    nulls: 0,
    missing: [],
    classMarkers: null,
    notNumber: null,
    isMixedSpelling: false,
    distinct: 500,
    infinite: 0,
    min,
    max,
    values: null,
    meanWords: 0,
    hasTimeOfDay: false,
    notTime: null,
    isForeignNumber: false,
    isLongNumber: false,
    unfit: null,
    ...more,
  };
}

describe("a proposed range", () => {
  it("has room for next month and ends at 0 where values reach 0 and none is below", () => {
    expect(proposeRange(column(0, 448.5))).toEqual({ min: 0, max: 900 });
    expect(proposeRange(column(10.94, 64.4))).toEqual({ min: -43, max: 118 });
    expect(proposeRange(column(1, 31, { type: "int" }))).toEqual({ min: 0, max: 61 });
  });

  it("is none for identifiers, which grow, and for columns with infinities", () => {
    expect(proposeRange(column(1, 1_000, { name: "user_id", type: "int" }))).toBeNull();
    expect(proposeRange(column(1, 1_000, { type: "int", distinct: 1_000 }))).toBeNull();
    expect(proposeRange(column(0, 1, { infinite: 2 }))).toBeNull();
  });

  it("always holds what was seen", () => {
    const bound = fc.double({ noNaN: true, min: -1e12, max: 1e12 });
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const range = proposeRange(column(min, max));
        if (range === null) return;
        expect(range.min).toBeLessThanOrEqual(min);
        expect(range.max).toBeGreaterThanOrEqual(max);
      }),
    );
  });
});

describe("YAML written for a table", () => {
  it("means what the table says, whatever its names, values and comments contain", () => {
    const text = fc
      .oneof(fc.string(), fc.string({ unit: "binary" }))
      .filter((one) => one.isWellFormed() && one.length < 200);
    const names = fc.uniqueArray(
      text.filter((one) => one !== "" && one !== "__proto__"),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(names, text, (columns, other) => {
        const [first = ""] = columns;
        const lines = columns.map(
          (name) =>
            `  ${yamlScalar(name)}: { type: string, allowed_values: ${yamlList([other])} } ${yamlComment(other)}`,
        );
        const yaml = `version: 1\nrules: 2\nprimary_key: ${yamlList(columns)}\ntarget: ${yamlScalar(first)}\ncolumns:\n${lines.join("\n")}\n`;
        const { value } = parseConfig(new TextEncoder().encode(yaml), "v1.yaml", dataContractSchema);
        expect(value.primary_key).toEqual(columns);
        expect(Object.keys(value.columns).sort()).toEqual([...columns].sort());
        for (const name of columns) expect(value.columns[name]?.allowed_values).toEqual([other]);
      }),
      { numRuns: 500 },
    );
  });

  it("fills every placeholder of a template, and a value without one is an error", () => {
    expect(fillTemplate("a: {{x}}\n{{lines}}\n{{none}}\nb: 1\n", { x: "1", lines: "c: 2\nd: 3", none: "" })).toBe(
      "a: 1\nc: 2\nd: 3\nb: 1\n",
    );
    expect(() => fillTemplate("a: {{x}}", {})).toThrow("needs x");
    expect(() => fillTemplate("a: 1", { y: "2" })).toThrow("no place for y");
  });
});
