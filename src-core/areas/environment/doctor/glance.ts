import type { Check } from "../../../contract/environment.ts";
import { checkData } from "./doctor-project.ts";
import { checkConfigurations, checkLedgerAtAGlance, checkRecords } from "./doctor-records.ts";
import { checkOwnership, checkProduction, checkTracking } from "./doctor-tracking.ts";
import type { DoctorCore, Examiners } from "./examination.ts";
import { checksOf, findingsOf } from "./findings.ts";

const atAGlance: Examiners = {
  Configurations: checkConfigurations,
  Records: checkRecords,
  Ledger: checkLedgerAtAGlance,
  Data: checkData,
  MLflow: checkTracking,
  "Names on the server": checkOwnership,
  Production: checkProduction,
};

/** What is wrong with the project; empty if nothing is. Starts no server and doesn't wait long for one. */
export async function problemsAtAGlance(core: DoctorCore, signal: AbortSignal): Promise<readonly Check[]> {
  // Read once: each check asks for it.
  const project = core.project();
  const found = await findingsOf(atAGlance, { core: { ...core, project: () => project }, signal });
  const wrong = found.filter(({ state }) => state !== "ok");
  return wrong.length === 0 ? [] : await checksOf(wrong);
}
