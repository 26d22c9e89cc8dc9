import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { edit, expectRefusal, type Lab, openLab, type Refusal } from "../support/bad-input.ts";

// Nothing listens there: a bad configuration is refused before any request to a server.
const noServer = "http://127.0.0.1:1";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(noServer);
});
afterAll(() => lab?.close());

type Case = readonly [name: string, prepare: (project: string) => void, refusal: Refusal];
const model = "configs/models/v1.yaml";
const feature = "configs/features/v1.yaml";

const cases: readonly Case[] = [
  [
    "an unknown key, with the nearest one",
    (project) => edit(project, model, "seed: 42", "seeed: 42"),
    {
      code: "configs/unknown-key",
      exit: 2,
      says: [/^configs\/models\/v1\.yaml:\d+:1: unknown key `seeed`/, "did you mean `seed`?"],
      next: "Allowed keys here: version, model, seed",
    },
  ],
  [
    "an unknown enum value, with the nearest allowed one",
    (project) => edit(project, feature, "encode: onehot", "encode: onehott"),
    {
      code: "configs/invalid-value",
      exit: 2,
      says: [
        /^configs\/features\/v1\.yaml:\d+:13: `categorical\[0\]\.encode` is "onehott"/,
        /one of onehot, ordinal, binary, target/,
        "did you mean `onehot`?",
      ],
      next: "configuration reference",
    },
  ],
  [
    "an unknown split strategy",
    (project) => edit(project, "configs/splits/v1.yaml", "strategy: group_hash", "strategy: group_hush"),
    {
      code: "configs/invalid-value",
      exit: 2,
      says: [/^configs\/splits\/v1\.yaml:\d+:11: `strategy`/, "did you mean `group_hash`?"],
      next: "Correct the value",
    },
  ],
  [
    "an unknown model type",
    (project) => edit(project, model, "hist_gradient_boosting", "hist_gradient_bosting"),
    {
      code: "configs/invalid-value",
      exit: 2,
      says: [/^configs\/models\/v1\.yaml:\d+:9: /, "did you mean `hist_gradient_boosting`?"],
      next: "Model types: gradient_boosting",
    },
  ],
  [
    "a target that the contract doesn't have",
    (project) => {
      for (const file of ["signalbox.yaml", "configs/data_contracts/v1.yaml"])
        edit(project, file, "\ntarget: minutes", "\ntarget: minuts");
    },
    {
      code: "configs/inconsistent",
      exit: 2,
      says: [/^configs\/data_contracts\/v1\.yaml:\d+:9: the target `minuts` isn't among the columns/],
      next: "Declare it",
    },
  ],
  [
    "the target as a feature",
    (project) => edit(project, feature, "columns: [amount", "columns: [minutes, amount"),
    {
      code: "configs/inconsistent",
      exit: 2,
      says: [/^configs\/features\/v1\.yaml:\d+:\d+: the target `minutes` can't be a feature/],
      next: "Remove it",
    },
  ],
  [
    "a feature that is known only after the decision",
    (project) => edit(project, "configs/data_contracts/v1.yaml", "amount: { type", "amount: { known: after, type"),
    {
      code: "splits/leakage",
      exit: 4,
      says: [/^configs\/features\/v1\.yaml:\d+:\d+: `amount` is known only after the decision/, "v1.yaml"],
      next: "Remove it from the features",
    },
  ],
  [
    "a gate on a metric that no test measures",
    (project) => edit(project, "configs/promotion.yaml", "metric: reference_mae", "metric: reference_mea"),
    {
      code: "configs/inconsistent",
      exit: 2,
      says: [
        /^configs\/promotion\.yaml:\d+:\d+: `reference_mea` is measured by no test/,
        "did you mean `reference_mae`?",
      ],
      next: /Allowed: reference_rmse.*latency_p50_ms/,
    },
  ],
  [
    "a master table outside the project",
    (project) => edit(project, "signalbox.yaml", "master: data/master.csv", "master: ../orders.csv"),
    {
      code: "configs/invalid-value",
      exit: 2,
      says: [/^signalbox\.yaml:\d+:9: `master` is "..\/orders.csv"/, "a path below the project"],
      next: "Correct the value",
    },
  ],
  [
    "an unknown version of the file format",
    (project) => edit(project, feature, "\nversion: 1", "\nversion: 2"),
    {
      code: "configs/unknown-schema-version",
      exit: 2,
      says: [/^configs\/features\/v1\.yaml:\d+:\d+: /],
      next: /\S/,
    },
  ],
  [
    "a configuration file that doesn't exist",
    (project) => rmSync(path.join(project, model)),
    { code: "configs/version-not-found", exit: 3, says: ["model version 1", "configs/active.yaml"], next: /\S/ },
  ],
];

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
for (const [from, to] of ["ab", "bc", "cd", "de", "ef"].map((pair) => [pair[0], pair[1]]))
  bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(", ")}]`);

const hostile: readonly (readonly [name: string, text: string | Buffer, place: RegExp])[] = [
  ["aliases that multiply", bomb.join("\n"), /v1\.yaml:\d+:\d+: more than \d+ values/],
  [
    "a tag that names code",
    'version: 1\nmodel: !!python/object/apply:os.system ["touch pwned"]\n',
    /:2:8: Unresolved tag/,
  ],
  ["a key that would change every object", "version: 1\n__proto__: { admin: true }\n", /:2:1: the key `__proto__`/],
  ["brackets that never close", "[".repeat(100_000), /:1:1: nested deeper/],
  ["a key twice", "version: 1\nseed: 1\nseed: 2\n", /:3:1: .*unique/],
  ["a quote that is never closed", 'version: 1\nmodel: "abc\n', /v1\.yaml:\d+:\d+: /],
  ["text that is not UTF-8", Buffer.from("version: 1\n# gr\xf6sse\n", "latin1"), /:2:5: not UTF-8/],
  ["more than a megabyte", `# ${"x".repeat(1 << 20)}\n`, /:1:1: \d+ bytes/],
];

