import { cancelled } from "../../contract/errors.ts";
import type { LockWish } from "../../contract/operation.ts";

/**
 * Locks of one process by name: the project's supervisor is the only one that runs long operations, so that they need to be kept apart
 * only there. A request for several gets all of them at once; requests are served in their order, so that none starves.
 */
export interface NamedLocks {
  /** All of them if none is held or waited for, else who holds it or waits for it. */
  tryTake(wishes: readonly LockWish[], holder: string): Hold | Blocker;
  /** Waits for its turn. @throws internal/cancelled */
  take(wishes: readonly LockWish[], waiting: Waiting): Promise<Hold>;
}

export interface Blocker {
  readonly lock: string;
  /** Who holds it, or waits for it before us, for a person: "op3", "run 1f2e3d4c". */
  readonly holder: string;
}

export interface Waiting {
  readonly holder: string;
  readonly signal: AbortSignal;
  /** Called once where it must wait. */
  readonly onWait: (blocker: Blocker) => void;
}

/** Another one had it alone meanwhile: what was to be done may be done. */
export const lookAgain = Symbol("look again");

export interface Hold {
  /**
   * Does `work` while no other claim holds these, taken in this order, and shares again what it shared before. What it shared is given up while it waits; where two
   * ask for this together, one gets it and the other has to check again, sharing.
   */
  alone<T>(names: readonly string[], waiting: Waiting, work: () => Promise<T>): Promise<T | typeof lookAgain>;
  release(): void;
}

export function isHold(taken: Hold | Blocker): taken is Hold {
  return "release" in taken;
}

export interface Claim {
  readonly wishes: readonly LockWish[];
  readonly holder: string;
}

/** A claim that is held; what it shares can be given up for a while. */
interface Held extends Claim {
  wishes: readonly LockWish[];
}

interface Waiter extends Held {
  readonly grant: () => void;
  /** For who shared it before: takes the share back. */
  readonly giveUp: (() => void) | undefined;
}

const conflict = (one: LockWish, other: LockWish): boolean =>
  one.name === other.name && !(one.isShared === true && other.isShared === true);

/** Which of these claims keeps the wishes from being held. */
export function blockerOf(wishes: readonly LockWish[], claims: Iterable<Claim>): Blocker | undefined {
  for (const { wishes: others, holder } of claims)
    for (const wish of wishes) if (others.some((other) => conflict(wish, other))) return { lock: wish.name, holder };
  return undefined;
}

export function createLocks(): NamedLocks {
  const held = new Set<Held>();
  let waiters: readonly Waiter[] = [];

  const grantNext = () => {
    const still: Waiter[] = [];
    for (const waiter of waiters) {
      if (blockerOf(waiter.wishes, [...held, ...still]) === undefined) {
        held.add(waiter);
        waiter.grant();
      } else still.push(waiter);
    }
    waiters = still;
  };
  /** Undefined where it was given up. */
  const wait = async (
    wishes: readonly LockWish[],
    { holder, signal, onWait }: Waiting,
    onGiveUp?: () => void,
  ): Promise<Held | undefined> => {
    if (signal.aborted) throw cancelled();
    const blocker = blockerOf(wishes, [...held, ...waiters]);
    if (blocker === undefined) {
      const claim = { wishes, holder };
      held.add(claim);
      return claim;
    }
    onWait(blocker);
    const turn = Promise.withResolvers<Held | undefined>();
    const remove = () => {
      waiters = waiters.filter((it) => it !== waiter);
    };
    const giveUp =
      onGiveUp &&
      (() => {
        remove();
        onGiveUp();
        turn.resolve(undefined);
      });
    const waiter: Waiter = { wishes, holder, grant: () => turn.resolve(waiter), giveUp };
    waiters = [...waiters, waiter];
    const leave = () => {
      if (held.has(waiter)) return;
      remove();
      grantNext();
      turn.reject(cancelled());
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await turn.promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  };
  /** Who waits to have one of these alone, having shared it, looks again: another one had it alone. */
  const tellLookAgain = (names: readonly string[]) => {
    for (const waiter of waiters) if (waiter.wishes.some(({ name }) => names.includes(name))) waiter.giveUp?.();
  };
  const holdOf = (claim: Held): Hold => ({
    alone: async (names, waiting, work) => {
      const before = claim.wishes;
      const shareAgain = () => {
        claim.wishes = before;
      };
      claim.wishes = before.filter(({ name }) => !names.includes(name));
      grantNext();
      const own: Held[] = [];
      try {
        // One after the other: waiting for all of them together would block a claim that needs one of them to release another.
        for (const name of names) {
          const claimed = await wait([{ name }], waiting, shareAgain);
          if (claimed === undefined) return lookAgain;
          own.push(claimed);
        }
        return await work();
      } finally {
        // In one step: no other claim comes between having it alone and sharing it again.
        for (const claimed of own) held.delete(claimed);
        shareAgain();
        tellLookAgain(own.flatMap(({ wishes }) => wishes.map(({ name }) => name)));
        grantNext();
      }
    },
    release: () => {
      if (!held.delete(claim)) return;
      tellLookAgain(claim.wishes.filter(({ isShared }) => isShared !== true).map(({ name }) => name));
      grantNext();
    },
  });

  return {
    tryTake: (wishes, holder) => {
      const blocker = blockerOf(wishes, [...held, ...waiters]);
      if (blocker !== undefined) return blocker;
      const claim: Held = { wishes, holder };
      held.add(claim);
      return holdOf(claim);
    },
    take: async (wishes, waiting) => {
      const claim = await wait(wishes, waiting);
      // Only who can give up gets nothing.
      if (claim === undefined) throw cancelled();
      return holdOf(claim);
    },
  };
}

const byProject = new Map<string, NamedLocks>();

/** The locks of a project in this process. */
export function locksOf(projectDir: string): NamedLocks {
  const known = byProject.get(projectDir) ?? createLocks();
  byProject.set(projectDir, known);
  return known;
}
