import { conflict } from './errors.js';

/** A table of status changes: for each verb, from which states to which one. */
export type Transitions<State extends string, Verb extends string> = Record<
  Verb,
  { from: readonly State[]; to: State }
>;

/**
 * The state that `verb` leads to from `state`.
 * @throws DomainError `transition.refused` when the table does not have it.
 */
export function move<State extends string, Verb extends string>(
  table: Transitions<State, Verb>,
  verb: Verb,
  state: State,
): State {
  if (!canMove(table, verb, state)) throw conflict('transition.refused', { verb, state });
  return table[verb].to;
}

/** Whether the table has this change; pages ask it before they show a button. */
export const canMove = <State extends string, Verb extends string>(
  table: Transitions<State, Verb>,
  verb: Verb,
  state: State,
): boolean => table[verb].from.includes(state);
