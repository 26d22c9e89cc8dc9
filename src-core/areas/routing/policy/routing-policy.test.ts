import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../../contract/errors.ts";
import { leakageSchema, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { readConfig } from "../../configs/read/read-config.ts";
import { defaultPolicy } from "./policy.ts";
import { policyEntries } from "./policy-keys.ts";
import { type LoadedPolicy, loadRoutingPolicy } from "./routing-policy.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-test-policy-"));
  mkdirSync(path.join(root, "configs"));
});
afterEach(() => rmSync(root, { recursive: true }));

const file = "configs/routing.yaml";

function load(yaml: string): LoadedPolicy {
  writeFileSync(path.join(root, file), yaml);
  return loadRoutingPolicy({ root }, readConfig);
}

function failure(yaml: string): AppError {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the policy of a project", () => {
  it("is the default if there is no file, and marks every value as such", () => {
    const loaded = loadRoutingPolicy({ root }, readConfig);
    expect(loaded).toMatchObject({ policy: defaultPolicy(), file: null });
    expect(new Set(Object.values(loaded.origins))).toEqual(new Set(["default"]));
    expect(Object.keys(loaded.origins)).toEqual(policyEntries(defaultPolicy()).map(([key]) => key));
  });

  it("has the same digest without acceptances as before there were any, and another with one", () => {
    const plain = load("version: 1\n").digest;
    expect(load("version: 1\naccept_suspect: []\n").digest).toBe(plain);
    expect(load("version: 1\naccept_suspect: [{ target: late, reason: known }]\n").digest).not.toBe(plain);
    const { accept_suspect: _, ...before } = defaultPolicy();
    expect(plain).toBe(sha256(canonicalJson(before)));
  });

  it("of the template is the default one", () => {
    copyFileSync(path.join(appRoot, "resources", "templates", "routing.yaml"), path.join(root, file));
    const { policy, origins } = loadRoutingPolicy({ root }, readConfig);
    expect(policy).toEqual(defaultPolicy());
    // The template shows every key.
    expect(Object.entries(origins).filter(([, origin]) => origin === "default")).toEqual([]);
  });

  it("reports where each value comes from", () => {
    const { policy, origins } = load(`version: 1
use_ci_low: true
cross_sectional:
  min_score: 0.55
  regression: { short: { strong_score: 0.3 } }
stability_allowlist:
  symbol:
    - STABLE
    - DRIFTING
`);
    expect(policy.cross_sectional.classification).toEqual({ min_score: 0.55, strong_score: 0.58 });
    expect(policy.cross_sectional.regression.short).toEqual({ min_score: 0, strong_score: 0.3 });
    expect(origins).toMatchObject({
      version: `${file}:1`,
      use_ci_low: `${file}:2`,
      "cross_sectional.classification.min_score": `${file}:4`,
      "cross_sectional.classification.strong_score": "default",
      "cross_sectional.regression.short.strong_score": `${file}:5`,
      "cross_sectional.regression.short.min_score": "default",
      "stability_allowlist.symbol": `${file}:8`,
      "stability_allowlist.cross_sectional": "default",
    });
  });

  it("has one digest however it is written, and another with another value", () => {
    const { digest } = loadRoutingPolicy({ root }, readConfig);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(load("version: 1\n").digest).toBe(digest);
    expect(load("# why\nversion: 1\ncross_sectional: { min_score: 0.52 } # the default\n").digest).toBe(digest);
    expect(load("version: 1\nstability_allowlist: { cross_sectional: [DRIFTING, STABLE] }\n").digest).toBe(digest);
    expect(load("version: 1\ncross_sectional: { min_score: 0.53 }\n").digest).not.toBe(digest);
    expect(load("version: 1\ndev_mode: true\n").digest).not.toBe(digest);
  });
});

