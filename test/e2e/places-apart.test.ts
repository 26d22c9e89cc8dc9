import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { describePlaces } from "../support/places/place-matrix.ts";

/** Places where the project is one of its own, or is no longer at the old one. */
describePlaces({
  // A project of its own, with the history until then. What was at work is at work in the original only.
  copied: {
    make: (o, p) => void execFileSync("cp", ["-a", o, p]),
    ...{ isShared: false, atWork: "FAILED", override: "done", verdict: "HOLD" },
  },
  // The same project. A job goes on in the folder that was moved, and the next long command continues its run.
  moved: {
    make: (o, p) => renameSync(o, p),
    ...{ isShared: false, isMoved: true, atWork: "FAILED", override: "done", verdict: "HOLD" },
  },
  // What git carries, with the data fetched: ledger and configurations, no runs. Production is on the original's server, so nothing can be
  // compared here, and nothing is promoted.
  cloned: {
    make: (o, p) => void execFileSync("git", ["clone", "--quiet", o, p]),
    ...{ isShared: false, atWork: "no run", override: "promotion/other-model", verdict: "INVALID" },
  },
});
