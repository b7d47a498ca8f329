import { Injectable } from '@nestjs/common';
import type { Actor } from '../kernel/actor.js';
import { absent, conflict, forbidden, invalid } from '../kernel/errors.js';
import { newCode, newId } from '../kernel/ids.js';
import { HouseholdsService } from '../people/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { Vault, type SealingKey } from '../platform/encryption.js';
import { given } from '../platform/fields.js';
import { Case } from './case.entity.js';
import { CaseEntry } from './case-entry.entity.js';
import type { CaseChange, CaseView, NewCase, NewEntry, RecordedEntry } from './cases.dto.js';
import { CasesQueries } from './cases.queries.js';

/** What a member does for a household. */
@Injectable()
export class CasesService {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly queries: CasesQueries,
    private readonly households: HouseholdsService,
  ) {}

  /** Opens a case of the actor's own organisation; errors as `open`. */
  async create(actor: Actor, input: NewCase, once?: Once): Promise<CaseView> {
    // A stored answer is not sealed with the case's own key, so it holds no more than an id.
    const id = await this.db.write(actor, async (tx) => (await this.open(tx, input)).id, once);
    return this.queries.read(actor, id);
  }

  /**
   * Opens a case within a transaction of the actor's own organisation. It takes the household of the first person,
   * and the others join that household, so that help to any of them counts for all.
   * @throws DomainError `access.forbidden` without an organisation; `input.invalid` with `personUnknown` when a
   * person is not this organisation's; `record.forgotten` when one of them is.
   */
  async open(tx: Tx, input: NewCase): Promise<Case> {
    const { userId, organisationId } = tx.actor;
    if (!userId || !organisationId) throw forbidden();
    const { personIds, household, needs, summary } = input;
    const householdId = await this.households.gather(tx, personIds);
    const known = await this.vault.keysOf(tx.orm, personIds);
    if (known.size < personIds.length) throw conflict('record.forgotten');
    const opened = tx.orm.create(Case, {
      id: newId(),
      organisationId,
      householdId,
      code: newCode('C'),
      status: 'open',
      ...household,
      needs,
      createdBy: userId,
      createdAt: tx.at,
      updatedAt: tx.at,
    });
    const key = await this.vault.createKey(tx.orm, opened.id, organisationId);
    await tx.orm.insert(Case, opened);
    await tx.query(
      `INSERT INTO case_persons (case_id, person_id, position)
       SELECT $1, person_id, position FROM unnest($2::uuid[]) WITH ORDINALITY AS p(person_id, position)`,
      [opened.id, personIds],
    );
    await writeSummary(tx, opened, summary, key);
    tx.audit('case.created', 'case', opened.id, { code: opened.code, personIds });
    return opened;
  }

  /**
   * Changes what is named, also whether the case is open.
   * @throws DomainError `resource.absent`, also when it is not this partner's; `record.forgotten`
   */
  async change(actor: Actor, id: string, change: CaseChange): Promise<CaseView> {
    await this.db.write(actor, async (tx) => {
      const changed = await lock(tx, id);
      const key = await this.vault.keyOf(tx.orm, id);
      const { status: before } = changed;
      const { household, needs, status, summary } = change;
      Object.assign(changed, household, given({ needs }), { updatedAt: tx.at });
      if (status) changed.become(status, tx.at);
      await tx.orm.update(Case, { id }, changed);
      const texts = summary === undefined ? {} : await rewriteSummary(tx, changed, summary, key);
      tx.audit('case.changed', 'case', id, {
        code: changed.code,
        fields: Object.keys(given(change)),
        status: { before, after: changed.status },
        ...texts,
      });
    });
    return this.queries.read(actor, id);
  }

  /**
   * Adds a line to the support log. The answer leaves out its text, which nobody needs back.
   * @throws DomainError `resource.absent`; `input.invalid` for a day to come (`dayFuture`).
   */
  addEntry(actor: Actor, caseId: string, input: NewEntry, once?: Once): Promise<RecordedEntry> {
    return this.db.write(
      actor,
      async (tx) => {
        const { organisationId, code } = await lock(tx, caseId);
        const { kind, happenedOn, body } = input;
        if (happenedOn > tx.today) {
          throw invalid({ path: 'happenedOn', code: 'dayFuture' });
        }
        const entry = { id: newId(), kind, happenedOn };
        const key = await this.vault.keyOf(tx.orm, caseId);
        await tx.orm.insert(CaseEntry, {
          ...entry,
          caseId,
          organisationId,
          body: key.seal(body, `case_entries.body:${entry.id}`),
          actorId: tx.actor.userId!,
          recordedAt: tx.at,
        });
        tx.audit('case.entry_added', 'case', caseId, { code, entryId: entry.id, kind });
        return { ...entry, recordedAt: tx.at.toISOString() };
      },
      once,
    );
  }
}

async function lock(tx: Tx, id: string): Promise<Case> {
  const found = await tx.orm.findOne(Case, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!found) throw absent();
  return found;
}

/** Gives what it was and what it became for the log, sealed as they lie there: only the case's key opens them. */
async function rewriteSummary(tx: Tx, of: Case, summary: string, key: SealingKey) {
  const [old] = await tx.query<{ summary: Buffer }>(
    'SELECT summary FROM case_narratives WHERE case_id = $1',
    [of.id],
  );
  const sealed = await writeSummary(tx, of, summary, key);
  return {
    before: { summary: old?.summary.toString('base64') ?? null },
    after: { summary: sealed.toString('base64') },
  };
}

async function writeSummary(tx: Tx, of: Case, summary: string, key: SealingKey): Promise<Buffer> {
  const sealed = key.seal(summary, `case_narratives.summary:${of.id}`);
  await tx.query(
    `INSERT INTO case_narratives (case_id, organisation_id, summary) VALUES ($1, $2, $3)
     ON CONFLICT (case_id) DO UPDATE SET summary = excluded.summary`,
    [of.id, of.organisationId, sealed],
  );
  return sealed;
}
