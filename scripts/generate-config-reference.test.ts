import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { projectConfigSchema } from "../src-core/contract/project-config.ts";
import { configReference, referenceFile, rowsOf } from "./generate-config-reference.ts";

describe("the configuration reference", () => {
  it("is what the schemas say (node scripts/generate-config-reference.ts writes it anew)", () => {
    expect(readFileSync(referenceFile, "utf8")).toBe(configReference());
  });

  it("has every key with its type, default and meaning", () => {
    expect(rowsOf(projectConfigSchema)).toContainEqual({
      key: "executors.local.threads",
      value: "whole number ≥ 1",
      fallback: "–",
      meaning: "Threads a job may use; all cores if not given",
    });
    expect(configReference()).toContain("| `optional_tests[].moving_period.durations` | list of duration | required |");
  });

  it("can't be written while a key has no description", () => {
    expect(() => rowsOf(z.strictObject({ bare: z.string() }))).toThrow("bare has no description");
  });
});
