import type { Mark, Tone } from "./labels.ts";

/** A report as data: its sections, facts and rows. Each face decides on widths, colours and layout. */

export type Cell = string | number | boolean | null | undefined;

export interface Span {
  readonly text: string;
  readonly tone?: Tone | undefined;
}

export interface Fact {
  readonly name: string;
  readonly value: Exclude<Cell, undefined>;
  readonly tone?: Tone | undefined;
}

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right" | undefined;
  /** Order in which columns are cut if there isn't enough room, the largest number first. Never cut if absent. */
  readonly shrink?: number | undefined;
  /** Fewest characters that remain after a cut. */
  readonly least?: number | undefined;
  /** Which end is kept. Of a path, the last part matters most. */
  readonly keeps?: "start" | "end" | undefined;
}

export interface TableRow {
  /** In the order of the columns. */
  readonly cells: readonly { readonly value: Cell; readonly tone?: Tone | undefined }[];
  readonly mark?: Mark | undefined;
  /** A remark on the row. */
  readonly below?: string | undefined;
}

/** A check: its name, what was found, and how to fix it. */
export interface Check {
  readonly mark: Mark;
  readonly name: string;
  readonly text: string;
  readonly fix?: string | undefined;
}

export interface StageLine {
  readonly mark: Mark;
  readonly name: string;
  /** Duration; empty if it isn't known. */
  readonly time: string;
  readonly text: string;
}

/** A choice and its reason. */
export interface Term {
  readonly name: string;
  readonly text: string;
  readonly why: string;
}

/** A row of the gate without a comparison, shown in one line. */
export interface GateLine {
  readonly mark: Mark;
  readonly role: string;
  readonly text: string;
}

/** A row of the gate with the figures of both sides. */
export interface GateComparison {
  readonly mark: Mark;
  readonly role: string;
  readonly metric: string;
  readonly rule: string;
  readonly outcome: string;
  /** In the order of `gateColumns`. */
  readonly figures: readonly string[];
  readonly below: string | null;
}

export type Block =
  /** One line, made of consecutive parts. */
  | { readonly kind: "line"; readonly mark?: Mark | undefined; readonly spans: readonly Span[] }
  /** Sentences that may be broken, after a lead or after a name that may be cut. */
  | {
      readonly kind: "text";
      readonly text: string;
      readonly mark?: Mark | undefined;
      readonly lead?: string | undefined;
      readonly name?: string | undefined;
      readonly tone?: Tone | undefined;
    }
  /** Lines that are shown unchanged: the content of a file, a log. */
  | { readonly kind: "verbatim"; readonly text: string }
  /** Indented, because they belong to the previous line. */
  | { readonly kind: "facts"; readonly facts: readonly Fact[]; readonly isInset?: boolean | undefined }
  | { readonly kind: "table"; readonly columns: readonly TableColumn[]; readonly rows: readonly TableRow[] }
  /** A matrix that may have more columns than fit. The first columns name the row. */
  | {
      readonly kind: "matrix";
      readonly heads: readonly TableColumn[];
      readonly columns: readonly string[];
      readonly rows: readonly TableRow[];
    }
  | { readonly kind: "checks"; readonly checks: readonly Check[] }
  | { readonly kind: "stages"; readonly stages: readonly StageLine[] }
  | { readonly kind: "terms"; readonly terms: readonly Term[] }
  | { readonly kind: "gate"; readonly lines: readonly GateLine[]; readonly comparisons: readonly GateComparison[] }
  /** Next commands. The explanation of a command follows after `#`. */
  | { readonly kind: "steps"; readonly commands: readonly string[] };

export interface Section {
  /** If absent, the section belongs to the one above. */
  readonly title?: string | undefined;
  readonly blocks: readonly Block[];
}
