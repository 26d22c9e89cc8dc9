import { mkdirSync, symlinkSync } from "node:fs";
import { describePlaces } from "../support/places/place-matrix.ts";

/** Places from which the same project is worked on. */
describePlaces({
  // The same project under two paths.
  linked: {
    make: (o, p) => symlinkSync(o, p),
    ...{ isShared: true, atWork: "RUNNING", override: "done", verdict: "HOLD" },
  },
  // The same, seen from a container: other processes, another path.
  mounted: {
    make: (_o, p) => void mkdirSync(p),
    ...{ isShared: true, atWork: "RUNNING", override: "done", verdict: "HOLD" },
  },
});
