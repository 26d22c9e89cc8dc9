import { pendingUpdates, sentUpdates } from "../../src-view/project/pending-updates.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const outboxViews: Views = {
  "outbox.list": (output, screen) => paintSections(pendingUpdates(output, screen.now), screen),
  "outbox.deliver": (output, screen) => paintSections(sentUpdates(output, screen.now), screen),
};
