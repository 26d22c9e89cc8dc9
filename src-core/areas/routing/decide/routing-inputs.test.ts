import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeProject } from "../../../../test/support/made-project.ts";
import { candidate, policy } from "../../../../test/support/routing-candidates.ts";
import { type PlanInputs, type RoutingPlan, routingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { writeCandidates } from "../candidates/candidate-files.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import { publishRoutingPlan } from "../plan/plan-files.ts";
import type { LoadedPolicy } from "../policy/routing-policy.ts";
import type { Target } from "../policy/targets.ts";
import { delay, viewInput } from "../testing/measured-views.ts";
import { planInputsNow, readRoutingPlan, refuseStaleRoutes, routeProject, routingPlanOf } from "./routing-inputs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-inputs-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { configs } = viewInput();

interface Described {
  readonly targets: readonly Target[];
  readonly segment: string;
  readonly configs: typeof configs;
}

type InputCore = Pick<RoutingCore, "clock" | "configs" | "project" | "splits"> & {
  readonly runs: Pick<RoutingCore["runs"], "gitCommit">;
};

function coreWith({ targets, segment, configs: resolved }: Described, { master = "master" } = {}): InputCore {
  const project = madeProject(root, {
    targets: targets.map(({ name, column, task }) => ({ name, column, task })),
    segments: { column: segment },
  });
  return {
    project: () => project,
    clock: { now: () => new Date(0) },
    configs: { resolve: async () => resolved },
    runs: { gitCommit: async () => "abc1234" },
    splits: { masterSha256: async () => master },
  };
}

type InputNeeds = Pick<RoutingNeeds, "policy" | "targets">;

function needsWith({ targets }: Pick<Described, "targets">, more: { policy?: object } = {}): InputNeeds {
  const loaded: LoadedPolicy = {
    ...{ policy: policy({ ...more.policy }), origins: {}, file: null, digest: JSON.stringify(more.policy ?? {}) },
  };
  return {
    policy: () => loaded,
    targets: () => targets,
  };
}

const plain: Described = { targets: [delay()], segment: "carrier", configs };
const folder = () => projectPaths(root).routing;

async function table(...rows: readonly Parameters<typeof candidate>[0][]): Promise<void> {
  mkdirSync(folder(), { recursive: true });
  await writeCandidates(path.join(folder(), "routing_candidates.parquet"), rows.map(candidate), "parquet");
}

async function routesOf(core: InputCore, needs: InputNeeds): Promise<RoutingPlan> {
  return await routingPlanOf(core, await routeProject(core, needs));
}

describe("routing a project", () => {
  const rows = [
    { target: "delay", metric_name: "r2", task_type: "regression", score: 0.2 },
    { target: "delay", symbol: "UA", metric_name: "r2", task_type: "regression", score: -0.25 },
  ] as const;

  test("follows its candidates, its policy and its targets' horizons", async () => {
    await table(...rows);
    const signalAt = async (horizonMinutes: number | null) => {
      const targets = [{ ...delay(), horizonMinutes }];
      const { targets: routed } = await routesOf(coreWith({ ...plain, targets }), needsWith({ ...plain, targets }));
      return routed.delay?.symbols.UA?.symbol_signal;
    };
    expect(await signalAt(null)).toBe("WEAK_BUT_OK");
    expect(await signalAt(30)).not.toBe("WEAK_BUT_OK");
  });

  test("records what the plan was made from, and the policy's relaxations", async () => {
    await table(...rows);
    const { metadata } = await routesOf(coreWith(plain), needsWith(plain, { policy: { dev_mode: true } }));
    expect(metadata).toMatchObject({
      ...{ generated_at: "1970-01-01T00:00:00.000Z", git_commit: "abc1234", config_hash: '{"dev_mode":true}' },
      ...{ marks: ["dev_mode"], candidates_hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });

  test("needs a candidate table", async () => {
    await expect(routeProject(coreWith(plain), needsWith(plain))).rejects.toMatchObject({
      code: "routing/no-candidates",
    });
  });

  test("finds the task for a table without one in its own targets", async () => {
    const file = path.join(root, "elsewhere.csv");
    writeFileSync(file, "target,score\ndelay,0.2\n");
    const { table: read } = await routeProject(coreWith(plain), needsWith(plain), file);
    expect(read.candidates).toEqual([expect.objectContaining({ task_type: "regression", metric_name: "r2" })]);
  });
});

describe("an existing routing plan", () => {
  test("is read back, refused if it is corrupt, and reported if it is missing", async () => {
    expect(() => readRoutingPlan(folder())).toThrow(expect.objectContaining({ code: "routing/plan-missing" }));
    await table({ target: "delay" });
    const plan = await routesOf(coreWith(plain), needsWith(plain));
    publishRoutingPlan(folder(), plan);
    expect(readRoutingPlan(folder())).toEqual(routingPlanSchema.parse(plan));
    for (const text of ["{", "{}", '{"schema_version": 2}']) {
      writeFileSync(path.join(folder(), "routing_plan.json"), text);
      expect(() => readRoutingPlan(folder())).toThrow(expect.objectContaining({ code: "routing/plan-corrupt" }));
    }
  });

  test("is refused if candidates or policy have changed, naming which", async () => {
    await table({ target: "delay" });
    const core = coreWith(plain);
    const before = await routeProject(core, needsWith(plain));
    publishRoutingPlan(folder(), await routingPlanOf(core, before));
    expect(() => refuseStaleRoutes(core, before)).not.toThrow();
    const policyNow = await routeProject(core, needsWith(plain, { policy: { use_ci_low: true } }));
    expect(() => refuseStaleRoutes(core, policyNow)).toThrow(
      expect.objectContaining({
        code: "routing/plan-stale",
        details: { stale: ["the policy (configs/routing.yaml)"] },
      }),
    );
    await table({ target: "delay", score: 0.9 });
    const tableNow = await routeProject(core, needsWith(plain));
    expect(() => refuseStaleRoutes(core, tableNow)).toThrow(
      expect.objectContaining({ details: { stale: ["the candidate table"] } }),
    );
  });
});

describe("the inputs of a plan", () => {
  async function inputs(described: Described, more: { policy?: object; master?: string } = {}): Promise<PlanInputs> {
    const [core, needs] = [coreWith(described, more), needsWith(described, more)];
    return await planInputsNow(core, await routeProject(core, needs));
  }
  const changed = (a: PlanInputs, b: PlanInputs) =>
    Object.entries(a).flatMap(([key, value]) => (b[key as keyof PlanInputs] === value ? [] : [key]));
  const withDigest = (part: "split" | "feature" | "dataContract" | "model"): Described => ({
    ...plain,
    configs: { ...configs, [part]: { ...configs[part], digest: "another" } },
  });

  test("are each the digest of its own part", async () => {
    await table({ target: "delay" });
    publishRoutingPlan(folder(), await routesOf(coreWith(plain), needsWith(plain)));
    const now = await inputs(plain);
    expect(await inputs(plain)).toEqual(now);
    const others: readonly (readonly [string[], Promise<PlanInputs>])[] = [
      [["dataset_hash"], inputs(plain, { master: "another" })],
      [["config_hash"], inputs(plain, { policy: { use_ci_low: true } })],
      [["split_hash"], inputs(withDigest("split"))],
      [["split_hash"], inputs(withDigest("dataContract"))],
      [["features_hash"], inputs(withDigest("feature"))],
      [[], inputs(withDigest("model"))],
      [["project_hash"], inputs({ ...plain, segment: "shop" })],
      [["project_hash"], inputs({ ...plain, targets: [{ ...delay(), horizonMinutes: 5 }] })],
      [["project_hash"], inputs({ ...plain, targets: [delay([])] })],
    ];
    for (const [keys, other] of others) expect(changed(now, await other)).toEqual(keys);
  });
});
