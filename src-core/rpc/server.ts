import { AppError, encodeError } from "../contract/errors.ts";
import type { CallContext } from "./call-context.ts";
import { protocol } from "./limits.ts";
import { readFaceMessage, Unreadable } from "./read-message.ts";
import { type ServedCall, startCall } from "./served-call.ts";
import type { Transport } from "./transport.ts";
import type { Answer, CoreMessage, FaceMessage, FeedEvent } from "./wire.ts";

type Of<Kind extends FaceMessage["kind"]> = Omit<Extract<FaceMessage, { readonly kind: Kind }>, "kind" | "id">;

/** The core as a face reaches it. Each call names its project. */
export interface Served {
  readonly build: string;
  call(request: Of<"request">, context: CallContext): Promise<Answer>;
  follow(request: Of<"follow">, context: CallContext): Promise<Answer>;
  /** Reports changes until the returned function is called. The first event has the position of the feed. */
  subscribe(request: Of<"subscribe">, tell: (event: FeedEvent) => void): () => void;
}

/** Answers what arrives on a transport. Closing the transport is a hang-up: it cancels nothing. */
export function serve(transport: Transport, served: Served): void {
  const calls = new Map<number, ServedCall>();
  const subscriptions = new Map<number, () => void>();
  let isGreeted = false;

  const send = (message: CoreMessage) => transport.send(message);
  const refuseWith = (id: number | null, error: unknown) => {
    try {
      send({ kind: "refusal", id, error: encodeError(error) });
    } catch (tooLarge) {
      // It repeats what was asked for, which may be as large as a message can be.
      send({ kind: "refusal", id, error: encodeError(tooLarge) });
    }
  };
  const refuse = ({ code, reason, id }: Pick<Unreadable, "code" | "reason" | "id">) =>
    refuseWith(id, new AppError({ code, message: reason }));
  const begin = (id: number, work: (context: CallContext) => Promise<Answer>) => {
    if (calls.has(id) || subscriptions.has(id))
      return refuse({ code: "rpc/malformed", reason: `Number ${id} is in use.`, id });
    const call = startCall({ id, send, work, onEnd: () => calls.delete(id) });
    calls.set(id, call);
  };

  const take = (message: FaceMessage) => {
    if (message.kind === "hello") {
      send({ kind: "hello", protocol, build: served.build });
      isGreeted = message.protocol === protocol;
      if (isGreeted) return;
      refuse({ code: "rpc/protocol", reason: otherProtocol(message.protocol), id: null });
      return transport.close();
    }
    const { id } = message;
    if (!isGreeted) return refuse({ code: "rpc/protocol", reason: "The first message is a hello.", id });
    switch (message.kind) {
      case "request":
        return begin(id, (context) => served.call(message, context));
      case "follow":
        return begin(id, (context) => served.follow(message, context));
      case "cancel":
        return calls.get(id)?.cancel();
      case "answer":
        return calls.get(id)?.answer(message.prompt, message.value);
      case "frame":
        if (calls.get(id)?.takeBytes(message.bytes) !== false) return;
        return refuse({
          code: "rpc/too-large",
          reason: `Call ${id} reads no bytes; no more are kept for it.`,
          id: null,
        });
      case "subscribe": {
        if (calls.has(id)) return refuse({ code: "rpc/malformed", reason: `Number ${id} is in use.`, id });
        subscriptions.get(id)?.();
        subscriptions.delete(id);
        try {
          subscriptions.set(
            id,
            served.subscribe(message, (event) => send({ kind: "event", id, event })),
          );
        } catch (error) {
          refuseWith(id, error);
        }
        return;
      }
      case "unsubscribe":
        subscriptions.get(id)?.();
        subscriptions.delete(id);
        return;
      default:
        return message satisfies never;
    }
  };

  transport.onMessage((value) => {
    const message = readFaceMessage(value);
    if (message instanceof Unreadable) return refuse(message);
    try {
      take(message);
    } catch (error) {
      // One message must not end the process that runs everything else.
      refuseWith(null, error);
    }
  });
  transport.onClose(() => {
    for (const call of calls.values()) call.hangUp();
    for (const end of subscriptions.values()) end();
    calls.clear();
    subscriptions.clear();
  });
}

function otherProtocol(other: number): string {
  return `This end speaks protocol ${protocol}, the other one ${other}: update the older of the two.`;
}
