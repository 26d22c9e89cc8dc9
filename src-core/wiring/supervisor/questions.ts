import * as z from "zod";
import type { Asker, QuestionBoard } from "../../areas/operations/question-board.ts";
import type { Core } from "../../foundation/context.ts";
import type { Channel } from "../host/channel.ts";

/** Name of the channel over which a face answers an operation's questions. */
const questionsChannel = "operations.questions";

const asked = z.object({ operation: z.string() });

/** The supervisor's end: asks over the connection for as long as it is open. */
export function questionChannels(board: QuestionBoard): Readonly<Record<string, Channel>> {
  return {
    [questionsChannel]: async (input, { ask, signal, hangUp }) => {
      const { operation } = asked.parse(input);
      const detach = board.attach(operation, ask);
      await new Promise<void>((resolve) => {
        for (const end of [signal, hangUp]) end.addEventListener("abort", () => resolve(), { once: true });
      });
      detach();
    },
  };
}

const retryMs = 300;

/**
 * A face's end: lets the follower of an operation answer its questions. Nothing is awaited: an operation that asks nothing needs no
 * connection, and where the supervisor can't be reached its questions stay open for those who can.
 */
export function relayQuestions(
  core: Pick<Core, "projectDir" | "env" | "catalogue">,
  operation: string,
  ask: Asker,
): () => void {
  let close: (() => void) | undefined;
  let isOver = false;
  const begin = async () => {
    const [{ createClient }, { connectToSupervisor }] = await Promise.all([
      import("../../rpc/client.ts"),
      import("./socket.ts"),
    ]);
    if (isOver) return;
    const client = createClient(() => connectToSupervisor(core), { project: core.projectDir });
    close = () => client.close();
    while (!isOver) {
      // A connection that is lost comes back with the next supervisor; the channel is opened again over it.
      await client.open(questionsChannel, { operation }, { onQuestion: ask }).catch(() => undefined);
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
    }
  };
  void begin().catch(() => undefined);
  return () => {
    isOver = true;
    close?.();
  };
}
