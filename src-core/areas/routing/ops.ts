import path from "node:path";
import type { Implementations, OperationContext } from "../../contract/operation.ts";
import type { AssessOutput, TrainOutput } from "../../contract/routing/routing-output.ts";
import type { TrainingPlan } from "../../contract/routing/routing-plans.ts";
import type { routingOperations } from "../../contract/routing.ts";
import type { PreparedViews } from "./assess/prepare-views.ts";
import type { RoutingCore, RoutingNeeds } from "./needs.ts";

type Operations = Implementations<typeof routingOperations>;

export function routingOps(core: RoutingCore, needs: RoutingNeeds): Operations {
  const relative = (file: string) => path.relative(core.projectDir, file);
  const planFile = () => path.join(core.project().paths.trainingPlan, "master_training_plan.json");

  async function assessNow(
    input: { readonly fresh: boolean; readonly jobs?: number | undefined; readonly format: "parquet" | "csv" },
    context: OperationContext,
  ): Promise<{ readonly output: AssessOutput; readonly views: PreparedViews }> {
    const [{ assess }, { evidenceFile }] = await Promise.all([
      import("./assess/assess.ts"),
      import("./candidates/evidence-table.ts"),
    ]);
    const request = { isFresh: input.fresh, jobs: input.jobs, format: input.format };
    const made = await assess(core, needs, { request, context });
    const output: AssessOutput = {
      candidatesFile: made.candidatesFile,
      evidenceFile: relative(evidenceFile(core.project().paths.routing)),
      results: made.tasks,
      reused: made.reused,
      seconds: made.seconds,
      views: made.views.map((view) => ({
        target: view.target,
        symbol: view.symbol,
        rows: view.rows,
        effectiveRows: view.effective_sample_size,
        score: view.score,
        low: view.score_low,
        high: view.score_high,
        method: view.interval_method,
        bestFamily: view.best_family,
        stability: view.stability,
        leakage: view.leakage_status,
        findings: view.leakage,
        families: view.families.map(({ family, score, error, folds }) => ({ family, score, error, folds })),
        note: view.note,
      })),
    };
    return { output, views: made.prepared };
  }

  async function buildRoutes(candidates?: string) {
    const [{ routeProject, routingPlanOf }, { publishRoutingPlan }, { routesOutput }, { idleAcceptances }] =
      await Promise.all([
        import("./decide/routing-inputs.ts"),
        import("./plan/plan-files.ts"),
        import("./decide/routes-output.ts"),
        import("./policy/policy.ts"),
      ]);
    const { paths } = core.project();
    const routed = await routeProject(core, needs, candidates);
    if (candidates !== undefined)
      await (await import("./candidates/adopt-candidates.ts")).adoptCandidates(paths.routing, routed.table);
    const plan = await routingPlanOf(core, routed);
    publishRoutingPlan(paths.routing, plan);
    return routesOutput(plan, {
      file: relative(path.join(paths.routing, "routing_plan.json")),
      badRows: routed.table.bad.map(({ key, problems }) => ({ key, problems: [...problems] })),
      notes: [
        ...(routed.table.unknownColumns.length === 0
          ? []
          : [`Ignored columns that a candidate table doesn't have: ${routed.table.unknownColumns.join(", ")}`]),
        ...idleAcceptances(routed.table.candidates, routed.loaded.policy).map(
          (one) => `accept_suspect accepts ${one}, but no view of that name has leakage SUSPECT`,
        ),
      ],
    });
  }

  /** The plan to train: the project's own, checked against its inputs, or an older one that was named. */
  async function planFor(legacyPlan: string | undefined): Promise<{ plan: TrainingPlan; notes: readonly string[] }> {
    if (legacyPlan !== undefined) return (await import("./legacy/import-legacy.ts")).readLegacyPlan(core, legacyPlan);
    const plan = await freshPlan();
    return { plan, notes: [] };
  }

  async function freshPlan(): Promise<TrainingPlan> {
    const [{ readTrainingPlan }, { refuseStale }, { planInputsNow, routeProject }] = await Promise.all([
      import("./plan/read-plan.ts"),
      import("./plan/plan-stale.ts"),
      import("./decide/routing-inputs.ts"),
    ]);
    const plan = readTrainingPlan(planFile());
    refuseStale(plan.metadata, await planInputsNow(core, await routeProject(core, needs)));
    return plan;
  }

  async function trainNow(
    input: {
      readonly only?: string | undefined;
      readonly stage?: number | undefined;
      readonly jobs?: number | undefined;
      readonly fresh: boolean;
      readonly promote: boolean;
      readonly trackingUri?: string | undefined;
    },
    more: { readonly plan: TrainingPlan; readonly views?: PreparedViews; readonly isDryRun?: boolean },
    context: OperationContext,
  ): Promise<TrainOutput> {
    const [{ trainPlan }, { matchesFilter, parseFilter }, { checkGates }] = await Promise.all([
      import("./train/train.ts"),
      import("./train/job-filter.ts"),
      import("./policy/check-gates.ts"),
    ]);
    const filter = parseFilter(input.only, input.stage, more.plan.jobs);
    const asked = new Set(more.plan.jobs.filter((job) => matchesFilter(job, filter)).map((job) => job.target));
    // Otherwise the first job of such a target finds it out, after the others were trained.
    await checkGates(
      core,
      needs.targets().filter(({ name }) => asked.has(name)),
    );
    return await trainPlan(core, needs, {
      request: {
        plan: more.plan,
        filter,
        atOnce: input.jobs,
        isFresh: input.fresh,
        promote: input.promote,
        isDryRun: more.isDryRun ?? false,
        trackingUri: input.trackingUri,
        views: async () =>
          more.views ?? (await (await import("./assess/prepare-views.ts")).prepareViews(core, needs, context)),
      },
      context,
    });
  }

  return {
    "routing.assess": async (input, context) => (await assessNow(input, context)).output,
    "routing.build": async ({ candidates }) =>
      buildRoutes(candidates === undefined ? undefined : path.resolve(core.projectDir, candidates)),
    "routing.show": async ({ target, segment }) => {
      const [{ readRoutingPlan }, { routesOutput }] = await Promise.all([
        import("./decide/routing-inputs.ts"),
        import("./decide/routes-output.ts"),
      ]);
      const { paths } = core.project();
      const file = relative(path.join(paths.routing, "routing_plan.json"));
      return routesOutput(readRoutingPlan(paths.routing), { file, target, segment });
    },
    "routing.explain": async (input) => (await import("./explain/explain-route.ts")).explainRoute(core, needs, input),
    "routing.whatIf": async ({ set }) => (await import("./explain/ask-what-if.ts")).askWhatIf(core, needs, set),
    "routing.configShow": async () => {
      const [{ policyEntries, policyText }, { policyMarks }] = await Promise.all([
        import("./policy/policy-keys.ts"),
        import("./policy/policy.ts"),
      ]);
      const { policy, origins, file, digest } = needs.policy();
      const values = policyEntries(policy).map(([key, value]) => ({
        key,
        value: policyText(value),
        origin: origins[key] ?? "default",
      }));
      return { file, digest, marks: [...policyMarks(policy)], values };
    },
    "routing.configCheck": async () => {
      const { horizonTier, policyMarks } = await import("./policy/policy.ts");
      const { checkGates } = await import("./policy/check-gates.ts");
      const { policy, file } = needs.policy();
      const described = needs.targets();
      await checkGates(core, described);
      const targets = described.map((target) => ({
        name: target.name,
        task: target.task,
        metric: target.metric,
        tier: horizonTier(target.horizonMinutes),
        families: target.families.map(({ name, stage }) => (stage === 2 ? `${name} (stage 2)` : name)),
        gate: target.promotion,
      }));
      return {
        file,
        targets,
        segments: core.project().config.segments?.column ?? null,
        marks: [...policyMarks(policy)],
      };
    },
    "routing.import": async ({ dir, force }) =>
      (await import("./legacy/import-legacy.ts")).importLegacy(core, needs, { dir, isForced: force }),
    "routing.run": async (input, context) => {
      const [{ buildPlan }, { refuseOthersNames }] = await Promise.all([
        import("./plan/build-plan.ts"),
        import("./train/refuse-names.ts"),
      ]);
      // The training asks again, for each job: what can be known now shouldn't cost an assessment.
      await refuseOthersNames(core, { trackingUri: input.trackingUri, jobs: [], isOnlyAsked: true }, context);
      const { output, views } = await assessNow({ fresh: input.fresh, jobs: input.jobs, format: "parquet" }, context);
      context.report({ stage: "route", state: "started" });
      const routes = await buildRoutes();
      const counted = Object.entries(routes.counts).filter(([, count]) => count > 0);
      context.report({
        stage: "route",
        state: "finished",
        message: counted.map(([route, count]) => `${count} ${route.replace("ROUTE_", "")}`).join(", ") || "no segments",
      });
      const plan = await buildPlan(core, needs, { context, views });
      const training = await trainNow(input, { plan, views }, context);
      const { views: _, ...assessed } = output;
      return {
        assessed,
        routes: routes.counts,
        plan: { planHash: plan.metadata.plan_hash, jobs: plan.metadata.total_jobs, skipped: plan.skipped.length },
        training,
      };
    },
    "routing.planBuild": async (_input, context) => {
      const { buildPlan, planOutput } = await import("./plan/build-plan.ts");
      return planOutput(await buildPlan(core, needs, { context }), { file: relative(planFile()) });
    },
    "routing.planShow": async ({ target, segment, legacyPlan }) => {
      const [{ planOutput }, { readTrainingPlan }] = await Promise.all([
        import("./plan/build-plan.ts"),
        import("./plan/read-plan.ts"),
      ]);
      const plan = legacyPlan === undefined ? readTrainingPlan(planFile()) : (await planFor(legacyPlan)).plan;
      return planOutput(plan, { file: legacyPlan ?? relative(planFile()), target, segment });
    },
    "routing.planDiff": async (input) => (await import("./plan/compare-plans.ts")).comparePlans(core, needs, input),
    "routing.planCheck": async () => {
      const { metadata } = await freshPlan();
      const { plan_hash: planHash, total_jobs: jobs, marks } = metadata;
      return { file: relative(planFile()), planHash, jobs, marks };
    },
    "routing.train": async (input, context) => {
      const { plan, notes } = await planFor(input.legacyPlan);
      const output = await trainNow(input, { plan, isDryRun: input.dryRun }, context);
      return { ...output, notes: [...notes, ...output.notes] };
    },
    "routing.queue": async () => (await import("./train/queue-file.ts")).readQueue(core.project().paths),
  };
}
