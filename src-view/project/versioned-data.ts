import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { Mark } from "../labels.ts";
import { shortDigest } from "../names.ts";
import { counted, formatBytes, formatCount } from "../numbers.ts";
import type { Section } from "../section.ts";
import { line, nextSteps, part, report, signed, table, text } from "../shape.ts";

type Status = OperationOutput<"data.status">;
type Restored = OperationOutput<"data.checkout">["outputs"];

const marks: Readonly<Record<Status["outputs"][number]["status"], Mark>> = {
  unchanged: "good",
  modified: "warning",
  new: "warning",
  deleted: "bad",
  "not in cache": "bad",
};

export function versionedData({ outputs, isClean, hint, nextSteps: steps }: Status): readonly Section[] {
  if (outputs.length === 0)
    return report(part(line("Nothing is under version control yet. Add files with: signalbox data add PATH")));
  return report(
    part(
      table(
        outputs,
        [
          { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
          { title: "state", value: (it) => it.status },
          { title: "size", value: (it) => (it.sizeBytes === null ? null : formatBytes(it.sizeBytes)), align: "right" },
          { title: "md5", value: (it) => shortDigest(it.hash) },
        ],
        { mark: (it) => marks[it.status] },
      ),
    ),
    isClean ? part(line("Everything is unchanged.")) : undefined,
    hint === null ? undefined : part(text(hint, { mark: "warning" })),
    nextSteps(steps),
  );
}

export function addedData({ outputs }: OperationOutput<"data.add">): readonly Section[] {
  return report(
    part(
      table(
        outputs,
        [
          { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
          { title: "files", value: (it) => formatCount(it.files), align: "right" },
          { title: "size", value: (it) => formatBytes(it.sizeBytes), align: "right" },
          { title: "md5", value: (it) => shortDigest(it.hash) },
          { title: "", value: (it) => (it.isChanged ? "recorded" : "unchanged") },
        ],
        { mark: (it) => (it.isChanged ? "good" : "note") },
      ),
    ),
    outputs.some((it) => it.isChanged)
      ? nextSteps([`git add ${outputs.map((it) => it.dvcFile).join(" ")}`, "signalbox data push"])
      : undefined,
  );
}

export function restoredData(outputs: Restored): readonly Section[] {
  const changed = outputs.filter((it) => it.added + it.replaced + it.deleted > 0);
  if (changed.length === 0)
    return report(part(line(`${counted(outputs.length, "output")}: everything was already in place.`)));
  return report(
    part(
      table(
        changed,
        [
          { title: "path", value: (it) => it.path, shrink: 1, least: 24, keeps: "end" },
          { title: "added", value: (it) => formatCount(it.added), align: "right" },
          { title: "replaced", value: (it) => formatCount(it.replaced), align: "right" },
          { title: "deleted", value: (it) => formatCount(it.deleted), align: "right" },
        ],
        { mark: () => "good" },
      ),
    ),
  );
}

export function sentData({ remote, objects, bytes }: OperationOutput<"data.push">): readonly Section[] {
  return report(part(signed("good", `${moved(objects, bytes)} sent to ${remote}`)));
}

export function fetchedData({ remote, objects, bytes, outputs }: OperationOutput<"data.pull">): readonly Section[] {
  return report(part(signed("good", `${moved(objects, bytes)} fetched from ${remote}`)), ...restoredData(outputs));
}

function moved(objects: number | null, bytes: number | null): string {
  if (objects === null) return "Versioned content";
  if (objects === 0) return "Nothing new";
  return counted(objects, "object") + (bytes === null ? "" : ` (${formatBytes(bytes)})`);
}
