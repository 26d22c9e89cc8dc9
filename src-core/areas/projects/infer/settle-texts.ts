import { counted } from "../../../../src-view/numbers.ts";
import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import { castTo } from "../../../foundation/duck/column-types.ts";
import { isMissingTextSql, missingTexts } from "../../../foundation/duck/missing-texts.ts";
import { floatOfTextSql, isPlainNumberSql, spelledTwiceSql } from "../../../foundation/duck/number-texts.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, isOneOf, literal } from "../../../foundation/duck/quote.ts";
import { hasZoneSql, timeOfTextSql } from "../../../foundation/duck/time-texts.ts";
import { type DecidedMarkers, decideClassMarkers, markersOf, type TargetMarkers } from "./missing-markers.ts";

/** What a column is used for, as far as its type depends on it. */
export interface Roles {
  readonly target: string;
  /** Key, group, and a target of classes: names of something, where every spelling counts. */
  readonly codes: readonly string[];
  readonly targetMarkers: TargetMarkers | undefined;
}

/** A column of strings, and the type that all its values fit. */
export interface ReadText {
  readonly name: string;
  readonly type: ColumnType | undefined;
  /** Rows with a string that may mean "no value". */
  readonly markers: number;
  /** Rows with another number than a plain decimal. */
  readonly odd: number;
  /** Some of its numbers have a point, others don't. */
  readonly isMixed: boolean;
  /** The values of a part of the table are numbers, with few exceptions. */
  readonly isAlmostNumber: boolean;
  /** Its first values look like dates and times. */
  readonly isLikeTimes: boolean;
}

export interface SettledText extends DecidedMarkers {
  readonly type: ColumnType;
  /** Why strings that look like numbers aren't read as numbers; null for any other column. */
  readonly notNumber: string | null;
  /** Why strings that look like times aren't read as times; null for any other column. */
  readonly notTime: string | null;
  readonly isMixed: boolean;
}

interface Table {
  readonly relation: string;
  readonly kind: "csv" | "jsonl" | "parquet";
  readonly columns: readonly string[];
}

interface Scope {
  readonly table: Table;
  readonly roles: Roles;
}

const noMarkers: DecidedMarkers = { missing: [], classes: [], reason: "" };

/** Decides the type of a column of strings, and which of its strings are missing values. @throws projects/undecided */
export async function settleText(duck: Duck, text: ReadText, { table, roles }: Scope): Promise<SettledText> {
  const markers = text.markers > 0 ? await markersOf(duck, text.name, table.relation) : [];
  const twice = await spelledTwice(duck, text, { table, roles, missing: markers.map((one) => one.text) });
  const { isMixed } = text;
  const type = twice === null ? (text.type ?? "string") : "string";
  const isClass =
    text.name === roles.target &&
    markers.length > 0 &&
    (type === "string" ||
      roles.targetMarkers === "class" ||
      (type === "bool" && !(await isTrueFalse(duck, text.name, table.relation))));
  if (isClass) {
    const { relation, kind, columns } = table;
    const target = { column: text.name, markers, kind, relation, columns, answer: roles.targetMarkers };
    const decided = await decideClassMarkers(duck, target);
    return {
      ...decided,
      isMixed,
      type: decided.classes.length > 0 ? "string" : type,
      notNumber: twice,
      notTime: null,
    };
  }
  const zones = type === "timestamp" ? await mixedZones(duck, text.name, table.relation) : null;
  if (type !== "string" && zones === null)
    return { ...noMarkers, isMixed, missing: markers, type, notNumber: null, notTime: null };
  const notNumber = twice ?? (text.isAlmostNumber ? await exceptions(duck, text.name, table.relation) : null);
  const notTime = zones ?? (text.isLikeTimes ? await timesInOtherForm(duck, text.name, table.relation) : null);
  return { ...noMarkers, isMixed, type: "string", notNumber, notTime };
}

