import type { Mark, Tone } from "./labels.ts";

/** A report as data: which sections, facts and rows it has. A face decides on widths, colours and places. */

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
  /** Columns that may be cut where room is short, the largest number first; absent: never. */
  readonly shrink?: number | undefined;
  /** Characters that a cut leaves of it at least. */
  readonly least?: number | undefined;
  /** Which end a cut keeps: a path is told by its last part. */
  readonly keeps?: "start" | "end" | undefined;
}

export interface TableRow {
  /** In the columns' order. */
  readonly cells: readonly { readonly value: Cell; readonly tone?: Tone | undefined }[];
  readonly mark?: Mark | undefined;
  /** A remark on the row. */
  readonly below?: string | undefined;
}

/** Something that was looked at: its name, what was found, and what to do about it. */
export interface Check {
  readonly mark: Mark;
  readonly name: string;
  readonly text: string;
  readonly fix?: string | undefined;
}

export interface StageLine {
  readonly mark: Mark;
  readonly name: string;
  /** How long it took; empty where that isn't known. */
  readonly time: string;
  readonly text: string;
}

/** A choice, and why it was made. */
export interface Term {
  readonly name: string;
  readonly text: string;
  readonly why: string;
}

/** A row of the gate that is told in one line: nothing was compared. */
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
  /** One line, its parts as they follow one another. */
  | { readonly kind: "line"; readonly mark?: Mark | undefined; readonly spans: readonly Span[] }
  /** Sentences that may be broken; before them a lead, or a name that may be cut. */
  | {
      readonly kind: "text";
      readonly text: string;
      readonly mark?: Mark | undefined;
      readonly lead?: string | undefined;
      readonly name?: string | undefined;
      readonly tone?: Tone | undefined;
    }
  /** Lines that stay as they are: a file's content, a log. */
  | { readonly kind: "verbatim"; readonly text: string }
  /** Inset: they belong to the line before them. */
  | { readonly kind: "facts"; readonly facts: readonly Fact[]; readonly isInset?: boolean | undefined }
  | { readonly kind: "table"; readonly columns: readonly TableColumn[]; readonly rows: readonly TableRow[] }
  /** Figures by two names, more columns than may fit; the first columns say what the row is. */
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
  /** Commands to try next; what stands after `#` explains one. */
  | { readonly kind: "steps"; readonly commands: readonly string[] };

export interface Section {
  /** Absent: the section belongs to what stands above it. */
  readonly title?: string | undefined;
  readonly blocks: readonly Block[];
}
