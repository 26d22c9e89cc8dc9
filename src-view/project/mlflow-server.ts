import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { ServerStatus } from "../../src-core/contract/tracking.ts";
import type { Block, Section } from "../section.ts";
import { facts, line, part, report, signed, text, toned } from "../shape.ts";
import { timeWithAge } from "../times.ts";

const sources = {
  flag: "--tracking-uri",
  MLFLOW_TRACKING_URI: "MLFLOW_TRACKING_URI",
  "signalbox.yaml": "signalbox.yaml",
  managed: "the project's own server, managed by Signalbox",
} as const satisfies Record<ServerStatus["source"], string>;

export function mlflowServer(server: ServerStatus, now: number): readonly Section[] {
  return report(part(...serverBlocks(server, now)));
}

export function startedServer({ isNew, ...server }: OperationOutput<"mlflow.start">, now: number): readonly Section[] {
  return report(part(...serverBlocks(server, now), isNew ? undefined : line("It was already running.")));
}

function serverBlocks(server: ServerStatus, now: number): readonly (Block | undefined)[] {
  const { isRunning, uri } = server;
  return [
    signed(
      isRunning ? "good" : "none",
      "MLflow ",
      isRunning ? toned("is running", "good") : toned("isn't running", "caution"),
      uri === null ? "" : `  ${uri}`,
    ),
    facts([
      ["server", sources[server.source]],
      ["version", server.version ?? undefined],
      ["process", server.pid ?? undefined],
      ["started", server.startedAt === null ? undefined : timeWithAge(Date.parse(server.startedAt), now)],
      ["folder", server.folder ?? undefined],
      ["log", server.log ?? undefined],
    ]),
    text(server.problem, { mark: "bad" }),
    isRunning || server.source !== "managed"
      ? undefined
      : line("Start it with `signalbox mlflow start`; the next run also starts it."),
  ];
}

export function stoppedServer({ wasRunning }: OperationOutput<"mlflow.stop">): readonly Section[] {
  return report(
    part(wasRunning ? signed("good", "MLflow stopped; its contents are kept.") : line("MLflow wasn't running.")),
  );
}

export function openedPage({ url, isOpened }: OperationOutput<"mlflow.open">): readonly Section[] {
  return report(part(isOpened ? signed("good", `Opened ${url}`) : line(url)));
}
