import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createMlflowClient } from "../src-core/foundation/mlflow/client.ts";
import { ensureServer, stopServer } from "../src-core/foundation/mlflow/server/server.ts";
import { startFaultyProxy } from "../test/support/mlflow-faulty-proxy.ts";
import { type BenchLine, type BenchOptions, type BenchResult, type Contestant, timed } from "./bench.ts";

const points = 100_000;
const wantedRequests = Math.ceil(points / 1_000) + 1;
const wantedSockets = 2;

/** Sends 100,000 metric points with parameters and tags to a real server and counts requests in a proxy. One run: counts don't vary. */
export async function run({ python, log }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-mlflow-"));
  try {
    const { uri } = await ensureServer({ folder, python, env: process.env });
    const proxy = await startFaultyProxy(uri);
    const setUp = createMlflowClient({ uri });
    const { experimentId } = await setUp.ensureExperiment("bench");
    const { runId } = await setUp.createRun({ experimentId, requestId: "bench", name: "bench", startTimeMs: 1 });
    const metrics = Array.from({ length: points }, (_, step) => ({
      key: `loss_${step % 4}`,
      value: 1 / (step + 1),
      step,
      timestamp: 1_700_000_000_000 + step,
    }));
    log(`logging ${points} points`);
    const client = createMlflowClient({ uri: proxy.uri });
    const { seconds } = await timed(() =>
      client.logBatch({ runId, metrics, params: { split_version: "1" }, tags: { kind: "bench" } }),
    );
    const kept = (await setUp.getMetricHistory(runId, "loss_3")).length;
    const own = { name: `Signalbox, ${points} points`, seconds: [seconds], bestSeconds: seconds, peakBytes: null };
    const result = {
      lines: [
        counted(`requests for ${points} points (${proxy.seen.length})`, own, proxy.seen.length, wantedRequests),
        counted(`sockets opened (${proxy.sockets()})`, own, proxy.sockets(), wantedSockets),
      ],
      notes: [
        `ratios are counts against ${wantedRequests} requests and ${wantedSockets} sockets, not times`,
        `the server kept ${kept} of ${points / 4} points of one metric`,
      ],
    };
    client.close();
    setUp.close();
    await proxy.close();
    return result;
  } finally {
    await stopServer(folder, 500);
    rmSync(folder, { recursive: true, force: true });
  }
}

function counted(what: string, own: Contestant, count: number, wanted: number): BenchLine {
  const verdict = count <= wanted ? "meets the bar" : "falls short";
  return { what, own, peer: null, ratio: count / wanted, bar: `≤ ${wanted}`, stretch: null, verdict };
}
