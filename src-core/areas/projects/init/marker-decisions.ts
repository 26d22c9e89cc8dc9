import { listed } from "../infer/missing-markers.ts";
import { columnOf, type TableProfile } from "../infer/profile.ts";

interface Decision {
  readonly topic: string;
  readonly choice: string;
  readonly reason: string;
}

/** Columns that are named; the data contract has all of them. */
const namedColumns = 10;

/** Reports which strings are read as missing, and which that could be are classes of the target. Pure. */
export function markerDecisions(profile: TableProfile, target: string): readonly Decision[] {
  const marked = profile.columns.filter(({ missing }) => missing.length > 0);
  const named = marked.slice(0, namedColumns).map(({ name, missing }) => `\`${name}\` has ${listed(missing)}`);
  const more = marked.length > namedColumns ? `, and ${marked.length - namedColumns} more columns` : "";
  const classes = columnOf(profile, target)?.classMarkers ?? null;
  return [
    ...(marked.length === 0
      ? []
      : [
          {
            topic: "missing values",
            choice: `${named.join("; ")}${more}`,
            reason: "read as missing: the data contract lists these strings as `missing`, and a run reads no others so",
          },
        ]),
    ...(classes === null
      ? []
      : [
          {
            topic: "classes",
            choice: `${listed(classes.texts)} of \`${target}\``,
            reason: `read as ${classes.texts.length === 1 ? "a class" : "classes"}: ${classes.reason}; if missing, use --target-markers missing`,
          },
        ]),
  ];
}