/** Two spellings of one value that must not become one; null if there are none. */
async function spelledTwice(
  duck: Duck,
  { name, type, odd }: ReadText,
  { table, roles, missing }: Scope & { readonly missing: readonly string[] },
): Promise<string | null> {
  const isCode = roles.codes.includes(name);
  const isNumber = type === "int" || type === "float";
  if (type === undefined || !(isCode ? isNumber || type === "bool" : isNumber && odd > 0)) return null;
  const cast = castTo(type, "VARCHAR", identifier(name), missing);
  if (cast.kind !== "cast") return null;
  const twice = spelledTwiceSql({ column: identifier(name), value: cast.sql, isCode }, table.relation);
  const [found] = await duck.rows(`SELECT one, other FROM (${twice}) ORDER BY value LIMIT 1`);
  if (found === undefined) return null;
  return `text, because one value is written in two ways (\`${String(found.one)}\`, \`${String(found.other)}\`)`;
}

/** "yes" and "none" may be answers; beside "true" and "false" there is no third truth value. */
async function isTrueFalse(duck: Duck, name: string, relation: string): Promise<boolean> {
  const text = `lower(trim(${identifier(name)}))`;
  const isOther = `NOT ${isOneOf(text, ["", "true", "false", ...missingTexts])}`;
  return count((await duck.row(`SELECT count(*) FILTER (${isOther}) AS n FROM ${relation}`)).n) === 0;
}

/** Times of which only some say their zone; null if all do, or none. */
async function mixedZones(duck: Duck, name: string, relation: string): Promise<string | null> {
  const text = `trim(${identifier(name)})`;
  const isTime = `${identifier(name)} IS NOT NULL AND NOT ${isMissingTextSql(text)}`;
  const row = await duck.row(
    `SELECT count(*) FILTER (${isTime} AND ${hasZoneSql(text)}) AS zoned, count(*) FILTER (${isTime} AND NOT ${hasZoneSql(text)}) AS bare FROM ${relation}`,
  );
  const [zoned, bare] = [count(row.zoned), count(row.bare)];
  if (zoned === 0 || bare === 0) return null;
  return `${counted(zoned, "time")} with an offset and ${bare} without one, whose zone isn't known`;
}

/** Rows that are looked at first. */
const headRows = 100;

const yearFirst = "^\\d{4}[./ -]\\d{1,2}[./ -]\\d{1,2}([T ].*)?$";
const otherOrder =
  "^\\d{1,2}[./ -]\\d{1,2}[./ -]\\d{2,4}([T ,].*)?$|^([A-Z][a-z]{2,8}, )?\\d{1,2}[ -][A-Za-z]{3,9}[ -]\\d{2,4}";
const halfDay = "\\d ?[AaPp]\\.?[Mm]\\.?$";
const bracketed = "[+-]\\d{2}(:?\\d{2})? ?\\[[^\\]]+\\]$";
const zoneName = ":\\d{2}([.,]\\d+)? ?\\[?[A-Za-z]{2,}(/[A-Za-z_+-]+)*\\]?$";

/** The columns whose first rows look like dates and times: a few rows spare most columns the patterns on all of theirs. */
export async function lookingLikeTimes(
  duck: Duck,
  names: readonly string[],
  relation: string,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const batch of batches(names, 40)) {
    const facts = batch.flatMap((name, index) => {
      const { isFilled, is } = patternsOf(name);
      const isOther = `${isFilled} AND NOT ${is(yearFirst)} AND NOT ${is(otherOrder)}`;
      return [`count(*) FILTER (${isOther}) AS other_${index}`, `count(*) FILTER (${isFilled}) AS filled_${index}`];
    });
    const columns = batch.map(identifier).join(", ");
    const head = await duck.row(
      `SELECT ${facts.join(", ")} FROM (SELECT ${columns} FROM ${relation} LIMIT ${headRows})`,
    );
    for (const [index, name] of batch.entries())
      if (count(head[`other_${index}`]) <= count(head[`filled_${index}`]) * (1 - almostAll)) found.add(name);
  }
  return found;
}

