import { Injectable } from '@nestjs/common';
import { CasesQueries } from '../cases/index.js';
import { GrantsQueries } from '../grants/index.js';
import type { Actor, Role } from '../kernel/actor.js';
import { fiscalYearOf, type Day } from '../kernel/calendar.js';
import { OrganisationsQueries } from '../organisations/index.js';
import { Db, type Tx } from '../platform/db.js';
import { DisclosuresService } from './disclosures.service.js';
import { fieldsOf, READS } from './exposure.js';
import { currentRules } from './retention.service.js';
import type { SheetCase, SheetLook, SheetPayment, SheetQuery, SheetRequest, SheetView } from './sheet.dto.js';

/** Everything that is kept about a person, for that person to read (privacy, point 12). */
@Injectable()
export class SheetQueries {
  constructor(
    private readonly db: Db,
    private readonly cases: CasesQueries,
    private readonly grants: GrantsQueries,
    private readonly organisations: OrganisationsQueries,
    private readonly disclosures: DisclosuresService,
  ) {}

  /**
   * The sheet of a person of the actor's own organisation. Leaves a line in the log.
   * @throws DomainError `resource.absent`, also when not this member's
   */
  sheet(actor: Actor, personId: string, { withoutNarrative = false }: SheetQuery): Promise<SheetView> {
    return this.db.write(actor, async (tx) => {
      const found = await this.disclosures.ownPerson(tx, personId);
      const { organisationId } = found;
      tx.audit('person.sheet_opened', 'person', personId, { code: found.code, withoutNarrative });
      const narrative = !withoutNarrative;
      const requests = await this.requestsOf(tx, personId, narrative);
      const { caseMonths, personMonths, voucherYears } = await currentRules(tx);
      const { alias, name, kana, birthDate, ageBand, nationality } = found;
      const { residenceStatus, asylumStage, prefectureCode, languages } = found;
      return {
        code: found.code,
        organisationName: (await this.organisations.names(tx, [organisationId])).get(organisationId) ?? null,
        registeredAt: found.createdAt.toISOString(),
        person: {
          alias,
          name,
          kana,
          birthDate,
          ageBand,
          nationality,
          residenceStatus,
          asylumStage,
          prefectureCode,
          languages,
        },
        consents: found.consent.map(({ purpose, givenOn, language, method, shareWith, withdrawnAt }) => ({
          purpose,
          givenOn,
          language,
          method,
          shareWith: shareWith ?? null,
          withdrawnAt: withdrawnAt?.toISOString() ?? null,
        })),
        cases: await this.casesOf(tx, personId, narrative),
        requests,
        disclosures: await this.disclosures.listIn(tx, personId),
        looks: await looksAt(tx, personId),
        keptMonths: Math.max(caseMonths, personMonths),
        moneyKeptUntil: moneyKeptUntil(requests, voucherYears),
      };
    });
  }

  private async casesOf(tx: Tx, personId: string, narrative: boolean): Promise<SheetCase[]> {
    const rows = await tx.query<{ id: string }>(
      'SELECT case_id AS id FROM case_persons WHERE person_id = $1 ORDER BY case_id',
      [personId],
    );
    const cases: SheetCase[] = [];
    for (const { id } of rows) {
      const { code, status, createdAt, needs, people, summary, entries } = await this.cases.viewIn(tx, id);
      cases.push({
        code,
        status,
        openedAt: createdAt.toISOString(),
        needs,
        others: people.length - 1,
        summary: narrative ? summary : null,
        entries: entries.map(({ kind, happenedOn, body }) => ({
          kind,
          happenedOn,
          body: narrative ? body : null,
        })),
      });
    }
    return cases;
  }

  private async requestsOf(tx: Tx, personId: string, narrative: boolean): Promise<SheetRequest[]> {
    // A draft names nobody yet; it is about the people of its case.
    const rows = await tx.query<{ id: string }>(
      `SELECT request_id AS id FROM request_persons WHERE person_id = $1
       UNION
       SELECT r.id FROM case_persons c JOIN grant_requests r ON r.case_id = c.case_id AND r.submitted_at IS NULL
       WHERE c.person_id = $1 ORDER BY id`,
      [personId],
    );
    const payments = await paymentsOf(
      tx,
      rows.map(({ id }) => id),
    );
    const requests: SheetRequest[] = [];
    for (const { id } of rows) {
      const request = await this.grants.viewIn(tx, id);
      const { number, status, submittedAt, requestedAmount, approvedAmount, items, attachments, history } =
        request;
      requests.push({
        number,
        status,
        submittedAt,
        requestedAmount,
        approvedAmount,
        items,
        files: attachments.length,
        reason: narrative ? request.reason : null,
        comments: narrative ? history.flatMap(({ comment }) => comment ?? []) : [],
        payments: payments
          .filter(({ requestId }) => requestId === id)
          .map(({ paidOn, amount, returned }) => ({ paidOn, amount, returned })),
      });
    }
    return requests;
  }
}

const paymentsOf = (tx: Tx, requestIds: string[]): Promise<(SheetPayment & { requestId: string })[]> =>
  tx.query(
    `SELECT d.request_id AS "requestId", d.paid_on AS "paidOn", d.amount,
            coalesce((SELECT sum(b.amount) FROM returns b WHERE b.disbursement_id = d.id), 0)::bigint AS returned
     FROM disbursements d WHERE d.request_id = ANY($1) AND d.status IN ('paid', 'bounced') ORDER BY d.paid_on, d.id`,
    [requestIds],
  );

/**
 * Who looked, each role of each member once. The helpers' names stay out of it: the person learns from where their
 * data was read, and can ask the member for more.
 */
async function looksAt(tx: Tx, personId: string): Promise<SheetLook[]> {
  const rows = await tx.query<{
    action: string;
    roles: Role[];
    organisationName: string | null;
    firstAt: Date;
    lastAt: Date;
    times: number;
  }>(
    `SELECT action, roles, organisation_name AS "organisationName", first_at AS "firstAt", last_at AS "lastAt", times
     FROM looks_at($1) WHERE action = ANY($2) ORDER BY organisation_name NULLS LAST, roles, action`,
    [personId, READS],
  );
  const groups = new Map<string, typeof rows>();
  for (const row of rows) {
    const place = JSON.stringify([row.organisationName, row.roles]);
    groups.set(place, [...(groups.get(place) ?? []), row]);
  }
  return [...groups.values()].map((group) => ({
    roles: group[0]!.roles,
    organisationName: group[0]!.organisationName,
    fields: fieldsOf(group.map(({ action }) => action)),
    firstAt: new Date(Math.min(...group.map(({ firstAt }) => firstAt.getTime()))).toISOString(),
    lastAt: new Date(Math.max(...group.map(({ lastAt }) => lastAt.getTime()))).toISOString(),
    times: group.reduce((sum, { times }) => sum + times, 0),
  }));
}

function moneyKeptUntil(requests: SheetRequest[], years: number): Day | null {
  const days = requests.flatMap(({ payments }) => payments.map(({ paidOn }) => paidOn)).sort();
  const last = days.at(-1);
  return last ? `${fiscalYearOf(last) + 1 + years}-03-31` : null;
}
