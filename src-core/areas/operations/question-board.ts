import { cancelled } from "../../contract/errors.ts";
import type { OperationContext, Question } from "../../contract/operation.ts";

/** Asks the user of one face; null if they decline. Rejects if the face has disconnected. */
export type Asker = (question: Question) => Promise<string | null>;

/** Questions of the running operations, and the faces that can answer them. Kept in memory alone: an answer may be a secret. */
export interface QuestionBoard {
  /** The first answer counts; null once every connected face declined. Without a connected face it waits for one. */
  ask(operation: string, question: Question, context: OperationContext): Promise<string | null>;
  /** Lets a face answer an operation's questions, the open ones too, until the returned function is called. */
  attach(operation: string, asker: Asker): () => void;
}

interface OpenQuestion {
  readonly question: Question;
  readonly answered: PromiseWithResolvers<string | null>;
  /** Faces that received the question and didn't answer yet. */
  asked: number;
}

export function createQuestionBoard(): QuestionBoard {
  const askers = new Map<string, Set<Asker>>();
  const questions = new Map<string, Set<OpenQuestion>>();

  const put = (open: OpenQuestion, asker: Asker) => {
    open.asked += 1;
    asker(open.question).then(
      (answer) => {
        open.asked -= 1;
        if (answer !== null || open.asked === 0) open.answered.resolve(answer);
      },
      () => {
        // That face has disconnected: the question stays open for the next one.
        open.asked -= 1;
      },
    );
  };

  return {
    ask: async (operation, question, { signal, report }) => {
      if (signal.aborted) throw cancelled();
      const open: OpenQuestion = { question, answered: Promise.withResolvers(), asked: 0 };
      const ofOperation = questions.get(operation) ?? new Set();
      questions.set(operation, ofOperation.add(open));
      const stop = () => open.answered.reject(cancelled());
      signal.addEventListener("abort", stop, { once: true });
      try {
        const there = askers.get(operation) ?? [];
        for (const asker of there) put(open, asker);
        if (open.asked === 0) report({ message: `waiting for an answer: ${question.message}` });
        return await open.answered.promise;
      } finally {
        signal.removeEventListener("abort", stop);
        ofOperation.delete(open);
        if (ofOperation.size === 0) questions.delete(operation);
      }
    },
    attach: (operation, asker) => {
      const ofOperation = askers.get(operation) ?? new Set();
      askers.set(operation, ofOperation.add(asker));
      for (const open of questions.get(operation) ?? []) put(open, asker);
      return () => {
        ofOperation.delete(asker);
        if (ofOperation.size === 0) askers.delete(operation);
      };
    },
  };
}
