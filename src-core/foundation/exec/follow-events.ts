import { type TrainerEvent, trainerEventSchema } from "../../contract/jobs.ts";
import { linesOf, type Piece } from "./follow-file.ts";

export interface FollowedEvent {
  /** Undefined for a line that is no event. */
  readonly event: TrainerEvent | undefined;
  /** What such a line holds, cut to 200 characters. */
  readonly garbage: string | undefined;
  /** Offset after the line: following from there continues without loss or repetition. */
  readonly end: number;
}

/** A line of events.jsonl; undefined where it is no event. */
function parseEvent(line: string): TrainerEvent | undefined {
  try {
    const parsed = trainerEventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Events of a trainer as it writes them. A line that is no event never ends the following: a program may print anything. */
export async function* eventsOf(pieces: AsyncIterable<Piece>): AsyncGenerator<FollowedEvent> {
  for await (const { text, end } of linesOf(pieces)) {
    if (text === "") continue;
    const event = text === undefined ? undefined : parseEvent(text);
    yield { event, garbage: event === undefined ? (text ?? "a line over 1 MiB").slice(0, 200) : undefined, end };
  }
}