describe("a policy that is refused", () => {
  it.each([
    ["use_cilow: true", "unknown key `use_cilow` — did you mean `use_ci_low`?", "allowed"],
    [
      "cross_sectional: { min_scores: 0.5 }",
      "unknown key `min_scores` in `cross_sectional` — did you mean `min_score`?",
      "",
    ],
    ["symbol: { regression: { tiny: { min_score: 0 } } }", "unknown key `tiny` in `symbol.regression`", ""],
    ["experimental: { min_score: 0.5 }", "unknown key `min_score` in `experimental`", ""],
  ])("unknown key: %s", (yaml, message) => {
    const error = failure(`version: 1\n${yaml}\n`);
    expect(error.code).toBe("configs/unknown-key");
    expect(error.message).toContain(`${file}:2:`);
    expect(error.message).toContain(message);
    expect(error.hint).toContain("Allowed keys here");
  });

  it.each([
    ["stability_allowlist: { symbol: [STABEL] }", stabilitySchema.options, "STABLE"],
    ["stability_allowlist: { cross_sectional: [STABEL] }", stabilitySchema.options, "STABLE"],
    ["experimental: { allowed_stabilities: [UNKNWON] }", stabilitySchema.options, "UNKNOWN"],
    ["both_strong_behavior: PREFER_SC", ["ROUTE_BOTH", "PREFER_CS", "PREFER_SYMBOL"], "PREFER_CS"],
  ])("a typo names the allowed: %s", (yaml, allowed, nearest) => {
    const error = failure(`version: 1\n${yaml}\n`);
    expect(error.code).toBe("configs/invalid-value");
    expect(error.message).toContain(`expected one of ${allowed.join(", ")}`);
    expect(error.message).toContain(`did you mean \`${nearest}\`?`);
    expect(error.details).toMatchObject({ allowed, line: 2 });
  });

  it("a leakage status isn't a stability", () => {
    expect(leakageSchema.options).toContain("SAFE");
    expect(failure("version: 1\nstability_allowlist: { symbol: [SAFE] }\n").code).toBe("configs/invalid-value");
  });

  it.each([
    ["use_ci_low: maybe", "expected true or false"],
    ["block_on_leakage: 1", "expected true or false"],
    ["require_safe_features_only: 1", "expected true or false"],
    ["enable_experimental_lane: 'on'", "expected true or false"],
    ["dev_mode: yes", "expected true or false"],
    ["min_sample_size: { symbol: -1 }", "expected at least 0"],
    ["min_sample_size: { cross_sectional: 0.5 }", "expected a whole number"],
    ["require_min_successful_families: -1", "expected at least 0"],
    ["cross_sectional: { min_score: 1.2 }", "expected at most 1"],
    ["symbol: { regression: { default: { strong_score: 1.1 } } }", "expected at most 1"],
    ["experimental: { max_fraction_symbols_per_target: 1.5 }", "expected at most 1"],
    ["experimental: { max_fraction_symbols_per_target: -0.1 }", "expected at least 0"],
    ["stability_classification: { stable_overlap_min: 70 }", "expected at most 1"],
    ["stability_classification: { drifting_tau_min: -2 }", "expected at least -1"],
    ["stability_classification: { max_std_tau: -0.1 }", "expected at least 0"],
    ["stability_classification: { min_snapshots: 1 }", "expected at least 2"],
    ["stability_allowlist: { symbol: STABLE }", "expected a list"],
  ])("a wrong value: %s", (yaml, message) => {
    const error = failure(`version: 1\n${yaml}\n`);
    expect(error.code).toBe("configs/invalid-value");
    expect(error.message).toContain(message);
  });

  it("another version of the schema, no version, an empty file, a duplicate key", () => {
    expect(failure("version: 2\n").code).toBe("configs/unknown-schema-version");
    expect(failure("dev_mode: true\n").message).toContain("the key `version` is missing");
    expect(failure("# nothing\n").message).toContain("the file is empty");
    expect(failure("version: 1\ndev_mode: true\ndev_mode: false\n").code).toBe("configs/syntax");
  });
});

describe("a policy that contradicts itself", () => {
  const contradiction = (yaml: string) => {
    const error = failure(`version: 1\n${yaml}\n`);
    expect(error.code).toBe("configs/inconsistent");
    return error;
  };

  it.each<readonly [string, string]>([
    ["cross_sectional: { classification: { strong_score: 0.5 } }", "cross_sectional.classification"],
    ["symbol: { classification: { min_score: 0.61 } }", "symbol.classification"],
    ...["default", "short", "medium", "long", "very_long"].flatMap((tier) =>
      ["cross_sectional", "symbol"].map(
        (view) =>
          [
            `${view}: { regression: { ${tier}: { min_score: 0.3, strong_score: 0.2 } } }`,
            `${view}.regression.${tier}`,
          ] as const,
      ),
    ),
  ])("a strong score below the minimum: %s", (yaml, where) => {
    expect(contradiction(yaml).message).toContain(`\`${where}\`: strong_score`);
  });

  it("a strong score below the minimum in the short form, at its place", () => {
    const error = contradiction("symbol:\n  strong_score: 0.5");
    expect(error.message).toBe(`${file}:3:17: \`symbol.classification\`: strong_score 0.5 is below min_score 0.54`);
  });

  it.each([
    ["cross_sectional", "min_score"],
    ["cross_sectional", "strong_score"],
    ["symbol", "min_score"],
    ["symbol", "strong_score"],
  ])("%s.%s in its short and its long form, even with equal values", (view, key) => {
    const error = contradiction(`${view}: { ${key}: 0.57, classification: { ${key}: 0.57 } }`);
    expect(error.message).toContain(`both \`${view}.${key}\` and \`${view}.classification.${key}\` are given`);
  });

  it.each([
    ["stability_allowlist: { symbol: [DRIFTING] }", "[STABLE, DRIFTING]"],
    ["stability_allowlist: { cross_sectional: [STABLE, UNKNOWN] }", "[STABLE, DRIFTING, UNKNOWN]"],
    [
      "stability_allowlist: { symbol: [DIVERGED, NOT_MEASURED] }",
      "[STABLE, DRIFTING, DIVERGED, UNKNOWN, NOT_MEASURED]",
    ],
    ["experimental: { allowed_stabilities: [UNKNOWN] }", "[STABLE, DRIFTING, UNKNOWN]"],
  ])("a stability list with a gap: %s", (yaml, completed) => {
    expect(contradiction(yaml).hint).toBe(`Write ${completed}.`);
  });

  it("two thresholds may be one", () => {
    const { policy } = load("version: 1\nsymbol: { min_score: 0.6, strong_score: 0.6 }\n");
    expect(policy.symbol.classification).toEqual({ min_score: 0.6, strong_score: 0.6 });
  });

  it("a list may be empty, or contain only NOT_MEASURED", () => {
    expect(
      load("version: 1\nstability_allowlist: { symbol: [], cross_sectional: [NOT_MEASURED] }\n").policy,
    ).toMatchObject({
      stability_allowlist: { symbol: [], cross_sectional: ["NOT_MEASURED"] },
    });
  });

  it.each(["overlap", "tau"])("STABLE requires less %s than DRIFTING", (figure) => {
    const error = contradiction(`stability_classification: { stable_${figure}_min: 0.3 }`);
    expect(error.message).toContain(`stable_${figure}_min 0.3 is below drifting_${figure}_min`);
  });
});
