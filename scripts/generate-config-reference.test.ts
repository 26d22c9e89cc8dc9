import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { projectConfigSchema } from "../src-core/contract/configs/project-config.ts";
import { configReference, referenceFile, rowsOf } from "./generate-config-reference.ts";

describe("the configuration reference", () => {
  it("matches the schemas (node scripts/generate-config-reference.ts writes it)", () => {
    expect(readFileSync(referenceFile, "utf8")).toBe(configReference());
  });

  it("has every key with its type, default and meaning", () => {
    expect(rowsOf(projectConfigSchema)).toContainEqual({
      key: "executors.local.threads",
      value: "whole number ≥ 1",
      fallback: "–",
      meaning: "Threads that a job may use; all cores by default",
    });
    expect(rowsOf(projectConfigSchema)).toContainEqual({
      key: "families.<family>.seed",
      value: "whole number ≥ 0 ≤ 4294967295",
      fallback: "`42`",
      meaning: "Seed of every random choice in fitting",
    });
    expect(configReference()).toContain("| `stability_allowlist` | mapping | – |");
    expect(configReference()).toContain("| `optional_tests[].moving_period.durations` | list of duration | required |");
  });

  it("can't be written if a key has no description", () => {
    expect(() => rowsOf(z.strictObject({ bare: z.string() }))).toThrow("bare has no description");
  });
});
