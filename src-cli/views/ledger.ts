import {
  ledgerEntries,
  ledgerEntry,
  ledgerExported,
  ledgerRestored,
  ledgerVerified,
} from "../../src-view/records/ledger-entries.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const ledgerViews: Views = {
  "ledger.list": (output, screen) => paintSections(ledgerEntries(output, screen.now), screen),
  "ledger.show": ({ entry }, screen) => paintSections(ledgerEntry(entry, screen.now), screen),
  "ledger.restore": (output, screen) => paintSections(ledgerRestored(output), screen),
  "ledger.verify": (output, screen) => paintSections(ledgerVerified(output), screen),
  "ledger.export": (output, screen) => paintSections(ledgerExported(output), screen),
};