describe("a wrong configuration is refused with place, reason and next step", () => {
  it.each(cases)("%s", async (_, prepare, refusal) => {
    const project = lab.copy();
    prepare(project);
    await expectRefusal(lab, { project, args: ["run"], refusal });
  });

  it("names an unknown version, and the existing ones", async () => {
    const project = lab.copy();
    await expectRefusal(lab, {
      project,
      args: ["run", "--set", "model_version=9"],
      refusal: {
        code: "configs/version-not-found",
        exit: 3,
        says: ["no model version 9", "existing: 1"],
        next: "configs/models/v9.yaml",
      },
    });
  });

  it("leaves no run behind", () => {
    expect(existsSync(path.join(lab.folder, "case-1", ".signalbox", "runs"))).toBe(false);
  });
});

describe("hostile YAML is refused with its place", () => {
  it.each(hostile)("%s", async (_, text, place) => {
    const project = lab.copy();
    writeFileSync(path.join(project, model), text);
    await expectRefusal(lab, {
      project,
      args: ["run"],
      refusal: {
        code: "configs/syntax",
        exit: 2,
        says: ["configs/models/v1.yaml", place],
        next: /plain YAML|Remove/,
      },
    });
    expect(existsSync(path.join(project, "pwned"))).toBe(false);
  });
});

describe("the flights sample", () => {
  it("stops at a feature that is known only after departure", async () => {
    const flights = await openLab(noServer, ["--sample", "flights"]);
    try {
      const project = flights.copy();
      edit(project, feature, "columns: [distance", "columns: [dep_delay, distance");
      await expectRefusal(flights, {
        project,
        args: ["run"],
        refusal: {
          code: "splits/leakage",
          exit: 4,
          says: [/configs\/features\/v1\.yaml:\d+:\d+: `dep_delay` is known only after the decision/],
          next: "Remove it from the features",
        },
      });
    } finally {
      flights.close();
    }
  });
});
