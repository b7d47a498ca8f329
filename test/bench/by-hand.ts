import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Case } from './decisions.bench.js';

interface Sent {
  text: string;
  values: unknown[];
}
interface Account {
  id: string;
  kind: string;
  balance: number;
}

/** What this sends to PostgreSQL, in order. Nothing else may run meanwhile. */
export async function recordOne(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const prototype = pg.Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function record(...args) {
    sent.push({ text: String(args[0]), values: (args[1] as unknown[] | undefined) ?? [] });
    return query.apply(this, args);
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Sends the statements of one recorded decision again for other requests, in the same transaction shape and with
 * nothing between them: ids of the recorded request become those of the other one, ids that the service made become
 * fresh ones, and the two balances are counted on from the locked accounts. There is nothing to decide, to encrypt or
 * to answer.
 */
export class Replayer {
  private readonly pool: pg.Pool;

  constructor(
    url: string,
    private readonly statements: readonly Sent[],
    private readonly example: Case,
    atOnce: number,
  ) {
    this.pool = new pg.Pool({ connectionString: url, max: atOnce });
  }

  async replay(one: Case): Promise<void> {
    const ids = this.idsFor(one);
    const client = await this.pool.connect();
    let locked: Account[] = [];
    try {
      for (const { text, values } of this.statements) {
        const given = values.map((value) => replaced(value, ids));
        if (text.includes('INSERT INTO transfers')) count(given, locked, one.request.requestedAmount);
        const { rows } = await client.query(text, given);
        if (text.includes('FROM accounts') && text.includes('FOR UPDATE')) locked = rows as Account[];
      }
    } finally {
      client.release();
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** Every id of the recorded decision that is not the same for all of them. */
  private idsFor(one: Case): Map<string, string> {
    const { example } = this;
    const ids = new Map([
      [example.request.id, one.request.id],
      [example.request.lines[0]!.id, one.request.lines[0]!.id],
      [example.request.caseId!, one.request.caseId!],
      [example.request.organisationId, one.request.organisationId],
      [example.budgetLineId, one.budgetLineId],
      [example.fundId, one.fundId],
    ]);
    // Who is asking: the first id of the first statement that has one.
    const [actorId] = JSON.stringify(this.statements.map(({ values }) => values)).match(UUID)!;
    ids.set(actorId!, actorId!);
    return ids;
  }
}

function replaced(value: unknown, ids: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((part) => replaced(part, ids));
  if (typeof value !== 'string') return value;
  return value.replace(UUID, (id) => {
    if (!ids.has(id)) ids.set(id, randomUUID());
    return ids.get(id)!;
  });
}

/** Puts the accounts and what they hold then into the parameters of the statement that moves the money. */
function count(values: unknown[], locked: Account[], amount: number): void {
  const available = locked.find(({ kind }) => kind === 'available')!;
  const committed = locked.find(({ kind }) => kind === 'committed')!;
  const [debitAfter, creditAfter] = [available.balance - amount, committed.balance + amount];
  values[2] = [available.id, committed.id];
  values[3] = [debitAfter, creditAfter];
  [values[6], values[7]] = [[available.id], [committed.id]];
  [values[15], values[16]] = [[debitAfter], [creditAfter]];
}
