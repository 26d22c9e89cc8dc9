import { checkedRun, decisions, oneDecision, overridden, rolledBack } from "../../src-view/records/decisions.ts";
import { paintSections } from "../paint-sections.ts";
import { inner } from "../text.ts";
import type { Views } from "../view.ts";

export const promotionViews: Views = {
  "promotion.list": (output, screen) => paintSections(decisions(output, screen.now), screen),
  "promotion.show": (output, screen) => paintSections(oneDecision(output, screen.now), screen),
  "promotion.check": (output, screen) => paintSections(checkedRun(output), inner(screen)),
  "promotion.rollback": (output, screen) => paintSections(rolledBack(output), screen),
  "promotion.override": (output, screen) => paintSections(overridden(output), screen),
};
