import type { Check } from "../../../contract/environment.ts";
import { checkConfigurations, checkLedgerTail, checkRecords } from "./doctor-records.ts";
import { checkOwnership, checkProduction, checkServer } from "./doctor-tracking.ts";
import type { Examiners, GlanceCore } from "./examination.ts";
import { checksOf, findingsOf } from "./findings.ts";

const atAGlance: Examiners<GlanceCore> = {
  Configurations: checkConfigurations,
  Records: checkRecords,
  Ledger: checkLedgerTail,
  MLflow: checkServer,
  Production: checkProduction,
  "Names on the server": checkOwnership,
};

/** What is wrong with the project; empty if nothing is. Starts no server and waits for none. */
export async function problemsAtAGlance(core: GlanceCore, signal: AbortSignal): Promise<readonly Check[]> {
  // Read once: each check asks for it.
  const project = core.project();
  const found = await findingsOf(atAGlance, { core: { ...core, project: () => project }, signal });
  const wrong = found.filter(({ state }) => state !== "ok");
  return wrong.length === 0 ? [] : await checksOf(wrong);
}
