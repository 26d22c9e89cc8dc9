import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Mark, mark } from "../marks.ts";
import { counted, formatBytes, formatCount } from "../numbers.ts";
import { plainLine, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { nextSteps, parts, shortDigest } from "../text.ts";
import type { Views } from "../view.ts";

type Status = OperationOutput<"data.status">;
type Restored = OperationOutput<"data.checkout">["outputs"];

export const dataViews: Views = {
  "data.status": status,
  "data.add": ({ outputs }, screen) =>
    parts(
      table(
        screen,
        outputs,
        [
          { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
          { title: "files", value: (it) => formatCount(it.files), align: "right" },
          { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
          { title: "md5", value: (it) => shortDigest(it.hash) },
          { title: "", value: (it) => (it.isChanged ? "recorded" : "unchanged") },
        ],
        { mark: (it) => mark(screen, it.isChanged ? "good" : "note") },
      ),
      outputs.some((it) => it.isChanged)
        ? nextSteps(screen, [`git add ${outputs.map((it) => it.dvcFile).join(" ")}`, "signalbox data push"])
        : "",
    ),
  "data.checkout": ({ outputs }, screen) => restored(outputs, screen),
  "data.push": ({ remote, objects, bytes }, screen) =>
    `${mark(screen, "good")} ${moved(objects, bytes)} sent to ${plainLine(remote)}`,
  "data.pull": ({ remote, objects, bytes, outputs }, screen) =>
    parts(
      `${mark(screen, "good")} ${moved(objects, bytes)} fetched from ${plainLine(remote)}`,
      restored(outputs, screen),
    ),
};

function moved(objects: number | null, bytes: number | null): string {
  if (objects === null) return "Versioned content";
  if (objects === 0) return "Nothing new";
  return counted(objects, "object") + (bytes === null ? "" : ` (${formatBytes(bytes)})`);
}

const signs: Readonly<Record<Status["outputs"][number]["status"], Mark>> = {
  unchanged: "good",
  modified: "warning",
  new: "warning",
  deleted: "bad",
  "not in cache": "bad",
};

function status({ outputs, isClean }: Status, screen: Screen): string {
  if (outputs.length === 0) return "Nothing is under version control yet: signalbox data add PATH";
  const has = (wanted: Status["outputs"][number]["status"]) => outputs.some((it) => it.status === wanted);
  return parts(
    table(
      screen,
      outputs,
      [
        { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
        { title: "state", value: (it) => it.status },
        { title: "size", value: (it) => (it.sizeBytes === null ? null : formatBytes(it.sizeBytes)), align: "right" },
        { title: "md5", value: (it) => shortDigest(it.hash) },
      ],
      { mark: (it) => mark(screen, signs[it.status]) },
    ),
    isClean ? "Everything is as recorded." : "",
    nextSteps(screen, [
      ...(has("modified") || has("new") ? ["signalbox data add PATH  # records the change"] : []),
      ...(has("deleted") || has("modified") ? ["signalbox data checkout PATH  # restores what is recorded"] : []),
      ...(has("not in cache") ? ["signalbox data pull  # fetches what this machine's cache lacks"] : []),
    ]),
  );
}

function restored(outputs: Restored, screen: Screen): string {
  const changed = outputs.filter((it) => it.added + it.replaced + it.deleted > 0);
  if (changed.length === 0) return `${counted(outputs.length, "output")}: everything was in place.`;
  return table(
    screen,
    changed,
    [
      { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
      { title: "added", value: (it) => formatCount(it.added), align: "right" },
      { title: "replaced", value: (it) => formatCount(it.replaced), align: "right" },
      { title: "deleted", value: (it) => formatCount(it.deleted), align: "right" },
    ],
    { mark: () => mark(screen, "good") },
  );
}
