import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { listed } from "./missing-markers.ts";
import { type ColumnProfile, filledRows, type TableProfile } from "./profile.ts";

export interface ProposedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNonNullable: boolean;
  readonly min: number | null;
  readonly max: number | null;
  readonly allowedValues: readonly (string | number | boolean)[] | null;
  readonly isKnownAfter: boolean;
  /** It only numbers the rows of the file. */
  readonly isRowCounter: boolean;
  /** Strings that are read as missing. */
  readonly missing: readonly string[];
  /** What was found, for the comment beside the column. */
  readonly remark: string;
}

interface ContractChoices {
  readonly target: string;
  /** Its allowed values are the classes. */
  readonly isClass: boolean;
  /** Key, group and time columns. */
  readonly roles: readonly string[];
  /** Columns that look like a consequence of the target. */
  readonly consequences: readonly string[];
  /** Columns that only number the rows of the file. */
  readonly counters: readonly string[];
}

/** How many rows the rarest value needs before a list of values is considered complete. */
const closedSetRows = 10;
const closedSetValues = 20;

export function proposeColumns(profile: TableProfile, choices: ContractChoices): readonly ProposedColumn[] {
  return profile.columns.flatMap((column) => (column.type === null ? [] : [propose(column, column.type, choices)]));
}

function propose(column: ColumnProfile, type: ColumnType, choices: ContractChoices): ProposedColumn {
  const isTarget = column.name === choices.target;
  const isRowCounter = choices.counters.includes(column.name);
  const range = (isTarget && choices.isClass) || isRowCounter ? null : proposeRange(column);
  return {
    name: column.name,
    type,
    // Rows without a target, group or time are removed by exclude rules before the contract is checked.
    isNonNullable: isTarget || choices.roles.includes(column.name) || (column.nulls === 0 && column.rows > 0),
    min: range?.min ?? null,
    max: range?.max ?? null,
    allowedValues: allowedValues(column, isTarget && choices.isClass, choices.roles),
    isRowCounter,
    missing: column.missing.map(({ text }) => text),
    isKnownAfter: choices.consequences.includes(column.name),
    remark: remarkOf(column),
  };
}

/**
 * A range that next month's table should stay within, but a changed unit should not: the observed range widened by its own
 * width on both sides, rounded outwards to two digits. It ends at 0 only if values reach 0 (counts from 1) and none is
 * below, as with amounts and durations; a temperature of 10 degrees may well fall below. Identifiers grow without bound
 * and get no range.
 */
export function proposeRange(column: ColumnProfile): { readonly min: number; readonly max: number } | null {
  const { min, max, type } = column;
  if ((type !== "int" && type !== "float") || typeof min !== "number" || typeof max !== "number") return null;
  if (column.infinite > 0 || isIdentifierLike(column)) return null;
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  // A width beyond the digits of the bounds themselves would be lost in rounding.
  const width = max > min ? Math.max(max - min, magnitude * 1e-6) : Math.max(magnitude, 1);
  const unit = 10 ** (Math.floor(Math.log10(width)) - 1);
  const low = Math.floor((min - width) / unit) * unit;
  const high = Math.ceil((max + width) / unit) * unit;
  // YAML integers beyond 2^53 are refused: they can't be kept exactly.
  const isExact = (bound: number) => Math.abs(bound) <= Number.MAX_SAFE_INTEGER;
  if (!isExact(low) || !isExact(high)) return null;
  const endsAtZero = min === 0 || (type === "int" && min === 1);
  return { min: endsAtZero ? 0 : tidy(low), max: max === 0 ? 0 : tidy(high) };
}

/** Removes the trailing digits that a multiplication by a power of ten leaves (0.30000000000000004). */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * Values of a set that looks closed: always the classes of the target; otherwise few values, each seen often. A value seen
 * only once suggests that others weren't seen yet (the estimate of Good and Turing), and such a column stays open.
 */
function allowedValues(
  column: ColumnProfile,
  isClassTarget: boolean,
  roles: readonly string[],
): ProposedColumn["allowedValues"] {
  const { values, type } = column;
  if (values === null || values.length === 0) return null;
  const listed = [...values].map(({ value }) => value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (isClassTarget) return type === "bool" ? null : listed;
  if (type !== "string" || roles.includes(column.name)) return null;
  const isClosed =
    values.length > 1 && values.length <= closedSetValues && values.every(({ rows }) => rows >= closedSetRows);
  return isClosed ? listed : null;
}

const identifierName = /(^|[^a-z0-9])(id|uuid|guid)$|[a-z]Id$|[a-z]ID$/;

/** Named like an identifier, or different in every row and counting up. */
export function isIdentifierLike(column: ColumnProfile): boolean {
  const filled = filledRows(column);
  if (column.type !== "int" && column.type !== "string" && !isBeyondExact(column)) return false;
  const isNamed = identifierName.test(column.name) || /(^|[^a-z0-9])(id|uuid|guid)$/i.test(column.name);
  if (isNamed && column.distinct > 20) return true;
  if (column.type === "float" || filled < 20 || column.distinct < filled * 0.9) return false;
  if (column.type === "string") return column.meanWords < 3;
  return Number(column.max) - Number(column.min) + 1 <= column.distinct * 1.5;
}

/** Floats so large that they are whole numbers and no longer exact: amounts, or identifiers that lost digits. */
function isBeyondExact({ type, min, max }: ColumnProfile): boolean {
  const bounds = [min, max].map(Number);
  return type === "float" && bounds.every(Number.isInteger) && bounds.some((one) => Math.abs(one) > 2 ** 53);
}

function remarkOf(column: ColumnProfile): string {
  const parts: string[] = [];
  if (column.missing.length > 0) parts.push(`${listed(column.missing)} read as missing`);
  if (column.nulls > 0) parts.push(`${percent(column.nulls, column.rows)} without a value`);
  if ((column.type === "int" || column.type === "float") && column.min !== null)
    parts.push(`seen ${short(column.min, "down")} to ${short(column.max ?? "", "up")}`);
  if (column.type === "timestamp" && column.min !== null) parts.push(`seen ${column.min} to ${column.max}`);
  if (column.type === "string") parts.push(`${column.distinct} different`);
  if (column.isFromText) parts.push("stored as text");
  return parts.join(", ");
}

/** Four digits, rounded outwards: what is said to be seen was seen. */
function short(value: number | string, outwards: "up" | "down"): number | string {
  if (typeof value === "string" || Number.isInteger(value)) return value;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 3);
  const rounded = (outwards === "up" ? Math.ceil : Math.floor)(value / step) * step;
  return Number(rounded.toPrecision(4));
}

export function percent(part: number, whole: number): string {
  const share = (100 * part) / Math.max(1, whole);
  return `${share >= 10 || share === 0 ? Math.round(share) : share < 0.1 ? "under 0.1" : share.toFixed(1)} %`;
}