function patternsOf(name: string) {
  const text = `trim(${identifier(name)})`;
  return {
    text,
    isFilled: `${identifier(name)} IS NOT NULL AND NOT ${isMissingTextSql(text)}`,
    is: (pattern: string) => `regexp_matches(${text}, ${literal(pattern)})`,
  };
}

/** Why strings that look like dates and times have no type of time; null if not all of them look like some. */
async function timesInOtherForm(duck: Duck, name: string, relation: string): Promise<string | null> {
  const { text, isFilled, is } = patternsOf(name);
  const isUnread = `(${timeOfTextSql(text)}) IS NULL`;
  const isNamed = `${is(zoneName)} AND NOT ${is(halfDay)} AND ${isUnread}`;
  const row = await duck.row(
    `SELECT count(*) AS filled, count(*) FILTER (${is(yearFirst)}) AS ordered, count(*) FILTER (${is(otherOrder)}) AS others,
       max(text) FILTER (${is(otherOrder)}) AS other,
       count(*) FILTER (${is(halfDay)}) AS half, min(text) FILTER (${is(halfDay)}) AS half_day,
       count(*) FILTER (${is(bracketed)}) AS bracketed, min(text) FILTER (${is(bracketed)}) AS bracket,
       count(*) FILTER (${isNamed}) AS named, min(text) FILTER (${isNamed}) AS zone, min(text) FILTER (${isUnread}) AS example,
       count(*) FILTER (${isUnread}) AS unread
     FROM (SELECT ${text} AS text, ${identifier(name)} FROM ${relation} WHERE ${isFilled})`,
  );
  const [filled, ordered, unread] = [count(row.filled), count(row.ordered), count(row.unread)];
  const isTime = filled > 0 && unread <= filled * (1 - almostAll);
  if (filled === 0 || (ordered + count(row.others) < filled && !isTime)) return null;
  if (count(row.others) > 0 && !isTime)
    return `dates as text that don't begin with a year of four digits (\`${String(row.other)}\`), so that day and month can be confused`;
  if (count(row.half) > 0) return `times as text with AM and PM (\`${String(row.half_day)}\`), which isn't read`;
  if (count(row.bracketed) > 0)
    return `times as text with the name of a zone after the offset (\`${String(row.bracket)}\`), which isn't read`;
  if (count(row.named) > 0)
    return `times as text with the name of a zone (\`${String(row.zone)}\`), whose hours are skipped or occur twice when clocks change`;
  const some = `, ${unread} of which ${unread === 1 ? "isn't" : "aren't"} read`;
  return `times as text${unread === filled ? " in a form that isn't read" : some} (\`${String(row.example)}\`)`;
}

/** Share of the values that are numbers from which the others are exceptions. */
const almostAll = 0.9;

/** Names the exceptions in a column of numbers; null for codes with leading zeros, and if too many values are no numbers. */
async function exceptions(duck: Duck, name: string, relation: string): Promise<string | null> {
  const row = await duck.row(
    `SELECT count(*) AS filled, count(number) AS numbers, min(text) FILTER (number IS NULL) AS example,
       count(*) FILTER (number IS NULL AND ${isPlainNumberSql("text")}) AS long, count(*) FILTER (regexp_matches(text, '^0[0-9]+$')) AS codes
     FROM (SELECT text, ${floatOfTextSql("text")} AS number FROM (SELECT trim(${identifier(name)}) AS text FROM ${relation})
       WHERE text IS NOT NULL AND NOT ${isMissingTextSql("text")})`,
  );
  const [filled, numbers] = [count(row.filled), count(row.numbers)];
  if (count(row.codes) > 0 || numbers < filled * almostAll || numbers === filled) return null;
  const others = filled - numbers;
  const what = others === 1 ? "isn't one" : "aren't";
  const why = count(row.long) === others ? `${others === 1 ? "has" : "have"} more digits than a float holds` : what;
  return `text: numbers but for ${counted(others, "value")} that ${why} (such as \`${String(row.example)}\`)`;
}

/** Whether the counted values of a part of the table are numbers with few exceptions. */
export function isAlmostNumber(numbers: number, filled: number): boolean {
  return filled > 0 && numbers >= filled * almostAll;
}
