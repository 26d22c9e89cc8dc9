import type { ServerStatus } from "../../src-core/contract/tracking.ts";
import { mark } from "../marks.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { facts } from "../table.ts";
import { hanging, lines } from "../text.ts";
import { timeWithAge } from "../times.ts";
import type { Views } from "../view.ts";

export const mlflowViews: Views = {
  "mlflow.start": ({ isNew, ...server }, screen) =>
    lines(serverView(server, screen), isNew ? "" : "It was running already."),
  "mlflow.status": serverView,
  "mlflow.stop": ({ wasRunning }, screen) =>
    wasRunning ? `${mark(screen, "good")} MLflow stopped; what it holds stays.` : "MLflow wasn't running.",
  "mlflow.open": ({ url, isOpened }, screen) =>
    isOpened ? `${mark(screen, "good")} Opened ${plainLine(url)}` : plainLine(url),
};

const sources = {
  flag: "--tracking-uri",
  MLFLOW_TRACKING_URI: "MLFLOW_TRACKING_URI",
  "signalbox.yaml": "signalbox.yaml",
  managed: "the project's own, managed by Signalbox",
} as const satisfies Record<ServerStatus["source"], string>;

function serverView(server: ServerStatus, screen: Screen): string {
  const state = server.isRunning ? paint(screen, "green", "answers") : paint(screen, "yellow", "doesn't run");
  return lines(
    `${mark(screen, server.isRunning ? "good" : "none")} MLflow ${state}${server.uri === null ? "" : `  ${plainLine(server.uri)}`}`,
    facts(screen, [
      ["server", sources[server.source]],
      ["version", server.version ?? undefined],
      ["process", server.pid ?? undefined],
      ["started", server.startedAt === null ? undefined : timeWithAge(Date.parse(server.startedAt), screen.now)],
      ["folder", server.folder ?? undefined],
      ["log", server.log ?? undefined],
    ]),
    server.problem === null ? "" : mark(screen, "bad") + hanging(screen, "  ", server.problem).slice(1),
    server.isRunning || server.source !== "managed" ? "" : "signalbox mlflow start starts it; so does the next run.",
  );
}
