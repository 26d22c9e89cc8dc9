import { expect, it } from "vitest";
import { normalizer } from "./recorded-outputs/normalize.ts";

const now = Date.UTC(2026, 10, 28, 12);
const id = (of: string) => of.repeat(32).slice(0, 32);

/** A recording as another machine would make it. */
function recordingOf(
  run: string,
  { port, folder, at }: { readonly port: number; readonly folder: string; readonly at: number },
) {
  const normalize = normalizer({ folders: [[folder, "/srv"]], now });
  return [
    normalize({ runId: run, startedAt: at, endedAt: at + 1_234, url: `http://127.0.0.1:${port}/runs/${run}` }),
    normalize({
      next: [`signalbox runs show ${run.slice(0, 8)}`],
      file: `${folder}/orders/a.csv`,
      seconds: port / 1_000,
    }),
    normalize({ key: "fit_seconds", values: [String(port / 1e5)], isEqual: false }),
    normalize({
      [run]: `made ${new Date(at).toISOString()} in 0.${port} s`,
      value: 1 / 3 + at / 1e27,
      text: `rmse ${1 / 3 + port / 1e15}`,
    }),
  ];
}

it("gives the same for recordings that differ in ids, times, ports, folders, durations and last digits", () => {
  const first = recordingOf(id("8ec5cb08"), { port: 45_679, folder: "/tmp/a-1", at: now - 5_000 });
  const second = recordingOf(id("77aa01ff"), { port: 5_001, folder: "/tmp/b", at: now - 99_123 });
  expect(first).toEqual(second);
  expect(JSON.stringify(first)).toContain("/srv/orders/a.csv");
});

it("keeps equal ids equal and others different, and a short form with its id", () => {
  const normalize = normalizer({ folders: [], now });
  const [a, b, short] = normalize([id("ab01"), id("cd02"), `run ${id("ab01").slice(0, 8)}`]) as string[];
  expect(a).not.toBe(b);
  expect(short).toBe(`run ${a?.slice(0, 8)}`);
  expect(a?.slice(0, 7)).not.toBe(b?.slice(0, 7));
});

it("doesn't change what belongs to the data: its own times, counts, words", () => {
  const normalize = normalizer({ folders: [], now });
  const data = { from: "2024-01-01T05:00:00Z", rows: 1_704_067_200, word: "defaced", share: 0.25, note: "10 of 20" };
  expect(normalize(data)).toEqual(data);
});
