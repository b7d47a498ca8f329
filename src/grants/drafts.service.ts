import { Injectable } from '@nestjs/common';
import { CasesQueries, CasesService } from '../cases/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent, invalid } from '../kernel/errors.js';
import { VendorsService } from '../organisations/index.js';
import { PeopleQueries, PeopleService, type PersonListed } from '../people/index.js';
import { Db, type Once, type Tx } from '../platform/db.js';
import { asInput, isNewVendor, type NewPersonInCase, type PayeeChoice } from './filing.input.js';
import { FilingService } from './filing.service.js';
import type { Payee } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';

/** The steps of filing that touch more than the request: the person, the case, the vendors. */
@Injectable()
export class DraftsService {
  constructor(
    private readonly db: Db,
    private readonly filing: FilingService,
    private readonly queries: GrantsQueries,
    private readonly people: PeopleService,
    private readonly peopleQueries: PeopleQueries,
    private readonly cases: CasesService,
    private readonly casesQueries: CasesQueries,
    private readonly vendors: VendorsService,
  ) {}

  /** Begins a draft for a case of one's own, or for activity without one; gives its id. Errors as `FilingService.draft`. */
  begin(actor: Actor, caseId: string | null, once: Once): Promise<string> {
    return this.db.write(actor, (tx) => this.draftFor(tx, caseId), once);
  }

  /**
   * Registers a person, opens their case and begins a draft for it, all or nothing; gives the draft's id.
   * @throws DomainError `input.invalid`, as `PeopleService.register` and `CasesService.open`
   */
  beginForNewPerson(actor: Actor, input: NewPersonInCase, once: Once): Promise<string> {
    const { household, needs, summary, ...person } = input;
    return this.db.write(
      actor,
      async (tx) => {
        const { id: personId } = await this.people.register(tx, person);
        const opened = await this.cases.open(tx, { personIds: [personId], household, needs, summary });
        return this.draftFor(tx, opened.id);
      },
      once,
    );
  }

  /** The case of a request and its people by alias; leaves a line in the log. @throws DomainError `resource.absent` */
  whom(actor: Actor, caseId: string): Promise<{ code: string; people: PersonListed[] }> {
    return this.db.write(actor, async (tx) => {
      const facts = await this.casesQueries.caseFacts(tx, caseId);
      if (!facts) throw absent();
      const { code } = facts;
      tx.audit('case.people_opened', 'case', caseId, { code });
      return { code, people: await this.peopleQueries.peopleOfCase(tx, caseId) };
    });
  }

  /**
   * Says whom each line is paid to, in the order of the lines; new vendors are added, one of a name and kind once.
   * @throws DomainError `input.invalid` (a line without an answer, an unknown vendor); otherwise as `FilingService.change`
   */
  choosePayees(actor: Actor, requestId: string, choices: readonly PayeeChoice[], once: Once): Promise<null> {
    return this.db.write(
      actor,
      async (tx) => {
        // Locked first, so that lines which change in another window meanwhile are not put back.
        await this.filing.ownRequest(tx, requestId);
        const { lines } = await this.queries.viewIn(tx, requestId);
        const missing = lines.findIndex((_, index) => !choices[index]);
        if (missing >= 0) throw invalid({ path: `lines.${missing}.payee.type`, code: 'required' });
        const payees = await this.payeesOf(tx, choices);
        const paid = lines.map((line, index) => ({ ...asInput(line), payee: payees[index]! }));
        await this.filing.changeIn(tx, requestId, { lines: paid });
        return null;
      },
      once,
    );
  }

  private async payeesOf(tx: Tx, choices: readonly PayeeChoice[]): Promise<Payee[]> {
    const added = new Map<string, string>();
    const payees: Payee[] = [];
    for (const choice of choices) {
      const { type, vendorId, name, kind } = choice;
      if (!isNewVendor(choice)) {
        payees.push(type === 'vendor' ? { type, vendorId } : { type });
        continue;
      }
      const key = `${kind} ${name}`;
      const id = added.get(key) ?? (await this.vendors.register(tx, { name: name!, kind: kind! })).id;
      added.set(key, id);
      payees.push({ type, vendorId: id });
    }
    return payees;
  }

  private draftFor(tx: Tx, caseId: string | null): Promise<string> {
    return this.filing.draft(tx, {
      ...(caseId ? { kind: 'relief' as const, caseId } : { kind: 'activity' as const }),
      urgency: 'normal',
    });
  }
}
